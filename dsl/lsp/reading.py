"""A text as it stands: what is wrong with it, and what its names mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from mmscn.budget import Budget, Exceeded
from mmscn.check import core
from mmscn.check.modules import Unit
from mmscn.check.values import Value
from mmscn.diagnostics import Diagnostic, Rejected
from mmscn.judge import prepare
from mmscn.judge.shipped import finder, header
from mmscn.lsp.symbols import Index, index
from mmscn.source import Finder, Source
from mmscn.syntax.tree_cache import KEPT_MAX

SECONDS, MEGABYTES = 20.0, 2000
"""What reading a text, and making one of its combinations, may take."""
COMBINATIONS_MAX = 64
"""Of a text that are looked at while it is written; `mmscn check` looks at all."""

MODULES: dict[tuple[str, str], Source] = {}


class Reading:
    """source: the text. unit: it and what it imports, None where its syntax or names are wrong.

    problems: what is wrong, or warned of. limit: what ended the reading early.
    """

    def __init__(self, source: Source, find: Finder) -> None:
        self.source = source
        self.unit: Unit | None = None
        self.problems: tuple[Diagnostic, ...] = ()
        self.limit: str | None = None
        self.values: list[dict[str, Value]] = []
        self.first: core.Checked | None = None
        with_limits(self, lambda: self.read(find))

    def read(self, find: Finder) -> None:
        self.unit = prepare.unit_of(around(self.source), with_text(self.source, find))
        self.problems = prepare.warnings_of(self.unit) if self.is_scenario else ()
        self.values = prepare.combinations(self.unit, {})[:COMBINATIONS_MAX]

    @property
    def is_scenario(self) -> bool:
        return (header(self.source.text) or ("",))[0] != "module"

    def look_at(self, number: int) -> tuple[Diagnostic, ...]:
        """What one combination adds to what is wrong."""
        before = self.problems
        with_limits(self, lambda: self.elaborate(number))
        return tuple(d for d in self.problems if d not in before)

    def elaborate(self, number: int) -> None:
        if self.unit is not None and number < len(self.values):
            checked, _ = prepare.checked_of(self.unit, self.values[number])
            if number == 0:
                self.first = checked

    @cached_property
    def index(self) -> Index:
        """What the names stand for; of nothing, where the text cannot be read."""
        return Index() if self.unit is None else index(self.unit)


def with_limits(reading: Reading, work: Callable[[], None]) -> None:
    try:
        with Budget(SECONDS, MEGABYTES).spending("reading the text"):
            work()
    except Rejected as problem:
        known = set(map(id, reading.problems))
        new = tuple(d for d in problem.diagnostics if id(d) not in known)
        reading.problems += tuple(d for d in new if d not in reading.problems)
    except Exceeded as problem:
        reading.limit = str(problem)


def around(source: Source) -> Source:
    """A scenario: the text, or an empty one that imports the module that it is."""
    kind, name = header(source.text) or ("", "")
    if kind != "module":
        return source
    return Source(source.name, f"scenario {name.replace('.', '_')}\nimport {name}\n")


def with_text(source: Source, find: Finder) -> Finder:
    """Finds the module that a text is, as it stands, before those in files."""
    kind, own = header(source.text) or ("", "")

    def found(name: str) -> Source | None:
        return source if kind == "module" and name == own else find(name)

    return found


def find_beside(path: Path | None, open_texts: Callable[[Path], str | None]) -> Finder:
    """Finds modules as for a file, those that are open in the editor as they stand there."""
    find = finder(None if path is None else path.parent)

    def found(name: str) -> Source | None:
        source = find(name)
        if source is None:
            return None
        text = open_texts(Path(source.name))
        return known(source if text is None else Source(source.name, text))

    return found


def known(source: Source) -> Source:
    """The same one as before for the same text, whose tree is kept: a module is rarely changed."""
    if len(MODULES) >= KEPT_MAX:
        MODULES.clear()
    same = MODULES.setdefault((source.name, source.text), source)
    same.lasting = True
    return same
