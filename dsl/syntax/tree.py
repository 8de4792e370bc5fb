"""The tree: what the text says, node by node, with spans.

Nodes compare by identity, so that facts about them can be kept in side
tables; `unparse` turns a tree back into text. Sequences are tuples.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from mmscn.source import Span


@frozen(eq=False, repr=False)
class Node:
    span: Span


# ---- expressions ------------------------------------------------------------


@frozen(eq=False, repr=False)
class Expr(Node):
    pass


@frozen(eq=False, repr=False)
class Name(Expr):
    """`buf`, `zap`, `rc2`, `frame`: resolved where it is used."""

    text: str


@frozen(eq=False, repr=False)
class Literal(Expr):
    """A number, `true`, `false` or `none`."""

    value: int | bool | None


@frozen(eq=False, repr=False)
class Fresh(Expr):
    """A version that nothing holds yet."""


@frozen(eq=False, repr=False)
class Element(Expr):
    """`cpu 0`, `frame 1`."""

    sort: str
    number: int


@frozen(eq=False, repr=False)
class Attribute(Expr):
    """`p.dirty`."""

    base: Expr
    name: str


@frozen(eq=False, repr=False)
class Index(Expr):
    """`buf[0]`, `this_cpu.tlb[v]`."""

    base: Expr
    indices: tuple[Expr, ...]


@frozen(eq=False, repr=False)
class Applied(Expr):
    """`pte(va)`: the same as `va.pte`."""

    name: str
    args: tuple[Expr, ...]


@frozen(eq=False, repr=False)
class Unary(Expr):
    """op: `not` or `-`."""

    op: str
    operand: Expr


@frozen(eq=False, repr=False)
class Binary(Expr):
    """op: `and or implies == != < <= > >= + -`."""

    op: str
    left: Expr
    right: Expr


@frozen(eq=False, repr=False)
class MemberOf(Expr):
    """`zap in [rc2, linus_final]`."""

    item: Expr
    choices: tuple[Expr, ...]
    negated: bool


@frozen(eq=False, repr=False)
class Conditional(Expr):
    """`if a then b else c`."""

    condition: Expr
    then: Expr
    otherwise: Expr


@frozen(eq=False, repr=False)
class Range(Expr):
    """`0..3`: both ends belong to it."""

    low: Expr
    high: Expr


@frozen(eq=False, repr=False)
class Quantified(Expr):
    """`all p in frame: ...`; kind: `all`, `any` or `count`."""

    kind: str
    name: str
    over: Expr
    body: Expr


# ---- right-hand sides that are operations -----------------------------------


@frozen(eq=False, repr=False)
class Load(Expr):
    address: Expr


@frozen(eq=False, repr=False)
class Xchg(Expr):
    cell: Expr
    value: Expr


@frozen(eq=False, repr=False)
class Cmpxchg(Expr):
    cell: Expr
    expected: Expr
    value: Expr


@frozen(eq=False, repr=False)
class Trylock(Expr):
    lock: Expr
    mode: str | None


@frozen(eq=False, repr=False)
class CallValue(Expr):
    name: str
    args: tuple[Expr, ...]


# ---- statements -------------------------------------------------------------


@frozen(eq=False, repr=False)
class Stmt(Node):
    pass


@frozen(eq=False, repr=False)
class Block(Node):
    statements: tuple[Stmt, ...]


@frozen(eq=False, repr=False)
class Let(Stmt):
    """`let old = xchg pte(va), none`: a name that is not assigned again."""

    name: str
    value: Expr


@frozen(eq=False, repr=False)
class LocalVar(Stmt):
    name: str
    type: TypeExpr | None
    value: Expr


@frozen(eq=False, repr=False)
class Assign(Stmt):
    target: Expr
    value: Expr


@frozen(eq=False, repr=False)
class Update(Stmt):
    """`p.refcount += 1`; op: `+` or `-`."""

    target: Expr
    op: str
    value: Expr


@frozen(eq=False, repr=False)
class CallStmt(Stmt):
    call: CallValue


@frozen(eq=False, repr=False)
class If(Stmt):
    condition: Expr
    then: Block
    otherwise: Block | None


@frozen(eq=False, repr=False)
class For(Stmt):
    name: str
    over: Expr
    body: Block


@frozen(eq=False, repr=False)
class Repeat(Stmt):
    times: Expr
    name: str | None
    body: Block


@frozen(eq=False, repr=False)
class While(Stmt):
    condition: Expr
    body: Block


@frozen(eq=False, repr=False)
class Choose(Stmt):
    branches: tuple[Block, ...]


@frozen(eq=False, repr=False)
class Await(Stmt):
    condition: Expr


@frozen(eq=False, repr=False)
class Atomic(Stmt):
    body: Block


@frozen(eq=False, repr=False)
class Goto(Stmt):
    label: str


@frozen(eq=False, repr=False)
class LabelMark(Stmt):
    name: str


@frozen(eq=False, repr=False)
class Return(Stmt):
    value: Expr | None


@frozen(eq=False, repr=False)
class Break(Stmt):
    pass


@frozen(eq=False, repr=False)
class Continue(Stmt):
    pass


@frozen(eq=False, repr=False)
class Exit(Stmt):
    """The thread is over, as after a SIGSEGV."""


@frozen(eq=False, repr=False)
class Assert(Stmt):
    condition: Expr
    text: str | None


@frozen(eq=False, repr=False)
class Bug(Stmt):
    text: str | None


@frozen(eq=False, repr=False)
class Mark(Stmt):
    name: str


@frozen(eq=False, repr=False)
class Store(Stmt):
    address: Expr
    value: Expr


@frozen(eq=False, repr=False)
class Flush(Stmt):
    """scope: None (this CPU), `all`, `others` or the expression of a cpu."""

    what: Expr
    scope: str | Expr | None


@frozen(eq=False, repr=False)
class Lock(Stmt):
    lock: Expr
    mode: str | None
    body: Block | None


@frozen(eq=False, repr=False)
class Unlock(Stmt):
    lock: Expr


# ---- types ------------------------------------------------------------------


@frozen(eq=False, repr=False)
class TypeExpr(Node):
    """kind: `named`, `range`, `set`, `version` or `bool`.

    name: of a named type, or of a set's members. low, high: of a range.
    """

    kind: str
    name: str | None = None
    low: Expr | None = None
    high: Expr | None = None


# ---- declarations -----------------------------------------------------------


@frozen(eq=False, repr=False)
class Item(Node):
    pass


@frozen(eq=False, repr=False)
class Scenario(Item):
    name: str
    title: str | None


@frozen(eq=False, repr=False)
class Module(Item):
    name: str
    title: str | None


@frozen(eq=False, repr=False)
class Import(Item):
    name: str


@frozen(eq=False, repr=False)
class SourceNote(Item, Stmt):
    """`source "..."`: where a claim or a piece of code comes from."""

    text: str


@frozen(eq=False, repr=False)
class Claim(Item):
    rows: tuple[str, ...]


@frozen(eq=False, repr=False)
class Param(Item):
    name: str
    values: tuple[Expr, ...]
    text: str | None


@frozen(eq=False, repr=False)
class Knob(Item):
    """Like a param, but of a module: the first value is the default."""

    name: str
    values: tuple[Expr, ...]
    text: str | None


@frozen(eq=False, repr=False)
class Setting(Node):
    name: str
    value: Expr


@frozen(eq=False, repr=False)
class Profile(Item):
    """knob: whose value `name` sets these knobs; None for a machine."""

    name: str
    knob: str | None
    text: str | None
    settings: tuple[Setting, ...]


@frozen(eq=False, repr=False)
class Machine(Item):
    profile: str
    settings: tuple[Setting, ...]


@frozen(eq=False, repr=False)
class FilePages(Node):
    """`page 0 = 0` or `pages 2`."""

    word: str
    number: int
    content: Expr | None


@frozen(eq=False, repr=False)
class File(Item):
    name: str
    fs: Expr
    pages: tuple[FilePages, ...]


@frozen(eq=False, repr=False)
class Map(Item):
    """`map buf = data[0..1] shared rw` or `map A -> frame 0`.

    file: None where it maps a frame. extent: the pages, None for all of them.
    """

    name: str
    file: str | None
    extent: Expr | None
    frame: Expr | None
    attributes: tuple[str, ...]


@frozen(eq=False, repr=False)
class Mm(Item):
    name: str
    maps: tuple[Map, ...]


@frozen(eq=False, repr=False)
class Enum(Item):
    name: str
    members: tuple[str, ...]


@frozen(eq=False, repr=False)
class Member(Node):
    name: str
    type: TypeExpr
    value: Expr | None


@frozen(eq=False, repr=False)
class Struct(Item):
    name: str
    members: tuple[Member, ...]


@frozen(eq=False, repr=False)
class Var(Item):
    name: str
    indices: tuple[TypeExpr, ...]
    type: TypeExpr
    value: Expr | None
    ghost: bool


@frozen(eq=False, repr=False)
class LockDecl(Item):
    """kind: `spinlock`, `mutex`, `rwsem` or `bitlock`."""

    kind: str
    name: str
    indices: tuple[TypeExpr, ...]


@frozen(eq=False, repr=False)
class Each(Item):
    sort: str
    members: tuple[Var | LockDecl, ...]


@frozen(eq=False, repr=False)
class Init(Item):
    body: Block


@frozen(eq=False, repr=False)
class Proc(Item):
    """when: the static condition under which this variant is the one.

    override: whether it replaces procedures of other files.
    """

    name: str
    params: tuple[str, ...]
    when: Expr | None
    body: Block
    override: bool


@frozen(eq=False, repr=False)
class Hook(Item):
    """A place where other modules may join in; body: the default."""

    name: str
    params: tuple[str, ...]
    body: Block | None


@frozen(eq=False, repr=False)
class OnHook(Item):
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


@frozen(eq=False, repr=False)
class Busy(Node):
    when: Expr


@frozen(eq=False, repr=False)
class Agent(Item):
    name: str
    replica: Replica | None
    members: tuple[Var | Step | Busy, ...]


@frozen(eq=False, repr=False)
class Thread(Item):
    name: str
    replica: Replica | None
    cpu: Expr | None
    mm: str | None
    daemon: bool
    body: Block


@frozen(eq=False, repr=False)
class Composition(Item):
    """kind: `ordered` or `concurrent`."""

    kind: str
    parts: tuple[Thread | Composition, ...]


@frozen(eq=False, repr=False)
class Predicate(Item):
    """kind: `always`, `finally` or `reachable`."""

    kind: str
    text: str | None
    condition: Expr


@frozen(eq=False, repr=False)
class Property(Item):
    name: str
    params: tuple[str, ...]
    text: str | None
    predicates: tuple[Predicate, ...]


@frozen(eq=False, repr=False)
class PropertyUse(Node):
    name: str
    args: tuple[Expr, ...]


@frozen(eq=False, repr=False)
class Check(Item):
    uses: tuple[PropertyUse, ...]
    after: str | None
    when: Expr | None


@frozen(eq=False, repr=False)
class Expect(Item):
    """kind: `holds`, `violated` or `outcomes`.

    violated: what breaks, by text or name; at: the operation at which.
    outcomes: the final states, one condition each.
    otherwise: applies where no other expectation with a condition does.
    """

    kind: str
    violated: tuple[str, ...] = ()
    at: str | None = None
    outcomes: tuple[Expr, ...] = ()
    when: Expr | None = None
    otherwise: bool = False


@frozen(eq=False, repr=False)
class Reject(Item):
    """`reject v in vma when not v.shared "..."`: elements that a module does not model."""

    name: str
    over: Expr
    when: Expr
    text: str


@frozen(eq=False, repr=False)
class Text(Node):
    """A whole file."""

    items: tuple[Item, ...]


Composable: TypeAlias = Thread | Composition
