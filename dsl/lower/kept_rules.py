"""Rules of threads and agents that several combinations have alike, each written out once.

`mmscn.check.kept` gives such combinations one body. Its rules follow from that, from the variables
and from where the thread begins; where these are the same in another combination, so are the rules,
but for the numbers of variables behind the cells, of lines and of processes. What asks whether
other threads have ended, and what has too many ways even where they are joined, is written out each
time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from attrs import frozen

from mmscn.check import core
from mmscn.check.shared import Body, Shared
from mmscn.lower import paths, ways
from mmscn.lower.flow import Node
from mmscn.lower.ir import Rule, Term, TermKind, VarId
from mmscn.source import Span

if TYPE_CHECKING:
    from mmscn.lower.rule_builder import Builder


WRITTEN_MAX = 8
"""Of one body."""


@frozen(eq=False, repr=False)
class Written:
    """The rules of a body. asked: what they follow from. vars: its locals and all program
    counters. numbers: of the places where a thread can stand. lines: the origins of each.
    crowded: as of `Ways`, behind them.
    """

    asked: Hashable
    vars: tuple[VarId, ...]
    numbers: dict[Node, int]
    rules: tuple[Rule, ...]
    first_line: int
    lines: tuple[tuple[int, ...], ...]
    effort: int
    crowded: dict[Span, bool]


class KeptRules:
    """Of one program. shared: what it has in common with other combinations, None for nothing."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        checked = builder.checked
        shared = checked.kept
        self.shared: Shared | None = None
        if isinstance(shared, Shared) and shared.families is checked.families:
            self.shared = None if checked.waypoints else shared

    def body(self, block: core.Block) -> Body | None:
        """What is kept of a body; None where it is this program's alone."""
        found = None if self.shared is None else self.shared.kept.bodies.get(id(block))
        if found is None or found.block is not block:
            return None
        locals_ = self.builder.checked.locals
        same = all(locals_.get(number) is local for number, local in found.locals.items())
        return found if same else None

    def write(
        self,
        block: core.Block,
        asked: Hashable,
        numbers: dict[Node, int],
        process: int,
        owner: tuple[int | None, int | None, int | None],
        make: Callable[[], None],
    ) -> None:
        """Add the rules that `make` adds, or those that it has added in another combination.

        owner: the thread, agent and cpu of their lines.
        """
        builder, body = self.builder, self.body(block)
        if body is None or self.shared is None:
            make()
            return
        vars_ = tuple(builder.locals[n] for n in body.locals) + tuple(builder.pcs)
        crowded = tuple(builder.crowded.items())
        asked = (self.shared.around, asked, tuple(numbers.items()), len(vars_), bounds(), crowded)
        for known in body.written:
            assert isinstance(known, Written)
            enough = builder.executor.effort + known.effort <= builder.executor.effort_max
            if known.asked == asked and enough and builder.has_room(len(known.rules)):
                self.again(known, vars_, numbers, process, owner)
                return
        rules, lines, effort = len(builder.rules), len(builder.lines), builder.executor.effort
        builder.executor.looks_around = False
        make()
        if builder.executor.looks_around or len(body.written) >= WRITTEN_MAX:
            return
        if not all(builder.crowded.values()):
            return  # what was tried in vain is not counted, though it may have been too much
        body.written.append(
            Written(
                asked=asked,
                vars=vars_,
                numbers=dict(numbers),
                rules=tuple(builder.rules[rules:]),
                first_line=lines,
                lines=tuple(line.origins for line in builder.lines[lines:]),
                effort=builder.executor.effort - effort,
                crowded=dict(builder.crowded),
            )
        )

    def again(
        self,
        known: Written,
        vars_: tuple[VarId, ...],
        numbers: dict[Node, int],
        process: int,
        owner: tuple[int | None, int | None, int | None],
    ) -> None:
        builder = self.builder
        builder.executor.effort += known.effort
        builder.crowded |= known.crowded
        numbers.update(known.numbers)
        by = len(builder.lines) - known.first_line
        for origins in known.lines:
            builder.line(origins, *owner)
        moves = {old: new for old, new in zip(known.vars, vars_, strict=True) if old != new}
        if not moves and not by and all(rule.process == process for rule in known.rules[:1]):
            builder.rules += known.rules
        else:
            builder.rules += (moved(rule, moves, process, by) for rule in known.rules)


def bounds() -> tuple[int, ...]:
    """Those that rules depend on."""
    return (
        ways.WAYS_MAX, ways.JOINING_EFFORT_MAX, ways.JOINING_MAX, paths.SPLIT_MAX, paths.TABLE_MAX,
        paths.POSSIBLE_MAX, paths.SPLITS_MAX, paths.FORKS_MAX, paths.LITERALS_MAX,
        paths.SMALL_TERM, paths.LARGE_TERM, paths.FEW_VALUES,
    )  # fmt: skip


def moved(rule: Rule, moves: dict[VarId, VarId], process: int, by: int) -> Rule:
    """A rule of a process, with variables by other numbers, and its line behind others."""
    guard, literals, assigns = rule.guard, rule.literals, rule.assigns
    if moves:
        guard = {moves.get(v, v): values for v, values in guard.items()}
        literals = {moved_term(term, moves): wanted for term, wanted in literals.items()}
        assigns = {moves.get(v, v): moved_term(term, moves) for v, term in assigns.items()}
    return Rule(
        process=process,
        at=rule.at,
        to=rule.to,
        guard=guard,
        literals=literals,
        assigns=assigns,
        line=rule.line + by,
        violates=rule.violates,
        covers=rule.covers,
        halts=rule.halts,
        parts=rule.parts,
        granted=rule.granted,
    )


def moved_term(term: Term, moves: dict[VarId, VarId]) -> Term:
    kind: TermKind = term[0]
    match kind:
        case "v":
            return ("v", moves.get(term[1], term[1]))
        case "c" | "fresh":
            return term
        case "in" | "clamp":
            return (kind, moved_term(term[1], moves), term[2])
        case _:
            return (kind, *(moved_term(part, moves) for part in term[1:]))
