"""Fusion once more, with what is known of several variables together.

Before:  8: mapped == 1 -> mapped = 0 goto 9        only what is mapped has references,
         9: refs > 0 -> refs = refs - 1 goto 1      and who has dropped its mapping has one
         agent: mapped == 0 and refs == 0 -> free = true
After:   8: mapped == 1 -> mapped = 0; refs = refs - 1 goto 1

At 9 the agent's step would not commute with the decrement, but there is a
reference left at 9: it is not possible there. `projections` of the program,
as small as may be, are searched for such facts wherever steps that do not
commute are all that keeps a counter; then `fuse` runs with these facts.

A projection knows every reachable state (`together`), so what it excludes never
happens, and the arguments of `fuse` are those of states that do happen:
preserves what `fuse` preserves. Nothing is done where no counter is gained.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from attrs import evolve

from mmscn.budget import poll
from mmscn.lower.ir import Ir, Rule, VarId, variables
from mmscn.lower.passes.facts import Facts, gather_facts, pruned
from mmscn.lower.passes.fuse import Fusion, bits
from mmscn.lower.passes.movers import Step
from mmscn.lower.passes.together import Places, Projection

BUDGET_STATES = 5_000
"""Of all projections of a program together, found or looked for in vain.

Measured in docs/fusion.md, like the three below."""

SAMPLE_STATES = 600
"""Looked at first, to see what is not worth the search."""

PROJECTED_MAX = 9
"""Variables of one projection, counters left out."""

HURDLES_MAX = 40
"""Pairs of steps that keep a counter; where there are more, it is left alone."""

ASKED_IN_VAIN = 5_000
"""Pairs of steps that are looked at; if nothing that was found by then is gained, nothing is. Where
shipped scenarios gain anything, one of the first three that are tried is, and 2 400 pairs are
looked at in all. Two writers on two pages of library code have 114 000, and gain nothing."""

Hurdle = tuple[Step | None, Step]
"""Two steps that do not change places; or one that halts."""


def joint(ir: Ir) -> Ir:
    """The program with fewer places to stop at; the same where nothing more is known."""
    plain, facts = gather_facts(ir)
    search = Search(plain, facts)
    if not search.run():
        return ir
    facts = search.facts_found()
    kept = (pruned(plain, rule, facts.values) for rule in search.possible())
    narrow = plain.having(rules=[rule for rule in kept if rule is not None])
    return Fusion(narrow, facts, search.projections).run()


class Search:
    """Counters that could go, and projections that tell that they can.

    projections: those that have helped. uses: of each step, the variables that a projection
    can keep. writers: of a variable. locking: processes that go on from where they hold a lock.
    asked: the pairs of steps that were looked at.
    """

    def __init__(self, ir: Ir, facts: Facts) -> None:
        self.ir = ir
        self.facts = facts
        self.places = Places(facts)
        self.projections: list[Projection] = []
        self.fusion = Fusion(ir, facts)
        self.budget = BUDGET_STATES
        self.asked = 0
        self.tried: dict[tuple[object, object], Projection | None] = {}
        self.pcs = ir.pcs()
        self.uses = [self.used_by(step) for step in self.fusion.steps]
        self.writers: dict[VarId, set[int]] = {}
        for step in self.fusion.steps:
            for v in step.rule.assigns:
                self.writers.setdefault(v, set()).add(step.rule.process)
        self.locking = {
            process
            for process, held in enumerate(facts.held)
            if any(pc in self.fusion.out[process] for pc in held)
        }

    def run(self) -> bool:
        """Whether any counter could go, or some step pass it by, that could not before."""
        if self.sample.complete:
            return False  # too small to be worth it
        chances = self.chances()
        first = []
        for hurdles in chances:
            first.append(hurdles)
            if self.asked >= ASKED_IN_VAIN:
                break
        gained = self.gained(first)
        if gained or self.asked < ASKED_IN_VAIN:
            gained |= self.gained(chances)
        self.complete()
        return gained

    def gained(self, chances: Iterable[list[Hurdle]]) -> bool:
        """Whether some could be cleared, those first that have least in the way."""
        found = sorted((hurdles for hurdles in chances if hurdles), key=len)
        return any([self.cleared(hurdles) for hurdles in found])

    def complete(self) -> None:
        """Know of threads that are alike what is known of one: add what exchanges make of it."""
        there = {projection.about for projection in self.projections}
        for projection in self.projections:  # which grows
            for exchange in self.ir.exchanges:
                kept, processes = projection.about
                kept = frozenset(exchange.vars.get(v, v) for v in kept)
                processes = frozenset(exchange.processes[n] for n in processes)
                if (kept, processes) in there or self.budget <= 0:
                    continue
                there.add((kept, processes))
                new = self.projected(kept, processes)
                if new is not None:
                    self.projections.append(new)

    @cached_property
    def sample(self) -> Projection:
        """Some of the states, with everything that any projection keeps.

        What cannot be cleared where these alone are possible, no projection clears.
        """
        kept = sorted(set().union(*self.uses))
        processes = [n for n, process in enumerate(self.ir.processes) if process.pc is not None]
        return Projection(self.ir, self.places, kept, processes, states_max=SAMPLE_STATES)

    # ---- what is in the way ---------------------------------------------------

    def chances(self) -> Iterator[list[Hurdle]]:
        """What would have to be cleared for each that may be gained; of one that may not, nothing.

        The steps out of a counter are to move left, or else some step into it right.
        """
        fusion = self.fusion
        for process, by_counter in enumerate(fusion.into):
            for pc, into in sorted(by_counter.items()):
                out = fusion.out[process].get(pc, [])
                resting = pc in self.ir.processes[process].rest
                if not out or resting or not fusion.restless(process, pc):
                    continue
                behind = self.hurdles(hurdle for step in out for hurdle in self.left(step))
                if behind is not None:
                    yield behind
                    continue
                for step in into:
                    yield self.hurdles(self.right(step)) or []

    def hurdles(self, pairs: Iterable[Hurdle]) -> list[Hurdle] | None:
        """Those of some pairs that are in the way; None where that is for good, or too much."""
        found: list[Hurdle] = []
        for first, second in pairs:
            self.asked += 1
            if first is not None and self.fusion.movers.swaps(first, second):
                continue
            if len(found) == HURDLES_MAX or not self.is_clear(first, second, [self.sample]):
                return None
            found.append((first, second))
        return found

    def left(self, step: Step) -> Iterator[Hurdle]:
        """What a step would have to change places with, to move left."""
        if step.rule.halts:
            yield None, step
        else:
            yield from ((other, step) for other in self.fusion.others(step, 0))

    def right(self, step: Step) -> Iterator[Hurdle]:
        if not step.rule.halts:
            yield from ((step, other) for other in self.fusion.others(step, 0))

    # ---- clearing it ----------------------------------------------------------

    def cleared(self, hurdles: list[Hurdle]) -> bool:
        """Whether all of it is out of the way, with projections made for it."""
        before = len(self.projections)
        if all(self.cleared_one(*hurdle) for hurdle in hurdles):
            return True
        del self.projections[before:]
        return False

    def cleared_one(self, first: Step | None, second: Step) -> bool:
        if self.is_clear(first, second, self.projections):
            return True
        for v in self.contested(first, second):
            projection = self.projection(v, first, second)
            if projection is not None and self.is_clear(first, second, [projection]):
                self.projections.append(projection)
                return True
        return False

    def is_clear(self, first: Step | None, second: Step, projections: list[Projection]) -> bool:
        poll()
        if first is None:
            return any(not p.before(second.rule) for p in projections)
        movers = self.fusion.movers
        movers.projections = projections
        clear = movers.swaps(first, second)
        movers.projections = []
        return clear

    def contested(self, first: Step | None, second: Step) -> list[VarId]:
        """The variables that two steps disagree about; none where one is a version."""
        if first is None:
            found = [v for v in second.rule.guard if v not in self.pcs]
        else:
            both = first.writes & second.touches | first.touches & second.writes
            found = [v for v in bits(both) if v not in self.pcs]
        return [] if any(self.ir.vars[v].version for v in found) else found

    # ---- projections ----------------------------------------------------------

    def projection(self, v: VarId, first: Step | None, second: Step) -> Projection | None:
        """One with a variable in it; None where that is too large."""
        kept = self.company(v)
        processes = {step.rule.process for step in (first, second) if step is not None}
        for u in kept:
            processes.update(self.writers.get(u, set()) & self.locking)
        processes = {p for p in processes if self.ir.processes[p].pc is not None}
        kept |= {u for u in self.with_it[v] if self.ir.vars[u].thread in processes & self.locking}
        if len(kept) > PROJECTED_MAX or self.budget <= 0:
            return None
        return self.projected(frozenset(kept), frozenset(processes))

    def projected(self, kept: frozenset[VarId], processes: frozenset[int]) -> Projection | None:
        """The projection to some variables and processes; None where it is too large."""
        if (kept, processes) not in self.tried:
            new = Projection(
                self.ir, self.places, sorted(kept), sorted(processes), states_max=self.budget
            )
            self.budget -= new.size
            self.tried[kept, processes] = new if new.complete else None
        return self.tried[kept, processes]

    def company(self, v: VarId) -> set[VarId]:
        """A variable, those that several processes use together with it, and those that
        a process of one place asks for, too, when it uses the variable.

        Not the locks: facts tell who has them.
        """
        asked = {v}
        for step, used in zip(self.fusion.steps, self.uses, strict=True):
            if v in used and len(self.fusion.out[step.rule.process]) <= 1:
                asked.update(u for u in step.rule.guard if u in used)
        asked.update(u for u, users in self.with_it[v].items() if len(users) > 1)
        return asked - self.facts.locks | {v}

    @cached_property
    def with_it(self) -> dict[VarId, dict[VarId, set[int]]]:
        """For two variables, the processes that use both in one rule."""
        found: dict[VarId, dict[VarId, set[int]]] = {}
        for step, used in zip(self.fusion.steps, self.uses, strict=True):
            for v in used:
                for u in used:
                    found.setdefault(v, {}).setdefault(u, set()).add(step.rule.process)
        return found

    def used_by(self, step: Step) -> set[VarId]:
        """The variables of a rule that a projection can keep."""
        rule = step.rule
        used = {*rule.guard, *rule.assigns}
        for literal in rule.literals:
            used.update(variables(literal))
        for term in rule.assigns.values():
            used.update(variables(term))
        return {
            v
            for v in used
            if v not in self.pcs and v not in self.ir.constants and not self.ir.vars[v].version
        }

    # ---- what is known then ---------------------------------------------------

    def possible(self) -> list[Rule]:
        """The rules that may fire somewhere."""
        return [r for r in self.ir.rules if all(p.before(r) for p in self.projections)]

    def facts_found(self) -> Facts:
        """With the values that the projections leave at each counter."""
        values = [{pc: dict(here) for pc, here in places.items()} for places in self.facts.values]
        for projection in self.projections:
            for process, pc, narrower in projection.by_counter():
                here = values[process].setdefault(pc, {})
                for v, xs in narrower.items():
                    here[v] = here[v] & xs if v in here else xs
        return evolve(self.facts, values=values)
