"""Write docs/matrix.md: every repair, called in every way, against everything that cleans a page.

    python docs/_generate/matrix.py [--check]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from library_outcomes import Outcome, ScenarioOutcomes, marked_up, rows, run_all, write

from mmscn.shipped_texts import library

MATRIX = "fix_matrix"
MEMORY = "fix_matrix_memory"
VARIANTS = "fix_matrix_variants"
TRUNCATION = "fix_matrix_truncation"
KNOBS = "fix_matrix_knobs"

FIXED = {
    MATRIX: {"fs": "ext4"},
    MEMORY: {"mapped_exit": "any"},
    VARIANTS: {"fs": "ext4"},
    TRUNCATION: {"caller": "truncate", "mapped_exit": "lockfree"},
}
"""What a scenario of the matrix has no param for. page_mkclean() is not called in MEMORY."""

COLUMNS = [
    ("ext4", "fsync"),
    ("ext4", "flusher"),
    ("ext4", "fadvise"),
    ("ext4", "pageout"),
    ("tmpfs", "fadvise"),
    ("tmpfs", "pageout"),
    ("ramfs", "fadvise"),
]
CALLERS = ["madvise", "munmap", "exit", "unmap_mapping_range", "truncate"]
EXITS = ["lockfree", "locked"]

WORDS = {
    "no_lost_write": "LOST",
    "dirty_has_buffers": "BUFS",
    "no_use_after_free": "UAF",
    "no_deadlock": "HANGS",
}
NOT_RUN = "·"
NO_SENSE = "none"

REASONS = [
    (
        "tmpfs and ramfs against fsync and the flusher",
        "neither writes their pages: `accounts_dirty(fs)` does not hold, so there is nothing to "
        "race with.",
    ),
    (
        "ramfs against pageout",
        "its pages are unevictable, and reclaim never comes to them.",
    ),
    (
        "tmpfs and ramfs with another `mapped_exit`",
        "`page_mkclean()` is not called for them, so the look at mapcount is not taken; the cells "
        "stand in both rows.",
    ),
    (
        "exit on ramfs, where D is handed on (none)",
        "the page is dirty from then on, and fadvise drops no dirty page: nothing could be lost or "
        "freed.",
    ),
    (
        "the variants of a repair on tmpfs and ramfs, and under truncation (·)",
        "the cells of `flush_under_ptl` and `delayed_rmap` hold there, and the variants differ "
        "from these in what they do against a cleaner.",
    ),
    (
        "truncation and `no_lost_write`, `dirty_has_buffers`",
        "what is cut off is not lost, and truncation takes the buffers of a page that is still "
        "dirty, under the page lock. Judged are `no_use_after_free` and that the page leaves the "
        "cache unmapped.",
    ),
]

INTRODUCTION = """\
# The matrix of fixes

Every way to zap that the [thread of 2014](thread.md) proposed, and what was done in 2022, called by
everything that zaps, on three kinds of file system, against everything that cleans a page, with and
without the look at mapcount that `page_mkclean()` takes before its locks (`mapped_exit`). Each cell
is a search over all interleavings of three CPUs. What the repairs could do without is told
[elsewhere](redundant.md).

(This page is written by `docs/_generate/matrix.py`.)

| cell | meaning |
|---|---|
| holds | all that is judged holds |
| **LOST** | `no_lost_write` is violated: a store is gone, or stays on a page that nobody writes |
| **BUFS** | `dirty_has_buffers` is violated: ext4's BUG is near |
| **UAF** | `no_use_after_free` is violated |
| **HANGS** | `no_deadlock` is violated |
| none | makes no sense, see below |
| · | not run |
"""

Key = tuple[str, str, str, str, str]


def main() -> None:
    scenarios = run_all([MATRIX, MEMORY, VARIANTS, TRUNCATION, KNOBS])
    cells = dict(all_cells(scenarios))
    lines = [INTRODUCTION, *the_table(cells), "", *over_the_knobs(scenarios[KNOBS])]
    lines += ["", "## What is not in the first table, and why", ""]
    lines += [f"- {what}: {why}" for what, why in REASONS]
    lines += ["", "## The fixes", "", "| `zap` | what it is |", "|---|---|"]
    lines += [f"| {name} | {marked_up(text)} |" for name, text in fixes()]
    lines += ["", "## Where the cells come from", ""]
    lines += [
        f"- `{scenario.name}` (`{scenario.path}`), {len(scenario.outcomes)} combinations"
        for scenario in scenarios.values()
    ]
    write("matrix.md", "\n".join(lines) + "\n")


def all_cells(scenarios: dict[str, ScenarioOutcomes]) -> Iterator[tuple[Key, str]]:
    """The cells by zap, caller, fs, cleaner and mapped_exit."""
    for name in FIXED:
        for outcome in scenarios[name].outcomes:
            params = {**FIXED[name], **dict(outcome.params)}
            exits = EXITS if params["mapped_exit"] == "any" else [params["mapped_exit"]]
            for mapped_exit in exits:
                where = params["zap"], params["caller"], params["fs"], params["cleaner"]
                yield (*where, mapped_exit), cell(outcome, params)


def cell(outcome: Outcome, params: dict[str, str]) -> str:
    if params["fs"] == "ramfs" and params["caller"] == "exit" and params["zap"] != "no_dirty":
        assert not outcome.broken
        return NO_SENSE
    return worded(outcome)


def worded(outcome: Outcome) -> str:
    words = [WORDS.get(broken, f'"{broken}"') for broken in outcome.broken]
    return f"**{' '.join(words)}**" if words else outcome.verdict


def over_the_knobs(scenario: ScenarioOutcomes) -> Iterator[str]:
    """What the first table says of proposals, by what they decide."""
    yield "## By the knobs"
    yield ""
    yield scenario.story[0]
    yield ""
    yield scenario.story[1]
    yield ""
    columns = list(product(scenario.params["cleaner"], scenario.params["mapped_exit"]))
    names = [name for name in scenario.params if name not in ("cleaner", "mapped_exit")]
    found = {outcome.params: worded(outcome) for outcome in scenario.outcomes}
    lines = []
    for values in product(*(scenario.params[name] for name in names)):
        row = tuple(zip(names, values, strict=True))
        line = tuple(
            found[(*row, ("cleaner", cleaner), ("mapped_exit", mapped_exit))]
            for cleaner, mapped_exit in columns
        )
        lines.append(Outcome(row, line, "", ()))
    heads = [f"`{name}`" for name in names]
    heads += [f"{cleaner}, {mapped_exit}" for cleaner, mapped_exit in columns]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for fixed, line in rows(lines, lambda outcome: outcome.broken):
        shown = [", ".join(fixed.get(name, ("any",))) for name in names]
        yield f"| {' | '.join([*shown, *line])} |"


def the_table(cells: dict[Key, str]) -> Iterator[str]:
    heads = ["`zap`", "caller", "`mapped_exit`", *(f"{fs} {cleaner}" for fs, cleaner in COLUMNS)]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    named = [name for name, _ in fixes()]
    for zap in sorted({key[0] for key in cells}, key=named.index):
        lines = []
        for caller in CALLERS:
            for mapped_exit in EXITS:
                line = tuple(
                    cells.get((zap, caller, fs, cleaner, mapped_exit), NOT_RUN)
                    for fs, cleaner in COLUMNS
                )
                if set(line) != {NOT_RUN}:
                    params = (("caller", caller), ("mapped_exit", mapped_exit))
                    lines.append(Outcome(params, line, "", ()))
        for row, line in rows(lines, lambda outcome: outcome.broken):
            callers = ", ".join(row.get("caller", values(lines, "caller")))
            run = values(lines, "mapped_exit", row.get("caller"))
            exits = ", ".join(row.get("mapped_exit", run if len(run) == 1 else ("any",)))
            yield f"| {zap} | {callers} | {exits} | {' | '.join(line)} |"


def values(
    lines: list[Outcome], name: str, callers: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    """The values of a param in the lines of some callers, or of all."""
    params = [dict(line.params) for line in lines]
    return tuple(dict.fromkeys(p[name] for p in params if not callers or p["caller"] in callers))


def fixes() -> list[tuple[str, str]]:
    """The variants of a zap with their descriptions, from the profiles of linux.proposals."""
    text = library().joinpath("linux", "proposals.mmscn").read_text(encoding="utf-8")
    return re.findall(r'profile (\w+) of zap\s+"([^"]+)"', text)


if __name__ == "__main__":
    main()
