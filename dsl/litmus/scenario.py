"""A litmus test as the text of a scenario, laid out to be read and gone on with.

A location is a `var`, a register a variable of its thread; what is asked of a register is copied
to a ghost at the end, which takes no time. So a step is an access, and the final states are those
of the test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from attrs import Factory, frozen

from mmscn.diagnostics import one
from mmscn.litmus import tree as t
from mmscn.litmus.architectures import (
    ARCHITECTURES,
    STORE_BUFFERS,
)
from mmscn.litmus.body import Body, written
from mmscn.litmus.bounds import bounds
from mmscn.litmus.code import used
from mmscn.litmus.condition import spelt
from mmscn.litmus.instructions import WRITTEN as INSTRUCTIONS
from mmscn.litmus.instructions import written as instruction
from mmscn.litmus.naming import free, identifier, litmus_name, natural, plain, quoted
from mmscn.litmus.ops import (
    Code,
    Invalidate,
    Load,
    Op,
    Store,
    Update,
    every,
)
from mmscn.litmus.pages import entry_of, place_of
from mmscn.litmus.refusals import NUMBERS
from mmscn.litmus.walks import Declared

BUFFER, BUFFER_MAX = 4, 8
"""Stores of a CPU that wait at most, if nothing else is said, and at all."""


LINE_MAX = 100
STUCK = (
    "// Where a walk is invalidated before its access, hardware walks again; here the access waits",
    "// for ever. No final state is lost by that, but `no_deadlock` tells of it.",
)
"""Said of a test in which translations are invalidated."""


@frozen(kw_only=True)
class Shown:
    """A place whose final value is wanted. herd: as a litmus test spells it; ours: the scenario.

    values: what values are called that are no numbers; alone: without the place, in front of them.
    """

    herd: str
    ours: str
    values: Mapping[int, str] = Factory(dict)
    alone: bool = False

    def said(self, value: int) -> str:
        """As herd7 shows it in a final state."""
        shown = self.values.get(value, str(value))
        return (
            f"{shown};"
            if self.alone and shown
            else shown
            if self.alone
            else f"{self.herd}={shown};"
        )


@frozen(kw_only=True)
class Text:
    """text: the scenario. shown: what `outcomes` lists. name: of the `reachable` or `finally`."""

    text: str
    shown: tuple[Shown, ...]
    name: str


def scenario(code: Code, orders: tuple[str, ...], order: str, ets: int = 0) -> Text:
    """The scenario of a test under a memory order.

    orders: those that `hw.memory` knows; where it knows one alone, none is said. ets: of
    walks, 0 or 2. Raises Rejected.
    """
    return Writer(code, orders, order, ets).text()


class Writer:
    def __init__(self, code: Code, orders: tuple[str, ...], order: str, ets: int) -> None:
        self.code = code
        self.ets = ets
        self.litmus = code.litmus
        self.ordered = len(orders) > 1
        self.order = order
        self.low, self.high = bounds(code)
        if code.pages is not None:
            self.high = max(self.high, len(code.pages.known) - 1)
        self.name = plain(litmus_name(code))
        self.taken: set[str] = set()
        names_ = (*code.initial, *sorted(code.locks))
        paged = code.pages
        self.instructions: dict[int, str] = {}
        if code.instructions is not None:
            self.high = max(self.high, len(code.instructions.known) - 1)
            self.taken.add("code")
            self.instructions = {
                n: free(re.sub(r"\W+", "_", text), self.taken)
                for n, text in enumerate(code.instructions.known)
            }
        needed = {*code.walked, *(page for name in names_ if (page := entry_of(name)))}
        if paged:
            self.taken |= {"word", *(d.name for d in paged.known)}
        self.pages = {page: free(page, self.taken) for page in sorted(needed if paged else ())}
        self.declared = Declared(code, self.pages) if paged else None
        for page in self.pages:
            assert paged is not None
            paged.begins(page)
        self.locations: dict[str, str] = {}
        for name in names_:
            page = entry_of(name)
            if code.instructions and name in code.instructions.words:
                self.locations[name] = f"code[{code.instructions.words.index(name)}]"
            elif paged and page is not None:
                self.locations[name] = f"{self.pages[page]}.ttd"
            elif paged and name in paged.frames:
                self.locations[name] = f"word[{paged.frame(name)}]"
            else:
                self.locations[name] = free(name, self.taken)
        every_op = [op for ops in code.threads.values() for op in every(ops)]
        self.indexed = {op.place for op in every_op if isinstance(op, Load | Store) and op.depends}
        self.ghosts: dict[tuple[int, str], str] = {}
        self.registers: dict[tuple[int, str], str] = {}
        asked = (self.litmus.condition, self.litmus.filter)
        self.coded = {spelt(place) for e in asked if e is not None for place in said(e, "(")}
        self.instructed = {
            spelt(place) for e in asked if e is not None for place in said(e, *INSTRUCTIONS)
        }
        self.shown = tuple(self.places())
        for thread, ops in code.threads.items():
            own = set(self.taken)
            ops = (*ops, *code.handlers.get(thread, ()))
            for name in sorted({*written(ops), *(r for op in every(ops) for r in used(op))}):
                self.registers[thread, name] = free(name, own)

    def text(self) -> Text:
        litmus = self.litmus
        lines = [f"// The litmus test {self.name} ({litmus.arch})."]
        threads = (*self.code.threads.values(), *self.code.handlers.values())
        done = (op for ops in threads for op in every(ops))
        if self.declared and any(isinstance(op, Invalidate) for op in done):
            lines += STUCK
        lines += [f"scenario {free(identifier(self.name), set())} {quoted(self.name)}", ""]
        lines += self.orders()
        cpus = max(self.code.threads, default=0) + 1
        knobs = [f"cpus {cpus}", *(self.declared.knobs() if self.declared else ())]
        machine = f"machine {ARCHITECTURES[litmus.arch].machine} {{"
        line = f"{machine} {'; '.join(knobs)} }}"
        long = [machine, *(f"  {knob}" for knob in knobs), "}"]
        lines += [*(long if len(line) > LINE_MAX else [line]), ""]
        lines += self.declared.lines(self.low, self.high) if self.declared else []
        if code := self.code.instructions:
            words = ", ".join(f"{n} of {place}" for n, place in enumerate(code.words))
            lines.append(f"// Words of code: {words}.")
        lines += [f"const {name} = {n}" for n, name in self.instructions.items()]
        lines += [f"spinlock {self.locations[name]}" for name in sorted(self.code.locks)]
        for name in self.code.initial:
            ours = self.locations[name]
            if "[" in ours or "." in ours:
                continue
            first = self.code.initial[name]
            begins = "" if first == self.low else f" = {first}"
            index = "[0..0]" if name in self.indexed else ""
            lines.append(f"var {ours}{index}: {self.low}..{self.high}{begins}")
        for (thread, name), ghost in self.ghosts.items():
            lines.append(f"ghost var {ghost}: {self.low}..{self.high}  // {thread}:{name}")
        for refused in self.code.tracked.values():
            lines.append(f"ghost var {tracked(refused)}: 0..{len(NUMBERS)}")
        lines += self.declared.init(self.instructions) if self.declared else []
        lines += ["", "concurrent {"]
        for thread, ops in self.code.threads.items():
            lines += [f"  thread P{thread} on cpu {thread} {{"]
            lines += [f"    {line}" for line in self.thread(thread, ops)]
            lines += ["  }"]
        lines += ["}", "", self.asked(), *self.listing()]
        text = "".join(f"{line}\n" for line in lines)
        return Text(text=text, shown=self.shown, name=self.name)

    def orders(self) -> list[str]:
        if not self.ordered:
            return []
        stores = [
            sum(isinstance(op, Store | Update) for op in every(ops))
            for ops in self.code.threads.values()
        ]
        lines = [f"import {'hw.stage1' if self.code.pages else 'hw.memory'}"]
        lines += ["import hw.fetch"] if self.code.instructions else []
        lines.append("")
        lines += [f"param memory = {self.order}"]
        if self.code.pages and self.ets:
            lines.append(f"param ets = {self.ets}")
        if self.order == STORE_BUFFERS and max(stores, default=0) > BUFFER:
            lines.append(f"param store_buffer = {min(BUFFER_MAX, max(stores))}")
        return [*lines, ""]

    # ---- what is asked ------------------------------------------------------------

    def places(self) -> Iterator[Shown]:
        found: dict[tuple[object, ...], Shown] = {}
        filtered = looked_at(self.litmus.filter) if self.litmus.filter is not None else []
        for place in (*self.litmus.locations, *looked_at(self.litmus.condition), *filtered):
            match place:
                case t.Register(thread=thread, name=name):
                    ours = self.ghost(place)
                    herd = f"{thread}:{name}"
                    values = self.values(herd)
                    found[0, thread, natural(name)] = Shown(herd=herd, ours=ours, values=values)
                case t.Location(name=name):
                    found[1, name] = Shown(herd=f"[{name}]", ours=self.located(name))
                case t.Of(name=name):
                    ours, herd = self.located(place_of(place)), spelt(place)
                    found[1, f"{name}~"] = Shown(herd=herd, ours=ours, values=self.entries())
                case t.Refused(thread=thread, operation=operation):
                    found[2, thread, operation] = refusal(place)
        for key in sorted(found):
            yield found[key]

    def entries(self) -> dict[int, str]:
        """What the numbers of descriptors are in a litmus test."""
        known = self.code.pages.known if self.code.pages else []
        return {n: d.herd for n, d in enumerate(known)}

    def values(self, herd: str) -> dict[int, str]:
        """What the numbers of a register are, where it is asked for an entry or an instruction."""
        if herd in self.coded:
            return self.entries()
        if herd in self.instructed and self.code.instructions is not None:
            return dict(enumerate(map(instruction, self.code.instructions.known)))
        return {}

    def located(self, name: str) -> str:
        ours = self.locations[name]
        return f"{ours}[0]" if name in self.indexed and "[" not in ours else ours

    def ghost(self, place: t.Register) -> str:
        """The ghost that has what a register held at the end. Raises Rejected."""
        spelt = self.code.spelling(place)
        if place.thread not in self.code.threads:
            raise one("MM806", f"there is no thread P{place.thread}", place.span)
        key = place.thread, spelt
        if key not in self.ghosts:
            self.ghosts[key] = free(f"P{place.thread}_{spelt}", self.taken)
        return self.ghosts[key]

    def asked(self) -> str:
        asked, only = self.litmus.condition, self.litmus.filter
        if self.litmus.quantifier == "~exists":
            asked = t.Not(asked)
        if self.litmus.quantifier == "exists":
            asked = asked if only is None else t.Both("/\\", (only, asked))
            return f"reachable finally {quoted(self.name)} {self.condition(asked, 0)}"
        asked = asked if only is None else t.Both("=>", (only, asked))
        return f"finally {quoted(self.name)} {self.condition(asked, 0)}"

    def listing(self) -> list[str]:
        return [f"outcomes {', '.join(s.ours for s in self.shown)}"] if self.shown else []

    def condition(self, e: t.Condition, around: int) -> str:
        match e:
            case t.Truth(value=value):
                return "true" if value else "false"
            case t.Equal(place=place, value=t.Number(value=value), equal=equal):
                ours = self.ghost(place) if isinstance(place, t.Register) else ""
                if isinstance(place, t.Location):
                    ours = self.located(place.name)
                if isinstance(place, t.Of):
                    ours = self.located(place_of(place))
                if isinstance(place, t.Refused):
                    ours = tracked(place)
                return f"{ours} {'==' if equal else '!='} {value}"
            case t.Not(part=part):
                return f"not {self.condition(part, 3)}"
            case t.Means(part=part):
                return self.condition(part, around)
            case t.Both(op=op, parts=parts):
                word, strength = {"/\\": ("and", 2), "\\/": ("or", 1), "=>": ("implies", 0)}[op]
                inner = f" {word} ".join(self.condition(p, strength + 1) for p in parts)
                return f"({inner})" if around > strength else inner
        raise AssertionError(e)

    # ---- code ---------------------------------------------------------------------

    def thread(self, thread: int, ops: tuple[Op, ...]) -> list[str]:
        own = Body(self, thread, ops)
        lines = own.declared()
        for n, op in enumerate(ops):
            if own.walks is not None:
                own.walks.rest = ops[n + 1 :]
            lines += own.lines(op)
        if own.walks and own.walks.ends:
            lines.append(f"{own.end}:")
        for (number, name), ghost in self.ghosts.items():
            if number == thread:
                lines.append(f"{ghost} = {own.final(name)}")
        for (number, operation), refused in self.code.tracked.items():
            if number == thread:
                lines.append(f"{tracked(refused)} = refused{operation}")
        return lines


def said(condition: t.Condition, *starts: str) -> list[t.Place | t.Refused]:
    """The places that a condition compares with what begins with one of some texts."""
    match condition:
        case t.Equal(place=place, value=value) if value.span.text.strip().startswith(starts):
            return [place]
        case t.Not(part=part):
            return said(part, *starts)
        case t.Both(parts=parts):
            return [place for part in parts for place in said(part, *starts)]
    return []


def tracked(place: t.Refused) -> str:
    """The ghost that has what an operation was refused for."""
    return f"P{place.thread}_refused{place.operation}"


def refusal(place: t.Refused) -> Shown:
    name = place.instruction
    values = {n: f"Fault({name},{kind})" for n, kind in enumerate(place.kinds, 1)}
    values[0] = f"~Fault({name})" if ":" in name else ""
    return Shown(herd=spelt(place), ours=tracked(place), values=values, alone=True)


def looked_at(condition: t.Condition) -> list[t.Place | t.Refused]:
    match condition:
        case t.Equal(place=place):
            return [place]
        case t.Not(part=part) | t.Means(part=part):
            return looked_at(part)
        case t.Both(parts=parts):
            return [place for part in parts for place in looked_at(part)]
    return []
