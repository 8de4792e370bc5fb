"""Texts that are compared with longer ones that say the same, and with the walker of the text."""

from __future__ import annotations

from support.agreement.seeds import EVERYTHING, NOTHING
from support.agreement.walked_agreement import Asked, disagreements
from support.check.walked import Walked, walked


def same(one: str, two: str, *cells: str) -> tuple[Walked, Walked]:
    """What there is to find in two texts, after all said the same of either."""
    for text in (one, two):
        asked = Asked(20_000, (NOTHING, EVERYTHING))
        assert list(disagreements("scenario s\n" + text, asked)) == []
    return walked(one, *cells), walked(two, *cells)
