"""Small IRs in which threads store contents that they have made in the beginning.

Those of `reductions_programs`, with two variables for contents; of what is stored there, some is a
constant of the thread, some one of all threads, some is fresh, some a copy.
"""

from __future__ import annotations

import random

from attrs import evolve
from support.lower.reductions_programs import ir_of

from mmscn.lower.ir import FRESH, Check, Condition, Ir, Rule, Term, Var
from mmscn.runtime.bytecode import CheckKind


def storing_ir_of(seed: int) -> Ir:
    """The IR of a seed."""
    rng = random.Random(seed)
    ir = ir_of(rng.randrange(1 << 30))
    versions = [v for v, var in enumerate(ir.vars) if var.version]
    while len(versions) < 2:
        versions.append(len(ir.vars))
        ir.vars.append(Var(name=f"v{len(versions)}", domain=(0,), version=True, family="v"))
        ir.vars[-1] = evolve(ir.vars[-1], index=(len(versions),))
    for values in ir.initial:
        values.update(dict.fromkeys(versions, 0))
        if rng.random() < 0.2:
            values[versions[0]] = 1
    few = rng.random() < 0.6
    rules = [storing(rng, rule, versions, few=few) for rule in ir.rules]
    checks = list(ir.checks)
    if rng.random() < 0.7:
        bad = Condition(literals={asked(rng, versions): rng.random() < 0.5})
        kind = rng.choice((CheckKind.ALWAYS, CheckKind.FINALLY, CheckKind.REACHABLE))
        checks.append(Check(info=len(checks), kind=kind, bad=(bad,)))
    return ir.having(rules=rules, checks=checks)


def storing(rng: random.Random, rule: Rule, versions: list[int], *, few: bool) -> Rule:
    """The rule, which stores contents perhaps, and compares some."""
    if rule.halts:
        return rule
    assigns = {v: term for v, term in rule.assigns.items() if v not in versions}
    if rule.at is not None and rng.random() < (0.3 if few else 0.6):
        one, other = rng.sample(versions[:2], 2)
        mine: Term = ("c", 1 + rule.process)
        terms: list[Term] = [mine, mine, mine, FRESH, ("v", other), ("c", rng.randrange(3))]
        assigns[one] = rng.choice(terms)
        if rng.random() < 0.2:
            assigns[other] = rng.choice(terms[:4])
    literals = dict(rule.literals)
    if rng.random() < 0.2:
        literals[asked(rng, versions)] = rng.random() < 0.5
    return rule.doing(rule.guard, literals, assigns)


def asked(rng: random.Random, versions: list[int]) -> Term:
    """A comparison of contents, seldom with a constant."""
    one, other = versions[:2]
    return ("==", ("v", one), ("c", rng.randrange(1, 3)) if rng.random() < 0.1 else ("v", other))
