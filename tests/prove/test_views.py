"""The views that are found: those that there are with three, four and five threads."""

from __future__ import annotations

from itertools import combinations

import pytest
from support.prove.told import LIMITS, few_of

from mmscn.check.values import Elem
from mmscn.judge.api import load, loads
from mmscn.prove.abstract import Few
from mmscn.prove.fixpoint import fixpoint
from mmscn.prove.instances import Instance, instance
from mmscn.prove.proof import SIZE
from mmscn.prove.rows import Rows, rows
from mmscn.prove.uniform import counting_param
from mmscn.prove.vectors import Vector, Vectors
from mmscn.runtime.explore.bfs import Visit
from mmscn.runtime.interpreter import unpack
from mmscn.runtime.result import Limit

HANDED_ON = """scenario handed_on
param N = 1 | 2
machine x86 { cpus N + 1 }
var box: version
var kept[0..N - 1]: version
var owner: thread
spinlock l
concurrent {
  daemon thread many[c in 0..N - 1] on cpu c {
    choose { box = fresh } or { kept[c] = box }
    lock l { owner = current; assert owner == current; owner = none }
    if kept[c] == box { kept[c] = 0 }
  }
}
"""


def reached(text: str, number: int, few: Few, thread: str = "many") -> set[Vector]:
    """The views of all states that so many threads reach, by the search."""
    scenario = loads(text)
    param = counting_param(scenario.unit, thread)
    one = instance(scenario.unit, scenario.combinations()[0], param, number)
    mine = rows(one, thread)
    layout = one.assembler.layout
    stored = layout.stored_vars()
    places = {(mine.column[v], mine.row.get(v)): v for v in stored}
    lines = [[places[column, None] for column in few.columns[0]]]
    lines += [[places[column, row] for column in few.columns[1]] for row in range(number)]
    vectors = Vectors(few)
    visit = Visit(one.program)
    assert visit.run(LIMITS, None, lambda: 0.0) is None
    found: set[Vector] = set()
    for state in visit.visited:
        values = unpack(one.program, visit.layout.split(state))
        codes = [tuple(code(one, mine, v, values[layout.field_of[v]]) for v in vs) for vs in lines]
        vector = Vector(codes[0], tuple(codes[1:]))
        found.update(vectors.view(vector, pair) for pair in combinations(range(number), 2))
    return found


def code(one: Instance, mine: Rows, v: int, value: int) -> int:
    """A number as vectors have it: names are rows, and so many as there are there."""
    domain = one.ir.vars[v].domain
    named = domain[value] if v not in one.assembler.layout.group_of else None
    if isinstance(named, Elem) and named in mine.named:
        return -1 - mine.named[named]
    names = [x for x in domain[:value] if isinstance(x, Elem) and x in mine.named]
    return value - len(names) + (SIZE + 1 if names else 0)


INDEPENDENT = ["plain", "owned"]


@pytest.mark.parametrize("name", INDEPENDENT)
@pytest.mark.parametrize("way", ["compiled", "pairs"])
def test_every_way_finds_the_same(name: str, way: str) -> None:
    few = few_of(TEXTS[name])
    fast = fixpoint(few, LIMITS, ways=[way])
    slow = fixpoint(few, LIMITS, ways=["vectors"])
    assert fast.all_views == slow.all_views
    assert (fast.configurations, fast.steps) == (slow.configurations, slow.steps)
    assert fast.broken == slow.broken


def test_a_row_that_names_another_goes_as_vectors() -> None:
    seen = "let seen = who; if seen == who { asked[c] = true }"
    few = few_of(OWNED.replace("asked[c] = true", seen))
    for way in ("compiled", "pairs"):
        with pytest.raises(ValueError, match="fits the program"):
            fixpoint(few, LIMITS, ways=[way])
    assert fixpoint(few, LIMITS).views == fixpoint(few, LIMITS, ways=["vectors"]).views


def test_limits_end_every_way() -> None:
    few = few_of(PLAIN)
    for way in ("compiled", "pairs", "vectors"):
        found = fixpoint(few, LIMITS._replace(states=0), ways=[way])
        assert (found.limit, found.kept) == (Limit.STATES, None)


OWNED = """scenario owned
param N = 1 | 2
machine x86 { cpus N + 1 }
var who: thread
var asked[0..N - 1]: bool
spinlock l
spinlock other
concurrent {
  daemon thread many[c in 0..N - 1] on cpu c {
    who = current
    lock l { if not asked[c] { lock other { asked[c] = true } } }
  }
  daemon thread boss on cpu N { lock other { atomic { for c in 0..N - 1 { asked[c] = false } } } }
}
"""


PLAIN = """scenario plain
param N = 1 | 2
machine x86 { cpus N + 1 }
var open: bool
var asked[0..N - 1]: bool
var level[0..N - 1]: 0..2
concurrent {
  daemon thread many[c in 0..N - 1] on cpu c {
    await not asked[c]
    if open { level[c] = 1 } else { level[c] = 2 }
    open = not open
  }
  daemon thread other on cpu N {
    atomic { for c in 0..N - 1 { asked[c] = true } }
    await all c in 0..N - 1: not asked[c]
  }
}
agent irq[c in 0..N - 1] { step take when asked[c] { asked[c] = false; level[c] = 0 } }
always not open or open
"""


TEXTS = {"contents and names": HANDED_ON, "plain": PLAIN, "owned": OWNED}
SOME = pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))


@SOME
def test_the_views_found_are_those_that_three_have(text: str) -> None:
    few = few_of(text)
    found = fixpoint(few, LIMITS)
    assert found.limit is None
    assert set(found.all_views) == reached(text, 3, few)


@pytest.mark.slow
@SOME
@pytest.mark.parametrize("number", [4, 5])
def test_the_views_found_are_those_that_four_and_five_have(text: str, number: int) -> None:
    few = few_of(text)
    assert set(fixpoint(few, LIMITS).all_views) == reached(text, number, few)


@pytest.mark.slow
def test_the_views_of_the_benchmark_are_those_that_three_have() -> None:
    source = load("tlb").source.text.replace("VAR = 0 | 1 | 2", "VAR = 2")
    few = few_of(source, "writer")
    found = fixpoint(few, LIMITS)
    assert (found.views, found.configurations, found.broken) == (20_391, 64_516, frozenset())
    assert set(found.all_views) == reached(source, 3, few, "writer")
