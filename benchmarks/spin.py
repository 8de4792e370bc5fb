"""mmscn beside SPIN on one model: process start to verdict, interleaved, medians and ratios.

    python benchmarks/spin.py [--sizes small|medium|large|all] [--runs 5] [--json FILE]
                              [--unreduced] [--executor NAME]

SPIN is not installed by this; on Debian it is the package `spin`. A size is
NW,NP,K,Z,VAR of `tlb.pml`, which is scenarios/library/bench/tlb.mmscn in
Promela. SPIN's time is that of spin -a, gcc -O2 and pan together; pan alone is
shown too. mmscn keeps what a text compiles to: `mmscn` is a text that was run
before, `first` one that was just written (its library modules are known). Nothing
of a search is ever kept. Seconds are of this machine, and noisy: quote the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEXT = HERE.parent / "scenarios" / "library" / "bench" / "tlb.mmscn"

SIZES = {
    "small": ["1,1,1,1,2", "2,1,2,1,2", "2,1,2,2,2"],
    "medium": ["2,2,2,1,2", "3,1,2,2,2", "2,2,2,2,2"],
    "large": ["2,2,3,2,2", "3,2,2,1,2"],
}
HASH_BITS = {"2,2,3,2,2": 26, "3,2,2,1,2": 27}
"""pan's -w where its default is slower."""

Row = dict[str, object]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sizes_help = "small, medium, large, all or NW,NP,K,Z,VAR"
    parser.add_argument("--sizes", default="small", help=sizes_help)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--unreduced", action="store_true", help="mmscn --no-reduce as well")
    parser.add_argument("--executor", default="auto", help="as `mmscn run` takes it")
    args = parser.parse_args()
    missing = [tool for tool in ("spin", "gcc") if shutil.which(tool) is None]
    if missing:
        print(f"needs {' and '.join(missing)}; Debian: apt-get install spin gcc", file=sys.stderr)
        return 2
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    mmscn = shutil.which("mmscn", path=path)
    if mmscn is None:
        print("needs mmscn: pip install .", file=sys.stderr)
        return 2
    everything = [s for group in SIZES.values() for s in group]
    sizes = everything if args.sizes == "all" else SIZES.get(args.sizes, [args.sizes])
    rows = []
    print(HEAD)
    for size in sizes:
        rows.append(measure([mmscn, "run"], size, args))
        print(line(rows[-1]), flush=True)
    if args.json:
        machine = {
            "machine": platform.machine(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
        }
        args.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    return 0


def measure(command: list[str], size: str, args: argparse.Namespace) -> Row:
    """One size: the tools in turn, `runs` times after one that is not counted."""
    ways = {"mmscn": [], "first": [], **({"no-reduce": ["--no-reduce"]} if args.unreduced else {})}
    times: dict[str, list[float]] = {name: [] for name in ("spin", "pan", *ways)}
    facts: Row = {"size": size}
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder, "tlb.mmscn")
        for n in range(args.runs + 1):
            whole, alone, facts["spin states"], facts["spin bytes"] = run_spin(size)
            found = {"spin": whole, "pan": alone}
            for name, more in ways.items():
                target = "tlb"
                if name == "first":
                    text.write_text(f"{TEXT.read_text()}// {time.time_ns()}\n")
                    target = str(text)
                options = [*more, "--executor", args.executor]
                found[name], stats = run_mmscn([*command, target], size, options)
                facts["executor"] = stats["executor"]
                facts[f"{name} states"] = stats["states"]
                facts[f"{name} bytes"] = round(stats["bytes_per_state"], 1)
            if n:
                for name, seconds in found.items():
                    times[name].append(seconds)
    facts |= {name: round(statistics.median(found), 4) for name, found in times.items()}
    return facts


def run_spin(size: str) -> tuple[float, float, int, float]:
    """Seconds of the whole and of pan alone, states, bytes for each."""
    names = dict(zip(("NW", "NP", "K", "Z", "VAR"), size.split(","), strict=True))
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        defines = [f"-D{k}={v}" for k, v in names.items()]
        quiet(["spin", *defines, "-a", str(HERE / "tlb.pml")], folder)
        quiet(["gcc", "-O2", "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c"], folder)
        built = time.perf_counter()
        bits = HASH_BITS.get(size)
        text = quiet(["./pan", "-m1000000", *([f"-w{bits}"] if bits else [])], folder)
        end = time.perf_counter()
    states = int(number(r"(\d+) states, stored", text))
    size_of = float(number(r"([\d.]+)\s+total actual memory", text))
    return end - start, end - built, states, round(size_of * 2**20 / states, 1)


def number(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, f"{pattern} is not in what SPIN printed"
    return match[1]


def run_mmscn(command: list[str], size: str, more: list[str]) -> tuple[float, dict[str, float]]:
    """Seconds of the whole, and the statistics of the run."""
    names = zip(("NW", "NP", "K", "Z", "VAR"), size.split(","), strict=True)
    choice = [part for k, v in names for part in ("-D", f"{k}={v}")]
    start = time.perf_counter()
    text = quiet([*command, *choice, "--json", "--states", "1000000000",
                  "--memory", "16000", *more], str(HERE))  # fmt: skip
    seconds = time.perf_counter() - start
    (run,) = json.loads(text)["scenarios"][0]["runs"]
    assert run["verdict"] == "holds", run["verdict"]
    return seconds, run["stats"]


def quiet(command: list[str], folder: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


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
