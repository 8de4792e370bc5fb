"""What names stand for: every use is spelt as its symbol is, and all uses of one are found."""

from __future__ import annotations

import re
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


FORMS = """scenario forms "What else gives names"
const LAST = 1
machine x86 { cpus 2 }
struct leaf { page: 0..3, dirty: bool }
extend struct leaf { young: bool }
extend knob ad | never_at_all
var old: leaf
proc both(var c) { c = c with dirty = true; return c.page, c.young }
thread t on cpu 0 {
  old = leaf(page = LAST, young = true)
  let page, is_young = both(old)
  choose n in 0..LAST { old.page = n }
  choose m in 0..LAST
  assert is_young and page + m < 4
}
"""
NAMED = {
    # a line, a name in it, what it is, and the line that declares it
    (10, "LAST"): ("constant", 2),
    (10, "leaf"): ("struct", 4),
    (10, "young"): ("member", 5),
    (8, "dirty"): ("member", 4),
    (8, "c"): ("argument", 8),
    (5, "leaf"): ("struct", 4),
    (12, "n"): ("local", 12),
    (14, "m"): ("local", 13),
    (14, "page"): ("local", 11),
    (14, "is_young"): ("local", 11),
    (6, "never_at_all"): ("word", 6),
}


@pytest.mark.parametrize(("place", "meant"), NAMED.items())
def test_a_name_is_what_the_form_around_it_makes_of_it(
    place: tuple[int, str], meant: tuple[str, int]
) -> None:
    line, name = place
    found = reading(Path("forms.mmscn"), FORMS)
    assert found.unit is not None, found.problems
    text = found.source.line(line)
    last = [m.start() for m in re.finditer(rf"\b{name}\b", text)][-1]
    use = found.index.at(found.source, found.source.line_starts[line - 1] + last)
    assert use is not None
    assert (use.symbol.kind, use.symbol.span.line) == meant
