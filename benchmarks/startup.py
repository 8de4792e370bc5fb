"""What it takes to start: `mmscn --version`, the smallest scenario, racewrite.

    python benchmarks/startup.py [--runs 9]

User and system time of whole processes, medians, beside a bare interpreter, in turn. All texts are
known: they were run once before.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SMALLEST = """scenario smallest
var x: bool
concurrent { thread a { x = true } }
finally x
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=9)
    args = parser.parse_args()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    mmscn = shutil.which("mmscn", path=path)
    if mmscn is None:
        print("needs mmscn: pip install .", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        smallest = Path(folder, "smallest.mmscn")
        smallest.write_text(SMALLEST)
        one = ["-D", "zap=rc2", "-D", "mapped_exit=lockfree"]
        commands = {
            "bare interpreter": [sys.executable, "-c", "pass"],
            "mmscn --version": [mmscn, "--version"],
            "smallest scenario": [mmscn, "run", str(smallest)],
            "racewrite, one run": [mmscn, "run", "racewrite", *one],
            "racewrite, all runs": [mmscn, "run", "racewrite"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for n in range(args.runs + 1):
            for name, command in commands.items():
                taken = cpu_s(command)
                if n:
                    times[name].append(taken)
    bare = statistics.median(times["bare interpreter"])
    for name, found in times.items():
        median = statistics.median(found)
        print(f"{name:22} {median * 1000:8.1f} ms   {(median - bare) * 1000:+8.1f} ms")
    return 0


def cpu_s(command: list[str]) -> float:
    """Raises ValueError where it fails."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise ValueError(f"{' '.join(command)}: {process.returncode}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    raise SystemExit(main())
