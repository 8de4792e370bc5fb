"""Texts that no person writes: each gets a diagnostic, and soon."""

from __future__ import annotations

import pytest

from mmscn.diagnostics import Rejected
from mmscn.judge.api import loads
from mmscn.source import TEXT_CHARS_MAX

N = 10_000
NINES = "9" * 100_000

TOO_MUCH = {
    "parentheses": ("always " + "(" * N + "true" + ")" * N, "MM104"),
    "parentheses left open": ("always " + "(" * N, "MM104"),
    "indices": ("always " + "x[" * N + "0" + "]" * N, "MM104"),
    "not": ("always " + "not " * N + "true", "MM104"),
    "implies": ("always " + "true implies " * N + "true", "MM104"),
    "members": ("always x" + ".y" * N, "MM104"),
    "sums": ("always x " + "+ x " * N + "== 1", "MM104"),
    "quantifiers": ("always " + "all c in cpu: " * N + "true", "MM104"),
    "conditional values": ("always " + "if true then true else " * N + "true", "MM104"),
    "blocks": ("thread a " + "{ atomic " * N + "{ }" + "}" * N, "MM104"),
    "ifs": ("thread a { " + "if true { " * N + "}" * N + "}", "MM104"),
    "else ifs": ("thread a { if x { }" + " else if x { }" * N + " }", "MM104"),
    "choices": ("thread a { choose { x = 1 }" + " or { x = 2 }" * N + " }", "MM104"),
    "compositions": ("ordered { " * N + "}" * N, "MM104"),
    "arguments": ("thread a { call f(" + "x, " * N + "x) }", "MM104"),
    "empty lines": ("\n" * 100_000 + "var x: bool", "MM104"),
    "comments": ("// c\n" * 100_000 + "var x: bool", "MM104"),
    "characters": ("// " + "x" * TEXT_CHARS_MAX, "MM105"),
    "open blocks": ("thread a {" * 50, "MM101"),
    "closed blocks": ("}" * 100_000, "MM101"),
    "quotes": ('"' * 100_001, "MM101"),
    "zeros": ("\0" * 100_000, "MM103"),
    "a large number": (f"var x: 0..{NINES}", "MM107"),
    "a large page": (f"file data on ext4 {{ page {NINES} = 0 }}", "MM107"),
    "a large page of nine digits": ("file data on ext4 { page 999999999 = 0 }", "MM502"),
    "a large cpu": (f"thread a on cpu {NINES} {{ }}", "MM107"),
    "a large cpu of nine digits": ("thread a on cpu 999999999 { }", "MM303"),
    "a large count": (f"thread a {{ repeat {NINES} {{ }} }}", "MM107"),
    "a large count of nine digits": ("thread a { repeat 999999999 { } }", "MM502"),
    "a large list": ("param x = 0..999999999", "MM502"),
    "combinations": ("\n".join(f"param p{i} = a | b" for i in range(50)), "MM502"),
    "cells": ("var x[0..255, 0..255, 0..255]: bool", "MM501"),
    "threads": ("\n".join(f"thread t{i} on cpu 0 {{ }}" for i in range(300)), "MM502"),
    "procedures that call the next one": (
        "\n".join(f"proc p{i}() {{ call p{i + 1}() }}" for i in range(300))
        + "\nproc p300() { }\nthread a { call p0() }",
        "MM503",
    ),
}


def rejected(body: str) -> list[str]:
    try:
        scenario = loads(f"scenario s\n{body}\n")
        for values in scenario.combinations():
            scenario.checked(values)
    except Rejected as problem:
        return [d.code for d in problem.diagnostics]
    return []


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much(name: str) -> None:
    body, code = TOO_MUCH[name]
    assert code in rejected(body)


DEEP = {
    "not": "always " + "not " * 119 + "x",
    "implies": "always " + "x implies " * 115 + "x",
    "sums": "always " + "1 + " * 115 + "1 == 2",
    "conditional values": "always " + "if x then x else " * 70 + "x",
    "ifs": "thread a { " + "if x { " * 58 + "x = false" + "}" * 58 + " }",
    "else ifs": "thread a { if x { }" + " else if x { }" * 58 + " }",
    "choices": "thread a { " + "choose { " * 58 + "await x" + "}" * 58 + " }",
    "loops": "thread a { " + "while x { " * 57 + "x = false" + "}" * 57 + " }",
    "all of it": "thread a { " + "if x { " * 40 + "await " + "not " * 119 + " x " + "}" * 40 + " }",
}


@pytest.mark.parametrize("name", DEEP)
def test_what_is_within_the_bounds_is_within_those_of_python(name: str) -> None:
    assert rejected(f"var x: bool\n{DEEP[name]}") == []
