"""The fourth opinion: a text's tree explored as docs/language.md and `check.core` say.

It knows the parser and nothing else of the project: no elaboration, no `Checked`, no
lowering, no reductions, no runtime. A state is a value for each variable and a number for
each thread, contents up to renaming; the search is breadth-first over all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, frozen
from support.oracle.tree_instr import Asked, Instr
from support.oracle.tree_order import Full
from support.oracle.tree_program import DEADLOCK, LOCK_RULES, MODEL_ERROR, Body, Program
from support.oracle.tree_types import ModelError, Term, Value, cells_of, renumbered

NOT_BEGUN = -1
SILENT_MAX = 2_000
NEVER_VACUOUS = ("bug", "rule", "deadlock", "bound")

State = tuple[Value, ...]
Cell = tuple[str, tuple[Value, ...], Value]


class TooLarge(Exception):
    """There are more states than was allowed, or a loop does not come to a step."""


@frozen(kw_only=True)
class Walked:
    """verdicts (`holds`, `violated`, `vacuous`) and lengths: by check. final: the states' cells."""

    checks: tuple[Asked, ...]
    verdicts: tuple[str, ...]
    lengths: tuple[int | None, ...]
    states: int
    final: tuple[tuple[Cell, ...], ...]


@define
class Run:
    """A state that a step is changing; the last of the values counts the contents it made."""

    values: list[Value]
    places: list[int]
    breaks: frozenset[int] = frozenset()
    covers: frozenset[int] = frozenset()
    halted: bool = False

    def copy(self) -> Run:
        values, places = list(self.values), list(self.places)
        return Run(values, places, self.breaks, self.covers, self.halted)


def walk(program: Program, *, states_max: int) -> Walked:
    """All that a program can do. Raises TooLarge."""
    try:
        return Walker(program).walk(states_max)
    except RecursionError as error:
        raise TooLarge("a choice without a step") from error


class Walker:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.threads = program.threads
        self.slots = program.slots
        self.shared = [n for n, slot in enumerate(self.slots) if slot.thread is None]
        self.scratch = [n for n, slot in enumerate(self.slots) if slot.thread == -1]
        self.heads = [heads(thread) for thread in self.threads]
        codes = [b.code for b in (*program.threads, *program.agents)]
        self.contents = any(instr.fresh for code in codes for instr in code)

    # ---- the search ---------------------------------------------------------

    def walk(self, states_max: int) -> Walked:
        start = self.initial()
        depth_of = {start: 0}
        lengths: dict[int, int] = {}
        covered: set[int] = set()
        moving: set[State] = set()
        by_agents: dict[State, list[State]] = {}
        final = set()
        todo = [start]
        for state in todo:
            depth, run = depth_of[state], self.run_of(state)
            if self.quiet(run):
                final.add(tuple(run.values[n] for n in self.shared))
            self.judge(run, depth, lengths, covered)
            for thread, after in self.steps(state):
                covered |= after.covers
                for check in after.breaks:
                    # A state of this depth that is judged later may break it, too.
                    lengths[check] = min(lengths.get(check, depth + 1), depth + 1)
                new = state if after.halted else self.state_of(after)
                if thread and (new != state or after.halted):
                    moving.add(state)
                if not thread:
                    by_agents.setdefault(new, []).append(state)
                if new not in depth_of:
                    if len(depth_of) >= states_max:
                        raise TooLarge(f"more than {states_max} states")
                    depth_of[new] = depth + 1
                    todo.append(new)
        alive = list(moving)
        for state in alive:
            for before in by_agents.get(state, ()):
                if before not in moving:
                    moving.add(before)
                    alive.append(before)
        for state in todo:
            if state not in moving and self.awake(self.run_of(state)):
                lengths.setdefault(DEADLOCK, depth_of[state])
        checks = self.program.checks
        return Walked(
            checks=tuple(checks),
            verdicts=tuple(verdict(c, n in lengths, n in covered) for n, c in enumerate(checks)),
            lengths=tuple(lengths.get(n) for n in range(len(checks))),
            states=len(todo),
            final=tuple(self.cells(values) for values in final),
        )

    def judge(self, run: Run, depth: int, lengths: dict[int, int], covered: set[int]) -> None:
        resting = [n for n in range(len(self.threads)) if self.at_rest(run, n)]
        if any(self.holds_a_lock(run, n) for n in resting):
            lengths[LOCK_RULES] = min(lengths.get(LOCK_RULES, depth), depth)
        for n, asked in enumerate(self.program.checks):
            if asked.condition is None or asked.covered is None:
                continue
            if asked.kind in ("finally", "outcome") and not self.quiet(run):
                continue
            wanted = asked.kind in ("reachable", "outcome")
            if holds(run, asked.condition) is wanted:
                lengths.setdefault(n, depth)
            if holds(run, asked.covered):
                covered.add(n)

    def cells(self, values: tuple[Value, ...]) -> tuple[Cell, ...]:
        found: list[Cell] = []
        for n, value in zip(self.shared, values, strict=True):
            found += cells_of(self.slots[n].name, value)
        return tuple(found)

    # ---- states -------------------------------------------------------------

    def initial(self) -> State:
        """Before time begins each thread runs up to its first step, one after the other."""
        values = [slot.first for slot in self.slots]
        setup = Run([*values, 0], [0])
        plain(setup, self.program.init)
        for n in self.scratch:
            setup.values[n] = self.slots[n].first
        run = Run([*setup.values[:-1], 0], [NOT_BEGUN] * len(self.threads))
        for n, thread in enumerate(self.threads):
            tried = run.copy()
            tried.places[n] = 0
            self.silent(tried, n, contents_max=SILENT_MAX)
            if not (thread.after or tried.covers or tried.halted):
                run = tried
        return self.state_of(run)

    def run_of(self, state: State) -> Run:
        count = len(self.slots)
        return Run([*state[:count], 0], list(state[count:]))

    def state_of(self, run: Run) -> State:
        """What is left of a step: no scratch variables of agents; contents by occurrence."""
        values = run.values[:-1]
        for n in self.scratch:
            values[n] = self.slots[n].first
        kept = renumbered(values) if self.contents else tuple(values)
        return (*kept, *run.places)

    def at_rest(self, run: Run, n: int) -> bool:
        return run.places[n] in self.heads[n]

    def awake(self, run: Run) -> bool:
        """Whether some thread, daemons aside, has not ended."""
        return any(
            not thread.daemon and place != len(thread.code)
            for thread, place in zip(self.threads, run.places, strict=True)
        )

    def quiet(self, run: Run) -> bool:
        if not all(self.at_rest(run, n) for n in range(len(self.threads))):
            return False
        buffers = self.program.world.buffers
        if buffers is not None and any(run.values[buffers.slot]):
            return False
        try:
            return not any(busy.get(run.values) for busy in self.program.busy)
        except ModelError:
            return False

    def holds_a_lock(self, run: Run, n: int) -> bool:
        me = ("thread", n)
        for lock in self.program.locks:
            values, buffers = run.values, self.program.world.buffers
            if buffers is not None and lock.kind == "spinlock":
                for cpu in range(len(values[buffers.slot])):
                    values = buffers.seen(values, cpu)
            for _, _, owner in cells_of("", values[lock.owner.slot]):
                if owner == me:
                    return True
            if lock.readers is not None:
                for _, index, reading in cells_of("", run.values[lock.readers.slot]):
                    if reading and index[-1] == me:
                        return True
        return False

    # ---- steps --------------------------------------------------------------

    def steps(self, state: State) -> Iterator[tuple[bool, Run]]:
        """Each step that is possible: whether a thread takes it, and what it leads to."""
        for n, thread in enumerate(self.threads):
            run = self.run_of(state)
            begun = run.places[n] != NOT_BEGUN or all(self.at_rest(run, m) for m in thread.after)
            if begun and not self.kept_out(run, thread):
                for after in self.step(run, n):
                    yield True, after
        for agent in self.program.agents:
            run = self.run_of(state)
            run.places.append(0)
            for after in ways(run, len(self.threads), agent.code, 0, len(agent.code)):
                after.places.pop()
                yield False, after
        buffers = self.program.world.buffers
        for cpu in range(len(state[buffers.slot])) if buffers is not None else ():
            run = self.run_of(state)
            if run.values[buffers.slot][cpu]:
                buffers.write(run.values, cpu)
                yield False, run

    def kept_out(self, run: Run, thread: Body) -> bool:
        """Whether another thread of its CPU holds a spinlock."""
        return any(
            owner is not None and owner[1] in thread.beside
            for lock in self.program.locks
            if lock.kind == "spinlock" and thread.beside
            for _, _, owner in cells_of("", run.values[lock.owner.slot])
        )

    def step(self, run: Run, n: int) -> Iterator[Run]:
        """One step of a thread, and what takes no time behind it; all ways that it can go."""
        code = self.threads[n].code
        if run.places[n] == NOT_BEGUN:
            run.places[n] = 0
            yield from self.first_step(self.silent(run, n), n)
            return
        if run.places[n] == len(code):
            return
        instr = code[run.places[n]]
        if instr.kind == "choose":
            for branch in instr.branches:
                chosen = run.copy()
                chosen.places[n] = branch.at
                yield from self.first_step(self.silent(chosen, n), n)
        elif instr.kind == "atomic":
            begin = run.places[n] + 1
            run.places[n] = begin
            for after in ways(run, n, code, begin, instr.to.at):
                yield self.silent(after, n)
        elif instr.kind != "await" or may_pass(run, instr):
            execute(run, n, instr)
            yield self.silent(run, n)

    def first_step(self, run: Run, n: int) -> Iterator[Run]:
        """The step that a thread stands before, if there is anything left for it to do."""
        if run.halted or run.places[n] == len(self.threads[n].code):
            yield run
        else:
            yield from self.step(run, n)

    def silent(self, run: Run, n: int, contents_max: int = 1) -> Run:
        """Run a thread up to where its next step begins."""
        code = self.threads[n].code
        for _ in range(SILENT_MAX):
            place = run.places[n]
            if run.halted or place == len(code):
                return run
            instr = code[place]
            if instr.step or (instr.fresh and run.values[-1] >= contents_max):
                return run
            execute(run, n, instr)
        raise TooLarge("a loop without a step")


def ways(run: Run, n: int, code: list[Instr], begin: int, end: int) -> Iterator[Run]:
    """Every way through an atomic: until it is left, or the machine stops."""
    todo = [(run, 0)]
    while todo:
        run, count = todo.pop()
        if count > SILENT_MAX:
            raise TooLarge("an atomic that does not come to an end")
        place = run.places[n]
        if run.halted or not begin <= place < end:
            yield run
            continue
        instr = code[place]
        if instr.kind == "choose":
            for branch in reversed(instr.branches):
                chosen = run.copy()
                chosen.places[n] = branch.at
                todo.append((chosen, count + 1))
            continue
        if instr.kind == "atomic":
            run.places[n] += 1
        elif instr.kind == "await" and not may_pass(run, instr):
            continue
        else:
            execute(run, n, instr)
        todo.append((run, count + 1))


def may_pass(run: Run, instr: Instr) -> bool:
    """Whether an await may be passed; an error in it is met by passing it."""
    try:
        return bool(instr.value(run.values))
    except ModelError:
        return True


def execute(run: Run, n: int, instr: Instr) -> None:
    """Any instruction that does not choose."""
    try:
        match instr.kind:
            case "do" if instr.through is not None:
                instr.through.assign(run.values, instr.pairs)
            case "do":
                assert instr.do is not None
                instr.do(run.values)
            case "jump":
                run.places[n] = instr.to.at
                return
            case "if" if not instr.value(run.values):
                run.places[n] = instr.to.at
                return
            case "await":
                instr.value(run.values)
            case "assert":
                run.covers |= {instr.check}
                if not instr.value(run.values):
                    run.breaks |= {instr.check}
            case "bug":
                run.breaks, run.covers = run.breaks | {instr.check}, run.covers | {instr.check}
                run.halted = True
        run.places[n] += 1
    except ModelError:
        run.breaks |= {MODEL_ERROR}
        run.halted = True
    except Full:
        assert instr.through is not None
        run.breaks, run.covers = run.breaks | {instr.through.bound}, run.covers
        run.halted = True


def plain(run: Run, code: list[Instr]) -> None:
    """Before time begins: one instruction after the other."""
    while run.places[0] < len(code):
        execute(run, 0, code[run.places[0]])
        if run.halted or run.breaks:
            raise TooLarge("an init block that cannot be run")


def holds(run: Run, term: Term) -> bool:
    """Whether a state fulfils a condition; one without a value is not fulfilled."""
    try:
        return bool(term.get(run.values))
    except ModelError:
        return False


def verdict(asked: Asked, failed: bool, covered: bool) -> str:
    if asked.kind in ("reachable", "outcome"):
        return "holds" if failed else "violated"
    if failed:
        return "violated"
    return "holds" if covered or asked.kind in NEVER_VACUOUS else "vacuous"


def heads(thread: Body) -> set[int]:
    """Where a thread is at rest: at its end; a daemon also before its turn's first step."""
    end = len(thread.code)
    if not thread.daemon:
        return {end}
    found = {end, NOT_BEGUN}
    todo, seen = [0], set()
    while todo:
        place = todo.pop()
        if place in seen or place == end:
            continue
        seen.add(place)
        instr = thread.code[place]
        if instr.step:
            found.add(place)
        else:
            todo += followers(place, instr)
    return found


def followers(place: int, instr: Instr) -> list[int]:
    """Where control may be behind an instruction."""
    match instr.kind:
        case "jump":
            return [instr.to.at]
        case "if":
            return [instr.to.at, place + 1]
        case "choose":
            return [branch.at for branch in instr.branches]
        case "bug":
            return []
    return [place + 1]
