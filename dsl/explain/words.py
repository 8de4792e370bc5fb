"""An explanation as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mmscn.explain.assumptions import assumptions
from mmscn.explain.explanation import Explained, Explanation
from mmscn.explain.silent import Silent
from mmscn.explain.simulation import Simulation
from mmscn.judge.report import PropertyResult
from mmscn.plain_text import counted, first_columns, printable, width
from mmscn.runtime.result import Verdict
from mmscn.show import table

COLUMNS = 80
PLACES_MAX = 40
"""Places that are listed at once, unless all are wanted."""


def text(explanation: Explanation, *, verbose: bool = False) -> str:
    """Lines ended; the same every time. verbose: every place, also of single combinations."""
    report = explanation.report
    lines = [f"{report.name}  {report.title}" if report.title else report.name]
    lines += asked(explanation)
    lines += verdicts(explanation)
    lines += never(explanation, verbose=verbose)
    lines += single(explanation, verbose=verbose)
    lines += ["", "  These verdicts assume:"]
    for one in assumptions(explanation):
        lines += table.wrapped("    ", f"- {one}")
    return "".join(f"{printable(line.rstrip())}\n" for line in lines)


def asked(explanation: Explanation) -> list[str]:
    lines = ["", "  Asked:"]
    lines += properties(explanation.asked()) or ["    nothing"]
    names = ", ".join(p.title for p in explanation.unasked())
    return [*lines, *table.wrapped("  ", f"Judged without being asked for: {names}")]


def properties(found: Sequence[PropertyResult]) -> list[str]:
    wide = max((width(p.title) for p in found), default=0)
    return [f"    {p.title:<{wide}}  {table.place(p)}" for p in found]


def verdicts(explanation: Explanation) -> list[str]:
    """The verdict of each combination, and what of it was never put to the test."""
    lines = ["", "  Found:"]
    for e in explanation.combinations:
        where = f"{table.choice(e.run)}: " if e.run.params else ""
        broken = ", ".join(p.title for p in e.run.violated())
        said = f"{where}{e.run.word.upper()} {broken}".rstrip()
        empty = [p.title for p in e.vacuous() if p.asked]
        if empty and e.run.verdict is not Verdict.UNDECIDED:
            said += f"; never put to the test: {', '.join(empty)}"
        lines += table.wrapped("    ", said)
    return lines


def never(explanation: Explanation, *, verbose: bool) -> list[str]:
    found = explanation.silent
    if found is None:
        said = "What never fires is not known: a limit was met before that was searched, or a "
        return ["", *table.wrapped("  ", said + "step has too many ways to tell them apart.")]
    if not explanation.whole:
        head = "Not seen to fire, in as much as was searched:"
    elif len(explanation.combinations) > 1:
        head = "Never fires, in no combination:"
    else:
        head = "Never fires:"
    if not found:
        return ["", f"  {head} nothing; all that the text has is done in some execution."]
    return ["", f"  {head}", *places(found, verbose=verbose)]


def walked(found: Simulation, *, verbose: bool = False) -> str:
    """What random walks came by, lines ended."""
    if found.silent is None:
        said = "What walks came by is not known: a limit was met before there were any, or a step "
        lines = table.wrapped("  ", said + "has too many ways to tell them apart.")
    else:
        (done, statements), (taken, branches) = found.statements, found.branches
        of = f"{done} of {counted(statements, 'statement')}"
        lines = [f"  Walks came by {of} and {taken} of {counted(branches, 'way')} to go on."]
        if found.silent:
            lines += ["  Not seen on any walk:", *places(found.silent, verbose=verbose)]
    return "".join(f"{printable(line.rstrip())}\n" for line in lines)


def places(found: Sequence[Silent], *, verbose: bool) -> list[str]:
    shown = found if verbose else found[:PLACES_MAX]
    where = [place(s) for s in shown]
    wide = max(map(len, where), default=0)
    lines = []
    for at, s in zip(where, shown, strict=True):
        head = f"    {at:<{wide}}  "
        room = max(20, COLUMNS + 20 - len(head) - len(s.why))
        what = s.what if width(s.what) <= room else f"{first_columns(s.what, room - 3)}..."
        lines.append(f"{head}`{what}` {s.why}")
    if len(found) > len(shown):
        lines.append(f"    ... and {len(found) - len(shown)} more (-v lists them)")
    return lines


def place(s: Silent) -> str:
    """`zap.mmscn:12-14`."""
    name, first = s.span.source.name.rpartition("/")[2], s.span.line
    return f"{name}:{first}" + (f"-{s.last}" if s.last != first else "")


def single(explanation: Explanation, *, verbose: bool) -> list[str]:
    """What single combinations do not do and others do."""
    if len(explanation.combinations) < 2 or explanation.silent is None:
        return []
    everywhere = frozenset(explanation.silent)
    groups: dict[tuple[Silent, ...], list[Explained]] = {}
    for e in explanation.combinations:
        own = tuple(s for s in e.silent or () if s not in everywhere)
        if own:
            groups.setdefault(own, []).append(e)
    if not groups:
        return []
    head = "Never fires" if explanation.whole else "Not seen to fire"
    lines = ["", f"  {head} in single combinations:"]
    for own, some in groups.items():
        who = choices(some)
        if verbose:
            lines += [*table.wrapped("    ", f"{who}:"), *places(own, verbose=True)]
        else:
            number = counted(len(own), "place")
            lines += table.wrapped("    ", f"{who}: {number} (-v lists them)")
    return lines


def choices(some: Iterable[Explained]) -> str:
    return "; ".join(table.choice(e.run) for e in some)
