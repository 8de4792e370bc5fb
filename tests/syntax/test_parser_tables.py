"""The parser's tables are kept between runs, and what is kept makes nothing but a parser."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmscn import cache
from mmscn.source import Source
from mmscn.syntax.parse import parse, parser

TEXT = "scenario kept\nvar x: bool\nthread t { x = true }\n"


@pytest.fixture(scope="module")
def name(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the file in which a parser is kept; to find it out takes as long as to make one."""
    folder = tmp_path_factory.mktemp("parser")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMSCN_CACHE", str(folder))
        parser.cache_clear()
        parser()
    (kept,) = folder.iterdir()
    return kept.name


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("MMSCN_CACHE", str(tmp_path))
    parser.cache_clear()
    yield tmp_path
    parser.cache_clear()


def test_a_kept_parser_reads_as_the_one_that_was_made(folder: Path) -> None:
    made = parser().parse(TEXT)
    (kept,) = folder.iterdir()
    parser.cache_clear()
    before = kept.stat().st_mtime_ns
    assert parser().parse(TEXT) == made
    assert kept.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "data",
    [b"no pickle", pickle.dumps(({}, {})), pickle.dumps((OrderedDict(), {}))],
)
def test_tables_that_are_damaged_are_made_again(name: str, folder: Path, data: bytes) -> None:
    cache.write(name, data)
    assert parse(Source("text", TEXT))[1] == ()
    assert [file.name for file in folder.iterdir()] == [name]
    assert len((folder / name).read_bytes()) > len(data) + 10_000
