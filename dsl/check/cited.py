"""What a `source` note says, as far as a machine reads it.

A note has parts, with `;` between. A part about code names a file of a kernel's tree, functions in
it, and the kernel that they were read in; a remark in parentheses may follow:

    mm/memory.c: zap_pte_range(), tlb_flush_mmu() @ v3.15, v3.16-rc2 (without force_flush)
    arch/*/include/asm/pgtable.h: ptep_get_and_clear() @ 1cf35d47712d

Any other part is a citation: a commit's title, a mail, a paper, a manual. It is for people, and may
name functions as well; but what begins as code and does not go on so cannot be read.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from mmscn.check.modules import Unit
from mmscn.check.parts import items, nodes_of
from mmscn.diagnostics import Diagnostic
from mmscn.source import Span
from mmscn.syntax import tree as t

FILE = re.compile(r"[\w*.+-]+(?:/[\w*.+-]+)+\.[ch]\b")
NAME = re.compile(r"([A-Za-z_]\w*)\(\)")
VERSION = re.compile(r"v\d+(?:\.\d+)+(?:-rc\d+)?(?![\w.])|next-\d{8}\b|[0-9a-f]{7,40}\b")
REMARK = re.compile(r" \(.+\)$")
CITATION = re.compile(r"(?:commits? )?[0-9a-f]{7,40}\b|CVE-\d|LKML ")
"""How a part begins whose text may have files and functions in it, as titles of commits have."""
LOOSE = re.compile(r"Linux (\d+(?:\.\d+)+(?:-rc\d+)?)|\b([0-9a-f]{12,40})\b")
"""How a kernel is named by those who write for people."""

FORM = "`FILE: NAME() @ VERSION`"
VERSIONS = "a version is `v3.15`, `v3.16-rc2`, `next-20250102`, or 7 digits or more of a commit"


class Code(NamedTuple):
    """A part about code. file: a path in the kernel's tree, `*` for any directory in it."""

    file: str
    names: tuple[str, ...]
    versions: tuple[str, ...]


class Unreadable(NamedTuple):
    """A part that begins as code. at, length: what cannot be read, in the note."""

    at: int
    length: int
    message: str
    hint: str


def parts(note: str) -> Iterator[Code | Unreadable]:
    """The parts of a note that are about code.

    >>> list(parts("LKML 2014-04-24 (MSG 44); mm/rmap.c: page_mkclean() @ v3.15 (as it was)"))
    [Code(file='mm/rmap.c', names=('page_mkclean',), versions=('v3.15',))]
    """
    at = 0
    for part in note.split(";"):
        text = part.strip()
        if text:
            found = read(text, at + part.index(text))
            if found is not None:
                yield found
        at += len(part) + 1


def read(text: str, at: int) -> Code | Unreadable | None:
    """A part that begins at `at`; None for a citation."""
    file = FILE.match(text)
    if file is None:
        return without_file(text, at)
    end = file.end()
    if not (text.startswith(": ", end) and NAME.match(text, end + 2)):
        message = f"no function of `{file[0]}` is named"
        return Unreadable(at, end, message, f"write {FORM}, each function with `()`")
    names, end = several(NAME, text, end + 2)
    if not text.startswith(" @ ", end):
        return behind_names(text, at, end)
    if not VERSION.match(text, end + 3):
        word = text[end + 3 :].split(",")[0].strip() or "@"
        where = text.index(word, end)
        return Unreadable(at + where, len(word), f"`{word}` is no version of a kernel", VERSIONS)
    versions, end = several(VERSION, text, end + 3)
    if end < len(text) and not REMARK.fullmatch(text, end):
        left = text[end:].strip()
        message = "what stands behind the version cannot be read"
        hint = "put a remark in parentheses, without others in it, and `;` before another source"
        return Unreadable(at + text.index(left, end), len(left), message, hint)
    return Code(file[0], names, versions)


def several(one: re.Pattern[str], text: str, at: int) -> tuple[tuple[str, ...], int]:
    """What stands at a place with commas between, and where it ends."""
    found: list[str] = []
    end = at
    while match := one.match(text, at):
        found.append(match[match.lastindex or 0])
        end = match.end()
        if not text.startswith(", ", end):
            break
        at = end + 2
    return tuple(found), end


def behind_names(text: str, at: int, end: int) -> Unreadable:
    """What stands where the version is expected."""
    left = text[end:].strip(" ,")
    loose = LOOSE.search(text, end)
    written = "VERSION" if loose is None else f"v{loose[1]}" if loose[1] else loose[2]
    if left.startswith("@"):
        where = text.index("@", end)
        return Unreadable(at + where, 1, "`@` stands between spaces", f"write {FORM}")
    message = "which kernel the functions are of stands behind `@`"
    where = text.index(left, end) if left else 0
    hint = f"write ` @ {written}` behind the functions"
    if loose is None:
        hint += f": {VERSIONS}"
    elif left not in (loose[0], loose[0].strip()):
        hint += ", and what else there is to say in parentheses at the end"
    return Unreadable(at + where, len(left) or end, message, hint)


def without_file(text: str, at: int) -> Unreadable | None:
    """A part that does not begin with a file: a citation, unless it means to be code."""
    if CITATION.match(text):
        return None
    inside = FILE.search(text)
    if inside is not None and NAME.search(text):
        message = f"`{inside[0]}` stands in the middle"
        hint = f"begin what is about code with its file, as in {FORM}, with `;` before it"
        return Unreadable(at + inside.start(), len(inside[0]), message, hint)
    names, end = several(NAME, text, 0)
    marked = re.search(r"\(\) ?@ ?\S", text)
    if marked or (names and (end == len(text) or text[end] == ",")):
        name = NAME.search(text)
        assert name is not None  # both ways here have found one
        message = f"the file of `{name[0]}` is not named"
        return Unreadable(at + name.start(), len(name[0]), message, f"write {FORM}")
    return None


def unreadable_sources(unit: Unit) -> Iterator[Diagnostic]:
    """Warnings of what cannot be read in the notes of a scenario and its own modules."""
    notes: list[t.Node] = [*unit.sources, *unit.module_sources]
    for item in items(unit):
        notes += () if unit.is_shipped(item.span.source) else nodes_of(item)
    for note in notes:
        if isinstance(note, t.SourceNote) and not unit.is_shipped(note.span.source):
            yield from unreadable(note)


def raw(note: t.SourceNote) -> tuple[str, int]:
    """A note as it is written between its quotes, and where it begins in its text."""
    text = note.span.text
    begins = text.index('"') + 1
    return text[begins : text.rindex('"')], note.span.start + begins


def unreadable(note: t.SourceNote) -> Iterator[Diagnostic]:
    text, begins = raw(note)
    for part in parts(text):
        if isinstance(part, Unreadable):
            start = begins + part.at
            span = Span(note.span.source, start, start + part.length)
            message = f"this source cannot be read: {part.message}"
            yield Diagnostic("MM608", message, span, hint=part.hint, severity="warning")
