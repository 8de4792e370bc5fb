"""What goes on for ever is shown as such in every format, and each verdict has its own word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support.command import Command

import mmscn
from mmscn.show import result_json, result_json_1

SPINS = """scenario spins "A retry loop that waits for who waits for it"
param order = spin | rest
mutex m
var done: bool
thread holder on cpu 0 { lock m { if order == spin { await done } } }
thread spinner on cpu 1 {
  if order == spin {
    await m.held
    again:
    let seen = done
    if not trylock m { goto again }
    unlock m
  }
}
eventually "it is done" done
expect violated "it is done"
"""

SPINNING = """
  CPU0: holder                        CPU1: spinner
  ------------                        -------------
  lock m
                                      await m.held
  --- from here, for ever ---
                                      let seen = done
                                        [done: 0]
                                      trylock m
                                        [trylock m = 0]

  for ever [done: 0]                          <--- VIOLATED "it is done"
    CPU0: holder waits at await done
    CPU1: spinner goes round
"""
RESTING = """
  CPU0: holder
  ------------
  lock m
  unlock m
  --- from here, nothing happens any more ---

  for ever [done: 0]                          <--- VIOLATED "it is done"
"""


@pytest.fixture
def document() -> dict[str, object]:
    report = mmscn.loads(SPINS).check()
    return dict(result_json.document([result_json.scenario(report)]))


def test_the_drawing_parts_the_way_there_from_what_comes_again_and_again(
    mmscn: Command, tmp_path: Path
) -> None:
    spins = tmp_path / "spins.mmscn"
    spins.write_text(SPINS)
    printed = mmscn("run", str(spins), "--diagrams", "all").out
    assert SPINNING in printed
    assert RESTING in printed
    assert "  spin   VIOLATED FOR EVER  @" in printed
    assert "fair: a thread or daemon that can go on at any time goes on in the end" in printed
    steps = mmscn("run", str(spins), "--diagrams", "all", "--steps").out
    assert steps.count("--- from here, for ever ---") == 1
    assert steps.count("--- from here, nothing happens any more ---") == 1


def test_the_result_says_where_it_goes_round(document: dict[str, object]) -> None:
    (scenario,) = document["scenarios"]  # type: ignore[misc]
    spin, rest = scenario["runs"]
    for run in (spin, rest):
        asked = next(p for p in run["properties"] if p["name"] == "it is done")
        assert (asked["kind"], asked["verdict"]) == ("liveness", "violated for ever")
        assert any(note.startswith("fair: ") for note in run["notes"])
    (trace,) = [p["trace"] for p in spin["properties"] if p["trace"]]
    assert (trace["loop"], len(trace["steps"])) == (2, 4)
    assert trace["states"][2]["cells"] == trace["states"][4]["cells"]
    assert [w["thread"] for w in trace["waits"]] == ["holder", "spinner"]


@pytest.mark.parametrize("name", ["result.schema.json", "result_1.schema.json"])
def test_both_schemas_have_it(name: str, document: dict[str, object]) -> None:
    schema = json.loads((Path(result_json.__file__).parent / name).read_text())
    made = document if name == "result.schema.json" else result_json_1.document(document)
    Draft202012Validator(schema).validate(made)
    assert "violated for ever" in json.dumps(made)


def test_other_formats_have_it(
    mmscn: Command, tmp_path: Path
) -> None:
    spins = tmp_path / "spins.mmscn"
    spins.write_text(SPINS.replace("expect violated", "// "))
    mermaid = mmscn("run", "--output-format", "mermaid", str(spins)).out
    assert "  loop from here, for ever\n" in mermaid
    assert mermaid.count("\n  end\n") == 1
    assert "  Note over P0,P0: from here, nothing happens any more\n" in mermaid
    junit = mmscn("run", "--output-format", "junit", str(spins)).out
    assert "VIOLATED FOR EVER it is done" in junit
    github = mmscn("run", "--output-format", "github", str(spins)).out
    assert "line=15" in github
    mmscn("html", str(spins), "-o", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text()
    assert '"loop":2' in page
    assert "from here, for ever" in page
    assert "VIOLATED FOR EVER" in page
