"""A parameter that is a cell is drawn as the cell that it stands for."""

from __future__ import annotations

from collections.abc import Callable

from mmscn.draw.diagram import draw
from mmscn.lower.compiled import Compiled
from mmscn.runtime.result import Trace

Violation = Callable[[str, str], tuple[Compiled, Trace]]


def test_a_drawing_says_which_cell_it_is(violation_in: Violation) -> None:
    text = """
        scenario s
        machine x86 { cpus 2; frames 2 }
        each frame { var dirty: bool }
        var f: frame = frame 1
        proc set_bit(var c) { c = true; assert not c "seen" }
        thread t on cpu 0 { let p = f; call set_bit(p.dirty) }
    """
    drawing = draw(*violation_in(text, "seen"))
    assert "set_bit(p.dirty)\n    [p1 dirty: 0 -> 1]" in drawing
    assert "assert not p1.dirty" in drawing
