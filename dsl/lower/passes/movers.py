"""Which steps of two processes may change places.

`Movers.swaps(a, b)`: wherever a and then b is possible, b and then a is
possible and leads to the same state. If that holds for every step b of the
other processes, a is a *right mover*; if `swaps(b, a)` holds for every b, a
is a *left mover*.

The answer is found variable by variable: steps that touch different variables
swap; a step that cannot come behind another (its guard contradicts what the
other assigns, or the two places hold one lock) swaps with it vacuously; and
for a variable that both touch, every value it can have is tried both ways,
which is how equal constants and additions are found to commute. Where a
projection (`together`) knows which states have both possible, only those count.
Sources: microsoft/Armada, strategies/reduction/CohenLamportReductionSpec.i.dfy,
RightMoversCommute and LeftMoversCommute; Boogie, Source/Concurrency/MoverCheck.cs,
CreateRightMoverCheckers and CreateLeftMoverCheckers. The names are Lipton's (1975).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from attrs import define, field

from mmscn.check.values import Value
from mmscn.lower.ir import Guard, Ir, Rule, Term, VarId, value_of, variables
from mmscn.lower.passes.facts import Facts
from mmscn.lower.passes.together import Projection

TRIED_MAX = 600
"""Combinations of values of the variables that two steps disagree about.

Measured in docs/fusion.md.
"""


Masks = dict[VarId, int]
"""Of variables: sets of values, as bits."""


class Around(NamedTuple):
    """What is known around a step, for all questions about it. Values are bits.

    held: the locks at the place before it, at the place behind it, and at either. wants: by its
    guard. makes: what it leaves behind, by its guard or its constants. constants: what it assigns.
    before: known at its place. behind: known at the place that it leads to.
    """

    held: tuple[int, int, int]
    wants: Masks
    makes: Masks
    constants: Masks
    before: Masks
    behind: Masks


@define(eq=False)
class Step:
    """A rule with what it touches, as sets of bits.

    writes, touches: of variables. deep: those that it reads elsewhere than in their
    own guard and their own assignment. index: in the order in which steps were made.
    through: the counters that it goes through. tried: what comes of it together with others.
    blocked_right, blocked_left: a step that it is known not to move past. around: once asked for.
    """

    rule: Rule
    pc: VarId | None
    index: int
    writes: int = 0
    touches: int = 0
    deep: int = 0
    alive: bool = True
    right_until: int = 0
    left_until: int = 0
    blocked_right: Step | None = None
    blocked_left: Step | None = None
    around: Around | None = None
    through: frozenset[int] = field(factory=frozenset)
    tried: dict[tuple[int, ...], tuple[list[Rule], list[Rule]] | None] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        rule = self.rule
        touches = writes = deep = 0
        for v in rule.guard:
            touches |= 1 << v
        for literal in rule.literals:
            for v in variables(literal):
                deep |= 1 << v
        for target, term in rule.assigns.items():
            writes |= 1 << target
            if term[0] != "c":
                for v in variables(term):
                    if v == target:
                        touches |= 1 << v
                    else:
                        deep |= 1 << v
        if self.pc is not None and rule.to != rule.at:
            writes |= 1 << self.pc
        self.writes = writes
        self.deep = deep
        self.touches = touches | writes | deep


class Movers:
    """Answers about the steps of one program."""

    def __init__(self, ir: Ir, facts: Facts, projections: Sequence[Projection] = ()) -> None:
        self.ir = ir
        self.facts = facts
        self.projections = projections
        self.domains = [frozenset(var.domain) for var in ir.vars]
        self.bit: list[dict[Value, int]] = [{} for _ in ir.vars]
        self.places: dict[tuple[int, int | None], Masks] = {}
        self.masks: dict[tuple[VarId, frozenset[Value]], int] = {}

    def held(self, process: int, pc: int | None) -> int:
        return 0 if pc is None else self.facts.held[process].get(pc, 0)

    def at(self, process: int, pc: int | None) -> Guard:
        return {} if pc is None else self.facts.values[process].get(pc, {})

    def swaps(self, a: Step, b: Step) -> bool:
        """Whether a, b can be replaced by b, a; of two processes."""
        conflict = a.writes & b.touches | a.touches & b.writes
        if not conflict:
            return True
        x, y = a.around or self.know(a), b.around or self.know(b)
        if x.held[1] & y.held[2] or x.held[0] & y.held[0]:
            return True
        if self.never_after(a, b):
            return True
        if not all(p.before_both(a.rule, b.rule) for p in self.projections):
            return True
        while conflict:
            bit = conflict & -conflict
            conflict ^= bit
            if not self.swaps_on(a, b, bit.bit_length() - 1, bit):
                return False
        return True

    def never_after(self, a: Step, b: Step) -> bool:
        """Whether b can never follow a: what a leaves behind contradicts what b wants."""
        x, y = a.around or self.know(a), b.around or self.know(b)
        assigns, makes, before, behind = a.rule.assigns, x.makes, x.before, x.behind
        for v, mask in y.wants.items():
            if not makes.get(v, mask) & mask:
                return True
            if v != a.pc and not (
                behind.get(v, mask) & mask and (v in assigns or before.get(v, mask) & mask)
            ):
                return True
        before = y.before
        for v, mask in x.makes.items():
            if v in before and not before[v] & mask:
                return True
        for v, mask in y.constants.items():
            if v in behind and not behind[v] & mask:
                return True
        first, second = a.rule, b.rule
        for literal, wanted in second.literals.items():
            if first.literals.get(literal, wanted) is not wanted and not any(
                v in first.assigns for v in variables(literal)
            ):
                return True
        return False

    def know(self, step: Step) -> Around:
        """What is known around a step."""
        rule = step.rule
        n = rule.process
        at, to = self.held(n, rule.at), self.held(n, rule.to)
        wants = self.each_mask(rule.guard)
        constants = {
            v: self.mask(v, (term[1],)) for v, term in rule.assigns.items() if term[0] == "c"
        }
        makes = constants | {v: mask for v, mask in wants.items() if v not in rule.assigns}
        if step.pc is not None:
            makes[step.pc] = self.mask(step.pc, (rule.to,))
        before, behind = self.masks_at(n, rule.at), self.masks_at(n, rule.to)
        step.around = Around((at, to, at | to), wants, makes, constants, before, behind)
        return step.around

    def masks_at(self, process: int, pc: int | None) -> Masks:
        """What is known at a place."""
        known = self.places.get((process, pc))
        if known is None:
            known = self.places[process, pc] = self.each_mask(self.at(process, pc))
        return known

    def each_mask(self, guard: Guard) -> Masks:
        found = {}
        for v, values in guard.items():
            if (v, values) not in self.masks:
                self.masks[v, values] = self.mask(v, values)
            found[v] = self.masks[v, values]
        return found

    def mask(self, v: VarId, values: Iterable[Value]) -> int:
        """Values of a variable as bits; one that its domain does not have gets a bit, too."""
        bit = self.bit[v]
        found = 0
        for x in values:
            found |= 1 << bit.setdefault(x, len(bit))
        return found

    def swaps_on(self, a: Step, b: Step, v: VarId, bit: int) -> bool:
        """Whether the two orders agree as far as one variable goes."""
        first, second = a.rule, b.rule
        f, g = self.effect(a, v), self.effect(b, v)
        var = self.ir.vars[v]
        if var.version:
            same = f is not None and f == g and f[0] == "c"
            return same and not (a.deep | b.deep) & bit
        wants_a, wants_b = self.wants(a, v), self.wants(b, v)
        others = self.others(f, g, v)
        if (f is not None and f[0] == "fresh") or (g is not None and g[0] == "fresh"):
            return False
        ranges = [self.wanted(a, b, y) for y in others]
        values = self.possible(a, b, v)
        if v == a.pc:
            values = frozenset((first.at,))
        elif v == b.pc:
            values = frozenset((second.at,))
        size = len(values)
        for r in ranges:
            size *= len(r)
        if size > TRIED_MAX or any(self.ir.vars[y].version for y in others):
            return False
        a_reads, b_reads = a.deep & bit, b.deep & bit
        envs = [dict(zip(others, rest, strict=True)) for rest in product(*ranges)]
        for x in values if wants_a is None else values & wants_a:
            for env in envs:
                y = apply(f, v, x, env)
                if wants_b is not None and y not in wants_b:
                    continue
                if wants_b is not None and x not in wants_b:
                    return False
                z = apply(g, v, x, env)
                if wants_a is not None and z not in wants_a:
                    return False
                if (a_reads and z != x) or (b_reads and y != x):
                    return False
                if apply(g, v, y, env) != apply(f, v, z, env):
                    return False
        return True

    def others(self, f: Term | None, g: Term | None, v: VarId) -> list[VarId]:
        """What two effects on a variable depend on besides it."""
        terms = [t for t in (f, g) if t is not None and t[0] != "c"]
        return sorted({y for t in terms for y in variables(t)} - {v}) if terms else []

    def effect(self, step: Step, v: VarId) -> Term | None:
        """What a step makes of a variable; None where it leaves it."""
        if v == step.pc:
            return ("c", step.rule.to)
        return step.rule.assigns.get(v)

    def wants(self, step: Step, v: VarId) -> frozenset[Value] | None:
        if v == step.pc:
            return frozenset((step.rule.at,))
        return step.rule.guard.get(v)

    def possible(self, a: Step, b: Step, v: VarId) -> frozenset[Value]:
        """The values that a variable can have where both steps stand before them."""
        values = self.domains[v]
        for step in (a, b):
            known = self.at(step.rule.process, step.rule.at).get(v)
            if known is not None:
                values &= known
        for projection in self.projections:
            if v in projection.bit:
                values &= projection.values(v, projection.before_both(a.rule, b.rule))
        return values

    def wanted(self, a: Step, b: Step, v: VarId) -> frozenset[Value]:
        """The same where a happens there, and then b."""
        values = self.possible(a, b, v)
        for step, changed in ((a, False), (b, v in a.rule.assigns)):
            guard = step.rule.guard.get(v)
            if guard is not None and not changed:
                values &= guard
        return values


def apply(term: Term | None, v: VarId, x: Value, env: dict[VarId, Value]) -> Value:
    if term is None:
        return x
    if term[0] == "c":
        constant: Value = term[1]
        return constant
    return value_of(term, {**env, v: x})
