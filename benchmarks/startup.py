"""How long people wait: `mmscn --version`, the smallest scenario, racewrite.

    python benchmarks/startup.py [--runs 9]

Medians of whole processes beside a bare interpreter, in turn.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
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
                start = time.perf_counter()
                subprocess.run(command, capture_output=True, check=True)
                if n:
                    times[name].append(time.perf_counter() - start)
    bare = statistics.median(times["bare interpreter"])
    for name, found in times.items():
        median = statistics.median(found)
        print(f"{name:22} {median * 1000:8.1f} ms   {(median - bare) * 1000:+8.1f} ms")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
