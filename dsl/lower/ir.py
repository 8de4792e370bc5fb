"""The IR: guarded commands with simultaneous assignments, over finite variables.

A rule is one step of one process: a conjunction over the state before it, and
a value for each variable it changes, computed from the state before it. So
passes may look at rules one by one, substitute and compose them.

Expressions are tuples: ("c", value), ("v", variable), ("fresh",), and
(operator, operand, ...). ("in", e, values) asks for membership; ("clamp", e,
domain) is the nearest number of a domain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from attrs import define, evolve, field, frozen

from mmscn.check.core import Operator
from mmscn.check.folding import FOLD
from mmscn.check.values import Domain, Value, show
from mmscn.runtime.bytecode import CheckKind, ProcessKind

VarId = int
Term: TypeAlias = tuple[Any, ...]
"""An expression of the IR."""
TermKind: TypeAlias = Literal["c", "v", "fresh", "in", "clamp"] | Operator
"""What a term begins with. A `match` over them ends in a case that takes operators alone."""
Guard: TypeAlias = dict[VarId, frozenset[Value]]
"""For some variables, the values they may have."""
Literals: TypeAlias = dict[Term, bool]
"""Conditions on several variables, and what they must be."""

FRESH: Term = ("fresh",)
"""The one version that a step makes."""


@frozen(eq=False, repr=False, kw_only=True)
class Var:
    """A variable: a cell of a family, a local of a thread, or a program counter.

    thread: that alone reads and writes it, None where it is shared.
    """

    name: str
    domain: Domain
    thread: int | None = None
    version: bool = False
    family: str | None = None
    index: tuple[Value, ...] = ()
    ghost: bool = False

    def narrowed(self, domain: Domain) -> Var:
        """The variable with fewer values; `evolve` takes several times as long."""
        return Var(
            name=self.name,
            domain=domain,
            thread=self.thread,
            version=self.version,
            family=self.family,
            index=self.index,
            ghost=self.ghost,
        )


@frozen(eq=False, repr=False, kw_only=True)
class Condition:
    """A conjunction: of memberships and of literals."""

    guard: Guard = field(factory=dict)
    literals: Literals = field(factory=dict)


@frozen(eq=False, repr=False, kw_only=True)
class Rule:
    """One step. `line`: what it is to the author; `parts`, `granted`: see the bytecode's Rule."""

    process: int
    at: int | None
    to: int | None
    guard: Guard
    literals: Literals
    assigns: dict[VarId, Term]
    line: int
    violates: frozenset[int] = frozenset()
    covers: frozenset[int] = frozenset()
    halts: bool = False
    parts: tuple[int, ...] = ()
    granted: bool = False

    def doing(self, guard: Guard, literals: Literals, assigns: dict[VarId, Term]) -> Rule:
        """The rule with another guard and other effects; `evolve` takes four times as long."""
        return Rule(
            process=self.process,
            at=self.at,
            to=self.to,
            guard=guard,
            literals=literals,
            assigns=assigns,
            line=self.line,
            violates=self.violates,
            covers=self.covers,
            halts=self.halts,
            parts=self.parts,
            granted=self.granted,
        )


@frozen(eq=False, repr=False, kw_only=True)
class Process:
    """pc: its variable. rest: where it may stay for ever. prompt, fair: as of the bytecode's."""

    name: str
    kind: ProcessKind
    column: int
    pc: VarId | None
    rest: frozenset[int] = frozenset()
    prompt: bool = False
    fair: bool = True


@frozen(eq=False, repr=False, kw_only=True)
class Check:
    """info: index into `Checked.checks`. listed: variables whose final values are wanted."""

    info: int
    kind: CheckKind
    bad: tuple[Condition, ...] = ()
    covered: tuple[Condition, ...] = (Condition(),)
    listed: frozenset[VarId] = frozenset()


@frozen(eq=False, repr=False, kw_only=True)
class Exchange:
    """Variables, processes and program counters that may be exchanged, and what each becomes.

    What is not in `vars` stays. counters: by process.
    """

    vars: dict[VarId, VarId]
    processes: tuple[int, ...]
    counters: tuple[dict[int, int], ...]


@define(eq=False, repr=False, kw_only=True)
class Ir:
    """A whole program. `initial`: the value of each variable, for each initial state.

    constants: variables that a pass has found to have one value only.
    dropped: variables that a pass has found nobody to read.
    slots: variables that share the place of another, because they never live together.
    untold: variables whose values at rest are not all that the program may have.
    exchanges: what the program looks the same under, as far as the passes have kept it.
    """

    vars: list[Var]
    processes: list[Process]
    rules: list[Rule]
    initial: list[dict[VarId, Value]]
    checks: list[Check]
    quiescent: list[Condition]
    constants: dict[VarId, Value] = field(factory=dict)
    dropped: set[VarId] = field(factory=set)
    slots: dict[VarId, VarId] = field(factory=dict)
    untold: frozenset[VarId] = frozenset()
    exchanges: tuple[Exchange, ...] = ()

    def having(self, **changes: Any) -> Ir:
        return evolve(self, **changes)

    def pcs(self) -> set[VarId]:
        return {p.pc for p in self.processes if p.pc is not None}


def variables(term: Term) -> Iterator[VarId]:
    """The variables that an expression reads, with repetition."""
    kind: TermKind = term[0]
    match kind:
        case "v":
            yield term[1]
        case "c" | "fresh":
            return
        case "in" | "clamp":
            yield from variables(term[1])
        case op:
            _: Operator = op
            for part in term[1:]:
                yield from variables(part)


def reads_of(condition: Condition | Rule) -> set[VarId]:
    """The variables that a condition (or a rule's guard) looks at."""
    found = set(condition.guard)
    for literal in condition.literals:
        found.update(variables(literal))
    return found


def value_of(term: Term, env: dict[VarId, Value]) -> Value:
    """An expression's value; every variable in it has one in `env`."""
    kind: TermKind = term[0]
    match kind:
        case "c":
            constant: Value = term[1]
            return constant
        case "v":
            return env[term[1]]
        case "in":
            return value_of(term[1], env) in term[2]
        case "clamp":
            return clamped(value_of(term[1], env), term[2])
        case "ite":
            return value_of(term[2] if value_of(term[1], env) else term[3], env)
        case "fresh":
            raise AssertionError(term)  # it has none before the step is made
        case op:
            return FOLD[op](*(value_of(part, env) for part in term[1:]))


def substitute(term: Term, env: dict[VarId, Term]) -> Term:
    """The expression with variables replaced, folded where that makes it constant."""
    kind: TermKind = term[0]
    match kind:
        case "c" | "fresh":
            return term
        case "v":
            return env.get(term[1], term)
        case "in":
            inner = substitute(term[1], env)
            return ("c", inner[1] in term[2]) if inner[0] == "c" else ("in", inner, term[2])
        case "clamp":
            inner = substitute(term[1], env)
            if inner[0] == "c":
                return ("c", clamped(inner[1], term[2]))
            return ("clamp", inner, term[2])
        case op:
            parts = tuple(substitute(part, env) for part in term[1:])
            return folded(op, parts)


def clamped(value: Value, domain: Domain) -> Value:
    """The value, or the end of the domain that is nearest to it."""
    if value in domain or not isinstance(value, int):
        return value
    first, last = domain[0], domain[-1]
    assert isinstance(first, int)
    return first if value < first else last


def decided(literals: Literals, env: dict[VarId, Term]) -> Literals | None:
    """Conditions with variables replaced; None where they cannot all be met."""
    found: Literals = {}
    for literal, wanted in literals.items():
        shorter = substitute(literal, env)
        if shorter[0] == "not":
            shorter, wanted = shorter[1], not wanted
        if shorter[0] == "!=":
            shorter, wanted = ("==", *shorter[1:]), not wanted
        if shorter[0] == "c":
            if bool(shorter[1]) is not wanted:
                return None
        elif found.setdefault(shorter, wanted) is not wanted:
            return None
    return found


def folded(op: Operator, parts: tuple[Term, ...]) -> Term:
    """An operator applied, simplified where the operands decide."""
    if op in ("and", "or"):
        decides = op == "or"
        rest = [p for p in parts if not (p[0] == "c" and p[1] is not decides)]
        if not rest or any(p[0] == "c" for p in rest):
            return ("c", decides if rest else not decides)
        return rest[0] if len(rest) == 1 else (op, *rest)
    if all(p[0] == "c" for p in parts):
        return ("c", FOLD[op](*(p[1] for p in parts)))
    if op == "implies":
        return folded("or", (folded("not", (parts[0],)), parts[1]))
    if op == "ite" and parts[0][0] == "c":
        return parts[1] if parts[0][1] else parts[2]
    if op in ("+", "-") and parts[1][0] == "c":
        return moved(parts[0], parts[1][1] if op == "+" else -parts[1][1])
    if op == "not" and parts[0][0] == "not":
        inner: Term = parts[0][1]
        return inner
    if op in ("==", "!="):
        if parts[0] == parts[1]:
            return ("c", op == "==")
        if FRESH in parts:
            return ("c", op == "!=")
    return (op, *parts)


def moved(term: Term, by: int) -> Term:
    """An expression and a constant added up."""
    match term:
        case ("+", inner, ("c", n)):
            return moved(inner, n + by)
        case ("-", inner, ("c", n)):
            return moved(inner, by - n)
    if by == 0:
        return term
    return ("+", term, ("c", by)) if by > 0 else ("-", term, ("c", -by))


# ---- for `mmscn dis --passes` -------------------------------------------------


def text(ir: Ir) -> str:
    """The IR as text: a line for each rule, by process and program counter."""
    lines = []
    for number, process in enumerate(ir.processes):
        lines.append(f"{process.kind.name.lower()} {process.name}")
        for rule in ir.rules:
            if rule.process == number:
                lines.append("  " + rule_text(ir, rule))
    kept = [v for i, v in enumerate(ir.vars) if i not in ir.constants and i not in ir.dropped]
    lines.append(f"{len(ir.rules)} rules, {len(kept)} variables")
    return "\n".join(lines) + "\n"


def rule_text(ir: Ir, rule: Rule) -> str:
    conditions = [guard_text(ir, v, values) for v, values in rule.guard.items()]
    for literal, wanted in rule.literals.items():
        conditions.append(("" if wanted else "not ") + term_text(ir, literal))
    effects = [f"{ir.vars[v].name} = {term_text(ir, e)}" for v, e in rule.assigns.items()]
    effects += [f"breaks #{c}" for c in sorted(rule.violates)]
    where = "" if rule.at is None else f"{rule.at}: "
    to = "" if rule.to is None else f" goto {rule.to}"
    halt = " halt" if rule.halts else ""
    before, after = " and ".join(conditions) or "true", "; ".join(effects) or "skip"
    return f"{where}{before} -> {after}{to}{halt}"


def guard_text(ir: Ir, var: VarId, values: frozenset[Value]) -> str:
    if len(values) == 1:
        (value,) = values
        return f"{ir.vars[var].name} == {show(value)}"
    shown = sorted(show(v) for v in values)
    return f"{ir.vars[var].name} in [{', '.join(shown)}]"


def term_text(ir: Ir, term: Term) -> str:
    kind: TermKind = term[0]
    match kind:
        case "c":
            return show(term[1])
        case "v":
            return ir.vars[term[1]].name
        case "fresh":
            return "fresh"
        case "in":
            return f"{term_text(ir, term[1])} in [{', '.join(sorted(map(show, term[2])))}]"
        case "clamp":
            return term_text(ir, term[1])
        case "not":
            return f"not ({term_text(ir, term[1])})"
        case op:
            operator: Operator = op
            return f"({f' {operator} '.join(term_text(ir, part) for part in term[1:])})"


def constants(term: Term) -> list[int]:
    """The numbers that a term names."""
    kind: TermKind = term[0]
    match kind:
        case "c":
            return [term[1]] if type(term[1]) is int else []
        case "v" | "fresh":
            return []
        case "in" | "clamp":
            return constants(term[1])
        case op:
            _: Operator = op
            return [c for part in term[1:] for c in constants(part)]
