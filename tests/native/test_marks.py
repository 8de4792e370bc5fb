"""The path that several processes find together is the one that one process finds."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

import pytest
from support.native.native_programs import counters, random_program

from mmscn.runtime.bytecode import Check, CheckId, CheckKind, Op, Program
from mmscn.runtime.result import Limits, Trace

native = pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")

from support.parts import Together  # noqa: E402

from mmscn.runtime.native import _engine, part  # noqa: E402 (there with the extension only)
from mmscn.runtime.native.encode import encode  # noqa: E402
from mmscn.runtime.native.marks import find_trace  # noqa: E402


@pytest.fixture(autouse=True)
def many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "CHUNKS", 1)


def known() -> Iterator[tuple[Program, CheckId, Trace]]:
    """Programs, some with contents and symmetries, and paths in them."""
    for seed in range(100):
        program = random_program(seed)
        result = native.search(program, limits=Limits(states=50_000))
        for check, found in zip(program.checks, result.checks, strict=True):
            if check.kind is not CheckKind.DEADLOCK and found.depth is not None:
                trace = native.find_trace(program, found.check)
                if trace is not None:
                    yield program, found.check, trace


def test_it_is_the_same_whoever_dies() -> None:
    lengths = set()
    for n, (program, check, trace) in enumerate(known()):
        some = random.Random(n)
        losing = {some.randrange(1, 60)} if n % 3 == 0 else set()
        parts = Together(program, 1 + n % 3, {some.randrange(1, 40)}, losing, tracing=True)
        assert find_trace(program, check, parts, Limits()) == trace
        lengths.add(len(trace.rules))
    assert lengths >= {0, 1, 2, 3, 4}


def test_a_long_way_is_found_among_many() -> None:
    program = counters(4, 3)._replace(
        checks=(Check(kind=CheckKind.ALWAYS, bad=(((Op.MATCH, 0, 0o77, 0o77),),)),)
    )
    parts = Together(program, 3, {70}, tracing=True)
    found = find_trace(program, CheckId(0), parts, Limits())
    assert found == native.find_trace(program, CheckId(0))
    assert found is not None
    assert len(found.rules) == 14


def test_what_is_never_met_has_no_path() -> None:
    never = ((Op.MATCH, 0, 1, 1), (Op.MATCH, 0, 1, 0))
    program = counters(2, 2)._replace(checks=(Check(kind=CheckKind.ALWAYS, bad=(never,)),))
    parts = Together(program, 2, tracing=True)
    assert find_trace(program, CheckId(0), parts, Limits()) is None


@pytest.mark.parametrize(
    ("check", "failure", "depth", "level"),
    [(1, 2, 1, b""), (0, 2, 2, b""), (0, 2, 1, b"three"), (-1, 2, 1, b"")],
)
def test_what_is_no_level_is_refused(check: int, failure: int, depth: int, level: bytes) -> None:
    program = counters(2, 2)._replace(
        checks=(Check(kind=CheckKind.ALWAYS), Check(kind=CheckKind.DEADLOCK))
    )
    with pytest.raises(ValueError, match=r"in pieces|before the failure|number of states"):
        _engine.mark(encode(program), check, failure, depth, b"", level, 1 << 20)


def test_no_memory_for_the_states_is_no_path() -> None:
    program = counters(2, 2)._replace(checks=(Check(kind=CheckKind.ALWAYS),))
    after = b"".join(n.to_bytes(8, sys.byteorder) for n in range(10_000))
    asked = encode(program), 0, 2, 0, after, bytes(8)
    assert _engine.mark(*asked, 1 << 16) is None
    assert _engine.mark(*asked, 1 << 20) == bytes(8)
