"""Every shipped module can be imported alone."""

from __future__ import annotations

import pytest

from mmscn.diagnostics import Rejected
from mmscn.judge.api import loads
from mmscn.judge.shipped import Shipped, shipped_modules

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
