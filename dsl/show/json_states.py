"""The states of a trace as JSON: every cell, the locals, where the threads stand, who can go on."""

from __future__ import annotations

from attrs import frozen

from mmscn.budget import polled
from mmscn.draw.steps import actor, opened
from mmscn.draw.traced import Traced
from mmscn.draw.waiting import at
from mmscn.lower.compiled import Line
from mmscn.lower.retrace import CellKey, Moment
from mmscn.runtime.interpreter import VersionOverflow, enabled
from mmscn.show.json_values import Json, place, plain


@frozen(kw_only=True)
class Local:
    """A local that the trace assigns. number: in `Checked.locals`. calls: that it belongs to."""

    number: int
    qualified: str
    name: str
    thread: str
    calls: tuple[str, ...]
    type: str

    def told(self) -> Json:
        return {
            "name": self.qualified,
            "local": self.name,
            "thread": self.thread,
            "calls": list(self.calls),
            "type": self.type,
        }


@frozen(kw_only=True)
class State:
    """What states are told of: these cells and locals, in this order."""

    found: Traced
    cells: tuple[CellKey, ...]
    locals: tuple[Local, ...]


def states_json(known: State) -> list[Json]:
    """One more than there are steps."""
    found = known.found
    return [state(known, n, moment) for n, moment in enumerate(polled(found.moments))]


def state(known: State, n: int, moment: Moment) -> Json:
    found = known.found
    lines = could_go(found, n)
    going = {line.thread for line in lines}
    begun = {found.line(i).thread for i in range(n)}
    return {
        "n": n,
        "cells": [plain(moment.cells[key]) for key in known.cells],
        "locals": [plain(moment.locals[local.number]) for local in known.locals],
        "threads": [
            thread(found, number, moment, can_go=number in going, begun=number in begun)
            for number in range(len(found.checked.threads))
        ],
        "enabled": [step_of(found, line, moment) for line in lines],
    }


def could_go(found: Traced, n: int) -> list[Line]:
    """The steps that could be taken in a state, each once, as the program has them."""
    if n and found.rule(n - 1).halts:
        return []
    program, lines = found.compiled.program, found.compiled.lines
    try:
        rules = [rule for rule, _ in enabled(program, found.trace.states[n])]
    except VersionOverflow:
        return []
    return list(dict.fromkeys(shortened(lines[program.rules[r].origin]) for r in rules))


def shortened(line: Line) -> Line:
    """A step as the statement that it is known by: which way it goes is left open."""
    return line._replace(origins=line.origins[:1])


def step_of(found: Traced, line: Line, moment: Moment) -> Json:
    checked = found.checked
    text, where = "(ends)", None
    if line.origins:
        origin = checked.origins[line.origins[0]]
        _, instruction = opened(origin.path, origin.span)
        if line.thread is None and origin.path:
            instruction = origin.path[0]
        text = str(instruction.text()) if instruction else origin.text().text(moment.locals)
        where = place((instruction or origin).span)
    return {
        "cpu": line.cpu,
        "actor": actor(checked, line),
        "hardware": line.thread is None,
        "text": text,
        "where": where,
    }


def thread(found: Traced, n: int, moment: Moment, *, can_go: bool, begun: bool) -> Json:
    """Where a thread stands, and what it waits for."""
    checked = found.checked
    known, standing = checked.threads[n], moment.standing[n]
    told: Json = {"name": known.name, "cpu": known.cpu, "text": None, "where": None}
    held: list[str] = []
    earlier = [checked.threads[m].name for m in known.after if moment.standing[m] is not None]
    if standing is None:
        status = "ended"
    elif earlier and not begun:
        status, held = "not begun", earlier
    else:
        status = "can go" if can_go else "at rest" if known.daemon else "waits"
        told["text"] = at(found, standing, moment)
        told["where"] = place(checked.origins[standing[0]].span) if standing else None
    if status == "waits":
        keeps = found.keeps_cpu(n, moment)
        held = list(found.owners(n, moment)) if keeps is None else list(keeps[:1])
        status = "waits" if keeps is None else "kept off its CPU"
    return {**told, "state": status, "waits_for": held}
