"""Steps that are kept are what they would be led through to, whatever the text is edited to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.check import edits
from support.check.alone import Plain
from support.check.edits import EDITS, TEXT, Combinations, edited, unit

from mmscn.check import kept_calls
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import Unit
from mmscn.check.values import Value
from mmscn.check.variation import matrix
from mmscn.judge import calls
from mmscn.judge.api import loads
from mmscn.judge.prepare import unit_of
from mmscn.judge.shipped import Shipped, finder, shipped_scenarios
from mmscn.lower import kept_steps
from mmscn.lower.kept_steps import KeptSteps
from mmscn.lower.path import Path as Way
from mmscn.lower.rule_builder import build
from mmscn.lower.ways import Ways
from mmscn.source import Source

folder, cache = edits.folder, edits.cache


def rules(found: Unit, params: dict[str, Value]) -> object:
    checked = elaborate(found, params)
    calls.known_steps(checked)
    return Plain().of(build(checked))


def save(found: Unit) -> None:
    kept_calls.save(found)
    calls.keep_steps(getattr(found.kept, "calls", None))


def keeping(text: str) -> None:
    found = unit(text)
    for params in matrix(found):
        rules(found, params)
    save(found)


def each_time(self: KeptSteps, start: Way, node: Any, name: str) -> list[Any]:
    return list(self.builder.steps(start, node, name))


def apart(found: Unit, again: Unit, combinations: Combinations) -> Combinations:
    """The combinations that have other rules with steps that are kept than without."""
    kept = [rules(found, params) for params in combinations]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KeptSteps, "ways", each_time)
        patch.setattr(kept_calls, "kept_calls", lambda ctx, called: None)
        without = [rules(again, params) for params in combinations]
    return [p for p, a, b in zip(combinations, kept, without, strict=True) if a != b]


def differs(name: str, *, anew: bool = False) -> bool:
    return edits.differs(name, keeping, apart, anew=anew)


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_text_has_the_rules_that_it_has_without_steps_that_are_kept(name: str) -> None:
    assert not differs(name)


def nothing(*_: object) -> str:
    return ""


PATH_OF = kept_steps.path_of
MUTANTS: dict[str, tuple[object, str, Callable[..., Any], str]] = {
    "nothing that is declared": (KeptSteps, "families", nothing, "how many cpus"),
    "no numbers of origins": (
        kept_steps,
        "path_of",
        lambda row, w, moves: PATH_OF(row, w._replace(origin=w.origin - 1), moves),
        "nothing",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_what_looks_at_less_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, instead, edit = MUTANTS[name]
    monkeypatch.setattr(where, what, instead)
    assert differs(edit, anew=True)


MINE = "module mine\nvar y: 0..3\nproc twice(n) { let a = y; y = a; y = n; y = a }\n"
CALLING = "scenario s\nimport mine\nvar x: 0..3\nthread t { call twice(2) }\n"


def apart_behind_a_local(tmp_path: Path) -> bool:
    (tmp_path / "mine.mmscn").write_text(MINE)
    first, *others = (
        unit_of(Source("text", text), finder(tmp_path))
        for text in (CALLING, *[CALLING.replace("{ call", "{ var n = x; n = 2; call")] * 2)
    )
    rules(first, {})
    save(first)
    return bool(apart(others[0], others[1], [{}]))


def test_locals_of_a_call_are_other_variables_behind_other_locals(tmp_path: Path) -> None:
    assert not apart_behind_a_local(tmp_path)


def test_variables_are_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_steps, "path_of", lambda row, w, moves: PATH_OF(row, w, {}))
    assert apart_behind_a_local(tmp_path)


MANY = """module mine
var f[0..11]: bool
var x[0..11]: 0..2
proc each() { atomic { for i in 0..11 { if f[i] { x[i] = 1 } else { x[i] = 2 } } }; x[0] = 0 }
"""


def test_ways_that_are_joined_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.mmscn").write_text(MANY)
    text = "scenario s\nimport mine\nvar y: 0..3\nthread t { y = 1; call each(); call each() }\n"
    first, *others = (
        unit_of(Source("text", text.replace("1", value)), finder(tmp_path)) for value in "122"
    )
    rules(first, {})
    assert not apart(others[0], others[1], [{}])
    monkeypatch.setattr(Ways, "joined_ways", None)
    save(first)
    rules(unit_of(Source("text", text.replace("1", "0")), finder(tmp_path)), {})


@pytest.mark.parametrize("name", ["nothing", "where it stands", "a name", "a local in front"])
def test_steps_outlive_an_edit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    edits.keep_as_before(keeping)
    found = unit(edited(name))
    with monkeypatch.context() as patch:
        patch.setattr(kept_steps, "row", None)
        rules(found, matrix(found)[0])


def test_steps_are_kept_of_texts_of_ones_own(cache: Path) -> None:
    loads(TEXT).check({"flush_kind": "ipi"})
    assert len(list(cache.glob("steps-*"))) == 1


def test_what_is_damaged_is_as_if_it_were_not_there(cache: Path) -> None:
    keeping(TEXT)
    (file,) = cache.glob("steps-*")
    file.write_bytes(file.read_bytes()[:100])
    found = unit(TEXT)
    assert not apart(found, unit(TEXT), matrix(found)[:1])


@pytest.mark.slow
@pytest.mark.parametrize("shipped", shipped_scenarios(), ids=lambda s: s.name)
def test_shipped_scenarios_have_the_rules_that_they_have_without(shipped: Shipped) -> None:
    assert not edits.shipped_apart(shipped, save, apart)
