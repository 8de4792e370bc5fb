"""Values, places and diagnostics as the JSON result has them."""

from __future__ import annotations

from typing import Any

from mmscn.check.values import Atom, Domain, Elem, Value, kind_of
from mmscn.diagnostics import Diagnostic, hint_of
from mmscn.source import Source, Span

Json = dict[str, Any]


def plain(value: Value) -> str | int | bool | None:
    """A value; a word and an element are their names, which the type tells apart."""
    match value:
        case Atom(name=name) | Elem(name=name):
            return name
        case _:
            return value


def type_of(domain: Domain, *, version: bool) -> str:
    """`bool`, `number`, `version`, `word`, or the sort of elements; `any` for several of them."""
    if version:
        return "version"
    kinds = {kind_of(v) for v in domain if v is not None}
    return kinds.pop() if len(kinds) == 1 else "any"


def broken(verdict: str) -> bool:
    """Whether the word of a verdict says that something is violated."""
    return verdict.startswith("violated")


def place(span: Span | None) -> Json | None:
    """Lines and columns from 1; the end column is that behind the last character."""
    if span is None:
        return None
    return {"source": span.source.name, **extent(span)}


def extent(span: Span) -> Json:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(max(span.start, trimmed_end(span)))
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def trimmed_end(span: Span) -> int:
    """The end without the blanks and line ends in front of it."""
    return span.start + len(span.text.rstrip())


def diagnostic(d: Diagnostic) -> Json:
    return {
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "where": place(d.span),
        "labels": [{"where": place(label.span), "text": label.text} for label in d.labels],
        "hint": hint_of(d),
    }


def file_of(source: Source, path: str | None, shipped: bool) -> Json:
    return {"source": source.name, "path": path, "shipped": shipped, "text": source.text}
