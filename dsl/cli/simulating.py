"""`mmscn run --simulate N`: random walks instead of a search, and what they came by."""

from __future__ import annotations

import sys

from mmscn.cli.progress import Meter
from mmscn.cli.run import Done, Options, Selected, done_with
from mmscn.cli.selection import Broken
from mmscn.diagnostics import Rejected
from mmscn.explain import as_json, words
from mmscn.explain.simulation import Simulated, Walks, simulated, simulation
from mmscn.judge import exits
from mmscn.judge.stopping import NEVER


def done_of(selected: Selected, options: Options, broken: Broken) -> Done | None:
    """A scenario walked and told; None where it was rejected."""
    assert options.simulate is not None
    scenario, combinations = selected.scenario, selected.combinations
    stop = None if options.stop == NEVER else options.stop
    walks = Walks(options.simulate, options.seed or 0, stop)
    terminal = exits.is_terminal(sys.stderr)
    meter = Meter(terminal=terminal, on=not options.quiet, limits=options.limits)
    made: list[Simulated] = []
    try:
        for values in combinations:
            number = f" {len(made) + 1}/{len(combinations)}" if len(combinations) > 1 else ""
            meter.begin(f"{scenario.name}{number}")
            made.append(simulated(scenario, values, walks, options.limits, meter))
            meter.end()
            if made[-1].run.interrupted:
                break
    except Rejected as problem:
        broken.add(selected.target, problem.diagnostics)
        return None
    finally:
        meter.end()
    found = simulation(scenario, len(combinations), walks, made)
    done = done_with(found.report, options)
    if done.json is not None:
        done.json["simulation"] = as_json.simulation(found)
    told = words.walked(found, verbose=options.verbose)
    return done if options.quiet else done._replace(text=(*done.text, f"\n{told}"))
