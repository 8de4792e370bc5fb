"""Write the tables of published litmus tests into docs/memory.md.

    python docs/_generate/litmus_tables.py FOLDER

FOLDER has a folder for each set of tests, and `verdicts.tsv`, in the form that `mmscn run --kinds`
takes. The tests belong to others and are not here: their names and what they come to are.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from mmscn.cli.litmus import side_by_side
from mmscn.litmus.kinds import (
    LIST,
    VERDICTS,
    Asked,
    Comparison,
    Judged,
    Row,
    chosen,
    compared,
    rows,
)

PAGE = Path(__file__).parent.parent / "memory.md"
REASONS = Path(__file__).parent / "litmus_reasons.toml"
BEGIN = "<!-- written by docs/_generate/litmus_tables.py -->"
END = "<!-- end of what is written -->"
HEADING = "## Published tests"
INTRODUCTION = """\
What others publish of their litmus tests, and what `mmscn run --kinds` finds. *Telling* are the
tests that a mutant of a simple model gets wrong; a model that allows nothing would get every other
Forbidden right. A test that cannot be said has no verdict, and is counted apart; *of all* counts it
as missed."""
ETS2 = "verdict_ets2"
"""The column of what is published of walks with FEAT_ETS2."""
WITH_ETS2 = """\
With FEAT_ETS2 (`-D ets=2`), the sets that say what they are then:"""
HEADS = (
    "set", "of all", "agree", "of them Allowed", "Forbidden", "Required", "whole lists", "telling",
    "disagree", "not supported", "no verdict in one word",
)  # fmt: skip


def main(folder: Path) -> int:
    text = (folder / "verdicts.tsv").read_text(encoding="utf-8")
    telling = killers(folder / "verdicts.tsv")
    reasons: dict[str, dict[str, str]] = {}
    if REASONS.exists():
        reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    table = rows(text)
    sets = sorted({Path(row.path).parts[0] for row in table})
    found = {name: comparison(folder / name, Asked(), table) for name in sets}
    table = rows(text, ETS2)
    sets = sorted({Path(row.path).parts[0] for row in table if row.verdict in VERDICTS})
    with_ets2 = {name: comparison(folder / name, Asked(ets=2), table) for name in sets}
    put("".join(f"{line}\n" for line in section(folder, found, with_ets2, telling, reasons)))
    return 0


def comparison(folder: Path, asked: Asked, table: list[Row]) -> Comparison:
    found = Comparison()
    for judged in side_by_side(partial(compared, asked), chosen(folder, table)):
        if judged is None:
            found.unpublished += 1
        else:
            found.judged.append(judged)
    return found


def killers(path: Path) -> set[str]:
    """The tests that a wrong model gets wrong, where the table says so."""
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    names = head.split("\t")
    if "kills_a_wrong_model" not in names:
        return set()
    column = names.index("kills_a_wrong_model")
    return {c[0] for c in (line.split("\t") for line in lines) if c[column : column + 1] == ["yes"]}


def section(
    folder: Path,
    found: dict[str, Comparison],
    with_ets2: dict[str, Comparison],
    telling: set[str],
    reasons: dict[str, dict[str, str]],
) -> Iterator[str]:
    yield BEGIN
    yield HEADING
    yield ""
    yield INTRODUCTION
    yield ""
    for ets, introduced, those in (("0", "", found), ("2", WITH_ETS2, with_ets2)):
        if introduced:
            yield from (introduced, "")
        yield f"| {' | '.join(HEADS)} |"
        yield f"|{'---|' * len(HEADS)}"
        for name, c in those.items():
            yield row(folder, name, c, telling)
        yield ""
        known = reasons.get("any", {}) | reasons.get(f"ets{ets}", {})
        for name, c in those.items():
            yield from details(folder, name, c, known)
    yield END


def row(folder: Path, name: str, c: Comparison, telling: set[str]) -> str:
    decided = [*c.agree(), *c.disagree()]
    all_ = len(c.judged)
    cells = [name, f"{len(c.agree())} of {all_}, {100 * len(c.agree()) / all_:.1f} %"]
    cells.append(f"{len(c.agree())} of {len(decided)}")
    cells += [
        share(c.agree(), [j for j in decided if j.published == kind]) for kind in (*VERDICTS, LIST)
    ]
    cells.append(share(c.agree(), [j for j in decided if key(folder, j) in telling]))
    cells.append(str(len(c.disagree())))
    cells.append(str(sum(map(len, c.unsupported().values()))))
    cells.append(str(c.unpublished))
    return f"| {' | '.join(cells)} |"


def share(agree: list[Judged], among: list[Judged]) -> str:
    return f"{sum(j in agree for j in among)} of {len(among)}" if among else ""


def key(folder: Path, j: Judged) -> str:
    return Path(j.path).relative_to(folder).as_posix()


def details(folder: Path, name: str, c: Comparison, reasons: dict[str, str]) -> Iterator[str]:
    """Each test that is not agreed on, with the reason; what is not supported, by cause."""
    orders = Counter(j.order for j in c.agree())
    if orders:
        under = ", ".join(f"{n} under `{order}`" for order, n in sorted(orders.items()))
        yield f"**{name}**: {under}."
        yield ""
    for j in c.disagree():
        at = key(folder, j)
        why = reasons.get(at, "no reason is known")
        yield f"- `{at}`: {j.published}, found {j.found} under `{j.order}`: {why}."
    if c.disagree():
        yield ""
    causes = c.unsupported()
    if causes:
        yield f"**{name}**, not supported:"
        yield ""
        yield from (f"- {cause}: {len(those)}" for cause, those in causes.items())
        yield ""


def put(text: str) -> None:
    """The page with the text in the place of the one that was written before."""
    page = PAGE.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    after = rest.partition(END)[2].lstrip("\n") if begin else ""
    PAGE.write_text(before.rstrip("\n") + "\n\n" + text + after, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
