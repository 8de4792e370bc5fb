"""mmscn beside SPIN on one model: process start to verdict, interleaved, medians and ratios.

    python benchmarks/spin.py [--sizes small|medium|large|all] [--runs 5] [--json FILE]
                              [--unreduced] [--executor NAME] [--clock wall|cpu]

SPIN is not installed by this; on Debian it is the package `spin`. A size is
NW,NP,K,Z,VAR of `tlb.pml`, which is scenarios/library/bench/tlb.mmscn in
Promela. SPIN's time is that of spin -a, gcc -O2 and pan together; pan alone is
shown too. mmscn keeps what a text compiles to: `mmscn` is a text that was run
before, `first` one that was just written (its library modules are known). Nothing
of a search is ever kept. Seconds are of this machine, and noisy: quote the ratios.
Where the machine has other work, `--clock cpu` counts the CPU seconds of all processes.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from peers import HERE, Row, parser_of, quiet, run_mmscn, spent, table

TEXT = HERE.parent / "scenarios" / "library" / "bench" / "tlb.mmscn"

CLOCKS = {"wall": time.perf_counter, "cpu": spent}

HASH_BITS = {"2,2,3,2,2": 26, "3,2,2,1,2": 27}
"""pan's -w where its default is slower."""


def main() -> int:
    parser = parser_of(__doc__)
    parser.add_argument("--unreduced", action="store_true", help="mmscn --no-reduce as well")
    parser.add_argument("--executor", default="auto", help="as `mmscn run` takes it")
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    return table(parser.parse_args(), "spin", HEAD, measure, line)


def measure(mmscn: str, size: str, args: argparse.Namespace) -> Row:
    """One size: the tools in turn, `runs` times after one that is not counted."""
    clock = CLOCKS[args.clock]
    ways = {"mmscn": [], "first": [], **({"no-reduce": ["--no-reduce"]} if args.unreduced else {})}
    times: dict[str, list[float]] = {name: [] for name in ("spin", "pan", *ways)}
    facts: Row = {"size": size}
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder, "tlb.mmscn")
        for n in range(args.runs + 1):
            whole, alone, facts["spin states"], facts["spin bytes"] = run_spin(size, clock)
            found = {"spin": whole, "pan": alone}
            for name, more in ways.items():
                target = "tlb"
                if name == "first":
                    text.write_text(f"{TEXT.read_text()}// {time.time_ns()}\n")
                    target = str(text)
                options = [*more, "--executor", args.executor]
                found[name], stats = run_mmscn([mmscn, "run", target], size, options, clock)
                facts["executor"] = stats["executor"]
                facts[f"{name} states"] = stats["states"]
                facts[f"{name} bytes"] = round(stats["bytes_per_state"], 1)
            if n:
                for name, seconds in found.items():
                    times[name].append(seconds)
    facts |= {name: round(statistics.median(found), 4) for name, found in times.items()}
    return facts


def run_spin(size: str, clock: Callable[[], float]) -> tuple[float, float, int, float]:
    """Seconds by that clock of the whole and of pan alone, states, bytes for each."""
    names = dict(zip(("NW", "NP", "K", "Z", "VAR"), size.split(","), strict=True))
    with tempfile.TemporaryDirectory() as folder:
        start = clock()
        defines = [f"-D{k}={v}" for k, v in names.items()]
        quiet(["spin", *defines, "-a", str(HERE / "tlb.pml")], folder)
        quiet(["gcc", "-O2", "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c"], folder)
        built = clock()
        bits = HASH_BITS.get(size)
        text = quiet(["./pan", "-m1000000", *([f"-w{bits}"] if bits else [])], folder)
        end = clock()
    states = int(number(r"(\d+) states, stored", text))
    size_of = float(number(r"([\d.]+)\s+total actual memory", text))
    return end - start, end - built, states, round(size_of * 2**20 / states, 1)


def number(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, f"{pattern} is not in what SPIN printed"
    return match[1]


HEAD = (
    f"{'size':10} {'SPIN states':>11} {'states':>9} {'fewer':>7} {'B/state':>7} {'SPIN s':>8}"
    f" {'pan s':>8} {'mmscn s':>8} {'ratio':>7} {'to pan':>7} {'first s':>8} {'ratio':>7}"
    f" {'no-reduce s':>12} {'ratio':>7} {'B/state':>7}"
)


def line(row: Row) -> str:
    number = {name: float(value) for name, value in row.items() if isinstance(value, int | float)}
    spin, pan, ours, first = (number[name] for name in ("spin", "pan", "mmscn", "first"))
    text = (
        f"{row['size']:10} {row['spin states']:11} {row['mmscn states']:9}"
        f" {number['spin states'] / number['mmscn states']:6.1f}x {row['mmscn bytes']:7}"
        f" {spin:8.3f} {pan:8.3f} {ours:8.3f} {spin / ours:6.1f}x {pan / ours:6.1f}x"
        f" {first:8.3f} {spin / first:6.1f}x"
    )
    if "no-reduce" in number:
        plain = number["no-reduce"]
        text += f" {plain:12.3f} {spin / plain:6.1f}x {row['no-reduce bytes']:7}"
    return text


if __name__ == "__main__":
    raise SystemExit(main())
