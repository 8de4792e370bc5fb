"""A search on file: a resumed one finds what an uninterrupted one finds."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.native.large import NO_LIMITS, large
from support.native.native_programs import counters, random_program
from support.native.numbers import numbers

from mmscn.runtime.bytecode import Program
from mmscn.runtime.result import Limit, Limits

native = pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")


RUN = """
import sys
sys.path.insert(0, sys.argv[1])
from support.native.large import NO_LIMITS, large
from mmscn.runtime.native import search
program = large(int(sys.argv[3]))
search(program, limits=NO_LIMITS, checkpoint=sys.argv[2], checkpoint_interval_s=0.02)
"""


@pytest.mark.parametrize("words", [1, 2])
def test_a_search_that_was_killed_goes_on_from_its_checkpoint(tmp_path: Path, words: int) -> None:
    path = tmp_path / "search.ckpt"
    here = str(Path(__file__).parents[1])
    with subprocess.Popen([sys.executable, "-c", RUN, here, str(path), str(words)]) as running:
        while not path.exists():
            assert running.poll() is None
            time.sleep(0.005)
        time.sleep(0.1)
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    resumed = native.search(large(words), limits=NO_LIMITS, resume=path)
    assert numbers(resumed) == numbers(native.search(large(words), limits=NO_LIMITS))


def test_a_search_ended_by_a_limit_goes_on_with_a_higher_one(tmp_path: Path) -> None:
    path = tmp_path / "search.ckpt"
    program = counters(4, 3)
    states = 1
    while (
        result := native.search(
            program,
            limits=Limits(states=states),
            checkpoint=path,
            resume=path if path.exists() else None,
        )
    ).limit is Limit.STATES:
        assert result.states == states
        states += 97
    assert numbers(result) == numbers(native.search(program, limits=NO_LIMITS))


@pytest.mark.parametrize("limits", [Limits(depth=3), Limits(memory_mb=1), Limits(time_s=0.0)])
def test_other_limits_can_be_raised_too(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "search.ckpt"
    program = large()
    assert native.search(program, limits=limits, checkpoint=path).limit is not None
    resumed = native.search(program, limits=NO_LIMITS, resume=path)
    assert numbers(resumed) == numbers(native.search(program, limits=NO_LIMITS))


def test_random_programs_can_be_cut_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "search.ckpt"
    for seed in range(60):
        program = random_program(seed)
        whole = native.search(program, limits=Limits())
        if whole.limit is not None:
            continue
        for part in range(1, whole.states, max(1, whole.states // 5)):
            limited = native.search(program, limits=Limits(states=part), checkpoint=path)
            assert (limited.limit, limited.states) == (Limit.STATES, part)
            resumed = native.search(program, limits=Limits(), resume=path)
            assert numbers(resumed) == numbers(whole)


def test_more_threads_can_go_on(tmp_path: Path) -> None:
    path = tmp_path / "search.ckpt"
    program = large()
    native.search(program, limits=Limits(states=300_000), jobs=2, checkpoint=path)
    resumed = native.search(program, limits=NO_LIMITS, resume=path, jobs=3)
    assert numbers(resumed) == numbers(native.search(program, limits=NO_LIMITS))


def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "search.ckpt"
    native.search(counters(4, 3), limits=Limits(states=1000), checkpoint=path)
    return path


def refused(path: Path, program: Program | None = None) -> str:
    with pytest.raises(native.CheckpointError) as caught:
        native.search(program or counters(4, 3), limits=NO_LIMITS, resume=path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    whole = path.read_bytes()
    for length in (0, 7, 100, len(whole) // 2, len(whole) - 8, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert "cut short" in refused(path)
    path.write_bytes(whole + b"12345678")
    assert "added to" in refused(path)


def test_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    whole = bytearray(path.read_bytes())
    for at in range(0, len(whole), 61):
        whole[at] ^= 4
        path.write_bytes(whole)
        refused(path)
        whole[at] ^= 4
    path.write_bytes(whole)
    assert native.search(counters(4, 3), limits=NO_LIMITS, resume=path).states == 8**4


def test_the_checkpoint_of_another_program_is_refused(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    assert "another program" in refused(path, counters(4, 2))


def test_the_checkpoint_of_another_version_is_refused(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    whole = bytearray(path.read_bytes())
    whole[8] += 1
    path.write_bytes(whole)
    assert "another version" in refused(path)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a search at all\n" * 1000)
    assert "not a checkpoint" in refused(path)


def test_a_missing_file_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        native.search(counters(4, 3), limits=NO_LIMITS, resume=tmp_path / "none")


def test_a_checkpoint_that_cannot_be_written_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        native.search(
            counters(4, 3), limits=Limits(states=10), checkpoint=tmp_path / "none" / "search.ckpt"
        )


def test_no_temporary_file_stays(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    assert list(tmp_path.iterdir()) == [path]
