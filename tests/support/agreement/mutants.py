"""Mutants of a scenario: a statement or a lock left out, two neighbours exchanged."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from mmscn.check.modules import Unit
from mmscn.syntax import tree as t
from mmscn.syntax.unparse import statement


def mutants(unit: Unit, *, procs: bool = True) -> Iterator[tuple[str, Unit]]:
    """Each mutant of the scenario's threads, and of the procedures outside of `hw`."""
    for n, part in enumerate(unit.compositions):
        for what, new in compositions(part):
            changed = [*unit.compositions[:n], new, *unit.compositions[n + 1 :]]
            yield what, evolve(unit, compositions=changed)
    if not procs:
        return
    for name, variants in unit.procs.items():
        for n, proc in enumerate(variants):
            if "hw.mmu" in proc.span.source.name or "/hw/" in proc.span.source.name:
                continue
            for what, body in blocks(proc.body):
                new_proc = evolve(proc, body=body)
                changed_procs = [*variants[:n], new_proc, *variants[n + 1 :]]
                yield f"{name}: {what}", evolve(unit, procs={**unit.procs, name: changed_procs})


def compositions(part: t.Composable) -> Iterator[tuple[str, t.Composable]]:
    match part:
        case t.Thread(body=body, name=name):
            for what, new in blocks(body):
                yield f"{name}: {what}", evolve(part, body=new)
        case t.Composition(parts=parts):
            for n, inner in enumerate(parts):
                for what, new_part in compositions(inner):
                    yield what, evolve(part, parts=(*parts[:n], new_part, *parts[n + 1 :]))


def blocks(block: t.Block) -> Iterator[tuple[str, t.Block]]:
    """The mutants of a block and of the blocks in it."""
    s = block.statements
    for n, one in enumerate(s):
        before, behind = s[:n], s[n + 1 :]
        if not isinstance(one, t.Let | t.LocalVar | t.LabelMark | t.SourceNote):
            yield f"without `{head(one)}`", evolve(block, statements=(*before, *behind))
        if behind:
            swapped = (*before, behind[0], one, *behind[1:])
            yield f"`{head(one)}` and the next exchanged", evolve(block, statements=swapped)
        if isinstance(one, t.Lock) and one.body is not None:
            bare = (*before, *one.body.statements, *behind)
            yield f"without the lock of `{head(one)}`", evolve(block, statements=bare)
        for what, new in inside(one):
            yield what, evolve(block, statements=(*before, new, *behind))


def inside(s: t.Stmt) -> Iterator[tuple[str, t.Stmt]]:
    match s:
        case t.If(then=then, otherwise=otherwise):
            for what, new in blocks(then):
                yield what, evolve(s, then=new)
            if otherwise is not None:
                for what, new in blocks(otherwise):
                    yield what, evolve(s, otherwise=new)
        case t.For(body=body) | t.Repeat(body=body) | t.While(body=body) | t.Atomic(body=body):
            for what, new in blocks(body):
                yield what, evolve(s, body=new)
        case t.Lock(body=t.Block() as body):
            for what, new in blocks(body):
                yield what, evolve(s, body=new)
        case t.Choose(branches=branches):
            for n, branch in enumerate(branches):
                for what, new in blocks(branch):
                    yield what, evolve(s, branches=(*branches[:n], new, *branches[n + 1 :]))


def head(s: t.Stmt) -> str:
    return statement(s).split("\n")[0]
