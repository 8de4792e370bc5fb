"""Diagnostics' codes: each is explained, and each has an example that is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.command import Command
from support.house import package_dirs

from mmscn.codes import CODES
from mmscn.codes_hints import HINTS
from mmscn.codes_litmus import LITMUS
from mmscn.diagnostics import Diagnostic, Rejected, hint_of
from mmscn.judge.targets import Target
from mmscn.litmus.answer import answer, litmus_of
from mmscn.litmus.export import exported
from mmscn.lower.compile import compile
from mmscn.syntax.parse import parse

SLOW = {"MM504", "MM505"}
NOWHERE = {"MM213": "the words of the command line", "MM215": "the whole file"}
"""What has no place in a text, and what it is about instead."""


def told(code: str, folder: Path) -> tuple[Diagnostic, ...]:
    """What the example of a code is told."""
    about = CODES[code]
    for name, text in about.files:
        (folder / f"{name}.mmscn").write_text(text)
    path = folder / "example.mmscn"
    path.write_bytes(about.text().encode("utf-8", "surrogateescape"))
    try:
        if code == "MM807":
            exported(parse(Target(str(path)).source())[0])
        if code in LITMUS:
            answer(litmus_of(Target(str(path)).source(), "example"), "sc")
            return ()
        scenario = Target(str(path)).load()
        for values in scenario.combinations(dict(about.define)):
            compile(scenario.checked(values))
        return scenario.warnings
    except Rejected as problem:
        return problem.diagnostics


def marked(code: str) -> object:
    marks = [pytest.mark.slow] if code in SLOW else []
    return pytest.param(code, marks=marks)


@pytest.mark.parametrize("code", [marked(code) for code in CODES])
def test_the_example_has_the_code(code: str, tmp_path: Path) -> None:
    found = [d for d in told(code, tmp_path) if d.code == code]
    assert found
    for d in found:
        assert hint_of(d), f"{d}: neither it nor mmscn/codes_hints.py says what to do"
        assert d.span.end > d.span.start or code in NOWHERE, d


def test_the_codes_in_the_source_are_those_that_are_explained() -> None:
    used = {
        code
        for path in package_dirs()["mmscn"].rglob("*.py")
        if not path.name.startswith("codes")
        for code in re.findall(r'"(MM\d{3})"', path.read_text("utf-8"))
    }
    assert used == set(CODES)


def test_the_codes_are_in_order() -> None:
    assert list(CODES) == sorted(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_explained_on_a_screen(code: str, mmscn: Command) -> None:
    ended = mmscn("explain", code)
    assert ended.code == 0
    assert ended.out.startswith(f"{code}: {CODES[code].title}\n")
    lines = ended.out.splitlines()
    assert len(lines) < 40
    assert max(map(len, lines)) <= 80


def test_a_code_that_there_is_not_is_wrong_usage(mmscn: Command) -> None:
    assert mmscn("explain", "MM999").code == 2


def test_without_a_code_all_are_listed(mmscn: Command) -> None:
    assert len(mmscn("explain").out.splitlines()) == len(CODES)


def test_a_hint_belongs_to_a_code() -> None:
    assert HINTS.keys() < CODES.keys()
