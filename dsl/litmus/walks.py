"""Accesses of a litmus test that look for a translation, and what is declared for them.

The words are those of `hw.stage1`: descriptors are numbers with names, and what they say are
procedures that the scenario overrides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve

from mmscn.litmus.architectures import BOUNDS_OF_STAGE1, CODE_WORDS, OPCODES
from mmscn.litmus.code import RETRIES
from mmscn.litmus.ops import (
    Code,
    Const,
    Invalidate,
    Jump,
    Label,
    Load,
    Op,
    Raise,
    Return,
    Store,
    Update,
    every,
    unsupported,
)
from mmscn.litmus.pages import Pages, entry_of, variants
from mmscn.litmus.refusals import NUMBERS, RAISED, labelled

if TYPE_CHECKING:
    from mmscn.litmus.body import Body

Access = Load | Store | Update
LINE_MAX, INSIDE = 94, 6
"""Characters of a line within a thread's `if`, and how far in that stands."""
SUPERVISOR = "SVC"
"""The exception whose entry may leave the context as it is (FEAT_ExS)."""
COPIES_MAX = 1
"""Accesses that may fault in code that is written out once more: a step has so many ways."""
SAYS = {"valid": "valid", "af": "accessed_flag", "db": "writable_now", "dbm": "by_hardware"}
"""What descriptors have, and the procedures that tell it."""


class Declared:
    """The declarations of a test's pages. named: gives each page a name that is free."""

    def __init__(self, code: Code, named: dict[str, str]) -> None:
        assert code.pages is not None
        self.code = code
        self.pages: Pages = code.pages
        self.names = named

    def knobs(self) -> list[str]:
        """What the machine is, besides its CPUs."""
        found = [f"descriptors = {max(len(self.pages.known) - 1, 1)}"]
        if self.pages.af and any(not d.af and d.valid for d in self.pages.known):
            found.append("spontaneous_af = on")
        if instructions := self.code.instructions:
            found += [f"{CODE_WORDS} = {max(len(instructions.words) - 1, 1)}"]
            found += [f"{OPCODES} = {max(len(instructions.known) - 1, 1)}"]
            found += [f"{knob} = on" for knob in instructions.caches]
        return [*BOUNDS_OF_STAGE1, *found]

    def lines(self, low: int, high: int) -> list[str]:
        pages = self.pages
        lines = [f"map {ours} -> frame {n}" for n, ours in enumerate(self.names.values())]
        if pages.frames:
            names = ", ".join(f"{n} of {page}" for n, page in enumerate(pages.frames))
            lines.append(f"var word[0..{len(pages.frames) - 1}]: {low}..{high}  // {names}")
        lines += [f"const {d.name} = {n}" for n, d in enumerate(pages.known) if n]
        for field, procedure in SAYS.items():
            those = ", ".join(pages.known[n].name for n in pages.those(field))
            answer = f"d in [{those}]" if those else "false"
            lines.append(f"override proc {procedure}(d) {{ return {answer} }}")
        if pages.refuses_el0():
            those = ", ".join(pages.known[n].name for n in pages.those("el0") if n)
            answer = f"d in [{those}]" if those else "false"
            lines.append(f"override proc for_el0(d) {{ return {answer} }}")
        lines.append(f"override proc page_of(d) {{ return {self.frame_of()} }}")
        for procedure, field in (("with_accessed", "af"), ("with_dirty", "db")):
            lines += returned(f"override proc {procedure}(d)", self.changed(field))
        return lines

    def frame_of(self) -> str:
        found = "0"
        for n, page in enumerate(self.pages.frames[1:], 1):
            those = ", ".join(d.name for d in self.pages.known if d.page == page)
            if those:
                found = f"if d in [{those}] then {n} else {found}"
        return found

    def changed(self, field: str) -> str:
        found = "d"
        for d in self.pages.known:
            new = evolve(d, af=1) if field == "af" else evolve(d, db=1)
            if new != d and new in self.pages.known:
                found = f"if d == {d.name} then {new.name} else {found}"
        return found

    def init(self, words: Mapping[int, str]) -> list[str]:
        """words: what instructions are called."""
        lines = [
            f"  {ours}.ttd = {self.pages.begins(page).name}" for page, ours in self.names.items()
        ]
        for n, page in enumerate(self.pages.frames):
            if first := self.code.initial.get(page, 0):
                lines.append(f"  word[{n}] = {first}")
        if instructions := self.code.instructions:
            names = instructions.first.items()
            lines += [f"  code[{instructions.words.index(p)}] = {words[n]}" for p, n in names]
        return ["init {", *lines, "}"] if lines else []


def returned(head: str, value: str) -> list[str]:
    """A procedure that returns something, in one line if that is not too long."""
    line = f"{head} {{ return {value} }}"
    return [line] if len(line) <= LINE_MAX + INSIDE else [f"{head} {{", f"  return {value}", "}"]


class Walks:
    """The lines of accesses and exceptions of one thread."""

    def __init__(self, body: Body, code: Code, thread: int) -> None:
        self.body = body
        self.code = code
        self.pages = code.pages or Pages(code.litmus)
        self.thread = thread
        self.count = 0
        self.ends = False
        self.rest: tuple[Op, ...] = ()
        self.numbers = {id(op): n for n, op, _ in labelled(code.threads[thread])}
        self.labels = {id(op): label for _, op, label in labelled(code.threads[thread])}
        said = variants(code.litmus)
        self.skips = "faulttonext" in said or "skip" in said
        self.retries = bool(said & set(RETRIES))
        self.synced = "exs" not in said or "eis" in said
        self.leaves = "exs" not in said or "eos" in said

    def tracked(self, op: Op) -> str | None:
        """The variable that has what an operation was refused for, where somebody asks."""
        number = self.numbers.get(id(op))
        return f"refused{number}" if (self.thread, number) in self.code.tracked else None

    def invalidate(self, op: Invalidate) -> list[str]:
        here = "_here" if op.here else ""
        if op.place is None:
            return [f"call tlbi_all{here}()"]
        if op.place not in self.code.walked:
            return [f"// tlbi of {op.place}"]
        return [f"call tlbi{here}({self.body.writer.pages[op.place]}, {self.after(op.depends)})"]

    def after(self, depends: tuple[str, ...]) -> str:
        return " + ".join(map(self.body.name, depends)) or "0"

    # ---- accesses -----------------------------------------------------------------

    def access(self, op: Access, *, again: bool = True) -> list[str]:
        """An access of a page that is walked. again: whether it is done once more."""
        if self.thread not in self.body.writer.code.threads:
            raise unsupported("a handler that may fault", op.span)
        self.count += 1
        n, page = self.count, self.body.writer.pages[op.place]
        store = isinstance(op, Store | Update)
        after = self.after(op.depends)
        walk = f"call walk({page}, {after})"
        if self.thread in self.pages.af:
            words = (store, True, self.thread in self.pages.dirty)
            said = ", ".join(str(word).lower() for word in words)
            walk = f"call walk_and_record({page}, {after}, {said})"
        lines = [f"let walk{n}, since{n} = {walk}"]
        refuses = f"refuses_{'store' if store else 'load'}(walk{n})"
        if self.thread in self.pages.el0 and self.pages.refuses_el0():
            if self.thread in self.pages.af:
                raise unsupported("a flag that the hardware sets, at EL0", op.span)
            refuses += f" or not for_el0(walk{n})"
        lines += [f"if {refuses} {{"]
        lines += [f"  call fault({page}, since{n})"]
        if refused := self.tracked(op):
            kind = f"if not valid(walk{n}) then 1 else if not accessed_flag(walk{n}) then 2 else 3"
            lines.append(f"  {refused} = {kind}")
        lines += [f"  {line}" for line in self.refused(op, again)]
        first = f"await stands({page}, since{n})"
        place = f"word[page_of(walk{n})]"
        inside = [f"  {line}" for line in self.atomic(op, place, first)]
        return [*lines, "} else {", *inside, "}"]

    def refused(self, op: Access, again: bool) -> list[str]:
        """What is done behind a fault."""
        handler = self.code.handlers.get(self.thread)
        if handler is not None:
            return self.handled(handler, op, again)
        if self.skips:
            return self.onwards()
        if not self.retries:
            return self.end()
        return self.retried(op, again)

    def retried(self, op: Access, again: bool) -> list[str]:
        if not again:
            return ["await false"]
        return [*self.access(op, again=False), *self.onwards()]

    def onwards(self) -> list[str]:
        """What stands behind an access that was refused, once more: what is behind a fault waits
        for it, and what is behind none for nothing. Empty where it is better left as it is.
        """
        rest = self.rest
        walks = sum(isinstance(op, Access) and op.place in self.code.walked for op in rest)
        if not 0 < walks <= COPIES_MAX or any(isinstance(op, Jump) for op in rest):
            return []
        lines: list[str] = []
        for n, op in enumerate(rest):
            self.rest = rest[n + 1 :]
            lines += [] if isinstance(op, Label) else self.body.lines(op)
        self.rest = rest
        return [*lines, *self.end()]

    def end(self) -> list[str]:
        self.ends = True
        return [f"goto {self.body.end}"]

    def handled(self, handler: tuple[Op, ...], op: Access | Raise, again: bool) -> list[str]:
        lines: list[str] = []
        for inner in handler:
            if isinstance(inner, Return):
                fence = ["fence instructions"] if self.leaves else []
                itself = inner.to is None or inner.to == self.labels.get(id(op))
                if inner.to and not itself:
                    return [*lines, *fence, f"goto {self.body.label(inner.to)}"]
                if itself and not isinstance(op, Raise):
                    return [*lines, *fence, *self.retried(op, again)]
                return [*lines, *fence, *self.onwards()]
            if isinstance(inner, Access) and inner.place in self.code.walked:
                raise unsupported("a handler that may fault", inner.span)
            if any(isinstance(part, Raise) for part in every((inner,))):
                raise unsupported("an exception in a handler", inner.span)
            lines += self.body.lines(inner)
        return [*lines, *self.end()]

    def raised(self, op: Raise) -> list[str]:
        """SVC, UDF, and an access that is refused whatever an entry says."""
        lines = ["fence instructions"] if self.synced or op.what != SUPERVISOR else []
        if op.place is not None:
            lines = [f"call certain_fault({self.after(op.depends)})"]
        if refused := self.tracked(op):
            lines.append(f"{refused} = {NUMBERS[RAISED[op.what]]}")
        handler = self.code.handlers.get(self.thread)
        if handler is not None:
            return [*lines, *self.handled(handler, op, False)]
        return lines if self.skips or self.retries else [*lines, *self.end()]

    # ---- one step ------------------------------------------------------------------

    def entry(self, op: Store | Update) -> list[str]:
        """A change of a descriptor."""
        page = entry_of(op.place)
        assert page is not None
        ours = self.body.writer.pages[page]
        if op.depends:
            raise unsupported("an address that depends on what was read", op.span)
        return self.atomic(op, f"{ours}.ttd", f"call change({ours})")

    def atomic(self, op: Access, place: str, first: str) -> list[str]:
        """An access in one step. first: what stands in front of it."""
        fence = f"fence {order_of(op)}"
        steps = [fence, *([first] if first else []), *self.step(op, place)]
        line = f"atomic {{ {'; '.join(steps)} }}"
        if len(line) > LINE_MAX or any("{" in step for step in steps):
            return ["atomic {", *(f"  {step}" for step in steps), "}"]
        return [line]

    def step(self, op: Access, place: str) -> list[str]:
        body = self.body
        match op:
            case Load(to=to):
                return [f"{body.name(to)} = {place}"]
            case Store(value=value):
                return [f"{place} = {body.value(value)}"]
        if op.kind in ("set", "clear"):
            return self.bits(op, place)
        given = body.value(op.value)
        if op.kind == "xchg" and not op.to:
            return [f"{place} = {given}"]
        if op.kind == "add" and not op.to:
            return [f"{place} += {given}"]
        new = f"old + {given}" if op.kind == "add" else given
        change = f"{place} = {new}"
        if op.kind == "cmpxchg":
            assert op.expected is not None
            change = f"if old == {body.value(op.expected)} {{ {change} }}"
        return [f"let old = {place}", change, *([f"{body.name(op.to)} = old"] if op.to else [])]

    def bits(self, op: Update, place: str) -> list[str]:
        """Some bits of a descriptor are set or cleared."""
        assert isinstance(op.value, Const)
        bits = op.value.value
        pair = (bits, 0) if op.kind == "set" else (0, bits)
        lines = ["let old = " + place, f"{place} = {self.pages.mapped('old', *pair)}"]
        return [*lines, *([f"{self.body.name(op.to)} = old"] if op.to else [])]


def order_of(op: Access) -> str:
    return {"": "relaxed", "full": "acquire_release"}.get(op.order, op.order)
