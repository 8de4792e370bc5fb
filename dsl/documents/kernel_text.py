"""The texts of functions in a kernel's tree, as it is laid out: nothing is preprocessed.

A definition begins in the first column and ends with a `}` there, as the kernel's style has it; a
macro ends where its lines do. Several of one name in a file, under different #ifdefs, are one text.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

COMMENT_OR_STRING = re.compile(
    r'"(?:\\.|[^"\\\n])*"' r"|'(?:\\.|[^'\\\n])*'" r"|//[^\n]*|/\*.*?\*/", re.DOTALL
)
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\w+|[^\w\s]')
VERSION = re.compile(r"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*(\S*)[ \t]*$", re.M)
SUFFIXES = (".c", ".h")
FILE_BYTES_MAX = 8_000_000
FILES_MAX = 200_000
HASH_DIGITS = 16


class Tree:
    """A kernel's sources in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def version(self) -> str | None:
        """What the Makefile says: `v3.15.5`, `v6.12-rc3`; None without one."""
        said = dict(VERSION.findall(self.text("Makefile")[:2000]))
        if not (said.get("VERSION") and said.get("PATCHLEVEL")):
            return None
        small = said.get("SUBLEVEL") or "0"
        extra = said.get("EXTRAVERSION", "")
        candidate = extra if extra.startswith("-rc") else ""
        stable = extra if re.fullmatch(r"\.\d+", extra) else ""
        old = said["VERSION"] == "2"
        last = f".{small}" if old or small != "0" else ""
        return f"v{said['VERSION']}.{said['PATCHLEVEL']}{last}{stable}{candidate}"

    def text(self, file: str) -> str:
        """Empty where there is no such file, or one of more than FILE_BYTES_MAX."""
        path = self.root / file
        try:
            with path.open("rb") as stream:
                data = stream.read(FILE_BYTES_MAX + 1)
        except OSError:
            return ""
        return data.decode("utf-8", "replace") if len(data) <= FILE_BYTES_MAX else ""

    def matching(self, pattern: str) -> list[str]:
        """The files that a note means, in order: its own, or those that a `*` in it stands for."""
        if "*" not in pattern:
            return [pattern] if (self.root / pattern).is_file() else []
        found = (p.relative_to(self.root).as_posix() for p in self.root.glob(pattern))
        return sorted(found)

    def function(self, file: str, name: str) -> str | None:
        """The hash of a function's text; None where the file does not define it."""
        return hash_of(definitions(bare(self.text(file)), name))

    def elsewhere(self, names: Iterable[str], below: Iterable[str]) -> dict[str, dict[str, str]]:
        """The files below some folders that define each of some functions, with their hashes."""
        wanted = sorted(set(names))
        found: dict[str, dict[str, str]] = {name: {} for name in wanted}
        if not wanted:
            return found
        called = re.compile(rf"\b({'|'.join(map(re.escape, wanted))})\b")
        for file in self.files(below):
            text = self.text(file)
            for name in sorted(set(called.findall(text))):
                digest = hash_of(definitions(bare(text), name))
                if digest is not None:
                    found[name][file] = digest
        return found

    def files(self, below: Iterable[str]) -> list[str]:
        """The files of C below some folders, FILES_MAX at most."""
        found: list[str] = []
        for folder in sorted(set(below)):
            for at, folders, names in os.walk(self.root / folder):
                folders.sort()
                here = Path(at).relative_to(self.root).as_posix()
                found += [f"{here}/{name}" for name in sorted(names) if name.endswith(SUFFIXES)]
                if len(found) > FILES_MAX:
                    return found[:FILES_MAX]
        return found


@lru_cache(maxsize=64)
def bare(text: str) -> str:
    """A text without its comments, each line where it was."""
    return COMMENT_OR_STRING.sub(
        lambda m: m[0] if m[0][0] in "\"'" else "\n" * m[0].count("\n") or " ", text
    )


def definitions(text: str, name: str) -> list[str]:
    """The texts that define a function or macro, in order; comments are gone before.

    >>> definitions("int f(void);\\nstatic int\\nf(void)\\n{\\n\\treturn 1;\\n}\\nint g;", "f")
    ['static int\\nf(void)\\n{\\n\\treturn 1;\\n}']
    """
    begins = re.compile(
        rf"^(?:[A-Za-z_][^\n=;{{}}()]*?(?:\b__\w+\([^\n]*?\)+ [^\n=;{{}}()]*?)?\b|(?=\w))"
        rf"{re.escape(name)}\s*\([^;{{}}]*\{{"
        rf"|^(?:COMPAT_)?SYSCALL_DEFINE\d\({re.escape(name)}\b[^;{{}}]*\{{"
        rf"|^[ \t]*#[ \t]*define[ \t]+{re.escape(name)}\(",
        re.MULTILINE,
    )
    found = []
    at = 0
    while match := begins.search(text, at):
        if match[0].lstrip().startswith("#"):
            start, at = match.start(), end_of_macro(text, match.start())
        else:
            start, at = start_of_type(text, match.start()), end_of_body(text, match.end())
        found.append(text[start:at])
    return found


def end_of_macro(text: str, start: int) -> int:
    """Where the line ends that no backslash goes on."""
    end = text.find("\n", start)
    while end > 0 and text[:end].endswith("\\"):
        end = text.find("\n", end + 1)
    return len(text) if end < 0 else end


def end_of_body(text: str, inside: int) -> int:
    """Behind the `}` of a body: on its first line, or in the first column of another."""
    line = text.find("\n", inside)
    rest = text[inside : len(text) if line < 0 else line]
    if rest.count("}") > rest.count("{"):
        return inside + rest.rindex("}") + 1
    end = text.find("\n}", inside)
    return len(text) if end < 0 else end + 2


def start_of_type(text: str, start: int) -> int:
    """Where a definition begins whose type is on the lines before its name."""
    while start > 0:
        before = text.rfind("\n", 0, start - 1) + 1
        line = text[before : start - 1].rstrip()
        if not re.fullmatch(r"[A-Za-z_][\w \t*()]*", line):
            break
        start = before
    return start


def hash_of(texts: list[str]) -> str | None:
    """Of what is left without white space; HASH_DIGITS digits."""
    if not texts:
        return None
    bared = "\n".join(normal(text) for text in texts)
    return hashlib.sha256(bared.encode()).hexdigest()[:HASH_DIGITS]


def normal(text: str) -> str:
    """
    >>> normal("int  f(void)\\n{ return\\t1; }")
    'int f ( void ) { return 1 ; }'
    """
    return " ".join(tokens(text.replace("\\\n", " ")))


def tokens(text: str) -> Iterator[str]:
    return (match[0] for match in TOKEN.finditer(text))
