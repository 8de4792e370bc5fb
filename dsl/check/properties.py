"""What is judged: library properties, predicates of the scenario, the lock rules."""

from __future__ import annotations

from itertools import product
from typing import assert_never

from attrs import evolve

from mmscn.check import core, operators, terms
from mmscn.check.context import Context
from mmscn.check.expressions import evaluate, over, truth
from mmscn.check.missing import no_mark, no_property
from mmscn.check.scope import Scope
from mmscn.check.state_cells import cells_of
from mmscn.check.terms import FALSE, TRUE, Dynamic, Static, Term
from mmscn.check.types import BOOL
from mmscn.check.values import Elem
from mmscn.diagnostics import one
from mmscn.plain_text import counted
from mmscn.source import Span
from mmscn.syntax import tree as t


def judge(ctx: Context) -> None:
    for predicate in ctx.unit.predicates:
        with ctx.collecting(predicate.span):
            name = predicate.text or predicate.asked
            add(ctx, Scope(), name, predicate, TRUE, predicate.span)
    for check in ctx.unit.checks:
        with ctx.collecting(check.span):
            if check.when is None or truth(ctx, Scope(), check.when):
                after = marked(ctx, check)
                for use in check.uses:
                    with ctx.collecting(use.span):
                        if use.name == core.NO_LIVELOCK:
                            no_livelock(ctx, use, check)
                        elif use.name in core.IMPLICIT:
                            implicit(ctx, use, check)
                        else:
                            property_of(ctx, use, after)
    for expect in ctx.unit.expects:
        if expect.kind == "outcomes":
            with ctx.collecting(expect.span):
                if applies(ctx, expect):
                    outcomes(ctx, expect)
    for item in ctx.unit.outcomes:
        with ctx.collecting(item.span):
            if item.when is None or truth(ctx, Scope(), item.when):
                final_values(ctx, item)


def applies(ctx: Context, expect: t.Expect) -> bool:
    """Whether an expectation of outcomes is one for these params."""
    others = [e for e in ctx.unit.expects if e.kind != "vacuous"]
    conditions = [e.when for e in others if e.when is not None]
    if expect.otherwise:
        return not any(truth(ctx, Scope(), when) for when in conditions)
    return expect.when is None or truth(ctx, Scope(), expect.when)


def marked(ctx: Context, check: t.Check) -> Term:
    """The ghost flag that `after MARK` waits for."""
    if check.after is None:
        return TRUE
    var = ctx.state.get((None, check.after))
    if var is None:
        known = [n for s, n in ctx.state if s is None]
        raise no_mark(ctx.unit, check.after, check.span, known)
    return ctx.place(var, ())


def implicit(ctx: Context, use: t.PropertyUse, check: t.Check) -> None:
    """What is judged anyway is asked for, too."""
    of_whole_runs(use, check)
    number = core.IMPLICIT.index(use.name)
    ctx.checks[number] = evolve(ctx.checks[number], span=use.span, asked=use.span)


def of_whole_runs(use: t.PropertyUse, check: t.Check) -> None:
    """Raises Rejected where a name of the language is asked as a property would be."""
    if use.args:
        raise one("MM209", f"`{use.name}` takes 0 arguments", use.span)
    if check.after is not None:
        hint = f"write `check {use.name}`, without `after`"
        raise one("MM318", f"`{use.name}` is about whole executions", check.span, hint)


def no_livelock(ctx: Context, use: t.PropertyUse, check: t.Check) -> None:
    """In every fair execution all threads end."""
    of_whole_runs(use, check)
    in_order(ctx, use.span)
    info = core.CheckInfo(
        name=use.name,
        kind="livelock",
        span=use.span,
        asked=use.span,
        text="some thread never ends",
    )
    ctx.check(use.name, info)


def in_order(ctx: Context, span: Span) -> None:
    """Raises Rejected where accesses are out of order: which comes in the end is not said."""
    order = ctx.order
    match order:
        case "sc" | "tso":
            return
        case "arm":
            what = "what goes on for ever is not judged under `memory = arm`"
            raise one("MM314", what, span, "use `sc` or `tso`")
        case _:
            assert_never(order)


def property_of(ctx: Context, use: t.PropertyUse, after: Term) -> None:
    property_ = ctx.unit.properties.get(use.name)
    if property_ is None:
        raise no_property(ctx.unit, use.name, use.span)
    if len(use.args) != len(property_.params):
        takes = counted(len(property_.params), "argument")
        raise one("MM209", f"`{use.name}` takes {takes}, not {len(use.args)}", use.span)
    scope = Scope()
    for param, arg in zip(property_.params, use.args, strict=True):
        scope.bind(param, evaluate(ctx, Scope(), arg))
    for predicate in property_.predicates:
        add(ctx, scope, use.name, predicate, after, use.span)


def add(
    ctx: Context, scope: Scope, name: str, predicate: t.Predicate, after: Term, asked: Span
) -> None:
    """One predicate is judged. asked: where the scenario asks for it."""
    condition = operators.want_bool(evaluate(ctx, scope, predicate.condition))
    covered = chance(ctx, scope, predicate.condition)
    kind: core.CheckKind
    match predicate.kind:
        case "reachable finally":
            condition = operators.logical("and", Dynamic(core.Quiet(), BOOL), condition)
            kind = "reachable"
        case "always" | "finally" | "reachable" | "eventually" as kind:
            pass
        case _:
            assert_never(predicate.kind)
    if predicate.leads_to is not None or kind == "eventually":
        kind, covered, condition = owing(ctx, scope, predicate, condition, after)
    elif kind == "reachable":
        condition = operators.logical("and", after, condition)
    else:
        condition = operators.logical("implies", after, condition)
        # With a mark, it is a test to have passed that: what is looked for behind it, and
        # is not there, is mostly what the antecedent says.
        covered = covered if after is TRUE else after
    info = core.CheckInfo(
        name=name,
        kind=kind,
        span=predicate.span,
        condition=terms.as_expr(condition),
        covered=terms.as_expr(covered),
        text=predicate.text,
        asked=asked,
    )
    ctx.check(("predicate", name, predicate.span.start, len(ctx.checks)), info)


def owing(
    ctx: Context, scope: Scope, predicate: t.Predicate, condition: Term, after: Term
) -> tuple[core.CheckKind, Term, Term]:
    """What an `eventually` or `leads to` is: its kind, what it begins with, and what has to come.

    Behind a mark, what has to come some time is what the mark leads to.
    """
    in_order(ctx, predicate.span)
    if predicate.leads_to is None:
        return ("eventually" if after is TRUE else "leads to"), after, condition
    if predicate.kind != "always":
        what = f"`{predicate.kind}` leads to nothing"
        hint = "what a condition leads to is `always P leads to Q`"
        raise one("MM318", what, predicate.span, hint)
    comes = operators.want_bool(evaluate(ctx, scope, predicate.leads_to))
    return "leads to", operators.logical("and", after, condition), comes


def chance(ctx: Context, scope: Scope, e: t.Expr) -> Term:
    """When a condition has a chance to fail: where its antecedents hold."""
    match e:
        case t.Binary(op="implies", left=left, right=right):
            when = operators.want_bool(evaluate(ctx, scope, left))
            if isinstance(when, Static) and not when.value:
                return FALSE
            return operators.logical("and", when, chance(ctx, scope, right))
        case t.Binary(op="and", left=left, right=right):
            return one_of(chance(ctx, scope, left), chance(ctx, scope, right))
        case t.Quantified(kind="all", name=name, over=range_, body=body):
            members = over(ctx, scope, range_)
            chosen: Term = FALSE
            for value, belongs in members.members():
                inner = scope.inner()
                inner.bind(name, Static(value))
                here = operators.logical("and", belongs, chance(ctx, inner, body))
                chosen = one_of(chosen, here)
            return chosen
    return TRUE


def one_of(left: Term, right: Term) -> Term:
    """Either chance; one that is always there needs no other."""
    return TRUE if right is TRUE else operators.logical("or", left, right)


def outcomes(ctx: Context, expect: t.Expect) -> None:
    """Every final state is one of those listed, and each of those is one."""
    allowed: Term = FALSE
    for e in expect.outcomes:
        condition = operators.holds(evaluate(ctx, Scope(), e))
        allowed = operators.logical("or", allowed, condition)
        at_rest: Term = Dynamic(core.Quiet(), BOOL)
        reached = operators.logical("and", at_rest, condition)
        info = core.CheckInfo(
            name=f"outcome {e.span.text}",
            kind="reachable",
            span=e.span,
            condition=terms.as_expr(reached),
            covered=core.Const(True),
        )
        ctx.check(("outcome", e.span.start), info)
    info = core.CheckInfo(
        name="outcomes",
        kind="finally",
        span=expect.span,
        condition=terms.as_expr(allowed),
        covered=core.Const(True),
    )
    ctx.check(("outcomes", expect.span.start), info)


def final_values(ctx: Context, item: t.Outcomes) -> None:
    """Some state is final, and what the places hold there is to be known."""
    cells: list[core.Cell] = []
    for place in item.places:
        cells += cells_of(ctx, Scope(), place)
    info = core.CheckInfo(
        name=item.span.text,
        kind="finally",
        span=item.span,
        condition=core.Const(True),
        covered=core.Const(True),
        listed=tuple(cells),
    )
    ctx.check(("outcomes of", item.span.start), info)


def lock_rules(ctx: Context, threads: int) -> None:
    """No thread ends with a lock held."""
    elements = ctx.world.sorts.get("thread", [])
    held: Term = FALSE
    for key, family in ctx.families.items():
        if family.lock is None:
            continue
        for index in product(*family.indices):
            at = tuple(core.Const(v) for v in index)
            for n in range(threads):
                thread = elements[n]
                owns = core.Apply("==", (core.Cell(key, at), core.Const(thread)))
                held = either(held, n, owns)
                if family.lock == "rwsem":
                    held = either(held, n, core.Cell(f"{key}.readers", (*at, core.Const(thread))))
    if held is FALSE:
        return
    info = core.CheckInfo(
        name="lock_rules",
        kind="always",
        span=None,
        condition=terms.as_expr(operators.negation(held)),
        covered=core.Const(True),
        text="a thread ends with a lock held",
    )
    ctx.check("locks held at the end", info)


def either(held: Term, thread: int, owns: core.Expr) -> Term:
    ended: Term = Dynamic(core.Ended(thread), BOOL)
    return operators.logical("or", held, operators.logical("and", ended, Dynamic(owns, BOOL)))


__all__ = ["Elem", "judge", "lock_rules"]
