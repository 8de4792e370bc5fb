"""Writing what a file contains, all of it or nothing."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """Replace what a file contains, at once: a reader sees the old bytes or the new.

    Its mode stays, and so does a symbolic link to it; one that there is not is made, with the
    usual mode. What is no plain file, as /dev/stdout, is written to. Raises OSError.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, target.stat().st_mode & 0o7777 if target.exists() else usual_mode())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def usual_mode() -> int:
    """Of a file that a program makes and says nothing of."""
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask
