"""attrs' classes, as far as mmscn uses them: checked as attrs', made by `record_classes`.

attrs compiles the methods of a class when it is declared, 0.3 ms for each of 180 classes: half of
the run of a text that is known, a quarter of that of one that is not. Here a method is compiled
when it is first called. mypy reads attrs' own declarations, and so checks what is frozen, and the
arguments of `evolve`; a frozen instance is not guarded while mmscn runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attrs import Factory, asdict, define, evolve, field, fields, frozen
else:
    from mmscn.record_classes import Factory, asdict, define, evolve, field, fields, frozen

__all__ = ["Factory", "asdict", "define", "evolve", "field", "fields", "frozen"]
