"""Agents: what runs beside the threads, with a step for each combination of values."""

from __future__ import annotations

from functools import partial
from typing import TypeAlias

from attrs import evolve

from mmscn.check import core, operators, terms
from mmscn.check.context import AGENTS_MAX, Context, StateVar
from mmscn.check.declare import type_from
from mmscn.check.expressions import evaluate, items, static
from mmscn.check.kept import exact, once
from mmscn.check.scope import Frame, Scope
from mmscn.check.statements import statements
from mmscn.check.terms import Static, Term
from mmscn.check.types import ScalarType
from mmscn.check.values import Elem, Value
from mmscn.check.words import Words
from mmscn.diagnostics import one
from mmscn.source import Span
from mmscn.syntax import tree as t

Busy: TypeAlias = tuple[core.Expr, Span]
"""When hardware is busy, and where that is written."""


def all_agents(ctx: Context) -> tuple[tuple[core.Agent, ...], tuple[Busy, ...]]:
    found: list[core.Agent] = []
    busy: list[Busy] = []
    for agent in ctx.unit.agents:
        with ctx.collecting(agent.span):
            values: list[Value | None] = [None]
            if agent.replica is not None:
                values = list(items(ctx, Scope(), agent.replica.over))
            for value in values:
                scope = Scope()
                name = agent.name
                if agent.replica is not None:
                    scope.bind(agent.replica.name, Static(value))
                    name = f"{agent.name}[{value}]"
                if isinstance(value, Elem) and value.sort == "cpu":
                    scope.cpu = value
                declare_members(ctx, scope, name, agent)
                key = ("agent", id(agent), exact(value))
                steps_, when = once(ctx, key, (), partial(one_agent, ctx, scope, name, agent))
                found += steps_
                busy += when
    return tuple(found), tuple(busy)


def declare_members(ctx: Context, scope: Scope, name: str, agent: t.Agent) -> None:
    for member in agent.members:
        if isinstance(member, t.Var):
            family = f"{name}.{member.name}"
            type_ = type_from(ctx, scope, member.type)
            var = StateVar(family, (), type_, member.ghost, member.quiet, member.text, True)
            ctx.declare(f"agent {name}", member.name, var, member.span)
            if member.value is not None:
                first = static(ctx, scope, member.value)
                if isinstance(type_, ScalarType):
                    old = ctx.families[var.family]
                    ctx.families[var.family] = evolve(old, initial=(first,))
            scope.bind(member.name, ctx.place(var, ()), mutable=True)


def one_agent(
    ctx: Context, scope: Scope, name: str, agent: t.Agent
) -> tuple[list[core.Agent], list[Busy]]:
    found: list[core.Agent] = []
    busy: list[Busy] = []
    for member in agent.members:
        with ctx.collecting(member.span):
            if isinstance(member, t.Busy):
                condition = operators.want_bool(evaluate(ctx, scope, member.when))
                busy.append((terms.as_expr(condition), member.span))
            elif isinstance(member, t.Step):
                steps(ctx, scope, name, member, list(member.replicas), found)
    return found, busy


def steps(
    ctx: Context,
    scope: Scope,
    name: str,
    step: t.Step,
    left: list[t.Replica],
    found: list[core.Agent],
) -> None:
    """A step for each combination of its replicas' values."""
    if left:
        for value in items(ctx, scope, left[0].over):
            ctx.turn(step.span)
            inner = scope.inner()
            inner.bind(left[0].name, Static(value))
            steps(ctx, inner, name, step, left[1:], found)
        return
    guard: Term = Static(True)
    if step.when is not None:
        guard = operators.want_bool(evaluate(ctx, scope, step.when))
        if isinstance(guard, Static) and not guard.value:
            return
    text = partial(step_text, scope, step)
    site = core.Call(text, step.span, True)
    where = ctx.origin(core.Origin(span=step.span, text=text, path=(site,), kind="atomic"))
    inner = scope.inner(atomic=True, path=(site,), frame=Frame(step.name, ctx.label()))
    out: list[core.Stmt] = [core.Await(condition=terms.as_expr(guard), origin=where)]
    statements(ctx, inner, step.body, out)
    assert inner.frame is not None
    out.append(core.Label(number=inner.frame.end))
    if ctx.agents >= AGENTS_MAX:
        what = f"agents have more than {AGENTS_MAX} steps, one for each value of what they run over"
        raise one("MM502", what, step.span)
    ctx.agents += 1
    cpu = scope.cpu.number if scope.cpu is not None else None
    body = core.Block(statements=tuple(out))
    found.append(
        core.Agent(
            name=f"{name}.{step.name}",
            cpu=cpu,
            body=body,
            origin=where,
            prompt=step.prompt,
            may=step.may,
        )
    )


def step_text(scope: Scope, step: t.Step) -> Words:
    """`fill buf`: the step and what it is about."""
    about = [scope.names[r.name] for r in step.replicas]
    parts = [str(term.value) for term in about if isinstance(term, Static)]
    return Words(before="", parts=(" ".join([step.name, *parts]),))
