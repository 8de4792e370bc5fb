"""A scenario with some number of the threads, as rules that no reduction has joined.

Left out is what bounds rounds (`lower.passes.counters`), where that is possible: the
program does more then, and what is proved of it holds for any number of rounds.

*What the passes preserve for every number.* `dead`, `private`, `fold`, `late` and the reset of
locals look at each variable, or at each local and place of one thread, by itself: which
values it can have, who reads it, what is read again. Of interchangeable threads each has
the same; and with rules that touch a thread, another, and all others alike (`shape`), one
thread more adds nothing to what they find. That the rules of two sizes are the same
(`shape.compared`) is looked at behind the passes, so it is tested on every program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from attrs import evolve

from mmscn.budget import phase
from mmscn.check import core
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import Unit
from mmscn.check.numbers import first_origin
from mmscn.check.values import Value
from mmscn.diagnostics import Rejected
from mmscn.lower.assemble import Assembler
from mmscn.lower.compiled import Line
from mmscn.lower.ir import FRESH, Condition, Guard, Ir, Rule, Term, VarId, variables
from mmscn.lower.passes.counters import counters, out_of_range, without_counters
from mmscn.lower.passes.dead import drop_dead
from mmscn.lower.passes.fold import fold
from mmscn.lower.passes.live import reset_only
from mmscn.lower.passes.private import privatize
from mmscn.lower.rule_builder import build
from mmscn.prove.late import late
from mmscn.prove.primes import shortest
from mmscn.prove.refused import Refused
from mmscn.runtime.bytecode import CheckKind, Program
from mmscn.source import Span

PASSES: tuple[Callable[[Ir], Ir], ...] = (
    drop_dead,
    privatize,
    fold,
    drop_dead,
    reset_only,
    late,
    drop_dead,
    shortest,
)


PROVABLE = (CheckKind.STEP, CheckKind.ALWAYS, CheckKind.FINALLY)
"""What is proved of every number. A deadlock and what is reachable are not preserved."""


class Instance(NamedTuple):
    """The program with `size` of the threads. uncounted: the counters that were left out."""

    size: int
    checked: core.Checked
    ir: Ir
    lines: tuple[Line, ...]
    assembler: Assembler
    program: Program
    uncounted: tuple[str, ...]


def instance(unit: Unit, values: dict[str, Value], param: str, size: int) -> Instance:
    """Raises Refused where there is no program of that size."""
    try:
        checked = elaborate(unit, {**values, param: size})
        with phase(f"making the program with {size} threads"):
            return made(checked, size)
    except Rejected as problem:
        first = problem.diagnostics[0]
        reason = f"there is no program with {size} of them: {first.message}"
        raise Refused(reason, first.span) from problem


def made(checked: core.Checked, size: int) -> Instance:
    """Raises Rejected."""
    names = counters(checked)
    if names:
        astray = out_of_range(build(checked)[0], (privatize, fold))
        names = tuple(name for name in names if name not in astray)
        checked = without_counters(checked, names) if names else checked
    checked = one_by_one(checked)
    ir, lines = build(checked)
    ir = fresh_in_a_step(asked_only(ir, checked), checked.named_versions)
    for run in PASSES:
        ir = run(ir)
    assembler = Assembler(ir, anywhere(checked), canonical=True)
    program, _ = assembler.program()
    return Instance(size, checked, assembler.ir, tuple(lines), assembler, program, names)


def one_by_one(checked: core.Checked) -> core.Checked:
    """The program with a check for each part of what is always to hold.

    A conjunction without a value, or with a part that is false, is one with such a part.
    """
    checks = list(checked.checks)
    for n, info in enumerate(checked.checks):
        if info.kind == "always" and info.condition is not None:
            first, *others = conjuncts(info.condition, True)
            checks[n] = evolve(info, condition=first)
            checks += [evolve(info, condition=part) for part in others]
    return evolve(checked, checks=tuple(checks))


def conjuncts(e: core.Expr, wanted: bool) -> Iterator[core.Expr]:
    """The parts of a condition that is to be true, or false."""
    match e:
        case core.Apply(op="not", args=(inner,)):
            yield from conjuncts(inner, not wanted)
        case core.Apply(op=op, args=args) if op == ("and" if wanted else "or"):
            for part in args:
                yield from conjuncts(part, wanted)
        case _:
            yield e if wanted else core.Apply("not", (e,))


def asked_only(ir: Ir, checked: core.Checked) -> Ir:
    """The program without what no proof is about: what is reached, and what is put to a test.

    What breaks checks of one name and kind breaks the first of them: they are judged as one.
    """
    bad: dict[tuple[str, CheckKind], list[Condition]] = {}
    for check in ir.checks:
        if check.kind in PROVABLE:
            bad.setdefault((checked.checks[check.info].name, check.kind), []).extend(check.bad)
    checks = [
        evolve(
            check,
            bad=tuple(bad.pop((checked.checks[check.info].name, check.kind), ())),
            covered=(),
            listed=frozenset(),
        )
        for check in ir.checks
    ]
    return ir.having(checks=checks)


def fresh_in_a_step(ir: Ir, named: int) -> Ir:
    """The program whose threads make in first steps what they have made fresh before time begins.

    Such content would have a name of its own, one for each thread. The steps look at nothing and
    change locals alone, so that nobody can tell whether they have happened: who asks where the
    thread stands is told the same in front of them as behind them.
    """
    for n, process in enumerate(ir.processes):
        made = [
            v
            for v, var in enumerate(ir.vars)
            if var.version
            and var.thread == n
            and any(isinstance(x := values[v], int) and x >= named for values in ir.initial)
        ]
        if process.pc is not None:
            for v in made:
                ir = one_more_step(ir, n, process.pc, v)
    return ir


def one_more_step(ir: Ir, n: int, pc: VarId, v: VarId) -> Ir:
    """The program in which process `n` makes the content of `v` in a step of its own, the first.

    Raises Refused where it may begin at several places, or is asked for its place in a value.
    """
    (to, *more) = {values[pc] for values in ir.initial}
    terms = [term for rule in ir.rules for term in (*rule.literals, *rule.assigns.values())]
    asked = [c for check in ir.checks for c in (*check.bad, *check.covered)] + ir.quiescent
    terms += [literal for condition in asked for literal in condition.literals]
    if more or not isinstance(to, int) or any(pc in variables(term) for term in terms):
        raise Refused(f"`{ir.processes[n].name}` makes content before time begins")
    at = len(ir.vars[pc].domain)

    def told(guard: Guard) -> Guard:
        return {**guard, pc: guard[pc] | {at}} if to in guard.get(pc, ()) else guard

    def asks(condition: Condition) -> Condition:
        return evolve(condition, guard=told(condition.guard))

    vars_ = list(ir.vars)
    vars_[pc] = evolve(vars_[pc], domain=tuple(range(at + 1)))
    rules = [evolve(rule, guard=told(rule.guard)) for rule in ir.rules]
    step: dict[VarId, Term] = {v: FRESH}
    rules.append(Rule(process=n, at=at, to=to, guard={}, literals={}, assigns=step, line=0))
    processes = list(ir.processes)
    if to in processes[n].rest:
        processes[n] = evolve(processes[n], rest=processes[n].rest | {at})
    return ir.having(
        vars=vars_,
        rules=rules,
        processes=processes,
        initial=[{**values, v: 0, pc: at} for values in ir.initial],
        checks=[evolve(check, bad=tuple(map(asks, check.bad))) for check in ir.checks],
        quiescent=[asks(condition) for condition in ir.quiescent],
    )


def anywhere(checked: core.Checked) -> Span:
    """A place to name where a whole program is too large."""
    span = first_origin(checked).span if checked.origins else checked.checks[0].span
    assert isinstance(span, Span)
    return span
