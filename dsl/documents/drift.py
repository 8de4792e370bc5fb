"""Whether functions are as they were when procedures were written from them.

What is kept of a function is a hash of its text (`kernel_text.py`), by the file, the name and the
version that a `source` note says: of the library in its `functions.json`, of others where they
want it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

from mmscn.check.cited import Code, Unreadable, parts, raw
from mmscn.check.parts import nodes_of
from mmscn.documents.kernel_text import Tree
from mmscn.shipped_texts import library
from mmscn.source import Source
from mmscn.syntax import tree as t
from mmscn.syntax.tree_cache import parse_cached

SCHEMA = "mmscn.functions/1"
RECORD_BYTES_MAX = 16_000_000


class Wrong(Exception):
    """A file of hashes that cannot be read; the text says why."""


class Place(NamedTuple):
    """A note that names functions. what: the procedure or thread that it stands in."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


class Named(NamedTuple):
    """A function as a note names it; `*` in its file stands for any directory."""

    file: str
    name: str
    versions: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {self.name}() @ {', '.join(self.versions)}"


class Key(NamedTuple):
    """What a hash is kept by."""

    file: str
    name: str
    version: str


class Kept(NamedTuple):
    """kernel: the version of the tree that the hash was made in."""

    digest: str
    kernel: str


class State(Enum):
    SAME = "as recorded"
    CHANGED = "changed"
    MOVED = "moved"
    GONE = "gone"
    UNRECORDED = "not recorded"


class Found(NamedTuple):
    """What became of a function. where: the files that it is in, if not where it was."""

    function: Named
    state: State
    where: tuple[str, ...]
    places: tuple[Place, ...]


# ---- what was read ------------------------------------------------------------


def functions(sources: Iterable[Source]) -> dict[Named, list[Place]]:
    """The functions that the notes of texts name, in their order, and where."""
    found: dict[Named, list[Place]] = {}
    for source in sources:
        for note, what in notes(source):
            for part in parts(raw(note)[0]):
                if isinstance(part, Code):
                    place = Place(source.name, note.span.line, what)
                    for name in part.names:
                        found.setdefault(Named(part.file, name, part.versions), []).append(place)
    return found


def notes(source: Source) -> Iterator[tuple[t.SourceNote, str]]:
    """The notes of a text, each with what it stands in."""
    tree, _ = parse_cached(source)
    whole = source.name
    for item in tree.items:
        match item:
            case t.Scenario() | t.Module():
                whole = item.name
            case t.SourceNote():
                yield item, whole
            case _:
                for node in nodes_of(item):
                    if isinstance(node, t.SourceNote):
                        yield node, label(item, whole)


def label(item: t.Item, whole: str) -> str:
    match item:
        case t.Proc(name=name, params=params):
            return f"{name}({', '.join(params)})"
        case t.OnHook(name=name):
            return f"on {name}"
        case t.Thread(name=name):
            return f"thread {name}"
    return whole


def unreadable(sources: Iterable[Source]) -> list[Place]:
    """Notes that mean to name functions and cannot be read."""
    return [
        Place(source.name, note.span.line, part.message)
        for source in sources
        for note, _ in notes(source)
        for part in parts(raw(note)[0])
        if isinstance(part, Unreadable)
    ]


# ---- what is kept -------------------------------------------------------------


def shipped_record() -> Path:
    return library() / "functions.json"


def read_record(path: Path) -> dict[Key, Kept]:
    """Raises OSError, and Wrong."""
    with path.open("rb") as stream:
        data = stream.read(RECORD_BYTES_MAX + 1)
    try:
        whole = json.loads(data)
        if whole["schema"] != SCHEMA:
            raise Wrong(f"{path}: its schema is `{whole['schema']}`, not `{SCHEMA}`")
        return {
            Key(text(f["file"]), text(f["function"]), text(f["at"])): Kept(
                text(f["hash"]), text(f["kernel"])
            )
            for f in whole["functions"]
        }
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise Wrong(f"{path} is no file that `mmscn drift --record` has written") from problem


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def record_text(record: Mapping[Key, Kept]) -> str:
    """A function a line, in order."""
    lines = [
        json.dumps({"file": k.file, "function": k.name, "at": k.version, "hash": v.digest,
                    "kernel": v.kernel})
        for k, v in sorted(record.items())
    ]  # fmt: skip
    inside = ",\n".join(f"  {line}" for line in lines)
    return f'{{\n"schema": "{SCHEMA}",\n"functions": [\n{inside}\n]\n}}\n'


def recorded(tree: Tree, kernel: str, wanted: Iterable[Named]) -> dict[Key, Kept]:
    """The hashes of those functions that were read in this kernel, or in what it is a stable
    release of.
    """
    found: dict[Key, Kept] = {}
    for function in wanted:
        for version in function.versions:
            if not is_of(kernel, version):
                continue
            for file in tree.matching(function.file):
                digest = tree.function(file, function.name)
                if digest is not None:
                    found[Key(file, function.name, version)] = Kept(digest, kernel)
    return found


def is_of(kernel: str, version: str) -> bool:
    """Whether a tree of one version has what was read in another.

    >>> is_of("v3.15.5", "v3.15"), is_of("v3.15", "v3.1"), is_of("1cf35d47712d", "1cf35d4771")
    (True, False, True)
    """
    if version.startswith(("v", "next-")):
        return kernel == version or ("-" not in version and kernel.startswith(f"{version}."))
    return kernel.startswith(version) or version.startswith(kernel)


# ---- what became of it --------------------------------------------------------


def compared(
    tree: Tree, wanted: Mapping[Named, list[Place]], record: Mapping[Key, Kept]
) -> list[Found]:
    """What became of each function, in the order of the notes."""
    kept: dict[str, list[Key]] = {}
    for key in record:
        kept.setdefault(key.name, []).append(key)
    known = {named: keys_of(named, kept.get(named.name, [])) for named in wanted}
    now = {key: tree.function(key.file, key.name) for keys in known.values() for key in keys}
    missing = [key for key, digest in now.items() if digest is None]
    below = {folder for named in wanted for folder in folders(named.file)}
    others = tree.elsewhere((key.name for key in missing), below)
    found = []
    for named, places in wanted.items():
        state, where = became(known[named], now, others, record)
        found.append(Found(named, state, where, tuple(places)))
    return found


def keys_of(named: Named, keys: list[Key]) -> list[Key]:
    """Those of some keys of its name that a note means."""
    return [k for k in keys if k.version in named.versions and fnmatch(k.file, named.file)]


def became(
    keys: list[Key],
    now: Mapping[Key, str | None],
    others: Mapping[str, Mapping[str, str]],
    record: Mapping[Key, Kept],
) -> tuple[State, tuple[str, ...]]:
    """Of one function in all files that a note means.

    Of a file it is the same if it is as in one of the versions that the note names.
    """
    if not keys:
        return State.UNRECORDED, ()
    files = {key.file for key in keys}
    here = [k for k in keys if now[k] is not None]
    same = {k.file for k in here if now[k] == record[k].digest}
    if same == files:
        return State.SAME, ()
    if here and len({k.file for k in here}) == len(files):
        return State.CHANGED, ()
    lost = [k for k in keys if now[k] is None]
    where = {f for k in lost for f in others.get(k.name, {}) if may_be(f, k.file)}
    return (State.MOVED if where else State.GONE), tuple(sorted(where))


def may_be(file: str, was: str) -> bool:
    """Whether a function may have moved: to no other architecture."""
    return architecture(file) in (None, architecture(was))


def architecture(file: str) -> str | None:
    """
    >>> architecture("arch/x86/mm/tlb.c"), architecture("include/asm-s390/tlb.h")
    ('x86', 's390')
    """
    words = file.split("/")
    if words[0] == "arch":
        return words[1]
    if words[0] == "include" and words[1].startswith("asm-") and words[1] != "asm-generic":
        return words[1][4:]
    return None


def folders(file: str) -> set[str]:
    """Those that a function is looked for in where it is not in its file.

    >>> sorted(folders("mm/memory.c") | folders("include/asm-s390/tlb.h"))
    ['arch/s390', 'include', 'mm']
    """
    words = file.split("/")[:-1]
    of = architecture(file)
    found = {words[0]} if words[0] not in ("arch", "drivers") else set()
    if of is not None:
        found.add("arch" if "*" in of else f"arch/{of}")
    elif words[0] == "drivers":
        found.add("/".join(words[:2]) if "*" not in words[1] else words[0])
    return found
