"""Blocks are found wherever the markup has them, and at their own lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mmscn.documents.document import Document

Written = Callable[[str], Document]

TWO = "scenario x\nvar a: 0..1\n"


def messages(document: Document) -> list[tuple[int, str]]:
    return [(p.line, p.message) for p in document.problems]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"```mmscn\n{TWO}```\n", 1),
        (f"text\n\n~~~ mmscn\n{TWO}~~~\n", 3),
        ("- item\n\n  ```mmscn\n  scenario x\n  var a: 0..1\n  ```\n", 3),
        ("1. ```mmscn\n   scenario x\n   var a: 0..1\n   ```\n", 1),
        ("> ```mmscn\n> scenario x\n> var a: 0..1\n> ```\n", 1),
        (f"```{{mmscn}}\n:name: a\n\n{TWO}```\n", 1),
        (f"````{{note}}\ntext\n```mmscn\n{TWO}```\n````\n", 3),
        (f"::::{{tab-set}}\n\n```mmscn\n{TWO}```\n::::\n", 3),
        ("```{eval-rst}\n.. mmscn::\n\n   scenario x\n   var a: 0..1\n```\n", 2),
        (f"```mmscn\r\n{TWO.replace(chr(10), chr(13) + chr(10))}```\r\n", 1),
        (f"\ufeff```mmscn\n{TWO}```\n", 1),
    ],
)
def test_a_fence_is_found_in_markdown(markdown: Written, text: str, line: int) -> None:
    document = markdown(text)
    assert [(b.line, b.fence.text) for b in document.blocks] == [(line, TWO)]
    assert document.problems == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (".. mmscn::\n\n   scenario x\n   var a: 0..1\n", 1),
        (".. mmscn:: name=a show=table\n\n   scenario x\n   var a: 0..1\n\ntext\n", 1),
        (".. mmscn:: name=a\n   :show: table\n\n   scenario x\n   var a: 0..1\n", 1),
        ("text\n\n.. note::\n\n   .. mmscn::\n\n      scenario x\n      var a: 0..1\n", 5),
        ("- item\n\n  .. mmscn::\n\n     scenario x\n     var a: 0..1\n", 3),
        (".. versionadded:: 1.0\n\n   .. mmscn::\n\n      scenario x\n      var a: 0..1\n", 3),
        (".. tab-set::\n\n   .. tab-item:: A\n\n      .. mmscn::\n\n"
         "         scenario x\n         var a: 0..1\n", 5),
    ],
)  # fmt: skip
def test_a_directive_is_found_in_rst(rst: Written, text: str, line: int) -> None:
    document = rst(text)
    assert [(b.line, b.fence.text) for b in document.blocks] == [(line, TWO)]
    assert document.problems == ()


def test_all_ways_of_writing_keys_say_the_same(markdown: Written, rst: Written) -> None:
    keys = {"name": "a", "show": ("table",), "skip": "too slow"}
    documents = [
        markdown('```mmscn name=a show=table skip="too slow"\n```\n'),
        markdown('```{mmscn} name=a show=table skip="too slow"\n```\n'),
        markdown("```{mmscn}\n:name: a\n:show: table\n:skip: too slow\n```\n"),
        rst(".. mmscn::\n   :name: a\n   :show: table\n   :skip: too slow\n"),
        rst('.. mmscn:: name=a show=table skip="too slow"\n'),
    ]
    assert [d.blocks[0].values for d in documents] == [keys] * 5


def test_what_is_no_block_is_passed_over(markdown: Written, rst: Written) -> None:
    assert markdown("```python\nmmscn\n```\n\n````markdown\n```mmscn\n```\n````\n").blocks == ()
    assert rst(".. code-block:: rst\n\n   .. mmscn::\n\n      scenario x\n").blocks == ()


def test_an_unknown_key_is_an_error_with_the_keys_that_there_are(markdown: Written) -> None:
    document = markdown("text\n\n```mmscn nmae=a\nscenario x\n```\n")
    assert messages(document) == [(3, "there is no key `nmae`")]
    hint = document.problems[0].hint
    assert hint is not None
    assert hint.startswith("did you mean `name`? `mmscn` takes `name`, `show`")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("show=pictures", "`show` does not take `pictures`"),
        ("width=10", "`width` does not take `10`"),
        ("skip", "`skip` wants a value"),
        ("name=a name=b", "`name` is said twice"),
        ("hidden=yes", "`hidden` takes no value"),
        ("name=a!", "`name` does not take `a!`"),
        ("=x", "`=x` is no key"),
        ("expect=error:207", "`expect` does not take"),
        ("setup=nobody", "there is no block named `nobody`"),
        ("of=a", "there is no key `of`"),
    ],
)
def test_a_key_that_is_wrong_is_told(markdown: Written, keys: str, message: str) -> None:
    found = messages(markdown(f"# x\n\n```mmscn {keys}\nscenario x\n```\n"))
    assert [line for line, _ in found] == [3]
    assert found[0][1].startswith(message)


def test_an_option_is_told_at_its_own_line(markdown: Written) -> None:
    document = markdown("```{mmscn}\n:name: a\n:shwo: table\n\nscenario x\n```\n")
    assert messages(document) == [(3, "there is no key `shwo`")]


@pytest.mark.parametrize(
    "text",
    ["```mmscn-ouput of=a\n```\n", "```mmscn,name=a\n```\n", ":::{mmscn}\nscenario x\n:::\n"],
)
def test_what_looks_like_a_block_is_not_passed_over(markdown: Written, text: str) -> None:
    assert len(markdown(text).problems) == 1


def test_two_blocks_of_one_name_are_told(markdown: Written) -> None:
    text = "```mmscn name=a\n```\n```mmscn name=a\n```\n"
    assert messages(markdown(text)) == [(3, "there are two blocks named `a`")]


def test_an_output_of_nobody_is_told(markdown: Written) -> None:
    document = markdown("```mmscn-output of=a\n```\n")
    assert messages(document) == [(1, "there is no block named `a`")]


def test_sphinx_in_the_same_process_keeps_its_directives(rst: Written) -> None:
    from docutils.parsers.rst import directives

    before = directives.directive
    rst(".. mmscn::\n\n   scenario x\n")
    assert directives.directive is before
