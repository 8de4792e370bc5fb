"""Calls of modules' procedures, each written out once: what they do outlives an edit of the text.

Most of a scenario is what the library does for it. What a call is written out to follows from the
modules, from what is declared, from the settings that it reads, from its arguments and from where
it stands: the thread, the CPU, whether a step is begun. All of that is in its key, or compared; so
a call that is found is what it would be written out to, but for the numbers of its locals, labels,
origins and checks (`call_rows`). What its steps are called is told when somebody asks: the call is
written out once more then, and what was told is kept with it.

Kept are calls that stand in the scenario's own text, of procedures that stand in a module. `save`
puts them where the next process finds them.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from copy import copy
from functools import partial
from typing import NamedTuple
from weakref import WeakKeyDictionary

from attrs import define, evolve, field, frozen

from mmscn import cache
from mmscn.budget import poll
from mmscn.check import core
from mmscn.check.call_keys import Called, content, declared, every_setting, exact, key_of
from mmscn.check.call_rows import Around, Known, NotKept, Reader, Row, Rows, Writer
from mmscn.check.context import LOCALS_MAX, STATEMENTS_MAX, TURNS_MAX, Context
from mmscn.check.display import displayed_words
from mmscn.check.kept import kept_of, surroundings
from mmscn.check.modules import Unit
from mmscn.check.scope import Frame, result_of
from mmscn.check.shared import Kept
from mmscn.check.terms import Term
from mmscn.check.words import Words
from mmscn.diagnostics import Reporter
from mmscn.source import Source, Span

CALLS_MAX = 500
"""Of one unit, how many are kept between processes."""
KEPT_MAX = 4000
"""In one."""


class WrittenOut(NamedTuple):
    """All that is in the block of a call. digest: of its rows. labels to checks: as in `Around`.

    locals: how many are its own.
    """

    digest: str
    labels: int
    local: int
    origin: int
    exit: int | None
    outer: tuple[int, ...]
    checks: tuple[int, ...]
    locals: int


WRITTEN: WeakKeyDictionary[core.Block, WrittenOut] = WeakKeyDictionary()
"""By the blocks that calls were written out to."""


@define(eq=False, repr=False)
class Entry:
    """One call. settings: those that it reads, as `exact` has them. checks: those that it asks for.

    assigned: locals that it assigns to. counted: statements and turns. texts: what was told of it,
    by all settings, then by which text. digest: of the statements. known: what it is read by.
    """

    settings: dict[str, Row]
    rows: Rows
    checks: tuple[Row, ...]
    assigned: tuple[int, ...]
    named_versions: int
    counted: tuple[int, int]
    digest: str
    texts: dict[str, dict[tuple[str, int], Row]] = field(factory=dict)
    known: Known | None = None

    def fits(self, ctx: Context) -> bool:
        return (
            all(exact(ctx, name) == value for name, value in self.settings.items())
            and ctx.statements + self.counted[0] <= STATEMENTS_MAX
            and ctx.turns + self.counted[1] <= TURNS_MAX
            and len(ctx.locals) + len(self.rows.locals) <= LOCALS_MAX
        )


@define(eq=False, repr=False)
class KeptCalls:
    """Of one unit. entries: by key.

    sources: the modules by their names, and names: their names by their identity. around: a digest
    of what is declared, by its number. settings: one of all of them. used: the keys of this
    process, in order. new: whether there is something to save. file: what it is saved under.
    steps: what `mmscn.lower` makes of them.
    """

    sources: dict[str, Source]
    names: dict[int, str]
    entries: dict[str, list[Entry]] = field(factory=dict)
    around: dict[int, str] = field(factory=dict)
    settings: WeakKeyDictionary[Context, str] = field(factory=WeakKeyDictionary)
    used: dict[str, None] = field(factory=dict)
    new: bool = False
    file: str | None = None
    steps: object = None

    def reader(self, entry: Entry, around: Around, here: Span) -> Reader:
        if entry.known is None:
            entry.known = Known(entry.rows, self.sources)
        return Reader(entry.known, around, here)


Which = tuple[str, int]
"""A text of a call: of an origin or of a call within, by number."""
Texts = dict[Which, Callable[[], Words]]


@frozen(eq=False, repr=False)
class Again:
    """A call that was kept, where it stands. assigned: the locals that were assigned before it."""

    kept: KeptCalls
    entry: Entry
    called: Called
    around: Around
    assigned: frozenset[int]
    written: list[tuple[Context, Texts]] = field(factory=list)


def written_out(ctx: Context, called: Called, out: list[core.Stmt]) -> Term | None:
    """What the call returns; its statements are added to `out`."""
    kept = kept_calls(ctx, called)
    if kept is None:
        return called.write(ctx, called.site, out)
    number = surroundings(ctx)
    if number not in kept.around:
        kept.around[number] = declared(ctx)
    key, outer = key_of(ctx, called, kept.around[number])
    kept.used[key] = None
    for entry in kept.entries.get(key, ()):
        if entry.fits(ctx):
            return again(ctx, kept, called, entry, outer, out)
    return recorded(ctx, kept, called, key, outer, out)


def kept_calls(ctx: Context, called: Called) -> KeptCalls | None:
    """None where calls of this kind are not kept."""
    own = ctx.unit.source
    if called.s.span.source is not own or called.proc.span.source is own:
        return None
    if called.scope.thread < 0 or called.scope.frame is None:
        return None
    return of_unit(ctx.unit, kept_of(ctx))


# ---- recorded ---------------------------------------------------------------


def recorded(
    ctx: Context,
    kept: KeptCalls,
    called: Called,
    key: str,
    outer: tuple[int, ...],
    out: list[core.Stmt],
) -> Term | None:
    """The call written out, and kept if nothing is wrong in it and it is the call's alone."""
    before = around(ctx, called, outer, ())
    read, named, asked = ctx.settings.read, ctx.named_versions, ctx.asked
    assigned, begin = frozenset(ctx.assigned), len(out)
    sizes = len(ctx.reporter.found), len(ctx.state), len(ctx.families)
    counted, theirs = (ctx.statements, ctx.turns), [ctx.locals[n] for n in outer]
    ctx.settings.read, ctx.named_versions, ctx.asked = set(), 1, {}
    try:
        returned = called.write(ctx, called.site, out)
        same = sizes == (len(ctx.reporter.found), len(ctx.state), len(ctx.families))
        if same and all(ctx.locals[n] is v for n, v in zip(outer, theirs, strict=True)):
            changed = sorted(ctx.assigned - assigned)
            spent = ctx.statements - counted[0], ctx.turns - counted[1]
            keep(ctx, kept, called, key, before, returned, out[begin:], changed, spent)
    finally:
        ctx.settings.read |= read
        ctx.named_versions = max(named, ctx.named_versions)
        for check, found in ctx.asked.items():
            asked.setdefault(check, found)
        ctx.asked = asked
    return returned


def keep(
    ctx: Context,
    kept: KeptCalls,
    called: Called,
    key: str,
    before: Around,
    returned: Term | None,
    out: list[core.Stmt],
    assigned: list[int],
    counted: tuple[int, int],
) -> None:
    before = before._replace(checks=tuple(number for number, _ in ctx.asked.values()))
    writer = Writer(before, called.s.span, kept.names)
    try:
        rows = writer.rows(
            out,
            [ctx.locals[n] for n in range(before.local, ctx.next_local)],
            [ctx.origins[n] for n in range(before.origin, ctx.next_origin)],
            returned,
            ctx.labels - before.labels,
        )
        checks = tuple(check_row(writer, key, info) for key, (_, info) in ctx.asked.items())
        entry = Entry(
            settings={name: exact(ctx, name) for name in sorted(ctx.settings.read)},
            rows=rows,
            checks=checks,
            assigned=tuple(map(writer.local, assigned)),
            named_versions=ctx.named_versions,
            counted=counted,
            digest=cache.digest(marshal.dumps((rows.values, rows.nodes, rows.out), 2)),
        )
    except NotKept:
        return
    if len(kept.entries) >= KEPT_MAX:
        kept.entries.clear()
    kept.entries.setdefault(key, []).append(entry)
    kept.new = True
    last = out[-1]
    assert isinstance(last, core.Block)
    WRITTEN[last] = written(entry, before)


def written(entry: Entry, a: Around) -> WrittenOut:
    numbers = a.labels, a.local, a.origin, a.exit
    return WrittenOut(entry.digest, *numbers, a.outer, a.checks, len(entry.rows.locals))


def check_row(writer: Writer, key: object, info: core.CheckInfo) -> Row:
    if info.condition is not None or info.covered is not None or info.asked or info.listed:
        raise NotKept
    span = None if info.span is None else writer.span(info.span)
    if span is None and info.span is not None:
        raise NotKept
    return key, info.name, info.kind, span, info.text


def around(ctx: Context, called: Called, outer: tuple[int, ...], checks: tuple[int, ...]) -> Around:
    scope = called.scope
    return Around(
        labels=ctx.labels,
        local=ctx.next_local,
        origin=ctx.next_origin,
        exit=scope.exit,
        path=scope.path,
        outer=outer,
        checks=checks,
    )


# ---- again ------------------------------------------------------------------


def again(
    ctx: Context,
    kept: KeptCalls,
    called: Called,
    entry: Entry,
    outer: tuple[int, ...],
    out: list[core.Stmt],
) -> Term | None:
    """Leave in a context, and in `out`, what writing it out leaves."""
    poll()
    numbers = tuple([ctx.check(row[0], info_of(kept, row)) for row in entry.checks])
    here = around(ctx, called, outer, numbers)
    reader = kept.reader(entry, here, called.s.span)
    rows = entry.rows
    statements = reader.statements()
    out += statements
    for n, local in enumerate(reader.locals(), here.local):
        ctx.locals[n] = local
    ctx.labels += rows.labels
    ctx.next_local += len(rows.locals)
    ctx.next_origin += len(rows.origins)
    ctx.statements += entry.counted[0]
    ctx.turns += entry.counted[1]
    ctx.named_versions = max(ctx.named_versions, entry.named_versions)
    ctx.settings.read |= entry.settings.keys()
    this = Again(kept, entry, called, here, frozenset(ctx.assigned))
    ctx.assigned.update(map(reader.local, entry.assigned))
    returned = reader.returned()
    site = called.site
    if site.instruction:
        frame = Frame(called.name, here.labels + 1, returned=returned)
        site = evolve(site, result=partial(result_of, frame))
    paths = reader.paths(site, lambda n: partial(told, ctx, this, ("call", n)))
    for n, (span, path, kind, name, hardware, order) in enumerate(rows.origins):
        text = partial(told, ctx, this, ("origin", n))
        if not rows.paths[path]:
            text = partial(displayed_words, ctx, called.scope, called.s)
        ctx.origins[here.origin + n] = core.Origin(
            span=reader.span(span),
            text=text,
            path=paths[path],
            kind=kind,
            name=name,
            hardware=hardware,
            order=order,
        )
    last = statements[-1]
    assert isinstance(last, core.Block)
    WRITTEN[last] = written(entry, here)
    return returned


def info_of(kept: KeptCalls, row: Row) -> core.CheckInfo:
    _, name, kind, span, text = row
    where = None if span is None else Span(kept.sources[span[0]], span[1], span[2])
    return core.CheckInfo(name=name, kind=kind, span=where, text=text)


def told(ctx: Context, this: Again, which: Which) -> Words:
    """What a step or a call within is called."""
    kept, entry = this.kept, this.entry
    if ctx not in kept.settings:
        kept.settings[ctx] = every_setting(ctx)
    texts = entry.texts.setdefault(kept.settings[ctx], {})
    found = texts.get(which)
    if found is not None:
        return kept.reader(entry, this.around, this.called.s.span).words(found)
    words = texts_of(ctx, this)[which]()
    writer = Writer(this.around, this.called.s.span, kept.names)
    try:
        texts[which] = writer.words(words)
        kept.new = True
    except NotKept:
        pass
    return words


def texts_of(ctx: Context, this: Again) -> Texts:
    """All texts of a call, from writing it out once more, as it was."""
    for known, found in this.written:
        if known is ctx:
            return found
    here, called = this.around, this.called
    alike = copy(ctx)
    alike.reporter, alike.locals, alike.origins = Reporter(), dict(ctx.locals), {}
    alike.assigned, alike.asked = set(this.assigned), {}
    alike.labels, alike.next_local, alike.next_origin = here.labels, here.local, here.origin
    alike.statements = alike.turns = 0
    alike.stepping, alike.calls, alike.constants = {}, {}, {}
    alike.checks, alike.check_of = list(ctx.checks), dict(ctx.check_of)
    for n in range(here.local, here.local + len(this.entry.rows.locals)):
        del alike.locals[n]
    called.write(alike, called.site, [])
    alike.locals = ctx.locals
    writer = Writer(here, called.s.span, this.kept.names)
    origins = list(alike.origins.values())
    for o in origins:
        writer.path(o.path)
    texts: Texts = {("origin", n): o.text for n, o in enumerate(origins)}
    texts |= {("call", n): c.text for n, c in enumerate(writer.calls)}
    this.written.append((ctx, texts))
    return texts


# ---- between processes ------------------------------------------------------


def of_unit(unit: Unit, shared: Kept) -> KeptCalls:
    found = shared.calls
    if not isinstance(found, KeptCalls):
        sources = {source.name: source for source in unit.modules.values()}
        names = {id(source): name for name, source in sources.items()}
        found = shared.calls = KeptCalls(sources, names)
        load(found, unit)
    return found


def load(kept: KeptCalls, unit: Unit) -> None:
    """What another process has kept of calls of the same modules, among the same declarations."""
    kept.file = f"calls-{cache.key(cache.made_by(), content(unit))}"
    data = cache.read(kept.file)
    if data is None:
        return
    for key, entries in marshal.loads(data).items():
        kept.entries[key] = [
            Entry(settings, Rows(*rows), *rest) for settings, rows, *rest in entries
        ]


def save(unit: Unit) -> None:
    """Keep the calls for other processes, those of this one first."""
    kept = getattr(unit.kept, "calls", None)
    if not isinstance(kept, KeptCalls) or not kept.new or kept.file is None:
        return
    kept.new = False
    keys = [*kept.used, *(key for key in kept.entries if key not in kept.used)]
    some = {
        key: [plain_entry(e) for e in kept.entries[key]]
        for key in keys[:CALLS_MAX]
        if key in kept.entries
    }
    cache.write(kept.file, marshal.dumps(some))


def plain_entry(e: Entry) -> Row:
    return (
        e.settings, tuple(e.rows), e.checks, e.assigned, e.named_versions, e.counted, e.digest,
        e.texts,
    )  # fmt: skip
