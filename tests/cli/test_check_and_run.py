"""`check` rejects what `run` rejects before its search, with the same words; both can be ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command

from mmscn.judge import prepare

REJECTED = {
    "a loop without a step": ("thread a { while true { } }", "MM408"),
    "a loop in an atomic": (
        "var b: bool\nthread a { atomic { while true { b = true } } }", "MM408",
    ),
    "too many ways": (
        "var x[0..40]: bool\nthread a { atomic { for i in 0..40 { choose { x[i] = false } or "
        "{ x[i] = true } } } }",
        "MM504",
    ),
    "too many ways to be idle": (
        "agent d[i in 0..12] {\nvar p: bool\nvar q: bool\nbusy when p and q\n"
        "step up when not p { p = true }\nstep down when p { q = true }\n}\n"
        "var b: bool\nthread t { b = true }",
        "MM504",
    ),
    "too much in a condition": (
        "var a: 0..200\nvar b: 0..200\nvar c: 0..200\nthread t { await a + b + c == 300 }",
        "MM505",
    ),
    "two versions": ("var a: version\nvar b: version\nthread t { atomic { a = fresh\nb = fresh } }",
                     "MM506"),
    "too many bits": (
        "var x[0..63, 0..7]: 0..2\nvar i: 0..2\nthread a { " + "\n".join(
            f"for j in 0..63 {{ x[j, {n}] = i }}" for n in range(8)
        ) + "\nrepeat 2 { i = 1 } }\nalways all j in 0..63: all k in 0..7: x[j, k] != i or i == 0",
        "MM501",
    ),
    "one combination of two": (
        "param p = good | bad\nvar b: bool\n"
        "thread a { b = true\nif p == bad { while true { } } }",
        "MM408",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REJECTED)
def test_check_says_what_run_says(name: str, mmscn: Command, tmp_path: Path) -> None:
    text, code = REJECTED[name]
    path = tmp_path / "s.mmscn"
    path.write_text(f"scenario s\n{text}\n", encoding="utf-8")
    run, check = mmscn("run", str(path)), mmscn("check", str(path))
    assert run.code == check.code == 2
    assert code in check.err
    assert check.err == run.err


def test_what_check_has_compiled_run_finds(
    mmscn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.mmscn"
    path.write_text("scenario s\nvar b: bool\nthread a { b = true }\nfinally b\n", encoding="utf-8")
    monkeypatch.setenv("MMSCN_CACHE", str(tmp_path / "cache"))
    assert mmscn("check", str(path)).code == 0

    def compile_(*_: object, **__: object) -> object:
        raise AssertionError("it is compiled again")

    monkeypatch.setattr(prepare, "compiled_of", compile_)
    assert mmscn("run", str(path)).code == 0


@pytest.mark.parametrize("phase", ["unit_of", "elaborate", "compiled_of"])
@pytest.mark.parametrize("command", ["check", "run"])
def test_an_interrupt_ends_every_phase(
    command: str, phase: str, mmscn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.mmscn"
    path.write_text(f"scenario s\nvar {phase}: bool\nthread a {{ {phase} = true }}\n", "utf-8")
    monkeypatch.setenv("MMSCN_CACHE", str(tmp_path / "cache"))

    def interrupted(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(prepare, phase, interrupted)
    assert mmscn(command, str(path)).code == 130
