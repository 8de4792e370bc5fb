"""Content that is made for later: where it may be made late, and where somebody could tell."""

from __future__ import annotations

import pytest
from support.prove.told import few_of

from mmscn.prove.vectors import Vectors

HEAD = """scenario s
param N = 1 | 2
machine x86 { cpus N + 1 }
var box: version
var other: version
var flag: bool
concurrent {
  daemon thread many[c in 0..N - 1] on cpu c { %s }
  daemon thread rest on cpu N { flag = not flag }
}
always box != other
"""


@pytest.mark.parametrize(
    ("body", "late"),
    [
        ("let mine = fresh; await flag; box = mine", True),
        ("let mine = fresh; await flag; choose { box = mine } or { other = mine }", True),
        ("let mine = fresh; await flag; box = mine; await flag; other = mine", False),
        ("let mine = fresh; await flag; atomic { box = mine; other = mine }", False),
        ("let mine = fresh; await flag; if mine != box { box = mine }", False),
        (
            "var mine: version = 0; choose { mine = fresh } or { flag = true }; await flag; "
            "box = mine",
            False,
        ),
        ("choose { box = fresh } or { let mine = box; await flag; other = mine }", False),
        (
            "let mine = fresh; let more = fresh; await flag; atomic { box = mine; other = more }",
            False,
        ),
    ],
)
def test_content_is_made_where_it_is_put(body: str, late: bool) -> None:
    contents = Vectors(few_of(HEAD % body)).row_contents
    assert (set(contents) <= {-1}) == late
