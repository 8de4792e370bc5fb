"""What blocks showed when they were as expected, kept between two builds of a site."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from mmscn import cache
from mmscn.check.values import show
from mmscn.documents.document import Block, Document
from mmscn.documents.outcome import Outcome, Runner, composed_for, file_text, finder_for, text_of
from mmscn.replace import replace_file
from mmscn.show import table


@frozen(kw_only=True)
class Request:
    """A text that a page needs of a block."""

    show: str
    width: int
    params: tuple[tuple[str, str], ...] = ()
    name: str | None = None

    @property
    def key(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)


@frozen(kw_only=True)
class Row:
    """One run: its params, and the verdict under each title."""

    params: dict[str, str]
    verdict: str
    met: bool
    properties: dict[str, str]


@frozen(kw_only=True)
class BlockView:
    """All that pages need of a block; plain data.

    wrong: why the block is not as it should be, or None. modules: those that
    it imports, by name, with a digest of their texts. warnings: of each, how many lines below
    the block's first it stands, and what it says. kept: whether it came from the cache.
    """

    name: str | None
    title: str | None
    claims: tuple[str, ...]
    verdict: str | None
    rows: tuple[Row, ...]
    titles: tuple[str, ...]
    texts: dict[str, str]
    modules: dict[str, str]
    wrong: str | None = None
    warnings: tuple[tuple[int, str], ...] = ()
    kept: bool = False


def view_of_block(
    document: Document,
    runner: Runner,
    block: Block,
    requests: Sequence[Request],
    folder: Path | None,
) -> BlockView:
    """What a block shows, from the cache in a folder where nothing changed since.

    Only what is as expected is kept. Raises KeyboardInterrupt where a run was interrupted.
    """
    path = None if folder is None else folder / f"{digest_of(document, block)}.json"
    if path is not None:
        old = read_view(path, document)
        if old is not None and all(r.key in old.texts for r in requests):
            return old
    result = view_of_outcome(document, runner.of(block), requests)
    if path is not None and result.wrong is None and result.modules:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        replace_file(path, json.dumps(asdict(result)).encode("utf-8"))
    return result


def view_of_outcome(document: Document, found: Outcome, requests: Sequence[Request]) -> BlockView:
    report = found.report
    texts = {
        r.key: text_of(found, r.show, width=r.width, params=dict(r.params), name=r.name)
        for r in requests
    }
    find = finder_for(document)
    modules = {}
    for name in found.modules:
        source = find(name)
        modules[name] = digest(source.text) if source is not None else ""
    if report is None:
        return BlockView(
            name=None, title=None, claims=(), verdict=None, rows=(), titles=(), texts=texts,
            modules=modules, wrong=found.wrong,
        )  # fmt: skip
    rows = tuple(
        Row(
            params={name: show(value) for name, value in run.params},
            verdict=run.word,
            met=run.met,
            properties={p.title: p.word for p in run.properties},
        )
        for run in report.runs
    )
    return BlockView(
        name=report.name,
        title=report.title,
        claims=report.claims,
        verdict=report.word,
        rows=rows,
        titles=tuple(table.listed(report.runs)),
        texts=texts,
        modules=modules,
        wrong=found.wrong,
        warnings=tuple(
            (d.span.line - found.block.line if d.span.source is document.source else 0,
             f"{d.code}: {d.message}")
            for d in found.warnings
        ),
    )  # fmt: skip


def read_view(path: Path, document: Document) -> BlockView | None:
    """What the cache has, if the modules still have the same texts."""
    try:
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        rows = tuple(Row(**row) for row in data.pop("rows"))
        lists = {name: tuple(data.pop(name)) for name in ("claims", "titles")}
        warnings = tuple((line, text) for line, text in data.pop("warnings"))
        old = BlockView(**{**data, **lists, "rows": rows, "warnings": warnings, "kept": True})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    find = finder_for(document)
    for name, was in old.modules.items():
        source = find(name)
        if source is None or digest(source.text) != was:
            return None
    return old if old.wrong is None else None


def digest_of(document: Document, block: Block) -> str:
    """Of all that decides what a block finds, but for the modules it imports."""
    values = {k: v for k, v in block.values.items() if k in ("expect", "params", "file")}
    modules = {name: source.text for name, source in document.modules().items()}
    text = composed_for(block).source.text
    parts = [cache.made_by(), text, values, modules, file_text(document, block)]
    return digest(json.dumps(parts, sort_keys=True, default=list))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
