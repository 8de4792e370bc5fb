"""Which of the built-in rules a trace breaks, and by what: `in_range`, `lock_rules`."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.check import core
from mmscn.check.values import Domain, Elem, Value, show
from mmscn.draw.notes import cell_name
from mmscn.draw.traced import Traced
from mmscn.lower.model_errors import NoAttribute, NoCell, OutOfRange
from mmscn.lower.retrace import CellKey, Event

LOCK_RULES = "lock_rules"


def reason(found: Traced) -> str | None:
    """`p0 refcount: 7 + 1 is above 0..7`, `t releases m, which nobody holds`; None for others."""
    if found.info.name == LOCK_RULES and found.info.span is None:
        return locked_at_end(found) if found.info.kind == "always" else lock_misused(found)
    if found.number == core.MODEL_ERROR:
        return left_the_model(found)
    return None


# ---- in_range -----------------------------------------------------------------


def left_the_model(found: Traced) -> str | None:
    for event in reversed(found.last.events):
        match event.error:
            case OutOfRange(var=var, value=value):
                return out_of_range(found, event, var, value)
            case NoCell(family=family, at=index):
                return no_cell(found.checked.families[family], index)
            case NoAttribute():
                return "an attribute of `none` is asked for"
    return None


def out_of_range(found: Traced, event: Event, number: int, value: Value) -> str:
    var = found.again.vars[number]
    before: Value
    declared = ""
    if var.family is None:
        local = found.again.number_of[number]
        name, before = found.checked.locals[local].name, event.locals_read.get(local)
    else:
        key = var.family, var.index
        before = event.reads.get(key)
        stored = stored_to(found.checked, event, key)
        name = cell_name(found.checked, stored[0]) if len(stored) == 1 else stored[0][0]
        span = found.checked.families[stored[0][0]].span
        if span is not None:
            declared = f" ({span.source.name.rpartition('/')[2]}:{span.line})"
    return f"{name}: {change(before, value)} is {beyond(var.domain, value)}{declared}"


def stored_to(checked: core.Checked, event: Event, key: CellKey) -> list[CellKey]:
    """The cells of one variable that a value is meant for: of an entry of a store buffer, those
    that it may be stored to.
    """
    if not isinstance(event.stmt, core.Assign):
        return [key]
    what = {
        word.value
        for target, value in zip(event.stmt.targets, event.stmt.values, strict=True)
        if isinstance(target, core.Cell) and target.family == core.STORED_TO
        for word in words(value)
    }
    found = [
        cell
        for stored in checked.stored
        if stored.what in what
        for cell, family in zip(stored.cells, stored.values, strict=True)
        if family == key[0]
    ]
    return found or [key]


def words(e: core.Expr) -> Iterator[core.Const]:
    """What a choice between constants may come to."""
    match e:
        case core.Const():
            yield e
        case core.Apply(op="ite", args=(_, one, other)):
            yield from words(one)
            yield from words(other)


def change(before: Value, value: Value) -> str:
    """`7 + 1`, where the value before was looked at; else the value alone."""
    if type(before) is int and type(value) is int and before != value:
        return f"{before} {'+' if value > before else '-'} {abs(value - before)}"
    return show(value)


def beyond(domain: Domain, value: Value) -> str:
    """`above 0..7`, `not in 0..7`, `none of a, b`."""
    numbers = [v for v in domain if type(v) is int]
    if len(numbers) == len(domain):
        low, high = min(numbers), max(numbers)
        where = "above" if isinstance(value, int) and value > high else "not in"
        where = "below" if isinstance(value, int) and value < low else where
        return f"{where} {low}..{high}"
    return f"none of {', '.join(map(show, domain))}"


def no_cell(family: core.Family, index: tuple[Value, ...]) -> str:
    if family.sort is not None and index[0] is None:
        return f"`none` has no {family.name}"
    base, dot, member = family.name.partition(".")
    return f"there is no {base}[{', '.join(map(show, index))}]{dot}{member}"


# ---- lock_rules ---------------------------------------------------------------


def lock_misused(found: Traced) -> str | None:
    thread = found.line(len(found.trace.rules) - 1).thread
    broken = [
        e
        for e in found.last.events
        if isinstance(e.stmt, core.Assert | core.Bug) and e.stmt.check == core.LOCK_RULES
        and e.outcome is not True
    ]  # fmt: skip
    if thread is None or not broken:
        return None
    me, event = found.checked.threads[thread], broken[0]
    if isinstance(event.stmt, core.Assert):
        held = holds(found, me.elem, spin=True)
        return f"{me.name} holds the spinlock {' and '.join(held)} where it may sleep"
    read = {
        key: value
        for e in found.last.events
        if e.origin == event.origin
        for key, value in e.reads.items()
    }
    for key, owner in read.items():
        if found.checked.families[key[0]].lock is not None:
            who = "nobody" if owner is None else show(owner)
            return f"{me.name} releases {cell_name(found.checked, key)}, which {who} holds"
    return None


def locked_at_end(found: Traced) -> str | None:
    texts = []
    for n, thread in enumerate(found.checked.threads):
        held = holds(found, thread.elem) if found.last.standing[n] is None else []
        texts += [f"{thread.name} has ended and holds {' and '.join(held)}"] if held else []
    return "; ".join(texts) or None


def holds(found: Traced, thread: Elem, *, spin: bool = False) -> list[str]:
    """The locks that a thread has, spinlocks only if asked."""
    names: list[str] = []
    for key, value in found.last.cells.items():
        lock = lock_of(found.checked, key)
        if lock is None or (spin and lock != "spinlock"):
            continue
        family, index = key
        if value == thread:
            names.append(cell_name(found.checked, key))
        elif value is True and index[-1] == thread:
            base = family.removesuffix(".readers")
            names.append(cell_name(found.checked, (base, index[:-1])))
    return names


def lock_of(checked: core.Checked, key: CellKey) -> str | None:
    """What kind of lock a cell is a part of."""
    family = checked.families.get(key[0].removesuffix(".readers"))
    return None if family is None else family.lock
