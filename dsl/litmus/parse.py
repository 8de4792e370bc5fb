"""A litmus test's text to its tree."""

from __future__ import annotations

import functools
import re
from typing import Any

from lark import Lark, Token, Transformer, Tree, UnexpectedCharacters, UnexpectedInput, v_args
from lark.exceptions import VisitError
from lark.tree import Meta

from mmscn.diagnostics import Diagnostic, Rejected, one
from mmscn.grammar import grammar_text
from mmscn.litmus import tree as t
from mmscn.litmus.sections import Sections, columns, sections
from mmscn.source import Source, Span

ERRORS_MAX = 20
DIGITS_MAX = 20
DEPTH_MAX = 60
THREAD = re.compile(r"P?(\d{1,3})$")
NAMES = {
    "NAME": "a name",
    "INT": "a number",
    "HEX": "a number",
    "STRING": "a text in quotes",
    "TYPE": "a type",
    "SIGN": "`-`",
    "TRUTH": "`true`",
    "FAULT": "`fault(…)`",
    "QUANTIFIER": "`exists`, `~exists` or `forall`",
    "LOCK": "`lock`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "EQUAL": "`=`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "SEMICOLON": "`;`",
    "TILDE": "`~`",
    "BANG": "`!`",
    "DOLLAR": "`$`",
    "HASH": "`#`",
    "PERCENT": "`%`",
    "AMPERSAND": "`&`",
    "FILTER": "`filter`",
    "LOCATIONS": "`locations`",
    "NOT": "`not`",
    "$END": "the end",
}
EXPECTED_MAX = 7


@functools.cache
def parser() -> Lark:
    return Lark(
        grammar_text("litmus"),
        parser="lalr",
        start=["init", "asked", "cell", "c_program"],
        maybe_placeholders=True,
        propagate_positions=True,
    )


def parse(source: Source) -> t.Litmus:
    """The tree of a text. Raises Rejected."""
    parts = sections(source)
    found: list[Diagnostic] = []
    settings: tuple[t.Setting, ...]
    settings = part(source, parts.text, "init", *parts.init, found) or ()
    asked = part(source, parts.text, "asked", *parts.asked, found)
    threads: tuple[t.Thread, ...] = ()
    program = None
    if parts.arch == "C":
        program = tree_of(source, parts.text, "c_program", *parts.program, found)
    else:
        threads = tuple(threads_of(source, parts, found))
    if found:
        raise Rejected(tuple(sorted(found, key=lambda d: d.span.start)))
    locations, filter_, quantified = asked
    quantifier, condition = quantified or ("forall", t.Truth(True))
    return t.Litmus(
        source=source,
        arch=parts.arch,
        name=parts.name,
        keys=parts.keys,
        settings=settings,
        threads=threads,
        program=program,
        locations=locations or (),
        filter=filter_,
        quantifier=quantifier,
        condition=condition,
        span=Span(source, *parts.program),
    )


def threads_of(source: Source, parts: Sections, found: list[Diagnostic]) -> list[t.Thread]:
    made = []
    for column in columns(source, parts):
        code = []
        for at, cell in column.cells:
            code.append(part(source, cell, "cell", 0, len(cell), found, at))
        made.append(
            t.Thread(
                number=column.number,
                handler=column.handler,
                code=tuple(i for i in code if i is not None),
                span=Span(source, *column.span),
            )
        )
    numbers = [thread.number for thread in made if not thread.handler]
    for thread in made:
        if (thread.handler and thread.number not in numbers) or numbers.count(thread.number) > 1:
            word = thread.span.text
            found.append(
                Diagnostic(
                    "MM802",
                    f"`{word}` cannot stand here",
                    thread.span,
                    (),
                    "each thread has one column, and a handler one of a thread that there is",
                )
            )
    return made


def part(
    source: Source,
    text: str,
    start: str,
    begin: int,
    end: int,
    found: list[Diagnostic],
    base: int = 0,
) -> Any:
    """What a part of a text says; None, and a diagnostic in `found`, where it says nothing."""
    tree = tree_of(source, text, start, begin, end, found, base)
    if tree is None:
        return None
    try:
        return Builder(source, base + begin).transform(tree)
    except VisitError as problem:
        if not isinstance(problem.orig_exc, Rejected):
            raise
        found.extend(problem.orig_exc.diagnostics[: ERRORS_MAX - len(found)])
    return None


def tree_of(
    source: Source,
    text: str,
    start: str,
    begin: int,
    end: int,
    found: list[Diagnostic],
    base: int = 0,
) -> Tree[Token] | None:
    """The parts of a text as they are parsed; None, and a diagnostic, where they cannot be."""
    piece = text[begin:end]
    offset = base + begin
    if nesting(piece) > DEPTH_MAX:
        span = Span(source, offset, offset + 1)
        found.append(Diagnostic("MM805", f"brackets are more than {DEPTH_MAX} deep here", span))
        return None
    try:
        return parser().parse(piece, start=start)
    except UnexpectedInput as problem:
        if len(found) < ERRORS_MAX:
            found.append(unexpected(source, piece, offset, problem))
    return None


def nesting(text: str) -> int:
    """How deep brackets and signs of negation are, at most."""
    deepest = depth = 0
    for c in text:
        if c in "([{~":
            depth += 1
            deepest = max(deepest, depth)
        elif c in ")]}" or (c not in " \t\n" and depth > 0 and "~" in text):
            depth -= c in ")]}"
    return max(deepest, len(max(re.findall(r"[!*&\-]+", text), key=len, default="")))


def unexpected(source: Source, text: str, offset: int, problem: UnexpectedInput) -> Diagnostic:
    """What to say about one error of syntax."""
    hint = expected(problem)
    token = getattr(problem, "token", None)
    at = problem.pos_in_stream
    if (isinstance(token, Token) and token.type == "$END") or at is None or at < 0:
        last = offset + len(text.rstrip())
        span = Span(source, max(last - 1, 0), max(last, 1))
        return Diagnostic("MM803", "this ends too early", span, (), hint)
    if isinstance(problem, UnexpectedCharacters):
        span = Span(source, offset + at, offset + at + 1)
        return Diagnostic("MM802", f"the character {text[at]!r} cannot stand here", span, (), hint)
    assert isinstance(token, Token)
    span = Span(source, offset + at, offset + at + max(len(token), 1))
    return Diagnostic("MM802", f"`{token[:40]}` cannot stand here", span, (), hint)


def expected(problem: UnexpectedInput) -> str | None:
    names = getattr(problem, "accepts", None) or getattr(problem, "expected", None)
    names = names or getattr(problem, "allowed", None) or set()
    shown = sorted({NAMES.get(n, f"`{n.lower()}`") for n in names if not n.startswith("__ANON")})
    if "__ANON_0" in names or "__ANON_1" in names:
        shown += ["`/\\`", "`\\/`"] if len(shown) < EXPECTED_MAX - 1 else []
    if not shown or len(shown) > EXPECTED_MAX:
        return None
    return f"expected {' or '.join(filter(None, [', '.join(shown[:-1]), shown[-1]]))}"


@v_args(meta=True)
class Builder(Transformer[Token, Any]):
    """A method for each rule of the grammar. offset: where the parsed part begins in the source."""

    def __init__(self, source: Source, offset: int) -> None:
        super().__init__()
        self.source = source
        self.offset = offset

    def span(self, meta: Meta) -> Span:
        if meta.empty:
            return Span(self.source, self.offset, self.offset)
        return Span(self.source, self.offset + meta.start_pos, self.offset + meta.end_pos)

    def integer(self, meta: Meta, text: str) -> int:
        if len(text) > DIGITS_MAX:
            raise one("MM805", f"a number with {len(text)} digits", self.span(meta))
        return int(text, 0) if "x" in text.lower() else int(text)

    # ---- initial state ----------------------------------------------------------

    def init(self, meta: Meta, c: list[Any]) -> tuple[t.Setting, ...]:
        return tuple(c)

    def setting(self, meta: Meta, c: list[Any]) -> t.Setting:
        type_, place, value = c if isinstance(c[0], Token) else (None, *c)
        name = " ".join(type_.split()) if type_ else ""
        return t.Setting(place=place, value=value, type=name, span=self.span(meta))

    def register(self, meta: Meta, c: list[Any]) -> t.Register:
        match = THREAD.match(c[0])
        if match is None:
            raise one(
                "MM802", f"`{c[0][:40]}` is no thread", self.span(meta), "write `0:` or `P0:`"
            )
        return t.Register(int(match[1]), str(c[1]), self.span(meta))

    def location(self, meta: Meta, c: list[Any]) -> t.Place:
        name = str(c[0])
        if name.startswith("pte_"):
            return t.Of("PTE", name[4:], self.span(meta))
        return t.Location(name, self.span(meta))

    def element(self, meta: Meta, c: list[Any]) -> t.Location:
        return t.Location(str(c[0]), self.span(meta), self.integer(meta, c[1]))

    def of(self, meta: Meta, c: list[Any]) -> t.Of:
        return t.Of(str(c[0]), str(c[1]), self.span(meta))

    of_value = of

    def number(self, meta: Meta, c: list[Any]) -> t.Number:
        *sign, digits = c
        value = self.integer(meta, digits)
        return t.Number(-value if sign and sign[0] == "-" else value, self.span(meta))

    def symbol(self, meta: Meta, c: list[Any]) -> t.Symbol | t.Of:
        name = str(c[0])
        for prefix, what in (("pte_", "PTE"), ("phy_", "PA")):
            if name.startswith(prefix):
                return t.Of(what, name[4:], self.span(meta))
        return t.Symbol(name, self.span(meta))

    def wrapped(self, meta: Meta, c: list[Any]) -> t.Value:
        if c[0] in ("ATOMIC_INIT", "ATOMIC_VAR_INIT"):
            return t.Number(self.integer(meta, c[1]), self.span(meta))
        return self.strange(meta)

    def strange(self, meta: Meta) -> t.Strange:
        return t.Strange(self.span(meta).text, self.span(meta))

    def label_of(self, meta: Meta, c: list[Any]) -> t.CodeLabel | t.Tagged:
        span, match = self.span(meta), THREAD.match(c[0])
        if match is None:
            return t.Tagged(str(c[0]), str(c[1]), span)
        return t.CodeLabel(int(match[1]), str(c[1]), span)

    def quoted(self, meta: Meta, c: list[Any]) -> t.Instr | t.Strange:
        if c[0] == "instr":
            return t.Instr(c[1].strip('"').strip(), self.span(meta))
        return self.strange(meta)

    def values(self, meta: Meta, c: list[Any]) -> t.Values:
        return t.Values(tuple(c), self.span(meta))

    def tagged(self, meta: Meta, c: list[Any]) -> t.Entry:
        return t.Entry(c[1].fields, self.span(meta), str(c[0]))

    def entry(self, meta: Meta, c: list[Any]) -> t.Entry:
        return t.Entry(tuple(c), self.span(meta))

    def field(self, meta: Meta, c: list[Any]) -> tuple[str, t.Value]:
        return str(c[0]), c[1]

    # ---- what is asked ------------------------------------------------------------

    def asked(self, meta: Meta, c: list[Any]) -> list[Any]:
        return c

    def locations(self, meta: Meta, c: list[Any]) -> tuple[t.Listed, ...]:
        return tuple(c)

    def filter(self, meta: Meta, c: list[Any]) -> t.Condition:
        found: t.Condition = c[0]
        return found

    def quantified(self, meta: Meta, c: list[Any]) -> tuple[str, t.Condition]:
        word = "~exists" if c[0].startswith(("~", "not")) else str(c[0])
        return word, c[1]

    def implied(self, meta: Meta, c: list[Any]) -> t.Both:
        return t.Both("=>", tuple(c))

    def disjunction(self, meta: Meta, c: list[Any]) -> t.Both:
        return t.Both("\\/", tuple(c))

    def conjunction(self, meta: Meta, c: list[Any]) -> t.Both:
        return t.Both("/\\", tuple(c))

    def negated(self, meta: Meta, c: list[Any]) -> t.Not:
        return t.Not(c[0])

    def truth(self, meta: Meta, c: list[Any]) -> t.Truth:
        return t.Truth(c[0] == "true")

    def equal(self, meta: Meta, c: list[Any]) -> t.Equal:
        return t.Equal(c[0], c[1], True)

    def unequal(self, meta: Meta, c: list[Any]) -> t.Equal:
        return t.Equal(c[0], c[1], False)

    def fault_part(self, meta: Meta, c: list[Any]) -> str:
        return "".join(self.span(meta).text.split())

    def fault(self, meta: Meta, c: list[Any]) -> t.Fault:
        first, *rest = c[1:]
        who, _, label = first.partition(":")
        match = THREAD.match(who)
        if match is None:
            raise one(
                "MM802", f"`{who[:40]}` is no thread", self.span(meta), "write `fault(P0, x)`"
            )
        place: t.Location | t.Of | None = None
        kinds: list[str] = []
        for word in rest:
            if ":" in word or (word[:1].isupper() and not word.startswith("PTE(")):
                kinds += word.split(":")
            elif word.startswith("PTE("):
                place = t.Of("PTE", word[4:-1], self.span(meta))
            elif word.startswith("pte_"):
                place = t.Of("PTE", word[4:], self.span(meta))
            else:
                place = t.Location(word.strip("[]"), self.span(meta))
        return t.Fault(int(match[1]), label or None, place, tuple(kinds), self.span(meta))

    # ---- code ---------------------------------------------------------------------

    def cell(self, meta: Meta, c: list[Any]) -> t.Instruction | None:
        *labels, code = c
        if code is None and not labels:
            return None
        name, lock, operands = code or ("", False, ())
        return t.Instruction(
            labels=tuple(map(str, labels)),
            name=name,
            operands=operands,
            lock=lock,
            span=self.span(meta),
        )

    def instruction(self, meta: Meta, c: list[Any]) -> Any:
        lock = isinstance(c[0], Token) and c[0].type == "LOCK"
        name, *operands = c[1:] if lock else c
        return name.upper(), lock, tuple(o for o in operands if o is not None)

    def word(self, meta: Meta, c: list[Any]) -> t.Word:
        return t.Word(str(c[0]), self.span(meta))

    def shift(self, meta: Meta, c: list[Any]) -> t.Shift:
        return t.Shift(c[0].upper(), self.integer(meta, c[1]), self.span(meta))

    def memory(self, meta: Meta, c: list[Any]) -> t.Memory:
        return t.Memory(tuple(c), False, self.span(meta))

    def memory_back(self, meta: Meta, c: list[Any]) -> t.Memory:
        return t.Memory(tuple(c), True, self.span(meta))

    def memory_att(self, meta: Meta, c: list[Any]) -> t.Memory:
        offset, *parts = c
        more = () if offset is None else (t.Number(self.integer(meta, offset), self.span(meta)),)
        return t.Memory((*parts, *more), False, self.span(meta))
