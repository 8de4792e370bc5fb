"""Reductions with one condition left out, each with seeds of programs that notice it."""

from __future__ import annotations

from collections.abc import Callable

from mmscn.lower.passes import (
    answered,
    caches,
    fresh,
    fuse,
    movers,
    private,
    split,
    symmetry,
    together,
)


def always(*_: object, **__: object) -> bool:
    return True


def never_blocked(*_: object, **__: object) -> list[object]:
    return []


def one_lock(*_: object) -> int:
    return 1


def none(*_: object) -> int:
    return 0


def too_few(self: together.Projection, states_max: int) -> list[int]:
    """A search that is cut off and says that it is complete."""
    found = search(self, min(states_max, 6))
    self.complete = states_max > 0
    return found


search = together.Projection.search


def halting_too(self: fuse.Fusion, step: movers.Step) -> bool:
    return step.rule.halts or moves_left(self, step)


moves_left = fuse.Fusion.moves_left


def nothing(*_: object) -> set[int]:
    return set()


def unconditional(*_: object) -> dict[object, bool]:
    return {}


def true(*_: object) -> tuple[str, bool]:
    return "c", True


def never(*_: object) -> bool:
    return False


def any_of(found: set[int]) -> int | None:
    return min(found, default=None)


def themselves(places: set[int | None], _: object) -> set[int]:
    return {at for at in places if at is not None}


MUTANTS: dict[str, tuple[object, str, Callable[..., object], tuple[int, ...]]] = {
    "every step is a left mover": (fuse.Fusion, "moves_left", always, (75, 147, 318)),
    "every step is a right mover": (fuse.Fusion, "moves_right", always, (72, 75, 147)),
    "halting is a left mover": (fuse.Fusion, "moves_left", halting_too, (5303, 9005)),
    "no chain blocks": (fuse.Fusion, "blocked", never_blocked, (38, 394, 514)),
    "checks see nothing": (fuse.Fusion, "unseen", always, (12, 28, 65)),
    "no step makes a check false": (fuse, "keeps", always, (12, 28, 65)),
    "no step makes a check true": (fuse.Fusion, "finds", always, (12, 28, 65)),
    "every loop changes the state": (fuse, "changes", always, (10, 18, 40)),
    "nothing can follow": (movers.Movers, "never_after", always, (72, 75, 147)),
    "all values commute": (movers.Movers, "swaps_on", always, (72, 75, 147)),
    "all places hold one lock": (movers.Movers, "held", one_lock, (72, 75, 147)),
    "no two steps are possible at once": (
        together.Projection,
        "before_both",
        none,
        (75, 147, 195),
    ),
    "a projection is cut off": (together.Projection, "search", too_few, (5, 75, 96)),
    "every candidate is a symmetry": (symmetry.Proof, "is_symmetry", always, (97, 241, 249)),
    "all conditions are alike": (symmetry.Proof, "within", always, (459, 576)),
    "nobody looks at what one thread writes": (private, "reads_of", nothing, (3, 6, 22)),
    "nobody copies what one thread writes": (private, "variables", nothing, (952, 1202)),
    "a split local meets all conditions": (split, "decided", unconditional, (28, 332, 587)),
}
"""Where the condition stands, its name, what stands instead, and the seeds."""

CACHE_MUTANTS: dict[str, tuple[object, str, Callable[..., object], tuple[int, ...]]] = {
    "any cache can be emptied": (caches, "always", always, (27, 72)),
    "checks see no cache": (caches, "looked_at", nothing, (0, 577)),
    "every step of hardware fills": (caches, "fills_it", always, (5, 8)),
    "somebody waits for a cache": (caches.Full, "nobody_waits_for", nothing, (581, 647)),
    "no step stays at its place": (caches, "stays", never, (119, 222)),
    "any two rules do the same": (caches, "within", always, (258, 272)),
    "whoever looks is alone": (caches, "the_one", any_of, (1987,)),
    "what comes later is no use": (caches, "leading", themselves, (780,)),
}
"""The same, of the programs of `cache_programs`."""

STORING_MUTANTS: dict[str, tuple[object, str, Callable[..., object], tuple[int, ...]]] = {
    "a content is stored once": (fresh, "at_most_once", always, (1, 7, 30)),
    "no content has a name": (fresh, "names", nothing, (9, 61, 99)),
    "a step makes any number of contents": (fresh, "alone", always, (110, 121, 290)),
}
"""The same, of the programs of `storing_programs`."""

REQUEST_MUTANTS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "somebody needs a request": (answered, "goes_with", always),
    "any cache is empty": (answered, "is_empty", true),
}
"""The same, of one text (`tests/lower/test_caches.py`)."""
