"""The third opinion: a checked program explored by walking its tree.

Written from the docstrings of `mmscn.check.core` alone: no lowering, no
passes, no reductions, no bits. A state is a value for each cell and local and
a place for each thread (`states.py`); `machine.py` has the steps that are
possible in one, `values.py` what its expressions are worth. The search is
breadth-first over all of them. Slow, and short enough to be believed.
"""

from __future__ import annotations

from attrs import frozen
from support.oracle.machine import Machine
from support.oracle.states import END, Key, Run, State, Unbounded

from mmscn.check import core
from mmscn.check.values import Value
from mmscn.runtime.result import Verdict

NEVER_VACUOUS = ("bug", "rule", "deadlock", "bound")


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


def explore(checked: core.Checked, *, states_max: int) -> OracleResult:
    """All that a checked program can do. Raises Unbounded."""
    try:
        return Oracle(checked).explore(states_max)
    except RecursionError as error:
        raise Unbounded("a choice without a step") from error


class Oracle(Machine):
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

    def awake(self, state: State) -> bool:
        """Whether some thread, daemons aside, has not ended."""
        places = zip(self.threads, state[2], strict=True)
        return any(place != END and not thread.daemon for thread, place in places)


def verdict(info: core.CheckInfo, failed: bool, covered: bool) -> Verdict:
    if info.kind == "reachable":
        return Verdict.HOLDS if failed else Verdict.VIOLATED
    if failed:
        return Verdict.VIOLATED
    return Verdict.HOLDS if covered or info.kind in NEVER_VACUOUS else Verdict.VACUOUS
