"""What each reduction is worth: the states stored with all of them, and with each left out.

    python benchmarks/reductions.py [--states 30000000] [--only PROGRAM ...]

Of racewrite with several writers on library code (`scale`: writers, rounds, pages), and of shipped
scenarios, each under the combination that is named here. Prints a table: the states with all
reductions but `counters`, which makes a program of its own; how many times as many there are
without one; and without any. `more` is a search that met the bound.
"""

from __future__ import annotations

import argparse
import sys

from first_run import SCALE

from mmscn.check.elaborate import elaborate
from mmscn.check.modules import Unit, gather
from mmscn.check.values import Value
from mmscn.check.variation import matrix
from mmscn.judge.shipped import finder, shipped_scenarios
from mmscn.lower.compile import REDUCTIONS, SWITCHES, compile
from mmscn.runtime.bytecode import Program
from mmscn.runtime.explore.engine import explore
from mmscn.runtime.result import Limits
from mmscn.source import Source

ZAP = {"zap": "delayed_rmap", "mapped_exit": "lockfree"}

CASES: dict[str, dict[str, object]] = {
    "scale 2,1,1": {"W": 2, "R": 1},
    "scale 2,2,1": {"W": 2, "R": 2},
    "scale 2,2,2": {"W": 2, "R": 2},
    "racewrite": {"zap": "dirty_in_gather", "mapped_exit": "lockfree"},
    "fix_matrix": ZAP | {"caller": "munmap", "cleaner": "fadvise"},
    "timestamp_peek": {"zap": "flush_under_ptl"},
    "zap_against_cleaner": ZAP,
    "fadvise_freeze": {"zap": "dirty_in_gather", "holder": "device"},
}
"""Of each the params; those that are not named have their first value."""

TIMES = "\N{MULTIPLICATION SIGN}"

NAMES = [name for name, (run, _) in REDUCTIONS.items() if run is not None and name != "jumps"]
NAMES += ["versions", "symmetry"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--states", type=int, default=30_000_000)
    parser.add_argument("--only", action="append", default=[], choices=CASES)
    args = parser.parse_args()
    chosen = args.only or list(CASES)
    columns = [column(name, args.states) for name in chosen]
    head = ["left out", *chosen]
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in columns[0]:
        print("| " + " | ".join([row, *(cells[row] for cells in columns)]) + " |")
    return 0


def column(name: str, states: int) -> dict[str, str]:
    """What stands below a program, by row."""
    unit, chosen = named(name)
    checked = elaborate(unit, chosen)
    limits = Limits(states=states, memory_mb=None)

    def stored(program: Program) -> int | None:
        result = explore(program, limits=limits, executor="native")
        print(f"{name}: {result.states}", file=sys.stderr, flush=True)
        return None if result.limit is not None else result.states

    base = stored(compile(checked).reduced)
    cells = {"none": "more" if base is None else grouped(base)}
    for reduction in NAMES:
        found = stored(compile(checked, without=frozenset((reduction,))).reduced)
        beside = f" (and with it {', '.join(more)})" if (more := with_it(reduction)) else ""
        cells[f"`{reduction}`{beside}"] = times(found, base)
    cells["all"] = times(stored(compile(checked).program), base)
    return cells


def named(name: str) -> tuple[Unit, dict[str, Value]]:
    """A program's text, and the values of its params; `scale` of any size."""
    kind, _, size = name.partition(" ")
    if kind == "scale":
        writers, rounds, pages = map(int, size.split(","))
        wanted: dict[str, object] = {"W": writers, "R": rounds}
        text = SCALE.replace("{P}", str(pages)).replace("{last}", str(pages - 1))
        source = Source(name, text)
    else:
        (shipped,) = (scenario for scenario in shipped_scenarios() if scenario.name == name)
        source = Source(shipped.path, shipped.file.read_text(encoding="utf-8"))
        wanted = CASES[name]
    unit = gather(source, finder(None))
    fits = [
        values
        for values in matrix(unit)
        if all(str(values[param]) == str(value) for param, value in wanted.items())
    ]
    assert fits, name
    return unit, fits[0]


def with_it(name: str) -> list[str]:
    return [f"`{other}`" for other in SWITCHES.get(name, ()) if other != name]


def grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def times(found: int | None, base: int | None) -> str:
    if found is None or base is None:
        return "more"
    factor = found / base
    if factor == 1:
        return ""
    return f"{TIMES} {factor:.2f}" if factor < 2 else f"{TIMES} {factor:.1f}"


if __name__ == "__main__":
    sys.exit(main())
