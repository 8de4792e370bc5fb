"""The native executor: the search of `explore.bfs` in C, for programs of any size.

Importing this raises ImportError where the extension was not built. Verdicts and
counts are those of the Python executor. `Limits.memory_mb` bounds the visited set
and the frontiers together, checked before they grow; what has no room goes to files in
`Limits.disk`, where that is given. `Limits.time_s` bounds one call, the other limits hold
for a search and its resumptions together. A table of `Limits.bits_mb` is a part of the memory.
"""

from __future__ import annotations

import os
import struct

import mmscn.runtime.native._engine as _engine
from mmscn.runtime.bytecode import CheckId, FieldId, Program, RuleId, State
from mmscn.runtime.explore.verdicts import conclude
from mmscn.runtime.native._engine import CheckpointError
from mmscn.runtime.native.encode import encode
from mmscn.runtime.result import Bitstate, Limit, Limits, Progress, Result, Stop, Trace

__all__ = ["CheckpointError", "final_values", "find_trace", "search"]

_UNBOUNDED = (1 << 64) - 1
DIGEST_BYTES = 32
HASHES = 3
"""The bits that are set for a state (BITSTATE_HASHES)."""
THREADS_FROM = 1_000_000
"""States from which on threads are worth it: before, one takes less than a third of a second."""
LIMITS = {
    _engine.RUNNING: None,
    _engine.STATES: Limit.STATES,
    _engine.DEPTH: Limit.DEPTH,
    _engine.TIME: Limit.TIME,
    _engine.MEMORY: Limit.MEMORY,
    _engine.VERSIONS: Limit.VERSIONS,
    _engine.INTERRUPT: Limit.INTERRUPT,
    _engine.ENOUGH: Limit.STOP,
}


def search(
    program: Program,
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    jobs: int | None = 1,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_interval_s: float = 60.0,
    resume: str | os.PathLike[str] | None = None,
    stop: Stop | None = None,
) -> Result:
    """What a breadth-first search of a verified program finds.

    jobs: threads, 1 to 256; None is one for each core, from a million states on. What is
    found does not depend on them, but for what there is when time, memory or the user ends it.
    checkpoint: a file to write the search to, every so many seconds and when a limit ends
    it. resume: a checkpoint to go on from.
    stop: as of `bfs.search`.
    Raises CheckpointError (a ValueError) for a file that is none, or of
    another program; OSError for one that cannot be read or written, and for `Limits.disk`;
    ValueError for both of them, and for `Limits.bits_mb` with any of them or with several jobs.
    """
    refuse_misfits(limits, jobs, keeps=bool(checkpoint or resume))
    encoded = encode(program)
    digest = digest_of(encoded) if checkpoint or resume else bytes(DIGEST_BYTES)
    groups = struct.pack(f"={len(stop.groups)}q", *stop.groups) if stop is not None else None
    (
        ended, states, transitions, depth, quiescent, checks, seconds, peak_bytes, bits, taken,
    ) = _engine.search(
        encoded,
        digest,
        *bounds(limits),
        *threads(1 if limits.bits_mb is not None else jobs),
        progress,
        checkpoint,
        checkpoint_interval_s,
        resume,
        groups,
        stop.most if stop is not None else 0,
        limits.disk,
        bits_bytes(limits),
    )
    limit = LIMITS[ended]
    if limit is None and limits.bits_mb is not None:
        limit = Limit.BITSTATE
    depths = {CheckId(c): first for c, (first, _) in enumerate(checks) if first >= 0}
    covered = {CheckId(c) for c, (_, met) in enumerate(checks) if met}
    return Result(
        checks=conclude(program, depths, covered, limit),
        states=states,
        transitions=transitions,
        depth=depth,
        quiescent=quiescent,
        limit=limit,
        seconds=seconds,
        executor="native",
        bytes_per_state=peak_bytes / max(1, states),
        bitstate=bitstate(limits.bits_mb, bits, taken),
    )


def refuse_misfits(limits: Limits, jobs: int | None, *, keeps: bool) -> None:
    """keeps: whether there is a checkpoint. Raises ValueError for what does not go together."""
    if limits.disk is not None and keeps:
        raise ValueError("a search that uses a disk keeps no checkpoint")
    if limits.bits_mb is not None and (keeps or limits.disk is not None or (jobs or 1) > 1):
        raise ValueError("bits of states are remembered by one job, without disk and checkpoint")


def bitstate(mb: int | None, bits: int, taken: float) -> Bitstate | None:
    """What is known of a table with so many bits set."""
    if mb is None:
        return None
    filled = bits / (mb << 23)
    return Bitstate(mb=mb, filled=filled, chance=filled**HASHES, taken=taken)


def digest_of(encoded: bytes) -> bytes:
    """What a checkpoint knows its program by."""
    from hashlib import sha256

    return sha256(encoded).digest()


def find_trace(
    program: Program,
    check: CheckId,
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    jobs: int | None = 1,
) -> Trace | None:
    """The trace of the first violation of a check, or of the witness that REACHABLE wants.

    None when there is none, or none within the limits. Of the shortest paths it is
    one with the fewest steps of threads while a prompt agent can step; of those, one with
    the fewest switches between columns; of those, one with the fewest steps of agents; of
    those, from the first initial state; of those, the one whose rule ids come first. Its
    states are concrete: versions are canonical, the symmetry is used to find the path and
    undone. A step whose version does not fit is not taken.
    Memory: the visited set, and every level up to the violation.

    With `Limits.bits_mb` it is the best of one way, that on which `search` finds it, which may
    not be the shortest. A step whose version does not fit ends it, as it ends `search`.
    """
    if limits.bits_mb is not None:
        way = traced(
            check, _engine.find_way(encode(program), check, *bounds(limits), bits_bytes(limits))
        )
        return way and way._replace(shortest=False)
    found = _engine.find_trace(
        encode(program), check, *bounds(limits), *threads(jobs), limits.disk
    )
    return traced(check, found)


def traced(
    check: CheckId, found: tuple[list[int], list[State], int, int] | None
) -> Trace | None:
    """What the engine has found, as a trace."""
    if found is None:
        return None
    rules, states, delayed, switches = found
    return Trace(
        check=check,
        rules=tuple(map(RuleId, rules)),
        states=tuple(states),
        delayed=delayed,
        switches=switches,
        shortest=True,
    )


def final_values(
    program: Program,
    fields: tuple[FieldId, ...],
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    jobs: int = 1,
) -> tuple[frozenset[State], Limit | None]:
    """The quiescent states with nothing in them but some fields, and what ended the search.

    More than a million different ones end it like memory that is used up.
    """
    mask = [0] * program.words
    for f in fields:
        field = program.fields[f]
        mask[field.word] |= ((1 << field.width) - 1) << field.shift
    packed = struct.pack(f"={program.words}Q", *mask)
    stop, states = _engine.finals(
        encode(program), packed, *bounds(limits), jobs, limits.disk, bits_bytes(limits)
    )
    limit = LIMITS[stop]
    if limit is None and limits.bits_mb is not None:
        limit = Limit.BITSTATE
    return frozenset(states), limit


def bits_bytes(limits: Limits) -> int:
    """The size of a table of bits; 0 for none. Raises ValueError where it leaves no memory."""
    table, memory = limits.bits_mb, limits.memory_mb
    if table is not None and memory is not None and table >= memory:
        raise ValueError(f"a table of {table} MB leaves nothing of {memory} MB")
    return (limits.bits_mb or 0) << 20


def threads(jobs: int | None) -> tuple[int, int]:
    """How many threads there may be, and from how many states on."""
    return (cores(), THREADS_FROM) if jobs is None else (jobs, 0)


def cores() -> int:
    """The processors that this process may use, 256 at most."""
    affinity = getattr(os, "sched_getaffinity", None)
    return min(256, len(affinity(0)) if affinity is not None else os.cpu_count() or 1)


def bounds(limits: Limits) -> tuple[int, int, float, int]:
    """The most states, depth, seconds and bytes, as numbers."""
    return (
        _UNBOUNDED if limits.states is None else limits.states,
        _UNBOUNDED if limits.depth is None else limits.depth,
        1e18 if limits.time_s is None else limits.time_s,
        _UNBOUNDED if limits.memory_mb is None else limits.memory_mb << 20,
    )
