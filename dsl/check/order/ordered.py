"""A program under the memory order that its knob says."""

from __future__ import annotations

from collections.abc import Mapping

from mmscn.check import core
from mmscn.check.order.arm import arm
from mmscn.check.order.tso import tso
from mmscn.check.values import Atom, Value, show

PLACES = 4
"""Of a buffer, where no module has the knob."""


def ordered(checked: core.Checked, settings: Mapping[str, Value]) -> core.Checked:
    """Raises Rejected for what an order does not model."""
    if show(settings.get("memory", Atom("sc"))) == "tso":
        places = settings.get("store_buffer", PLACES)
        assert isinstance(places, int)
        return tso(checked, places)
    if show(settings.get("memory", Atom("sc"))) == "arm":
        return arm(checked)
    return checked
