"""A trace as JSON: what there is, the whole states, and the steps between them."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from mmscn.check import core
from mmscn.check.core import Call, Checked
from mmscn.check.values import show
from mmscn.draw.diagram import draw
from mmscn.draw.notes import Thing, things, value_text
from mmscn.draw.reasons import reason
from mmscn.draw.steps import HIDDEN_LOCALS, Change, Step, branch, opened, steps_of
from mmscn.draw.traced import Traced, traced
from mmscn.draw.waiting import Waits, never_ending, waits
from mmscn.judge.token import token_of
from mmscn.lower.compiled import Compiled
from mmscn.lower.retrace import CellKey, Event, Moment
from mmscn.runtime.result import Trace
from mmscn.show.json_states import Local, State, states_json
from mmscn.show.json_values import Json, place, plain, type_of
from mmscn.source import Source

FAMILY_OF_PAGES = "frame"


@frozen(kw_only=True)
class Known:
    """What a trace is told of. cells: all, in the order in which states list their values.

    variables: all, each with its cells. numbers: of the cells, by key.
    """

    found: Traced
    steps: tuple[Step, ...]
    cells: tuple[CellKey, ...]
    numbers: dict[CellKey, int]
    variables: tuple[Thing, ...]
    named: dict[str, int]
    locals: tuple[Local, ...]

    @property
    def checked(self) -> Checked:
        return self.found.checked


def trace_json(compiled: Compiled, trace: Trace) -> Json:
    """A trace of `compiled.program`, as the schema has it."""
    found = traced(compiled, trace)
    known = known_of(found)
    told = {thing.name for thing in found.things}
    token = token_of(compiled, trace)
    deadlock, reached = found.info.kind == "deadlock", found.info.kind == "reachable"
    forever = trace.loop is not None
    stuck = never_ending(found) if forever else waits(found) if deadlock else ()
    state = State(found=found, cells=known.cells, locals=known.locals)
    return {
        "what": "witness" if reached else "counterexample",
        "why": reason(found),
        "switches": trace.switches,
        "shortest": trace.shortest,
        "loop": trace.loop,
        "token": str(token) if token is not None else None,
        "diagram": draw(compiled, trace),
        "variables": [variable(known, thing, told) for thing in known.variables],
        "cells": [cell(known, key) for key in known.cells],
        "locals": [local.told() for local in known.locals],
        "steps": [
            step(known, s, moment) for s, moment in zip(known.steps, found.moments[1:], strict=True)
        ],
        "states": states_json(state),
        "waits": [waits_json(w) for w in stuck],
    }


def sources(compiled: Compiled, trace: Trace) -> Iterator[Source]:
    """The texts that the steps of a trace stand in, as often as they do."""
    for s in steps_of(traced(compiled, trace)):
        yield s.span.source
        yield from (call.span.source for call in s.calls)


def known_of(found: Traced) -> Known:
    cells = tuple(found.moments[0].cells)
    variables = things(found.compiled, frozenset(cells))
    return Known(
        found=found,
        steps=steps_of(found),
        cells=cells,
        numbers={key: n for n, key in enumerate(cells)},
        variables=variables,
        named={thing.name: n for n, thing in enumerate(variables)},
        locals=tuple(assigned(found)),
    )


# ---- what there is ------------------------------------------------------------


def variable(known: Known, thing: Thing, told: set[str]) -> Json:
    checked, first = known.checked, known.found.moments[0].cells
    base = checked.families[thing.members[0][1][0]]
    return {
        "name": thing.name,
        "group": group(checked, thing),
        "ghost": base.ghost,
        "quiet": thing.quiet,
        "told": thing.name in told,
        "initially": value_text(checked, thing, first),
        "cells": [known.numbers[key] for _, key in thing.members],
        "where": place(base.span),
    }


def group(checked: Checked, thing: Thing) -> str:
    """Which table a variable belongs to, by the shape of what is declared."""
    name, _ = thing.members[0][1]
    family = checked.families[name]
    if thing.buffer is not None:
        return "store_buffer"
    if name.startswith(core.MARK):
        return "mark"
    if family.lock is not None or name.removesuffix(".readers") in locks(checked):
        return "lock"
    if any(cell.family == name for entry in checked.entries for cell in entry.source):
        return "page_table"
    if any(cell.family == name for entry in checked.entries for cell in entry.cells):
        return "tlb"
    if family.ghost:
        return "ghost"
    if family.sort == FAMILY_OF_PAGES:
        return "page"
    return "hardware" if family.hardware else "variable"


def locks(checked: Checked) -> set[str]:
    return {name for name, family in checked.families.items() if family.lock is not None}


def cell(known: Known, key: CellKey) -> Json:
    family, index = known.checked.families[key[0]], key[1]
    shown = [show(value) for value in index]
    return {
        "name": key[0] + (f"[{', '.join(shown)}]" if shown else ""),
        "family": key[0],
        "index": [plain(value) for value in index],
        "type": type_of(family.domain, version=family.version),
        "values": [] if family.version else [plain(value) for value in family.domain],
        "lock": family.lock,
    }


def assigned(found: Traced) -> Iterator[Local]:
    """The locals that the trace assigns, as they are first met; those of instructions are not."""
    checked = found.checked
    seen: dict[int, None] = {}
    names: dict[str, int] = {}
    for moment in found.moments:
        for event in moment.events:
            path = checked.origins[event.origin].path
            for number in event.locals:
                local = checked.locals[number]
                hidden = local.name.endswith(HIDDEN_LOCALS) or local.thread < 0
                if number in seen or hidden or any(call.instruction for call in path):
                    continue
                seen[number] = None
                within = [str(call.text()).partition("(")[0] for call in path]
                thread = checked.threads[local.thread].name
                name = ".".join([thread, *within[-1:], local.name])
                names[name] = names.get(name, 0) + 1
                again = f"#{names[name]}" if names[name] > 1 else ""
                yield Local(
                    number=number,
                    qualified=name + again,
                    name=local.name,
                    thread=thread,
                    calls=tuple(str(call.text()) for call in path),
                    type=type_of(local.domain, version=local.version),
                )


# ---- what happens ---------------------------------------------------------------


def step(known: Known, s: Step, after: Moment) -> Json:
    return {
        "n": s.number,
        "cpu": s.cpu,
        "actor": s.actor,
        "hardware": s.hardware,
        "text": s.text,
        "calls": [call_json(s, call) for call in s.calls],
        "where": place(s.span),
        "changes": [change(known, c) for c in s.changes if c.before != c.after],
        "reads": sorted(known.numbers[key] for key in s.reads),
        "writes": sorted(known.numbers[key] for key in s.writes),
        "statements": [statement(known, s, e) for e in after.events],
        "branches": list(s.branches),
        "remark": s.remark,
        "violates": list(s.violates),
        "broken": s.broken.text if s.broken is not None else None,
        "values": list(s.broken.values if s.broken is not None else s.values),
    }


def call_json(s: Step, call: Call) -> Json:
    return {"text": s.called(call), "where": place(call.span)}


def change(known: Known, c: Change) -> Json:
    return {
        "what": c.what,
        "from": c.before,
        "to": c.after,
        "variable": known.named.get(c.what) if c.cells else None,
        "quiet": c.quiet,
    }


def statement(known: Known, s: Step, event: Event) -> Json:
    """A statement that ran in a step, and which way it went."""
    origin = known.checked.origins[event.origin]
    _, instruction = opened(origin.path, origin.span)
    return {
        "text": origin.text().text(s.locals),
        "kind": origin.kind,
        "where": place(origin.span),
        "instruction": str(instruction.text()) if instruction is not None else None,
        "ghost": event.ghost,
        "outcome": event.outcome,
        "branch": branch(event) if isinstance(event.stmt, core.Choose) else None,
    }


def waits_json(w: Waits) -> Json:
    return {"cpu": w.cpu, "thread": w.thread, "text": w.text, "held_by": list(w.owners)}
