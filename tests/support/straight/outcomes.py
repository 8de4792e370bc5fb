"""What a straight-line program may come to: each memory order searched as docs/memory.md has it.

Nothing of the project takes part. A thread is a list of nodes; `sc` does them in turn, `tso` too,
with a buffer in front of memory, and `arm` does any that need not wait.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen
from support.straight.programs import FIRST, Access, Branch, Fence, Locked, Op, Program, Value

Place = tuple[str, int]
Registers = tuple[tuple[str, int], ...]
Entry = tuple[Place | str, int]
"""What waits in a buffer: a place with its value, or a lock that is let go of."""
Thread = tuple[int, Registers, tuple[Entry, ...]]
"""How far a thread is (of `arm`: what is done, as bits), its registers, and what waits."""
State = tuple[tuple[int, ...], frozenset[str], tuple[Thread, ...]]
"""Memory, the locks that are held, and the threads."""
RELEASES, ACQUIRES = ("release", "acquire_release"), ("acquire", "acquire_release")
Outcomes = frozenset[tuple[int, ...]]


@frozen(eq=False)
class Node:
    """kind: `load`, `store`, `swap`, `fence`, `lock`, `unlock`. when: what registers have to be for
    it to be done at all. what: the place, the lock, or the kind of fence.
    """

    kind: str
    what: str
    when: tuple[tuple[str, int], ...]
    order: str = ""
    index: Value = FIRST
    value: Value | None = None
    register: str | None = None

    @property
    def access(self) -> bool:
        return self.kind != "fence"

    @property
    def reads(self) -> bool:
        return self.kind in ("load", "swap", "lock")

    @property
    def writes(self) -> bool:
        return self.kind in ("store", "swap", "lock", "unlock")

    def stores_for(self, load: Node) -> bool:
        """Whether a load behind it may read what it is to store."""
        exchange = self.kind == "swap" and not self.whole and load.order not in ACQUIRES
        return self.kind == "store" or exchange

    @property
    def whole(self) -> bool:
        """Whether no access passes it."""
        return self.kind == "swap" and self.order == "full"


def nodes_of(ops: tuple[Op, ...], when: tuple[tuple[str, int], ...] = ()) -> Iterator[Node]:
    for op in ops:
        match op:
            case Access():
                yield Node(op.kind, op.place, when, op.order, op.index, op.value, op.register)
            case Fence(kind=kind):
                yield Node("fence", kind, when)
            case Locked(name=name, inside=inside):
                yield Node("lock", name, when, "acquire")
                yield from nodes_of(inside, when)
                yield Node("unlock", name, when, "release")
            case Branch(register=r, value=v, inside=inside):
                yield from nodes_of(inside, (*when, (r, v)))


def outcomes(program: Program, order: str) -> Outcomes:
    machine = {"sc": InTurn, "tso": Buffered, "arm": Early}[order](program)
    todo: list[State] = [machine.first()]
    seen = set(todo)
    found = set()
    while todo:
        state = todo.pop()
        if machine.over(state):
            found.add(machine.outcome(state))
        for after in machine.steps(state):
            if after not in seen:
                seen.add(after)
                todo.append(after)
    return frozenset(found)


class InTurn:
    """`sc`."""

    buffered = False

    def __init__(self, program: Program) -> None:
        self.program = program
        self.threads = [tuple(nodes_of(ops)) for ops in program.threads]
        self.cells = [(p, i) for p, size in program.sizes.items() for i in range(size)]

    def first(self) -> State:
        one: Thread = (0, (), ())
        return (0,) * len(self.cells), frozenset(), tuple(one for _ in self.threads)

    def over(self, state: State) -> bool:
        return all(self.ended(n, at) and not waiting for n, (at, _, waiting) in enumerate(state[2]))

    def ended(self, n: int, at: int) -> bool:
        return at == len(self.threads[n])

    def outcome(self, state: State) -> tuple[int, ...]:
        found: list[int] = []
        for n, (_, registers, _) in enumerate(state[2]):
            has = dict(registers)
            when = {node.register: node.when for node in self.threads[n] if node.register}
            found += [has[r] if taken(when[r], has) else 0 for r in self.program.registers(n)]
        return (*found, *state[0])

    def steps(self, state: State) -> Iterator[State]:
        memory, held, threads = state
        for n, (at, registers, waiting) in enumerate(threads):
            if waiting:
                left: Thread = (at, registers, waiting[1:])
                yield *written(self.cells, memory, held, waiting[0]), put(threads, n, left)
            if not self.ended(n, at):
                yield from self.next_steps(state, n)

    def next_steps(self, state: State, n: int) -> Iterator[State]:
        """What thread n may do."""
        memory, held, threads = state
        at, registers, waiting = threads[n]
        node, has = self.threads[n][at], dict(registers)
        if not taken(node.when, has):
            yield memory, held, put(threads, n, (at + 1, registers, waiting))
            return
        drains = node.kind in ("swap", "lock") or (node.kind == "fence" and node.what == "full")
        if (drains and waiting) or (node.kind == "lock" and node.what in held):
            return
        stored = node.value.of(has) if node.value is not None else 0
        place: Place = (node.what, node.index.of(has))
        if node.register is not None:
            own = [value for where, value in waiting if where == place]
            has[node.register] = own[-1] if own else memory[self.cells.index(place)]
        if node.kind == "lock":
            held = held | {node.what}
        elif node.writes:
            entry: Entry = (node.what if node.kind == "unlock" else place, stored)
            if self.buffered and node.kind != "swap":
                waiting = (*waiting, entry)
            else:
                memory, held = written(self.cells, memory, held, entry)
        yield memory, held, put(threads, n, (at + 1, ordered(has), waiting))


class Buffered(InTurn):
    """`tso`."""

    buffered = True


class Early(InTurn):
    """`arm`: any node that need not wait is done.

    Memory has, behind what is stored in each cell, which store that was, and a register `#k` has
    which one load k has read. A load that is done before it was known where one in front of it
    goes has to have read the same store as that, if that is of its place; where it has not, the
    execution is none and ends.
    """

    def ended(self, n: int, at: int) -> bool:
        return at == (1 << len(self.threads[n])) - 1

    def first(self) -> State:
        memory, held, _ = super().first()
        nothing: list[Thread] = [self.skipped(n, 0, {}) for n in range(len(self.threads))]
        return (*memory, *memory), held, tuple(nothing)

    def outcome(self, state: State) -> tuple[int, ...]:
        memory, held, threads = state
        return super().outcome((memory[: len(self.cells)], held, threads))

    def skipped(self, n: int, done: int, has: dict[str, int]) -> Thread:
        """With what is known not to be done, and fences, which only others wait behind."""
        for k, node in enumerate(self.threads[n]):
            known = {r for r, _ in node.when if self.has_read(n, done, r)}
            off = any(r in known and has[r] != v for r, v in node.when)
            if off or node.kind == "fence":
                done |= 1 << k
        return done, ordered(has), ()

    def has_read(self, n: int, done: int, register: str) -> bool:
        nodes = self.threads[n]
        return any(node.register == register and done >> k & 1 for k, node in enumerate(nodes))

    def next_steps(self, state: State, n: int) -> Iterator[State]:
        memory, held, threads = state
        done, registers, _ = threads[n]
        for k, node in enumerate(self.threads[n]):
            if done >> k & 1 or not Waits(self, n, done, dict(registers)).free(k):
                continue
            has, cells, locks = dict(registers), memory, held
            stored = node.value.of(has) if node.value is not None and node.kind != "load" else 0
            place: Place = (node.what, node.index.of(has))
            if node.kind == "lock" and node.what in held:
                continue
            if node.register is not None:
                by = Waits(self, n, done, has).forwarded(k, place)
                at = self.cells.index(place)
                has[node.register] = memory[at] if by is None else self.stored(n, by, has)
                has[f"#{k}"] = memory[at + len(self.cells)] if by is None else self.name(n, by)
                if not self.reads_alike(n, done, has, k):
                    continue
            if node.kind == "lock":
                locks = held | {node.what}
            elif node.writes:
                entry: Entry = (node.what if node.kind == "unlock" else place, stored)
                cells, locks = written(self.cells, memory, held, entry)
                if node.kind != "unlock":
                    at = self.cells.index(place) + len(self.cells)
                    cells = (*cells[:at], self.name(n, k), *cells[at + 1 :])
            yield cells, locks, put(threads, n, self.skipped(n, done | 1 << k, has))

    def name(self, n: int, k: int) -> int:
        """A number for a store."""
        return 1 + n + k * len(self.threads)

    def stored(self, n: int, k: int, has: dict[str, int]) -> int:
        value = self.threads[n][k].value
        assert value is not None
        return value.of(has)

    def reads_alike(self, n: int, done: int, has: dict[str, int], k: int) -> bool:
        """Whether loads behind one that are done, of its place, have read the same store, or one
        of the thread's own behind that.
        """
        nodes = self.threads[n]
        for later in range(k + 1, len(nodes)):
            other = nodes[later]
            if not done >> later & 1 or f"#{later}" not in has or other.what != nodes[k].what:
                continue
            own = {self.name(n, j) for j in range(k, later)}
            same = other.index.of(has) == nodes[k].index.of(has)
            if same and has[f"#{later}"] not in (has[f"#{k}"], *own):
                return False
        return True


@frozen(eq=False)
class Waits:
    """What nodes of a thread wait for, where some are done."""

    machine: Early
    n: int
    done: int
    has: dict[str, int]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return self.machine.threads[self.n]

    def is_done(self, k: int) -> bool:
        return bool(self.done >> k & 1)

    def read(self, *values: Value | None) -> bool:
        """Whether registers that values are made of have been read."""
        registers = {v.register for v in values if v is not None and v.register is not None}
        return all(self.machine.has_read(self.n, self.done, r) for r in registers)

    def known(self, node: Node) -> bool:
        """Whether it is known that a node is to be done."""
        return all(self.machine.has_read(self.n, self.done, r) for r, _ in node.when)

    def branches(self, k: int) -> set[str]:
        """The registers that are branched on in front of a node, or around it."""
        return {r for node in self.nodes[: k + 1] for r, _ in node.when}

    def free(self, k: int) -> bool:
        node, earlier = self.nodes[k], range(k)
        if not self.read(node.index) or not all(map(self.is_done, self.fenced(k))):
            return False
        if node.kind == "load":
            return self.may_load(k)
        if not self.known(node) or not self.read(node.value):
            return False
        if not all(self.machine.has_read(self.n, self.done, r) for r in self.branches(k)):
            return False
        if node.kind == "lock":
            locking = (j for j in earlier if self.nodes[j].kind in ("lock", "unlock"))
            return all(map(self.is_done, locking)) and self.whole_done(k)
        if node.kind == "unlock" or node.order in RELEASES or node.whole:
            return all(self.is_done(j) for j in earlier if self.nodes[j].access)
        return self.may_store(k) and (node.kind != "swap" or self.may_load(k, own=False))

    def whole_done(self, k: int) -> bool:
        return all(self.is_done(j) for j in range(k) if self.nodes[j].whole)

    def may_load(self, k: int, *, own: bool = True) -> bool:
        """own: whether it may read what its thread is to store."""
        node = self.nodes[k]
        for j, other in enumerate(self.nodes[:k]):
            if self.is_done(j):
                continue
            if node.order in ACQUIRES and (other.order in RELEASES or other.whole):
                return False
            if other.what != node.what or other.kind not in ("load", "store", "swap"):
                continue
            if not self.read(other.index):
                if other.kind == "load" and own:
                    continue
                return False
            if other.index.of(self.has) != node.index.of(self.has):
                continue
            if other.kind == "load" and own and self.reads_own(k, j):
                continue
            if not other.stores_for(node) or not own:
                return False
            if not self.read(other.value):
                return False
            if not set(other.when) <= set(node.when) and not self.known(other):
                return False
        return True

    def reads_own(self, k: int, after: int) -> bool:
        """Whether a load reads what a store behind another is to store."""
        place = (self.nodes[k].what, self.nodes[k].index.of(self.has))
        stores = [j for j in range(after + 1, k) if self.nodes[j].stores_for(self.nodes[k])]
        known = [j for j in stores if self.read(self.nodes[j].index) and self.known(self.nodes[j])]
        return any(
            not self.is_done(j) and (self.nodes[j].what, self.nodes[j].index.of(self.has)) == place
            for j in known
        )

    def may_store(self, k: int) -> bool:
        node = self.nodes[k]
        for j, other in enumerate(self.nodes[:k]):
            if self.is_done(j) or other.kind not in ("load", "store", "swap"):
                continue
            if not self.read(other.index):
                return False
            same = other.index.of(self.has) == node.index.of(self.has)
            if other.whole or (other.what == node.what and same):
                return False
        return True

    def fenced(self, k: int) -> Iterator[int]:
        """What fences, acquiring reads, locks and exchanges put in front of a node."""
        node = self.nodes[k]
        for j, other in enumerate(self.nodes[:k]):
            if other.order in ACQUIRES or other.whole:
                yield j
            for fence in self.nodes[j + 1 : k]:
                if fence.kind != "fence" or not other.access:
                    continue
                match fence.what:
                    case "full":
                        yield j
                    case "loads" if other.reads:
                        yield j
                    case "stores" if other.writes and node.writes:
                        yield j
            # ISB: what branches looked at.
            isb = any(f.kind == "fence" and f.what == "instructions" for f in self.nodes[j + 1 : k])
            if isb and other.register in self.branched(j, k):
                yield j

    def branched(self, j: int, k: int) -> set[str]:
        """The registers that are branched on in front of the last ISB before a node."""
        last = max(
            i for i in range(k) if self.nodes[i].kind == "fence" and self.nodes[i].what == ISB
        )
        return {r for node in self.nodes[: last + 1] for r, _ in node.when}

    def forwarded(self, k: int, place: Place) -> int | None:
        """The newest store in front of a load that is not done, and will store to its place."""
        for j in reversed(range(k)):
            other = self.nodes[j]
            if self.is_done(j) or not other.stores_for(self.nodes[k]):
                continue
            if other.what == place[0] and other.index.of(self.has) == place[1]:
                return j
        return None


ISB = "instructions"


def taken(when: tuple[tuple[str, int], ...], has: dict[str, int]) -> bool:
    return all(has[r] == v for r, v in when)


def ordered(has: dict[str, int]) -> Registers:
    return tuple(sorted(has.items()))


def put(threads: tuple[Thread, ...], n: int, new: Thread) -> tuple[Thread, ...]:
    return (*threads[:n], new, *threads[n + 1 :])


def written(
    cells: list[Place], memory: tuple[int, ...], held: frozenset[str], entry: Entry
) -> tuple[tuple[int, ...], frozenset[str]]:
    where, value = entry
    if isinstance(where, str):
        return memory, held - {where}
    k = cells.index(where)
    return (*memory[:k], value, *memory[k + 1 :]), held
