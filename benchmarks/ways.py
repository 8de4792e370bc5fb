"""How often the steps of the shipped scenarios fork, and what it takes to write them out.

    python benchmarks/ways.py

Of each scenario, the first two combinations of params: the forks of the step or condition that
has most, the
effort of all, and the CPU seconds. Behind it, the same of a step with an `if` for each of 10,
15 and 20 variables, as it is and joined.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

from mmscn.check.core import Checked
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.diagnostics import Rejected
from mmscn.judge.shipped import finder, shipped_scenarios
from mmscn.lower import ways
from mmscn.lower.rule_builder import Builder
from mmscn.source import Source

IFS = """scenario ifs
var f[0..{n}]: bool
var x[0..{n}]: 0..2
thread t {{ atomic {{ for i in 0..{n} {{ if f[i] {{ x[i] = 1 }} else {{ x[i] = 2 }} }} }} }}
"""


def main() -> None:
    for shipped in shipped_scenarios():
        for checked in checked_of(Source(shipped.path, shipped.file.read_text(encoding="utf-8"))):
            print(f"{shipped.name:28} {measured(checked)}", flush=True)
    for size in (10, 15, 20):
        (checked,) = checked_of(Source("ifs", IFS.format(n=size - 1)))
        for most in (ways.FORKS_MAX, 0):
            before, ways.WAYS_MAX = ways.WAYS_MAX, most
            print(f"{size} ifs, {'as they are' if most else 'joined':12} {measured(checked)}")
            ways.WAYS_MAX = before


def checked_of(source: Source) -> Iterator[Checked]:
    unit = gather(source, finder(None))
    for params in matrix(unit)[:2]:
        yield elaborate(unit, params)


def measured(checked: Checked) -> str:
    builder = Builder(checked)
    most = 0
    begin = builder.executor.begin

    def counted() -> None:
        nonlocal most
        most = max(most, builder.executor.forks)
        begin()

    builder.executor.begin = counted  # type: ignore[method-assign]
    begun = process_time()
    try:
        ir, _ = builder.build()
        what = f"{len(ir.rules):6} rules"
    except Rejected as problem:
        what = problem.diagnostics[0].code
    taken = process_time() - begun
    return f"{most:5} forks {builder.executor.effort:7} effort {taken:6.3f} s {what}"


if __name__ == "__main__":
    main()
