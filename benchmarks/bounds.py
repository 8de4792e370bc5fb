"""How near shipped scenarios come to the bounds that lowering has.

    python benchmarks/bounds.py [SCENARIO ...]

Of each scenario, the first combination of params; in the last line the most of all. Nothing here
is a time: the numbers are the same on every machine.

term: the largest expression that is brought to its smallest form (SMALL_TERM, LARGE_TERM).
tabulated: the combinations that one was written out over (FEW_VALUES, TABLE_MAX).
decided: the combinations behind a condition on several variables (TABLE_MAX, SPLITS_MAX).
literals: such conditions kept in one way (LITERALS_MAX). within: the combinations that show an
expression to stay in its range (POSSIBLE_MAX). folded: those that `fold` tries (ENUMERATION_MAX).
table: the entries of a program's largest table (TABLE_BITS_MAX). projection: the states of the
largest that `joint` finds (together.STATES_MAX).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from math import prod
from typing import Any

from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.judge.shipped import finder, shipped_scenarios
from mmscn.lower import assemble, decision, paths
from mmscn.lower.compile import compile as lower
from mmscn.lower.passes import fold, together
from mmscn.source import Source

NAMES = (
    "term", "tabulated", "decided", "literals", "within", "folded", "table", "projection",
)  # fmt: skip
most: dict[str, int] = {}


def note(name: str, size: int) -> None:
    most[name] = max(most.get(name, 0), size)


def main() -> None:
    watch()
    every: dict[str, int] = {}
    print(f"{'':28} {' '.join(f'{name:>10}' for name in NAMES)}")
    for shipped in shipped_scenarios():
        if sys.argv[1:] and shipped.name not in sys.argv[1:]:
            continue
        most.clear()
        text = shipped.file.read_text(encoding="utf-8")
        unit = gather(Source(shipped.path, text), finder(shipped.file.parent))
        _ = lower(elaborate(unit, next(iter(matrix(unit))))).reduced
        print(line(shipped.name, most), flush=True)
        every = {name: max(every.get(name, 0), most.get(name, 0)) for name in NAMES}
    print(line("the most", every))


def line(name: str, found: dict[str, int]) -> str:
    return f"{name:28} {' '.join(f'{found.get(n, 0):10}' for n in NAMES)}"


def watch() -> None:
    """Have what lowering looks at noted."""
    executor: Any = paths.Executor
    ours: Any = {"paths": paths, "fold": fold, "assemble": assemble}
    executor.compact = before(
        executor.compact, lambda _, __, term: note("term", decision.weight(term, paths.LARGE_TERM))
    )
    ours["paths"].chosen = before(
        decision.chosen, lambda _, choices: note("tabulated", prod(len(c) for _, c in choices))
    )
    executor.bounded = before(executor.bounded, lambda _, __, sizes: note("decided", prod(sizes)))
    executor.literal = before(
        executor.literal, lambda _, path, __: note("literals", len(path.literals) + 1)
    )
    ours["fold"].product = counted("folded")
    ours["assemble"].product = counted("table")
    ours["paths"].product = counted("within")
    projection: Any = together.Projection
    projection.search = after(projection.search, lambda found, *_: note("projection", len(found)))


def before(function: Callable[..., Any], tell: Callable[..., None]) -> Callable[..., Any]:
    def watched(*args: Any) -> Any:
        tell(*args)
        return function(*args)

    return watched


def after(function: Callable[..., Any], tell: Callable[..., None]) -> Callable[..., Any]:
    def watched(*args: Any) -> Any:
        found = function(*args)
        tell(found, *args)
        return found

    return watched


def counted(name: str) -> Callable[..., Iterator[tuple[Any, ...]]]:
    def watched(*sets: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
        lists = [list(s) for s in sets]
        note(name, prod(map(len, lists)))
        return product(*lists)

    return watched


if __name__ == "__main__":
    main()
