"""A trace, step by step, in the words of the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

from attrs import frozen

from mmscn.budget import polled
from mmscn.check.core import Assert, Atomic, Bug, Call, Checked, Choose, If, Origin, Said
from mmscn.check.numbers import first_origin
from mmscn.check.values import Value
from mmscn.check.words import Kind, Words
from mmscn.draw.notes import Thing, scalar_text, value_text
from mmscn.draw.stale import remark
from mmscn.draw.traced import Traced, traced
from mmscn.lower.compiled import Compiled, Line
from mmscn.lower.retrace import CellKey, Cells, Event, Moment
from mmscn.runtime.result import Trace
from mmscn.source import Span

HIDDEN_LOCALS = ("spinlocks held", ")")
"""How locals end that the author did not write: what is counted, and what a call returns."""

ASKING = ("if", "while")


@frozen(eq=False, repr=False, kw_only=True)
class Change:
    """A thing and its value before and after a step.

    quiet: not worth a note in a drawing. entry: as of a `Thing`. version: it holds one. cells:
    those of the thing that are changed, or looked at; none for a local.
    """

    what: str
    before: str
    after: str
    quiet: bool = False
    entry: bool = False
    version: bool = False
    cells: frozenset[CellKey] = frozenset()

    def __str__(self) -> str:
        return f"{self.what}: {self.before} -> {self.after}"


@frozen(eq=False, repr=False, kw_only=True)
class Broken:
    """The statement that breaks a check, in a step that begins with something else."""

    calls: tuple[Call, ...]
    text: str
    values: tuple[str, ...]


@frozen(eq=False, repr=False, kw_only=True)
class Step:
    """One step of a trace.

    number: from 1. cpu: whose column it belongs to, None for a device. actor:
    the thread, or the piece of hardware. calls: the calls around it, without
    the machine's own. instruction: the machine's instruction that it is a part
    of, if it is. kind, name: of that instruction, or of the statement. text: the same
    with the outcome of a condition; short: without the name. result: the value that is put
    under the name. branches: which ways a `choose` went. changes: cells, then locals.
    kept, read: what it writes without a change, and what it reads.
    reads, writes: cells, ghosts left out.
    remark: what the text does not say. violates: the names of the checks that it breaks.
    begins: the `mark` statements that it comes from. marks: those that it goes on to. broken: see
    there.
    values: `seen = v1`, for what the statement claims. locals: behind the step.
    """

    number: int
    cpu: int | None
    actor: str
    thread: int | None
    calls: tuple[Call, ...]
    instruction: Call | None
    kind: Kind
    name: str | None
    text: str
    short: str
    result: str | None
    branches: tuple[str, ...]
    span: Span
    changes: tuple[Change, ...]
    kept: tuple[Change, ...]
    read: tuple[Change, ...]
    reads: frozenset[CellKey]
    writes: frozenset[CellKey]
    remark: str | None
    violates: tuple[str, ...]
    begins: tuple[str, ...]
    marks: tuple[str, ...]
    broken: Broken | None
    values: tuple[str, ...]
    locals: Mapping[int, Value]

    def called(self, call: Call) -> str:
        return call.text().text(self.locals)

    @property
    def hardware(self) -> bool:
        return self.thread is None

    @property
    def place(self) -> str:
        """`zap.mmscn:12`: the file, or the module, and the line."""
        return f"{self.span.source.name.rpartition('/')[2]}:{self.span.line}"

    @property
    def notes(self) -> tuple[Change, ...]:
        """The changes that are worth a note."""
        return tuple(c for c in self.changes if not c.quiet)


def steps(compiled: Compiled, trace: Trace) -> tuple[Step, ...]:
    """The steps of a trace of `compiled.program`."""
    return steps_of(traced(compiled, trace))


@lru_cache(maxsize=4)
def steps_of(found: Traced) -> tuple[Step, ...]:
    known = found.things
    return tuple(
        Telling(found, known, n, before, after).step()
        for n, (before, after) in enumerate(polled(pairwise(found.moments)))
    )


class Telling:
    """Makes one step: number `n`, from 0."""

    def __init__(
        self,
        found: Traced,
        known: tuple[Thing, ...],
        n: int,
        before: Moment,
        after: Moment,
    ) -> None:
        self.found = found
        self.checked = found.checked
        self.known = known
        self.n = n
        self.before = before
        self.after = after
        self.line = found.line(n)
        self.events = after.events
        self.main = main(self.events)

    def step(self) -> Step:
        line = self.line
        origin = self.origin(self.main)
        calls, instruction = opened(origin.path, origin.span)
        if line.thread is None:
            calls, instruction = (), origin.path[0] if origin.path else None
        shown = instruction or origin
        told = [e for e in self.events if not e.ghost]
        reads = frozenset(key for e in told for key in e.reads)
        writes = frozenset(key for e in told for key in e.writes)
        numbers = [self.found.compiled.checks[c] for c in self.found.rule(self.n).violates]
        broken = self.broken() if numbers else None
        return Step(
            number=self.n + 1,
            cpu=line.cpu,
            actor=actor(self.checked, line),
            thread=line.thread,
            calls=calls,
            instruction=instruction,
            kind=shown.kind,
            name=shown.name,
            text=str(instruction.text()) if instruction else self.text(),
            short=instruction.text().text({}, short=True) if instruction else self.text(short=True),
            result=self.result(shown),
            branches=() if instruction else self.branches(),
            span=shown.span,
            changes=self.changes() + self.local_changes(),
            kept=self.same(writes, self.after.cells),
            read=self.same(reads, self.before.cells),
            reads=reads,
            writes=writes,
            remark=remark(self.found.again, self.before, reads, writes),
            violates=tuple(dict.fromkeys(self.checked.checks[c].name for c in numbers)),
            begins=self.marks(self.events[: self.place(self.main)] if self.main else ()),
            marks=self.marks(self.events[self.place(self.main) :] if self.main else self.events),
            broken=broken,
            values=self.values(self.main) if numbers and broken is None else (),
            locals=self.after.locals,
        )

    def origin(self, event: Event | None) -> Origin:
        return nothing(self.checked) if event is None else self.checked.origins[event.origin]

    def locals_at(self, event: Event | None) -> Mapping[int, Value]:
        """The locals as a statement meets them."""
        known = dict(self.before.locals)
        for e in self.events:
            if e is event:
                break
            known |= e.locals
        return known

    # ---- texts ----------------------------------------------------------------

    def text(self, *, short: bool = False) -> str:
        event, origin = self.main, self.origin(self.main)
        if event is None:
            return str(origin.text())
        match event.stmt:
            case Atomic() if origin.kind == "atomic":
                return self.atomic()
            case Choose():
                return f"choose: {branch(event)}"
            case _:
                return self.words(event, short=short)

    def words(self, event: Event, *, short: bool = False) -> str:
        origin = self.origin(event)
        text = self.found.words(origin).text(self.locals_at(event), short=short)
        if isinstance(event.stmt, If) and event.outcome is not None and origin.kind in ASKING:
            return f"{text}: {'yes' if event.outcome else 'no'}"
        return text

    def atomic(self) -> str:
        """The statements that an `atomic` ran, as one line."""
        inside = [e for e in self.events[self.place(self.main) + 1 :] if e.inside and not e.ghost]
        doing = [e for e in inside if not isinstance(e.stmt, If | Atomic)]
        texts: list[str] = []
        for e in doing or inside:
            text = branch(e) if isinstance(e.stmt, Choose) else self.words(e)
            if text not in texts[-1:]:
                texts.append(text)
        return f"atomic {{ {'; '.join(texts)} }}" if texts else "atomic"

    def place(self, event: Event | None) -> int:
        return next(n for n, e in enumerate(self.events) if e is event)

    def branches(self) -> tuple[str, ...]:
        """The ways that a `choose` in front of the statement has gone."""
        if self.main is None:
            return ()
        before = self.events[: self.place(self.main)]
        chosen = (e for e in before if isinstance(e.stmt, Choose))
        # Which access comes next under `memory = arm` is told by the step itself.
        return tuple(branch(e) for e in chosen if self.origin(e).kind != "order")

    def result(self, shown: Origin | Call) -> str | None:
        """What the step has put under a name."""
        number = None
        if isinstance(shown, Call):
            number = shown.result() if shown.result is not None else None
            if not any(number in e.locals for e in self.events):
                return None  # the call goes on: a load that faults has no value yet
        else:
            names = [n for e in self.events for n in e.locals if e is self.main or e.inside]
            number = next((n for n in names if self.checked.locals[n].name == shown.name), None)
        if shown.name is None or number is None:
            return None
        return scalar_text(self.after.locals[number], version=self.checked.locals[number].version)

    def marks(self, events: tuple[Event, ...]) -> tuple[str, ...]:
        origins = [self.origin(e) for e in events]
        return tuple(str(o.text()) for o in origins if o.kind == "mark")

    def broken(self) -> Broken | None:
        """The statement behind the first that breaks a check: the trace's own, if it is there."""
        failed = [e for e in self.events if breaks(e)]
        if not failed and self.found.rule(self.n).halts:
            failed = list(self.events[-1:])
        about = self.found.number
        own = [e for e in failed if isinstance(e.stmt, Assert | Bug) and e.stmt.check == about]
        event = next(iter(own or failed), None)
        if event is None or self.main is None or event.origin == self.main.origin:
            return None
        origin = self.origin(event)
        calls, instruction = opened(origin.path, origin.span)
        if instruction is not None or self.line.thread is None:
            return None
        return Broken(calls=calls, text=self.words(event), values=self.values(event))

    def values(self, event: Event | None) -> tuple[str, ...]:
        """`seen = v1`: the locals that a claim looks at, and cells where it is not the first."""
        if event is None or not isinstance(event.stmt, Assert):
            return ()
        words = self.found.words(self.origin(event))
        names, shown = words.names(), words.locals_in_text(event.locals_read)
        found = []
        for number, value in event.locals_read.items():
            if number in shown:
                continue
            local = self.checked.locals[number]
            name = names.get(number, local.name)
            found.append(f"{name} = {scalar_text(value, version=local.version)}")
        if event is not self.main:
            cells, read = {**self.before.cells, **event.reads}, frozenset(event.reads)
            found += [f"{c.what}: {c.after}" for c in self.same(read, cells, cells)]
        return tuple(dict.fromkeys(found))

    # ---- changes ----------------------------------------------------------------

    def changes(self) -> tuple[Change, ...]:
        before, after = self.before.cells, self.after.cells
        # Both have all cells, in one order: a key is not looked up, for its hash takes a call.
        both = zip(after.items(), before.values(), strict=True)
        different = frozenset(key for (key, now), was in both if now != was)
        made = []
        for thing in self.known if different else ():
            changed = thing.keys & different
            if changed:
                families = (self.checked.families[family] for family, _ in changed)
                made.append(
                    Change(
                        what=thing.name,
                        before=value_text(self.checked, thing, before),
                        after=value_text(self.checked, thing, after),
                        quiet=thing.quiet,
                        entry=thing.entry,
                        version=any(family.version for family in families),
                        cells=changed,
                    )
                )
        return tuple(made)

    def same(
        self, touched: frozenset[CellKey], cells: Cells, before: Cells | None = None
    ) -> tuple[Change, ...]:
        """Of what is touched, the things that have the value in `cells` that they had before."""
        before = self.before.cells if before is None else before
        made = []
        for thing in self.known if touched else ():
            keys = thing.keys
            if not keys.isdisjoint(touched) and all(before[key] == cells[key] for key in keys):
                value = value_text(self.checked, thing, cells)
                made.append(
                    Change(
                        what=thing.name,
                        before=value,
                        after=value,
                        quiet=thing.quiet,
                        entry=thing.entry,
                        cells=keys & touched,
                    )
                )
        return tuple(made)

    def local_changes(self) -> tuple[Change, ...]:
        """The locals that the step assigns, also where the value is the same.

        Those of an instruction are its own affair. One of several with the same name has the
        procedure's name with it.
        """
        if self.line.thread is None:
            return ()
        within: dict[int, str] = {}
        for e in self.events:
            path = self.origin(e).path
            if not any(call.instruction for call in path):
                call = str(self.found.words(path[-1])).partition("(")[0] if path else ""
                within |= dict.fromkeys(e.locals, call)
        made = []
        for number, call in within.items():
            local = self.checked.locals[number]
            if local.name.endswith(HIDDEN_LOCALS):
                continue
            same = [n for n in within if self.checked.locals[n].name == local.name]
            made.append(
                Change(
                    what=f"{call}() {local.name}" if call and len(same) > 1 else local.name,
                    before=scalar_text(self.before.locals[number], version=local.version),
                    after=scalar_text(self.after.locals[number], version=local.version),
                    quiet=True,
                )
            )
        return tuple(made)


def main(events: tuple[Event, ...]) -> Event | None:
    """The statement that a step is known by: the one that takes time, else the first."""
    return next((e for e in events if e.step), events[0] if events else None)


def branch(event: Event) -> str:
    """`branch 2 of 3`."""
    assert isinstance(event.stmt, Choose)
    assert event.branch is not None
    return f"branch {event.branch + 1} of {len(event.stmt.branches)}"


def breaks(event: Event) -> bool:
    return isinstance(event.stmt, Bug) or (
        isinstance(event.stmt, Assert) and event.outcome is False
    )


def nothing(checked: Checked) -> Origin:
    """Where a thread comes from that begins and ends without a statement."""
    ends = Said(Words(before="", parts=("(ends)",)))
    return Origin(span=first_origin(checked).span, text=ends, path=(), kind="atomic")


def opened(path: tuple[Call, ...], span: Span) -> tuple[tuple[Call, ...], Call | None]:
    """The calls to show around a step, and the instruction that it is a part of.

    What an instruction calls in its own module is its own affair; from there
    on where it calls another one (a fault handler) the calls are shown again.
    """
    first = next((i for i, call in enumerate(path) if call.instruction), None)
    if first is None:
        return path, None
    within = [call.span.source.name for call in path[1:]] + [span.source.name]
    for i in range(first + 1, len(path)):
        if within[i] != within[first]:
            inner, instruction = opened(path[i:], span)
            return path[:first] + inner, instruction
    return path[:first], path[first]


def actor(checked: Checked, line: Line) -> str:
    if line.thread is not None:
        return checked.threads[line.thread].name
    assert line.agent is not None
    return checked.agents[line.agent].name.rpartition(".")[0].partition("[cpu ")[0]
