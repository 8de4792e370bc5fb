"""What a drawing calls things is what their declarations say, whatever machine it is."""

from __future__ import annotations

import pytest

from mmscn.draw.diagram import draw
from mmscn.draw.notes import things
from mmscn.draw.steps import steps

MACHINE = """
scenario test
machine x86 {{ cpus 2 }}
struct leaf {leaf}
each va {{ var entry: leaf {entry} }}
each cpu {{
  var shadow[va]: leaf {shadow}
  {quiet}var polled: 0..2
}}
each frame {{ var word: version {word} }}
map A -> frame 0
init {{
  A.entry.valid = true
  A.entry.page = frame 0
  A.entry.writable = true
}}
concurrent {{
  thread user on cpu 0 {{
    atomic {{ await A.entry.valid; (cpu 0).shadow[A] = A.entry }}
    (cpu 0).polled = 1
    atomic {{ let p = (cpu 0).shadow[A].page; p.word = 1 }}
  }}
  thread kernel on cpu 1 {{
    await (cpu 0).shadow[A].valid
    A.entry.writable = false
    A.entry.valid = false
  }}
}}
finally "never" (frame 0).word == 0 and (cpu 0).polled == 0 and A.entry.valid and A.entry.writable
  and (cpu 0).shadow[A].writable
"""

SAID = dict(
    leaf='{ valid: bool "/invalid", page: frame, writable: bool "W/R", used: bool "U" }',
    entry='"LEAF"',
    shadow='"SHADOW"',
    word='""',
    quiet="quiet ",
)
UNSAID = dict(
    leaf="{ valid: bool, page: frame, writable: bool, used: bool }",
    entry="",
    shadow="",
    word="",
    quiet="",
)


def changes(found) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for step in steps(*found):
        for change in step.changes:
            if not change.quiet:
                told.setdefault(change.what, []).append(f"{change.before} -> {change.after}")
    return told


def test_another_machine_is_drawn_in_its_own_words(violation_in) -> None:
    found = violation_in(MACHINE.format(**SAID), "never")
    assert changes(found) == {
        "SHADOW0 A": ["none -> p0 W"],
        "LEAF A": ["p0 W -> p0 R", "p0 R -> invalid p0"],
        "p0": ["v0 -> v1"],
    }
    assert "[LEAF A: p0 R -> invalid p0]" in draw(*found)


def test_without_words_things_are_called_by_their_names(violation_in) -> None:
    assert changes(violation_in(MACHINE.format(**UNSAID), "never")) == {
        "CPU0 shadow[A]": ["none -> {valid=1 page=p0 writable=1 used=0}"],
        "CPU0 polled": ["0 -> 1"],
        "A entry": [
            "{valid=1 page=p0 writable=1 used=0} -> {valid=1 page=p0 writable=0 used=0}",
            "{valid=1 page=p0 writable=0 used=0} -> {valid=0 page=p0 writable=0 used=0}",
        ],
        "p0 word": ["v0 -> v1"],
    }


def test_entries_come_first(violation_in) -> None:
    compiled = violation_in(MACHINE.format(**SAID), "never")[0]
    found = [thing.entry for thing in things(compiled)]
    assert found == sorted(found, reverse=True)
    assert True in found


@pytest.mark.parametrize(
    ("declared", "called"),
    [
        ('var n: 0..2 "COUNT"', "COUNT"),
        ("var n: 0..2", "n"),
        ('var n[0..1]: 0..2 = 0 "COUNT"', "COUNT[0]"),
        ('each frame { var n: 0..2 "count of" }', "count of p0"),
        ('each cpu { var n: 0..2 "COUNT" }', "COUNT0"),
        ("quiet var n: 0..2", "n"),
    ],
)
def test_a_text_behind_a_declaration_is_the_name(violation_in, declared, called) -> None:
    index = "n[0]" if "n[0..1]" in declared else "n"
    place = "(frame 0).n" if "frame" in declared else "(cpu 0).n" if "cpu" in declared else index
    text = f"""
    scenario test
    machine x86 {{ cpus 1; frames 1 }}
    {declared}
    concurrent {{ thread a on cpu 0 {{ {place} = 1 }} }}
    finally "never" {place} == 0
    """
    assert list(changes(violation_in(text, "never"))) == [called]


@pytest.mark.parametrize(
    ("asked", "noted"),
    [("m == 0", ["m"]), ("n == 0 and m == 0", ["n", "m"]), ("m < 2 and g == 0", ["m", "g"])],
)
def test_what_is_quiet_is_noted_where_the_property_looks_at_it(violation_in, asked, noted) -> None:
    text = f"""
    scenario test
    var m: 0..2
    quiet var n: 0..2
    ghost var g: 0..2
    concurrent {{ thread a on cpu 0 {{ n = 1; m = 1; g = 1 }} }}
    finally "never" {asked}
    """
    assert list(changes(violation_in(text, "never"))) == noted
