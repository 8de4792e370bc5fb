"""Parsing, with the trees of texts that had nothing wrong kept between runs."""

from __future__ import annotations

from mmscn import cache
from mmscn.diagnostics import Diagnostic
from mmscn.source import Source
from mmscn.syntax import tree, tree_bytes

KEPT: dict[Source, tree.Text] = {}
"""The trees of lasting sources, for a process that reads them again and again."""
KEPT_MAX = 256


def parse_cached(source: Source) -> tuple[tree.Text, tuple[Diagnostic, ...]]:
    """The same as `parse`; does without the parser where the text is known."""
    kept = KEPT.get(source)
    if kept is not None:
        return kept, ()
    text, found = parse_known(source)
    if source.lasting and not found:
        if len(KEPT) >= KEPT_MAX:
            KEPT.clear()
        KEPT[source] = text
    return text, found


def parse_known(source: Source) -> tuple[tree.Text, tuple[Diagnostic, ...]]:
    name = "tree-" + cache.key(cache.made_by(), tree_bytes.FORMAT, source.text)
    data = cache.read(name)
    if data is not None:
        try:
            return tree_bytes.load(data, source), ()
        except (ValueError, EOFError, TypeError, IndexError):
            pass
    # Loaded where it is needed: most runs know all their texts, and few have mistakes.
    from mmscn.syntax.lr_parse import parse_plain

    plain = parse_plain(source)
    if plain is None:
        from mmscn.syntax.parse import parse

        plain = parse(source)
    text, found = plain
    if not found:
        cache.write(name, tree_bytes.dump(text))
    return text, found
