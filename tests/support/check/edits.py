"""A small text of library calls, edits of it, and whether what is kept tells one from another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mmscn import cache as store
from mmscn.check.modules import Unit
from mmscn.check.values import Value
from mmscn.check.variation import matrix
from mmscn.judge.prepare import unit_of
from mmscn.judge.shipped import Shipped, finder, read
from mmscn.source import Finder, Source

Combinations = list[dict[str, Value]]
Apart = Callable[[Unit, Unit, Combinations], Combinations]
"""The combinations of a unit that come to something else with what is kept than, in the other of
the same text, without."""

TEXT = """scenario race "two threads"
param flush_kind = ipi | broadcast
map A -> frame 0
map B -> frame 1
var seen: 0..3
concurrent {
  thread user on cpu 0 {
    repeat 2 as i { store A = i + 1 }
    let got = load A
    assert got == 2 "read back"
  }
  thread kernel on cpu 1 {
    flush A on all
  }
}
"""
FLUSH = "    flush A on all\n"
KERNEL = "  thread kernel on cpu 1 {\n" + FLUSH + "  }\n"
EDITS: dict[str, tuple[tuple[str, str], ...]] = {
    "nothing": (),
    "where it stands": (("scenario race", "// a comment\n\n  scenario race"),),
    "a name": (('"read back"', '"what was written"'),),
    "another value": (("store A = i + 1", "store A = 3"),),
    "a value of a variable": (("store A = i + 1", "let v = load B; store A = v"),),
    "a value of a local": (("store A = i + 1", "var v = load B; v = 2; store A = v"),),
    "a longer loop": (("repeat 2", "repeat 3"),),
    "a local in front": (("    repeat 2", "    var n = seen\n    n = 2\n    repeat 2"),),
    "an assertion in front": (("    repeat 2", "    assert seen == 0\n    repeat 2"),),
    "a mark": ((FLUSH, FLUSH + "mark away\n"),),
    "a thread in front": ((KERNEL, "  thread other on cpu 1 { seen = 1 }\n" + KERNEL),),
    "the other order": ((KERNEL, ""), ("concurrent {", "concurrent {\n" + KERNEL)),
    "another cpu": (("kernel on cpu 1", "kernel on cpu 0"),),
    "what it loads has no name": (
        ("    let got = load A\n", "    call load_to(A)\n"),
        ('    assert got == 2 "read back"\n', ""),
        ("concurrent {", "proc load_to(p) { let got = load p }\nconcurrent {"),
    ),
    "another name": (("let got", "let found"), ("assert got", "assert found")),
    "one step": ((FLUSH, "atomic { store A = 3 }\n"),),
    "another page": (("store A = i + 1", "store B = i + 1"), ("flush A", "flush B")),
    "another frame": (("map B -> frame 1", "map B -> frame 0"),),
    "another machine": (("map A", "machine x86 { cpus 3 }\nmap A"),),
    "how many cpus": (("map A", "param n = 2 | 3\nmachine x86 { cpus n }\nmap A"),),
    "another variable": (("var seen: 0..3", "var seen: 0..1\nvar pte: bool"),),
    "a procedure of one's own": (
        ("concurrent {", "proc both() { store B = 2; flush B on all }\nconcurrent {"),
        (FLUSH, "call both()\n"),
    ),
    "another way of the machine": (("param flush_kind", "param memory = tso\nparam flush_kind"),),
}  # fmt: skip
"""Other words in place of some, which are there."""


def edited(name: str) -> str:
    text = TEXT
    for words, others in EDITS[name]:
        assert words in text
        text = text.replace(words, others)
    return text


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The cache of a file's tests: the modules are read once."""
    found = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMSCN_CACHE", str(found))
        yield found


@pytest.fixture(autouse=True)
def cache(folder: Path) -> Path:
    """The same, with nothing kept of calls."""
    for file in kept_files(folder):
        file.unlink()
    return folder


def unit(text: str, find: Finder | None = None) -> Unit:
    return unit_of(Source("text", text), find or finder(None))


Keeping = Callable[[str], None]
"""Keeps what is made of a text."""
WRITTEN: dict[Keeping, dict[str, bytes]] = {}
"""What was kept of the text as it stands, by what has kept it: each edit begins with the same."""


def kept_files(folder: Path) -> list[Path]:
    """What is kept of calls and steps."""
    return [*folder.glob("calls-*"), *folder.glob("steps-*")]


def keep_as_before(keeping: Keeping) -> None:
    """Keep what `keeping` keeps of the text, which it is asked for once."""
    folder = store.folder()
    assert folder is not None
    if keeping not in WRITTEN:
        keeping(TEXT)
        WRITTEN[keeping] = {file.name: file.read_bytes() for file in kept_files(folder)}
    assert WRITTEN[keeping]
    for name, data in WRITTEN[keeping].items():
        (folder / name).write_bytes(data)


def differs(name: str, keeping: Keeping, apart: Apart, *, anew: bool = False) -> bool:
    """Whether an edit of the text, which was kept, comes to something else.

    anew: ask `keeping`, where it is not what it is at other times.
    """
    if anew:
        keeping(TEXT)
    else:
        keep_as_before(keeping)
    found = unit(edited(name))
    return bool(apart(found, unit(edited(name)), matrix(found)))


def shipped_apart(shipped: Shipped, save: Callable[[Unit], None], apart: Apart) -> bool:
    """Whether a shipped scenario does, in one process, and moved, by what that has kept."""
    source, find = read(shipped.file, shipped.path), finder(shipped.file.parent)
    found = unit_of(source, find)
    combinations = matrix(found)[:8]
    if apart(found, unit_of(source, find), combinations):
        return True
    save(found)
    moved = Source(source.name, "// a comment\n" + source.text)
    again = (apart(unit_of(moved, find), unit_of(moved, find), combinations) for _ in range(2))
    return any(again)
