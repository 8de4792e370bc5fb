"""What belongs to each of the interchangeable threads: variables, processes, names.

A *row* is what one of them has for itself: its program counter and locals, cells that
are indexed by its number, by itself or by its CPU, and the hardware of that CPU. Which
those are is taken from the proved exchanges of the program (`lower.passes.symmetry`): what the
exchange of the first and the third moves is of the first or of the third. A value that is one
of them, or the CPU of one, is a *name*; such a value may be in shared variables (the
owner of a lock) and in rows.

Raised is Refused where two of them cannot be exchanged; where a variable is of two of
them (`told[c, d]`); and where a number, or content with a name, stands for one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mmscn.check.values import Elem, Value, show
from mmscn.lower.ir import VarId
from mmscn.lower.passes.symmetry import Proof
from mmscn.lower.passes.symmetry_candidates import of_two, row_of, stem_of
from mmscn.lower.passes.symmetry_guesses import Guesses
from mmscn.prove.instances import Instance
from mmscn.prove.refused import Refused

NUMBERED = ("cpu", "thread")
"""Sorts whose elements have other numbers where there are more of the threads."""

Column = tuple[object, ...]
"""What a variable or process is called, the same in each row and for each number of rows."""

Exchange = tuple[tuple[tuple[int, tuple[int, ...]], ...], tuple[int, ...]]
"""Where fields go with their numbers, and where processes go."""


class Rows(NamedTuple):
    """row: of each variable that is in one. column: what each variable is called there.

    process_row, process_column: the same of processes. named: of an element, the row that it
    names. exchanges: of the first with each other. size: how many rows there are.
    """

    size: int
    row: dict[VarId, int]
    column: dict[VarId, Column]
    process_row: dict[int, int]
    process_column: dict[int, Column]
    named: dict[Elem, int]
    exchanges: tuple[Exchange, ...]

    def plain(self, value: Value) -> object:
        """A value that names no row, by what it is called for each number of rows."""
        if isinstance(value, Elem) and value.sort in NUMBERED:
            before = sum(e.sort == value.sort and e.number < value.number for e in self.named)
            return (value.sort, value.number - before)
        if isinstance(value, bool):
            return show(value)
        return value

    def process_name(self, name: str) -> str:
        """What a process is called, CPUs in it by what they are called for each number of rows."""
        cpus = [e.number for e in self.named if e.sort == "cpu"]

        def called(found: re.Match[str]) -> str:
            number = int(found[1])
            own = number in cpus
            return "cpu of its own" if own else f"cpu +{number - sum(c < number for c in cpus)}"

        return re.sub(r"\bcpu (\d+)\b", called, name)


def rows(instance: Instance, stem: str) -> Rows:
    """Raises Refused."""
    ir, layout = instance.ir, instance.assembler.layout
    members = [
        n
        for n, process in enumerate(ir.processes)
        if process.pc is not None
        and row_of(process.name) is not None
        and stem_of(process.name) == stem
    ]
    if len(members) != instance.size:
        raise Refused(f"not every one of {instance.size} threads `{stem}` has steps")
    exchanges = exchanged(instance, members)
    of_field = {int(f): v for v, f in layout.field_of.items()}
    found = Rows(
        size=len(members),
        row={},
        column={},
        process_row={},
        process_column={},
        named=names(instance, members),
        exchanges=exchanges,
    )
    moved_fields = [{f for f, (to, _) in enumerate(m) if to != f} for m, _ in exchanges]
    moved_processes = [{p for p, to in enumerate(ps) if to != p} for _, ps in exchanges]
    for f in set.union(*moved_fields):
        place = place_of([f in moved for moved in moved_fields])
        if place is None:
            raise Refused(f"`{ir.vars[of_field[f]].name}` is of two of them")
        found.row[of_field[f]] = place
    for p in set.union(*moved_processes):
        place = place_of([p in moved for moved in moved_processes])
        if place is None:
            raise Refused(f"`{ir.processes[p].name}` is of two of them")
        found.process_row[p] = place
    called(instance, found, of_field)
    renames_as_named(instance, found, of_field)
    return found


def place_of(moved: list[bool]) -> int | None:
    """Of a thing, by the exchanges of the first with each other that move it: whose it is."""
    if all(moved):
        return 0
    return moved.index(True) + 1 if sum(moved) == 1 else None


def exchanged(instance: Instance, members: list[int]) -> tuple[Exchange, ...]:
    """The exchange of the first with each other one. What it means is guessed, and then proved."""
    proof = Proof(instance.program, instance.assembler)
    proof.guesses = Guesses(proof.forms, movers_only=True)
    chosen = []
    for other in members[1:]:
        ways = of_two(instance.ir, members[0], other)
        found = next((mapped for way in ways if (mapped := proof.proved(way)) is not None), None)
        if found is None:
            a, b = (instance.ir.processes[n].name for n in (members[0], other))
            raise Refused(f"`{a}` and `{b}` are not interchangeable")
        chosen.append((found.mapping, found.processes))
    return tuple(chosen)


def names(instance: Instance, members: list[int]) -> dict[Elem, int]:
    """The threads, and their CPUs, by row."""
    found: dict[Elem, int] = {}
    threads = instance.checked.threads
    for row, n in enumerate(members):
        beside = [t.name for t in threads if t.cpu == threads[n].cpu and t is not threads[n]]
        if beside:
            raise Refused(f"`{threads[n].name}` shares its CPU with `{beside[0]}`")
        found[threads[n].elem] = row
        found[Elem("cpu", threads[n].cpu, "")] = row
    return found


def called(instance: Instance, found: Rows, of_field: dict[int, VarId]) -> None:
    """Give each variable and process what it is called in every row."""
    ir, layout = instance.ir, instance.assembler.layout
    again: dict[tuple[object, ...], int] = {}
    pcs = ir.pcs()

    def numbered(*name: object) -> Column:
        again[name] = again.get(name, -1) + 1
        return (*name, again[name])

    for v in layout.stored_vars():
        if found.row.get(v, 0) != 0:
            continue
        var = ir.vars[v]
        if v in pcs:
            whose = found.row.get(v)
            name = stem_of(var.name.rsplit(".", 1)[0]) if whose == 0 else var.name
            found.column[v] = numbered("pc", name)
        elif var.family is not None:
            index = tuple("self" if is_own(found, i) else found.plain(i) for i in var.index)
            found.column[v] = numbered(var.family, index)
        else:
            thread = var.thread if var.thread is not None else -1
            owner = ir.processes[thread].name if thread >= 0 else ""
            name = stem_of(owner) if found.process_row.get(thread) == 0 else owner
            found.column[v] = numbered("local", name, var.name)
    for p, process in enumerate(ir.processes):
        if found.process_row.get(p, 0) == 0:
            name = found.process_name(process.name)
            if p in found.process_row:
                name = stem_of(name)
            found.process_column[p] = numbered("process", name)
    for row, (mapping, processes) in enumerate(found.exchanges, 1):
        for f, v in of_field.items():
            if found.row.get(v) == row:
                found.column[v] = found.column[of_field[mapping[f][0]]]
        for p, to in enumerate(processes):
            if found.process_row.get(p) == row:
                found.process_column[p] = found.process_column[to]


def is_own(found: Rows, value: Value) -> bool:
    return isinstance(value, Elem) and found.named.get(value) == 0


def renames_as_named(instance: Instance, found: Rows, of_field: dict[int, VarId]) -> None:
    """Each exchange leaves all values but the names as they are, and exchanges those."""
    ir, layout = instance.ir, instance.assembler.layout
    back = {(e.sort, row): e for e, row in found.named.items()}
    pcs = ir.pcs()
    for other, (mapping, _) in enumerate(found.exchanges, 1):
        swap = {0: other, other: 0}
        for f, (to, numbers) in enumerate(mapping):
            v, image = of_field[f], of_field[to]
            if v in layout.group_of:
                if numbers != tuple(range(len(numbers))):
                    raise Refused(f"contents of `{ir.vars[v].name}` stand for one of them")
                continue
            for n, value in enumerate(ir.vars[v].domain):
                wanted = value
                if isinstance(value, Elem) and value in found.named:
                    row = found.named[value]
                    wanted = back[value.sort, swap.get(row, row)]
                if v not in pcs and ir.vars[image].domain[numbers[n]] != wanted:
                    raise Refused(f"`{ir.vars[v].name}` holds numbers that stand for one of them")
                if v in pcs and numbers[n] != n:
                    raise Refused(f"the places of `{ir.vars[v].name}` are numbered differently")
