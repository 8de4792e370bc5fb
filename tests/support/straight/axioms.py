"""What a straight-line program may come to on Armv8, by the axioms: candidate executions, judged.

Of each way through a program, where each load reads some store of its place, it is asked whether
there is an order of all. Source: herd7, `aarch64.cat` and `aarch64hwreqs.cat`:
Locally-ordered-before, Exp-haz-ob, Exp-obs, and the internal requirements. A lock is an exchange
that acquires, and what lets it go a store that releases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import permutations, product
from math import factorial, prod
from typing import Any

from attrs import define, field, frozen
from support.straight.outcomes import ACQUIRES, RELEASES, Node, Outcomes, nodes_of, taken
from support.straight.programs import Program, Value

Pairs = set[tuple[int, int]]
START = -1
"""The store of zero that each place begins with."""


@frozen
class Event:
    """kind: R, W, or the kind of a fence. at: which node of the thread it is of. address, data,
    control: the loads that its place, its value, and branches in front of it look at, by number.
    rmw: the load that it is one exchange with.
    """

    number: int
    thread: int
    at: int
    kind: str
    place: tuple[str, int] = ("", 0)
    value: int = 0
    acquires: bool = False
    releases: bool = False
    address: frozenset[int] = frozenset()
    data: frozenset[int] = frozenset()
    control: frozenset[int] = frozenset()
    rmw: int | None = None


def allowed(program: Program) -> Outcomes:
    threads = [tuple(nodes_of(ops)) for ops in program.threads]
    cells = [(p, i) for p, size in program.sizes.items() for i in range(size)]
    found = set()
    reads = [
        (n, k) for n, nodes in enumerate(threads) for k, node in enumerate(nodes) if node.register
    ]
    for values in product((0, 1), repeat=len(reads)):
        has: list[dict[str, int]] = [{} for _ in threads]
        for (n, k), value in zip(reads, values, strict=True):
            has[n][str(threads[n][k].register)] = value
        if any(
            has[n][str(threads[n][k].register)] and not there(threads[n][k], has[n])
            for n, k in reads
        ):
            continue  # what is not read is 0
        parts = [part for n, nodes in enumerate(threads) for part in parts_of(n, nodes, has[n])]
        registers = [has[n][r] for n in range(len(threads)) for r in program.registers(n)]
        for last in Candidates(numbered(parts)).finals():
            found.add((*registers, *(last.get(cell, 0) for cell in cells)))
    return frozenset(found)


def candidates(program: Program) -> float:
    """How many executions there are to judge, about."""
    nodes = [node for ops in program.threads for node in nodes_of(ops)]
    writes = Counter(node.what for node in nodes if node.writes)
    sources = (1 + writes[node.what] / 2 for node in nodes if node.reads)
    return prod(sources) * prod(map(factorial, writes.values()))


def is_exact(program: Program) -> bool:
    """Whether the order has all that the axioms allow: an exchange is one step of it, and where a
    store goes that depends on what was read, loads behind it wait for.
    """
    nodes = [node for ops in program.threads for node in nodes_of(ops)]
    stores = [node.index for node in nodes if node.kind == "store"]
    there = all(index.register is None or index.same for index in stores)
    return there and not any(node.kind == "swap" for node in nodes)


def there(node: Node, has: dict[str, int]) -> bool:
    return taken(node.when, has)


def parts_of(n: int, nodes: tuple[Node, ...], has: dict[str, int]) -> Iterator[dict[str, Any]]:
    """What the events of a thread are, with registers for the loads that they need."""
    branched: set[str] = set()
    for k, node in enumerate(nodes):
        branched |= {r for r, _ in node.when}
        if not there(node, has):
            continue
        common: dict[str, Any] = {"thread": n, "at": k, "control": frozenset(branched)}
        fence = common | {"kind": "full" if node.whole else node.what}
        if node.kind == "fence" or node.whole:
            yield fence
        if node.kind == "fence":
            continue
        common["place"] = (node.what, node.index.of(has))
        common["address"] = named(node.index)
        if node.reads:
            value = 0 if node.kind == "lock" else has[str(node.register)]
            yield common | {
                "kind": "R", "value": value, "acquires": node.order in ACQUIRES,
                "register": node.register,
            }  # fmt: skip
        if node.writes:
            value = 1 if node.kind == "lock" else node.value.of(has) if node.value else 0
            yield common | {
                "kind": "W", "value": value, "data": named(node.value),
                "releases": node.order in RELEASES, "rmw": -1 if node.reads else None,
            }  # fmt: skip
        if node.whole:
            yield fence


def named(value: Value | None) -> frozenset[str]:
    return frozenset({value.register} if value is not None and value.register else ())


def numbered(parts: list[dict[str, Any]]) -> list[Event]:
    read: dict[tuple[int, str], int] = {}
    events = []
    for number, part in enumerate(parts):
        made = dict(part)
        register = made.pop("register", None)
        for what in ("address", "data", "control"):
            names = ((part["thread"], name) for name in part.get(what, ()))
            made[what] = frozenset(read[name] for name in names if name in read)
        if made.get("rmw") is not None:
            made["rmw"] = number - 1
        if register is not None:
            read[part["thread"], register] = number
        events.append(Event(number=number, **made))
    return events


@define
class Candidates:
    """The executions that some events make."""

    events: list[Event]
    lob: Pairs = field(factory=set)

    def finals(self) -> Iterator[dict[tuple[str, int], int]]:
        """What is in memory at the end, of each that the axioms allow."""
        events = self.events
        reads = [e for e in events if e.kind == "R"]
        writes = [e for e in events if e.kind == "W"]
        places = sorted({w.place for w in writes})
        self.lob = self.locally()
        choices = []
        for r in reads:
            those = [w.number for w in writes if w.place == r.place and w.value == r.value]
            choices.append([*those, *([START] if r.value == 0 else [])])
        orders = [list(permutations([w.number for w in writes if w.place == p])) for p in places]
        for sources in product(*choices):
            rf = {r.number: s for r, s in zip(reads, sources, strict=True)}
            if any(s > r and events[s].thread == events[r].thread for r, s in rf.items()):
                continue  # coRW1
            for order in product(*orders):
                if self.allowed(rf, dict(zip(places, order, strict=True))):
                    yield {p: events[o[-1]].value for p, o in zip(places, order, strict=True)}

    def allowed(self, rf: dict[int, int], order: dict[tuple[str, int], tuple[int, ...]]) -> bool:
        events = self.events
        co = {(a, b) for ws in order.values() for i, a in enumerate(ws) for b in ws[i + 1 :]}
        fr: Pairs = set()
        for r, s in rf.items():
            for w in order.get(events[r].place, ()):
                if s == START or (s, w) in co:
                    fr.add((r, w))
        loc = self.po_loc()
        if any((b, a) in loc for a, b in co | fr):
            return False  # coWW, coWR
        for w in events:
            if w.rmw is not None and any(
                (w.rmw, x) in fr and (x, w.number) in co for x in range(len(events))
            ):
                return False  # atomic
        ext = {(a, b) for a, b in co | fr if not self.same_thread(a, b)}
        ext |= {(s, r) for r, s in rf.items() if s != START and not self.same_thread(s, r)}
        hazards = {
            (a, w)
            for a, b in loc
            if events[a].kind == events[b].kind == "R"
            for r, w in fr
            if r == b and not self.same_thread(r, w)
        }
        return acyclic(self.lob | ext | hazards, len(events))

    def same_thread(self, a: int, b: int) -> bool:
        return self.events[a].thread == self.events[b].thread

    def po_loc(self) -> Pairs:
        accesses = [e for e in self.events if e.kind in "RW"]
        return {
            (a.number, b.number)
            for a in accesses
            for b in accesses
            if a.number < b.number and a.thread == b.thread and a.place == b.place
        }

    def lmrs(self) -> Pairs:
        loc = self.po_loc()
        writes = {e.number for e in self.events if e.kind == "W"}
        return {
            (w, r)
            for w, r in loc
            if w in writes and self.events[r].kind == "R"
            and not any((w, x) in loc and (x, r) in loc for x in writes)
        }  # fmt: skip

    def locally(self) -> Pairs:
        """Locally-ordered-before, not closed."""
        found: Pairs = {(a, b) for a, b in self.po_loc() if self.events[b].kind == "W"}
        lmrs = self.lmrs()
        for e in self.events:
            if e.kind in "RW":
                found |= {(r, e.number) for r in e.address | e.data}
                if e.kind == "W":
                    found |= {(r, e.number) for r in e.control}
                found |= {(r, x) for r in e.address | e.data for w, x in lmrs if w == e.number}
            if e.rmw is not None:
                found.add((e.rmw, e.number))
                found |= {
                    (e.number, x) for w, x in lmrs if w == e.number and self.events[x].acquires
                }
            later = [x for x in self.events[e.number + 1 :] if x.thread == e.thread]
            found |= {(a, x.number) for x in later for a in self.before(e, x)}
        return found

    def before(self, e: Event, x: Event) -> Iterator[int]:
        """What an event puts in front of one behind it."""
        accesses = [o for o in self.events[: e.number] if o.thread == e.thread and o.kind in "RW"]
        if x.kind not in "RW":
            return
        match e.kind:
            case "full":
                yield from (o.number for o in accesses)
            case "loads":
                yield from (o.number for o in accesses if o.kind == "R")
            case "stores" if x.kind == "W":
                yield from (o.number for o in accesses if o.kind == "W")
            case "instructions":
                yield from e.control
                yield from (r for o in accesses for r in o.address)
            case "R" | "W":
                if e.acquires or x.releases or (e.releases and x.acquires):
                    yield e.number
                if e.rmw is not None and e.releases and self.events[e.rmw].acquires:
                    yield e.number
                if x.kind == "W":
                    yield from e.address


def acyclic(pairs: Pairs, count: int) -> bool:
    after: list[set[int]] = [set() for _ in range(count)]
    into = [0] * count
    for a, b in pairs:
        if b not in after[a]:
            after[a].add(b)
            into[b] += 1
    free = [n for n in range(count) if not into[n]]
    seen = 0
    while free:
        seen += 1
        for b in after[free.pop()]:
            into[b] -= 1
            if not into[b]:
                free.append(b)
    return seen == count
