"""Dead-variable reset, and one place for locals that never live together.

Before:  3: true -> old.dirty = tlb.dirty goto 4      (seen is not read again behind 3)
After:   3: true -> old.dirty = tlb.dirty; seen = 0 goto 4

A local is live at a program counter if some way on from there reads it before
assigning it, or if a step that leads back there assigns it: such a step must
stay one for the check for deadlock. The versions that such steps are compared
with are live everywhere (`still`). States that differ only in dead locals are
merged: a bisimulation, so verdicts and the lengths of counterexamples stay.
Source: SPIN 6.5.2, Src/pangen5.c, FSM_ANA and FSM_DFS: a local that cannot be
read before it is written is reset to 0. Steps that lead back, and locals that
share a place, are not in it.
"""

from __future__ import annotations

from mmscn.budget import poll
from mmscn.lower.ir import Ir, Rule, Term, VarId, variables
from mmscn.lower.passes.still import compared, stays

Live = list[dict[int, set[VarId]]]


def reset_dead(ir: Ir) -> Ir:
    """The program with dead locals at their first value, and slots for the others."""
    locals_ = thread_locals(ir)
    live = liveness(ir, locals_)
    return with_slots(ir, locals_, live, share(ir, locals_, live))


def reset_only(ir: Ir) -> Ir:
    """The program with dead locals at their first value, each local in a place of its own."""
    locals_ = thread_locals(ir)
    return with_slots(ir, locals_, liveness(ir, locals_), {})


def with_slots(ir: Ir, locals_: list[list[VarId]], live: Live, slots: dict[VarId, VarId]) -> Ir:
    owner = {v: slots.get(v, v) for group in locals_ for v in group}
    rules = [reset(ir, rule, locals_, live, owner) for rule in ir.rules]
    initial = []
    for values in ir.initial:
        new = dict(values)
        for n, process in enumerate(ir.processes):
            if process.pc is None:
                continue
            pc = values[process.pc]
            assert isinstance(pc, int)
            for v in locals_[n]:
                if v not in live[n].get(pc, set()):
                    new[v] = ir.vars[v].domain[0]
        initial.append(new)
    return ir.having(rules=rules, initial=initial, slots=slots)


def thread_locals(ir: Ir) -> list[list[VarId]]:
    """The locals of each process that are still kept."""
    found: list[list[VarId]] = [[] for _ in ir.processes]
    pcs = ir.pcs()
    for v, var in enumerate(ir.vars):
        kept = v not in ir.constants and v not in ir.dropped and v not in pcs
        if kept and var.thread is not None and var.thread >= 0:
            found[var.thread].append(v)
    return found


def liveness(ir: Ir, locals_: list[list[VarId]]) -> Live:
    """The live locals at each program counter: the least fixed point, backwards."""
    live: Live = [{} for _ in ir.processes]
    by_process: list[list[Rule]] = [[] for _ in ir.processes]
    for rule in ir.rules:
        by_process[rule.process].append(rule)
    everywhere = compared(ir)
    for n, rules in enumerate(by_process):
        mine = set(locals_[n])
        if mine:
            live[n] = liveness_of(rules, mine)
        pc = ir.processes[n].pc
        always = mine & everywhere
        if always and pc is not None:
            for at in ir.vars[pc].domain:
                assert isinstance(at, int)
                live[n].setdefault(at, set()).update(always)
    return live


def conditions_of(rule: Rule, mine: set[VarId]) -> set[VarId]:
    """The locals that a step's conditions read."""
    read = mine.intersection(rule.guard)
    for literal in rule.literals:
        read.update(mine.intersection(variables(literal)))
    return read


def liveness_of(rules: list[Rule], mine: set[VarId]) -> dict[int, set[VarId]]:
    """The live locals of one process."""
    needs: list[tuple[int, int | None, set[VarId], list[tuple[VarId, set[VarId]]]]] = []
    live: dict[int, set[VarId]] = {}
    for rule in reversed(rules):
        if rule.at is None:
            continue
        read = conditions_of(rule, mine)
        if stays(rule):
            read |= mine.intersection(rule.assigns)
        copied: list[tuple[VarId, set[VarId]]] = []
        for v, term in rule.assigns.items():
            if term[0] != "c":
                found = mine.intersection(variables(term))
                if v not in mine:
                    read |= found
                elif found:
                    copied.append((v, found))
        live.setdefault(rule.at, set()).update(read)
        killed = mine.intersection(rule.assigns)
        needs.append((rule.at, None if rule.halts else rule.to, killed, copied))
    changed = True
    while changed:
        poll()
        changed = False
        for at, to, killed, copied in needs:
            behind = live.get(to) if to is not None else None
            if not behind:
                continue
            new = behind - killed
            for v, found in copied:
                if v in behind:
                    new |= found
            if not new <= live[at]:
                live[at] |= new
                changed = True
    return live


def share(ir: Ir, locals_: list[list[VarId]], live: Live) -> dict[VarId, VarId]:
    """Locals of a thread to the local whose place they use: greedy colouring."""
    slots: dict[VarId, VarId] = {}
    for n, group in enumerate(locals_):
        pc = ir.processes[n].pc
        at_start: set[VarId] = set()
        for values in ir.initial:
            if pc is not None:
                first = values[pc]
                assert isinstance(first, int)
                at_start |= live[n].get(first, set())
        where: dict[VarId, set[int]] = {
            v: {at for at, alive in live[n].items() if v in alive} for v in group
        }
        owners: list[VarId] = []
        taken: dict[VarId, set[int]] = {}
        for v in sorted(group, key=lambda v: (v not in at_start, v)):
            for o in owners:
                same_kind = ir.vars[o].version == ir.vars[v].version
                if v not in at_start and same_kind and not taken[o] & where[v]:
                    slots[v] = o
                    taken[o] |= where[v]
                    break
            else:
                owners.append(v)
                taken[v] = set(where[v])
    return slots


def reset(
    ir: Ir,
    rule: Rule,
    locals_: list[list[VarId]],
    live: Live,
    owner: dict[VarId, VarId],
) -> Rule:
    """The rule, with every place that it leaves without a live local put to its first value."""
    if rule.at is None or not locals_[rule.process]:
        return rule
    if rule.halts:
        return first_in_each_place(rule, owner)
    n = rule.process
    before = live[n].get(rule.at, set())
    behind = live[n].get(rule.to or 0, set())
    mine = set(locals_[n])
    assigns: dict[VarId, Term] = {
        v: term for v, term in rule.assigns.items() if v not in mine or v in behind
    }
    used = {owner[v] for v in behind}
    left = {owner[v] for v in before} - used
    for o in sorted(left):
        assigns[o] = ("c", ir.vars[o].domain[0])
    return rule.doing(rule.guard, rule.literals, assigns)


def first_in_each_place(rule: Rule, owner: dict[VarId, VarId]) -> Rule:
    """A rule behind which nobody reads a local: of those of one place it writes the first."""
    chosen: dict[VarId, VarId] = {}
    for v in rule.assigns:
        chosen.setdefault(owner.get(v, v), v)
    assigns = {v: rule.assigns[v] for v in chosen.values()}
    return rule.doing(rule.guard, rule.literals, assigns)
