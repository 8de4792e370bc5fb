"""The library with a lock, flush, barrier, exchange, reference or re-check less: is it noticed?

    python tests/scenarios/mutations.py [WORD]      of the mutants whose names have the word in them

The mutants are those of `mmscn.explain.mutants`, of these KINDS; of the checks, those that look
again (`rechecks`).

What runs are the combinations of all shipped scenarios that come by the changed statement, but for
those with an UNREPAIRED zap; the ones that are expected to hold come first, and without such a one
the statement is not part of a repair. A mutant is noticed when one of them is not as expected. Of a
re-check that is not noticed, the same combinations tell whether it ever makes a difference.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import zip_longest
from pathlib import Path

from attrs import evolve, frozen

import mmscn
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import Unit
from mmscn.check.values import Value, show
from mmscn.explain.mutants import (
    Instead,
    Mutant,
    Place,
    children,
    leaves,
    mutants,
    mutated,
    owners,
    place,
    statements,
)
from mmscn.judge.applying import applying
from mmscn.judge.shipped import shipped_scenarios
from mmscn.runtime.result import Limits, Verdict
from mmscn.syntax import tree as t
from mmscn.syntax.unparse import expression

UNREPAIRED = (
    "rc2",
    "preparatory",
    "tagged_pointers",
    "untagged_pointers",
    "dirty_in_gather",
    "dirty_in_gather_lock",
    "no_dirty",
    "no_dirty_in_gather",
    "late_rmap",
    "late_rmap_only",
)
"""Values of a param `zap` that are no repair."""

KINDS = ("lock", "flush", "fence", "exchange", "reference", "check")

NEVER = "In none of these combinations does it come out the other way."
"""The reason of a re-check that makes no difference."""

REFERENCE = re.compile(r": (call )?((get|put)_page\(|.*\.refcount [+-]= )")
"""What of the references is one to a page."""

RUNS_MAX = 100
"""Combinations that a mutant is tried on, spread over the scenarios."""

LIMITS = Limits(states=3_000_000)


@frozen
class Case:
    """A combination that a mutant is tried on. holds: what is expected of it."""

    scenario: str
    params: tuple[tuple[str, Value], ...]
    holds: bool

    def __str__(self) -> str:
        return " ".join([self.scenario, *(f"{name}={show(value)}" for name, value in self.params)])


@frozen
class Noticed:
    """case: the first that is not as expected, None where all are. tried: how many ran.

    why: what is not as expected; where all is, NEVER or nothing.
    """

    mutant: Mutant
    case: Case | None
    why: str
    tried: int
    of: int


# ---- trying it --------------------------------------------------------------


@cache
def loaded(name: str) -> mmscn.Scenario:
    return mmscn.load(name)


def cases_of(name: str) -> list[tuple[Case, frozenset[Place]]]:
    """The combinations of a scenario that are tried, with the statements they come by."""
    scenario = loaded(name)
    found = []
    for params in scenario.combinations():
        if str(params.get("zap")) in UNREPAIRED:
            continue
        holds = not any(e.violated for e in applying(scenario.unit, params))
        places = set()
        for origin in elaborate(scenario.unit, params).origins.values():
            for span in (origin.span, *(call.span for call in origin.path)):
                places.add((span.source.name, span.start))
        found.append((Case(name, tuple(params.items()), holds), frozenset(places)))
    return found


def unmet(case: Case, mutant: Mutant, instead: Instead | None = None) -> str:
    """What is not as expected; empty where all is, and where a limit is reached.

    At which operation something breaks, and by which execution, is not looked at: a statement less
    moves it, and the verdict is the same.
    """
    original = loaded(case.scenario)
    unit = mutated(original.unit, mutant, instead)
    unit = evolve(unit, expects=[evolve(e, at=None, by=None) for e in unit.expects])
    scenario = mmscn.Scenario.of(unit, original.path)
    try:
        (run,) = scenario.runs([dict(case.params)], limits=LIMITS, reduce=False)
    except mmscn.Rejected as problem:
        return f"rejected: {problem}"
    return "; ".join(u.text for u in run.unmet if u.because is not Verdict.UNDECIDED)


def noticed(work: tuple[Mutant, list[Case]]) -> Noticed:
    mutant, cases = work
    for number, case in enumerate(cases[:RUNS_MAX], 1):
        why = unmet(case, mutant)
        if why:
            return Noticed(mutant, case, why, number, len(cases))
    why = NEVER if mutant.kind == "check" and not decides(mutant, cases[:RUNS_MAX]) else ""
    return Noticed(mutant, None, why, min(len(cases), RUNS_MAX), len(cases))


def decides(mutant: Mutant, cases: list[Case]) -> bool:
    """Whether a re-check makes a difference in some execution."""
    return any(OTHER_WAY in unmet(case, mutant, other_way_asserted) for case in cases)


def spread(cases: Iterable[Case]) -> list[Case]:
    """Those that hold first: one of each scenario, then another of each, and so on."""
    by_scenario: dict[tuple[bool, str], list[Case]] = {}
    for case in cases:
        by_scenario.setdefault((not case.holds, case.scenario), []).append(case)
    found = []
    for broken in (False, True):
        turns = zip_longest(*(some for key, some in by_scenario.items() if key[0] == broken))
        found += [case for turn in turns for case in turn if case is not None]
    return found


def all_noticed(
    wanted: Callable[[Mutant], bool] = lambda _: True,
    tell: Callable[[Noticed], None] = lambda _: None,
    first: Mapping[str, str] | None = None,
    known: Mapping[str, Noticed] | None = None,
) -> list[Noticed]:
    """Every mutant that some combination comes by which is expected to hold; by name.

    first: the combination that has noticed a mutant before, which is tried first.
    known: what an earlier run has found, which is not tried again.
    """
    first = first or {}
    known = known or {}
    names = [s.name for s in shipped_scenarios() if not s.benchmark]
    found = {m.name: m for m in whole(names) if wanted(m)}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        tried = [one for some in pool.map(cases_of, names) for one in some]
        work = []
        for mutant in found.values():
            cases = spread(case for case, places in tried if mutant.places & places)
            cases.sort(key=lambda case: str(case) != first.get(mutant.name))
            if any(case.holds for case in cases) and mutant.name not in known:
                work.append((mutant, cases))
        results = [known[name] for name in found if name in known]
        for result in pool.map(noticed, work):
            tell(result)
            results.append(result)
    return sorted(results, key=lambda r: r.mutant.name)


def whole(names: Iterable[str]) -> list[Mutant]:
    """The mutants of several scenarios, each of all procedures that one of them has.

    What is a part of another is left out: of those that hand a lock to each other, what a scenario
    has that imports a few of them.
    """
    names = list(names)
    again = {where for name in names for where in rechecks(loaded(name).unit)}
    found: dict[str, Mutant] = {}
    for name in names:
        for m in mutants(loaded(name).unit):
            if counted(m, again):
                found[m.name] = evolve(m, places=m.places | found.get(m.name, m).places)
    locks = [m.places for m in found.values() if m.kind == "lock"]
    return [m for m in found.values() if not any(m.places < places for places in locks)]


def counted(mutant: Mutant, again: Set[Place]) -> bool:
    """Whether a mutant is one of those that docs/redundant.md is about.

    again: where something is looked at again.
    """
    if mutant.kind == "check" and not mutant.places <= again:
        return False
    reference = mutant.kind != "reference" or REFERENCE.search(mutant.name) is not None
    return mutant.kind in KINDS and reference


def read_results(path: Path) -> dict[str, Noticed]:
    """What `add_result()` has written to a file, by name, but for a line that was cut."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            name, kind, places, case, why, tried, of = json.loads(line)
        except ValueError:
            continue
        mutant = Mutant(name, kind, frozenset((source, start) for source, start in places))
        found[name] = Noticed(mutant, Case(case, (), True) if case else None, why, tried, of)
    return found


def add_result(path: Path, r: Noticed) -> None:
    """Add a line for `read_results()`."""
    m = r.mutant
    case = str(r.case) if r.case is not None else ""
    line = json.dumps([m.name, m.kind, sorted(m.places), case, r.why, r.tried, r.of])
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


# ---- re-checks ---------------------------------------------------------------


def rechecks(unit: Unit) -> Iterator[Place]:
    """Where a scenario and its modules look again at what may have changed meanwhile.

    A re-check is an `if` without `else` whose condition is taken from shared state that the same
    procedure has read further up in its text, or that it reads first behind the taking of a lock.
    A local stands for what it was last read from.

    Shared state is told by the text: a member, an element, what is written `f(x)`, a call, a
    declared variable. Two are the same when their texts are; what a called procedure reads is not
    seen.
    """
    variables = frozenset(v.name for v in unit.variables if isinstance(v, t.Var))
    for owner in owners(unit):
        yield from map(place, looking_again(statements(owner.body), variables))


def looking_again(body: Iterable[t.Stmt], variables: frozenset[str]) -> Iterator[t.If]:
    """Those of the statements of one procedure, in order."""
    seen: set[str] = set()
    again: set[str] = set()
    behind_lock = False
    for s in body:
        behind_lock = behind_lock or takes_lock(s)
        read = read_by(s)
        if read is None:
            continue
        found = cells(read, variables)
        anew = bool(found) and (behind_lock or not found.isdisjoint(seen))
        anew = anew or not again.isdisjoint(names(read))
        seen |= found
        behind_lock = behind_lock and not found
        if isinstance(s, t.If):
            if anew and s.otherwise is None:
                yield s
        else:
            again = again | named(s) if anew else again - named(s)


def takes_lock(s: t.Stmt) -> bool:
    return isinstance(s, t.Lock) or (isinstance(s, t.Let) and isinstance(s.value, t.Trylock))


def read_by(s: t.Stmt) -> t.Expr | None:
    """The expression that a statement reads, but for what it takes or changes."""
    match s:
        case t.Let(value=t.Trylock()):
            return None
        case t.Let(value=e) | t.LetSeveral(value=e) | t.LocalVar(value=e) | t.Assign(value=e):
            return e
        case t.If(condition=e) | t.While(condition=e) | t.Await(condition=e):
            return e
    return None


def named(s: t.Stmt) -> frozenset[str]:
    """The locals that a statement gives a value."""
    match s:
        case t.Let(name=name) | t.LocalVar(name=name) | t.Assign(target=t.Name(text=name)):
            return frozenset({name})
        case t.LetSeveral(names=several):
            return frozenset(several)
    return frozenset()


def cells(e: t.Node, variables: frozenset[str]) -> frozenset[str]:
    """The texts of the shared state that an expression reads: of `pte(v).dirty` also `pte(v)`."""
    match e:
        case t.Name(text=name):
            return frozenset({name} & variables)
        case t.Attribute(base=base):
            return frozenset({expression(e)}) | cells(base, variables)
        case t.Xchg(cell=cell) | t.Cmpxchg(cell=cell):
            return frozenset({expression(cell)})
        case t.Index() | t.Applied() | t.CallValue():
            return frozenset({expression(e)})
    return frozenset().union(*(cells(child, variables) for child in children(e)))


def names(e: t.Node) -> frozenset[str]:
    """The plain names in an expression."""
    own = frozenset({e.text}) if isinstance(e, t.Name) else frozenset[str]()
    return own.union(*(names(child) for child in children(e)))


# ---- which way it comes out ---------------------------------------------------

OTHER_WAY = "the check does not come out the other way"


def other_way_asserted(s: t.Stmt) -> tuple[t.Stmt, ...]:
    """Instead of a re-check: the same, with an assertion that fails where it makes a difference.

    That is where its block leaves, or where its block is not done.
    """
    assert isinstance(s, t.If)
    never = t.Block(s.span, (t.Assert(s.span, t.Literal(s.span, False), OTHER_WAY),))
    return (evolve(s, then=never) if leaves(s.then) else evolve(s, otherwise=never),)


def worded(r: Noticed) -> str:
    found = f"{r.case}: {r.why}" if r.case is not None else "NOT NOTICED"
    return f"{r.mutant.name}\n    {found} ({r.tried} of {r.of})"


if __name__ == "__main__":
    words = sys.argv[1:]
    all_noticed(
        lambda mutant: all(word in mutant.name for word in words),
        lambda result: print(worded(result), flush=True),
    )
