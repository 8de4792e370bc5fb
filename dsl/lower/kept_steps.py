"""Steps of calls of modules' procedures, each led through all its ways once.

`mmscn.check.kept_calls` knows what a call was written out to by a digest. A step within it that
stays within it follows from that, from the variables' domains, from what the thread waits for, and
from the bounds; so its ways are the same in another call of that digest, in another text and in
another process, but for the numbers of locals, origins and checks. What asks whether other threads
have ended, and what has too many ways even where they are joined, is led through each time.
"""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, NamedTuple

from mmscn import cache
from mmscn.check.core import IMPLICIT
from mmscn.check.kept_calls import KeptCalls, WrittenOut
from mmscn.lower.flow import Node, Within
from mmscn.lower.ir import VarId
from mmscn.lower.kept_rules import bounds, moved_term
from mmscn.lower.path import Path
from mmscn.lower.ways import End

if TYPE_CHECKING:
    from mmscn.lower.rule_builder import Builder

STEPS_MAX = 20_000
"""Of one unit; beyond, they are forgotten."""
Row = tuple[Any, ...]
Table = dict[str, dict[int, "Step"]]


class Step(NamedTuple):
    """The ways through a step. vars: the variables of the call. ways: each with the number of the
    node that it comes to, and failed: those that end in a model error. effort: what they took.
    joined: whether they are joined, for there are too many.
    """

    vars: tuple[VarId, ...]
    ways: tuple[tuple[Row, int], ...]
    failed: tuple[Row, ...]
    effort: int
    joined: bool


class Steps:
    """Of one unit. table: by what steps follow from, by the number of the node. families: digests
    of what is declared, by its number. used: keys. new: whether there are some that are not saved.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.families: dict[int, str] = {}
        self.used: set[str] = set()
        self.new = False

    def add(self, key: str, number: int, step: Step) -> None:
        if len(self.table) >= STEPS_MAX:
            self.table.clear()
        self.table.setdefault(key, {})[number] = step
        self.new = True


class KeptSteps:
    """Of one program."""

    def __init__(self, builder: "Builder") -> None:
        self.builder = builder
        self.keys: dict[Hashable, str] = {}
        self.alive: list[object] = []
        """What keys are known by the identity of."""
        self.shared = builder.kept.shared
        calls = None if self.shared is None else self.shared.kept.calls
        self.steps: Steps | None = None
        if isinstance(calls, KeptCalls):
            if not isinstance(calls.steps, Steps):
                calls.steps = Steps({})
            self.steps = calls.steps

    def ways(self, start: Path, node: Node, name: str) -> list[End]:
        """All ways through the step that begins at a node; `failed` of the executor are set.

        Raises Rejected as `Ways.steps` does.
        """
        builder, within, steps = self.builder, node.within, self.steps
        span = builder.origins[builder.origin(start, node)].span
        joined = builder.crowded.get(span)
        if within is None or steps is None or joined is False:
            return list(builder.steps(start, node, name))
        key, executor = self.key(within, start, joined is True), builder.executor
        steps.used.add(key)
        known = steps.table.get(key, {}).get(node.number)
        if known is not None and executor.effort + known.effort <= executor.effort_max:
            executor.effort += known.effort
            if known.joined:
                builder.crowded[span] = True
            return self.again(known, within)
        effort, around, executor.looks_around = executor.effort, executor.looks_around, False
        found = list(builder.steps(start, node, name))
        looks, executor.looks_around = executor.looks_around, around or executor.looks_around
        inside = all(at.within is within for at in builder.passed)
        joined = builder.crowded.get(span)
        if inside and not looks and joined is not False:
            vars_ = self.vars(within.written)
            w = within.written
            step = Step(
                vars=vars_,
                ways=tuple([(row(path, w), at.number) for path, at in found]),
                failed=tuple([row(path, w) for path in executor.failed]),
                effort=executor.effort - effort,
                joined=joined is True,
            )
            steps.add(key, node.number, step)
        return found

    def again(self, known: Step, within: Within) -> list[End]:
        now = self.vars(within.written)
        moves = {old: new for old, new in zip(known.vars, now, strict=True) if old != new}
        written = within.written
        executor = self.builder.executor
        executor.begin()
        executor.failed = [path_of(way, written, moves) for way in known.failed]
        return [(path_of(way, written, moves), within.nodes[number]) for way, number in known.ways]

    def vars(self, written: WrittenOut) -> tuple[VarId, ...]:
        """The variables of a call's own locals, then of those around it."""
        locals_, first = self.builder.locals, written.local
        own = [locals_[n] for n in range(first, first + written.locals)]
        return (*own, *(locals_[n] for n in written.outer))

    # ---- what a step follows from ---------------------------------------------

    def key(self, within: Within, start: Path, joined: bool) -> str:
        """Of all steps of a call that begin with what a path assumes.

        joined: of those alone that are known to have too many ways.
        """
        which = id(within), joined, *[(v, id(values)) for v, values in start.guard.items()]
        found = self.keys.get(which)
        if found is None:
            builder = self.builder
            self.alive.append((within, start.guard))
            assumed = [(v, sorted(map(repr, values))) for v, values in start.guard.items()]
            vars_ = [builder.vars[v] for v in self.vars(within.written)]
            domains = [(var.domain, var.version, var.thread) for var in vars_]
            meets = [node.meets for node in within.nodes]
            parts = (
                within.written.digest, assumed, domains, meets, self.families(), bounds(),
                within.written.exit is None, len(within.written.checks),
                joined,
            )  # fmt: skip
            found = self.keys[which] = cache.key(repr(parts))
        return found

    def families(self) -> str:
        """A digest of the cells, which decide what is a variable of which number."""
        assert self.steps is not None
        assert self.shared is not None
        known = self.steps.families
        if self.shared.around not in known:
            parts = [
                (key, f.indices, f.domain, f.version, f.ghost, f.lock, f.hardware)
                for key, f in self.builder.checked.families.items()
            ]
            known[self.shared.around] = cache.key(repr(parts))
        return known[self.shared.around]


def row(path: Path, written: WrittenOut) -> Row:
    """A path whose origins and checks count from those of the call."""
    return (
        path.guard,
        path.literals,
        path.values,
        tuple([check_row(n, written) for n in sorted(path.violates)]),
        tuple([check_row(n, written) for n in sorted(path.covers)]),
        tuple([n - written.origin for n in path.origins]),
        path.halts,
        path.fresh,
        path.granted,
    )


def check_row(number: int, written: WrittenOut) -> int:
    if number in written.checks:
        return written.checks.index(number)
    assert number < len(IMPLICIT)
    return -1 - number


def path_of(row: Row, written: WrittenOut, moves: dict[VarId, VarId]) -> Path:
    guard, literals, values, violates, covers, origins, halts, fresh, granted = row
    if moves:
        guard = {moves.get(v, v): among for v, among in guard.items()}
        literals = {moved_term(term, moves): wanted for term, wanted in literals.items()}
        values = {moves.get(v, v): moved_term(term, moves) for v, term in values.items()}
    checks = written.checks
    return Path(
        guard=guard,
        literals=literals,
        values=values,
        violates={checks[n] if n >= 0 else -1 - n for n in violates},
        covers={checks[n] if n >= 0 else -1 - n for n in covers},
        origins=[n + written.origin for n in origins],
        halts=halts,
        fresh=fresh,
        granted=granted,
    )
