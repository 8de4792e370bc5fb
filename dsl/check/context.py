"""What elaboration knows and collects: declared state, locals, origins, checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

from attrs import Factory, define, field, frozen, setters

from mmscn.check import core
from mmscn.check.families import at
from mmscn.check.meanings import Meanings, meanings
from mmscn.check.modules import Unit
from mmscn.check.order.orders import Order, order_of
from mmscn.check.settings import Settings
from mmscn.check.terms import ArrayValue, Dynamic, Mismatch, Record, Term
from mmscn.check.types import ArrayType, LockType, ScalarType, StructType, Type, element_type
from mmscn.check.values import BOOLS, Domain, Value, show
from mmscn.check.world import World
from mmscn.diagnostics import Rejected, Reporter, TooMuch, one
from mmscn.source import Source, Span
from mmscn.syntax import tree as t

STATEMENTS_MAX = 20_000
TURNS_MAX = 10_000
CELLS_MAX = 4_000
LOCALS_MAX = 4_000
AGENTS_MAX = 256
NUMBERS = 1 << 20
"""Of locals, origins and labels, how many are set apart for each part of a program."""
HIDDEN = "of a module"
"""Stands for the sort of a module's variable whose name the scenario gives to one of its own."""


@frozen(eq=False, repr=False)
class StateVar:
    """family: the key of the family, or the beginning of its members' keys."""

    family: str
    indices: tuple[Domain, ...]
    type: Type
    ghost: bool
    quiet: bool = False
    text: str | None = None
    hardware: bool = False


@define(eq=False, repr=False, on_setattr=setters.NO_OP)
class Context:
    """locals, origins: by number. asked: the checks of one part, by key, with their numbers.

    stepping, calls, constants: what is remembered within a part. part: which it is, by number.
    around: what is declared, by number, and how many variables and families that was.
    """

    unit: Unit
    world: World
    settings: Settings = field(converter=Settings)
    reporter: Reporter = field(factory=Reporter)
    state: dict[tuple[str | None, str], StateVar] = field(factory=dict)
    families: dict[str, core.Family] = field(factory=dict)
    locals: dict[int, core.LocalVar] = field(factory=dict)
    origins: dict[int, core.Origin] = field(factory=dict)
    checks: list[core.CheckInfo] = field(factory=list)
    check_of: dict[object, int] = field(factory=dict)
    asked: dict[object, tuple[int, core.CheckInfo]] = field(factory=dict)
    structs: dict[str, StructType] = field(factory=dict)
    atoms: set[str] = field(factory=set)
    constants: dict[t.Const, Term | None] = field(factory=dict)
    stepping: dict[t.Expr, bool] = field(factory=dict)
    calls: dict[str, bool] = field(factory=dict)
    meanings: Meanings = field(
        init=False, default=Factory(lambda c: meanings(c.unit), takes_self=True)
    )
    assigned: set[int] = field(factory=set)
    named_versions: int = 1
    part: int = 0
    around: tuple[int, int, int] | None = None
    labels: int = 0
    next_local: int = 0
    next_origin: int = 0
    statements: int = 0
    turns: int = 0
    agents: int = 0
    cells: int = 0

    @property
    def order(self) -> Order:
        """The memory order."""
        return order_of(self.settings)

    # ---- state --------------------------------------------------------------

    def declare(self, sort: str | None, name: str, var: StateVar, span: Span) -> None:
        key = (sort, name)
        if key in self.state:
            raise one("MM206", f"`{name}` is declared twice", span)
        self.state[key] = var
        shown = name
        for suffix, type_, indices, word in leaves(var.type, var.indices):
            size = 1
            for domain in indices:
                size *= len(domain)
            self.cells += size
            lock = None
            if isinstance(type_, LockType):
                lock = type_.kind
                threads = tuple(self.world.sorts.get("thread", ()))
                self.cells += size * len(threads) if lock == "rwsem" else 0
            if self.cells > CELLS_MAX:
                raise one("MM501", f"the state has more than {CELLS_MAX} cells", span)
            if isinstance(type_, LockType):
                type_ = ScalarType((None, *threads))
                if lock == "rwsem":
                    self.families[var.family + suffix + ".readers"] = core.Family(
                        name=shown + suffix + ".readers",
                        sort=sort,
                        indices=(*indices, threads),
                        domain=BOOLS,
                        initial=(False,) * size * len(threads),
                        hardware=True,
                    )
            self.families[var.family + suffix] = core.Family(
                name=shown + suffix,
                sort=sort,
                indices=indices,
                domain=type_.domain,
                initial=(first(type_),) * size,
                version=type_.version,
                ghost=var.ghost,
                quiet=var.quiet,
                hardware=var.hardware,
                lock=lock,
                text=var.text,
                word=word,
                queue=queue_around(var.family, var.type, suffix),
                span=span,
            )

    def variable(self, name: str, text: Source) -> StateVar | None:
        """The variable of no element that a text means by a name."""
        hidden = self.state.get((HIDDEN, name))
        if hidden is not None and text is not self.unit.source:
            return hidden
        return self.state.get((None, name))

    def place(self, var: StateVar, index: tuple[core.Expr, ...]) -> Term:
        """A state variable, as far as its indices are given."""
        return at(var.family, index, var.indices, var.type)

    # ---- locals -------------------------------------------------------------

    def local(self, name: str, thread: int, type_: Type) -> Term:
        """A variable of a thread (or, with -1, of an agent's step)."""
        match type_:
            case ScalarType(domain, version):
                if len(self.locals) >= LOCALS_MAX:
                    raise Mismatch(f"there are more than {LOCALS_MAX} local variables")
                number, self.next_local = self.next_local, self.next_local + 1
                self.locals[number] = core.LocalVar(
                    name=name, thread=thread, domain=domain, version=version
                )
                return Dynamic(core.Local(number), type_)
            case StructType(members=members):
                return Record(type_, {n: self.local(f"{name}.{n}", thread, t) for n, t in members})
            case ArrayType(indices=(domain, *_)):
                of = element_type(type_)
                items = (self.local(f"{name}[{show(v)}]", thread, of) for v in domain)
                return ArrayValue(domain, tuple(items), of)
        raise Mismatch("a lock is no value that a variable could hold")

    # ---- what is shown and judged -------------------------------------------

    def origin(self, origin: core.Origin) -> int:
        number, self.next_origin = self.next_origin, self.next_origin + 1
        self.origins[number] = origin
        return number

    def check(self, key: object, info: core.CheckInfo) -> int:
        """The number of a check; the same key gives the same number."""
        if key not in self.check_of:
            self.check_of[key] = len(self.checks)
            self.checks.append(info)
        number = self.check_of[key]
        self.asked.setdefault(key, (number, info))
        return number

    def turn(self, span: Span) -> None:
        """One more turn of what is written out and is no statement. Raises Rejected."""
        self.turns += 1
        if self.turns > TURNS_MAX:
            raise one(
                "MM503",
                f"with quantifiers and replicas written out there are more than {TURNS_MAX} turns",
                span,
                "nest them less deep, or over shorter lists",
            )

    def begin_part(self) -> None:
        """From here on numbers, and what is remembered, are those of another part."""
        self.part += 1
        self.labels = self.next_local = self.next_origin = self.part * NUMBERS
        self.stepping, self.calls, self.constants = {}, {}, {}

    def label(self) -> int:
        self.labels += 1
        return self.labels

    def named(self, version: int) -> None:
        self.named_versions = max(self.named_versions, version + 1)

    @contextmanager
    def collecting(self, span: Span) -> Iterator[None]:
        """Turn a mismatch at this place into a diagnostic, and go on behind it."""
        try:
            yield
        except (Mismatch, Rejected) as problem:
            self.collect(problem, span)

    def collect(self, problem: Mismatch | Rejected, span: Span) -> None:
        """A mismatch at this place as a diagnostic. Raises TooMuch: nothing goes on behind that."""
        if isinstance(problem, Mismatch):
            self.reporter.error(problem.code, problem.message, span, hint=problem.hint)
        elif isinstance(problem, TooMuch):
            raise problem
        else:
            for d in problem.diagnostics:
                if d not in self.reporter.found:
                    self.reporter.found.append(d)


def queue_around(family: str, type_: Type, suffix: str) -> str | None:
    """The outermost queue that a leaf of a variable is in, by what its families begin with."""
    for name in suffix.split(".")[1:]:
        while isinstance(type_, ArrayType):
            type_ = type_.of
        assert isinstance(type_, StructType)
        if type_.size is not None:
            return family
        family, type_ = f"{family}.{name}", dict(type_.members)[name]
    return None


def first(type_: ScalarType) -> Value:
    return None if None in type_.domain else type_.domain[0]


def leaves(
    type_: Type, indices: tuple[Domain, ...], suffix: str = "", word: str | None = None
) -> Iterator[tuple[str, ScalarType | LockType, tuple[Domain, ...], str | None]]:
    """The families that a variable of this type consists of, each with the text of its member."""
    match type_:
        case StructType(members=members, texts=texts):
            for name, member in members:
                yield from leaves(member, indices, f"{suffix}.{name}", texts.get(name))
        case ArrayType(more, of):
            yield from leaves(of, indices + more, suffix, word)
        case ScalarType() | LockType():
            yield suffix, type_, indices, word


def combinations(indices: tuple[Domain, ...]) -> list[tuple[Value, ...]]:
    """All index tuples, in the order in which initial values are kept."""
    return list(product(*indices))
