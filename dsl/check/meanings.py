"""What a name means in the text that it stands in.

What the text itself declares comes first, then what a module declares, then what the scenario
does. So the words of a scenario are its own, whatever hardware and modules call theirs, and a
module means what it says, whoever imports it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from attrs import define, field

from mmscn.check.mentions import mentions
from mmscn.check.modules import Unit
from mmscn.check.parts import items
from mmscn.source import Source, Span
from mmscn.syntax import tree as t

Kind: TypeAlias = Literal["state", "setting", "constant", "world", "enum", "word"]


@define(eq=False, repr=False)
class Meanings:
    """own: by text (its identity), what each of its names is. modules, scenario: of all texts.

    A mark is the state of having been passed; those of the scenario are among its own names.
    marks: which those are.
    """

    own: dict[int, dict[str, Kind]] = field(factory=dict)
    modules: dict[str, Kind] = field(factory=dict)
    scenario: dict[str, Kind] = field(factory=dict)
    marks: set[str] = field(factory=set)

    def of(self, name: str, text: Source) -> Kind | None:
        """What a name is, None where no text declares it (as the words of the language)."""
        for table in (self.own.get(id(text), {}), self.modules, self.scenario):
            if name in table:
                return table[name]
        return None


def meanings(unit: Unit) -> Meanings:
    """Those of all names of a unit, which is whole; found once."""
    if not isinstance(unit.meant, Meanings):
        unit.meant = meant(unit)
    return unit.meant


def meant(unit: Unit) -> Meanings:
    found = Meanings()
    for name, kind, span in every(unit):
        text = span.source
        found.own.setdefault(id(text), {}).setdefault(name, kind)
        table = found.scenario if text is unit.source else found.modules
        table.setdefault(name, kind)
    own = found.own.setdefault(id(unit.source), {})
    for item in items(unit):
        if item.span.source is unit.source:
            for mark in mentions(item).marks:
                own.setdefault(mark, "state")
                found.marks.add(mark)
    return found


def every(unit: Unit) -> Iterator[tuple[str, Kind, Span]]:
    """All that is declared, in the order in which one of a name is meant."""
    for var in unit.variables:
        yield var.name, "state", var.span
    varied: tuple[t.Param | t.Knob, ...] = (*unit.params.values(), *unit.knobs.values())
    for item in varied:
        yield item.name, "setting", item.span
    for const in unit.consts:
        yield const.name, "constant", const.span
    for file in unit.files:
        yield file.name, "world", file.span
    for mm in unit.mms:
        yield mm.name, "world", mm.span
    for map_ in (*unit.maps, *(m for mm in unit.mms for m in mm.maps)):
        yield map_.name, "world", map_.span
    for enum in unit.enums.values():
        yield enum.name, "enum", enum.span
    for item in varied:
        for e in item.values:
            if isinstance(e, t.Name):
                yield e.text, "word", e.span
    for enum in unit.enums.values():
        for word in enum.members:
            yield word, "word", enum.span
