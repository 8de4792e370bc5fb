"""Random programs with every instruction."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable

from support.runtime.programs import OF_STATES, match

from mmscn.runtime.bytecode import (
    Check,
    CheckKind,
    Field,
    FieldId,
    Instr,
    Op,
    Permutation,
    Process,
    ProcessKind,
    Program,
    Rule,
    RuleId,
    Tests,
    VersionGroup,
)
from mmscn.runtime.interpreter import pack

WORD_BITS_USED = 64


class Layout:
    """Fields placed one after the other, over all words."""

    def __init__(self, words: int, rng: random.Random | None = None) -> None:
        self.words = words
        self.fields: list[Field] = []
        self._rng = rng
        self._used = [rng.randrange(0, 40) if rng else 0 for _ in range(words)]

    def add(self, width: int, word: int | None = None) -> FieldId:
        if word is None:
            word = self._rng.randrange(self.words) if self._rng else 0
        shift = self._used[word]
        self._used[word] += width
        assert self._used[word] <= WORD_BITS_USED
        self.fields.append(Field(word=word, shift=shift, width=width))
        return FieldId(len(self.fields) - 1)

    def mask(self, f: int) -> int:
        return (1 << self.fields[f].width) - 1 << self.fields[f].shift

    def match(self, f: int, number: int, op: Op = Op.MATCH) -> Instr:
        return match(self.fields[f], number, op)

    def put(self, f: int, number: int) -> Instr:
        return self.match(f, number, Op.PUT)


def ring(*, words: int, bits: int) -> Program:
    """One thread that counts round and round, in the last word."""
    layout = Layout(words)
    f = layout.add(bits, word=words - 1)
    layout.add(1, word=0)
    last = (1 << bits) - 1
    rules = (
        Rule(process=0, tests=(layout.match(f, last, Op.MISMATCH),), effects=((Op.ADD, f, 1),)),
        Rule(process=0, tests=(layout.match(f, last),), effects=(layout.put(f, 0),)),
    )
    return Program(
        words=words,
        fields=tuple(layout.fields),
        initial=((0,) * words,),
        processes=(Process(kind=ProcessKind.AGENT, pc=None, dispatch=((RuleId(0), RuleId(1)),)),),
        rules=rules,
    )


def counters(n: int, bits: int, words: int = 1) -> Program:
    """n threads that each count to the top: 2^(n * bits) states."""
    layout = Layout(words)
    top = (1 << bits) - 1
    pcs = [layout.add(bits, word=t % words) for t in range(n)]
    rules = tuple(
        Rule(process=t, tests=(layout.match(pc, top, Op.MISMATCH),), effects=((Op.ADD, pc, 1),))
        for t, pc in enumerate(pcs)
    )
    return Program(
        words=words,
        fields=tuple(layout.fields),
        initial=((0,) * words,),
        processes=tuple(
            Process(
                kind=ProcessKind.THREAD,
                pc=pc,
                dispatch=((RuleId(t),),) * top + ((),),
                rest=(top,),
                column=t,
            )
            for t, pc in enumerate(pcs)
        ),
        rules=rules,
        quiescent=(tuple(layout.match(pc, top) for pc in pcs),),
    )


def shared() -> Program:
    """A thread with one rule at two counters, whose test the guard of another decides at one."""
    layout = Layout(1)
    pc, f = layout.add(2), layout.add(2)
    rules = (
        Rule(process=0, tests=((Op.LOOKUP, 0, f),), effects=((Op.ADD, pc, 1),)),
        Rule(process=0, tests=(layout.match(f, 1),), effects=((Op.ADD, f, 1), (Op.ADD, pc, 1))),
    )
    return Program(
        words=1,
        fields=tuple(layout.fields),
        tables=((1, 1, 0, 0),),
        initial=((0,), (1 << layout.fields[f].shift,)),
        processes=(
            Process(
                kind=ProcessKind.THREAD,
                pc=pc,
                dispatch=((RuleId(0), RuleId(1)), (RuleId(0),), ()),
                rest=(2,),
            ),
        ),
        rules=rules,
    )


def random_program(seed: int) -> Program:
    """A verified program of at most a few thousand states."""
    return _Maker(seed).program()


class _Maker:
    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(seed)
        self.layout = Layout(rng.choice([1, 1, 2, 2, 3, 4]), rng)
        kinds = [ProcessKind.THREAD]
        kinds += rng.choices(list(ProcessKind), k=rng.randrange(0, 3))
        self.kinds = kinds
        self.pcs = [None if k is ProcessKind.AGENT else self.layout.add(2) for k in kinds]
        self.plain = [self.layout.add(rng.choice([1, 1, 2, 2])) for _ in range(rng.randrange(2, 5))]
        self.versions = [self.layout.add(3) for _ in range(rng.choice([0, 0, 2, 3]))]
        self.tables: list[tuple[int, ...]] = []
        self.rules: list[Rule] = []
        self.checks = rng.randrange(2, 6)

    def program(self) -> Program:
        rng, layout = self.rng, self.layout
        processes = []
        for p, kind in enumerate(self.kinds):
            size = 1 if kind is ProcessKind.AGENT else rng.randrange(2, 5)
            dispatch = []
            for pc in range(size):
                lot = [self._rule(p, pc, size) for _ in range(rng.choice([0, 1, 2, 2, 3]))]
                dispatch.append(tuple(lot))
            rest = () if kind is ProcessKind.AGENT else (rng.randrange(size),)
            processes.append(
                Process(
                    kind=kind,
                    pc=self.pcs[p],
                    dispatch=tuple(dispatch),
                    rest=rest,
                    column=rng.randrange(3),
                    prompt=kind is ProcessKind.AGENT and len(self.rules) % 3 > 0,
                )
            )
        groups: tuple[VersionGroup, ...] = ()
        if self.versions:
            canonical = rng.random() < 0.8
            groups = (
                VersionGroup(
                    fields=tuple(rng.sample(self.versions, len(self.versions))),
                    named=2,
                    canonical=canonical,
                ),
            )
        restful: list[Instr] = []
        for process in processes:
            if process.kind is ProcessKind.THREAD and process.pc is not None:
                restful.append(layout.match(process.pc, process.rest[0]))
        numbers = [0] * len(layout.fields)
        start = pack(self._bare(groups), numbers)
        for f in self.plain:
            numbers[f] = rng.randrange(1 << layout.fields[f].width)
        for f in self.versions:
            numbers[f] = rng.randrange(5)
        initial = (start, pack(self._bare(groups), numbers))
        checks = tuple(self._check() for _ in range(self.checks))
        symmetry = self._symmetry()
        return Program(
            words=layout.words,
            fields=tuple(layout.fields),
            initial=initial[: rng.choice([1, 2])],
            processes=tuple(processes),
            rules=tuple(self.rules),
            tables=tuple(self.tables),
            checks=checks,
            quiescent=(tuple(restful),),
            versions=groups,
            symmetry=symmetry,
        )

    def _bare(self, groups: tuple[VersionGroup, ...]) -> Program:
        return Program(
            words=self.layout.words,
            fields=tuple(self.layout.fields),
            initial=(),
            processes=(),
            rules=(),
            versions=groups,
        )

    def _number(self, f: int) -> int:
        return self.rng.randrange(1 << self.layout.fields[f].width)

    def _table(self, fields: Iterable[int], below: int) -> int:
        bits = sum(self.layout.fields[f].width for f in fields)
        self.tables.append(tuple(self.rng.randrange(below) for _ in range(1 << bits)))
        return len(self.tables) - 1

    def _test(self) -> Instr:
        rng = self.rng
        op = rng.choice([Op.MATCH, Op.MATCH, Op.MISMATCH, Op.SAME, Op.DIFFER, Op.LOOKUP])
        if op in (Op.MATCH, Op.MISMATCH):
            if self.versions and rng.random() < 0.2:
                return self.layout.match(rng.choice(self.versions), rng.randrange(2), op)
            f = rng.choice(self.plain)
            return self.layout.match(f, self._number(f), op)
        if op in (Op.SAME, Op.DIFFER):
            same_kind = self.versions if self.versions and rng.random() < 0.5 else self.plain
            return (op, rng.choice(same_kind), rng.choice(same_kind))
        fields = rng.sample(self.plain, rng.randrange(1, len(self.plain) + 1))
        return (op, self._table(fields, 2), *fields)

    def _tests(self, most: int) -> Tests:
        return tuple(self._test() for _ in range(self.rng.randrange(most + 1)))

    def _rule(self, p: int, pc: int, size: int) -> RuleId:
        rng, layout = self.rng, self.layout
        tests = list(self._tests(rng.choice([0, 1, 1, 2])))
        effects: list[Instr] = []
        own = self.pcs[p]
        if own is not None and rng.random() < 0.85:
            effects.append(layout.put(own, rng.randrange(size)))
        targets = rng.sample(self.plain, rng.randrange(len(self.plain) + 1))
        for f in targets:
            width = layout.fields[f].width
            match rng.randrange(4):
                case 0:
                    effects.append(layout.put(f, self._number(f)))
                case 1:
                    number = rng.choice([1, -1])
                    tests.append(
                        layout.match(f, (1 << width) - 1 if number > 0 else 0, Op.MISMATCH)
                    )
                    effects.append((Op.ADD, f, number))
                case 2:
                    sources = [g for g in self.plain if layout.fields[g].width <= width]
                    effects.append((Op.COPY, f, rng.choice(sources)))
                case _:
                    fields = rng.sample(self.plain, rng.randrange(1, len(self.plain) + 1))
                    effects.append((Op.MAP, f, self._table(fields, 1 << width), *fields))
        if self.versions:
            for f in rng.sample(self.versions, rng.randrange(len(self.versions))):
                match rng.randrange(3):
                    case 0:
                        effects.append(layout.put(f, rng.randrange(2)))
                    case 1:
                        effects.append((Op.COPY, f, rng.choice(self.versions)))
                    case _:
                        effects.append((Op.FRESH, f, 0))
        rng.shuffle(effects)
        some_check = (rng.randrange(self.checks),)
        self.rules.append(
            Rule(
                process=p,
                tests=tuple(tests),
                effects=tuple(effects),
                violates=some_check if rng.random() < 0.08 else (),
                covers=some_check if rng.random() < 0.2 else (),
                halts=rng.random() < 0.12,
            )
        )
        return RuleId(len(self.rules) - 1)

    def _check(self) -> Check:
        rng = self.rng
        kind = rng.choice([*OF_STATES, CheckKind.DEADLOCK])
        bad: tuple[Tests, ...] = ()
        if kind in (CheckKind.ALWAYS, CheckKind.FINALLY, CheckKind.REACHABLE):
            bad = tuple((*self._tests(3), self._test()) for _ in range(rng.randrange(1, 3)))
        covered: tuple[Tests, ...] = tuple(self._tests(2) for _ in range(rng.randrange(3)))
        return Check(kind=kind, bad=bad, covered=covered)

    def _symmetry(self) -> tuple[Permutation, ...]:
        """Swaps of alike fields: not a symmetry of the rules, but least images all the same."""
        rng, layout = self.rng, self.layout
        if rng.random() < 0.6:
            return ()
        pairs = [
            (f, g)
            for lot in (self.plain, self.versions)
            for f, g in itertools.combinations(lot, 2)
            if layout.fields[f].width == layout.fields[g].width
        ]
        out = []
        for f, g in rng.sample(pairs, min(len(pairs), 2)):
            table = -1
            if f in self.plain and rng.random() < 0.5:
                numbers = list(range(1 << layout.fields[f].width))
                rng.shuffle(numbers)
                self.tables.append(tuple(numbers))
                table = len(self.tables) - 1
            out.append(Permutation(moves=((f, g, table), (g, f, -1))))
        return tuple(out)


def locking(
    layout: Layout, lock: FieldId, contents: tuple[FieldId, FieldId], t: int, choice: int
) -> tuple[list[Instr], list[Instr]]:
    """Tests and effects of the lock's taking or release by a thread, or of two contents."""
    match choice:
        case 0:
            return [layout.match(lock, 0)], [layout.put(lock, t + 1)]
        case 1:
            return [layout.match(lock, t + 1)], [layout.put(lock, 0)]
        case 2:
            return [(Op.SAME, *contents)], []
    return [], []


def permuted(
    lots: tuple[list[FieldId], ...], lock: FieldId
) -> tuple[list[tuple[int, ...]], list[Permutation]]:
    """All exchanges of three threads, with a table for each that renames the lock's owner."""
    tables = []
    symmetry = []
    for order in itertools.permutations(range(3)):
        if order == (0, 1, 2):
            continue
        moves = [
            (FieldId(lot[to]), FieldId(lot[source]), -1)
            for lot in lots
            for to, source in enumerate(order)
        ]
        renamed = [0, *(order.index(holder) + 1 for holder in range(3))]
        tables.append(tuple(renamed))
        moves.append((lock, lock, len(tables) - 1))
        symmetry.append(Permutation(moves=tuple(moves)))
    return tables, symmetry


def alike(pcs: list[FieldId], dispatch: list[list[list[RuleId]]], rest: int) -> tuple[Process, ...]:
    """A thread for each program counter, in its own column."""
    return tuple(
        Process(
            kind=ProcessKind.THREAD,
            pc=pc,
            dispatch=tuple(map(tuple, dispatch[t])),
            rest=(rest,),
            column=t,
        )
        for t, pc in enumerate(pcs)
    )


def symmetric_program(seed: int) -> Program:
    """Three alike threads over shared fields, with all their permutations."""
    rng = random.Random(seed)
    layout = Layout(rng.choice([1, 2]), rng)
    pcs = [layout.add(2) for _ in range(3)]
    own = [layout.add(1) for _ in range(3)]
    copies = [layout.add(3) for _ in range(3)]
    lock, content = layout.add(2), layout.add(3)
    rules: list[Rule] = []
    dispatch: list[list[list[RuleId]]] = [[[] for _ in range(4)] for _ in range(3)]
    for pc in range(4):
        for _ in range(rng.choice([1, 2, 3])):
            choice = [rng.randrange(6), rng.randrange(4), rng.randrange(5)]
            go_to = rng.choice([(pc + 1) % 4, rng.randrange(4)])
            breaks = rng.random() < 0.05
            number = rng.randrange(4)
            for t in range(3):
                tests, effects = locking(layout, lock, (copies[t], content), t, choice[0])
                written: list[list[Instr]] = [
                    [(Op.FRESH, content, 0)],
                    [(Op.COPY, copies[t], content)],
                    [layout.put(own[t], number & 1)],
                    [],
                ]
                effects = [layout.put(pcs[t], go_to), *effects, *written[choice[1]]]
                if choice[2] == 0:
                    tests.append(layout.match(own[t], number & 1))
                rules.append(
                    Rule(
                        process=t,
                        tests=tuple(tests),
                        effects=tuple(effects),
                        violates=(1,) if breaks else (),
                        covers=(1,),
                    )
                )
                dispatch[t][pc].append(RuleId(len(rules) - 1))
    tables, symmetry = permuted((pcs, own, copies), lock)
    rest = rng.randrange(4)
    quiescent = (tuple(layout.match(pc, rest) for pc in pcs),)
    done = tuple(layout.match(f, 1) for f in own)
    return Program(
        words=layout.words,
        fields=tuple(layout.fields),
        initial=((0,) * layout.words,),
        processes=alike(pcs, dispatch, rest),
        rules=tuple(rules),
        tables=tuple(tables),
        checks=(
            Check(kind=CheckKind.DEADLOCK),
            Check(kind=CheckKind.STEP),
            Check(kind=CheckKind.REACHABLE, bad=(done,)),
            Check(kind=CheckKind.ALWAYS, bad=(done[:2], done[1:], (done[0], done[2]))),
            Check(kind=CheckKind.FINALLY, bad=tuple(((Op.DIFFER, c, content),) for c in copies)),
        ),
        quiescent=quiescent,
        versions=(VersionGroup(fields=(content, *copies), named=1, canonical=True),),
        symmetry=tuple(symmetry),
    )
