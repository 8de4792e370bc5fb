"""Which counterexamples and witnesses of a report are drawn, and each with its heading."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.judge.evidence import Counterexample
from mmscn.judge.report import PropertyResult, Report, Run
from mmscn.plain_text import counted
from mmscn.plain_text import width as columns
from mmscn.runtime.result import Verdict
from mmscn.show import table

WIDTH = 72
SOME = 3
"""Diagrams that are drawn unless others are asked for."""


def drawn(
    report: Report, *, which: str = "some", every: bool = False
) -> Iterator[tuple[Run, PropertyResult, Counterexample]]:
    """The counterexamples to draw, and behind them the witnesses of what is reachable.

    which: `some`, `all`, `first` or `none`. every: also of a run that breaks what one before
    it broke; otherwise what is broken the soonest comes first. Of a name that several runs
    reach, the first is drawn; of outcomes, none, unless all are wanted.
    """
    most = {"some": SOME, "all": None, "first": 1, "none": 0}[which]
    every = which == "all" or (every and most == SOME)
    count = 0
    for run in sorted(broken(report, every=every), key=lambda r: r.met):
        for p in run.violated() if which == "all" else telling(run):
            if most is not None and count >= most:
                return
            example = run.counterexample(p.name)
            if example is not None:
                count += 1
                yield run, p, example
    reached: set[str] = set()
    for run in report.runs:
        for p in run.reached():
            if most is not None and count >= most:
                return
            if which != "all" and (p.name in reached or p.outcome):
                continue
            example = run.witness(p.name)
            if example is not None:
                reached.add(p.name)
                count += 1
                yield run, p, example


def broken(report: Report, *, every: bool) -> list[Run]:
    """The runs in which something is broken; unless all are wanted, one for each way to break, the
    one with the fewest steps to it first.
    """
    runs = [run for run in report.runs if run.violated()]
    if every:
        return runs
    firsts: dict[tuple[str, ...], Run] = {}
    for run in sorted(runs, key=lambda r: r.met):
        firsts.setdefault(tuple(p.name for p in run.violated()), run)
    return sorted(firsts.values(), key=soonest)


def soonest(run: Run) -> tuple[bool, int]:
    """How many steps of the search lead to what is drawn of a run; last where that is not known."""
    depths = [p.depth for p in telling(run) if p.depth is not None]
    return not depths, min(depths, default=0)


def telling(run: Run) -> tuple[PropertyResult, ...]:
    """The violation that tells the most about a run, as a tuple of one: the first that nobody
    announced, else the first that somebody did.
    """
    violated = run.violated()
    unexpected = [p for p in violated if p.name not in run.announced]
    announced = [p for name in run.announced for p in violated if p.name == name]
    return (*unexpected, *announced)[:1]


def picture(
    report: Report,
    run: Run,
    p: PropertyResult,
    example: Counterexample,
    *,
    width: int = WIDTH,
    steps: bool = False,
) -> str:
    """A heading and the race diagram, or the list of steps."""
    head = f"{'REACHED' if p.verdict is Verdict.HOLDS else p.word.upper()} {p.title}"
    where = " ".join([report.name, table.choice(run)]).strip()
    gap = max(2, width - columns(head) - columns(where))
    one_line = columns(head) + columns(where) + 2 <= width
    lines = [*table.wrapped("", head, width), *table.wrapped("  ", where, width)]
    title = f"{head}{' ' * gap}{where}" if one_line else "\n".join(lines)
    note = "" if example.trace.shortest else "\n(There may be a shorter one.)\n"

    def body() -> str:
        if steps:
            from mmscn.draw.step_list import list_steps

            return list_steps(example.compiled, example.trace)
        from mmscn.draw import diagram

        return diagram.draw(example.compiled, example.trace, width=width)

    what = "steps" if steps else f"diagram {width}"
    text = example.told(lambda: example.kept(what, body))
    if text is None:
        count = counted(len(example.trace.rules), "step")
        text = f"({count}, not drawn: a limit was reached while drawing them.)"
    return f"{title}\n{note}\n{text.rstrip()}\n"
