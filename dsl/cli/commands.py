"""The commands of `mmscn`: what they take, what they print where, how they end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from io import StringIO
from typing import Any

import click

from mmscn import __version__
from mmscn.cli import settings
from mmscn.cli.run import Options
from mmscn.cli.search_options import cluster_option, memory_option, search_options, time_option
from mmscn.judge.exits import INTERRUPTED, OK, USAGE, Usage
from mmscn.plain_text import printable, printable_lines
from mmscn.runtime.explore import executors


def invoke(args: Sequence[str]) -> int:
    """Run a command line; gives the exit code."""
    try:
        code = mmscn.main(args=spelled(args), prog_name="mmscn", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as problem:
        problem.show()
        return USAGE
    except click.Abort:
        return INTERRUPTED
    except SystemExit as end:
        # How click ends where nobody reads the output any more: with 1, which means another thing.
        raise BrokenPipeError from end
    except click.ClickException as problem:
        shown = StringIO()
        problem.show(shown)
        sys.stderr.write(printable_lines(shown.getvalue()))
        return USAGE
    return code if isinstance(code, int) else OK


def spelled(args: Sequence[str]) -> list[str]:
    """The words of a command line, options of `run` with the value that they have without one."""
    values = {"--no-reduce": "--no-reduce=all"}
    values |= {"--json": "--json=2"} if args[:1] == ["run"] else {}
    return [values.get(word, word) for word in args]


def wrong(command: click.Command, problem: Usage) -> int:
    """Say what is wrong with the words of a command, as click says it; gives the exit code."""
    with click.Context(mmscn, info_name="mmscn") as group:
        context = click.Context(command, info_name=command.name, parent=group)
        click.UsageError(printable(str(problem)), context).show()
    return USAGE


ELSEWHERE = {
    "completion": "mmscn.cli.completion",
    "dis": "mmscn.cli.disassembly",
    "drift": "mmscn.cli.drifting",
    "docs": "mmscn.cli.documents",
    "exercise": "mmscn.cli.exercise",
    "fmt": "mmscn.cli.fmt",
    "html": "mmscn.cli.page",
    "litmus": "mmscn.cli.litmus",
    "lsp": "mmscn.cli.lsp",
    "mail": "mmscn.cli.mailing",
    "merge": "mmscn.cli.merging",
    "new": "mmscn.cli.new",
    "replay": "mmscn.cli.replaying",
    "serve": "mmscn.cli.serving",
    "step": "mmscn.cli.stepping",
    "touched": "mmscn.cli.touching",
    "verify": "mmscn.cli.verifying",
}
"""Commands that have a module of their own, imported when they are asked for."""


class Commands(click.Group):
    """The commands below, and those that are elsewhere."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in ELSEWHERE:
            found: click.Command = import_module(ELSEWHERE[cmd_name]).command
            return found
        return super().get_command(ctx, cmd_name)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.option("--version", is_flag=True, help="Show the version.")
@click.option("--verbose", is_flag=True, help="With --version: the executors, too.")
@click.pass_context
def mmscn(ctx: click.Context, version: bool, verbose: bool) -> int:
    """Explore memory-management scenarios over every interleaving.

    Exit codes: 0 all as expected, 1 not as expected, 2 wrong usage or a
    rejected scenario, 3 undecided, 4 vacuous or nothing selected, 70 a fault
    of mmscn, 130 interrupted.
    """
    if version:
        click.echo(f"mmscn {__version__}")
        if verbose:
            click.echo(environment(), nl=False)
        return OK
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        return USAGE
    command = mmscn.get_command(ctx, ctx.invoked_subcommand)
    if command is not None:
        try:
            ctx.default_map = {ctx.invoked_subcommand: settings.defaults(command)}
        except Usage as problem:
            raise click.UsageError(printable(str(problem))) from problem
    return OK


def environment() -> str:
    """Which executors there are, and the versions that a report of a fault needs."""
    import platform
    from importlib.metadata import version

    lines = [f"executor {name}: {state}" for name, state in executors.available().items()]
    lines.append(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    lines += [f"{name} {version(name)}" for name in ("lark", "attrs", "pygments", "click")]
    return "".join(f"{line}\n" for line in lines)


def selection(command: Callable[..., Any]) -> Callable[..., Any]:
    """What run and check take: targets, --all and -D."""
    decorators = [
        click.argument("words", nargs=-1, metavar="[TARGETS]..."),
        click.option(
            "--all", "every", is_flag=True, help="All shipped scenarios but the benchmarks."
        ),
        click.option(
            "-D",
            "define",
            multiple=True,
            metavar="NAME=VALUE",
            help="Only this value of a param or knob; several with `|` between.",
        ),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


color_option = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True
)
width_option = click.option(
    "--width", type=click.IntRange(40, 400), help="Columns, instead of the terminal's."
)
show_settings_option = click.option(
    "--show-settings", is_flag=True, help="Say what counts, and where that is from; run nothing."
)


def show_settings() -> int:
    click.echo(settings.shown(click.get_current_context()), nl=False)
    return OK


@mmscn.command()
@selection
@click.option(
    "--diagrams",
    type=click.Choice(["some", "all", "first", "none"]),
    default="some",
    show_default=True,
    help="The counterexamples to draw; `some` is one for each way to break, at most 3.",
)
@click.option("--steps", is_flag=True, help="List every step of the counterexamples.")
@click.option(
    "--all-traces",
    "all_traces",
    is_flag=True,
    help="Group the combinations by race, and draw each order in which it happens.",
)
@click.option(
    "--json",
    "as_json",
    type=click.Choice(["1", "2"]),
    metavar="[=1|2]",
    help="Print the result as JSON; 1 is the older schema.",
)
@click.option(
    "--output-format",
    "formats",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help="text, json, jsonl, junit, sarif, github, mermaid, plantuml, html, dot or herd; with FILE "
    "beside what is printed; several at once.",
)
@color_option
@search_options
@click.option("--fail-fast", is_flag=True, help="End behind the first that is not as expected.")
@click.option("--watch", is_flag=True, help="Run again when a file or a module of it changes.")
@click.option("-q", "--quiet", is_flag=True, help="Only what is not as expected, and the summary.")
@click.option("-v", "--verbose", is_flag=True, help="Also costs, and who is told apart.")
@click.option(
    "--kinds", metavar="FILE", help="Compare folders of litmus tests with a table of verdicts."
)
@click.option("--column", default="verdict", metavar="NAME", help="The table's column.")
@width_option
@show_settings_option
def run(**options: Any) -> int:
    """Search scenarios and litmus tests: files, folders, `-`, or names of shipped ones."""
    from mmscn.cli.run import run_all

    if options.pop("show_settings"):
        return show_settings()
    try:
        if options["watch"]:
            from mmscn.cli.watching import watch

            return watch(Options(**options))
        return run_all(Options(**options))
    except Usage as problem:
        return wrong(run, problem)


@mmscn.command()
@selection
@click.option("--strict", is_flag=True, help="What nothing uses is an error, too.")
@time_option
@memory_option
@color_option
@show_settings_option
def check(words: tuple[str, ...], time_s: float | None, memory: int | None, **options: Any) -> int:
    """Look for errors in scenarios and modules, without a search."""
    from mmscn.cli.checking import check_all
    from mmscn.cli.run import Options

    if options.pop("show_settings"):
        return show_settings()
    try:
        limits = Options(words, time_s=time_s, memory=memory).limits
        return check_all(words, **options, limits=limits)
    except Usage as problem:
        return wrong(mmscn.commands["check"], problem)


@mmscn.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.option("--modules", is_flag=True, help="The modules that scenarios import.")
@width_option
def list_(as_json: bool, modules: bool, width: int | None) -> int:
    """List the shipped scenarios."""
    from mmscn.cli.listing import listing
    from mmscn.cli.progress import terminal_columns
    from mmscn.show.paint import write

    room = width or terminal_columns()
    write(listing(modules=modules, as_json=as_json, room=room), "never", "trace")
    return OK


@mmscn.command()
@selection
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
@click.option("-v", "--verbose", is_flag=True, help="All places that never fire.")
@click.option("--near-miss", is_flag=True, help="Draw what comes closest to breaking.")
@click.option("--knobs", is_flag=True, help="Flip each knob: which does the verdict depend on?")
@click.option("--states", type=click.IntRange(1), metavar="N", help="At most N states.")
@time_option
@memory_option
@color_option
def explain(
    words: tuple[str, ...], every: bool, near_miss: bool, knobs: bool, color: str, **options: Any
) -> int:
    """Explain what the verdicts of scenarios are worth, or a diagnostic's code.

    With a code (`MM207`): what it means, with an example; with nothing: all codes.
    With scenarios, as `run` takes them: what is asked, what never fires, what is
    assumed.
    """
    from mmscn.cli.explain import NoSuchCode, explanation, is_code
    from mmscn.show.paint import write

    if every or (words and not is_code(words)):
        from mmscn.cli.explaining import explain_all

        try:
            chosen = Options(words, every=every, color=color, **options)
            return explain_all(chosen, near=near_miss, knobs=knobs)
        except Usage as problem:
            return wrong(explain, problem)
    try:
        text = explanation(words[0] if words else None)
    except NoSuchCode as problem:
        raise click.UsageError(str(problem)) from problem
    write(text, color, "message")
    return OK


@mmscn.command()
@selection
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(["lock", "flush", "fence", "exchange", "atomic", "check", "reference"]),
    help="Take out only these.",
)
@click.option("--diagrams", is_flag=True, help="Draw what breaks.")
@click.option(
    "--runs",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    metavar="N",
    help="Combinations that each is tried on, at most.",
)
@click.option("--keep", metavar="FILE", help="Keep rows in a file, to go on from.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@click.option("--states", type=click.IntRange(1), metavar="N", help="At most N states a run.")
@time_option
@memory_option
@cluster_option
@color_option
def ablate(
    only: tuple[str, ...],
    diagrams: bool,
    runs: int,
    keep: str | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Take out each lock, flush, fence, check and reference in turn: what breaks?

    In the scenarios and in the library's procedures that they call, the hardware
    left out. Asked is what holds with it; told is the shortest execution of the
    first combination in which something breaks.
    """
    from mmscn.cli.ablating import Wanted, ablate_all
    from mmscn.explain.mutants import KINDS

    try:
        json = "2" if as_json else None
        wanted = Wanted(only or KINDS, runs, diagrams, keep)
        return ablate_all(Options(**options, as_json=json), wanted)
    except Usage as problem:
        return wrong(ablate, problem)


@mmscn.command()
@click.argument("words", nargs=-1, metavar="[TARGETS]...")
@click.option("--any", "thread", metavar="THREAD", help="The thread that may be many.")
@click.option(
    "-D",
    "define",
    multiple=True,
    metavar="NAME=VALUE",
    help="Only this value of a param or knob; several with `|` between.",
)
@click.option("--certificate", metavar="FILE", help="Write the proof, to be checked again.")
@click.option("--check", metavar="FILE", help="Check a certificate that was written.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--states", type=click.IntRange(1), metavar="N", help="At most N states a search.")
@time_option
@memory_option
@width_option
@color_option
def prove(
    thread: str | None, certificate: str | None, check: str | None, as_json: bool, **options: Any
) -> int:
    """Prove what holds for any number of threads that are alike: `thread T[c in 0..N - 1]`.

    One and two are searched as `run` does. What cannot be proved, or where a side
    condition is not met, has the verdict of the numbers that were searched.
    """
    from mmscn.cli.proving import Wanted, prove_all

    try:
        json = "2" if as_json else None
        return prove_all(Options(**options, as_json=json), Wanted(thread, certificate, check))
    except Usage as problem:
        return wrong(mmscn.commands["prove"], problem)


@mmscn.command()
@click.argument("words", nargs=-1, metavar="ONE [OTHER]")
@click.option(
    "-D",
    "define",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value for both; said twice for a name, one for each.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.option("--states", type=click.IntRange(1), metavar="N", help="At most N states a run.")
@time_option
@memory_option
@color_option
def diff(as_json: bool, **options: Any) -> int:
    """Compare two scenarios, or two settings of one: what breaks in one only, and why.

    The counterexample of the one is driven on the other as far as it goes, and
    drawn with the first operation where they part and with what stops it.
    """
    from mmscn.cli.diffing import diff as compare

    try:
        return compare(Options(**options, as_json="2" if as_json else None))
    except Usage as problem:
        return wrong(diff, problem)
