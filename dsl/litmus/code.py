"""From a test's tree to what its threads do, and to what its state begins with."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from mmscn.diagnostics import one
from mmscn.litmus import aarch64, c, x86
from mmscn.litmus import tree as t
from mmscn.litmus.ops import (
    Bits,
    Code,
    Const,
    Invalidate,
    Jump,
    Label,
    Load,
    Lock,
    Op,
    Raise,
    Reg,
    Store,
    Sum,
    Update,
    Value,
    Zero,
    every,
    parts_of,
    unsupported,
)
from mmscn.litmus.pages import Pages, entry_of, place_of
from mmscn.litmus.refusals import Refusals
from mmscn.litmus.registers import Registers

THREADS_MAX = 8
OPERATIONS_MAX = 200
PAGED = ("AArch64",)
"""Where page-table entries, faults and their handlers are read."""
READERS = {"X86": x86, "X86_64": x86, "AArch64": aarch64}


def code_of(litmus: t.Litmus) -> Code:
    """Raises Rejected for what cannot be said."""
    sayable(litmus)
    pages = Pages(litmus) if litmus.arch in PAGED else None
    canonical: Callable[[str], str | None] = str
    spelt: dict[tuple[int, str], str] = {}
    locations: set[str] = set()
    threads: dict[int, tuple[Op, ...]] = {}
    handlers: dict[int, tuple[Op, ...]] = {}
    hidden: set[tuple[int, str]] = set()
    if litmus.program is not None:
        for number, reader in sorted(
            c.threads(litmus.source, litmus.span.start, litmus.program).items()
        ):
            threads[number] = tuple(reader.out)
    else:
        module = READERS[litmus.arch]
        canonical = module.canonical
        for thread in sorted(litmus.threads, key=lambda thread: thread.number):
            registers = Registers(litmus, thread.number, canonical, locations)
            into = handlers if thread.handler else threads
            into[thread.number] = module.operations(litmus, thread, registers)
            hidden |= {(thread.number, name) for name in registers.bits}
            spelt |= {(thread.number, name): as_ for name, as_ in registers.spelt.items()}
    if len(threads) > THREADS_MAX or max(threads, default=0) >= THREADS_MAX:
        raise unsupported(f"a test of more than {THREADS_MAX} threads", litmus.span)
    locks = {op.place for ops in threads.values() for op in every(ops) if isinstance(op, Lock)}
    for number, ops in [*threads.items(), *handlers.items()]:
        handled = handlers.get(number, ()) if ops is threads[number] else ()
        if ops is threads[number]:
            bounded(number, (*ops, *handled), litmus)
        locations |= {op.place for op in every(ops) if isinstance(op, Load | Store | Update)}
    walked: frozenset[str] = frozenset()
    tracked: dict[tuple[int, int], t.Refused] = {}
    if pages is not None:
        litmus, walked, tracked = paged(litmus, pages, threads, handlers)
    code = Code(
        litmus=litmus,
        threads=threads,
        initial=initial(litmus, locations, locks, pages),
        locks=frozenset(locks),
        registers={},
        spelt=spelt,
        canonical=canonical,
        handlers=handlers,
        pages=pages if pages and (pages.there or handlers or tracked or raises(threads)) else None,
        walked=walked,
        tracked=tracked,
    )
    bits_alone(code, hidden)
    code.registers.update(registers_of(code, pages))
    return code


def raises(threads: dict[int, tuple[Op, ...]]) -> bool:
    return any(isinstance(op, Raise) for ops in threads.values() for op in ops)


def paged(
    litmus: t.Litmus,
    pages: Pages,
    threads: dict[int, tuple[Op, ...]],
    handlers: dict[int, tuple[Op, ...]],
) -> tuple[t.Litmus, frozenset[str], dict[tuple[int, int], t.Refused]]:
    """A test with what it asks of entries and faults in numbers, and the pages that are walked."""
    both = [*threads.values(), *handlers.values()]
    stored = (op.place for ops in both for op in ops if isinstance(op, Store | Update))
    walked = frozenset(pages.walked(page for p in stored if (page := entry_of(p))))
    refusals = Refusals(pages, threads, walked)
    condition = refusals.condition(litmus.condition)
    only = refusals.condition(litmus.filter) if litmus.filter is not None else None
    closed(pages, [op for ops in both for op in every(ops)], litmus)
    listed = [p for p in litmus.locations if not isinstance(p, t.Fault)]
    for asked in litmus.locations:
        if isinstance(asked, t.Fault):
            refusals.fault(asked)
    listed += refusals.tracked.values()
    new = evolve(litmus, condition=condition, filter=only, locations=tuple(listed))
    return new, walked, refusals.tracked


def closed(pages: Pages, ops: list[Op], litmus: t.Litmus) -> None:
    """Know the descriptors that bits are set and cleared in. Raises Rejected."""
    changes = []
    for op in ops:
        match op:
            case Update(kind="set", value=Const(value=bits)):
                changes.append((bits, 0))
            case Update(kind="clear", value=Const(value=bits)):
                changes.append((0, bits))
        changes += [(v.sets, v.clears) for v in parts_of(op) if isinstance(v, Bits)]
    if not changes:
        return
    for op in ops:
        if isinstance(op, Load | Store | Update) and (page := entry_of(op.place)):
            pages.begins(page)
    try:
        pages.closed(changes)
    except ValueError:
        raise unsupported("other bits of page-table entries", litmus.span) from None


def bounded(number: int, ops: tuple[Op, ...], litmus: t.Litmus) -> None:
    """Raises Rejected where there are too many operations, or a label is missing."""
    if len(every(ops)) > OPERATIONS_MAX:
        raise one("MM805", f"P{number} has more than {OPERATIONS_MAX} operations", litmus.span)
    labels = [op.name for op in every(ops) if isinstance(op, Label)]
    for op in every(ops):
        if isinstance(op, Jump) and op.to not in labels:
            raise one("MM806", f"there is no label `{op.to[:40]}`", op.span)
        if isinstance(op, Label) and labels.count(op.name) > 1:
            raise one("MM802", f"the label {op.name[:40]} of P{number} stands twice", litmus.span)


def sayable(litmus: t.Litmus) -> None:
    """Raises Rejected for what has to do with translations and faults."""
    for setting in litmus.settings:
        for part in (setting.place, setting.value):
            if isinstance(part, t.Of | t.Entry) and litmus.arch not in PAGED:
                raise unsupported("a page-table entry", part.span)
            if isinstance(part, t.Strange):
                raise unsupported("a value of this kind", part.span)
    handlers = [thread for thread in litmus.threads if thread.handler]
    if handlers and litmus.arch not in PAGED:
        raise unsupported("a fault handler", handlers[0].span)


def bits_alone(code: Code, hidden: set[tuple[int, str]]) -> None:
    """Raises Rejected where it is asked for a register that is known only as bits."""
    litmus = code.litmus
    filtered = places(litmus.filter) if litmus.filter is not None else []
    for place in (*litmus.locations, *places(litmus.condition), *filtered):
        if isinstance(place, t.Register) and (place.thread, code.spelling(place)) in hidden:
            raise unsupported("a shifted number as a value", place.span)


def initial(
    litmus: t.Litmus, locations: set[str], locks: set[str], pages: Pages | None
) -> dict[str, int]:
    """Each location that is no lock, and what it holds at the start."""
    found = dict.fromkeys(sorted(locations | asked_for(litmus)), 0)
    if locks & found.keys():
        raise unsupported("a lock that is read or written", litmus.span)
    for name in found:
        if pages is not None and (page := entry_of(name)):
            found[name] = pages.known.index(pages.begins(page))
    for setting in litmus.settings:
        match setting.place:
            case t.Location(name=name, index=None) if name in locks:
                if setting.value not in (None, t.Number(0, setting.span)):
                    raise unsupported("a lock that is held at the start", setting.span)
            case t.Location(name=name, index=None):
                match setting.value:
                    case None:
                        found.setdefault(name, 0)
                    case t.Number(value=value):
                        found[name] = value
                    case _:
                        raise unsupported("an address in memory", setting.span)
            case t.Location():
                raise unsupported("an array", setting.span)
    return found


def asked_for(litmus: t.Litmus) -> set[str]:
    """The locations that the condition and the list of locations name."""
    found = set()
    filtered = places(litmus.filter) if litmus.filter is not None else []
    for place in (*litmus.locations, *places(litmus.condition), *filtered):
        match place:
            case t.Location(name=name, index=None):
                found.add(name)
            case t.Location():
                raise unsupported("an array", place.span)
            case t.Fault():
                raise unsupported("a fault", place.span)
            case t.Of() if litmus.arch in PAGED:
                found.add(place_of(place))
            case t.Of():
                raise unsupported("a page-table entry", place.span)
    return found


def places(condition: t.Condition) -> list[t.Listed]:
    """What a condition looks at."""
    match condition:
        case t.Equal(place=place, value=value):
            if not isinstance(value, t.Number):
                raise unsupported("a value that is no number", value.span)
            return [place]
        case t.Not(part=part):
            return places(part)
        case t.Both(parts=parts):
            return [place for part in parts for place in places(part)]
        case t.Means(part=part):
            return places(part)
        case t.Fault():
            return [condition]
    return []


def registers_of(code: Code, pages: Pages | None) -> dict[tuple[int, str], int]:
    """What registers begin with, where that is a number."""
    found = {}
    for setting in code.litmus.settings:
        place = setting.place
        if not isinstance(place, t.Register):
            continue
        if place.thread not in code.threads:
            raise one("MM806", f"there is no thread P{place.thread}", place.span)
        match setting.value:
            case t.Number(value=value):
                found[place.thread, code.spelling(place)] = value
            case t.Entry() as entry if pages is not None:
                found[place.thread, code.spelling(place)] = pages.number(entry)
            case t.Symbol() | None:
                pass
            case t.Of(what="PTE" | "TTD"):
                pass
            case value:
                raise unsupported("a value of this kind", value.span)
    return found


def used(op: Op) -> list[str]:
    """The registers that an operation reads."""
    dependent = Load | Store | Update | Invalidate
    depends = list(op.depends) if isinstance(op, dependent) else []
    return [*depends, *(name for value in parts_of(op) for name in names(value))]


def names(value: Value) -> list[str]:
    match value:
        case Reg(name=name) | Zero(name=name) | Bits(name=name):
            return [name]
        case Sum(left=left, right=right):
            return [*names(left), *names(right)]
    return []
