"""Rules of `memory = arm` that are left out, one at a time: what the comparison is worth."""

from __future__ import annotations

from typing import Any

from mmscn.check.order import arm, nodes, waits
from mmscn.check.order.barriers import Barriers
from mmscn.check.order.early import EarlyLoads
from mmscn.check.order.window import TRUE, Window


def nothing(*_: Any) -> None:
    """What a rule adds that is left out."""


def ready(*_: Any) -> Any:
    return TRUE


def stores_alone(_: Any, node: Any) -> bool:
    return bool(node.kind == "store")


def from_memory(_: Window, node: Any) -> Any:
    """A load that reads no store of its thread before that is done."""
    return waits.of_load(Window(_.families), node)


MUTANTS: dict[str, tuple[object, str, object]] = {
    "acquiring loads are loads": (nodes, "PASSING", ()),
    "releasing stores are stores": (waits, "RELEASES", ()),
    "a load passes a store to its place": (waits, "from_store", ready),
    "loads of one place pass each other": (Window, "passed", ready),
    "a load waits for the places of loads": (waits, "may_be_early", lambda *_: False),
    "no load reads what an exchange is to store": (waits, "stores_for", stores_alone),
    "an early load stays whatever it has read": (EarlyLoads, "guard", ready),
    "a place need not be known": (Window, "places_known", ready),
    "a fence keeps nothing": (Barriers, "fence", lambda self, *_: self),
    "a branch keeps no store": (nodes.Nodes, "branch_on", nothing),
    "nothing waits for a lock": (nodes.Nodes, "wait_for", nothing),
    "own stores are read in memory": (arm, "of_load", from_memory),
}
"""Of each rule: what it is replaced in, its name there, and what it is replaced by."""
