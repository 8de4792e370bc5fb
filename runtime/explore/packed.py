"""A whole state as one Python int, and the instructions as functions over it.

The words follow each other without the bits that no field uses, which keeps
the int small; the first is the highest, so that ints compare as tuples of
words do.

Everything here comes with its footprint: the bits that it reads or writes,
and the only bits on which what it returns depends.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple, assert_never

from mmscn.runtime.bytecode import (
    FieldId,
    Instr,
    Op,
    Program,
    Rule,
    State,
    Tests,
    VersionGroup,
    effect_op,
    test_op,
)
from mmscn.runtime.interpreter import FieldOverflow, VersionOverflow


class Predicate(NamedTuple):
    """A question to a state."""

    footprint: int
    holds: Callable[[int], bool]


class Step(NamedTuple):
    """A rule: when it is enabled, and what firing it makes of a state."""

    footprint: int
    enabled: Callable[[int], bool]
    fire: Callable[[int], int]


class Place(NamedTuple):
    """A field of the packed state: `state >> shift & mask` is its number."""

    shift: int
    mask: int

    @property
    def bits(self) -> int:
        """Its bits in place."""
        return self.mask << self.shift


class Layout:
    """Where the words and fields of one program are in its packed states.

    bits: of a state, at most.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        used = [0] * program.words
        for field in program.fields:
            used[field.word] = max(used[field.word], field.shift + field.width)
        self._words = tuple((sum(used[w + 1 :]), (1 << used[w]) - 1) for w in range(program.words))
        self.bits = sum(used)
        self._places = tuple(
            Place(self.base(field.word) + field.shift, (1 << field.width) - 1)
            for field in program.fields
        )

    def base(self, word: int) -> int:
        """Where the lowest bit of a word is."""
        return self._words[word][0]

    def join(self, state: State) -> int:
        """The packed state."""
        return sum(
            (word & ones) << base for word, (base, ones) in zip(state, self._words, strict=True)
        )

    def split(self, state: int) -> State:
        """The words of a packed state."""
        return tuple(state >> base & ones for base, ones in self._words)

    def place(self, f: int) -> Place:
        """Where a field is."""
        return self._places[f]

    def places(self, fields: Iterable[int]) -> tuple[Place, ...]:
        """Where fields are."""
        return tuple(self._places[f] for f in fields)


class Pattern:
    """What states that are equal up to a renaming of versions have in common."""

    def __init__(self, layout: Layout) -> None:
        self._groups = [
            (layout.places(group.fields), group.named)
            for group in layout.program.versions
            if not group.canonical
        ]
        self._plain = ~reduce(or_, (bits(at) for at, _ in self._groups), 0)

    def of(self, state: int) -> int:
        """A state that is equal to it up to a renaming: the same for all, if its fields hold it."""
        new = state & self._plain
        try:
            for at, named in self._groups:
                new |= numbered([state >> shift & mask for shift, mask in at], at, named)
        except VersionOverflow:
            return state
        return new

    def same(self, one: int, other: int) -> bool:
        """Whether two states are equal up to a renaming."""
        if one == other:
            return True
        return not (one ^ other) & self._plain and all(
            self._alike(at, named, one, other) for at, named in self._groups
        )

    def _alike(self, at: Sequence[Place], named: int, one: int, other: int) -> bool:
        there: dict[int, int] = {}
        back: dict[int, int] = {}
        for shift, mask in at:
            v, w = one >> shift & mask, other >> shift & mask
            if (v < named or w < named) and v != w:
                return False
            if there.setdefault(v, w) != w or back.setdefault(w, v) != v:
                return False
        return True


def stored_bytes(layout: Layout, states: set[int]) -> int:
    """Of a set and the packed states in it, each as large as the largest can be."""
    return sys.getsizeof(states) + sys.getsizeof((1 << layout.bits) - 1) * len(states)


def bits(at: Iterable[Place]) -> int:
    """All bits of some fields."""
    return reduce(or_, (p.bits for p in at), 0)


def some(layout: Layout, disjunction: Iterable[Tests]) -> Predicate:
    """Whether a state matches one of the conjunctions; duplicates are asked once."""
    asked = tuple(all_of(layout, tests) for tests in dict.fromkeys(disjunction))
    footprint = reduce(or_, (p.footprint for p in asked), 0)
    if len(asked) == 1:
        return asked[0]
    holds = tuple(p.holds for p in asked)
    return Predicate(footprint, lambda s: any(h(s) for h in holds))


def all_of(layout: Layout, tests: Tests) -> Predicate:
    """Whether a state passes every test; the MATCHes among them are one comparison."""
    mask = value = 0
    rest: list[Predicate] = []
    for test in dict.fromkeys(tests):
        if test[0] == Op.MATCH:
            base = layout.base(test[1])
            if (value ^ test[3] << base) & mask & test[2] << base:
                return Predicate(0, lambda s: False)
            mask |= test[2] << base
            value |= test[3] << base
        else:
            rest.append(_test(layout, test))
    if not rest:
        return Predicate(mask, lambda s: s & mask == value)
    footprint = reduce(or_, (p.footprint for p in rest), mask)
    holds = tuple(p.holds for p in rest)
    return Predicate(footprint, lambda s: s & mask == value and all(h(s) for h in holds))


def _test(layout: Layout, test: Instr) -> Predicate:
    op = test_op(test)
    match op:
        case Op.MATCH:
            raise AssertionError(test)  # `all_of` makes one comparison of them
        case Op.MISMATCH:
            word, own, number = test[1:]
            mask, value = own << layout.base(word), number << layout.base(word)
            return Predicate(mask, lambda s: s & mask != value)
        case Op.SAME | Op.DIFFER:
            (f, f_mask), (g, g_mask) = at = layout.places(test[1:])
            wanted = op is Op.SAME
            return Predicate(bits(at), lambda s: ((s >> f & f_mask) == (s >> g & g_mask)) is wanted)
        case Op.LOOKUP:
            t, *fields = test[1:]
            table, at = layout.program.tables[t], layout.places(fields)
            index = _index(at)
            return Predicate(bits(at), lambda s: table[index(s)] != 0)
        case _:
            assert_never(op)


def _index(at: Sequence[Place]) -> Callable[[int], int]:
    """The concatenation of fields, the first lowest."""
    if len(at) == 1:
        shift, mask = at[0]
        return lambda s: s >> shift & mask
    lows = []
    low = 0
    for p in at:
        lows.append((p.shift, p.mask, low))
        low += p.mask.bit_length()

    def index(s: int) -> int:
        number = 0
        for shift, mask, to in lows:
            number |= (s >> shift & mask) << to
        return number

    return index


def step(layout: Layout, rule: Rule) -> Step:
    """A rule over packed states; versions of the new state are canonical if the old one's are.

    `fire` raises VersionOverflow and FieldOverflow.
    """
    program = layout.program
    guard = all_of(layout, rule.tests)
    written = put = 0
    adds: list[tuple[int, int, int]] = []
    parts: list[_Part] = []
    rewritten: dict[int, dict[int, Instr]] = {}
    canonical = {
        f: v for v, group in enumerate(program.versions) if group.canonical for f in group.fields
    }
    for effect in rule.effects:
        op = effect_op(effect)
        match op:
            case Op.PUT:
                word, own, number = effect[1:]
                base = layout.base(word)
                written |= own << base
                put |= number << base
                for version, v in canonical.items():
                    if layout.place(version).bits & own << base:
                        rewritten.setdefault(v, {})[version] = effect
            case Op.ADD:
                f, number = effect[1:]
                adds.append((*layout.place(f), number))
            case Op.COPY | Op.FRESH if (version := FieldId(effect[1])) in canonical:
                rewritten.setdefault(canonical[version], {})[version] = effect
            case Op.COPY:
                f, g = effect[1:]
                written |= layout.place(f).bits
                parts.append(_copy(layout.place(f), layout.place(g)))
            case Op.MAP:
                f, t, *fields = effect[1:]
                written |= layout.place(f).bits
                parts.append(_map(layout.place(f), program.tables[t], layout.places(fields)))
            case Op.FRESH:
                f, v = effect[1:]
                written |= layout.place(f).bits
                parts.append(_fresh(layout, layout.place(f), program.versions[v]))
            case _:
                assert_never(op)
    for v, effects in rewritten.items():
        group_bits = bits(layout.places(program.versions[v].fields))
        written |= group_bits
        put &= ~group_bits
        parts.append(_rewrite(layout, program.versions[v], effects))
    footprint = guard.footprint | written
    footprint = reduce(or_, (mask << shift for shift, mask, _ in adds), footprint)
    footprint = reduce(or_, (part.footprint for part in parts), footprint)
    return Step(footprint, guard.holds, _fire(written, put, tuple(adds), tuple(parts)))


class _Part(NamedTuple):
    """Some bits of the new state, in place."""

    footprint: int
    new: Callable[[int], int]


def _fire(
    written: int, put: int, adds: tuple[tuple[int, int, int], ...], parts: tuple[_Part, ...]
) -> Callable[[int], int]:
    keep = ~written
    if not adds and not parts:
        return lambda s: s & keep | put
    news = tuple(part.new for part in parts)

    def fire(s: int) -> int:
        new = s & keep | put
        for shift, mask, number in adds:
            if not 0 <= (s >> shift & mask) + number <= mask:
                raise FieldOverflow(f"{s >> shift & mask} {number:+} leaves 0 to {mask}")
            new += number << shift
        for part in news:
            new |= part(s)
        return new

    return fire


def _copy(to: Place, source: Place) -> _Part:
    return _Part(source.bits, lambda s: (s >> source.shift & source.mask) << to.shift)


def _map(to: Place, table: tuple[int, ...], at: Sequence[Place]) -> _Part:
    index = _index(at)
    return _Part(bits(at), lambda s: table[index(s)] << to.shift)


def _fresh(layout: Layout, to: Place, group: VersionGroup) -> _Part:
    at = layout.places(group.fields)

    def new(s: int) -> int:
        version = max(group.named, 1 + max(s >> shift & mask for shift, mask in at))
        if version > to.mask:
            raise VersionOverflow(f"version {version} does not fit {to.mask.bit_length()} bits")
        return version << to.shift

    return _Part(bits(at), new)


_KEPT_FRESH = -1
"""Stands for the fresh version until the group is numbered."""


def _rewrite(layout: Layout, group: VersionGroup, effects: dict[int, Instr]) -> _Part:
    """All fields of a canonical group after a rule, numbered by first occurrence."""
    sources: list[tuple[Place | None, int]] = []
    for f in group.fields:
        match effects.get(f):
            case None:
                sources.append((layout.place(f), 0))
            case (Op.COPY, _, g):
                sources.append((layout.place(g), 0))
            case (Op.PUT, _, _, _) as effect:
                field = layout.program.fields[f]
                sources.append((None, effect[3] >> field.shift & (1 << field.width) - 1))
            case (Op.FRESH, *_):
                sources.append((None, _KEPT_FRESH))
            case other:
                raise AssertionError(other)  # nothing else makes a version
    at = layout.places(group.fields)

    def new(s: int) -> int:
        versions = [
            number if source is None else s >> source.shift & source.mask
            for source, number in sources
        ]
        return numbered(versions, at, group.named)

    return _Part(bits(at), new)


def numbered(versions: Iterable[int], at: Sequence[Place], named: int) -> int:
    """Versions in their places, those without a name by first occurrence.

    Raises VersionOverflow.
    """
    state = 0
    numbers: dict[int, int] = {}
    for version, (shift, mask) in zip(versions, at, strict=True):
        if not 0 <= version < named:
            version = numbers.setdefault(version, named + len(numbers))
        if version > mask:
            raise VersionOverflow(f"version {version} does not fit {mask.bit_length()} bits")
        state |= version << shift
    return state
