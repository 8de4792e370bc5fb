"""A small scenario walked by the oracle and by the bytecode without passes, which must agree."""

from __future__ import annotations

from attrs import frozen
from support.agreement.agreement import EVERYTHING, NOTHING, differences, programs_of
from support.oracle.oracle import explore

from mmscn.runtime.result import Verdict
from mmscn.source import Source

HOLDS, VIOLATED, VACUOUS = Verdict.HOLDS, Verdict.VIOLATED, Verdict.VACUOUS


@frozen(kw_only=True)
class Walked:
    """verdicts, lengths: by the name of the check, the worst where several have it.

    finals: of each quiescent state, the cells that were asked for.
    """

    states: int
    transitions: int
    verdicts: dict[str, Verdict]
    lengths: dict[str, int | None]
    finals: set[tuple[object, ...]]

    def broken(self) -> set[str]:
        return {name for name, verdict in self.verdicts.items() if verdict is VIOLATED}


def walked(text: str, *cells: str, params: int = 0) -> Walked:
    """What there is to find in `scenario s` and this text, under one combination of its params."""
    _, checked = programs_of(Source("text", "scenario s\n" + text))[params]
    result = explore(checked, states_max=2_000)
    both = (NOTHING, EVERYTHING)
    assert differences(checked, states_max=2_000, without=both, truth=result) == []
    verdicts: dict[str, Verdict] = {}
    lengths: dict[str, int | None] = {}
    for info, verdict, length in zip(checked.checks, result.verdicts, result.lengths, strict=True):
        if verdicts.get(info.name) is not VIOLATED:
            verdicts[info.name], lengths[info.name] = verdict, length
    return Walked(
        states=result.states,
        transitions=result.transitions,
        verdicts=verdicts,
        lengths=lengths,
        finals={tuple(value_of(final[cell, ()]) for cell in cells) for final in result.final},
    )


def value_of(value: object) -> object:
    """A value as a test writes it: words and elements by their names."""
    return value if value is None or isinstance(value, int) else str(value)
