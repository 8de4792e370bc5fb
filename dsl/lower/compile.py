"""A checked program to bytecode: build, the passes in order, assembly."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import evolve

from mmscn.check.core import Checked
from mmscn.lower.assemble import Assembler
from mmscn.lower.build import build
from mmscn.lower.compiled import Compiled, Place
from mmscn.lower.ir import Ir, text
from mmscn.lower.passes.dead import drop_dead
from mmscn.lower.passes.fold import fold
from mmscn.lower.passes.fuse import fuse
from mmscn.lower.passes.jumps import renumber
from mmscn.lower.passes.live import reset_dead
from mmscn.lower.passes.private import privatize
from mmscn.lower.passes.split import split
from mmscn.runtime.verify import verify
from mmscn.source import Span

Pass = Callable[[Ir], Ir]

PASSES: dict[str, Pass] = {
    "dead": drop_dead,
    "fold": fold,
    "sweep": drop_dead,
    "live": reset_dead,
}
"""What every program goes through, in this order; `sweep` drops what `fold` has left unread."""

REDUCTIONS: dict[str, str] = {
    "private": "shared variables of one thread alone are known by its program counter",
    "split": "locals that say which lock is meant are part of the program counter",
    "fuse": "steps that no other process can tell apart are one",
    "jumps": "program counters that are not used any more go",
    "versions": "contents are numbered by first occurrence",
    "symmetry": "states that differ in interchangeable parts are one",
}
"""What only the program that is searched goes through, and what it does."""

REDUCING: dict[str, tuple[Pass, str]] = {
    "private": (privatize, "private"),
    "split": (split, "split"),
    "fuse": (fuse, "fuse"),
    "fold again": (fold, "fold"),
    "dead again": (drop_dead, "dead"),
    "live again": (reset_dead, "live"),
    "jumps": (renumber, "jumps"),
}
"""The passes on the way to the reduced program, and the name that leaves each out."""


def compile(checked: Checked, *, without: frozenset[str] = frozenset()) -> Compiled:
    """The programs of a scenario; `without` names passes and reductions to leave out.

    Raises Rejected where the scenario is too large or loops without a step.
    """
    ir, lines = build(checked)
    for name, run in PASSES.items():
        before = ir
        if name not in without:
            ir = run(ir)
    span = checked.origins[0].span if checked.origins else checked.checks[0].span
    assert isinstance(span, Span)
    assembler = Assembler(ir, span, canonical=False)
    program, numbers = assembler.program()
    verify(program)
    kept = [
        evolve(rule, parts=(number,))
        for rule, number in zip(before.rules, numbers, strict=True)
        if number >= 0
    ]
    ir = before.having(rules=kept)
    for run, name in REDUCING.values():
        if name not in without:
            ir = run(ir)
    last = Assembler(ir, span, canonical="versions" not in without)
    reduced, _ = last.program()
    return Compiled(
        checked=checked,
        program=program,
        reduced=reduced,
        places=places(assembler),
        lines=tuple(lines),
        checks=tuple(check.info for check in ir.checks),
        reduced_places=places(last),
    )


def stages(checked: Checked) -> Iterator[tuple[str, str]]:
    """The name of each pass and the IR behind it, as text; the first is `build`."""
    ir, _ = build(checked)
    yield "build", text(ir)
    for name, run in PASSES.items():
        before, ir = ir, run(ir)
        yield name, text(ir)
    for name, (run, _) in REDUCING.items():
        before = run(before)
        yield name, text(before)


def places(assembler: Assembler) -> tuple[Place, ...]:
    """Where each variable of the IR is kept, dropped ones left out."""
    ir = assembler.ir
    pcs = ir.pcs()
    found = []
    for v, var in enumerate(ir.vars):
        if v in ir.dropped or v in pcs:
            continue
        constant = ir.constants.get(v)
        found.append(
            Place(
                family=var.family,
                index=var.index,
                name=var.name,
                thread=var.thread,
                field=None if v in ir.constants else assembler.field_of.get(v),
                domain=var.domain,
                version=var.version and v in assembler.group_of,
                constant=constant,
            )
        )
    return tuple(found)
