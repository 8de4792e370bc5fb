"""What a state is called in a trace: cells put together to things, values as a mail has them.

`va.pte.present`, `va.pte.page`, ... of one page are one thing, `PTE buf`, with
one value, `p0 RW D`. Names and sorts decide; what kernel people call
differently stands in the tables below, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product

from attrs import frozen

from mmscn.check.core import Checked, Family
from mmscn.check.values import Elem, Value, show
from mmscn.lower.compiled import Compiled, Place
from mmscn.lower.retrace import CellKey, Cells
from mmscn.runtime.bytecode import FieldId, Op, Program, Rule, State
from mmscn.runtime.interpreter import read
from mmscn.runtime.result import Trace

WORDS = {"pte": "PTE", "pmd": "PMD", "pud": "PUD", "pgd": "PGD", "tlb": "TLB", "iotlb": "IOTLB"}
"""Variables that kernel people write in capitals, and before what they belong to."""

BEFORE = {"disk"}
"""Variables that are named before what they belong to: `disk data[0]`."""

ITSELF = {"content"}
"""Variables that are what they belong to: the content of `p0` is `p0`."""

FLAGS = {"dirty": "D", "young": "A", "accessed": "A", "global": "G", "user": "U", "special": "S"}
"""What a set bit of a translation is written as; other bits are written by their names."""

QUIET = {"flush_pending", "in_instruction"}
"""Bookkeeping of the machine, not worth a note."""

PERMISSION, PRESENT = "write", "present"


@frozen(kw_only=True)
class Thing:
    """A variable of the scenario, with all its members.

    var: its name in the text. members: (name, key of the cell); one with an
    empty name when it is no struct. quiet: not worth a note.
    """

    name: str
    var: str
    members: tuple[tuple[str, CellKey], ...]
    quiet: bool


def things(compiled: Compiled) -> tuple[Thing, ...]:
    """Everything that can be noted: translations first, then in the order of declaration.

    Cells that the compiler has dropped are left out: their values are not known.
    """
    checked = compiled.checked
    kept = {(p.family, p.indices) for p in compiled.places}
    members: dict[tuple[str, tuple[Value, ...]], list[tuple[str, CellKey]]] = {}
    families: dict[str, tuple[Family, str]] = {}
    for key, family in checked.families.items():
        var, dot, member = family.name.partition(".")
        base = key.removesuffix(dot + member)
        families.setdefault(base, (family, var))
        for index in product(*family.indices):
            if (key, index) not in kept:
                continue
            members.setdefault((base, index), []).append((member, (key, index)))
    locks = {key for key, family in checked.families.items() if family.lock is not None}
    made = []
    for (base, index), cells in members.items():
        family, var = families[base]
        made.append(
            Thing(
                name=_name(base, family, var, index),
                var=var,
                members=tuple(cells),
                quiet=family.ghost or var in QUIET or base in locks,
            )
        )
    return tuple(sorted(made, key=lambda thing: thing.var not in WORDS))


def _name(base: str, family: Family, var: str, index: tuple[Value, ...]) -> str:
    word = WORDS.get(var, var)
    if family.sort is None or not index:
        owner = base.removesuffix(f".{var}")
        whose = f"{owner} " if owner != base else ""
        return whose + word + _in_brackets(index)
    subject, rest = index[0], index[1:]
    if isinstance(subject, Elem) and subject.sort == "cpu":
        if var in WORDS:
            return " ".join([f"{word}{subject.number}", *map(show, rest)])
        return f"CPU{subject.number} {word}{_in_brackets(rest)}"
    if var in ITSELF:
        return show(subject) + _in_brackets(rest)
    if var in WORDS or var in BEFORE:
        return f"{word} {show(subject)}{_in_brackets(rest)}"
    return f"{show(subject)} {word}{_in_brackets(rest)}"


def cell_name(checked: Checked, key: CellKey) -> str:
    """What a single cell is called: `p0 refcount`, `slot.page`."""
    family, index = checked.families[key[0]], key[1]
    var, dot, member = family.name.partition(".")
    return _name(key[0].removesuffix(dot + member), family, var, index) + dot + member


def _in_brackets(index: tuple[Value, ...]) -> str:
    return f"[{', '.join(map(show, index))}]" if index else ""


# ---- values -----------------------------------------------------------------


def value_text(checked: Checked, thing: Thing, cells: Cells) -> str:
    """The value of a thing: `none`, `p0 RW D`, `v1`, `{a=1 b=2}`."""
    if len(thing.members) == 1 and not thing.members[0][0]:
        key = thing.members[0][1]
        return scalar_text(cells[key], version=checked.families[key[0]].version)
    values = {name: cells[key] for name, key in thing.members}
    if all(_is_default(checked.families[key[0]], cells[key]) for _, key in thing.members):
        return "none"
    if PRESENT in values or WORDS.get(thing.var):
        return _translation(values)
    texts = (
        f"{name}={scalar_text(cells[key], version=checked.families[key[0]].version)}"
        for name, key in thing.members
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


def _translation(values: Mapping[str, Value]) -> str:
    """A translation as a page-table dump has it: the frame, then the bits."""
    parts = [] if values.get(PRESENT, True) else ["not present"]
    for name, value in values.items():
        if name == PRESENT or value is None:
            continue
        if name == PERMISSION:
            if value or values.get(PRESENT, True):
                parts.append("RW" if value else "RO")
        elif isinstance(value, bool):
            parts += [FLAGS.get(name, name)] if value else []
        else:
            parts.append(show(value) if isinstance(value, Elem) else f"{name}={show(value)}")
    return " ".join(parts) or PRESENT


# ---- states -----------------------------------------------------------------


def snapshots(
    compiled: Compiled, trace: Trace, versions: tuple[dict[FieldId, int], ...]
) -> tuple[Cells, ...]:
    """The states of a trace of `compiled.program`. versions: as `version_names` gives them."""
    cells = [p for p in compiled.places if p.family is not None]
    made = []
    for state, named in zip(trace.states, versions, strict=True):
        value = _reader(compiled.program, state, named)
        made.append({(p.family, p.indices): value(p) for p in cells if p.family is not None})
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


def version_names(program: Program, trace: Trace) -> tuple[dict[FieldId, int], ...]:
    """For each state a number for each version field that the version keeps along the trace.

    The states themselves number the anonymous versions anew after every step.
    """
    names = {
        f: read(program, trace.states[0], f) for group in program.versions for f in group.fields
    }
    following = [
        max([group.named, *(names[f] + 1 for f in group.fields)]) for group in program.versions
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
        op, target = Op(effect[0]), FieldId(effect[1])
        if op is Op.PUT:
            for f in old:
                field = program.fields[f]
                bits = (1 << field.width) - 1 << field.shift
                if field.word == effect[1] and effect[2] & bits:
                    new[f] = read(program, after, f)
        elif target not in old:
            continue
        elif op is Op.COPY and effect[2] in old:
            new[target] = old[FieldId(effect[2])]
        elif op is Op.FRESH:
            new[target] = following[effect[2]]
            made.add(effect[2])
        else:
            looked_up.append(target)
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
