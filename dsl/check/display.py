"""What a step is called in a trace: its text, with what is known put in.

`p.dirty = true` in a call with p0 is shown as `p0.dirty = true`. What params and constants
decide of a condition is left out: of `n == 0 or kind == ipi` there remains `n == 0`.
"""

from __future__ import annotations

import re
from functools import partial

from mmscn.check import core
from mmscn.check.context import Context
from mmscn.check.expressions import evaluate
from mmscn.check.scope import Scope
from mmscn.check.terms import Array, Dynamic, Lock, Many, Mismatch, Record, Static, Term
from mmscn.check.values import Elem, Value, show, single_element
from mmscn.check.words import Hole, Kind, Words
from mmscn.diagnostics import Rejected
from mmscn.syntax import tree as t
from mmscn.syntax.unparse import expression, statement

OPERATIONS = (t.Xchg, t.Cmpxchg, t.Load, t.Trylock)

EDGE = "\x00"
"""Stands in a text that is being made on both sides of the number of a hole."""


def origin(ctx: Context, scope: Scope, s: t.Stmt) -> int:
    """Record where a step comes from, what it is, and what it is called."""
    return ctx.origin(
        core.Origin(
            span=s.span,
            text=partial(displayed_words, ctx, scope, s),
            path=scope.path,
            kind=kind_of(s),
            name=name_of(s),
            hardware=scope.hardware,
            order=order_of(s),
        )
    )


def order_of(s: t.Stmt) -> str:
    """What a statement says of the order in which others see it."""
    match s:
        case t.Store(order=str() as order) | t.Fence(kind=order):
            return order
        case t.Let(value=value) | t.LocalVar(value=value) | t.Assign(value=value):
            match value:
                case t.Load(order=str() as order):
                    return order
                case t.Xchg() | t.Cmpxchg():
                    return "full"
    return "plain"


def kind_of(s: t.Stmt) -> Kind:
    match s:
        case t.Let(value=value) | t.LocalVar(value=value) | t.Assign(value=value):
            match value:
                case t.Xchg() | t.Cmpxchg():
                    return "exchange"
                case t.Trylock():
                    return "trylock"
                case t.Load():
                    return "load"
            return "assign" if isinstance(s, t.Assign) else "let"
        case t.Update():
            return "assign"
        case t.CallStmt():
            return "call"
        case t.LetSeveral():
            return "let"
        case t.ChooseOne():
            return "choose"
    return type(s).__name__.lower()


def name_of(s: t.Stmt) -> str | None:
    """The name that a statement puts a value under."""
    match s:
        case t.Let(name=name) | t.LocalVar(name=name) | t.Assign(target=t.Name(text=name)):
            return name
    return None


def displayed_words(ctx: Context, scope: Scope, s: t.Stmt) -> Words:
    target = s.target if isinstance(s, t.Assign | t.Update) else None
    text = Text(ctx, scope, target)
    match s:
        case t.Let(name=name, value=value) if isinstance(value, OPERATIONS):
            return text.words(expression(value, text.replace), f"let {name} = ")
        case t.LocalVar(name=name, value=value) if isinstance(value, OPERATIONS):
            return text.words(expression(value, text.replace), f"var {name} = ")
    return text.words(statement(s, text.replace))


class Text:
    """Makes one text. target: what is assigned to keeps its name, for its value changes."""

    def __init__(self, ctx: Context, scope: Scope, target: t.Expr | None = None) -> None:
        self.ctx = ctx
        self.scope = scope
        self.target = target
        self.holes: list[Hole] = []

    def words(self, text: str, before: str = "") -> Words:
        parts: list[str | Hole] = []
        for n, part in enumerate(text.split(EDGE)):
            if n % 2:
                parts.append(self.holes[int(part)])
            elif part:
                parts.append(part)
        return Words(before=before, parts=tuple(parts))

    def replace(self, e: t.Expr) -> str | t.Expr | None:
        """What to show for a part of a statement: its value where it is the same in every run."""
        if (cell := self.cells(e)) is not None:
            return cell
        if e is self.target or isinstance(e, t.Literal | t.Fresh | t.Element | t.CallValue):
            return None
        if isinstance(e, OPERATIONS):
            return None
        rest = self.undecided(e)
        if rest is not e:
            return rest
        term = self.term(e)
        if isinstance(term, Static) and isinstance(term.value, bool):
            return expression(e)
        return None if term is None else self.value(term, e)

    def cells(self, e: t.Expr) -> str | None:
        """What to show for a parameter that is a cell, and for nothing else."""
        if isinstance(e, t.Name) and e.text in self.scope.cells:
            return self.cell(self.scope.names[e.text])
        return None

    def value(self, term: Term, e: t.Expr, *, argument: bool = False) -> str | None:
        if isinstance(term, Dynamic) and isinstance(term.expr, core.Local):
            only = single_element(term.type.domain)
            number, name = term.expr.number, expression(e)
            self.holes.append(Hole(local=number, name=name, only=only, argument=argument))
            return f"{EDGE}{len(self.holes) - 1}{EDGE}"
        if isinstance(term, Many) and self.is_own(e):
            return list_text(term.items)
        return value_text(term)

    def is_own(self, e: t.Expr) -> bool:
        """Whether a list has no name that says more than its members: a part of another, or what
        a parameter or local stands for.
        """
        if isinstance(e, t.Index):
            return any(isinstance(index, t.Range) for index in e.indices)
        return isinstance(e, t.Name) and e.text in self.scope.names

    def cell(self, term: Term) -> str | None:
        """What a parameter that is a cell stands for: `p0.dirty`, `a[1]`."""
        kept = self.kept(term)
        if kept is None:
            return None
        name, shown, owned = kept
        owner = f"{shown[0]}." if owned and shown else ""
        indices = shown[1:] if owner else shown
        return f"{owner}{name}" + (f"[{', '.join(indices)}]" if indices else "")

    def kept(self, term: Term) -> tuple[str, list[str], bool] | None:
        """Under which name, with which indices, and whether the first of them is the owner."""
        match term:
            case Dynamic(core.Cell(key, index)) | Array(key, index) | Lock(key, index):
                family = self.ctx.families[key]
                return family.name, list(map(self.index, index)), family.sort is not None
            case Dynamic(core.Local(number)):
                return self.ctx.locals[number].name, [], False
            case Record(members=members):
                first = next(iter(members))
                found = self.kept(members[first])
                return found and (found[0].removesuffix(f".{first}"), *found[1:])
        return None

    def index(self, e: core.Expr) -> str:
        if isinstance(e, core.Const):
            return show(e.value)
        assert isinstance(e, core.Local)
        local = self.ctx.locals[e.number]
        only = single_element(local.domain)
        self.holes.append(Hole(local=e.number, name=local.name, only=only, argument=True))
        return f"{EDGE}{len(self.holes) - 1}{EDGE}"

    def undecided(self, e: t.Expr) -> t.Expr:
        """Of `a and b` where one of them is known and does not decide, the other."""
        if isinstance(e, t.Binary) and e.op in ("and", "or", "implies"):
            left, right = self.truth(e.left), self.truth(e.right)
            if left is (e.op != "or") and right is None:
                return self.undecided(e.right)
            if right is (e.op == "and") and left is None and e.op != "implies":
                return self.undecided(e.left)
        return e

    def decided(self, e: t.Expr) -> str | None:
        """What `a and b` is in every run where `b` decides that alone, whatever `a` is."""
        if isinstance(e, t.Binary) and e.op in ("and", "or"):
            right = self.truth(e.right)
            return show(right) if right is (e.op == "or") else None
        return None

    def truth(self, e: t.Expr) -> bool | None:
        """What a condition is in every run; None where that is not known."""
        term = self.term(e)
        known = isinstance(term, Static) and isinstance(term.value, bool)
        return bool(term.value) if known and isinstance(term, Static) else None

    def term(self, e: t.Expr) -> Term | None:
        try:
            return evaluate(self.ctx, self.scope, e)
        except (Rejected, Mismatch):
            return None


def value_text(term: Term) -> str | None:
    return show(term.value) if isinstance(term, Static) else None


def list_text(items: tuple[Value, ...]) -> str | None:
    """Members of one list that follow each other as `buf[0..2]`, others as `A, B` in braces."""
    if not items:
        return "nothing"
    if not all(isinstance(v, Elem) for v in items):
        return None
    names = [show(v) for v in items]
    if len(names) == 1:
        return names[0]
    parts = [re.fullmatch(r"(.*)\[(\d+)\]", name) for name in names]
    known = [(part[1], int(part[2])) for part in parts if part is not None]
    whole, first = known[0] if known else ("", 0)
    if known == [(whole, first + n) for n in range(len(names))]:
        return f"{whole}[{first}..{first + len(names) - 1}]"
    return f"{{{', '.join(names)}}}"


def call_text(
    ctx: Context, scope: Scope, name: str, args: tuple[Term, ...], written: tuple[t.Expr, ...]
) -> Words:
    """`set_page_dirty(p0)`: a call with the arguments that are known."""
    text = Text(ctx, scope)
    parts = []
    for i, term in enumerate(args):
        if i < len(written):
            rest = text.undecided(written[i])
            if rest is not written[i]:
                term = text.term(rest) or term
            shown = text.decided(rest) or text.value(term, rest, argument=True)
            literal = isinstance(written[i], t.StructValue | t.Changed)
            inside = text.replace if literal else text.cells
            parts.append(shown or expression(rest, inside))
        else:
            parts.append(value_text(term) or "...")
    return text.words(f"{name}({', '.join(parts)})")
