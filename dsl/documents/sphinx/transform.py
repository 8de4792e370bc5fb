"""Runs the blocks of a page when it was read, and puts what they show in their places."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from mmscn.documents.compare import matches
from mmscn.documents.document import Block, Document, Output, linked
from mmscn.documents.fences import Fence, ScannedBlocks
from mmscn.documents.options import FOUND, Problem
from mmscn.documents.outcome import (
    Difference,
    Runner,
    chosen,
    file_text,
    property_of,
    target_of,
    width_of,
)
from mmscn.documents.outcome_cache import BlockView, Request, view_of_block
from mmscn.documents.sphinx.domain import MmscnDomain, anchor
from mmscn.judge.targets import NoTarget
from mmscn.shipped_texts import library
from mmscn.show.table import SIGNS, letter

HEAD_MAX = 50
"""Characters of the names in the head of a matrix, before letters stand for them."""
CACHE = "mmscn"
"""The folder within that of the doctrees."""
LANGUAGES = {"source": "mmscn", "diagram": "mmscn-trace", "table": "mmscn-trace",
             "verdict": "mmscn-trace", "steps": "mmscn-trace",
             "explain": "mmscn-trace"}  # fmt: skip
CLASSES = {"holds": "mmscn-holds", "violated": "mmscn-violated"}

logger = logging.getLogger(__name__)


class placeholder(nodes.General, nodes.Element):
    """Where a block stands, until the page is read; `fence` is the block."""


class RunBlocks(SphinxTransform):
    """Before the domains look at the page."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        found = list(self.document.findall(placeholder))
        if found:
            Page(self, found).show()


class Page:
    """The blocks of one page."""

    def __init__(self, transform: RunBlocks, found: list[placeholder]) -> None:
        self.env = transform.env
        self.docname = self.env.docname
        domain = self.env.get_domain(MmscnDomain.name)
        assert isinstance(domain, MmscnDomain)
        self.domain = domain
        self.found = found
        path = Path(self.env.doc2path(self.docname))
        text = path.read_text("utf-8", "replace") if path.is_file() else ""
        fences: list[Fence] = [node["fence"] for node in found]
        where = str(self.env.doc2path(self.docname, False))
        scanned = ScannedBlocks(tuple(fences), ())
        self.document: Document = linked(scanned, text, where, path.parent)
        self.runner = Runner(self.document)
        self.cache = Path(transform.app.doctreedir) / CACHE
        self.shown: dict[int, BlockView] = {}

    def show(self) -> None:
        """Replace each placeholder by what it shows; report what is not as it should be."""
        blocks = {id(b.fence): b for b in self.document.blocks}
        outputs = {id(o.fence): o for o in self.document.outputs}
        wrong: dict[int, list[Problem]] = {}
        for problem in self.document.problems:
            wrong.setdefault(self.owner(problem), []).append(problem)
        for node in self.found:
            fence = node["fence"]
            new: list[nodes.Node] = []
            for problem in wrong.get(id(fence), ()):
                new += self.failure(fence, problem.text(self.document.path))
            if not new and id(fence) in blocks:
                new = self.of_block(blocks[id(fence)])
            elif not new and id(fence) in outputs:
                new = self.of_output(outputs[id(fence)])
            node.replace_self(new)

    def owner(self, problem: Problem) -> int:
        """The fence that a problem is about."""
        fences = [node["fence"] for node in self.found]
        above = [f for f in fences if f.line <= problem.line]
        return id((above or fences)[-1])

    # ---- blocks ---------------------------------------------------------------

    def of_block(self, block: Block) -> list[nodes.Node]:
        shows = list(block.show)
        new: list[nodes.Node] = []
        if "source" in shows:
            text = file_text(self.document, block) or block.fence.text
            new.append(literal(text, "source"))
        if block.skip is not None:
            note = nodes.paragraph("", f"Not run: {block.skip}.", classes=["mmscn-skipped"])
            return [self.wrapped(block, [*new, note] if new else [], None)]
        if not self.document.runs(block):
            return [self.wrapped(block, new, None)]
        result = self.result(block)
        if result.wrong is not None:
            new += self.failure(block.fence, result.wrong)
        elif block.fence.kind == "mmscn-matrix":
            new += matrix(result, chosen(block))
        else:
            for show in shows:
                if show in FOUND:
                    new.append(literal(result.texts[request(block, block, show).key], show))
        return [self.wrapped(block, new, result)]

    def result(self, block: Block) -> BlockView:
        """What a block shows; notes what the page depends on, and what is where."""
        if id(block) not in self.shown:
            wanted = [request(block, block, s) for s in block.show if s in FOUND]
            for output in self.document.outputs:
                if output.block is block and output.compared:
                    wanted.append(request(output, block, output.show))
            found = view_of_block(self.document, self.runner, block, wanted, self.cache)
            self.shown[id(block)] = found
            self.depend(block, found)
            for below, text in found.warnings:
                place = (self.docname, block.line + below)
                logger.warning("%s", text, location=place, type="mmscn", subtype="unused")
            words = "kept from an earlier build" if found.kept else "run"
            logger.debug("[mmscn] %s:%s %s", self.docname, block.label, words)
        return self.shown[id(block)]

    def depend(self, block: Block, found: BlockView) -> None:
        for name in found.modules:
            parts = name.split(".")
            for root in (self.document.folder, Path(str(library()))):
                path = root.joinpath(*parts[:-1], f"{parts[-1]}.mmscn")
                if path.is_file():
                    self.env.note_dependency(str(path))
        try:
            target = target_of(self.document, block)
        except NoTarget:
            return
        if target is not None:
            self.env.note_dependency(target.path)

    def wrapped(
        self, block: Block, new: Sequence[nodes.Node], result: BlockView | None
    ) -> nodes.Node:
        """What a block shows, in a place that can be referred to."""
        box = nodes.container(classes=["mmscn-block"])
        if result is not None and result.name is not None:
            box["ids"].append(identifier := anchor("scenario", result.name))
            title = result.title or ""
            self.domain.note("scenario", result.name, self.docname, identifier, title)
            for claim in result.claims:
                self.domain.note("claim", claim, self.docname, identifier, result.name)
        if block.name is not None:
            box["names"].append(nodes.fully_normalize_name(f"mmscn-{block.name}"))
            box["ids"].append(anchor("block", block.name))
        box += list(new)
        return box

    # ---- outputs --------------------------------------------------------------

    def of_output(self, output: Output) -> list[nodes.Node]:
        block = output.block
        if block is None:
            return []
        if not output.compared:
            return matrix(self.result(block), chosen(output))
        written = literal(output.fence.text, output.show)
        if block.skip is not None:
            return [written]
        result = self.result(block)
        if result.wrong is not None:
            return [written]
        actual = result.texts[request(output, block, output.show).key]
        if matches(output.fence.text, actual):
            return [written]
        return self.failure(output.fence, Difference(self.document, output, actual).text())

    # ---- failures -------------------------------------------------------------

    def failure(self, fence: Fence, text: str) -> list[nodes.Node]:
        """Report it, whatever is done about warnings, and show it in the page."""
        self.domain.note_failure(self.docname)
        logger.error("%s", text.rstrip("\n"), location=(self.docname, fence.line))
        block = nodes.literal_block(text, text, language="mmscn-trace")
        block["classes"] += ["mmscn-failed"]
        return [block]


def request(asks: Block | Output, block: Block, show: str) -> Request:
    params = chosen(asks) if isinstance(asks, Output) else {}
    return Request(
        show=show,
        width=width_of(asks, block),
        params=tuple(sorted(params.items())),
        name=property_of(asks, block),
    )


def literal(text: str, show: str) -> nodes.literal_block:
    node = nodes.literal_block(text, text, language=LANGUAGES[show])
    node["classes"] += [f"mmscn-{show}"]
    return node


def matrix(result: BlockView, params: Any) -> list[nodes.Node]:
    """A table: a row for each run, a column for each param that varies and each name.

    Where the names are long, letters stand for them, and below the table what they stand for.
    """
    wanted = {name: value.split("|") for name, value in params.items()}
    rows = [r for r in result.rows if all(r.params.get(k) in v for k, v in wanted.items())]
    names = list(result.rows[0].params) if result.rows else []
    varying = [n for n in names if len({r.params[n] for r in rows}) > 1]
    titles = list(result.titles)
    short = len(" ".join(titles)) > HEAD_MAX
    letters = [letter(n) for n in range(len(titles))] if short else titles
    head = [*varying, *letters, "verdict"]
    table = nodes.table(classes=["mmscn-matrix"])
    group = nodes.tgroup(cols=len(head))
    table += group
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", cells([(title, "") for title in head]))
    body = nodes.tbody()
    for r in rows:
        found = [(r.params[n], "") for n in varying]
        found += [verdict(r.properties.get(title), short=short) for title in titles]
        body += cells([*found, verdict(r.verdict)])
    group += body
    return [table, legend(letters, titles)] if short else [table]


def legend(letters: Sequence[str], titles: Sequence[str]) -> nodes.definition_list:
    result = nodes.definition_list(classes=["mmscn-legend"])
    meanings = [*zip(letters, titles, strict=True), (SIGNS["violated"], "violated")]
    for word, meaning in meanings:
        item = nodes.definition_list_item()
        item += nodes.term("", "", nodes.literal(word, word))
        item += nodes.definition("", nodes.paragraph("", meaning))
        result += item
    return result


def verdict(word: str | None, *, short: bool = False) -> tuple[str, str]:
    """What stands in a cell, and its class; a violation is told by its letters too."""
    if word is None:
        return "", ""
    shown = word if word.startswith("holds") else word.upper()
    return SIGNS[word] if short else shown, CLASSES.get(word.split()[0], "mmscn-open")


def cells(texts: Sequence[tuple[str, str]]) -> nodes.row:
    row = nodes.row()
    for text, kind in texts:
        paragraph = nodes.paragraph("", text)
        row += nodes.entry("", paragraph, classes=[kind] if kind else [])
    return row
