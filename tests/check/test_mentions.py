"""What is kept of the items of modules is what would be found in them."""

from __future__ import annotations

import marshal
from pathlib import Path

import pytest

from mmscn import cache
from mmscn.check import mentions as m
from mmscn.check.modules import Unit, gather
from mmscn.check.names import Names
from mmscn.check.parts import items
from mmscn.diagnostics import Reporter
from mmscn.judge.shipped import finder, read, shipped_scenarios
from mmscn.source import Source

OWN = "module own\nvar n: 0..3\nproc add(x) { let old = n\n n = old + x + other }\n"
TEXT = "scenario s\nimport own\nvar other: 0..1\nthread t { call add(1) }\nfinally n == 1\n"
SOME = ("racewrite", "hmm_range_fault")


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MMSCN_CACHE", str(tmp_path / "cache"))
    forget()


def forget() -> None:
    m.mentions.cache_clear()
    m.KNOWN.clear()


def unit_of(path: str) -> Unit:
    file = Path(path)
    return gather(read(file, path), finder(file.parent))


def know(unit: Unit) -> None:
    m.know(text for name, text in unit.texts.items() if unit.is_shipped(unit.modules[name]))


def compared(path: str) -> None:
    """What is kept by one process and found by another is what reading gives; and none of it that
    the check of names passes over has anything wrong in it."""
    know(unit_of(path))
    forget()
    unit = unit_of(path)
    know(unit)
    known = [item for text in unit.texts.values() for item in text.items]
    assert known
    assert all(m.KNOWN[item] == m.read(item) for item in known)
    names = Names(unit, Reporter())
    for item in items(unit):
        if isinstance(item, m.Code | m.Asking) and not names.may_be_wrong(item):
            names.item(item)
    assert names.reporter.found == []


@pytest.mark.parametrize("name", SOME)
def test_what_is_kept_of_modules_is_what_is_in_them(name: str) -> None:
    compared(next(s.path for s in shipped_scenarios() if s.name == name))


@pytest.mark.slow
def test_what_is_kept_of_modules_is_what_is_in_them_everywhere() -> None:
    for scenario in shipped_scenarios():
        compared(scenario.path)
        forget()


def test_a_module_of_ones_own_is_read_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "own.mmscn"

    def free(text: str) -> frozenset[str]:
        file.write_text(text)
        unit = gather(Source("s.mmscn", TEXT), finder(tmp_path))
        know(unit)
        (add,) = unit.procs["add"]
        return m.mentions(add).free

    assert free(OWN) == {"n", "other"}
    assert free(OWN.replace("other", "1")) == {"n"}


def test_what_is_damaged_is_read_again(tmp_path: Path) -> None:
    path = next(s.path for s in shipped_scenarios() if s.name == "racewrite")
    unit = unit_of(path)
    know(unit)
    (name,) = (f.name for f in (tmp_path / "cache").iterdir() if f.name.startswith("mentions-"))
    for data in (b"", marshal.dumps(()), marshal.dumps([1, 2]), marshal.dumps(((1,),) * 3)):
        cache.write(name, data)
        forget()
        know(unit)
        assert all(m.KNOWN[i] == m.read(i) for text in unit.texts.values() for i in text.items)
