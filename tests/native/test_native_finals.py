"""The native executor lists the final values that the Python one lists."""

from __future__ import annotations

import random

import pytest
from support.native.native_programs import counters, random_program

from mmscn.runtime.bytecode import FieldId, Program
from mmscn.runtime.explore import bfs
from mmscn.runtime.result import Limit, Limits

native = pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")
LOT = 50


def fields_of(program: Program, seed: int) -> tuple[FieldId, ...]:
    rng = random.Random(seed)
    every = range(len(program.fields))
    return tuple(map(FieldId, sorted(rng.sample(every, rng.randint(0, len(program.fields))))))


@pytest.mark.parametrize("first", range(0, 200, LOT))
@pytest.mark.parametrize("jobs", [1, 3])
def test_random_programs_have_the_same_final_values(first: int, jobs: int) -> None:
    compared = 0
    for seed in range(first, first + LOT):
        # Its symmetries are none, for which results depend on the order.
        program = random_program(seed)._replace(symmetry=())
        fields = fields_of(program, seed)
        ours = native.final_values(program, fields, jobs=jobs)
        theirs = bfs.final_values(program, fields, limits=Limits())
        assert ours[1] == theirs[1]
        if ours[1] is None:
            assert ours == theirs
            compared += len(ours[0]) > 1
    assert compared > 0


@pytest.mark.parametrize("words", [1, 2, 3])
def test_many_final_values_are_kept(words: int) -> None:
    program = counters(5, 3, words)._replace(quiescent=((),))
    every = tuple(map(FieldId, range(5)))
    for fields in (every, every[:3], ()):
        found, limit = native.final_values(program, fields, jobs=2)
        assert limit is None
        assert len(found) == 8 ** len(fields)
    found, _ = native.final_values(program, every[:3], jobs=2)
    assert found == bfs.final_values(program, every[:3], limits=Limits())[0]


def test_a_limit_that_ends_the_search_is_told() -> None:
    program = counters(5, 3)._replace(quiescent=((),))
    found, limit = native.final_values(program, (FieldId(0),), limits=Limits(states=100))
    assert limit is Limit.STATES
    assert found


def test_the_engine_wants_a_mask_as_long_as_a_state() -> None:
    from mmscn.runtime.native import _engine
    from mmscn.runtime.native.encode import encode

    with pytest.raises(ValueError, match="the mask is not as long as a state"):
        _engine.finals(encode(counters(2, 2)), bytes(16), 10, 10, 1.0, 1 << 20, 1, None, 0)
