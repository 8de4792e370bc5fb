"""The phases before and after the search look at the clock, each as often as it goes round."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import mmscn
from mmscn import Limits, Verdict, budget
from mmscn.budget import Budget, Exceeded
from mmscn.check.mentions import mentions
from mmscn.check.modules import gather
from mmscn.check.names import look_up
from mmscn.check.unused import unused
from mmscn.cli.cli import main
from mmscn.diagnostics import closest
from mmscn.draw import diagram, step_list, traced
from mmscn.draw import steps as drawn_steps
from mmscn.judge.report import Run
from mmscn.judge.shipped import finder
from mmscn.source import Source
from mmscn.syntax import tree_bytes
from mmscn.syntax.parse import build, parse, parser

MANY = 120
LONG = (
    "scenario long\nvar x: 0..9\nthread t { x = 1 }\nfinally x == 1\n"
    + "".join(f"proc p{n}() {{ x = {n % 9} }}\n" for n in range(MANY))
)
WAY = f"""scenario way
var x: 0..{MANY}
thread t {{ while x < {MANY} {{ x += 1 }} }}
always "below" x < {MANY}
"""
RACE = """scenario race
var x: 0..3
thread a on cpu 0 { let seen = x; x = seen + 1 }
thread b on cpu 1 { let seen = x; x = seen + 1 }
finally "both count" x == 2
"""
ENOUGH = Limits(time_s=1000)


class Clock:
    """Stands still, but once: the `nth` look in a phase takes longer than there is, 0 for none."""

    def __init__(self, phase: str, nth: int = 0) -> None:
        self.phase = phase
        self.nth = nth
        self.looks = 0

    def __call__(self) -> float:
        current = budget.CURRENT.get()
        if current is not None and current.phase == self.phase:
            self.looks += 1
        return 2000 if self.nth and self.looks >= self.nth else 0


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MMSCN_CACHE", str(tmp_path / "cache"))
    traced.traced.cache_clear()
    drawn_steps.steps_of.cache_clear()


def violated(text: str) -> Run:
    (run,) = mmscn.loads(text).check(limits=ENOUGH).runs
    assert run.verdict is Verdict.VIOLATED
    return run


def reading() -> dict[str, Callable[[], object]]:
    source = Source("long.mmscn", LONG)
    text, wrong = parse(source)
    assert not wrong
    data = tree_bytes.dump(text)
    unit = gather(source, finder(None))
    look_up(unit)  # what modules mention is known from here on
    return {
        "parsing": lambda: parse(source),
        "building": lambda: build(source, parser().parse(LONG)),
        "kept": lambda: tree_bytes.dump(tree_bytes.load(data, source)),
        "names": lambda: [mentions.cache_clear(), look_up(unit)],
        "unused": lambda: [mentions.cache_clear(), unused(unit)],
    }


def drawing() -> dict[str, Callable[[], object]]:
    example = violated(WAY).counterexample("below")
    assert example is not None
    assert len(example.trace.rules) > MANY
    compiled, trace = example.compiled, example.trace
    found = traced.traced(compiled, trace)

    def anew() -> object:
        traced.traced.cache_clear()
        return traced.traced(compiled, trace)

    return {
        "replay": anew,
        "steps": lambda: drawn_steps.steps_of.__wrapped__(found),
        "diagram": lambda: diagram.draw(compiled, trace, full=True),
        "list": lambda: step_list.list_steps(compiled, trace),
    }


@pytest.mark.parametrize("name", ["parsing", "building", "kept", "names", "unused"])
def test_reading_a_long_text_looks_at_the_clock_for_each_statement(name: str) -> None:
    ends(reading()[name])


@pytest.mark.parametrize("name", ["replay", "steps", "diagram", "list"])
def test_drawing_a_long_trace_looks_at_the_clock_for_each_step(name: str) -> None:
    work = drawing()[name]
    drawn_steps.steps_of.cache_clear()
    ends(work)


def ends(work: Callable[[], object]) -> None:
    clock = Clock("work")
    with Budget(1000, clock=clock).spending("work"):
        work()
    assert clock.looks > MANY
    drawn_steps.steps_of.cache_clear()
    for nth in (2, clock.looks // 2, clock.looks - 1):
        with pytest.raises(Exceeded), Budget(1000, clock=Clock("work", nth)).spending("work"):
            work()


# ---- what is said ---------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("nth", [2, 300])
def test_a_text_that_takes_too_long_to_read_is_undecided_and_the_others_go_on(
    command: str,
    nth: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    long, race = tmp_path / "long.mmscn", tmp_path / "race.mmscn"
    long.write_text(LONG)
    race.write_text(f'{RACE}expect violated "both count"\n')
    monkeypatch.setattr(budget, "monotonic", Clock("reading the text", nth))
    assert main([command, str(long), "--time", "1000"]) == 3
    said = capsys.readouterr()
    why = "undecided, the limit of time was reached while reading the text"
    assert (said.out, said.err) == ("", f"mmscn: {long}: {why}\n")
    monkeypatch.setattr(budget, "monotonic", Clock("reading the text", nth))
    assert main([command, str(long), str(race), "--time", "1000"]) == 3
    said = capsys.readouterr()
    assert said.err == f"mmscn: {long}: {why}\n"
    assert {"run": "1 run: 1 as expected", "check": "race.mmscn: no errors"}[command] in said.out


@pytest.mark.parametrize("phase", ["making the program", "lowering"])
def test_check_has_the_limits_of_run(
    phase: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "race.mmscn"
    path.write_text(RACE)
    monkeypatch.setattr(budget, "monotonic", Clock(phase, 1))
    assert main(["check", str(path), "--time", "1000"]) == 3
    why = f"undecided, the limit of time was reached while {phase}"
    assert capsys.readouterr().err == f"mmscn: {path}: {why}\n"


def test_check_has_the_memory_of_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "race.mmscn"
    path.write_text(RACE)
    sizes = iter(range(0, 1 << 50, 1 << 30))
    monkeypatch.setattr(budget, "resident_bytes", lambda: next(sizes))
    assert main(["check", str(path), "--memory", "1"]) == 3
    assert "the limit of memory was reached while reading" in capsys.readouterr().err


@pytest.mark.parametrize("more", [(), ("--steps",)])
def test_a_counterexample_that_takes_too_long_to_draw_is_counted(
    more: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "race.mmscn"
    path.write_text(RACE)
    monkeypatch.setattr(budget, "monotonic", Clock("drawing", 2))
    assert main(["run", str(path), "--time", "1000", *more]) == 1
    said = capsys.readouterr().out
    assert "VIOLATED \"both count\"" in said
    assert "(4 steps, not drawn: a limit was reached while drawing them.)" in said
    assert "CPU0" not in said


def test_the_result_as_json_goes_without_a_trace_that_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "race.mmscn"
    path.write_text(RACE)
    monkeypatch.setattr(budget, "monotonic", Clock("drawing", 2))
    assert main(["run", str(path), "--time", "1000", "--json"]) == 1
    assert '"trace": null' in capsys.readouterr().out


def test_where_it_breaks_is_undecided_if_it_takes_too_long_to_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = RACE + 'expect violated "both count" at "x = seen + 1"\n'
    assert mmscn.loads(text).check(limits=ENOUGH).met
    traced.traced.cache_clear()
    drawn_steps.steps_of.cache_clear()
    monkeypatch.setattr(budget, "monotonic", Clock("drawing", 2))
    (run,) = mmscn.loads(f"{text}// a text that is not known\n").check(limits=ENOUGH).runs
    assert [u.because for u in run.unmet] == [Verdict.UNDECIDED]


def test_final_states_that_take_too_long_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    text = RACE.replace('finally "both count" x == 2', "expect outcomes { x == 2 }")
    assert violated(text).final_states() is not None
    monkeypatch.setattr(budget, "monotonic", Clock("looking for final states", 1))
    assert violated(text).final_states() is None


# ---- many names -------------------------------------------------------------------


def test_of_many_names_those_that_begin_alike_are_near() -> None:
    names = [f"n{n}" for n in range(1000)]
    assert closest("value", [*names, "valeu"]) == "did you mean `valeu`?"
    assert closest("volue", [*names, "value"]) is None
    assert closest("volue", [*names[:50], "value"]) == "did you mean `value`?"
