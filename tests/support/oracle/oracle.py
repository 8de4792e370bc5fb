"""The third opinion: a checked program explored by walking its tree.

Written from the docstrings of `mmscn.check.core` alone: no lowering, no
passes, no reductions, no bits. A state is a value for each cell and local and
a place for each thread; the search is breadth-first over all of them. Slow,
and short enough to be believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TypeAlias

from attrs import define, frozen

from mmscn.check import core
from mmscn.check.values import Value
from mmscn.runtime.result import Verdict

Place: TypeAlias = tuple[tuple[core.Block, int], ...]
"""Where a thread stands: (block, next statement) from the outermost in; () is the end."""
Key: TypeAlias = tuple[str, tuple[Value, ...]]
"""A cell: family and index."""
State: TypeAlias = tuple[tuple[Value, ...], tuple[Value, ...], tuple[Place, ...]]
"""The values of the cells and of the locals, and the places of the threads."""

END: Place = ()
WAITING: Place = ((core.Block(statements=()), -1),)
"""Not begun: the way to the first step is gone together with that step."""

SILENT_MAX = 5_000
NEVER_VACUOUS = ("bug", "rule", "deadlock", "bound")


class Unbounded(Exception):
    """There are more states than was allowed, or a loop does not come to a step."""


class Blocked(Exception):
    """An await whose condition is false: this way cannot be gone."""


class ModelError(Exception):
    """`none` has no state, or a value is outside its target's domain."""


@frozen(kw_only=True)
class OracleResult:
    """verdicts, lengths: by check; a length is that of the shortest trace to a violation
    (for `reachable`, to the witness). final: the cells of each quiescent state.
    """

    verdicts: tuple[Verdict, ...]
    lengths: tuple[int | None, ...]
    states: int
    transitions: int
    distinct: int
    depth: int
    final: tuple[dict[Key, Value], ...]


@define
class Run:
    """A state that a step is changing. breaks, covers: checks, by the way so far.

    versions: how many the step has made.
    """

    cells: dict[Key, Value]
    locals: dict[int, Value]
    places: list[Place]
    breaks: frozenset[int] = frozenset()
    covers: frozenset[int] = frozenset()
    halted: bool = False
    versions: int = 0

    def copy(self) -> Run:
        state = dict(self.cells), dict(self.locals), list(self.places)
        return Run(*state, self.breaks, self.covers, self.halted, self.versions)


def explore(checked: core.Checked, *, states_max: int) -> OracleResult:
    """All that a checked program can do. Raises Unbounded."""
    try:
        return Oracle(checked).explore(states_max)
    except RecursionError as error:
        raise Unbounded("a choice without a step") from error


class Oracle:
    def __init__(self, checked: core.Checked) -> None:
        self.checked = checked
        self.threads = checked.threads
        families = checked.families
        self.keys = [(f, i) for f in families for i in product(*families[f].indices)]
        self.unset = {n: first_value(local) for n, local in enumerate(checked.locals)}
        self.heads = [self.heads_of(n) for n in range(len(self.threads))]

    # ---- the search ---------------------------------------------------------

    def explore(self, states_max: int) -> OracleResult:
        start = self.initial()
        depth_of = {start: 0}
        lengths: dict[int, int] = {}
        covered: set[int] = set()
        moving: set[State] = set()
        by_agents: dict[State, list[State]] = {}
        final = []
        transitions = distinct = 0
        todo = [start]
        for state in todo:
            depth, run = depth_of[state], self.run_of(state)
            if self.quiet(run):
                final.append(run.cells)
            self.judge(run, depth, lengths, covered)
            ways: set[object] = set()
            for thread, after in self.steps(state):
                transitions += 1
                covered |= after.covers
                for check in after.breaks:
                    lengths.setdefault(check, depth + 1)
                new = state if after.halted else self.state_of(after)
                ways.add((thread, new, after.halted, after.covers, after.breaks))
                if thread and (new != state or after.halted):
                    moving.add(state)
                if not thread:
                    by_agents.setdefault(new, []).append(state)
                if new not in depth_of:
                    if len(depth_of) >= states_max:
                        raise Unbounded(f"more than {states_max} states")
                    depth_of[new] = depth + 1
                    todo.append(new)
            distinct += len(ways)
        alive = list(moving)
        for state in alive:
            for before in by_agents.get(state, ()):
                if before not in moving:
                    moving.add(before)
                    alive.append(before)
        for state in todo:
            if self.awake(state) and state not in moving:
                lengths.setdefault(core.DEADLOCK, depth_of[state])
        checks = enumerate(self.checked.checks)
        verdicts = [verdict(check, n in lengths, n in covered) for n, check in checks]
        return OracleResult(
            verdicts=tuple(verdicts),
            lengths=tuple(lengths.get(n) for n in range(len(verdicts))),
            states=len(todo),
            transitions=transitions,
            distinct=distinct,
            depth=max(depth_of.values()),
            final=tuple(final),
        )

    def judge(self, run: Run, depth: int, lengths: dict[int, int], covered: set[int]) -> None:
        for n, info in enumerate(self.checked.checks):
            if info.condition is None or info.covered is None:
                continue
            if info.kind == "finally" and not self.quiet(run):
                continue
            if self.holds(run, info.condition) is (info.kind == "reachable"):
                lengths.setdefault(n, depth)
            if self.holds(run, info.covered):
                covered.add(n)

    def holds(self, run: Run, condition: core.Expr) -> bool:
        """Whether a state fulfils a condition; one without a value is not fulfilled."""
        try:
            return bool(self.value(run, condition))
        except ModelError:
            return False

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
        return Run(dict(zip(self.keys, cells, strict=True)), dict(enumerate(locals_)), list(places))

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
                for n, v in enumerate(self.checked.locals)]  # fmt: skip
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

    def at_rest(self, run: Run, n: int) -> bool:
        return run.places[n] in self.heads[n]

    def awake(self, state: State) -> bool:
        """Whether some thread, daemons aside, has not ended."""
        places = zip(self.threads, state[2], strict=True)
        return any(place != END and not thread.daemon for thread, place in places)

    def quiet(self, run: Run) -> bool:
        return self.holds(run, core.Quiet())

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

    def assign(self, run: Run, targets: tuple[core.Expr, ...], values: list[Value]) -> None:
        keys = [self.key(run, t) if isinstance(t, core.Cell) else None for t in targets]
        for target, key, value in zip(targets, keys, values, strict=True):
            if key is not None:
                family = self.checked.families[key[0]]
                if family.ghost and type(value) is int and not family.version:
                    value = nearest(value, family.domain)
                within(value, family.domain, family.version)
                run.cells[key] = value
            else:
                assert isinstance(target, core.Local)
                local = self.checked.locals[target.number]
                within(value, local.domain, local.version)
                run.locals[target.number] = value

    # ---- expressions --------------------------------------------------------

    def key(self, run: Run, cell: core.Cell) -> Key:
        key = cell.family, tuple(self.value(run, i) for i in cell.index)
        if key not in run.cells:
            raise ModelError(key)
        return key

    def value(self, run: Run, e: core.Expr) -> Value:
        match e:
            case core.Const(value):
                return value
            case core.Cell():
                return run.cells[self.key(run, e)]
            case core.Local(number):
                return run.locals[number]
            case core.Fresh():
                run.versions += 1
                return self.fresh(run)
            case core.Undefined():
                raise ModelError(e)
            case core.Ended(thread):
                return self.at_rest(run, thread)
            case core.Quiet():
                rest = all(self.at_rest(run, n) for n in range(len(self.threads)))
                return rest and not any(self.value(run, busy) for busy in self.checked.busy)
            case core.Apply("and", (a, b)):
                return self.value(run, a) and self.value(run, b)
            case core.Apply("or", (a, b)):
                return self.value(run, a) or self.value(run, b)
            case core.Apply("implies", (a, b)):
                return not self.value(run, a) or self.value(run, b)
            case core.Apply("ite", (c, a, b)):
                return self.value(run, a if self.value(run, c) else b)
            case core.Apply("holds", (a,)):
                try:
                    return self.value(run, a)
                except ModelError:
                    return False
            case core.Apply("not", (a,)):
                return not self.value(run, a)
            case core.Apply(op, (a, b)):
                return applied(op, self.value(run, a), self.value(run, b))
        raise AssertionError(e)

    def fresh(self, run: Run) -> int:
        """A version that nothing holds: one more than the largest."""
        largest = self.checked.named_versions - 1
        for (family, _), value in run.cells.items():
            if self.checked.families[family].version and isinstance(value, int):
                largest = max(largest, value)
        for n, value in run.locals.items():
            if self.checked.locals[n].version and isinstance(value, int):
                largest = max(largest, value)
        return largest + 1


def applied(op: str, a: Value, b: Value) -> Value:
    if op in ("==", "!="):
        same = a == b and type(a) is type(b)
        return same if op == "==" else not same
    assert type(a) is int
    assert type(b) is int
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "+": a + b, "-": a - b}[op]


def nearest(value: int, domain: tuple[Value, ...]) -> Value:
    numbers = [v for v in domain if type(v) is int]
    return min(max(value, min(numbers)), max(numbers))


def within(value: Value, domain: tuple[Value, ...], version: bool) -> None:
    if not version and not any(applied("==", value, v) for v in domain):
        raise ModelError(value)


def first_value(local: core.LocalVar) -> Value:
    """What a local is before anything is assigned to it: none, or 0, or the first of its type."""
    if None in local.domain:
        return None
    return next((v for v in local.domain if type(v) is int and v == 0), local.domain[0])


def is_step(s: core.Stmt) -> bool:
    """Whether a statement takes time: it looks at a shared cell or changes one, or waits."""
    match s:
        case core.Assign(targets=targets, values=values, ghost=ghost):
            return not ghost and any(looks(e) for e in (*targets, *values))
        case core.If(condition=condition) | core.Assert(condition=condition):
            return looks(condition)
    return isinstance(s, core.Await | core.Atomic | core.Choose)


def makes_version(e: core.Stmt | core.Expr) -> bool:
    match e:
        case core.Assign(values=parts) | core.Apply(args=parts):
            return any(makes_version(p) for p in parts)
    return isinstance(e, core.Fresh)


def looks(e: core.Expr) -> bool:
    if isinstance(e, core.Apply):
        return any(looks(a) for a in e.args)
    return isinstance(e, core.Cell | core.Ended | core.Quiet)


def advance(run: Run, n: int) -> None:
    block, i = run.places[n][-1]
    run.places[n] = (*run.places[n][:-1], (block, i + 1))


def enter(run: Run, n: int, block: core.Block) -> None:
    """Go into a block that belongs to the statement that the thread stands before."""
    advance(run, n)
    run.places[n] = (*run.places[n], (block, 0))


def jump(run: Run, n: int, label: int) -> None:
    """To a label of the innermost block around that has it."""
    place = run.places[n]
    while place:
        block, _ = place[-1]
        for i, s in enumerate(block.statements):
            if isinstance(s, core.Label) and s.number == label:
                run.places[n] = (*place[:-1], (block, i + 1))
                return
        place = place[:-1]
    raise AssertionError(f"no label {label} around the goto")


def verdict(info: core.CheckInfo, failed: bool, covered: bool) -> Verdict:
    if info.kind == "reachable":
        return Verdict.HOLDS if failed else Verdict.VIOLATED
    if failed:
        return Verdict.VIOLATED
    return Verdict.HOLDS if covered or info.kind in NEVER_VACUOUS else Verdict.VACUOUS
