"""The text of a statement, with places for what only a run knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from attrs import frozen

from mmscn.check.values import Elem, Value


@frozen(eq=False, kw_only=True)
class Hole:
    """A part of a text that is a local. name: as it is written. only: the element that it
    is where it is one at all, None where it may be several. argument: of a call: an element
    stands in its place, whichever it is.
    """

    local: int
    name: str
    only: Elem | None
    argument: bool = False


@frozen(eq=False, kw_only=True)
class Words:
    """before: `let x = ` in front of an operation, which a drawing leaves out. parts: the rest."""

    before: str
    parts: tuple[str | Hole, ...]

    def __str__(self) -> str:
        """The text as it is where each local is the element that it can be."""
        return self.text({})

    def text(self, locals_: Mapping[int, Value], *, short: bool = False) -> str:
        """The text in a run: an element in place of the local that is it."""
        return ("" if short else self.before) + "".join(
            part if isinstance(part, str) else filled(part, locals_) for part in self.parts
        )

    def names(self) -> dict[int, str]:
        """What each local is called in the text."""
        return {part.local: part.name for part in self.holes()}

    def locals_in_text(self, locals_: Mapping[int, Value]) -> frozenset[int]:
        """The locals whose values stand in the text."""
        return frozenset(h.local for h in self.holes() if filled(h, locals_) != h.name)

    def holes(self) -> Iterator[Hole]:
        return (part for part in self.parts if isinstance(part, Hole))


def filled(hole: Hole, locals_: Mapping[int, Value]) -> str:
    """What stands in the place of a local."""
    value = locals_.get(hole.local)
    if hole.argument and isinstance(value, Elem):
        return str(value)
    if hole.only is None or locals_.get(hole.local, hole.only) != hole.only:
        return hole.name
    return str(hole.only)


Kind: TypeAlias = str
"""What a statement is, by its keyword: `lock`, `unlock`, `await`, `if`, `choose`, `atomic`; or
`trylock`, `load`, `exchange` where its value is got so, else `let` or `assign`.
"""
