"""What stands around the project: the action, the hooks and the workflow run what there is."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.house import ROOT

import mmscn

GOOD = """scenario good
var x: 0..1
thread t { x = 1 }
finally x == 1

expect holds
"""
REFUTED = GOOD.replace("x == 1\n\n", "x == 0\n\n")
UNTIDY = GOOD.replace("thread t {", "thread  t{")
WRONG = GOOD.replace("x = 1", "y = 1")


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def run(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of a command, with this environment's `mmscn` first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, **environment}
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True
    )


# ---- the action ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "arguments", "code", "said"),
    [
        (GOOD, "", 0, ""),
        (GOOD, "--states 1000 --fail-fast", 0, ""),
        (REFUTED, "", 1, "::error file="),
        (WRONG, "", 2, "::error file="),
    ],
)
def test_the_action_runs_the_scenarios_of_a_repository(
    text: str, arguments: str, code: int, said: str, tmp_path: Path
) -> None:
    action = read("action.yml")
    *_, install, last = action["runs"]["steps"]
    assert install["run"].startswith("python -m pip install")
    assert {*re.findall(r"inputs\.(\w+)", str(last["env"]))} <= {*action["inputs"]}
    (tmp_path / "race.mmscn").write_text(text)
    found = run(last["run"], tmp_path, TARGETS=".", ARGUMENTS=arguments)
    assert found.returncode == code, found.stderr
    assert said in found.stdout


# ---- the hooks ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("hook", "text", "fine"),
    [
        ("mmscn-fmt", GOOD, True),
        ("mmscn-fmt", UNTIDY, False),
        ("mmscn-check", GOOD, True),
        ("mmscn-check", "module m\nproc p() { }\n", True),
        ("mmscn-check", WRONG, False),
        ("mmscn-run", GOOD, True),
        ("mmscn-run", REFUTED, False),
    ],
)
def test_a_hook_says_whether_a_text_is_fine(
    hook: str, text: str, fine: bool, tmp_path: Path
) -> None:
    (found,) = [h for h in read(".pre-commit-hooks.yaml") if h["id"] == hook]
    (tmp_path / "race.mmscn").write_text(text)
    assert re.search(found["files"], "race.mmscn")
    names = ["race.mmscn"] if found.get("pass_filenames", True) else []
    command = shlex.join([*shlex.split(found["entry"]), *found.get("args", []), *names])
    assert (run(command, tmp_path).returncode == 0) is fine


# ---- releases -----------------------------------------------------------------


def test_all_say_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = read("CITATION.cff")
    assert project["version"] == citation["version"] == mmscn.__version__
    assert citation["license"] == project["license"]


def test_the_workflow_uses_what_there_is() -> None:
    jobs = read(".github/workflows/wheels.yml")["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    scripts = [step["run"].split()[0] for step in steps if step.get("run", "").startswith(".")]
    assert scripts == [".ci/dist"]
    assert os.access(ROOT / scripts[0], os.X_OK)
    needs = [job["needs"] for job in jobs.values() if "needs" in job]
    assert {name for n in needs for name in (n if isinstance(n, list) else [n])} <= {*jobs}


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md"])
def test_what_a_page_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([\w./]+)", text)
    paths = re.findall(r"`((?:\.ci|\.github|tests|scenarios|dsl)[\w./-]*|pyproject\.toml)`", text)
    assert links
    assert all((ROOT / path).exists() for path in (*links, *paths))


@pytest.mark.slow
def test_a_wheel_without_c_fits_every_machine(tmp_path: Path) -> None:
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".*", "build", "*.so", "__pycache__", "*.egg-info", "_build")
    shutil.copytree(ROOT, source, ignore=ignored)
    found = run("python -m build --wheel --outdir out .", source, MMSCN_PURE="1")
    assert found.returncode == 0, found.stderr
    (wheel,) = (source / "out").iterdir()
    assert wheel.name.endswith("-py3-none-any.whl")
