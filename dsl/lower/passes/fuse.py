"""Fusion: what no other process can tell apart from one step becomes one step.

Before:  3: owner == none -> owner = me goto 4
         4: true -> x = 1 goto 5
         5: true -> owner = none goto 6
After:   3: owner == none -> x = 1 goto 6

A program counter is taken out of the program by composing every rule into it with every
rule out of it, where those before it move right or those behind it left (`movers`), no
check needs the states between, and what may be blocked is kept. Places that `alike` found to be
images of one another go together or not at all.

The whole argument, what it preserves and what it does not, its lemmas with the test of each, and
its sources stand in docs/fusion.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mmscn.budget import poll
from mmscn.lower.conjunctions import outside
from mmscn.lower.ir import Condition, Guard, Ir, Rule, reads_of, variables
from mmscn.lower.passes.alike import orbits
from mmscn.lower.passes.compose import TooLarge, composed
from mmscn.lower.passes.facts import Facts, Place, gather_facts
from mmscn.lower.passes.movers import Movers, Step
from mmscn.lower.passes.seen import keeps, written
from mmscn.lower.passes.still import changes
from mmscn.lower.passes.together import Projection
from mmscn.runtime.bytecode import CheckKind, ProcessKind

PIECES_MAX = 4
"""Rules that a blocked step may be kept as. Measured in docs/fusion.md, like the two below."""

SPLIT_MAX = 16
"""Pieces that the states behind a step are taken into, to see where it is blocked."""

GROWTH = 1.2
"""Times the number of rules of the program, that fusion may make of them."""


def fuse(ir: Ir) -> Ir:
    """The program with fewer places to stop at."""
    ir, facts = gather_facts(ir)
    return Fusion(ir, facts).run()


class Chance(NamedTuple):
    """extended: steps, and the rules that take their place. over: steps that go altogether."""

    extended: list[tuple[Step, list[Rule]]]
    over: list[Step]

    @property
    def shape(self) -> tuple[object, ...]:
        """What is the same for a chance that is alike."""
        return sorted(len(new) for _, new in self.extended), len(self.over)


class Fusion:
    """steps: all that were ever made, in order; `alive` are those of the program."""

    def __init__(self, ir: Ir, facts: Facts, projections: Sequence[Projection] = ()) -> None:
        self.ir = ir
        self.facts = facts
        self.movers = Movers(ir, facts, projections)
        self.steps: list[Step] = []
        self.into: list[dict[int, list[Step]]] = [{} for _ in ir.processes]
        self.out: list[dict[int, list[Step]]] = [{} for _ in ir.processes]
        self.touching = [0] * len(ir.vars)
        self.writing = [0] * len(ir.vars)
        self.foreign = [0] * len(ir.processes)
        self.count = 0
        for rule in ir.rules:
            self.add(rule, frozenset())
        self.count_max = int(GROWTH * self.count) + 12
        self.mortal = any(p.kind is ProcessKind.THREAD for p in ir.processes)
        self.loud_halts = False
        self.initial = [
            {values[p.pc] for values in ir.initial} if p.pc is not None else set()
            for p in ir.processes
        ]
        self.looks = self.looked_at()

    def add(self, rule: Rule, through: frozenset[int]) -> Step:
        index = len(self.steps)
        step = Step(rule, self.ir.processes[rule.process].pc, index, through=through)
        self.steps.append(step)
        self.count += 1
        for v in bits(step.touches):
            self.touching[v] |= 1 << index
        for v in bits(step.writes):
            self.writing[v] |= 1 << index
        for process in range(len(self.foreign)):
            if process != rule.process:
                self.foreign[process] |= 1 << index
        if rule.at is not None:
            self.out[rule.process].setdefault(rule.at, []).append(step)
            if rule.to is not None and not rule.halts and rule.to != rule.at:
                self.into[rule.process].setdefault(rule.to, []).append(step)
        return step

    def remove(self, step: Step) -> None:
        step.alive = False
        gone = ~(1 << step.index)
        self.foreign = [steps & gone for steps in self.foreign]
        self.count -= 1

    def looked_at(self) -> list[tuple[int, Condition]]:
        """What checks look at in every state, with the variables as a set of bits."""
        found: list[tuple[int, Condition]] = []
        for check in self.ir.checks:
            if check.kind in (CheckKind.ALWAYS, CheckKind.REACHABLE):
                for condition in (*check.bad, *check.covered):
                    found.append((sum(1 << v for v in reads_of(condition)), condition))
        return found

    # ---- the pass -----------------------------------------------------------

    def run(self) -> Ir:
        """First what takes a counter away, then what passes it by, then what may be blocked."""
        alike = orbits(self.ir)
        for partly, blocking in ((False, False), (True, False), (True, True)):
            changed = True
            while changed:
                changed = False
                for process in range(len(self.ir.processes)):
                    for pc in sorted(self.into[process]):
                        places = alike.get((process, pc), [(process, pc)])
                        first = places[0] == (process, pc)
                        if first and self.skip(places, partly=partly, blocking=blocking):
                            changed = True
        alive = [step.rule for step in self.steps if step.alive]
        return self.ir.having(rules=sorted(alive, key=lambda rule: rule.process))

    def skip(self, places: list[Place], *, partly: bool, blocking: bool) -> bool:
        """Go on at some places that are alike, at all or at none; whether anything changed.

        partly: even if a counter stays because not every rule into it can go on. Each place is
        judged in the program that the ones before it have left. Where one of them may no
        longer go, what was done is taken back: those that were removed come again,
        as new steps, so that what is known of the others' moves stays true.
        """
        chances = [self.chance(*place, partly=partly, blocking=blocking) for place in places]
        if None in chances:
            return False
        before = self.loud_halts
        gone: list[Step] = []
        come: list[Step] = []
        shape = None
        for place, chance in zip(places, chances, strict=True):
            found = self.chance(*place, partly=partly, blocking=blocking) if gone else chance
            if found is None or shape not in (None, found.shape):
                for step in come:
                    self.remove(step)
                for step in gone:
                    self.add(step.rule, step.through)
                self.loud_halts = before
                return False
            shape = found.shape
            self.go(place[1], found, gone, come)
        return True

    def go(self, pc: int, chance: Chance, gone: list[Step], come: list[Step]) -> None:
        """Do it; what goes, and what comes of it."""
        for step, new in chance.extended:
            self.take(step, gone, come)
            for rule in new:
                come.append(self.add(rule, step.through | {pc}))
                self.loud_halts |= rule.halts and bool(rule.assigns)
        for step in chance.over:
            self.take(step, gone, come)

    def take(self, step: Step, gone: list[Step], come: list[Step]) -> None:
        """Remove a step; one that has only come here is not to come again."""
        self.remove(step)
        if step in come:
            come.remove(step)
        else:
            gone.append(step)

    def chance(self, process: int, pc: int, *, partly: bool, blocking: bool) -> Chance | None:
        """What going on at a program counter would change; None if it may not."""
        poll()
        into = [s for s in self.into[process].get(pc, ()) if s.alive]
        out = [s for s in self.out[process].get(pc, ()) if s.alive]
        if not into or not out or pc in self.ir.processes[process].rest:
            return None
        if not self.restless(process, pc):
            return None
        extended: list[tuple[Step, list[Rule]]] = []
        gone = pc not in self.initial[process] and all(s.rule.halts or s.rule.to != pc for s in out)
        room = self.count_max - self.count
        for step in into:
            new = None
            if pc not in step.through:
                new = self.extended(step, out, blocking=blocking)
            if new is not None and len(new) <= room:
                room -= len(new) - 1
                extended.append((step, new))
                gone &= all(rule.to != pc or rule.halts for rule in new)
            else:
                gone = False
                if not partly:
                    return None
        if not extended or not (gone or partly):
            return None
        return Chance(extended, out if gone else [])

    def restless(self, process: int, pc: int) -> bool:
        """Whether no state with the process there is quiescent."""
        counter = self.ir.processes[process].pc
        assert counter is not None
        return all(
            counter in condition.guard and pc not in condition.guard[counter]
            for condition in self.ir.quiescent
        )

    def extended(self, step: Step, out: list[Step], *, blocking: bool) -> list[Rule] | None:
        """The rules that take a step's place when it goes on; None if it may not."""
        poll()
        right = self.moves_right(step)
        if not right and any(not self.moves_left(s) and self.follows(step, s) for s in out):
            return None
        followers = [behind for behind in out if self.follows(step, behind)]
        if not followers or not self.unseen(step, followers, right=right):
            return None
        key = (right, *(behind.index for behind in followers))
        if key not in step.tried:
            step.tried[key] = self.composed(step, followers, right=right)
        found = step.tried[key]
        if found is None:
            return None
        pairs, blocked = found
        quiet = not step.rule.violates and not step.rule.covers
        if blocked and not self.mortal and quiet and self.hidden_before(step):
            blocked = []
        return None if blocked and not blocking else pairs + blocked

    def composed(
        self, step: Step, out: list[Step], *, right: bool
    ) -> tuple[list[Rule], list[Rule]] | None:
        """A step with each of those behind it, and alone where it is blocked."""
        blocked = self.blocked(step, out, right=right)
        if blocked is None:
            return None
        pairs: list[Rule] = []
        try:
            for behind in out:
                rule = composed(self.ir, step.rule, behind.rule)
                if rule is not None:
                    pairs.append(rule)
        except TooLarge:
            return None
        if not pairs:
            return None
        if self.mortal and any(
            rule.at == rule.to and not rule.halts and not changes(rule) for rule in pairs
        ):
            return None
        return pairs, blocked

    def follows(self, step: Step, behind: Step) -> bool:
        """Whether a step can come behind another, at once or later."""
        for v, allowed in behind.rule.guard.items():
            term = step.rule.assigns.get(v)
            mine = self.ir.vars[v].thread == step.rule.process
            if mine and term is not None and term[0] == "c" and term[1] not in allowed:
                return False
            if mine and term is None:
                before = step.rule.guard.get(v)
                if before is not None and before.isdisjoint(allowed):
                    return False
        return True

    def blocked(self, step: Step, out: list[Step], *, right: bool) -> list[Rule] | None:
        """The step alone, where no other can follow; None where that is too much to say.

        Also None for a step that does not move right if, after what others do behind it,
        no other may be able to follow.
        """
        process, pc = step.rule.process, step.rule.to
        assert pc is not None
        known: Guard = dict(self.facts.values[process].get(pc, {}))
        for v, values in self.left_behind(step, right=right).items():
            known[v] = known[v] & values if v in known else values
        conditions = [(s.rule.guard, s.rule.literals) for s in out]
        pieces = outside(
            self.movers.domains.__getitem__, (known, {}), conditions, pieces_max=SPLIT_MAX
        )
        if pieces is None or (pieces and not right):
            return None
        found: list[Rule] = []
        for guard, literals in pieces:
            wanted = {v: values for v, values in guard.items() if known.get(v) != values}
            alone = Rule(
                process=process,
                at=pc,
                to=pc,
                guard=wanted,
                literals=literals,
                assigns={},
                line=step.rule.line,
            )
            try:
                rule = composed(self.ir, step.rule, alone)
            except TooLarge:
                return None
            if rule is not None:
                found.append(rule)
        return found if len(found) <= PIECES_MAX else None

    def left_behind(self, step: Step, *, right: bool) -> Guard:
        """What a step leaves behind: of all variables, or of those that are its process's own."""
        known: Guard = {}
        rule = step.rule
        for v, values in rule.guard.items():
            if v not in rule.assigns and (right or self.ir.vars[v].thread == rule.process):
                known[v] = values
        for v, term in rule.assigns.items():
            if term[0] == "c" and (right or self.ir.vars[v].thread == rule.process):
                known[v] = frozenset((term[1],))
        return known

    # ---- who moves ----------------------------------------------------------

    def moves_right(self, step: Step) -> bool:
        if step.blocked_right is not None and step.blocked_right.alive:
            return False
        if step.rule.halts:
            return False
        for other in self.others(step, step.right_until):
            if not self.movers.swaps(step, other):
                step.blocked_right = other
                return False
        step.right_until = len(self.steps)
        step.blocked_right = None
        return True

    def moves_left(self, step: Step) -> bool:
        if step.rule.halts:
            return False  # nothing comes behind it
        if step.blocked_left is not None and step.blocked_left.alive:
            return False
        for other in self.others(step, step.left_until):
            if not self.movers.swaps(other, step):
                step.blocked_left = other
                return False
        step.left_until = len(self.steps)
        step.blocked_left = None
        return True

    def others(self, step: Step, since: int) -> Iterator[Step]:
        """The steps of other processes that a step may disturb or be disturbed by.

        Those from an index on.
        """
        found = 0
        for v in bits(step.writes):
            found |= self.touching[v]
        for v in bits(step.touches & ~step.writes):
            found |= self.writing[v]
        found = (found & self.foreign[step.rule.process]) >> since
        for index in bits(found):
            yield self.steps[since + index]

    # ---- what checks see -----------------------------------------------------

    def unseen(self, step: Step, out: list[Step], *, right: bool) -> bool:
        """Whether checks need no state between a step and those behind it."""
        process, pc = step.rule.process, step.rule.to
        assert pc is not None
        here = self.facts.values[process].get(pc, {})
        counter = step.pc
        assert counter is not None
        for mask, condition in self.looks:
            if counter in condition.guard and pc not in condition.guard[counter]:
                continue
            if any(v in here and here[v].isdisjoint(a) for v, a in condition.guard.items()):
                continue
            stopped = right and self.loud_halts
            if not stopped and all(keeps(s, mask, condition) for s in out):
                continue
            if right and self.finds(step, mask, condition):
                continue
            return False
        return True

    def hidden_before(self, step: Step) -> bool:
        """Whether what checks see behind a step they see before it, too."""
        return all(self.finds(step, mask, condition) for mask, condition in self.looks)

    def finds(self, step: Step, mask: int, condition: Condition) -> bool:
        """Whether a condition that holds behind a step held before it."""
        changed = step.writes & mask
        if not changed:
            return True
        rule = step.rule
        for v, term in written(step):
            allowed = condition.guard.get(v)
            if allowed is not None and term[0] == "c" and term[1] not in allowed:
                return True
        for literal in condition.literals:
            if any(changed >> v & 1 for v in variables(literal)):
                return False
        before = self.movers.at(rule.process, rule.at)
        for v, allowed in condition.guard.items():
            if not changed >> v & 1:
                continue
            known = self.movers.domains[v]
            if v == step.pc:
                known = frozenset((rule.at,))
            else:
                if v in rule.guard:
                    known = known & rule.guard[v]
                if v in before:
                    known = known & before[v]
            if not known <= allowed:
                return False
        return True


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
