"""A checked program to bytecode: build, the passes in order, assembly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve

from mmscn.budget import part, phase, within_part
from mmscn.check.core import Checked
from mmscn.check.numbers import first_origin
from mmscn.diagnostics import Rejected
from mmscn.lower.assemble import Assembler
from mmscn.lower.compiled import Compiled, Line, Place, Reduced
from mmscn.lower.ir import Check, Ir, text
from mmscn.lower.passes.counters import counters, out_of_range, uncounted_note, without_counters
from mmscn.lower.passes.dead import drop_dead
from mmscn.lower.passes.fold import fold
from mmscn.lower.passes.live import reset_dead
from mmscn.lower.passes.private import privatize
from mmscn.lower.rule_builder import build
from mmscn.runtime.bytecode import LIVENESS, CheckKind, Program
from mmscn.runtime.verify import verify
from mmscn.source import Span

if TYPE_CHECKING:
    from mmscn.lower.passes.symmetry import Refusal
    from mmscn.lower.passes.symmetry_candidates import Name

Pass = Callable[[Ir], Ir]
T = TypeVar("T")

PASSES: dict[str, tuple[Pass, str]] = {
    "dead": (drop_dead, "what nobody looks at is not kept"),
    "fold": (fold, "rules that can never fire go, and values that nothing ever has"),
    "sweep": (drop_dead, "what folding has left unread goes"),
    "live": (reset_dead, "locals that are not read again have their first value"),
}
"""What every program goes through, in this order, and what each does."""


# What only a large search uses is loaded for one: a tenth of the start of a small run.


def fresh(ir: Ir) -> Ir:
    from mmscn.lower.passes.fresh import fresh

    return fresh(ir)


def caches(ir: Ir) -> Ir:
    from mmscn.lower.passes.caches import caches

    return caches(ir)


def split(ir: Ir) -> Ir:
    from mmscn.lower.passes.split import split

    return split(ir)


def alike(ir: Ir) -> Ir:
    from mmscn.lower.passes.alike import alike

    return alike(ir)


def fuse(ir: Ir) -> Ir:
    from mmscn.lower.passes.fuse import fuse

    return fuse(ir)


def joint(ir: Ir) -> Ir:
    from mmscn.lower.passes.joint import joint

    return joint(ir)


def renumber(ir: Ir) -> Ir:
    from mmscn.lower.passes.jumps import renumber

    return renumber(ir)


REDUCTIONS: dict[str, tuple[Pass | None, str]] = {
    "fresh": (fresh, "contents that are stored once are told apart, and have no name"),
    "private": (privatize, "shared variables that one thread alone uses are its locals"),
    "caches": (caches, "what hardware may fill and empty is full, and emptied where that matters"),
    "split": (split, "locals that say which lock is meant are part of the program counter"),
    "alike": (alike, "threads that are alike are known, to be fused alike"),
    "fuse": (fuse, "steps that no other process can tell apart are one"),
    "joint": (joint, "`fuse`, with what several variables can be together"),
    "refold": (fold, "`fold`, behind fusion"),
    "resweep": (drop_dead, "`sweep`, behind fusion"),
    "relive": (reset_dead, "`live`, behind fusion"),
    "jumps": (renumber, "program counters are numbered without gaps"),
    "versions": (None, "contents are numbered by first occurrence"),
    "symmetry": (None, "states that differ by an exchange of equals are one"),
    "counters": (None, "what only bounds a number of rounds is left out, where that is a proof"),
}
"""What the program that is searched goes through beyond that, from the IR in front of `live`.

The last three are no passes of the IR: two happen when it is assembled, and `counters`
makes a program of its own, from the text (`uncounted`).
"""

SLOW = frozenset({"split", "alike", "fuse", "joint", "refold", "resweep"})
"""Which of them take most of the time: nine tenths on racewrite with two writers."""

LARGE = frozenset({"caches", "split", "fuse", "joint"})
"""Which of them may make what the bytecode has no room for."""

SWITCHES: dict[str, tuple[str, ...]] = {
    "dead": ("dead", "sweep", "resweep"),
    "fold": ("fold", "refold"),
    "fuse": ("fuse", "joint"),
    "live": ("live", "relive"),
}
"""Names that leave out several; every other name of a pass leaves out just that one."""


def compile(checked: Checked, *, without: frozenset[str] = frozenset()) -> Compiled:
    """The programs of a scenario; `without` names passes and reductions to leave out.

    Raises Rejected where the scenario is too large or loops without a step, and
    KeyError for a name that there is not.
    """
    off = switched(without)
    with phase("lowering"):
        ir, lines = build(checked)
    span = first_origin(checked).span if checked.origins else checked.checks[0].span
    assert isinstance(span, Span)
    early, ir = passed(ir, off)
    with phase("assembling"):
        assembler = Assembler(ir, span, canonical=False)
        program, numbers = assembler.program()
        verify(program)
    found = () if "counters" in off else counters(checked)

    def where(line: int) -> str:
        return written_at(checked, lines[line])

    return Compiled(
        checked=checked,
        program=program,
        places=places(assembler),
        lines=tuple(lines),
        checks=tuple(check.info for check in ir.checks),
        reduce=lambda: reduction(early, numbers, span, off, where),
        uncount=(lambda: uncounted(checked, found, off)) if found else None,
        lighten=lambda: reduction(early, numbers, span, off | SLOW, where),
    )


def switched(without: frozenset[str]) -> frozenset[str]:
    """The passes that some names leave out."""
    off: set[str] = set()
    for name in without:
        if name not in PASSES and name not in REDUCTIONS:
            raise KeyError(name)
        off.update(SWITCHES.get(name, (name,)))
    return frozenset(off)


def passed(ir: Ir, off: frozenset[str]) -> tuple[Ir, Ir]:
    """The IR in front of `live`, and behind it: rule for rule the same."""
    for name, (run, _) in PASSES.items():
        early = ir
        if name not in off:
            with phase(f"lowering: {name}"):
                ir = run(ir)
    return early, ir


def reduction(
    ir: Ir,
    numbers: tuple[int, ...],
    span: Span,
    off: frozenset[str],
    where: Callable[[int], str] = str,
) -> Reduced:
    """The program that is searched. numbers: of each rule in the program it stands for, or -1.

    where: what an entry of the line table is to the author. Where one makes what the bytecode has
    no room for, those are left out that may; so is each that takes more than its part of the time.
    """
    rules = [
        evolve(rule, parts=(number,))
        for rule, number in zip(ir.rules, numbers, strict=True)
        if number >= 0
    ]
    start = ir = ir.having(rules=rules, checks=[of_states(check) for check in ir.checks])
    skipped: list[str] = []
    with part(ALL_PARTS):
        for name, (run, _) in REDUCTIONS.items():
            if run is not None and name not in off:
                ir = in_part(name, partial(run, ir), skipped) or ir
    try:
        with phase("assembling what is reduced"):
            assembler = Assembler(ir, span, canonical="versions" not in off)
            program, _ = assembler.program()
    except Rejected:
        if off >= LARGE:
            raise
        return reduction(start, numbers_of(start), span, off | LARGE, where)
    told: list[Refusal] = []
    if "symmetry" not in off:
        # `found` has a group, which may be one of nothing; where it is left out there is none.
        found = in_part("symmetry", lambda: exchanged(start, program, assembler, span), skipped)
        program, told = found or (program, [])
    verify(program)
    noted: tuple[str, ...] | None = ()
    if "versions" not in off:
        from mmscn.lower.passes.versions import unbounded_stores

        noted = in_part("the note on stores", lambda: unbounded_stores(start), skipped)
    return Reduced(
        program=program,
        places=places(assembler),
        notes=(*(noted or ()), *left_out(skipped)),
        refused=tuple(reason(refusal, where) for refusal in told),
        skipped=tuple(skipped),
    )


def of_states(check: Check) -> Check:
    """The check, without what is about executions that go on for ever: no reduction keeps that."""
    if check.kind not in LIVENESS:
        return check
    return evolve(check, kind=CheckKind.STEP, bad=(), covered=())


def exchanged(
    start: Ir, program: Program, assembler: Assembler, span: Span
) -> tuple[Program, list[Refusal]]:
    """The program with the group of its exchanges, and which threads there is none of."""
    from mmscn.lower.passes.symmetry import symmetries, with_group

    found, joined = symmetries(program, assembler)
    return with_group(program, found), told_apart(start, program, assembler, joined, span)


PART, ALL_PARTS = 0.5, 0.5
"""Of the time that is left, what one reduction may take, and all passes of the IR together."""


def in_part(name: str, make: Callable[[], T], skipped: list[str]) -> T | None:
    """What a reduction makes; None, and its name in `skipped`, where it takes too much."""
    found = within_part(f"reducing: {name}", PART, make)
    if found is None:
        skipped.append(name)
    return found


def left_out(skipped: list[str]) -> tuple[str, ...]:
    """What is said of reductions that took too much."""
    if not skipped:
        return ()
    return (f"left out, for the time or memory that it took: {', '.join(skipped)}",)


def told_apart(
    start: Ir, program: Program, assembler: Assembler, joined: list[set[Name]], span: Span
) -> list[Refusal]:
    """Which threads of one declaration are not interchangeable, by a rule of `start` if one tells.

    Of `start` the rules are the author's steps; behind fusion they are many of them.
    """
    from mmscn.lower.passes.symmetry import refusals

    late = refusals(program, assembler, joined)
    if not late:
        return []
    first = Assembler(start, span, canonical=True)
    try:
        early = refusals(first.program()[0], first, joined)
    except Rejected:
        return late
    return [one if one.line is not None else other for one, other in zip(early, late, strict=True)]


def reason(refusal: Refusal, where: Callable[[int], str]) -> str:
    """A refusal in words."""
    why = "where their steps lead, the first state or a check tells them apart"
    if refusal.line is not None:
        why = f"no step of the other is like {where(refusal.line)} of `{refusal.of}`"
    return f"`{refusal.one}` and `{refusal.other}` are not interchangeable: {why}"


def written_at(checked: Checked, line: Line) -> str:
    """The statement of a line, and where it stands."""
    if not line.origins:
        return "its first step"
    span = checked.origins[line.origins[0]].span
    first, *more = span.text.splitlines() or [""]
    return f"`{first.strip()}{' …' if more else ''}` ({span.source.name}:{span.line})"


def uncounted(checked: Checked, names: tuple[str, ...], off: frozenset[str]) -> Reduced | None:
    """The reduced program in which counters do not count; None where none of them is one.

    Its rules have `parts` that are no rules of the program of `checked`.
    """
    with phase("reducing: counters"):
        ir, _ = build(checked)
    astray = out_of_range(ir, [run for name, run in IN_RANGE.items() if name not in off])
    names = tuple(name for name in names if name not in astray)
    try:
        found = compile(without_counters(checked, names), without=off).reduction if names else None
    except Rejected:
        return None
    if found is None:
        return None
    return found._replace(notes=(uncounted_note(checked, names), *found.notes))


IN_RANGE: dict[str, Pass] = {"private": privatize, "fold": fold}
"""Passes that find out which counters stay in range."""


def numbers_of(ir: Ir) -> tuple[int, ...]:
    return tuple(rule.parts[0] for rule in ir.rules)


def stages(checked: Checked) -> Iterator[tuple[str, str]]:
    """The name of each pass and the IR behind it, as text; the first is `build`.

    The reductions go on from the IR in front of `live`.
    """
    ir, _ = build(checked)
    yield "build", text(ir)
    for name, (run, _) in PASSES.items():
        early, ir = ir, run(ir)
        yield name, text(ir)
    for name, (step, _) in REDUCTIONS.items():
        if step is not None:
            early = step(early)
            yield name, text(early)


def places(assembler: Assembler) -> tuple[Place, ...]:
    """Where each variable of the IR is kept, those left out that are dropped or not told."""
    ir = assembler.ir
    pcs = ir.pcs()
    found = []
    for v, var in enumerate(ir.vars):
        if v in ir.dropped or v in ir.untold or v in pcs:
            continue
        constant = ir.constants.get(v)
        found.append(
            Place(
                family=var.family,
                indices=var.index,
                name=var.name,
                thread=var.thread,
                field=None if v in ir.constants else assembler.layout.field_of.get(v),
                domain=var.domain,
                version=var.version and v in assembler.layout.group_of,
                constant=constant,
            )
        )
    return tuple(found)
