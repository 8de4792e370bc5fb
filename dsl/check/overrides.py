"""Procedures of one name: which of them is meant, and where one replaces another's.

`override proc` replaces the procedures of that name in other files, where its `when` holds.
Without the word, a procedure with the name of another file's is a mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mmscn.diagnostics import Diagnostic, Label, Rejected, Reporter, closest
from mmscn.plain_text import counted
from mmscn.source import Span
from mmscn.syntax import tree as t

if TYPE_CHECKING:
    from mmscn.check.modules import Unit

Holds = Callable[[t.Expr], bool]


def applying(variants: list[t.Proc], holds: Holds) -> list[t.Proc]:
    """The variants that are meant: overrides before all others, else those with a `when` first."""
    found = [p for p in variants if p.when is None or holds(p.when)]
    replacing = [p for p in found if p.override]
    if replacing:
        return replacing
    return [p for p in found if p.when is not None] or found


def only(name: str, variants: list[t.Proc], holds: Holds, span: Span) -> t.Proc:
    """The one variant that is meant. Raises Rejected, MM212 or MM219, unless it is exactly one."""
    found = applying(variants, holds)
    if len(found) == 1:
        return found[0]
    if len(found) > 1 and found[0].override:
        first, *others = found
        raise Rejected(
            (
                Diagnostic(
                    code="MM219",
                    message=f"`{name}` is replaced twice",
                    span=first.span,
                    labels=tuple(Label(p.span, "also replaced here") for p in others),
                    hint="give each a `when`, so that only one of them holds",
                ),
            )
        )
    if found:
        message = f"more than one variant of `{name}` applies"
        labels = tuple(Label(p.span, applies(p)) for p in found)
    else:
        message = f"no variant of `{name}` applies"
        labels = tuple(Label(p.span, applies(p)) for p in variants)
    raise Rejected((Diagnostic("MM212", message, span, labels=labels),))


def applies(p: t.Proc) -> str:
    return "this one is without `when`" if p.when is None else f"`when {p.when.span.text}`"


def settle(unit: Unit, reporter: Reporter) -> None:
    """Report what replaces nothing (MM217), and what has another file's name unsaid (MM218)."""
    for name, procs in unit.procs.items():
        plain = [p for p in procs if not p.override]
        for p in procs:
            elsewhere = [q for q in plain if q.span.source is not p.span.source]
            if p.override:
                replaced(unit, p, elsewhere, reporter)
            elif elsewhere and p.span.source is not plain[0].span.source:
                reporter.error(
                    "MM218",
                    f"`{name}` is also a procedure of `{file_of(unit, elsewhere[0])}`",
                    head(p),
                    labels=(Label(head(elsewhere[0]), "it is declared here"),),
                    hint=f"write `override proc {name}(...)` to replace that one, or give this "
                    "one another name",
                )


def replaced(unit: Unit, p: t.Proc, elsewhere: list[t.Proc], reporter: Reporter) -> None:
    """Whether there is something that an override replaces."""
    if not elsewhere:
        others = {
            q.name
            for procs in unit.procs.values()
            for q in procs
            if not q.override and q.span.source is not p.span.source
        }
        reporter.error(
            "MM217",
            f"no other file has a procedure `{p.name}` that this could replace",
            head(p),
            hint=closest(p.name, others) or "the module that has it is not imported",
        )
    elif all(len(q.params) != len(p.params) for q in elsewhere):
        other = elsewhere[0]
        reporter.error(
            "MM217",
            f"`{p.name}` has {counted(len(other.params), 'parameter')} where it is declared, "
            f"not {len(p.params)}",
            head(p),
            labels=(Label(head(other), "it is declared here"),),
        )


def at_call(unit: Unit, d: Diagnostic, call: Span, name: str) -> Diagnostic:
    """What is wrong in a module because of how it is called, said where the author calls it."""
    if call.source is not unit.source or d.span.source is unit.source:
        return d
    return d._replace(span=call, labels=(Label(d.span, f"in `{name}`"), *d.labels))


def head(p: t.Proc) -> Span:
    """A procedure up to its block."""
    return Span(p.span.source, p.span.start, p.body.span.start)


def file_of(unit: Unit, node: t.Node) -> str:
    """The module that a node stands in, or the name of the scenario's text."""
    for name, source in unit.modules.items():
        if source is node.span.source:
            return name
    return node.span.source.name


def overridden(unit: Unit) -> list[tuple[t.Proc, str]]:
    """Each override with the module whose procedure it replaces, in the order of the text."""
    found = []
    for procs in unit.procs.values():
        for p in procs:
            other = next(
                (q for q in procs if not q.override and q.span.source is not p.span.source), None
            )
            if p.override and other is not None:
                found.append((p, file_of(unit, other)))
    return found
