"""A state of an execution as text: every variable, locals, where threads stand, who could go on."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.check.values import show
from mmscn.draw.notes import value_text
from mmscn.draw.step_list import who_of
from mmscn.draw.steps import Step, steps_of
from mmscn.draw.traced import Traced
from mmscn.plain_text import left, printable, width
from mmscn.show.json_states import State, state
from mmscn.show.json_values import Json
from mmscn.show.trace_json import Known, known_of

CHANGED, SAME = "* ", "  "


def state_text(found: Traced, n: int, *, whole: bool = True) -> str:
    """The state behind step `n`, 0 for the first; what the step changes is marked with `*`.

    whole: also what has its usual value and is not worth a note.
    """
    known = known_of(found)
    told = state(State(found=found, cells=known.cells, locals=known.locals), n, found.moments[n])
    lines = [*step_lines(found, n), "", *variables(known, n, whole=whole)]
    lines += section("locals", local_lines(known, n))
    lines += section("threads", [thread_line(t) for t in told["threads"]])
    going = [f"{who(e)}  {e['text']}" for e in told["enabled"]]
    lines += section("could go on", list(dict.fromkeys(going)) or ["nobody"])
    return "".join(f"{printable(line.rstrip())}\n" for line in lines)


def section(head: str, lines: list[str]) -> list[str]:
    return ["", f"{head}:", *(f"  {line}" for line in lines)] if lines else []


def step_lines(found: Traced, n: int) -> list[str]:
    steps = steps_of(found)
    if n == 0:
        return [f"state 0 of {len(steps)}, before the first step"]
    s = steps[n - 1]
    lines = [f"state {n} of {len(steps)}, behind: {step_line(s)}"]
    lines += [f"  in {' > '.join(s.called(call) for call in s.calls)}"] if s.calls else []
    lines += [f"  {s.broken.text}"] if s.broken else []
    lines += [f"  <--- VIOLATED {', '.join(s.violates)}"] if s.violates else []
    return lines


def step_line(s: Step) -> str:
    """`CPU1 zapper  p0.mapcount -= 1  @ rmap.mmscn:26`."""
    remarks = ", ".join([*s.branches, *([s.remark] if s.remark else [])])
    return f"{who_of(s)}  {s.text}{f' ({remarks})' if remarks else ''}  @ {s.place}"


def variables(known: Known, n: int, *, whole: bool) -> Iterator[str]:
    found = known.found
    here, before = found.moments[n].cells, found.moments[max(0, n - 1)].cells
    rows = []
    told = {thing.name for thing in found.things}
    # First what the program has: nothing that is asked depends on the others.
    for thing in sorted(known.variables, key=lambda thing: thing.name not in told):
        new = value_text(found.checked, thing, here)
        old = value_text(found.checked, thing, before)
        if whole or not thing.quiet or new != old:
            rows.append((thing.name, new, old))
    wide = max((width(name) for name, *_ in rows), default=0)
    for name, new, old in rows:
        was = f"  (was {old})" if new != old else ""
        yield f"{CHANGED if was else SAME}{left(name, wide)}  {new}{was}"


def local_lines(known: Known, n: int) -> list[str]:
    found = known.found
    values = [(local, found.moments[n].locals[local.number]) for local in known.locals]
    return [
        f"{local.qualified} = {f'v{value}' if local.type == 'version' else show(value)}"
        for local, value in values
        if value is not None
    ]


def thread_line(t: Json) -> str:
    held = f", held by {' and '.join(t['waits_for'])}" if t["waits_for"] else ""
    text = f"  {t['text']}" if t["text"] is not None else ""
    return f"CPU{t['cpu']} {t['name']}  {t['state']}{text}{held}"


def who(e: Json) -> str:
    actor = f"({e['actor']})" if e["hardware"] else e["actor"]
    return actor if e["cpu"] is None else f"CPU{e['cpu']} {actor}"
