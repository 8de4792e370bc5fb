"""Tests in the form of coatcheck: events with their values, in executions that are alternatives.

    Alternative
    0 0 0 0 (Write normal (VA 0 0) (PA 0 0) (Data 1))
    1 1 0 0 (Read normal (VA 0 0) (PA 0 0) (Data 1))
    Relationship rf 0 0 -> 1 0
    Forbidden

An event has a number, a core, a thread and the number of a micro-operation. What the test asks is
whether what is read, and the last values, can be those of an alternative: the first alternative has
the program. `Forbidden`, `Permitted` and `Required` (it must be possible) are its publisher's word.
It becomes an X86 test; the relations add nothing to what the values say, but the order of the code.
"""

from __future__ import annotations

import re

from attrs import frozen

from mmscn.diagnostics import one
from mmscn.litmus import tree as t
from mmscn.litmus.ops import unsupported
from mmscn.source import Source, Span

EVENT = re.compile(
    r"(\d+) (\d+) (\d+) (\d+) \((?:(Read|Write)\s+(\w+ )?\s*\(VA (\d+) \d+\) \(PA (\d+) \d+\)"
    r" \(Data (\d+)\)|Fence (\w+))\)\s*$"
)
RELATION = re.compile(r"Relationship \w+ \d+ \d+ -> \d+ \d+\s*$")
LAST = re.compile(r"\(PA (\d+) \d+\) = (\d+)\s*$")
VERDICTS = {"Forbidden": "~exists", "Permitted": "exists", "Required": "exists"}
NAMES = "xyzwabcdefgh"
REGISTERS = ("EAX", "EBX", "ECX", "EDX", "ESI", "EDI", *(f"R{n}" for n in range(8, 16)))


@frozen
class Event:
    number: int
    core: int
    kind: str
    rmw: bool
    place: int
    value: int
    span: Span


def is_coatcheck(text: str) -> bool:
    return text.lstrip().startswith("Alternative")


def read(source: Source, name: str) -> t.Litmus:
    """The test, as one of X86. Raises Rejected."""
    alternatives: list[list[Event]] = []
    last: dict[int, int] = {}
    quantifier = ""
    at = 0
    for line in source.text.splitlines(keepends=True):
        span = Span(source, at, at + max(len(line.rstrip()), 1))
        at += len(line)
        word = line.strip()
        if word == "Alternative":
            alternatives.append([])
        elif match := EVENT.match(word):
            if not alternatives:
                raise one("MM802", "an event of no alternative", span, "expected `Alternative`")
            alternatives[-1].append(event(match, span))
        elif match := LAST.match(word):
            last[int(match[1])] = int(match[2])
        elif word in VERDICTS:
            quantifier = VERDICTS[word]
        elif re.match(r"\d+ \d+ \d+ \d+ \((?!Read|Write|Fence)\w", word):
            raise unsupported("an event of this kind", span)
        elif word and not RELATION.match(word):
            hint = "expected `Alternative`, an event, a relation, a last value or a verdict"
            raise one("MM802", "this line cannot stand here", span, hint)
    whole = Span(source, 0, max(len(source.text), 1))
    if not alternatives or not quantifier:
        end = max(len(source.text.rstrip()), 1)
        hint = "expected `Forbidden`, `Permitted` or `Required`"
        raise one("MM803", "the test ends too early", Span(source, end - 1, end), hint)
    return t.Litmus(
        source=source,
        arch="X86",
        name=name,
        keys={},
        settings=(),
        threads=program(alternatives[0], whole),
        locations=(),
        filter=None,
        quantifier=quantifier,
        condition=asked(alternatives, last, whole),
        span=whole,
    )


def event(match: re.Match[str], span: Span) -> Event:
    if any(part is not None and part.isdecimal() and len(part) > 4 for part in match.groups()):
        raise one("MM805", "a number is too large", span)
    kind = match[5] or match[10]
    if match[10] and match[10] != "MFENCE":
        raise unsupported(f"the fence {match[10]}", span)
    if match[5] and match[7] != match[8]:
        raise unsupported("a second name of a location", span)
    access = (match[6] or "").strip()
    if access not in ("", "normal", "RMW"):
        raise unsupported(f"an access of the kind {access[:20]}", span)
    rmw = access == "RMW"
    return Event(
        int(match[1]), int(match[2]), kind, rmw, int(match[8] or 0), int(match[9] or 0), span
    )


def location(number: int) -> str:
    return NAMES[number] if number < len(NAMES) else f"v{number}"


def ordered(events: list[Event]) -> list[Event]:
    """In the order of the code: fences are numbered behind all others, and stand by `po`."""
    source = events[0].span.source
    before: dict[int, set[int]] = {}
    for first, second in re.findall(r"Relationship po (\d+) \d+ -> (\d+) \d+", source.text):
        before.setdefault(int(second), set()).add(int(first))
    found: list[Event] = []
    left = list(events)
    while left:
        ready = [e for e in left if not before.get(e.number, set()) & {o.number for o in left}]
        if not ready:
            raise one("MM802", "the events stand in a circle", left[0].span)
        found.append(ready[0])
        left.remove(ready[0])
    return found


def program(events: list[Event], whole: Span) -> tuple[t.Thread, ...]:
    threads = []
    for core in sorted({e.core for e in events}):
        code: list[t.Instruction] = []
        reads = 0
        own = ordered([e for e in events if e.core == core])
        for n, e in enumerate(own):
            place = t.Memory((t.Word(location(e.place), e.span),), False, e.span)
            if e.kind == "MFENCE":
                code.append(instruction("MFENCE", (), e.span))
            elif e.kind == "Write" and not e.rmw:
                code.append(instruction("MOV", (place, t.Number(e.value, e.span)), e.span))
            elif e.kind == "Read":
                if reads >= len(REGISTERS):
                    raise one("MM805", "a thread has too many loads", e.span)
                register = t.Word(REGISTERS[reads], e.span)
                reads += 1
                if e.rmw:
                    value = written(own[n + 1 :], e)
                    code.append(instruction("MOV", (register, t.Number(value, e.span)), e.span))
                    code.append(instruction("XCHG", (place, register), e.span))
                else:
                    code.append(instruction("MOV", (register, place), e.span))
        threads.append(t.Thread(number=core, handler=False, code=tuple(code), span=whole))
    return tuple(threads)


def written(after: list[Event], e: Event) -> int:
    """What the write of a read-modify-write writes."""
    for other in after:
        if other.kind == "Write" and other.rmw and other.place == e.place:
            return other.value
    raise one("MM802", "no write goes with this read", e.span)


def instruction(name: str, operands: tuple[t.Operand, ...], span: Span) -> t.Instruction:
    return t.Instruction(labels=(), name=name, operands=operands, lock=False, span=span)


def asked(alternatives: list[list[Event]], last: dict[int, int], whole: Span) -> t.Condition:
    """The values of one of the alternatives."""
    seen: dict[tuple[t.Condition, ...], None] = {}
    for events in alternatives:
        parts: list[t.Condition] = []
        for core in sorted({e.core for e in events}):
            reads = [e for e in ordered([e for e in events if e.core == core]) if e.kind == "Read"]
            for register, e in zip(REGISTERS, reads, strict=False):
                place = t.Register(core, register, e.span)
                parts.append(t.Equal(place, t.Number(e.value, e.span), True))
        parts += [
            t.Equal(t.Location(location(place), whole), t.Number(value, whole), True)
            for place, value in last.items()
        ]
        seen.setdefault(tuple(parts))
    found = [together("/\\", parts) for parts in seen]
    return together("\\/", tuple(found))


def together(op: str, parts: tuple[t.Condition, ...]) -> t.Condition:
    if not parts:
        return t.Truth(True)
    return parts[0] if len(parts) == 1 else t.Both(op, parts)
