"""Which of the library's procedures a scenario calls, where they were read, what they leave out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from mmscn.check.core import Checked
from mmscn.check.values import show
from mmscn.documents.sources import called

__all__ = ["called", "passed", "the_model"]

TABLE = Path(__file__).with_name("modelled.toml")


def passed(checked: Checked) -> set[str]:
    """The names of the procedures that some step of a combination is in: what its params and knobs
    switch off is not there.
    """
    sites = {call for origin in checked.origins.values() for call in origin.path}
    names = {str(call.text()).split("(")[0].removeprefix("call ") for call in sites}
    knobs = {name: show(value) for name, value in checked.knobs}
    only_under: dict[str, dict[str, str]] = table()["only_under"]
    return {n for n in names if only_under.get(n, {}).items() <= knobs.items()}


@cache
def table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def the_model(used: dict[str, list[str]]) -> Iterator[str]:
    """The section that says what was read for each procedure, and what is left out."""
    known = table()
    simplified: dict[str, str] = known["simplified"]
    unknown = [name for name in simplified if name not in used]
    if unknown:
        raise SystemExit(f"modelled.toml: no claim comes by {', '.join(unknown)}")
    yield "## The model"
    yield ""
    yield "What holds everywhere:"
    yield ""
    for line in known["everywhere"]:
        yield f"- {line}"
    yield ""
    yield "Each procedure takes the steps of the function that it is named after, in its order, as"
    yield "far as they touch what is modelled; these are the places that were read. Listed with a"
    yield "claim are those that its scenario calls under its params and knobs; which places of"
    yield "them no execution comes by, `mmscn explain` says."
    yield ""
    yield "| procedure | read in | simplified |"
    yield "|---|---|---|"
    for name in sorted(used):
        sources = "; ".join(used[name]).replace("|", "/")
        yield f"| `{name}()` | {sources} | {simplified.get(name, '')} |"
    yield ""
