"""Every way through a step: the paths of `paths.py`, led over the graph of `flow.py`.

Two ways that come to one place with the same assumptions, the same values and the
same done go on alike, so the second is dropped: what is written out grows with
what the ways differ in, not with how often they part. A way that comes back to a
place with nothing changed goes round for ever, and is rejected (MM408).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import assert_never

from mmscn.check import core
from mmscn.diagnostics import Diagnostic, Label, Rejected
from mmscn.lower.flow import Node
from mmscn.lower.ir import Var, variables
from mmscn.lower.joining import join
from mmscn.lower.path import Path, SecondVersion, TooManyWays, TooMuchWork
from mmscn.lower.paths import FORKS_MAX, Executor
from mmscn.source import Span

End = tuple[Path, Node]
"""A path, and the node that it has come to."""


class Ways:
    """origins: of `Checked`; where what is wrong stands."""

    executor: Executor
    joining = 0
    """How many `if`s deep it is where ways are joined, the step being the first; else 0."""

    def __init__(self, origins: Mapping[int, core.Origin], imported: Mapping[str, Span]) -> None:
        self.origins = origins
        self.nowhere = next(iter(origins))
        """The origin that stands for none: a bound that is met has to be shown somewhere."""
        self.imported = imported
        self.passed: list[Node] = []
        """The nodes on the ways of a step."""
        self.crowded: dict[Span, bool] = {}
        """The steps that have too many ways as they are, and whether joining helps."""

    def steps(self, path: Path, node: Node, name: str) -> Iterator[End]:
        """All ways through the step that begins at a node, to where the thread stands then.

        Raises Rejected: MM506 where one of them makes two versions, MM504 and MM505
        where they cannot be written out, MM408 where one does not end.
        """
        try:
            yield from self.all_ways(path, node, name)
        except TooManyWays as problem:
            raise self.too_many(self.origin(path, node), problem) from None
        except SecondVersion as problem:
            message = "this is the second `fresh` of one step, and a step makes one version"
            raise self.rejected(problem.args[0], "MM506", message) from None

    def all_ways(self, path: Path, node: Node, name: str) -> list[End]:
        """Those of a step as they are; where they are too many, joined if that is possible.

        What is tried in vain counts for nothing. Raises TooManyWays.
        """
        span = self.origins[self.origin(path, node)].span
        effort = self.executor.effort
        self.passed = []
        if span not in self.crowded:
            try:
                return self.ways(path, node, name, forks_max=WAYS_MAX)
            except TooMuchWork:
                raise
            except TooManyWays:
                self.crowded[span] = True
        if self.crowded[span]:
            try:
                return self.joined_ways(path, node, name)
            except TooManyWays:
                self.crowded[span] = False
        self.executor.effort = effort
        return self.ways(path, node, name, forks_max=FORKS_MAX)

    def ways(self, path: Path, node: Node, name: str, *, forks_max: int) -> list[End]:
        """All ways through a step. Raises TooManyWays."""
        self.executor.begin()
        self.executor.forks_max = forks_max
        try:
            return list(self.step(path.copy(), node, name))
        finally:
            self.executor.forks_max = FORKS_MAX

    def joined_ways(self, path: Path, node: Node, name: str) -> list[End]:
        """All ways through a step, joined where they meet. Raises TooManyWays."""
        before = self.executor.effort_max
        self.executor.effort_max = min(before, self.executor.effort + JOINING_EFFORT_MAX)
        self.joining = 1
        try:
            return self.ways(path, node, name, forks_max=FORKS_MAX)
        finally:
            self.joining = 0
            self.executor.effort_max = before

    def step(self, path: Path, node: Node, name: str) -> Iterator[End]:
        def execute(path: Path, node: Node) -> Iterator[End]:
            if node.kind == "choose":
                for taken, branch in self.chosen(path, node):
                    yield from self.silent(taken, branch, name)
            else:
                for after, next_ in self.execute(path, node, name):
                    for end, at in self.silent(after, next_, name):
                        end.stands = True
                        yield end, at

        def ends(path: Path, node: Node) -> bool:
            return node.kind == "end" or path.halts or path.stands

        return self.walk(path, node, ends, execute, self.without_step(name))

    def silent(self, path: Path, node: Node, name: str) -> Iterator[End]:
        """Run what takes no time, up to where the thread can stand."""

        def ends(path: Path, node: Node) -> bool:
            return (node.visible and node.atomic is None) or path.halts or second(path, node)

        def execute(path: Path, node: Node) -> Iterator[End]:
            return self.execute(path, node, name)

        return self.walk(path, node, ends, execute, self.without_step(name))

    def atomic(self, path: Path, node: Node, name: str) -> Iterator[End]:
        """An atomic body, run as far as its exit or a jump out of it."""
        assert node.body is not None
        assert isinstance(node.stmt, core.Atomic)
        origin = node.stmt.origin

        def ends(path: Path, at: Node) -> bool:
            return at is node.exit or path.halts or at.atomic is not node

        def execute(path: Path, at: Node) -> Iterator[End]:
            return self.execute(path, at, name)

        def endless(path: Path) -> Rejected:
            return self.rejected(origin, "MM408", f"an atomic of `{name}` can loop for ever")

        for end, at in self.walk(path, node.body, ends, execute, endless):
            if at is node.exit:
                assert at.next is not None
                at = at.next
            yield end, at

    def walk(
        self,
        path: Path,
        node: Node,
        ends: Callable[[Path, Node], bool],
        execute: Callable[[Path, Node], Iterator[End]],
        endless: Callable[[Path], Rejected],
    ) -> Iterator[End]:
        """All ways on from a node to where they end, each that means the same as another once."""
        seen: set[object] = set()
        open_: set[object] = set()
        stack: list[End | object] = [(path, node)]
        while stack:
            entry = stack.pop()
            if not (isinstance(entry, tuple) and isinstance(entry[0], Path)):
                open_.remove(entry)
                continue
            path, node = entry
            self.passed.append(node)
            self.executor.spend()
            if node.meets:
                key = (node, path.content())
                if key in open_:
                    raise endless(path)
                if key in seen:
                    continue
                seen.add(key)
                if not ends(path, node):
                    open_.add(key)
                    stack.append(key)
            if ends(path, node):
                yield path, node
                continue
            found = list(execute(path, node))
            stack.extend(reversed(found))

    def without_step(self, name: str) -> Callable[[Path], Rejected]:
        def endless(path: Path) -> Rejected:
            origin = path.origins[-1] if path.origins else self.nowhere
            return self.rejected(origin, "MM408", f"`{name}` can loop for ever without a step")

        return endless

    def origin(self, path: Path, node: Node) -> int:
        """The statement that a step begins with."""
        origin: int | None = getattr(node.stmt, "origin", None)
        if origin is None:
            origin = path.origins[-1] if path.origins else self.nowhere
        return origin

    def too_many(self, origin: int, problem: TooManyWays) -> Rejected:
        return self.rejected(origin, *why_too_many(self.executor.vars, problem))

    def rejected(self, origin: int, code: str, message: str) -> Rejected:
        """At the author's line that leads to a statement; that of a module is beside it."""
        at = self.origins[origin]
        calls = [call.span for call in at.path]
        return rejected(self.imported, [at.span, *reversed(calls)], code, message)

    # ---- one node -----------------------------------------------------------

    def execute(self, path: Path, node: Node, name: str) -> Iterator[End]:
        """One node: all paths behind it, each with the node that comes next."""
        s = node.stmt
        match s:
            case None:
                if node.kind == "choose":
                    yield from self.chosen(path, node)
                else:
                    assert node.next is not None
                    yield path, node.next
            case core.Choose():
                yield from self.chosen(path, node)
            case core.Atomic(origin=origin, granted=granted):
                path.origins.append(origin)
                path.granted = granted
                yield from self.atomic(path, node, name)
            case core.If(condition=condition):
                if node.kind == "step":
                    path.origins.append(s.origin)
                ways = self.branches(path, node, condition)
                yield from self.joined(list(ways), node, name) if self.joining else ways
            case core.Assign() | core.Await() | core.Assert() | core.Bug():
                assert node.next is not None
                paths = self.simple(path, s)
                for after in join(self.executor, list(paths)) if self.joining else paths:
                    yield after, node.next
            case core.Block() | core.Label() | core.Goto():
                raise AssertionError(s)  # the flow has none
            case _:
                assert_never(s)

    def branches(self, path: Path, node: Node, condition: core.Expr) -> Iterator[End]:
        """A way into each branch of an `if` that can be taken."""
        yes, no = node.branches
        for forked, c in self.executor.evaluate(path, condition):
            for decided, holds in self.executor.decide(forked, c):
                yield decided, yes if holds else no

    def joined(self, ways: list[End], node: Node, name: str) -> Iterator[End]:
        """The ways into an `if` led to where it ends, and joined there; and those that leave it."""
        if len(ways) == 1 or node.kind == "step" or self.joining > JOINING_MAX:
            yield from ways
            return

        def ends(path: Path, at: Node) -> bool:
            if at is node.join or path.halts:
                return True
            if node.atomic is not None:
                return at.atomic is not node.atomic
            return (at.visible and at.atomic is None) or second(path, at)

        def execute(path: Path, at: Node) -> Iterator[End]:
            return self.execute(path, at, name)

        together: list[Path] = []
        self.joining += 1
        for branch in dict.fromkeys(at for _, at in ways):
            for path in join(self.executor, [path for path, at in ways if at is branch]):
                for end, at in self.walk(path, branch, ends, execute, self.without_step(name)):
                    if at is node.join and not end.halts:
                        together.append(end)
                    else:
                        yield end, at
        self.joining -= 1
        assert node.join is not None
        for path in join(self.executor, together):
            yield path, node.join

    def chosen(self, path: Path, node: Node) -> Iterator[End]:
        """A way into each branch."""
        for branch in node.branches:
            taken = self.executor.fork(path)
            if isinstance(node.stmt, core.Choose):
                taken.origins.append(node.stmt.origin)
            yield taken, branch

    def simple(
        self, path: Path, s: core.Assign | core.Await | core.Assert | core.Bug
    ) -> Iterator[Path]:
        match s:
            case core.Assign(origin=origin):
                path.origins.append(origin)
                yield from self.executor.assign(path, s)
            case core.Await(condition=condition, origin=origin):
                path.origins.append(origin)
                for forked, c in self.executor.evaluate(path, condition):
                    for decided, holds in self.executor.decide(forked, c):
                        if holds:
                            yield decided
            case core.Assert(check=check, condition=condition, origin=origin):
                path.origins.append(origin)
                path.covers.add(check)
                for forked, c in self.executor.evaluate(path, condition):
                    for decided, holds in self.executor.decide(forked, c):
                        if not holds:
                            decided.violates.add(check)
                        yield decided
            case core.Bug(check=check, origin=origin):
                path.origins.append(origin)
                path.violates.add(check)
                path.covers.add(check)
                path.halts = True
                yield path
            case _:
                assert_never(s)


def second(path: Path, node: Node) -> bool:
    """Whether a statement would make the second version of a step: it is one of its own."""
    match node.stmt:
        case core.Assign(values=values):
            return path.fresh > 0 and path.first is None and any(map(makes, values))
    return False


def makes(e: core.Expr) -> bool:
    """Whether an expression may make a version."""
    if isinstance(e, core.Apply):
        return any(map(makes, e.args))
    return isinstance(e, core.Fresh)


def why_too_many(vars_: Sequence[Var], problem: TooManyWays) -> tuple[str, str]:
    """A code, and a sentence."""
    if isinstance(problem, TooMuchWork):
        return "MM504", "the ways through all steps are too many, as far as here"
    if problem.args[0] is None:
        return "MM504", "there are too many ways through this"
    names = sorted({vars_[v].name for v in variables(problem.args[0])})
    shown = ", ".join(names[:SHOWN_MAX]) + (", …" if len(names) > SHOWN_MAX else "")
    return "MM505", f"a condition or value depends on too much: {shown}"


SHOWN_MAX = 8
WAYS_MAX = 1_000
"""Forks on the ways through a step that are left as they are; beyond, ways are joined.

The steps and conditions of shipped scenarios have 352 at most; 20 `if`s joined take 40, and
12 that are tried as they are up to 5000 take 0.5 s (benchmarks/ways.py).
"""

JOINING_EFFORT_MAX = 15_000
"""Statements and comparisons, beyond which the ways of a step are not joined: 0.3 s
(benchmarks/ways.py: 27 600 take 0.55 s to 0.65 s)."""

JOINING_MAX = 40
"""Of what is joined: an `if` in an `if`, and turns of a loop."""


def rejected(
    imported: Mapping[str, Span], spans: Sequence[Span], code: str, message: str
) -> Rejected:
    """At the first place that is in no module, else at the `import` that leads to it."""
    inner = spans[0]
    own = next((span for span in spans if span.source.name not in imported), None)
    span = own or imported[inner.source.name]
    labels = () if span == inner else (Label(inner, "this is where"),)
    return Rejected((Diagnostic(code=code, message=message, span=span, labels=labels),))
