"""`mmscn diff A B`: two scenarios, or two settings of one, side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from mmscn.check.values import show
from mmscn.cli.progress import terminal_columns
from mmscn.cli.run import Options
from mmscn.cli.selection import Broken, defined, loaded, targets_of
from mmscn.diagnostics import Rejected
from mmscn.explain.diff_json import document
from mmscn.explain.differences import Pair, Parted, Side, differences
from mmscn.explain.drive import picture
from mmscn.judge import exits
from mmscn.judge.exits import Usage
from mmscn.plain_text import printable
from mmscn.show import result_json, table
from mmscn.show.counterexamples import WIDTH
from mmscn.show.paint import say, write

ONLY_MAX = 12
"""Statements that only one side has, which are listed."""

DRAWN_MAX = 3


def diff(options: Options) -> int:
    """Raises Usage."""
    common, own = settings(options.define)
    chosen = targets_of(options.words, every=False)
    if len(chosen) == 1 and own:
        chosen = chosen * 2
    if len(chosen) != 2:
        raise Usage("two scenarios are compared, or one under -D NAME=ONE -D NAME=OTHER")
    broken = Broken(options.color, quiet=bool(options.as_json))
    sides = []
    for n, target in enumerate(chosen):
        params = {name: values[n] for name, values in own.items()}
        said = " ".join(f"{name}={value}" for name, value in params.items())
        try:
            scenario = loaded(target, common | params)
        except Rejected as problem:
            broken.add(target, problem.diagnostics)
            return exits.USAGE
        except OSError as problem:
            say(f"mmscn: cannot read {target.path}: {problem.strerror or problem}", sys.stderr)
            return exits.USAGE
        sides.append(Side(scenario, params, said or scenario.name))
    try:
        pairs = list(differences((sides[0], sides[1]), common, options.limits))
    except Rejected as problem:
        broken.add(chosen[0], problem.diagnostics)
        return exits.USAGE
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    if not pairs:
        say("no combination of the one has the values of one of the other", sys.stderr)
        return exits.VACUOUS
    if options.as_json:
        sys.stdout.write(result_json.written(document(sides, pairs)))
    else:
        write("".join(pieces(sides, pairs)), options.color, "trace")
    limits = any(run.result.limit is not None for pair in pairs for run in pair.runs)
    return exits.UNDECIDED if limits else exits.OK


def settings(define: Sequence[str]) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """What both sides are given, and what is given twice: to the one, and to the other.

    Raises Usage.
    """
    found: dict[str, list[str]] = {}
    for word in define:
        for name, value in defined([word]).items():
            found.setdefault(name, []).append(value)
    if any(len(values) > 2 for values in found.values()):
        raise Usage("-D gives a name one value for both sides, or two")
    common = {name: values[0] for name, values in found.items() if len(values) == 1}
    return common, {name: (v[0], v[1]) for name, v in found.items() if len(v) == 2}


def pieces(sides: Sequence[Side], pairs: Sequence[Pair]) -> Iterator[str]:
    drawn = 0
    for n, pair in enumerate(pairs):
        yield ("\n" if n else "") + verdicts(sides, pair)
        for parted in pair.parted:
            if drawn < DRAWN_MAX:
                drawn += 1
                yield "\n" + parting(sides, parted)
        if n == 0:
            yield "".join(only(sides, pair))


def verdicts(sides: Sequence[Side], pair: Pair) -> str:
    rest = [
        f"{name}={show(value)}"
        for name, value in pair.runs[0].params
        if name not in sides[0].params
    ]
    rows = []
    for title in pair.titles():
        one, other = pair.verdicts(title)
        differ = "<---" if one != other else ""
        rows.append([title, one or "not asked", other or "not asked", differ])
    head = [" ".join(rest) or "asked", sides[0].name, sides[1].name, ""]
    return lines(table.columns(head, rows, set(), terminal_columns()))


def parting(sides: Sequence[Side], parted: Parted) -> str:
    one, other = (sides[0], sides[1]) if parted.first else (sides[1], sides[0])
    head = f"{parted.title} breaks with {one.name}; the same steps with {other.name}"
    found = parted.found
    if found is None:
        return lines([f"{head}: not told within the limits"])
    own = f", {len(found.own)} more of its own" if found.own else ""
    return lines([f"{head}: {found.followed} of {found.of}{own}", ""]) + picture(found, WIDTH)


def only(sides: Sequence[Side], pair: Pair) -> Iterator[str]:
    for side, found in zip(sides, pair.only, strict=True):
        if found:
            more = len(found) - ONLY_MAX
            shown = [*found[:ONLY_MAX], *([f"... and {more} more"] if more > 0 else [])]
            yield lines(["", f"Only {side.name} does:", *(f"  {text}" for text in shown)])


def lines(texts: Sequence[str]) -> str:
    return "".join(f"{printable(text.rstrip())}\n" for text in texts)
