"""Counters go, and with them the waits that bound them: what holds then holds without a bound.

Before:  await k < 2 and not ptl; …; k = k + 1
After:   await not ptl; …; k = k

A variable is a counter if a constant is added to it and a wait wants it to be
below another one, and nothing else looks at it or changes it: no other
condition, value or index, no check, nothing that says whether hardware is busy.
It has to stay in its range as well, which is found out in the IR: where a rule
is left that breaks `in_range` and looks at the variable, it is no counter.

*What is preserved.* Every run of the program before is one of the program after,
step by step, with the same values of everything else: a wait that is met is met
without one of its conjuncts, no other step reads the counter, and an addition
that stays in range does nothing else. So what no run of the program after
breaks, covers or reaches, no run of the program before does, whatever the
bounds are. *Not preserved* is what some run of the program after does: its
violations, what it covers and reaches, its states. What to make of that is for
the search to say (`mmscn.judge.search_plan`, `explore.verdicts.proved`).

*Deadlocks* can be hidden by a wait that is gone. So a program with a thread that
must end has no counters; daemons alone are never in a deadlock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias, assert_never

from attrs import evolve

from mmscn.check import core
from mmscn.check.within import with_blocks

if TYPE_CHECKING:
    from mmscn.lower.ir import Ir

Rewrite: TypeAlias = "Callable[[Ir], Ir]"


def counters(checked: core.Checked) -> tuple[str, ...]:
    """The families that are counters if they stay in range; none where a thread has to end."""
    if not all(thread.daemon for thread in checked.threads):
        return ()
    uses = Uses(checked)
    for body in bodies(checked):
        uses.statement(body)
    for info in checked.checks:
        for condition in (info.condition, info.covered):
            if condition is not None:
                uses.read(condition)
    for busy in checked.busy:
        uses.read(busy)
    found = (uses.grown & uses.bounded) - uses.other
    return tuple(key for key, family in checked.families.items() if key in found and plain(family))


def bodies(checked: core.Checked) -> list[core.Block]:
    return [*(thread.body for thread in checked.threads), *(agent.body for agent in checked.agents)]


def plain(family: core.Family) -> bool:
    """Whether a family holds numbers that a thread may look at."""
    special = family.version or family.ghost or family.lock is not None
    return not special and all(type(value) is int for value in family.domain)


class Uses:
    """How the families are used. other: in a way that no counter is."""

    def __init__(self, checked: core.Checked) -> None:
        self.families = checked.families
        self.grown: set[str] = set()
        self.bounded: set[str] = set()
        self.other: set[str] = set()

    def statement(self, s: core.Stmt) -> None:
        match s:
            case core.Block(statements=statements):
                for inner in statements:
                    self.statement(inner)
            case core.Assign(targets=targets, values=values):
                for target, value in zip(targets, values, strict=True):
                    self.assign(target, value)
            case core.Await(condition=condition):
                self.wait(condition)
            case core.If(condition=condition, then=then, otherwise=otherwise):
                self.read(condition)
                self.statement(then)
                self.statement(otherwise)
            case core.Choose(branches=branches):
                for branch in branches:
                    self.statement(branch)
            case core.Atomic(body=body):
                self.statement(body)
            case core.Assert(condition=condition):
                self.read(condition)
            case core.Label() | core.Goto() | core.Bug():
                pass
            case _:
                assert_never(s)

    def assign(self, target: core.Cell | core.Local, value: core.Expr) -> None:
        if isinstance(target, core.Cell) and self.fixed(target) and grows(target, value):
            self.grown.add(target.family)
        else:
            self.read(target)
            self.read(value)

    def wait(self, e: core.Expr) -> None:
        bounded = bound(e)
        if bounded is not None and self.fixed(bounded):
            self.bounded.add(bounded.family)
        elif isinstance(e, core.Apply) and e.op == "and":
            for part in e.args:
                self.wait(part)
        else:
            self.read(e)

    def read(self, e: core.Expr) -> None:
        match e:
            case core.Cell(family=family, index=index):
                self.other.add(family)
                for part in index:
                    self.read(part)
            case core.Apply(args=args):
                for part in args:
                    self.read(part)
            case core.Const() | core.Local() | core.Fresh() | core.Undefined():
                pass
            case core.Ended() | core.Quiet():
                pass
            case _:
                assert_never(e)

    def fixed(self, cell: core.Cell) -> bool:
        """Whether it is one cell, and one that there is: to look at it cannot fail."""
        return all(
            isinstance(part, core.Const) and part.value in domain
            for part, domain in zip(cell.index, self.families[cell.family].indices, strict=True)
        )


def grows(target: core.Cell, value: core.Expr) -> bool:
    """Whether the value is the target's own and a positive constant added up."""
    match value:
        case core.Apply(op="+", args=(core.Cell() as cell, core.Const(value=by))):
            return type(by) is int and by > 0 and same(cell, target)
    return False


def same(one: core.Cell, other: core.Cell) -> bool:
    """Whether two cells of constant indices are one."""
    indices = [[p.value for p in c.index if isinstance(p, core.Const)] for c in (one, other)]
    whole = len(indices[0]) == len(one.index)
    return whole and one.family == other.family and indices[0] == indices[1]


def bound(e: core.Expr) -> core.Cell | None:
    """The cell that a condition wants to be below a constant, and no more than that."""
    match e:
        case core.Apply(op="<" | "<=", args=(core.Cell() as cell, core.Const(value=most))):
            return cell if type(most) is int else None
        case core.Apply(op=">" | ">=", args=(core.Const(value=most), core.Cell() as cell)):
            return cell if type(most) is int else None
    return None


def out_of_range(ir: Ir, rewrites: Iterable[Rewrite]) -> set[str]:
    """The families that rules which break `in_range` look at.

    Of an IR as it is built: there, the rule for a value out of its variable's
    range has the values that lead to it in its guard. rewrites: passes that
    take out rules which can never fire.
    """
    from mmscn.lower.ir import reads_of  # of a small run, nothing else needs an IR

    whole = ir.having(rules=[evolve(rule, parts=(n,)) for n, rule in enumerate(ir.rules)])
    for rewrite in rewrites:
        whole = rewrite(whole)
    found: set[str] = set()
    for number in sorted({part for rule in whole.rules for part in rule.parts}):
        rule = ir.rules[number]
        if core.MODEL_ERROR in rule.violates:
            found.update(ir.vars[v].family or "" for v in reads_of(rule))
    return found


def without_counters(checked: core.Checked, names: tuple[str, ...]) -> core.Checked:
    """The scenario in which some counters neither count nor are waited for."""
    rest = Rest(frozenset(names))
    return evolve(
        checked,
        threads=tuple(evolve(part, body=rest.block(part.body)) for part in checked.threads),
        agents=tuple(evolve(part, body=rest.block(part.body)) for part in checked.agents),
    )


class Rest:
    """What a text is without some counters."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def block(self, block: core.Block) -> core.Block:
        return core.Block(statements=tuple(map(self.statement, block.statements)))

    def statement(self, s: core.Stmt) -> core.Stmt:
        match s:
            case core.Assign(targets=targets, values=values):
                kept = zip(targets, values, strict=True)
                return evolve(s, values=tuple(t if self.counts(t) else v for t, v in kept))
            case core.Await(condition=condition):
                return evolve(s, condition=self.wait(condition))
            case _:
                return with_blocks(s, self.block)

    def counts(self, target: core.Cell | core.Local) -> bool:
        return isinstance(target, core.Cell) and target.family in self.names

    def wait(self, e: core.Expr) -> core.Expr:
        bounded = bound(e)
        if bounded is not None and bounded.family in self.names:
            return core.Const(True)
        if isinstance(e, core.Apply) and e.op == "and":
            return core.Apply("and", tuple(map(self.wait, e.args)))
        return e


def uncounted_note(checked: core.Checked, names: tuple[str, ...]) -> str:
    """What a proof without some counters means, for the report."""
    shown = ", ".join(checked.families[name].name for name in names)
    return f"rounds are not counted: this holds under any higher bounds on {shown}"
