"""What a call is written out to, as rows of plain data and back.

A row is a node of `core`: its class by number and its fields, where other nodes are the numbers of
their rows, which come before. Locals, labels and origins count from where the call begins, its
checks from the first that it asks for. So the rows are the same wherever the call stands, and
marshal writes and reads them. A call that says something of the text around it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from mmscn.check import core
from mmscn.check.terms import Dynamic, Static, Term
from mmscn.check.types import ScalarType
from mmscn.check.values import Atom, Domain, Elem, Value
from mmscn.check.words import Hole, Words
from mmscn.source import Source, Span

Row = tuple[Any, ...]


class NotKept(Exception):
    """Something in a call is not the call's alone."""


class Around(NamedTuple):
    """Where a call stands. labels, local, origin: the numbers before its first; those of its own
    are from there on. exit: the label at the end of the thread. path: the calls around it. outer:
    the locals of others that it may mention. checks: the numbers of those that it asks for.
    """

    labels: int
    local: int
    origin: int
    exit: int | None
    path: tuple[core.Call, ...]
    outer: tuple[int, ...]
    checks: tuple[int, ...]


class Rows(NamedTuple):
    """All that is left of a call, plain.

    values, domains, nodes: what the others mention by number. out: the nodes of the statements, the
    last of which is the block of the call. locals, origins, calls, paths: see `Writer`. returned:
    a term. labels: how many there are.
    """

    values: tuple[Any, ...]
    domains: tuple[tuple[int, ...], ...]
    nodes: tuple[Row, ...]
    out: tuple[int, ...]
    locals: tuple[Row, ...]
    origins: tuple[Row, ...]
    calls: tuple[Row, ...]
    paths: tuple[tuple[int, ...], ...]
    returned: Row | None
    labels: int


def plain(value: Value) -> Any:
    """A value as marshal can write it."""
    if isinstance(value, Elem):
        return "e", value.sort, value.number, value.name
    return ("a", value.name) if isinstance(value, Atom) else value


def unplain(value: Any) -> Value:
    """The value that `plain` has written."""
    if type(value) is not tuple:
        known: Value = value
        return known
    return Atom(value[1]) if value[0] == "a" else Elem(*value[1:])


class Writer:
    """Makes the rows of one call. here: the span of the call itself, as nothing else of its text.

    names: of the modules, by the identity of their texts.
    """

    def __init__(self, around: Around, here: Span, names: dict[int, str]) -> None:
        self.around = around
        self.here = here
        self.names = names
        self.nodes: list[Row] = []
        self.known: dict[int, int] = {}
        self.values: dict[Any, int] = {}
        self.domains: dict[tuple[int, ...], int] = {}
        self.calls: list[core.Call] = []
        self.call_of: dict[int, int] = {}
        self.paths: dict[int, int] = {}
        self.path_rows: list[tuple[int, ...]] = []
        self.outer = {number: -1 - n for n, number in enumerate(around.outer)}
        self.checks = {number: n for n, number in enumerate(around.checks)}

    def rows(
        self,
        out: Sequence[core.Stmt],
        locals_: Sequence[core.LocalVar],
        origins: Sequence[core.Origin],
        returned: Term | None,
        labels: int,
    ) -> Rows:
        """Raises NotKept."""
        written = tuple(map(self.node, out))
        term = self.term(returned)
        locals_rows = tuple((v.name, v.thread, self.domain(v.domain), v.version) for v in locals_)
        origin_rows = tuple(
            (self.span(o.span), self.path(o.path), o.kind, o.name, o.hardware, o.order)
            for o in origins
        )
        calls = tuple(map(self.call, self.calls))
        return Rows(
            values=tuple(key[1] for key in self.values),
            domains=tuple(self.domains),
            nodes=tuple(self.nodes),
            out=written,
            locals=locals_rows,
            origins=origin_rows,
            calls=calls,
            paths=tuple(self.path_rows),
            returned=term,
            labels=labels,
        )

    def node(self, value: Any) -> int:
        found = self.known.get(id(value))
        if found is None:
            row = ROWS[type(value)](self, value)
            found = self.known[id(value)] = len(self.nodes)
            self.nodes.append(row)
        return found

    def several(self, parts: Sequence[Any]) -> tuple[int, ...]:
        return tuple([self.node(part) for part in parts])

    def value(self, value: Value) -> int:
        known = plain(value)
        return self.values.setdefault((type(value), known), len(self.values))

    def domain(self, domain: Domain) -> int:
        return self.domains.setdefault(tuple(map(self.value, domain)), len(self.domains))

    def local(self, number: int) -> int:
        if number >= self.around.local:
            return number - self.around.local
        if number not in self.outer:
            raise NotKept
        return self.outer[number]

    def label(self, number: int) -> int:
        """Those of the call are from 1 on."""
        if number > self.around.labels:
            return number - self.around.labels
        if number != self.around.exit:
            raise NotKept
        return 0

    def origin(self, number: int) -> int:
        if number < self.around.origin:
            raise NotKept
        return number - self.around.origin

    def check(self, number: int) -> int:
        if number in self.checks:
            return self.checks[number]
        if number >= len(core.IMPLICIT):
            raise NotKept
        return -1 - number

    def span(self, span: Span) -> Row | None:
        """None for the call's own."""
        name = self.names.get(id(span.source))
        if name is not None:
            return name, span.start, span.end
        if span != self.here:
            raise NotKept
        return None

    def path(self, path: tuple[core.Call, ...]) -> int:
        found = self.paths.get(id(path))
        if found is None:
            before = len(self.around.path)
            if path[:before] != self.around.path:
                raise NotKept
            self.path_rows.append(tuple(map(self.numbered, path[before:])))
            found = self.paths[id(path)] = len(self.path_rows) - 1
        return found

    def numbered(self, call: core.Call) -> int:
        found = self.call_of.get(id(call))
        if found is None:
            found = self.call_of[id(call)] = len(self.calls)
            self.calls.append(call)
        return found

    def call(self, call: core.Call) -> Row:
        result: Any = False
        if call.result is not None:
            number = call.result()
            result = None if number is None else self.local(number)
        return self.span(call.span), call.instruction, call.kind, call.name, result

    def term(self, term: Term | None) -> Row | None:
        match term:
            case None:
                return None
            case Static(value):
                return ("static", self.value(value))
            case Dynamic(expr, type_):
                return "dynamic", self.node(expr), self.domain(type_.domain), type_.version
        raise NotKept

    def words(self, words: Words) -> Row:
        parts = [
            (self.local(p.local), p.name, plain(p.only), p.argument) if isinstance(p, Hole) else p
            for p in words.parts
        ]
        return words.before, tuple(parts)


ROWS: dict[type, Callable[[Writer, Any], Row]] = {
    core.Const: lambda w, e: (0, w.value(e.value)),
    core.Cell: lambda w, e: (1, e.family, w.several(e.index)),
    core.Local: lambda w, e: (2, w.local(e.number)),
    core.Apply: lambda w, e: (3, e.op, w.several(e.args)),
    core.Ended: lambda w, e: (4, e.thread),
    core.Fresh: lambda w, e: (5,),
    core.Quiet: lambda w, e: (6,),
    core.Undefined: lambda w, e: (7,),
    core.Assign: lambda w, s: (
        8, w.several(s.targets), w.several(s.values), w.origin(s.origin), s.ghost,
    ),
    core.Await: lambda w, s: (9, w.node(s.condition), w.origin(s.origin)),
    core.If: lambda w, s: (
        10, w.node(s.condition), w.node(s.then), w.node(s.otherwise), w.origin(s.origin),
    ),
    core.Choose: lambda w, s: (11, w.several(s.branches), w.origin(s.origin)),
    core.Atomic: lambda w, s: (12, w.node(s.body), w.origin(s.origin), s.granted),
    core.Label: lambda w, s: (13, w.label(s.number)),
    core.Goto: lambda w, s: (14, w.label(s.label)),
    core.Assert: lambda w, s: (15, w.check(s.check), w.node(s.condition), w.origin(s.origin)),
    core.Bug: lambda w, s: (16, w.check(s.check), w.origin(s.origin)),
    core.Block: lambda w, s: (17, w.several(s.statements)),
}  # fmt: skip
"""By class, its row; `Reader.node` reads them."""


class Known:
    """Rows, with their values made: all that is read of them has these."""

    def __init__(self, rows: Rows, sources: dict[str, Source]) -> None:
        self.rows = rows
        self.sources = sources
        self.values = tuple(map(unplain, rows.values))
        self.domains = tuple(tuple(self.values[n] for n in d) for d in rows.domains)


class Reader:
    """Makes a call again where it stands now."""

    def __init__(self, known: Known, around: Around, here: Span) -> None:
        self.known = known
        self.around = around
        self.here = here
        self.made: list[Any] = []

    def local(self, number: int) -> int:
        return number + self.around.local if number >= 0 else self.around.outer[-1 - number]

    def label(self, number: int) -> int:
        if number:
            return number + self.around.labels
        assert self.around.exit is not None
        return self.around.exit

    def check(self, number: int) -> int:
        return self.around.checks[number] if number >= 0 else -1 - number

    def span(self, row: Row | None) -> Span:
        if row is None:
            return self.here
        return Span(self.known.sources[row[0]], row[1], row[2])

    def statements(self) -> list[core.Stmt]:
        """Those that the call is written out to; first of all, since others mention its nodes."""
        made, node = self.made, self.node
        for row in self.known.rows.nodes:
            made.append(node(row))
        return [made[n] for n in self.known.rows.out]

    def node(self, row: Row) -> Any:
        made, first = self.made, self.around.origin
        match row[0]:
            case 0:
                return core.Const(self.known.values[row[1]])
            case 1:
                return core.Cell(row[1], tuple([made[n] for n in row[2]]))
            case 2:
                return core.Local(self.local(row[1]))
            case 3:
                return core.Apply(row[1], tuple([made[n] for n in row[2]]))
            case 8:
                targets = tuple([made[n] for n in row[1]])
                values = tuple([made[n] for n in row[2]])
                return core.Assign(
                    targets=targets, values=values, origin=row[3] + first, ghost=row[4]
                )
            case 17:
                return core.Block(statements=tuple([made[n] for n in row[1]]))
            case 10:
                condition, then, otherwise = made[row[1]], made[row[2]], made[row[3]]
                return core.If(
                    condition=condition, then=then, otherwise=otherwise, origin=row[4] + first
                )
            case 13:
                return core.Label(number=self.label(row[1]))
            case 14:
                return core.Goto(label=self.label(row[1]))
            case 12:
                return core.Atomic(body=made[row[1]], origin=row[2] + first, granted=row[3])
            case _:
                return self.rare(row)

    def rare(self, row: Row) -> Any:
        made, first = self.made, self.around.origin
        match row[0]:
            case 4:
                return core.Ended(row[1])
            case 5:
                return core.Fresh()
            case 6:
                return core.Quiet()
            case 7:
                return core.Undefined()
            case 9:
                return core.Await(condition=made[row[1]], origin=row[2] + first)
            case 11:
                branches = tuple([made[n] for n in row[1]])
                return core.Choose(branches=branches, origin=row[2] + first)
            case 15:
                check, condition = self.check(row[1]), made[row[2]]
                return core.Assert(check=check, condition=condition, origin=row[3] + first)
            case 16:
                return core.Bug(check=self.check(row[1]), origin=row[2] + first)
        raise ValueError("these are no rows of a call")

    def locals(self) -> list[core.LocalVar]:
        domains = self.known.domains
        return [
            core.LocalVar(name=name, thread=thread, domain=domains[domain], version=version)
            for name, thread, domain, version in self.known.rows.locals
        ]

    def returned(self) -> Term | None:
        match self.known.rows.returned:
            case None:
                return None
            case ("static", value):
                return Static(self.known.values[value])
            case (_, expr, domain, version):
                return Dynamic(self.made[expr], ScalarType(self.known.domains[domain], version))
        raise ValueError("these are no rows of a call")

    def paths(
        self, site: core.Call, text: Callable[[int], Callable[[], Words]]
    ) -> list[tuple[core.Call, ...]]:
        """The calls around each origin. site: the call itself, the first of them."""
        calls = []
        for n, (span, instruction, kind, name, result) in enumerate(self.known.rows.calls):
            if not n:
                calls.append(site)
                continue
            said = None
            if result is not False:
                said = core.Said(None if result is None else self.local(result))
            calls.append(core.Call(text(n), self.span(span), instruction, kind, name, said))
        before = self.around.path
        return [(*before, *(calls[n] for n in path)) for path in self.known.rows.paths]

    def words(self, row: Row) -> Words:
        before, parts = row
        return Words(
            before=before,
            parts=tuple(
                part
                if isinstance(part, str)
                else Hole(
                    local=self.local(part[0]),
                    name=part[1],
                    only=single(part[2]),
                    argument=part[3],
                )
                for part in parts
            ),
        )


def single(value: Any) -> Elem | None:
    found = unplain(value)
    assert found is None or isinstance(found, Elem)
    return found
