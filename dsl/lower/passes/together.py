"""What a few variables can be together, while a few processes stand where.

A *projection* forgets all but some variables and some program counters: a rule
is possible where what is kept of its guard holds, and a variable that it sets
to something that depends on what is forgotten gets every value. So every
reachable state of the program is, projected, one that a search of the
projection finds; what is not found there, the program cannot reach. States
behind a rule that halts are among those found, and not gone on from.

Kept values that `facts` excludes at a kept counter are excluded here, too, and
so are two counters at which the same lock is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import TypeAlias

from mmscn.budget import poll
from mmscn.check.values import Value
from mmscn.lower.ir import Guard, Ir, Rule, Term, VarId, value_of, variables
from mmscn.lower.passes.facts import Facts

STATES_MAX = 1_000
"""Of one projection; 13 of the shipped scenarios have one that would be larger. Measured in
docs/fusion.md, like the one below."""

FORKS_MAX = 16
"""Values that one rule may leave behind where they depend on what is forgotten."""

Fire = Callable[[int], list[int]]
"""The states that a rule leads to from one in which it is possible."""
Way: TypeAlias = tuple[int, Fire, bool]
"""The bits of the states in which a rule is not possible, what it does, and whether it halts."""


class Places:
    """Which counters exclude each other, and which exclude that a rule fires."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.by_place: dict[tuple[int, int, int], list[int]] = {}
        self.by_rule: dict[tuple[int, int], tuple[Rule, list[int]]] = {}

    def of_rule(self, rule: Rule, process: int) -> list[int]:
        """The counters of a process at which the rule of another has no chance."""
        key = (id(rule), process)
        if key not in self.by_rule:
            self.by_rule[key] = (rule, self.without(rule.guard, process))
        return self.by_rule[key][1]

    def of_place(self, process: int, at: int, other: int) -> list[int]:
        """The counters of another process that it is not at, then."""
        key = (process, at, other)
        if key not in self.by_place:
            found = self.without(self.facts.values[process].get(at, {}), other)
            held = self.facts.held[process].get(at, 0)
            found += [pc for pc, locks in self.facts.held[other].items() if locks & held]
            self.by_place[key] = sorted(set(found))
        return self.by_place[key]

    def without(self, guard: Guard, process: int) -> list[int]:
        return [
            pc
            for pc, here in self.facts.values[process].items()
            if any(here[v].isdisjoint(guard[v]) for v in here.keys() & guard.keys())
        ]


class Projection:
    """A program seen through some variables and the counters of some processes.

    A state is a set of bits, one for each kept variable: that of its value.
    found: all that are reachable, if it is complete.
    """

    def __init__(
        self,
        ir: Ir,
        places: Places,
        kept: Iterable[VarId],
        processes: Iterable[int],
        *,
        states_max: int = STATES_MAX,
    ) -> None:
        self.ir = ir
        self.facts = places.facts
        self.places_against = places
        self.places: dict[VarId, int] = {}
        self.bit: dict[VarId, dict[Value, int]] = {}
        self.field: dict[VarId, int] = {}
        self.value: dict[int, tuple[VarId, Value]] = {}
        free = 0
        for process in processes:
            pc = ir.processes[process].pc
            assert pc is not None
            self.places[pc] = process
        for v in (*self.places, *kept):
            self.bit[v] = {x: 1 << free + n for n, x in enumerate(ir.vars[v].domain)}
            self.field[v] = sum(self.bit[v].values())
            self.value |= {bit: (v, x) for x, bit in self.bit[v].items()}
            free += len(self.bit[v])
        self.excluding: dict[tuple[int, int], int] = {}
        self.complete = True
        self.states = self.search(min(states_max, STATES_MAX))
        self.having: dict[int, int] = {}
        self.rule_before: dict[int, tuple[Rule, int]] = {}

    # ---- the search ---------------------------------------------------------

    def search(self, states_max: int) -> list[int]:
        at_place: dict[int, list[Way]] = {}
        anywhere: list[Way] = []
        for rule in self.ir.rules:
            fire = self.fire(rule)
            if fire is None:
                continue
            way = (self.against(rule), fire, rule.halts)
            pc = self.ir.processes[rule.process].pc
            if pc in self.places:
                assert pc is not None
                at_place.setdefault(self.bit[pc][rule.at], []).append(way)
            else:
                anywhere.append(way)
        counters = [self.field[pc] for pc in self.places]
        every_counter = sum(counters)
        excluded: dict[int, int] = {}
        seen = dict.fromkeys(
            sum(self.bit[v][values[v]] for v in self.bit) for values in self.ir.initial
        )
        halted: dict[int, None] = {}
        todo = list(seen)
        draw = 1
        while todo:
            poll()
            # Mostly deeper, and at times from anywhere: the first states are to be a fair sample.
            draw = draw * 1_103_515_245 + 12_345 & 0x7FFF_FFFF
            if not draw >> 16 & 3:
                at = (draw >> 18) % len(todo)
                todo[at], todo[-1] = todo[-1], todo[at]
            state = todo.pop()
            for ways in (anywhere, *(at_place.get(state & field, ()) for field in counters)):
                for against, fire, halts in ways:
                    if state & against:
                        continue
                    for new in fire(state):
                        if new in seen:
                            continue
                        if halts:
                            halted[new] = None
                            continue
                        here = new & every_counter
                        if here not in excluded:
                            excluded[here] = self.excluded(here)
                        if not new & excluded[here]:
                            seen[new] = None
                            todo.append(new)
            if len(seen) + len(halted) > states_max:
                self.complete = False
                break
        return list(seen | halted)

    def against(self, rule: Rule) -> int:
        """The bits of a state in which the rule is not possible."""
        found = self.unlike(rule.guard) | self.excluded_at(rule.process, rule.at)
        pc = self.ir.processes[rule.process].pc
        if pc in self.places:
            assert pc is not None
            found |= self.field[pc] & ~self.bit[pc][rule.at]
        for place in self.places.values():
            if place != rule.process:
                found |= self.bits_at(place, self.places_against.of_rule(rule, place))
        return found

    def bits_at(self, process: int, counters: Iterable[int]) -> int:
        pc = self.ir.processes[process].pc
        assert pc is not None
        return sum(self.bit[pc][at] for at in counters)

    def unlike(self, guard: Guard) -> int:
        """The bits of the values that some variables may not have."""
        found = 0
        for v in guard.keys() & self.bit.keys():
            found |= sum(bit for x, bit in self.bit[v].items() if x not in guard[v])
        return found

    def excluded(self, state: int) -> int:
        """The bits that no state with the counters of this one has."""
        found = 0
        for pc, process in self.places.items():
            _, at = self.value[state & self.field[pc]]
            assert isinstance(at, int)
            found |= self.excluded_at(process, at)
        return found

    def excluded_at(self, process: int, at: int | None) -> int:
        """The counters of others that a process at one cannot be found with, and the values."""
        if at is None:
            return 0
        if (process, at) not in self.excluding:
            found = self.unlike(self.facts.values[process].get(at, {}))
            for other in self.places.values():
                if other != process:
                    found |= self.bits_at(other, self.places_against.of_place(process, at, other))
            self.excluding[process, at] = found
        return self.excluding[process, at]

    def fire(self, rule: Rule) -> Fire | None:
        """What a rule does to what is kept; None where that is nothing."""
        clear = put = 0
        tables: list[tuple[int, dict[int, int]]] = []
        forks: list[list[int]] = []
        assigns: dict[VarId, Term] = {v: t for v, t in rule.assigns.items() if v in self.bit}
        pc = self.ir.processes[rule.process].pc
        if pc in self.places and rule.to != rule.at:
            assert pc is not None
            assigns[pc] = ("c", rule.to)
        for v, term in assigns.items():
            clear |= self.field[v]
            names = set(variables(term))
            if term[0] == "c" and term[1] in self.bit[v]:
                put |= self.bit[v][term[1]]
            elif len(names) == 1 and names <= self.bit.keys():
                (name,) = names
                table = {}
                for x, bit in self.bit[name].items():
                    table[bit] = self.bit[v].get(value_of(term, {name: x}), 0)
                tables.append((self.field[name], table))
            else:
                forks.append(list(self.bit[v].values()))
        if not clear:
            return None
        keep = ~clear
        if not tables and not forks:
            return lambda state: [state & keep | put]
        if not forks and len(tables) == 1:
            ((mask, table),) = tables
            return lambda state: [state & keep | put | y] if (y := table[state & mask]) else []

        def fire(state: int) -> list[int]:
            after = state & keep | put
            for mask, table in tables:
                y = table[state & mask]
                if not y:
                    return []  # no value of the variable: the rule is not possible
                after |= y
            return [after | sum(chosen) for chosen in product(*forks)]

        return fire

    # ---- questions ------------------------------------------------------------

    @property
    def about(self) -> tuple[frozenset[VarId], frozenset[int]]:
        """The variables that are kept, counters left out, and the processes."""
        return frozenset(self.bit.keys() - self.places.keys()), frozenset(self.places.values())

    @property
    def size(self) -> int:
        return len(self.states)

    def by_counter(self) -> Iterator[tuple[int, int, Guard]]:
        """At each counter of a kept process, the values that are fewer than there are."""
        for pc, process in self.places.items():
            for at in self.bit[pc]:
                assert isinstance(at, int)
                states = self.states_in(pc, (at,))
                if states:
                    here = {v: self.values(v, states) for v in self.bit if v not in self.places}
                    fewer = {v: xs for v, xs in here.items() if len(xs) < len(self.bit[v])}
                    yield process, at, fewer

    def states_with(self, bit: int) -> int:
        """The states that have a bit, as a set of bits by their numbers."""
        known = self.having.get(bit)
        if known is None:
            shown = "".join(["1" if state & bit else "0" for state in reversed(self.states)])
            known = self.having[bit] = int(shown or "0", 2)
        return known

    def states_in(self, v: VarId, allowed: Iterable[Value]) -> int:
        found = 0
        for x in allowed:
            if x in self.bit[v]:
                found |= self.states_with(self.bit[v][x])
        return found

    def every(self) -> int:
        return (1 << len(self.states)) - 1

    def before(self, rule: Rule) -> int:
        """The states in which the rule may be possible."""
        known = self.rule_before.get(id(rule))
        if known is not None:
            return known[1]
        against = self.against(rule)
        found = self.every()
        while against:
            lowest = against & -against
            found &= ~self.states_with(lowest)
            against ^= lowest
        self.rule_before[id(rule)] = (rule, found)
        return found

    def before_both(self, first: Rule, second: Rule) -> int:
        """The states in which one may be possible, and then the other, of another process."""
        moved = self.ir.processes[first.process].pc
        found = self.before(first) & self.standing(second)
        for v, allowed in second.guard.items():
            if v == moved:
                # The counter is where the first rule has put it, not where it was.
                if first.to not in allowed:
                    return 0
                continue
            if v not in self.bit:
                continue
            term = first.assigns.get(v)
            if term is None:
                found &= self.states_in(v, allowed)
            elif set(variables(term)) == {v}:
                found &= self.states_in(
                    v, [x for x in self.bit[v] if value_of(term, {v: x}) in allowed]
                )
        return found

    def standing(self, rule: Rule) -> int:
        """The states in which the rule's process may stand before it."""
        pc = self.ir.processes[rule.process].pc
        if pc not in self.places:
            return self.every()
        assert pc is not None
        return self.states_in(pc, (rule.at,))

    def values(self, v: VarId, states: int) -> frozenset[Value]:
        return frozenset(x for x, bit in self.bit[v].items() if states & self.states_with(bit))
