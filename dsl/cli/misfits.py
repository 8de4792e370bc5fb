"""Options of `mmscn run` that make no sense together; what is raised is Usage."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mmscn.judge.exits import Usage
from mmscn.judge.stopping import NEVER
from mmscn.runtime.explore.executors import ExecutorMissing, Native, chosen

if TYPE_CHECKING:
    from mmscn.cli.run import Options

OF_SEARCHES = ("checkpoint", "resume", "deepen", "disk", "bitstate")
"""What says nothing of walks."""


def check_options(options: Options) -> None:
    if options.formats:
        from mmscn.cli import formats

        formats.check_formats(options)
    if options.all_traces and not tells_races(options):
        raise Usage("--all-traces is about the text and the JSON, and none is printed")
    if options.seed is not None and options.simulate is None:
        raise Usage("--seed is of --simulate")
    for name in ("simulate", "all_traces", "kinds"):
        if options.shard is not None and getattr(options, name):
            what = f"--{name.replace('_', '-')} is about all combinations together"
            raise Usage(f"{what}, and --shard has a part of them")
    for name in OF_SEARCHES:
        if options.simulate is not None and getattr(options, name):
            what = f"--{name.replace('_', '-')} is about a search"
            raise Usage(f"{what}, and --simulate makes walks of the whole program")
    if options.disk is not None and options.cluster is not None:
        raise Usage("--disk is a folder of this machine, and --cluster searches on others")
    for name in ("checkpoint", "resume"):
        if options.deepen and getattr(options, name):
            raise Usage(f"--{name} is of one search, and --deepen makes several")
        if options.cluster is not None and getattr(options, name):
            raise Usage(f"--{name} is a file of this machine, and --cluster searches on others")
        if options.disk is not None and getattr(options, name):
            raise Usage(f"--{name} is of a search in memory, and --disk goes on beyond it")
        if options.results is not None and getattr(options, name):
            raise Usage(f"--{name} keeps a search, --results what one has found: say one of them")
    if options.bitstate is not None:
        check_bitstate(options)
    if options.partition is not None:
        check_partition(options)
    if options.kinds is not None:
        check_tests(options)


def check_bitstate(options: Options) -> None:
    """What does not go with a search that remembers bits of states."""
    assert options.bitstate is not None
    others = {
        "disk": "keeps the states themselves",
        "checkpoint": "keeps the states themselves",
        "resume": "keeps the states themselves",
        "deepen": "decides what is small, which bits cannot",
        "cluster": "searches on others, and a table of bits is of this process",
        "all_traces": "looks for all that there are, and bits miss some",
    }
    for name, does in others.items():
        if getattr(options, name):
            raise Usage(f"--{name.replace('_', '-')} {does}: leave out that or --bitstate")
    if options.jobs is not None and options.jobs > 1:
        raise Usage("--bitstate is of one thread: leave out --jobs")
    memory = options.limits.memory_mb
    if memory is not None and options.bitstate >= memory:
        raise Usage(f"--bitstate {options.bitstate} leaves nothing of the memory, {memory} MB")
    try:
        chosen(options.executor, bits=True)
    except ExecutorMissing as problem:
        raise Usage(f"the executor is missing: {problem}") from problem


def check_partition(options: Options) -> None:
    """What does not go with a search by several workers."""
    if options.cluster is None:
        raise Usage("--partition is of a cluster's workers: say which with --cluster")
    if options.simulate is not None:
        raise Usage("--partition is about a search, and --simulate makes walks")
    try:
        native = chosen(options.executor).name == Native.name
    except ExecutorMissing as problem:
        raise Usage(f"the executor is missing: {problem}") from problem
    if not native:
        raise Usage("--partition is of the native executor")


def check_tests(options: Options) -> None:
    """What is not for litmus tests."""
    if options.all_traces:
        raise Usage("--all-traces is of scenarios; `mmscn litmus import` writes a test as one")
    if options.shard is not None:
        raise Usage("--shard is of scenarios: give each machine its litmus tests")
    if options.partition is not None:
        raise Usage("--partition is of scenarios: --cluster spreads litmus tests")
    if options.deepen:
        raise Usage("--deepen is of scenarios: a litmus test is one combination")
    if options.bitstate is not None:
        raise Usage("--bitstate is of scenarios: the verdict of a litmus test needs all executions")
    if options.results is not None:
        raise Usage("--results is of scenarios; `mmscn litmus import` writes a test as one")
    for name, given in (("stop", options.stop), ("simulate", options.simulate)):
        if given not in (None, NEVER):
            why = "the verdict of a litmus test needs all executions"
            raise Usage(f"--{name} is of scenarios: {why}")


def tells_races(options: Options) -> bool:
    """Whether something is printed or written that has a place for all traces."""
    if not options.silent or options.as_json == "2":
        return True
    return any(options.asks_for(name) for name in ("text", "json", "jsonl"))


def writable(path: str) -> None:
    """Raises Usage where a checkpoint could not be written: sooner than after an hour."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path) or not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise Usage(f"the checkpoint: {path} cannot be written")
    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise Usage(f"the checkpoint: {path} cannot be written")
