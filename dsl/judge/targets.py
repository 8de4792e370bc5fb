"""What a command line asks for: files, folders, names of shipped scenarios."""

import errno
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mmscn.diagnostics import Rejected, closest, one
from mmscn.judge.api import Scenario, module_of, scenario_of
from mmscn.judge.shipped import (
    SUFFIX,
    begins,
    bounded,
    decoded,
    finder,
    header,
    imports,
    read,
    scenario_files,
    shipped_scenario,
    shipped_scenarios,
)
from mmscn.source import Finder, Source, Span

STDIN = "-"
LITMUS = (".litmus", ".litmus.toml", ".test")
"""How the names of litmus tests end."""
DOCUMENTS = (".md", ".markdown", ".rst")
"""How the names of files end that have scenarios among other text."""


LITMUS_BEGINS = (
    r"(?s)\s*(?:\(\*.*?\*\)\s*)*(?:(?:X86|X86_64|AArch64|C)[ \t]+\S|Alternative\s"
    r"|arch\s*=)"
)


class NoTarget(Exception):
    """A target that is neither a path nor the name of a shipped scenario."""


class Lacking(Exception):
    """A text that travelled without a module that it imports: its name."""


class Target(NamedTuple):
    """A text to load. path: as messages show it. held: the text, where it was read before.

    modules: of a text that travels, those that it imports, by their names; None for a shipped
    one, and for one that there is not.
    """

    path: str
    held: Source | None = None
    modules: tuple[tuple[str, Source | None], ...] | None = None

    def source(self) -> Source:
        """Raises OSError, and Rejected where it is not text."""
        if self.held is not None:
            return self.held
        if self.path == STDIN:
            if sys.stdin is None:
                raise OSError(errno.EBADF, "the input is closed")
            return decoded(Source("<stdin>", ""), bounded(sys.stdin.buffer))
        return read(Path(self.path))

    def load(self, *, modules: bool = False) -> Scenario:
        """The scenario; with `modules` also the empty one around a module.

        Raises OSError and Rejected; Lacking where it has travelled.
        """
        source = self.source()
        path = None if self.path == STDIN else self.path
        no_document(source, self.path, "`mmscn docs test` runs the scenarios in it")
        if modules and (header(source.text) or ("",))[0] == "module":
            return module_of(source, self.finder(), path)
        return scenario_of(source, self.finder(), path)

    def finder(self) -> Finder:
        """What finds its modules: where it is, or among those that it has with it."""
        if self.modules is None:
            return finder(Path() if self.path == STDIN else Path(self.path).parent)
        carried, shipped = dict(self.modules), finder(None)

        def find(name: str) -> Source | None:
            if name not in carried:
                raise Lacking(name)
            return carried[name] or shipped(name)

        return find

    def travelling(self, more: tuple[str, ...] = ()) -> "Target":
        """With its text and those of its own modules, as they are here. more: names of modules
        that it imports, too. Raises OSError and Rejected.
        """
        # Imported here: it takes long, and few texts travel.
        from mmscn.check.modules import PRELUDE

        source, find = self.source(), self._replace(modules=None).finder()
        modules: dict[str, Source | None] = {}
        left = [PRELUDE, *more, *imports(source.text)]
        while left:
            name = left.pop()
            if name not in modules:
                found = find(name)
                own = found if found is not None and found.name != name else None
                modules[name] = own
                left += imports(found.text) if found is not None else []
        return self._replace(held=source, modules=tuple(modules.items()))


def no_document(source: Source, path: str, hint: str) -> None:
    """Raises Rejected where a text is a document, by the name of its file and what it begins with.

    hint: what to do with one.
    """
    if path.lower().endswith(DOCUMENTS) and not begins(source.text):
        raise one("MM201", "this is a document, not a scenario", Span(source, 0, 0), hint)


def targets(words: Sequence[str], *, every: bool = False) -> list[Target]:
    """The texts that the words stand for, each once; a folder may stand for none.

    A path goes before a name, unless it is a folder without a scenario.
    every: all shipped ones but the benchmarks as well. Raises NoTarget.
    """
    found: list[Target] = []
    for word in words:
        path = Path(word)
        below = scenario_files(path) if path.is_dir() else []
        if below:
            found.extend(Target(str(p)) for p in below)
        elif word == STDIN or (path.exists() and not path.is_dir()):
            found.append(Target(word))
        elif (shipped := shipped_scenario(word)) is not None:
            found.append(Target(shipped.path))
        elif not path.is_dir():
            raise NoTarget(missing(word))
    if every:
        found.extend(Target(s.path) for s in shipped_scenarios() if not s.benchmark)
    return list(dict.fromkeys(found))


def tests_among(words: Sequence[str]) -> list[str]:
    """Those of the words that stand for litmus tests; a folder that has no scenario does."""
    found = []
    for word in words:
        path = Path(word)
        if word.endswith(LITMUS) and not path.is_dir():
            found.append(word)
        elif path.is_dir() and not scenario_files(path) and shipped_scenario(word) is None:
            found += sorted(str(p) for p in path.rglob("*") if p.name.endswith(LITMUS))
    return found


def is_litmus(text: str) -> bool:
    """Whether a text begins as litmus tests do."""
    return re.match(LITMUS_BEGINS, text) is not None


def missing(word: str) -> str:
    names = [s.name for s in shipped_scenarios()]
    near = closest(word, names)
    if "/" in word or word.endswith(SUFFIX):
        return f"there is no file `{word}`"
    hint = near or "`mmscn list` shows the shipped ones"
    return f"there is no file and no shipped scenario `{word}`; {hint}"


__all__ = ["Lacking", "NoTarget", "Rejected", "Target", "targets"]
