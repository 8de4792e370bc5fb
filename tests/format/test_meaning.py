"""Formatting changes no word, no comment and no meaning, and what is formatted stays so."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from mmscn.source import Source
from mmscn.syntax import format as format_
from mmscn.syntax import format_lines
from mmscn.syntax.format import formatted

Tree = Callable[[str], object]
Comments = Callable[[str], list[list[str]]]
Some = Callable[[Random], str]
Code = Callable[[str], str]
OtherLayout = Callable[[str, Random], str]

SEEDS = 20
SEEDS_SLOW = 1


def same(text: str, tree: Tree, comments: Comments) -> None:
    after = formatted(Source("text", text))
    assert formatted(Source("text", after)) == after
    assert tree(after) == tree(text)
    assert comments(after) == comments(text)
    assert not any(line != line.rstrip() for line in after.split("\n"))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_other_layouts_keep_their_meaning(
    seed: int, some_shipped: Some, tree: Tree, comments: Comments, other_layout: OtherLayout
) -> None:
    random = Random(seed)
    same(other_layout(some_shipped(random), random), tree, comments)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_narrow_layouts_keep_their_meaning(
    seed: int,
    some_shipped: Some,
    tree: Tree,
    comments: Comments,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = Random(seed)
    monkeypatch.setattr(format_, "WIDTH", random.choice([30, 45, 60, 80]))
    same(some_shipped(random), tree, comments)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS_SLOW))
def test_all_other_layouts_keep_their_meaning(
    shipped: str, seed: int, tree: Tree, comments: Comments, other_layout: OtherLayout
) -> None:
    same(other_layout(shipped, Random(1000 + seed)), tree, comments)


def test_no_clause_is_on_a_line_that_is_too_long(shipped: str, code: Code) -> None:
    """As they are laid out, which the next test has."""
    lines = code(shipped).split("\n")
    long = [x for x in lines if len(x.rstrip()) > format_lines.WIDTH and " when " in x]
    assert [x for x in long if not x.startswith("source ")] == []


def test_everything_shipped_is_formatted(shipped: str) -> None:
    """So its layout keeps its words, its comments, its meaning and itself."""
    assert formatted(Source("text", shipped)) == shipped
