"""The expectations that apply to one combination of the params, and whether they make sense."""

from __future__ import annotations

from mmscn.check import variation
from mmscn.check.context import Context
from mmscn.check.core import NO_LIVELOCK, Checked
from mmscn.check.expressions import truth
from mmscn.check.modules import Unit
from mmscn.check.scope import Scope
from mmscn.check.values import Value
from mmscn.check.world import World
from mmscn.diagnostics import Diagnostic, Rejected, Reporter, closest, one
from mmscn.syntax import tree as t


def applying(unit: Unit, params: dict[str, Value]) -> tuple[t.Expect, ...]:
    """The expectations for one combination; `otherwise` where no condition holds.

    What is announced as vacuous stands beside the verdicts that are expected, with
    conditions and an `otherwise` of its own.
    Raises Rejected where a condition is not decided by params and knobs.
    """
    settings, _ = variation.settings(unit, params)
    ctx = Context(unit=unit, world=World(), settings=settings, atoms=variation.atoms(unit))
    reporter = Reporter()
    met: list[t.Expect] = []
    for expect in unit.expects:
        try:
            if expect.when is not None and truth(ctx, Scope(), expect.when):
                met.append(expect)
        except Rejected as problem:
            reporter.found.extend(undecided(unit, d) for d in problem.diagnostics)
    reporter.raise_if_any()
    decided = {e.kind == "vacuous" for e in met}
    always = [e for e in unit.expects if e.when is None and not e.otherwise]
    otherwise = [e for e in unit.expects if e.otherwise and (e.kind == "vacuous") not in decided]
    return (*always, *met, *otherwise)


def undecided(unit: Unit, d: Diagnostic) -> Diagnostic:
    """A name that means nothing in a condition of `expect`: mostly it is one of the state's."""
    if d.code == "MM207" and any(v.name == d.span.text for v in unit.variables):
        message = "this condition is decided before the run, by params and knobs"
        return d._replace(code="MM307", message=message, hint=None)
    return d


def known_names(unit: Unit, checked: Checked, expects: tuple[t.Expect, ...]) -> None:
    """Raises Rejected, MM214, where an expectation names what is not judged."""
    names = [info.name for info in checked.checks]
    reporter = Reporter()
    for expect in expects:
        for name in (*expect.violated, *expect.vacuous):
            if name not in names:
                hint = closest(name, names)
                if name in unit.properties or name == NO_LIVELOCK:
                    hint = f"write `check {name}`"
                (found,) = one("MM214", f"no property or assertion is named `{name}`", expect.span,
                               hint).diagnostics  # fmt: skip
                reporter.found.append(found)
    reporter.raise_if_any()
