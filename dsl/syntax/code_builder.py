"""From lark's callbacks to statements and expressions: one method for each rule of the grammar."""

from __future__ import annotations

import re
from typing import Any, Protocol

from mmscn.budget import poll
from mmscn.diagnostics import Diagnostic
from mmscn.source import Source, Span
from mmscn.syntax import tree as t
from mmscn.syntax.kinds import BinaryOp

DIGITS_MAX = 9

ESCAPES = {"n": "\n", "t": "\t"}


PASSED_ON = frozenset({"comparison", "implication", "iter"})
"""Rules that make of their first child what it is where the others are left out."""


def unquote(token: str) -> str:
    """The text of a string token; a backslash takes the next character as it is, but n and t."""
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), token[1:-1], flags=re.DOTALL)


def word(token: Any) -> Any:
    """A token as a plain string; the grammar says which words stand there."""
    return str(token)


def given(child: Any) -> t.Expr:
    """A child that is an expression already."""
    assert isinstance(child, t.Expr)
    return child


class Meta(Protocol):
    """Where a node stands; nowhere, if it is empty."""

    @property
    def empty(self) -> bool: ...
    @property
    def start_pos(self) -> int: ...
    @property
    def end_pos(self) -> int: ...


class CodeBuilder:
    """Children arrive as nodes, tokens (strings) or None for what is left out.

    found: what is wrong with words that the grammar lets stand.
    """

    def __init__(self, source: Source) -> None:
        self.text = source
        self.found: list[Diagnostic] = []

    def span(self, meta: Meta) -> Span:
        poll()
        if meta.empty:
            return Span(self.text, 0, 0)
        return Span(self.text, meta.start_pos, meta.end_pos)

    def whole(self, meta: Meta, digits: str) -> int:
        """A number, whose zeros in front mean nothing; 0 where it is too large."""
        significant = digits.lstrip("0")
        if len(significant) > DIGITS_MAX:
            message = f"the number is too large, it has {len(significant)} digits"
            hint = f"numbers have at most {DIGITS_MAX}"
            found = Diagnostic(code="MM107", message=message, span=self.span(meta), hint=hint)
            self.found.append(found)
            return 0
        return int(significant or "0")

    # ---- statements ---------------------------------------------------------

    def block(self, meta: Meta, c: list[Any]) -> t.Block:
        return t.Block(span=self.span(meta), statements=tuple(c))

    def let(self, meta: Meta, c: list[Any]) -> t.Let:
        return t.Let(span=self.span(meta), name=str(c[0]), value=c[1])

    def let_several(self, meta: Meta, c: list[Any]) -> t.LetSeveral:
        return t.LetSeveral(span=self.span(meta), names=tuple(map(str, c[:-1])), value=c[-1])

    def local_var(self, meta: Meta, c: list[Any]) -> t.LocalVar:
        return t.LocalVar(span=self.span(meta), name=str(c[0]), type=c[1], value=c[2])

    def assign(self, meta: Meta, c: list[Any]) -> t.Assign:
        return t.Assign(span=self.span(meta), target=c[0], value=c[1])

    def update(self, meta: Meta, c: list[Any]) -> t.Update:
        return t.Update(
            span=self.span(meta), target=c[0], op="+" if c[1] == "+=" else "-", value=c[2]
        )

    def call(self, meta: Meta, c: list[Any]) -> t.CallValue:
        return t.CallValue(span=self.span(meta), name=str(c[0]), args=c[1] or ())

    def call_stmt(self, meta: Meta, c: list[Any]) -> t.CallStmt:
        return t.CallStmt(span=self.span(meta), call=c[0])

    def args(self, meta: Meta, c: list[Any]) -> tuple[t.Expr, ...]:
        return tuple(c)

    def if_(self, meta: Meta, c: list[Any]) -> t.If:
        other = c[2]
        if isinstance(other, t.If):
            other = t.Block(span=other.span, statements=(other,))
        return t.If(span=self.span(meta), condition=c[0], then=c[1], otherwise=other)

    def for_(self, meta: Meta, c: list[Any]) -> t.For:
        return t.For(span=self.span(meta), name=str(c[0]), over=c[1], body=c[2])

    def repeat(self, meta: Meta, c: list[Any]) -> t.Repeat:
        return t.Repeat(span=self.span(meta), times=c[0], name=c[1] and str(c[1]), body=c[2])

    def while_(self, meta: Meta, c: list[Any]) -> t.While:
        return t.While(span=self.span(meta), condition=c[0], body=c[1])

    def choose(self, meta: Meta, c: list[Any]) -> t.Choose:
        return t.Choose(span=self.span(meta), branches=tuple(c))

    def choose_one(self, meta: Meta, c: list[Any]) -> t.ChooseOne:
        return t.ChooseOne(span=self.span(meta), name=str(c[0]), over=c[1], body=c[2])

    def await_(self, meta: Meta, c: list[Any]) -> t.Await:
        return t.Await(span=self.span(meta), condition=c[0])

    def atomic(self, meta: Meta, c: list[Any]) -> t.Atomic:
        return t.Atomic(span=self.span(meta), body=c[0])

    def goto(self, meta: Meta, c: list[Any]) -> t.Goto:
        return t.Goto(span=self.span(meta), label=str(c[0]))

    def label(self, meta: Meta, c: list[Any]) -> t.LabelMark:
        return t.LabelMark(span=self.span(meta), name=str(c[0]))

    def return_(self, meta: Meta, c: list[Any]) -> t.Return:
        return t.Return(span=self.span(meta), value=c[0])

    def return_several(self, meta: Meta, c: list[Any]) -> t.Return:
        span = Span(self.text, c[0].span.start, c[-1].span.end)
        return t.Return(span=self.span(meta), value=t.Several(span=span, values=tuple(c)))

    def break_(self, meta: Meta, c: list[Any]) -> t.Break:
        return t.Break(span=self.span(meta))

    def continue_(self, meta: Meta, c: list[Any]) -> t.Continue:
        return t.Continue(span=self.span(meta))

    def exit(self, meta: Meta, c: list[Any]) -> t.Exit:
        return t.Exit(span=self.span(meta))

    def assert_(self, meta: Meta, c: list[Any]) -> t.Assert:
        return t.Assert(span=self.span(meta), condition=c[0], text=c[1] and unquote(c[1]))

    def bug(self, meta: Meta, c: list[Any]) -> t.Bug:
        return t.Bug(span=self.span(meta), text=c[0] and unquote(c[0]))

    def mark(self, meta: Meta, c: list[Any]) -> t.Mark:
        return t.Mark(span=self.span(meta), name=str(c[0]))

    def store(self, meta: Meta, c: list[Any]) -> t.Store:
        order = None if c[0] is None else str(c[0])
        return t.Store(span=self.span(meta), order=order, address=c[1], value=c[2])

    def fence(self, meta: Meta, c: list[Any]) -> t.Fence:
        return t.Fence(span=self.span(meta), kind=str(c[0]))

    def on_all(self, meta: Meta, c: list[Any]) -> str:
        return "all"

    def on_others(self, meta: Meta, c: list[Any]) -> str:
        return "others"

    def on_cpu(self, meta: Meta, c: list[Any]) -> t.Expr:
        return given(c[-1])

    def on_those(self, meta: Meta, c: list[Any]) -> t.Expr | tuple[t.Expr]:
        if isinstance(c[0], t.Element) and c[0].sort == "cpu":
            return t.Literal(span=c[0].span, value=c[0].number)
        return (given(c[0]),)

    def flush(self, meta: Meta, c: list[Any]) -> t.Flush:
        if isinstance(c[1], tuple):
            return t.Flush(span=self.span(meta), what=c[0], scope=None, those=c[1][0])
        return t.Flush(span=self.span(meta), what=c[0], scope=c[1])

    def lock(self, meta: Meta, c: list[Any]) -> t.Lock:
        mode = c[1] and c[1].split()[-1]
        return t.Lock(span=self.span(meta), lock=c[0], mode=mode, body=c[2])

    def unlock(self, meta: Meta, c: list[Any]) -> t.Unlock:
        return t.Unlock(span=self.span(meta), lock=c[0])

    def rhs(self, meta: Meta, c: list[Any]) -> t.Expr:
        return given(c[0])

    def load(self, meta: Meta, c: list[Any]) -> t.Load:
        order = None if c[1] is None else str(c[1])
        return t.Load(span=self.span(meta), order=order, address=c[2])

    def xchg(self, meta: Meta, c: list[Any]) -> t.Xchg:
        return t.Xchg(span=self.span(meta), cell=c[0], value=c[1])

    def cmpxchg(self, meta: Meta, c: list[Any]) -> t.Cmpxchg:
        return t.Cmpxchg(span=self.span(meta), cell=c[0], expected=c[1], value=c[2])

    def trylock(self, meta: Meta, c: list[Any]) -> t.Trylock:
        return t.Trylock(span=self.span(meta), lock=c[1], mode=c[2] and c[2].split()[-1])

    def called(self, meta: Meta, c: list[Any]) -> t.CallValue:
        return t.CallValue(span=self.span(meta), name=str(c[1]), args=c[2] or ())

    # ---- expressions --------------------------------------------------------

    def name(self, meta: Meta, c: list[Any]) -> t.Name:
        return t.Name(span=self.span(meta), text=str(c[0]))

    def number(self, meta: Meta, c: list[Any]) -> t.Literal:
        return t.Literal(span=self.span(meta), value=self.whole(meta, c[0]))

    def signed(self, meta: Meta, c: list[Any]) -> t.Expr:
        value = self.whole(meta, c[1])
        return t.Literal(span=self.span(meta), value=-value if c[0] == "-" else value)

    def true(self, meta: Meta, c: list[Any]) -> t.Literal:
        return t.Literal(span=self.span(meta), value=True)

    def false(self, meta: Meta, c: list[Any]) -> t.Literal:
        return t.Literal(span=self.span(meta), value=False)

    def none(self, meta: Meta, c: list[Any]) -> t.Literal:
        return t.Literal(span=self.span(meta), value=None)

    def fresh(self, meta: Meta, c: list[Any]) -> t.Fresh:
        return t.Fresh(span=self.span(meta))

    def cpu(self, meta: Meta, c: list[Any]) -> t.Expr:
        return self.element(meta, "cpu", c[1])

    def frame(self, meta: Meta, c: list[Any]) -> t.Expr:
        return self.element(meta, "frame", c[1])

    def element(self, meta: Meta, sort: str, number: str | None) -> t.Expr:
        if number is None:
            return t.Name(span=self.span(meta), text=sort)
        return t.Element(span=self.span(meta), sort=sort, number=self.whole(meta, number))

    def attribute_of(self, meta: Meta, c: list[Any]) -> t.Attribute:
        return t.Attribute(span=self.span(meta), base=c[0], name=str(c[1]))

    def indexed(self, meta: Meta, c: list[Any]) -> t.Index:
        return t.Index(span=self.span(meta), base=c[0], indices=c[1])

    def sliced(self, meta: Meta, c: list[Any]) -> t.Index:
        part = t.Range(span=self.span(meta), low=c[1], high=c[2])
        return t.Index(span=self.span(meta), base=c[0], indices=(part,))

    def applied(self, meta: Meta, c: list[Any]) -> t.Applied:
        return t.Applied(span=self.span(meta), name=str(c[0]), args=c[1] or ())

    def fields(self, c: list[Any]) -> tuple[tuple[str, ...], tuple[t.Expr, ...]]:
        """`a = 1, b = 2`: the names and the values."""
        parts = [x for x in c if x != ","]
        return tuple(map(str, parts[::2])), tuple(parts[1::2])

    def struct_value(self, meta: Meta, c: list[Any]) -> t.StructValue:
        members, values = self.fields(c[1:])
        return t.StructValue(span=self.span(meta), name=str(c[0]), members=members, values=values)

    def changed(self, meta: Meta, c: list[Any]) -> t.Changed:
        members, values = self.fields(c[1:])
        return t.Changed(span=self.span(meta), base=c[0], members=members, values=values)

    def iter(self, meta: Meta, c: list[Any]) -> t.Expr:
        if c[1] is None:
            return given(c[0])
        return t.Range(span=self.span(meta), low=c[0], high=c[1])

    def binary(self, meta: Meta, c: list[Any], op: BinaryOp) -> t.Expr:
        left = given(c[0])
        for right in c[1:]:
            span = Span(self.text, left.span.start, right.span.end)
            left = t.Binary(span=span, op=op, left=left, right=right)
        return left

    def implication(self, meta: Meta, c: list[Any]) -> t.Expr:
        return given(c[0]) if c[1] is None else self.binary(meta, c, "implies")

    def disjunction(self, meta: Meta, c: list[Any]) -> t.Expr:
        return self.binary(meta, c, "or")

    def conjunction(self, meta: Meta, c: list[Any]) -> t.Expr:
        return self.binary(meta, c, "and")

    def comparison(self, meta: Meta, c: list[Any]) -> t.Expr:
        if c[1] is None:
            return given(c[0])
        return t.Binary(span=self.span(meta), op=word(c[1]), left=c[0], right=c[2])

    def sum(self, meta: Meta, c: list[Any]) -> t.Expr:
        return t.Binary(span=self.span(meta), op=word(c[1]), left=c[0], right=c[2])

    def member_of(self, meta: Meta, c: list[Any]) -> t.Expr:
        return t.MemberOf(span=self.span(meta), item=c[0], choices=c[1], negated=False)

    def not_member_of(self, meta: Meta, c: list[Any]) -> t.Expr:
        return t.MemberOf(span=self.span(meta), item=c[0], choices=c[1], negated=True)

    def negated(self, meta: Meta, c: list[Any]) -> t.Expr:
        return t.Unary(span=self.span(meta), op="not", operand=c[0])

    def conditional(self, meta: Meta, c: list[Any]) -> t.Expr:
        return t.Conditional(span=self.span(meta), condition=c[0], then=c[1], otherwise=c[2])

    def quantified(self, meta: Meta, c: list[Any]) -> t.Expr:
        return t.Quantified(
            span=self.span(meta), kind=word(c[0]), name=str(c[1]), over=c[2], body=c[3]
        )
