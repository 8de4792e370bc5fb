"""`mmscn ablate FILE`: what each lock, flush, fence, check and reference is for."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command
from support.schemas import printed

SCENARIO = """scenario s "Two adders and somebody who looks"
spinlock m
mutex useless
var x: 0..4
var seen: bool
thread a on cpu 0 {
  lock m { let old = x; x = old + 1 }
  lock useless { seen = true }
}
thread b on cpu 1 {
  lock m { let old = x; x = old + 1 }
  if x == 2 { seen = false }
}
finally "both were counted" x == 2
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "s.mmscn"
    found.write_text(SCENARIO)
    return found


def rows(out: str) -> dict[str, tuple[str, str]]:
    (found,) = printed("ablate", out)["scenarios"]
    return {r["where"].rpartition(":")[2]: (r["ends"], r["title"]) for r in found["rows"]}


def test_each_lock_is_taken_out_and_told_what_it_is_for(path: Path, mmscn: Command) -> None:
    ended = mmscn("ablate", "--json", str(path))
    assert ended.code == 0, ended.err
    assert rows(ended.out) == {
        "7": ("breaks", '"both were counted"'),
        "8": ("holds", ""),
        "11": ("breaks", '"both were counted"'),
        "12": ("holds", ""),
    }


def test_the_table_has_the_length_of_the_shortest_execution(path: Path, mmscn: Command) -> None:
    out = mmscn("ablate", "--only", "lock", "--diagrams", str(path)).out
    assert "s.mmscn:12" not in out
    (line,) = (line for line in out.splitlines() if "s.mmscn:7 " in line and " 10 " in line)
    assert '"both were counted"' in line
    assert "2 needed, 1 without which nothing breaks within these bounds" in out
    assert 'VIOLATED "both were counted"' in out


def test_what_is_kept_is_not_tried_again(path: Path, tmp_path: Path, mmscn: Command) -> None:
    keep = tmp_path / "kept"
    first = mmscn("ablate", "--keep", str(keep), str(path)).out
    lines = keep.read_text().splitlines()
    assert len(lines) == 4
    lied = [line.replace('"steps": 10', '"steps": 99') for line in lines[:2]]
    keep.write_text("\n".join([*lied, lines[2][:20]]) + "\n")
    again = mmscn("ablate", "--keep", str(keep), str(path)).out
    assert first != again
    assert "99" in again
    path.write_text(SCENARIO.replace("0..4", "0..5"))
    assert "99" not in mmscn("ablate", "--keep", str(keep), str(path)).out


def test_a_limit_is_told_and_proves_nothing(path: Path, mmscn: Command) -> None:
    found = rows(mmscn("ablate", "--states", "12", "--json", str(path)).out)
    assert [found["7"][0], found["11"][0]] == ["undecided", "undecided"]
    out = mmscn("ablate", "--states", "3", str(path)).out
    assert "nothing was found to hold" in out


def test_a_fence_and_an_exchange_are_taken_out_of_a_scenario_of_ones_own(
    tmp_path: Path, mmscn: Command
) -> None:
    path = tmp_path / "s.mmscn"
    path.write_text("""scenario s
machine sc { memory = tso }
var x: bool
var y: bool
var r0: bool = true
var r1: bool = true
thread a on cpu 0 { x = true; fence full; let r = y; r0 = r }
thread b on cpu 1 { y = true; fence full; let r = x; r1 = r }
finally "one sees the other" r0 or r1
""".replace("machine sc {", "machine x86 {"))
    ended = mmscn("ablate", "--json", str(path))
    assert rows(ended.out) == {
        "7": ("breaks", '"one sees the other"'),
        "8": ("breaks", '"one sees the other"'),
    }, ended.err
