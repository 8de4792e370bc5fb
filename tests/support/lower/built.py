"""Small scenarios as IR."""

from __future__ import annotations

from support.agreement.agreement import programs_of

from mmscn.lower.ir import Ir, Rule
from mmscn.lower.rule_builder import build
from mmscn.source import Source


def ir_of(text: str) -> Ir:
    """The IR of `scenario s` and this text, before any pass."""
    (_, checked), *_ = programs_of(Source("text", "scenario s\n" + text))
    ir, _ = build(checked)
    return ir


def variable(ir: Ir, name: str) -> int:
    """The number of the variable that is shown so."""
    (found,) = [v for v, var in enumerate(ir.vars) if var.name == name]
    return found


def rules_of(ir: Ir, process: str) -> list[Rule]:
    (number,) = [n for n, p in enumerate(ir.processes) if p.name == process]
    return [rule for rule in ir.rules if rule.process == number]


def stored_names(ir: Ir) -> set[str]:
    """The names of the variables that have bits in the state, program counters aside."""
    gone = {*ir.constants, *ir.dropped, *ir.pcs()}
    return {var.name for v, var in enumerate(ir.vars) if v not in gone}
