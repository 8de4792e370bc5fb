"""Documents written down in tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mmscn.documents.document import Document, parsed

SCENARIO = """\
scenario lost_update
var counter: 0..2
concurrent {
  thread a on cpu 0 { let seen = counter; counter = seen + 1 }
  thread b on cpu 1 { let seen = counter; counter = seen + 1 }
}
finally "both are counted" counter == 2
"""

Written = Callable[[str], Document]


@pytest.fixture
def markdown(tmp_path: Path) -> Written:
    """The document of a Markdown text; SCENARIO stands for the text of a scenario."""
    pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    return lambda text: parsed(text.replace("SCENARIO\n", SCENARIO), "page.md", tmp_path)


@pytest.fixture
def rst(tmp_path: Path) -> Written:
    pytest.importorskip("docutils", reason="docutils is not installed")
    return lambda text: parsed(text, "page.rst", tmp_path)
