"""The formats that a result is printed in, beside the text.

Each but the last is made from the JSON result; `html` is of one scenario, and needs to know the
command as well. `dot` and `herd` show what that result does not have.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from mmscn.judge.report import Report
from mmscn.show import github, junit, mermaid, page, plantuml, result_json, sarif
from mmscn.show.json_values import Json
from mmscn.show.refused import Refused

__all__ = ["FORMATS", "NAMES", "OF_REPORTS", "Refused", "of_page"]


def lines(document: Json) -> str:
    """A scenario, or a text that is rejected or was not read, as JSON on each line."""
    parts = [*document["scenarios"], *document["rejected"], *document["unread"]]
    return "".join(json.dumps({"schema": document["schema"], **part}) + "\n" for part in parts)


FORMATS: dict[str, Callable[[Json], str]] = {
    "json": result_json.written,
    "jsonl": lines,
    "junit": junit.text,
    "sarif": sarif.text,
    "github": github.text,
    "mermaid": mermaid.text,
    "plantuml": plantuml.text,
}


def states_of(report: Report) -> str:
    from mmscn.show import dot  # loads the room that draws

    return dot.text(report)


def finals_of(report: Report) -> str:
    from mmscn.show import herd

    return herd.text(report)


OF_REPORTS: dict[str, Callable[[Report], str]] = {"dot": states_of, "herd": finals_of}
"""Those that are made of each scenario by itself."""

TEXT, HTML = "text", "html"
NAMES = (TEXT, *FORMATS, HTML, *OF_REPORTS)


def of_page(document: Json, command: str) -> str:
    """The page of the one scenario of a result. Raises Refused where there is not one."""
    scenarios = document["scenarios"]
    if len(scenarios) != 1:
        raise Refused(f"a page is of one scenario, and here are {len(scenarios)}")
    return page.page(scenarios[0], command)
