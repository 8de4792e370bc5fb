"""Exchanges that may be symmetries.

A candidate exchanges two elements wherever they stand: as an index, as a value, as a
process: two threads with their CPUs and numbers; the same with everything else that has
those numbers, where they have threads or pages of their own; two frames with the pages
that are mapped to them. What it means for a program's fields is `symmetry_guesses`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from attrs import frozen

from mmscn.check.values import Elem, Value
from mmscn.lower.ir import Ir

Swap = dict[Value, Value]
"""Elements, and what they are exchanged with."""
Name = tuple[object, int]
"""What is exchanged, for a candidate that need not be tried where others have done it."""

PAGES = ("frame", "va", "filepage")


@frozen(kw_only=True)
class Candidate:
    """elements: exchanged wherever they occur. rows: numbers exchanged where they are an index
    of a row of one of two processes. processes: exchanged, two by two."""

    elements: Swap
    rows: tuple[int, int] | None = None
    processes: tuple[tuple[int, int], ...] = ()


def candidates(ir: Ir) -> Iterator[tuple[Name, Name, list[Candidate]]]:
    """What is worth exchanging, each two in a class of what looks alike, and the ways to."""
    yield from of_threads(ir)
    elements = used_elements(ir)
    for a, b in combinations(elements, 2):
        swaps: list[Swap] = []
        for sorts in (PAGES, ("frame",), ("va",)):
            swap = of_numbers(elements, a, b, sorts)
            if swap and swap not in swaps:
                swaps.append(swap)
                yield (sorts, a), (sorts, b), [Candidate(elements=swap)]


def of_threads(ir: Ir) -> Iterator[tuple[Name, Name, list[Candidate]]]:
    """The same for threads only."""
    sizes = Counter(rule.process for rule in ir.rules)
    alike: dict[object, list[int]] = {}
    for n, process in enumerate(ir.processes):
        if process.pc is not None:
            size = len(ir.vars[process.pc].domain)
            alike.setdefault((process.kind, size, sizes[n]), []).append(n)
    for members in alike.values():
        for gap in range(1, len(members)):
            for a, b in zip(members, members[gap:], strict=False):
                yield ("thread", a), ("thread", b), of_two(ir, a, b)


def of_two(ir: Ir, a: int, b: int) -> list[Candidate]:
    """The exchange of two threads: alone, and with all else that has their numbers."""
    mine, its = row_of(ir.processes[a].name), row_of(ir.processes[b].name)
    if mine is None or its is None or mine == its:
        return [Candidate(elements=of_processes(ir, [(a, b)]), processes=((a, b),))]
    with_them = [(a, b), *(pair for pair in replicas(ir, mine, its) if pair != (a, b))]
    pages = of_numbers(used_elements(ir), mine, its, PAGES)
    found = []
    for pairs in ([(a, b)], with_them):
        for more in ({}, pages):
            elements = of_processes(ir, pairs) | more
            one = Candidate(elements=elements, rows=(mine, its), processes=tuple(pairs))
            if one not in found:
                found.append(one)
    return found


def replicas(ir: Ir, one: int, other: int) -> list[tuple[int, int]]:
    """The threads of two numbers, for each declaration that has both."""
    by_name = {p.name: n for n, p in enumerate(ir.processes) if p.pc is not None}
    stems = dict.fromkeys(stem_of(name) for name in by_name if row_of(name) is not None)
    found = []
    for stem in stems:
        a, b = by_name.get(f"{stem}[{one}]"), by_name.get(f"{stem}[{other}]")
        if a is not None and b is not None:
            found.append((a, b))
    return found


def of_processes(ir: Ir, pairs: list[tuple[int, int]]) -> Swap:
    """What two by two exchange: themselves and their CPUs."""
    numbers: dict[tuple[str, int], int] = {}
    for a, b in pairs:
        one, other = ir.processes[a].column, ir.processes[b].column
        numbers.update({("thread", a): b, ("thread", b): a})
        numbers.update({("cpu", one): other, ("cpu", other): one})
    elements: Swap = {}
    for var in ir.vars:
        for value in (*var.index, *var.domain):
            if isinstance(value, Elem) and (value.sort, value.number) in numbers:
                elements[value] = Elem(value.sort, numbers[value.sort, value.number], "")
    return elements


def stem_of(name: str) -> str:
    """The declaration that `writer[1]` is of."""
    return name[: name.find("[")] if name.endswith("]") else name


def row_of(name: str) -> int | None:
    """The number in `writer[1]`."""
    inside = name[name.find("[") + 1 : -1] if name.endswith("]") else ""
    return int(inside) if inside.isdigit() else None


def of_numbers(
    elements: dict[int, dict[str, Elem]], a: int, b: int, sorts: tuple[str, ...]
) -> Swap:
    """The elements of some sorts that have two numbers, where both are there."""
    swap: Swap = {}
    for sort in sorts:
        one, other = elements.get(a, {}).get(sort), elements.get(b, {}).get(sort)
        if one is not None and other is not None:
            swap |= {one: other, other: one}
    return swap


def used_elements(ir: Ir) -> dict[int, dict[str, Elem]]:
    """The frames and pages that occur, by number and sort."""
    found: dict[int, dict[str, Elem]] = {}
    for var in ir.vars:
        for value in (*var.index, *var.domain):
            if isinstance(value, Elem) and value.sort in PAGES:
                found.setdefault(value.number, {})[value.sort] = value
    return dict(sorted(found.items()))
