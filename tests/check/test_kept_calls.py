"""Calls that are kept are what they would be written out to, whatever the text is edited to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from support.check import edits
from support.check.alone import Plain
from support.check.edits import EDITS, TEXT, Combinations, edited, unit

from mmscn.check import call_keys, call_rows, core, kept_calls
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import Unit
from mmscn.check.values import Value
from mmscn.check.variation import matrix
from mmscn.judge.api import loads
from mmscn.judge.shipped import Shipped, finder, shipped_scenarios

folder, cache = edits.folder, edits.cache


def told(found: Unit, params: dict[str, Value]) -> object:
    """All of a program, its texts too."""
    return Plain().of(elaborate(found, params))


def keeping(text: str) -> None:
    """Keep the calls of a text, and what their steps are called."""
    for _ in range(2):
        found = unit(text)
        for params in matrix(found):
            told(found, params)
        kept_calls.save(found)


def apart(found: Unit, again: Unit, combinations: Combinations) -> Combinations:
    """The combinations that are another program with calls that are kept than without."""
    kept = [told(found, params) for params in combinations]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_calls, "kept_calls", lambda ctx, called: None)
        without = [told(again, params) for params in combinations]
    return [p for p, a, b in zip(combinations, kept, without, strict=True) if a != b]


def differs(name: str, *, anew: bool = False) -> bool:
    return edits.differs(name, keeping, apart, anew=anew)


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_text_is_what_it_is_without_calls_that_are_kept(name: str) -> None:
    assert not differs(name)


def test_a_text_that_is_read_again_is_what_it_is_without_calls_that_are_kept() -> None:
    for name in ("nothing", "a local in front"):
        keeping(edited(name))
        assert not differs(name)


def nothing(*_: object) -> Any:
    return ""


MUTANTS: dict[str, tuple[object, str, Callable[..., Any], str]] = {
    "no settings": (kept_calls.Entry, "fits", lambda entry, ctx: True, "nothing"),
    "nothing that is declared": (kept_calls, "declared", nothing, "how many cpus"),
    "no arguments": (call_keys.Plain, "of", nothing, "another value"),
    "no locals of others": (
        kept_calls.Reader, "local", lambda r, n: n + r.around.local, "a value of a local"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_what_looks_at_less_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, instead, edit = MUTANTS[name]
    monkeypatch.setattr(where, what, instead)
    assert differs(edit, anew=True)


KNOWN = ("nothing", "where it stands", "a name", "an assertion in front")


@pytest.mark.parametrize("name", KNOWN)
def test_calls_outlive_an_edit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    edits.keep_as_before(keeping)
    monkeypatch.setattr(kept_calls, "recorded", None)
    monkeypatch.setattr(kept_calls, "texts_of", None)
    found = unit(edited(name))
    told(found, matrix(found)[0])


def test_every_node_has_a_row() -> None:
    assert set(call_rows.ROWS) == {*get_args(core.Expr), *get_args(core.Stmt)}


MINE = "module mine\nvar y: 0..3\nproc put(n) { y = n }\n"


def apart_with_another_module(tmp_path: Path) -> bool:
    text, find = (
        "scenario s\nimport mine\nvar x: 0..3\nthread t { call put(2) }\n",
        finder(tmp_path),
    )
    (tmp_path / "mine.mmscn").write_text(MINE)
    found = unit(text, find)
    elaborate(found, {})
    kept_calls.save(found)
    (tmp_path / "mine.mmscn").write_text(MINE.replace("y = n", "y = 1"))
    return bool(apart(unit(text, find), unit(text, find), [{}]))


def test_a_module_that_is_edited_is_read(tmp_path: Path) -> None:
    assert not apart_with_another_module(tmp_path)


def test_modules_are_part_of_what_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_calls, "content", nothing)
    assert apart_with_another_module(tmp_path)


def test_what_is_damaged_is_as_if_it_were_not_there(cache: Path) -> None:
    keeping(TEXT)
    (file,) = cache.glob("calls-*")
    file.write_bytes(file.read_bytes()[:100])
    found = unit(TEXT)
    assert not apart(found, unit(TEXT), matrix(found)[:1])


def test_calls_are_kept_of_texts_of_ones_own(cache: Path) -> None:
    loads(TEXT).check({"flush_kind": "ipi"})
    assert len(list(cache.glob("calls-*"))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("shipped", shipped_scenarios(), ids=lambda s: s.name)
def test_shipped_scenarios_are_what_they_are_without_calls_that_are_kept(shipped: Shipped) -> None:
    assert not edits.shipped_apart(shipped, kept_calls.save, apart)
