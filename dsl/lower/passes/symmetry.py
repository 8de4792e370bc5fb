"""Interchangeable threads, CPUs and pages: permutations that map a program onto itself.

A candidate exchanges two elements (two threads made from one declaration, with
their CPUs, locals and rows of arrays; two frames with the pages that are
mapped to them) wherever they stand: as an index, as a value, as a process. It
is used only if it is *verified*: applied to the assembled program, it gives the
same set of initial states, of rules (process, tests, effects, checks broken and
covered, halting), of conditions of each check and of quiescence, and of
processes' resting places. Then a state can be stored as the least of its images.

A wrong candidate costs the time to refuse it and nothing else: `candidates`
may guess, `Verifier` may not.
Preserves verdicts, the depth of the first violation, and the quiescent states
up to the permutations; the number of states shrinks. Not found: symmetries of
numbers that are values, and of more than GROUP_MAX permutations.
Source: Ip, Dill, Better Verification Through Symmetry (CHDL 1993), definition 2
and theorems 1, 3 and 4; section 3.3 for the least image. That candidates are
guessed and then verified is not in it, nor the depth of the first violation,
which follows from theorem 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import combinations, product
from typing import Any

from attrs import frozen

from mmscn.check.values import Elem, Value
from mmscn.lower.assemble import Assembler
from mmscn.lower.ir import Ir, Var, VarId, reads_of, variables
from mmscn.runtime.bytecode import FieldId, Op, Permutation, Process, Program, Rule, Tests

GROUP_MAX = 64
"""Permutations in a group, the identity included."""

CANDIDATES_MAX = 24
"""Tried on one program."""

Swap = dict[Value, Value]
"""Elements, and what they are exchanged with."""
Mapping = tuple[tuple[int, tuple[int, ...]], ...]
"""Of each field: the field that it goes to, and the number that each of its numbers becomes."""


@frozen(kw_only=True)
class Candidate:
    """elements: exchanged wherever they occur. rows: numbers exchanged where they are an index
    of a row of one of two processes. processes: exchanged."""

    elements: Swap
    rows: tuple[int, int] | None
    processes: tuple[int, int] | None


def with_symmetry(program: Program, assembler: Assembler) -> Program:
    """The program with the group that its verified permutations generate."""
    verifier: Verifier | None = None
    found: list[Mapping] = []
    joined: list[set[object]] = []
    tried = 0
    for one, other, candidate in candidates(assembler.ir):
        if any(one in members and other in members for members in joined):
            continue  # the exchanges that were found bring one to the other
        if tried == CANDIDATES_MAX:
            break
        tried += 1
        verifier = verifier or Verifier(program, assembler)
        mapping = verifier.verified(candidate)
        if mapping is not None:
            found.append(mapping)
            both = {one, other}.union(*(m for m in joined if one in m or other in m))
            joined = [*(m for m in joined if one not in m and other not in m), both]
    group = closure(found)
    if not group:
        return program
    tables = list(program.tables)
    index = {table: n for n, table in enumerate(tables)}
    permutations = []
    for mapping in group:
        moves = []
        for source, (to, values) in enumerate(mapping):
            renames = values != tuple(range(len(values)))
            if source == to and not renames:
                continue
            if renames and values not in index:
                index[values] = len(tables)
                tables.append(values)
            moves.append((FieldId(to), FieldId(source), index[values] if renames else -1))
        permutations.append(Permutation(moves=tuple(moves)))
    return program._replace(symmetry=tuple(permutations), tables=tuple(tables))


def closure(generators: list[Mapping]) -> list[Mapping]:
    """All products of the generators but the identity; of fewer where there are too many."""
    while generators:
        size = len(generators[0])
        identity: Mapping = tuple(
            (f, tuple(range(len(values)))) for f, (_, values) in enumerate(generators[0])
        )
        assert size == len(identity)
        group = {identity: None}
        todo = [identity]
        while todo and len(group) <= GROUP_MAX:
            one = todo.pop()
            for other in generators:
                both = after(one, other)
                if both not in group:
                    group[both] = None
                    todo.append(both)
        if len(group) <= GROUP_MAX:
            del group[identity]
            return list(group)
        generators = generators[:-1]
    return []


def after(first: Mapping, second: Mapping) -> Mapping:
    """One mapping and then another."""
    return tuple((second[to][0], tuple(second[to][1][x] for x in values)) for to, values in first)


# ---- candidates ---------------------------------------------------------------


def candidates(ir: Ir) -> Iterator[tuple[object, object, Candidate]]:
    """Exchanges worth trying, of each two in a class of what looks alike, and of which two."""
    sizes = Counter(rule.process for rule in ir.rules)
    alike: dict[object, list[int]] = {}
    for n, process in enumerate(ir.processes):
        if process.pc is not None:
            size = len(ir.vars[process.pc].domain)
            alike.setdefault((process.kind, size, sizes[n]), []).append(n)
    for members in alike.values():
        for gap in range(1, len(members)):
            for a, b in zip(members, members[gap:], strict=False):
                yield ("thread", a), ("thread", b), of_threads(ir, a, b)
    elements = used_elements(ir)
    for a, b in combinations(elements, 2):
        swaps: list[Swap] = []
        for sorts in (("frame", "va", "filepage"), ("frame",), ("va",)):
            swap: Swap = {}
            for sort in sorts:
                one, other = elements[a].get(sort), elements[b].get(sort)
                if one is not None and other is not None:
                    swap |= {one: other, other: one}
            if swap and swap not in swaps:
                swaps.append(swap)
                yield (sorts, a), (sorts, b), Candidate(elements=swap, rows=None, processes=None)


def of_threads(ir: Ir, a: int, b: int) -> Candidate:
    """The exchange of two threads, with their CPUs and numbers."""
    elements: Swap = {}
    for var in ir.vars:
        for value in (*var.index, *var.domain):
            if isinstance(value, Elem) and value not in elements:
                numbers = {"thread": (a, b), "cpu": columns(ir, a, b)}.get(value.sort)
                if numbers is not None and value.number in numbers:
                    other = numbers[1] if value.number == numbers[0] else numbers[0]
                    elements[value] = Elem(value.sort, other, "")
    rows = None
    mine, its = row_of(ir.processes[a].name), row_of(ir.processes[b].name)
    if mine is not None and its is not None and mine != its:
        rows = (mine, its)
    return Candidate(elements=elements, rows=rows, processes=(a, b))


def columns(ir: Ir, a: int, b: int) -> tuple[int, int]:
    return ir.processes[a].column, ir.processes[b].column


def row_of(name: str) -> int | None:
    """The number in `writer[1]`."""
    inside = name[name.find("[") + 1 : -1] if name.endswith("]") else ""
    return int(inside) if inside.isdigit() else None


def used_elements(ir: Ir) -> dict[int, dict[str, Elem]]:
    """The frames and pages that occur, by number and sort."""
    found: dict[int, dict[str, Elem]] = {}
    for var in ir.vars:
        for value in (*var.index, *var.domain):
            if isinstance(value, Elem) and value.sort in ("frame", "va", "filepage"):
                found.setdefault(value.number, {})[value.sort] = value
    return dict(sorted(found.items()))


# ---- verification ---------------------------------------------------------------

PIECES_MAX = 64
"""That a conjunction is taken into to see whether a disjunction has it all."""

Form = Any
"""What a rule or condition says, independent of the order of its parts and unused numbers."""


class Verifier:
    """One program, its rules taken apart field by field."""

    def __init__(self, program: Program, assembler: Assembler) -> None:
        self.program = program
        self.ir = assembler.ir
        self.assembler = assembler
        self.used = [0] * len(program.fields)
        self.vars_of: list[list[VarId]] = [[] for _ in program.fields]
        for v, place in assembler.field_of.items():
            f = int(place)
            size = len(self.ir.vars[v].domain)
            if v in assembler.group_of:
                size = 1 << program.fields[f].width
            self.used[f] = max(self.used[f], size)
            self.vars_of[f].append(v)
        self.full = [frozenset(range(n)) for n in self.used]
        self.group_of: dict[int, int] = {
            int(f): g for g, group in enumerate(program.versions) for f in group.fields
        }
        self.word_fields: list[list[int]] = [[] for _ in range(program.words)]
        for f, field in enumerate(program.fields):
            self.word_fields[field.word].append(f)
        self.pcs = {p.pc: n for n, p in enumerate(program.processes) if p.pc is not None}
        self.at: list[int] = [0] * len(program.rules)
        for process in program.processes:
            for pc, rules in enumerate(process.dispatch):
                for r in rules:
                    self.at[r] = pc
        self.hardware = [n for n, p in enumerate(program.processes) if p.pc is None]
        self.nowhere = [0] * len(program.processes)
        self.counters_of = self.ir.pcs()
        self.users = self.uses()
        self.asked = [*(d for c in program.checks for d in (c.bad, c.covered)), program.quiescent]
        self.initial = {self.numbered(self.unpacked(state)) for state in program.initial}
        self.by_name = self.names()

    @cached_property
    def parts(self) -> list[tuple[list[Form], list[Form], int]]:
        """The rules taken apart."""
        return [self.rule(r, rule) for r, rule in enumerate(self.program.rules)]

    @cached_property
    def forms(self) -> dict[Form, set[Form]]:
        """The rules as they are."""
        pcs = [{pc: pc for pc in range(len(p.dispatch))} for p in self.program.processes]
        return self.mapped_rules(self.identity(), pcs, list(range(len(pcs))))

    # ---- taking apart

    def rule(self, number: int, rule: Rule) -> tuple[list[Form], list[Form], int]:
        """Tests, effects and the counter that follows."""
        guard, others = self.tests(rule.tests)
        own = self.program.processes[rule.process].pc
        to = self.at[number]
        effects: list[Form] = []
        for effect in rule.effects:
            match Op(effect[0]), effect[1:]:
                case Op.PUT, (word, mask, value):
                    for f in self.word_fields[word]:
                        field = self.program.fields[f]
                        if mask >> field.shift & 1:
                            x = value >> field.shift & (1 << field.width) - 1
                            if f == own:
                                to = x
                            else:
                                effects.append(("put", f, x))
                case Op.ADD, (f, n):
                    effects.append(("add", f, n))
                case Op.COPY, (f, g):
                    effects.append(("copy", f, g))
                case Op.FRESH, (f, g):
                    effects.append(("fresh", f))
                case Op.MAP, (f, t, *fields):
                    entries = self.entries(t, fields, guard)
                    effects.append(("map", f, tuple(fields), entries))
                case _:
                    raise AssertionError(effect)
        tests: list[Form] = [("in", f, values) for f, values in guard.items()]
        return tests + others, effects, to

    def tests(self, tests: Tests) -> tuple[dict[int, frozenset[int]], list[Form]]:
        guard: dict[int, frozenset[int]] = {}
        others: list[Form] = []
        for test in tests:
            match Op(test[0]), test[1:]:
                case (Op.MATCH | Op.MISMATCH) as op, (word, mask, value):
                    for f in self.word_fields[word]:
                        field = self.program.fields[f]
                        ones = (1 << field.width) - 1
                        own = mask >> field.shift & ones
                        if own:
                            x = value >> field.shift & ones
                            inside = frozenset(n for n in self.full[f] if n & own == x)
                            if op is Op.MISMATCH:
                                inside = self.full[f] - inside
                            guard[f] = guard.get(f, self.full[f]) & inside
                case (Op.SAME | Op.DIFFER) as op, (f, g):
                    others.append((op.name, (f, g)))
                case Op.LOOKUP, (t, f):
                    table = self.program.tables[t]
                    inside = frozenset(n for n in self.full[f] if table[n])
                    guard[f] = guard.get(f, self.full[f]) & inside
                case Op.LOOKUP, (t, *fields):
                    others.append(("lookup", tuple(fields), self.entries(t, fields, guard)))
                case _:
                    raise AssertionError(test)
        for f in [f for f, values in guard.items() if values == self.full[f]]:
            del guard[f]
        return guard, others

    def entries(
        self, table: int, fields: list[int], guard: dict[int, frozenset[int]]
    ) -> tuple[tuple[tuple[int, ...], int], ...]:
        """What a table says where it may be asked."""
        values = self.program.tables[table]
        shifts = []
        shift = 0
        for f in fields:
            shifts.append(shift)
            shift += self.program.fields[f].width
        found = []
        for xs in product(*(sorted(guard.get(f, self.full[f])) for f in fields)):
            found.append((xs, values[sum(x << s for x, s in zip(xs, shifts, strict=True))]))
        return tuple(found)

    def unpacked(self, state: tuple[int, ...]) -> list[int]:
        return [
            state[field.word] >> field.shift & (1 << field.width) - 1
            for field in self.program.fields
        ]

    def numbered(self, values: list[int]) -> tuple[int, ...]:
        """With versions that have no name by first occurrence."""
        values = list(values)
        for group in self.program.versions:
            numbers: dict[int, int] = {}
            for f in group.fields:
                if values[f] >= group.named:
                    values[f] = numbers.setdefault(values[f], group.named + len(numbers))
        return tuple(values)

    def identity(self) -> Mapping:
        return tuple(
            (f, tuple(range(1 << field.width))) for f, field in enumerate(self.program.fields)
        )

    # ---- mapping

    def mapped_rules(
        self, mapping: Mapping, pcs: list[dict[int, int]], processes: list[int]
    ) -> dict[Form, set[Form]]:
        """By what rules do: when they do it, under a mapping."""
        found: dict[Form, set[Form]] = {}
        for number in range(len(self.program.rules)):
            does, when = self.mapped_rule(number, mapping, pcs, processes)
            found.setdefault(does, set()).add(when)
        return found

    def mapped_rule(
        self, number: int, mapping: Mapping, pcs: list[dict[int, int]], processes: list[int]
    ) -> tuple[Form, Form]:
        rule = self.program.rules[number]
        tests, effects, to = self.parts[number]
        names = pcs[rule.process]
        does = (
            processes[rule.process],
            names.get(self.at[number], -1),
            names.get(to, -1),
            frozenset(self.mapped(part, mapping) for part in effects),
            rule.violates,
            rule.covers,
            rule.halts,
        )
        return does, frozenset(self.mapped(part, mapping) for part in tests)

    def mapped(self, part: Form, mapping: Mapping) -> Form:
        match part:
            case ("in", int(f), frozenset() as values):
                to, new = mapping[f]
                return ("in", to, frozenset(new[x] for x in values))
            case ("put", int(f), int(x)):
                to, new = mapping[f]
                return ("put", to, new[x])
            case ("add", int(f), n):
                to, new = mapping[f]
                return ("add", to, n, new) if new != tuple(range(len(new))) else ("add", to, n)
            case ("copy", int(f), int(g)):
                return ("copy", mapping[f][0], mapping[g][0], same(mapping[f][1], mapping[g][1]))
            case ("fresh", int(f)):
                return ("fresh", mapping[f][0])
            case ("SAME" | "DIFFER" as op, tuple() as fields):
                where = frozenset(mapping[f][0] for f in fields)
                first, *_, last = (mapping[f][1] for f in fields)
                return (op, where, same(first, last))
            case ("map", int(f), tuple() as fields, tuple() as entries):
                to, new = mapping[f]
                return ("map", to, *self.table(fields, entries, mapping, new))
            case ("lookup", tuple() as fields, tuple() as entries):
                return ("lookup", *self.table(fields, entries, mapping, None))
        raise AssertionError(part)

    def table(
        self,
        fields: tuple[int, ...],
        entries: tuple[tuple[tuple[int, ...], int], ...],
        mapping: Mapping,
        results: tuple[int, ...] | None,
    ) -> tuple[object, object]:
        order = sorted(range(len(fields)), key=lambda i: mapping[fields[i]][0])
        maps = [mapping[f][1] for f in fields]
        found = frozenset(
            (tuple(maps[i][xs[i]] for i in order), y if results is None else results[y])
            for xs, y in entries
        )
        return tuple(mapping[fields[i]][0] for i in order), found

    # ---- proposals made into mappings

    def uses(self) -> dict[VarId, dict[int, list[int]]]:
        """By variable and process: how many rules read and write it."""
        found: dict[VarId, dict[int, list[int]]] = {}
        for rule in self.ir.rules:
            reads = reads_of(rule)
            for term in rule.assigns.values():
                reads.update(variables(term))
            for way, touched in ((0, reads), (1, set(rule.assigns))):
                for v in touched:
                    found.setdefault(v, {}).setdefault(rule.process, [0, 0])[way] += 1
        return found

    def names(self) -> dict[object, VarId]:
        """The variables by what they are called: a cell, or a thread's local in its order."""
        found: dict[object, VarId] = {}
        counts: dict[tuple[int, str], int] = {}
        for v, var in enumerate(self.ir.vars):
            found[self.name(v, var, counts)] = v
        return found

    def name(self, v: VarId, var: Var, counts: dict[tuple[int, str], int]) -> tuple[Any, ...]:
        if var.family is not None:
            return (var.family, var.index)
        thread = -1 if var.thread is None else var.thread
        base = var.name.split(".")[-1] if v in self.ir.pcs() else var.name
        counts[thread, base] = counts.get((thread, base), -1) + 1
        return (thread, base, counts[thread, base])

    def verified(self, candidate: Candidate) -> Mapping | None:
        """The mapping that a candidate means, if it maps the program onto itself."""
        for mapping, processes in self.mappings(candidate):
            if mapping == self.identity():
                continue
            pcs = self.counters(mapping, processes)
            if pcs is None:
                continue
            whole = self.with_counters(mapping, pcs)
            if whole is not None and self.is_symmetry(whole, pcs, processes):
                return whole
        return None

    def mappings(self, candidate: Candidate) -> Iterator[tuple[Mapping, list[int]]]:
        """The mappings of fields that a candidate may mean, and where processes go."""
        processes = list(range(len(self.program.processes)))
        if candidate.processes is not None:
            a, b = candidate.processes
            processes[a], processes[b] = b, a
        images = self.images(candidate, processes, agents=False)
        if images is None:
            return
        if candidate.rows is not None:
            self.guess_agents(images, processes)
            images = self.images(candidate, processes, agents=True)
            if images is None:
                return
        mapping = self.fields(images, candidate.elements)
        if mapping is not None and self.agents(mapping, processes):
            yield mapping, processes

    def guess_agents(self, images: dict[VarId, VarId], processes: list[int]) -> None:
        """Send each agent to one that uses what its own variables become."""
        used: dict[int, set[VarId]] = {n: set() for n in self.hardware}
        for v, uses in self.users.items():
            for n in uses:
                if n in used and images.get(v, v) != v:
                    used[n].add(v)
        for n in self.hardware:
            wanted = {images[v] for v in used[n]}
            if wanted:
                processes[n] = next((m for m in self.hardware if used[m] == wanted), n)

    def images(
        self, candidate: Candidate, processes: list[int], *, agents: bool
    ) -> dict[VarId, VarId] | None:
        """What each kept variable becomes; None where that is not kept."""
        counts: dict[tuple[int, str], int] = {}
        images: dict[VarId, VarId] = {}
        rows: dict[str, list[VarId]] = {}
        for v, var in enumerate(self.ir.vars):
            name = self.name(v, var, counts)
            if v not in self.assembler.field_of:
                continue
            if var.family is not None:
                if candidate.rows is not None and any(type(i) is int for i in var.index):
                    rows.setdefault(var.family, []).append(v)
                    continue
                index = tuple(candidate.elements.get(i, i) for i in var.index)
                name = (var.family, index)
            else:
                thread, *rest = name
                name = (processes[thread] if thread >= 0 else thread, *rest)
            image = self.by_name.get(name)
            if image is None or image not in self.assembler.field_of:
                return None
            images[v] = image
        for family, members in rows.items():
            found = self.rows_of(family, members, candidate, processes, agents=agents)
            if found is None:
                return None
            images |= found
        return images

    def rows_of(
        self,
        family: str,
        members: list[VarId],
        candidate: Candidate,
        processes: list[int],
        *,
        agents: bool,
    ) -> dict[VarId, VarId] | None:
        """What the cells of a family with numbers as indices become: the fewest indices that
        are exchanged so that each cell is used as its image is."""
        assert candidate.rows is not None
        a, b = candidate.rows
        swap: Swap = {a: b, b: a}
        arity = len(self.ir.vars[members[0]].index)
        for count in range(arity + 1):
            for chosen in combinations(range(arity), count):
                found: dict[VarId, VarId] = {}
                for v in members:
                    index = tuple(
                        swap.get(x, x)
                        if n in chosen and type(x) is int
                        else candidate.elements.get(x, x)
                        for n, x in enumerate(self.ir.vars[v].index)
                    )
                    image = self.by_name.get((family, index))
                    if image is None or image not in self.assembler.field_of:
                        break
                    mine, theirs = self.users.get(v, {}), self.users.get(image, {})
                    kept = [n for n in mine if agents or n not in self.hardware]
                    there = [n for n in theirs if agents or n not in self.hardware]
                    if {processes[n]: mine[n] for n in kept} != {n: theirs[n] for n in there}:
                        break
                    found[v] = image
                else:
                    return found
        return None

    def fields(self, images: dict[VarId, VarId], elements: Swap) -> Mapping | None:
        """The fields and numbers that go with the variables, if that makes sense."""
        asm = self.assembler
        fields = self.program.fields
        to: dict[int, int] = {}
        f: int
        g: int
        values = [list(range(1 << field.width)) for field in fields]
        said: list[dict[int, int]] = [{} for _ in fields]
        for v, image in images.items():
            f, g = asm.field_of[v], asm.field_of[image]
            if to.setdefault(f, g) != g or fields[f].width != fields[g].width:
                return None
            if (v in asm.group_of) is not (image in asm.group_of):
                return None
            if v in asm.group_of or v in self.counters_of:
                continue
            for x, n in asm.numbering[v].items():
                m = asm.numbering[image].get(elements.get(x, x))
                if m is None or said[f].setdefault(n, m) != m:
                    return None
        for f, new in enumerate(said):
            if sorted(new) != sorted(new.values()):
                return None
            for n, m in new.items():
                values[f][n] = m
        if sorted(to) != list(range(len(fields))) or sorted(to.values()) != sorted(to):
            return None
        groups: dict[int, int] = {}
        for f, g in to.items():
            mine = self.group_of.get(f)
            if mine is not None and groups.setdefault(mine, self.group_of[g]) != self.group_of[g]:
                return None
        return tuple((to[f], tuple(values[f])) for f in range(len(fields)))

    def agents(self, mapping: Mapping, processes: list[int]) -> bool:
        """Find where each agent goes; whether there is a place for all."""
        same_places = [{0: 0} for _ in self.program.processes]
        wanted: dict[frozenset[Form], list[int]] = {}
        identity = self.identity()
        for n in self.hardware:
            forms = self.agent_forms(n, identity, same_places)
            wanted.setdefault(forms, []).append(n)
        for n in self.hardware:
            free = wanted.get(self.agent_forms(n, mapping, same_places))
            if not free:
                return False
            processes[n] = free.pop(0)
        return True

    def agent_forms(
        self, agent: int, mapping: Mapping, places: list[dict[int, int]]
    ) -> frozenset[Form]:
        found = []
        for r in self.program.processes[agent].dispatch[0]:
            does, _ = self.mapped_rule(r, mapping, places, self.nowhere)
            found.append(does)
        return frozenset(found)

    def counters(self, mapping: Mapping, processes: list[int]) -> list[dict[int, int]] | None:
        """Where the program counters of each process may go; as numbered where that is unclear."""
        found: list[dict[int, int]] = []
        for n, process in enumerate(self.program.processes):
            image = self.program.processes[processes[n]]
            if len(image.dispatch) != len(process.dispatch):
                return None
            pairs = self.walked(process, image, mapping) if process.pc is not None else None
            found.append(pairs or {pc: pc for pc in range(len(process.dispatch))})
        return found

    def walked(self, process: Process, image: Process, mapping: Mapping) -> dict[int, int] | None:
        """Where the counters of a process go, found by walking two graphs at once."""
        identity = self.identity()
        assert process.pc is not None
        assert image.pc is not None
        starts = {state[process.pc] for state in self.initial}
        ends = {state[image.pc] for state in self.initial}
        if len(starts) != 1 or len(ends) != 1:
            return None
        pairs: dict[int, int] = {}
        todo = [(min(starts), min(ends)), (0, 0)]
        while todo:
            a, b = todo.pop()
            if a in pairs:
                if pairs[a] != b:
                    return None
                continue
            pairs[a] = b
            mine = self.behind(process, a, mapping)
            theirs = self.behind(image, b, identity)
            if mine.keys() != theirs.keys():
                return None
            for form, places in mine.items():
                if len(places) != len(theirs[form]):
                    return None
                todo.extend(zip(places, theirs[form], strict=True))
        left = [pc for pc in range(len(process.dispatch)) if pc not in pairs]
        free = [pc for pc in range(len(process.dispatch)) if pc not in pairs.values()]
        if len(left) != len(free):
            return None
        pairs.update(zip(left, free, strict=True))
        return pairs

    def behind(self, process: Process, pc: int, mapping: Mapping) -> dict[Form, list[int]]:
        """What the rules at a counter do, counters left out, and where each leads."""
        found: dict[Form, list[int]] = {}
        for r in process.dispatch[pc]:
            tests, effects, to = self.parts[r]
            rule = self.program.rules[r]
            form = (
                frozenset(
                    self.mapped(t, mapping)
                    for t in tests
                    if not (t[0] == "in" and t[1] in self.pcs)
                ),
                frozenset(self.mapped(e, mapping) for e in effects),
                rule.violates,
                rule.covers,
                rule.halts,
            )
            found.setdefault(form, []).append(to)
        for places in found.values():
            places.sort()
        return found

    def with_counters(self, mapping: Mapping, pcs: list[dict[int, int]]) -> Mapping | None:
        whole = list(mapping)
        for n, process in enumerate(self.program.processes):
            if process.pc is not None:
                to, values = whole[process.pc]
                new = tuple(pcs[n].get(x, x) for x in range(len(values)))
                if sorted(new) != list(range(len(values))):
                    return None
                whole[process.pc] = (to, new)
        return tuple(whole)

    # ---- the proof

    def is_symmetry(
        self, mapping: Mapping, pcs: list[dict[int, int]], processes: list[int]
    ) -> bool:
        """Whether a mapping maps everything that an executor looks at onto itself."""
        program = self.program
        for n, process in enumerate(program.processes):
            image = program.processes[processes[n]]
            if process.kind is not image.kind:
                return False
            if process.pc is not None:
                if image.pc is None or mapping[process.pc][0] != image.pc:
                    return False
                if {pcs[n].get(pc) for pc in process.rest} != set(image.rest):
                    return False
        if sorted(processes) != list(range(len(processes))):
            return False
        groups = {
            (self.group_of.get(f), self.group_of.get(to)) for f, (to, _) in enumerate(mapping)
        }
        for v, u in groups:
            if (v is None) is not (u is None):
                return False
            if v is not None and u is not None:
                one, other = program.versions[v], program.versions[u]
                if (one.named, len(one.fields)) != (other.named, len(other.fields)):
                    return False
        if len({v for v, _ in groups}) != len(groups) or len({u for _, u in groups}) != len(groups):
            return False
        if {self.image(state, mapping) for state in self.initial} != self.initial:
            return False
        identity = self.identity()
        for disjunction in self.asked:
            ours = {self.condition(tests, identity) for tests in disjunction}
            theirs = {self.condition(tests, mapping) for tests in disjunction}
            if not self.within(theirs, ours):
                return False
        rules = self.mapped_rules(mapping, pcs, processes)
        return rules.keys() == self.forms.keys() and all(
            self.within(when, self.forms[does]) for does, when in rules.items()
        )

    def within(self, inner: set[Form], outer: set[Form]) -> bool:
        """Whether the states of one disjunction are those of another.

        That they are among them is enough: a permutation leads back in the end, and the
        other way round is a part of the way.
        """
        return all(self.among(conjunction, outer) for conjunction in inner - outer)

    def among(self, conjunction: Form, outer: set[Form]) -> bool:
        """Whether all states of a conjunction match a disjunction; False if that is too long."""
        pieces: list[tuple[Form, ...]] = [tuple(conjunction)]
        for other in sorted(outer, key=len):
            pieces = [left for piece in pieces for left in self.without(piece, other)]
            if len(pieces) > PIECES_MAX:
                return False
        return not pieces

    def without(self, piece: tuple[Form, ...], other: Form) -> Iterator[tuple[Form, ...]]:
        """A conjunction less another, in parts; more than that where parts are not comparable."""
        values: dict[int, frozenset[int]] = {}
        facts: set[Form] = set()
        for part in piece:
            if part[0] == "in":
                values[part[1]] = values.get(part[1], self.full[part[1]]) & part[2]
            else:
                facts.add(part)
        left: list[tuple[Form, ...]] = []
        for part in other:
            if part[0] == "in":
                f, allowed = part[1], part[2]
                here = values.get(f, self.full[f])
                if not here & allowed:
                    yield piece
                    return
                if not here <= allowed:
                    left.append((*facts, *in_form({**values, f: here - allowed})))
                    values[f] = here & allowed
            elif part not in facts:
                opposite = opposite_of(part)
                if opposite is None or opposite in facts:
                    yield piece
                    return
                left.append((*facts, opposite, *in_form(values)))
                facts.add(part)
        yield from left

    def image(self, state: tuple[int, ...], mapping: Mapping) -> tuple[int, ...]:
        new = list(state)
        for f, (to, values) in enumerate(mapping):
            new[to] = values[state[f]]
        return self.numbered(new)

    def condition(self, tests: Tests, mapping: Mapping) -> Form:
        guard, others = self.tests(tests)
        return frozenset(self.mapped(part, mapping) for part in in_form(guard) + others)


def in_form(values: dict[int, frozenset[int]]) -> list[Form]:
    return [("in", f, xs) for f, xs in values.items()]


def opposite_of(part: Form) -> Form | None:
    match part:
        case ("SAME", fields, equal):
            return ("DIFFER", fields, equal)
        case ("DIFFER", fields, equal):
            return ("SAME", fields, equal)
    return None


def same(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    """Whether two renamings of numbers agree where both say something."""
    return all(x == y for x, y in zip(first, second, strict=False))
