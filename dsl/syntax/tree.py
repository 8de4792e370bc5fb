"""The tree: what the text says, node by node, with spans.

Nodes compare by identity, so that facts about them can be kept in side
tables. Sequences are tuples. `Expr`, `Stmt` and `Item` are unions of all
nodes of a kind, so that a `match` that forgets one is a type error.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from mmscn.source import Span
from mmscn.syntax import kinds


@frozen(eq=False, repr=False)
class Node:
    span: Span


# ---- expressions ------------------------------------------------------------


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


# ---- statements -------------------------------------------------------------


@frozen(eq=False, repr=False)
class StmtNode(Node):
    pass


@frozen(eq=False, repr=False)
class Block(Node):
    statements: tuple[Stmt, ...]


@frozen(eq=False, repr=False)
class Let(StmtNode):
    """`let old = xchg pte(va), none`: a name that is not assigned again."""

    name: str
    value: Expr


@frozen(eq=False, repr=False)
class LocalVar(StmtNode):
    name: str
    type: TypeExpr | None
    value: Expr


@frozen(eq=False, repr=False)
class Assign(StmtNode):
    target: Expr
    value: Expr


@frozen(eq=False, repr=False)
class Update(StmtNode):
    """`p.refcount += 1`; op: `+` or `-`."""

    target: Expr
    op: kinds.UpdateOp
    value: Expr


@frozen(eq=False, repr=False)
class CallStmt(StmtNode):
    call: CallValue


@frozen(eq=False, repr=False)
class If(StmtNode):
    condition: Expr
    then: Block
    otherwise: Block | None


@frozen(eq=False, repr=False)
class For(StmtNode):
    name: str
    over: Expr
    body: Block


@frozen(eq=False, repr=False)
class Repeat(StmtNode):
    times: Expr
    name: str | None
    body: Block


@frozen(eq=False, repr=False)
class While(StmtNode):
    condition: Expr
    body: Block


@frozen(eq=False, repr=False)
class Choose(StmtNode):
    branches: tuple[Block, ...]


@frozen(eq=False, repr=False)
class Await(StmtNode):
    condition: Expr


@frozen(eq=False, repr=False)
class Atomic(StmtNode):
    body: Block


@frozen(eq=False, repr=False)
class Goto(StmtNode):
    label: str


@frozen(eq=False, repr=False)
class LabelMark(StmtNode):
    name: str


@frozen(eq=False, repr=False)
class Return(StmtNode):
    value: Expr | None


@frozen(eq=False, repr=False)
class Break(StmtNode):
    pass


@frozen(eq=False, repr=False)
class Continue(StmtNode):
    pass


@frozen(eq=False, repr=False)
class Exit(StmtNode):
    """The thread is over, as after a SIGSEGV."""


@frozen(eq=False, repr=False)
class Assert(StmtNode):
    condition: Expr
    text: str | None


@frozen(eq=False, repr=False)
class Bug(StmtNode):
    text: str | None


@frozen(eq=False, repr=False)
class Mark(StmtNode):
    name: str


@frozen(eq=False, repr=False)
class Store(StmtNode):
    """Of a page, through the TLB; or of a cell. order: `release`, `acquire` (which no store is)."""

    order: str | None
    address: Expr
    value: Expr


@frozen(eq=False, repr=False)
class Fence(StmtNode):
    """kind: what it keeps in order: `full`, `loads`, `stores`, `instructions`."""

    kind: str


@frozen(eq=False, repr=False)
class Flush(StmtNode):
    """scope: None (this CPU), `all`, `others` or the expression of a cpu."""

    what: Expr
    scope: str | Expr | None


@frozen(eq=False, repr=False)
class Lock(StmtNode):
    lock: Expr
    mode: str | None
    body: Block | None


@frozen(eq=False, repr=False)
class Unlock(StmtNode):
    lock: Expr


# ---- types ------------------------------------------------------------------


@frozen(eq=False, repr=False)
class TypeExpr(Node):
    """kind: `named`, `range`, `set`, `version` or `bool`.

    name: of a named type, or of a set's members. low, high: of a range.
    """

    kind: kinds.TypeKind
    name: str | None = None
    low: Expr | None = None
    high: Expr | None = None


# ---- declarations -----------------------------------------------------------


@frozen(eq=False, repr=False)
class ItemNode(Node):
    pass


@frozen(eq=False, repr=False)
class Scenario(ItemNode):
    name: str
    title: str | None


@frozen(eq=False, repr=False)
class Module(ItemNode):
    name: str
    title: str | None


@frozen(eq=False, repr=False)
class Import(ItemNode):
    name: str


@frozen(eq=False, repr=False)
class SourceNote(ItemNode, StmtNode):
    """`source "..."`: where a claim or a piece of code comes from."""

    text: str


@frozen(eq=False, repr=False)
class Claim(ItemNode):
    rows: tuple[str, ...]


@frozen(eq=False, repr=False)
class Param(ItemNode):
    name: str
    values: tuple[Expr, ...]
    text: str | None


@frozen(eq=False, repr=False)
class Knob(ItemNode):
    """Like a param, but of a module: the first value is the default."""

    name: str
    values: tuple[Expr, ...]
    text: str | None


@frozen(eq=False, repr=False)
class Setting(Node):
    name: str
    value: Expr


@frozen(eq=False, repr=False)
class Profile(ItemNode):
    """knob: whose value `name` sets these knobs; None for a machine."""

    name: str
    knob: str | None
    text: str | None
    settings: tuple[Setting, ...]


@frozen(eq=False, repr=False)
class Machine(ItemNode):
    profile: str
    settings: tuple[Setting, ...]


@frozen(eq=False, repr=False)
class FilePages(Node):
    """`page 0 = 0` or `pages 2`."""

    word: str
    number: int
    content: Expr | None


@frozen(eq=False, repr=False)
class File(ItemNode):
    name: str
    fs: Expr
    pages: tuple[FilePages, ...]


@frozen(eq=False, repr=False)
class Map(ItemNode):
    """`map buf = data[0..1] shared rw` or `map A -> frame 0`.

    file: None where it maps a frame. extent: the pages, None for all of them.
    """

    name: str
    file: str | None
    extent: Expr | None
    frame: Expr | None
    attributes: tuple[str, ...]


@frozen(eq=False, repr=False)
class Mm(ItemNode):
    name: str
    maps: tuple[Map, ...]


@frozen(eq=False, repr=False)
class Enum(ItemNode):
    name: str
    members: tuple[str, ...]


@frozen(eq=False, repr=False)
class Member(Node):
    """text: what a drawing shows instead of the name where a bit is set, `D` or `RW/RO`."""

    name: str
    type: TypeExpr
    value: Expr | None
    text: str | None


@frozen(eq=False, repr=False)
class Struct(ItemNode):
    name: str
    members: tuple[Member, ...]


@frozen(eq=False, repr=False)
class Var(ItemNode):
    """text: what a drawing calls it. quiet: not worth a note in one. hardware: no memory."""

    name: str
    indices: tuple[TypeExpr, ...]
    type: TypeExpr
    value: Expr | None
    text: str | None
    ghost: bool
    quiet: bool
    hardware: bool


@frozen(eq=False, repr=False)
class LockDecl(ItemNode):
    kind: kinds.LockKind
    name: str
    indices: tuple[TypeExpr, ...]


@frozen(eq=False, repr=False)
class Each(ItemNode):
    sort: str
    members: tuple[Var | LockDecl, ...]


@frozen(eq=False, repr=False)
class Init(ItemNode):
    body: Block


@frozen(eq=False, repr=False)
class Proc(ItemNode):
    """when: the static condition under which this variant is the one.

    override: whether it replaces procedures of other files. hardware: what its statements do
    is done by hardware, which reads and writes memory itself.
    """

    name: str
    params: tuple[str, ...]
    when: Expr | None
    body: Block
    override: bool
    hardware: bool


@frozen(eq=False, repr=False)
class Hook(ItemNode):
    """A place where other modules may join in; body: the default."""

    name: str
    params: tuple[str, ...]
    body: Block | None


@frozen(eq=False, repr=False)
class OnHook(ItemNode):
    name: str
    params: tuple[str, ...]
    body: Block


@frozen(eq=False, repr=False)
class Replica(Node):
    """`[c in cpu]`: one copy for each."""

    name: str
    over: Expr


@frozen(eq=False, repr=False)
class Step(Node):
    name: str
    replicas: tuple[Replica, ...]
    when: Expr | None
    body: Block
    prompt: bool = False


@frozen(eq=False, repr=False)
class Busy(Node):
    when: Expr


@frozen(eq=False, repr=False)
class Agent(ItemNode):
    name: str
    replica: Replica | None
    members: tuple[Var | Step | Busy, ...]


@frozen(eq=False, repr=False)
class Thread(ItemNode):
    name: str
    replica: Replica | None
    cpu: Expr | None
    mm: str | None
    daemon: bool
    body: Block


@frozen(eq=False, repr=False)
class Composition(ItemNode):
    kind: kinds.CompositionKind
    parts: tuple[Thread | Composition, ...]


@frozen(eq=False, repr=False)
class Predicate(ItemNode):
    """kind: `reachable finally` is by a final state."""

    kind: kinds.PredicateKind
    text: str | None
    condition: Expr


@frozen(eq=False, repr=False)
class Property(ItemNode):
    name: str
    params: tuple[str, ...]
    text: str | None
    predicates: tuple[Predicate, ...]


@frozen(eq=False, repr=False)
class PropertyUse(Node):
    name: str
    args: tuple[Expr, ...]


@frozen(eq=False, repr=False)
class Check(ItemNode):
    uses: tuple[PropertyUse, ...]
    after: str | None
    when: Expr | None


@frozen(eq=False, repr=False)
class Expect(ItemNode):
    """kind: `holds`, `violated`, `vacuous` or `outcomes`.

    violated: what breaks, by text or name; at: the operation at which. vacuous: what is never
    put to the test; none of a `vacuous` is that nothing is asked.
    outcomes: the final states, one condition each.
    otherwise: applies where no other expectation with a condition does, a `vacuous` among
    the `vacuous` and others among the others.
    """

    kind: kinds.ExpectKind
    violated: tuple[str, ...] = ()
    vacuous: tuple[str, ...] = ()
    at: str | None = None
    outcomes: tuple[Expr, ...] = ()
    when: Expr | None = None
    otherwise: bool = False


@frozen(eq=False, repr=False)
class Outcomes(ItemNode):
    """`outcomes r0, r1`: the final values of these are listed."""

    places: tuple[Expr, ...]
    when: Expr | None


@frozen(eq=False, repr=False)
class Reject(ItemNode):
    """`reject v in vma when not v.shared "..."`: elements that a module does not model."""

    name: str
    over: Expr
    when: Expr
    text: str


@frozen(eq=False, repr=False)
class Text(Node):
    """A whole file."""

    items: tuple[Item, ...]


# ---- all of a kind: a `match` over one of these names each, and ends in `assert_never` ----

Expr: TypeAlias = (
    Name | Literal | Fresh | Element | Attribute | Index | Applied | Unary | Binary | MemberOf |
    Conditional | Range | Quantified | Load | Xchg | Cmpxchg | Trylock | CallValue
)  # fmt: skip
Stmt: TypeAlias = (
    Let | LocalVar | Assign | Update | CallStmt | If | For | Repeat | While | Choose | Await |
    Atomic | Goto | LabelMark | Return | Break | Continue | Exit | Assert | Bug | Mark | Store |
    Fence | Flush | Lock | Unlock | SourceNote
)  # fmt: skip
Item: TypeAlias = (
    Scenario | Module | Import | SourceNote | Claim | Param | Knob | Profile | Machine | File | Map
    | Mm | Enum | Struct | Var | LockDecl | Each | Init | Proc | Hook | OnHook | Agent | Thread |
    Composition | Predicate | Property | Check | Expect | Outcomes | Reject
)  # fmt: skip
Composable: TypeAlias = Thread | Composition
