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
from mmscn.lower.passes.live import reset_dead
from mmscn.runtime.bytecode import Program
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


def compile(checked: Checked, *, without: frozenset[str] = frozenset()) -> Compiled:
    """The programs of a scenario; `without` names passes to leave out.

    Raises Rejected where the scenario is too large or loops without a step.
    """
    ir, lines = build(checked)
    for name, run in PASSES.items():
        if name not in without:
            ir = run(ir)
    span = checked.origins[0].span if checked.origins else checked.checks[0].span
    assert isinstance(span, Span)
    program, _ = Assembler(ir, span, canonical=False).program()
    reduced = canonical(program)
    verify(program)
    return Compiled(
        checked=checked,
        program=program,
        reduced=reduced,
        places=places(ir, span),
        lines=tuple(lines),
        checks=tuple(check.info for check in ir.checks),
    )


def canonical(program: Program) -> Program:
    """The same program with versions numbered by first occurrence."""
    groups = tuple(evolve(group, canonical=True) for group in program.versions)
    return evolve(program, versions=groups)


def stages(checked: Checked) -> Iterator[tuple[str, str]]:
    """The name of each pass and the IR behind it, as text; the first is `build`."""
    ir, _ = build(checked)
    yield "build", text(ir)
    for name, run in PASSES.items():
        ir = run(ir)
        yield name, text(ir)


def places(ir: Ir, span: Span) -> tuple[Place, ...]:
    """Where each variable of the IR is kept, dropped ones left out."""
    assembler = Assembler(ir, span, canonical=False)
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
                domain=assembler.ir.vars[v].domain,
                version=var.version and v in assembler.group_of,
                constant=constant,
            )
        )
    return tuple(found)
