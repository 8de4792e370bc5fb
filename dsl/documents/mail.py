"""A finding as a mail: what breaks, as a drawing; what holds; what is assumed; how to find it
again; and below a scissors line the texts themselves. `claims.py` reads it back.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import partial
from textwrap import wrap
from typing import NamedTuple

from mmscn.explain.assumptions import assumptions
from mmscn.explain.explanation import Explanation
from mmscn.judge.api import Scenario
from mmscn.judge.evidence import Counterexample
from mmscn.judge.report import PropertyResult, Report, Run
from mmscn.judge.shipped import SUFFIX
from mmscn.plain_text import counted, printable, printable_lines
from mmscn.runtime.result import Verdict
from mmscn.show import table
from mmscn.show.counterexamples import telling

COLUMNS = 72
LINES_MAX = 60
"""Of all that stands above the scissors."""
DRAWING_LEAST = 12
TRIED_MAX = 6
"""Executions among which the one that is drawn shortest is chosen."""
SCISSORS = "-- >8 --"
CLAIMS = "`mmscn verify` finds this again, given this mail:"
HEAD_LINES = 5
LOOKED_AT = re.compile(r"\s*\[[^>]*\]$")
"""The note of a value that a step leaves as it is."""


class Shown(NamedTuple):
    """The execution that is drawn."""

    run: Run
    what: PropertyResult
    example: Counterexample
    drawing: tuple[str, ...]


def mail(scenario: Scenario, report: Report, path: str) -> str:
    """path: the name of the scenario's file, or of a shipped one."""
    shown = shortest(report)
    fixed = nearest(report, shown.run if shown else None)
    head = list(heading(report, shown, fixed))
    foot = list(footing(report, shown, fixed, path))
    room = LINES_MAX - len(head) - len(foot) - 1
    lines = [*head, *(cut(shown.drawing, room) if shown else []), *foot]
    above = "".join(f"{printable(line.rstrip())}\n" for line in lines)
    return above + "".join(texts(scenario, path))


# ---- what is chosen -------------------------------------------------------------


def shortest(report: Report) -> Shown | None:
    """The execution with the shortest drawing; one that nobody announced, if there is one.

    Of what is only asked whether it can be, where nothing is broken: the way there.
    """
    found: list[tuple[Run, PropertyResult]] = []
    seen: set[tuple[str, ...]] = set()
    unexpected = [run for run in report.runs if not run.met and run.violated()]
    for run in unexpected or report.runs:
        names = tuple(p.name for p in run.violated())
        if names and names not in seen:
            seen.add(names)
            wanted = [p for p in run.violated() if p.name not in run.announced]
            found += [(run, p) for p in (telling(run) if wanted and unexpected else run.violated())]
    found.sort(key=lambda pair: pair[1].depth if pair[1].depth is not None else 1 << 30)
    if not any(run.violated() or not run.met for run in report.runs):
        found = [(run, p) for run in report.runs for p in run.reached() if not p.outcome]
    made = [one for run, p in found[:TRIED_MAX] if (one := shown_of(run, p)) is not None]
    return min(made, key=lambda one: len(one.drawing), default=None)


def shown_of(run: Run, p: PropertyResult) -> Shown | None:
    from mmscn.draw.diagram import draw

    example = run.counterexample(p.name) or run.witness(p.name)
    if example is None:
        return None
    text = example.told(partial(draw, example.compiled, example.trace, width=COLUMNS))
    return None if text is None else Shown(run, p, example, tuple(text.rstrip().split("\n")))


def is_reached(what: PropertyResult) -> bool:
    """Whether it was asked for, and is no fault."""
    return what.verdict is Verdict.HOLDS


def word_of(what: PropertyResult) -> str:
    return "reached" if is_reached(what) else what.word


def nearest(report: Report, broken: Run | None) -> Run | None:
    """The combination that holds and differs the least from a broken one."""
    holds = [run for run in report.runs if run.verdict is Verdict.HOLDS]
    if broken is None:
        return holds[0] if holds else None
    values = dict(broken.params)

    def differences(run: Run) -> int:
        return sum(values.get(name) != value for name, value in run.params)

    return min(holds, key=differences, default=None)


def cut(lines: tuple[str, ...], room: int) -> list[str]:
    """As much of a drawing as there is room for: what is only looked at goes first, then lines
    from its middle.
    """
    room = max(room, DRAWING_LEAST)
    if len(lines) <= room:
        return list(lines)
    kept = [line for n, line in enumerate(lines) if n < HEAD_LINES or not LOOKED_AT.match(line)]
    if len(kept) < room:
        notes = counted(len(lines) - len(kept), "note")
        return [*kept, f"  (left out: {notes} of what is looked at)"]
    first = room // 2
    last = room - first - 1
    left = len(lines) - first - last
    return [*kept[:first], f"  ... ({counted(left, 'line')} left out)", *kept[len(kept) - last :]]


# ---- what is said -----------------------------------------------------------------


def heading(report: Report, shown: Shown | None, fixed: Run | None) -> Iterator[str]:
    word = word_of(shown.what) if shown is not None else report.word
    what = f" {shown.what.title}" if shown is not None else ""
    subject = f"Subject: {report.name}: {word.upper()}{what}"
    yield subject if len(subject) <= COLUMNS else subject[: COLUMNS - 1] + "…"
    yield ""
    about = "; ".join([*(f"claim {c}" for c in report.claims), *report.sources])
    title = f"{report.title}. " if report.title else ""
    yield from wrap(title + (f"({about})" if about else ""), COLUMNS)
    yield ""
    if shown is not None:
        steps = counted(len(shown.example.trace.rules), "step")
        chosen = table.choice(shown.run)
        under = f" with {chosen}" if chosen else ""
        broken = "is broken, as it is announced" if shown.run.met else "IS BROKEN"
        said = "is reached" if is_reached(shown.what) else broken
        yield from wrap(f"{shown.what.title} {said}{under}, in {steps}:", COLUMNS)
        yield ""
    elif fixed is None:
        yield from wrap(f"{report.word.upper()}: {told(report)}", COLUMNS)
    else:
        yield "Nothing is broken: all orders of the steps were searched."


def told(report: Report) -> str:
    texts = [u.text for run in report.runs for u in run.unmet] + table.limits_reached(report)
    return "; ".join(dict.fromkeys(text.strip() for text in texts)) or "nothing is broken"


def footing(report: Report, shown: Shown | None, fixed: Run | None, path: str) -> Iterator[str]:
    yield ""
    yield from wrap("Assumed: " + "; ".join(assumed(report)) + ".", COLUMNS)
    if shown is not None and fixed is None and not is_reached(shown.what):
        yield "No combination of its params holds."
    yield ""
    yield CLAIMS
    broken = shown if shown is not None and not is_reached(shown.what) else None
    other = shown.run if shown is not None and broken is None else fixed
    for run in [run for run in (broken.run if broken else None, other) if run is not None]:
        yield from claim(run, broken.what if broken and run is broken.run else None, path)
    token = shown.example.told(partial(getattr, shown.example, "token")) if shown else None
    if token is not None and len(str(token)) <= COLUMNS:
        yield str(token)


def assumed(report: Report) -> list[str]:
    return [printable(text) for text in assumptions(Explanation(report, (), None))]


def folded(command: str) -> Iterator[str]:
    """A command on lines that a shell puts together."""
    first, *rest = wrap(
        command,
        COLUMNS - 2,
        initial_indent="    ",
        subsequent_indent="      ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    lines = [first, *rest]
    yield from (f"{line} \\" for line in lines[:-1])
    yield lines[-1]


def claim(run: Run, what: PropertyResult | None, path: str) -> Iterator[str]:
    """A verdict, and below it the command that finds it."""
    verdict = f"{what.word.upper()} {what.title}" if what is not None else run.word.upper()
    states = f" ({counted(run.result.states, 'state')})" if what is None else ""
    yield from wrap(verdict + states, COLUMNS, initial_indent="  ", subsequent_indent="    ")
    defines = [part for pair in table.choice(run).split() for part in ("-D", pair)]
    yield from folded(shlex.join(["mmscn", "run", path, *defines]))


def texts(scenario: Scenario, path: str) -> Iterator[str]:
    """The scenario's text, and those of its own modules, each below a scissors line."""
    name = path if path.endswith(SUFFIX) else f"{scenario.name}{SUFFIX}"
    yield f"\n{SCISSORS} {printable(name)}\n"
    yield written(scenario.source.text)
    for module, source in sorted(scenario.unit.modules.items()):
        if source.name != module:
            yield f"{SCISSORS} {printable(module.replace('.', '/'))}{SUFFIX}\n"
            yield written(source.text)


def written(text: str) -> str:
    return printable_lines(text.rstrip("\n")) + "\n"
