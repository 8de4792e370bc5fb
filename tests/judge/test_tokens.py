"""Replay tokens: short, good as long as the steps are the same, refused where they are not."""

from __future__ import annotations

import pytest

from mmscn import load, loads
from mmscn.judge.report import Run
from mmscn.judge.token import LENGTH_MAX, NotReplayed, read, replayed, token_of

LOST = """scenario lost
param how = two_steps | one_step
var counter: 0..2
concurrent {
  thread a on cpu 0 { if how == two_steps { let seen = counter; counter = seen + 1 } else { counter += 1 } }
  thread b on cpu 1 { let seen = counter; counter = seen + 1 }
}
finally "both are counted" counter == 2
"""  # noqa: E501 (the line is the scenario's)


def run_of(text: str, how: str = "two_steps") -> Run:
    (run,) = loads(text).check({"how": how}).runs
    return run


def token_in(run: Run, name: str = "both are counted") -> str:
    example = run.counterexample(name)
    assert example is not None
    return str(example.token)


@pytest.mark.parametrize("name", ["racewrite", "page_lock", "outcomes"])
def test_a_token_leads_to_the_trace_that_it_was_made_of(name: str) -> None:
    if name == "outcomes":
        report = loads(LOST).check()
    else:
        report = load(name).check({"zap": "rc2"} if name == "racewrite" else None)
    seen = 0
    for run in report.runs:
        for p in (*run.violated(), *run.reached()):
            example = run.counterexample(p.name) or run.witness(p.name)
            if example is None:
                continue
            token = token_of(example.compiled, example.trace)
            assert token is not None
            assert len(str(token)) < 80
            assert read(str(token)) == token
            assert token.is_of(dict(run.params))
            again = replayed(token, example.compiled)
            assert again == example.trace._replace(shortest=False)
            seen += 1
    assert seen


SPIN = """
scenario spin "Nobody sets the flag again"

var flag: bool
var seen: bool
concurrent {
  daemon thread toggles on cpu 0 { await not flag; flag = true; flag = false }
  thread waits on cpu 1 { await flag; seen = true }
}
eventually "the flag is seen" seen

expect violated "the flag is seen"
"""


@pytest.mark.parametrize("name", ["goto_again", "who_starves", "spin"])
def test_a_token_of_what_goes_on_for_ever_has_the_step_from_which_it_does(name: str) -> None:
    report = loads(SPIN).check() if name == "spin" else load(name).check()
    seen = 0
    for run in report.runs:
        for p in run.violated():
            example = run.counterexample(p.name)
            if example is None or example.trace.loop is None:
                continue
            token = token_of(example.compiled, example.trace)
            assert token is not None
            assert replayed(token, example.compiled) == example.trace
            seen += 1
    assert seen


def test_an_execution_that_does_not_go_round_any_more_is_refused() -> None:
    run = loads(SPIN).check().runs[0]
    example = run.counterexample("the flag is seen")
    assert example is not None
    assert example.trace.loop == 0
    elsewhere = example.trace._replace(loop=1)
    token = token_of(example.compiled, elsewhere)
    assert token is not None
    with pytest.raises(NotReplayed, match="breaks nothing for ever now"):
        replayed(token, example.compiled)


def test_a_token_stays_good_where_other_things_of_the_text_change() -> None:
    token = read(token_in(run_of(LOST)))
    other = LOST.replace("var counter", "// counted\nvar unused: bool\nvar counter")
    more = other + '\nalways "small" counter < 3\n'
    for text in (other, more):
        run = run_of(text)
        assert len(replayed(token, run.case.compiled).rules) == 4


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("let seen = counter; counter = seen + 1 }\n}", "counter += 1 }\n}", "cannot be taken"),
        ("let seen = counter; counter = seen + 1 }\n}", "counter = 0; counter = 1 }\n}", "others"),
        ("counter == 2\n", "counter >= 1\n", "its steps are others now, or break something else"),
    ],
    ids=["fewer steps", "other steps", "nothing broken"],
)
def test_a_token_of_a_text_that_has_changed_is_refused(old: str, new: str, why: str) -> None:
    token = read(token_in(run_of(LOST)))
    assert old in LOST
    with pytest.raises(NotReplayed, match=f"has changed since this token was made: .*{why}"):
        replayed(token, run_of(LOST.replace(old, new)).case.compiled)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("", "no replay token"),
        ("mm1:s:a:123456:AA", "written as name=value"),
        ("mm1:s::12345:AA", "no replay token"),
        ("mm2:s::123456:AA", "`mm2` is a form of token that this version does not read"),
        ("mm1:s::123456:" + "A" * LENGTH_MAX, "no replay token"),
        ("mm1:s::123456:A\x1b[2J", "no replay token"),
    ],
)
def test_what_is_no_token_is_told_so(word: str, why: str) -> None:
    with pytest.raises(NotReplayed, match=why):
        read(word)


@pytest.mark.parametrize("schedule", ["A", "_" * 40, "AVJw", "AAAA"])
def test_any_schedule_is_replayed_or_refused(schedule: str) -> None:
    run = run_of(LOST)
    token = read(token_in(run))._replace(schedule=schedule)
    with pytest.raises(NotReplayed):
        replayed(token, run.case.compiled)


PINNED = LOST + 'expect violated "both are counted" by "TOKEN" when how == two_steps\n'
OTHERWISE = 'expect violated "both are counted" when how == one_step\n'


def test_a_pinned_execution_is_the_one_that_is_shown() -> None:
    run = run_of(LOST)
    shown = run.counterexample("both are counted")
    assert shown is not None
    rules, program = shown.trace.rules, run.case.program
    # The same steps, the last two the other way round: as short, and not the one that is chosen.
    other = shown.trace._replace(rules=(*rules[:2], rules[3], rules[2]))
    from mmscn.runtime.interpreter import replay

    states = replay(program, other.rules)
    token = token_of(shown.compiled, other._replace(states=states))
    assert token is not None
    pinned = run_of(PINNED.replace("TOKEN", str(token)) + OTHERWISE)
    assert pinned.unmet == ()
    example = pinned.counterexample("both are counted")
    assert example is not None
    assert example.trace.rules == other.rules != rules
    assert example.token == token
    # In another combination the token says nothing.
    assert run_of(PINNED.replace("TOKEN", str(token)) + OTHERWISE, "one_step").unmet == ()


def test_a_pinned_execution_that_is_gone_is_not_as_expected() -> None:
    token = token_in(run_of(LOST))
    text = PINNED.replace("TOKEN", token).replace("counter = seen + 1 }\n}", "counter = 0 }\n}")
    unmet = run_of(text + OTHERWISE).unmet
    assert [u.text for u in unmet] == [
        "the token of both are counted: the text, or what it imports, has changed since this "
        "token was made: its steps are others now, or break something else"
    ]


def test_a_pinned_execution_that_breaks_something_else_is_not_as_expected() -> None:
    more = LOST + '\nfinally "one is counted" counter != 1\n'
    run = run_of(more)
    tokens = {p.name: token_in(run, p.name) for p in run.violated()}
    announced = 'expect violated "one is counted" by "{}"\nexpect violated "both are counted"\n'
    wrong = run_of(more + announced.format(tokens["both are counted"]))
    assert [u.text for u in wrong.unmet] == [
        "the token of one is counted is an execution that breaks both are counted"
    ]
    assert run_of(more + announced.format(tokens["one is counted"])).unmet == ()
