"""Random scenarios under a memory order: those of `generator`, with fences and hardware in them."""

from __future__ import annotations

import random
import re

from support.oracle.generator import scenario_text

ORDERS = ("sc", "tso")
STATEMENT = re.compile(r"^( +)(?=(?:set )?\w[\w.\[\]() ]* (?:=|\+=|-=) |if |assert |await )")


def ordered_text(seed: int, order: str = "tso", *, hardware_too: bool = True) -> str:
    """The text of the random scenario of a seed, under a memory order.

    hardware_too: with procedures and state of the hardware.
    """
    rng = random.Random(f"{seed} in order")
    places = rng.choice((1, 2, 2, 4))
    fences, hardware = rng.choice((0, 0, 0.1, 0.3)), rng.choice((0, 0.2, 0.5))
    hardware *= hardware_too
    lines = []
    for n, line in enumerate(scenario_text(seed).splitlines()):
        if line.startswith("proc ") and rng.random() < hardware:
            line = f"hardware {line}"
        if line.startswith("var ") and rng.random() < hardware / 2:
            line = f"hardware {line}"
        inside = STATEMENT.match(line)
        if inside and rng.random() < fences and "thread" not in line:
            kind = rng.choice(("full", "full", "loads", "stores"))
            line = f"{inside[1]}fence {kind}\n{line}"
        lines.append(line)
        if n == 0:
            lines += [f"param memory = {order}", f"param store_buffer = {places}"]
    return "\n".join(lines) + "\n"
