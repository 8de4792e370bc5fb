"""Litmus tests on the command line: `run` of one, `run --kinds`, `litmus import` and `export`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from mmscn.cli import parallel
from mmscn.cli.progress import terminal_columns
from mmscn.cli.run import Done, Options
from mmscn.cli.selection import Broken, defined
from mmscn.cli.writing import write_to
from mmscn.diagnostics import Diagnostic, Rejected
from mmscn.judge import exits
from mmscn.judge.exits import Usage
from mmscn.judge.targets import Target
from mmscn.litmus import kinds
from mmscn.litmus.answer import UNDECIDED, Answer, answer, block, checked, litmus_of, order_of
from mmscn.litmus.architectures import ETS, ETS_KINDS
from mmscn.litmus.code import code_of
from mmscn.litmus.export import exported
from mmscn.litmus.export_text import ARCHITECTURES, litmus_text
from mmscn.litmus.modelled import orders
from mmscn.litmus.scenario import scenario
from mmscn.plain_text import printable, printable_lines
from mmscn.show.messages import messages
from mmscn.show.paint import say, write
from mmscn.source import Source
from mmscn.syntax.parse import parse

T = TypeVar("T")
R = TypeVar("R")


def order_from(define: tuple[str, ...]) -> str | None:
    """The order that `-D memory=…` asks for. Raises Usage."""
    chosen = defined(define)
    order = chosen.pop("memory", None)
    chosen.pop(ETS, None)
    if chosen:
        name = next(iter(chosen))
        raise Usage(f"a litmus test has no param `{name}`; -D sets `memory` and `ets` alone")
    if order is not None and order not in orders():
        raise Usage(f"`memory` has no value `{order}`; there are {', '.join(orders())}")
    return order


def ets_from(define: tuple[str, ...]) -> int:
    """Which FEAT_ETS `-D ets=…` asks for. Raises Usage."""
    ets = defined(define).get(ETS, ETS_KINDS[0])
    if ets not in ETS_KINDS:
        raise Usage(f"`{ETS}` has no value `{ets}`; there are {', '.join(ETS_KINDS)}")
    return int(ets)


def run_tests(options: Options, tests: list[Target], broken: Broken, done: list[Done]) -> list[int]:
    """Run litmus tests one by one: their exit statuses; what was run is added to `done`.

    Raises Usage.
    """
    order, ets = order_from(options.define), ets_from(options.define)
    codes = []
    found = answers(options._replace(terminal=terminal_columns()), order, ets, tests)
    for n, (test, one) in enumerate(zip(tests, found, strict=True)):
        if isinstance(one, Done):
            if not options.silent:
                write(("\n" if n else "") + one.text[0], options.color, "trace")
            done.append(one)
            codes.append(one.code)
        elif isinstance(one, OSError):
            codes.append(broken.unreadable(test, one))
        else:
            broken.add(test, one)
    return codes


def answers(
    options: Options, order: str | None, ets: int, tests: Sequence[Target]
) -> Iterator[Done | tuple[Diagnostic, ...] | OSError]:
    """Of each test what `answered` gives, in order. Raises Usage."""
    work = partial(answered, options, order, ets)
    if options.cluster is None:
        yield from side_by_side(work, tests)
        return
    read = [held(test) for test in tests]
    those = [test for test in read if isinstance(test, Target)]
    found = side_by_side(work, those, options.cluster)
    for test in read:
        yield next(found) if isinstance(test, Target) else test


def held(test: Target) -> Target | tuple[Diagnostic, ...] | OSError:
    """A test with its text, or why it has none."""
    try:
        return test._replace(held=test.source())
    except Rejected as problem:
        return problem.diagnostics
    except OSError as problem:
        return problem


def answered(
    options: Options, order: str | None, ets: int, test: Target
) -> Done | tuple[Diagnostic, ...] | OSError:
    """A test run and told, what is wrong with it, or why it cannot be read."""
    try:
        litmus = litmus_of(test.source(), kinds.stem(Path(test.path)))
        found = answer(litmus, order, limits=options.limits, executor=options.executor, ets=ets)
    except Rejected as problem:
        return problem.diagnostics
    except OSError as problem:
        return problem
    return done_with(found, options)


def side_by_side(
    work: Callable[[T], R], pieces: Sequence[T], address: str | None = None
) -> Iterator[R]:
    """The results in order; where there are many pieces, with a process for each processor.

    address: of a cluster, which does it all the same. Raises Usage.
    """
    if address is not None:
        from mmscn.cli import cluster

        return cluster.each(address, work, pieces) if pieces else iter(())
    workers = parallel.workers(len(pieces))
    return parallel.mapped(work, pieces, workers) if workers > 1 else map(work, pieces)


def done_with(found: Answer, options: Options) -> Done:
    """An answer as the command prints it."""
    json, parts = None, {}
    report = found.scenario.report(1, (found.run,))
    if options.wants_json:
        from mmscn.show import result_json

        json = result_json.scenario(report)
    if options.formats:
        from mmscn.cli import formats

        parts = formats.parts(report, options, known={"herd": block(found)})
    code = exits.UNDECIDED if found.verdict == UNDECIDED else exits.OK
    return Done((answer_text(found, options),), code, (), json, False, parts)


def check_test(test: Target, color: str) -> int:
    """Whether a test can be said, without a search."""
    try:
        litmus = litmus_of(test.source(), kinds.stem(Path(test.path)))
        checked(litmus)
    except Rejected as problem:
        rejected(problem, color)
        return exits.USAGE
    except OSError as problem:
        say(f"mmscn: cannot read {test.path}: {problem.strerror or problem}", sys.stderr)
        return exits.USAGE
    say(f"{test.path}: no errors")
    return exits.OK


def rejected(problem: Rejected, color: str) -> None:
    sys.stdout.flush()
    write(messages(problem.diagnostics), color, "message", sys.stderr)


def answer_text(found: Answer, options: Options) -> str:
    """The answer as herd7 has it, then the diagram of its witness."""
    text = printable_lines(block(found))
    if found.verdict == UNDECIDED:
        limit = found.run.result.limit
        reached = f"the limit of {limit.value}" if limit else "; ".join(found.run.notes)
        text += f"Undecided: {reached}\n"
    if found.witness is None or options.diagrams == "none" or options.quiet:
        return text
    token = found.witness.told(partial(getattr, found.witness, "token"))
    again = f"\ntoken {token}\n" if token is not None else ""
    return text + "\n" + drawing(found, options) + again


def drawing(found: Answer, options: Options) -> str:
    from mmscn.show.counterexamples import picture

    run = found.run
    p = run.property(found.litmus.name)
    report = found.scenario.report(1, (run,))
    assert found.witness is not None
    return picture(report, run, p, found.witness, width=options.columns, steps=options.steps)


def compare(options: Options, table: str, column: str) -> int:
    """`--kinds`: a folder's tests and a table of verdicts. Raises Usage."""
    order, ets = order_from(options.define), ets_from(options.define)
    try:
        text = Path(table).read_text(encoding="utf-8")
        rows = kinds.rows(text, column)
    except (OSError, ValueError) as problem:
        raise Usage(f"the table of verdicts: {problem}") from problem
    found = kinds.Comparison()
    asked = kinds.Asked(order=order, limits=options.limits, ets=ets)
    for word in options.words:
        folder = Path(word)
        if not folder.exists():
            raise Usage(f"there is no folder `{word}`")
        work = partial(kinds.compared, asked)
        tests = kinds.chosen(folder, rows)
        if options.cluster is not None:
            tests = [test.travelling() for test in tests]
        for judged in side_by_side(work, tests, options.cluster):
            if judged is None:
                found.unpublished += 1
            else:
                found.judged.append(judged)
    write(printable_lines(kinds.summary(found)), options.color, "trace")
    note = kinds.unmodelled(found)
    if note and order is None:
        say(f"mmscn: {note}", sys.stderr)
    if found.disagree():
        undecided = all(j.found == UNDECIDED for j in found.disagree())
        return exits.UNDECIDED if undecided else exits.REFUTED
    return exits.OK if found.agree() else exits.VACUOUS


@click.group("litmus")
def command() -> None:
    """Litmus tests: as scenarios, and back."""


@command.command("import")
@click.argument("path")
@click.option("--memory", help="The memory order; the one of the architecture if not given.")
@click.option("-o", "--output", help="Write the scenario to this file.")
def import_(path: str, memory: str | None, output: str | None) -> int:
    """Write a litmus test as a scenario, to be read and gone on with. `-` is stdin."""
    try:
        litmus = litmus_of(Target(path).source(), kinds.stem(Path(path)))
        if memory is not None and memory not in orders():
            raise click.UsageError(f"there is no memory order `{printable(memory)}`")
        code = code_of(litmus)
        text = scenario(code, orders(), memory or order_of(litmus)).text
    except Rejected as problem:
        rejected(problem, "auto")
        return exits.USAGE
    except OSError as problem:
        say(f"mmscn: cannot read {path}: {problem.strerror or problem}", sys.stderr)
        return exits.USAGE
    return put(laid_out(text), output)


@command.command("export")
@click.argument("path")
@click.option("--arch", type=click.Choice(ARCHITECTURES), default="C", show_default=True)
@click.option("-o", "--output", help="Write the test to this file.")
def export(path: str, arch: str, output: str | None) -> int:
    """Write a scenario of straight lines as a litmus test, for other tools. `-` is stdin."""
    try:
        source = Target(path).source()
        tree, wrong = parse(source)
        if wrong:
            raise Rejected(wrong)
        text = litmus_text(exported(tree), arch)
    except Rejected as problem:
        rejected(problem, "auto")
        return exits.USAGE
    except OSError as problem:
        say(f"mmscn: cannot read {path}: {problem.strerror or problem}", sys.stderr)
        return exits.USAGE
    return put(text, output)


def put(text: str, output: str | None) -> int:
    try:
        write_to(output, text)
    except Usage as problem:
        say(f"mmscn: {problem}", sys.stderr)
        return exits.USAGE
    return exits.OK


def laid_out(text: str) -> str:
    from mmscn.syntax.format import formatted

    return formatted(Source("scenario", text))


__all__: list[Any] = ["command", "compare", "run_tests"]
