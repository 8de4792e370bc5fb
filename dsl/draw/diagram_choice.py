"""Which steps of a trace are drawn, with which notes, and within which calls.

Drawn are the steps that change something for good, those that meet another
actor (they read what it changes, or want its lock), the machine's
instructions, and the author's own statements. A change that its actor takes
back before anyone else looks is none: a reference that is taken and dropped.
Of the calls around them, those are drawn that have something of their own to
say; `madvise() ==> zap_pte_range()` leaves out what only passes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from attrs import evolve, frozen

from mmscn.check.core import Call
from mmscn.draw.steps import Change, Step
from mmscn.lower.retrace import CellKey

LOCKING = ("lock", "unlock", "trylock")


@frozen(eq=False, repr=False, kw_only=True)
class Piece:
    """What is drawn together: one step, or all of an instruction that nobody came between.

    still: what it writes over with the same value, and another actor had
    changed. calls: those to draw around it. goes_on: it is the rest of an
    instruction. bare: only the call is drawn.
    """

    steps: tuple[Step, ...]
    notes: tuple[Change, ...]
    still: tuple[Change, ...] = ()
    calls: tuple[Call, ...]
    goes_on: bool = False
    bare: bool = False

    @property
    def step(self) -> Step:
        return self.steps[0]


Pieces = tuple[Piece | Step, ...]
"""A trace in order: pieces to draw, and single steps to leave out."""


def choose(
    all_steps: tuple[Step, ...], *, full: bool, locks: bool, last: bool, loop: int | None = None
) -> Pieces:
    """full: everything. locks: also what takes or releases a lock that nobody else wants.

    last: the last step in any case, because it is what the trace is about. loop: how many steps
    there are before it goes on for ever; all behind them are drawn.
    """
    final = {s.number for s in all_steps[-1:]} if last or full else set()
    if loop is not None:
        final = {s.number for s in all_steps[loop:]}
    anyway = final | {s.number for s in all_steps if telling(s)}
    taken_back = frozenset() if full else passing(all_steps, anyway)
    again = overwritten(all_steps)
    wanted = interesting(all_steps, taken_back) | again.keys()
    if locks:
        wanted |= {s.number for s in all_steps if s.kind in LOCKING}
    wanted |= others_of_pairs(all_steps, wanted)
    if full:
        wanted = frozenset(s.number for s in all_steps)
    parts = pieces(all_steps, wanted | final, frozenset(final), taken_back, again, loop)
    return parts if full else outlined(with_calls(parts))


def who(s: Step) -> tuple[int, str]:
    """Who acts: a thread, or one piece of hardware."""
    return (-1, f"{s.actor} {s.cpu}") if s.thread is None else (s.thread, "")


# ---- steps ------------------------------------------------------------------


def telling(s: Step) -> bool:
    """Whether a step has something to say besides its changes."""
    return bool(s.violates or s.remark or s.begins or s.marks or s.branches)


def passing(all_steps: tuple[Step, ...], anyway: Set[int]) -> frozenset[tuple[int, str]]:
    """(step, thing) of the changes that their actor takes back before anyone else looks.

    anyway: the numbers of the steps that are drawn whatever they change.
    """
    found = set()
    for at, s in enumerate(all_steps):
        for change in s.notes:
            span = taken_back(all_steps, at, change)
            if anyway.isdisjoint(span):
                found |= {(number, change.what) for number in span}
    return frozenset(found)


def taken_back(all_steps: tuple[Step, ...], at: int, change: Change) -> tuple[int, ...]:
    """The numbers of the steps that a thing returns through to its value; none if it does not.

    All within one call of the author's, and nobody asks for the value in between. A version never
    returns: it is lost.
    """
    begin = all_steps[at]
    me, cells = who(begin), change.cells
    numbers = [begin.number]
    if change.version or not begin.calls:
        return ()
    for s in all_steps[at + 1 :]:
        if who(s) == me and s.calls[:1] != begin.calls[:1]:
            return ()
        touched = s.reads | s.writes
        cells |= frozenset(k for c in s.notes if c.what == change.what for k in c.cells)
        if touched & cells and (who(s) != me or not any(c.what == change.what for c in s.notes)):
            return ()
        for c in s.notes:
            if c.what == change.what:
                numbers.append(s.number)
                if c.after == change.before:
                    return tuple(numbers)
    return ()


def interesting(
    all_steps: tuple[Step, ...], taken_back: frozenset[tuple[int, str]]
) -> frozenset[int]:
    """The numbers of the steps to draw."""
    changers: dict[CellKey, set[tuple[int, str]]] = {}
    touchers: dict[CellKey, set[tuple[int, str]]] = {}
    for s in all_steps:
        for c in s.changes:
            for key in c.cells if (s.number, c.what) not in taken_back else ():
                changers.setdefault(key, set()).add(who(s))
        for key in s.reads | s.writes:
            touchers.setdefault(key, set()).add(who(s))
    found = set()
    for s in all_steps:
        me = {who(s)}
        passing_by = {key for c in s.changes if (s.number, c.what) in taken_back for key in c.cells}
        if s.kind in LOCKING:
            met = any(touchers.get(key, me) - me for key in s.writes)
        else:
            met = any(changers.get(key, me) - me for key in s.reads - passing_by)
        changes = any((s.number, c.what) not in taken_back for c in s.notes)
        own = not s.calls and s.kind != "if"
        if s.hardware:
            acts = has_consequence(all_steps, s)
        else:
            acts = s.instruction is not None or met or own
        if telling(s) or changes or acts:
            found.add(s.number)
    return frozenset(found)


def overwritten(all_steps: tuple[Step, ...]) -> dict[int, tuple[Change, ...]]:
    """By step, what it writes without a change though another actor has changed it before."""
    changed: dict[CellKey, set[tuple[int, str]]] = {}
    found = {}
    for s in all_steps:
        me = {who(s)}
        again = tuple(
            c for c in s.kept if not c.quiet and any(changed.get(key, me) - me for key in c.cells)
        )
        if again and s.instruction is None:
            found[s.number] = again
        for c in s.changes:
            for key in c.cells:
                changed.setdefault(key, set()).add(who(s))
    return found


def others_of_pairs(all_steps: tuple[Step, ...], wanted: Set[int]) -> frozenset[int]:
    """The `lock` of each `unlock` that is drawn, and the `unlock` of each `lock`."""
    found = set()
    holding: dict[tuple[tuple[int, str], CellKey], int] = {}
    for s in all_steps:
        for key in s.writes if s.kind in LOCKING else ():
            if s.kind != "unlock":
                holding[who(s), key] = s.number
                continue
            pair = {s.number, holding.pop((who(s), key), s.number)}
            found |= set() if pair.isdisjoint(wanted) else pair
    return frozenset(found)


def has_consequence(all_steps: tuple[Step, ...], hardware: Step) -> bool:
    """Whether anyone looks at what a piece of hardware has done."""
    cells = frozenset(key for c in hardware.changes for key in c.cells)
    return any(
        cells & (s.reads | s.writes)
        for s in all_steps[hardware.number :]
        if who(s) != who(hardware)
    )


def pieces(
    all_steps: tuple[Step, ...],
    wanted: frozenset[int],
    final: frozenset[int],
    taken_back: frozenset[tuple[int, str]],
    again: dict[int, tuple[Change, ...]],
    loop: int | None = None,
) -> Pieces:
    """The steps as pieces; the rest of an instruction only where it matters."""
    made: list[Piece | Step] = []
    begun: set[int] = set()
    last = -1
    for s in all_steps:
        notes = tuple(c for c in s.notes if (s.number, c.what) not in taken_back)
        if loop is not None and s.number == loop + 1:
            begun.clear()
            last = -1
        same = s.instruction is not None and id(s.instruction) in begun and not s.hardware
        if s.instruction is not None:
            begun.add(id(s.instruction))
        before = made[last] if last >= 0 else None
        if same and isinstance(before, Piece) and before.step.instruction is s.instruction:
            steps, notes = (*before.steps, s), together(before.notes, notes)
            made[last] = evolve(before, steps=steps, notes=notes)
            continue
        shown = s.number in wanted
        if same:
            passed = s.begins or s.marks
            answered = any(answers(other, s) for other in all_steps[s.number : s.number + 1])
            shown = bool(notes or s.remark or s.violates or passed or answered or s.number in final)
        if shown:
            last = len(made)
            still = again.get(s.number, ())
            made.append(Piece(steps=(s,), notes=notes, still=still, calls=s.calls, goes_on=same))
        else:
            made.append(s)
    return tuple(made)


def answers(hardware: Step, s: Step) -> bool:
    """Whether a step is one of hardware that looks at what another has written: an interrupt."""
    return hardware.hardware and bool(hardware.reads & s.writes)


def together(first: tuple[Change, ...], then: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes of two steps as those of one."""
    found = {c.what: c for c in first}
    for c in then:
        found[c.what] = evolve(found[c.what], after=c.after) if c.what in found else c
    return tuple(c for c in found.values() if c.before != c.after)


# ---- calls ------------------------------------------------------------------


def with_calls(parts: Pieces) -> Pieces:
    """The author's own calls are drawn even where nothing in them is."""
    drawn = {id(p.step.calls[0]) for p in parts if isinstance(p, Piece) and p.step.calls}
    made: list[Piece | Step] = []
    for p in parts:
        if isinstance(p, Step) and p.calls and id(p.calls[0]) not in drawn and not p.hardware:
            drawn.add(id(p.calls[0]))
            made.append(Piece(steps=(p,), notes=(), calls=p.calls[:1], bare=True))
        else:
            made.append(p)
    return tuple(made)


def outlined(parts: Pieces) -> Pieces:
    """Each piece within the calls that have something of their own to say."""
    drawn = [p for p in parts if isinstance(p, Piece) and not p.bare]
    sizes = count(call for p in drawn for call in p.step.calls)
    lines = count(parent(p.step.calls, sizes) for p in drawn if p.step.calls)
    direct = {id(p.step.calls[-1]) for p in drawn if p.step.calls}
    speaking = direct | {call for call, n in lines.items() if n > 1}
    return tuple(
        evolve(p, calls=outline(p.step.calls, sizes, speaking))
        if isinstance(p, Piece) and not p.bare
        else p
        for p in parts
    )


def parent(calls: tuple[Call, ...], sizes: dict[int, int]) -> Call:
    """The innermost call with more pieces than this one; the author's if there is none."""
    return next((c for c in reversed(calls) if sizes[id(c)] > 1), calls[0])


def outline(calls: tuple[Call, ...], sizes: dict[int, int], speaking: set[int]) -> tuple[Call, ...]:
    """The author's call, those with lines of their own, and the first that has only this one."""
    kept = list(calls[:1])
    for call in calls[1:]:
        if sizes[id(call)] == 1:
            return (*kept, call)
        if id(call) in speaking:
            kept.append(call)
    return tuple(kept)


def count(calls: Iterable[Call]) -> dict[int, int]:
    sizes: dict[int, int] = {}
    for call in calls:
        sizes[id(call)] = sizes.get(id(call), 0) + 1
    return sizes
