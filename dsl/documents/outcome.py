"""Running a block, and what is found as the text that a page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define, evolve, field, frozen

from mmscn.check.values import show as show_value
from mmscn.diagnostics import Diagnostic, Label, Rejected
from mmscn.documents.compare import matches, unified
from mmscn.documents.document import Block, Composed, Document, Output, composed
from mmscn.judge import api, exits
from mmscn.judge.report import Report
from mmscn.judge.shipped import finder
from mmscn.judge.targets import NoTarget, Target, targets
from mmscn.plain_text import counted
from mmscn.runtime.result import Limits, Verdict
from mmscn.show import table
from mmscn.show.counterexamples import drawn, picture
from mmscn.show.messages import messages
from mmscn.source import Finder, Source, Span

WIDTH = 72
DIAGRAMS_MAX = 3
DIFF_LINES_MAX = 100
OWN_WORDS = ("unmet", "vacuous", "undecided")
"""Expectations of a document about a block that the language has no word for."""


@frozen(kw_only=True, eq=False)
class Outcome:
    """What running a block found.

    report: None where it was rejected (`diagnostics`), or is a module that was
    only looked at. wrong: why it is not as it should be, as text, or None.
    code: the exit code of a command that ran just this. warnings: what nothing uses of that
    which the block itself declares, at its place in the document.
    """

    block: Block
    composed: Composed
    report: Report | None
    diagnostics: tuple[Diagnostic, ...]
    wrong: str | None
    code: int
    modules: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    scenario: api.Scenario | None = None

    @property
    def met(self) -> bool:
        return self.wrong is None


@define(eq=False)
class Runner:
    """The outcomes of a document's blocks, each found once.

    strict: a block with warnings is not as it should be.
    """

    document: Document
    strict: bool = False
    found: dict[int, Outcome] = field(factory=dict)

    def of(self, block: Block) -> Outcome:
        """Raises KeyboardInterrupt where the run was interrupted."""
        if id(block) not in self.found:
            found = outcome(self.document, block)
            self.found[id(block)] = strictly(found) if self.strict else found
        return self.found[id(block)]

    def output(self, output: Output) -> Difference | None:
        """How an output differs from what its block finds; None where it does not."""
        assert output.block is not None
        actual = text_of(
            self.of(output.block),
            output.show,
            width=width_of(output, output.block),
            params=chosen(output),
            name=property_of(output, output.block),
        )
        if matches(output.fence.text, actual):
            return None
        return Difference(self.document, output, actual)


@frozen(eq=False)
class Difference:
    """actual: what the output should say."""

    document: Document
    output: Output
    actual: str

    def text(self) -> str:
        label = self.output.block.label if self.output.block is not None else "?"
        head = f"what `{label}` shows is not what is written\n"
        place = f"  --> {self.document.path}:{self.output.fence.line}\n"
        return head + place + cut(unified(self.output.fence.text, self.actual))


def cut(text: str) -> str:
    """At most DIFF_LINES_MAX lines; says how many more there are."""
    lines = text.splitlines(keepends=True)
    more = len(lines) - DIFF_LINES_MAX
    if more <= 0:
        return text
    return "".join(lines[:DIFF_LINES_MAX]) + f"({counted(more, 'more line')})\n"


# ---- running ------------------------------------------------------------------


def outcome(document: Document, block: Block) -> Outcome:
    """Raises KeyboardInterrupt where the run was interrupted."""
    expects = expectations_of(block)
    announced = {e.removeprefix("error:") for e in expects if e.startswith("error:")}
    text = composed_for(block)
    report: Report | None = None
    scenario: api.Scenario | None = None
    modules: tuple[str, ...] = ()
    try:
        if block.module is not None:
            checked_module(document, block, text)
        else:
            scenario = scenario_of(document, block, text)
            modules = tuple(scenario.unit.modules)
            report = scenario.check(params_of(block))
            if report.interrupted:
                raise KeyboardInterrupt
    except Rejected as problem:
        codes = {d.code for d in problem.diagnostics}
        wrong = None if codes == announced else rejected(document, text, problem, announced)
        code = exits.OK if wrong is None else exits.USAGE
        return Outcome(
            block=block, composed=text, report=None, diagnostics=problem.diagnostics,
            wrong=wrong, code=code,
        )  # fmt: skip
    except (OSError, NoTarget) as problem:
        wrong = f"{place(document, block.line)}{problem}\n"
        return Outcome(
            block=block, composed=text, report=None, diagnostics=(), wrong=wrong,
            code=exits.USAGE,
        )  # fmt: skip
    own = [e for e in expects if e in OWN_WORDS]
    wrong, code = judged(document, block, text, report, announced, own)
    return Outcome(
        block=block, composed=text, report=report, diagnostics=(), wrong=wrong, code=code,
        modules=modules, warnings=warnings_of(document, block, text, report), scenario=scenario,
    )  # fmt: skip


def warnings_of(
    document: Document, block: Block, text: Composed, report: Report | None
) -> tuple[Diagnostic, ...]:
    """The warnings of a run, without those of a setup: what it declares is for several blocks."""
    return tuple(
        in_document(document, text, d)
        for d in (() if report is None else report.warnings)
        if d.span.source is not text.source or text.origin(d.span)[0] is block
    )


def strictly(found: Outcome) -> Outcome:
    """An outcome, not as it should be where there are warnings."""
    if found.wrong is not None or not found.warnings:
        return found
    wrong = messages(d._replace(severity="error") for d in found.warnings)
    return evolve(found, wrong=wrong, code=exits.USAGE)


def expectations_of(block: Block) -> tuple[str, ...]:
    said = block.values.get("expect")
    return said if isinstance(said, tuple) else ()


def composed_for(block: Block) -> Composed:
    """The text that a block runs, with the expectations that the language has words for."""
    said = expectations_of(block)
    return composed(block, [e for e in said if not e.startswith("error:") and e not in OWN_WORDS])


def file_text(document: Document, block: Block) -> str | None:
    """The text of a block that is a file; None for one that is not, or that cannot be read."""
    try:
        target = target_of(document, block)
        return target.source().text if target is not None else None
    except (OSError, NoTarget, Rejected):
        return None


def target_of(document: Document, block: Block) -> Target | None:
    """The file that a block names: beside the document, or a shipped scenario. Raises NoTarget."""
    file = block.values.get("file")
    if not isinstance(file, str):
        return None
    beside = document.folder / file
    (target, *_) = targets([str(beside) if beside.is_file() else file])
    return target


def scenario_of(document: Document, block: Block, text: Composed) -> api.Scenario:
    """Raises Rejected, OSError and NoTarget."""
    target = target_of(document, block)
    if target is not None:
        return target.load()
    return api.scenario_of(text.source, finder_for(document), None)


def checked_module(document: Document, block: Block, text: Composed) -> None:
    """Raises Rejected where the module cannot be imported."""
    scenario = api.module_of(text.source, finder_for(document), None)
    for values in scenario.combinations():
        scenario.checked(values)


def finder_for(document: Document) -> Finder:
    """Finds modules among the document's blocks, beside the document, and in the library."""
    blocks = document.modules()
    find = finder(document.folder)

    def look_up(name: str) -> Source | None:
        return blocks[name] if name in blocks else find(name)

    return look_up


def params_of(block: Block) -> dict[str, object] | None:
    said = block.values.get("params")
    return dict(said) if isinstance(said, dict) else None


def place(document: Document, line: int) -> str:
    return f"{document.path}:{line}: "


def rejected(document: Document, text: Composed, problem: Rejected, announced: set[str]) -> str:
    """The messages, at their places in the document."""
    shown = messages(in_document(document, text, d) for d in problem.diagnostics)
    if announced:
        shown += f"\n`expect` announces {', '.join(sorted(announced))}\n"
    return shown


def in_document(document: Document, text: Composed, d: Diagnostic) -> Diagnostic:
    return relocated(d, text, lambda span: text.in_document(span, document))


def relocated(d: Diagnostic, text: Composed, where: Callable[[Span], Span]) -> Diagnostic:
    """A diagnostic with its spans moved, if they are in the text of a block."""

    def move(span: Span) -> Span:
        return where(span) if span.source is text.source else span

    labels = tuple(Label(span=move(label.span), text=label.text) for label in d.labels)
    return d._replace(span=move(d.span), labels=labels)


def judged(
    document: Document,
    block: Block,
    text: Composed,
    report: Report | None,
    announced: set[str],
    own: list[str],
) -> tuple[str | None, int]:
    """Why a run is not as it should be, and the exit code."""
    where = place(document, block.line)
    if announced:
        codes = ", ".join(sorted(announced))
        why = f"{where}{block.label} is not rejected; `expect` announces {codes}\n"
        return why, exits.REFUTED
    if report is None:
        return None, exits.OK
    if own:
        verdicts = {Verdict.VACUOUS: "vacuous", Verdict.UNDECIDED: "undecided"}
        found = {verdicts.get(report.verdict, ""), "" if report.met else "unmet"}
        if set(own) <= found:
            return None, exits.OK
        words = " and ".join(own)
        return f"{where}{block.label} is not {words}\n\n{table.text(report)}", exits.REFUTED
    code = exits.exit_code(report)
    if code == exits.OK:
        return None, code
    return failure(document, block, text, report), code


def failure(document: Document, block: Block, text: Composed, report: Report) -> str:
    """The table, where the violated assertions stand in the document, and diagrams."""
    head = f"{place(document, block.line)}{block.label} is not as expected\n\n"
    lines = [head, table.text(report)]
    placed: dict[str, None] = {}
    for run in report.runs:
        for p in run.violated():
            if not run.met and p.span is not None and p.span.source is text.source:
                span = text.in_document(p.span, document)
                placed[f"  {p.title} stands at {span}\n"] = None
    lines += placed
    drawn = diagrams(report._replace(runs=tuple(r for r in report.runs if not r.met)), WIDTH, None)
    return "".join([*lines, "\n" if drawn else "", drawn])


# ---- showing ------------------------------------------------------------------


def width_of(output: Output | Block, block: Block | None = None) -> int:
    said = output.values.get("width", block.values.get("width") if block is not None else None)
    return said if isinstance(said, int) else WIDTH


def chosen(output: Output | Block) -> Mapping[str, str]:
    said = output.values.get("params")
    return said if isinstance(said, dict) else {}


def property_of(output: Output | Block, block: Block | None = None) -> str | None:
    said = output.values.get("property", block.values.get("property") if block else None)
    return said if isinstance(said, str) else None


def text_of(
    found: Outcome,
    show: str,
    *,
    width: int = WIDTH,
    params: Mapping[str, str] | None = None,
    name: str | None = None,
) -> str:
    """What is found in one of the ways of FOUND, each line ended; the same every time.

    params: shows only the runs with these values. name: of the one property to draw.
    """
    if found.report is None:
        moved = [relocated(d, found.composed, found.composed.in_block) for d in found.diagnostics]
        return messages(moved) or "no errors\n"
    report = narrowed(found.report, params or {})
    match show:
        case "table":
            return table.text(report)
        case "explain" if found.scenario is not None:
            return explanation(found.scenario, report)
        case "diagram" | "steps":
            return diagrams(report, width, name, steps=show == "steps") or verdicts(report)
        case _:
            return verdicts(report)


def explanation(scenario: api.Scenario, report: Report) -> str:
    """What the verdicts of these runs are worth."""
    # Imported here: few blocks ask for it.
    from mmscn.explain.explanation import explained
    from mmscn.explain.words import text

    return text(explained(scenario, [dict(run.params) for run in report.runs], Limits()))


def narrowed(report: Report, params: Mapping[str, str]) -> Report:
    """The report with only the runs that have these values."""
    if not params:
        return report
    runs = tuple(
        run
        for run in report.runs
        if all(
            show_value(dict(run.params).get(key)) in value.split("|")
            for key, value in params.items()
        )
    )
    return report._replace(runs=runs, combinations=len(runs))


def verdicts(report: Report) -> str:
    """`zap=rc2  VIOLATED no_lost_write`, a line for each run."""
    choices = [table.choice(run) for run in report.runs]
    wide = max(map(len, choices), default=0)
    lines = []
    for choice, run in zip(choices, report.runs, strict=True):
        names = ", ".join(p.title for p in run.violated())
        verdict = f"{run.word.upper()} {names}".rstrip()
        lines.append(f"{choice:<{wide}}  {verdict}" if wide else verdict)
    return "".join(f"{line}\n" for line in lines) or "no such run\n"


def diagrams(report: Report, width: int, name: str | None, *, steps: bool = False) -> str:
    """The counterexamples that tell the most, or those of one property; else empty."""
    if name is None:
        examples = list(drawn(report))
    else:
        examples = [
            (run, p, example)
            for run in report.runs
            for p in (*run.violated(), *run.reached())
            if p.name == name
            and (example := run.counterexample(name) or run.witness(name)) is not None
        ][:DIAGRAMS_MAX]
    return "\n".join(
        picture(report, run, p, example, width=width, steps=steps) for run, p, example in examples
    )
