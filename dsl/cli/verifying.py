"""`mmscn verify`: whether what a mail, a commit message or a page claims still stands."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from mmscn.budget import Budget, Exceeded
from mmscn.cli.commands import color_option
from mmscn.cli.run import Options
from mmscn.cli.search_options import memory_option, time_option
from mmscn.cli.selection import Broken, defined
from mmscn.diagnostics import Rejected
from mmscn.judge import exits, token
from mmscn.judge.api import Report, Scenario, scenario_of
from mmscn.judge.exits import Usage
from mmscn.judge.shipped import SUFFIX, bounded, decoded, finder, read, shipped_scenario
from mmscn.judge.targets import STDIN
from mmscn.plain_text import counted, printable
from mmscn.runtime.result import Limits, Verdict
from mmscn.show import table
from mmscn.show.messages import messages
from mmscn.show.paint import say, write
from mmscn.source import Source

VERIFY_S = 60.0
"""Seconds that each combination of a stranger's text gets, if nobody says otherwise."""
STANDS, FALLS, OPEN, UNKNOWN = "stands", "does not stand", "is undecided", "cannot be verified"
MANY = {
    STANDS: "stand",
    FALLS: "do not stand",
    OPEN: "are undecided",
    UNKNOWN: "cannot be verified",
}
CODES = {STANDS: exits.OK, FALLS: exits.REFUTED, OPEN: exits.UNDECIDED, UNKNOWN: exits.USAGE}


@click.command("verify")
@click.argument("path", default=STDIN, metavar="[FILE]")
@time_option
@memory_option
@color_option
def command(path: str, time_s: float | None, memory: int | None, color: str) -> int:
    """Say whether what a mail, a commit message or a Markdown page claims still stands.

    It is read from FILE or the standard input. Found are scenarios below scissors lines and in
    ```mmscn fences, commands `mmscn run …`, verdicts above them, and replay tokens. Only
    scenarios are run, each combination for 60 seconds unless --time says otherwise.

    Exit codes: 0 all claims stand, 1 one does not, 2 one cannot be verified, or there is none,
    3 undecided.
    """
    from mmscn.documents import claims

    limits = Options((), time_s=time_s or VERIFY_S, memory=memory).limits
    try:
        found = claims.read(text_of(path).text)
    except OSError as problem:
        say(f"mmscn: cannot read {path}: {problem.strerror or problem}", sys.stderr)
        return exits.USAGE
    except Rejected as problem:
        Broken(color).tell(problem.diagnostics)
        return exits.USAGE
    if not found.claims:
        say("mmscn: nothing is claimed: no scenario, no `mmscn run …`, no replay token", sys.stderr)
        return exits.USAGE
    answers = []
    for answer in Verifier(found, limits).answers():
        write(answer.text(), color, "trace")
        answers.append(answer)
    counts = [(how, sum(a.how == how for a in answers)) for how in CODES]
    words = {how: how if count == 1 else MANY[how] for how, count in counts}
    said = ", ".join(f"{count} {words[how]}" for how, count in counts if count)
    say(f"{counted(len(answers), 'claim')}: {said}")
    return exits.worst([CODES[a.how] for a in answers])


def text_of(path: str) -> Source:
    if path == STDIN:
        return decoded(Source("<stdin>", ""), bounded(sys.stdin.buffer))
    return read(Path(path))


class Answer(NamedTuple):
    """how: one of CODES. because: lines that say why, or what else matters."""

    claim: str
    how: str
    because: tuple[str, ...]

    def text(self) -> str:
        lines = [f"{self.claim}", f"  {self.how}", *(f"  {line}" for line in self.because)]
        return "".join(f"{printable(line)}\n" for line in lines) + "\n"


class Verifier:
    """Judges claims. found: as `claims.read` gives it."""

    def __init__(self, found: Any, limits: Limits) -> None:
        self.found = found
        self.limits = limits

    def answers(self) -> Iterator[Answer]:
        for claim in self.found.claims:
            try:
                how, because = self.token(claim) if claim.token else self.verdict(claim)
            except Exceeded as problem:
                reached = f"the limit of {problem.limit.value} was reached while {problem.phase}"
                how, because = OPEN, [reached]
            except Rejected as problem:
                how, because = UNKNOWN, messages(problem.diagnostics).rstrip().split("\n")
            except (LookupError, Usage, token.NotReplayed) as problem:
                how, because = UNKNOWN, [str(problem.args[0])]
            yield Answer(str(claim), how, tuple(because))

    def scenario(self, name: str) -> Scenario:
        """The scenario that a command names: of the text itself, else a shipped one."""
        from mmscn.documents import claims

        texts = self.found.texts
        base = claims.stem(name)
        key = next((k for k in texts if claims.stem(k) == base), None)
        below = finder(None)

        def find(module: str) -> Source | None:
            own = texts.get(module.replace(".", "/") + SUFFIX)
            return Source(f"<{module}>", own) if own is not None else below(module)

        if key is not None:
            return scenario_of(Source(f"<{key}>", texts[key]), find, None)
        shipped = None if "/" in name else shipped_scenario(base)
        if shipped is None:
            what = f"the text of {name} is not there, and no such scenario is shipped"
            raise LookupError(what)
        return scenario_of(read(shipped.file), below, shipped.path)

    def verdict(self, claim: Any) -> tuple[str, list[str]]:
        budget = Budget(self.limits.time_s, self.limits.memory_mb)
        with budget.spending("reading the text"):
            scenario = self.scenario(claim.target)
            combinations = scenario.combinations(defined(claim.define))
        report = scenario.report(
            len(combinations), tuple(scenario.runs(combinations, limits=self.limits))
        )
        if report.interrupted:
            raise KeyboardInterrupt
        how = judged(report, claim.verdict, claim.name)
        replaced = [f"replaced: {x}" for x in (*report.overrides, *report.stand_ins)]
        return how, [*(because(report, claim.verdict) if how != STANDS else []), *replaced]

    def token(self, claim: Any) -> tuple[str, list[str]]:
        known = token.read(claim.target)
        budget = Budget(self.limits.time_s, self.limits.memory_mb)
        with budget.spending("replaying"):
            scenario = self.scenario(known.scenario)
            chosen = [v for v in scenario.combinations(dict(known.params)) if known.is_of(v)]
            if len(chosen) != 1:
                raise LookupError("the token is of a combination that there is not")
            compiled = scenario.case(chosen[0], True)().compiled
            try:
                trace = token.replayed(known, compiled)
            except token.NotReplayed as problem:
                return FALLS, [str(problem)]
        asked = compiled.checked.checks[compiled.checks[trace.check]]
        word = "reaches" if asked.kind == "reachable" else "breaks"
        return STANDS, [f"it {word} {asked.name}"]


def judged(report: Report, verdict: str, name: str) -> str:
    """Whether a claim stands in all combinations that it is about."""
    runs = report.runs
    undecided = any(run.verdict is Verdict.UNDECIDED for run in runs)
    if verdict == "VIOLATED":
        stands = bool(runs) and all(
            any(name in ("", p.name) for p in run.violated()) for run in runs
        )
    elif verdict == "HOLDS":
        stands = bool(runs) and all(run.verdict is Verdict.HOLDS for run in runs)
    else:
        stands = report.met
        undecided = any(u.because is Verdict.UNDECIDED for run in runs for u in run.unmet)
    return STANDS if stands else OPEN if undecided else FALLS


def because(report: Report, verdict: str) -> Iterator[str]:
    """What was found instead."""
    for run in report.runs:
        names = ", ".join(p.title for p in run.violated())
        where = table.choice(run) or report.name
        yield f"found: {run.word.upper()} {names}".rstrip() + f" with {where}"
        yield from (u.text for u in run.unmet if verdict not in ("VIOLATED", "HOLDS"))
