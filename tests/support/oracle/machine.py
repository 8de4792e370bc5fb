"""The steps that are possible in a state: statements of the checked tree, walked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from support.oracle.states import (
    END,
    SILENT_MAX,
    WAITING,
    ModelError,
    Place,
    Run,
    State,
    Unbounded,
    advance,
    enter,
    jump,
)
from support.oracle.values import Values, first_value, looks, makes_version

from mmscn.check import core
from mmscn.check.values import Value


class Machine(Values):
    def __init__(self, checked: core.Checked) -> None:
        super().__init__(checked)
        families = checked.families
        self.keys = [(f, i) for f in families for i in product(*families[f].indices)]
        self.unset = {n: first_value(local) for n, local in checked.locals.items()}
        self.heads = [self.heads_of(n) for n in range(len(self.threads))]

    # ---- states -------------------------------------------------------------

    def initial(self) -> State:
        """Before time begins each thread runs up to its first step, one after the other."""
        values = [v for family in self.checked.families.values() for v in family.initial]
        places = [WAITING for _ in self.threads]
        run = Run(dict(zip(self.keys, values, strict=True)), dict(self.unset), places)
        for n, thread in enumerate(self.threads):
            tried = run.copy()
            tried.places[n] = ((thread.body, 0),)
            self.silent(tried, n, versions_max=SILENT_MAX)
            if not (thread.after or tried.covers or tried.halted):
                run = tried
        return self.state_of(run)

    def run_of(self, state: State) -> Run:
        cells, locals_, places = state
        known = dict(zip(self.unset, locals_, strict=True))
        return Run(dict(zip(self.keys, cells, strict=True)), known, list(places))

    def state_of(self, run: Run) -> State:
        """What is left of a step: the scratch variables of agents are not.

        One state for all that are the same up to renaming of contents, which can do the
        same: its versions without a name are numbered as they come.
        """
        named = self.checked.named_versions
        numbers: dict[Value, int] = {}

        def renamed(value: Value, version: bool) -> Value:
            if not version or not isinstance(value, int) or value < named:
                return value
            return numbers.setdefault(value, named + len(numbers))

        cells = [renamed(value, self.checked.families[family].version)
                 for (family, _), value in run.cells.items()]  # fmt: skip
        kept = [renamed(run.locals[n], v.version) if v.thread >= 0 else self.unset[n]
                for n, v in self.checked.locals.items()]  # fmt: skip
        return tuple(cells), tuple(kept), tuple(run.places)

    def heads_of(self, n: int) -> set[Place]:
        """Where a daemon may stand before it has taken the first step of a turn."""
        thread = self.threads[n]
        found: set[Place] = {END}
        todo = [((thread.body, 0),)] if thread.daemon else []
        seen = set()
        while todo:
            run = Run({}, {}, [END] * n + [todo.pop()])
            s = self.standing(run, n)
            if run.places[n] in seen:
                continue
            seen.add(run.places[n])
            if s is None or is_step(s):
                found.add(run.places[n])
                continue
            for block in (s.then, s.otherwise) if isinstance(s, core.If) else (None,):
                way = run.copy()
                if isinstance(s, core.Goto):
                    jump(way, n, s.label)
                elif block is None:
                    advance(way, n)
                else:
                    enter(way, n, block)
                todo.append(way.places[n])
        return found | {WAITING} if thread.daemon else found

    # ---- steps --------------------------------------------------------------

    def steps(self, state: State) -> Iterator[tuple[bool, Run]]:
        """Each step that is possible: whether a thread takes it, and what it leads to."""
        for n, thread in enumerate(self.threads):
            run = self.run_of(state)
            begun = run.places[n] != WAITING or all(self.at_rest(run, m) for m in thread.after)
            if begun and not self.kept_out(run, thread):
                for after in self.step(run, n):
                    yield True, after
        for agent in self.checked.agents:
            run = self.run_of(state)
            run.places.append(((agent.body, 0),))
            for after in self.atomic(run, len(self.threads), 0):
                after.places.pop()
                yield False, after

    def kept_out(self, run: Run, thread: core.Thread) -> bool:
        """Whether a thread beside it owns a spinlock."""
        others = [self.threads[m].elem for m in thread.beside]
        return any(
            self.checked.families[family].lock == "spinlock" and value in others
            for (family, _), value in run.cells.items()
        )

    def step(self, run: Run, n: int) -> Iterator[Run]:
        """One step of a thread, and what takes no time behind it; all ways that it can go."""
        if run.places[n] == WAITING:
            run.places[n] = ((self.threads[n].body, 0),)
            yield from self.first_step(self.silent(run, n), n)
            return
        match self.standing(run, n):
            case None:
                return
            case core.Choose(branches=branches):
                for branch in branches:
                    chosen = run.copy()
                    enter(chosen, n, branch)
                    yield from self.first_step(self.silent(chosen, n), n)
            case core.Atomic(body=body):
                enter(run, n, body)
                for after in self.atomic(run, n, len(run.places[n]) - 1):
                    yield self.silent(after, n)
            case core.Await(condition=condition) if not self.attempt(run, n, condition):
                return
            case s:
                self.execute(run, n, s)
                yield self.silent(run, n)

    def first_step(self, run: Run, n: int) -> Iterator[Run]:
        """The step that a thread stands before, if there is anything left for it to do."""
        if run.halted or run.places[n] == END:
            yield run
        else:
            yield from self.step(run, n)

    def silent(self, run: Run, n: int, versions_max: int = 1) -> Run:
        """Run a thread up to where its next step begins."""
        for _ in range(SILENT_MAX):
            s = self.standing(run, n)
            if run.halted or s is None or is_step(s):
                return run
            if run.versions >= versions_max and makes_version(s):
                return run
            self.execute(run, n, s)
        raise Unbounded("a loop without a step")

    def atomic(self, run: Run, n: int, depth: int) -> Iterator[Run]:
        """Every way through an atomic body: until its block is left, or the machine stops."""
        todo = [(run, 0)]
        while todo:
            run, count = todo.pop()
            if count > SILENT_MAX:
                raise Unbounded("an atomic that does not come to an end")
            s = self.standing(run, n, depth)
            match s:
                case _ if s is None or run.halted:
                    yield run
                    continue
                case core.Choose(branches=branches):
                    for branch in reversed(branches):
                        chosen = run.copy()
                        enter(chosen, n, branch)
                        todo.append((chosen, count + 1))
                    continue
                case core.Atomic(body=body):
                    enter(run, n, body)
                case core.Await(condition=condition) if not self.attempt(run, n, condition):
                    continue
                case _:
                    self.execute(run, n, s)
            todo.append((run, count + 1))

    # ---- statements ---------------------------------------------------------

    def standing(self, run: Run, n: int, depth: int = 0) -> core.Stmt | None:
        """The statement a thread stands before; None at its end, or outside of `depth` blocks."""
        for _ in range(SILENT_MAX):
            place = run.places[n]
            if len(place) <= depth:
                return None
            block, i = place[-1]
            if i == len(block.statements):
                again = len(place) == 1 and n < len(self.threads) and self.threads[n].daemon
                run.places[n] = ((block, 0),) if again else place[:-1]
            elif isinstance(block.statements[i], core.Label):
                advance(run, n)
            elif isinstance(inner := block.statements[i], core.Block):
                enter(run, n, inner)
            else:
                return block.statements[i]
        raise Unbounded("a loop without a statement")

    def attempt(self, run: Run, n: int, condition: core.Expr) -> bool:
        """Whether an await may be passed; an error in it is met by executing it."""
        try:
            return bool(self.value(run, condition))
        except ModelError:
            return True

    def execute(self, run: Run, n: int, s: core.Stmt) -> None:
        """Any statement that does not choose."""
        try:
            match s:
                case core.Goto(label=label):
                    jump(run, n, label)
                    return
                case core.If(condition=condition, then=then, otherwise=otherwise):
                    enter(run, n, then if self.value(run, condition) else otherwise)
                    return
                case core.Assign(targets=targets, values=values):
                    self.assign(run, targets, [self.value(run, v) for v in values])
                case core.Await(condition=condition):
                    self.value(run, condition)
                case core.Assert(check=check, condition=condition):
                    run.covers |= {check}
                    if not self.value(run, condition):
                        run.breaks |= {check}
                case core.Bug(check=check):
                    run.breaks, run.covers = run.breaks | {check}, run.covers | {check}
                    run.halted = True
                case _:
                    raise AssertionError(s)
            advance(run, n)
        except ModelError:
            run.breaks |= {core.MODEL_ERROR}
            run.halted = True


def is_step(s: core.Stmt) -> bool:
    """Whether a statement takes time: it looks at a shared cell or changes one, or waits."""
    match s:
        case core.Assign(targets=targets, values=values, ghost=ghost):
            return not ghost and any(looks(e) for e in (*targets, *values))
        case core.If(condition=condition) | core.Assert(condition=condition):
            return looks(condition)
    return isinstance(s, core.Await | core.Atomic | core.Choose)
