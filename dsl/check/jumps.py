"""Statements that go on somewhere else: to a label, round a loop, out of a call or a thread."""

from __future__ import annotations

from typing import assert_never

from mmscn.check import core
from mmscn.check.calls import Out, settle, settled
from mmscn.check.context import Context
from mmscn.check.convert import type_of, widen
from mmscn.check.expressions import evaluate
from mmscn.check.operations import assign
from mmscn.check.results import number_is, return_several
from mmscn.check.scope import Scope
from mmscn.check.terms import TRUE, is_value
from mmscn.diagnostics import one
from mmscn.syntax import tree as t

Jump = t.Goto | t.LabelMark | t.Break | t.Continue | t.Return | t.Exit


def jump(ctx: Context, scope: Scope, s: Jump, out: Out) -> None:
    match s:
        case t.Goto(label=label):
            if scope.frame is None or label not in scope.frame.labels:
                raise one(
                    "MM210",
                    f"no label `{label}` stands around this `goto`",
                    s.span,
                    "a label stands in the same block or in one around it",
                )
            out.append(core.Goto(label=scope.frame.labels[label]))
        case t.LabelMark(name=name):
            assert scope.frame is not None or name
            if scope.frame is None:
                raise one("MM210", "a label stands in a procedure or thread", s.span)
            out.append(core.Label(number=scope.frame.labels[name]))
        case t.Break() | t.Continue():
            if scope.loop is None:
                raise one("MM210", "no loop stands around this", s.span)
            out.append(core.Goto(label=scope.loop[isinstance(s, t.Continue)]))
        case t.Return():
            return_(ctx, scope, s, out)
        case t.Exit():
            if scope.exit is None:
                raise one("MM210", "only a thread can `exit`", s.span)
            out.append(core.Goto(label=scope.exit))
        case _:
            assert_never(s)


def return_(ctx: Context, scope: Scope, s: t.Return, out: Out) -> None:
    frame = scope.frame
    if frame is None:
        raise one("MM210", "`return` stands in a procedure or thread", s.span)
    if isinstance(s.value, t.Several):
        values = [(evaluate(ctx, scope, e), e.span) for e in s.value.values]
        if return_several(ctx, scope, frame, values, s, out):
            return
    elif s.value is not None:
        if frame.returned is not None:
            number_is(frame.returned, 1, s.span)
        term = evaluate(ctx, scope, s.value)
        if frame.returns == 1 and (not is_value(term) or settled(ctx, term)):
            frame.returned = settle(ctx, scope, f"{frame.name}()", term, s, out)
            return
        if frame.returned is None:
            type_ = type_of(ctx, term, s.span)
            frame.returned = ctx.local(f"{frame.name}()", scope.thread, type_)
        else:
            frame.returned = widen(ctx, frame.returned, term, s.span)
        assign(ctx, scope, [(TRUE, frame.returned)], term, s, out)
    out.append(core.Goto(label=frame.end))
