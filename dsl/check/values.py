"""Values and types: everything is finite, everything can be enumerated.

A value is a Python int, bool, None (`none`), an Atom or an Elem. A version is
an int: 0 up to the scenario's named constants, larger ones are anonymous.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import field, frozen


@frozen(order=True)
class Atom:
    """A word that stands for itself: a value of a param, a knob or an enum."""

    name: str

    def __str__(self) -> str:
        return self.name


@frozen(order=True)
class Elem:
    """An element of a sort, such as `frame 1` or `buf[0]`; `name` is how it is shown."""

    sort: str
    number: int
    name: str = field(eq=False, order=False)

    def __str__(self) -> str:
        return self.name


Value: TypeAlias = int | bool | Atom | Elem | None
Domain: TypeAlias = tuple[Value, ...]

BOOLS: Domain = (False, True)
SORTS = ("cpu", "frame", "va", "vma", "mm", "file", "filepage", "thread")


@frozen
class ScalarType:
    """One value out of `domain`; a version when `version` (its domain: the named ones)."""

    domain: Domain
    version: bool = False


@frozen
class StructType:
    name: str
    members: tuple[tuple[str, Type], ...]


@frozen
class ArrayType:
    """One `of` for each combination of the indices' values."""

    indices: tuple[Domain, ...]
    of: Type


@frozen
class LockType:
    """kind: `spinlock`, `mutex`, `rwsem` or `bitlock`."""

    kind: str


Type: TypeAlias = ScalarType | StructType | ArrayType | LockType

BOOL = ScalarType(BOOLS)
VERSION = ScalarType((0,), version=True)


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


def single_element(domain: Domain) -> Elem | None:
    """The one element that a domain can stand for, `none` aside."""
    elements = [v for v in domain if v is not None]
    if len(elements) == 1 and isinstance(elements[0], Elem):
        return elements[0]
    return None
