"""What a candidate means for the fields of a program: where each goes, and its numbers.

What a candidate does not say is guessed from how the program uses it: which indices of a
row are numbers of threads, which contents are stored by whom, which numbers of a variable
tell threads apart, where the agents go, and where the program counters. Everything here
may guess; `symmetry` proves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from typing import Any

from mmscn.check.values import Value
from mmscn.lower.ir import Condition, Var, VarId, constants, reads_of, variables
from mmscn.lower.ir import Rule as IrRule
from mmscn.lower.passes.symmetry_candidates import Candidate, Swap
from mmscn.lower.passes.symmetry_forms import Counters, Form, Forms, Mapping
from mmscn.runtime.bytecode import Process


class Guesses:
    """Candidates made into mappings of the fields of one program.

    lenient: the likeliest mapping of a row, too, where it cannot be a symmetry.
    movers_only: what uses a row is compared for exchanged processes alone; others may ask for one
    row after the other.
    """

    def __init__(self, forms: Forms, *, lenient: bool = False, movers_only: bool = False) -> None:
        self.lenient = lenient
        self.movers_only = movers_only
        self.forms = forms
        self.program = forms.program
        self.layout = forms.layout
        self.ir = forms.ir
        self.hardware = [n for n, p in enumerate(self.program.processes) if p.pc is None]
        self.nowhere = [0] * len(self.program.processes)
        self.counters_of = self.ir.pcs()
        self.users = self.uses()
        self.by_name = self.names()

    def of(self, candidate: Candidate) -> Iterator[tuple[Mapping, Counters, list[int]]]:
        """What a candidate may mean: for fields, for program counters, for processes."""
        for mapping, processes in self.mappings(candidate):
            if mapping == self.forms.identity():
                continue
            pcs = self.counters(mapping, processes)
            if pcs is None:
                continue
            whole = self.with_counters(mapping, pcs)
            if whole is not None:
                yield whole, pcs, processes

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

    def mappings(self, candidate: Candidate) -> Iterator[tuple[Mapping, list[int]]]:
        """The mappings of fields that a candidate may mean, and where processes go."""
        processes = list(range(len(self.program.processes)))
        for a, b in candidate.processes:
            processes[a], processes[b] = b, a
        images = self.images(candidate, processes, agents=False)
        if images is None:
            return
        if candidate.rows is not None:
            self.guess_agents(images, processes)
            images = self.images(candidate, processes, agents=True)
            if images is None:
                return
        mapping = self.fields(images, candidate, processes)
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
            if v not in self.layout.field_of:
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
            if image is None or image not in self.layout.field_of:
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
        are exchanged so that each cell is used as its image is; None where none do that."""
        best: dict[VarId, VarId] | None = None
        fewest = 0
        arity = len(self.ir.vars[members[0]].index)
        for count in range(arity + 1):
            for chosen in combinations(range(arity), count):
                found = self.exchanged(family, members, candidate, chosen)
                if found is None:
                    continue
                unlike = self.used_otherwise(found, processes, agents=agents)
                if not unlike:
                    return found
                if best is None or unlike < fewest:
                    best, fewest = found, unlike
        return best if self.lenient else None

    def exchanged(
        self, family: str, members: list[VarId], candidate: Candidate, chosen: tuple[int, ...]
    ) -> dict[VarId, VarId] | None:
        """The cells with the numbers of two threads exchanged in some of their indices."""
        assert candidate.rows is not None
        a, b = candidate.rows
        swap: Swap = {a: b, b: a}
        found: dict[VarId, VarId] = {}
        for v in members:
            index = tuple(
                swap.get(x, x) if n in chosen and type(x) is int else candidate.elements.get(x, x)
                for n, x in enumerate(self.ir.vars[v].index)
            )
            image = self.by_name.get((family, index))
            if image is None or image not in self.layout.field_of:
                return None
            found[v] = image
        return found

    def used_otherwise(
        self, images: dict[VarId, VarId], processes: list[int], *, agents: bool
    ) -> int:
        """How many variables are not used as their images are."""
        many = 0
        for v, image in images.items():
            mine, theirs = self.users.get(v, {}), self.users.get(image, {})
            kept = [n for n in mine if agents or n not in self.hardware]
            there = [n for n in theirs if agents or n not in self.hardware]
            if self.movers_only:
                kept = [n for n in kept if processes[n] != n]
                there = [n for n in there if processes[n] != n]
            many += {processes[n]: mine[n] for n in kept} != {n: theirs[n] for n in there}
        return many

    def contents(self, images: dict[VarId, VarId], processes: list[int]) -> dict[int, int]:
        """What the contents that have a name become: those that are used as they are."""
        mine: dict[int, Counter[Form]] = {}
        theirs: dict[int, Counter[Form]] = {}
        for n, process, where in self.named_contents:
            to = process if process is None else processes[process]
            mine.setdefault(n, Counter())[process, where] += 1
            there = frozenset(images.get(v, v) for v in where)
            theirs.setdefault(n, Counter())[to, there] += 1
        left = dict(mine)
        found: dict[int, int] = {}
        for n in sorted(theirs):
            other = next((m for m, uses in left.items() if uses == theirs[n]), None)
            if other is None:
                return {}
            del left[other]
            found[n] = other
        return found

    @cached_property
    def named_contents(self) -> list[tuple[int, int | None, frozenset[VarId]]]:
        """Where contents stand: which, in a rule of which process, and beside what variables."""
        contents = self.layout.contents
        found: list[tuple[int, int | None, frozenset[VarId]]] = []
        for rule in self.ir.rules:
            for v, term in rule.assigns.items():
                if v in contents:
                    found += [(n, rule.process, frozenset((v,))) for n in constants(term)]
        asked: list[tuple[int | None, Condition | IrRule]] = [
            (rule.process, rule) for rule in self.ir.rules
        ]
        asked += [(None, condition) for condition in self.layout.conditions()]
        for process, condition in asked:
            for literal in condition.literals:
                where = frozenset(variables(literal))
                if not contents.isdisjoint(where):
                    found += [(n, process, where) for n in constants(literal)]
        for values in self.ir.initial:
            for v in sorted(contents):
                n = values[v] or 0
                assert isinstance(n, int)
                found.append((n, None, frozenset((v,))))
        return sorted(found, key=lambda use: use[0])

    def numbers(self, v: VarId, image: VarId, candidate: Candidate, processes: list[int]) -> Swap:
        """What the values of a variable become: elements, or numbers that tell threads apart."""
        if candidate.rows is None or any(type(x) is not int for x in self.ir.vars[v].domain):
            return candidate.elements
        a, b = candidate.rows
        mine = {
            x: Counter({(processes[n], *use): many for (n, *use), many in uses.items()})
            for x, uses in self.valued[v].items()
        }
        theirs = self.valued[image]
        if mine == theirs:
            return {}
        swap: Swap = {a: b, b: a}
        return swap if {swap.get(x, x): uses for x, uses in mine.items()} == theirs else {}

    @cached_property
    def valued(self) -> list[dict[Value, Counter[Form]]]:
        """By variable and value: in rules of which process it is asked for and assigned."""
        found: list[dict[Value, Counter[Form]]] = [{} for _ in self.ir.vars]
        for rule in self.ir.rules:
            for v, allowed in rule.guard.items():
                for x in allowed:
                    found[v].setdefault(x, Counter())[rule.process, len(allowed)] += 1
            for v, term in rule.assigns.items():
                if term[0] == "c":
                    found[v].setdefault(term[1], Counter())[rule.process, 0] += 1
        return found

    def fields(
        self, images: dict[VarId, VarId], candidate: Candidate, processes: list[int]
    ) -> Mapping | None:
        """The fields and numbers that go with the variables, if that makes sense."""
        contents = self.contents(images, processes)
        layout = self.layout
        fields = self.program.fields
        to: dict[int, int] = {}
        f: int
        g: int
        values = [list(range(1 << field.width)) for field in fields]
        said: Counters = [{} for _ in fields]
        for v, image in images.items():
            f, g = layout.field_of[v], layout.field_of[image]
            if to.setdefault(f, g) != g:
                return None
            if fields[f].width != fields[g].width and v not in self.counters_of:
                return None
            if (v in layout.group_of) is not (image in layout.group_of):
                return None
            if v in self.counters_of:
                continue
            if v in layout.contents:
                for n in range(layout.named):
                    if said[f].setdefault(n, contents.get(n, n)) != contents.get(n, n):
                        return None
                continue
            swap = self.numbers(v, image, candidate, processes)
            for x, n in layout.numbering[v].items():
                m = layout.numbering[image].get(swap.get(x, x))
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
            mine, its = self.forms.group_of.get(f), self.forms.group_of.get(g)
            if mine is not None and (its is None or groups.setdefault(mine, its) != its):
                return None
        return tuple((to[f], tuple(values[f])) for f in range(len(fields)))

    def agents(self, mapping: Mapping, processes: list[int]) -> bool:
        """Find where each agent goes; whether there is a place for all."""
        same_places = [{0: 0} for _ in self.program.processes]
        wanted: dict[frozenset[Form], list[int]] = {}
        identity = self.forms.identity()
        for n in self.hardware:
            forms = self.agent_forms(n, identity, same_places)
            wanted.setdefault(forms, []).append(n)
        for n in self.hardware:
            free = wanted.get(self.agent_forms(n, mapping, same_places))
            if not free:
                return False
            processes[n] = free.pop(0)
        return True

    def agent_forms(self, agent: int, mapping: Mapping, places: Counters) -> frozenset[Form]:
        found = []
        for r in self.program.processes[agent].dispatch[0]:
            does, _ = self.forms.mapped_rule(r, mapping, places, self.nowhere)
            found.append(does)
        return frozenset(found)

    def counters(self, mapping: Mapping, processes: list[int]) -> Counters | None:
        """Where the program counters of each process may go; as numbered where that is unclear."""
        found: Counters = []
        for n, process in enumerate(self.program.processes):
            image = self.program.processes[processes[n]]
            if len(image.dispatch) != len(process.dispatch):
                return None
            pairs = self.walked(process, image, mapping) if process.pc is not None else None
            found.append(pairs or {pc: pc for pc in range(len(process.dispatch))})
        return found

    def walked(self, process: Process, image: Process, mapping: Mapping) -> dict[int, int] | None:
        """Where the counters of a process go, found by walking two graphs at once."""
        identity = self.forms.identity()
        assert process.pc is not None
        assert image.pc is not None
        starts = {state[process.pc] for state in self.forms.initial}
        ends = {state[image.pc] for state in self.forms.initial}
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
            found.setdefault(self.aside(r, mapping), []).append(self.forms.parts[r][2])
        for places in found.values():
            places.sort()
        return found

    def aside(self, number: int, mapping: Mapping) -> Form:
        """What a rule does, counters left out."""
        tests, effects, _ = self.forms.parts[number]
        rule = self.program.rules[number]
        return (
            frozenset(
                self.forms.mapped(t, mapping)
                for t in tests
                if not (t[0] == "in" and t[1] in self.forms.pcs)
            ),
            frozenset(self.forms.mapped(e, mapping) for e in effects),
            rule.violates,
            rule.covers,
            rule.halts,
        )

    def without_image(self, mapping: Mapping, processes: list[int]) -> list[int]:
        """The rules that no rule of the other process is left for, counters left out."""
        identity = self.forms.identity()
        there: Counter[Form] = Counter(
            (rule.process, self.aside(r, identity)) for r, rule in enumerate(self.program.rules)
        )
        found = []
        for r, rule in enumerate(self.program.rules):
            form = (processes[rule.process], self.aside(r, mapping))
            if there[form]:
                there[form] -= 1
            else:
                found.append(r)
        return found

    def with_counters(self, mapping: Mapping, pcs: Counters) -> Mapping | None:
        whole = list(mapping)
        for n, process in enumerate(self.program.processes):
            if process.pc is not None:
                to, values = whole[process.pc]
                new = tuple(pcs[n].get(x, x) for x in range(len(values)))
                if sorted(new) != list(range(len(values))):
                    return None
                whole[process.pc] = (to, new)
        return tuple(whole)
