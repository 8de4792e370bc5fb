"""The directives: they note what stands in the page; RunBlocks runs it when all of it is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from mmscn.documents.fences import Line, fence
from mmscn.documents.modules_page import Entry, Page, pages
from mmscn.documents.rst import behind_name
from mmscn.documents.sphinx.domain import MmscnDomain, anchor
from mmscn.documents.sphinx.transform import placeholder


class BlockDirective(SphinxDirective):
    """mmscn, mmscn-output and mmscn-matrix; their options are read by `fences`, as elsewhere."""

    has_content = True
    option_spec: ClassVar = None

    def run(self) -> list[nodes.Node]:
        behind = behind_name(self.name, self.block_text)
        texts = list(self.content)
        numbers = self.numbers()
        if behind and texts and texts[0].strip() == behind.strip():
            texts, numbers = texts[1:], numbers[1:]
        lines = [Line(number, text) for number, text in zip(numbers, texts, strict=True)]
        node = placeholder()
        node["fence"] = fence(self.name, self.lineno, behind, lines, None, trim=not self.is_myst)
        node.source, node.line = self.get_source_info()
        return [node]

    @property
    def is_myst(self) -> bool:
        return type(self.state).__module__.startswith("myst_parser")

    def numbers(self) -> list[int]:
        """The line in the document of each line of the content."""
        if self.is_myst:
            first = self.lineno + 1 + self.content_offset
            return list(range(first, first + len(self.content)))
        return [(offset or 0) + 1 for _, offset in self.content.items]


# ---- the library --------------------------------------------------------------

KINDS = {
    "knob": "Knobs",
    "profile": "Machines",
    "property": "Properties",
    "proc": "Procedures",
    "hook": "Hooks",
    "on": "Handlers",
    "agent": "Hardware that acts by itself",
    "enum": "Words",
    "struct": "Structs",
}
COLUMNS = re.compile(r"\S {2,}\S")


class LibraryDirective(SphinxDirective):
    """mmscn-library: the reference of the shipped modules; with names, of those below them."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        wanted = " ".join(self.arguments).split()
        found: list[nodes.Node] = []
        for page in pages():
            if not wanted or any(f"{page.name}.".startswith(f"{w}.") for w in wanted):
                self.env.note_dependency(page.path)
                found.append(self.section(page))
        return found

    def section(self, page: Page) -> nodes.section:
        domain = self.env.get_domain(MmscnDomain.name)
        assert isinstance(domain, MmscnDomain)
        identifier = anchor("module", page.name)
        section = nodes.section(ids=[identifier], classes=["mmscn-module"])
        section += nodes.title("", "", nodes.literal("", page.name))
        domain.note("module", page.name, self.env.docname, identifier, page.title or "")
        if page.title:
            section += nodes.paragraph("", page.title, classes=["mmscn-title"])
        section += prose(page.comment)
        if page.imports:
            line = nodes.paragraph("", "Imports ")
            for i, name in enumerate(page.imports):
                line += [nodes.Text(", ")] if i else []
                line += nodes.reference("", "", nodes.literal("", name), internal=True,
                                        refid=anchor("module", name))  # fmt: skip
            section += line
        for kind, heading in KINDS.items():
            entries = [e for e in page.entries if e.kind == kind]
            if entries:
                section += nodes.rubric("", heading)
                section += self.entries(page, entries, domain)
        return section

    def entries(
        self, page: Page, entries: Sequence[Entry], domain: MmscnDomain
    ) -> nodes.definition_list:
        """One definition for each name, with all its variants."""
        names: dict[str, list[Entry]] = {}
        for e in entries:
            names.setdefault(e.name, []).append(e)
        result = nodes.definition_list(classes=["mmscn-library"])
        for name, variants in names.items():
            kind = variants[0].kind
            identifier = anchor(kind, f"{page.name}.{name}")
            domain.note(kind, name, self.env.docname, identifier, page.name)
            item = nodes.definition_list_item()
            terms = [nodes.term("", "", signature(e.signature)) for e in variants]
            terms[0]["ids"].append(identifier)
            item += terms
            body = nodes.definition()
            for e in variants:
                body += prose(e.comment)
            notes = dict.fromkeys(note for e in variants for note in e.sources)
            for note in notes:
                body += nodes.paragraph("", note, classes=["mmscn-source-note"])
            item += body
            result += item
        return result


def signature(text: str) -> nodes.literal:
    return nodes.literal(text, text, classes=["code", "mmscn-signature"], language="mmscn")


def prose(comment: str) -> Iterable[nodes.Element]:
    """The paragraphs of a comment; what is set in two columns becomes a table."""
    for part in re.split(r"\n[ \t]*\n", comment):
        head, columns = split_columns(part)
        if head.strip():
            yield nodes.paragraph("", "", *with_code(" ".join(head.split())))
        if columns:
            yield table_of(columns)


def split_columns(part: str) -> tuple[str, list[tuple[str, str]]]:
    """The lines before the first that is set in columns, and the rows from there on."""
    lines = part.splitlines()
    first = next((i for i, text in enumerate(lines) if COLUMNS.search(text)), len(lines))
    rows: list[tuple[str, str]] = []
    for line in lines[first:]:
        match = COLUMNS.search(line)
        if match is not None:
            rows.append((line[: match.start() + 1].strip(), line[match.end() - 1 :].strip()))
        else:
            name, text = rows[-1]
            rows[-1] = (name, f"{text} {line.strip()}")
    return "\n".join(lines[:first]), rows


def table_of(rows: Iterable[tuple[str, str]]) -> nodes.table:
    """Words on the left, what they mean on the right."""
    table = nodes.table(classes=["mmscn-columns"])
    group = nodes.tgroup(cols=2)
    group += [nodes.colspec(colwidth=20), nodes.colspec(colwidth=80)]
    body = nodes.tbody()
    for name, text in rows:
        row = nodes.row()
        row += nodes.entry("", nodes.paragraph("", "", nodes.literal(name, name)))
        row += nodes.entry("", nodes.paragraph("", "", *with_code(text)))
        body += row
    group += body
    table += group
    return table


def with_code(text: str) -> Iterable[nodes.Node]:
    """The text with what stands between backquotes as code."""
    for i, piece in enumerate(text.split("`")):
        if piece:
            yield nodes.literal(piece, piece) if i % 2 else nodes.Text(piece)
