"""What a mail, a commit message or a page says of scenarios: the texts in it, the commands, the
claims. Nothing of it is executed but the scenarios.

A claim is a verdict with the command below it, as `mmscn mail` writes it; a command by itself
claims that all is as the scenario expects, and so does a text that nothing else is said of; a
replay token claims that its execution breaks something.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from email import message_from_string, policy
from email.message import EmailMessage
from typing import NamedTuple

from mmscn.judge.shipped import SUFFIX, header
from mmscn.judge.token import FORM

EXPECTED = "as expected"
HEADERS = re.compile(r"[A-Za-z][A-Za-z0-9-]*: .*\n([A-Za-z][A-Za-z0-9-]*: .*\n|[ \t]+.*\n)*\n")
QUOTED = re.compile(r"^(?:> ?)+", re.MULTILINE)
SCISSORS = re.compile(r"^-- >8 -- (\S+)[ \t]*$", re.MULTILINE)
FENCE = re.compile(r"^```+ *\{?\.?mmscn[^\n]*\n(.*?)^```+[ \t]*$", re.MULTILINE | re.DOTALL)
SIGNATURE = re.compile(r"^-- \n", re.MULTILINE)
COMMAND = re.compile(r"(?:^|[`$])[ \t]*mmscn run ([^`\n]+)", re.MULTILINE)
VERDICT = re.compile(r"^[ \t]*(VIOLATED|HOLDS)\b(?: FOR EVER\b| IF FAIR\b)?(.*)$", re.MULTILINE)
VALUED = ("--diagrams", "--states", "--depth", "--time", "--memory", "--width", "--jobs",
          "--executor", "--color", "--output-format")  # fmt: skip
"""Options of `mmscn run` with a value, which say nothing about what is claimed."""
CLAIMS_MAX = 100


class Claim(NamedTuple):
    """verdict: `VIOLATED`, `HOLDS` or EXPECTED. name: of what is violated, empty for anything.

    target: the scenario as the command names it, or a token where `token` is set.
    """

    verdict: str
    name: str
    target: str
    define: tuple[str, ...] = ()
    token: bool = False

    def __str__(self) -> str:
        if self.token:
            return f"the execution {self.target}"
        said = " ".join([self.verdict, *([f'"{self.name}"'] if self.name else [])])
        return " ".join([f"{said}: {self.target}", *self.define])


class Found(NamedTuple):
    """texts: by the name of the file that each is to be, in order."""

    texts: dict[str, str]
    claims: tuple[Claim, ...]


def read(text: str) -> Found:
    """All that is claimed, each once; CLAIMS_MAX at most."""
    said = unquoted(body(text.replace("\r\n", "\n")))
    texts, rest = apart(said)
    claims = list(dict.fromkeys([*commands(rest), *tokens(rest)]))
    named = {stem(claim.target) for claim in claims}
    for name, source in texts.items():
        found = header(source)
        if found is not None and found[0] == "scenario" and not named & {stem(name), found[1]}:
            claims.append(Claim(EXPECTED, "", name))
    return Found(texts, tuple(claims[:CLAIMS_MAX]))


def stem(target: str) -> str:
    """The name of a scenario's file, however a command leads there."""
    return target.rpartition("/")[2].removesuffix(SUFFIX)


def body(text: str) -> str:
    """The text of a mail with headers, decoded; any other text as it is."""
    if not HEADERS.match(text):
        return text
    message = message_from_string(text, policy=policy.default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("plain",))
    try:
        return text if part is None else str(part.get_content())
    except (LookupError, ValueError):
        return text


def unquoted(text: str) -> str:
    """Without the marks of a reply, where the scissors or a command stands behind them."""
    marked = re.search(r"^(?:> ?)+.*(?:-- >8 --|mmscn run )", text, re.MULTILINE)
    return QUOTED.sub("", text) if marked else text


def apart(text: str) -> tuple[dict[str, str], str]:
    """The texts of scenarios and modules, and what is said around them."""
    texts: dict[str, str] = {}
    pieces = SCISSORS.split(text)
    for name, content in zip(pieces[1::2], pieces[2::2], strict=True):
        texts[name] = SIGNATURE.split(content)[0].strip("\n") + "\n"
    rest = pieces[0]
    for match in FENCE.finditer(rest):
        found = header(match[1])
        if found is not None:
            texts.setdefault(found[1].replace(".", "/") + SUFFIX, match[1])
    return texts, FENCE.sub("", rest)


def commands(text: str) -> Iterator[Claim]:
    """Each command with the verdict that stands before it, if one does."""
    joined = re.sub(r"\\\n[ \t]*", "", text)
    verdicts = list(VERDICT.finditer(joined))
    before = 0
    for match in COMMAND.finditer(joined):
        own = [v for v in verdicts if before <= v.start() < match.start()]
        before = match.end()
        try:
            words = shlex.split(match[1])
        except ValueError:
            continue
        target, define = apart_words(words)
        if target is None:
            continue
        if own and blank_between(joined[own[-1].end() : match.start()]) is False:
            said = " ".join(joined[own[-1].start(2) : match.start()].split())
            yield Claim(own[-1][1], name_in(own[-1][1], said), target, define)
        else:
            yield Claim(EXPECTED, "", target, define)


def blank_between(text: str) -> bool:
    """Whether an empty line stands in between: what is before it is about something else."""
    return "\n\n" in text


def name_in(verdict: str, said: str) -> str:
    """What is violated: a text in quotes, or a name; of what holds, nothing."""
    if verdict == "HOLDS":
        return ""
    quoted = re.match(r'"(.*)"', said)
    return quoted[1] if quoted else said.split(" ")[0]


def apart_words(words: list[str]) -> tuple[str | None, tuple[str, ...]]:
    """The scenario that a command names, and its values of -D."""
    target, define = None, []
    left = iter(words)
    for word in left:
        if word == "-D":
            define.append(next(left, ""))
        elif word in VALUED:
            next(left, "")
        elif not word.startswith("-") and target is None:
            target = word
    return target, tuple(pair for pair in define if pair)


def tokens(text: str) -> Iterator[Claim]:
    for word in re.findall(r"[^\s`'\"]+", re.sub(r"\\\n[ \t]*", "", text)):
        if re.fullmatch(FORM, word.strip(".,;()")):
            yield Claim("VIOLATED", "", word.strip(".,;()"), token=True)
