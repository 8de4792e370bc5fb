"""Contents that one thread brings in once: where they are made fresh, and where they are not."""

from __future__ import annotations

import pytest
from support.lower.small import compiled, verdicts

from mmscn.lower.compile import compile, stages
from mmscn.lower.passes import fresh
from mmscn.runtime.explore.bfs import search
from mmscn.runtime.result import Limits, Verdict

WRITERS = """
var page: version
var disk: version
var written: 0..2
concurrent {
  thread writer[n in 0..1] {
    let mine = fresh
    page = mine
    disk = page
    written += 1
  }
}
finally "both wrote" written == 2
finally "what is written back is there" page == disk
"""


def test_who_has_stored_what_is_there_is_forgotten() -> None:
    found = compiled(WRITERS)
    other = compile(found.checked, without=frozenset({"fresh"}))
    sizes = [search(p.reduced, limits=Limits()).states for p in (found, other)]
    assert sizes == [12, 15]


NOT_MADE = {
    "compared": WRITERS.replace("    disk", "    assert page == mine\n    disk"),
    "stored again": WRITERS.replace("page = mine", "page = mine\n    repeat 3 { page = mine }"),
    "stored by another, too": WRITERS.replace("page = mine", "page = 1"),
}
"""What happens to a content, and a text in which it does."""


@pytest.mark.parametrize("why", NOT_MADE)
def test_a_content_keeps_its_name_where_it_is(why: str) -> None:
    made = {n: text for n, text in stages(compiled(NOT_MADE[why]).checked)}["fresh"]
    assert "page = 1" in made


SWAPPED = """
var page: version
var disk: version
concurrent {
  thread swapper {
    let one = fresh
    let two = fresh
    page = one
    disk = two
    while true { atomic { let old = page; page = disk; disk = old } }
  }
}
"""


def test_whoever_exchanges_two_contents_that_have_names_moves_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def deadlock() -> Verdict:
        found = compiled(SWAPPED)
        return verdicts(found, search(found.reduced, limits=Limits()))["no_deadlock"]

    assert deadlock() is Verdict.HOLDS
    monkeypatch.setattr(fresh, "compared", lambda ir: set())
    assert deadlock() is Verdict.VIOLATED
