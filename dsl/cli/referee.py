"""What a program asks of mmscn: tools that take JSON and give JSON, bounded, and see one folder.

`serving.py` offers them as a server of the Model Context Protocol; `mmscn serve --call TOOL` runs
one by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from mmscn.budget import Budget, Exceeded
from mmscn.check.values import Value
from mmscn.cli import ablating, diffing
from mmscn.cli.listing import entry
from mmscn.cli.new import FIRST, TEMPLATES, template
from mmscn.cli.selection import defined
from mmscn.diagnostics import Rejected
from mmscn.explain import ablation, as_json
from mmscn.explain.differences import Side, differences
from mmscn.explain.explanation import explained
from mmscn.explain.mutants import KINDS
from mmscn.judge.api import Scenario, scenario_of
from mmscn.judge.exits import Usage
from mmscn.judge.report import Report, Run
from mmscn.judge.shipped import (
    MODULE_NAME,
    SUFFIX,
    finder,
    is_below,
    read,
    shipped_scenario,
    shipped_scenarios,
)
from mmscn.judge.token import NotReplayed
from mmscn.judge.token import read as read_token
from mmscn.runtime.result import Limits
from mmscn.show import result_json, table
from mmscn.show.counterexamples import drawn
from mmscn.show.json_values import Json, diagnostic, place, plain
from mmscn.source import TEXT_CHARS_MAX, Source

RUNS_MAX = 20
Defined = dict[str, Any] | None
"""Values of params and knobs, by name; several with `|` between."""


class Referee:
    """folder: the only one whose files are read; None for none at all. limits: of each call."""

    def __init__(self, folder: Path | None, limits: Limits) -> None:
        self.folder = folder.resolve() if folder is not None else None
        self.limits = limits

    @cached_property
    def tools(self) -> dict[str, Callable[..., Json]]:
        return {
            "list": self.shipped,
            "check": self.check,
            "run": self.run,
            "explain": self.explain,
            "diff": self.diff,
            "ablate": self.ablate,
            "replay": self.replay,
            "new": self.new,
        }

    def call(self, name: str, arguments: Mapping[str, Any]) -> Json:
        """What a tool answers; where it cannot, `error` says why, and `diagnostics` where."""
        if name not in self.tools:
            return {"error": f"there is no tool `{name}`; there are {', '.join(self.tools)}"}
        budget = Budget(self.limits.time_s, self.limits.memory_mb)
        try:
            with budget.spending("working"):
                return self.tools[name](**arguments)
        except Rejected as problem:
            found = [diagnostic(d) for d in problem.diagnostics]
            return {"error": "the text cannot be run", "diagnostics": found}
        except Exceeded as problem:
            reached = f"the limit of {problem.limit.value} was reached while {problem.phase}"
            return {"error": f"undecided: {reached}"}
        except (Usage, LookupError, NotReplayed) as problem:
            return {"error": str(problem.args[0])}
        except TypeError as problem:
            return {"error": f"the arguments of `{name}` are others: {problem}"}
        except OSError as problem:
            return {"error": f"it cannot be read: {problem.strerror or problem}"}

    # ---- what is asked about ----------------------------------------------------

    def scenario(self, text: str | None, file: str | None, name: str | None) -> Scenario:
        """A text itself, a file below the folder, or a shipped scenario."""
        given = [g for g in (text, file, name) if g is not None]
        if len(given) != 1 or not isinstance(given[0], str):
            raise Usage("say one of `text`, `file` (below the folder) and `name` (a shipped one)")
        if text is not None:
            if len(text) > TEXT_CHARS_MAX:
                raise Usage(f"a text has {TEXT_CHARS_MAX} characters at most")
            return scenario_of(Source("<text>", text), self.find, None)
        if file is not None:
            return scenario_of(self.read(file), self.find, file)
        found = shipped_scenario(name or "")
        if found is None:
            raise LookupError(f"no shipped scenario is named `{name}`; `list` has their names")
        return scenario_of(read(found.file), finder(None), found.path)

    def read(self, file: str) -> Source:
        if self.folder is None:
            raise Usage("this server was given no folder: send the text itself")
        path = self.folder / file
        if "\0" in file or not path.resolve().is_relative_to(self.folder):
            raise Usage("the file is outside of the folder that this server was given")
        return read(path, file)

    def find(self, module: str) -> Source | None:
        """A module below the folder, else a shipped one."""
        if self.folder is not None and MODULE_NAME.fullmatch(module):
            path = self.folder.joinpath(*module.split(".")).with_suffix(SUFFIX)
            if is_below(path, self.folder):
                return read(path, path.relative_to(self.folder).as_posix())
        return finder(None)(module)

    def chosen(self, scenario: Scenario, define: Defined) -> list[dict[str, Value]]:
        return scenario.combinations(define or {})

    # ---- the tools ----------------------------------------------------------------

    def shipped(self) -> Json:
        """The shipped scenarios with their claims and params, and the templates of `new`."""
        return {"scenarios": [entry(s) for s in shipped_scenarios()], "templates": TEMPLATES}

    def new(self, kind: str = FIRST, name: str = "mine") -> Json:
        """The text of a first scenario that runs at once; lines with EDIT say what to change."""
        if kind not in TEMPLATES or not name.isidentifier():
            raise Usage(f"the kinds are {', '.join(TEMPLATES)}, and a name is one word")
        return {"text": template(kind, name), "about": TEMPLATES[kind]}

    def check(
        self, text: str | None = None, file: str | None = None, name: str | None = None
    ) -> Json:
        """Errors and warnings of a scenario, without a search."""
        scenario = self.scenario(text, file, name)
        for values in self.chosen(scenario, None):
            scenario.case(values, True)()
        return {"ok": True, "diagnostics": [diagnostic(d) for d in scenario.warnings]}

    def run(
        self,
        text: str | None = None,
        file: str | None = None,
        name: str | None = None,
        define: Defined = None,
    ) -> Json:
        """The verdict of each combination of the params, and the telling races as drawings.

        A race has a replay token, for `replay`.
        """
        scenario = self.scenario(text, file, name)
        combinations = self.chosen(scenario, define)
        runs = tuple(scenario.runs(combinations, limits=self.limits))
        report = scenario.report(len(combinations), runs)
        return {
            "schema": "mmscn.referee/1",
            "verdict": report.word,
            "as_expected": report.met,
            "text": table.text(report),
            "runs": [run_of(run) for run in report.runs],
            "races": races(report),
            "diagnostics": [diagnostic(d) for d in report.warnings],
        }

    def explain(
        self,
        text: str | None = None,
        file: str | None = None,
        name: str | None = None,
        define: Defined = None,
    ) -> Json:
        """What the verdicts are worth: what is asked, what never fires, what is assumed."""
        scenario = self.scenario(text, file, name)
        found = explained(scenario, self.chosen(scenario, define), self.limits)
        return as_json.document([as_json.Told(found)], result_json.not_run((), ()))

    def diff(
        self,
        one: dict[str, Any],
        other: dict[str, Any],
        define: Defined = None,
    ) -> Json:
        """Two scenarios, or two settings of one: what breaks in one only, and what stops it.

        one, other: each `text`, `file` or `name`, and `define` with values of its own.
        """
        sides = [self.side(one, "one"), self.side(other, "other")]
        pairs = list(differences((sides[0], sides[1]), common(define), self.limits))
        if not pairs:
            raise Usage("no combination of the one has the values of one of the other")
        return {"text": "".join(diffing.pieces(sides, pairs))}

    def side(self, given: Mapping[str, Any], which: str) -> Side:
        if not isinstance(given, Mapping) or not set(given) <= {"text", "file", "name", "define"}:
            raise Usage(f"`{which}` has `text`, `file` or `name`, and perhaps `define`")
        scenario = self.scenario(given.get("text"), given.get("file"), given.get("name"))
        params = common(given.get("define"))
        said = " ".join(f"{name}={value}" for name, value in params.items())
        return Side(scenario, params, said or scenario.name)

    def ablate(
        self,
        text: str | None = None,
        file: str | None = None,
        name: str | None = None,
        define: Defined = None,
        only: list[str] | None = None,
    ) -> Json:
        """What breaks without each lock, flush, fence, check and reference in turn."""
        scenario = self.scenario(text, file, name)
        if only and not set(only) <= set(KINDS):
            raise Usage(f"`only` has some of {', '.join(KINDS)}")
        cases = list(ablation.intact(scenario, self.chosen(scenario, define), self.limits))
        bounds = ablation.Bounds(self.limits, RUNS_MAX, False)
        work = ablation.work_of(scenario, cases, tuple(only or KINDS))
        rows = [ablation.ablated(scenario, one, bounds) for one in work]
        return dict(ablating.document([(scenario.name, rows)]))

    def replay(
        self,
        token: str,
        text: str | None = None,
        file: str | None = None,
        name: str | None = None,
        at: int | None = None,
        watch: list[str] | None = None,
    ) -> Json:
        """The execution of a token again: drawn, a whole state of it, or expressions along it."""
        from mmscn.cli.replaying import replay_in, replay_text

        if text is None and file is None and name is None:
            name = read_token(token).scenario
        found = replay_in(token, self.scenario(text, file, name))
        return {"text": replay_text(found, at, tuple(watch or ()), steps=False, width=72)}


def common(define: Defined) -> dict[str, str]:
    return defined(f"{name}={value}" for name, value in (define or {}).items())


def run_of(run: Run) -> Json:
    return {
        "params": {name: plain(value) for name, value in run.params},
        "verdict": run.word,
        "was": table.was(run),
        "unmet": [u.text for u in run.unmet],
        "states": run.result.states,
        "bounds": result_json.bounds(run.bounds),
        "properties": [
            {"name": p.name, "verdict": p.word, "where": place(p.span)} for p in run.properties
        ],
    }


def races(report: Report) -> list[Json]:
    from mmscn.show.counterexamples import picture

    found = []
    for run, p, example in drawn(report):
        made = example.told(partial(getattr, example, "token"))
        found.append(
            {
                "property": p.name,
                "params": {name: plain(value) for name, value in run.params},
                "steps": len(example.trace.rules),
                "diagram": picture(report, run, p, example),
                "token": str(made) if made is not None else None,
            }
        )
    return found
