"""What a syntax error says: the thing that stands there, and what could."""

from __future__ import annotations

import re
from difflib import get_close_matches

from lark import UnexpectedInput
from lark.lexer import Token

from mmscn.grammar.vocabulary import VOCABULARY, words_of

NAMES = {
    "NAME": "a name",
    "INT": "a number",
    "STRING": "a text in quotes",
    "_NL": "the end of the line",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "EQUAL": "`=`",
    "COMMA": "`,`",
    "FIELD_COMMA": "`,`",
    "COLON": "`:`",
    "DOT": "`.`",
    "VBAR": "`|`",
    "BUG": "`BUG`",
    "COMPARE": "a comparison",
    "SIGN": "`+` or `-`",
    "UPDATE": "`+=` or `-=`",
    "QUANTIFIER": "`all`, `any` or `count`",
    "WHEN_CHECKED": "`always`, `finally`, `eventually` or `reachable`",
    "LEADS_TO": "`leads to`",
    "CALL_VALUE": "`call`",
    "LOAD": "`load`",
    "ACCESS": "`load` or `store`",
    "TRYLOCK": "`trylock`",
    "LOCK_KIND": "`spinlock`, `mutex`, `rwsem` or `bitlock`",
    "LOCK_MODE": "`for read` or `for write`",
    "ORDER": "`acquire` or `release`",
    "__ANON_0": "`->`",
    "__ANON_1": "`..`",
    "$END": "the end of the text",
}
MOST = 8

CONDITIONS = ("if", "await", "assert", "while", "when", "always", "finally",
              "eventually", "reachable", "busy")  # fmt: skip
PREDICATES = ("always", "finally", "eventually", "reachable")
STATEMENTS = (*words_of("statement", "operation"), "assert", "BUG")
CHARACTERS: dict[str, str] = {
    "&": "write `and`",
    "!": "write `not`, and `!=` for unequal",
    "'": "text stands in double quotes",
    "#": "a comment begins with `//`",
    "?": "write `if condition then a else b`",
    "*": "numbers are added and subtracted, no more",
    "/": "numbers are added and subtracted, no more; a comment begins with `//` or `/*`",
    "%": "numbers are added and subtracted, no more",
}


def describe(token: Token) -> str:
    """How a message names a token: `zap`, the end of the line."""
    if token.type == "_NL":
        return "the end of the line" if token != ";" else "`;`"
    return "the text " + token[:40] if token.type == "STRING" else f"`{token[:40]}`"


def could_stand(problem: UnexpectedInput) -> set[str]:
    """The names of the terminals that would go on."""
    names = getattr(problem, "accepts", None) or getattr(problem, "expected", None)
    return set(names or getattr(problem, "allowed", None) or ())


def expected_words(names: set[str]) -> str | None:
    """`expected x or y`, or None where a list would be no help."""
    shown = sorted({NAMES.get(n, f"`{n.lower()}`") for n in names})
    if not shown or len(shown) > MOST:
        return None
    if len(shown) == 1:
        return f"expected {shown[0]}"
    return f"expected {', '.join(shown[:-1])} or {shown[-1]}"


def hint_for_word(word: str, names: set[str]) -> str | None:
    """The keyword that a misspelt word is close to, where that keyword could stand."""
    allowed = [w for w in VOCABULARY if w.upper() in names]
    near = get_close_matches(word.lower(), allowed, n=1, cutoff=0.7)
    return f"did you mean `{near[0]}`?" if near and near[0] != word else None


def uncalled(before: str, names: set[str]) -> re.Match[str] | None:
    """The name, as group 1, of a procedure that is called without `call`."""
    called = re.fullmatch(r"\s*([A-Za-z_]\w*)\s*\(.*\)\s*", before, re.DOTALL)
    return called if called and called[1] not in VOCABULARY and "EQUAL" in names else None


def lonely(before: str, token: Token) -> re.Match[str] | None:
    """The word, as group 1, that is all that a statement has, or all but its block."""
    if token.type not in ("_NL", "RBRACE", "LBRACE", "$END"):
        return None
    alone = re.fullmatch(r"\s*([A-Za-z_]\w*)\s*", before)
    return alone if alone and alone[1] not in VOCABULARY else None


def lonely_hint(word: str) -> str:
    near = get_close_matches(word.lower(), STATEMENTS, n=1, cutoff=0.75)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"a procedure is called with `call {word}()`, a label has a colon: `{word}:`"


def hint_for(
    token: Token, before: str, after: str, names: set[str], *, outside: bool
) -> str | None:
    """A hint for what people write who come from C, and for what is left out.

    before: the statement up to the token. after: the character behind it.
    outside: no block is around it.
    """
    words = before.split()
    if token == "," and "STRING" in names:
        return "the text follows without a comma"
    if token == "," and "_NL" in names:
        return "a new line or a `;` stands between them, no comma"
    if token.type == "LBRACE" and "OR" in names:
        return "branches have `or` between: `choose { } or { }`"
    if token.type in ("RBRACE", "RPAR", "RSQB") and token.type not in names and outside:
        return f"there is one `{token}` more than is open"
    if words and words[0] in PREDICATES and token.type in ("_NL", "$END"):
        return f"a condition follows: `{words[0]} x == 1`, with a text in quotes before it or not"
    if token.type in ("EQUAL", "UPDATE") and before.strip() in STATEMENTS and not outside:
        return f"`{before.strip()}` begins a statement, so no variable is called that"
    if token.type == "EQUAL" and "=" in (after, before[-1:]):
        return "a statement assigns with `=`; a condition stands behind `await`, `assert` or `if`"
    if token.type == "EQUAL" and any(w in CONDITIONS for w in words):
        return "to compare, write `==`"
    if token.type == "EQUAL" and "=" in before.rstrip()[:-1]:
        return "one assignment is one statement"
    if token == "|" and (after == "|" or any(w in CONDITIONS for w in words)):
        return "write `or`"
    if token in ("+", "-") and after == token:
        return f"write `{token}= 1`"
    if outside and str(token) in STATEMENTS and not before.strip():
        return f"`{token}` stands in a `thread`, a `proc` or another block of statements"
    if len(words) == 1 and "EQUAL" in names and token.type != "_NL":
        near = hint_for_word(words[0], {w.upper() for w in STATEMENTS})
        if near is not None:
            return near
    if re.fullmatch(r"[A-Za-z_]\w*", token):
        near = hint_for_word(str(token), names)
        if near is not None:
            return near
    if "_NL" in names and words and words[-1].endswith("}"):
        return "what follows stands on a new line, or behind a `;`"
    if expected_words(names) is None and words and (token.type in ("_NL", "RBRACE", "$END")):
        return f"something is missing behind `{words[-1][:40]}`"
    return None
