"""Profiles of a knob's value and of a machine, and what goes before them; parts of lists."""

from __future__ import annotations

import pytest

import mmscn
from mmscn.check.values import show

TEXT = """
scenario s
knob fix = plain | both
knob early = no | yes
knob late = no | yes
profile both of fix "both" { early = yes; late = yes }
profile arm of machine { early = yes }
var x: bool
thread t { x = true }
always "said" x or not x
"""


@pytest.mark.parametrize(
    ("more", "early", "late"),
    [
        ("", "no", "no"),
        ("param fix = both", "yes", "yes"),
        ("param fix = both\nparam late = no", "yes", "no"),
        ("machine x86 { cpus 1; fix = both }", "yes", "yes"),
        ("machine x86 { cpus 1; fix = both; early = no }", "no", "yes"),
        ("machine arm { cpus 1 }", "yes", "no"),
        ("machine arm { cpus 1; early = no }", "no", "no"),
    ],
)
def test_a_profile_sets_what_nothing_else_sets(more: str, early: str, late: str) -> None:
    scenario = mmscn.loads(TEXT + more)
    knobs = dict(scenario.checked(scenario.combinations()[0]).knobs)
    assert (show(knobs["early"]), show(knobs["late"])) == (early, late)


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("profile bothh of fix { early = yes }", "MM309", "no value `bothh`"),
        ("profile both of fixx { early = yes }", "MM207", "there is no knob `fixx`"),
        ("profile arn of machine { early = yes }", "MM309", "there is no machine `arn`"),
    ],
)
def test_a_profile_is_of_something_that_there_is(line: str, code: str, message: str) -> None:
    with pytest.raises(mmscn.Rejected) as problem:
        mmscn.loads(TEXT + line).combinations()
    (diagnostic,) = problem.value.diagnostics
    assert diagnostic.code == code
    assert message in diagnostic.message


@pytest.mark.parametrize(
    ("part", "count"), [("b", 3), ("b[0..2]", 3), ("b[1..1]", 1), ("b[0..-1]", 0), ("b[3..2]", 0)]
)
def test_a_part_of_a_mapping_has_its_ends(part: str, count: int) -> None:
    text = f"""
scenario s
file f on ext4 {{ pages 3 }}
mm u {{ map b = f }}
var n: 0..3
thread t {{ for v in {part} {{ n += 1 }} }}
finally "all" n == {count}
"""
    assert mmscn.loads(text).check().verdict.name == "HOLDS"
