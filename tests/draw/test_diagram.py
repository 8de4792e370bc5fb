"""The race diagram: what is drawn, and that it stays within a mail."""

from __future__ import annotations

import pytest

from mmscn.draw.diagram import draw

SCENARIOS = ("racewrite", "deadlock", "three_cpus", "four_cpus", "gpu", "one_cpu")
DRAWINGS = (
    ("racewrite", "read back what was written"),
    ("deadlock", "no_deadlock"),
    ("three_cpus", "no_stale"),
    ("four_cpus", "no_lost_write"),
    ("gpu", "nobody writes to a page that is free"),
    ("one_cpu", "no_lost_update"),
)


@pytest.mark.parametrize(("scenario", "check"), DRAWINGS)
def test_drawings(scenario, check, violation, golden) -> None:
    compiled, trace = violation(scenario, check)
    golden(f"draw/{scenario}.txt", draw(compiled, trace, title=f'VIOLATED "{check}"'))


def test_full_drawing(violation, golden) -> None:
    compiled, trace = violation("racewrite", "read back what was written")
    golden("draw/racewrite-full.txt", draw(compiled, trace, full=True))


def test_narrow_drawing(violation, golden) -> None:
    compiled, trace = violation("four_cpus", "no_lost_write")
    golden("draw/four_cpus-narrow.txt", draw(compiled, trace, width=50))


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("width", [40, 72, 100])
def test_a_drawing_survives_being_quoted(scenario, seed, width, walk) -> None:
    compiled, trace = walk(scenario, seed)
    for full in (False, True):
        text = draw(compiled, trace, title="a title", width=width, full=full)
        assert text.endswith("\n")
        assert "\t" not in text
        assert text.isascii()
        for line in text.splitlines():
            assert len(line) <= width
            assert line == line.rstrip()


@pytest.mark.parametrize("cpus", [1, 5, 6, 8])
def test_any_number_of_cpus_fits(cpus, violation_in) -> None:
    threads = "\n".join(f"thread thread_{n} on cpu {n} {{ store A = 1 }}" for n in range(cpus))
    text = f"""
    scenario many
    machine x86 {{ cpus {cpus} }}
    map A -> frame 0
    concurrent {{ {threads} }}
    property all_stored {{ finally not pte(A).dirty or frame 0.content == 0 }}
    check all_stored
    """
    drawing = draw(*violation_in(text, "all_stored"))
    assert max(map(len, drawing.splitlines())) <= 72
    for n in range(cpus):
        assert f"CPU{n}" in drawing
        assert f"thread_{n}" in drawing


def test_who_waits_for_whom_stands_below_a_deadlock(violation) -> None:
    drawing = draw(*violation("deadlock", "no_deadlock"))
    assert "flusher waits at lock ptl in page_mkclean(), held by app" in drawing
    assert "app waits at lock page_lock in fault(), held by flusher" in drawing


def test_a_change_that_its_thread_takes_back_is_left_out(violation_in) -> None:
    text = """
    scenario taken_back
    machine x86 { cpus 2 }
    var users: 0..3
    var dirty: bool
    proc work() { users += 1; dirty = true; users -= 1 }
    concurrent { thread one on cpu 0 { call work() } }
    property clean { finally not dirty or users == 1 }
    check clean
    """
    drawing = draw(*violation_in(text, "clean"))
    assert "[users" not in drawing.partition("in the end")[0]
    assert drawing.count("... (1 step)") == 2
    assert "[dirty: 0 -> 1]" in drawing


def test_a_change_that_another_thread_sees_is_drawn(violation_in) -> None:
    text = """
    scenario seen
    machine x86 { cpus 2 }
    var users: 0..3
    var saw: bool
    proc work() { users += 1; users -= 1 }
    concurrent {
      thread one on cpu 0 { call work() }
      thread two on cpu 1 { if users == 1 { saw = true } }
    }
    property blind { always not saw }
    check blind
    """
    drawing = draw(*violation_in(text, "blind"))
    assert "[users: 0 -> 1]" in drawing
    assert "if users == 1: yes" in drawing


def test_a_call_that_only_passes_on_is_left_out(violation_in) -> None:
    text = """
    scenario passes_on
    machine x86 { cpus 1 }
    var a: bool
    var b: bool
    proc inner() { a = true; b = true }
    proc middle() { call inner() }
    proc outer() { call middle() }
    concurrent { thread one on cpu 0 { call outer() } }
    property never { finally not (a and b) }
    check never
    """
    drawing = draw(*violation_in(text, "never"))
    assert "outer()" in drawing
    assert "==> inner()" in drawing
    assert "middle()" not in drawing


def test_a_violation_before_the_first_step(violation_in) -> None:
    text = """
    scenario at_once
    machine x86 { cpus 1 }
    var a: bool
    concurrent { thread one on cpu 0 { a = true } }
    property set { always a }
    check set
    """
    assert "at the start" in draw(*violation_in(text, "set"))


def test_a_witness_is_reached_and_not_violated(violation_in) -> None:
    text = """
    scenario witness
    machine x86 { cpus 1 }
    var a: 0..3
    concurrent { thread one on cpu 0 { a = 1; a = 2 } }
    property two { reachable a == 2 }
    check two
    """
    drawing = draw(*violation_in(text, "two"))
    assert drawing.splitlines()[-1].split() == ["reached", "[a:", "2]", "<---", "REACHED", "two"]


def test_a_write_of_the_same_value_is_drawn_where_it_undoes_anothers(violation) -> None:
    assert "[users: still 1]" in draw(*violation("one_cpu", "no_lost_update"))
