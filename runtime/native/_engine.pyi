import os
from collections.abc import Callable

RUNNING: int
STATES: int
DEPTH: int
TIME: int
MEMORY: int
VERSIONS: int
INTERRUPT: int
ENOUGH: int

class Partition: ...

States = tuple[bytes, bytes]

class CheckpointError(ValueError): ...

def search(
    encoded: bytes,
    digest: bytes,
    states: int,
    depth: int,
    time_s: float,
    memory_bytes: int,
    jobs: int,
    threads_from: int,
    progress: Callable[[int, int, int, int], object] | None,
    checkpoint: str | os.PathLike[str] | None,
    checkpoint_interval_s: float,
    resume: str | os.PathLike[str] | None,
    groups: bytes | None,
    most: int,
    disk: str | None,
    bits_bytes: int,
    /,
) -> tuple[int, int, int, int, int, list[tuple[int, int]], float, int, int, float]: ...
def find_trace(
    encoded: bytes,
    check: int,
    states: int,
    depth: int,
    time_s: float,
    memory_bytes: int,
    jobs: int,
    threads_from: int,
    disk: str | None,
    /,
) -> tuple[list[int], list[tuple[int, ...]], int, int] | None: ...
def finals(
    encoded: bytes,
    mask: bytes,
    states: int,
    depth: int,
    time_s: float,
    memory_bytes: int,
    jobs: int,
    disk: str | None,
    bits_bytes: int,
    /,
) -> tuple[int, list[tuple[int, ...]]]: ...
def find_way(
    encoded: bytes,
    check: int,
    states: int,
    depth: int,
    time_s: float,
    memory_bytes: int,
    bits_bytes: int,
    /,
) -> tuple[list[int], list[tuple[int, ...]], int, int] | None: ...
def views(
    encoded: bytes,
    layout: bytes,
    stopping: bytes,
    states: int,
    time_s: float,
    memory_bytes: int,
    wanted: bool,
    /,
) -> tuple[
    int, tuple[int, int, int, bytes, bytes | None, bytes | None, bytes | None] | None
]: ...
def part_new(
    encoded: bytes, parts: int, own: int, mask: bytes, memory_bytes: int, tracing: bool, /
) -> Partition: ...
def part_start(part: Partition, /) -> int: ...
def part_expand(part: Partition, chunks: int, /) -> tuple[int, int, int, int, list[States]]: ...
def part_receive(part: Partition, states: bytes, halted: bytes, /) -> int: ...
def part_end(
    part: Partition, wanted: bool, /
) -> tuple[int, int, int, int, int, list[tuple[int, int]], States | None]: ...
def part_advance(part: Partition, statuses: bytes, /) -> bool: ...
def part_expect(part: Partition, states: int, /) -> None: ...
def part_forget(part: Partition, transitions: int, /) -> None: ...
def mark(
    encoded: bytes,
    check: int,
    failure: int,
    depth: int,
    after: bytes,
    level: bytes,
    memory_bytes: int,
    /,
) -> bytes | None: ...
def choose(
    encoded: bytes, check: int, levels: list[bytes], memory_bytes: int, /
) -> tuple[list[int], list[tuple[int, ...]], int, int] | None: ...
