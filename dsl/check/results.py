"""Several results of a call: `return old, true` and `let old, done = f(x)`.

They are kept as the members of a struct that no text can name, and are put there in one step.
"""

from __future__ import annotations

from mmscn.check.calls import Out, Statements, call, settle, settled
from mmscn.check.context import Context
from mmscn.check.convert import type_of, widen
from mmscn.check.operations import put
from mmscn.check.scope import Frame, Scope
from mmscn.check.targets import Pairs, stored
from mmscn.check.terms import TRUE, Record, Term, is_value, results_of
from mmscn.check.types import RESULTS
from mmscn.diagnostics import one
from mmscn.plain_text import counted
from mmscn.source import Span
from mmscn.syntax import tree as t


def return_several(
    ctx: Context,
    scope: Scope,
    frame: Frame,
    values: list[tuple[Term, Span]],
    s: t.Return,
    out: Out,
) -> bool:
    """Put what is returned where the call finds it; whether the call ends here anyway."""
    last = frame.returns == 1
    before: list[Term] = []
    if frame.returned is not None:
        number_is(frame.returned, len(values), s.span)
        before = results_of(frame.returned)
    places: list[Term] = []
    pairs: Pairs = []
    for n, (term, span) in enumerate(values):
        if last and (not is_value(term) or settled(ctx, term)):
            places.append(settle(ctx, scope, f"{frame.name}()", term, s, out))
            continue
        if before:
            place = widen(ctx, before[n], term, span)
        else:
            place = ctx.local(f"{frame.name}()", scope.thread, type_of(ctx, term, span))
        places.append(place)
        pairs += stored(ctx, [(TRUE, place)], term, span)
    frame.returned = Record(RESULTS, {str(n): place for n, place in enumerate(places)})
    if pairs:
        put(ctx, scope, pairs, s, out)
    return last


def let_several(
    ctx: Context, scope: Scope, s: t.LetSeveral, out: Out, statements: Statements
) -> None:
    """Bind what a call gives back. Raises Rejected, MM411, where that is not as much."""
    if not isinstance(s.value, t.CallValue):
        hint = "several names are for a call of what returns several values"
        raise one("MM411", "this is one value", s.value.span, hint)
    returned = call(ctx, scope, s.value.name, s.value.args, s, out, statements)
    if returned is None:
        raise one("MM211", "this procedure returns nothing", s.value.span, "it has no `return`")
    number_is(returned, len(s.names), s.value.span)
    for name, term in zip(s.names, results_of(returned), strict=True):
        scope.bind(name, term)


def number_is(returned: Term, wanted: int, span: Span) -> None:
    """Raises Rejected, MM411, unless there are that many results."""
    found = len(results_of(returned)) or 1
    if found != wanted:
        values = [counted(n, "value") for n in (found, wanted)]
        hint = f"write `let {', '.join('abcdefgh'[:found])} = f(...)`" if found > 1 else None
        raise one("MM411", f"{values[1]} here, and the procedure returns {values[0]}", span, hint)
