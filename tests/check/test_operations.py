"""Calls, `load`, `xchg` and the like inside expressions: steps in front of the statement."""

from __future__ import annotations

import pytest
from support.check.walked import HOLDS, VACUOUS, VIOLATED, walked

DECLARED = """
    var x: 0..3
    var y: 0..3
    mutex l
    proc next() { x += 1; return x }
    proc twice() { return next() + next() }
    proc is_one(n) { return n == 1 }
"""
PAIRS = {
    "a call": (
        "if call next() == 1 { y = 2 }",
        "let r = call next(); if r == 1 { y = 2 }",
    ),
    "without the word": ("if next() == 1 { y = 2 }", "let r = call next(); if r == 1 { y = 2 }"),
    "as an argument": (
        "let b = is_one(call next())",
        "let r = call next(); let b = is_one(r)",
    ),
    "of a call": ("let r = call twice()", "let a = call next(); let b = call next()"),
    "from the left": (
        "y = next() - next() + 1",
        "let a = call next(); let b = call next(); y = a - b + 1",
    ),
    "xchg": ("if (xchg y, 3) == 0 { x = 1 }", "let o = xchg y, 3; if o == 0 { x = 1 }"),
    "cmpxchg": (
        "assert (cmpxchg y, 0, 1) == 0",
        "let o = cmpxchg y, 0, 1; assert o == 0",
    ),
    "trylock": (
        "if trylock l { unlock l } else { y = 3 }",
        "let g = trylock l; if g { unlock l } else { y = 3 }",
    ),
    "and": (
        "if y == 0 and next() == 1 { y = 2 }",
        "var b: bool = y == 0; if b { let r = call next(); b = r == 1 }; if b { y = 2 }",
    ),
    "or": (
        "if y == 0 or next() == 1 { y = 2 }",
        "var b: bool = y == 0; if not b { let r = call next(); b = r == 1 }; if b { y = 2 }",
    ),
    "a loop": (
        "while next() < 3 { y += 1 }",
        "again:\nlet r = call next(); if r < 3 { y += 1; goto again }",
    ),
    "an atomic": ("atomic { y = next() }", "atomic { let r = call next(); y = r }"),
    "a knob": (
        "if ad == recheck or next() == 1 { y = 1 } else { y = 2 }",
        "y = 1",
    ),
}
OTHER = "\nthread u { y = 3; lock l { x = 0 } }\n"


@pytest.mark.parametrize(("one", "two"), PAIRS.values(), ids=PAIRS)
def test_an_operation_in_an_expression_is_one_that_is_bound_before(one: str, two: str) -> None:
    left, right = (
        walked(DECLARED + OTHER + f"thread t {{ {body} }}", "x", "y") for body in (one, two)
    )
    assert (left.states, left.transitions) == (right.states, right.transitions)
    assert left.finals == right.finals


def test_what_the_left_side_decides_is_not_done() -> None:
    found = walked(
        DECLARED
        + """thread t {
          if x == 1 and next() == 2 { BUG "never" }
          assert x == 0 "and"
          assert x == 0 or next() == 0 "or"
          assert x == 1 implies next() == 0 "implies"
        }
        always "not called" x == 0
    """
    )
    assert found.broken() == set()
    assert found.verdicts["implies"] is HOLDS
    assert found.verdicts["never"] in (HOLDS, VACUOUS)


def test_between_two_operations_of_an_expression_others_take_steps() -> None:
    found = walked(
        DECLARED + 'thread t { assert next() + next() == 3 "alone" }\nthread u { x = 0 }'
    )
    assert found.verdicts["alone"] is VIOLATED
    whole = walked(
        DECLARED + 'thread t { atomic { assert next() + next() == 3 "alone" } }\nthread u { x = 0 }'
    )
    assert whole.verdicts["alone"] is HOLDS
