"""`mmscn serve`: what programs ask, over the protocol and by single calls."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from support.command import Command

from mmscn.cli.referee import Referee
from mmscn.runtime.result import Limits

Json = dict[str, Any]
LOST = """scenario lost
var counter: 0..2
concurrent {
  thread a on cpu 0 { let seen = counter; counter = seen + 1 }
  thread b on cpu 1 { let seen = counter; counter = seen + 1 }
}
finally "both are counted" counter == 2
"""
CALLS: dict[str, tuple[Json, str]] = {
    "list": ({}, "scenarios"),
    "check": ({"text": LOST}, "ok"),
    "run": ({"text": LOST}, "races"),
    "explain": ({"text": LOST}, "scenarios"),
    "diff": (
        {
            "one": {"name": "flush_before_clear", "define": {"order": "flush_first"}},
            "other": {"name": "flush_before_clear", "define": {"order": "clear_first"}},
            "define": {"spec_fill": "off"},
        },
        "text",
    ),
    "ablate": (
        {"name": "flush_before_clear", "define": {"order": "clear_first"}, "only": ["flush"]},
        "scenarios",
    ),
    "replay": (
        {"text": LOST, "token": "TOKEN", "at": 4, "watch": ["counter"]},
        "text",
    ),
    "new": ({"kind": "lock-order", "name": "mine"}, "text"),
}


@pytest.fixture
def referee(tmp_path: Path) -> Referee:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "lost.mmscn").write_text(LOST)
    (tmp_path / "secret.mmscn").write_text(LOST)
    (tmp_path / "in" / "out.mmscn").symlink_to(tmp_path / "secret.mmscn")
    return Referee(tmp_path / "in", Limits(time_s=60))


def test_each_tool_answers(referee: Referee) -> None:
    token = referee.call("run", {"text": LOST})["races"][0]["token"]
    assert {*CALLS} == {*referee.tools}
    for name, (arguments, key) in CALLS.items():
        given = {k: token if v == "TOKEN" else v for k, v in arguments.items()}
        found = referee.call(name, given)
        assert "error" not in found, (name, found)
        assert found[key]
        json.dumps(found)


def test_a_run_has_verdicts_and_races(referee: Referee) -> None:
    found = referee.call("run", {"file": "lost.mmscn"})
    assert (found["verdict"], found["as_expected"]) == ("violated", False)
    (race,) = found["races"]
    assert race["property"] == "both are counted"
    assert "<--- VIOLATED" in race["diagram"]
    again = referee.call("replay", {"file": "lost.mmscn", "token": race["token"]})
    assert race["diagram"].split("\n\n", 1)[1].strip() in again["text"]


@pytest.mark.parametrize("file", ["../secret.mmscn", "out.mmscn", "/etc/passwd", "a\0b", "../in/../secret.mmscn"])  # noqa: E501 (one list)
def test_no_file_is_read_outside_of_the_folder(file: str, referee: Referee) -> None:
    found = referee.call("run", {"file": file})
    assert found == {"error": "the file is outside of the folder that this server was given"}


def test_no_module_is_read_outside_of_the_folder(tmp_path: Path, referee: Referee) -> None:
    (tmp_path / "mmscn.toml").write_text("")
    (tmp_path / "beside.mmscn").write_text("module beside\nproc f() { }\n")
    text = "scenario s\nimport beside\nvar x: bool\nthread t { call f(); x = true }\nfinally x\n"
    found = referee.call("check", {"text": text})
    assert "beside" in found["diagnostics"][0]["message"]
    (tmp_path / "in" / "beside.mmscn").write_text("module beside\nproc f() { }\n")
    assert referee.call("check", {"text": text})["ok"]


def test_without_a_folder_no_file_is_read() -> None:
    found = Referee(None, Limits()).call("run", {"file": "lost.mmscn"})
    assert found == {"error": "this server was given no folder: send the text itself"}


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("delete", {}, "there is no tool `delete`; there are list, check"),
        ("run", {}, "say one of `text`, `file`"),
        ("run", {"text": LOST, "name": "racewrite"}, "say one of"),
        ("run", {"name": "nothing_like_it"}, "no shipped scenario is named"),
        ("run", {"what": 1}, "the arguments of `run` are others"),
        ("run", {"text": "scenario s\nx = 1\n"}, "the text cannot be run"),
        ("run", {"text": LOST, "define": {"no": 1}}, "the text cannot be run"),
        ("new", {"kind": "other"}, "the kinds are shootdown"),
        ("new", {"name": "a b"}, "a name is one word"),
        ("replay", {"token": "mm1"}, "no replay token"),
        ("replay", {"token": "mm1:lost::123456:AA", "text": LOST}, "has changed since"),
        ("diff", {"one": {}, "other": {}}, "say one of"),
        ("diff", {"one": {"text": LOST, "x": 1}, "other": {}}, "`one` has"),
        ("ablate", {"text": LOST, "only": ["bugs"]}, "`only` has some of lock"),
        ("run", {"text": "x" * 10_000_000}, "characters at most"),
    ],
    ids=range(15),
)
def test_what_cannot_be_answered_is_told(
    tool: str, arguments: Json, said: str, referee: Referee
) -> None:
    found = referee.call(tool, arguments)
    assert said in found["error"]


def test_a_call_is_bounded() -> None:
    found = Referee(None, Limits(time_s=0.01)).call("ablate", {"name": "racewrite"})
    assert found["error"].startswith("undecided: the limit of time was reached")


def test_a_single_call_is_answered(mmscn: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmscn.cli.serving.bounded", lambda options: None)
    for told, code, said in (
        (json.dumps({"text": LOST}), 0, '"ok": true'),
        ("{", 2, ""),
        ("[]", 2, ""),
        ('{"file": "x"}', 2, "no folder"),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(told))
        ended = mmscn("serve", "--call", "check")
        assert (ended.code, said in ended.out) == (code, True)
    assert mmscn("serve").code == 2
    assert mmscn("serve", "--mcp", "--call", "run").code == 2


@pytest.mark.slow  # loads the SDK twice
def test_a_client_of_the_protocol_lists_and_calls_the_tools(tmp_path: Path) -> None:
    pytest.importorskip("mcp", reason="the MCP SDK is not installed")
    (tmp_path / "lost.mmscn").write_text(LOST)
    found = asyncio.run(session(tmp_path))
    names, check, run, wrong = found
    assert names == sorted(CALLS)
    assert check["ok"]
    assert run["verdict"] == "violated"
    assert "outside of the folder" in wrong["error"]


async def session(folder: Path) -> tuple[list[str], Json, Json, Json]:
    from mcp import ClientSession, StdioServerParameters, stdio_client

    command = [sys.executable, "-m", "mmscn", "serve", "--mcp", str(folder)]
    server = StdioServerParameters(command=command[0], args=command[1:], env={**os.environ})
    async with stdio_client(server) as pair, ClientSession(*pair) as client:
        await client.initialize()
        tools = (await client.list_tools()).tools

        async def call(name: str, arguments: Json) -> Json:
            answer: Any = await client.call_tool(name, arguments)
            return dict(json.loads(answer.content[0].text))

        return (
            sorted(tool.name for tool in tools),
            await call("check", {"text": LOST}),
            await call("run", {"file": "lost.mmscn"}),
            await call("run", {"file": "../x.mmscn"}),
        )


