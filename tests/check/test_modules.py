"""Every shipped module can be imported alone, and some scenario uses each of its procedures."""

from __future__ import annotations

import pytest

from mmscn.diagnostics import Rejected
from mmscn.documents.sources import calls
from mmscn.judge.api import loads
from mmscn.judge.shipped import Shipped, read, shipped_modules, shipped_scenarios
from mmscn.syntax import tree as t
from mmscn.syntax.tree_cache import parse_cached

ALONE = """scenario alone
import {name}
machine x86 {{ cpus 1 }}
file data on ext4 {{ page 0 = 0 }}
mm user {{ map A = data[0] {sharing} rw }}
concurrent {{ thread t on cpu 0 in user {{ store A = 1 }} }}
"""


@pytest.mark.parametrize("module", shipped_modules(), ids=lambda m: m.name)
def test_a_shipped_module_can_be_imported_alone(module: Shipped) -> None:
    """With a mapping that it models: some know the private ones only."""
    try:
        checked(module.name, "shared")
    except Rejected as problem:
        if any(d.code != "MM312" for d in problem.diagnostics):
            raise
        checked(module.name, "private")


def checked(module: str, sharing: str) -> None:
    """Raises Rejected."""
    scenario = loads(ALONE.format(name=module, sharing=sharing))
    for values in scenario.combinations():
        scenario.checked(values)


@pytest.mark.parametrize("module", shipped_modules(), ids=lambda m: m.name)
def test_check_takes_the_file_of_a_module(
    module: Shipped, capsys: pytest.CaptureFixture[str]
) -> None:
    from mmscn.cli.cli import main

    assert main(["check", module.path]) == 0
    assert "no errors" in capsys.readouterr().out


USED_BY_TESTS = {
    "hw.stage1": "imported litmus tests",
    "hw.fetch": "imported litmus tests whose instructions are stored to",
    "linux.barriers": "imported litmus tests, each for one fence",
    "data.queue": "tests/check/test_queues.py, where no scenario has a queue that may be full",
    "hw.memory": "imported litmus tests",
}
"""Modules with procedures that no shipped scenario comes by, and who does."""

STATEMENTS = {"flush_local", "flush_all", "flush_others", "flush_cpu", "flush_set", "cpu_store",
              "cpu_load"}  # fmt: skip
"""Procedures behind statements that do not name them."""


def test_a_shipped_scenario_uses_each_procedure_of_the_modules() -> None:
    bodies: dict[str, set[str]] = {}
    todo = set(STATEMENTS)
    declared: dict[str, list[str]] = {}
    for shipped in shipped_scenarios() + shipped_modules():
        tree, _ = parse_cached(read(shipped.file))
        for item in tree.items if not shipped.benchmark else ():
            if not isinstance(item, t.Proc):
                todo |= set(calls(item))
                continue
            bodies.setdefault(item.name, set()).update(calls(item.body))
            if shipped.kind == "module":
                declared.setdefault(item.name, []).append(shipped.name)
    used: set[str] = set()
    while todo:
        name = todo.pop()
        used.add(name)
        todo |= bodies.get(name, set()) - used
    unused = {name: modules for name, modules in declared.items() if name not in used}
    assert {n: m for n, m in unused.items() if not set(m) & set(USED_BY_TESTS)} == {}
    assert {m for modules in unused.values() for m in modules} == set(USED_BY_TESTS)
