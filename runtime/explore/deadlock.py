"""Which states no thread or daemon can ever leave again."""

from __future__ import annotations

from mmscn.runtime.explore.packed import Layout, Pattern
from mmscn.runtime.explore.successors import Plan, Plans

REMEMBERED_MAX = 1 << 20
"""Of the states that are known to be alive, and of the dead ones."""


class Deadlocks:
    """Answers that hold for one program.

    A state is dead when some thread is not at rest and no thread or daemon
    moves on in it, nor in any state that agents alone can bring about. A rule
    that leads back to its own state, up to a renaming of versions, does not move
    on; one that halts does. Two daemons that keep each other busy for ever hide a
    deadlock. States that are equal up to a renaming are asked once: numbers are
    only short where more contents than fit are kept at once.
    """

    def __init__(self, layout: Layout) -> None:
        self._plans = Plans(layout, lambda rule_id: None)
        self._pattern = Pattern(layout)
        self._alive: set[int] = set()
        self._dead: set[int] = set()

    def is_dead(self, state: int) -> bool:
        """Whether a state, versions canonical, is a deadlock. Raises VersionOverflow."""
        if not self._plan(state).awake:
            return False
        state = self._pattern.of(state)
        if max(len(self._alive), len(self._dead)) > REMEMBERED_MAX:
            self._alive, self._dead = set(), set()
        came_from: dict[int, int | None] = {state: None}
        todo = [state]
        while todo:
            here = todo.pop()
            if here in self._dead:
                continue
            plan = self._plan(here)
            if here in self._alive or self._moves_on(plan, here):
                back: int | None = here
                while back is not None:
                    self._alive.add(back)
                    back = came_from[back]
                return False
            for seen, flips in plan.agents:
                for flip in flips[here & seen]:
                    new = self._pattern.of(here ^ flip)
                    if new not in came_from:
                        came_from[new] = here
                        todo.append(new)
        self._dead.update(came_from)
        return True

    def _plan(self, state: int) -> Plan:
        return self._plans[state & self._plans.pcs]

    def _moves_on(self, plan: Plan, state: int) -> bool:
        same = self._pattern.same
        return any(
            not same(state, state ^ flip)
            for seen, flips in plan.movers
            for flip in flips[state & seen]
        ) or any(moves and flips[state & seen] for seen, flips, moves in plan.halts)
