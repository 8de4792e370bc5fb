"""The schemas of what commands print."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator
from support.house import ROOT


def printed(name: str, text: str) -> Any:
    """What a command has printed as JSON; it is what its schema says."""
    schema = json.loads((ROOT / f"dsl/show/{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    found = json.loads(text)
    assert list(Draft202012Validator(schema).iter_errors(found)) == []
    return found
