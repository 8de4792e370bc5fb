"""Going on behind a syntax error: the statement that has it is blanked out.

Offsets stay what they are, so the next error is reported at its own place. What
is blanked together keeps the brackets of the rest in balance; so one slip does
not make others of what is fine.
"""

from __future__ import annotations

import re

from attrs import frozen

from mmscn.grammar.vocabulary import VOCABULARY
from mmscn.syntax.newlines import ENDERS

COMMENT_OR_STRING = re.compile(r'"(?:\\.|[^"\\\n])*"?|//[^\n]*|/\*(?:[\s\S]*?\*/|[\s\S]*)')
NEXT_BRANCH = re.compile(r"\s*(?:else|or)\b")
WORDS_THAT_GO_ON = [w for w in VOCABULARY if w.upper() not in ENDERS]
GOES_ON = re.compile(rf"(?:[-+=<>,|.]|\b(?:{'|'.join(WORDS_THAT_GO_ON)}))\s*$")
"""At the end of a line: the statement goes on in the next one."""
PAIRS = {")": "(", "]": "[", "}": "{"}


@frozen
class Bare:
    """A text with its comments and strings blanked, and which brackets are open where.

    closing: the offset behind the partner of each `{`.
    """

    text: str
    closing: dict[int, int]

    def open_at(self, at: int) -> list[int]:
        """The offsets of the brackets that are open before an offset, outermost first.

        A `}` closes what was left open inside of its block.
        """
        found: list[int] = []
        for match in re.finditer(r"[(){}\[\]]", self.text[:at]):
            bracket = match[0]
            if bracket not in PAIRS:
                found.append(match.start())
            elif bracket == "}":
                braces = [i for i, o in enumerate(found) if self.text[o] == "{"]
                found = found[: braces[-1]] if braces else []
            elif found and self.text[found[-1]] == PAIRS[bracket]:
                found.pop()
        return found

    def statement(self, at: int) -> int:
        """Where the statement around an offset begins."""
        start = at
        while start > 0 and self.text[start - 1] not in "{};":
            if self.text[start - 1] == "\n":
                line = self.text.rfind("\n", 0, start - 1) + 1
                if not GOES_ON.search(self.text, line, start - 1):
                    break
            start -= 1
        return start


def bare(text: str) -> Bare:
    blank = COMMENT_OR_STRING.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    opened: list[int] = []
    closing: dict[int, int] = {}
    for match in re.finditer(r"[{}]", blank):
        if match[0] == "{":
            opened.append(match.start())
        elif opened:
            closing[opened.pop()] = match.end()
    return Bare(blank, closing)


def blanked(text: str, at: int) -> str:
    """The text without the statement at an offset, its block included."""
    seen = bare(text)
    start, end = extent(seen, at)
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def extent(seen: Bare, at: int) -> tuple[int, int]:
    """What to blank for an error at an offset."""
    text = seen.text
    opened = seen.open_at(at)
    if opened and text[opened[-1]] in "([":
        # What is wrong is the bracket, and it is not looked for beyond its line.
        at = opened[-1]
        end = text.find("\n", at)
        line = len(text) if end < 0 else end
        brace = text.find("{", at, line)
        cut = text.find("}", at, line)
        if brace < 0 or 0 <= cut < brace:
            return seen.statement(at), line if cut < 0 else cut
        return seen.statement(at), block_end(seen, brace)
    start = seen.statement(at)
    if at < len(text) and text[at] == "}":
        if text[start:at].strip():
            return start, at
        return (seen.statement(opened[-1]), at + 1) if opened else (at, at + 1)
    end = at
    while end < len(text) and text[end] not in "{};\n":
        end += 1
    if end < len(text) and text[end] == "{":
        end = block_end(seen, end)
    return start, end


def block_end(seen: Bare, brace: int) -> int:
    """Behind a block and the `else` and `or` branches that follow it."""
    end = seen.closing.get(brace, len(seen.text))
    while NEXT_BRANCH.match(seen.text, end):
        following = seen.text.find("{", end)
        if following < 0:
            break
        end = seen.closing.get(following, len(seen.text))
    return end
