"""Generated programs: nothing is proved that the search of three, four or five threads breaks.

`python tests/support/prove/seeds.py FIRST LAST` takes any seeds.
"""

from __future__ import annotations

import pytest
from support.prove.seeds import compared

FEW = range(14)
MANY = range(14, 600)


def test_no_proof_is_wrong() -> None:
    found = {seed: compared(seed) for seed in FEW}
    assert {seed: one.wrong for seed, one in found.items() if one.wrong} == {}
    ends = [one.ends for one in found.values()]
    assert ends.count("proved") >= 5
    assert ends.count("not proved") >= 2


@pytest.mark.slow
def test_no_proof_of_many_is_wrong() -> None:
    assert {seed: one.wrong for seed in MANY if (one := compared(seed)).wrong} == {}
