"""The outline of a text, and the parts of it that an editor folds."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from mmscn.check.parts import nodes
from mmscn.lsp.places import position, range_of
from mmscn.lsp.symbols import word_in
from mmscn.source import Source, Span
from mmscn.syntax import tree as t

KIND = lsp.SymbolKind
KINDS: dict[type[t.Node], lsp.SymbolKind] = {
    t.Scenario: KIND.File,
    t.Module: KIND.Module,
    t.Param: KIND.Constant,
    t.Knob: KIND.Constant,
    t.Const: KIND.Constant,
    t.Profile: KIND.Class,
    t.File: KIND.File,
    t.Map: KIND.Variable,
    t.Mm: KIND.Namespace,
    t.Enum: KIND.Enum,
    t.Struct: KIND.Struct,
    t.Member: KIND.Field,
    t.Var: KIND.Variable,
    t.LockDecl: KIND.Variable,
    t.Proc: KIND.Function,
    t.Hook: KIND.Event,
    t.OnHook: KIND.Event,
    t.Agent: KIND.Class,
    t.Step: KIND.Method,
    t.Thread: KIND.Function,
    t.Property: KIND.Interface,
}


def outline(tree: t.Text) -> list[lsp.DocumentSymbol]:
    """What a text declares, one in another as it stands there."""
    return [made for item in tree.items for made in entries(item)]


def entries(node: t.Node) -> Iterator[lsp.DocumentSymbol]:
    name = getattr(node, "name", None)
    kind = KINDS.get(type(node))
    inside = [made for part in parts(node) for made in entries(part)]
    if kind is None or not isinstance(name, str) or not name:
        yield from inside
        return
    detail = getattr(node, "title", None) or getattr(node, "text", None)
    yield lsp.DocumentSymbol(
        name=name,
        kind=kind,
        range=range_of(node.span),
        selection_range=range_of(word_in(node.span, name)),
        detail=detail if isinstance(detail, str) else None,
        children=inside,
    )


def parts(node: t.Node) -> tuple[t.Node, ...]:
    match node:
        case t.Mm(maps=inner):
            return inner
        case t.Struct(members=members):
            return members
        case t.Each(members=inner_state):
            return inner_state
        case t.Agent(members=steps):
            return steps
        case t.Composition(parts=inside):
            return inside
    return ()


def folds(tree: t.Text, source: Source) -> list[lsp.FoldingRange]:
    """Blocks and declarations of several lines, runs of comment lines, runs of imports."""
    found: dict[tuple[int, int], lsp.FoldingRange] = {}
    for item in tree.items:
        for node in nodes(item):
            if isinstance(node, t.Block | t.ItemNode | t.Step):
                add(found, node.span, None)
    comments = [n for n in range(1, len(source.line_starts) + 1) if is_comment(source.line(n))]
    for first, last in runs(comments):
        span = Span(source, source.line_starts[first - 1], source.line_starts[last - 1])
        add(found, span, lsp.FoldingRangeKind.Comment)
    imports = [item.span.line for item in tree.items if isinstance(item, t.Import)]
    for first, last in runs(imports):
        span = Span(source, source.line_starts[first - 1], source.line_starts[last - 1])
        add(found, span, lsp.FoldingRangeKind.Imports)
    return [found[key] for key in sorted(found)]


def add(
    found: dict[tuple[int, int], lsp.FoldingRange], span: Span, kind: lsp.FoldingRangeKind | None
) -> None:
    first = position(span.source, span.start).line
    last = position(span.source, max(span.start, span.end - 1) if kind is None else span.end).line
    if last > first:
        found.setdefault((first, last), lsp.FoldingRange(first, last, kind=kind))


def is_comment(line: str) -> bool:
    return line.lstrip().startswith("//")


def runs(lines: list[int]) -> Iterator[tuple[int, int]]:
    """Lines that follow each other: the first and the last of each run."""
    start = 0
    for n in range(1, len(lines) + 1):
        if n == len(lines) or lines[n] != lines[n - 1] + 1:
            yield lines[start], lines[n - 1]
            start = n
