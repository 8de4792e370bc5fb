"""`mmscn mail`: a finding as a mail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mmscn.cli.commands import wrong
from mmscn.cli.one_scenario import write_of_run
from mmscn.cli.run import Options, Selected
from mmscn.cli.search_options import memory_option, time_option
from mmscn.judge.exits import Usage
from mmscn.judge.report import Report
from mmscn.judge.shipped import SUFFIX
from mmscn.judge.targets import LITMUS, STDIN


@click.command("mail")
@click.argument("word", metavar="TARGET")
@click.option("-D", "define", multiple=True, metavar="NAME=VALUE", help="As of `mmscn run`.")
@click.option("-o", "--output", metavar="FILE", help="Where the mail goes, else to stdout.")
@time_option
@memory_option
def command(word: str, output: str | None, **options: Any) -> int:
    """Write what a scenario's run finds as a mail.

    The shortest race as a drawing, what holds beside it, what is assumed, the commands that find
    it again, 60 lines of 72 columns at most; below a scissors line the text itself, as it is.
    `mmscn verify` reads it back. Exit codes are those of `mmscn run`.
    """
    given = Options((word,), **options)
    try:
        return write_mail(given, output)
    except Usage as problem:
        return wrong(command, problem)


def write_mail(options: Options, output: str | None) -> int:
    """Raises Usage."""
    from mmscn.documents.mail import mail

    (word,) = options.words

    def made(selected: Selected, report: Report) -> str:
        own = word == STDIN or word.endswith(LITMUS)
        name = f"{report.name}{SUFFIX}" if own else Path(word).name
        return mail(selected.scenario, report, name)

    return write_of_run(options, output, "a mail is about one scenario", made)
