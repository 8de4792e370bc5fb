"""What is too much of a module is said at the line of the scenario that asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmscn.check.core import Checked
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.diagnostics import Diagnostic, Rejected
from mmscn.judge.shipped import finder
from mmscn.lower import ways
from mmscn.lower.paths import FORKS_MAX
from mmscn.lower.rule_builder import Builder
from mmscn.source import Source

MUCH = """module much
var x[0..14]: bool
proc all_of_them() {
  atomic { for i in 0..14 { choose { x[i] = true } or { x[i] = false } } }
}
proc twice() { call all_of_them(); call all_of_them() }
proc endless() { atomic { while true { x[0] = not x[0] } } }
agent noise {
  step make { for i in 0..14 { choose { x[i] = true } or { x[i] = false } } }
}
"""
FEW_FORKS = 300
"""Where it is refused; how many are too many is no matter of these tests."""
QUIET = MUCH[: MUCH.index("agent")]

WRITTEN = """scenario many
import linux.fault
import linux.writeback
machine x86 {{ cpus 1 }}
file data on ext4 {{ pages {pages} }}
mm a {{ map buf = data[0..3] shared rw populated dirty }}
thread t on cpu 0 in a {{ store buf[0] = 1 }}
"""


def checked(text: str, beside: Path | None = None) -> Checked:
    unit = gather(Source("text", text), finder(beside))
    return elaborate(unit, matrix(unit)[0])


def refusal(text: str, module: str, folder: Path) -> Diagnostic:
    (folder / "much.mmscn").write_text(module)
    with pytest.MonkeyPatch.context() as few:
        few.setattr(ways, "FORKS_MAX", FEW_FORKS)
        with pytest.raises(Rejected) as caught:
            Builder(checked(f"scenario s\nimport much\n{text}\n", folder)).build()
    (found,) = caught.value.diagnostics
    return found


@pytest.mark.parametrize(
    ("body", "code"), [("call all_of_them()", "MM504"), ("call twice()", "MM504"),
                       ("call endless()", "MM408")],
)  # fmt: skip
def test_a_step_of_a_module_is_refused_at_the_call(body: str, code: str, tmp_path: Path) -> None:
    found = refusal(f"thread t {{ {body} }}", QUIET, tmp_path)
    assert (found.code, found.span.source.name, found.span.text) == (code, "text", body)
    (label,) = found.labels
    assert label.span.text.startswith("atomic")


def test_too_many_statements_of_a_module_are_one_error_at_the_call(tmp_path: Path) -> None:
    """What was not written out any more is not said to be missing: no label, no `return`."""
    deep = "module much\nvar x: bool\nproc all_of_them() { repeat 60 { x = true }; return x }\n"
    body = "call all_of_them()"
    found = refusal(f"thread t {{ repeat 60 {{ repeat 60 {{ {body} }} }} }}", deep, tmp_path)
    assert (found.code, found.span.text) == ("MM503", body)
    assert found.labels[0].span.text == "x = true"


def test_an_agent_of_a_module_is_refused_at_the_import(tmp_path: Path) -> None:
    found = refusal("thread t { x[0] = true }", MUCH, tmp_path)
    assert (found.code, found.span.text) == ("MM504", "import much")
    assert found.labels[0].span.text.startswith("step make")


def test_what_is_written_in_the_scenario_is_refused_there(tmp_path: Path) -> None:
    body = MUCH[MUCH.index("atomic") : MUCH.index("proc twice") - 3].strip()
    found = refusal(f"thread t {{\n{body}\n}}", QUIET, tmp_path)
    assert (found.span.source.name, found.labels) == ("text", ())


def test_hardware_that_is_busy_in_too_many_ways_is_refused_at_once() -> None:
    builder = Builder(checked(WRITTEN.format(pages=8)))
    with pytest.raises(Rejected) as caught:
        builder.build()
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.text) == ("MM504", "import linux.writeback")
    assert found.labels[0].span.text.startswith("busy when")
    assert builder.executor.effort < 2 * FORKS_MAX


def test_threads_at_rest_do_not_multiply_the_ways_in_which_hardware_is_idle() -> None:
    ir, _ = Builder(checked(WRITTEN.format(pages=4))).build()
    assert len(ir.quiescent) == 5 ** 4
