"""Drawings of generated traces: each says what happened, and nothing else.

A drawing is read as a person reads it, from its text: the notes in turn, from what is so at the
start. Whoever believes them must come to the state that the replay comes to; what a statement
in the text says that it did must be so in the states around it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from support.agreement.agreement import programs_of
from support.draw.random_walk import random_walk
from support.oracle.oracle import Oracle
from support.oracle.states import Run, Unbounded
from support.strategies import scenario_text

from mmscn.check.values import Elem
from mmscn.diagnostics import Rejected
from mmscn.draw.diagram import draw
from mmscn.draw.notes import is_default, value_text
from mmscn.draw.step_list import list_steps
from mmscn.draw.steps import Step, steps
from mmscn.draw.traced import Traced, traced
from mmscn.lower.compile import compile
from mmscn.lower.compiled import Compiled
from mmscn.runtime.bytecode import CheckId
from mmscn.runtime.explore.engine import explore, find_trace
from mmscn.runtime.interpreter import read
from mmscn.runtime.result import Limits, Trace
from mmscn.show.trace_json import trace_json
from mmscn.source import Source

QUICK, SLOW = range(100), range(10_000, 13_000)
WALK_MAX = 25
ALIKE_MAX = 100
"""States of the oracle that differ in versions alone."""
WIDE = 1_000
"""Characters: no line of a drawing is broken."""


@pytest.mark.parametrize("lot", range(4))
def test_a_drawing_says_what_happened(lot: int) -> None:
    seen = sum(told_truly(seed) for seed in QUICK[lot::4])
    assert seen > len(QUICK) / 4


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(10))
def test_thousands_of_drawings_say_what_happened(lot: int) -> None:
    for seed in SLOW[lot::10]:
        told_truly(seed)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_taken_back_is_counted(seed: int) -> None:
    assert told_truly(seed, counting_text(seed))


def counting_text(seed: int) -> str:
    """Procedures that take a reference and drop it, with something in between, or do not."""
    chance = random.Random(f"counting {seed}")
    between = ("flag = true", "let seen = users", "if users == 1 { flag = true }", "users = users")
    lines = [f"scenario counting_{seed}", "var users: 0..6 = 1", "var flag: bool", "spinlock l"]
    for n in range(3):
        work = chance.choices(between, k=chance.randint(0, 2))
        drop = ["users -= 1"] if chance.random() < 0.8 else []
        body = ["users += 1", *work, *drop]
        if chance.random() < 0.3:
            body = ["lock l", *body, "unlock l"]
        lines += [f"proc work{n}() {{ {'; '.join(body)} }}"]
    threads = []
    for n in range(2):
        calls = [f"call work{chance.randrange(3)}()" for _ in range(chance.randint(1, 2))]
        threads.append(f"thread t{n} on cpu {n} {{ {'; '.join(calls)} }}")
    lines += ["concurrent {", *threads, "}", 'finally "none" users == 0', 'reachable "f" flag']
    return "\n".join(lines)


def told_truly(seed: int, text: str | None = None) -> int:
    """How many traces of a generated scenario were drawn; fails with what is wrong in one."""
    text = scenario_text(seed) if text is None else text
    count = 0
    try:
        for name, checked in programs_of(Source(f"generated_{seed}", text), 1):
            compiled = compile(checked)
            for trace in traces(compiled, seed):
                count += 1
                wrong = list(untrue(compiled, trace))
                assert not wrong, "\n".join([name, *wrong, draw(compiled, trace, full=True), text])
    except Rejected:
        pass
    return count


def traces(compiled: Compiled, seed: int) -> Iterator[Trace]:
    """The counterexamples and witnesses of a program, and a walk through it."""
    limits = Limits(states=3_000)
    for found in explore(compiled.program, limits=limits).checks:
        trace = None
        if found.depth is not None:
            trace = find_trace(compiled.program, found.check, limits=limits)
        if trace is not None:
            yield trace
    yield walk(compiled, seed)


def walk(compiled: Compiled, seed: int) -> Trace:
    program = compiled.program
    rules, states = random_walk(program, random.Random(seed), steps_max=WALK_MAX)
    last = CheckId(len(program.checks) - 1)
    return Trace(
        check=last, rules=rules, states=states, delayed=0, switches=0, shortest=False
    )


def untrue(compiled: Compiled, trace: Trace) -> Iterator[str]:
    """What is not so in the drawings of a trace."""
    replayed = traced(compiled, trace)
    found = steps(compiled, trace)
    yield from strange_states(replayed)
    yield from strange_locals(replayed)
    for before, s in zip(replayed.moments, found, strict=False):
        after = replayed.moments[s.number]
        yield from strange_step(replayed, s, before.cells, after.cells)
    for full in (True, False):
        for wrong in strange_notes(replayed, draw(compiled, trace, full=full, width=WIDE), full):
            yield f"{'full' if full else 'short'}: {wrong}"
        assert all(len(x) <= 72 for x in draw(compiled, trace, full=full).splitlines())
    yield from left_out(found, draw(compiled, trace, width=WIDE))
    waiting = trace_json(compiled, trace)["waits"]
    if replayed.info.kind == "deadlock":
        assert isinstance(waiting, list)
        if len(waiting) != len(stuck(replayed)):
            yield f"{len(waiting)} wait, not {stuck(replayed)}"
    list_steps(compiled, trace)


# ---- states -------------------------------------------------------------------


def strange_states(replayed: Traced) -> Iterator[str]:
    """Cells that the bytecode has otherwise; versions have names of their own."""
    program = replayed.compiled.program
    for state, moment in zip(replayed.trace.states, replayed.moments, strict=True):
        for place in replayed.compiled.places:
            if place.family is None or place.version or place.field is None:
                continue
            value = place.value(read(program, state, place.field))
            if moment.cells[place.family, place.indices] != value:
                yield f"{place.family}{place.indices} is {value}"


def strange_locals(replayed: Traced) -> Iterator[str]:
    """Steps that the oracle cannot take to those cells and locals; versions aside."""
    oracle = Oracle(replayed.checked)
    rules = [replayed.rule(n) for n in range(len(replayed.trace.rules))]
    states = {oracle.initial()}
    for n, rule in enumerate(rules):
        if rule.halts:
            return
        try:
            runs = [run for state in states for _, run in oracle.steps(state)]
        except Unbounded:
            return
        states = {oracle.state_of(run) for run in runs if same(replayed, run, n + 1)}
        if not states:
            yield f"step {n + 1} is none of the oracle's"
        if not 0 < len(states) < ALIKE_MAX:
            return


def same(replayed: Traced, run: Run, n: int) -> bool:
    checked, moment = replayed.checked, replayed.moments[n]
    events = [e for m in replayed.moments[1 : n + 1] for e in m.events]
    assigned = {number for e in events for number in e.locals}
    cells = all(
        value == run.cells[key]
        for key, value in moment.cells.items()
        if not checked.families[key[0]].version
    )
    return cells and all(
        value == run.locals[number]
        for number, value in moment.locals.items()
        if number in assigned
        if not checked.locals[number].version and checked.locals[number].thread >= 0
    )


def stuck(replayed: Traced) -> list[str]:
    """The threads whose program counters are at no place of rest."""
    program, last = replayed.compiled.program, replayed.trace.states[-1]
    return [
        thread.name
        for thread, process in zip(replayed.checked.threads, program.processes, strict=False)
        if not thread.daemon
        and process.pc is not None
        and read(program, last, process.pc) not in process.rest
    ]


# ---- steps --------------------------------------------------------------------


def strange_step(replayed: Traced, s: Step, before, after) -> Iterator[str]:
    """What the text of a step says or leaves out, against the states around it."""
    families = replayed.checked.families
    changed = {key for key in after if before[key] != after[key]}
    if s.hardware or s.instruction is not None:
        return
    items = s.text.removeprefix("atomic { ").removesuffix(" }").split("; ")
    for key in changed:
        family = families[key[0]]
        if family.ghost:
            continue
        name = key[0].removesuffix(".readers") if family.lock is None else key[0]
        word = name.split(".")[1 if family.sort else 0]
        inside = any(word in item for item in items)
        if not (inside or word in " ".join(s.called(c) for c in s.calls)):
            yield f"step {s.number} changes {key}, and `{s.text}` does not say so"
    for item in items:
        words = item.removeprefix("let ").split()
        if words[0] == "lock":
            locks = {key for key in s.writes if families[key[0]].lock is not None}
            owners = {after[key] for key in locks if after[key] is not None}
            owners |= {key[1][-1] for key in s.writes if key[0].endswith(".readers") and after[key]}
            released = any("unlock" in other for other in items)
            if not released and not any(isinstance(e, Elem) and e.name == s.actor for e in owners):
                yield f"step {s.number} `{s.text}` takes no lock"


# ---- notes --------------------------------------------------------------------


def strange_notes(replayed: Traced, drawing: str, full: bool) -> Iterator[str]:
    """Notes in a drawing that are not so for one who believes it line by line."""
    checked, first, last = replayed.checked, replayed.moments[0].cells, replayed.last.cells
    known = {t.name: t for t in replayed.things if not t.quiet}
    values = {name: value_text(checked, thing, first) for name, thing in known.items()}
    body, _, _ = drawing.partition("\n  in the end")
    for line in body.splitlines():
        for note in notes_in(line):
            what, colon, value = note.partition(": ")
            if not colon or what not in values:
                continue
            before, arrow, now = value.partition(" -> ")
            if before.removeprefix("still ") != values[what]:
                yield f"[{note}], and it is {values[what]}"
            values[what] = now if arrow else values[what]
    for name, thing in known.items():
        if values[name] != value_text(checked, thing, last):
            yield f"{name} ends as {values[name]}, not {value_text(checked, thing, last)}"
        if value_text(checked, thing, last) == "":
            yield f"{name} is drawn as nothing"
        assert is_default(checked, thing, first) or values[name]


def notes_in(line: str) -> list[str]:
    """The notes of a line: `[n: 0 -> 1]`; a name in it may have brackets of its own."""
    text = line.strip().partition("   <---")[0].removeprefix("initially ")
    if not text.startswith("["):
        return []
    return [note.strip().removeprefix("[").removesuffix("]") for note in text.split("] [")]


def left_out(found: tuple[Step, ...], drawing: str) -> Iterator[str]:
    """Changes that are neither drawn nor counted: notes of one instruction are drawn as one."""
    texts = [s.text for s in found if s.instruction is None for c in s.notes
             if f"[{c}]" not in drawing]  # fmt: skip
    counted = sum(int(part.split()[0]) for part in drawing.split("... (")[1:])
    if len(texts) > counted:
        yield f"{texts} are neither drawn nor counted"
