"""Commands about one scenario: which it is, and the document that is written of its run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mmscn.cli.run import Options, Selected, report_of, select
from mmscn.cli.selection import Broken, defined, targets_of
from mmscn.cli.writing import write_to
from mmscn.judge import exits
from mmscn.judge.exits import Usage
from mmscn.judge.report import Report
from mmscn.judge.targets import Target


def the_one(words: Sequence[str], what: str) -> list[Target]:
    """The target that words stand for. what: of which there can be one.

    Raises Usage where there are several.
    """
    chosen = targets_of(words, every=False)
    if len(chosen) != 1:
        raise Usage(f"{what}, and `{words[0]}` stands for {len(chosen)}")
    return chosen


def write_of_run(
    options: Options, output: str | None, what: str, made: Callable[[Selected, Report], str]
) -> int:
    """Runs the one scenario and writes what is made of its report; gives the exit code.

    output: the file, None for stdout. Raises Usage.
    """
    chosen = the_one(options.words, what)
    broken = Broken("auto")
    codes: list[int] = []
    for selected in select(chosen, defined(options.define), broken, codes, options.limits):
        report = report_of(selected, options, True, broken)
        if report is None:
            continue
        codes.append(exits.exit_code(report))
        write_to(output, made(selected, report))
    if broken.found:
        codes.append(exits.USAGE)
    return exits.worst(codes)
