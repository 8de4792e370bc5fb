"""What the combinations of one unit share, as those that only draw a program know it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from attrs import define, field, frozen

from mmscn.check import core

ORIGINS_MAX = 20_000
"""Of all parts that are kept; beyond, they are forgotten."""
SURROUNDINGS_MAX = 64
"""That are told apart; with one more, all is forgotten."""


@frozen(eq=False, repr=False)
class Body:
    """Of a thread or an agent, with its locals. written, flows: what `mmscn.lower` makes of it."""

    block: core.Block
    locals: dict[int, core.LocalVar]
    written: list[object] = field(factory=list)
    flows: dict[bool, object] = field(factory=dict)


@define(eq=False, repr=False)
class Kept:
    """Of one unit. surroundings: a number for each. bodies: by identity. calls: `KeptCalls`."""

    parts: dict[Hashable, list[Any]] = field(factory=dict)
    surroundings: dict[Hashable, int] = field(factory=dict)
    bodies: dict[int, Body] = field(factory=dict)
    origins: int = 0
    numbers: int = 0
    calls: object = None

    def number(self, surroundings: Hashable) -> int:
        """No two have one number, though it may have been forgotten."""
        if surroundings not in self.surroundings:
            if len(self.surroundings) >= SURROUNDINGS_MAX:
                self.forget()
            self.surroundings[surroundings] = self.numbers
            self.numbers += 1
        return self.surroundings[surroundings]

    def forget(self) -> None:
        self.parts.clear()
        self.surroundings.clear()
        self.bodies.clear()
        self.origins = 0

    def keep(self, key: Hashable, part: Any) -> None:
        if self.origins + len(part.origins) > ORIGINS_MAX:
            self.forget()
        self.origins += len(part.origins)
        self.parts.setdefault(key, []).append(part)
        made = part.made
        blocks = [made] if isinstance(made, core.Block) else [agent.body for agent in made[0]]
        self.bodies |= {id(block): Body(block, part.locals) for block in blocks}


@frozen(eq=False, repr=False)
class Shared:
    """What a program has in common with others of its unit. around: the number of what is
    declared, which `families` is of.
    """

    kept: Kept
    around: int
    families: dict[str, core.Family]
