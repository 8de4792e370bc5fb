"""Text to tree, by lark. Bad text gives diagnostics and the tree of what was fine.

After a syntax error the statement that has it is blanked and the text is parsed
again (`recover`); so one run reports several errors.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from lark import Lark, Tree, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken
from lark.lexer import Token

from mmscn.diagnostics import Diagnostic, Label, Reporter
from mmscn.grammar import grammar_text
from mmscn.grammar.vocabulary import CATEGORIES, words_of
from mmscn.source import TEXT_CHARS_MAX, Source, Span
from mmscn.syntax.braces import CLOSING, OpenBrace, not_closed
from mmscn.syntax.empty_lines import empty_region
from mmscn.syntax.expected import (
    CHARACTERS,
    could_stand,
    describe,
    expected_words,
    hint_for,
    hint_for_word,
    lonely,
    lonely_hint,
    uncalled,
)
from mmscn.syntax.newlines import StatementEnds, TooDeep, WordsJoined
from mmscn.syntax.parser_tables import with_tables
from mmscn.syntax.recover import Bare, bare, blanked
from mmscn.syntax.tree import Text
from mmscn.syntax.tree_builder import TreeBuilder

if TYPE_CHECKING:
    from mmscn.syntax.slips import Slip

SYNTAX_ERRORS_MAX = 10
WORD = re.compile(r"\w")
WORDS = re.compile(r"\w+")


def parse(source: Source) -> tuple[Text, tuple[Diagnostic, ...]]:
    """The tree of a text, and what is wrong with its syntax; raises Exceeded and nothing else."""
    reporter = Reporter()
    text = source.text
    if len(text) > TEXT_CHARS_MAX:
        first = Span(source, 0, 1)
        reporter.error("MM105", f"the text has more than {TEXT_CHARS_MAX} characters", first)
        return Text(span=first, items=()), tuple(reporter.found)
    empty = empty_region(text)
    if empty is not None:
        message = "there are too many empty lines and comments in a row here"
        return Text(span=Span(source, 0, 0), items=()), (
            error("MM104", message, Span(source, *empty)),
        )
    lines: set[int] = set()
    for _ in range(SYNTAX_ERRORS_MAX):
        try:
            tree = parser().parse(text)
            result, wrong = build(source, tree)
            return result, (*reporter.found, *wrong)
        except (UnexpectedInput, WordsJoined, TooDeep) as problem:
            found = diagnostic(source, text, problem)
        line = found.span.line
        if line not in lines:
            # A second error of a line is mostly the first one's.
            reporter.found.append(found)
            lines.add(line)
        if found.code in ("MM102", "MM104"):
            break
        shorter = blanked(text, found.span.start)
        if shorter == text:
            break
        text = shorter
    return Text(span=Span(source, 0, len(text)), items=()), tuple(reporter.found)


def build(source: Source, tree: Tree[Any]) -> tuple[Text, list[Diagnostic]]:
    builder = TreeBuilder(source)
    result = built(builder, tree)
    assert isinstance(result, Text)
    return result, builder.found


def built(builder: TreeBuilder, node: Any) -> Any:
    """What a builder makes of lark's tree, from the leaves on."""
    if not isinstance(node, Tree):
        return node
    return getattr(builder, node.data)(node.meta, [built(builder, c) for c in node.children])


@functools.cache
def parser() -> Lark:
    """The LALR(1) parser; its tables are kept in the user's cache folder."""
    return with_tables(grammar_text(), propagate_positions=True, postlex=StatementEnds())


def diagnostic(
    source: Source, text: str, problem: UnexpectedInput | WordsJoined | TooDeep
) -> Diagnostic:
    """What to say about one error; `text` is what is left of the source's."""
    match problem:
        case TooDeep(token=token, what=what):
            at = token.start_pos or 0
            return error("MM104", what, Span(source, at, at + len(token)))
        case WordsJoined(first=first):
            return strange_word(source, text, first.start_pos or 0, {first.type})
        case UnexpectedCharacters():
            return character(source, text, problem.pos_in_stream or 0)
        case UnexpectedToken(token=Token(type="$END")) | UnexpectedEOF():
            return too_early(source, text, problem)
        case UnexpectedToken(token=token):
            return out_of_place(source, text, problem, token)
    raise problem


def character(source: Source, text: str, at: int) -> Diagnostic:
    span = Span(source, at, at + 1)
    if text[at] == '"':
        return error("MM103", "this string has no end on its line", span)
    if text.startswith("/*", at):
        return error("MM103", "this comment has no end", Span(source, at, at + 2))
    seen = bare(text)
    known = known_slip(seen, at, at + 1)
    if known is not None:
        hint: str | None = known.hint
    elif text[at].isascii():
        hint = CHARACTERS.get(text[at])
    else:
        hint = "outside of comments and texts in quotes there are ASCII letters, digits and signs"
    return error("MM103", f"the character {text[at]!r} has no meaning here", span, hint=hint)


def known_slip(seen: Bare, at: int, end: int) -> Slip | None:
    """What is known from elsewhere, in the statement around what cannot stand there."""
    from mmscn.syntax.slips import slip  # many patterns, and most runs have no error

    inside = within(seen, seen.open_at(at))
    return slip(seen.text, seen.statement(at), at, end, within=inside)


def within(seen: Bare, opened: list[int]) -> str:
    """What stands before the innermost open brace; nothing where there is none."""
    braces = [at for at in opened if seen.text[at] == "{"]
    if not braces:
        return ""
    return seen.text[seen.statement(braces[-1]) : braces[-1]].strip() or "{"


def too_early(source: Source, text: str, problem: UnexpectedInput) -> Diagnostic:
    at = len(text.rstrip())
    seen = bare(text)
    brace = not_closed(seen)
    if brace is not None:
        return open_brace(source, brace)
    opened = seen.open_at(len(text))
    labels: tuple[Label, ...] = ()
    hint = expected_words(could_stand(problem)) or "a statement is begun here and not ended"
    if opened:
        bracket = seen.text[opened[-1]]
        span = Span(source, opened[-1], opened[-1] + 1)
        labels = (Label(span=span, text=f"this `{bracket}` is not closed"),)
        hint = f"a `{CLOSING[bracket]}` is missing"
    span = Span(source, max(at - 1, 0), max(at, 1))
    return error("MM102", "the text ends too early", span, hint=hint, labels=labels)


def open_brace(source: Source, brace: OpenBrace) -> Diagnostic:
    span = Span(source, brace.at, brace.at + 1)
    labels: tuple[Label, ...] = ()
    hint = "it is open where the text ends; a `}` is missing"
    if brace.before is not None:
        label = "by its indentation, this is no longer in the block"
        labels = (Label(Span(source, brace.before, brace.before + 1), label),)
        hint = f"a `}}` is missing before line {source.position(brace.before)[0]}"
    return error("MM102", "this `{` is not closed", span, hint=hint, labels=labels)


def out_of_place(source: Source, text: str, problem: UnexpectedToken, token: Token) -> Diagnostic:
    at = token.start_pos or 0
    end = max(token.end_pos or at + 1, at + 1)
    seen = bare(text)
    brace = not_closed(seen)
    if brace is not None and brace.before is not None and at >= brace.before:
        return open_brace(source, brace)
    opened = seen.open_at(at)
    start = seen.statement(at)
    known = known_slip(seen, at, end)
    if known is not None:
        span = Span(source, known.start, known.end)
        return error("MM101", f"`{span.text[:40]}` cannot stand here", span, hint=known.hint)
    word = at
    while word > 0 and WORD.match(text[word - 1]):
        word -= 1
    if word < at and WORD.match(text[at]):
        return strange_word(source, text, word, set(words_of(*CATEGORIES)))
    if token.type == "_NL":
        end = at + 1  # the pattern of a line's end looks at the next line
    labels: tuple[Label, ...] = ()
    if opened and seen.text[opened[-1]] in "([":
        span = Span(source, opened[-1], opened[-1] + 1)
        labels = (Label(span=span, text="opened here"),)
    names = could_stand(problem)
    before = seen.text[start:at]
    called = uncalled(before, names)
    if called is not None:
        span = Span(source, start + called.start(1), start + called.end(1))
        hint = f"a procedure is called with `call {called[1]}(...)`"
        return error("MM101", f"`{called[1]}` cannot stand here", span, hint=hint)
    alone = lonely(before, token)
    if alone is not None:
        at = start + alone.start(1)
        span = Span(source, at, at + len(alone[1]))
        return error("MM101", f"`{alone[1]}` is no statement", span, hint=lonely_hint(alone[1]))
    after = text[end : end + 1]
    if not before.strip() and seen.text[:at].rstrip(" \t").endswith("}") and "_NL" in names:
        before = "}"
    outside = not within(seen, opened)
    say = hint_for(token, before, after, names, outside=outside) or expected_words(names)
    message = f"{describe(token)} cannot stand here"
    return error("MM101", message, Span(source, at, end), hint=say, labels=labels)


def strange_word(source: Source, text: str, at: int, names: set[str]) -> Diagnostic:
    """A word that begins with another one: `onn`."""
    word = WORDS.match(text, at)
    assert word is not None
    known = known_slip(bare(text), at, word.end())
    if known is not None:
        span = Span(source, known.start, known.end)
        return error("MM101", f"`{span.text[:40]}` cannot stand here", span, hint=known.hint)
    hint = hint_for_word(word[0], {name.upper() for name in names})
    if word[0][0].isdigit():
        hint = "numbers are decimal, and a name begins with a letter"
    return error(
        "MM101", f"`{word[0][:40]}` cannot stand here", Span(source, *word.span()), hint=hint
    )


def error(
    code: str,
    message: str,
    span: Span,
    *,
    hint: str | None = None,
    labels: tuple[Label, ...] = (),
) -> Diagnostic:
    return Diagnostic(code=code, message=message, span=span, hint=hint, labels=labels)
