"""Compiled scenarios that are kept: found again as they were, where nothing has changed."""

from __future__ import annotations

import os
import pickle
import subprocess
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest

import mmscn
from mmscn import cache as store
from mmscn.judge import api, case_cache, prepare
from mmscn.judge.case_cache import Shelf
from mmscn.lower.compiled import Compiled
from mmscn.source import Source
from mmscn.syntax import lr_parse, parse
from mmscn.syntax.tree_cache import parse_cached

TEXT = """scenario s
import part
param how = good | bad
var x: bool
concurrent { thread a { call change() } }
finally "it stays" x
expect violated "it stays" when how == bad
expect holds otherwise
"""
GOOD = "module part\nproc change() { x = true }\n"
KNOB = """module part
knob how = good | bad "whether it is set"
proc change() { if how == good { x = true } else { x = false } }
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("MMSCN_CACHE", str(folder))
    return folder


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    (tmp_path / "part.mmscn").write_text(KNOB)
    path = tmp_path / "s.mmscn"
    path.write_text(TEXT)
    return path


@pytest.fixture
def without_compiler(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing can be checked or compiled: what is asked for has to be kept."""
    for name in ("unit_of", "checked_of", "compiled_of"):
        monkeypatch.setattr(prepare, name, None)
    return monkeypatch


def output(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    from mmscn.cli.cli import main

    main(["run", str(path), *more])
    return capsys.readouterr().out


def test_the_output_is_the_same_when_all_is_kept(
    scenario: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    first = output(scenario, capsys, "--steps")
    assert output(scenario, capsys, "--steps") == first  # what it is drawn from is kept by this one
    request.getfixturevalue("without_compiler")
    assert "it stays" in first
    assert output(scenario, capsys, "--steps") == first


def test_what_a_text_is_drawn_from_is_not_kept_before_it_is_asked_for_again(
    scenario: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def kept() -> int:
        return len(list(cache.glob("compiled-*")))

    first = output(scenario, capsys)
    assert kept() == 0
    assert output(scenario, capsys) == first  # the drawing is kept
    assert kept() == 0
    steps = output(scenario, capsys, "--steps")
    assert kept() == 1
    assert steps != first


def test_a_changed_module_is_seen(scenario: Path) -> None:
    assert [r.verdict.value for r in mmscn.load(scenario).check().runs] == ["holds", "violated"]
    scenario.with_name("part.mmscn").write_text(GOOD)
    assert [r.verdict.value for r in mmscn.load(scenario).check().runs] == ["holds", "holds"]


def test_a_changed_compiler_is_seen(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mmscn.load(scenario).check()
    monkeypatch.setattr(store, "made_by", lambda: "another")
    monkeypatch.setattr(prepare, "unit_of", None)
    with pytest.raises(TypeError):
        mmscn.load(scenario)


def test_a_tree_does_not_outlive_the_parser_that_made_it(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("s", "scenario s\nvar x: bool\n")
    parse_cached(source)
    monkeypatch.setattr(parse, "parse", None)
    monkeypatch.setattr(lr_parse, "parse_plain", None)
    parse_cached(source)
    monkeypatch.setattr(store, "made_by", lambda: "another")
    with pytest.raises(TypeError):
        parse_cached(source)


def test_a_changed_file_of_mmscn_is_another_version(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "a.py").write_text("x = 1\n")
    before = list(store.code(str(folder)))
    (folder / "a.py").write_text("x = 12\n")
    assert [f.st_size for _, f in store.code(str(folder))] != [f.st_size for _, f in before]


@pytest.mark.parametrize("damage", [b"", b"x", None], ids=["empty", "short", "flipped"])
def test_what_is_damaged_is_made_again(scenario: Path, cache: Path, damage: bytes | None) -> None:
    before = [r.verdict for r in mmscn.load(scenario).check().runs]
    for file in cache.iterdir():
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 0x55
        file.write_bytes(bytes(data) if damage is None else damage)
    assert [r.verdict for r in mmscn.load(scenario).check().runs] == before


@pytest.mark.parametrize("strange", [5, (), (1, 2), (None, ()), [[]], {"a": 1}, "text"])
def test_what_is_strange_is_made_again(
    scenario: Path, cache: Path, capsys: pytest.CaptureFixture[str], strange: object
) -> None:
    """Its digest is right, its content is not what belongs there. A text is a text."""
    whole = output(scenario, capsys)
    for file in cache.iterdir():
        if file.name.startswith("told") and strange == "text":
            continue
        if not file.name.startswith(("choice", "tree")) or strange != [[]]:
            case_cache.store.write(file.name, case_cache.dumped(strange, ()))
    assert output(scenario, capsys) == whole


STRANGE = (None, -1, 10**9, "strange", (), ("x",), [], {}, 1.5, b"q", ((),))
FIELDS_TRIED = 40


def fields_of(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The ways to all that is inside a kept value."""
    inside: list[tuple[object, object]] = []
    if isinstance(value, tuple | list):
        inside = list(enumerate(value))
    elif hasattr(type(value), "__attrs_attrs__"):
        names = [a.name for a in type(value).__attrs_attrs__]
        inside = [(name, getattr(value, name)) for name in names]
    elif isinstance(value, Compiled):
        inside = list(vars(value).items())
    for step, part in inside:
        yield (*path, step)
        yield from fields_of(part, (*path, step))


def with_field(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """The same value with something else in one place."""
    if not path:
        return new
    step, *rest = path
    if isinstance(value, tuple | list):
        parts = list(value)
        parts[step] = with_field(parts[step], tuple(rest), new)
        named = hasattr(value, "_fields")
        return type(value)(*parts) if named else type(value)(parts)
    other = copy(value)
    object.__setattr__(other, step, with_field(getattr(value, step), tuple(rest), new))
    return other


@pytest.mark.parametrize("kind", ["facts", "compiled"])
def test_what_is_strange_within_is_no_fault(
    kind: str, scenario: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One field at a time is of another type or far out of range: that is no fault.

    What is of the right type is believed; its digest says that it is what was written.
    """
    from mmscn.cli.cli import FAULT, main

    output(scenario, capsys)
    output(scenario, capsys, "--steps")
    loaded = mmscn.load(scenario)
    shelf = loaded.shelf
    assert shelf is not None
    # The last is violated, and drawn.
    values = loaded.combinations()[-1]
    name = shelf.file(f"{kind} {sorted((name, repr(value)) for name, value in values.items())}")
    assert (cache / name).is_file()
    true = case_cache.loaded(case_cache.store.read(name) or b"", shelf.sources)
    every = sorted(fields_of(true), key=repr)
    for n, path in enumerate(every[:: max(1, len(every) // FIELDS_TRIED)]):
        changed = with_field(true, path, STRANGE[n % len(STRANGE)])
        case_cache.store.write(name, case_cache.dumped(changed, shelf.sources))
        for drawing in cache.glob("told-*"):
            drawing.unlink()
        assert main(["run", str(scenario)]) != FAULT, path


def test_the_reduced_program_is_kept_by_the_reductions_that_made_it() -> None:
    values = mmscn.load("tlb").combinations()[0]
    programs = [
        mmscn.load("tlb").case(values, reduce)().reduction.program
        for reduce in (True, frozenset({"fuse"}), False, True)
    ]
    assert programs[0] == programs[3]
    assert programs[2] != programs[0]


@pytest.mark.parametrize("made", [os.system, subprocess.Popen], ids=["a function", "a class"])
def test_nothing_but_data_is_read(made: object, cache: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            words = ["touch", str(tmp_path / "evil")]
            return made, (" ".join(words) if made is os.system else words,)

    source = Source("s", "")
    shelf = Shelf("digest", (source,))
    case_cache.store.write(shelf.file("facts x"), pickle.dumps(Evil()))
    assert shelf.get("facts x") is None
    assert not (tmp_path / "evil").exists()


def test_a_name_that_leads_out_of_the_data_is_refused() -> None:
    for name in ("Source.__init__", "annotations", "cached_property", "NamedTuple"):
        data = pickle.PROTO + b"\x04" + b"cmmscn.source\n" + name.encode() + b"\n."
        assert case_cache.loaded(data, ()) is None


def test_the_older_half_goes_where_there_are_too_many(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(8):
        store.write(f"some-{n}", b"data")
        os.utime(cache / f"some-{n}", (1000 - n, 1000 - n))
    monkeypatch.setattr(store, "FILES_MAX", 8)
    store.prune(cache)
    assert len(list(cache.iterdir())) == 8
    monkeypatch.setattr(store, "FILES_MAX", 7)
    store.prune(cache)
    assert sorted(f.name for f in cache.iterdir()) == [f"some-{n}" for n in range(4)]


def test_a_search_is_never_kept(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searches = []
    real = api.explore

    def counted(*args, **options):
        searches.append(args)
        return real(*args, **options)

    monkeypatch.setattr(api, "explore", counted)
    for _ in range(2):
        mmscn.load(scenario).check()
    assert len(searches) == 4
