"""A report as text and as HTML, for those who have it in hand: the one way up from `judge`.

Reports are data, and what is shown of them is made in `mmscn.show`, which is above them; their
methods come here.
"""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmscn.judge.report import Report

STYLE = {"violated": "#ea1020", "undecided": "#917000", "vacuous": "#917000", "holds": "#00883a"}
"""Colours that are read on white and on black."""


def table(report: Report) -> str:
    """The verdicts, as `mmscn run` prints them."""
    from mmscn.show import table

    return table.text(report)


def diagrams(report: Report, name: str | None, *, width: int) -> str:
    """The races that tell the most, or those of one property; empty where there are none."""
    from mmscn.show.counterexamples import drawn, picture

    which = "some" if name is None else "all"
    found = [d for d in drawn(report, which=which) if name in (None, d[1].name)]
    return "\n".join(picture(report, run, p, example, width=width) for run, p, example in found)


def text(report: Report, *, width: int) -> str:
    """All of it."""
    drawings = diagrams(report, None, width=width)
    return table(report) + (f"\n{drawings}" if drawings else "")


def html(report: Report) -> str:
    """For a notebook: the verdict, the table, and the races to open."""
    from mmscn.plain_text import printable, printable_lines
    from mmscn.show.counterexamples import drawn, picture

    verdict = report.verdict.value
    was = "as expected" if report.met else "NOT AS EXPECTED"
    parts = [
        f'<p><strong style="color:{STYLE[verdict]}">{report.word.upper()}</strong>, {was}: '
        f"{escape(printable(report.name))}</p>",
        f"<pre>{escape(table(report).rstrip())}</pre>",
    ]
    for run, p, example in drawn(report):
        token = example.told(partial(getattr, example, "token"))
        shown = picture(report, run, p, example) + (f"\ntoken {token}\n" if token else "")
        head = escape(printable(shown.split("\n", 1)[0].strip()))
        drawing = escape(printable_lines(shown.rstrip()))
        parts.append(f"<details><summary>{head}</summary><pre>{drawing}</pre></details>")
    return "\n".join(parts)
