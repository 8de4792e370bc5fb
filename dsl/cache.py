"""Derived data kept between runs in the user's own folder: trees, compiled scenarios.

Everything in it can be made again; what is missing, damaged or not to be
written is as if there were no cache. `MMSCN_CACHE` names another folder, and
switches the cache off when it is empty.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

try:
    # What hashlib has under this name; hashlib itself loads OpenSSL, a tenth of a small run.
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

FILES_MAX = 16_000
"""A run of all that is shipped keeps some 5 100."""
BYTES_MAX = 512 << 20
DIGEST_BYTES = 16


def folder() -> Path | None:
    """The folder, made if need be; None where there is to be no cache."""
    chosen = os.environ.get("MMSCN_CACHE")
    if chosen == "":
        return None
    try:
        base = chosen or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "mmscn")
        path = Path(base).expanduser()
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    mine = not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()
    return path if mine and os.access(path, os.W_OK) else None


def key(*parts: str) -> str:
    """A name for what is derived from these texts."""
    return digest("\0".join(parts).encode())


def digest(data: bytes) -> str:
    return blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


@cache
def made_by() -> str:
    """What stands for the code that makes what is kept: mmscn's files and Python's version.

    Part of every key, so that nothing outlives the code that made it.
    """
    files = [
        f"{path} {found.st_size} {found.st_mtime_ns}"
        for package in ("mmscn", "mmscn.grammar", "mmscn.runtime")
        for path, found in code(folder_of(package))
    ]
    return key(sys.version, *files)


def folder_of(package: str) -> str:
    """Where a package's files are, without importing it."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return spec.submodule_search_locations[0]


def code(folder: str, depth: int = 2) -> Iterator[tuple[str, os.stat_result]]:
    """The Python files below a folder, in order."""
    for entry in sorted(os.scandir(folder), key=lambda e: e.name):
        if entry.name.endswith((".py", ".lark")):
            yield entry.path, entry.stat()
        elif depth and "." not in entry.name and entry.is_dir():
            yield from code(entry.path, depth - 1)


def read(name: str) -> bytes | None:
    """What was written under a name; None where it is missing or damaged."""
    where = folder()
    if where is None:
        return None
    try:
        data = (where / name).read_bytes()
    except OSError:
        return None
    digest, rest = data[:DIGEST_BYTES], data[DIGEST_BYTES:]
    return rest if digest == digest_of(rest) else None


def write(name: str, data: bytes) -> None:
    """Keep data under a name, whole or not at all."""
    where = folder()
    if where is None:
        return
    temporary = where / f"{name}.{os.getpid()}"
    try:
        temporary.write_bytes(digest_of(data) + data)
        os.replace(temporary, where / name)
        if turn_to_prune(name):
            prune(where)
    except OSError:
        temporary.unlink(missing_ok=True)


def digest_of(data: bytes) -> bytes:
    return blake2b(data, digest_size=DIGEST_BYTES).digest()


def turn_to_prune(name: str) -> bool:
    """Whether it is this file's turn to tidy up: one in 256 is, by its name."""
    return blake2b(name.encode(), digest_size=1).digest()[0] == 0


def prune(where: Path) -> None:
    """Forget the older half when there are many, or large ones."""
    found = []
    with os.scandir(where) as entries:
        for entry in entries:
            if entry.is_file():
                about = entry.stat()
                found.append((about.st_mtime, about.st_size, entry.name))
    if len(found) > FILES_MAX or sum(size for _, size, _ in found) > BYTES_MAX:
        for _, _, old in sorted(found)[: len(found) // 2]:
            (where / old).unlink(missing_ok=True)
