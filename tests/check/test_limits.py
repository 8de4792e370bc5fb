"""What is too much is said at once, where it is asked for; the page says how much that is."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.agreement.agreement import programs_of

from mmscn.check import (
    agents,
    calls,
    context,
    declare,
    elaborate,
    expressions,
    memory,
    statements,
    threads,
    variation,
)
from mmscn.diagnostics import Rejected
from mmscn.lower import layout, paths, rule_builder
from mmscn.runtime.bytecode import WORD_BITS
from mmscn.source import Source
from mmscn.syntax.newlines import NESTING_MAX

DOCS = Path(__file__).resolve().parents[2] / "docs" / "language.md"

BIG = "9" * 9
PAIRS = "\n".join(f"struct s{n} {{ a: s{n - 1}\nb: s{n - 1} }}" for n in range(1, 30))
TWICE = "\n".join(f"proc p{n}(x) {{ return p{n - 1}(x) or p{n - 1}(x) }}" for n in range(1, 30))

TOO_MUCH = {
    "a frame's number": (f"map A -> frame {BIG}", "MM502", "frame"),
    "one frame too many": ("map A -> frame 16", "MM502", "frame"),
    "frames for mappings": ("map A = anon[0..9]\nmap B = anon[0..9]", "MM502", "anon"),
    "frames": (f"machine x86 {{ frames {BIG} }}", "MM502", BIG),
    "cpus": (f"machine x86 {{ cpus {BIG} }}", "MM502", BIG),
    "pages": (f"file f on ext4 {{ pages {BIG} }}", "MM502", BIG),
    "a page": ("file f on ext4 { page 16 = 1 }", "MM502", "16"),
    "anonymous pages": ("map A = anon[0..200]", "MM502", "anon"),
    "pages of mappings": (
        "machine x86 { frames 2 }\nfile f on ext4 { pages 16 }\n"
        + "\n".join(f"map m{n} = f[0..15]" for n in range(5)), "MM502", "m4",
    ),
    "threads": ("thread many[i in 0..200] on cpu 0 { }", "MM502", "many"),
    "steps of agents": (
        "var b: bool\nagent g[i in 0..255] { step s[j in 0..255, k in 0..255] when b "
        "{ b = false } }", "MM502", "step s",
    ),
    "steps of agents that cannot be": (
        "agent g[i in 0..255] { step s[j in 0..255, k in 0..255] when j == 300 { } }",
        "MM503", "step s",
    ),
    "a range": (f"var x: 0..{BIG}", "MM502", BIG),
    "indices": ("var x[0..1023, 0..1023, 0..1023]: bool", "MM501", "x"),
    "many arrays": ("\n".join(f"var x{n}[0..999]: bool" for n in range(9)), "MM501", "x4"),
    "bits": ("var x[0..999]: 0..1000", "MM501", "scenario"),
    "structs in structs": (f"struct s0 {{ a: bool\nb: bool }}\n{PAIRS}", "MM502", "s6"),
    "turns": (f"var b: bool\n@repeat {BIG} {{ b = true }}", "MM502", BIG),
    "turns in turns": (
        "var b: bool\n@repeat 64 { repeat 64 { repeat 64 { b = true } } }", "MM503", "b = true",
    ),
    "a list": (f"var b: bool\n@for i in 0..{BIG} {{ b = true }}", "MM502", BIG),
    "quantifiers": (
        "var x[0..9]: bool\nalways all i in 0..255: all j in 0..255: all k in 0..255: x[0]",
        "MM503", "all",
    ),
    "what procedures make of an expression": (
        f"var b: bool\nproc p0(x) {{ return x }}\n{TWICE}\nalways p29(b)", "MM503", "p",
    ),
    "params": (f"param p = 0..{BIG}\nvar b: bool", "MM502", BIG),
    "combinations": (
        "\n".join(f"param p{n} = 0..99" for n in range(3)) + "\nvar b: bool", "MM502", "p0",
    ),
    "a condition that is nested": (
        "var x: 0..3\n@await " + "not (" * 70 + "x == 1" + ")" * 70, "MM104", "(",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_is_said_at_once(name: str) -> None:
    text, code, where = TOO_MUCH[name]
    state, _, body = text.partition("@")
    if "thread" not in text:
        state += f"\nthread t {{ {body} }}"
    with pytest.raises(Rejected) as caught:
        programs_of(Source("text", f"scenario s\n{state}\n"))
    found = caught.value.diagnostics
    assert found[0].code == code
    assert any(where in d.span.text for d in found), [d.span.text for d in found]


def grouped(number: int) -> str:
    """A number as the page writes it."""
    return f"{number:_}".replace("_", " ") if number >= 10_000 else str(number)


LIMITS = (
    f"{grouped(elaborate.CPUS_MAX)} CPUs",
    f"{grouped(threads.THREADS_MAX)} threads",
    f"{grouped(memory.FRAMES_MAX)} frames",
    f"{grouped(memory.PAGES_MAX)} pages of a file",
    f"{grouped(memory.VAS_MAX)} virtual pages",
    f"{grouped(agents.AGENTS_MAX)} steps of agents",
    f"{grouped(context.CELLS_MAX)} cells",
    f"{grouped(context.LOCALS_MAX)} locals",
    f"{grouped(layout.WORDS_MAX * WORD_BITS)} bits of state",
    f"{grouped(elaborate.BITS_MAX)} before",
    f"{grouped(declare.RANGE_MAX)} values of a range",
    f"{grouped(declare.MEMBERS_MAX)} members of a struct",
    f"{grouped(expressions.ITEMS_MAX)} members of a list",
    f"{grouped(statements.REPEAT_MAX)} turns of a `repeat`",
    f"{grouped(variation.COMBINATIONS_MAX)} combinations",
    f"{grouped(context.STATEMENTS_MAX)} statements",
    f"{grouped(context.TURNS_MAX)} turns",
    f"{grouped(calls.CALLS_DEEP_MAX)} deep",
    f"{grouped(expressions.SIZE_MAX)} operators and operands",
    f"{grouped(paths.FORKS_MAX)} ways",
    f"{grouped(rule_builder.RULES_MAX)} rules",
    f"brackets {grouped(NESTING_MAX)} deep",
)


@pytest.mark.parametrize("said", LIMITS)
def test_the_page_of_the_language_says_every_limit(said: str) -> None:
    text = " ".join(DOCS.read_text(encoding="utf-8").split())
    assert said in text[text.index("## Limits") :]
