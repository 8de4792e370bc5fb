"""What is spread over workers is what one process prints, whoever dies on the way."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from mmap import mmap
from pathlib import Path
from typing import Any

import pytest
from support.command import SCENARIOS, Command
from support.workers import Here

from mmscn.cli import jobs, spreading, workers
from mmscn.cli.run import Done, Options, in_order
from mmscn.cli.selection import Broken
from mmscn.cli.workers import Lost, Processes, each
from mmscn.judge.exits import Usage
from mmscn.judge.targets import Lacking, Target, targets

FILES = "matrix", "outcomes", "refuted", "unannounced", "undeclared", "vacuous"
Found = tuple[list[Any], list[Any], list[Any], list[int]]


def found(options: Options, among: Here | None = None) -> Found:
    """What is printed of some scenarios, what is wrong with them, and how they end.

    among: workers, None where one does it all.
    """
    broken = Broken("never", quiet=True)
    codes: list[int] = []
    chosen = targets(options.words)
    if among is None:
        done = list(in_order(chosen, options._replace(fail_fast=True, cluster=None), broken, codes))
    else:
        done = list(spreading.spread(chosen, options, broken, codes, among))
        assert among.closed
    wrong = [(p, [d.message for d in ds]) for p, ds in (*broken.found, *broken.warned)]
    return [untimed(one) for one in done], wrong, broken.unread, codes


def untimed(one: Done) -> object:
    text = re.sub(r"\d+\.\d+ s\b", "- s", str(one))
    return re.sub(r"'(seconds|bytes_per_state)': [\d.e-]+", "", text)


@pytest.fixture(autouse=True)
def nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each combination is left to others, and each test begins as workers do."""
    monkeypatch.setattr(jobs, "SLICE_S", 0.0)
    monkeypatch.setattr(jobs, "HELD", {})


@pytest.fixture(scope="module")
def words() -> tuple[str, ...]:
    return tuple(str(SCENARIOS / f"{name}.mmscn") for name in FILES)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"as_json": "2", "formats": ("junit",)},
        {"define": ("size=2",), "verbose": True},
        {"define": ("nowhere=2",)},
        {"shard": "2/3", "as_json": "2"},
        {"stop": "first", "diagrams": "all", "steps": True},
        {"deepen": True, "quiet": True},
    ],
    ids=str,
)
def test_it_is_what_one_process_finds(words: tuple[str, ...], more: dict[str, Any]) -> None:
    options = Options(words, **more)
    assert found(options, Here(3)) == found(options)


def test_combinations_of_one_scenario_go_to_several_workers(words: tuple[str, ...]) -> None:
    workers = Here(3)
    found(Options(words[:1]), workers)
    assert workers.begun > 4


@pytest.mark.parametrize(("some", "pieces"), [(False, 3), (True, 9)])
def test_a_scenario_is_divided_where_others_wait(
    words: tuple[str, ...], some: bool, pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = mmap(-1, 1)
    board[0] = some
    monkeypatch.setattr(workers, "AWAITED", [board])
    here = Here(1)
    found(Options(words[:3]), here)
    assert here.begun == pieces


def asked(_: object) -> bool:
    return workers.is_awaited()


def test_processes_are_told_whether_others_wait() -> None:
    among = Processes(1)
    told = []
    for some in (False, True, False):
        among.await_work(some)
        among.begin(asked, None)
        told.append(among.ended()[1])
    among.close()
    assert told == [False, True, False]


def test_those_beside_each_other_go_to_one_worker() -> None:
    assert spreading.dealt((2, 3, 5, 8, 9), 2) == [(2, 3), (5, 8, 9)]
    assert spreading.dealt((4,), 3) == [(4,)]


@pytest.mark.parametrize("dying", [{1, 2, 3}, {3, 5, 8, 13}, range(2, 40, 2)], ids=str)
def test_the_work_of_workers_that_die_is_done_again(words: tuple[str, ...], dying: Any) -> None:
    options = Options(words[:3], as_json="2")
    assert found(options, Here(2, dying)) == found(options)


def test_work_over_which_all_die_is_a_fault(words: tuple[str, ...]) -> None:
    with pytest.raises(Lost, match="4 workers died over one piece of work: it was killed"):
        found(Options(words[:1]), Here(2, range(100)))


def test_texts_travel_with_their_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the work is done there are no files."""
    monkeypatch.chdir(tmp_path)
    Path("own").mkdir()
    Path("own/cells.mmscn").write_text("module own.cells\nvar x: 0..3\n")
    text = "scenario far\nimport own.cells\nthread t { x = 2 }\nfinally x == 2\n\nexpect holds\n"
    Path("far.mmscn").write_text(text)
    carried = Target("far.mmscn").travelling()
    shutil.rmtree("own")
    Path("far.mmscn").unlink()
    told = jobs.work(jobs.Job(Options(("far.mmscn",)), carried))
    assert isinstance(told, jobs.Told)
    assert told.done is not None
    assert told.done.code == 0
    less = tuple(pair for pair in carried.modules or () if pair[0] != "own.cells")
    lacking = jobs.work(jobs.Job(Options(("far.mmscn",)), carried._replace(modules=less)))
    assert isinstance(lacking, Lacking)
    assert str(lacking) == "own.cells"


def test_what_a_text_lacks_is_sent_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cells.mmscn").write_text("module cells\nvar x: 0..3\n")
    text = "scenario far\nimport cells\nthread t { x = 2 }\nfinally x == 3\n\nexpect holds\n"
    (tmp_path / "far.mmscn").write_text(text)
    options = Options((str(tmp_path / "far.mmscn"),), cluster="local")
    local = found(options)
    monkeypatch.setattr("mmscn.judge.targets.imports", lambda text: [])
    assert found(options, Here(1)) == local
    assert "VIOLATED" in str(local[0])


def test_results_are_kept_where_the_command_is(words: tuple[str, ...], tmp_path: Path) -> None:
    options = Options(words[:3], cluster="local", results=str(tmp_path / "kept"))
    plain = found(options._replace(results=None))
    assert found(options, Here(2)) == plain
    kept = sorted((tmp_path / "kept").iterdir())
    assert len(kept) == 3
    kept[0].write_text("damaged")
    again = found(options, Here(2))
    assert str(again).count("Not searched") == 2
    assert len(again[0]) == 3
    local = Options(words[:3], results=str(tmp_path / "kept"))
    assert str(found(local)).count("Not searched") == 3


def test_another_mmscn_is_refused(words: tuple[str, ...]) -> None:
    other = jobs.here()._replace(version="0.0.1")
    job = jobs.Job(Options(words), Target(words[0]), made_by=other)
    with pytest.raises(Usage, match=r"has another mmscn: version \S+ for 0\.0\.1$"):
        jobs.work(job)


def half(piece: tuple[Path, int]) -> int:
    """The half; the first time, the worker dies over an odd number."""
    flag, number = piece
    if number % 2 and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number // 2


def test_a_process_that_is_killed_has_its_work_done_again(tmp_path: Path) -> None:
    pieces = [(tmp_path / f"{n}", n) for n in (2, 4, 7, 8)]
    assert list(each(Processes(2), half, pieces)) == [1, 2, 3, 4]


def test_a_cluster_needs_ray(
    mmscn: Command, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    for command in ("run", "ablate"):
        ended = mmscn(command, words[0], "--cluster", "local")
        assert ended.code == 2
        assert "--cluster needs Ray: pip install 'mmscn[cluster]'" in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "--partition is of a cluster's workers: say which with --cluster"),
        (("--cluster", "local", "--simulate", "3"), "--partition is about a search"),
        (("--cluster", "local", "--executor", "python"), "--partition is of the native executor"),
        (("--cluster", "local", "--kinds", "table"), "--partition is of scenarios"),
    ],
    ids=["no cluster", "walks", "python", "litmus"],
)
def test_what_a_partition_goes_with(
    args: tuple[str, ...], said: str, mmscn: Command, words: tuple[str, ...]
) -> None:
    ended = mmscn("run", words[0], "--partition", "2", *args)
    assert ended.code == 2
    assert said in " ".join(ended.err.split())


def test_what_is_of_one_machine_goes_with_no_cluster(
    mmscn: Command, words: tuple[str, ...]
) -> None:
    ended = mmscn("run", words[0], "--cluster", "local", "--checkpoint", "file")
    assert ended.code == 2
    assert "--checkpoint is a file of this machine" in " ".join(ended.err.split())
