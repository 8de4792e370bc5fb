"""The formats that a result is printed in, beside the text: each is made from the JSON result."""

from __future__ import annotations

import json
from collections.abc import Callable

from mmscn.show import github, junit, mermaid, result_json
from mmscn.show.json_values import Json


def lines(document: Json) -> str:
    """A scenario, or a text that is rejected, as JSON on each line."""
    parts = [*document["scenarios"], *document["rejected"]]
    return "".join(json.dumps({"schema": document["schema"], **part}) + "\n" for part in parts)


FORMATS: dict[str, Callable[[Json], str]] = {
    "json": result_json.written,
    "jsonl": lines,
    "junit": junit.text,
    "github": github.text,
    "mermaid": mermaid.text,
}
