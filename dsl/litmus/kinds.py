"""A folder of litmus tests compared with a table of published verdicts.

The table has a line for each test: its path or name, and `Allowed`, `Forbidden` or `Required`. With
a line of headings that begins with `path`, the columns are told apart by tabs, and `verdict` is the
one that is meant unless another is named. A test of the form of coatcheck that is `Required` must
have the outcome that it asks for.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from attrs import Factory, define, frozen

from mmscn.diagnostics import Diagnostic, Rejected
from mmscn.judge.shipped import read
from mmscn.litmus.answer import Answer, answer, block, litmus_of
from mmscn.litmus.modelled import orders
from mmscn.runtime.result import Limits
from mmscn.source import Source

EXPECTED = ".expected"
"""Behind the name of a test: the file with all that herd7 answers to it."""
LIST, OTHER = "its final states", "other final states"
SUFFIXES = (".litmus", ".test", ".litmus.toml")
VERDICT = "verdict"
"""The column of a table that is meant unless another is named."""
VERDICTS = ("Allowed", "Forbidden", "Required")
FILES_MAX = 10_000


@frozen
class Row:
    """What is published of a test. path: or its name. order: that it is meant under, if said."""

    path: str
    verdict: str
    order: str | None = None


@frozen
class Judged:
    """A test, what is published and what was found: a verdict, or why there is none."""

    path: str
    published: str
    found: str
    order: str
    cause: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def agrees(self) -> bool:
        return self.cause is None and self.found == self.published


@define
class Comparison:
    """What was compared; unpublished: tests of the folder that the table has no verdict of."""

    judged: list[Judged] = Factory(list)
    unpublished: int = 0

    def agree(self) -> list[Judged]:
        return [j for j in self.judged if j.agrees]

    def disagree(self) -> list[Judged]:
        return [j for j in self.judged if not j.agrees and j.cause is None]

    def unsupported(self) -> dict[str, list[Judged]]:
        """By cause, the most frequent first."""
        found: dict[str, list[Judged]] = {}
        for j in self.judged:
            if j.cause is not None:
                found.setdefault(j.cause, []).append(j)
        return dict(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])))


def rows(text: str, column: str = VERDICT) -> list[Row]:
    """The table. Raises ValueError for a column that it has not."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if lines and lines[0].split("\t")[0] == "path":
        heads = lines[0].split("\t")
        if column not in heads:
            raise ValueError(f"the table has no column `{column}`; there are {', '.join(heads)}")
        found = []
        for line in lines[1:]:
            cells = dict(zip(heads, line.split("\t"), strict=False))
            features = cells.get("features", "").split(",")
            order = "sc" if "sc" in features else None
            verdict = cells.get(column, "")
            if column == VERDICT and not verdict:
                verdict = published_verdict(cells.get("published_as", ""))
            found.append(Row(cells["path"], verdict, cells.get("memory") or order))
        return found
    pairs = [line.split() for line in lines]
    return [Row(pair[0], pair[1]) for pair in pairs if len(pair) > 1]


TOLD = re.compile(r"strong: (\w+)|: (Allow|Forbid)\b")
WORDS = {"allowed": "Allowed", "forbidden": "Forbidden", "Allow": "Allowed", "Forbid": "Forbidden"}


def published_verdict(text: str) -> str:
    """The verdict that several have published in their own words, where they are of one mind."""
    found = {WORDS.get(a or b, "") for a, b in TOLD.findall(text)}
    return found.pop() if len(found) == 1 else ""


def files(folder: Path) -> list[Path]:
    """The tests of a folder and of those below, in order; a file is itself."""
    if folder.is_file():
        return [folder]
    found = (p for p in folder.rglob("*") if p.name.endswith(SUFFIXES) and p.is_file())
    return sorted(found)[:FILES_MAX]


@frozen(kw_only=True)
class Asked:
    """How tests are compared. order: None for the one of the architecture. ets: of walks."""

    order: str | None = None
    limits: Limits = Limits()  # noqa: RUF009 (frozen)
    ets: int = 0


class Test(NamedTuple):
    """A test of a folder, and its row in the table; None where it has no verdict of it.

    source, expected: its text and the list of its final states, where they were read before.
    """

    path: Path
    row: Row | None
    source: Source | None = None
    expected: str | None = None

    def text(self) -> Source:
        """Raises OSError, and Rejected where it is not text."""
        return read(self.path) if self.source is None else self.source

    def states(self) -> str:
        """The list of its final states. Raises as `text`."""
        return read(answered(self.path)).text if self.expected is None else self.expected

    def travelling(self) -> Test:
        """With all that is read, as far as it can be."""
        if self.row is None:
            return self
        try:
            listed = None if self.row.verdict in VERDICTS else self.states()
            return self._replace(source=self.text(), expected=listed)
        except (OSError, Rejected):
            return self


def chosen(folder: Path, table: list[Row]) -> list[Test]:
    """The tests of a folder, each with its row."""
    by_path = {row.path: row for row in table}
    found: list[Test] = []
    for path in files(folder):
        row = row_of(path, by_path)
        told = row is not None and (row.verdict in VERDICTS or answered(path).is_file())
        found.append(Test(path, row if told else None))
    return found


def compared(asked: Asked, test: Test) -> Judged | None:
    """A test and what is published of it; None where nothing is."""
    if test.row is None:
        return None
    if test.row.verdict in VERDICTS:
        return one(test, test.row, asked.order, asked.limits, asked.ets)
    return listed(test, test.states(), asked.order, asked.limits, asked.ets)


def answered(path: Path) -> Path:
    """The file with the whole list of a test's final states."""
    return path.with_name(path.name + EXPECTED)


def listed(test: Test, expected: str, order: str | None, limits: Limits, ets: int) -> Judged:
    """A test and the whole list of its final states, where that is published in place of a word."""
    found = judged(test, LIST, order, limits, ets)
    if isinstance(found, Judged):
        return found
    same = states(expected) == states(block(found))
    return Judged(str(test.path), LIST, LIST if same else OTHER, found.order)


def states(text: str) -> set[str]:
    """The final states of an answer, without what each herd7 writes in its own way."""
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("States ")]
    ends = [n for n, line in enumerate(lines) if line in ("Ok", "No", "Loop Ok", "Loop No")]
    if not starts or not ends:
        return set()
    return {"".join(line.split()) for line in lines[starts[0] + 1 : ends[0]]}


def row_of(path: Path, by_path: dict[str, Row]) -> Row | None:
    """By the longest end of the path that the table has, else by the name."""
    parts = path.parts
    for n in range(len(parts)):
        row = by_path.get("/".join(parts[n:]))
        if row is not None:
            return row
    return by_path.get(stem(path))


def stem(path: Path) -> str:
    name = path.name
    for suffix in (".toml", ".litmus", ".test"):
        name = name.removesuffix(suffix)
    return name


def one(test: Test, row: Row, order: str | None, limits: Limits, ets: int) -> Judged:
    """A test and its verdict, or the cause why it has none."""
    found = judged(test, row.verdict, order or row.order, limits, ets)
    if isinstance(found, Judged):
        return found
    verdict = found.verdict
    if row.verdict == "Required" and found.litmus.quantifier == "exists" and found.met:
        verdict = "Required"
    return Judged(str(test.path), row.verdict, verdict, found.order)


def judged(
    test: Test, published: str, order: str | None, limits: Limits, ets: int
) -> Answer | Judged:
    """The answer to a test, or the cause why there is none."""
    path = test.path
    try:
        return answer(litmus_of(test.text(), stem(path)), order, limits=limits, ets=ets)
    except Rejected as problem:
        first = problem.diagnostics[0]
        return Judged(str(path), published, "", order or "", cause_of(first), problem.diagnostics)
    except OSError as problem:
        return Judged(str(path), published, "", "", problem.strerror or "it cannot be read")


def cause_of(problem: Diagnostic) -> str:
    """Under what a test that cannot be said is counted."""
    return problem.message.removesuffix(" is not supported")


def summary(found: Comparison) -> str:
    """The counts, then each test that is not agreed on, and what is not supported by cause."""
    lines = []
    agree, disagree, unsupported = found.agree(), found.disagree(), found.unsupported()
    decided = [*agree, *disagree]
    by_kind = ", ".join(
        f"{kind} {sum(j.published == kind for j in agree)} of {n}"
        for kind in (*VERDICTS, LIST)
        if (n := sum(j.published == kind for j in decided))
    )
    lines.append(f"agree          {len(agree):>4}{f'   {by_kind}' if by_kind else ''}")
    lines.append(f"disagree       {len(disagree):>4}")
    lines.append(f"not supported  {sum(map(len, unsupported.values())):>4}")
    if found.unpublished:
        lines.append(f"no verdict     {found.unpublished:>4}")
    if disagree:
        lines += ["", "disagree:"]
        lines += [f"  {j.path}  {j.published}, found {j.found} under {j.order}" for j in disagree]
    if unsupported:
        lines += ["", "not supported:"]
        for cause, those in unsupported.items():
            lines.append(f"  {cause}: {len(those)}")
            lines += [f"    {j.path}" for j in those]
    return "".join(f"{line}\n" for line in lines)


def unmodelled(found: Comparison) -> str | None:
    """What is said where tests were judged under another order than their architecture's."""
    if len(orders()) > 1 or not found.judged:
        return None
    return "the library models one memory order, sc: what only a weaker one allows is not found"
