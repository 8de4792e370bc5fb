"""What calls of modules' procedures were written out to, kept for the text that this is edited to.

`check.kept_calls` makes their statements, `lower.kept_steps` the ways through their steps. Shipped
scenarios are not edited, and nothing is kept of theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmscn import cache
from mmscn.judge import case_cache
from mmscn.judge.case import Told
from mmscn.judge.shipped import is_shipped

if TYPE_CHECKING:
    from mmscn.check.core import Checked
    from mmscn.judge.api import Scenario


def keep_calls(scenario: Scenario) -> None:
    """Keep those that this process has written out or told something of, if there are any."""
    if scenario.shelf is None or "unit" not in vars(scenario):
        return  # where all is known, no text is read
    if not is_shipped(scenario.source.name):
        from mmscn.check.kept_calls import save

        save(scenario.unit)
        keep_steps(getattr(scenario.unit.kept, "calls", None))


def keep_steps(calls: object) -> None:
    from mmscn.check.kept_calls import KeptCalls

    if not isinstance(calls, KeptCalls) or calls.steps is None:
        return
    from mmscn.lower.kept_steps import Steps

    steps = calls.steps
    if isinstance(steps, Steps) and steps.new:
        steps.new = False
        used = {
            key: {n: tuple(step) for n, step in steps.table[key].items()}
            for key in sorted(steps.used & steps.table.keys())
        }
        cache.write(f"steps-{calls.file}", case_cache.dumped(used, ()))


def known_steps(checked: Checked) -> None:
    """Have at hand what another process has kept of steps of the same calls."""
    from mmscn.check.kept_calls import KeptCalls
    from mmscn.check.shared import Shared
    from mmscn.lower.kept_steps import Step, Steps

    calls = checked.kept.kept.calls if isinstance(checked.kept, Shared) else None
    if not isinstance(calls, KeptCalls) or calls.steps is not None:
        return
    data = cache.read(f"steps-{calls.file}")
    found = None if data is None else case_cache.loaded(data, ())
    if type(found) is dict:
        found = {key: {n: Step(*s) for n, s in some.items()} for key, some in found.items()}
    calls.steps = Steps(found or {})


def told(scenario: Scenario, where: str) -> Told:
    """The texts that are kept of the traces of one combination; what they told of calls, too."""
    kept = case_cache.told(scenario.shelf, where)

    def put(name: str, text: str) -> None:
        kept.put(name, text)
        keep_calls(scenario)

    return kept._replace(put=put)
