"""What the shipped library offers, from its own comments and `source` notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc

from attrs import frozen

from mmscn.judge.shipped import COMMENT_OR_STRING, Shipped, decoded, shipped_modules
from mmscn.source import Source, Span
from mmscn.syntax import tree as t
from mmscn.syntax.parse import parse

SIGNATURE_MAX = 300
ITEMS = {
    t.Profile: "profile",
    t.Knob: "knob",
    t.Enum: "enum",
    t.Struct: "struct",
    t.Hook: "hook",
    t.OnHook: "on",
    t.Proc: "proc",
    t.Agent: "agent",
    t.Property: "property",
}


@frozen(kw_only=True)
class Entry:
    """One declaration. comment: the one right above it. sources: the notes in its body."""

    kind: str
    name: str
    signature: str
    comment: str
    sources: tuple[str, ...]
    line: int


@frozen(kw_only=True)
class Page:
    """One module. comment: what the text begins with."""

    name: str
    title: str | None
    path: str
    comment: str
    imports: tuple[str, ...]
    entries: tuple[Entry, ...]


def pages() -> tuple[Page, ...]:
    """The modules of the library, by name."""
    return tuple(page(shipped) for shipped in shipped_modules())


def page(shipped: Shipped) -> Page:
    source = decoded(Source(shipped.path, ""), shipped.file.read_bytes())
    text, _ = parse(source)
    comments = list(comment_spans(source))
    title, head, imports = None, "", []
    entries = []
    for item in text.items:
        match item:
            case t.Module():
                title = item.title
                head = comment_above(comments, item.span)
            case t.Import():
                imports.append(item.name)
            case _ if type(item) in ITEMS:
                entries.append(
                    Entry(
                        kind=ITEMS[type(item)],
                        name=str(getattr(item, "name", "")),
                        signature=signature(item),
                        comment=comment_above(comments, item.span) or meaning(item),
                        sources=tuple(sources(item.span)),
                        line=item.span.line,
                    )
                )
    return Page(
        name=shipped.name,
        title=title,
        path=shipped.path,
        comment=head,
        imports=tuple(imports),
        entries=tuple(entries),
    )


def signature(item: t.Item) -> str:
    """The declaration up to its body, on one line; all of it where the body is what it says."""
    text = item.span.text
    if isinstance(item, t.Enum):
        return " ".join(text.split())
    if isinstance(item, t.Knob):
        return " ".join(COMMENT_OR_STRING.sub("", text).split())
    bare = COMMENT_OR_STRING.sub(lambda m: " " * len(m[0]), text)
    return " ".join(bare.partition("{")[0].split())[:SIGNATURE_MAX]


def meaning(item: t.Item) -> str:
    """The text in quotes that a knob or a property has."""
    for key in ("title", "meaning", "text"):
        value = getattr(item, key, None)
        if isinstance(value, str):
            return value
    return ""


def comment_spans(source: Source) -> Iterator[tuple[int, int, str]]:
    """Start, end and text of each comment; `//` lines that follow each other are one."""
    found: list[tuple[int, int, str]] = []
    for match in COMMENT_OR_STRING.finditer(source.text):
        if match[0].startswith("/*"):
            found.append((match.start(), match.end(), unwrapped(match[0][2:-2])))
        elif match[0].startswith("//"):
            between = source.text[found[-1][1] : match.start()] if found else "?"
            text = match[0][2:].strip()
            if found and between.count("\n") == 1 and not between.strip():
                found[-1] = (found[-1][0], match.end(), f"{found[-1][2]}\n{text}")
            else:
                found.append((match.start(), match.end(), text))
    return iter(found)


def unwrapped(text: str) -> str:
    """A comment's text without its margin."""
    return cleandoc(re.sub(r"(?m)^[ \t]*\*(?= |$)", "", text)).strip()


def comment_above(comments: list[tuple[int, int, str]], span: Span) -> str:
    """The comment that ends on the line before, or on the line, and stands at a line's begin."""
    text = span.source.text
    for start, end, comment in comments:
        between = text[end : span.start]
        first = text[text.rfind("\n", 0, start) + 1 : start]
        if end <= span.start and not between.strip() and between.count("\n") <= 1:
            return comment if not first.strip() else ""
    return ""


def sources(span: Span) -> Iterator[str]:
    """The `source` notes in a declaration, each once."""
    found = re.findall(r'^[ \t]*source[ \t]+"((?:\\.|[^"\\\n])*)"', span.text, re.MULTILINE)
    return iter(dict.fromkeys(found))
