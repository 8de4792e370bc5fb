"""What threads of a litmus test do, whichever language it is written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from attrs import Factory, evolve, field, frozen

from mmscn.diagnostics import Rejected, one
from mmscn.litmus import tree as t
from mmscn.source import Span

if TYPE_CHECKING:
    from mmscn.litmus.instructions import Instructions
    from mmscn.litmus.pages import Pages

# ---- values -------------------------------------------------------------------


@frozen
class Const:
    value: int


@frozen
class Reg:
    name: str


@frozen
class Sum:
    """sign: 1 for a sum, -1 for a difference."""

    left: Value
    right: Value
    sign: int


@frozen
class Zero:
    """0, computed from a register: what depends on it is in order behind it."""

    name: str


@frozen
class Bits:
    """A descriptor in a register, with some bits set and others cleared."""

    name: str
    sets: int
    clears: int


Value: TypeAlias = Const | Reg | Sum | Zero | Bits


# ---- operations ---------------------------------------------------------------


@frozen(kw_only=True)
class Load:
    """order: empty, `acquire`. depends: registers that the address comes from, and is the same."""

    to: str
    place: str
    order: str = ""
    depends: tuple[str, ...] = ()
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Store:
    """order: empty, `release`. depends: as of a load."""

    place: str
    value: Value
    order: str = ""
    depends: tuple[str, ...] = ()
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Set:
    to: str
    value: Value
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Update:
    """A read and a write of a place. kind: `xchg`, `cmpxchg`, `add`, or, of an entry, `set` and
    `clear`, whose value is the bits.

    to: has what was there, None where nobody wants it; new: it has what is there afterwards.
    value: that is written or added. expected: of `cmpxchg`. whole: in one step; else in two.
    order: `full`, `acquire`, `release` or `relaxed`.
    """

    kind: str
    to: str | None
    place: str
    value: Value
    expected: Value | None = None
    whole: bool = True
    new: bool = False
    order: str = "full"
    depends: tuple[str, ...] = ()
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Fence:
    """kind: as `fence` of the language has it. text: as the test has it."""

    kind: str
    text: str
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Lock:
    """taken: or let go of."""

    place: str
    taken: bool
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Label:
    name: str
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Jump:
    """op: how `left` and `right` compare where it is taken; None where it always is."""

    to: str
    op: str | None
    left: Value
    right: Value
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Branch:
    """`if` of C."""

    op: str
    left: Value
    right: Value
    then: tuple[Op, ...]
    otherwise: tuple[Op, ...]
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Invalidate:
    """place: of what page, None for all. here: on this CPU alone. depends: as of a load."""

    place: str | None
    here: bool
    depends: tuple[str, ...] = ()
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Raise:
    """What is an exception: `SVC`, `UDF`, `TagCheck`, an access of a place by an address whose tag
    is another, or `Permission`, one of a page-table entry by user code. depends: as of a load.
    """

    what: str
    place: str | None = None
    depends: tuple[str, ...] = ()
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Fetch:
    """An instruction that may have been stored to. ways: of each that may be there, by number,
    what it does.
    """

    place: str
    ways: tuple[tuple[int, tuple[Op, ...]], ...]
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Maintain:
    """Of the caches, for a word of code. what: `clean_code` or `invalidate_code`. depends: as of a
    load.
    """

    what: str
    place: str
    depends: tuple[str, ...] = ()
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Return:
    """From a handler. to: a label, empty for the instruction behind; None for the one that faulted,
    or that is behind one that wanted to come here.
    """

    to: str | None
    span: Span = field(eq=False, repr=False)


class Reader(Protocol):
    """What takes the instructions of a thread in. out: the operations so far."""

    out: list[Op]

    def read(self, i: t.Instruction) -> None: ...


def operations_of(thread: t.Thread, reader: Reader) -> tuple[Op, ...]:
    """Raises Rejected for an instruction that the reader does not know."""
    labels: tuple[str, ...] = ()
    for i in thread.code:
        reader.out += [Label(name=label, span=i.span) for label in i.labels]
        labels += i.labels
        if i.name:
            reader.read(evolve(i, labels=labels))
            labels = ()
    return tuple(reader.out)


Op: TypeAlias = (
    Load
    | Store
    | Set
    | Update
    | Fence
    | Lock
    | Label
    | Jump
    | Branch
    | Invalidate
    | Raise
    | Return
    | Fetch
    | Maintain
)


@frozen(kw_only=True, eq=False)
class Code:
    """What the threads do, by number. initial: what each location begins with, but for locks.

    registers: what each register of a thread begins with, where that is no address.
    canonical: one name for all spellings of a register; spelt: of those, the thread's.
    handlers: what is done where an access of a thread is refused. pages: the page tables, where
    any take part; walked: the pages that accesses look for. tracked: the
    operations whose refusals are asked for. instructions: those that are loaded or stored to.
    """

    litmus: t.Litmus
    threads: dict[int, tuple[Op, ...]]
    initial: dict[str, int]
    locks: frozenset[str]
    registers: dict[tuple[int, str], int]
    spelt: dict[tuple[int, str], str]
    canonical: Callable[[str], str | None]
    handlers: dict[int, tuple[Op, ...]] = Factory(dict)
    pages: Pages | None = None
    walked: frozenset[str] = frozenset()
    tracked: dict[tuple[int, int], t.Refused] = Factory(dict)
    instructions: Instructions | None = None

    def spelling(self, place: t.Register) -> str:
        """How the thread spells a register. Raises Rejected where it is none."""
        name = self.canonical(place.name)
        if name is None:
            raise one("MM806", f"`{place.name[:40]}` is no register", place.span)
        return self.spelt.get((place.thread, name), place.name)


def unsupported(what: str, span: Span, hint: str | None = None) -> Rejected:
    """What is raised for a test that cannot be said; `what` is the cause it is counted under."""
    return one("MM804", f"{what} is not supported", span, hint)


def parts_of(op: Op) -> tuple[Value, ...]:
    """The values that an operation computes with."""
    match op:
        case Store(value=value) | Set(value=value):
            return (value,)
        case Update(kind="set" | "clear"):
            return ()  # bits are no number
        case Update(value=value, expected=expected):
            return (value,) if expected is None else (value, expected)
        case Jump(left=left, right=right):
            return (left, right)
        case Branch(left=left, right=right):
            return (left, right)
    return ()


def every(code: tuple[Op, ...]) -> list[Op]:
    """The operations, with those inside of others."""
    found: list[Op] = []
    for op in code:
        found.append(op)
        if isinstance(op, Branch):
            found += [*every(op.then), *every(op.otherwise)]
        if isinstance(op, Fetch):
            found += [inner for _, ops in op.ways for inner in every(ops)]
    return found


def constants(value: Value) -> list[int]:
    match value:
        case Const(value=number):
            return [number]
        case Sum(left=left, right=right):
            return [*constants(left), *constants(right)]
    return []
