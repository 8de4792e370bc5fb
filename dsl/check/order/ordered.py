"""A program under the memory order that its knob says."""

from __future__ import annotations

from typing import assert_never

from mmscn.check import core
from mmscn.check.order.orders import order_of
from mmscn.check.settings import Settings

PLACES = 4
"""Of a buffer, where no module has the knob."""


def ordered(checked: core.Checked, settings: Settings) -> core.Checked:
    """Raises Rejected for what an order does not model."""
    order = order_of(settings)
    match order:
        case "sc":
            return checked
        case "tso":
            from mmscn.check.order.tso import tso

            places = settings.get("store_buffer", PLACES)
            assert isinstance(places, int)
            return tso(checked, places)
        case "arm":
            from mmscn.check.order.arm import arm

            return arm(checked)
        case _:
            assert_never(order)
