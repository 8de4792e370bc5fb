"""Types: what values a variable may have, and how it is taken apart."""

from __future__ import annotations

from typing import TypeAlias

from attrs import Factory, frozen

from mmscn.check.values import BOOLS, Domain


@frozen(repr=False)
class ScalarType:
    """One value out of `domain`; a version when `version` (its domain: the named ones)."""

    domain: Domain
    version: bool = False


@frozen(repr=False)
class StructType:
    """texts: what a drawing says of the members, by name, where they have one.

    size: of a queue, how many it has room for.
    """

    name: str
    members: tuple[tuple[str, Type], ...]
    texts: dict[str, str] = Factory(dict)
    size: int | None = None


@frozen(repr=False)
class ArrayType:
    """One `of` for each combination of the indices' values."""

    indices: tuple[Domain, ...]
    of: Type


@frozen(eq=False, repr=False)
class LockType:
    """kind: `spinlock`, `mutex`, `rwsem` or `bitlock`."""

    kind: str


RESULTS = StructType("several results", ())
"""The type of what a call gives back that returns several values: its members, by number."""

Type: TypeAlias = ScalarType | StructType | ArrayType | LockType

BOOL = ScalarType(BOOLS)
VERSION = ScalarType((0,), version=True)


def element_type(type_: ArrayType) -> Type:
    """The type of what the first index gives."""
    more = type_.indices[1:]
    return ArrayType(more, type_.of) if more else type_.of
