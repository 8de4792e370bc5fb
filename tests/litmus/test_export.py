"""A scenario of straight lines is written as a litmus test that has the same verdicts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.litmus.texts import AARCH64, COATCHECK, X86, C, Known

from mmscn.diagnostics import Rejected
from mmscn.litmus.answer import answer, litmus_of
from mmscn.litmus.code import code_of
from mmscn.litmus.export import exported
from mmscn.litmus.export_text import litmus_text
from mmscn.litmus.modelled import orders
from mmscn.litmus.scenario import scenario
from mmscn.source import Source
from mmscn.syntax.parse import parse

Command = Callable[..., Any]
STRAIGHT = ("buffers", "one_is_fenced", "both_are_fenced", "exchanges_are_fences", "message",
            "own_store_first", "one_of_two_takes_it", "buffers_in_c", "fenced_in_c",
            "taken_in_c", "fenced", "exchanged")  # fmt: skip
NOT_IN_X86 = ("one_of_two_takes_it", "taken_in_c")
KNOWN = {k.name: k for k in (*COATCHECK, *X86, *C, *AARCH64)}


def written(known: Known, order: str, arch: str) -> str:
    code = code_of(litmus_of(Source(known.name, known.text), known.name))
    tree, wrong = parse(Source("s", scenario(code, orders(), order).text))
    assert wrong == ()
    return litmus_text(exported(tree), arch)


@pytest.mark.parametrize("name", STRAIGHT)
@pytest.mark.parametrize("arch", ["C", "X86", "AArch64"])
def test_what_is_imported_and_exported_keeps_its_verdicts(name: str, arch: str) -> None:
    known = KNOWN[name]
    for order in ("sc", "tso"):
        if order not in orders():
            continue
        if arch == "X86" and name in NOT_IN_X86:
            with pytest.raises(Rejected, match="MM804"):
                written(known, order, arch)
            continue
        text = written(known, order, arch)
        assert answer(litmus_of(Source("t", text), "t"), order).verdict == known.verdicts[order]


def test_an_exported_test_is_as_one_writes_it(mmscn: Command, tmp_path: Path) -> None:
    path = tmp_path / "s.mmscn"
    path.write_text(
        """scenario message "Data, then a flag"
var data: 0..7
var flag: bool
ghost var saw: 0..7
init { data = 3 }
concurrent {
  thread writer on cpu 0 { data = 5; flag = true; data += 2 }
  thread reader on cpu 1 {
    let f = flag
    let d = data
    saw = d
  }
}
finally "not so" not (saw == 3 and not flag == false)
"""
    )
    ended = mmscn("litmus", "export", str(path), "--arch", "X86")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "X86 message",
        "{ data=3; flag=0; }",
        " P0                 | P1             ;",
        " MOV [data],$5      | MOV EAX,[flag] ;",
        " MOV [flag],$1      | MOV EBX,[data] ;",
        " LOCK ADD [data],$2 |                ;",
        "~exists (1:EBX=3 /\\ not (flag=0))",
    ]
    ended = mmscn("litmus", "export", str(path), "--arch", "C")
    assert "P0(int *data, int *flag)\n{\n\tWRITE_ONCE(*data, 5);\n" in ended.out


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("await x == 1", "4:12"),
        ("x = y; y = x", "4:16"),
        ("lock l { }", "4:12"),
        ("if x == 1 { }", "4:12"),
        ("call f()", "4:12"),
        ("repeat 2 { x = 1 }", "4:12"),
        ("let a = load p", "4:20"),
    ],
)
def test_what_a_litmus_test_has_no_words_for_is_said(line: str, place: str) -> None:
    text = f"scenario s\nvar x: 0..1\nvar y: 0..1\nthread t {{ {line} }}\nfinally x == 1\n"
    tree, wrong = parse(Source("s", text))
    assert wrong == ()
    with pytest.raises(Rejected) as caught:
        exported(tree)
    (found,) = caught.value.diagnostics
    line_, column = found.span.source.position(found.span.start)
    assert (found.code, f"{line_}:{column}") == ("MM807", place)
