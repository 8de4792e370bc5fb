"""How a step leaves the model, which breaks `in_range`: said where a trace is told."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from mmscn.check.values import Value
from mmscn.lower.ir import VarId


class OutOfRange(NamedTuple):
    """A variable is given a value that is none of its own."""

    var: VarId
    value: Value


class NoCell(NamedTuple):
    """There is no cell of a family at an index."""

    family: str
    at: tuple[Value, ...]


class NoAttribute(NamedTuple):
    """Something fixed is asked of `none`."""


ModelError: TypeAlias = OutOfRange | NoCell | NoAttribute
