"""The line that says what the verdicts hold under names what no column shows."""

from __future__ import annotations

import pytest

from mmscn.judge.api import loads
from mmscn.show import table

TEXT = """scenario hidden
import linux.vma
{declared}
machine {machine}
var n: 0..1
thread t on cpu 0 {{ n = 1 }}
finally n == 1
"""
P = "param p = a | b"


@pytest.mark.parametrize(
    ("declared", "machine", "chosen", "said"),
    [
        # a param with one value, beside one with several
        (f"{P}; param q = x", "x86 { cpus 1 }", {}, "q=x"),
        (f"{P}; param zap = delayed_rmap", "x86 { cpus 1 }", {}, "zap=delayed_rmap"),
        # what -D narrows to one value, a knob among them, even to its default
        (f"{P}; param q = x | y", "x86 { cpus 1 }", {"q": "y"}, "q=y"),
        (P, "x86 { cpus 1 }", {"spec_fill": "off"}, "spec_fill=off"),
        (P, "x86 { cpus 1 }", {"spec_fill": "on"}, "spec_fill=on"),
        (P, "x86 { cpus 1; spec_fill = on }", {"spec_fill": "off"}, "spec_fill=off"),
        # knobs of the machine block, and no others; a value brings others with it unsaid
        (P, "x86 { cpus 1; spec_fill = off }", {}, "spec_fill=off"),
        (P, "x86 { cpus 1; spec_fill = on }", {}, "spec_fill=on"),
        (P, "x86 { cpus 1; zap = delayed_rmap }", {}, "zap=delayed_rmap"),
        (P, "x86 { cpus 1 }", {}, None),
        # what a param with a column chooses
        ("param p = on | off", "x86 { cpus 1; spec_fill = p }", {}, None),
        ("param spec_fill = on | off", "x86 { cpus 1; spec_fill = off }", {}, None),
        ("param zap = rc2 | delayed_rmap", "x86 { cpus 1 }", {}, None),
        ("param m = x86 | arm64", "m { cpus 1 }", {}, None),
        # what a machine changes
        (P, "knl { cpus 1 }", {}, "ad=recheck_nonatomic"),
    ],
)
def test_what_no_column_shows_is_among_the_bounds(
    declared: str, machine: str, chosen: dict[str, str], said: str | None
) -> None:
    scenario = loads(TEXT.format(declared=declared, machine=machine))
    lines = table.under(scenario.check(chosen))
    _, _, stated = " ".join(" ".join(lines).split()).partition("; ")
    assert stated == (said or "")


def test_a_single_run_names_its_params_once() -> None:
    text = TEXT.format(declared="param q = x", machine="x86 { cpus 1 }")
    shown = table.text(loads(text).check())
    assert shown.count("q=x") == 1
