"""CPU seconds of first runs: of an edited text, and with nothing kept; versions side by side.

    python benchmarks/first_run.py [--runs 9] [--only CASE] [NAME=path/to/mmscn ...]

User and system time of whole processes, medians, over a bare interpreter; all versions and cases
in turn. An edited text is one that has a comment more than any before it: what is kept of the
library's modules, the parser's tables and the program are there. Where another program is said, the
name of what is asked is one that no text before had. With nothing kept, the cache folder is new.
Bytecode is written; the first round does that, and is not counted.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

THIRTY = """scenario mailbox "a mailbox of two words"
param order = data_first | flag_first
var data: 0..3
var flag: bool
var got: 0..3
var rounds: 0..2
spinlock l
proc put(n) {
  if order == data_first {
    data = n
    flag = true
  } else {
    flag = true
    data = n
  }
}
concurrent {
  thread writer on cpu 0 {
    call put(1)
    lock l { rounds += 1 }
  }
  thread reader on cpu 1 {
    await flag
    got = data
    lock l { rounds += 1 }
  }
}
finally "what is got was put" got == 1
finally "both count" rounds == 2
expect violated "what is got was put" when order == flag_first
expect holds otherwise
"""

SCALE = """scenario scale "writers that are alike, on library code"
import linux.apps.racewrite
import props.writes
param zap = delayed_rmap
param mapped_exit = lockfree
param W = 1 | 2 | 3
param R = 1 | 2 | 3
machine x86 { cpus W + 1 }
file data on ext4 { pages {P} }
mm racer { map buf = data[0..{last}] shared rw populated dirty }
concurrent {
  thread writer[c in 0..W - 1] on cpu c in racer {
    repeat R as i {
      store buf[0] = fresh
      call fadvise_dontneed(data, 0)
    }
  }
  thread zapper on cpu W in racer {
    call madvise_dontneed(buf)
  }
}
check no_lost_write, dirty_has_buffers, no_use_after_free
"""

UNMAPPED = "it is unmapped"
RACEWRITE = ("-D", "zap=rc2", "-D", "mapped_exit=lockfree")


class Case(NamedTuple):
    """What is measured. text: of a scenario; empty for none. kept, edited: as in the docstring.

    renamed: of what is asked, the name that is another each time.
    """

    text: str
    options: tuple[str, ...] = ()
    kept: bool = True
    edited: bool = True
    renamed: str | None = None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("versions", nargs="*", metavar="NAME=path")
    args = parser.parse_args()
    own = str(Path(sys.executable).with_name("mmscn"))
    versions = dict(v.split("=", 1) for v in args.versions) or {"this": own}
    missing = [path for path in versions.values() if shutil.which(path) is None]
    if missing:
        print(f"there is no {missing[0]}", file=sys.stderr)
        return 2
    chosen = {n: c for n, c in cases().items() if not args.only or n in args.only}
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            (name, version): Runs(case, path, Path(folder, f"{version}.{n}"))
            for n, (name, case) in enumerate(chosen.items())
            for version, path in versions.items()
        }
        bare = {path: interpreter(path) for path in versions.values()}
        times: dict[tuple[str, str], list[float]] = {key: [] for key in runs}
        empty: dict[str, list[float]] = {version: [] for version in versions}
        for n in range(args.runs + 1):
            for version, path in versions.items():
                empty[version] += [cpu_s([bare[path], "-c", "pass"], {}, "")] * bool(n)
            for key, run in runs.items():
                times[key] += [run.cpu_s()] * bool(n)
    print(f"{'':24}" + "".join(f"{version:>10}" for version in versions))
    row("bare interpreter", [statistics.median(empty[v]) for v in versions])
    for name in chosen:
        row(name, [over(times[name, v], empty[v]) for v in versions])
    return 0


def row(name: str, seconds: list[float]) -> None:
    print(f"{name:24}" + "".join(f"{s:10.3f}" for s in seconds), flush=True)


def over(times: list[float], empty: list[float]) -> float:
    return statistics.median(times) - statistics.median(empty)


def cases() -> dict[str, Case]:
    here = Path(__file__).resolve().parent.parent
    racewrite = (here / "scenarios/library/thread/racewrite.mmscn").read_text(encoding="utf-8")
    return {
        "version": Case("", ("--version",)),
        "kept": Case(THIRTY, edited=False),
        "thirty": Case(THIRTY),
        "thirty, none kept": Case(THIRTY, kept=False),
        "racewrite": Case(racewrite, RACEWRITE),
        "racewrite, another": Case(racewrite, RACEWRITE, renamed="read back what was written"),
        "racewrite, none kept": Case(racewrite, RACEWRITE, kept=False),
        "racewrite kept": Case(racewrite, RACEWRITE, edited=False),
        "scale 2,1,1": scale(2, 1, 1),
        "scale 2,2,2": scale(2, 2, 2),
        "scale 2,1,1, another": scale(2, 1, 1, asked=True),
        "scale 2,2,2, another": scale(2, 2, 2, asked=True),
    }


def scale(writers: int, rounds: int, pages: int, *, asked: bool = False) -> Case:
    """asked: whether something is asked whose name may be another."""
    text = SCALE.replace("{P}", str(pages)).replace("{last}", str(pages - 1))
    text += f'reachable "{UNMAPPED}" not pte(buf[0]).present\n' if asked else ""
    options = "-D", f"W={writers}", "-D", f"R={rounds}"
    return Case(text, options, renamed=UNMAPPED if asked else None)


class Runs:
    """One case of one version, as often as it is asked for."""

    def __init__(self, case: Case, path: str, folder: Path) -> None:
        self.case, self.path, self.folder = case, path, folder
        self.turns = itertools.count()

    def cpu_s(self) -> float:
        text = self.case.text
        if self.case.edited and text:
            turn = next(self.turns)
            text += f"// {turn}\n"
            if self.case.renamed is not None:
                text = text.replace(self.case.renamed, f"{self.case.renamed} {turn}")
        command = [self.path, *(["run", "-"] if text else []), *self.case.options]
        with self.cache() as cache:
            return cpu_s(command, {"MMSCN_CACHE": cache}, text)

    @contextmanager
    def cache(self) -> Iterator[str]:
        yield str(self.folder)
        if not self.case.kept:
            shutil.rmtree(self.folder, ignore_errors=True)


def cpu_s(command: list[str], environment: dict[str, str], text: str) -> float:
    """User and system time of a process. Raises ValueError where it ends with a fault."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | environment
    with tempfile.TemporaryFile("w+") as stdin, tempfile.TemporaryFile("w+") as out:
        stdin.write(text)
        stdin.seek(0)
        process = subprocess.Popen(command, stdin=stdin, stdout=out, stderr=out, env=env)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1, 4):
            out.seek(0)
            raise ValueError(f"{' '.join(command)}: {process.returncode}\n{out.read()[-500:]}")
    return used.ru_utime + used.ru_stime


def interpreter(path: str) -> str:
    """The Python that a command of that path is run by."""
    with open(path, encoding="utf-8") as file:
        return file.readline().removeprefix("#!").strip()


if __name__ == "__main__":
    raise SystemExit(main())
