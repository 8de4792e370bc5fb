"""Shared variables that one thread alone uses become its locals.

Before:  var pg[0..1]: 0..1        (pg[0] is read and written by `writer[0]` only)
After:   writer[0]: pg[0]          a local: known by program counter, reset when dead

A variable stays shared if a check, the quiescent states or hardware look at
it. Only where a variable is kept in the IR changes: preserves everything.
"""

from __future__ import annotations

from attrs import evolve

from mmscn.lower.ir import Ir, VarId, reads_of, variables


def privatize(ir: Ir) -> Ir:
    """The program with what is one thread's marked as that thread's."""
    asked: set[VarId] = set(ir.pcs())
    for check in ir.checks:
        for condition in (*check.bad, *check.covered):
            asked |= reads_of(condition)
    for condition in ir.quiescent:
        asked |= reads_of(condition)
    users: dict[VarId, set[int]] = {}
    for rule in ir.rules:
        touched = reads_of(rule)
        touched.update(rule.assigns)
        for term in rule.assigns.values():
            touched.update(variables(term))
        for v in touched:
            users.setdefault(v, set()).add(rule.process)
    vars_ = list(ir.vars)
    for v, processes in users.items():
        if v in asked or len(processes) > 1 or vars_[v].thread is not None:
            continue
        (process,) = processes
        if ir.processes[process].pc is not None:
            vars_[v] = evolve(vars_[v], thread=process)
    return ir.having(vars=vars_)
