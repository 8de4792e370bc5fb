"""From the text of a scenario to cases: parsing, checking and compiling, behind one door.

Everything here is done once for a text: what it gives is kept between runs
(`case_cache.py`), which is why nothing else imports these rooms at the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never
from weakref import WeakKeyDictionary

from attrs import evolve

from mmscn.check import core, variation
from mmscn.check.blocks import blocks_of
from mmscn.check.cited import unreadable_sources
from mmscn.check.elaborate import elaborate
from mmscn.check.idle import idle
from mmscn.check.modules import Unit, gather
from mmscn.check.names import look_up
from mmscn.check.overrides import file_of, overridden
from mmscn.check.unused import unused
from mmscn.check.values import Value
from mmscn.diagnostics import Diagnostic, Rejected, order
from mmscn.judge import program_cache
from mmscn.judge.applying import applying, known_names
from mmscn.judge.case import Asked, Bounds, CaseFacts, Expectation
from mmscn.judge.case_cache import Front, Override, stand_ins
from mmscn.judge.shipped import is_shipped
from mmscn.lower.compiled import Compiled
from mmscn.lower.passes.counters import counters
from mmscn.source import Finder, Source, Span
from mmscn.syntax import tree as t


def unit_of(source: Source, find: Finder) -> Unit:
    """A text with all it imports, every name in it looked up. Raises Rejected."""
    unit = gather(source, find)
    look_up(unit)
    return unit


def front_of(unit: Unit) -> Front:
    """Raises Rejected where a param has values that are none."""
    scenario = unit.scenario
    return Front(
        name=scenario.name if scenario else unit.source.name,
        title=scenario.title if scenario else None,
        claims=tuple(unit.claims),
        sources=tuple(note.text for note in unit.sources),
        params=tuple((p.name, tuple(variation.values_of(p.values))) for p in unit.params.values()),
        line=scenario.span.line if scenario else 1,
        overrides=tuple(overrides_of(unit)),
        stand_ins=stand_ins(unit.modules.items()),
        warned=bool(warnings_of(unit)),
    )


def overrides_of(unit: Unit) -> Iterator[Override]:
    """What the scenario and its own modules replace."""
    for p, module in overridden(unit):
        if not unit.is_shipped(p.span.source):
            yield Override(
                name=p.name,
                module=module,
                when=None if p.when is None else " ".join(p.when.span.text.split()),
                by=None if p.span.source is unit.source else file_of(unit, p),
                line=p.span.line,
            )


def warnings_of(unit: Unit) -> tuple[Diagnostic, ...]:
    """What nothing uses or does, and notes that cannot be read, in the order of the text."""
    found = [*unused(unit), *idle(unit), *unreadable_sources(unit)]
    return tuple(sorted(found, key=order))


def combinations(unit: Unit, chosen: dict[str, str]) -> list[dict[str, Value]]:
    """Raises Rejected for what there is not."""
    return variation.matrix(unit, chosen)


def checked_of(unit: Unit, values: dict[str, Value]) -> tuple[core.Checked, tuple[t.Expect, ...]]:
    """The scenario under one combination, and the expectations that apply. Raises Rejected."""
    result = elaborate(unit, values)
    expects = applying(unit, values)
    known_names(unit, result, expects)
    if any(e.by is not None for e in expects):
        from mmscn.judge.pinned import wrong_tokens

        found = wrong_tokens(unit)
        if found:
            raise Rejected(found)
    return result, expects


def compiled_of(checked: core.Checked, reductions: Iterable[str] | None) -> Compiled:
    """The programs under the reductions that are asked for, None for all. Raises Rejected."""
    without: frozenset[str] = frozenset()
    if reductions is not None:
        from mmscn.lower.compile import REDUCTIONS

        without = frozenset(REDUCTIONS).difference(reductions)
    return program_cache.compiled(checked, without)


def facts_of(unit: Unit, compiled: Compiled, expects: tuple[t.Expect, ...]) -> CaseFacts:
    checked = compiled.checked
    return CaseFacts(
        params=checked.params,
        knobs=checked.knobs,
        expects=tuple(
            Expectation(
                text=e.span.text,
                violated=e.violated,
                at=e.at,
                by=e.by,
                vacuous=e.vacuous,
                unasked=e.kind == "vacuous" and not e.vacuous,
            )
            for e in expects
        ),
        asked=tuple(
            Asked(
                name=c.name,
                kind=c.kind,
                span=c.span,
                own=is_own(c.asked or c.span),
                lists=bool(c.listed),
                text=c.text if c.kind == "bound" else None,
            )
            for c in checked.checks
        ),
        checks=compiled.checks,
        bounds=bounds_of(unit, checked),
        program=compiled.program,
        counts=bool(counters(checked)),
        locks=locks_of(checked),
    )


def locks_of(checked: core.Checked) -> tuple[tuple[str, bool], ...]:
    """The kinds of the locks that threads wait for, and whether who waits gets them."""
    found: dict[tuple[str, bool], None] = {}
    kinds = {key: f.lock for key, f in checked.families.items() if f.lock is not None}
    for thread in checked.threads:
        for origin, taken, granted in atomics_of(thread.body):
            if checked.origins[origin].kind == "lock":
                found |= {(kinds[key], granted): None for key in sorted(taken & kinds.keys())}
    return tuple(found)


ATOMICS: WeakKeyDictionary[core.Block, tuple[tuple[int, frozenset[str], bool], ...]]
ATOMICS = WeakKeyDictionary()
"""What `atomics_of` has found: combinations share bodies."""


def atomics_of(body: core.Block) -> tuple[tuple[int, frozenset[str], bool], ...]:
    """Of each atomic statement of a thread, the number of its origin, the families that it
    assigns to, and whether it is granted to whoever waits."""
    found = ATOMICS.get(body)
    if found is None:
        found = ATOMICS[body] = tuple(
            (s.origin, frozenset(t.family.removesuffix(".readers") for t in targets_of(s)),
             s.granted)
            for s in statements_of(body)
            if isinstance(s, core.Atomic)
        )  # fmt: skip
    return found


def statements_of(block: core.Block) -> Iterator[core.Stmt]:
    """All statements, in order."""
    left: list[core.Stmt] = [*reversed(block.statements)]
    while left:
        s = left.pop()
        yield s
        match s:
            case core.Block(statements=inner):
                left += reversed(inner)
            case core.If(then=then, otherwise=otherwise):
                left += (*reversed(otherwise.statements), *reversed(then.statements))
            case core.Choose(branches=branches):
                for branch in reversed(branches):
                    left += reversed(branch.statements)
            case core.Atomic(body=body):
                left += reversed(body.statements)


def targets_of(s: core.Atomic) -> Iterator[core.Cell]:
    for inner in statements_of(s.body):
        if isinstance(inner, core.Assign):
            yield from (t for t in inner.targets if isinstance(t, core.Cell))


def without_tree(compiled: Compiled) -> Compiled:
    """As it is drawn from: its texts made, and nothing that leads back to the tree."""
    calls: dict[int, core.Call] = {}

    def with_its_text(call: core.Call) -> core.Call:
        if id(call) not in calls:
            calls[id(call)] = evolve(
                call,
                text=core.Said(call.text()),
                result=None if call.result is None else core.Said(call.result()),
            )
        return calls[id(call)]

    origins = {
        number: evolve(o, text=core.Said(o.text()), path=tuple(map(with_its_text, o.path)))
        for number, o in compiled.checked.origins.items()
    }
    return Compiled(
        checked=evolve(compiled.checked, origins=origins, kept=None),
        program=compiled.program,
        places=compiled.places,
        lines=compiled.lines,
        checks=compiled.checks,
        reduce=None,
        uncount=None,
    )


def is_own(span: Span | None) -> bool:
    """Whether a place is in a text that is not shipped."""
    return span is not None and not is_shipped(span.source.name)


def bounds_of(unit: Unit, checked: core.Checked) -> Bounds:
    params = dict(checked.params)
    settings = {**dict(checked.knobs), **params}
    return Bounds(
        cpus=checked.cpus,
        threads=len(checked.threads),
        frames=len(checked.sorts.get("frame", ())),
        pages=len(checked.sorts.get("va", ())),
        repeats=tuple(repeats(unit, settings)),
        knobs=tuple(variation.stated(unit, params).items()),
        model=tuple(c.text or c.name for c in checked.checks if c.kind == "bound"),
    )


def repeats(unit: Unit, settings: Mapping[str, Value]) -> Iterator[int]:
    """The counts of the `repeat` loops in the scenario's own threads."""
    parts: list[t.Composable] = list(unit.compositions)
    while parts:
        match parts.pop(0):
            case t.Composition(parts=inner):
                parts[:0] = inner
            case t.Thread(body=body):
                yield from repeats_in(body, settings)
            case other:
                assert_never(other)


def repeats_in(body: t.Block, settings: Mapping[str, Value]) -> Iterator[int]:
    for block in blocks_of(body):
        for s in block.statements:
            match s:
                case t.Repeat(times=t.Literal(value=int() as count)):
                    yield count
                case t.Repeat(times=t.Name(text=name)):
                    value = settings.get(name)
                    if isinstance(value, int):
                        yield value
