"""Write docs/relatives.md: bugs of the same family, row by row.

    python docs/_generate/relatives.py [--check]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from attrs import frozen
from library_outcomes import (
    Drawing,
    Outcome,
    ScenarioOutcomes,
    draw_all,
    marked_up,
    run_all,
    table,
    titled,
    verdict,
    write,
)
from thread import known_values, quoted, selected

import mmscn
from mmscn.judge.shipped import shipped_scenarios

ROWS = Path(__file__).with_name("relatives.toml")

INTRODUCTION = """\
# The relatives

The race of [the thread](thread.md) has relatives, before and since: bugs of kernels and of hardware
in which a translation outlives its entry, a dirty bit is lost, or a page-table page goes too early.
Each row is decided by a scenario of the library, broken and mended, and what stands here is what
`mmscn run` finds, over every interleaving. The numbers have gaps. [Is this race known?](known.md)
finds them by function, lock, bit, architecture and symptom.

(This page is written by `docs/_generate/relatives.py`.)
"""

Row = dict[str, Any]


@frozen
class Told:
    """A row with what its scenario finds. others: scenarios that are about it as well."""

    row: Row
    ran: ScenarioOutcomes
    others: tuple[str, ...]

    @property
    def runs(self) -> list[Outcome]:
        return selected(self.row, self.ran)

    @property
    def pair(self) -> tuple[Outcome | None, Outcome | None]:
        """One that breaks and one that holds, which differ in the repair alone, or in as little
        as may be.
        """
        broken = [o for o in self.runs if o.broken]
        holding = [o for o in self.runs if not o.broken]
        if not broken or not holding:
            return next(iter(broken), None), next(iter(holding), None)
        repair = self.row.get("repair", "").split()

        def apart(pair: tuple[Outcome, Outcome]) -> tuple[int, int]:
            names = [name for name, _ in set(pair[0].params) - set(pair[1].params)]
            return sum(name not in repair for name in names), len(names)

        return min(product(broken, holding), key=apart)

    @property
    def broken(self) -> Outcome | None:
        return self.pair[0]

    @property
    def mended(self) -> Outcome | None:
        return self.pair[1]

    @property
    def source(self) -> str:
        return str(self.row.get("source", "; ".join(self.ran.sources)))


def main() -> None:
    known = tomllib.loads(ROWS.read_text(encoding="utf-8"))
    told = {t.row["id"]: t for t in all_told(known["row"], known["part"])}
    drawings = {
        name: Drawing(t.ran.name, t.broken.params, t.broken.broken[0])
        for name, t in told.items()
        if t.broken is not None
    }
    drawn = draw_all(drawings.values())
    lines = [INTRODUCTION, *overview(known["part"], told)]
    shown: dict[Drawing | str, str] = {}
    for part in known["part"]:
        lines += ["", f"## {part['title']}", ""]
        for name in part["rows"]:
            lines += section(told[name], drawings.get(name), drawn, shown)
    write("relatives.md", "\n".join(lines).rstrip() + "\n")


def all_told(rows: list[Row], parts: list[dict[str, Any]]) -> list[Told]:
    """The rows with their scenarios; raises SystemExit where the two do not fit together."""
    deciding = scenarios_of_rows([row["id"] for row in rows])
    in_parts = sorted(name for part in parts for name in part["rows"])
    if in_parts != sorted(deciding):
        raise SystemExit("relatives.toml: the parts do not have each row once")
    leads = {row["id"]: row.get("lead", next(iter(deciding[row["id"]]), None)) for row in rows}
    for row in rows:
        if leads[row["id"]] not in deciding[row["id"]]:
            raise SystemExit(f"{row['id']}: `{leads[row['id']]}` does not claim to decide it")
        known_values({**row, "lead": leads[row["id"]]}, mmscn.load(leads[row["id"]]).params)
    ran = run_all(dict.fromkeys(leads.values()))
    return [
        Told(row, ran[lead], tuple(n for n in deciding[row["id"]] if n != lead))
        for row in rows
        for lead in [leads[row["id"]]]
    ]


def scenarios_of_rows(rows: list[str]) -> dict[str, list[str]]:
    """The scenarios that claim to decide each row."""
    found: dict[str, list[str]] = {row: [] for row in rows}
    for shipped in shipped_scenarios():
        if not shipped.benchmark:
            for row in mmscn.load(shipped.name).claims:
                if row in found:
                    found[row].append(shipped.name)
                elif row.startswith("B"):
                    raise SystemExit(f"{shipped.name}: relatives.toml does not have {row}")
    return found


def overview(parts: list[dict[str, Any]], told: dict[str, Told]) -> Iterator[str]:
    yield "| row | scenario | broken | mended | source |"
    yield "|---|---|---|---|---|"
    for part in parts:
        for name in part["rows"]:
            t = told[name]
            cells = (
                f"[{name}](#{name.lower()})",
                f"`{t.ran.name}`",
                in_short(t.broken, t),
                in_short(t.mended, t),
                marked_up(t.source),
            )
            yield f"| {' | '.join(cells)} |"
    yield ""


def in_short(outcome: Outcome | None, told: Told) -> str:
    """A verdict, with the params in which it differs from the other one."""
    if outcome is None:
        return "—"
    other = told.mended if outcome is told.broken else told.broken
    differing = [p for p in outcome.params if other is None or p not in other.params]
    params = " ".join(f"{name}={value}" for name, value in differing)
    return f"{'; '.join(verdict(outcome))}" + (f", `{params}`" if params else "")


def section(
    told: Told,
    drawing: Drawing | None,
    drawn: dict[Drawing, str],
    shown: dict[Drawing | str, str],
) -> Iterator[str]:
    ran, name = told.ran, told.row["id"]
    yield f"### {name}"
    yield ""
    yield f"*{marked_up(told.source)}*"
    yield ""
    yield f"Scenario `{ran.name}` (`{ran.path}`): {marked_up(ran.title)}."
    yield ""
    if ran.name in shown:
        yield f"Its story is told under {link(shown[ran.name])}."
    else:
        shown[ran.name] = name
        yield from quoted("\n\n".join(ran.story))
    yield ""
    if "found" in told.row:
        yield marked_up(told.row["found"])
        yield ""
    yield from table(told.runs, ran.params, verdict)
    yield ""
    if drawing is not None:
        params = " ".join(f"{n}={value}" for n, value in drawing.params)
        what = f"`{ran.name} {params}` breaks {titled(drawing.violated)}"
        if drawing in shown:
            yield f"{what}, as drawn under {link(shown[drawing])}."
        else:
            shown[drawing] = name
            yield from (f"{what}:", "", "```mmscn-trace", drawn[drawing], "```")
        yield ""
    if told.others:
        yield f"Also decided by {', '.join(f'`{other}`' for other in told.others)}."
        yield ""


def link(row: str) -> str:
    return f"[{row}](#{row.lower()})"


if __name__ == "__main__":
    main()
