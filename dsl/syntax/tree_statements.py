"""The tree of statements, and what stands among declarations, too."""

from __future__ import annotations

from _thread import RLock
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakKeyDictionary

from attrs import frozen

from mmscn.source import Span
from mmscn.syntax import kinds
from mmscn.syntax.tree_expressions import CallValue, Expr, Node, TypeExpr


@frozen(eq=False, repr=False)
class StmtNode(Node):
    pass


@frozen(eq=False, repr=False)
class Block(Node):
    """Its statements may be `unread` until somebody looks at them."""

    statements: tuple[Stmt, ...]

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name != "statements":
                raise AttributeError(name)
            with READING:
                read = UNREAD.get(self)
                if read is not None:
                    object.__setattr__(self, "statements", read())
                    del UNREAD[self]
            return object.__getattribute__(self, "statements")


READING = RLock()
"""Who embeds mmscn may have threads, and what one reads is there for all."""
UNREAD: WeakKeyDictionary[Block, Callable[[], tuple[Stmt, ...]]] = WeakKeyDictionary()
"""What reads their statements."""


def unread(span: Span, read: Callable[[], tuple[Stmt, ...]]) -> Block:
    """A block whose statements are read when they are first looked at: most procedures of a module
    are called by no one.
    """
    block = Block.__new__(Block)
    object.__setattr__(block, "span", span)
    UNREAD[block] = read
    return block


@frozen(eq=False, repr=False)
class Let(StmtNode):
    """`let old = xchg pte(va), none`: a name that is not assigned again."""

    name: str
    value: Expr


@frozen(eq=False, repr=False)
class LetSeveral(StmtNode):
    """`let old, done = f(x)`: what a call gives back, each under a name."""

    names: tuple[str, ...]
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
class ChooseOne(StmtNode):
    """`choose x in list { }`: a branch for each; without a block, for the rest of the block."""

    name: str
    over: Expr
    body: Block | None


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
    """scope: None (this CPU), `all`, `others` or the expression of a cpu. those: instead of it,
    what is a cpu or a set of them, `flush A on mask`.
    """

    what: Expr
    scope: str | Expr | None
    those: Expr | None = None


@frozen(eq=False, repr=False)
class Lock(StmtNode):
    lock: Expr
    mode: str | None
    body: Block | None


@frozen(eq=False, repr=False)
class Unlock(StmtNode):
    lock: Expr


@frozen(eq=False, repr=False)
class ItemNode(Node):
    pass


@frozen(eq=False, repr=False)
class SourceNote(ItemNode, StmtNode):
    """`source "..."`: where a claim or a piece of code comes from."""

    text: str


Stmt: TypeAlias = (
    Let | LetSeveral | LocalVar | Assign | Update | CallStmt | If | For | Repeat | While |
    Choose | ChooseOne | Await | Atomic | Goto | LabelMark | Return | Break | Continue | Exit
    | Assert | Bug | Mark | Store | Fence | Flush | Lock | Unlock | SourceNote
)  # fmt: skip
