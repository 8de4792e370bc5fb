"""Small well-formed programs: a builder for those by hand, and random ones by seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

from mmscn.runtime.bytecode import (
    LIVENESS,
    Check,
    CheckId,
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
    State,
    Tests,
    VersionGroup,
)

OF_STATES = tuple(kind for kind in CheckKind if kind not in LIVENESS)
"""The kinds of checks that a search of states decides."""


def layout(*widths: int, words: int = 1) -> tuple[Field, ...]:
    """Fields one after the other, dealt to the words in turn."""
    at = [0] * words
    fields = []
    for f, width in enumerate(widths):
        fields.append(Field(word=f % words, shift=at[f % words], width=width))
        at[f % words] += width
    return tuple(fields)


def match(field: Field, value: int, op: Op = Op.MATCH) -> Instr:
    """MATCH, MISMATCH or PUT of one whole field."""
    return (op, field.word, (1 << field.width) - 1 << field.shift, value << field.shift)


def put(field: Field, value: int) -> Instr:
    """PUT of one whole field."""
    return match(field, value, Op.PUT)


def state(fields: tuple[Field, ...], values: Iterable[int], words: int = 1) -> State:
    """The state with these numbers in its fields."""
    packed = [0] * words
    for field, value in zip(fields, values, strict=True):
        packed[field.word] |= value << field.shift
    return tuple(packed)


Line = tuple[tuple[Instr, ...], tuple[Instr, ...]]
"""The tests and effects of a rule."""


def straight(
    fields: tuple[Field, ...],
    threads: Iterable[Iterable[Line]],
    *,
    checks: tuple[Check, ...] = (),
    agents: Iterable[Line] = (),
    prompt: Mapping[int, int] | None = None,
    initial: Mapping[int, int] | None = None,
) -> Program:
    """Straight-line threads with the program counters in the first fields, one rule per line.

    They are at rest at their ends; all at rest is quiescent. prompt: the agents that are,
    by their place in `agents`, with their columns; the others have columns of their own.
    """
    rules: list[Rule] = []
    processes: list[Process] = []
    ends: list[Instr] = []
    for p, lines in enumerate(threads):
        first = len(rules)
        for pc, (tests, effects) in enumerate(lines):
            rules.append(Rule(process=p, tests=tests, effects=(*effects, put(fields[p], pc + 1))))
        end = len(rules) - first
        ends.append(match(fields[p], end))
        processes.append(
            Process(
                kind=ProcessKind.THREAD,
                pc=FieldId(p),
                dispatch=(*((RuleId(r),) for r in range(first, len(rules))), ()),
                rest=(end,),
                column=p,
            )
        )
    for n, (tests, effects) in enumerate(agents):
        rules.append(Rule(process=len(processes), tests=tests, effects=effects))
        processes.append(
            Process(
                kind=ProcessKind.AGENT,
                pc=None,
                dispatch=((RuleId(len(rules) - 1),),),
                column=(prompt or {}).get(n, len(processes)),
                prompt=n in (prompt or {}),
            )
        )
    values = [(initial or {}).get(f, 0) for f in range(len(fields))]
    words = 1 + max(field.word for field in fields)
    return Program(
        words=words,
        fields=fields,
        initial=(state(fields, values, words),),
        processes=tuple(processes),
        rules=tuple(rules),
        checks=checks,
        quiescent=(tuple(ends),),
    )


def random_program(seed: int) -> Program:
    """Any well-formed program of a few hundred states; what it means does not matter."""
    return _Maker(Random(seed)).program()


class _Maker:
    """Two or three processes, two or three plain fields, perhaps versions, in one or two words."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._words = random.choice((1, 1, 2, 3))
        self._kinds = [
            ProcessKind.THREAD,
            *random.choices(tuple(ProcessKind), k=random.choice((1, 2))),
        ]
        counted = sum(kind is not ProcessKind.AGENT for kind in self._kinds)
        plain = random.choices((1, 2), k=random.choice((2, 3)))
        canonical = random.random() < 0.6
        named = random.choice((1, 2))
        versions = random.choice((0, 0, 2, 3))
        self.fields = layout(*[2] * counted, *plain, *[3] * versions, words=self._words)
        self._plain = list(range(counted, counted + len(plain)))
        self._versions = list(range(counted + len(plain), len(self.fields)))
        self._group = VersionGroup(
            fields=tuple(FieldId(f) for f in self._versions), named=named, canonical=canonical
        )
        self._tables: list[tuple[int, ...]] = []

    def program(self) -> Program:
        random = self._random
        checks = tuple(self._check(kind) for kind in OF_STATES for _ in range(2))
        rules: list[Rule] = []
        processes: list[Process] = []
        pc = 0
        for p, kind in enumerate(self._kinds):
            at = None if kind is ProcessKind.AGENT else pc
            size = 1 if at is None else random.choice((2, 3, 4))
            dispatch = []
            for here in range(size):
                lot = [self._rule(p, at, size, here) for _ in range(random.choice((1, 1, 2, 3)))]
                dispatch.append(tuple(RuleId(len(rules) + r) for r in range(len(lot))))
                rules.extend(lot)
            rest = tuple(x for x in range(size) if at is not None and random.random() < 0.4)
            processes.append(
                Process(
                    kind=kind,
                    pc=None if at is None else FieldId(at),
                    dispatch=tuple(dispatch),
                    rest=rest,
                    column=random.choice((0, 1, p)),
                    prompt=at is None and len(rules) % 3 > 0,
                )
            )
            pc += at is not None
        quiescent = tuple(self._tests(0.7) for _ in range(random.choice((1, 1, 2))))
        start = [0] * pc + [random.randrange(1 << self.fields[f].width) for f in self._plain]
        start += [random.randrange(self._group.named) for _ in self._versions]
        initial = [state(self.fields, start, self._words)]
        if random.random() < 0.3:
            start[self._plain[0]] ^= 1
            initial.append(state(self.fields, start, self._words))
        return Program(
            words=self._words,
            fields=self.fields,
            initial=tuple(initial),
            processes=tuple(processes),
            rules=tuple(rules),
            tables=tuple(self._tables),
            checks=checks,
            quiescent=quiescent,
            versions=(self._group,) if self._versions else (),
        )

    def _check(self, kind: CheckKind) -> Check:
        looks = kind not in (CheckKind.STEP, CheckKind.DEADLOCK)
        bad = (self._tests(0),) if looks else ()
        return Check(kind=kind, bad=bad, covered=self._random.choice((((),), (self._tests(0),))))

    def _rule(self, process: int, pc: int | None, size: int, here: int) -> Rule:
        random = self._random
        effects: list[Instr] = []
        tests = list(self._tests(2))
        for f in self._plain:
            if random.random() < 0.4:
                tests_added, effect = self._effect(f)
                tests.extend(tests_added)
                effects.append(effect)
        for f in self._versions:
            if random.random() < 0.3:
                effects.append(
                    random.choice(
                        (
                            (Op.FRESH, f, 0),
                            (Op.FRESH, f, 0),
                            (Op.COPY, f, random.choice(self._versions)),
                            put(self.fields[f], random.randrange(self._group.named)),
                        )
                    )
                )
        if pc is not None and random.random() < 0.95:
            to = here + 1 if here + 1 < size and random.random() < 0.6 else random.randrange(size)
            effects.append(put(self.fields[pc], to))
        return Rule(
            process=process,
            tests=tuple(tests),
            effects=tuple(effects),
            violates=self._some_checks(),
            covers=self._some_checks(),
            halts=random.random() < 0.04,
        )

    def _some_checks(self) -> tuple[CheckId, ...]:
        count = 2 * len(OF_STATES)
        rare = self._random.random() < 0.06
        return (CheckId(self._random.randrange(count)),) if rare else ()

    def _effect(self, f: int) -> tuple[tuple[Instr, ...], Instr]:
        """The tests that an effect on a plain field needs, and it."""
        random = self._random
        field = self.fields[f]
        match random.choice((Op.PUT, Op.PUT, Op.ADD, Op.COPY, Op.MAP)):
            case Op.ADD:
                if random.random() < 0.5:
                    return (match(field, (1 << field.width) - 1, Op.MISMATCH),), (Op.ADD, f, 1)
                return (match(field, 0, Op.MISMATCH),), (Op.ADD, f, -1)
            case Op.COPY:
                sources = [g for g in self._plain if self.fields[g].width <= field.width]
                return (), (Op.COPY, f, random.choice(sources))
            case Op.MAP:
                index = random.choices(self._plain, k=random.choice((1, 2)))
                return (), (Op.MAP, f, self._table(index, 1 << field.width), *index)
            case _:
                bit = 1 << field.shift
                if random.random() < 0.2:
                    return (), (Op.PUT, field.word, bit, random.choice((0, bit)))
                return (), put(field, random.randrange(1 << field.width))

    def _table(self, index: list[int], below: int) -> int:
        size = 1 << sum(self.fields[f].width for f in index)
        self._tables.append(tuple(self._random.randrange(below) for _ in range(size)))
        return len(self._tables) - 1

    def _tests(self, likely: float) -> Tests:
        """A conjunction; the likelier, the more states pass it. At 0 it has three tests."""
        random = self._random
        if random.random() < 0.3 * likely:
            return ()
        count = random.choice((1, 1, 2)) if likely else 3
        return tuple(self._test(likely) for _ in range(count))

    def _test(self, likely: float) -> Instr:
        random = self._random
        f = random.choice(self._plain)
        field = self.fields[f]
        number = random.randrange(1 << field.width)
        match random.choice((Op.MATCH, Op.MISMATCH, Op.SAME, Op.DIFFER, Op.LOOKUP)):
            case (Op.SAME | Op.DIFFER) as op:
                return (
                    op,
                    *random.sample(random.choice([self._plain, self._versions or self._plain]), 2),
                )
            case Op.LOOKUP:
                index = random.choices(self._plain, k=random.choice((1, 2)))
                return (Op.LOOKUP, self._table(index, 2), *index)
            case Op.MATCH if random.random() > likely:
                return match(field, number)
            case Op.MATCH if self._versions and random.random() < 0.3:
                g = self.fields[random.choice(self._versions)]
                return match(g, random.randrange(self._group.named))
            case _:
                return match(field, number, Op.MISMATCH)


def twin_lines(
    random: Random, fields: tuple[Field, ...], versions: list[int], here: int
) -> list[tuple[list[Instr], list[Instr]]]:
    """What the first of two twins may do at a program counter: tests and effects."""
    out = []
    for _ in range(random.choice((1, 2, 2))):
        tests: list[Instr] = [
            random.choice(
                (
                    (Op.SAME, 2, 3),
                    (Op.DIFFER, 2, 3),
                    match(fields[4], random.randrange(2)),
                    match(fields[2], random.randrange(4), Op.MISMATCH),
                    (Op.LOOKUP, 0, 2, 4),
                )
            )
        ]
        effects: list[Instr] = [
            random.choice(
                (
                    put(fields[2], random.randrange(4)),
                    (Op.MAP, 2, 1, 3, 4),
                    (Op.COPY, 2, 3),
                    put(fields[4], random.randrange(2)),
                )
            ),
            put(fields[0], min(3, here + random.choice((0, 1, 1, 2)))),
        ]
        if versions:
            source, to = random.sample(versions, 2)
            effects.append(random.choice(((Op.FRESH, to, 0), (Op.COPY, to, source))))
        out.append((tests, effects))
    return out


def twins(seed: int) -> Program:
    """A random program of two copies of a process and its fields, with the swap as its symmetry.

    Both copies share one plain field and one version group.
    """
    random = Random(seed)
    words = random.choice((1, 2))
    versions = [6, 7, 8] if random.random() < 0.7 else []
    fields = layout(2, 2, 2, 2, 1, 1, *[3] * len(versions), words=words)
    other = {0: 1, 1: 0, 2: 3, 3: 2, 6: 7, 7: 6}
    group = VersionGroup(fields=tuple(map(FieldId, versions)), named=1, canonical=True)
    tables = (tuple(random.sample(range(8), 8)), tuple(random.randrange(4) for _ in range(8)))
    rules: list[Rule] = []
    body = [twin_lines(random, fields, versions, here) for here in range(3)]

    def swap(instr: Instr) -> Instr:
        return exchanged(instr, fields, other)

    processes = []
    for p in range(2):
        dispatch = []
        for here in range(3):
            lot = []
            for tests, effects in body[here]:
                if p:
                    tests, effects = [swap(t) for t in tests], [swap(e) for e in effects]
                lot.append(RuleId(len(rules)))
                rules.append(Rule(process=p, tests=tuple(tests), effects=tuple(effects)))
            dispatch.append(tuple(lot))
        processes.append(
            Process(
                kind=ProcessKind.THREAD,
                pc=FieldId(p),
                dispatch=(*dispatch, ()),
                rest=(3,),
                column=p,
            )
        )
    moves = tuple((FieldId(f), FieldId(g), -1) for f, g in other.items() if f < len(fields))
    ends = (match(fields[0], 3), match(fields[1], 3))
    return Program(
        words=words,
        fields=fields,
        initial=(state(fields, [0] * len(fields), words),),
        processes=tuple(processes),
        rules=tuple(rules),
        tables=tables,
        checks=(
            Check(kind=CheckKind.ALWAYS, bad=((match(fields[4], 1), (Op.SAME, 2, 3)),)),
            Check(kind=CheckKind.FINALLY, bad=(((Op.DIFFER, 2, 3),),)),
            Check(kind=CheckKind.DEADLOCK),
        ),
        quiescent=(ends,),
        versions=(group,) if versions else (),
        symmetry=(Permutation(moves=moves),),
    )


def exchanged(instr: Instr, fields: tuple[Field, ...], other: Mapping[int, int]) -> Instr:
    """An instruction of the one twin as the other has it."""
    op, *rest = instr
    if op in (Op.MATCH, Op.MISMATCH, Op.PUT):
        for f, g in other.items():
            if f < len(fields) and match(fields[f], 3)[1:3] == tuple(rest[:2]):
                return match(fields[g], rest[2] >> fields[f].shift, Op(op))
        return instr
    if op == Op.FRESH:
        return (op, other.get(rest[0], rest[0]), rest[1])
    if op in (Op.MAP, Op.LOOKUP):
        at = 2 if op == Op.MAP else 1
        fields_ = [other.get(f, f) for f in rest[at:]]
        to = [other.get(rest[0], rest[0])] if op == Op.MAP else []
        return (op, *to, rest[at - 1], *fields_)
    return (op, *(other.get(f, f) for f in rest))


def plain(program: Program) -> Program:
    """The program without its symmetry."""
    return program._replace(symmetry=())
