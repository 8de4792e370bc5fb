"""Lists that are known, and arguments that are, stand in a drawing by what they are."""

from __future__ import annotations

import pytest

from mmscn.check.display import list_text
from mmscn.check.values import Elem
from mmscn.draw.diagram import draw

TEXT = """
scenario s
machine x86 { cpus 2; spec_fill = off }
file data on ext4 { page 0 = 0; page 1 = 0; page 2 = 0 }
mm user { map buf = data[0..2] shared rw }
const LAST = 2
var n: 0..3
proc flush_some(range, late) {
  flush range on all
  n = LAST
}
thread a in user {
  let dirty = n == 0
  call flush_some(buf[0..LAST - 1], dirty and LAST == 2)
  call flush_some(buf[1..0], dirty and LAST == 3)
  call flush_some(buf[2..LAST], dirty or LAST == 2)
}
finally "never" n == 0
"""

LOAD = """
scenario s
machine x86 { cpus 1; spec_fill = off }
mm user { map A = anon private rw }
var n: 0..3
on page_fault(v, write) { n += 1; pte(v).present = true; pte(v).page = frame 0 }
thread a in user {
  let seen = load A
  assert seen == 1 "it is there"
}
"""


def test_a_part_of_a_list_is_named_by_its_members(violation_in) -> None:
    text = draw(*violation_in(TEXT, "never"), full=True)
    calls = [line.strip() for line in text.splitlines() if "flush" in line]
    assert calls == [
        "flush_some(buf[0..1], dirty)",
        "flush buf[0..1] on all",
        "flush_some(nothing, false)",
        "flush nothing on all",
        "flush_some(buf[2], true)",
        "flush buf[2] on all",
    ]


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [((), "nothing"), ((1,), "cpu 1"), ((0, 2), "{cpu 0, cpu 2}")],
)
def test_members_that_do_not_follow_each_other_stand_in_braces(
    numbers: tuple[int, ...], shown: str
) -> None:
    assert list_text(tuple(Elem("cpu", n, f"cpu {n}") for n in numbers)) == shown


def test_a_load_that_faults_has_no_value_before_it_goes_on(violation_in) -> None:
    text = draw(*violation_in(LOAD, "it is there"), full=True)
    lines = [line.strip() for line in text.splitlines()]
    again = lines.index("(let seen = load A goes on)")
    values = [n for n, line in enumerate(lines) if "[seen = v0]" in line]
    assert min(values) > again
