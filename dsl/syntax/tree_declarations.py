"""The tree of declarations, and the text that they are together."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from mmscn.source import Span
from mmscn.syntax import kinds
from mmscn.syntax.tree_expressions import Expr, Node, TypeExpr
from mmscn.syntax.tree_statements import Block, ItemNode, SourceNote


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
class ExtendKnob(ItemNode):
    """`extend knob ad | lazily`: more values of a module's knob; its default stays."""

    name: str
    values: tuple[Expr, ...]


@frozen(eq=False, repr=False)
class Const(ItemNode):
    """`const LAST = 3`: known before the run, and nothing to choose."""

    name: str
    value: Expr


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
class ExtendStruct(ItemNode):
    """`extend struct translation { asid: 0..3 }`: more members of a module's struct."""

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
    """when: the static condition under which this variant is the one. cells: those of the
    parameters that stand for a cell (`var c`), not for a value.

    override: whether it replaces procedures of other files. hardware: what its statements do
    is done by hardware, which reads and writes memory itself.
    """

    name: str
    params: tuple[str, ...]
    cells: tuple[str, ...]
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
    may: bool = False


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
    """kind: `reachable finally` is by a final state. leads_to: what comes in the end."""

    kind: kinds.PredicateKind
    text: str | None
    condition: Expr
    leads_to: Expr | None = None

    @property
    def asked(self) -> str:
        """What it is about, as it is written: the condition, and what that leads to."""
        last = self.condition if self.leads_to is None else self.leads_to
        first = self.condition.span
        return Span(first.source, first.start, last.span.end).text


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

    violated: what breaks, by text or name; at: the operation at which; by: the token of the
    execution that does. vacuous: what is never put to the test; none of a `vacuous` is that
    nothing is asked.
    outcomes: the final states, one condition each.
    otherwise: applies where no other expectation with a condition does, a `vacuous` among
    the `vacuous` and others among the others.
    """

    kind: kinds.ExpectKind
    violated: tuple[str, ...] = ()
    vacuous: tuple[str, ...] = ()
    at: str | None = None
    by: str | None = None
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
class StaleCase(Node):
    """When an access of a kind through the entry is one that its source does not grant."""

    access: kinds.AccessKind
    when: Expr


@frozen(eq=False, repr=False)
class Stale(ItemNode):
    """`stale c.tlb[v] of pte(v) for c in cpu, v in va { ... }`: what drawings remark on."""

    entry: Expr
    source: Expr
    replicas: tuple[Replica, ...]
    cases: tuple[StaleCase, ...]


@frozen(eq=False, repr=False)
class Text(Node):
    """A whole file."""

    items: tuple[Item, ...]


Item: TypeAlias = (
    Scenario | Module | Import | SourceNote | Claim | Param | Knob | ExtendKnob | ExtendStruct
    | Const | Profile | Machine | File | Map | Mm | Enum | Struct | Var | LockDecl | Each |
    Init | Proc | Hook | OnHook | Agent | Thread | Composition | Predicate | Property | Check
    | Expect | Outcomes | Reject | Stale
)  # fmt: skip
Composable: TypeAlias = Thread | Composition
