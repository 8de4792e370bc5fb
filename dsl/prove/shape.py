"""What each rule says of the interchangeable threads, and that it says so for every number.

A rule's *essential* rows are the one whose step it is and, where there must be one, a
witness: whose values decide the guard or a value, or whose name is given away. Of every other
row the rule may only say the same: ask a condition of that row (and of shared variables and
essential rows), or give it values that come from there. What a guard says of some of the
others only is left out, so that the rule can do more. A rule is refused where a value depends on
more rows, or where others are given different values.

*Lemma (restriction).* Let s -> s' be a step of the program with n threads by a rule with
essential rows E, and W some of the threads with E among them. The rule without what it says of the
others is enabled in s restricted to W, and leads to s' restricted to W: a conjunction with fewer
members holds where it held; what is assigned in W and to shared variables is computed from shared
variables and E; a name of a thread outside W is "somebody else" before and behind it, and the
rule treats all these names alike. Tests: test_shape.py, and test_generated.py for the whole.

That the rules are those of every number: they are compared for two sizes, by what they
say (`compared`), after `uniform` has looked at the text and `aggregates` at what could count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mmscn.check.values import Elem, Value
from mmscn.lower.compile import written_at
from mmscn.lower.ir import Condition, Guard, Literals, Rule, Term, VarId, variables
from mmscn.prove.instances import Instance
from mmscn.prove.refused import Refused
from mmscn.prove.rows import NUMBERED, Column, Rows

Labels = dict[int, str]
"""What rows are called in a form: essential ones, and the one that stands for all others."""

Form = object
"""What a rule says, the same for each number of threads."""


Said = tuple[VarId, frozenset[Value]] | tuple[Term, bool]
"""A conjunct: what a variable may be, or whether an expression holds."""


class Shaped(NamedTuple):
    """A rule or condition as it is used: what is left of its guard.

    essential: rows. dropped: conjuncts that are left out because they are of some others only.
    others: what is said of each other row.
    """

    essential: frozenset[int]
    guard: Guard
    literals: Literals
    form: Form
    dropped: int
    others: int = 0


class Shape:
    """The rules of one instance, taken apart by rows."""

    def __init__(self, instance: Instance, rows: Rows, extra: int) -> None:
        self.instance = instance
        self.ir = instance.ir
        self.rows = rows
        self.extra = extra
        self.every = range(rows.size)
        self.named_vars = {
            v
            for v, var in enumerate(self.ir.vars)
            if any(isinstance(x, Elem) and x in rows.named for x in var.domain)
        }

        self.numbered_vars = {
            v
            for v, var in enumerate(self.ir.vars)
            if any(isinstance(x, Elem) and x.sort in NUMBERED for x in var.domain)
        }

    # ---- rules

    def rule(self, rule: Rule) -> Shaped:
        """Raises Refused."""
        mine = self.rows.process_row.get(rule.process)
        assigns = self.assigned(rule)
        found = self.best(rule.guard, rule.literals, assigns, mine, self.extra)
        if found is None:
            where = written_at(self.instance.checked, self.instance.lines[rule.line])
            raise Refused(f"{where} does not treat all of the others alike")
        does = (
            self.rows.process_column.get(rule.process),
            rule.at,
            rule.to,
            self.checks_named(rule.violates),
            rule.halts,
        )
        return found._replace(form=(does, found.form))

    def assigned(self, rule: Rule) -> dict[VarId, Term]:
        """What a rule assigns that is kept."""
        gone = self.ir.dropped | set(self.ir.constants)
        return {v: term for v, term in rule.assigns.items() if v not in gone}

    def checks_named(self, checks: Iterable[int]) -> frozenset[tuple[str, str]]:
        infos = [self.instance.checked.checks[self.ir.checks[c].info] for c in checks]
        return frozenset((info.name, info.kind) for info in infos)

    def condition(self, condition: Condition, extra: int) -> Shaped:
        """A condition of states, of which a weaker one may be left."""
        found = self.best(condition.guard, condition.literals, {}, None, extra)
        assert found is not None, "a condition assigns nothing"
        return found

    def best(
        self,
        guard: Guard,
        literals: Literals,
        assigns: dict[VarId, Term],
        mine: int | None,
        extra: int,
    ) -> Shaped | None:
        """With the essential rows that leave out least; None where none will do."""
        literals = dict(taken_apart(literals))
        chosen: Shaped | None = None
        for witnesses in witnesses_of(self.every, mine, extra):
            labels = {row: f"witness {n}" for n, row in enumerate(witnesses)}
            if mine is not None:
                labels[mine] = "itself"
            found = self.with_rows(guard, literals, assigns, labels)
            if found is not None and (chosen is None or rank(found) < rank(chosen)):
                chosen = found
        return chosen

    def with_rows(
        self, guard: Guard, literals: Literals, assigns: dict[VarId, Term], labels: Labels
    ) -> Shaped | None:
        """What is said with these essential rows; None where too much depends on others."""
        others = [row for row in self.every if row not in labels]
        core: list[Form] = []
        said: dict[int, dict[Form, Said]] = {row: {} for row in others}
        kept_guard: Guard = {}
        kept_literals: Literals = {}
        dropped = 0
        for one in self.conjuncts(guard, literals):
            row, form = self.told(one, labels)
            if form is None:
                dropped += 1
            elif row is not None:
                said[row][form] = one
            else:
                core.append(form)
                keep(one, kept_guard, kept_literals)
        gives = self.given(assigns, labels, others)
        if gives is None:
            return None
        core += gives[0]
        common = set.intersection(*(set(said[row]) for row in others)) if others else set()
        for row in others:
            for form, one in said[row].items():
                if form in common:
                    keep(one, kept_guard, kept_literals)
                else:
                    dropped += 1
        whole = (frozenset(core), frozenset(common), gives[1])
        of_each = len(common) + len(gives[1])
        return Shaped(frozenset(labels), kept_guard, kept_literals, whole, dropped, of_each)

    def conjuncts(self, guard: Guard, literals: Literals) -> Iterator[Said]:
        """The members of a guard that say something."""
        for v, allowed in guard.items():
            says = not allowed >= frozenset(self.ir.vars[v].domain)
            if v not in self.ir.constants and says:
                yield v, allowed
        yield from literals.items()

    def told(self, one: Said, labels: Labels) -> tuple[int | None, Form | None]:
        """The row beside the essential ones that a conjunct is of, and its form.

        There is no form where it is of several, or tells others apart.
        """
        what, wanted = one
        if isinstance(what, int):
            assert isinstance(wanted, frozenset)
            row = self.other(what, labels)
            return row, self.among(what, wanted, self.with_each(labels, row))
        of = {row for x in variables(what) if (row := self.other(x, labels)) is not None}
        if len(of) > 1 or self.names_two(what):
            return None, None
        row = min(of, default=None)
        form = self.term(what, self.with_each(labels, row))
        return row, None if form is None else (form, wanted)

    def given(
        self, assigns: dict[VarId, Term], labels: Labels, others: list[int]
    ) -> tuple[list[Form], frozenset[Form]] | None:
        """What is given to shared variables and essential rows, and what to each other row.

        None where that depends on other rows, or is not the same for each.
        """
        core: list[Form] = []
        rest: dict[int, set[Form]] = {row: set() for row in others}
        for v, term in assigns.items():
            row = self.other(v, labels)
            names = self.with_each(labels, row)
            inner = self.term(term, names)
            if inner is None or (term[0] != "v" and self.names_two(term)):
                return None
            form = ("gives", self.called(v, names), inner)
            if row is None:
                core.append(form)
            else:
                rest[row].add(form)
        if any(rest[row] != rest[others[0]] for row in others):
            return None
        return core, frozenset(rest[others[0]] if others else ())

    def with_each(self, labels: Labels, row: int | None) -> Labels:
        return labels if row is None else labels | {row: "each other"}

    def other(self, v: VarId, labels: Labels) -> int | None:
        """The row that a variable is in, if that is not essential."""
        row = self.rows.row.get(v)
        return None if row is None or row in labels else row

    def names_two(self, term: Term) -> bool:
        """Whether a term depends on two variables that may hold names of somebody else."""
        return len({v for v in variables(term) if v in self.named_vars}) > 1

    # ---- forms

    def called(self, v: VarId, labels: Labels) -> Form:
        row = self.rows.row.get(v)
        return (self.rows.column[v], None if row is None else labels[row])

    def among(self, v: VarId, allowed: frozenset[Value], labels: Labels) -> Form | None:
        """A membership; None where it tells rows apart that have no label."""
        domain = self.ir.vars[v].domain
        if v not in self.numbered_vars:
            return ("in", self.called(v, labels), allowed.intersection(domain))
        parts = self.parted([x for x in domain if x in allowed], labels)
        whole = self.parted(domain, labels)
        if any(len(rows) < len(whole[2][sort]) for sort, rows in parts[2].items()):
            return None
        return ("in", self.called(v, labels), parts[0], parts[1], frozenset(parts[2]))

    def parted(
        self, values: Iterable[Value], labels: Labels
    ) -> tuple[frozenset[object], frozenset[object], dict[str, set[int]]]:
        """Values: those that are no names, the names of rows with a label, and other names."""
        plain, own = set(), set()
        rest: dict[str, set[int]] = {}
        for x in values:
            row = self.rows.named.get(x) if isinstance(x, Elem) else None
            if row is None:
                plain.add(self.rows.plain(x))
            elif row in labels:
                assert isinstance(x, Elem)
                own.add((x.sort, labels[row]))
            else:
                assert isinstance(x, Elem)
                rest.setdefault(x.sort, set()).add(row)
        return frozenset(plain), frozenset(own), rest

    def term(self, term: Term, labels: Labels) -> Form | None:
        """An expression; None where it names or reads a row that has no label."""
        match term:
            case ("fresh",):
                return term
            case ("c", value):
                row = self.rows.named.get(value) if isinstance(value, Elem) else None
                if row is None:
                    return ("c", self.rows.plain(value))
                return ("c", value.sort, labels[row]) if row in labels else None
            case ("v", v):
                if self.other(v, labels) is not None:
                    return None
                if v not in self.rows.column:
                    return None
                return ("v", self.called(v, labels))
            case ("in", inner, values):
                form = self.term(inner, labels)
                plain, own, rest = self.parted(values, labels)
                return None if form is None or rest else ("in", form, plain, own)
            case ("clamp", inner, domain):
                form = self.term(inner, labels)
                return None if form is None else ("clamp", form, domain)
        forms = tuple(self.term(part, labels) for part in term[1:])
        return None if None in forms else (term[0], *forms)

    # ---- the whole

    def domains(self) -> dict[tuple[Column, int | None], Form]:
        """What each variable can hold, by what it is called."""
        found: dict[tuple[Column, int | None], Form] = {}
        for v in self.instance.assembler.layout.stored_vars():
            row = self.rows.row.get(v)
            if row not in (None, 0):
                continue
            labels = {} if row is None else {0: "itself"}
            var = self.ir.vars[v]
            plain, own, rest = self.parted(var.domain, labels)
            if any(len(rows) != self.rows.size - len(labels) for rows in rest.values()):
                raise Refused(f"`{var.name}` can hold some of their names only")
            contents = v in self.instance.assembler.layout.group_of
            form = "contents" if contents else (plain, own, frozenset(rest))
            found[self.rows.column[v], row] = form
        return found

    def starts(self) -> set[Form]:
        """The first states, by what variables are called. Raises Refused."""
        found: set[Form] = set()
        of = {int(f): v for v, f in self.instance.assembler.layout.field_of.items()}
        for values in self.ir.initial:
            for mapping, _ in self.rows.exchanges:
                for f, (to, numbers) in enumerate(mapping):
                    v, image = of[f], of[to]
                    before = self.instance.assembler.layout.code(v, values[v])
                    after = self.instance.assembler.layout.code(image, values[image])
                    if numbers[before] != after:
                        raise Refused(f"`{self.ir.vars[v].name}` is not the same in all at first")
            form = frozenset(
                (self.rows.column[v], self.starting(values[v]))
                for v in self.instance.assembler.layout.stored_vars()
                if self.rows.row.get(v) in (None, 0)
            )
            found.add(form)
        return found

    def starting(self, value: Value) -> Form:
        if isinstance(value, Elem) and value in self.rows.named:
            return "itself"
        return self.rows.plain(value)


def keep(one: Said, guard: Guard, literals: Literals) -> None:
    what, wanted = one
    if isinstance(what, int):
        assert isinstance(wanted, frozenset)
        guard[what] = wanted
    else:
        assert isinstance(wanted, bool)
        literals[what] = wanted


def rank(shaped: Shaped) -> tuple[int, int, int]:
    """How good a choice is: the least is the best. Where it is as good that two are essential as
    that all but these two are, it is these two."""
    return shaped.dropped, len(shaped.essential), shaped.others


def witnesses_of(rows: range, mine: int | None, extra: int) -> Iterator[tuple[int, ...]]:
    """Rows that may be needed beside the one whose step it is: none, one, two."""
    left = [row for row in rows if row != mine]
    yield ()
    if extra > 0:
        yield from ((row,) for row in left)
    if extra > 1:
        yield from ((one, other) for one in left for other in left if one < other)


def taken_apart(literals: Literals) -> Iterator[tuple[Term, bool]]:
    """Conditions, conjunctions member by member."""
    for term, wanted in literals.items():
        if term[0] == "not":
            yield from taken_apart({term[1]: not wanted})
        elif term[0] == ("and" if wanted else "or"):
            for part in term[1:]:
                yield from taken_apart({part: wanted})
        else:
            yield term, wanted
