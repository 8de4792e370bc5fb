"""Running a text in a process of its own, which an edit or the end of the editor ends."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from attrs import frozen

from mmscn.judge.stopping import UNEXPECTED
from mmscn.judge.targets import is_litmus

SECONDS_MAX, MEGABYTES_MAX = 20, 4000
"""Of all that an editor asks for at once."""
TOO_LONG = f"not ended within {SECONDS_MAX} seconds: run it in a terminal"
SHORT = {"holds": "HOLDS", "violated": "VIOLATED", "undecided": "UNDECIDED", "vacuous": "VACUOUS"}


@frozen
class Verdict:
    """said: in one line. unexpected: lines of the text, from 1, and what is wrong there."""

    said: str
    unexpected: tuple[tuple[int, str], ...] = ()


async def output(words: list[str], text: str, folder: Path) -> tuple[int, str, str]:
    """What a command prints of a text that it reads; it ends when this is cancelled.

    Raises TimeoutError where it has not ended in time.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mmscn", *words,
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(SECONDS_MAX):
            out, error = await process.communicate(text.encode())
    except (asyncio.CancelledError, TimeoutError):
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, out.decode("utf-8", "replace"), error.decode("utf-8", "replace")


async def verdicts(text: str, folder: Path) -> Verdict:
    limits = ["--time", str(SECONDS_MAX), "--memory", str(MEGABYTES_MAX)]
    try:
        # What is wrong is to be told soon, not all that is.
        soon = [] if is_litmus(text) else ["--stop", UNEXPECTED]
        _, out, error = await output(["run", "-", "--json", *soon, *limits], text, folder)
    except TimeoutError:
        return Verdict(TOO_LONG)
    try:
        scenarios = json.loads(out)["scenarios"]
    except (ValueError, KeyError):
        return Verdict((error.strip().splitlines() or ["nothing came of it"])[0])
    if not scenarios:
        return Verdict("rejected")
    return summary(scenarios[0])


def summary(scenario: dict[str, Any]) -> Verdict:
    """`3 of 4 as expected: HOLDS 1, VIOLATED 3`."""
    runs = scenario["runs"]
    counts: dict[str, int] = {}
    for run in runs:
        word = SHORT.get(run["verdict"], run["verdict"].upper())
        counts[word] = counts.get(word, 0) + 1
    met = sum(bool(run["met"]) for run in runs)
    if len(runs) == 1:
        said = f"{next(iter(counts))} {runs[0]['was']}"
    else:
        each = ", ".join(f"{word} {n}" for word, n in counts.items())
        said = f"{met} of {len(runs)} as expected: {each}"
    wrong: dict[int, str] = {}
    for run in runs:
        params = " ".join(f"{name}={value}" for name, value in run["params"].items())
        for property_ in run["properties"]:
            where = property_["where"]
            of_text = where is not None and where["source"] == "<stdin>"
            if not run["met"] and property_["verdict"] == "violated" and of_text:
                said_of = f"VIOLATED {property_['name']}{f' with {params}' if params else ''}"
                wrong.setdefault(where["line"], said_of)
    return Verdict(said, tuple(sorted(wrong.items())))


async def page(text: str, folder: Path, file: Path) -> str | None:
    """Writes the page of a text to a file; gives what went wrong."""
    limits = ["--time", str(SECONDS_MAX), "--memory", str(MEGABYTES_MAX)]
    try:
        _, _, error = await output(["html", "-", "-o", str(file), *limits], text, folder)
    except TimeoutError:
        return TOO_LONG
    return None if file.exists() else (error.strip() or "no page was made")
