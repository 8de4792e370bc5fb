"""Names that mean two things, procedures that replace others, locals out of their blocks."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.check.expected import Hit, expected

from mmscn.diagnostics import Rejected
from mmscn.judge.api import load, loads
from mmscn.runtime.result import Verdict

REJECTED = r"""
property no_deadlock { always x }  // error: MM221 "`no_deadlock` is a rule that is always judged"
property in_range { always x }  // error: MM221 "`in_range` is a rule"
property outcomes { always x }  // error: MM221 "`outcomes` is a name of the language"
var x: bool
thread t {
  x = true
  assert x "lock_rules"  // error: MM221 "`lock_rules` is a rule"
  BUG "in_range"  // error: MM221 "`in_range` is a rule"
}
always "lock_rules" not x  // error: MM221 "`lock_rules` is a rule"
---
param none = 0 | 1  // error: MM221 "`none` is a value of the language"
param kind = early | cpu  // error: MM221 "`cpu` is a word of the language"
enum stage { frame, done }  // error: MM221 "`frame` is a word of the language"
enum thread { idle, busy }  // error: MM221 "`thread` is a word of the language"
var current: 0..1  // error: MM221 "`current` is a word of the language"
mutex va  // error: MM221 "`va` is a word of the language"
map this_mm -> frame 0  // error: MM221 "`this_mm` is a word of the language"
const this_cpu = 1  // error: MM221 "`this_cpu` is a word of the language"
proc f(true) { }  // error: MM221 "`true` is a value of the language"
thread fresh {  // error: MM221 "`fresh` is a value of the language"
  let none = 1  // error: MM221 "`none` is a value of the language"
  for false in 0..1 { }  // error: MM221 "`false` is a value of the language"
}
---
enum e { A, B, A }  // error: MM206 "`A` is twice a word of `e`"
enum f { B, C }
var x: e
---
param x = 0 | 1
var x: bool  // error: MM206 "`x` is a variable and also a param"
---
param A = 0 | 1
map A -> frame 0  // error: MM206 "`A` is a mapping and also a param"
---
mutex data
file data on ext4 { page 0 = 0 }  // error: MM206 "`data` is a file and also a lock"
---
param retry = never | seq  // error: MM216 "`seq` is a value of `retry` and also a variable"
var seq: 0..3
thread t { if retry == seq { seq = 1 } }
---
param by = mmap_lock | vma_lock  // error: MM216 "also a lock"  // error: MM216 "`vma_lock` is a"
rwsem mmap_lock
rwsem vma_lock
---
enum e { A, B }  // error: MM216 "`B` is a word of `e` and also a variable"
var B: bool
---
var x: bool
param late = early | passed  // error: MM216 "`passed` is a value of `late` and also a mark"
thread t { mark passed; mark passed }
thread u {
  mark x  // error: MM206 "`x` is a mark and also a variable"
  mark late  // error: MM206 "`late` is a mark and also a param"
}
---
var first: thread  // error: MM206 "`first` is a variable that names a thread, and also a thread"
thread first { first = current }
---
each frame { var content: 0..1 }  // error: MM206 "a frame has `content` already"
each cpu { var busy: bool; var busy: 0..1 }  // error: MM206 "a cpu has `busy` already"
---
param twice = 0 | 1
knob twice = 2 | 3
var x: bool
rwsem x  // error: MM206 "`x` is a lock and also a variable"
---
param ad = recheck | not_recheck  // error: MM309 "the knob `ad` has no value not_recheck"
---
mutex m
var from: bool
var to: bool
thread t {
  lock m { let seen = from }
  to = seen  // error: MM207 "`seen` is known only in the block of line 6"
}
---
var from: bool
proc f() {
  atomic { let t = from }
  await t  // error: MM207 "`t` is known only in the block of line 4"
}
thread t[i in 0..1] { call f() }
---
proc cpu_store(v, value) { }  // error: MM218 "`cpu_store` is also a procedure of `hw.mmu`"
proc drop(c, v) when ad == recheck { }  // error: MM218 "`drop` is also a procedure of `hw.mmu`"
---
override proc cpu_stores(v, value) { }  // error: MM217 "a procedure `cpu_stores` that this could"
override proc cpu_store(v) { }  // error: MM217 "`cpu_store` has 2 parameters where it is declared"
override proc usable(t, v) { }  // error: MM217 "has 1 parameter where it is declared, not 2"
---
proc f() { }
override proc f() { }  // error: MM217 "no other file has a procedure `f`"
---
var x: bool
override proc drop(c, v) { x = true }  // error: MM219 "`drop` is replaced twice"
override proc drop(c, v) when ad == recheck { x = false }
machine x86 { ad = recheck }
thread t { call drop(cpu 0, cpu 1) }
"""


def hits(text: str) -> list[tuple[Hit, str]]:
    """The diagnostics that loading and checking a text ends in, names looked up."""
    try:
        scenario = loads(text)
        for values in scenario.combinations():
            scenario.checked(values)
    except Rejected as problem:
        return sorted((Hit(d.span.line, d.code), d.message) for d in problem.diagnostics)
    return []


@pytest.mark.parametrize(
    "text", [f"scenario s\n{part}" for part in REJECTED.lstrip("\n").split("---\n")]
)
def test_names_that_mean_two_things_are_rejected_where_they_stand(text: str) -> None:
    found = hits(text)
    wanted = sorted(expected(text))
    assert [hit for hit, _ in found] == [hit for hit, _ in wanted], found
    for hit, part in wanted:
        assert any(hit == at and part in message for at, message in found), (part, found)


def test_a_clash_names_both_places() -> None:
    text = "scenario s\nvar seq: bool\nparam p = one | seq\n"
    with pytest.raises(Rejected) as caught:
        loads(text)
    (d,) = caught.value.diagnostics
    assert (d.span.line, [label.span.line for label in d.labels]) == (3, [2])


MINE = """scenario s
machine x86 { cpus 2 }
map A -> frame 0
ghost var mine: bool
override proc cpu_store(v, value) WHEN { mine = true }
thread t on cpu 0 { store A = 1 }
reachable "mine ran" mine
"""


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        ("", Verdict.HOLDS),
        ("when ad == recheck", Verdict.HOLDS),
        ("when ad == blind_or", Verdict.VIOLATED),
    ],
)
def test_an_override_is_called_instead_of_the_librarys_where_its_when_holds(
    when: str, verdict: Verdict
) -> None:
    report = loads(MINE.replace("WHEN", when)).check()
    assert report.runs[0].property("mine ran").verdict is verdict


def test_an_override_replaces_variants_with_a_when_and_may_be_an_expression(
    tmp_path: Path,
) -> None:
    (tmp_path / "lib.mmscn").write_text(
        "module lib\nknob k = a | b\n"
        "proc size() when k == a { return 1 }\nproc size() when k == b { return 2 }\n"
    )
    (tmp_path / "s.mmscn").write_text(
        "scenario s\nimport lib\nparam k = a | b\nvar x: 0..3\n"
        "override proc size() when k == b { return 3 }\n"
        'thread t { x = size() }\nfinally "x" x == (if k == a then 1 else 3)\n'
    )
    assert load(tmp_path / "s.mmscn").check().verdict is Verdict.HOLDS


@pytest.mark.parametrize("said", ["module other\n", "var x: bool\n"])
def test_a_module_says_the_name_that_it_is_imported_by(said: str, tmp_path: Path) -> None:
    (tmp_path / "lib.mmscn").write_text(said)
    (tmp_path / "s.mmscn").write_text("scenario s\nimport lib\n")
    with pytest.raises(Rejected) as caught:
        load(tmp_path / "s.mmscn")
    (d,) = caught.value.diagnostics
    assert (d.code, Path(d.span.source.name).name) == ("MM220", "lib.mmscn")


def test_struct_members_stand_on_lines_or_between_commas() -> None:
    for text in (
        "page: frame, write: bool",
        "page: frame\n write: bool",
        "page: frame,\n write: bool",
    ):
        report = loads(
            f"scenario s\nstruct request {{ {text} }}\nvar r: request\n"
            "thread t { r.write = true }\nfinally r.write\n"
        ).check()
        assert report.verdict is Verdict.HOLDS


REJECTING = """module lib
reject v in vma when not v.shared "lib knows shared mappings only"
reject t in thread when t.mm == none "lib wants an address space"
"""


def test_what_a_module_rejects_is_said_where_it_is_declared(tmp_path: Path) -> None:
    (tmp_path / "lib.mmscn").write_text(REJECTING)
    (tmp_path / "s.mmscn").write_text(
        "scenario s\nimport lib\nfile f on ext4 { page 0 = 0 }\nmm u {\n  map a = f shared\n"
        "  map b = f private\n}\nthread t on cpu 0 in u { }\nthread k[i in 0..1] on cpu 0 { }\n"
    )
    scenario = load(tmp_path / "s.mmscn")
    with pytest.raises(Rejected) as caught:
        scenario.checked({})
    found = [(d.code, d.span.line, d.message) for d in caught.value.diagnostics]
    assert found == [
        ("MM312", 6, "lib knows shared mappings only"),
        ("MM312", 9, "lib wants an address space"),
    ]
    labels = [label.span.source.name for d in caught.value.diagnostics for label in d.labels]
    assert {Path(name).name for name in labels} == {"lib.mmscn"}


@pytest.mark.parametrize(
    ("mapping", "rejected"),
    [
        ("= f[0] shared rw", False),
        ("= f[0] private ro", False),
        ("= f[0] private rw", True),
        ("= anon private rw", True),
        ("-> frame 0", True),
    ],
)
def test_the_fault_handler_rejects_what_it_would_get_wrong(mapping: str, rejected: bool) -> None:
    text = (
        "scenario s\nimport linux.fault\nmachine x86 { cpus 1 }\nfile f on tmpfs { page 0 = 0 }\n"
        f"mm u {{ map b {mapping} }}\nthread t on cpu 0 in u {{ let x = load b }}\n"
    )
    assert [hit for hit, _ in hits(text)] == ([Hit(5, "MM312")] if rejected else [])
