"""What a block runs, when it does, and where it says that it went wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mmscn.documents.document import Block, Document
from mmscn.documents.outcome import Runner, composed_for, text_of

Written = Callable[[str], Document]


def block(document: Document, name: str) -> Block:
    return next(b for b in document.blocks if b.name == name)


def texts(document: Document) -> dict[str, str]:
    return {b.label: composed_for(b).source.text for b in document.blocks}


def wrong(document: Document) -> dict[str, str | None]:
    runner = Runner(document)
    return {b.label: runner.of(b).wrong for b in document.blocks if document.runs(b)}


MINE = "scenario mine\nvar a: 0..1\nconcurrent { thread t on cpu 0 { a = 1 } }\nfinally a == 1\n"
LETTERS = """\
```mmscn name=a
A
```
```mmscn name=b continues=a
B
```
```mmscn name=c setup=a
C
```
```mmscn name=d continues=a
D
```
```mmscn name=e setup=d
E
```
"""


def test_setup_begins_anew_and_continues_goes_on(markdown: Written) -> None:
    found = texts(markdown(LETTERS))
    assert {name: text.replace("\n", "") for name, text in found.items()} == {
        "a": "A",
        "b": "AB",
        "c": "AC",
        "d": "ABD",
        "e": "ABDE",
    }


def test_a_part_is_not_run_by_itself(markdown: Written) -> None:
    document = markdown(LETTERS)
    assert [b.label for b in document.blocks if document.runs(b)] == ["c", "e"]


@pytest.mark.parametrize("more", ["expect=holds", "show=table"])
def test_a_part_that_says_what_it_finds_is_run(markdown: Written, more: str) -> None:
    document = markdown(LETTERS.replace("name=a", f"name=a {more}"))
    assert document.runs(block(document, "a"))


def test_a_part_with_an_output_or_an_expect_is_run(markdown: Written) -> None:
    document = markdown(LETTERS.replace("B\n", "expect holds\n") + "```mmscn-output of=a\n```\n")
    assert document.runs(block(document, "a"))
    assert document.runs(block(document, "b"))


def test_blocks_know_nothing_of_each_other(markdown: Written) -> None:
    document = markdown("```mmscn name=a\nSCENARIO\n```\n```mmscn name=b\nscenario b\n```\n")
    assert texts(document)["b"] == "scenario b\n"


def test_an_expectation_of_the_fence_is_added_to_those_of_the_text(markdown: Written) -> None:
    fence = '```mmscn name=a expect="violated \\"both are counted\\""\nSCENARIO\n```\n'
    assert wrong(markdown(fence)) == {"a": None}


@pytest.mark.parametrize(
    ("expect", "text"),
    [
        ("error:MM207", "scenario x\nconcurrent { thread t on cpu 0 { nobody = 1 } }\n"),
        ("unmet", "SCENARIO\n"),
        (
            "vacuous",
            "scenario x\nvar a: bool\n"
            'concurrent { thread t on cpu 0 { if a { assert a "never" } } }\n',
        ),
    ],
)
def test_what_a_document_shows_on_purpose_is_as_expected(
    markdown: Written, expect: str, text: str
) -> None:
    assert wrong(markdown(f"```mmscn name=a expect={expect}\n{text}```\n")) == {"a": None}
    assert wrong(markdown(f"```mmscn name=a\n{text}```\n"))["a"] is not None


def test_an_error_that_is_announced_must_come(markdown: Written) -> None:
    text = "```mmscn name=a expect=error:MM207\nSCENARIO\n```\n"
    found = wrong(markdown(text))["a"]
    assert found == "page.md:1: a is not rejected; `expect` announces MM207\n"


def test_a_block_that_cannot_be_parsed_is_told_at_its_line_and_the_rest_runs(
    markdown: Written,
) -> None:
    document = markdown(
        "# x\n\n- ```mmscn name=a\n  scenario x\n  var a = = 1\n  ```\n\n"
        '```mmscn name=b expect="violated \\"both are counted\\""\nSCENARIO\n```\n'
    )
    found = wrong(document)
    assert found["b"] is None
    assert found["a"] is not None
    assert " --> page.md:5:9\n" in found["a"]
    assert "5 |   var a = = 1\n  |         ^\n" in found["a"]


def test_an_error_in_the_setup_is_told_at_the_line_of_the_setup(markdown: Written) -> None:
    document = markdown(
        "```mmscn name=a\nscenario x\nvar a: nothing\n```\n"
        "```mmscn name=b setup=a\nconcurrent { thread t on cpu 0 { a = 1 } }\n```\n"
    )
    found = wrong(document)["b"]
    assert found is not None
    assert "page.md:3:8" in found


def test_an_error_in_rst_is_told_at_its_line(rst: Written) -> None:
    document = rst("x\n=\n\n.. note::\n\n   .. mmscn:: name=a\n\n      scenario x\n      var = 1\n")
    found = wrong(document)["a"]
    assert found is not None
    assert "page.rst:9:11" in found


def test_a_failure_draws_the_race_and_names_the_place(markdown: Written) -> None:
    found = wrong(markdown("# x\n\n```mmscn name=a\nSCENARIO\n```\n"))["a"]
    assert found is not None
    assert found.startswith("page.md:3: a is not as expected\n")
    assert '"both are counted" stands at page.md:10:1' in found
    assert "CPU0: a" in found
    assert "<--- VIOLATED" in found


def test_a_module_in_a_block_can_be_imported(markdown: Written) -> None:
    document = markdown(
        "```mmscn name=lib\nmodule my.lib\nproc set_it() { a = 1 }\nvar a: 0..1\n```\n"
        "```mmscn name=b\nscenario x\nimport my.lib\n"
        "concurrent { thread t on cpu 0 { call set_it() } }\nfinally a == 1\n```\n"
    )
    assert wrong(document) == {"lib": None, "b": None}


def test_a_block_may_be_a_file_or_a_shipped_scenario(markdown: Written, tmp_path: Path) -> None:
    (tmp_path / "mine.mmscn").write_text(MINE)
    document = markdown(
        "```mmscn name=a file=mine.mmscn\n```\n```mmscn name=b file=none_such\n```\n"
    )
    runner = Runner(document)
    assert text_of(runner.of(block(document, "a")), "verdict") == "HOLDS\n"
    assert "there is no file" in (runner.of(block(document, "b")).wrong or "")


def test_what_is_shown_names_no_place_outside_of_the_block(markdown: Written) -> None:
    text = "```mmscn name=a expect=error:MM207\nscenario x\nvar a: nothing\n```\n"
    once, twice = markdown(text), markdown("\n\n" + text)
    shown = {text_of(Runner(d).of(d.blocks[0]), "verdict") for d in (once, twice)}
    assert len(shown) == 1
    assert "page.md" not in shown.pop()


def test_a_block_is_explained(markdown: Written) -> None:
    document = markdown(f"```mmscn name=mine show=explain\n{MINE}```\n")
    (found,) = document.blocks
    text = text_of(Runner(document).of(found), "explain")
    assert '"a == 1"  line 4' in text
    assert "Never fires: nothing" in text
