"""A checked program whose bytecode is known: nothing is lowered, unless it is asked for."""

from __future__ import annotations

from functools import cache

from mmscn.check.core import Checked
from mmscn.lower.compiled import Compiled, Known
from mmscn.lower.passes.counters import counters


def compiled_before(checked: Checked, known: Known, without: frozenset[str]) -> Compiled:
    """What `compile` gives, where the program without reductions is known.

    All else is made, with that program once more, when it is asked for; the passes are loaded then.
    """

    @cache
    def whole() -> Compiled:
        from mmscn.lower.compile import compile

        return compile(checked, without=without)

    found = () if "counters" in without else counters(checked)
    return Compiled(
        checked=checked,
        program=known.program,
        places=known.places,
        lines=known.lines,
        checks=known.checks,
        reduce=lambda: whole().reduction,
        uncount=(lambda: whole().uncounted) if found else None,
        lighten=lambda: whole().light,
    )
