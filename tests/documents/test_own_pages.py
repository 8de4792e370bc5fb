"""The project's own pages: every example runs, and uses all that it declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmscn.documents.document import parsed
from mmscn.documents.outcome import Runner

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    *(f"docs/{n}.md" for n in ("gallery", "index", "language", "memory", "tutorial")),
)


@pytest.mark.parametrize("page", PAGES)
def test_every_example_is_as_expected_and_has_no_warnings(page: str) -> None:
    path = ROOT / page
    document = parsed(path.read_text("utf-8"), page, path.parent)
    assert document.problems == ()
    runner = Runner(document)
    run = [block for block in document.blocks if document.runs(block)]
    assert run
    for block in run:
        found = runner.of(block)
        assert found.wrong is None
        warnings = found.report.warnings if found.report is not None else ()
        assert [(block.label, d.message) for d in warnings] == []


def test_no_example_of_the_language_is_exempt() -> None:
    text = (ROOT / "docs/language.md").read_text("utf-8")
    fences = [line for line in text.split("\n") if line.startswith("```") and line != "```"]
    assert fences
    assert [line for line in fences if not line.startswith("```mmscn ")] == []
