"""`mmscn html`: what a scenario's run finds, as one page to step through."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from mmscn.cli.commands import memory_option, time_option, wrong
from mmscn.cli.run import Options, report_of, select
from mmscn.cli.selection import Broken, defined, targets_of
from mmscn.judge import exits
from mmscn.judge.exits import Usage
from mmscn.judge.report import PropertyResult, Report, Run
from mmscn.judge.targets import STDIN
from mmscn.replace import replace_file
from mmscn.runtime.explore import executors
from mmscn.show.counterexamples import drawn


@click.command("html")
@click.argument("word", metavar="TARGET")
@click.option("-D", "define", multiple=True, metavar="NAME=VALUE", help="As of `mmscn run`.")
@click.option("-o", "--output", metavar="FILE", help="Where the page goes, else to stdout.")
@click.option(
    "--diagrams",
    type=click.Choice(["some", "all", "first", "none"]),
    default="some",
    show_default=True,
    help="The executions to step through, as of `mmscn run`.",
)
@click.option("--states", type=click.IntRange(1), metavar="N", help="At most N states.")
@time_option
@memory_option
@click.option("--executor", type=click.Choice(executors.names()), default=executors.AUTO)
def command(word: str, output: str | None, **options: Any) -> int:
    """Write what a scenario's run finds as one page of HTML.

    The page needs no network and no other file. It steps through the counterexamples: source,
    race and state side by side, what a step changes marked, a link for each step.

    Exit codes are those of `mmscn run`.
    """
    try:
        return write_page(Options((word,), **options), output)
    except Usage as problem:
        return wrong(command, problem)


def write_page(options: Options, output: str | None) -> int:
    """Raises Usage."""
    from mmscn.cli.formats import command_of
    from mmscn.show import page, result_json

    (word,) = options.words
    chosen = targets_of(options.words, every=False)
    if len(chosen) != 1:
        raise Usage(f"a page is of one scenario, and `{word}` stands for {len(chosen)}")
    broken = Broken("auto")
    codes: list[int] = []
    for selected in select(chosen, defined(options.define), broken, codes, options.limits):
        report = report_of(selected, options, True, broken)
        if report is None:
            continue
        codes.append(exits.exit_code(report))
        wanted = executions(report, options)

        def is_wanted(run: Run, p: PropertyResult, wanted: set[str] = wanted) -> bool:
            return key(run, p) in wanted

        # The page is made from what any other program gets.
        document = result_json.document([result_json.scenario(report, is_wanted)])
        made = page.page(document["scenarios"][0], command_of(options))
        write_to(output, made)
    if broken.found:
        codes.append(exits.USAGE)
    return exits.worst(codes)


def executions(report: Report, options: Options) -> set[str]:
    """Those that the page steps through."""
    every = bool(options.define)
    return {key(run, p) for run, p, _ in drawn(report, which=options.diagrams, every=every)}


def key(run: Run, p: PropertyResult) -> str:
    return repr((run.params, p.name))


def write_to(output: str | None, made: str) -> None:
    """Raises Usage where it cannot be written."""
    if output is None or output == STDIN:
        sys.stdout.write(made)
        return
    try:
        replace_file(Path(output), made.encode("utf-8"))
    except OSError as problem:
        raise Usage(f"{output} cannot be written: {problem.strerror or problem}") from problem
