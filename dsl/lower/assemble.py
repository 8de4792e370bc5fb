"""IR to bytecode: variables get bits, conditions become masks, the rest tables."""

from __future__ import annotations

from collections import Counter
from itertools import product

from mmscn.budget import poll
from mmscn.check.values import Value
from mmscn.diagnostics import Diagnostic, Rejected
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
from mmscn.runtime import bytecode as b
from mmscn.runtime.bytecode import Op
from mmscn.source import Span

WORDS_MAX = 8
TABLE_BITS_MAX = 14
VERSION_BITS = 6


class Assembler:
    """Assigns fields, then translates rules one by one.

    numbering: by field variable, the number of each value. A variable that
    shares the slot of another uses that one's field with its own numbering.
    """

    def __init__(self, ir: Ir, span: Span, *, canonical: bool) -> None:
        self.ir = ir.having(vars=list(ir.vars))
        self.span = span
        self.canonical = canonical
        self.tables: list[tuple[int, ...]] = []
        self.table_of: dict[tuple[int, ...], int] = {}
        self.numbering: dict[VarId, dict[Value, int]] = {}
        self.fields: list[b.Field] = []
        self.field_of: dict[VarId, b.FieldId] = {}
        self.groups: list[list[VarId]] = []
        self.group_of: dict[VarId, int] = {}
        self.named = 1
        self.contents: frozenset[VarId] = frozenset()
        self.constants: dict[VarId, Term] = {v: ("c", x) for v, x in ir.constants.items()}
        self.layout()

    # ---- bits ---------------------------------------------------------------

    def stored_vars(self) -> list[VarId]:
        return [
            v
            for v in range(len(self.ir.vars))
            if v not in self.ir.constants and v not in self.ir.dropped
        ]

    def layout(self) -> None:
        """Give each kept variable its bits: a row side by side, in one word if that costs none."""
        kept = self.stored_vars()
        for v in kept:
            self.numbering[v] = {value: n for n, value in enumerate(self.ir.vars[v].domain)}
        self.version_groups(kept)
        owners = [v for v in kept if v not in self.ir.slots]
        width = {v: self.width(v) for v in owners}
        for v, owner in self.ir.slots.items():
            if v in self.numbering:
                width[owner] = max(width[owner], self.width(v))

        rows = self.rows(owners)
        in_rows, in_turn = packed(rows, width), packed([[v] for row in rows for v in row], width)
        self.words = 1 + max((word for word, _ in in_turn.values()), default=0)
        if self.words > WORDS_MAX:
            raise self.rejected(
                "MM501",
                f"the state does not fit into {WORDS_MAX * b.WORD_BITS} bits",
            )
        fits = all(word < self.words for word, _ in in_rows.values())
        for v, (word, shift) in (in_rows if fits else in_turn).items():
            self.field_of[v] = b.FieldId(len(self.fields))
            self.fields.append(b.Field(word=word, shift=shift, width=width[v]))
        for v, owner in self.ir.slots.items():
            if v in self.numbering:
                self.field_of[v] = self.field_of[owner]

    def rows(self, owners: list[VarId]) -> list[list[VarId]]:
        """The variables by the thread, CPU or page that they are of, in the same order in each.

        What a symmetry exchanges then lies at one distance, and moves by one shift.
        """
        pcs = self.ir.pcs()
        rows: dict[int, list[VarId]] = {}
        copies: Counter[object] = Counter()
        column: dict[VarId, object] = {}
        for v in owners:
            var = self.ir.vars[v]
            first = var.index[0] if var.index else var.thread
            number = first if isinstance(first, int) else len(self.ir.vars)
            rows.setdefault(number, []).append(v)
            column[v] = "pc" if v in pcs else (var.family or var.name, var.index[1:])
            copies[column[v]] += 1
        return [sorted(rows[n], key=lambda v: (-copies[column[v]], v)) for n in sorted(rows)]

    def width(self, v: VarId) -> int:
        if self.ir.vars[v].version and v in self.group_of:
            if not self.canonical:
                return VERSION_BITS
            size = self.named + len(self.groups[self.group_of[v]])
            return max(1, (size - 1).bit_length())
        return max(1, (len(self.ir.vars[v].domain) - 1).bit_length())

    def version_groups(self, kept: list[VarId]) -> None:
        """Versions that can hold the same content, or are compared, share their numbers."""
        parent = {v: v for v in kept if self.ir.vars[v].version}
        self.contents = frozenset(parent)

        def root(v: VarId) -> VarId:
            while parent[v] != v:
                v = parent[v]
            return v

        def join(names: list[VarId]) -> None:
            names = [v for v in names if v in parent]
            for v in names[1:]:
                parent[root(v)] = root(names[0])

        open_: set[VarId] = set()
        for rule in self.ir.rules:
            join([target for target, term in rule.assigns.items() if term == FRESH])
            for target, term in rule.assigns.items():
                if target in parent:
                    join([target, *variables(term)])
                    if term == FRESH:
                        open_.add(target)
            for literal in rule.literals:
                join(list(variables(literal)))
        for condition in self.conditions():
            for literal in condition.literals:
                join(list(variables(literal)))
        for v, owner in self.ir.slots.items():
            join([owner, v])
        named = 1
        for rule in self.ir.rules:
            for target, term in rule.assigns.items():
                if target in parent and term[0] == "c":
                    named = max(named, term[1] + 1)
        for literal in self.literals():
            named = max([named, *(c + 1 for c in constants(literal))])
        for values in self.ir.initial:
            for v in parent:
                first = values[v] or 0
                assert isinstance(first, int)
                named = max(named, first + 1)
        self.named = named
        groups: dict[VarId, list[VarId]] = {}
        for v in sorted(parent):
            groups.setdefault(root(v), []).append(v)
        for members in groups.values():
            if any(v in open_ for v in members):
                owners = [v for v in members if v not in self.ir.slots]
                for v in members:
                    self.group_of[v] = len(self.groups)
                self.groups.append(owners)
            else:
                for v in members:
                    self.ir.vars[v] = closed(self.ir.vars[v], named)
                    self.numbering[v] = {n: n for n in range(named)}

    def literals(self) -> list[Term]:
        found = [literal for rule in self.ir.rules for literal in rule.literals]
        for condition in self.conditions():
            found += list(condition.literals)
        return [t for t in found if any(self.ir.vars[v].version for v in variables(t))]

    def conditions(self) -> list[Condition]:
        """Those that a search asks of states."""
        found = [c for check in self.ir.checks for c in (*check.bad, *check.covered)]
        return [*found, *self.ir.quiescent]

    def code(self, v: VarId, value: Value) -> int:
        """The number that stands for a value of a variable."""
        if v in self.group_of:
            assert isinstance(value, int)
            return value
        return self.numbering[v][value]

    # ---- tests --------------------------------------------------------------

    def tests(self, guard: Guard, literals: Literals) -> b.Tests | None:
        """The tests of a condition; None where it can never hold."""
        masks: dict[int, tuple[int, int]] = {}
        others: list[b.Instr] = []
        for v, values in guard.items():
            if v in self.ir.constants:
                if self.ir.constants[v] not in values:
                    return None
                continue
            domain = self.ir.vars[v].domain
            allowed = [x for x in domain if x in values]
            if not allowed:
                return None
            if len(allowed) == len(domain):
                continue
            field = self.fields[self.field_of[v]]
            cube = self.cube(v, [self.code(v, x) for x in allowed])
            if cube is not None:
                mask, value = cube
                before = masks.get(field.word, (0, 0))
                mask, value = mask << field.shift, value << field.shift
                if before[0] & mask & (before[1] ^ value):
                    return None
                masks[field.word] = (before[0] | mask, before[1] | value)
            elif len(allowed) == len(domain) - 1:
                (missing,) = [x for x in domain if x not in values]
                full = (1 << field.width) - 1
                code = self.code(v, missing)
                others.append(
                    (Op.MISMATCH, field.word, full << field.shift, code << field.shift)
                )
            else:
                table = [0] * (1 << field.width)
                for x in allowed:
                    table[self.code(v, x)] = 1
                others.append((Op.LOOKUP, self.table(table), self.field_of[v]))
        for literal, wanted in literals.items():
            test = self.literal(literal, wanted)
            if test is False:
                return None
            if test is not True:
                others.append(test)
        matches = [(Op.MATCH, w, mask, value) for w, (mask, value) in sorted(masks.items())]
        return (*matches, *others)

    def cube(self, v: VarId, codes: list[int]) -> tuple[int, int] | None:
        """A mask and value that match exactly these numbers, among those in use."""
        field = self.fields[self.field_of[v]]
        full = (1 << field.width) - 1
        ones = zeros = full
        for code in codes:
            ones &= code
            zeros &= ~code
        mask = (ones | zeros) & full
        if not mask:
            return None
        every = [self.code(v, x) for x in self.ir.vars[v].domain]
        inside = [c for c in every if c & mask == ones & mask]
        return (mask, ones & mask) if sorted(inside) == sorted(codes) else None

    def literal(self, literal: Term, wanted: bool) -> b.Instr | bool:
        literal = self.grounded(literal)
        if literal[0] == "c":
            return bool(literal[1]) is wanted
        match literal:
            case ("==", ("v", x), ("v", y)) if self.comparable(x, y):
                op = Op.SAME if wanted else Op.DIFFER
                return (op, self.field_of[x], self.field_of[y])
            case ("==", ("v", x), ("c", value)) | ("==", ("c", value), ("v", x)) if (
                x in self.group_of
            ):
                field = self.fields[self.field_of[x]]
                full = (1 << field.width) - 1
                op = Op.MATCH if wanted else Op.MISMATCH
                return (op, field.word, full << field.shift, int(value) << field.shift)
        names = sorted(set(variables(literal)))
        table = self.tabulate(names, lambda env: int(bool(value_of(literal, env)) is wanted))
        return (Op.LOOKUP, self.table(table), *(self.field_of[v] for v in names))

    def grounded(self, term: Term) -> Term:
        return term if term[0] == "c" else substitute(term, self.constants)

    def comparable(self, x: VarId, y: VarId) -> bool:
        """Whether equal numbers mean equal values."""
        if x in self.group_of and y in self.group_of:
            return True
        return self.numbering.get(x) == self.numbering.get(y) and x not in self.group_of

    def tabulate(self, names: list[VarId], result) -> list[int]:  # type: ignore[no-untyped-def]
        bits = sum(self.fields[self.field_of[v]].width for v in names)
        if bits > TABLE_BITS_MAX or any(v in self.group_of for v in names):
            shown = ", ".join(self.ir.vars[v].name for v in names)
            raise self.rejected("MM505", f"a condition or value depends on too much: {shown}")
        table = [0] * (1 << bits)
        for values in product(*(self.ir.vars[v].domain for v in names)):
            at, shift = 0, 0
            for v, value in zip(names, values, strict=True):
                at |= self.code(v, value) << shift
                shift += self.fields[self.field_of[v]].width
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
            if v in self.ir.constants or v in self.ir.dropped:
                continue
            term = self.grounded(term)
            field = self.fields[self.field_of[v]]
            full = ((1 << field.width) - 1) << field.shift
            if term[0] == "c":
                before = puts.get(field.word, (0, 0))
                code = self.code(v, term[1]) << field.shift
                puts[field.word] = (before[0] | full, before[1] | code)
                continue
            others.append(self.effect(v, term))
        put = [(Op.PUT, w, mask, value) for w, (mask, value) in sorted(puts.items())]
        return (*put, *others)

    def effect(self, v: VarId, term: Term) -> b.Instr:
        field = self.field_of[v]
        if term == FRESH:
            return (Op.FRESH, field, self.group_of[v])
        match term:
            case ("v", x) if self.copyable(v, x):
                return (Op.COPY, field, self.field_of[x])
            case ("+", ("v", x), ("c", n)) if x == v and self.counting(v):
                return (Op.ADD, field, n)
            case ("-", ("v", x), ("c", n)) if x == v and self.counting(v):
                return (Op.ADD, field, -n)
        names = sorted(set(variables(term)))

        def result(env: dict[VarId, Value]) -> int:
            # Combinations that the guard excludes may have no number: any will do.
            return self.numbering[v].get(value_of(term, env), 0)

        return (
            Op.MAP,
            field,
            self.table(self.tabulate(names, result)),
            *(self.field_of[x] for x in names),
        )

    def copyable(self, v: VarId, x: VarId) -> bool:
        if not self.comparable_prefix(v, x):
            return False
        return self.fields[self.field_of[v]].width >= self.fields[self.field_of[x]].width

    def comparable_prefix(self, v: VarId, x: VarId) -> bool:
        """Whether each value that both can have has the same number in both."""
        if x in self.group_of or v in self.group_of:
            return x in self.group_of and v in self.group_of
        ours = self.numbering[v]
        return all(ours.get(value, n) == n for value, n in self.numbering[x].items())

    def counting(self, v: VarId) -> bool:
        """Whether numbers go up with values, one by one."""
        domain = self.ir.vars[v].domain
        return all(type(x) is int for x in domain) and list(domain) == list(
            range(domain[0], domain[0] + len(domain))  # type: ignore[arg-type,operator]
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
            rules.append(
                b.Rule(
                    process=rule.process,
                    tests=tests,
                    effects=self.effects(rule),
                    violates=tuple(b.CheckId(c) for c in sorted(rule.violates)),
                    covers=tuple(b.CheckId(c) for c in sorted(rule.covers)),
                    halts=rule.halts,
                    parts=tuple(b.RuleId(p) for p in rule.parts),
                    origin=rule.line,
                )
            )
        processes = tuple(
            b.Process(
                kind=p.kind,
                pc=None if p.pc is None else self.pc_field(p.pc),
                dispatch=tuple(tuple(ids) for ids in dispatch[n]),
                rest=tuple(sorted(p.rest)),
                column=p.column,
            )
            for n, p in enumerate(self.ir.processes)
        )
        program = b.Program(
            words=self.words,
            fields=tuple(self.fields),
            initial=tuple(dict.fromkeys(self.pack(values) for values in self.ir.initial)),
            processes=processes,
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
                    fields=tuple(self.field_of[v] for v in group),
                    named=self.named,
                    canonical=self.canonical,
                )
                for group in self.groups
            ),
            tables=tuple(self.tables),
        )
        return program, tuple(numbers)

    def pc_field(self, pc: VarId) -> b.FieldId | None:
        return self.field_of.get(pc)

    def disjunction(self, conditions: tuple[Condition, ...]) -> tuple[b.Tests, ...]:
        found = [self.tests(c.guard, c.literals) for c in conditions]
        return tuple(dict.fromkeys(tests for tests in found if tests is not None))

    def pack(self, values: dict[VarId, Value]) -> b.State:
        words = [0] * self.words
        for v in self.stored_vars():
            if v in self.ir.slots:
                continue
            field = self.fields[self.field_of[v]]
            words[field.word] |= self.code(v, values[v]) << field.shift
        return tuple(words)

    def rejected(self, code: str, message: str) -> Rejected:
        hint = "make the bounds or the domains smaller"
        return Rejected((Diagnostic(code=code, message=message, span=self.span, hint=hint),))


def constants(term: Term) -> list[int]:
    match term[0]:
        case "c":
            return [term[1]] if type(term[1]) is int else []
        case "v" | "fresh":
            return []
        case "in" | "clamp":
            return constants(term[1])
    return [c for part in term[1:] for c in constants(part)]


def closed(var, named: int):  # type: ignore[no-untyped-def]
    """A version that is never fresh: a plain number."""
    from attrs import evolve

    return evolve(var, version=False, domain=tuple(range(named)))


def packed(rows: list[list[VarId]], width: dict[VarId, int]) -> dict[VarId, tuple[int, int]]:
    """Word and shift of each variable: a row in the first word with room for it, or cut up."""
    free: list[int] = []
    places: dict[VarId, tuple[int, int]] = {}
    for row in rows:
        whole = sum(width[v] for v in row)
        for v in row:
            need = whole if whole <= b.WORD_BITS else width[v]
            word = next((n for n, used in enumerate(free) if used + need <= b.WORD_BITS), len(free))
            if word == len(free):
                free.append(0)
            places[v] = (word, free[word])
            free[word] += width[v]
            whole -= width[v] if whole <= b.WORD_BITS else 0
    return places
