"""What the generated pages are made of: the shipped scenarios, run, as plain data and Markdown.

Not a page of its own: `thread.py` and `matrix.py` import it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import product
from pathlib import Path

from attrs import field, frozen

import mmscn
from mmscn.check.values import show
from mmscn.draw import diagram
from mmscn.judge.report import Run
from mmscn.judge.shipped import shipped_scenarios

DOCS = Path(__file__).resolve().parents[1]
LIBRARY = "scenarios/library"
SHARE = 16
"""How many combinations a process takes at a time."""

Params = tuple[tuple[str, str], ...]

NEVER = "never: "
"""In front of the name of a `reachable` that is not."""


@frozen
class Outcome:
    """What one combination finds. broken: titles, what was announced first."""

    params: Params
    broken: tuple[str, ...]
    verdict: str
    outcomes: tuple[str, ...]
    """The final states that are expected and found, for a scenario that counts."""
    knobs: Params = ()
    """What the scenario itself sets of its modules and the machine."""


@frozen
class ScenarioOutcomes:
    """A scenario after its run."""

    name: str
    path: str
    title: str
    story: tuple[str, ...]
    claims: tuple[str, ...]
    sources: tuple[str, ...]
    params: dict[str, tuple[str, ...]]
    outcomes: tuple[Outcome, ...] = field(eq=False)


@frozen
class Drawing:
    """A counterexample to be drawn."""

    name: str
    params: Params
    violated: str


# ---- running ----------------------------------------------------------------


def run_all(names: Iterable[str]) -> dict[str, ScenarioOutcomes]:
    """The scenarios of these names, each combination run; raises NotMet where one is not met."""
    shares = []
    for name in names:
        count = len(mmscn.load(name).combinations())
        shares += [(name, first) for first in range(0, count, SHARE)]
    found: dict[str, list[Outcome]] = {name: [] for name, _ in shares}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for (name, _), some in zip(shares, pool.map(some_outcomes, shares), strict=True):
            found[name] += some
    return {name: outcomes_of(name, outcomes) for name, outcomes in found.items()}


class NotMet(Exception):
    """A scenario is rejected, or does not find what it expects."""


def some_outcomes(share: tuple[str, int]) -> list[Outcome]:
    name, first = share
    found = []
    try:
        scenario = mmscn.load(name)
        for run in scenario.runs(scenario.combinations()[first : first + SHARE]):
            if not run.met:
                unmet = "; ".join(u.text for u in run.unmet)
                raise NotMet(f"{name} {dict(run.params)}: {unmet}")
            found.append(outcome(run))
    except mmscn.Rejected as problem:
        raise NotMet(f"{name}: {problem}") from None
    return found


def outcome(run: Run) -> Outcome:
    announced = list(run.announced)
    broken = sorted(
        run.violated(), key=lambda p: announced.index(p.name) if p.name in announced else 99
    )
    never = {info.name for info in run.case.facts.asked if info.kind == "reachable"}
    names = [p.name for p in run.properties]
    return Outcome(
        tuple((name, show(value)) for name, value in run.params),
        tuple(NEVER + p.name if p.name in never else p.name for p in broken),
        run.verdict.value,
        tuple(n.removeprefix("outcome ") for n in names if n.startswith("outcome ")),
        tuple((name, show(value)) for name, value in run.case.facts.bounds.knobs),
    )


def outcomes_of(name: str, outcomes: Sequence[Outcome]) -> ScenarioOutcomes:
    scenario = mmscn.load(name)
    path = next(s.path for s in shipped_scenarios() if s.name == name)
    return ScenarioOutcomes(
        name=name,
        path=f"{LIBRARY}/{path.split(LIBRARY + '/')[-1]}",
        title=scenario.title or "",
        story=tuple(paragraphs(Path(path).read_text(encoding="utf-8"))),
        claims=scenario.claims,
        sources=scenario.sources,
        params={n: tuple(map(show, values)) for n, values in scenario.params.items()},
        outcomes=tuple(outcomes),
    )


def draw_all(drawings: Iterable[Drawing]) -> dict[Drawing, str]:
    wanted = list(dict.fromkeys(drawings))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(wanted, pool.map(drawn, wanted), strict=True))


def drawn(drawing: Drawing) -> str:
    """The race diagram of a counterexample, with its heading."""
    (run,) = mmscn.load(drawing.name).check(dict(drawing.params)).runs
    example = run.counterexample(drawing.violated)
    if example is None:
        raise NotMet(f"{drawing} has no counterexample")
    return diagram.draw(example.compiled, example.trace).rstrip()


# ---- head comments ----------------------------------------------------------


def paragraphs(text: str) -> list[str]:
    """The head comment of a scenario as Markdown paragraphs; what is set in columns stays so."""
    match = re.match(r"\s*/\*(.*?)\*/", text, re.DOTALL)
    if match is None:
        return []
    found = []
    for part in re.split(r"\n\s*\n", match[1]):
        lines = [line.removeprefix("   ").rstrip() for line in f"   {part.strip()}".split("\n")]
        columns = sum(bool(re.match(r"\S+(, \S+)* {2,}\S", line)) for line in lines)
        if columns >= 2:
            found.append("```text\n" + "\n".join(lines) + "\n```")
        else:
            found.append(marked_up(" ".join(line.strip() for line in lines)))
    return found


WORDS = re.compile(
    r"[A-Za-z_]\w*(?:\.\w+)*\(\)|\b\w*[A-Za-z0-9]_\w+\b|\b[\w/]+\.[ch]\b|\b[0-9a-f]{12}\b"
)


def marked_up(text: str) -> str:
    """Prose with its identifiers in code, and nothing that Markdown would take for markup.

    What is in backquotes stays as it is.

    >>> marked_up("page_mkclean() * `x_y`")
    '`page_mkclean()` \\\\* `x_y`'
    """
    parts = text.split("`")
    for n in range(0, len(parts), 2):
        escaped = re.sub(r"([*<>\[\]|])", r"\\\1", parts[n])
        parts[n] = WORDS.sub(lambda m: f"`{m[0]}`", escaped)
    return "`".join(parts)


# ---- tables -----------------------------------------------------------------

Row = tuple[dict[str, tuple[str, ...]], tuple[str, ...]]


def rows(outcomes: Sequence[Outcome], cell: Callable[[Outcome], tuple[str, ...]]) -> list[Row]:
    """The outcomes in few rows.

    A row: the values of each param that matters to it, and what is found under
    all of them.
    """
    names = [name for name, _ in outcomes[0].params]
    found = {tuple(value for _, value in o.params): cell(o) for o in outcomes}
    values = [tuple(dict.fromkeys(key[n] for key in found)) for n in range(len(names))]

    @cache
    def split(fixed: tuple[tuple[str, ...], ...]) -> tuple[Row, ...]:
        """The rows below some values, by the param that gives the fewest."""
        here = [found[key] for key in product(*fixed) if key in found]
        if len(set(here)) <= 1:
            return tuple(({}, what) for what in here[:1])
        choices = []
        for n, options in enumerate(fixed):
            alike: dict[tuple[object, ...], list[str]] = {}
            for option in options:
                one = (*fixed[:n], (option,), *fixed[n + 1 :])
                alike.setdefault(tuple(found.get(key) for key in product(*one)), []).append(option)
            if len(alike) > 1:
                choices.append([
                    ({names[n]: tuple(group), **row}, what)
                    for group in alike.values()
                    for row, what in split((*fixed[:n], (group[0],), *fixed[n + 1 :]))
                ])
        return tuple(min(choices, key=len))

    return merged(list(split(tuple(values))), dict(zip(names, values, strict=True)))


def merged(table: list[Row], values: dict[str, tuple[str, ...]]) -> list[Row]:
    """Rows that differ in one param only are one; a param that may be anything goes."""
    for a, (row, what) in enumerate(table):
        for b in range(a + 1, len(table)):
            other, same = table[b]
            if what == same and row.keys() == other.keys():
                differing = [name for name in row if row[name] != other[name]]
                if len(differing) == 1:
                    (name,) = differing
                    both = tuple(v for v in values[name] if v in row[name] + other[name])
                    one = {k: v for k, v in row.items() if k != name or both != values[name]}
                    if name in one:
                        one[name] = both
                    rest = [r for n, r in enumerate(table) if n not in (a, b)]
                    return merged([*rest[:a], (one, what), *rest[a:]], values)
    return table


def table(
    outcomes: Sequence[Outcome],
    params: dict[str, tuple[str, ...]],
    cell: Callable[[Outcome], tuple[str, ...]],
) -> list[str]:
    """A Markdown table of what is found; a line of text where it is the same everywhere."""
    found = rows(outcomes, cell)
    used = [name for name in params if any(name in row for row, _ in found)]
    if not used:
        where = "Under all values: " if len(outcomes) > 1 else "Found: "
        return [f"{where}{'; '.join(found[0][1])}."]
    order = {name: [*params[name]].index for name in used}
    found.sort(key=lambda r: [order[n](r[0][n][0]) if n in r[0] else -1 for n in used])
    heads = [f"`{name}`" for name in used]
    lines = [f"| {' | '.join(heads)} | found |", f"|{'---|' * (len(used) + 1)}"]
    for row, what in found:
        cells = [", ".join(row[name]) if name in row else "any" for name in used]
        lines.append(f"| {' | '.join(cells)} | {'; '.join(what)} |")
    return lines


def verdict(outcome: Outcome) -> tuple[str, ...]:
    """`holds`, or what is violated, and what is never reached."""
    missed = [name for name in outcome.broken if name.startswith(NEVER)]
    violated = [name for name in outcome.broken if name not in missed]
    if outcome.broken:
        said = [f"**VIOLATED** {', '.join(map(titled, violated))}"] if violated else []
        said += [f"never reached: {titled(name)}" for name in missed]
        return (", ".join(said),)
    if outcome.outcomes:
        return tuple(f"`{text}`" for text in outcome.outcomes)
    return (outcome.verdict,)


def titled(name: str) -> str:
    name = name.removeprefix(NEVER)
    return f'"{marked_up(name)}"' if " " in name else f"`{name}`"


# ---- writing ----------------------------------------------------------------


def write(name: str, text: str) -> None:
    """Write a page; with --check, end with status 1 where that would change it."""
    path = DOCS / name
    if "--check" not in sys.argv[1:]:
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {path}")
    elif not path.is_file() or path.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{path} is not what its generator writes")
