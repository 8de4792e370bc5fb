"""The tables that are shipped are the grammar's, and others than those are not used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mmscn import grammar
from mmscn.syntax import lr_tables, shipped_tables
from mmscn.syntax.shipped_tables import FILE, shipped, written


def test_what_is_shipped_is_what_lark_makes() -> None:
    made = lr_tables.made()
    # If not: python -m mmscn.syntax.shipped_tables
    assert FILE.read_text(encoding="utf-8") == written(made)
    assert shipped() == made


DAMAGES: dict[str, Callable[[str], str]] = {
    "empty": lambda text: "",
    "cut off": lambda text: text[:-1],
    "another state": lambda text: text.replace(':1,"CHECK"', ':2,"CHECK"', 1),
    "without a digest": lambda text: text.partition("\n")[2],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_tables_that_are_damaged_are_not_used(damage: str, tmp_path: Path) -> None:
    file = tmp_path / "tables.json"
    assert shipped(file) is None
    file.write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    assert shipped(file) is not None
    file.write_text(DAMAGES[damage](FILE.read_text(encoding="utf-8")), encoding="utf-8")
    assert shipped(file) is None


def test_bytes_that_are_no_text_are_not_used(tmp_path: Path) -> None:
    file = tmp_path / "tables.json"
    file.write_bytes(b"\xff" + FILE.read_bytes())
    assert shipped(file) is None


def test_tables_of_another_grammar_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = grammar.grammar_text()
    monkeypatch.setattr(grammar, "FOLDER", tmp_path)
    (tmp_path / "mmscn.lark").write_text(text, encoding="utf-8")
    assert shipped() is not None
    (tmp_path / "mmscn.lark").write_text(text + "// another\n", encoding="utf-8")
    assert shipped() is None


def test_tables_that_other_code_made_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "lr_from_lark.py"
    other.write_text(shipped_tables.MADE_BY.read_text("utf-8") + "# another\n", encoding="utf-8")
    monkeypatch.setattr(shipped_tables, "MADE_BY", other)
    assert shipped() is None


def test_where_none_fit_lark_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMSCN_CACHE", "")
    monkeypatch.setattr(shipped_tables, "shipped", lambda: None)
    lr_tables.tables.cache_clear()
    try:
        assert lr_tables.tables() == lr_tables.made()
    finally:
        lr_tables.tables.cache_clear()
