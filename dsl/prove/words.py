"""A proof in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mmscn.check.values import show
from mmscn.plain_text import counted, printable, width
from mmscn.prove.fixpoint import PAIR
from mmscn.prove.proof import SIZE, Judged, Proof
from mmscn.runtime.result import Verdict
from mmscn.show import table
from mmscn.source import Span


def any_number(proof: Proof) -> str:
    """The verdict that is more than HOLDS."""
    return f"holds for any number of {proof.thread}"


def text(name: str, proof: Proof, room: int | None = None) -> str:
    """A line for each property, and what they rest on. room: columns, if they are bounded."""
    params = " ".join(f"{n}={show(v)}" for n, v in proof.params)
    rows = [[one.property.title, said(proof, one)] for one in proof.properties]
    lines = table.columns(["property", "verdict"], rows, set())
    if room is not None and max(map(width, lines)) > room:
        pairs = ((table.wrapped("  ", a, room), table.wrapped("      ", b, room)) for a, b in rows)
        lines = [line for pair in pairs for part in pair for line in part]
    lines = [*table.wrapped("", f"{name}  {params}".rstrip(), room), "", *lines, ""]
    lines += [part for line in summary(proof) for part in table.wrapped("  ", line, room)]
    return "".join(f"{printable(line.rstrip())}\n" for line in lines)


def said(proof: Proof, one: Judged) -> str:
    if one.proved:
        return any_number(proof)
    sizes = listed(proof.sizes)
    if one.verdict is Verdict.VACUOUS:
        return f"never put to the test with {sizes}"
    return f"{one.verdict.value} with {sizes}"


def listed(sizes: Sequence[int]) -> str:
    """`1, 2 and 4`."""
    if not sizes:
        return "none of them"
    *first, last = (str(size) for size in sizes)
    return f"{', '.join(first)} and {last}" if first else last


def summary(proof: Proof) -> Iterator[str]:
    """What was proved, or why nothing was."""
    found = proof.found
    searched = f"{listed(proof.sizes)} searched"
    if proof.refused is not None:
        yield f"No proof for any number of {proof.thread}: {proof.refused}{place(proof.span)}"
        yield f"The verdicts are bounded: {searched}"
        return
    assert found is not None
    size = f"{counted(found.views, 'view')} of {PAIR}, "
    size += counted(found.configurations, "configuration")
    if proof.proved:
        size += f", {counted(found.steps, 'step')}"
        yield f"HOLDS for any number of {proof.thread} >= {SIZE} ({size}), {searched}"
    else:
        yield (
            f"Not proved for any number of {proof.thread} ({size}): {SIZE} among any number may "
            f"break what is asked; {searched}"
        )
    if proof.uncounted:
        names = ", ".join(f"`{name}`" for name in proof.uncounted)
        yield f"and under any bounds on {names}"


def place(span: Span | None) -> str:
    return "" if span is None else f" ({span.source.name}:{span.line})"
