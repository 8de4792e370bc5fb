"""What a search found, without a word of text in it."""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from mmscn.runtime.bytecode import CheckId, RuleId

Progress = Callable[[int, int, int, int], object]
"""Called now and then with the states, transitions, depth and frontier of a search."""


class Verdict(Enum):
    """HOLDS and VIOLATED are proofs; the other two are not, and never pass."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNDECIDED = "undecided"
    VACUOUS = "vacuous"


class Limit(Enum):
    """What ended a search before it was complete."""

    STATES = "states"
    DEPTH = "depth"
    TIME = "time"
    MEMORY = "memory"
    VERSIONS = "versions"
    INTERRUPT = "interrupt"
    STOP = "stop"
    """Enough is violated: `Stop`."""
    WALKS = "walks"
    """It was no search, but random walks."""
    BITSTATE = "bitstate"
    """Of the states only bits were remembered, so some may be missed (`Limits.bits_mb`)."""


class Limits(NamedTuple):
    """Bounds of a search; None is no bound.

    states, depth: counts. time_s: seconds. memory_mb: mebibytes of stored states. disk: a folder
    for those that memory has no room for, which the native executor alone can use. bits_mb:
    mebibytes of a table in which states are remembered by a few bits, again by that executor
    alone; nothing holds then.
    """

    states: int | None = 50_000_000
    depth: int | None = None
    time_s: float | None = None
    memory_mb: int | None = 4096
    disk: str | None = None
    bits_mb: int | None = None


class Stop(NamedTuple):
    """When a search is to end before it is complete: behind the first level of depth at which so
    many different numbers are those of violated checks.

    groups: a number for each check of the program, negative for one that does not count; a
    witness of REACHABLE never does. most: how many, 1 at least.
    """

    groups: tuple[int, ...]
    most: int = 1


class CheckResult(NamedTuple):
    """The verdict of one check.

    depth: steps of the program's rules to the first violation (for REACHABLE: to
    the witness), None when there is none.
    covered: whether some state or rule gave the check a chance to fail.
    """

    check: CheckId
    verdict: Verdict
    depth: int | None
    covered: bool


class Bitstate(NamedTuple):
    """What is known of the states that were not told apart in a table of bits.

    mb: of the table, in mebibytes. filled: the share of its bits that are set in the end. chance:
    that a new state was taken for another then. taken: how many were, about, at all times; what
    only they lead to was missed, too. `native/bitstate.h` says how that is known.
    """

    mb: int
    filled: float
    chance: float
    taken: float


class Result(NamedTuple):
    """What one search of one program found.

    states, transitions: distinct states stored, rule firings (self-loops and
    repeats included). depth: of the breadth-first search. quiescent: states that
    match `Program.quiescent`. limit: None when the search was exhaustive. bitstate: None where
    states were remembered as they are.
    """

    checks: tuple[CheckResult, ...]
    states: int
    transitions: int
    depth: int
    quiescent: int
    limit: Limit | None
    seconds: float
    executor: str
    bytes_per_state: float
    bitstate: Bitstate | None = None


class Lasso(NamedTuple):
    """A path from an initial state, and how many steps it has before it goes round for ever."""

    rules: tuple[RuleId, ...]
    loop: int


class Trace(NamedTuple):
    """A path from an initial state; `states` has one more entry than `rules`.

    The last rule, or the last state, is the one that breaks (or witnesses) `check`.
    delayed: steps that threads and daemons took while a prompt agent could step.
    switches: how often the column changes from one step to the next.
    shortest: no path of fewer rules exists in the program it is a path of.
    loop: the state from which it goes on for ever, in circles through those behind it; where it is
    the last one, nothing happens any more. None for a path that ends.
    """

    check: CheckId
    rules: tuple[RuleId, ...]
    states: tuple[tuple[int, ...], ...]
    delayed: int
    switches: int
    shortest: bool
    loop: int | None = None
