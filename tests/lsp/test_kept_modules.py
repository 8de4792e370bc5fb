"""The server reads a module once, as long as its text is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmscn.lsp.reading import Reading, find_beside
from mmscn.source import Source
from mmscn.syntax import tree_cache

TEXT = "scenario s\nimport own\nvar n: 0..3\nthread t { call add(1) }\nfinally n == 1\n"
MODULE = "module own\nproc add(x) { n = x }\n"


def test_a_module_is_read_again_only_where_its_text_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = tree_cache.parse_known

    def parse_known(source: Source) -> object:
        read.append(Path(source.name).name)
        return real(source)

    monkeypatch.setattr(tree_cache, "parse_known", parse_known)
    path, own = tmp_path / "s.mmscn", tmp_path / "own.mmscn"
    own.write_text(MODULE)

    def look(text: str) -> Reading:
        read.clear()
        return Reading(Source(str(path), text), find_beside(path, lambda _: None))

    assert look(TEXT).problems == ()
    assert look(TEXT + "// more\n").problems == ()
    assert read == ["s.mmscn"]
    own.write_text(MODULE.replace("add(x)", "add(x, y)"))
    assert look(TEXT).look_at(0) != ()
    assert read == ["s.mmscn", "own.mmscn"]
    own.write_text(MODULE)
    found = look(TEXT)
    assert found.problems == ()
    assert read == ["s.mmscn"]
    assert found.unit is not None
    (variant,) = found.unit.procs["add"]
    assert variant.span.source is found.unit.modules["own"]
