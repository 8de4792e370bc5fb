"""Values: everything is finite, everything can be enumerated.

A value is a Python int, bool, None (`none`), an Atom or an Elem. A version is
an int: 0 up to the scenario's named constants, larger ones are anonymous.
"""

from __future__ import annotations

from typing import TypeAlias


class Atom:
    """A word that stands for itself: a value of a param, a knob or an enum."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.name == other.name

    def __lt__(self, other: Atom) -> bool:
        return self.name < other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Atom({self.name!r})"

    def __str__(self) -> str:
        return self.name


class Elem:
    """An element of a sort, such as `frame 1` or `buf[0]`; `name` is how it is shown."""

    __slots__ = ("hashed", "name", "number", "sort")

    def __init__(self, sort: str, number: int, name: str) -> None:
        self.sort = sort
        self.number = number
        self.name = name
        self.hashed = hash((sort, number))

    def __reduce__(self) -> tuple[type[Elem], tuple[str, int, str]]:
        """Without its hash, which is another one in another process."""
        return Elem, (self.sort, self.number, self.name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Elem):
            return False
        return self.number == other.number and self.sort == other.sort

    def __lt__(self, other: Elem) -> bool:
        return (self.sort, self.number) < (other.sort, other.number)

    def __hash__(self) -> int:
        return self.hashed

    def __repr__(self) -> str:
        return f"Elem({self.sort!r}, {self.number}, {self.name!r})"

    def __str__(self) -> str:
        return self.name


Value: TypeAlias = int | bool | Atom | Elem | None
Domain: TypeAlias = tuple[Value, ...]

BOOLS: Domain = (False, True)
SORTS = ("cpu", "frame", "va", "vma", "mm", "file", "filepage", "thread")


def show(value: Value) -> str:
    """A value as the author would write it."""
    match value:
        case None:
            return "none"
        case True:
            return "true"
        case False:
            return "false"
        case _:
            return str(value)


def kind_of(value: Value) -> str:
    """The kind of thing a value is; values of two kinds are never compared."""
    match value:
        case bool():
            return "bool"
        case int():
            return "number"
        case None:
            return "none"
        case Atom():
            return "word"
        case Elem(sort=sort):
            return sort


def same(a: Value, b: Value) -> bool:
    """Equality that keeps `true` and 1 apart."""
    return kind_of(a) == kind_of(b) and a == b


def single_element(domain: Domain) -> Elem | None:
    """The one element that a domain can stand for, `none` aside."""
    elements = [v for v in domain if v is not None]
    if len(elements) == 1 and isinstance(elements[0], Elem):
        return elements[0]
    return None
