"""Replay tokens: an execution as one word, to be pasted into a mail, a commit or an `expect`.

`mm1:racewrite:zap=rc2,mapped_exit=locked:9f3ac1:HgAbcQ` has the version of the form, the scenario,
its params, a digest of what the steps say and of what is broken in the end, and which of the steps
that could be taken is taken each time; of an execution that goes on for ever, also the step from
which it goes round. It stays good as long as that is the same, whatever else of the text changes.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import NamedTuple

from mmscn.check.values import Value, show
from mmscn.draw.lines import who, words
from mmscn.lower.compiled import Compiled
from mmscn.runtime.bytecode import LIVENESS, CheckId, Program, RuleId, State
from mmscn.runtime.fairness import breaks
from mmscn.runtime.interpreter import (
    VersionOverflow,
    canonical_versions,
    dispatched,
    fire,
    matches,
)
from mmscn.runtime.judged import fails, trace_of
from mmscn.runtime.result import Trace

VERSION = "mm1"
STEPS_MAX = 4095
DIGEST_CHARS = 6
FORM = rf"{VERSION}:([A-Za-z_]\w*):([\w=,.-]*):([0-9a-f]{{{DIGEST_CHARS}}}):([\w-]+)"
LENGTH_MAX = 4096


class NotReplayed(Exception):
    """A token that does not lead anywhere in this text; the message says why."""


class Token(NamedTuple):
    """params: as they are written."""

    scenario: str
    params: tuple[tuple[str, str], ...]
    digest: str
    schedule: str

    def __str__(self) -> str:
        chosen = ",".join(f"{name}={value}" for name, value in self.params)
        return f"{VERSION}:{self.scenario}:{chosen}:{self.digest}:{self.schedule}"

    def is_of(self, params: Mapping[str, Value]) -> bool:
        """Whether it is of this combination."""
        return dict(self.params) == {name: show(value) for name, value in params.items()}


def is_token(word: str) -> bool:
    return word.startswith(f"{VERSION}:")


def read(word: str) -> Token:
    """Raises NotReplayed for what is no token, or one of another version."""
    found = re.fullmatch(FORM, word) if len(word) <= LENGTH_MAX else None
    if found is None:
        other = re.match(r"mm(\d+):", word)
        if other and not is_token(word):
            raise NotReplayed(f"`mm{other[1]}` is a form of token that this version does not read")
        raise NotReplayed("this is no replay token; one is `mm1:scenario:params:digest:schedule`")
    name, params, digest, schedule = found.groups()
    pairs = [tuple(pair.split("=", 1)) for pair in params.split(",") if pair]
    if any(len(pair) != 2 for pair in pairs):
        raise NotReplayed("the params of this token are not written as name=value")
    return Token(name, tuple((pair[0], pair[1]) for pair in pairs), digest, schedule)


def token_of(compiled: Compiled, trace: Trace, *, broken: bool = True) -> Token | None:
    """The token of a trace of `compiled.program`; None where it has too many steps for one.

    broken: whether it breaks its check (or is the witness of it); otherwise it is just some steps.
    """
    program, checked = compiled.program, compiled.checked
    if len(trace.rules) > STEPS_MAX:
        return None
    starts = starts_of(program)
    digits = [(len(trace.rules), STEPS_MAX + 1), (starts.index(trace.states[0]), len(starts))]
    for rule, state in zip(trace.rules, trace.states, strict=False):
        open_ = choices(program, state)
        digits.append((open_.index(rule), len(open_)))
    if trace.loop is not None:
        digits.append((trace.loop + 1, len(trace.rules) + 2))
    number = 0
    for digit, radix in reversed(digits):
        number = number * radix + digit
    written = number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")
    schedule = urlsafe_b64encode(written).decode().rstrip("=")
    shown = tuple((param, show(value)) for param, value in checked.params)
    digest = digest_of(compiled, trace.rules, name_of(compiled, trace.check) if broken else "")
    return Token(checked.name, shown, digest, schedule)


def replayed(token: Token, compiled: Compiled) -> Trace:
    """The trace that a token stands for. Raises NotReplayed where the text has changed."""
    trace, broken = path_of(token, compiled)
    if not broken:
        raise NotReplayed("this is the token of an execution that breaks nothing")
    return trace


def path_of(token: Token, compiled: Compiled) -> tuple[Trace, bool]:
    """The path that a token stands for, and whether it breaks something.

    Raises NotReplayed where the text has changed.
    """
    program = compiled.program
    left = number_of(token.schedule)

    def next_(radix: int) -> int:
        nonlocal left
        if radix == 0:
            raise changed(f"step {len(rules) + 1} cannot be taken")
        left, digit = divmod(left, radix)
        return digit

    rules: list[RuleId] = []
    count = next_(STEPS_MAX + 1)
    starts = starts_of(program)
    states = [starts[next_(len(starts))]]
    try:
        while len(rules) < count:
            halted = bool(rules) and program.rules[rules[-1]].halts
            open_ = [] if halted else choices(program, states[-1])
            rules.append(open_[next_(len(open_))])
            states.append(fire(program, program.rules[rules[-1]], states[-1]))
    except VersionOverflow:
        raise changed("it makes more contents than are counted") from None
    path = tuple(states)
    if left > count + 1:
        raise changed("there are fewer steps to choose from")
    loop = left - 1 if left else None
    for check in broken_by(program, rules, path, loop):
        if digest_of(compiled, rules, name_of(compiled, check)) == token.digest:
            found = trace_of(program, check, rules, path, shortest=False)
            return found._replace(loop=loop), True
    if loop is not None:
        raise changed("it breaks nothing for ever now")
    if digest_of(compiled, rules, "") == token.digest:
        return trace_of(program, CheckId(0), rules, path, shortest=False), False
    raise changed("its steps are others now, or break something else")


def changed(why: str) -> NotReplayed:
    what = "the text, or what it imports, has changed since this token was made"
    return NotReplayed(f"{what}: {why}")


def number_of(schedule: str) -> int:
    try:
        padded = schedule + "=" * (-len(schedule) % 4)
        return int.from_bytes(urlsafe_b64decode(padded), "big")
    except ValueError:
        raise NotReplayed("the last part of this token is cut off") from None


def starts_of(program: Program) -> list[State]:
    return list(dict.fromkeys(canonical_versions(program, s) for s in program.initial))


def choices(program: Program, state: State) -> list[RuleId]:
    """The rules that could be taken, by process, then as dispatched."""
    return [
        rule
        for process in program.processes
        for rule in dispatched(program, process, state)
        if matches(program, program.rules[rule].tests, state)
    ]


def broken_by(
    program: Program, rules: Sequence[RuleId], path: tuple[State, ...], loop: int | None
) -> Iterator[CheckId]:
    """The checks that a path breaks, or is a witness of, at its end.

    loop: the state from which it goes round for ever, if it does.
    """
    for check in map(CheckId, range(len(program.checks))):
        try:
            if loop is None:
                found = fails(program, check, rules, path[-1])
            else:
                endless = program.checks[check].kind in LIVENESS
                found = endless and breaks(program, check, rules, path, loop)
        except VersionOverflow:
            continue
        if found:
            yield check


def name_of(compiled: Compiled, check: CheckId) -> str:
    return compiled.checked.checks[compiled.checks[check]].name


def digest_of(compiled: Compiled, rules: Iterable[RuleId], broken: str) -> str:
    """Of who does what, step by step, and of the name of what is broken in the end."""
    lines = (compiled.lines[compiled.program.rules[rule].origin] for rule in rules)
    told = "".join(f"{who(compiled, line)}: {words(compiled, line)}\n" for line in lines)
    return sha256(f"{told}{broken}".encode())[:DIGEST_CHARS]


def sha256(data: bytes) -> str:
    """What hashlib calls so; hashlib itself loads OpenSSL, which takes as long as all the rest."""
    for module in ("_sha2", "_sha256", "hashlib"):
        try:
            found = import_module(module).sha256
        except ImportError:
            continue
        return str(found(data).hexdigest())
    raise AssertionError("hashlib is part of Python")
