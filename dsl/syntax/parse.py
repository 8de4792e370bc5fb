"""Text to tree. Bad text gives diagnostics and the tree of what was fine.

After a syntax error the words of the offending line are blanked, its brackets
kept, and the text is parsed again; so one run reports several errors.
"""

from __future__ import annotations

import functools
import sys

from lark import Lark, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken
from lark.lexer import Token
from mmscn import cache
from mmscn.diagnostics import Diagnostic, Reporter
from mmscn.grammar import grammar_text
from mmscn.source import TEXT_CHARS_MAX, Source, Span
from mmscn.syntax.build import TreeBuilder
from mmscn.syntax.expected import describe, expected_words, hint_for
from mmscn.syntax.newlines import StatementEnds, TooDeep
from mmscn.syntax.tree import Text

SYNTAX_ERRORS_MAX = 10


def parse(source: Source) -> tuple[Text, tuple[Diagnostic, ...]]:
    """The tree of a text, and what is wrong with its syntax (nothing raised)."""
    reporter = Reporter()
    text = source.text
    if len(text) > TEXT_CHARS_MAX:
        first = Span(source, 0, 1)
        reporter.error("MM105", f"the text has more than {TEXT_CHARS_MAX} characters", first)
        return Text(span=first, items=()), tuple(reporter.found)
    for _ in range(SYNTAX_ERRORS_MAX):
        try:
            tree = parser().parse(text)
            return build(source, tree), tuple(reporter.found)
        except UnexpectedInput as problem:
            at = report(reporter, source, problem)
        except TooDeep as problem:
            at = problem.token.start_pos or 0
            reporter.error("MM104", problem.what, Span(source, at, at + len(problem.token)))
            break
        shorter = blanked(text, at)
        if shorter == text:
            break
        text = shorter
    return Text(span=Span(source, 0, len(text)), items=()), tuple(reporter.found)


def build(source: Source, tree: object) -> Text:
    result = TreeBuilder(source).transform(tree)  # type: ignore[arg-type]
    assert isinstance(result, Text)
    return result


@functools.cache
def parser() -> Lark:
    """The LALR(1) parser; its tables are kept in the user's cache folder."""
    text = grammar_text()
    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=True,
        propagate_positions=True,
        postlex=StatementEnds(),
        cache=cache_file(text) or False,
    )


def cache_file(text: str) -> str | None:
    """Where the tables of this grammar are kept; None where nothing is."""
    folder = cache.folder()
    if folder is None:
        return None
    version = ".".join(map(str, sys.version_info[:3]))
    return str(folder / f"grammar-{cache.key(version, text)}.lark")


def report(reporter: Reporter, source: Source, problem: UnexpectedInput) -> int:
    """One diagnostic for one syntax error; gives the offset at which it is."""
    match problem:
        case UnexpectedToken(token=Token(type="$END")) | UnexpectedEOF():
            at = len(source.text.rstrip()) or 0
            span = Span(source, max(at - 1, 0), at)
            words = expected_words(problem)
            reporter.error("MM102", "the text ends too early", span, hint=words)
            return at
        case UnexpectedToken(token=token):
            at = token.start_pos or 0
            span = Span(source, at, max(token.end_pos or at + 1, at + 1))
            message = f"{describe(token)} cannot stand here"
            hint = hint_for(source, token) or expected_words(problem)
            reporter.error("MM101", message, span, hint=hint)
            return at
        case UnexpectedCharacters(pos_in_stream=at):
            character = source.text[at]
            message = f"the character {character!r} has no meaning here"
            if character == '"':
                message = "this string has no end on its line"
            span = Span(source, at, at + 1)
            reporter.error("MM103", message, span, hint=expected_words(problem))
            return at
    raise problem


def blanked(text: str, at: int) -> str:
    """The text with the words of the line at an offset replaced by blanks.

    At the end of a line it is that line; brackets are kept, except where the
    offence is itself a bracket or nothing else is left.
    """
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    line = text[start:end]
    kept = "".join(c if c in "{}" else " " for c in line)
    if kept == line or (at < len(text) and text[at] in "{}"):
        kept = " " * len(line)
    return text[:start] + kept + text[end:]
