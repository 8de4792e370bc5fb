"""Between which words a blank is, and where a long line may be broken.

Both follow from the kinds of the words around; nothing here knows columns.
"""

from __future__ import annotations

from collections.abc import Sequence

from mmscn.syntax.comments import Gap, Word
from mmscn.syntax.newlines import ENDERS

OPENING = frozenset({"LPAR", "LSQB"})
CLOSING = frozenset({"RPAR", "RSQB"})
CLAUSES = frozenset({"WHEN", "AFTER", "OTHERWISE"})
LEADING = {"VBAR": 1, "THEN": 3, "ELSE": 3, "IMPLIES": 3, "OR": 4, "AND": 5}
"""Words before which, not behind which, a line is broken; the smaller number the rather."""
TRAILING = {"COMMA": 2, "FIELD_COMMA": 2, "EQUAL": 7, "COMPARE": 8, "SIGN": 9}
CLAUSE, QUANTIFIED, DEEPER = 0, 6, 10
OPERANDS = frozenset(
    {"NAME", "INT", "RPAR", "RSQB", "TRUE", "FALSE", "NONE", "FRESH", "CPU", "FRAME"}
)
SETTINGS = frozenset({"MACHINE", "PROFILE"})
REGIONS = frozenset(
    {
        "WHEN",
        "AWAIT",
        "ASSERT",
        "WHEN_CHECKED",
        "WHILE",
        "RETURN",
        "EQUAL",
        "UPDATE",
        "CHECK",
        "VIOLATED",
        "CLAIM",
        "XCHG",
        "CMPXCHG",
        "STORE",
        "FLUSH",
        "IMPLIES",
        "LEADS_TO",
    }
)
"""Words behind which something begins whose further lines stand under its first word."""


def partners(words: Sequence[Word]) -> dict[int, int]:
    """The number of the `}` of each `{`."""
    found: dict[int, int] = {}
    open_: list[int] = []
    for i, word in enumerate(words):
        if word.kind == "LBRACE":
            open_.append(i)
        elif word.kind == "RBRACE":
            found[open_.pop()] = i
    return found


def owners(words: Sequence[Word], gaps: Sequence[Gap]) -> list[str | None]:
    """For the first word of each statement: the kind of the statement whose block it is in."""
    found: list[str | None] = [None] * len(words)
    around = [""]
    first = ""
    begins = True
    for i, word in enumerate(words):
        if begins or gaps[i].ends:
            found[i] = around[-1]
            first = word.kind
        begins = word.kind == "LBRACE"
        if word.kind == "LBRACE":
            around.append(first)
        elif word.kind == "RBRACE":
            # Behind a block, `else` and `or` still belong to what it was a block of.
            first = around.pop()
    return found


def tight(words: Sequence[Word], owner: Sequence[str | None], i: int) -> bool:
    """Is there no blank before word i?"""
    before, here = words[i - 1], words[i]
    if here.kind in ("COMMA", "FIELD_COMMA", "RPAR", "RSQB", "COLON") or before.kind in OPENING:
        return True
    if "DOT" in (before.kind, here.kind) or ".." in (before.text, here.text):
        return True
    if here.kind == "LSQB":
        return before.kind != "IN"
    if here.kind == "LPAR":
        return before.kind == "NAME" and owner[i - 1] not in SETTINGS
    return before.kind == "SIGN" and is_unary(words, owner, i - 1)


def is_unary(words: Sequence[Word], owner: Sequence[str | None], i: int) -> bool:
    return i == 0 or words[i - 1].kind not in OPERANDS or owner[i - 1] in SETTINGS


def levels(words: Sequence[Word], first: int, last: int) -> dict[int, int]:
    """The words before which a line may be broken; the smaller the number the rather.

    None of them is in a block: `{` and what follows up to its `}` stay on one line.
    """
    found: dict[int, int] = {}
    depth = braces = quantifiers = 0
    after_quantifier = False
    for i in range(first, last + 1):
        here = words[i].kind
        if i > first and not braces:
            level = QUANTIFIED if after_quantifier else level_of(words, i)
            if level is not None:
                found[i] = level + depth * DEEPER
        after_quantifier = here == "COLON" and quantifiers > 0
        quantifiers += (here == "QUANTIFIER") - after_quantifier
        depth += (here in OPENING) - (here in CLOSING)
        braces += (here == "LBRACE") - (here == "RBRACE" and i > first)
    return found


def level_of(words: Sequence[Word], i: int) -> int | None:
    before, here = words[i - 1].kind, words[i].kind
    if here in CLAUSES or (here == "STRING" and before in ENDERS):
        return CLAUSE
    if here in LEADING and before != "RBRACE":
        return LEADING[here]
    if before == "SIGN" and (i < 2 or words[i - 2].kind not in OPERANDS):
        return None
    return TRAILING.get(before)
