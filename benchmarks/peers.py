"""What the benchmarks beside other checkers share: sizes of one model, and a table of medians."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

HERE = Path(__file__).resolve().parent

SIZES = {
    "small": ["1,1,1,1,2", "2,1,2,1,2", "2,1,2,2,2"],
    "medium": ["2,2,2,1,2", "3,1,2,2,2", "2,2,2,2,2"],
    "large": ["2,2,3,2,2", "3,2,2,1,2"],
}
"""NW,NP,K,Z,VAR of scenarios/library/bench/tlb.mmscn."""

Row = dict[str, object]


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """A parser of the options that all have. description: a script's docstring."""
    parser = argparse.ArgumentParser(description=(description or "").split("\n")[0])
    parser.add_argument(
        "--sizes", default="small", help="small, medium, large, all or NW,NP,K,Z,VAR"
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    return parser


def table(
    args: argparse.Namespace,
    peer: str,
    head: str,
    measure: Callable[[str, str, argparse.Namespace], Row],
    line: Callable[[Row], str],
) -> int:
    """Print a line for each size; the exit status.

    peer: the tool that is needed beside gcc. measure: is given the path of mmscn and a size.
    """
    missing = [tool for tool in (peer, "gcc") if shutil.which(tool) is None]
    if missing:
        print(f"needs {' and '.join(missing)}; Debian: apt-get install {peer} gcc", file=sys.stderr)
        return 2
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    mmscn = shutil.which("mmscn", path=path)
    if mmscn is None:
        print("needs mmscn: pip install .", file=sys.stderr)
        return 2
    everything = [size for group in SIZES.values() for size in group]
    sizes = everything if args.sizes == "all" else SIZES.get(args.sizes, [args.sizes])
    rows = []
    print(head)
    for size in sizes:
        rows.append(measure(mmscn, size, args))
        print(line(rows[-1]), flush=True)
    if args.json:
        machine = {
            "machine": platform.machine(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
        }
        args.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    return 0


def spent() -> float:
    """CPU seconds of all that has been run and has ended."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_mmscn(
    command: list[str], size: str, more: list[str], clock: Callable[[], float] = time.perf_counter
) -> tuple[float, dict[str, float]]:
    """Seconds of the whole by that clock, and the statistics of the run."""
    names = zip(("NW", "NP", "K", "Z", "VAR"), size.split(","), strict=True)
    choice = [part for k, v in names for part in ("-D", f"{k}={v}")]
    start = clock()
    text = quiet([*command, *choice, "--json", "--states", "1000000000",
                  "--memory", "16000", *more], str(HERE))  # fmt: skip
    seconds = clock() - start
    (run,) = json.loads(text)["scenarios"][0]["runs"]
    assert run["verdict"] == "holds", run["verdict"]
    return seconds, run["stats"]


def quiet(command: list[str], folder: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout
