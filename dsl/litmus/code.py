"""From a test's tree to what its threads do, and to what its state begins with."""

from __future__ import annotations

from collections.abc import Callable

from attrs import Factory, define, evolve

from mmscn.diagnostics import one
from mmscn.litmus import aarch64, c, x86
from mmscn.litmus import tree as t
from mmscn.litmus.calls import written_out
from mmscn.litmus.instructions import Instructions, numbered, read_as_instructions
from mmscn.litmus.ops import (
    Bits,
    Code,
    Const,
    Invalidate,
    Jump,
    Label,
    Load,
    Lock,
    Maintain,
    Op,
    Raise,
    Reg,
    Return,
    Store,
    Sum,
    Update,
    Value,
    Zero,
    every,
    parts_of,
    unsupported,
)
from mmscn.litmus.pages import Pages, entry_of, place_of, variants
from mmscn.litmus.refusals import Refusals
from mmscn.litmus.registers import Registers

THREADS_MAX = 8
OPERATIONS_MAX = 200
PAGED = ("AArch64",)
"""Where page-table entries, faults and their handlers are read."""
RETRIES, LATE = ("handled", "imprecise"), ("async", "asym", "asymmetric", "precise-store")
"""Variants in which a thread tries again behind a fault; and in which tags are checked late."""
READERS = {"X86": x86, "X86_64": x86, "AArch64": aarch64}


def code_of(litmus: t.Litmus) -> Code:
    """Raises Rejected for what cannot be said."""
    sayable(litmus)
    instructions = None
    if litmus.arch in PAGED:
        litmus = read_as_instructions(litmus)
        instructions = Instructions(litmus)
    pages = Pages(litmus) if litmus.arch in PAGED else None
    found = read(litmus, instructions)
    threads, handlers, locations = found.threads, found.handlers, found.locations
    if len(threads) > THREADS_MAX or max(threads, default=0) >= THREADS_MAX:
        raise unsupported(f"a test of more than {THREADS_MAX} threads", litmus.span)
    locks = {op.place for ops in threads.values() for op in every(ops) if isinstance(op, Lock)}
    for number, ops in [*threads.items(), *handlers.items()]:
        handled = handlers.get(number, ()) if ops is threads[number] else ()
        if ops is threads[number]:
            bounded(number, ops, handled, litmus)
        locations |= {op.place for op in every(ops) if isinstance(op, Load | Store | Update)}
    walked: frozenset[str] = frozenset()
    tracked: dict[tuple[int, int], t.Refused] = {}
    if pages is not None:
        assert instructions is not None
        litmus, walked, tracked = paged(litmus, pages, threads, handlers)
        litmus = evolve(litmus, condition=numbered(litmus.condition, instructions))
    changing = instructions is not None and bool(instructions.words)
    code = Code(
        litmus=litmus,
        threads=threads,
        initial=initial(litmus, locations, locks, pages, instructions),
        locks=frozenset(locks),
        registers={},
        spelt=found.spelt,
        canonical=found.canonical,
        handlers=handlers,
        pages=pages
        if pages and (pages.there or handlers or tracked or changing or raises(threads))
        else None,
        walked=walked,
        tracked=tracked,
        instructions=instructions if changing else None,
    )
    tags_alone(code)
    bits_alone(code, found.hidden)
    instructions_alone(code, found.coded)
    code.registers.update(registers_of(code, pages))
    return code


@define
class Read:
    """The threads of a test as they are read. locations: those that they name. hidden: registers
    that are known only as bits; coded: those that may have an instruction.
    """

    canonical: Callable[[str], str | None] = str
    threads: dict[int, tuple[Op, ...]] = Factory(dict)
    handlers: dict[int, tuple[Op, ...]] = Factory(dict)
    spelt: dict[tuple[int, str], str] = Factory(dict)
    locations: set[str] = Factory(set)
    hidden: set[tuple[int, str]] = Factory(set)
    coded: set[tuple[int, str]] = Factory(set)


def read(litmus: t.Litmus, instructions: Instructions | None) -> Read:
    found = Read()
    if litmus.program is not None:
        of_c = c.threads(litmus.source, litmus.span.start, litmus.program)
        found.threads = {number: tuple(reader.out) for number, reader in sorted(of_c.items())}
        return found
    module = READERS[litmus.arch]
    found.canonical = module.canonical
    for thread in sorted(litmus.threads, key=lambda thread: thread.number):
        n = thread.number
        registers = Registers(litmus, n, found.canonical, found.locations, instructions)
        if litmus.arch in PAGED:
            thread, registers.copied = written_out(litmus, thread, instructions)
        into = found.handlers if thread.handler else found.threads
        into[n] = module.operations(litmus, thread, registers)
        found.hidden |= {(n, name) for name in registers.bits}
        found.coded |= {(n, name) for name in registers.ever_coded}
        found.spelt |= {(n, name): as_ for name, as_ in registers.spelt.items()}
    return found


def raises(threads: dict[int, tuple[Op, ...]]) -> bool:
    return any(isinstance(op, Raise) for ops in threads.values() for op in every(ops))


def tags_alone(code: Code) -> None:
    """Raises Rejected where an access that is refused whatever entries say looks for a translation,
    too, or its instruction is done again.
    """
    for thread, ops in code.threads.items():
        for op in every(ops):
            if not isinstance(op, Raise) or op.place is None:
                continue
            if op.place in code.walked:
                raise unsupported("a tag, and a translation that is changed", op.span)
            again = any(
                isinstance(inner, Return) and not inner.to and inner.to != ""
                for inner in code.handlers.get(thread, ())
            )
            if again or variants(code.litmus) & {*RETRIES, *LATE}:
                raise unsupported(
                    "a tag that is checked again, or late"
                    if op.what == "TagCheck"
                    else "an access that is refused again and again",
                    op.span,
                )


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
    for setting in litmus.settings:
        if isinstance(setting.place, t.Register) and isinstance(setting.value, t.Entry):
            pages.number(setting.value)
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


def bounded(number: int, ops: tuple[Op, ...], handler: tuple[Op, ...], litmus: t.Litmus) -> None:
    """Raises Rejected where there are too many operations, or a label is missing."""
    if len(every((*ops, *handler))) > OPERATIONS_MAX:
        raise one("MM805", f"P{number} has more than {OPERATIONS_MAX} operations", litmus.span)
    own, of_handler = labels_of(ops), labels_of(handler)
    for labels, part in ((own, ops), (of_handler, handler)):
        for op in every(part):
            missing = isinstance(op, Jump) and op.to not in labels
            if isinstance(op, Return) and op.to:
                missing = op.to not in own
            if isinstance(op, Jump | Return) and missing:
                raise one("MM806", f"there is no label `{(op.to or '')[:40]}`", op.span)
            if isinstance(op, Label) and [*own, *of_handler].count(op.name) > 1:
                again = f"the label {op.name[:40]} of P{number} stands twice"
                raise one("MM802", again, op.span)


def labels_of(ops: tuple[Op, ...]) -> list[str]:
    return [op.name for op in every(ops) if isinstance(op, Label)]


def sayable(litmus: t.Litmus) -> None:
    """Raises Rejected for what has to do with translations and faults."""
    for setting in litmus.settings:
        for part in (setting.place, setting.value):
            if isinstance(part, t.Of | t.Entry) and litmus.arch not in PAGED:
                raise unsupported("a page-table entry", part.span)
            if part is not None and (isinstance(part, t.Strange) or not there(part, litmus)):
                raise unsupported("a value of this kind", part.span)
    handlers = [thread for thread in litmus.threads if thread.handler]
    if handlers and litmus.arch not in PAGED:
        raise unsupported("a fault handler", handlers[0].span)


def there(part: t.Place | t.Value, litmus: t.Litmus) -> bool:
    """Whether a test may speak of an address or an instruction: where there are such."""
    if isinstance(part, t.Tagged):
        return litmus.arch in PAGED and "memtag" in variants(litmus)
    return not isinstance(part, t.Instr | t.CodeLabel) or litmus.arch in PAGED


def bits_alone(code: Code, hidden: set[tuple[int, str]]) -> None:
    """Raises Rejected where it is asked for a register that is known only as bits."""
    litmus = code.litmus
    filtered = places(litmus.filter) if litmus.filter is not None else []
    for place in (*litmus.locations, *places(litmus.condition), *filtered):
        if isinstance(place, t.Register) and (place.thread, code.spelling(place)) in hidden:
            raise unsupported("a shifted number as a value", place.span)


def instructions_alone(code: Code, coded: set[tuple[int, str]]) -> None:
    """Raises Rejected where a register that may have an instruction is compared with a number."""
    asked = (code.litmus.condition, code.litmus.filter)
    for place, value in (pair for e in asked if e is not None for pair in compared(e)):
        if not isinstance(place, t.Register) or not isinstance(value, t.Number):
            continue
        number = value.span.text.strip().lstrip("-")[:1].isdigit()
        if number and value.value and (place.thread, code.spelling(place)) in coded:
            raise unsupported("an instruction as a number", value.span)


def initial(
    litmus: t.Litmus,
    locations: set[str],
    locks: set[str],
    pages: Pages | None,
    instructions: Instructions | None,
) -> dict[str, int]:
    """Each location that is no lock, and what it holds at the start."""
    found = dict.fromkeys(sorted(locations | asked_for(litmus)), 0)
    if locks & found.keys():
        raise unsupported("a lock that is read or written", litmus.span)
    for name in found:
        if pages is not None and (page := entry_of(name)):
            found[name] = pages.known.index(pages.begins(page))
        if instructions is not None and name in instructions.first:
            found[name] = instructions.first[name]
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


def compared(condition: t.Condition) -> list[tuple[t.Listed, t.Value]]:
    """What a condition compares, and with what."""
    match condition:
        case t.Equal(place=place, value=value):
            return [(place, value)]
        case t.Not(part=part) | t.Means(part=part):
            return compared(part)
        case t.Both(parts=parts):
            return [pair for part in parts for pair in compared(part)]
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
            case t.Instr() as instr if code.instructions is not None:
                found[place.thread, code.spelling(place)] = code.instructions.number(instr)
            case t.Symbol() | t.CodeLabel() | t.Tagged() | None:
                pass
            case t.Of(what="PTE" | "TTD"):
                pass
            case value:
                raise unsupported("a value of this kind", value.span)
    return found


def used(op: Op) -> list[str]:
    """The registers that an operation reads."""
    dependent = Load | Store | Update | Invalidate | Maintain | Raise
    depends = list(op.depends) if isinstance(op, dependent) else []
    return [*depends, *(name for value in parts_of(op) for name in names(value))]


def names(value: Value) -> list[str]:
    match value:
        case Reg(name=name) | Zero(name=name) | Bits(name=name):
            return [name]
        case Sum(left=left, right=right):
            return [*names(left), *names(right)]
    return []
