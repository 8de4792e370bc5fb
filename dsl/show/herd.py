"""The final states that outcomes ask for, in the form of herd7."""

from __future__ import annotations

from mmscn.judge.report import Report, Run
from mmscn.plain_text import printable
from mmscn.runtime.result import Verdict
from mmscn.show import table
from mmscn.show.refused import Refused


def text(report: Report) -> str:
    """A block for each run, an empty line between two. Raises Refused where none asks for any."""
    blocks = [block(report, run) for run in report.runs if run.asks_outcomes()]
    if not blocks:
        raise Refused(
            f"{report.name} asks for no final states, which herd prints: write "
            "`outcomes x, y`, or `expect outcomes { … }`"
        )
    return "\n".join(blocks)


def block(report: Report, run: Run) -> str:
    """Positive are the states that the outcomes allow, all where they are only asked for."""
    name = f"{report.name} {table.choice(run)}".strip()
    found = run.all_final_states()
    if found is None:
        raise Refused(f"the final states of {name} are not known: a limit was reached")
    states = found.states
    lines = [f"Test {name}", f"States {len(states) + found.more}"]
    lines += [" ".join(f"{what}={value};" for what, value in state.values) for state in states]
    lines += [f"... and {found.more} more"] if found.more else []
    allowed = sum(state.listed for state in states)
    complete = found.complete and not found.more
    asked = [p for p in run.properties if p.outcome or set(run.lists()) & set(p.checks)]
    violated = any(p.verdict is Verdict.VIOLATED for p in asked)
    lines.append("No" if violated else "Ok" if complete else "Undecided")
    lines += ["Witnesses", f"Positive: {allowed} Negative: {len(states) - allowed}"]
    return "".join(f"{printable(line)}\n" for line in lines)
