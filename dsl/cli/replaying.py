"""`mmscn replay`: an execution again, from its token or a scenario's run, at any of its steps."""

from __future__ import annotations

from typing import Any, NamedTuple

import click

from mmscn.budget import Budget, Exceeded
from mmscn.check.values import Value, show
from mmscn.cli.commands import color_option, wrong
from mmscn.cli.one_scenario import the_one
from mmscn.cli.run import Options, report_of, select
from mmscn.cli.search_options import memory_option, time_option
from mmscn.cli.selection import Broken, defined, loaded
from mmscn.diagnostics import Rejected
from mmscn.judge import exits, token
from mmscn.judge.api import Scenario
from mmscn.judge.exits import Usage
from mmscn.judge.report import FAIR_WORDS
from mmscn.judge.targets import NoTarget, Target, targets
from mmscn.lower.compiled import Compiled
from mmscn.plain_text import counted, left, printable, width
from mmscn.runtime.result import Trace, Verdict
from mmscn.show.counterexamples import WIDTH, drawn
from mmscn.show.paint import write

NOTHING = "nothing is broken"


class Replay(NamedTuple):
    """An execution, and the combination that it is one of. broken: whether it breaks something."""

    scenario: Scenario
    values: dict[str, Value]
    compiled: Compiled
    trace: Trace
    broken: bool = True


@click.command("replay")
@click.argument("words", nargs=-1, metavar="TOKEN|TARGET [TARGET]")
@click.option("-D", "define", multiple=True, metavar="NAME=VALUE", help="As of `mmscn run`.")
@click.option("--at", type=click.IntRange(0), metavar="N", help="The whole state behind step N.")
@click.option("--watch", multiple=True, metavar="EXPR", help="An expression along the execution.")
@click.option("--steps", is_flag=True, help="List every step.")
@click.option("--width", type=click.IntRange(40, 400), default=WIDTH, help="Columns of a diagram.")
@time_option
@memory_option
@color_option
def command(
    words: tuple[str, ...],
    at: int | None,
    watch: tuple[str, ...],
    steps: bool,
    width: int,
    **options: Any,
) -> int:
    """Replay an execution: that of a token, or the first that a run would draw.

    A token stands below each counterexample; the scenario is named behind it unless it is
    shipped. A token whose steps are others now, since the text has changed, is refused.
    """
    given = Options(words, **options)
    try:
        budget = Budget(given.limits.time_s, given.limits.memory_mb)
        with budget.spending("replaying"):
            found = replay_of(given)
            if isinstance(found, int):
                return found
            text = replay_text(found, at, watch, steps=steps, width=width)
    except Usage as problem:
        return wrong(command, problem)
    except Exceeded as problem:
        return Broken(given.color).ended(Target(words[-1] if words else ""), problem)
    except Rejected as problem:
        Broken(given.color).tell(problem.diagnostics)
        return exits.USAGE
    write(text, given.color, "trace")
    return exits.OK


def replay_of(options: Options) -> Replay | int:
    """Raises Usage, Rejected; an exit code where a run has no execution to show."""
    tokens = [word for word in options.words if token.is_token(word)]
    rest = [word for word in options.words if not token.is_token(word)]
    if len(tokens) > 1 or len(rest) > 1 or not options.words:
        raise Usage("a token, or a scenario, or a token and its scenario are replayed")
    if not tokens:
        return of_run(options)
    if options.define:
        raise Usage("a token says which combination it is of: there is nothing to choose with -D")
    return of_token(tokens[0], rest)


def of_token(word: str, rest: list[str]) -> Replay:
    """Raises Usage, Rejected."""
    try:
        return replay_in(word, scenario_of(token.read(word), rest))
    except token.NotReplayed as problem:
        raise Usage(str(problem)) from problem


def replay_in(word: str, scenario: Scenario) -> Replay:
    """The execution of a token in a scenario. Raises Usage, Rejected, NotReplayed."""
    known = token.read(word)
    chosen = [v for v in scenario.combinations(dict(known.params)) if known.is_of(v)]
    if scenario.name != known.scenario or len(chosen) != 1:
        raise Usage(f"the token is of {known.scenario}, with params that this one has not")
    compiled = scenario.case(chosen[0], True)().compiled
    trace, broken = token.path_of(known, compiled)
    return Replay(scenario, chosen[0], compiled, trace, broken)


def scenario_of(known: token.Token, rest: list[str]) -> Scenario:
    try:
        (target,) = targets(rest or [known.scenario])
        return loaded(target, dict(known.params))
    except (NoTarget, ValueError) as problem:
        if rest:
            raise Usage(str(problem)) from problem
        said = f"the scenario {known.scenario} is not shipped: name its file behind the token"
        raise Usage(said) from problem
    except OSError as problem:
        raise Usage(f"cannot read {rest[0]}: {problem.strerror or problem}") from problem


def of_run(options: Options) -> Replay | int:
    broken = Broken(options.color)
    codes: list[int] = []
    chosen = the_one(options.words, "one scenario is replayed")
    for selected in select(chosen, defined(options.define), broken, codes, options.limits):
        report = report_of(selected, options, True, broken)
        for run, _, example in drawn(report, which="first") if report is not None else ():
            return Replay(selected.scenario, dict(run.params), example.compiled, example.trace)
        if report is not None:
            raise Usage(f"{report.name} has no execution to show: nothing is violated or reached")
    return exits.worst([*codes, *([exits.USAGE] if broken.found else [])])


# ---- what is told ---------------------------------------------------------------


def replay_text(
    found: Replay, at: int | None, watch: tuple[str, ...], *, steps: bool, width: int
) -> str:
    """Raises Usage, Rejected."""
    parts = [heading(found)]
    count = len(found.trace.rules)
    if at is not None and at > count:
        raise Usage(f"the execution has {counted(count, 'step')}, and no state {at}")
    if watch:
        parts.append(watches(found, watch))
    if at is not None:
        from mmscn.draw.traced import traced
        from mmscn.show.state_text import state_text

        parts.append(state_text(traced(found.compiled, found.trace), at))
    ends = None if found.broken else [NOTHING]
    if steps:
        from mmscn.draw.step_list import list_steps

        parts.append(list_steps(found.compiled, found.trace, ends=ends or ()))
    elif at is None and not watch:
        from mmscn.draw.diagram import draw

        parts.append(draw(found.compiled, found.trace, width=width, ends=ends))
    return "\n".join(parts)


def heading(found: Replay) -> str:
    checked = found.compiled.checked
    info = checked.checks[found.compiled.checks[found.trace.check]]
    broken = "VIOLATED" if found.trace.loop is None else FAIR_WORDS[Verdict.VIOLATED].upper()
    word = "REACHED" if info.kind == "reachable" else broken
    name = info.name if info.name.isidentifier() else f'"{info.name}"'
    told = f"{word} {name}" if found.broken else NOTHING
    chosen = " ".join(f"{n}={show(value)}" for n, value in found.values.items())
    made = token.token_of(found.compiled, found.trace, broken=found.broken)
    said = f"{printable(told)}  {printable(f'{found.scenario.name} {chosen}'.strip())}\n"
    return said + (f"token {made}\n" if made is not None else "")


def watches(found: Replay, texts: tuple[str, ...]) -> str:
    """A line for the first state, each one in which something watched has changed, and the last."""
    from mmscn.draw.steps import steps_of
    from mmscn.draw.traced import traced
    from mmscn.judge.watch import watched
    from mmscn.show.state_text import step_line

    trace = traced(found.compiled, found.trace)
    asked = [watched(found.scenario, found.values, text) for text in texts]
    values = [[w.value(trace, at) for w in asked] for at in trace.moments]
    steps = ["(the first state)", *map(step_line, steps_of(trace))]
    last = len(values) - 1
    rows = [
        [str(n), *now, steps[n]]
        for n, now in enumerate(values)
        if n in (0, last) or now != values[n - 1]
    ]
    table = [["n", *texts, "behind"], *rows]
    wide = [max(width(row[k]) for row in table) for k in range(len(table[0]) - 1)]
    lines = (
        "  ".join([*(left(cell, w) for cell, w in zip(row, wide, strict=False)), row[-1]])
        for row in table
    )
    return "".join(f"{printable(line)}\n" for line in lines)
