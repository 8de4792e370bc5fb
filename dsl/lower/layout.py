"""Which bits of the state each variable of an IR has, and which number stands for which value."""

from __future__ import annotations

from collections import Counter

from attrs import evolve

from mmscn.check.values import Value
from mmscn.diagnostics import Diagnostic, Rejected
from mmscn.lower.ir import (
    FRESH,
    Condition,
    Ir,
    Term,
    Var,
    VarId,
    constants,
    variables,
)
from mmscn.runtime import bytecode as b
from mmscn.source import Span

WORDS_MAX = 8
VERSION_BITS = 6


class Layout:
    """Assigns fields.

    numbering: by field variable, the number of each value. A variable that
    shares the slot of another uses that one's field with its own numbering.
    """

    def __init__(self, ir: Ir, span: Span, *, canonical: bool) -> None:
        self.ir = ir.having(vars=list(ir.vars))
        self.span = span
        self.canonical = canonical
        self.numbering: dict[VarId, dict[Value, int]] = {}
        self.fields: list[b.Field] = []
        self.field_of: dict[VarId, b.FieldId] = {}
        self.groups: list[list[VarId]] = []
        self.group_of: dict[VarId, int] = {}
        self.named = 1
        self.contents: frozenset[VarId] = frozenset()
        self.constants: dict[VarId, Term] = {v: ("c", x) for v, x in ir.constants.items()}
        self.lay_out()

    def stored_vars(self) -> list[VarId]:
        return [
            v
            for v in range(len(self.ir.vars))
            if v not in self.ir.constants and v not in self.ir.dropped
        ]

    def lay_out(self) -> None:
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
            raise too_large(
                self.span,
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

    def comparable(self, x: VarId, y: VarId) -> bool:
        """Whether equal numbers mean equal values."""
        if x in self.group_of and y in self.group_of:
            return True
        return self.numbering.get(x) == self.numbering.get(y) and x not in self.group_of

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
        numbers = [x for x in domain if type(x) is int]
        return len(numbers) == len(domain) and numbers == list(
            range(numbers[0], numbers[0] + len(numbers))
        )


def too_large(span: Span, code: str, message: str) -> Rejected:
    hint = "make the bounds or the domains smaller"
    return Rejected((Diagnostic(code=code, message=message, span=span, hint=hint),))


def closed(var: Var, named: int) -> Var:
    """A version that is never fresh: a plain number."""
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
