"""From a test's tree to what its threads do, and to what its state begins with."""

from __future__ import annotations

from mmscn.diagnostics import one
from mmscn.litmus import tree as t
from mmscn.litmus import x86
from mmscn.litmus.ops import Code, Op, Reg, every, parts_of, unsupported
from mmscn.litmus.registers import Registers
from mmscn.source import Span

THREADS_MAX = 8
OPERATIONS_MAX = 200


def code_of(litmus: t.Litmus) -> Code:
    """Raises Rejected for what cannot be said."""
    if len(litmus.threads) > THREADS_MAX:
        raise unsupported(f"a test of more than {THREADS_MAX} threads", litmus.span)
    if litmus.filter is not None:
        raise unsupported("a filter", litmus.span)
    handlers = [thread for thread in litmus.threads if thread.handler]
    if handlers:
        raise unsupported("a fault handler", handlers[0].span)
    if litmus.arch not in ("X86", "X86_64"):
        raise unsupported(f"the architecture {litmus.arch}", Span(litmus.source, 0, 1))
    locations: set[str] = set()
    threads: dict[int, tuple[Op, ...]] = {}
    spelt: dict[tuple[int, str], str] = {}
    for thread in sorted(litmus.threads, key=lambda thread: thread.number):
        registers = Registers(litmus, thread.number, x86.canonical, locations)
        threads[thread.number] = x86.operations(litmus, thread, registers)
        spelt |= {(thread.number, name): as_ for name, as_ in registers.spelt.items()}
        if len(every(threads[thread.number])) > OPERATIONS_MAX:
            raise one("MM805", f"a thread with more than {OPERATIONS_MAX} operations", thread.span)
    return Code(
        litmus=litmus,
        threads=threads,
        initial=initial(litmus, locations),
        registers=registers_of(litmus, spelt),
        spelt=spelt,
        canonical=x86.canonical,
    )


def initial(litmus: t.Litmus, locations: set[str]) -> dict[str, int]:
    """Each location, and what it holds at the start."""
    found = {name: 0 for name in sorted(locations | asked_for(litmus))}
    for setting in litmus.settings:
        match setting.place:
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
            case t.Of(what=what):
                raise unsupported(f"{what}(…)", setting.span)
    return found


def asked_for(litmus: t.Litmus) -> set[str]:
    """The locations that the condition and the list of locations name."""
    found = set()
    for place in (*litmus.locations, *places(litmus.condition)):
        match place:
            case t.Location(name=name, index=None):
                found.add(name)
            case t.Location():
                raise unsupported("an array", place.span)
            case t.Fault():
                raise unsupported("a fault", place.span)
            case t.Of(what=what):
                raise unsupported(f"{what}(…)", place.span)
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
        case t.Fault():
            return [condition]
    return []


def registers_of(litmus: t.Litmus, spelt: dict[tuple[int, str], str]) -> dict[tuple[int, str], int]:
    """What registers begin with, where that is a number."""
    found = {}
    for setting in litmus.settings:
        place = setting.place
        if not isinstance(place, t.Register):
            continue
        if place.thread not in {thread.number for thread in litmus.threads}:
            raise one("MM806", f"there is no thread P{place.thread}", place.span)
        match setting.value:
            case t.Number(value=value):
                name = x86.canonical(place.name)
                assert name is not None
                found[place.thread, spelt[place.thread, name]] = value
            case t.Symbol() | None:
                pass
            case value:
                raise unsupported("a value of this kind", value.span)
    return found


def used(op: Op) -> list[str]:
    """The registers that an operation reads."""
    return [name for value in parts_of(op) for name in names(value)]


def names(value: object) -> list[str]:
    from mmscn.litmus.ops import Sum, Zero

    match value:
        case Reg(name=name) | Zero(name=name):
            return [name]
        case Sum(left=left, right=right):
            return [*names(left), *names(right)]
    return []
