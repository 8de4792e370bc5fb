"""What a block says about itself: `name=race show=diagram expect="violated no_lost_write"`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from types import MappingProxyType

from attrs import frozen

SHOWS = ("source", "diagram", "table", "verdict", "steps", "explain", "none")
FOUND = ("diagram", "table", "verdict", "steps", "explain")
"""What there is to show of a run: all of SHOWS but the text of the block itself, and nothing."""
WIDTH_MIN, WIDTH_MAX = 40, 200

WORD = re.compile(r'\s*(?:([A-Za-z][\w-]*)(?:(=)("(?:\\.|[^"\\])*"|[^\s"]*))?(?=\s|$)|(\S+))')
OPTION_LINE = re.compile(r":([A-Za-z][\w-]*):(?:[ \t]+(.*))?$")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
CODE = re.compile(r"MM\d{3}")


@frozen
class Problem:
    """What is wrong with a block as the document has it. line: in the document, from 1."""

    line: int
    message: str
    hint: str | None = None

    def text(self, path: str) -> str:
        hint = f"hint: {self.hint}\n" if self.hint else ""
        return f"error: {self.message}\n  --> {path}:{self.line}\n{hint}"


@frozen
class Setting:
    """One key as it is written. value: None for a key that stands alone."""

    key: str
    value: str | None
    line: int


class Wrong(Exception):
    """A value that a key does not take; the argument says what it takes."""


Values = dict[str, object]


def words(text: str, line: int) -> tuple[list[Setting], list[Problem]]:
    """The settings on the line of a fence or a directive, behind its name.

    >>> [(s.key, s.value) for s in words('name=a hidden skip="too slow"', 1)[0]]
    [('name', 'a'), ('hidden', None), ('skip', 'too slow')]
    """
    found: list[Setting] = []
    problems: list[Problem] = []
    for match in WORD.finditer(text.strip()):
        key, equals, value, other = match.groups()
        if other is not None:
            problems.append(
                Problem(line, f"`{other}` is no key", 'write `key=value` or `key="two words"`')
            )
        else:
            found.append(Setting(key, unquoted(value) if equals else None, line))
    return found, problems


def unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def option_line(text: str) -> tuple[str, str | None] | None:
    """Key and value of a line `:key: value`."""
    match = OPTION_LINE.match(text.rstrip())
    if match is None:
        return None
    value = (match[2] or "").strip()
    if len(value) > 1 and value.startswith('"') and value.endswith('"'):
        value = unquoted(value)
    return match[1], value or None


# ---- the keys and what they take ---------------------------------------------


def name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise Wrong("a name: letters, digits, `_`, `-` and `.`")
    return value


def text(value: str) -> str:
    return value


def shows(value: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in value.split(","))
    if not all(part in SHOWS for part in parts) or ("none" in parts and len(parts) > 1):
        raise Wrong(f"{listed(SHOWS, 'or')}, or several with `,` between")
    return tuple(dict.fromkeys(p for p in parts if p != "none"))


def show_of_output(value: str) -> tuple[str, ...]:
    if value not in FOUND:
        raise Wrong(listed(FOUND, "or"))
    return (value,)


def columns(value: str) -> int:
    if not value.isdecimal() or not WIDTH_MIN <= int(value) <= WIDTH_MAX:
        raise Wrong(f"a number of columns from {WIDTH_MIN} to {WIDTH_MAX}")
    return int(value)


def params(value: str) -> dict[str, str]:
    chosen = {}
    for pair in value.split():
        key, equals, wanted = pair.partition("=")
        if not (key and equals and wanted):
            raise Wrong('params and knobs, as in `params="zap=rc2 fs=ext4|tmpfs"`')
        chosen[key] = wanted
    return chosen


def expectations(value: str) -> tuple[str, ...]:
    """The parts of `holds; error:MM207`."""
    parts = tuple(part.strip() for part in value.split(";") if part.strip())
    for part in parts:
        code = part.removeprefix("error:")
        if not parts or (code != part and not CODE.fullmatch(code)):
            raise Wrong("`error:MM207` for a text that is rejected with that code")
    if not parts:
        raise Wrong("what an `expect` says, `unmet`, `vacuous`, `undecided` or `error:CODE`")
    return parts


def reason(value: str) -> str:
    return value


Take = Callable[[str], object]

FLAGS = frozenset({"hidden"})
KEYS: MappingProxyType[str, dict[str, Take]] = MappingProxyType(
    {
        "mmscn": {
            "name": name,
            "show": shows,
            "expect": expectations,
            "setup": name,
            "continues": name,
            "hidden": text,
            "width": columns,
            "skip": reason,
            "params": params,
            "property": text,
            "file": text,
        },
        "mmscn-output": {
            "of": name,
            "show": show_of_output,
            "width": columns,
            "params": params,
            "property": text,
        },
        "mmscn-matrix": {"of": name, "file": text, "params": params, "skip": reason},
    }
)


def values(kind: str, settings: Iterable[Setting]) -> tuple[Values, list[Problem]]:
    """The value of each key, and what is wrong with others."""
    keys = KEYS[kind]
    found: Values = {}
    problems: list[Problem] = []
    for s in settings:
        if s.key not in keys:
            near = get_close_matches(s.key, list(keys), n=1)
            hint = f"`{kind}` takes {listed([*keys])}"
            if near:
                hint = f"did you mean `{near[0]}`? {hint}"
            problems.append(Problem(s.line, f"there is no key `{s.key}`", hint))
        elif s.key in found:
            problems.append(Problem(s.line, f"`{s.key}` is said twice"))
        elif s.key in FLAGS:
            if s.value is not None:
                problems.append(Problem(s.line, f"`{s.key}` takes no value"))
            found[s.key] = True
        elif not s.value:
            example = f"`{s.key}={EXAMPLES[s.key]}`"
            problems.append(Problem(s.line, f"`{s.key}` wants a value: {example}"))
        else:
            try:
                found[s.key] = keys[s.key](s.value)
            except Wrong as problem:
                problems.append(
                    Problem(s.line, f"`{s.key}` does not take `{s.value}`", f"it takes {problem}")
                )
    return found, problems


EXAMPLES = MappingProxyType(
    {
        "name": "racewrite",
        "show": "diagram",
        "expect": "holds",
        "setup": "racewrite",
        "continues": "racewrite",
        "width": "72",
        "skip": '"why it is not run"',
        "params": '"zap=rc2"',
        "property": "no_lost_write",
        "file": "racewrite",
        "of": "racewrite",
    }
)


def listed(names: Iterable[str], last: str = "and") -> str:
    """`name`, `show` and `skip`."""
    quoted = [f"`{n}`" for n in names]
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}" if len(quoted) > 1 else quoted[0]
