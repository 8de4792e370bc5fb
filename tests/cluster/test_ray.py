"""Spread over processes that Ray runs: the same output, and nothing is lost when one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.command import SCENARIOS
from support.litmus.texts import X86

HAS_RAY = find_spec("ray") is not None
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not HAS_RAY, reason="Ray is not installed: pip install 'mmscn[cluster]'"),
]

MMSCN = (sys.executable, "-m", "mmscn")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a cluster of two processors on this machine."""
    import ray

    context = ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield context.address_info["gcs_address"]
    ray.shutdown()


def ended(*args: str, folder: Path = SCENARIOS) -> tuple[int, str, str]:
    found = subprocess.run([*MMSCN, *args], cwd=folder, capture_output=True, text=True)
    return found.returncode, found.stdout, found.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("run", "."),
        ("run", ".", "-D", "size=2", "--diagrams", "all"),
        ("ablate", "holds.mmscn", "refuted.mmscn"),
        ("run", "nothing.mmscn"),
    ],
    ids=" ".join,
)
def test_the_output_is_that_of_this_machine_alone(args: tuple[str, ...], address: str) -> None:
    assert ended(*args, "--cluster", address) == ended(*args)


def test_litmus_tests_are_spread(address: str, tmp_path: Path) -> None:
    for known in X86[:3]:
        (tmp_path / f"{known.name}.litmus").write_text(known.text)
    (tmp_path / "broken.litmus").write_text("X86 broken\n{\n")
    (tmp_path / "table").write_text("".join(f"{known.name} Allowed\n" for known in X86[:3]))
    for args in (("run", "."), ("run", "--kinds", "table", ".")):
        far = ended(*args, "--cluster", address, folder=tmp_path)
        assert far == ended(*args, folder=tmp_path)


def workers() -> list[int]:
    """The processes of Ray's that are at work for somebody."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            name = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if entry.name.isdecimal() and name.startswith(b"ray::guarded"):
            found.append(int(entry.name))
    return found


SLOW = """scenario slow
param bound = 11..14
var a: 0..200
var b: 0..200
var c: 0..200
thread one { repeat 150 { a = a + 1 } }
thread two { repeat 150 { b = b + 1 } }
thread three { repeat 40 { c = c + 1 } }
always "small" a + b + c < 330 + bound
"""


def test_the_work_of_a_worker_that_is_killed_is_done_again(address: str, tmp_path: Path) -> None:
    (tmp_path / "slow.mmscn").write_text(SLOW)
    args = "run", "slow.mmscn", "-q"
    killed: list[int] = []

    def kill() -> None:
        while not killed:
            time.sleep(0.05)
            for one in workers()[:1]:
                os.kill(one, signal.SIGKILL)
                killed.append(one)

    thread = threading.Thread(target=kill)
    thread.start()
    far = ended(*args, "--cluster", address, folder=tmp_path)
    killed.append(0)
    thread.join()
    assert killed[0] > 0
    assert far == ended(*args, folder=tmp_path)


def test_ctrl_c_ends_it(address: str, tmp_path: Path) -> None:
    (tmp_path / "slow.mmscn").write_text(SLOW.replace("40", "150"))
    with subprocess.Popen(
        [*MMSCN, "run", "slow.mmscn", "--states", "900000000", "--cluster", address],
        cwd=tmp_path,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as running:
        while not workers():
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 130
    until = time.monotonic() + 30
    while workers():
        assert time.monotonic() < until
        time.sleep(0.1)
