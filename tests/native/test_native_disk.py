"""States that memory has no room for go to a disk, and what is found stays the same."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.native.large import large
from support.native.native_programs import counters, random_program
from support.native.numbers import numbers
from support.runtime.programs import match

from mmscn.runtime.bytecode import (
    Check,
    CheckId,
    CheckKind,
    Field,
    FieldId,
    Op,
    Process,
    ProcessKind,
    Program,
    Rule,
    RuleId,
)
from mmscn.runtime.explore.executors import ExecutorMissing, chosen
from mmscn.runtime.result import Limit, Limits
from mmscn.runtime.verify import verify

native = pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")
_engine = pytest.importorskip("mmscn.runtime.native._engine", reason="the extension is not built")
FREE = Limits(states=None, memory_mb=None)


@pytest.mark.parametrize("words", [1, 3])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_search_beyond_memory_finds_what_one_in_memory_finds(
    tmp_path: Path, words: int, jobs: int
) -> None:
    program = counters(6, 3, words)
    whole = native.search(program, limits=FREE)
    limits = Limits(states=None, memory_mb=1, disk=str(tmp_path))
    assert whole.bytes_per_state * whole.states > 2 << 20
    found = native.search(program, limits=limits, jobs=jobs)
    assert numbers(found) == numbers(whole)
    assert found.bytes_per_state * found.states <= 1 << 20
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("words", [1, 2, 5])
@pytest.mark.parametrize("memory_mb", [1, 4, 16])
def test_the_checks_of_a_larger_one_are_decided_alike(
    tmp_path: Path, words: int, memory_mb: int
) -> None:
    limits = Limits(states=None, memory_mb=memory_mb, disk=str(tmp_path))
    for jobs in (1, 3):
        found = native.search(large(words), limits=limits, jobs=jobs)
        assert numbers(found) == numbers(native.search(large(words), limits=FREE))


def engine(program: Program, memory_bytes: int, disk: str | None) -> tuple[Any, ...]:
    """What the engine says under a limit that is smaller than any that can be asked for."""
    from mmscn.runtime.native.encode import encode

    everything = (1 << 64) - 1
    found: tuple[Any, ...] = _engine.search(
        encode(program), bytes(32), everything, everything, 1e9, memory_bytes, 1, 0, None, None,
        1.0, None, None, 0, disk, 0,
    )  # fmt: skip
    return found


def beside_a_counter(program: Program, bits: int = 7) -> Program:
    """The program and a thread that counts: many times the states."""
    pc, rule, n = FieldId(len(program.fields)), RuleId(len(program.rules)), len(program.processes)
    field = Field(word=program.words, shift=0, width=bits)
    top = (1 << bits) - 1
    counts = Rule(process=n, tests=(match(field, top, Op.MISMATCH),), effects=((Op.ADD, pc, 1),))
    thread = Process(
        kind=ProcessKind.THREAD, pc=pc, dispatch=((rule,),) * top + ((),), rest=(top,), column=n
    )
    return program._replace(
        words=program.words + 1,
        fields=(*program.fields, field),
        rules=(*program.rules, counts),
        processes=(*program.processes, thread),
        initial=tuple((*state, 0) for state in program.initial),
    )


def test_random_programs_may_go_to_disk_anywhere(tmp_path: Path) -> None:
    """Rules that halt, deadlocks and versions are in them."""
    went = halting = deadlocks = tight = 0
    for seed in range(150):
        program = beside_a_counter(random_program(seed)._replace(symmetry=()))
        verify(program)
        whole = engine(program, 1 << 40, None)
        if whole[0] != _engine.RUNNING or whole[7] <= 120_000:
            continue
        found = engine(program, 60_000, str(tmp_path))
        if found[0] == _engine.MEMORY:  # what agents may do about one deadlock has no room
            tight += 1
            continue
        assert found[:6] == whole[:6]
        went += 1
        halting += any(rule.halts for rule in program.rules)
        kinds = [c for c, check in enumerate(program.checks) if check.kind is CheckKind.DEADLOCK]
        deadlocks += any(whole[5][c][0] >= 0 for c in kinds)
    assert went > 20
    assert halting > 10
    assert deadlocks > 5
    assert tight < went / 4


def test_the_trace_is_the_one_of_a_search_in_memory(tmp_path: Path) -> None:
    program = counters(6, 3, 2)
    late = (((Op.MATCH, 0, 0b111_111, 0b111_111), (Op.MATCH, 1, 0b111_111, 0b110_111)),)
    program = program._replace(checks=(Check(kind=CheckKind.ALWAYS, bad=late),))
    trace = native.find_trace(program, CheckId(0), limits=FREE)
    assert trace is not None
    assert native.find_trace(program, CheckId(0), limits=Limits(memory_mb=3)) is None
    limits = Limits(memory_mb=3, disk=str(tmp_path))
    assert native.find_trace(program, CheckId(0), limits=limits) == trace


def test_the_limit_on_states_is_kept(tmp_path: Path) -> None:
    limits = Limits(states=200_000, memory_mb=1, disk=str(tmp_path))
    result = native.search(counters(6, 3), limits=limits)
    assert (result.limit, result.states) == (Limit.STATES, 200_000)


def test_as_many_states_as_the_limit_are_no_limit(tmp_path: Path) -> None:
    limits = Limits(states=8**6, memory_mb=1, disk=str(tmp_path))
    assert native.search(counters(6, 3), limits=limits).limit is None


def test_a_folder_that_is_none_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        native.search(counters(2, 2), limits=Limits(disk=str(tmp_path / "none")))


def test_a_full_disk_is_an_oserror(tmp_path: Path) -> None:
    program = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from support.native.native_programs import counters
from mmscn.runtime import native
from mmscn.runtime.result import Limits
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    native.search(counters(6, 3), limits=Limits(memory_mb=1, disk=sys.argv[2]))
except OSError as problem:
    print(problem.filename, problem.strerror)
"""
    here = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", program, here, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"{tmp_path} File too large\n"
    assert list(tmp_path.iterdir()) == []


def test_few_files_are_open_at_once(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (90, hard))
    try:
        found = native.search(counters(6, 3), limits=Limits(memory_mb=1, disk=str(tmp_path)))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert found.limit is None


def test_checkpoints_and_the_python_executor_have_no_disk(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no checkpoint"):
        native.search(
            counters(2, 2), limits=Limits(disk=str(tmp_path)), checkpoint=tmp_path / "kept"
        )
    with pytest.raises(ExecutorMissing, match="a disk is used by the native executor"):
        chosen("python", disk=True)
