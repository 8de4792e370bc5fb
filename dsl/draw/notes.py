"""What a state is called in a trace: cells put together to things, values as a mail has them.

`va.pte.present`, `va.pte.page`, ... of one page are one thing, `PTE buf`, with
one value, `p0 RW D`. What a variable is called, and what its bits are, the
text says where it declares them; where it does not, their names are it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from itertools import product
from typing import assert_never

from attrs import evolve, field, frozen

from mmscn.budget import polled
from mmscn.check.core import Checked, Family
from mmscn.check.values import Elem, Value, show
from mmscn.draw.queues import LENGTH, SLOT, in_queue
from mmscn.lower.compiled import Compiled, Place
from mmscn.lower.retrace import CellKey, Cells
from mmscn.runtime.bytecode import FieldId, Op, Program, Rule, State, effect_op
from mmscn.runtime.interpreter import read
from mmscn.runtime.result import Trace


@frozen(repr=False, kw_only=True)
class Thing:
    """A variable of the scenario, with all its members.

    members: (name, key of the cell); one with an empty name when it is no struct.
    quiet: not worth a note. entry: a struct whose declaration says what it is called. buffer: the
    CPU whose store buffer it is.
    """

    name: str
    members: tuple[tuple[str, CellKey], ...]
    quiet: bool
    entry: bool
    buffer: Elem | None = None
    keys: frozenset[CellKey] = field(init=False, eq=False)

    @keys.default
    def _(self) -> frozenset[CellKey]:
        return frozenset(key for _, key in self.members)


def things(compiled: Compiled, anyway: Set[CellKey] = frozenset()) -> tuple[Thing, ...]:
    """Everything that can be noted: entries first, then in the order of declaration.

    What the compiler has dropped, since nothing that is asked depends on it, is left out but for
    those in `anyway`; of a struct with a member that it has not dropped nothing is.
    """
    checked = compiled.checked
    wanted = {(p.family, p.indices) for p in compiled.places} | anyway
    members: dict[tuple[str, tuple[Value, ...]], list[tuple[str, CellKey]]] = {}
    families: dict[str, tuple[Family, str]] = {}
    for key, family in checked.families.items():
        var, dot, member = family.name.partition(".")
        if checked.stored and var == "store_buffer":
            continue
        base = key.removesuffix(dot + member)
        families.setdefault(base, (family, var))
        for index in product(*family.indices):
            whole, name = index, member
            if family.queue is not None:
                whole, name = in_queue(checked, family, index, base, member)
            members.setdefault((base, whole), []).append((name, (key, index)))
    locks = {key for key, family in checked.families.items() if family.lock is not None}
    made = []
    for (base, index), cells in members.items():
        if not any(key in wanted for _, key in cells):
            continue
        family, var = families[base]
        made.append(
            Thing(
                name=_name(base, family, var, index),
                members=tuple(cells),
                quiet=family.ghost or family.quiet or base in locks,
                entry=family.text is not None and "." in family.name,
            )
        )
    from mmscn.draw.store_buffers import buffers

    made += buffers(checked)
    return tuple(sorted(made, key=lambda thing: not thing.entry))


def stored_things(compiled: Compiled) -> tuple[Thing, ...]:
    """The same, with the members that a state of the program has."""
    stored = {(p.family, p.indices) for p in compiled.places}
    return tuple(
        evolve(thing, members=tuple(m for m in thing.members if m[1] in stored))
        for thing in things(compiled)
        if thing.buffer is None
    )


def _name(base: str, family: Family, var: str, index: tuple[Value, ...]) -> str:
    word = var if family.text is None else family.text
    if family.sort is None or not index:
        owner = base.removesuffix(f".{var}")
        whose = f"{owner} " if owner != base else ""
        return whose + word + _in_brackets(index)
    subject, rest = index[0], index[1:]
    if isinstance(subject, Elem) and subject.sort == "cpu":
        if family.text:
            return " ".join([f"{word}{subject.number}", *map(show, rest)])
        return f"CPU{subject.number} {word}{_in_brackets(rest)}"
    if family.text is not None:
        return f"{word} {show(subject)}{_in_brackets(rest)}".lstrip()
    return f"{show(subject)} {word}{_in_brackets(rest)}"


def cell_name(checked: Checked, key: CellKey) -> str:
    """What a single cell is called: `p0 refcount`, `slot.page`."""
    family, index = checked.families[key[0]], key[1]
    var, dot, member = family.name.partition(".")
    base = key[0].removesuffix(dot + member)
    if family.queue is not None:
        index, member = in_queue(checked, family, index, base, member)
    return _name(base, family, var, index) + dot + member


def _in_brackets(index: tuple[Value, ...]) -> str:
    return f"[{', '.join(map(show, index))}]" if index else ""


# ---- values -----------------------------------------------------------------


def value_text(checked: Checked, thing: Thing, cells: Cells) -> str:
    """The value of a thing: `none`, `p0 RW D`, `v1`, `{a=1 b=2}`."""
    if thing.buffer is not None:
        from mmscn.draw.store_buffers import waiting_text

        return waiting_text(checked, thing.buffer, cells)
    return members_text(checked, thing.members, cells)


def members_text(checked: Checked, members: tuple[tuple[str, CellKey], ...], cells: Cells) -> str:
    """The value of a variable with these members."""
    length = next((key for name, key in members if name == LENGTH), None)
    if length is not None and checked.families[length[0]].queue == length[0].removesuffix(
        f".{LENGTH}"
    ):
        return queue_text(checked, members, cells, length)
    return struct_text(checked, members, cells)


def queue_text(
    checked: Checked, members: tuple[tuple[str, CellKey], ...], cells: Cells, length: CellKey
) -> str:
    """Who waits in a queue, the first in front."""
    waiting, count = [], cells[length]
    assert isinstance(count, int)
    for n in range(count):
        slot = f"{SLOT}[{n}]"
        inside = tuple(
            (name.removeprefix(slot).lstrip("."), key)
            for name, key in members
            if name.startswith(slot)
        )
        waiting.append(struct_text(checked, inside, cells))
    return f"({', '.join(waiting)})" if waiting else "none"


def struct_text(checked: Checked, members: tuple[tuple[str, CellKey], ...], cells: Cells) -> str:
    if len(members) == 1 and not members[0][0]:
        key = members[0][1]
        return scalar_text(cells[key], version=checked.families[key[0]].version)
    values = {name: cells[key] for name, key in members}
    if all(_is_default(checked.families[key[0]], cells[key]) for _, key in members):
        return "none"
    words = {name: checked.families[key[0]].word for name, key in members}
    if any(word is not None for word in words.values()):
        return _entry(values, words)
    texts = (
        f"{name}={scalar_text(cells[key], version=checked.families[key[0]].version)}"
        for name, key in members
    )
    return "{" + " ".join(texts) + "}"


def is_default(checked: Checked, thing: Thing, cells: Cells) -> bool:
    """Whether a thing has the value that nobody needs to be told."""
    return all(_is_default(checked.families[key[0]], cells[key]) for _, key in thing.members)


def _is_default(family: Family, value: Value) -> bool:
    if family.version:
        return value == 0
    return value == (None if None in family.domain else family.domain[0])


def scalar_text(value: Value, *, version: bool = False) -> str:
    """A single value; a bool is a bit here."""
    if version:
        return f"v{value}"
    return str(int(value)) if isinstance(value, bool) else show(value)


def _entry(values: Mapping[str, Value], words: Mapping[str, str | None]) -> str:
    """An entry as a dump of its table has it: what it leads to, and the words of its bits.

    The word of a bit is shown where it is set; `RW/RO` has one for either case. `/absent` has none
    where it is set: where it is not, what else is not set is not said.
    """
    parts, absent = [], False
    for name, value in values.items():
        set_, either, clear = (name if words[name] is None else words[name] or "").partition("/")
        if isinstance(value, bool):
            parts.append(set_ if value else "" if absent else clear)
            absent = absent or bool(either and not set_ and not value)
        elif value is not None:
            parts.append(show(value) if isinstance(value, Elem) else f"{set_}={show(value)}")
    return " ".join(filter(None, parts)) or next(name for name, value in values.items() if value)


# ---- states -----------------------------------------------------------------


def snapshots(
    compiled: Compiled, trace: Trace, versions: tuple[dict[FieldId, int], ...]
) -> tuple[Cells, ...]:
    """The states of a trace of `compiled.program`. versions: as `version_names` gives them."""
    cells = {(p.family, p.indices): p for p in compiled.places if p.family is not None}
    made: list[dict[CellKey, Value]] = []
    before: list[Value] = []
    for state, named in zip(polled(trace.states), versions, strict=True):
        values = [*map(_reader(compiled.program, state, named), cells.values())]
        if made:
            # Of the one before it, for a key takes a call to be looked up.
            made.append(made[-1].copy())
            changes = zip(cells, values, before, strict=True)
            made[-1].update((key, now) for key, now, was in changes if now is not was)
        else:
            made.append(dict(zip(cells, values, strict=True)))
        before = values
    return tuple(made)


def cells_of(compiled: Compiled, state: State) -> Cells:
    """The cells of one state, which is no part of a trace; versions as the state numbers them."""
    value = _reader(compiled.program, state, {})
    return {(p.family, p.indices): value(p) for p in compiled.places if p.family is not None}


def _reader(
    program: Program, state: State, named: Mapping[FieldId, int]
) -> Callable[[Place], Value]:
    def value(place: Place) -> Value:
        if place.field is None:
            return place.constant
        number = named[place.field] if place.field in named else read(program, state, place.field)
        return place.value(number)

    return value


def version_names(program: Program, trace: Trace, named: int) -> tuple[dict[FieldId, int], ...]:
    """For each state a number for each version field that the version keeps along the trace.

    The states themselves number the anonymous versions anew after every step. named: how many
    versions the text has names for, some of which the program may do without.
    """
    names = {
        f: read(program, trace.states[0], f) for group in program.versions for f in group.fields
    }
    following = [
        max([named, group.named, *(names[f] + 1 for f in group.fields)])
        for group in program.versions
    ]
    found = [dict(names)]
    for rule_id, after in zip(trace.rules, trace.states[1:], strict=True):
        names = _renamed(program, program.rules[rule_id], names, following, after)
        found.append(dict(names))
    return tuple(found)


def _renamed(
    program: Program,
    rule: Rule,
    old: Mapping[FieldId, int],
    following: list[int],
    after: State,
) -> dict[FieldId, int]:
    new = dict(old)
    looked_up: list[FieldId] = []
    made: set[int] = set()
    for effect in rule.effects:
        op, target = effect_op(effect), FieldId(effect[1])
        match op:
            case Op.PUT:
                for f in old:
                    field = program.fields[f]
                    bits = (1 << field.width) - 1 << field.shift
                    if field.word == effect[1] and effect[2] & bits:
                        new[f] = read(program, after, f)
            case Op.COPY | Op.FRESH | Op.ADD | Op.MAP if target not in old:
                continue
            case Op.COPY if effect[2] in old:
                new[target] = old[FieldId(effect[2])]
            case Op.FRESH:
                new[target] = following[effect[2]]
                made.add(effect[2])
            case Op.COPY | Op.ADD | Op.MAP:
                looked_up.append(target)
            case _:
                assert_never(op)
    for f in looked_up:
        new[f] = _by_number(program, f, after, {g: n for g, n in new.items() if g not in looked_up})
    for group in made:
        following[group] += 1
    return new


def _by_number(program: Program, field: FieldId, after: State, names: Mapping[FieldId, int]) -> int:
    """The name of a version that a table gave: that of a field with the same number."""
    number = read(program, after, field)
    same: Sequence[int] = [n for f, n in names.items() if read(program, after, f) == number]
    return same[0] if same else number
