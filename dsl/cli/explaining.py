"""`mmscn explain FILE`: what its verdicts are worth."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mmscn.cli.run import Options, select
from mmscn.cli.selection import Broken, defined, nothing, targets_of
from mmscn.diagnostics import Rejected
from mmscn.explain import as_json, words
from mmscn.explain.explanation import Explanation, explained
from mmscn.judge import exits
from mmscn.show import result_json
from mmscn.show.paint import say, write


def explain_all(options: Options) -> int:
    """Raises Usage."""
    params = defined(options.define)
    chosen = targets_of(options.words, every=options.every)
    broken = Broken(options.color, quiet=bool(options.as_json))
    codes: list[int] = []
    found: list[Explanation] = []
    for selected in select(chosen, params, broken, codes, options.limits):
        try:
            one = explained(selected.scenario, selected.combinations, options.limits)
        except Rejected as problem:
            broken.add(selected.target, problem.diagnostics)
            continue
        except KeyboardInterrupt:
            return exits.INTERRUPTED
        codes.append(exits.exit_code(one.report))
        if not options.as_json:
            gap = "\n" if found else ""
            write(gap + words.text(one, verbose=options.verbose), options.color, "trace")
        found.append(one)
    if options.as_json:
        sys.stdout.write(result_json.written(as_json.document(found)))
    return ended(options.words, codes, broken)


def ended(asked_for: Sequence[str], codes: list[int], broken: Broken) -> int:
    if broken.found:
        codes.append(exits.USAGE)
    if not codes:
        say(nothing(asked_for), sys.stderr)
        codes.append(exits.VACUOUS)
    return exits.worst(codes)
