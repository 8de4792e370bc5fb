"""The numbers of locals and origins: increasing, with gaps between the parts of a program."""

from __future__ import annotations

from typing import TypeVar

from mmscn.check.core import Checked, Origin

T = TypeVar("T")


def added(table: dict[int, T], value: T) -> int:
    """The number that a value has in a table from now on."""
    number = next(reversed(table), -1) + 1
    table[number] = value
    return number


def first_origin(checked: Checked) -> Origin:
    """Where a program begins: what has no other place is told there."""
    return next(iter(checked.origins.values()))
