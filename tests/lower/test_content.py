"""Programs of one content are one program, and what lowering looks at is content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from attrs import evolve
from support.processes import told_under_seeds

import mmscn
from mmscn.check import core
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.explain.mutants import mutants, mutated
from mmscn.judge.shipped import finder, read, shipped_scenarios
from mmscn.lower.compile import compile
from mmscn.lower.compiled import Compiled
from mmscn.lower.content import digest

SOME = ("racewrite", "hmm_range_fault", "pinned_page")
COMBINATIONS_MAX = 14


def checked_of(path: str, most: int = COMBINATIONS_MAX) -> Iterator[core.Checked]:
    """Of the combinations of a shipped scenario."""
    file = Path(path)
    unit = gather(read(file, path), finder(file.parent))
    for values in matrix(unit)[:most]:
        yield elaborate(unit, values)


def made(compiled: Compiled) -> tuple[Any, ...]:
    return compiled.program, compiled.places, compiled.lines, compiled.checks


def told(_: object = None) -> NoReturn:
    raise AssertionError("lowering asks what is told")


def without_words(checked: core.Checked) -> core.Checked:
    """The same, with nothing in it that is no content; where two stand in one place, they do."""
    origins = {
        number: core.Origin(span=o.span, text=told, path=(), kind="atomic", order="full")
        for number, o in checked.origins.items()
    }
    checks = tuple(evolve(c, text=None if c.text is None else "nowhere") for c in checked.checks)
    return evolve(
        checked, name="another", params=(), knobs=(), sorts={}, entries=(), origins=origins,
        checks=checks, imported={}, kept=None,
    )  # fmt: skip


def compared(path: str) -> None:
    known: dict[str, tuple[Any, ...]] = {}
    for checked in checked_of(path):
        found = made(compile(checked))
        bare = without_words(checked)
        assert digest(bare) == digest(checked)
        assert made(compile(bare)) == found
        assert known.setdefault(digest(checked), found) == found


@pytest.mark.parametrize("name", SOME)
def test_one_content_is_one_program(name: str) -> None:
    shipped = next(s for s in shipped_scenarios() if s.name == name)
    (checked, *_) = checked_of(shipped.path, 1)
    bare = without_words(checked)
    assert digest(bare) == digest(checked)
    assert made(compile(bare)) == made(compile(checked))


@pytest.mark.slow
@pytest.mark.parametrize("shipped", shipped_scenarios(), ids=lambda s: s.name)
def test_one_content_is_one_program_everywhere(shipped: Any) -> None:
    if not shipped.benchmark:
        compared(shipped.path)


TEXT = """scenario s
var x: 0..3
var b: bool
spinlock l
thread t {
  lock l { x += 1 }
  await b or x == 2
  assert x != 3 "never three"
}
concurrent {
  thread u { choose { x = 1 } or { b = true } }
}
"""
OTHER = {
    "a value": ("x = 1", "x = 2"),
    "true for 1": ("x += 1", "x += 2"),
    "a range": ("var x: 0..3", "var x: 0..2"),
    "an operator": ("b or x == 2", "b and x == 2"),
    "a condition": ("x != 3", "x != 2"),
    "a name of a check": ("never three", "never 3"),
    "a kind of lock": ("spinlock l", "mutex l"),
    "a step": ("lock l { x += 1 }", "x += 1"),
    "who a thread is": ("thread u", "daemon thread u"),
}
SAME = {
    "a comment": ("var b: bool", "var b: bool // a flag"),
    "a layout": ("  await", "\n\n    await"),
    "the scenario's name": ("scenario s", 'scenario other "with a title"'),
    "what nobody calls": ("thread t {", "proc nobody() { x = 0 }\nthread t {"),
}


def digest_of(text: str) -> str:
    scenario = mmscn.loads(text)
    return digest(scenario.checked(scenario.combinations()[0]))


@pytest.mark.parametrize("change", OTHER)
def test_what_happens_is_content(change: str) -> None:
    before, after = OTHER[change]
    assert before in TEXT
    assert digest_of(TEXT.replace(before, after)) != digest_of(TEXT)


@pytest.mark.parametrize("change", SAME)
def test_where_and_how_it_is_written_is_none(change: str) -> None:
    before, after = SAME[change]
    assert before in TEXT
    assert digest_of(TEXT.replace(before, after)) == digest_of(TEXT)


def test_true_is_not_one() -> None:
    one, true = (core.Block(statements=(core.Assert(check=0, condition=core.Const(v), origin=0),))
                 for v in (1, True))  # fmt: skip
    assert digest(one) != digest(true)
    word, number = core.Const("1"), core.Const(1)  # type: ignore[arg-type]
    assert len({digest(word), digest(number), digest(core.Const(None))}) == 3


def test_two_places_are_not_one() -> None:
    """Lowering gives up on places: which steps share one counts, not which it is."""
    (checked,) = checked_of(next(s.path for s in shipped_scenarios() if s.name == "racewrite"), 1)
    first, second, *_ = checked.origins
    other = evolve(checked.origins[second], span=checked.origins[first].span)
    assert digest(evolve(checked, origins=checked.origins | {second: other})) != digest(checked)


def test_a_mutant_of_another_content_only_is_another_program() -> None:
    path = next(s.path for s in shipped_scenarios() if s.name == "hmm_range_fault")
    file = Path(path)
    unit = gather(read(file, path), finder(file.parent))
    known: dict[str, tuple[Any, ...]] = {}
    several = [unit, *(mutated(unit, m) for m in mutants(unit))]
    assert len(several) == 10
    for one in several:
        checked = elaborate(one, matrix(one)[0])
        found = made(compile(checked))
        assert known.setdefault(digest(checked), found) == found
    assert 5 < len(known) <= len(several)


def test_each_process_has_the_same_digest() -> None:
    code = f"import mmscn; s = mmscn.loads({TEXT!r}); from mmscn.lower.content import digest; " \
        "print(digest(s.checked(s.combinations()[0])))"  # fmt: skip
    assert told_under_seeds(code) == {f"{digest_of(TEXT)}\n"}
