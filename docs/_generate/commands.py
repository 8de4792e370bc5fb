"""Write docs/commands.md: what each command prints, by running it.

    python docs/_generate/commands.py [--check]

Where Graphviz is installed, the picture of the state graph is drawn again, too.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mmscn.cli.cli import main

DOCS = Path(__file__).resolve().parents[1]
PAGE = DOCS / "commands.md"
PICTURE = DOCS / "_static" / "lost_update.svg"
LINES_MAX = 48
"""Of an output; what is longer is cut, and says so."""

OUTCOMES = """scenario store_buffers "Both read zero"

machine x86 { cpus 2; memory = tso }
var x: 0..1
var y: 0..1
ghost var r0: 0..1
ghost var r1: 0..1
concurrent {
  thread one on cpu 0 { x = 1; let seen = y; r0 = seen }
  thread two on cpu 1 { y = 1; let seen = x; r1 = seen }
}
outcomes r0, r1
"""
BROKEN = "locking=none_at_all"


class Shown(NamedTuple):
    """words: of the command. told: its standard input. language: of the fence."""

    about: str
    words: str
    told: str = ""
    language: str = "text"


SHOWN = (
    Shown("The table over the params, then the races, the shortest first, each with its replay "
          "token.", "run lost_update.mmscn"),
    Shown("The combinations by race, and each order in which a race happens.",
          "run lost_update.mmscn --all-traces"),
    Shown("The whole state behind any step of an execution, and expressions along it.",
          f"replay lost_update.mmscn -D {BROKEN} --at 3 --watch counter"),
    Shown("Step by step by hand: which step is next, how it goes on to where a property breaks, "
          "what has changed.", f"step lost_update.mmscn -D {BROKEN}",
          "1\nbreak both are counted\ngo\nd\nsave\nq\n"),
    Shown("A finding as a mail.", "mail lost_update.mmscn"),
    Shown("What a mail claims, found again; here the one above.", "verify", "MAIL"),
    Shown("What the verdicts are worth.", "explain lost_update.mmscn"),
    Shown("Two settings side by side, and where they part.",
          "diff lost_update.mmscn -D locking=none_at_all -D locking=spinlock"),
    Shown("What breaks without each lock.", "ablate lost_update.mmscn"),
    Shown("Random walks, where there are too many states to search.",
          f"run lost_update.mmscn -D {BROKEN} --simulate 20 --seed 1"),
    Shown("A sequence diagram for Markdown.",
          f"run lost_update.mmscn -D {BROKEN} --output-format mermaid", language="mermaid"),
    Shown("The same for PlantUML.",
          f"run lost_update.mmscn -D {BROKEN} --output-format plantuml"),
    Shown("The state graph for Graphviz.",
          f"run lost_update.mmscn -D {BROKEN} --output-format dot"),
    Shown("Findings for what shows those of analyzers.",
          f"run lost_update.mmscn -D {BROKEN} --output-format sarif", language="json"),
    Shown("Test results.", "run lost_update.mmscn --output-format junit", language="xml"),
    Shown("Final states, as herd7 prints them.",
          "run store_buffers.mmscn --output-format herd"),
    Shown("For programs: JSON in, JSON out.", "serve --call new", '{"kind": "lock-order"}',
          language="json"),
)  # fmt: skip


def page() -> str:
    return "\n".join(parts())


def parts() -> Iterator[str]:
    yield "# What the commands print\n"
    yield "The scenarios are that of [the gallery](gallery.md), as `lost_update.mmscn`, and"
    yield "`store_buffers.mmscn`. This page is made by running the commands"
    yield "(docs/_generate/commands.py); what is long is cut.\n"
    yield f"```text\n{OUTCOMES}```\n"
    mail = ""
    for shown in SHOWN:
        out = ran(shown.words, mail if shown.told == "MAIL" else shown.told)
        mail = out if shown.words.startswith("mail") else mail
        yield f"## mmscn {title(shown.words)}\n"
        yield f"{shown.about}\n"
        yield f"```sh\nmmscn {shown.words}{typed(shown.told)}\n```\n"
        yield f"```{shown.language}\n{cut(out, shown.language)}```\n"
        if "dot" in shown.words.split(" "):
            yield "![The state graph of the lost update](_static/lost_update.svg)\n"


def title(words: str) -> str:
    """The command, without what it is about: `run --all-traces`."""
    about = re.compile(r" -D \S+| \S+\.mmscn")
    return about.sub("", words)


def typed(told: str) -> str:
    if not told:
        return ""
    return " < mail" if told == "MAIL" else f" <<< {shlex.quote(told.rstrip())}"


def cut(text: str, language: str) -> str:
    """Short enough for a page; a diagram is not cut, or it would be none."""
    lines = text.rstrip("\n").split("\n")
    if len(lines) > LINES_MAX and language != "mermaid":
        more = len(lines) - LINES_MAX
        lines = [*lines[:LINES_MAX], f"... ({more} more lines)"]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def ran(words: str, told: str) -> str:
    """What a command writes to the standard output, in a folder with the scenarios."""
    out = io.StringIO()
    old = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(out):
        Path(folder, "lost_update.mmscn").write_text(lost_update())
        Path(folder, "store_buffers.mmscn").write_text(OUTCOMES)
        os.chdir(folder)
        stdin, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(told.encode()))
        try:
            code = main(shlex.split(words))
        finally:
            sys.stdin = stdin
            os.chdir(old)
    assert code in (0, 1, 3), (words, code)  # 3: walks decide nothing that they did not break
    return out.getvalue()


def lost_update() -> str:
    """The scenario of the gallery."""
    text = (DOCS / "gallery.md").read_text("utf-8")
    found = re.search(r"```mmscn name=update\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


def draw() -> None:
    """The picture, where there is Graphviz."""
    if shutil.which("dot") is None:
        return
    graph = ran(f"run lost_update.mmscn -D {BROKEN} --output-format dot", "")
    done = subprocess.run(["dot", "-Tsvg"], input=graph, capture_output=True, text=True, check=True)
    # The version that has drawn it is no part of the picture.
    PICTURE.write_text(re.sub(r"<!--.*?-->\n", "", done.stdout, flags=re.DOTALL))


if __name__ == "__main__":
    made = page()
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if PAGE.read_text("utf-8") == made else "docs/commands.md is not up to date")
    PAGE.write_text(made, encoding="utf-8", newline="\n")
    draw()
