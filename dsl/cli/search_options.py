"""The options of `mmscn run` that say what is searched, how, and how far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from mmscn.cli.option_types import Seconds, Shard, Stop
from mmscn.runtime.explore import executors

time_option = click.option(
    "--time", "time_s", type=Seconds(0.001), metavar="S", help="Seconds a run."
)
memory_option = click.option(
    "--memory", type=click.IntRange(1), metavar="MB", help="A run, in each phase."
)

cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Spread the combinations over a cluster of Ray's: `local` for processes of this machine, "
    "`auto`, or an address (pip install 'mmscn[cluster]').",
)

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

LIMITS: tuple[Decorator, ...] = (
    click.option("--states", type=click.IntRange(1), metavar="N", help="At most N states."),
    click.option("--depth", type=click.IntRange(1), metavar="N", help="At most N steps deep."),
    time_option,
    memory_option,
    click.option(
        "--disk",
        metavar="FOLDER",
        help="States that --memory has no room for go to files in this folder; nothing stays "
        "there.",
    ),
    click.option(
        "--bitstate",
        type=click.IntRange(1, 1 << 20),
        metavar="MB",
        help="Remember three bits of each state, in a table of so much memory: finds what is "
        "broken, never that something holds, and tells how many states were taken for others.",
    ),
    click.option(
        "--no-reduce",
        multiple=True,
        metavar="[=NAME,…]",
        help="Search without these reductions; without a name, without any.",
    ),
    click.option(
        "--executor",
        type=click.Choice(executors.names()),
        default=executors.AUTO,
        show_default=True,
    ),
    click.option(
        "--jobs",
        type=click.IntRange(1, 256),
        metavar="N",
        help="Threads of a search. Unless said otherwise one, and behind a million states "
        "one for each core.",
    ),
    click.option("--checkpoint", metavar="FILE", help="Keep the search in a file, to go on from."),
    click.option("--resume", metavar="FILE", help="Go on from a checkpoint."),
)
"""How it is searched, and how far."""

PARTS: tuple[Decorator, ...] = (
    click.option(
        "--stop",
        type=Stop(),
        metavar="first|unexpected|N|never",
        help="End a search at its first violation, or the first that no `expect` announces, or "
        "when N names are violated; the rest is undecided. With --watch it is `unexpected` unless "
        "said otherwise.",
    ),
    click.option(
        "--deepen",
        is_flag=True,
        help="All combinations with 20 000 states first, then those that are undecided with ten "
        "times as many, up to --states.",
    ),
    click.option(
        "--simulate",
        type=click.IntRange(1),
        metavar="N",
        help="N random walks of each combination instead of a search: finds what is broken, "
        "never that something holds.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0),
        metavar="S",
        help="The numbers of --simulate; 0 if not said.",
    ),
    cluster_option,
    click.option(
        "--partition",
        type=click.IntRange(1, 256),
        metavar="N",
        help="With --cluster: each large search by N workers, who share its states among them.",
    ),
    click.option(
        "--shard",
        type=Shard(),
        metavar="I/N",
        help="The I-th of N parts of all combinations, for `mmscn merge` to put together.",
    ),
    click.option(
        "--results",
        metavar="DIR",
        help="Keep results in a folder, and take them from there for the same texts, options "
        "and version.",
    ),
)
"""What there is where all is too much for one search, or for one machine."""


def search_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for decorator in reversed((*LIMITS, *PARTS)):
        command = decorator(command)
    return command
