"""The command `mmscn`: its start, its end, and the line that no traceback passes."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from functools import partial

from mmscn import __version__

FAULT = 70
INTERRUPTED = 130
PIPE_CLOSED = 141
NOT_WRITTEN = 2


def main(argv: list[str] | None = None) -> int:
    """Run a command line; gives the exit code, as the README lists them.

    Without `argv` it is the process's own, which ends with that code.
    """
    codes: list[int] = []
    if argv is None and not atexit._ncallbacks():
        # What is registered from now on is called before that; what was before would not be.
        atexit.register(partial(leave, codes))
    code = command(sys.argv[1:] if argv is None else argv)
    if argv is None:
        # The process ends: that all it has made is looked through once more, for cycles, took
        # a sixth of a small run.
        gc.freeze()
    codes.append(code)
    return code


def leave(codes: list[int]) -> None:
    """End the process at once: that each object is let go of takes longer than to draw one trace.

    codes: the command's exit code; empty where it was left, and then Python ends as it does.
    """
    if not codes or hasattr(sys, "last_value"):
        return
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return
    os._exit(codes[0])


def command(args: list[str]) -> int:
    """Run a command line; gives the exit code."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (until the end)
    if sys.stdout is None:
        print("mmscn: the output is closed", file=sys.stderr)
        return NOT_WRITTEN
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # A run makes many small objects, few cycles, and ends: collecting costs a quarter of it.
    gc.set_threshold(200_000, 50, 50)
    try:
        code = invoked(args)
        if not sys.stdout.closed:  # as the language server leaves it
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read our output has seen enough; the flush at exit must not fail too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except KeyboardInterrupt:
        print("mmscn: interrupted", file=sys.stderr)
        return INTERRUPTED
    except OSError as problem:
        # A full disk, an output that is closed; what was printed so far cannot be flushed either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"mmscn: {problem.strerror or problem}", file=sys.stderr)
        return NOT_WRITTEN
    except Exception as problem:
        from mmscn.show.paint import write

        write(fault(problem, args), "never", "message", sys.stderr)
        return FAULT


def invoked(args: list[str]) -> int:
    """Run a command; gives the exit code."""
    if args == ["--version"]:
        print(f"mmscn {__version__}")
        return 0
    if args[:1] in (["run"], ["check"]):
        from mmscn.cli import quick, settings
        from mmscn.judge import exits

        work = None if settings.are_there() else quick.work(args[0], args[1:])
        if work is not None:
            try:
                return work()
            except exits.Usage as problem:
                from mmscn.cli import commands

                return commands.wrong(commands.mmscn.commands[args[0]], problem)
    from mmscn.cli.commands import invoke

    return invoke(args)


def fault(problem: BaseException, args: list[str]) -> str:
    """What to tell us about an exception that nothing expected."""
    import platform
    import shlex
    from traceback import extract_tb

    from mmscn.plain_text import printable

    frames = extract_tb(problem.__traceback__)[-8:]
    where = " < ".join(f"{f.filename.split('/')[-1]}:{f.lineno}" for f in reversed(frames))
    text = " ".join(str(problem).split())[:300]
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return (
        f"mmscn: fault: {type(problem).__name__}: {text}\n"
        "This is a fault of mmscn, not of the scenario. Please report it, with the scenario and\n"
        f"  command: mmscn {printable(shlex.join(args))[:300]}\n"
        f"  version: mmscn {__version__}, {python}\n"
        f"  where:   {where}\n"
    )
