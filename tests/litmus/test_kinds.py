"""A folder of tests is compared with a table of verdicts, in one process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.house import ROOT
from support.litmus.texts import COATCHECK, X86

from mmscn.litmus.kinds import Asked, Comparison, Judged, Row, chosen, compared, rows
from mmscn.runtime.result import Limits

Command = Callable[..., Any]
UNKNOWN = "X86 unknown\n{ }\n P0 ;\n RDTSC ;\nexists (x=1)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    below = tmp_path / "tests" / "sub"
    below.mkdir(parents=True)
    for known in X86[:3]:
        (below / f"{known.name}.litmus").write_text(known.text)
    (below / "fenced.test").write_text(COATCHECK[1].text)
    (below / "unknown.litmus").write_text(UNKNOWN)
    (below / "broken.litmus").write_text("X86 broken\n{\n")
    (below / "unpublished.litmus").write_text(X86[4].text)
    return tmp_path


def judged(folder: Path, table: list[Row], asked: Asked) -> list[Judged | None]:
    return [compared(asked, test) for test in chosen(folder, table)]


def test_many_tests_are_answered_in_their_order(mmscn: Command, folder: Path) -> None:
    tests = sorted((folder / "tests" / "sub").iterdir())
    options = "-D", "memory=sc", "--diagrams", "none"
    at_once = mmscn("run", *map(str, tests), *options)
    alone = [mmscn("run", str(test), *options) for test in tests]
    assert at_once.out == "\n".join(one.out for one in alone if one.out)
    assert at_once.out.count("Witnesses") == 5
    assert all(test.name in at_once.err for test in tests if test.stem in ("unknown", "broken"))


TABLE = """buffers Forbidden
one_is_fenced Forbidden
# a comment
both_are_fenced Forbidden
fenced Forbidden
unknown Allowed
broken Allowed
"""


def test_a_folder_is_compared(mmscn: Command, folder: Path) -> None:
    (folder / "kinds").write_text(TABLE)
    ended = mmscn("run", "--kinds", str(folder / "kinds"), str(folder / "tests"), "-D", "memory=sc")
    assert ended.out.splitlines() == [
        "agree             4   Forbidden 4 of 4",
        "disagree          0",
        "not supported     2",
        "no verdict        1",
        "",
        "not supported:",
        "  the instruction RDTSC: 1",
        f"    {folder}/tests/sub/unknown.litmus",
        "  this brace is not closed: 1",
        f"    {folder}/tests/sub/broken.litmus",
    ]
    assert ended.code == 0


def test_a_disagreement_ends_with_1(mmscn: Command, folder: Path) -> None:
    (folder / "kinds").write_text(TABLE.replace("buffers Forbidden", "buffers Allowed"))
    command = ("run", "--kinds", str(folder / "kinds"), str(folder / "tests"), "-D", "memory=sc")
    ended = mmscn(*command)
    assert ended.code == 1
    path = folder / "tests" / "sub" / "buffers.litmus"
    assert f"\n  {path}  Allowed, found Forbidden under sc\n" in ended.out


def test_a_table_with_headings_says_the_order(folder: Path) -> None:
    table = (
        "path\tverdict\tother\tfeatures\n"
        "sub/buffers.litmus\tAllowed\tForbidden\tsc,x\n"
        "sub/one_is_fenced.litmus\t\t\t\n"
    )
    found = [j for j in judged(folder, rows(table), Asked()) if j]
    assert [(j.published, j.found, j.order) for j in found] == [("Allowed", "Forbidden", "sc")]
    found = [j for j in judged(folder, rows(table, "other"), Asked(order="sc")) if j]
    assert [j.agrees for j in found] == [True]
    with pytest.raises(ValueError, match="no column `none`"):
        rows(table, "none")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("paper strong: allowed, weak: forbidden; tool strong 2022-12-21: Allow", "Allowed"),
        ("paper strong: forbidden, weak: allowed", "Forbidden"),
        ("tool strong 2022-12-21: Forbid", "Forbidden"),
        ("paper strong: forbidden, weak: allowed; tool strong 2022-12-21: Allow", ""),
        ("tool strong 2022-12-21: Crash", ""),
        ("", ""),
    ],
)
def test_what_several_publish_is_a_verdict_where_they_agree(text: str, verdict: str) -> None:
    (row,) = rows(f"path\tverdict\tpublished_as\na.toml\t\t{text}\n")
    assert row.verdict == verdict


def test_what_is_published_in_other_words_is_no_verdict_of_another_column() -> None:
    text = "path\tverdict\tother\tpublished_as\na.toml\t\t\tstrong: allowed\n"
    assert [row.verdict for row in (*rows(text), *rows(text, "other"))] == ["Allowed", ""]


def test_a_whole_list_of_final_states_is_compared(folder: Path) -> None:
    test = folder / "tests" / "sub" / "buffers.litmus"
    answered = test.with_name("buffers.litmus.expected")
    lists = {
        "same": "States 3\n0:EAX=0; 1:EAX=1;\n0:EAX=1;  1:EAX=0;\n0:EAX=1; 1:EAX=1;\nNo\n",
        "fewer": "States 2\n0:EAX=0; 1:EAX=1;\n0:EAX=1; 1:EAX=1;\nNo\n",
    }
    for name, text in lists.items():
        answered.write_text(f"Test buffers Allowed\n{text}Witnesses\n")
        table = rows("path\tverdict\nsub/buffers.litmus\t\n")
        (found,) = [j for j in judged(test, table, Asked(order="sc")) if j]
        assert found.agrees is (name == "same")


def test_a_limit_leaves_a_test_undecided(folder: Path) -> None:
    table = rows("buffers Forbidden\n")
    found = judged(folder, table, Asked(order="sc", limits=Limits(states=3)))
    assert [j.found for j in found if j] == ["Undecided"]


def conformance() -> Path | None:
    """A folder of published tests, which are others', where there is one."""
    named = os.environ.get("MMSCN_CONFORMANCE")
    if named:
        return Path(named)
    found = sorted(ROOT.parent.glob("*/conformance/verdicts.tsv"))
    return found[0].parent if found else None


@pytest.mark.parametrize("name", ["coatcheck", "herd-x86"])
def test_published_tests_have_their_verdicts(name: str) -> None:
    folder = conformance()
    if folder is None:
        pytest.skip("the published tests are not here; MMSCN_CONFORMANCE names their folder")
    table = rows((folder / "verdicts.tsv").read_text(encoding="utf-8"))
    found = Comparison()
    for one in judged(folder / name, table, Asked()):
        assert isinstance(one, Judged)
        found.judged.append(one)
    assert found.disagree() == []
    assert found.unsupported() == {}
    assert found.agree()
