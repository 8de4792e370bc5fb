"""The memory orders that there are: the values of the knob `memory` of `hw.memory`."""

from __future__ import annotations

from typing import Literal, TypeAlias

from mmscn.check.settings import Settings
from mmscn.check.values import Atom, show

Order: TypeAlias = Literal["sc", "tso", "arm"]
"""What is done under one is a `match` over all of them: mypy names those that forget one."""


def order_of(settings: Settings) -> Order:
    """`sc` where no module has the knob, and where `memory` is something else of the author's."""
    match show(settings.get("memory", Atom("sc"))):
        case "tso":
            return "tso"
        case "arm":
            return "arm"
        case _:
            return "sc"
