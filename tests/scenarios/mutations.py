"""The library with one lock, flush, atomic exchange or reference less: does some scenario notice?

    python tests/scenarios/mutations.py [WORD]      of the mutants whose names have the word in them

A mutant is made in the tree, before anything is elaborated:

    lock       a `lock` block becomes a plain one; or all `lock`, `trylock` and `unlock` of one
               lock in a procedure go, and with it those of the procedures that it hands the
               lock to
    flush      a `flush` goes
    exchange   `let old = xchg cell, value` becomes a read and, a step later, a write; so does an
               `atomic` that begins with `old = cell` and `cell = value`
    reference  a `get_page()`, a `put_page()` or a change of a `refcount` goes

What runs are the combinations of all shipped scenarios that come by the changed statement, but for
those with an UNREPAIRED zap; the ones that are expected to hold come first, and without such a one
the statement is not part of a repair. A mutant is noticed when one of them is not as expected.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import zip_longest
from pathlib import Path

import attrs
from attrs import evolve, frozen

import mmscn
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import Unit
from mmscn.check.values import Value, show
from mmscn.judge.applying import applying
from mmscn.judge.shipped import shipped_scenarios
from mmscn.runtime.result import Limits, Verdict
from mmscn.syntax import tree as t
from mmscn.syntax.unparse import expression, statement

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

HANDED = (
    (
        "filemap_fault",
        "shmem_getpage",
        "shmem_add_page",
        "shmem_swapin",
        "do_shared_fault",
        "do_read_fault",
        "pread",
    ),
    ("shrink_page", "shrink_locked_page"),
)
"""Procedures that hand a lock to each other."""

HARDWARE = "hw."
"""Modules of what the kernel cannot change."""

RUNS_MAX = 100
"""Combinations that a mutant is tried on, spread over the scenarios."""

LIMITS = Limits(states=3_000_000)

Place = tuple[str, int]
"""A statement: the name of its source, and where it begins."""


@frozen
class Mutant:
    """name: stable under edits elsewhere. places: the statements that are changed."""

    name: str
    kind: str
    places: frozenset[Place]


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
    """case: the first that is not as expected, None where all are. tried: how many ran."""

    mutant: Mutant
    case: Case | None
    why: str
    tried: int
    of: int


# ---- which there are --------------------------------------------------------


def mutants(unit: Unit) -> Iterator[Mutant]:
    """All that can be made of a scenario and its modules."""
    found: dict[str, int] = {}
    for owner, bodies in owners(unit):
        for kind, text, places in changes(bodies):
            name = f"{owner}: {text}"
            found[name] = found.get(name, 0) + 1
            number = f" (#{found[name]})" if found[name] > 1 else ""
            yield Mutant(name + number, kind, frozenset(places))


def owners(unit: Unit) -> Iterator[tuple[str, list[t.Block]]]:
    """Each piece of code by a name, with the procedures that it hands locks to."""
    procs = [p for variants in unit.procs.values() for p in variants if not hardware(p)]
    handed = {name: group for group in HANDED for name in group}
    for proc in procs:
        group = handed.get(proc.name, (proc.name,))
        if proc.name != group[0]:
            continue
        when = f" [{expression(proc.when)}]" if proc.when is not None else ""
        bodies = [proc.body, *(p.body for p in procs if p.name in group[1:])]
        yield f"{module(proc)} {proc.name}(){when}", bodies
    for handlers in unit.handlers.values():
        for handler in handlers:
            if not hardware(handler):
                yield f"{module(handler)} on {handler.name}()", [handler.body]
    for thread in threads(unit.compositions):
        assert unit.scenario is not None
        yield f"{unit.scenario.name} thread {thread.name}", [thread.body]


def module(item: t.Item) -> str:
    name = item.span.source.name
    return name.rpartition("/")[2].removesuffix(".mmscn")


def hardware(item: t.Item) -> bool:
    return item.span.source.name.startswith(HARDWARE)


def threads(parts: Sequence[t.Composable]) -> Iterator[t.Thread]:
    for part in parts:
        match part:
            case t.Thread():
                yield part
            case t.Composition(parts=inner):
                yield from threads(inner)


def changes(bodies: list[t.Block]) -> Iterator[tuple[str, str, list[Place]]]:
    """The kind of a change, what it takes away, and where."""
    held: dict[str, list[Place]] = {}
    for body in bodies:
        for s in statements(body):
            match s:
                case t.Lock(body=t.Block()):
                    yield "lock", statement(s), [place(s)]
                case t.Lock(lock=lock) | t.Unlock(lock=lock) | t.Let(value=t.Trylock(lock=lock)):
                    held.setdefault(expression(lock), []).append(place(s))
                case t.Flush():
                    yield "flush", statement(s), [place(s)]
                case t.Let(value=t.Xchg()) | t.Assign(value=t.Xchg()):
                    yield "exchange", statement(s), [place(s)]
                case t.Atomic(body=body) if (cell := exchanged(body)) is not None:
                    yield "exchange", f"atomic exchange of {expression(cell)}", [place(s)]
                case t.CallStmt(call=t.CallValue(name="get_page" | "put_page")):
                    yield "reference", statement(s), [place(s)]
                case t.Update(target=t.Attribute(name="refcount")):
                    yield "reference", statement(s), [place(s)]
    for lock, places in held.items():
        yield "lock", f"lock {lock}", places


def exchanged(body: t.Block) -> t.Expr | None:
    """The cell that a block begins with reading, and writes in its second statement."""
    match body.statements[:2]:
        case [
            t.Assign(target=t.Name(), value=t.Attribute() as read),
            t.Assign(target=t.Attribute() as written),
        ] if expression(read) == expression(written):
            return read
    return None


def statements(node: t.Node) -> Iterator[t.Stmt]:
    """All statements of a tree, in order."""
    if isinstance(node, t.Stmt):
        yield node
    for child in children(node):
        yield from statements(child)


def children(node: t.Node) -> Iterator[t.Node]:
    for name in fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, t.Node):
            yield value
        elif isinstance(value, tuple):
            yield from (v for v in value if isinstance(v, t.Node))


@cache
def fields(kind: type[t.Node]) -> tuple[str, ...]:
    return tuple(f.name for f in attrs.fields(kind) if f.name != "span")


def place(s: t.Stmt) -> Place:
    return s.span.source.name, s.span.start


# ---- making one -------------------------------------------------------------


def mutated(unit: Unit, mutant: Mutant) -> Unit:
    """The unit with the mutant's statements changed."""

    def change(node: t.Node) -> t.Node:
        return changed(node, mutant.places)

    return evolve(
        unit,
        procs={name: [change(p) for p in variants] for name, variants in unit.procs.items()},
        handlers={name: [change(h) for h in found] for name, found in unit.handlers.items()},
        compositions=[change(part) for part in unit.compositions],
    )


def changed(node: t.Node, places: frozenset[Place]) -> t.Node:
    """The same node where nothing in it is changed."""
    new: dict[str, object] = {}
    for name in fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, t.Node):
            other: object = changed(value, places)
        elif isinstance(value, tuple):
            other = tuple(part for v in value for part in parts_of(v, places))
            if len(other) == len(value) and all(a is b for a, b in zip(other, value, strict=True)):
                other = value
        else:
            continue
        if other is not value:
            new[name] = other
    return evolve(node, **new) if new else node


def parts_of(value: object, places: frozenset[Place]) -> tuple[object, ...]:
    """What stands in a tuple instead of one of its members."""
    if isinstance(value, t.Stmt) and place(value) in places:
        return tuple(changed(s, places - {place(value)}) for s in without(value))
    return (changed(value, places),) if isinstance(value, t.Node) else (value,)


def without(s: t.Stmt) -> tuple[t.Stmt, ...]:
    """What is left of a statement."""
    match s:
        case t.Lock(body=t.Block() as body):
            return (t.If(s.span, t.Literal(s.span, True), body, None),)
        case t.Atomic(body=body):
            return (t.If(s.span, t.Literal(s.span, True), body, None),)
        case t.Let(value=t.Trylock()):
            return (evolve(s, value=t.Literal(s.span, True)),)
        case t.Let(value=t.Xchg(cell=cell, value=value)):
            return (evolve(s, value=cell), t.Assign(s.span, cell, value))
        case t.Assign(value=t.Xchg(cell=cell, value=value)):
            return (evolve(s, value=cell), t.Assign(s.span, cell, value))
    return ()


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
        for origin in elaborate(scenario.unit, params).origins:
            for span in (origin.span, *(call.span for call in origin.path)):
                places.add((span.source.name, span.start))
        found.append((Case(name, tuple(params.items()), holds), frozenset(places)))
    return found


def unmet(case: Case, mutant: Mutant) -> str:
    """What is not as expected; empty where all is, and where a limit is reached."""
    original = loaded(case.scenario)
    scenario = mmscn.Scenario.of(mutated(original.unit, mutant), original.path)
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
    return Noticed(mutant, None, "", min(len(cases), RUNS_MAX), len(cases))


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
    found = {m.name: m for name in names for m in mutants(loaded(name).unit) if wanted(m)}
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


def worded(r: Noticed) -> str:
    found = f"{r.case}: {r.why}" if r.case is not None else "NOT NOTICED"
    return f"{r.mutant.name}\n    {found} ({r.tried} of {r.of})"


if __name__ == "__main__":
    words = sys.argv[1:]
    all_noticed(
        lambda mutant: all(word in mutant.name for word in words),
        lambda result: print(worded(result), flush=True),
    )
