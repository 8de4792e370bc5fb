"""What nothing uses is a warning, and what something uses in any combination is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mmscn.judge.api import load, loads
from mmscn.judge.shipped import shipped_scenarios

COMMENT = re.compile(r'warning: (MM6\d\d) "([^"]*)"')

TEXTS = """
agent device { }  // warning: MM609 "the agent `device` has no step"
---
each cpu { var late: bool }
agent device[c in cpu] { busy when c.late }  // warning: MM609 "the agent `device` has no step"
---
var x: bool
agent device { step on when not x { x = true } }
---
param n = 1 | 2
const LAST = 3
always "in bounds" n < LAST and all i in 0..2: i != LAST  // warning: MM610 "reads nothing"
property p {
  finally true  // warning: MM610 "`true` reads nothing"
}
check p
---
var x: bool
thread t { x = true; mark set }
always x or not x
always (frame 0).content == 0 or true
finally set
reachable x
---
map A -> frame 0
var recheck: bool
thread t { store A = 1; recheck = true }
finally "a knob of the hardware has a word of this name" recheck
---
param flush_kinds = ipi | broadcast  // warning: MM601 "param `flush_kinds`"
---
param flush_kind = ipi | broadcast
---
param p = one | two
var x: bool
thread t { if p == one { x = true } }
always x or not x
---
param arch = x86 | arm64
machine arch { cpus 1 }
---
param n = 2 | 3
var x: 0..n
thread t { repeat n { x = x } }
---
var written: 0..3  // warning: MM601 "nothing reads `written`"
var counted: 0..3
var read: 0..3
var set[cpu]: bool  // warning: MM601 "nothing reads `set`"
each frame {
  var mine: bool  // warning: MM601 "nothing reads `mine`"
  var used: bool
}
mutex idle  // warning: MM601 "takes the lock `idle`"
mutex taken
thread t {
  written = read
  counted += 1
  set set[this_cpu] = true
  (frame 0).mine = (frame 0).used
  lock taken { }
}
---
enum unused { A, B }  // warning: MM601 "nothing is an `unused`"
enum named { C, D }
enum spoken { E, F }
struct empty { a: bool }  // warning: MM601 "nothing is a `empty`"
struct full { a: bool }
var n: named
var f: full
always n == n and f == f and E != F
---
param p = one | two
proc only_two() { }
proc helper() { call only_two() }
proc dead() { call deader() }  // warning: MM602 "nothing calls `dead`"
proc deader() { }  // warning: MM602 "nothing calls `deader`"
proc size() { return 1 }
property asked { always all c in cpu: size() == 1 }
property unasked { always (frame 0).content == 0 }  // warning: MM603 "the property `unasked`"
thread t { if p == two { call helper() } }
check asked when p == one
---
hook h() { }  // warning: MM602 "the hook `h`"
on h() { }  // warning: MM602 "the hook `h`"
---
on page_fault(v, write) { }
map A -> frame 0
thread t { store A = 1 }
---
override proc cpu_store(v, value) { }
map A -> frame 0
thread t { store A = 1 }
---
override proc cpu_store(v, value) { }  // warning: MM602 "nothing calls `cpu_store`"
always (frame 0).content == 0
---
thread t {
  mark passed
  mark missed  // warning: MM603 "`after missed`"
  mark told
}
property p { always (frame 0).content == 0 }
check p after passed
finally told
---
import linux.fs  // warning: MM604 "nothing of `linux.fs` is used"
import linux.page
always all f in frame: f.mapcount == 0
---
import linux.fault
file data on ext4 { page 0 = 0 }
mm u { map a = data[0] shared rw }
thread t on cpu 0 in u { store a = 1 }
---
param order = first | last
param kind = small | large
var x: bool
thread t { if order == small { x = true } }  // warning: MM605 "`order` never is `small`"
always x in [true] or kind not in [large, last]  // warning: MM605 "`kind` never is `last`"
---
enum colour { red, green }
enum shape { round, square }
struct thing { form: shape; size: 0..3 }
param kind = large | small
var c: colour
var f[0..1]: shape
var s: shape
var g: thing
var n: 0..3
var m[0..1]: 0..3
each frame { var tint: colour }
thread t {
  n = 3; m[0] = 3; c = green; s = square; f[0] = square; g.form = square; g.size = 2
  assert c != square  // warning: MM605 "`c` never is `square`"
  assert f[1] in [round, red] and kind == large  // warning: MM605 "`f` never is `red`"
  assert c == s  // warning: MM605 "`c` never is `s`"
  assert n in [0, 3] and n != 4  // warning: MM605 "`n` never is `4`"
  assert 4 != m[1]  // warning: MM605 "`m` never is `4`"
  assert g.form != green and g.size != 3  // warning: MM605 "`form` never is `green`"
  assert (frame 0).tint != small  // warning: MM605 "`tint` never is `small`"
  assert c == green and s == square and kind in [large, small]
  let round_ = s
  assert round_ == square
}
---
param order = first | last
proc f() when order == first and order == last { }  // warning: MM606 "this `f` is never meant"
proc f() when order == first { }
proc f() when order == last { }
thread t { call f() }
property p { always (frame 0).content == 0 }
check p when order != first and order != last  // warning: MM606 "never asked"
expect holds when order == first
expect holds when order == first and order == last  // warning: MM606 "never expected"
---
param A = 1 | 2 | 3
param B = 1 | 2 | 3
param order = first | last
const both = A == 2 and B == 2
var x: bool
thread t { x = A == B }
property p { always x or not x }
check p when A == 3 and B == 3 and order == last
check p when A + B == 7  // warning: MM606 "never asked"
check p when both
check p when both and B != 2  // warning: MM606 "never asked"
expect holds when both and order == last
expect holds when not both and A == 2 and B == 2  // warning: MM606 "never expected"
expect holds when B in [2, 3] and A in [1] and order == last
---
var x: bool
thread t { x = true }
always x or not x
expect holds when ad == blind_or
---
agent gpu {
  var busy_: bool  // warning: MM601 "nothing reads `busy_`"
  step go { busy_ = true }
}
"""


@pytest.mark.parametrize("text", [f"scenario s\n{part}" for part in TEXTS[1:].split("---\n")])
def test_warnings_are_those_that_the_text_announces(text: str) -> None:
    wanted = [
        (number, code, part)
        for number, line in enumerate(text.split("\n"), 1)
        for code, part in COMMENT.findall(line)
    ]
    found = [(d.span.line, d.code, d.message) for d in loads(text).warnings]
    assert [w[:2] for w in wanted] == [f[:2] for f in found], found
    for (_, _, part), (_, _, message) in zip(wanted, found, strict=True):
        assert part in message


def test_a_name_that_is_near_is_hinted_at() -> None:
    (d,) = loads("scenario s\nparam flush_kinds = ipi | broadcast\n").warnings
    assert (d.severity, d.hint) == ("warning", "did you mean `flush_kind`?")


MODULE = """module lib
import linux.fs
knob idle = a | b
knob read = c | d
var kept: 0..3
hook nobody()
on nobody() { }
proc offered() { if read == c { kept = 1 } }
property could_be { always (frame 0).content == 0 }
"""


def test_a_module_offers_and_only_what_no_text_names_is_told(tmp_path: Path) -> None:
    (tmp_path / "lib.mmscn").write_text(MODULE)
    (tmp_path / "s.mmscn").write_text("scenario s\nimport lib\nthread t { call offered() }\n")
    found = [(d.code, d.span.line) for d in load(tmp_path / "s.mmscn").warnings]
    assert found == [("MM604", 2), ("MM601", 3), ("MM601", 5), ("MM602", 7)]


@pytest.mark.parametrize("shipped", shipped_scenarios(), ids=lambda s: s.name)
def test_shipped_scenarios_use_all_that_they_declare(shipped) -> None:
    assert load(shipped.path).warnings == ()


UNUSED = "scenario s\nvar x: bool\nparam spare = a | b\nthread t { x = true }\nalways x or not x\n"


def test_commands_tell_warnings_and_end_as_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    from mmscn.cli.cli import main

    path = tmp_path / "s.mmscn"
    path.write_text(UNUSED)
    for _ in range(2):  # the second time it is known
        assert main(["run", str(path)]) == 0
        assert "warning MM601: nothing reads the param `spare`" in capsys.readouterr().err
    assert main(["run", "--json", str(path)]) == 0
    written = capsys.readouterr()
    assert written.err == ""
    (told,) = json.loads(written.out)["scenarios"][0]["warnings"]
    assert (told["code"], told["severity"]) == ("MM601", "warning")
    assert main(["check", str(path)]) == 0
    written = capsys.readouterr()
    assert "warning MM601" in written.err
    assert "no errors, 1 warning in 2 combinations" in written.out
    assert main(["check", "--strict", str(path)]) == 2
    assert "error MM601" in capsys.readouterr().err


def test_the_report_says_what_stands_in_for_the_librarys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    from mmscn.cli.cli import main
    from mmscn.judge.shipped import finder

    fs = finder(None)("linux.fs")
    assert fs is not None
    (tmp_path / "linux").mkdir()
    (tmp_path / "linux/fs.mmscn").write_text(fs.text)
    path = tmp_path / "s.mmscn"
    path.write_text(
        "scenario s\nimport linux.fs\nmap A -> frame 0\n"
        "override proc cpu_store(v, value) when ad == recheck { }\n"
        "thread t { store A = 1 }\nalways has_buffers(ext4)\nfile f on ext4 { page 0 = 0 }\n"
    )
    assert main(["run", str(path)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "replaced: `cpu_store` of hw.mmu when ad == recheck, the module linux.fs by" in out
    scenario = load(path)
    (override,), (stand_in,) = scenario.overrides, scenario.stand_ins
    assert override == ("cpu_store", "hw.mmu", "ad == recheck", None, 4)
    assert (stand_in.module, Path(stand_in.source)) == ("linux.fs", tmp_path / "linux/fs.mmscn")
    assert main(["run", "--json", str(path)]) == 0
    found = json.loads(capsys.readouterr().out)["scenarios"][0]
    assert found["overrides"] == [override._asdict()]
    assert found["stand_ins"] == [stand_in._asdict()]
