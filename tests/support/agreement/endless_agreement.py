"""Where the oracle and the searches say different things about what goes on for ever.

`python tests/support/agreement/endless_agreement.py FIRST LAST` takes any seeds.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

from support.agreement.agreement import EVERYTHING, NOTHING, programs_of
from support.oracle.endless import Endless
from support.oracle.endless_texts import endless_text
from support.oracle.states import Unbounded

from mmscn.check.core import Checked
from mmscn.diagnostics import Rejected
from mmscn.judge.api import loads
from mmscn.judge.report import Kind
from mmscn.lower.compile import compile
from mmscn.lower.compiled import Compiled
from mmscn.runtime.explore.liveness import Found, search
from mmscn.runtime.fairness import breaks
from mmscn.runtime.interpreter import NotEnabled, replay
from mmscn.runtime.result import Limits
from mmscn.source import Source

STATES_MAX = 3_000


def differing(text: str, counts: Counter[tuple[str, str]] | None = None) -> Iterator[str]:
    """Raises Rejected, and Unbounded where there are too many states to look at."""
    for name, checked in programs_of(Source("text", text)):
        truth = Endless(checked, states_max=STATES_MAX).verdicts
        kinds = {info.name: info.kind for info in checked.checks}
        if counts is not None:
            counts.update((kinds[name], verdict) for name, verdict in truth.items())
        for without in (NOTHING, EVERYTHING):
            said = "bare" if without else "as it is"
            compiled = compile(checked, without=without)
            found = search(compiled.program, limits=Limits())
            for problem in (*compared(checked, compiled, found, truth), *shown(compiled, found)):
                yield f"{name}, {said}: {problem}"


def compared(
    checked: Checked, compiled: Compiled, found: Found, truth: dict[str, str]
) -> Iterator[str]:
    ours = {
        checked.checks[compiled.checks[c]].name: result.verdict.value
        for c, result in found.results.items()
    }
    if ours != truth:
        yield f"{ours}, by the oracle {truth}"


def shown(compiled: Compiled, found: Found) -> Iterator[str]:
    """What is wrong with the lassos: each is judged by the reference interpreter."""
    program = compiled.program
    for check, lasso in found.lassos.items():
        for index in range(len(program.initial)):
            try:
                states = replay(program, lasso.rules, index)
            except NotEnabled:
                continue
            if breaks(program, check, lasso.rules, states, lasso.loop):
                break
        else:
            yield f"the lasso of check {check} does not break it"


def through_the_facade(text: str) -> Iterator[str]:
    """What each way to run a text says otherwise than the first: reductions, executors."""
    first: dict[str, str] | None = None
    for executor in ("native", "python"):
        for reduce in (True, False):
            (run,) = loads(text).check(reduce=reduce, executor=executor).runs
            asked = (p for p in run.properties if p.kind is Kind.LIVENESS)
            words = {p.name: p.word for p in asked}
            first = first or words
            if not says_as_much(words, first):
                yield f"{executor}, reduce {reduce}: {words}, elsewhere {first}"


def says_as_much(words: dict[str, str], others: dict[str, str]) -> bool:
    """Whether nothing is said otherwise; undecided is what a limit left open."""
    assert words.keys() == others.keys()
    return all(word in (others[name], "undecided") for name, word in words.items())


def main(first: int, last: int) -> int:
    counts: Counter[tuple[str, str]] = Counter()
    wrong = 0
    for seed in range(first, last):
        text = endless_text(seed)
        try:
            for problem in differing(text, counts):
                wrong += 1
                print(f"seed {seed}: {problem}\n{text}", flush=True)
        except (Rejected, Unbounded) as problem:
            counts["not compared", type(problem).__name__] += 1
    print(f"# seeds {first} to {last - 1}: {wrong} differ; {dict(counts)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:3])))
