"""Write docs/redundant.md: the locks, flushes, barriers, re-checks that scenarios do without.

    python docs/_generate/mutations.py [--check] [--keep FILE]

What is found of each mutant is added to FILE, and what stands there is not tried again: a run that
was ended goes on. The file is good for one state of the library.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "scenarios"))

from library_outcomes import marked_up, write  # noqa: E402 (as above)
from mutations import (  # noqa: E402 (on the path from here)
    NEVER,
    UNREPAIRED,
    Noticed,
    add_result,
    all_noticed,
    read_results,
)

REASONS = HERE / "redundant.toml"

INTRODUCTION = """\
# What the repairs could do without

The library models repairs that hold. Here one lock, flush, barrier, atomic exchange, reference or
re-check at a time is taken out of its procedures and of the scenarios' own threads, and every
combination of the shipped scenarios that comes by the place, or a hundred of them that are spread
over the scenarios, is run again, until one of them is not as it expects.
What was no repair is left out ({unrepaired}).

A re-check is an `if` without `else` whose condition is taken from shared state that the same
procedure has read further up in its text, or that it reads first behind the taking of a lock.
Without it, a block that leaves is never done, and any other always. Of one that is not noticed, the
same combinations are asked whether the condition ever comes out the other way.

What every scenario does without is listed first, with the reason. *Redundant* means: within the
bounds of these scenarios. A lock that procedures hand to each other is taken out of all of them.
What is noticed only where a race is expected, which is gone without it, is among the needed ones;
of that `mmscn ablate` says that nothing breaks.

(This page is written by `docs/_generate/mutations.py`; the reasons are in `redundant.toml` beside
it.)
"""


def main() -> None:
    reasons: dict[str, str] = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    file = Path(sys.argv[sys.argv.index("--keep") + 1]) if "--keep" in sys.argv else None
    results = all_noticed(
        first=noticed_before(),
        known=read_results(file) if file else None,
        tell=lambda r: add_result(file, r) if file else None,
    )
    redundant = [r for r in results if r.case is None]
    problems = [f"no reason: {r.mutant.name}" for r in redundant if not reason(r, reasons)]
    problems += [
        f"a reason, but noticed or gone: {name}"
        for name in reasons
        if name not in {r.mutant.name for r in redundant}
    ]
    unrepaired = ", ".join(f"`{name}`" for name in UNREPAIRED)
    lines = [INTRODUCTION.format(unrepaired=unrepaired), *summary(results), ""]
    lines += ["## Redundant within the bounds", ""]
    for r in redundant:
        why = marked_up(reason(r, reasons) or "?")
        lines.append(f"- `{r.mutant.name}` ({r.tried} run). {why}")
    lines += ["", "## Needed", "", "| without | noticed by |", "|---|---|"]
    lines += [f"| `{cell(r.mutant.name)}` | `{r.case}` |" for r in results if r.case is not None]
    write("redundant.md", "\n".join(lines) + "\n")
    if problems:
        raise SystemExit("\n".join(problems))


def reason(r: Noticed, reasons: dict[str, str]) -> str:
    """What was written of it, or that it never makes a difference; empty where neither is."""
    return reasons.get(r.mutant.name, NEVER if r.why == NEVER else "")


def noticed_before() -> dict[str, str]:
    """What has noticed each mutant, as the page says; tried first, it mostly does again."""
    page = (HERE.parent / "redundant.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(.+)` \| `([^`]+)` \|$", page, re.MULTILINE)
    return {name.replace("\\|", "|"): case for name, case in found}


def summary(results: list[Noticed]) -> list[str]:
    kinds = Counter(r.mutant.kind for r in results)
    needed = Counter(r.mutant.kind for r in results if r.case is not None)
    lines = ["| taken out | places | needed | redundant |", "|---|---|---|---|"]
    for kind in sorted(kinds):
        places, found = kinds[kind], needed[kind]
        lines.append(f"| {CALLED.get(kind, kind)} | {places} | {found} | {places - found} |")
    return lines


CALLED = {"check": "re-check"}
"""Kinds of mutants by the page's word, where it is another."""


def cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    main()
