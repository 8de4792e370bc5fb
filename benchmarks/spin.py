"""mmscn beside SPIN on one model: process start to verdict, interleaved, medians and ratios.

    python benchmarks/spin.py [--sizes small|medium|large|all] [--runs 5] [--json FILE]

SPIN is not installed by this; on Debian it is the package `spin`. A size is
NW,NP,K,Z,VAR of `tlb.pml`, which is scenarios/library/bench/tlb.mmscn in
Promela. SPIN's time is that of spin -a, gcc -O2 and pan together; pan alone is
shown too. Seconds are of this machine, and noisy: quote the ratios.
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
    rows = [measure(mmscn, size, args.runs, args.unreduced) for size in sizes]
    print(table(rows))
    if args.json:
        machine = {
            "machine": platform.machine(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
        }
        args.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    return 0


def measure(mmscn: str, size: str, runs: int, unreduced: bool) -> Row:
    """One size: the tools in turn, `runs` times after one that is not counted."""
    times: dict[str, list[float]] = {"spin": [], "pan": [], "mmscn": [], "mmscn unreduced": []}
    facts: Row = {"size": size}
    for n in range(runs + 1):
        whole, alone, facts["spin states"], facts["spin bytes"] = run_spin(size)
        seconds, stats = run_mmscn(mmscn, size, [])
        facts["states"], facts["executor"] = stats["states"], stats["executor"]
        if n:
            times["spin"].append(whole)
            times["pan"].append(alone)
            times["mmscn"].append(seconds)
        if unreduced:
            seconds, stats = run_mmscn(mmscn, size, ["--no-reduce"])
            facts["unreduced states"] = stats["states"]
            facts["bytes/state"] = round(stats["bytes_per_state"], 1)
            if n:
                times["mmscn unreduced"].append(seconds)
    facts |= {name: round(statistics.median(found), 4) for name, found in times.items() if found}
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
    states = int(re.search(r"(\d+) states, stored", text)[1])  # type: ignore[index]
    size_of = float(re.search(r"([\d.]+)\s+total actual memory", text)[1])  # type: ignore[index]
    return end - start, end - built, states, round(size_of * 2**20 / states, 1)


def run_mmscn(mmscn: str, size: str, more: list[str]) -> tuple[float, dict[str, float]]:
    """Seconds of the whole, and the statistics of the run."""
    names = zip(("NW", "NP", "K", "Z", "VAR"), size.split(","), strict=True)
    choice = [part for k, v in names for part in ("-D", f"{k}={v}")]
    start = time.perf_counter()
    text = quiet([mmscn, "run", "tlb", *choice, "--json", "--states", "1000000000",
                  "--memory", "16000", *more], str(HERE))  # fmt: skip
    seconds = time.perf_counter() - start
    (run,) = json.loads(text)["scenarios"][0]["runs"]
    assert run["verdict"] == "holds", run["verdict"]
    return seconds, run["stats"]


def quiet(command: list[str], folder: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def table(rows: list[Row]) -> str:
    lines = [
        f"{'size':12} {'SPIN states':>12} {'states':>9} {'SPIN s':>8} {'pan s':>8} {'mmscn s':>8}"
        f" {'ratio':>7} {'to pan':>7} {'no-reduce s':>12} {'ratio':>6}"
    ]
    for row in rows:
        spin, pan, ours = row["spin"], row["pan"], row["mmscn"]
        plain = row.get("mmscn unreduced")
        last = f"{plain:12.3f} {spin / plain:5.1f}x" if plain else ""  # type: ignore[operator]
        lines.append(
            f"{row['size']:12} {row['spin states']:12} {row['states']:9} {spin:8.3f} {pan:8.3f}"
            f" {ours:8.3f} {spin / ours:6.1f}x {pan / ours:6.1f}x {last}"  # type: ignore[operator]
        )
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
