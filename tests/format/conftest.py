"""What the tests of the formatter share: trees as plain values, comments, and other layouts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import attrs
import pytest

from mmscn.source import Source
from mmscn.syntax.comments import words_of
from mmscn.syntax.newlines import CONTINUES, ENDERS
from mmscn.syntax.parse import parse
from mmscn.syntax.tree import Node

LIBRARY = Path(__file__).resolve().parents[2] / "scenarios" / "library"
SHIPPED = sorted(LIBRARY.rglob("*.mmscn"))

STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|(//[^\n]*|/\*[\s\S]*?\*/)')


def plain(value: object) -> object:
    """A tree without its spans: equal for texts that say the same."""
    if isinstance(value, Node):
        fields = [f.name for f in attrs.fields(type(value)) if f.name != "span"]
        return type(value).__name__, [(f, plain(getattr(value, f))) for f in fields]
    if isinstance(value, tuple):
        return [plain(v) for v in value]
    return type(value).__name__, value


def tree(text: str) -> object:
    found, diagnostics = parse(Source("text", text))
    assert diagnostics == ()
    return plain(found)


def comments(text: str) -> list[list[str]]:
    """The comments of a text in order, blanks at the begin and end of their lines left out."""
    found = [m[1] for m in STRING_OR_COMMENT.finditer(text) if m[1]]
    return [[line.strip() for line in c.split("\n")] for c in found]


def code(text: str) -> str:
    """A text without its comments."""
    return STRING_OR_COMMENT.sub(lambda m: "" if m[1] else m[0], text)


def other_layout(text: str, random: Random) -> str:
    """The same words with other blanks, line ends and comments between them."""
    every = words_of(Source("text", text))
    words = every.words
    out = []
    depth: list[str] = []
    length = 0
    comment_chance, newline_chance = random.choice(
        [(0, 0.1), (0.05, 0.05), (0.3, 0.3), (0.02, 0.6)]
    )

    def comment(line_end: bool) -> str:
        if line_end and random.random() < 0.6:
            return random.choice(["//", "// or", "// a (b) { /* c", "//x  "]) + "\n"
        return random.choice(
            ["/**/", "/* a */", "/* // ; } */", "/* p\n   q\n r */", "/* p\n\n\tq*/"]
        )

    def blank(line_end: bool) -> str:
        text = random.choice(["", " ", " ", "  ", "\t"])
        while random.random() < comment_chance:
            text += comment(line_end) + random.choice(["", " "])
        if line_end and random.random() < newline_chance:
            text += random.choice(["\n", "\n", "\n  ", "\n\n", "\r\n \n\n\t"])
            if random.random() < comment_chance:
                text += comment(line_end)
        return text or " "

    for i, (word, gap) in enumerate(zip(words, every.gaps, strict=False)):
        before = words[i - 1].kind if i else "LBRACE"
        label = before == "COLON" and length == 2
        open_ended = before not in ENDERS and not label
        inside = bool(depth) and depth[-1] != "{"
        continues = CONTINUES.match(word.text) is not None
        if gap.ends:
            end = ";" if continues or random.random() < 0.3 else random.choice([";", "\n", "\n\n"])
            behind = blank(True)
            if end != ";" and behind.rpartition("\n")[2].strip():
                behind += "\n"
            out.append(blank(False) + end + behind)
            length = 0
        elif i and words[i - 1].text in ("load", "trylock"):
            out.append(random.choice([" ", "  ", "\t"]))  # what they apply to is on their line
        elif before in ("LBRACE", "RBRACE") and word.kind == "RBRACE":
            out.append(blank(True))
        elif word.kind == "RBRACE":
            out.append(random.choice(["", "", "\n", ";"]) + blank(True))
        else:
            out.append(blank(open_ended or inside or continues))
        out.append(word.text)
        if word.text in "([{":
            depth.append(word.text)
        elif word.text in ")]}":
            depth.pop()
        length = 0 if word.text == "{" else length + 1
    return "".join(out) + blank(True)


@pytest.fixture(params=SHIPPED, ids=lambda p: str(p.relative_to(LIBRARY)))
def shipped(request: pytest.FixtureRequest) -> str:
    """The text of each shipped scenario and module."""
    path = request.param
    assert isinstance(path, Path)
    return path.read_text(encoding="utf-8")


@pytest.fixture(
    params=[pytest.param(p, marks=pytest.mark.slow) if n % 4 else p for n, p in enumerate(SHIPPED)],
    ids=lambda p: str(p.relative_to(LIBRARY)),
)
def shipped_by_fours(request: pytest.FixtureRequest) -> str:
    """The text of every fourth by default."""
    path = request.param
    assert isinstance(path, Path)
    return path.read_text(encoding="utf-8")


@pytest.fixture
def some_shipped() -> Callable[[Random], str]:
    """The text of some shipped scenario or module."""
    return lambda random: random.choice(SHIPPED).read_text(encoding="utf-8")


@pytest.fixture(name="tree")
def tree_() -> Callable[[str], object]:
    return tree


@pytest.fixture(name="comments")
def comments_() -> Callable[[str], list[list[str]]]:
    return comments


@pytest.fixture(name="code")
def code_() -> Callable[[str], str]:
    return code


@pytest.fixture(name="other_layout")
def other_layout_() -> Callable[[str, Random], str]:
    return other_layout


@pytest.fixture(name="plain", scope="session")
def plain_() -> Callable[[object], object]:
    return plain
