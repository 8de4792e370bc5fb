"""Interchangeable threads, CPUs and pages: permutations that map a program onto itself.

A candidate exchanges two elements (two threads made from one declaration, with
their CPUs, locals and rows of arrays; two frames with the pages that are
mapped to them) wherever they stand: as an index, as a value, as a process. It
is used only if it is *proved*: applied to the assembled program, it gives the
same set of initial states, of rules (process, tests, effects, checks broken and
covered, halting), of conditions of each check and of quiescence, and of
processes' resting places. Then a state can be stored as the least of its images.

A wrong candidate costs the time to refuse it and nothing else: `candidates` and
`Guesses` may guess, `Proof` may not. `Refusal`s say which threads of one declaration
are told apart, and by which rule.
Preserves verdicts, the depth of the first violation, and the quiescent states
up to the permutations; the number of states shrinks. Not found: symmetries of
more than GROUP_MAX permutations, of checks (two that only differ by the elements they
name tell these apart), and of numbers that are added to.

*Contents.* The versions of a group have names (the constants 0 to named - 1) or none. A
mapping may rename the named ones, as it may the numbers of any field, and what a thread has
made `fresh` before time begins is such a constant; the others it leaves as they are. Let g be
a proved mapping and c the numbering by first occurrence (`versions`). The claim is that
states that differ by g and by names of unnamed versions can be stored as one:

- g maps each rule on a rule that is possible in g(s) where the first is in s. Tests compare
  a version with another, which a renaming of all keeps, or with a named one, which g maps;
  no test looks at the number of an unnamed one (`runtime.verify` rejects it).
- the two lead to states that are g images, but for the number of what is made fresh, which is in
  both a number that no field of the group has: equal after c.
- c(g(c(s))) = c(g(s)), since g moves unnamed versions from field to field and c forgets
  which numbers they had. So the maps s -> c(g(s)) are permutations of the numbered
  states, they form a group as the g do, and each maps the numbered program onto itself.

That is the premise of the theorems below. The least image is taken of c(g(s)) for all g:
numbering first and permuting then would not do, for g changes what comes first.

Source: Ip, Dill, Better Verification Through Symmetry (CHDL 1993), definition 2
and theorems 1, 3 and 4; section 3.3 for the least image; section 5 for contents. That
candidates are guessed and then proved is not in it, nor the depth of the first violation,
which follows from theorem 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mmscn.budget import poll
from mmscn.lower.assemble import Assembler
from mmscn.lower.conjunctions import outside
from mmscn.lower.passes.symmetry_candidates import (
    Candidate,
    Name,
    candidates,
    of_threads,
    of_two,
    row_of,
    stem_of,
)
from mmscn.lower.passes.symmetry_forms import Counters, Form, Forms, Mapping, conjunction
from mmscn.lower.passes.symmetry_guesses import Guesses
from mmscn.runtime.bytecode import FieldId, Permutation, Program

GROUP_MAX = 64
"""Permutations in a group, the identity included: each costs every state an image. With six, of
three writers, 0.66 million states are searched a second, and 1.6 million without; a sixth of them.
Of four threads all 24 are had; of five, those of four."""

CANDIDATES_MAX = 24
"""Pairs tried on one program. To refuse one takes 20 ms where there are 500 rules, so that all
are half a second."""

PIECES_MAX = 64
"""That a conjunction is taken into to see whether a disjunction has it all. With two writers of
docs/fusion.md one is enough: they are fused alike."""


class ProvedSymmetry(NamedTuple):
    """A proved mapping: of fields with their numbers (counters, too), and of processes."""

    mapping: Mapping
    processes: tuple[int, ...]


class Refusal(NamedTuple):
    """Two threads of one declaration that are told apart.

    line: the entry in the line table of the first rule that has no image, which is one of the
    process `of`; None where none can be named.
    """

    one: str
    other: str
    of: str = ""
    line: int | None = None


def symmetries(
    program: Program, assembler: Assembler, *, threads: bool = False
) -> tuple[list[ProvedSymmetry], list[set[Name]]]:
    """Proved exchanges, and what they bring to one another; `threads`: of threads only."""
    proof: Proof | None = None
    found: list[ProvedSymmetry] = []
    joined: list[set[Name]] = []
    every = of_threads(assembler.ir) if threads else candidates(assembler.ir)
    tried = 0
    for one, other, ways in every:
        if any(one in members and other in members for members in joined):
            continue  # the exchanges that were found bring one to the other
        if tried == CANDIDATES_MAX:
            break
        tried += 1
        proof = proof or Proof(program, assembler)
        for candidate in ways:
            poll()
            mapped = proof.proved(candidate)
            if mapped is not None:
                found.append(mapped)
                for a, b in candidate.processes:
                    join(joined, ("thread", a), ("thread", b))
                join(joined, one, other)
                break
    return found, joined


def join(joined: list[set[Name]], one: Name, other: Name) -> None:
    both = {one, other}.union(*(m for m in joined if one in m or other in m))
    joined[:] = [*(m for m in joined if one not in m and other not in m), both]


def refusals(program: Program, assembler: Assembler, joined: list[set[Name]]) -> list[Refusal]:
    """Of each declaration whose threads are told apart, the first two that are."""
    ir = assembler.ir
    found: list[Refusal] = []
    first: dict[str, int] = {}
    told: set[str] = set()
    for n, process in enumerate(ir.processes):
        if process.pc is None or row_of(process.name) is None:
            continue
        stem = stem_of(process.name)
        a = first.setdefault(stem, n)
        if a == n or stem in told:
            continue
        if not any(("thread", a) in m and ("thread", n) in m for m in joined):
            told.add(stem)
            refusal = Refusal(ir.processes[a].name, process.name)
            number = Proof(program, assembler).unlike(of_two(ir, a, n))
            if number is not None:
                rule = program.rules[number]
                refusal = refusal._replace(of=ir.processes[rule.process].name, line=rule.origin)
            found.append(refusal)
    return found


def with_group(program: Program, found: Iterable[ProvedSymmetry]) -> Program:
    """The program with the group that some mappings generate."""
    group = closure([one.mapping for one in found])
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
            poll()
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


class Proof:
    """Whether candidates map one program onto itself."""

    def __init__(self, program: Program, assembler: Assembler) -> None:
        self.program = program
        self.forms = Forms(program, assembler)
        self.guesses = Guesses(self.forms)
        self.asked = [*(d for c in program.checks for d in (c.bad, c.covered)), program.quiescent]

    def proved(self, candidate: Candidate) -> ProvedSymmetry | None:
        """What a candidate means, if that maps the program onto itself."""
        for mapping, pcs, processes in self.guesses.of(candidate):
            if self.is_symmetry(mapping, pcs, processes):
                return ProvedSymmetry(mapping, tuple(processes))
        return None

    def unlike(self, ways: list[Candidate]) -> int | None:
        """The first rule without an image, for the candidate with the fewest of them.

        Counters are left out of what a rule does here. None where each rule has an image, so that
        where rules lead, checks or the first states tell, or where no candidate fits the fields.
        """
        found: list[int] | None = None
        guesses = Guesses(self.forms, lenient=True)
        for candidate in ways:
            for mapping, processes in guesses.mappings(candidate):
                without = guesses.without_image(mapping, processes)
                if found is None or len(without) < len(found):
                    found = without
        return min(found, default=None) if found is not None else None

    def is_symmetry(self, mapping: Mapping, pcs: Counters, processes: list[int]) -> bool:
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
        group_of = self.forms.group_of
        groups = {(group_of.get(f), group_of.get(to)) for f, (to, _) in enumerate(mapping)}
        for v, u in groups:
            if (v is None) is not (u is None):
                return False
            if v is not None and u is not None:
                one, other = program.versions[v], program.versions[u]
                if (one.named, len(one.fields)) != (other.named, len(other.fields)):
                    return False
        for f, v in group_of.items():
            if not leaves_unnamed(mapping[f][1], program.versions[v].named):
                return False
        if len({v for v, _ in groups}) != len(groups) or len({u for _, u in groups}) != len(groups):
            return False
        initial = self.forms.initial
        if {self.forms.image(state, mapping) for state in initial} != initial:
            return False
        identity = self.forms.identity()
        for disjunction in self.asked:
            ours = {self.forms.condition(tests, identity) for tests in disjunction}
            theirs = {self.forms.condition(tests, mapping) for tests in disjunction}
            if not self.within(theirs, ours):
                return False
        rules = self.forms.mapped_rules(mapping, pcs, processes)
        return rules.keys() == self.forms.rules.keys() and all(
            self.within(when, self.forms.rules[does]) for does, when in rules.items()
        )

    def within(self, inner: set[Form], outer: set[Form]) -> bool:
        """Whether the states of one disjunction are those of another.

        That they are among them is enough: a permutation leads back in the end, and the
        other way round is a part of the way.
        """
        return all(self.among(form, outer) for form in inner - outer)

    def among(self, form: Form, outer: set[Form]) -> bool:
        """Whether all states of a conjunction match a disjunction; False if that is too long."""
        poll()
        known = conjunction(form)
        if known is None:
            return True
        others = [found for other in sorted(outer, key=len) if (found := conjunction(other))]
        left = outside(self.forms.full.__getitem__, known, others, pieces_max=PIECES_MAX)
        return left == []


def leaves_unnamed(values: tuple[int, ...], named: int) -> bool:
    """Whether a renaming of contents leaves those without a name as they are."""
    return all(values[n] == n for n in range(named, len(values)))
