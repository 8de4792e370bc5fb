"""What a command was asked to work on, and which of it was rejected."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mmscn.budget import Exceeded
from mmscn.diagnostics import Diagnostic, Rejected
from mmscn.judge import exits
from mmscn.judge.api import Scenario
from mmscn.judge.exits import Usage
from mmscn.judge.targets import LITMUS, STDIN, NoTarget, Target, is_litmus, targets
from mmscn.plain_text import printable
from mmscn.show.messages import messages
from mmscn.show.paint import say, write

UNREADABLE = "cannot be read: "


class Unread(NamedTuple):
    """A text that nothing was found out about. limit: the one that ended its reading, else None."""

    path: str
    limit: str | None
    text: str

    def __str__(self) -> str:
        if self.limit is None:
            return f"cannot read {self.path}: {self.text.removeprefix(UNREADABLE)}"
        return f"{self.path}: undecided, {self.text}"


class Broken:
    """The texts that were rejected so far; messages go to stderr at once, unless JSON has them.

    unread: those that were not read to their end, which stderr says in any case, unless it is
    mute: what is in it is for another process to tell.
    """

    def __init__(self, color: str, *, quiet: bool = False, mute: bool = False) -> None:
        self.mute = mute
        self.found: list[tuple[str, tuple[Diagnostic, ...]]] = []
        self.unread: list[Unread] = []
        self.warned: list[tuple[str, tuple[Diagnostic, ...]]] = []
        self.color = color
        self.silent = quiet

    def copy(self) -> "Broken":
        """Another with the same texts, to which more can be added."""
        other = Broken(self.color, quiet=self.silent, mute=self.mute)
        other.found, other.unread, other.warned = [*self.found], [*self.unread], [*self.warned]
        return other

    def leave(self, one: Unread) -> None:
        """Tell, and keep, that nothing was found out about a text."""
        if not self.mute:
            say(printable(f"mmscn: {one}"), sys.stderr)
        self.unread.append(one)

    def warn(self, target: Target, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Tell what can be run all the same."""
        if diagnostics:
            self.tell(diagnostics)
            self.warned.append((target.path, diagnostics))

    def add(self, target: Target, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.tell(diagnostics)
        self.found.append((target.path, diagnostics))

    def tell(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        if not self.silent:
            gap = "\n" if self.found or self.warned else ""
            sys.stdout.flush()
            write(gap + messages(diagnostics), self.color, "message", sys.stderr)

    def ended(self, target: Target, problem: Exceeded) -> int:
        """Tell that a limit has ended the work on a text before anything was searched."""
        limit = f"the limit of {problem.limit.value} was reached while {problem.phase}"
        self.leave(Unread(target.path, problem.limit.value, limit))
        return exits.UNDECIDED

    def unreadable(self, target: Target, problem: OSError) -> int:
        """Tell that there is no text."""
        reason = problem.strerror or str(problem)
        self.leave(Unread(target.path, None, f"{UNREADABLE}{reason}"))
        return exits.USAGE


def targets_of(words: Sequence[str], *, every: bool) -> list[Target]:
    """Raises Usage where nothing was asked for, or what there is not."""
    if not words and not every:
        raise Usage("name a file, a folder or a shipped scenario, or say --all")
    try:
        return targets(words, every=every)
    except NoTarget as problem:
        raise Usage(str(problem)) from problem


def loaded(target: Target, settings: Mapping[str, str] | None = None) -> Scenario:
    """The scenario of a target: of a litmus test the one that `mmscn litmus import` writes.

    settings: what a litmus test is to be under, `memory` and `ets`, where they say so.
    Raises OSError and Rejected.
    """
    source = target.source()
    if target.path.endswith(LITMUS) or is_litmus(source.text):
        from mmscn.litmus.answer import scenario_of_test
        from mmscn.litmus.kinds import stem

        return scenario_of_test(source, stem(Path(target.path)), settings or {})
    return target._replace(held=source).load()


def nothing(words: Sequence[str]) -> str:
    """What to say where nothing of what was asked for can be run."""
    below = f": there is no scenario below {', '.join(f'`{w}`' for w in words)}" if words else ""
    return f"nothing was selected{below}"


def defined(define: Iterable[str]) -> dict[str, str]:
    """The values that -D gives; several for one name are joined. Raises Usage."""
    params: dict[str, str] = {}
    for pair in define:
        name, equals, value = pair.partition("=")
        name, value = name.strip(), value.strip()
        if not (name and equals and value):
            raise Usage(f"-D wants NAME=VALUE, not `{pair}`")
        params[name] = f"{params[name]}|{value}" if name in params else value
    return params


def held(target: Target) -> Target:
    """With its text, where that can be read only once."""
    if target.path != STDIN:
        return target
    try:
        return target._replace(held=target.source())
    except (OSError, Rejected):
        return target
