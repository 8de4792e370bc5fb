"""The tree of expressions, what they are made of, and types."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from mmscn.source import Span
from mmscn.syntax import kinds


@frozen(eq=False, repr=False)
class Node:
    span: Span


@frozen(eq=False, repr=False)
class ExprNode(Node):
    pass


@frozen(eq=False, repr=False)
class Name(ExprNode):
    """`buf`, `zap`, `rc2`, `frame`: resolved where it is used."""

    text: str


@frozen(eq=False, repr=False)
class Literal(ExprNode):
    """A number, `true`, `false` or `none`."""

    value: int | bool | None


@frozen(eq=False, repr=False)
class Fresh(ExprNode):
    """A version that nothing holds yet."""


@frozen(eq=False, repr=False)
class Element(ExprNode):
    """`cpu 0`, `frame 1`."""

    sort: str
    number: int


@frozen(eq=False, repr=False)
class Attribute(ExprNode):
    """`p.dirty`."""

    base: Expr
    name: str


@frozen(eq=False, repr=False)
class Index(ExprNode):
    """`buf[0]`, `this_cpu.tlb[v]`."""

    base: Expr
    indices: tuple[Expr, ...]


@frozen(eq=False, repr=False)
class Applied(ExprNode):
    """`pte(va)`: the same as `va.pte`."""

    name: str
    args: tuple[Expr, ...]


@frozen(eq=False, repr=False)
class StructValue(ExprNode):
    """`leaf(page = p, write = true)`: all other members as in `none`."""

    name: str
    members: tuple[str, ...]
    values: tuple[Expr, ...]


@frozen(eq=False, repr=False)
class Changed(ExprNode):
    """`old with dirty = true`: all other members as in `old`."""

    base: Expr
    members: tuple[str, ...]
    values: tuple[Expr, ...]


@frozen(eq=False, repr=False)
class Unary(ExprNode):
    op: kinds.UnaryOp
    operand: Expr


@frozen(eq=False, repr=False)
class Binary(ExprNode):
    op: kinds.BinaryOp
    left: Expr
    right: Expr


@frozen(eq=False, repr=False)
class MemberOf(ExprNode):
    """`zap in [rc2, linus_final]`."""

    item: Expr
    choices: tuple[Expr, ...]
    negated: bool


@frozen(eq=False, repr=False)
class Conditional(ExprNode):
    """`if a then b else c`."""

    condition: Expr
    then: Expr
    otherwise: Expr


@frozen(eq=False, repr=False)
class Range(ExprNode):
    """`0..3`: both ends belong to it."""

    low: Expr
    high: Expr


@frozen(eq=False, repr=False)
class Quantified(ExprNode):
    """`all p in frame: ...`; kind: `all`, `any` or `count`."""

    kind: kinds.QuantifiedKind
    name: str
    over: Expr
    body: Expr


# ---- right-hand sides that are operations -----------------------------------


@frozen(eq=False, repr=False)
class Several(ExprNode):
    """`old, true` behind `return`."""

    values: tuple[Expr, ...]


@frozen(eq=False, repr=False)
class Load(ExprNode):
    """Of a page, through the TLB; or of a cell. order: `acquire`, `release` (which no load is)."""

    order: str | None
    address: Expr


@frozen(eq=False, repr=False)
class Xchg(ExprNode):
    cell: Expr
    value: Expr


@frozen(eq=False, repr=False)
class Cmpxchg(ExprNode):
    cell: Expr
    expected: Expr
    value: Expr


@frozen(eq=False, repr=False)
class Trylock(ExprNode):
    lock: Expr
    mode: str | None


@frozen(eq=False, repr=False)
class CallValue(ExprNode):
    name: str
    args: tuple[Expr, ...]


# ---- types ------------------------------------------------------------------


@frozen(eq=False, repr=False)
class TypeExpr(Node):
    """kind: `named`, `range`, `set`, `queue`, `version` or `bool`.

    name: of a named type, or of a set's members. low, high: of a range; high: how many a queue has
    room for. of: what is in a queue.
    """

    kind: kinds.TypeKind
    name: str | None = None
    low: Expr | None = None
    high: Expr | None = None
    of: TypeExpr | None = None


Expr: TypeAlias = (
    Name | Literal | Fresh | Element | Attribute | Index | Applied | StructValue | Changed | Unary |
    Binary | MemberOf | Conditional | Range | Quantified | Several | Load | Xchg | Cmpxchg |
    Trylock | CallValue
)  # fmt: skip
