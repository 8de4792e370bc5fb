"""Symbolic execution of one step: every way through it, with what it assumes and does.

A path collects a guard on the state before the step and the new values of
what it has assigned so far, as expressions over the state before. Where a
condition or an index depends on the state, the path forks; ways that
contradict themselves are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import assert_never

from mmscn.budget import poll
from mmscn.check import core
from mmscn.check.values import BOOLS, Value
from mmscn.lower.decision import CONDITIONS, chosen, folded_clamp, ordered, weight
from mmscn.lower.ir import FRESH, Term, TermKind, Var, VarId, decided, folded, value_of, variables
from mmscn.lower.model_errors import ModelError, NoAttribute, NoCell, OutOfRange, touchy
from mmscn.lower.path import Path, SecondVersion, TooManyWays, TooMuchWork

# What shipped scenarios come to is measured by benchmarks/bounds.py. Each of the bounds on values
# and expressions halved and doubled leaves the same rules and states (docs/fusion.md, Bounds).
SPLIT_MAX = 4
"""Values of a variable that a way parts by rather than keep a condition on several."""
TABLE_MAX, POSSIBLE_MAX, SPLITS_MAX = 4096, 4096, 4096
"""Combinations of values that a condition or value may depend on (shipped ones: 32), that are tried
to see that it stays in its range (9), and that a condition parts into to fit a table (1)."""
FORKS_MAX = 5_000
"""Ways through one step or condition."""
EFFORT_MAX = 100_000
"""Statements on ways, and values that are tried, in a whole program (benchmarks/ways.py)."""
LITERALS_MAX = 4
"""Conditions on several variables in one way, beyond which it parts by their values; shipped: 2."""
SMALL_TERM, LARGE_TERM = 48, 2_000
"""Operators and operands from which an expression is, or has to be, tabulated; shipped: 236."""
FEW_VALUES = 256
"""Combinations that an expression is tabulated over where it is more than small."""


class Executor:
    """Evaluates checked expressions on paths.

    cells, locals: their variables. rests: where each thread is at rest; looks_around: who asks.
    """

    effort_max: float = EFFORT_MAX
    forks_max: int = FORKS_MAX

    def __init__(
        self,
        vars_: list[Var],
        cells: dict[tuple[str, tuple[Value, ...]], VarId],
        families: dict[str, core.Family],
        locals_: dict[int, VarId],
        pcs: list[VarId],
    ) -> None:
        self.vars = vars_
        self.cells = cells
        self.families = families
        self.locals = locals_
        self.pcs = pcs
        self.rests: list[frozenset[int]] = []
        self.busy: tuple[core.Expr, ...] = ()
        self.forks = self.effort = 0
        self.looks_around = False

    # ---- expressions --------------------------------------------------------

    def evaluate(self, path: Path, e: core.Expr) -> Iterator[tuple[Path, Term]]:
        """The value of an expression; forks for the cells that an index may mean."""
        match e:
            case core.Const(value):
                yield path, ("c", value)
            case core.Local(number):
                var = self.locals[number]
                yield path, path.values.get(var) or self.decided_value(path, var)
            case core.Fresh():
                yield path, self.fresh(path)
            case core.Undefined():
                self.fail(path, NoAttribute())
            case core.Cell():
                for forked, cell in self.cell(path, e):
                    yield forked, forked.values.get(cell) or self.decided_value(forked, cell)
            case core.Ended(thread):
                self.looks_around = True
                yield path, ("in", ("v", self.pcs[thread]), self.rests[thread])
            case core.Quiet():
                self.looks_around = True
                yield from self.quiet(path)
            case core.Apply(op="ite", args=(condition, then, otherwise)):
                for forked, c in self.evaluate(path, condition):
                    for way, yes in self.decide(forked, c):
                        yield from self.evaluate(way, then if yes else otherwise)
            case core.Apply(op="and" | "or" | "implies" as op, args=(left, right)):
                # The second operand counts only where the first does not decide.
                for forked, first in self.evaluate(path, left):
                    if first[0] == "c" or any(touchy(right)):
                        for way, yes in self.decide(forked, first):
                            if op == "implies" and not yes:
                                yield way, ("c", True)
                            elif op != "implies" and yes is (op == "or"):
                                yield way, ("c", yes)
                            else:
                                yield from self.evaluate(way, right)
                    else:
                        for both, second in self.evaluate(forked, right):
                            yield both, self.compact(both, folded(op, (first, second)))
            case core.Apply(op="holds", args=(condition,)):
                yield from self.holds(path, condition)
            case core.Apply(op=op, args=args):
                yield from self.apply(path, op, args, ())
            case _:
                assert_never(e)

    def holds(self, path: Path, condition: core.Expr) -> Iterator[tuple[Path, Term]]:
        """A condition, false where it has no value. It stands in checks only."""
        failed, self.failed = self.failed, []
        ways = list(self.evaluate(path, condition))
        for way in self.failed:
            way.violates.discard(core.MODEL_ERROR)
            way.halts = False
            ways.append((way, ("c", False)))
        self.failed = failed
        yield from ways

    def fresh(self, path: Path) -> Term:
        """A version that no cell or local holds. Raises SecondVersion."""
        path.fresh += 1
        if path.first is not None:
            return ("c", path.first + path.fresh - 1)
        if path.fresh > 1 and path.origins:
            raise SecondVersion(path.origins[-1])
        return FRESH

    def apply(
        self, path: Path, op: core.Operator, args: tuple[core.Expr, ...], done: tuple[Term, ...]
    ) -> Iterator[tuple[Path, Term]]:
        if not args:
            term = folded(op, done)
            if op in ("==", "!=") and any(self.vars[v].version for v in variables(term)):
                # Versions are compared and copied, and nothing else is computed from them.
                for way, yes in self.decide(path, term):
                    yield way, ("c", yes)
            else:
                yield path, self.compact(path, term)
            return
        for forked, term in self.evaluate(path, args[0]):
            yield from self.apply(forked, op, args[1:], (*done, term))

    def decided_value(self, path: Path, var: VarId) -> Term:
        """The variable, or its value where the path's guard leaves only one."""
        values = path.guard.get(var)
        return ("v", var) if values is None or len(values) > 1 else ("c", *values)

    def quiet(self, path: Path) -> Iterator[tuple[Path, Term]]:
        """Threads first: where one is not at rest, what is busy matters no more."""
        ended = [("in", ("v", pc), rest) for pc, rest in zip(self.pcs, self.rests, strict=True)]
        paths: list[Path] = []
        for forked, yes in self.in_turn(path, list[Term](ended), False):
            if yes:
                paths.append(forked)
            else:
                yield forked, ("c", False)
        for busy in self.busy:
            idle: list[Path] = []
            for way, term in (pair for before in paths for pair in self.evaluate(before, busy)):
                for forked, yes in self.decide(way, term):
                    if yes:
                        yield forked, ("c", False)
                    else:
                        idle.append(forked)
            paths = idle
        for idler in paths:
            yield idler, ("c", True)

    def cell(self, path: Path, cell: core.Cell) -> Iterator[tuple[Path, VarId]]:
        """The cell that is meant; none is a model error and ends the path."""
        for forked, index in self.indices(path, cell.index, ()):
            key = (cell.family, index)
            if key in self.cells:
                yield forked, self.cells[key]
            else:
                self.fail(forked, NoCell(*key))

    def indices(
        self, path: Path, index: tuple[core.Expr, ...], done: tuple[Value, ...]
    ) -> Iterator[tuple[Path, tuple[Value, ...]]]:
        if not index:
            yield path, done
            return
        for forked, term in self.evaluate(path, index[0]):
            for way, value in self.enumerate(forked, term):
                yield from self.indices(way, index[1:], (*done, value))

    def fail(self, path: Path, why: ModelError | None = None) -> None:
        """A model error: kept, to become a rule that breaks `in_range`."""
        path.violates.add(core.MODEL_ERROR)
        path.halts = True
        self.failed.append(path)

    failed: list[Path]

    def begin(self) -> None:
        """Before the ways of a step or condition: none has failed, none has forked."""
        self.failed = []
        self.forks = 0

    def compact(self, path: Path, term: Term) -> Term:
        """An expression of the same value that is no larger than its variables' values make it.

        So what a loop computes again and again does not grow with its turns. Raises TooManyWays.
        """
        size = weight(term, LARGE_TERM)
        if size <= SMALL_TERM:
            return term
        names = sorted(set(variables(term)))
        combinations = prod(len(self.values(path, v)) for v in names)
        large = size > LARGE_TERM
        if combinations > (TABLE_MAX if large else FEW_VALUES):
            if large:
                raise TooManyWays(term)
            return term
        self.spend(combinations)
        choices = [(v, ordered(self.vars[v].domain, self.values(path, v))) for v in names]
        return chosen(term, choices)

    def spend(self, effort: int = 1) -> None:
        """Count what is done. Raises TooMuchWork where a program takes too much."""
        self.effort += effort
        if self.effort & 31 < effort:  # else looking takes as long as what is done
            poll()
        if self.effort > self.effort_max:
            raise TooMuchWork(None)

    def fork(self, path: Path) -> Path:
        """One more way. Raises TooManyWays."""
        self.spend()
        self.forks += 1
        if self.forks > self.forks_max:
            raise TooManyWays(None)
        return path.copy()

    def bounded(self, term: Term, sizes: list[int]) -> None:
        """Raise TooManyWays where a term has to be split too often to fit a table."""
        left, splits = prod(sizes), 1
        for size in sorted(sizes):
            if left > TABLE_MAX:
                left, splits = left // size, splits * size
        if splits > SPLITS_MAX:
            raise TooManyWays(term)

    # ---- decisions ----------------------------------------------------------

    def values(self, path: Path, var: VarId) -> frozenset[Value]:
        return path.guard.get(var) or frozenset(self.vars[var].domain)

    def enumerate(self, path: Path, term: Term) -> Iterator[tuple[Path, Value]]:
        """Fork over the values that an expression can have."""
        if term[0] == "c":
            yield path, term[1]
            return
        names = sorted(set(variables(term)))
        if len(names) == 1 and not self.vars[names[0]].version:
            var = names[0]
            by_result: dict[Value, list[Value]] = {}
            for value in ordered(self.vars[var].domain, self.values(path, var)):
                by_result.setdefault(value_of(term, {var: value}), []).append(value)
            for result, values in by_result.items():
                forked = self.fork(path)
                forked.guard[var] = frozenset(values)
                yield forked, result
            return
        self.bounded(term, [len(self.values(path, v)) for v in names])
        for var in names[:1]:
            for value in ordered(self.vars[var].domain, self.values(path, var)):
                forked = self.fork(path)
                forked.guard[var] = frozenset((value,))
                yield from self.enumerate(forked, self.reduced(forked, term))

    def reduced(self, path: Path, term: Term) -> Term:
        """The expression under what the path's guard says already."""
        kind: TermKind = term[0]
        match kind:
            case "c" | "fresh":
                return term
            case "v":
                return self.decided_value(path, term[1])
            case "in":
                inner = self.reduced(path, term[1])
                if inner[0] == "c":
                    return ("c", inner[1] in term[2])
                return ("in", inner, term[2])
            case "clamp":
                return folded_clamp(self.reduced(path, term[1]), term[2])
            case op:
                return folded(op, tuple(self.reduced(path, part) for part in term[1:]))

    def decide(self, path: Path, term: Term) -> Iterator[tuple[Path, bool]]:
        """Fork a path by a condition."""
        term = self.reduced(path, term)
        match term:
            case ("c", value):
                yield path, value
            case ("not", inner):
                for forked, yes in self.decide(path, inner):
                    yield forked, not yes
            case ("and" | "or" as op, *parts):
                stop = op == "or"
                yield from self.in_turn(path, parts, stop)
            case ("!=", left, right):
                for forked, yes in self.decide(path, ("==", left, right)):
                    yield forked, not yes
            case _:
                yield from self.atom(path, term)

    def in_turn(self, path: Path, parts: list[Term], stop: bool) -> Iterator[tuple[Path, bool]]:
        if not parts:
            yield path, not stop
            return
        for forked, yes in self.decide(path, parts[0]):
            if yes is stop:
                yield forked, stop
            else:
                yield from self.in_turn(forked, parts[1:], stop)

    def atom(self, path: Path, term: Term) -> Iterator[tuple[Path, bool]]:
        if term in path.literals:
            yield path, path.literals[term]
            return
        names = sorted(set(variables(term)))
        if any(self.vars[v].version for v in names):
            yield from self.literal(path, term)
            return
        if len(names) == 1:
            var = names[0]
            allowed = self.values(path, var)
            yes = frozenset(v for v in allowed if value_of(term, {var: v}))
            for values, answer in ((yes, True), (allowed - yes, False)):
                if values:
                    forked = self.fork(path)
                    forked.guard[var] = values
                    yield forked, answer
            return
        sizes = sorted((len(self.values(path, v)), v) for v in names)
        size = prod(n for n, _ in sizes)
        self.bounded(term, [n for n, _ in sizes])
        crowded = len(path.literals) >= LITERALS_MAX
        if sizes[0][0] > SPLIT_MAX and size <= TABLE_MAX and not crowded:
            yield from self.literal(path, term)
            return
        var = sizes[0][1]
        for value in ordered(self.vars[var].domain, self.values(path, var)):
            forked = self.fork(path)
            forked.guard[var] = frozenset((value,))
            if crowded:
                literals = decided(path.literals, {var: ("c", value)})
                if literals is None:
                    continue
                forked.literals = literals
            yield from self.decide(forked, term)

    def literal(self, path: Path, term: Term) -> Iterator[tuple[Path, bool]]:
        for answer in (True, False):
            forked = self.fork(path)
            forked.literals[term] = answer
            yield forked, answer

    # ---- assignments --------------------------------------------------------

    def assign(self, path: Path, s: core.Assign) -> Iterator[Path]:
        """All values are computed, then all targets change."""
        for forked, values in self.several(path, s.values, ()):
            for placed, vars_ in self.places(forked, s.targets, ()):
                yield from self.store(placed, vars_, values)

    def several(
        self, path: Path, exprs: tuple[core.Expr, ...], done: tuple[Term, ...]
    ) -> Iterator[tuple[Path, tuple[Term, ...]]]:
        if not exprs:
            yield path, done
            return
        for forked, term in self.evaluate(path, exprs[0]):
            yield from self.several(forked, exprs[1:], (*done, term))

    def places(
        self, path: Path, targets: tuple[core.Cell | core.Local, ...], done: tuple[VarId, ...]
    ) -> Iterator[tuple[Path, tuple[VarId, ...]]]:
        if not targets:
            yield path, done
            return
        target = targets[0]
        if isinstance(target, core.Local):
            yield from self.places(path, targets[1:], (*done, self.locals[target.number]))
            return
        for forked, var in self.cell(path, target):
            yield from self.places(forked, targets[1:], (*done, var))

    def store(
        self, path: Path, vars_: tuple[VarId, ...], values: tuple[Term, ...]
    ) -> Iterator[Path]:
        """Keep the new values; a value outside its variable's domain is a model error."""
        doubts: list[Term] = []
        kept: list[Term] = []
        for var, value in zip(vars_, values, strict=True):
            domain = frozenset(self.vars[var].domain)
            whole = type(self.vars[var].domain[0]) is int and not self.vars[var].version
            if self.vars[var].ghost and whole:
                # A counter stops at its bound; no step is the worse for it.
                value = folded_clamp(value, self.vars[var].domain)
            kept.append(value)
            if self.vars[var].version:
                continue
            if value[0] == "c":
                if value[1] not in domain:
                    self.fail(path, OutOfRange(var, value[1]))
                    return
            elif not self.within(path, value, domain):
                doubts.append(("in", value, domain))
        fine = [path]
        for doubt in doubts:
            still: list[Path] = []
            for candidate in fine:
                for forked, inside in self.decide(candidate, doubt):
                    if inside:
                        still.append(forked)
                    else:
                        self.fail(forked)
            fine = still
        for result in fine:
            for var, value in zip(vars_, kept, strict=True):
                result.values[var] = self.compact(result, self.reduced(result, value))
            yield result

    def within(self, path: Path, term: Term, domain: frozenset[Value]) -> bool:
        """Whether an expression is seen to stay in a domain, under the path's guard."""
        if term[0] == "clamp":
            return domain.issuperset(term[2])
        if term[0] in CONDITIONS:
            return domain.issuperset(BOOLS)
        names = sorted(set(variables(term)))
        domains = [self.values(path, v) for v in names]
        size = prod(map(len, domains))
        self.spend(min(size, POSSIBLE_MAX) * weight(term, LARGE_TERM) // SMALL_TERM)
        return size <= POSSIBLE_MAX and all(
            value_of(term, dict(zip(names, values, strict=True))) in domain
            for values in product(*domains)
        )
