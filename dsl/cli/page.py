"""`mmscn html`: what a scenario's run finds, as one page to step through."""

from __future__ import annotations

from typing import Any

import click

from mmscn.cli.commands import wrong
from mmscn.cli.one_scenario import write_of_run
from mmscn.cli.run import Options, Selected
from mmscn.cli.search_options import memory_option, time_option
from mmscn.judge.exits import Usage
from mmscn.judge.report import PropertyResult, Report, Run
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
    from mmscn.show import other_steps, page, result_json

    def made(_: Selected, report: Report) -> str:
        wanted = executions(report, options)

        def is_wanted(run: Run, p: PropertyResult) -> bool:
            return key(run, p) in wanted

        # The page is made from what any other program gets.
        document = result_json.document([result_json.scenario(report, is_wanted)])
        (scenario,) = document["scenarios"]
        other_steps.with_others(scenario, report)
        return page.page(scenario, command_of(options))

    return write_of_run(options, output, "a page is of one scenario", made)


def executions(report: Report, options: Options) -> set[str]:
    """Those that the page steps through."""
    every = bool(options.define)
    return {key(run, p) for run, p, _ in drawn(report, which=options.diagrams, every=every)}


def key(run: Run, p: PropertyResult) -> str:
    return repr((run.params, p.name))
