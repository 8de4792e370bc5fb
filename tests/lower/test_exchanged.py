"""Generated threads of one declaration, alike or told apart, beside the unreduced search."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.agreement.agreement import programs_of
from support.lower import reductions_texts
from support.lower.exchange_texts import text
from support.lower.reductions import differences, pair_of

from mmscn.lower.ir import Ir
from mmscn.lower.passes import symmetry, symmetry_forms
from mmscn.lower.passes.symmetry_forms import Form, Forms, Mapping
from mmscn.lower.rule_builder import build
from mmscn.source import Source


def ir_of(text: str) -> Ir:
    ((_, checked),) = programs_of(Source("generated", text))
    return build(checked)[0]


def size(text: str, *without: str) -> int:
    """Of the group that the reduced program is searched under."""
    return 1 + len(pair_of(ir_of(text), without=frozenset(without)).reduced.symmetry)


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_exchanges_keep_what_the_unreduced_search_says(first: int) -> None:
    sizes = set()
    for seed in range(first, first + 20):
        pair = pair_of(ir_of(text(seed)))
        assert differences(pair) == [], seed
        sizes.add(len(pair.reduced.symmetry))
    assert {0, 1} <= sizes


@pytest.mark.slow
@pytest.mark.parametrize("first", range(80, 580, 100))
@pytest.mark.parametrize("without", [(), ("fuse",), ("versions",), ("alike",)])
def test_exchanges_keep_it_in_many_programs(first: int, without: tuple[str, ...]) -> None:
    for seed in range(first, first + 100):
        pair = pair_of(ir_of(text(seed)), without=frozenset(without))
        assert not differences(pair), seed


def always(*_: object) -> bool:
    return True


def anything(*_: object) -> Form:
    return frozenset()


mapped = Forms.mapped


def any_content(self: Forms, part: Form, mapping: Mapping) -> Form:
    """A rule as one that stores some content, whichever."""
    found = mapped(self, part, mapping)
    kept = self.layout.contents
    fields = {int(f) for v, f in self.layout.field_of.items() if v in kept}
    return found[:2] if part[0] == "put" and part[1] in fields else found


MUTANTS: dict[str, tuple[object, str, Callable[..., object], tuple[int, ...]]] = {
    "every candidate is a symmetry": (symmetry.Proof, "is_symmetry", always, (1, 21, 25)),
    "all contents are one": (symmetry_forms.Forms, "mapped", any_content, (1, 123, 269)),
    "all checks are alike": (symmetry_forms.Forms, "condition", anything, (21, 57, 64)),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_proof_without_one_of_its_conditions_is_caught(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, what, instead, seeds = MUTANTS[name]
    named = frozenset({"fresh"})  # without it, contents have names to be exchanged
    pairs = [pair_of(ir_of(text(seed)), without=named) for seed in seeds]
    assert not any(map(differences, pairs))
    monkeypatch.setattr(where, what, instead)
    pairs = [pair_of(ir_of(text(seed)), without=named) for seed in seeds]
    assert all(map(differences, pairs))


@pytest.mark.parametrize(("seed", "order"), [(18, 6), (164, 2), (458, 6), (589, 2), (608, 6)])
def test_fusion_keeps_an_exchange_that_was_there_before_it(seed: int, order: int) -> None:
    generated = reductions_texts.text(seed)
    assert size(generated, "fuse") == order
    assert size(generated) == order
    assert size(generated, "alike") < order
