"""Calls of library procedures that were written out, kept for the text that this is edited to.

`check.kept_calls` makes them; shipped scenarios are not edited, and nothing is kept of theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmscn.judge import case_cache
from mmscn.judge.case import Told
from mmscn.judge.shipped import is_shipped

if TYPE_CHECKING:
    from mmscn.judge.api import Scenario


def keep_calls(scenario: Scenario) -> None:
    """Keep those that this process has written out or told something of, if there are any."""
    if scenario.shelf is None or "unit" not in vars(scenario):
        return  # where all is known, no text is read
    if not is_shipped(scenario.source.name):
        from mmscn.check.kept_calls import save

        save(scenario.unit)


def told(scenario: Scenario, where: str) -> Told:
    """The texts that are kept of the traces of one combination; what they told of calls, too."""
    kept = case_cache.told(scenario.shelf, where)

    def put(name: str, text: str) -> None:
        kept.put(name, text)
        keep_calls(scenario)

    return kept._replace(put=put)
