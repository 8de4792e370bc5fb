"""Kept trees: the same as what was kept, and read where somebody looks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep

import pytest

from mmscn.judge.shipped import Shipped, shipped_modules, shipped_scenarios
from mmscn.source import Source
from mmscn.syntax import tree, tree_bytes
from mmscn.syntax.parse import parse
from mmscn.syntax.tree_bytes import dump, load

TEXT = """scenario two "two procedures"
var x: 0..1
proc set() {
  if x == 0 { x = 1 }
}
proc reset() { x = 0 }
thread t on cpu 0 { call set() }
"""


def kept(text: str) -> tree.Text:
    source = Source("two.mmscn", text)
    found, wrong = parse(source)
    assert not wrong
    return load(dump(found), source)


def bodies(text: tree.Text) -> list[tree.Block]:
    return [item.body for item in text.items if isinstance(item, tree.Proc)]


@pytest.mark.parametrize(
    "shipped", [*shipped_modules()[::7], *shipped_scenarios()[::40]], ids=lambda s: s.name
)
def test_a_tree_that_is_kept_is_the_tree(shipped: Shipped) -> None:
    source = Source(shipped.path, shipped.file.read_text("utf-8"))
    data = dump(parse(source)[0])
    assert dump(load(data, source)) == data


def test_a_block_is_read_where_it_is_looked_at_and_once() -> None:
    set_, reset = bodies(kept(TEXT))
    (branch,) = set_.statements
    assert set_.statements == (branch,)
    assert isinstance(branch, tree.If)
    assert set_ not in tree.UNREAD
    assert branch.then in tree.UNREAD
    assert reset in tree.UNREAD
    assert reset.span.text == "{ x = 0 }"
    assert [s.span.text for s in branch.then.statements] == ["x = 1"]


def test_a_block_has_nothing_else_that_could_be_read() -> None:
    set_, _ = bodies(kept(TEXT))
    with pytest.raises(AttributeError, match="name"):
        getattr(set_, "name")  # noqa: B009 (which no type has)
    assert set_ in tree.UNREAD


def test_several_threads_read_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    set_, _ = bodies(kept(TEXT))
    begin = Barrier(8)
    monkeypatch.setattr(tree_bytes, "poll", lambda: sleep(0.01))

    def look() -> tuple[tree.Stmt, ...]:
        begin.wait()
        return set_.statements

    with ThreadPoolExecutor(8) as pool:
        looking = [pool.submit(look) for _ in range(8)]
    assert len({id(found.result()) for found in looking}) == 1


def test_a_block_is_read_again_where_a_limit_ended_that(monkeypatch: pytest.MonkeyPatch) -> None:
    set_, _ = bodies(kept(TEXT))
    with monkeypatch.context() as limited:
        limited.setattr(tree_bytes, "poll", lambda: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            _ = set_.statements
    assert len(set_.statements) == 1
