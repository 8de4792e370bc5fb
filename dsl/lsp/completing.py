"""What may be written at a place, by the word in front of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types as lsp

from mmscn.check.modules import Unit
from mmscn.grammar.vocabulary import VOCABULARY
from mmscn.lsp.reading import Reading
from mmscn.lsp.symbols import Kind, Symbol
from mmscn.lsp.telling import comment_above, head
from mmscn.shipped_texts import module_names
from mmscn.source import Source

KINDS: dict[Kind, lsp.CompletionItemKind] = {
    "param": lsp.CompletionItemKind.Constant,
    "knob": lsp.CompletionItemKind.Constant,
    "word": lsp.CompletionItemKind.EnumMember,
    "constant": lsp.CompletionItemKind.Constant,
    "profile": lsp.CompletionItemKind.Class,
    "enum": lsp.CompletionItemKind.Enum,
    "struct": lsp.CompletionItemKind.Struct,
    "member": lsp.CompletionItemKind.Field,
    "attribute": lsp.CompletionItemKind.Field,
    "procedure": lsp.CompletionItemKind.Function,
    "hook": lsp.CompletionItemKind.Event,
    "property": lsp.CompletionItemKind.Interface,
    "module": lsp.CompletionItemKind.Module,
    "file": lsp.CompletionItemKind.File,
}
CLAUSES: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    (r"\bcall\s+\w*$", ("procedure", "hook")),
    (r"\bon\s+\w*$", ("hook",)),
    (r"\boverride\s+proc\s+\w*$", ("procedure",)),
    (r"\b(?:check|violated)\s+(?:[^\n]*,\s*)?\w*$", ("property",)),
    (r"\bmachine\s+\w*$", ("profile",)),
    (r"\bafter\s+\w*$", ("mark",)),
    (r"\bgoto\s+\w*$", ("label",)),
    (r"\b(?:lock|unlock|trylock)\s+\w*$", ("lock",)),
    (r"\b(?:store|load|flush)\s+\w*$", ("mapping", "local", "argument")),
)
"""What is in front of the place on its line, and the kinds that are wanted there."""
FIXED = (
    "vma", "mm", "index", "filepage", "frame", "next", "cpus", "file", "vas", "vmas", "mms",
    "pages", "fs", "shared", "write", "number", "held", "owner", "drained",
)  # fmt: skip
"""What the language itself gives elements and locks."""
SETTING = re.compile(r"(\w+)\s*(?:==|!=|=)\s*\w*$")
EVERYWHERE: tuple[Kind, ...] = (
    "local", "argument", "variable", "lock", "constant", "param", "knob", "word",
    "mapping", "file", "mm", "enum", "struct", "procedure", "thread",
)  # fmt: skip


def completions(source: Source, at: int, last_good: Reading | None) -> list[lsp.CompletionItem]:
    """last_good: the last reading of the text in which its names meant something."""
    line = source.text[source.text.rfind("\n", 0, at) + 1 : at]
    if inside_text(line):
        return []
    if re.search(r"\bimport\s+[\w.]*$", line):
        return [item(name, lsp.CompletionItemKind.Module, "module") for name in modules(last_good)]
    if last_good is None or last_good.unit is None:
        return list(keywords())
    if re.search(r"\.\w*$", line) and not re.search(r"\.\.\w*$", line):
        names = {s.name: s for s in last_good.index.symbols if s.kind in ("attribute", "member")}
        fixed = [item(name, lsp.CompletionItemKind.Property, "fixed") for name in FIXED]
        return [*map(described, names.values()), *fixed]
    for pattern, kinds in CLAUSES:
        if re.search(pattern, line):
            return [described(s) for s in of_kinds(source, at, last_good, kinds)]
    found = {s.name: described(s) for s in of_kinds(source, at, last_good, EVERYWHERE)}
    words = list(values(last_good.unit, line))
    rest = [i for i in (*found.values(), *keywords()) if i.label not in {w.label for w in words}]
    return [*words, *rest]


def inside_text(line: str) -> bool:
    """Whether a line ends in a comment or in a text in quotes."""
    bare = re.sub(r'"(?:\\.|[^"\\])*"', "", line)
    return '"' in bare or "//" in bare


def of_kinds(
    source: Source, at: int, last_good: Reading, kinds: tuple[Kind, ...]
) -> Iterator[Symbol]:
    """The symbols of some kinds that are known at a place, the nearest ones first."""
    index = last_good.index
    own = last_good.source
    locals_ = [s for s in index.locals_at(own, min(at, len(own.text))) if s.kind in kinds]
    seen: set[str] = set()
    globals_ = [s for s in index.symbols if s.seen is None and s.kind in kinds]
    globals_.sort(key=lambda s: s.span.source is not own)
    for symbol in (*locals_, *globals_):
        if symbol.name not in seen:
            seen.add(symbol.name)
            yield symbol


def values(unit: Unit, line: str) -> Iterator[lsp.CompletionItem]:
    """Behind `zap == ` or `memory = `, the words that the param, knob or enum has."""
    match = SETTING.search(line)
    if match is None:
        return
    for table in (unit.params, unit.knobs):
        varied = table.get(match[1])
        if varied is not None:
            from mmscn.check.variation import values_of

            for value in values_of(varied.values):
                yield item(str(value), lsp.CompletionItemKind.EnumMember, match[1], first=True)


def modules(last_good: Reading | None) -> list[str]:
    own = [] if last_good is None or last_good.unit is None else list(last_good.unit.modules)
    return sorted({*own, *module_names()})


def keywords() -> Iterator[lsp.CompletionItem]:
    for word, about in VOCABULARY.items():
        yield item(word, lsp.CompletionItemKind.Keyword, about.meaning)


def described(symbol: Symbol) -> lsp.CompletionItem:
    kind = KINDS.get(symbol.kind, lsp.CompletionItemKind.Variable)
    made = item(symbol.name, kind, head(symbol).partition("\n")[0])
    note = comment_above(symbol.whole)
    if note:
        made.documentation = note
    return made


def item(
    label: str, kind: lsp.CompletionItemKind, detail: str, *, first: bool = False
) -> lsp.CompletionItem:
    return lsp.CompletionItem(
        label=label, kind=kind, detail=detail, sort_text=f"{0 if first else 1}{label}"
    )
