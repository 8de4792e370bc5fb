"""Writing what blocks find into the output blocks of a document; nothing else changes a byte."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mmscn.documents.document import Document, parsed
from mmscn.documents.fences import document_lines
from mmscn.documents.outcome import Difference

BOM = "\ufeff"


class NotWritten(Exception):
    """An output that cannot be put in its place; the argument says where and why."""


def updated(text: str, differences: Sequence[Difference]) -> str:
    """The text of a document with these outputs as they should be. Raises NotWritten.

    The result is read again, and must have the same blocks but for the outputs.
    """
    bom = BOM if text.startswith(BOM) else ""
    lines = document_lines(text[len(bom) :])
    for d in sorted(differences, key=lambda d: -d.output.fence.line):
        fence = d.output.fence
        slot = fence.slot
        if slot is None:
            where = f"{d.document.path}:{fence.line}"
            raise NotWritten(f"{where}: this output cannot be written here; edit it by hand")
        opening = lines[fence.line - 1]
        end = opening[len(opening.rstrip("\r\n")) :] or "\n"
        new = [f"{slot.prefix}{line}".rstrip(" ") + end for line in d.actual.splitlines()]
        before = slot.first - 1
        if before and not lines[before - 1].endswith(("\n", "\r")):
            lines[before - 1] += end
        lines[before : slot.end - 1] = [end, *new] if slot.apart else new
    result = bom + "".join(lines)
    if differences:
        compare(differences, result)
    return result


def compare(differences: Sequence[Difference], result: str) -> None:
    """Raises NotWritten where the new text does not read as it should."""
    document = differences[0].document
    after = parsed(result, document.path, document.folder)
    wanted = {d.output.fence.line: d.actual for d in differences}
    was = [wanted.get(o.fence.line, o.fence.text) for o in document.outputs]
    same = (
        [o.fence.text for o in after.outputs] == was
        and texts(after) == texts(document)
        and [p.message for p in after.problems] == [p.message for p in document.problems]
    )
    if not same:
        raise NotWritten(
            f"{document.path}: with the outputs put in their places the blocks read differently; "
            "edit it by hand"
        )


def texts(document: Document) -> list[str]:
    return [block.fence.text for block in document.blocks]


def read_text(path: Path) -> str:
    """As it is, line ends and all."""
    return path.read_bytes().decode("utf-8")
