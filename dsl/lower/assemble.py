"""IR to bytecode: variables get bits, conditions become masks, the rest tables."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from mmscn.budget import poll
from mmscn.check.values import Value
from mmscn.lower.ir import (
    FRESH,
    Condition,
    Guard,
    Ir,
    Literals,
    Term,
    VarId,
    substitute,
    value_of,
    variables,
)
from mmscn.lower.ir import Rule as IrRule
from mmscn.lower.layout import Layout, too_large
from mmscn.runtime import bytecode as b
from mmscn.runtime.bytecode import Op
from mmscn.source import Span

TABLE_BITS_MAX = 14
"""Of what indexes one table: 16 384 entries; shipped ones have 64 (benchmarks/bounds.py)."""


class Assembler:
    """Translates conditions and rules, one by one, with the bits that a layout gives."""

    def __init__(self, ir: Ir, span: Span, *, canonical: bool) -> None:
        self.layout = Layout(ir, span, canonical=canonical)
        self.ir = self.layout.ir
        self.span = span
        self.tables: list[tuple[int, ...]] = []
        self.table_of: dict[tuple[int, ...], int] = {}
        self.known: dict[tuple[VarId, frozenset[Value]], b.Instr | bool] = {}
        self.put: dict[tuple[VarId, Term], tuple[int, int, int]] = {}

    # ---- tests --------------------------------------------------------------

    def tests(self, guard: Guard, literals: Literals) -> b.Tests | None:
        """The tests of a condition; None where it can never hold."""
        masks: dict[int, tuple[int, int]] = {}
        others: list[b.Instr] = []
        for v, values in guard.items():
            known = self.known.get((v, values))
            if known is None:
                known = self.known[v, values] = self.member(v, values)
            if known is True:
                continue
            if known is False:
                return None
            if known[0] != Op.MATCH:
                others.append(known)
                continue
            _, word, mask, value = known
            before = masks.get(word, (0, 0))
            if before[0] & mask & (before[1] ^ value):
                return None
            masks[word] = (before[0] | mask, before[1] | value)
        for literal, wanted in literals.items():
            test = self.literal(literal, wanted)
            if test is False:
                return None
            if test is not True:
                others.append(test)
        matches = [(Op.MATCH, w, mask, value) for w, (mask, value) in sorted(masks.items())]
        return (*matches, *others)

    def member(self, v: VarId, values: frozenset[Value]) -> b.Instr | bool:
        """The test that a variable has one of some values; what it is where nothing decides it."""
        if v in self.ir.constants:
            return self.ir.constants[v] in values
        domain = self.ir.vars[v].domain
        allowed = [x for x in domain if x in values]
        if not allowed or len(allowed) == len(domain):
            return bool(allowed)
        field = self.layout.fields[self.layout.field_of[v]]
        cube = self.cube(v, [self.layout.code(v, x) for x in allowed])
        if cube is not None:
            mask, value = cube
            return (Op.MATCH, field.word, mask << field.shift, value << field.shift)
        if len(allowed) == len(domain) - 1:
            (missing,) = [x for x in domain if x not in values]
            full = (1 << field.width) - 1
            code = self.layout.code(v, missing)
            return (Op.MISMATCH, field.word, full << field.shift, code << field.shift)
        table = [0] * (1 << field.width)
        for x in allowed:
            table[self.layout.code(v, x)] = 1
        return (Op.LOOKUP, self.table(table), self.layout.field_of[v])

    def cube(self, v: VarId, codes: list[int]) -> tuple[int, int] | None:
        """A mask and value that match exactly these numbers, among those in use."""
        field = self.layout.fields[self.layout.field_of[v]]
        full = (1 << field.width) - 1
        ones = zeros = full
        for code in codes:
            ones &= code
            zeros &= ~code
        mask = (ones | zeros) & full
        if not mask:
            return None
        every = [self.layout.code(v, x) for x in self.ir.vars[v].domain]
        inside = [c for c in every if c & mask == ones & mask]
        return (mask, ones & mask) if sorted(inside) == sorted(codes) else None

    def literal(self, literal: Term, wanted: bool) -> b.Instr | bool:
        literal = self.grounded(literal)
        if literal[0] == "c":
            return bool(literal[1]) is wanted
        match literal:
            case ("==", ("v", x), ("v", y)) if self.layout.comparable(x, y):
                op = Op.SAME if wanted else Op.DIFFER
                return (op, self.layout.field_of[x], self.layout.field_of[y])
            case ("==", ("v", x), ("c", value)) | ("==", ("c", value), ("v", x)) if (
                x in self.layout.group_of
            ):
                field = self.layout.fields[self.layout.field_of[x]]
                full = (1 << field.width) - 1
                op = Op.MATCH if wanted else Op.MISMATCH
                return (op, field.word, full << field.shift, int(value) << field.shift)
        names = sorted(set(variables(literal)))
        table = self.tabulate(names, lambda env: int(bool(value_of(literal, env)) is wanted))
        return (Op.LOOKUP, self.table(table), *(self.layout.field_of[v] for v in names))

    def grounded(self, term: Term) -> Term:
        return term if term[0] == "c" else substitute(term, self.layout.constants)

    def tabulate(
        self, names: list[VarId], result: Callable[[dict[VarId, Value]], int]
    ) -> list[int]:
        bits = sum(self.layout.fields[self.layout.field_of[v]].width for v in names)
        if bits > TABLE_BITS_MAX or any(v in self.layout.group_of for v in names):
            shown = ", ".join(self.ir.vars[v].name for v in names)
            raise too_large(
                self.span, "MM505", f"a condition or value depends on too much: {shown}"
            )
        table = [0] * (1 << bits)
        for values in product(*(self.ir.vars[v].domain for v in names)):
            at, shift = 0, 0
            for v, value in zip(names, values, strict=True):
                at |= self.layout.code(v, value) << shift
                shift += self.layout.fields[self.layout.field_of[v]].width
            table[at] = result(dict(zip(names, values, strict=True)))
        return table

    def table(self, values: list[int]) -> int:
        key = tuple(values)
        if key not in self.table_of:
            self.table_of[key] = len(self.tables)
            self.tables.append(key)
        return self.table_of[key]

    # ---- effects ------------------------------------------------------------

    def effects(self, rule: IrRule) -> tuple[b.Instr, ...]:
        puts: dict[int, tuple[int, int]] = {}
        others: list[b.Instr] = []
        pc = self.ir.processes[rule.process].pc
        assigns = dict(rule.assigns)
        if pc is not None and rule.to is not None and rule.to != rule.at:
            assigns[pc] = ("c", rule.to)
        for v, term in sorted(assigns.items()):
            known = self.put.get((v, term))
            if known is None:
                if v in self.ir.constants or v in self.ir.dropped:
                    continue
                grounded = self.grounded(term)
                if grounded[0] != "c":
                    others.append(self.effect(v, grounded))
                    continue
                known = self.put[v, term] = self.constant(v, grounded[1])
            word, mask, code = known
            before = puts.get(word, (0, 0))
            puts[word] = (before[0] | mask, before[1] | code)
        put = [(Op.PUT, w, mask, value) for w, (mask, value) in sorted(puts.items())]
        return (*put, *others)

    def constant(self, v: VarId, value: Value) -> tuple[int, int, int]:
        """The word, the mask and the bits of a value of a variable."""
        field = self.layout.fields[self.layout.field_of[v]]
        mask = ((1 << field.width) - 1) << field.shift
        return field.word, mask, self.layout.code(v, value) << field.shift

    def effect(self, v: VarId, term: Term) -> b.Instr:
        field = self.layout.field_of[v]
        if term == FRESH:
            return (Op.FRESH, field, self.layout.group_of[v])
        match term:
            case ("v", x) if self.layout.copyable(v, x):
                return (Op.COPY, field, self.layout.field_of[x])
            case ("+", ("v", x), ("c", n)) if x == v and self.layout.counting(v):
                return (Op.ADD, field, n)
            case ("-", ("v", x), ("c", n)) if x == v and self.layout.counting(v):
                return (Op.ADD, field, -n)
        names = sorted(set(variables(term)))

        def result(env: dict[VarId, Value]) -> int:
            # Combinations that the guard excludes may have no number: any will do.
            return self.layout.numbering[v].get(value_of(term, env), 0)

        return (
            Op.MAP,
            field,
            self.table(self.tabulate(names, result)),
            *(self.layout.field_of[x] for x in names),
        )

    # ---- the program --------------------------------------------------------

    def program(self) -> tuple[b.Program, tuple[int, ...]]:
        """The program, and for each rule of the IR its number in it (or -1)."""
        rules: list[b.Rule] = []
        numbers: list[int] = []
        dispatch: list[list[list[b.RuleId]]] = []
        for process in self.ir.processes:
            size = 1 if process.pc is None else len(self.ir.vars[process.pc].domain)
            dispatch.append([[] for _ in range(size)])
        for rule in self.ir.rules:
            poll()
            tests = self.tests(rule.guard, rule.literals)
            if tests is None:
                numbers.append(-1)
                continue
            numbers.append(len(rules))
            dispatch[rule.process][rule.at or 0].append(b.RuleId(len(rules)))
            rules.append(self.rule(rule, tests))
        program = b.Program(
            words=self.layout.words,
            fields=tuple(self.layout.fields),
            initial=tuple(dict.fromkeys(self.pack(values) for values in self.ir.initial)),
            processes=self.processes(dispatch),
            rules=tuple(rules),
            checks=tuple(
                b.Check(
                    kind=check.kind,
                    bad=self.disjunction(check.bad),
                    covered=self.disjunction(check.covered),
                )
                for check in self.ir.checks
            ),
            quiescent=self.disjunction(tuple(self.ir.quiescent)),
            versions=tuple(
                b.VersionGroup(
                    fields=tuple(self.layout.field_of[v] for v in group),
                    named=self.layout.named,
                    canonical=self.layout.canonical,
                )
                for group in self.layout.groups
            ),
            tables=tuple(self.tables),
        )
        return program, tuple(numbers)

    def rule(self, rule: IrRule, tests: b.Tests) -> b.Rule:
        return b.Rule(
            process=rule.process,
            tests=tests,
            effects=self.effects(rule),
            violates=tuple(map(b.CheckId, sorted(rule.violates))),
            covers=tuple(map(b.CheckId, sorted(rule.covers))),
            halts=rule.halts,
            granted=rule.granted,
            parts=tuple(map(b.RuleId, rule.parts)),
            origin=rule.line,
        )

    def processes(self, dispatch: list[list[list[b.RuleId]]]) -> tuple[b.Process, ...]:
        return tuple(
            b.Process(
                kind=p.kind,
                pc=None if p.pc is None else self.pc_field(p.pc),
                dispatch=tuple(tuple(ids) for ids in dispatch[n]),
                rest=tuple(sorted(p.rest)),
                column=p.column,
                prompt=p.prompt,
                fair=p.fair,
            )
            for n, p in enumerate(self.ir.processes)
        )

    def pc_field(self, pc: VarId) -> b.FieldId | None:
        return self.layout.field_of.get(pc)

    def disjunction(self, conditions: tuple[Condition, ...]) -> tuple[b.Tests, ...]:
        found = [self.tests(c.guard, c.literals) for c in conditions]
        return tuple(dict.fromkeys(tests for tests in found if tests is not None))

    def pack(self, values: dict[VarId, Value]) -> b.State:
        words = [0] * self.layout.words
        for v in self.layout.stored_vars():
            if v in self.ir.slots:
                continue
            field = self.layout.fields[self.layout.field_of[v]]
            words[field.word] |= self.layout.code(v, values[v]) << field.shift
        return tuple(words)
