"""Which functions of a kernel the scenarios were written from, and which a patch changes.

A `source` note names them with their files: `mm/memory.c: zap_pte_range() @ v3.15`. A name
without a file belongs to the file in front of it, and one without any may be anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import NamedTuple

import attrs

from mmscn.check.modules import Unit
from mmscn.syntax import tree as t

NAMED = re.compile(r"(?P<file>[\w*.-]+(?:/[\w*.-]+)+\.[chS])|\b(?P<name>[A-Za-z_]\w*)\(\)")
FILE = re.compile(r"(?:---|\+\+\+) (?:[ab]/)?([^\t\n]+)")
HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@ ?(.*)")
CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
MACRO = re.compile(r"#\s*define\s+([A-Za-z_]\w*)")


class Function(NamedTuple):
    """file: a path in the kernel's tree, a `*` in it for any directory; empty where unknown."""

    file: str
    name: str

    def __str__(self) -> str:
        return f"{self.file}: {self.name}()" if self.file else f"{self.name}()"

    def is_meant_by(self, named: Function) -> bool:
        """Whether a note that names a function may be about this one of a patch."""
        return self.name == named.name and (not named.file or fnmatch(self.file, named.file))


# ---- what a scenario was written from ----------------------------------------


def written_from(unit: Unit) -> Iterator[Function]:
    """The functions that a scenario's own notes name, and those of the procedures it calls."""
    for source in unit.sources:
        yield from named(source.text)
    for said in called(unit, hardware=True).values():
        for note in said:
            yield from named(note)


def named(note: str) -> Iterator[Function]:
    """
    >>> [str(f) for f in named("mm/rmap.c: page_mkclean() @ v3.15; do_wp_page()")]
    ['mm/rmap.c: page_mkclean()', 'mm/rmap.c: do_wp_page()']
    """
    file = ""
    for match in NAMED.finditer(note):
        if match["file"]:
            file = match["file"]
        else:
            yield Function(file, match["name"])


def calls(node: object) -> Iterator[str]:
    """The names of the procedures and hooks that are called anywhere in a tree."""
    match node:
        case t.CallValue(name=name) | t.Applied(name=name):
            yield name
        case tuple():
            for part in node:
                yield from calls(part)
    if isinstance(node, t.Node):
        for field in attrs.fields(type(node)):
            if field.name != "span":
                yield from calls(getattr(node, field.name))


def notes(node: object) -> Iterator[str]:
    """The `source` notes at the top of a procedure."""
    if isinstance(node, t.Proc | t.OnHook):
        for s in node.body.statements:
            if isinstance(s, t.SourceNote):
                yield s.text


def called(unit: Unit, *, hardware: bool = False) -> dict[str, list[str]]:
    """The procedures that a scenario's threads come by, in that order, each with its `source`
    notes; those without one are only parts of others. hardware: those of the hardware, too.
    """
    found: dict[str, list[str]] = {}
    todo = list(dict.fromkeys(calls(tuple(unit.compositions))))
    if "page_fault" in unit.handlers:
        todo.append("page_fault")
    seen: set[str] = set()
    while todo:
        name = todo.pop(0)
        if name in seen:
            continue
        seen.add(name)
        bodies: list[t.Item] = [*unit.procs.get(name, ()), *unit.handlers.get(name, ())]
        said = list(dict.fromkeys(note for body in bodies for note in notes(body)))
        if said and (hardware or not any(b.span.source.name.startswith("hw.") for b in bodies)):
            found[name] = said
        for body in bodies:
            todo += calls(body)
    return found


# ---- what a patch changes ------------------------------------------------------


def changed_by(patch: str) -> list[Function]:
    """The functions in which a unified diff adds or takes away lines, in its order.

    A definition begins in the first column. What a hunk changes in front of the first one that it
    shows belongs to the function in its head.
    """
    found: dict[Function, None] = {}
    file = name = ""
    for line in patch.splitlines():
        if head := FILE.match(line):
            if head[1] != "/dev/null":
                file = head[1]
            name = ""
        elif hunk := HUNK.match(line):
            name = defined(hunk[1]) or ""
        elif line[:1] in {"+", "-", " "} and file:
            name = defined(line[1:]) or name
            if line[0] != " " and name:
                found[Function(file, name)] = None
    return list(found)


def defined(line: str) -> str | None:
    """The function or macro whose definition a line begins.

    >>> defined("static int zap_pte_range(struct mmu_gather *tlb,"), defined("EXPORT_SYMBOL(a);")
    ('zap_pte_range', None)
    """
    if macro := MACRO.match(line):
        return macro[1]
    if not line[:1].isalpha() and line[:1] != "_":
        return None
    call = CALL.search(line)
    return call[1] if call is not None and not line.rstrip().endswith(";") else None
