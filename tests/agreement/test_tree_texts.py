"""Small texts whose verdicts follow from docs/language.md, by the walker and by the tool."""

from __future__ import annotations

import pytest
from support.agreement.seeds import EVERYTHING, NOTHING
from support.agreement.walked_agreement import Asked, disagreements
from support.oracle.tree_program import program_of
from support.oracle.tree_walker import walk

from mmscn.source import Source
from mmscn.syntax.parse import parse

TEXTS: dict[str, tuple[str, set[str]]] = {
    "a set that was copied keeps its members": (
        """
        var s: set of cpu
        thread t { let seen = s; s[cpu 0] = true; assert not seen[cpu 0] "as it was" }
        """,
        set(),
    ),
    "an array is assigned as a whole, and apart from then on": (
        """
        var a[0..1]: 0..2
        var b[0..1]: 0..2
        thread t { a[1] = 2; b = a; a[1] = 0; assert b[1] == 2 "copied" }
        """,
        set(),
    ),
    "an argument is what it was at the call": (
        """
        var s: set of cpu
        proc f(m) { s[cpu 0] = true; assert not m[cpu 0] "as it was" }
        thread t { call f(s) }
        """,
        set(),
    ),
    "what every value of a type fulfils is looked at": (
        """
        machine x86 { cpus 2; frames 2 }
        each frame { var used: 0..2 }
        var slot: frame
        thread t { assert slot.used >= 0 "never negative" }
        """,
        {"in_range"},
    ),
    "a fixed attribute of none has no value": (
        """
        machine x86 { cpus 2; frames 2 }
        var slot: frame
        thread t { assert slot.number >= 0 "numbered" }
        """,
        {"in_range"},
    ),
    "a condition that its type decides is a step, and a branch is taken with it": (
        """
        var n: 0..2
        var go: bool
        var done: bool
        thread t { choose { if n >= 0 { await go } } or { done = true } }
        """,
        {"no_deadlock"},
    ),
    "who exchanges two contents for ever stands still": (
        """
        var x: version
        var y: version
        var never: bool
        concurrent {
          thread waiter { x = fresh; y = fresh; await never }
          daemon thread exchanger { atomic { let t = x; x = y; y = t } }
        }
        """,
        {"no_deadlock"},
    ),
    "who stores what is fresh for ever stands still": (
        """
        var x: version
        var never: bool
        concurrent {
          thread waiter { await never }
          daemon thread storing { x = fresh }
        }
        """,
        {"no_deadlock"},
    ),
    "a branch without a statement may be taken": (
        """
        var x: bool
        thread t { choose { } or { x = true } }
        finally "set" x
        """,
        {"set"},
    ),
    "each argument is looked at in a step of its own": (
        """
        var a: bool
        var b: bool
        proc f(x, y) { assert not y or x "both, or a alone" }
        concurrent {
          thread caller { call f(a, b) }
          thread other { atomic { a = true; b = true } }
        }
        """,
        {"both, or a alone"},
    ),
    "all that joined in on a hook sees one argument": (
        """
        var n: 0..1
        hook told(x) { }
        on told(x) { n = 1 }
        on told(x) { assert x == 0 "as it was" }
        thread t { call told(n) }
        """,
        set(),
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_means_what_the_language_says(name: str) -> None:
    text, broken = TEXTS[name]
    tree, found = parse(Source("text", f"scenario small\n{text}"))
    assert not found
    walked = walk(program_of(tree, {}), states_max=1_000)
    pairs = zip(walked.checks, walked.verdicts, strict=True)
    assert {check.name for check, verdict in pairs if verdict == "violated"} == broken


@pytest.mark.parametrize("name", TEXTS)
def test_the_tool_says_of_it_what_the_walker_says(name: str) -> None:
    text, _ = TEXTS[name]
    asked = Asked(1_000, without=(NOTHING, EVERYTHING), facade=True)
    assert not list(disagreements(f"scenario small\n{text}", asked))
