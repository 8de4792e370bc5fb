"""Small scenarios compiled, and what is asked of them."""

from __future__ import annotations

from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.judge.shipped import finder
from mmscn.lower.compile import compile
from mmscn.lower.compiled import Compiled
from mmscn.runtime.result import Result, Verdict
from mmscn.source import Source


def compiled(text: str, *without: str) -> Compiled:
    unit = gather(
        Source("text", f"scenario small\nmachine x86 {{ cpus 4; frames 2 }}\n{text}"), finder(None)
    )
    return compile(elaborate(unit, matrix(unit)[0]), without=frozenset(without))


def verdicts(found: Compiled, result: Result) -> dict[str, Verdict]:
    checks = found.checked.checks
    return {checks[found.checks[c.check]].name: c.verdict for c in result.checks}


def chains(found: Compiled) -> set[int]:
    """The lengths of the rules of the reduced program."""
    return {len(rule.parts) for rule in found.reduced.rules}
