"""The knobs that a verdict depends on."""

from __future__ import annotations

from pathlib import Path

from support.command import Command
from support.schemas import printed

import mmscn as library
from mmscn.check.elaborate import knobs_read
from mmscn.explain.depends import flipped
from mmscn.runtime.result import Limits

OWN = ("guarded", "order", "unasked")
SCENARIO = """scenario s
param times = 1
knob guarded = yes | no | almost
knob order = up | down
knob unasked = here | there
var x: 0..2
spinlock l
proc add() when guarded == yes { lock l { let seen = x; x = seen + 1 } }
proc add() when guarded != yes { let seen = x; x = seen + 1 }
proc never() when unasked == here { x = 0 }
thread a on cpu 0 { if order == up { call add() } else { call add() } }
thread b on cpu 1 { call add() }
finally "both" x == 2
"""


def test_a_verdict_depends_on_the_knobs_that_break_it() -> None:
    scenario = library.loads(SCENARIO)
    (run,) = scenario.runs(scenario.combinations())
    found = [(f.knob, str(f.other), f.breaks, f.whole) for f in flipped(scenario, run, Limits())]
    assert [one for one in found if one[0] in OWN] == [
        ("guarded", "no", "both", True),
        ("guarded", "almost", "both", True),
        ("order", "down", None, True),
    ]


def test_of_a_knob_that_nothing_asks_for_nothing_depends() -> None:
    scenario = library.loads(SCENARIO)
    assert [k for k in knobs_read(scenario.unit, {"times": 1}) if k in OWN] == ["guarded", "order"]


def test_a_value_with_more_states_than_are_searched_is_not_known() -> None:
    scenario = library.loads(SCENARIO)
    (run,) = scenario.runs(scenario.combinations())
    few = flipped(scenario, run, Limits(states=2))
    (order,) = (f for f in few if f.knob == "order")
    assert (order.breaks, order.whole) == (None, False)


def test_the_command_tells_it(tmp_path: Path, mmscn: Command) -> None:
    path = tmp_path / "s.mmscn"
    path.write_text(SCENARIO)
    out = mmscn("explain", "--knobs", str(path)).out
    assert "guarded = yes: with no, both breaks (" in out
    assert "order: it holds with every value." in out
    ended = mmscn("explain", "--json", "--knobs", str(path))
    (found,) = printed("explain", ended.out)["scenarios"]
    (combination,) = found["combinations"]
    own = [f["knob"] for f in combination["flipped"] if f["knob"] in OWN]
    assert own == ["guarded", "guarded", "order"]
