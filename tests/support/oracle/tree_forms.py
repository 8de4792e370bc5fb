"""`choose x in list`, and what a call gives back, as the tree walker has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve
from support.oracle.tree_instr import Called, Instr, Label
from support.oracle.tree_made import at, const
from support.oracle.tree_terms import Unwalkable, View, meaning, members
from support.oracle.tree_types import Meaning, Place, Results, Term, Value, unset_of

from mmscn.syntax import tree as t

if TYPE_CHECKING:
    from support.oracle.tree_code import Scope, Writer


def form(w: Writer, see: Scope, s: t.LetSeveral | t.ChooseOne) -> None:
    if isinstance(s, t.ChooseOne):
        choose_one(w, see, s.name, members(see.view, s.over), s.body)
        return
    found = w.value(see, "result", called_value(s.value))
    assert isinstance(found, Results)
    see.view.names |= dict(zip(s.names, found.items, strict=True))


def choose_one(
    w: Writer, see: Scope, name: str, every: list[tuple[Value, Term]], body: t.Block | None
) -> None:
    """A branch for each member; one that may not belong to the list waits until it does."""
    chosen, end = Instr("choose", step=True), Label()
    terms = [const(item) for item, _ in every]
    domain = tuple(item for item, _ in every)
    which = Term(domain=domain, sort=next((term.sort for term in terms if term.sort), None))
    place = w.local(name, of=which) if body is None else None
    w.code.append(chosen)
    for term, (_, belongs) in zip(terms, every, strict=True):
        begins = Label()
        w.here(begins)
        chosen.branches.append(begins)
        if not belongs.known:
            w.wait(belongs)
        if place is not None:
            w.assign([(place, term)])
        elif body is not None:
            inner = see.inner()
            inner.view.names[name] = term
            w.statements(inner, body)
        w.jump(end)
    w.here(end)
    if place is not None:
        see.view.names[name] = at(place, settled=True, of=which)


def called_value(e: t.Expr) -> t.CallValue:
    """A call, with the word or without."""
    match e:
        case t.CallValue():
            return e
        case t.Applied(name=name, args=args):
            return t.CallValue(e.span, name, args)
    raise Unwalkable("several names for what is no call")


def return_value(w: Writer, view: View, called: Called, e: t.Expr) -> None:
    """Put where the call finds it what is returned."""
    found = [meaning(view, value) for value in (e.values if isinstance(e, t.Several) else (e,))]
    before = called.result.items if isinstance(called.result, Results) else (called.result,)
    results: list[Meaning] = []
    pairs: list[tuple[Place, Term]] = []
    last = called.returns == 1
    for n, value in enumerate(found):
        if last and (not isinstance(value, Term) or value.settled):
            results.append(value)
            continue
        if not isinstance(value, Term):
            raise Unwalkable("a list or lock that is returned")
        old = before[n] if called.result is not None else None
        result = returned(w, old, value)
        results.append(result)
        assert result.place is not None
        pairs.append((result.place, value))
    if pairs:
        w.assign(pairs)
    several = isinstance(e, t.Several)
    called.result = Results(tuple(results)) if several else results[0]


def returned(w: Writer, old: Meaning | None, term: Term) -> Term:
    """Where a result is kept, wide enough for one more value."""
    result = old if old is not None else at(w.local("result", of=term), settled=True, of=term)
    assert isinstance(result, Term)
    assert result.place is not None
    domain = tuple(dict.fromkeys((*result.domain, *term.domain)))
    if result.whole is None:
        w.slots[result.place.slot].first = unset_of(domain)
    return evolve(result, sort=result.sort or term.sort, domain=domain)
