"""What never fires: the oracle, which walks the tree, sees the same places pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.agreement.agreement import programs_of
from support.oracle import machine
from support.oracle.oracle import Oracle
from support.oracle.states import SILENT_MAX, WAITING, Run, State, Unbounded
from support.strategies import scenario_text

from mmscn.check import core
from mmscn.diagnostics import Rejected
from mmscn.explain.coverage import Deed, deed
from mmscn.explain.waypoints import ASKING, BRANCH, DONE, NO, YES, with_waypoints
from mmscn.lower.compile import compile
from mmscn.runtime.explore.engine import explore
from mmscn.runtime.result import Limits
from mmscn.source import Source, Span

STATES_MAX = 600
SEEDS = range(80)


class Seeing(Oracle):
    """seen: the statements that were done, and the blocks that were gone into."""

    def __init__(self, checked: core.Checked) -> None:
        self.seen: set[object] = set()
        super().__init__(checked)

    def execute(self, run: Run, n: int, s: core.Stmt) -> None:
        super().execute(run, n, s)
        if not run.halted or isinstance(s, core.Bug):
            run.covers |= {s}  # type: ignore[arg-type] # (beside the checks)

    def steps(self, state: State) -> Iterator[tuple[bool, Run]]:
        for thread, after in super().steps(state):
            self.seen |= after.covers
            yield thread, after

    def initial(self) -> State:
        values = [v for family in self.checked.families.values() for v in family.initial]
        places = [WAITING for _ in self.threads]
        run = Run(dict(zip(self.keys, values, strict=True)), dict(self.unset), places)
        for n, thread in enumerate(self.threads):
            tried = run.copy()
            tried.places[n] = ((thread.body, 0),)
            self.silent(tried, n, versions_max=SILENT_MAX)
            asked = any(isinstance(c, int) for c in tried.covers)
            if not (thread.after or asked or tried.halted):
                run = tried
        self.seen |= run.covers
        return self.state_of(run)


def gone_into(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the oracle keep the blocks that it goes into."""
    enter = machine.enter

    def noted(run: Run, n: int, block: core.Block) -> None:
        enter(run, n, block)
        run.covers |= {block}  # type: ignore[arg-type] # (as above)

    monkeypatch.setattr(machine, "enter", noted)


def deeds(checked: core.Checked, seen: set[object]) -> Iterator[Deed]:
    """What was done, of what the oracle has seen."""

    def at(span: Span, what: str, branch: int = 0) -> Deed:
        return (span.source.name, span.start, span.end), what, branch

    def below(s: core.Stmt) -> Iterator[Deed]:
        match s:
            case core.Block(statements=statements):
                for inner in statements:
                    yield from below(inner)
            case core.If(then=then, otherwise=otherwise, origin=origin):
                o = checked.origins[origin]
                for what, block in ((YES, then), (NO, otherwise)):
                    if block in seen and o.kind in ASKING:
                        yield at(o.span, what)
                    yield from below(block)
            case core.Choose(branches=branches, origin=origin):
                for n, block in enumerate(branches):
                    if block in seen:
                        yield at(checked.origins[origin].span, BRANCH, n)
                    yield from below(block)
            case core.Atomic(body=body, origin=origin):
                if body in seen:
                    yield from done(origin)
                yield from below(body)
            case core.Assert(check=check) if checked.checks[check].kind != "assert":
                pass
            case core.Assign() | core.Await() | core.Assert() | core.Bug():
                if s in seen:
                    yield from done(s.origin)

    def done(origin: int) -> Iterator[Deed]:
        o = checked.origins[origin]
        for span in (o.span, *(call.span for call in o.path)):
            yield at(span, DONE)

    for body in (*checked.threads, *checked.agents):
        yield from below(body.body)


@pytest.mark.parametrize("lot", range(4))
def test_what_never_fires_is_what_the_oracle_never_sees(
    lot: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone_into(monkeypatch)
    compared = silent = 0
    for seed in SEEDS[lot::4]:
        source = Source(f"generated {seed}", scenario_text(seed))
        try:
            for name, checked in programs_of(source):
                truth = Seeing(checked)
                truth.explore(STATES_MAX)
                marked, waypoints = with_waypoints(checked, source)
                compiled = compile(marked)
                places = [deed(w) for w in waypoints]
                theirs = set(deeds(checked, truth.seen)) & set(places)
                for program in (compiled.program, compiled.reduced):
                    checks = explore(program, limits=Limits()).checks[len(checked.checks) :]
                    ours = {d for d, c in zip(places, checks, strict=True) if c.covered}
                    assert ours == theirs, f"{name}\n{scenario_text(seed)}"
                compared += 1
                silent += len(set(places) - theirs)
        except (Rejected, Unbounded):
            continue
    assert compared > 0.5 * len(SEEDS[lot::4])
    assert silent > 10, "some places never fire"


def test_waypoints_change_no_verdict_and_no_length() -> None:
    for seed in SEEDS[:30]:
        source = Source(f"generated {seed}", scenario_text(seed))
        try:
            for _, checked in programs_of(source):
                marked, _ = with_waypoints(checked, source)
                plain = explore(compile(checked).program, limits=Limits(states=20_000))
                watched = explore(compile(marked).program, limits=Limits(states=20_000))
                if plain.limit is None and watched.limit is None:
                    assert watched.checks[: len(plain.checks)] == plain.checks, seed
        except Rejected:
            continue
