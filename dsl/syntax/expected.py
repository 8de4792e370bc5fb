"""What a syntax error says: the thing that stands there, and what could."""

from __future__ import annotations

from lark import UnexpectedInput
from lark.lexer import Token

from mmscn.source import Source

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
    "COLON": "`:`",
    "DOT": "`.`",
    "VBAR": "`|`",
    "COMPARE": "a comparison",
    "SIGN": "`+` or `-`",
    "UPDATE": "`+=` or `-=`",
    "QUANTIFIER": "`all`, `any` or `count`",
    "WHEN_CHECKED": "`always`, `finally` or `reachable`",
    "LOCK_KIND": "`spinlock`, `mutex`, `rwsem` or `bitlock`",
    "LOCK_MODE": "`for read` or `for write`",
    "__ANON_0": "`->`",
    "__ANON_1": "`..`",
    "$END": "the end of the text",
}
MOST = 8


def describe(token: Token) -> str:
    """How a message names a token: `zap`, the end of the line."""
    if token.type == "_NL":
        return "the end of the line" if token != ";" else "`;`"
    return "the text " + token[:40] if token.type == "STRING" else f"`{token[:40]}`"


def expected_words(problem: UnexpectedInput) -> str | None:
    """"expected `=` or `.`", or None where a list would be no help."""
    names = getattr(problem, "accepts", None) or getattr(problem, "expected", None)
    names = names or getattr(problem, "allowed", None) or ()
    shown = sorted({NAMES.get(n, f"`{n.lower()}`") for n in names})
    if not shown or len(shown) > MOST:
        return None
    if len(shown) == 1:
        return f"expected {shown[0]}"
    return f"expected {', '.join(shown[:-1])} or {shown[-1]}"


def hint_for(source: Source, token: Token) -> str | None:
    """A hint for mistakes that people make who come from C."""
    line = source.line(source.position(token.start_pos or 0)[0]).strip()
    if token.type == "EQUAL" and line.startswith(("if", "await", "assert", "while")):
        return "to compare, write `==`"
    if token == "(" and not line.startswith("call"):
        return "a procedure is called with `call name(...)`"
    if token in ("&", "&&"):
        return "write `and`"
    if token == "!":
        return "write `not`"
    return None
