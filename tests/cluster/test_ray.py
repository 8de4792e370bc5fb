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
from support.native.large import NO_LIMITS, large

HAS_RAY = find_spec("ray") is not None
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not HAS_RAY, reason="Ray is not installed: pip install 'mmscn[cluster]'"),
]

SLOW = """scenario slow
machine x86 { cpus 4 }
param bound = 38 | 39 | 40 | 64
var a: 0..64
var b: 0..64
var c: 0..64
var d: 0..64
thread one { repeat 40 { a = a + 1 } }
thread two { repeat 40 { b = b + 1 } }
thread three { repeat 30 { c = c + 1 } }
thread four { repeat 8 { d = d + 1 } }
always "small" not (a == bound and c > 20)

expect violated "small" when bound <= 40
expect holds when bound == 64
"""
"""469 409 states in each combination."""

MMSCN = (sys.executable, "-m", "mmscn")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a cluster of two processors on this machine."""
    import ray

    context = ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield context.address_info["gcs_address"]
    ray.shutdown()


@pytest.mark.parametrize("words", [1, 2])
def test_a_space_over_workers_of_which_some_are_killed_is_whole(address: str, words: int) -> None:
    import ray

    from mmscn.cli.partitioning import RayParts
    from mmscn.runtime import native
    from mmscn.runtime.explore.ownership import mask
    from mmscn.runtime.explore.partitioned import Partitioned
    from mmscn.runtime.native.encode import encode
    from mmscn.runtime.native.part import Plan

    program = large(words)
    looks = 0

    def kill(*_: int) -> None:
        """Two of them, each in the middle of a level."""
        nonlocal looks
        looks += 1
        if looks in (12, 30):
            os.kill(workers(b"ray::FarPart")[looks % 2], signal.SIGKILL)

    parts = RayParts(ray, Plan(encode(program), 2, mask(program, 2)), 1 << 30)
    try:
        search = Partitioned(program, parts, NO_LIMITS, kill)
        found = search.result(None)
    finally:
        parts.close()
    alone = native.search(program, limits=NO_LIMITS)
    for name in ("checks", "states", "transitions", "depth", "quiescent", "limit"):
        assert getattr(found, name) == getattr(alone, name)
    assert search.deaths == 2


def test_one_search_over_workers_is_told_as_ever(address: str, tmp_path: Path) -> None:
    (tmp_path / "slow.mmscn").write_text(SLOW)
    args = "run", "slow.mmscn", "--no-reduce", "--steps"
    far = ended(*args, "--cluster", address, "--partition", "2", folder=tmp_path)
    assert far == ended(*args, folder=tmp_path)


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


def workers(doing: bytes = b"ray::guarded") -> list[int]:
    """The processes of Ray's that are at work for somebody."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            name = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if entry.name.isdecimal() and name.startswith(doing):
            found.append(int(entry.name))
    return found


def test_the_work_of_a_worker_that_is_killed_is_done_again(address: str, tmp_path: Path) -> None:
    (tmp_path / "slow.mmscn").write_text(SLOW)
    args = "run", "slow.mmscn", "--no-reduce"
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
    (tmp_path / "slow.mmscn").write_text(SLOW.replace("repeat 8", "repeat 64"))
    with subprocess.Popen(
        [*MMSCN, "run", "slow.mmscn", "--no-reduce", "--cluster", address],
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
