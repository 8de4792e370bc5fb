"""What barriers, acquiring loads, fetches and exceptions put in front of the nodes behind them.

A node waits for a set of earlier nodes, and which one depends on what it is: a barrier of accesses
says nothing of walks, nor of invalidations. Source: Arm ARM B2.3 and D8.16, "Ordering of memory
accesses from translation table walks"; `mmscn.check.core`, "Memory order".
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, frozen

from mmscn.check.order.window import Node, Window

ACQUIRES = ("acquire", "acquire_release")
PASSING = (*ACQUIRES, "acquire_pc")
"""What is behind waits; a load that is of the last alone passes releasing stores."""
RELEASES = ("release", "acquire_release")
ACCESSES = ("load", "store", "update", "atomic", "lock", "unlock")
"""Nodes of a thread that read or write memory itself; walks are the hardware's."""
WHOLE = ("full", "complete")
"""Fences that no access passes."""
WALKS = ("walk", "sure_walk", "late_walk")
EARLY = (*WALKS, "fetch")
"""What a barrier of accesses does not keep back."""


@frozen(eq=False, repr=False)
class Barriers:
    """By numbers of nodes, what each kind of node is behind.

    branches: what branches have looked at. accesses: what accesses are behind. stores: what
    stores are behind, besides. cleaned: what cleanings are behind, besides. complete: what all but
    walks and fetches are behind. synced: what all are.
    """

    branches: frozenset[int] = frozenset()
    accesses: frozenset[int] = frozenset()
    stores: frozenset[int] = frozenset()
    cleaned: frozenset[int] = frozenset()
    complete: frozenset[int] = frozenset()
    synced: frozenset[int] = frozenset()

    def joined(self, other: Barriers) -> Barriers:
        """What there is where two ways come together."""
        return Barriers(
            branches=self.branches | other.branches,
            accesses=self.accesses | other.accesses,
            stores=self.stores | other.stores,
            cleaned=self.cleaned | other.cleaned,
            complete=self.complete | other.complete,
            synced=self.synced | other.synced,
        )

    def of(self, kind: str) -> frozenset[int]:
        match kind:
            case "walk" | "sure_walk" | "late_walk" | "record" | "fetch":
                return self.synced
            case "invalidation":
                return self.synced | self.complete
            case "cleaning":
                return self.synced | self.complete | self.cleaned
            case "store" | "update" | "fault":
                return self.synced | self.complete | self.accesses | self.stores
        return self.synced | self.complete | self.accesses

    def fence(self, kind: str, window: Window) -> Barriers:
        """With a fence more behind the nodes so far."""
        nodes = window.nodes
        loads, stores = numbers(nodes, reads), numbers(nodes, writes)
        accesses, complete, synced = self.accesses, self.complete, self.synced
        match kind:
            case "loads":
                return evolve(self, accesses=accesses | loads)
            case "stores":
                return evolve(self, stores=self.stores | stores)
            case "instructions":
                return evolve(self, synced=synced | complete | self.branches | self.walked(window))
            case "translations":
                return evolve(self, synced=synced | complete)
            case "complete":
                all_ = complete | numbers(nodes, lambda n: n.kind not in ("last", "check"))
                return evolve(self, complete=all_, accesses=accesses | all_ | self.branches)
            case "complete_loads":
                return evolve(self, complete=complete | loads, accesses=accesses | loads)
            case "complete_stores":
                return evolve(self, complete=complete | stores, stores=self.stores | stores)
        cleanings = numbers(nodes, lambda node: node.kind == "cleaning")
        full = loads | stores | cleanings
        return evolve(self, accesses=accesses | full | self.branches, cleaned=self.cleaned | full)

    def walked(self, window: Window) -> frozenset[int]:
        """The walks and faults so far, and what the places of accesses depend on."""
        found = numbers(window.nodes, lambda node: node.kind in (*WALKS, "fault"))
        for node in window.nodes:
            found |= window.needs(*(i for c in node.cells for i in c.index))
        return found

    def behind_all(self, window: Window) -> bool:
        return len(self.synced) == len(window.nodes) > 0


def numbers(nodes: list[Node], wanted: Callable[[Node], bool]) -> frozenset[int]:
    return frozenset(node.number for node in nodes if wanted(node))


def reads(node: Node) -> bool:
    """Whether a barrier for loads keeps it: one whose result nobody sees it does not."""
    return node.kind in ("load", "lock", "atomic") or (node.kind == "update" and node.wanted)


def writes(node: Node) -> bool:
    return node.kind in ("store", "unlock", "lock", "atomic", "update")
