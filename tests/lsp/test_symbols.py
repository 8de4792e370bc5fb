"""What names stand for: every use is spelt as its symbol is, and all uses of one are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmscn.judge.shipped import shipped_scenarios
from mmscn.lsp.reading import Reading, find_beside
from mmscn.lsp.symbols import Index
from mmscn.source import Source

SHIPPED = [s for s in shipped_scenarios() if not s.benchmark]
SAMPLE = SHIPPED[::12]


def reading(path: Path, text: str) -> Reading:
    return Reading(Source(str(path), text), find_beside(path, lambda _: None))


def index_of(path: Path) -> tuple[Reading, Index]:
    found = reading(path, path.read_text("utf-8"))
    assert found.unit is not None, (found.problems, found.limit)
    return found, found.index


def spelt_as_they_are(path: Path) -> None:
    _, index = index_of(path)
    wrong = [
        (str(use.span), use.span.text, use.symbol.name)
        for use in index.uses
        if use.span.text != use.symbol.name
    ]
    assert wrong == []
    assert len({(u.span.source.name, u.span.start, u.symbol.key) for u in index.uses}) > 20


def renamed_still_means_something(path: Path) -> None:
    """Each name of a scenario's own, changed wherever it is meant, one after the other."""
    found, index = index_of(path)
    assert found.unit is not None
    knobs = found.unit.knobs
    own = [s for s in index.symbols if s.span.source is found.source]
    for symbol in {s.key: s for s in own}.values():
        if symbol.kind in ("scenario", "word", "param") or symbol.name in knobs:
            continue  # words of knobs and their params are the modules'
        places = [span for span in index.of(symbol) if span.source is found.source]
        text = found.source.text
        for span in sorted(places, key=lambda s: -s.start):
            text = f"{text[: span.start]}{symbol.name}_9{text[span.end :]}"
        again = reading(path, text)
        again.look_at(0)
        errors = [d for d in again.problems if d.severity == "error"]
        assert errors == [], (symbol, [str(d.span) + d.message for d in errors])


@pytest.mark.parametrize("name", [s.name for s in SAMPLE])
def test_a_use_is_spelt_as_its_symbol(name: str) -> None:
    spelt_as_they_are(next(s.file for s in SHIPPED if s.name == name))


@pytest.mark.slow
@pytest.mark.parametrize("name", [s.name for s in SHIPPED])
def test_every_use_of_a_name_is_found(name: str) -> None:
    path = next(s.file for s in SHIPPED if s.name == name)
    spelt_as_they_are(path)
    renamed_still_means_something(path)
