"""`mmscn dis`: the bytecode of a scenario as text."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from mmscn.check.values import Value
from mmscn.cli.commands import wrong
from mmscn.cli.selection import Broken, defined, loaded, targets_of
from mmscn.diagnostics import Rejected
from mmscn.judge import exits
from mmscn.judge.exits import Usage
from mmscn.show.paint import say, write


@click.command("dis")
@click.argument("word", metavar="TARGET")
@click.option("-D", "define", multiple=True, metavar="NAME=VALUE")
@click.option("--passes", is_flag=True, help="The program before and after each pass.")
@click.option("--reduced", is_flag=True, help="The program that is searched.")
def command(word: str, define: tuple[str, ...], passes: bool, reduced: bool) -> int:
    """Disassemble the program of a scenario, for the first combination of its params."""
    try:
        return disassembly(word, define, passes=passes, reduced=reduced)
    except Usage as problem:
        return wrong(command, problem)


def disassembly(word: str, define: Sequence[str], *, passes: bool, reduced: bool) -> int:
    from mmscn.lower.compile import compile, stages
    from mmscn.runtime.disassemble import disassemble

    params = defined(define)
    chosen = targets_of([word], every=False)
    if not chosen:
        raise Usage(f"there is no scenario below `{word}`")
    target = chosen[0]
    broken = Broken("auto")
    try:
        scenario = loaded(target, params)
        checked = scenario.checked(scenario.combinations(params)[0])
        if passes:
            for name, text in stages(checked):
                write(f"==== {name}\n{text}\n", "never", "trace")
            return exits.OK
        compiled = compile(checked)
    except Rejected as problem:
        broken.add(target, problem.diagnostics)
        return exits.USAGE
    except OSError as problem:
        say(f"mmscn: cannot read {target.path}: {problem.strerror or problem}", sys.stderr)
        return exits.USAGE
    names = {p.field: named(p.family, p.name, p.indices) for p in compiled.places}
    if reduced:
        write(disassemble(compiled.reduced), "never", "trace")
    else:
        text = disassemble(compiled.program, lambda f: names.get(f) or f"f{f}")
        write(text, "never", "trace")
    return exits.OK


def named(family: str | None, name: str, index: tuple[Value, ...]) -> str:
    """`cpu.tlb.write[cpu 0 A]`: the name of a field in a listing, without a blank."""
    base = family or name
    return (
        f"{base}[{','.join(map(str, index))}]".replace(" ", "") if index else base.replace(" ", "_")
    )
