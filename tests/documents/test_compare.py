"""Outputs are compared byte for byte, but for what is elided."""

from __future__ import annotations

import pytest

from mmscn.documents.compare import matches


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("a\nb\n", "a\nb\n"),
        ("a [..] c\n", "a b c\n"),
        ("[..]\n", "\n"),
        ("[..]a[..]\n", "xay\n"),
        ("a\n...\nd\n", "a\nb\nc\nd\n"),
        ("a\n...\nb\n", "a\nb\n"),
        ("...\n", "a\nb\n"),
        ("...\nb\n...\nb\n", "a\nb\nb\n"),
        ("  ...\n", "  ...\n"),
    ],
)
def test_it_is_the_same(expected: str, actual: str) -> None:
    assert matches(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("a\n", "a \n"),
        ("a\n", "a"),
        ("", "a\n"),
        ("a\n", "a\nb\n"),
        ("a [..] c\n", "a b\n"),
        ("ab[..]b\n", "ab\n"),
        ("[..]\n", "a\nb\n"),
        ("  ...\n", "  a\n"),
        ("...\nb\n...\nb\n", "a\nb\nc\n"),
        ("a\n...\na\n", "a\n"),
    ],
)
def test_it_is_not_the_same(expected: str, actual: str) -> None:
    assert not matches(expected, actual)


def test_many_gaps_take_no_search() -> None:
    assert not matches("[..]a" * 200 + "b", "a" * 5000)
