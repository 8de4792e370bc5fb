"""The options of `run` and `check` as mostly written, without the parser that knows them all.

Loading click takes as long as a small search. What is not understood here, be
it rare or wrong, is left to click, which says what is the matter with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from mmscn.cli.run import EVERYTHING, Options, run_all
from mmscn.runtime.explore import executors

FLAGS = {
    "--all": "every",
    "--fail-fast": "fail_fast",
    "--quiet": "quiet",
    "--steps": "steps",
    "--verbose": "verbose",
    "-q": "quiet",
    "-v": "verbose",
}
JSON = {"--json": "2", "--json=1": "1", "--json=2": "2"}
COUNTS = {"--depth": "depth", "--memory": "memory", "--states": "states"}
DIGITS_MAX = 12


def work(command: str, args: list[str]) -> Callable[[], int] | None:
    """What a command line of `run` or `check` asks for, to be called; None where click is asked."""
    if command == "check":
        given = check_options(args)
        if given is None:
            return None
        from mmscn.cli.checking import check_all

        return partial(check_all, **given)
    chosen = options(args)
    return None if chosen is None else partial(run_all, chosen)


def check_options(args: list[str]) -> dict[str, Any] | None:
    """The arguments that the words behind `check` stand for; None where click is to be asked."""
    words = [word for word in args if word != "--strict"]
    found = options(words)
    if found is None or found != Options(found.words, every=found.every, define=found.define):
        return None
    strict = len(words) < len(args)
    return {"words": found.words, "every": found.every, "define": found.define, "strict": strict}


def options(args: list[str]) -> Options | None:
    """The options that the words behind `run` stand for; None where click is to be asked."""
    words: list[str] = []
    define: list[str] = []
    no_reduce: list[str] = []
    found: dict[str, Any] = {}
    left = iter(args)
    for word in left:
        if word in FLAGS:
            found[FLAGS[word]] = True
        elif word in JSON:
            found["as_json"] = JSON[word]
        elif word in COUNTS:
            number = next(left, "")
            plain = number.isascii() and number.isdecimal() and len(number) <= DIGITS_MAX
            if not plain or int(number) == 0:
                return None
            found[COUNTS[word]] = int(number)
        elif word == "-D":
            define.append(next(left, ""))
        elif word == "--no-reduce":
            no_reduce.append(EVERYTHING)
        elif word.startswith("--no-reduce="):
            no_reduce.append(word.partition("=")[2])
        elif word == "--executor":
            found["executor"] = next(left, "")
        elif word.startswith("-") and word != "-":
            return None
        else:
            words.append(word)
    if "" in define or found.get("executor", executors.AUTO) not in executors.names():
        return None
    return Options(words=tuple(words), define=tuple(define), no_reduce=tuple(no_reduce), **found)
