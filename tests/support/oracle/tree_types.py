"""Values and types of the tree walker, and places to keep them: nothing here is the project's.

A value is a bool, a number, None, a word (str), an element such as ("frame", 1), a content
(a number that the text names, or a `Version`), or an aggregate: a tuple of its shape and its
parts. Aggregates are never changed, so whoever is given one has a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from attrs import field, frozen

Value: TypeAlias = Any
VERSIONS_MAX = 64


class ModelError(Exception):
    """`none` has no state, an index is none of the array's, a value is none of the type's."""


class Version(int):
    """A content that no constant names; only which of them are equal means anything."""


@frozen(eq=False)
class Shape:
    """How an aggregate is taken apart. positions: of each member or index in the tuple.

    size: of a queue, how many it has room for.
    """

    positions: dict[Value, int]
    parts: tuple[Type, ...]
    size: int | None = None

    def position(self, index: Value) -> int:
        found = self.positions.get(index)
        if found is None:
            raise ModelError(index)
        return found


@frozen(eq=False)
class Type:
    """kind: `bool`, `range`, `word`, `element`, `version`, `struct`, `array` or `lock`.

    values: of a word or element type, `none` included. sort: of the elements.
    """

    kind: str
    low: int = 0
    high: int = 0
    values: tuple[Value, ...] = ()
    sort: str | None = None
    shape: Shape | None = None
    lock: str | None = None

    def first(self) -> Value:
        """What a variable of this type begins with, and what `none` means for it."""
        match self.kind:
            case "bool":
                return False
            case "range":
                return self.low
            case "word":
                return self.values[0]
            case "version":
                return 0
            case "struct" | "array":
                assert self.shape is not None
                return (self.shape, *(part.first() for part in self.shape.parts))
        return None

    def unset(self) -> Value:
        """What a local of this type is before anything was assigned to it."""
        if self.kind in ("struct", "array"):
            assert self.shape is not None
            return (self.shape, *(part.unset() for part in self.shape.parts))
        return unset_of(self.domain())

    def domain(self) -> tuple[Value, ...]:
        """The values of a single thing of this type."""
        match self.kind:
            case "bool":
                return BOOLS
            case "range":
                return tuple(range(self.low, self.high + 1))
            case "word" | "element" | "lock":
                return self.values
        return (0,)

    def every(self, value: Value) -> Value:
        """An array with the same in each place; the value itself where this is no array."""
        if self.kind != "array":
            return self.fit(value, ghost=False)
        assert self.shape is not None
        return (self.shape, *(part.every(value) for part in self.shape.parts))

    def fit(self, value: Value, *, ghost: bool) -> Value:
        """The value as it is kept; raises ModelError where the type has it not."""
        match self.kind:
            case "range":
                if ghost:
                    return min(max(value, self.low), self.high)
                if not self.low <= value <= self.high:
                    raise ModelError(value)
            case "word" | "element" | "lock":
                if value not in self.values:
                    raise ModelError(value)
            case "struct" | "array":
                assert self.shape is not None
                if value is None:
                    return self.first()
                parts = zip(self.shape.parts, value[1:], strict=True)
                return (self.shape, *(part.fit(v, ghost=ghost) for part, v in parts))
        return value


BOOLS = (False, True)
BOOL = Type("bool")
VERSION = Type("version")


def array(indices: tuple[tuple[Value, ...], ...], of: Type) -> Type:
    """An array over the product of some domains, one within the other."""
    for domain in reversed(indices):
        positions = {v: n + 1 for n, v in enumerate(domain)}
        of = Type("array", shape=Shape(positions, (of,) * len(domain)))
    return of


def unset_of(domain: tuple[Value, ...]) -> Value:
    """None, or 0, or the first of some values."""
    if None in domain:
        return None
    return next((v for v in domain if type(v) is int and v == 0), domain[0])


def same(a: Value, b: Value) -> bool:
    """Whether two values are equal; `none` is the struct in which nothing is set."""
    if a is None and is_aggregate(b):
        a, b = b, a
    if b is None and is_aggregate(a):
        return all(same(part, t.first()) for part, t in zip(a[1:], a[0].parts, strict=True))
    if is_aggregate(a):
        return all(same(x, y) for x, y in zip(a[1:], b[1:], strict=True))
    return bool(a == b)


def is_aggregate(value: Value) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Shape)


def cells_of(
    name: str, value: Value, index: tuple[Value, ...] = ()
) -> Iterator[tuple[str, tuple[Value, ...], Value]]:
    """The single cells of a variable: its name with members behind dots, indices, value."""
    if not is_aggregate(value):
        yield name, index, value
        return
    shape = value[0]
    for key, position in shape.positions.items():
        if isinstance(key, Member):
            yield from cells_of(f"{name}.{key}", value[position], index)
        else:
            yield from cells_of(name, value[position], (*index, key))


class Member(str):
    """The name of a struct's member, where others are indices."""

    __slots__ = ()


def renumbered(values: list[Value]) -> tuple[Value, ...]:
    """The values with unnamed contents numbered by first occurrence."""
    numbers: dict[Version, Version] = {}

    def renamed(value: Value) -> Value:
        if type(value) is Version:
            if value not in numbers:
                numbers[value] = Version(VERSIONS_MAX + len(numbers))
            return numbers[value]
        if is_aggregate(value):
            return (value[0], *map(renamed, value[1:]))
        if type(value) is not tuple and isinstance(value, tuple):
            return type(value)(map(waiting, value))  # store buffers
        return value

    def waiting(entries: Value) -> Value:
        return type(entries)(
            tuple((slot, keys, renamed(value)) for slot, keys, value in entry) for entry in entries
        )

    return tuple(map(renamed, values))


# ---- terms --------------------------------------------------------------------

Get: TypeAlias = Callable[[list[Value]], Value]
"""A value out of the variables' values."""


@frozen(eq=False)
class Place:
    """Where something is kept: a variable, and the way into it. type: None for a `let`."""

    slot: int
    shared: bool
    ghost: bool = False
    type: Type | None = None
    selectors: tuple[Term | Member, ...] = ()

    def into(self, selector: Term | Member, part: Type | None) -> Place:
        """One index or member further in."""
        return Place(self.slot, self.shared, self.ghost, part, (*self.selectors, selector))

    def looks(self) -> bool:
        return self.shared or any(isinstance(s, Term) and s.shared for s in self.selectors)

    def keys(self, values: list[Value]) -> list[Value]:
        return [s.get(values) if isinstance(s, Term) else s for s in self.selectors]

    def read(self, values: list[Value]) -> Value:
        found = values[self.slot]
        for key in self.keys(values):
            found = found[found[0].position(key)]
        return found

    def write(self, values: list[Value], keys: list[Value], value: Value) -> None:
        if self.type is not None:
            value = self.type.fit(value, ghost=self.ghost)
        values[self.slot] = replaced(values[self.slot], keys, value)

    def exists(self, values: list[Value], keys: list[Value]) -> None:
        """Raises ModelError where an index on the way is none."""
        found = values[self.slot]
        for key in keys:
            found = found[found[0].position(key)]


def replaced(whole: Value, keys: list[Value], value: Value) -> Value:
    if not keys:
        return value
    at = whole[0].position(keys[0])
    return (*whole[:at], replaced(whole[at], keys[1:], value), *whole[at + 1 :])


def unknown(_: list[Value]) -> Value:
    raise AssertionError("a known term is not computed")


@frozen(eq=False, kw_only=True)
class Term:
    """What an expression is. known: the text says what it is, and that is `value`.

    shared: whether it names shared state. fresh: whether it makes a content. settled: a
    name that is bound once. sort: of an element. domain: what it may be, for a single thing.
    whole: an unset aggregate of its type; type, members: of a struct that is
    written out.
    """

    get: Get = field(default=unknown)
    known: bool = False
    value: Value = None
    shared: bool = False
    fresh: bool = False
    place: Place | None = None
    settled: bool = False
    sort: str | None = None
    domain: tuple[Value, ...] = BOOLS
    whole: Value = None
    type: Type | None = None
    members: dict[Member, Term] | None = None

    def unset(self) -> Value:
        """What a local is that has not been given this value yet."""
        return self.whole if self.whole is not None else unset_of(self.domain)


@frozen(eq=False)
class Many:
    """A list that the text knows."""

    items: tuple[Value, ...]


@frozen(eq=False)
class LockRef:
    kind: str
    owner: Place
    readers: Place | None


@frozen(eq=False)
class Results:
    """What a call has given back that returns several values."""

    items: tuple[Meaning, ...]


Meaning: TypeAlias = Term | Many | LockRef | Results
