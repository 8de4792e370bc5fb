"""`--output-format dot` and `herd`: what the JSON result does not have."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command

from mmscn import load
from mmscn.runtime.explore.engine import explore


def test_the_state_graph_has_what_breaks_in_red(mmscn: Command) -> None:
    args = ["matrix.mmscn", "-D", "how=two_steps", "-D", "start=0"]
    lines = mmscn("run", *args, "--output-format", "dot").out.splitlines()
    assert lines[0] == 'digraph "matrix how=two_steps start=0" {'
    nodes = [line for line in lines if line.startswith("  s") and "->" not in line]
    edges = [line for line in lines if " -> " in line]
    assert nodes[0] == '  s0 [label="0\\ncounter: 0", penwidth=2];'
    broken = [line for line in nodes if "VIOLATED both are counted" in line]
    assert len(broken) == 1
    assert "counter: 1" in broken[0]
    assert "peripheries=2, color=red" in broken[0]
    assert '  s0 -> s1 [label="CPU0 a: let seen = counter"];' in edges
    (run,) = load("matrix.mmscn").check({"how": "two_steps", "start": "0"}).runs
    assert explore(run.case.program).states == len(nodes)


def test_a_step_that_breaks_an_assertion_is_red(tmp_path: Path, mmscn: Command) -> None:
    path = tmp_path / "asserted.mmscn"
    path.write_text(
        "scenario asserted\nvar x: 0..1\n"
        'thread t on cpu 0 { x = 1; assert x == 0 "\\"quoted\\\\" }\n'
    )
    ended = mmscn("run", str(path), "--output-format", "dot")
    assert ended.code == 1
    assert 'VIOLATED \\"quoted\\\\", color=red' in ended.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["gup_fast_against_unshare"], "choose a combination with -D, take a thread"),
        (["gup_fast_against_unshare", "-D", "table_sync=sent"], "no more: take a thread"),
    ],
    ids=["all", "one"],
)
def test_a_large_graph_is_refused_and_nothing_is_written(
    args: list[str], said: str, tmp_path: Path, mmscn: Command
) -> None:
    formats = ["--output-format", f"dot={tmp_path / 'dot'}"]
    ended = mmscn("run", *args, *formats, "--output-format", f"json={tmp_path / 'json'}")
    assert ended.code == 2
    assert "has more than 60 states" in ended.err
    assert said in ended.err
    assert list(tmp_path.iterdir()) == []


def test_final_states_are_told_as_herd_tells_them(mmscn: Command) -> None:
    ended = mmscn("run", "outcomes.mmscn", "-D", "order=free", "--output-format", "herd")
    assert ended.out == (
        "Test outcomes order=free\nStates 2\nx=1;\nx=2;\nOk\nWitnesses\nPositive: 2 Negative: 0\n"
    )


def test_a_final_state_that_no_outcome_lists_is_negative(tmp_path: Path, mmscn: Command) -> None:
    path = tmp_path / "partly.mmscn"
    path.write_text(
        "scenario partly\nvar x: 0..2\n"
        "concurrent {\n thread a on cpu 0 { x = 1 }\n thread b on cpu 1 { x = 2 }\n}\n"
        "expect outcomes { x == 1 }\n"
    )
    ended = mmscn("run", str(path), "--output-format", "herd")
    assert ended.code == 1
    assert ended.out.splitlines()[1:] == [
        "States 2", "x=2;", "x=1;", "No", "Witnesses", "Positive: 1 Negative: 1",
    ]  # fmt: skip


def test_herd_is_refused_where_no_final_states_are_asked_for(mmscn: Command) -> None:
    ended = mmscn("run", "matrix.mmscn", "--output-format", "herd")
    assert (ended.code, ended.out) == (2, "")
    assert "write `outcomes x, y`" in ended.err


LITMUS = """X86 SB
{ x=0; y=0; }
 P0          | P1          ;
 MOV [x],$1  | MOV [y],$1  ;
 MOV EAX,[y] | MOV EAX,[x] ;
exists (0:EAX=0 /\\ 1:EAX=0)
"""


def test_litmus_tests_have_the_formats_too(tmp_path: Path, mmscn: Command) -> None:
    path = tmp_path / "sb.litmus"
    path.write_text(LITMUS)
    files = {name: tmp_path / name for name in ("herd", "json", "text")}
    formats = [part for n, f in files.items() for part in ("--output-format", f"{n}={f}")]
    ended = mmscn("run", str(path), *formats)
    assert ended.out == files["text"].read_text()
    assert ended.out.startswith(files["herd"].read_text())
    assert "Observation SB Sometimes" in files["herd"].read_text()
    assert '"schema": "mmscn.result/2"' in files["json"].read_text()


def test_scenarios_and_litmus_tests_stand_in_one_file(tmp_path: Path, mmscn: Command) -> None:
    path = tmp_path / "sb.litmus"
    path.write_text(LITMUS)
    words = ["outcomes.mmscn", str(path)]
    mixed = mmscn("run", *words, "--output-format", "herd").out
    alone = [mmscn("run", word, "--output-format", "herd").out for word in words]
    assert mixed == "\n".join(alone)
