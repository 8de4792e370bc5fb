"""mmscn beside rumur on one model: CPU seconds of whole runs, interleaved, medians and ratios.

    python benchmarks/rumur.py [--sizes small|medium|large|all] [--runs 5] [--json FILE]

rumur is not installed by this; on Debian it is the package `rumur`. A size is NW,NP,K,Z,VAR of
`tlb.m`, which is scenarios/library/bench/tlb.mmscn in Murphi. rumur's time is that of rumur, gcc
-O3 and the verifier together; the verifier alone is shown too, and all use one thread. Without
symmetry and reductions both have the same states, which is checked. mmscn keeps what a text
compiles to, and nothing of a search.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
from pathlib import Path

from peers import HERE, Row, parser_of, quiet, run_mmscn, spent, table

NAMES = ("NW", "NP", "K", "Z", "VARIANT")
COMPILE = ("gcc", "-std=c11", "-O3", "-march=native", "tlb.c", "-o", "tlb", "-lpthread", "-latomic")


def main() -> int:
    return table(parser_of(__doc__).parse_args(), "rumur", HEAD, measure, line)


def measure(mmscn: str, size: str, args: argparse.Namespace) -> Row:
    """One size: the tools in turn, `--runs` times after one that is not counted."""
    times: dict[str, list[float]] = {}
    facts: Row = {"size": size}
    for n in range(args.runs + 1):
        found: dict[str, float] = {}
        for off in ("", " off"):
            found |= run_rumur(size, off, facts)
        for name, more in (("mmscn", []), ("no-reduce", ["--no-reduce"])):
            command = [mmscn, "run", "tlb", "--jobs", "1"]
            found[name], stats = run_mmscn(command, size, more, spent)
            facts[f"{name} states"] = stats["states"]
        for name, seconds in found.items():
            times.setdefault(name, []).extend([seconds] if n else [])
    assert facts["rumur off states"] == facts["no-reduce states"], facts
    return facts | {name: round(statistics.median(found), 3) for name, found in times.items()}


def run_rumur(size: str, off: str, facts: Row) -> dict[str, float]:
    """CPU seconds of the whole and of the verifier alone. off: " off" without symmetry."""
    model = (HERE / "tlb.m").read_text()
    for name, value in zip(NAMES, size.split(","), strict=True):
        model, n = re.subn(rf"(?m)^  {name}: \d+;", f"  {name}: {value};", model)
        assert n == 1, name
    symmetry = "off" if off else "heuristic"
    with tempfile.TemporaryDirectory() as folder:
        start = spent()
        Path(folder, "tlb.m").write_text(model)
        options = ["--deadlock-detection", "off", "--symmetry-reduction", symmetry]
        quiet(["rumur", *options, "--threads", "1", "--output", "tlb.c", "tlb.m"], folder)
        quiet([*COMPILE], folder)
        built = spent()
        text = quiet(["./tlb"], folder)
        end = spent()
    counted = re.search(r"(\d+) states, \d+ rules fired", text)
    assert counted is not None, "rumur does not say how many states there are"
    facts[f"rumur{off} states"] = int(counted[1])
    return {f"rumur{off}": end - start, f"alone{off}": end - built}


HEAD = (
    f"{'size':10} {'rumur states':>12} {'states':>9} {'rumur s':>8} {'alone s':>8} {'mmscn s':>8}"
    f" {'ratio':>6} {'to alone':>8} | {'states of both':>14} {'rumur s':>8} {'alone s':>8}"
    f" {'mmscn s':>8} {'ratio':>6} {'to alone':>8}"
)


def line(row: Row) -> str:
    number = {name: float(value) for name, value in row.items() if isinstance(value, int | float)}
    text = f"{row['size']:10} {row['rumur states']:12} {row['mmscn states']:9}"
    for off, ours in (("", "mmscn"), (" off", "no-reduce")):
        whole, alone, own = number[f"rumur{off}"], number[f"alone{off}"], number[ours]
        text += f" | {row['no-reduce states']:14}" if off else ""
        text += f" {whole:8.2f} {alone:8.2f} {own:8.2f} {whole / own:5.1f}x {alone / own:7.1f}x"
    return text


if __name__ == "__main__":
    raise SystemExit(main())
