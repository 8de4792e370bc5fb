"""A combination that a limit ended before there was a program to search: nothing is judged."""

from __future__ import annotations

from mmscn.budget import Exceeded
from mmscn.check.values import Value
from mmscn.judge.case import Bounds, Case, CaseFacts
from mmscn.judge.evidence import Evidence
from mmscn.judge.report import Run, Unmet
from mmscn.judge.search_plan import nothing
from mmscn.lower.compiled import Compiled, Reduced
from mmscn.runtime.bytecode import Program
from mmscn.runtime.result import Limits, Verdict


def unjudged(params: tuple[tuple[str, Value], ...], limits: Limits, problem: Exceeded) -> Run:
    """The run of it: undecided, with the phase that took too much."""
    bounds = Bounds(cpus=0, threads=0, frames=0, pages=0, repeats=(), knobs=(), limits=limits)
    facts = CaseFacts(
        params=params,
        knobs=(),
        expects=(),
        asked=(),
        checks=(),
        bounds=bounds,
        program=EMPTY,
        counts=False,
    )
    case = Case(
        facts=facts,
        reducer=no_program,
        lighter=no_program,
        uncounter=no_program,
        compiler=not_compiled,
    )
    return Run(
        params=params,
        verdict=Verdict.UNDECIDED,
        properties=(),
        expected=(),
        announced=(),
        vacuous=(),
        unmet=(Unmet(because=Verdict.UNDECIDED, text="nothing was judged"),),
        bounds=bounds,
        result=nothing(problem.limit),
        notes=(),
        case=case,
        evidence=Evidence(case, limits),
        phase=problem.phase,
    )


EMPTY = Program(words=1, fields=(), initial=(), processes=(), rules=(), checks=(), quiescent=())


def no_program() -> Reduced:
    raise AssertionError("there is no program")


def not_compiled() -> Compiled:
    raise AssertionError("there is no program")
