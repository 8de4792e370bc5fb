"""The state graph of each run as Graphviz draws it."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.judge.graph import STATES_MAX, Edge, Graph, Node, TooMany, graph
from mmscn.judge.report import Report, Run
from mmscn.plain_text import printable
from mmscn.runtime.interpreter import VersionOverflow
from mmscn.show import table
from mmscn.show.refused import Refused

LINE_MAX = 60
"""Columns of a label; what is longer is shortened."""


def text(report: Report) -> str:
    """A graph for each run, an empty line between two. Raises Refused."""
    return "\n".join(of_run(report, run) for run in report.runs)


def of_run(report: Report, run: Run) -> str:
    chosen = table.choice(run)
    name = f"{report.name} {chosen}".strip()
    found = None
    try:
        found = run.evidence.drawing.within("drawing the states", lambda: graph(run))
    except TooMany:
        narrow = "" if len(report.runs) == 1 else "choose a combination with -D, "
        raise Refused(
            f"{name} has more than {STATES_MAX} states, and dot draws no more: {narrow}take a "
            "thread, a round or a page out, or draw one execution (mermaid, plantuml, html)"
        ) from None
    except VersionOverflow:
        raise Refused(f"{name} makes more contents than are counted, and is not drawn") from None
    if found is None:
        raise Refused(f"{name} is not drawn: a limit was reached while drawing its states")
    return "".join(f"{line}\n" for line in drawn(found, name))


def drawn(found: Graph, name: str) -> Iterator[str]:
    yield f"digraph {quoted(name)} {{"
    yield f"  label={quoted(name)}; labelloc=t; node [shape=box, fontname=monospace];"
    yield "  edge [fontname=monospace];"
    for n, node in enumerate(found.nodes):
        yield f"  s{n} [{of_node(found, n, node)}];"
    for edge in found.edges:
        yield f"  s{edge.before} -> s{edge.after} [{of_edge(edge)}];"
    yield "}"


def of_node(found: Graph, n: int, node: Node) -> str:
    values = found.first if n == 0 else node.values
    lines = [f"{n}", *values]
    lines += [f"VIOLATED {name}" for name in node.breaks]
    lines += [f"REACHED {name}" for name in node.reaches]
    said = [f"label={quoted(*lines)}"]
    said += ["penwidth=2"] if node.initial else []
    said += ["peripheries=2"] if node.final else []
    said += ["color=red"] if node.breaks else []
    return ", ".join(said)


def of_edge(edge: Edge) -> str:
    lines = [f"{edge.actor}: {edge.text}", *(f"VIOLATED {name}" for name in edge.breaks)]
    return f"label={quoted(*lines)}" + (", color=red" if edge.breaks else "")


def quoted(*lines: str) -> str:
    """Lines as one string of the language, none of which it obeys."""
    shown = (line if len(line) <= LINE_MAX else line[: LINE_MAX - 1] + "…" for line in lines)
    escaped = (printable(s).replace("\\", "\\\\").replace('"', '\\"') for s in shown)
    return '"' + "\\n".join(escaped) + '"'
