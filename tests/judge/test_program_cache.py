"""What is compiled before is what would be compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mmscn
from mmscn import cache as store
from mmscn.check.core import Checked
from mmscn.judge import program_cache
from mmscn.judge.api import Scenario, load
from mmscn.judge.case_cache import dumped
from mmscn.judge.shipped import Shipped, shipped_scenarios
from mmscn.lower.compile import compile
from mmscn.lower.compiled import Compiled

TEXT = """scenario s
param how = good | bad
var x: 0..2
proc change() when how == good { x += 1 }
proc change() when how == bad {
  let r = x
  x = r + 1
}
concurrent {
  thread a { call change() }
  thread b { call change() }
}
finally "both count" x == 2
expect violated "both count" when how == bad
expect holds otherwise
"""


APART = """scenario s
var x: 0..3
concurrent { thread t[i in 0..1] {
  x = 1
  x = 2
  if i == 1 { x = 3 }
} }
finally "never" x != 1
"""


STEPS = """scenario s
var x: 0..3
var y: 0..3
concurrent {
  thread a { x = 1; x = 2; x = 3 }
  thread b { y = 1; y = 2; y = 3 }
}
always "never" x + y < 6
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MMSCN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def made(found: Compiled) -> tuple[Any, ...]:
    return found.program, found.places, found.lines, found.checks


def whole(found: Compiled) -> tuple[Any, ...]:
    return *made(found), found.reduction, found.light


def compared(scenario: Scenario, params: dict[str, str], *, reduced: bool) -> None:
    for values in scenario.combinations(params):
        checked = scenario.checked(values)
        fresh = compile(checked)
        first, known = (program_cache.compiled(checked, frozenset()) for _ in range(2))
        assert made(first) == made(fresh)
        assert made(known) == made(fresh)
        assert known.checked is checked
        if reduced:
            assert (first.reduction, first.light) == (fresh.reduction, fresh.light)
            assert (known.reduction, known.light) == (fresh.reduction, fresh.light)
            assert known.uncounted == fresh.uncounted


def test_what_is_known_is_what_would_be_made() -> None:
    compared(mmscn.loads(TEXT), {}, reduced=True)
    compared(load("racewrite"), {"zap": "rc2", "mapped_exit": "lockfree"}, reduced=False)


@pytest.mark.slow
@pytest.mark.parametrize("shipped", shipped_scenarios(), ids=lambda s: s.name)
def test_what_is_known_is_what_would_be_made_everywhere(shipped: Shipped) -> None:
    if not shipped.benchmark:
        compared(load(shipped.path), {}, reduced=False)


def count_of_builds(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    built: list[object] = []

    def counted(checked: Checked, without: frozenset[str]) -> Compiled:
        built.append(checked)
        return compile(checked, without=without)

    monkeypatch.setattr(program_cache, "made_anew", counted)
    return built


def test_an_edit_is_compiled_where_it_changes_what_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    built = count_of_builds(monkeypatch)

    def verdicts(text: str) -> list[str]:
        built.clear()
        report = mmscn.loads(text).check()
        assert report.met
        return [run.verdict.value for run in report.runs]

    assert verdicts(TEXT) == ["holds", "violated"]
    assert len(built) == 2
    assert verdicts(f"// said before\n{TEXT}") == ["holds", "violated"]
    assert verdicts(TEXT.replace("x = r + 1", "x =   r + 1")) == ["holds", "violated"]
    assert len(built) == 0
    bad = TEXT.replace("let r = x\n  x = r + 1", "x = 2\n  x = 1")
    assert verdicts(bad) == ["holds", "violated"]
    assert len(built) == 1


def test_lines_of_a_known_program_are_those_of_the_text_as_it_is() -> None:
    def where(text: str) -> list[int]:
        scenario = mmscn.loads(text)
        report = scenario.check({"how": "bad"})
        example = report.runs[0].counterexample("both count")
        assert example is not None
        return [step.span.line for step in example.steps]

    before = where(TEXT)
    assert where(f"\n\n{TEXT}") == [line + 2 for line in before]


def test_a_large_search_of_a_known_program_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def checked(text: str) -> Checked:
        scenario = mmscn.loads(text)
        return scenario.checked(scenario.combinations()[0])

    first = program_cache.compiled(checked(STEPS), frozenset())
    expected = first.reduction, first.light
    assert expected[0] != expected[1]
    monkeypatch.setattr("mmscn.lower.compile.build", None)
    known = program_cache.compiled(checked(f"// said before\n{STEPS}"), frozenset())
    assert (known.reduction, known.light) == expected


def test_what_lacks_a_reduction_is_not_kept(cache: Path) -> None:
    checked = mmscn.loads(STEPS).checked({})
    lacking = compile(checked).reduction._replace(skipped=("fuse",))
    assert program_cache.reduced("programreduced-x", lambda: lacking) == lacking
    assert not list(cache.glob("programreduced-*"))


def test_what_tells_threads_apart_is_said_of_the_text_as_it_is() -> None:
    for line in (3, 4):
        scenario = mmscn.loads("\n" * (line - 3) + APART)
        checked = scenario.checked(scenario.combinations()[0])
        (said,) = program_cache.compiled(checked, frozenset()).reduction.refused
        assert f"`x = 3` (<text>:{line + 3})" in said


def test_other_passes_are_other_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    built = count_of_builds(monkeypatch)
    checked = mmscn.loads(TEXT).checked({"how": mmscn.loads(TEXT).params["how"][1]})
    for off in (frozenset[str](), frozenset({"fold"}), frozenset({"fold", "live"})):
        assert made(program_cache.compiled(checked, off)) == made(compile(checked, without=off))
    assert len(built) == 3


def test_another_mmscn_compiles_again(monkeypatch: pytest.MonkeyPatch) -> None:
    built = count_of_builds(monkeypatch)
    mmscn.loads(TEXT).check()
    monkeypatch.setattr(store, "made_by", lambda: "another")
    mmscn.loads(TEXT).check()
    assert len(built) == 4


@pytest.mark.parametrize("kind", ["program-*", "programlight-*", "programreduced-*"])
@pytest.mark.parametrize("strange", [5, (), ("a", "b", "c", "d"), None])
def test_what_is_strange_is_made_again(cache: Path, strange: object, kind: str) -> None:
    checked = mmscn.loads(TEXT).checked(mmscn.loads(TEXT).combinations()[0])
    fresh = whole(program_cache.compiled(checked, frozenset()))
    (file,) = cache.glob(kind)
    store.write(file.name, dumped(strange, ()))
    assert whole(program_cache.compiled(checked, frozenset())) == fresh


def test_without_a_cache_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMSCN_CACHE", "")
    monkeypatch.setattr(program_cache, "digest", None)
    assert mmscn.loads(TEXT).check().met
