"""Small IRs, each from a seed: what no text would say is reduced, too.

Threads of a few program counters over a few shared variables, locks and
arrays with a row for each thread, with checks of every kind.
"""

from __future__ import annotations

import random
from typing import Any

from mmscn.check.values import Value
from mmscn.lower.ir import Check, Condition, Guard, Ir, Process, Rule, Term, Var
from mmscn.runtime.bytecode import CheckKind, ProcessKind

BOOLS = (False, True)


def ir_of(seed: int) -> Ir:
    """The IR of a seed."""
    return _Maker(random.Random(seed)).ir()


class _Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.vars: list[Var] = []
        self.rules: list[Rule] = []
        self.processes: list[Process] = []
        self.first: dict[int, Value] = {}

    def new(self, name: str, domain: tuple[Value, ...], **more: Any) -> int:
        self.vars.append(Var(name=name, domain=domain, **more))
        self.first[len(self.vars) - 1] = domain[0]
        return len(self.vars) - 1

    def ir(self) -> Ir:
        rng = self.rng
        threads = rng.choice((2, 2, 2, 3))
        shared = [
            self.new(f"s{n}", rng.choice((BOOLS, BOOLS, (0, 1, 2))), family=f"s{n}")
            for n in range(rng.randint(1, 3))
        ]
        locks = [self.new(f"l{n}", BOOLS, family=f"l{n}") for n in range(rng.randint(0, 2))]
        rows = [
            self.new(f"row[{n}]", rng.choice((BOOLS, (0, 1, 2))), family="row", index=(n,))
            for n in range(threads)
        ]
        versions = []
        if rng.random() < 0.3:
            versions = [self.new(f"v{n}", (0,), version=True, family=f"v{n}") for n in range(2)]
        self.versions = versions
        twins = rng.random() < 0.4
        kind = rng.choice((ProcessKind.THREAD,) * 3 + (ProcessKind.DAEMON,))
        for n in range(threads):
            if n and twins:
                self.twin(n, rows)
                continue
            if not twins:
                kind = rng.choice((ProcessKind.THREAD,) * 3 + (ProcessKind.DAEMON,))
            self.thread(n, kind, shared, locks, rows[n])
        if rng.random() < 0.4:
            self.agent(shared + rows)
        pcs = {p.pc for p in self.processes}
        quiet: Guard = {p.pc: p.rest for p in self.processes if p.pc is not None}
        checks = [
            Check(info=0, kind=CheckKind.DEADLOCK),
            Check(info=1, kind=CheckKind.STEP, covered=()),
        ]
        for kind_ in (CheckKind.ALWAYS, CheckKind.FINALLY, CheckKind.REACHABLE):
            if rng.random() < 0.5:
                asked = [v for v in shared + locks + rows if rng.random() < 0.4]
                bad = Condition(guard={v: self.some(v) for v in asked[:2]})
                if rng.random() < 0.3 and kind_ is not CheckKind.FINALLY:
                    pc = rng.choice(sorted(p for p in pcs if p is not None))
                    bad = Condition(guard={**bad.guard, pc: self.some(pc)})
                covered = (Condition(),)
                if asked and rng.random() < 0.5:
                    covered = (Condition(guard={asked[-1]: self.some(asked[-1])}),)
                checks.append(Check(info=len(checks), kind=kind_, bad=(bad,), covered=covered))
        return Ir(
            vars=self.vars,
            processes=self.processes,
            rules=self.rules,
            initial=[dict(self.first)],
            checks=checks,
            quiescent=[Condition(guard=quiet)],
        )

    def some(self, v: int) -> frozenset[Value]:
        domain = self.vars[v].domain
        return frozenset(self.rng.sample(domain, self.rng.randint(1, max(1, len(domain) - 1))))

    def thread(
        self, n: int, kind: ProcessKind, shared: list[int], locks: list[int], row: int
    ) -> None:
        rng = self.rng
        size = rng.randint(3, 6)
        pc = self.new(f"t[{n}].pc", tuple(range(size)), thread=n)
        local = self.new(f"t[{n}].x", BOOLS, thread=n)
        self.first[pc] = 1
        rest = frozenset((0, 1)) if kind is ProcessKind.DAEMON else frozenset((0,))
        self.processes.append(Process(name=f"t[{n}]", kind=kind, column=n, pc=pc, rest=rest))
        names = [*shared, row, local]
        holding: list[int] = []
        for at in range(1, size):
            ways = rng.choice((1, 1, 1, 2))
            split = rng.choice(names)
            for way in range(ways):
                guard: Guard = {}
                assigns: dict[int, Term] = {}
                to = at + 1 if at + 1 < size else (1 if kind is ProcessKind.DAEMON else 0)
                if rng.random() < 0.12:
                    to = rng.randrange(size)
                if ways == 2 and rng.random() < 0.8:
                    half = frozenset(self.vars[split].domain[:1])
                    guard[split] = half if way else frozenset(self.vars[split].domain[1:])
                elif rng.random() < 0.25:
                    guard[split] = self.some(split)
                action = rng.random()
                if locks and action < 0.3:
                    lock = rng.choice(locks)
                    guard[lock] = frozenset((False,))
                    assigns[lock] = ("c", True)
                    holding.append(lock)
                elif holding and action < 0.6:
                    assigns[holding.pop() if way == ways - 1 else holding[-1]] = ("c", False)
                elif self.versions and action < 0.7:
                    one, other = rng.sample(self.versions, 2)
                    assigns[one] = rng.choice((("fresh",), ("v", other), ("c", 0)))
                else:
                    for v in rng.sample(names, rng.choice((0, 1, 1, 2))):
                        assigns[v] = self.value(v, names, guard)
                self.rules.append(
                    Rule(
                        process=n,
                        at=at,
                        to=to,
                        guard=guard,
                        literals=self.literals(),
                        assigns=assigns,
                        line=0,
                        violates=frozenset((1,) if rng.random() < 0.04 else ()),
                        covers=frozenset((1,) if rng.random() < 0.06 else ()),
                    )
                )
                if rng.random() < 0.04:
                    self.rules.append(halting(self.rules.pop()))

    def literals(self) -> dict[Term, bool]:
        if self.versions and self.rng.random() < 0.15:
            one, other = self.versions
            return {("==", ("v", one), ("v", other)): self.rng.random() < 0.5}
        return {}

    def value(self, v: int, names: list[int], guard: Guard) -> Term:
        rng = self.rng
        domain = self.vars[v].domain
        same = [w for w in names if self.vars[w].domain == domain and w != v]
        if same and rng.random() < 0.25:
            return ("v", rng.choice(same))
        if domain == BOOLS and rng.random() < 0.2:
            return ("not", ("v", v))
        if domain == (0, 1, 2) and rng.random() < 0.3:
            guard[v] = guard.get(v, frozenset(domain)) & {0, 1} or frozenset((0,))
            return ("+", ("v", v), ("c", 1))
        return ("c", rng.choice(domain))

    def twin(self, n: int, rows: list[int]) -> None:
        """The first thread once more, with its own row, counter and local."""
        first = self.processes[0]
        assert first.pc is not None
        size = len(self.vars[first.pc].domain)
        pc = self.new(f"t[{n}].pc", tuple(range(size)), thread=n)
        local = self.new(f"t[{n}].x", BOOLS, thread=n)
        self.first[pc] = 1
        self.vars[rows[n]] = Var(
            name=f"row[{n}]", domain=self.vars[rows[0]].domain, family="row", index=(n,)
        )
        self.first[rows[n]] = self.vars[rows[0]].domain[0]
        self.processes.append(
            Process(name=f"t[{n}]", kind=first.kind, column=n, pc=pc, rest=first.rest)
        )
        moved = {rows[0]: rows[n], first.pc + 1: local}

        def term(t: Term) -> Term:
            if t[0] == "v":
                return ("v", moved.get(t[1], t[1]))
            if t[0] in ("c", "fresh"):
                return t
            return (t[0], *(term(part) for part in t[1:]))

        wrong = self.rng.random() < 0.1
        for rule in [r for r in self.rules if r.process == 0]:
            self.rules.append(
                Rule(
                    process=n,
                    at=rule.at,
                    to=rule.to,
                    guard={moved.get(v, v): values for v, values in rule.guard.items()},
                    literals=rule.literals,
                    assigns={moved.get(v, v): term(t) for v, t in rule.assigns.items()},
                    line=0,
                    violates=rule.violates,
                    covers=rule.covers if not wrong else frozenset(),
                    halts=rule.halts,
                )
            )

    def agent(self, names: list[int]) -> None:
        n = len(self.processes)
        self.processes.append(
            Process(name="device.step", kind=ProcessKind.AGENT, column=n, pc=None)
        )
        for _ in range(self.rng.randint(1, 2)):
            asked, changed = self.rng.choice(names), self.rng.choice(names)
            guard: Guard = {asked: self.some(asked)}
            self.rules.append(
                Rule(
                    process=n,
                    at=None,
                    to=None,
                    guard=guard,
                    literals={},
                    assigns={changed: ("c", self.rng.choice(self.vars[changed].domain))},
                    line=0,
                    violates=frozenset((1,) if self.rng.random() < 0.1 else ()),
                )
            )


def halting(rule: Rule) -> Rule:
    """A rule that breaks a check where this one would have gone on, and ends it all."""
    return Rule(
        process=rule.process,
        at=rule.at,
        to=rule.at,
        guard=rule.guard,
        literals={},
        assigns={},
        line=0,
        violates=frozenset((1,)),
        halts=True,
    )
