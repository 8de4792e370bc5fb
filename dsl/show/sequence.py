"""The executions of a result as what a sequence diagram has: columns, arrows and notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mmscn.show.json_values import Json

GOES_ROUND, RESTS = "from here, for ever", "from here, nothing happens any more"


class Column(NamedTuple):
    """A CPU or a device. who: the threads that act on it."""

    name: str
    who: str

    def __str__(self) -> str:
        return f"{self.name}: {self.who}" if self.who else self.name


class Arrow(NamedTuple):
    """A step, and what stands beside it. column: its number."""

    column: int
    text: str
    notes: tuple[str, ...]


class Sequence(NamedTuple):
    """An execution. columns: the CPUs that act, by number, then the devices. loop: the arrow that
    it goes on from for ever, their number where nothing happens any more; None where it ends.
    """

    title: str
    columns: tuple[Column, ...]
    arrows: tuple[Arrow, ...]
    loop: int | None = None

    @property
    def rests(self) -> bool:
        return self.loop == len(self.arrows)


def sequences(document: Json) -> Iterator[Sequence]:
    """A sequence for each execution of a result."""
    for scenario in document["scenarios"]:
        for run in scenario["runs"]:
            for p in run["properties"]:
                if p["trace"] is not None:
                    yield sequence(p["trace"], title(scenario, run, p))


def title(scenario: Json, run: Json, p: Json) -> str:
    """`VIOLATED no_lost_write racewrite zap=rc2`."""
    word = "REACHED" if p["trace"]["what"] == "witness" else p["verdict"].upper()
    return f"{word} {p['name']} {scenario['name']} {choice(run)}".strip()


def choice(run: Json) -> str:
    return " ".join(f"{name}={written(value)}" for name, value in run["params"].items())


def written(value: object) -> str:
    """A param's value as the author writes it."""
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def sequence(trace: Json, title: str) -> Sequence:
    names: dict[str, str] = {}
    for s in sorted(trace["steps"], key=lambda s: (s["cpu"] is None, s["cpu"] or 0, s["actor"])):
        who = names.setdefault(column(s), "")
        if not s["hardware"] and s["actor"] not in who.split(", "):
            names[column(s)] = ", ".join(filter(None, [who, s["actor"]]))
    numbers = {name: n for n, name in enumerate(names)}
    parts = parts_of(trace["steps"])
    arrows = [
        Arrow(numbers[column(s)], said(s, part), tuple(notes(s)))
        for s, part in zip(trace["steps"], parts, strict=True)
    ]
    columns = tuple(Column(*pair) for pair in names.items())
    return Sequence(title, columns, tuple(arrows), trace["loop"])


def column(s: Json) -> str:
    return str(s["actor"]) if s["cpu"] is None else f"CPU{s['cpu']}"


def said(s: Json, part: str) -> str:
    who = f"({s['actor']}) " if s["hardware"] else ""
    remark = f", {s['remark']}" if s["remark"] else ""
    return f"{who}{s['text']}{part}{remark}"


def notes(s: Json) -> Iterator[str]:
    yield from (f"{c['what']}: {c['from']} -> {c['to']}" for c in s["changes"] if not c["quiet"])
    if s["broken"] is not None:
        yield s["broken"]
    yield from (f"VIOLATED {name}" for name in s["violates"])


def parts_of(steps: list[Json]) -> list[str]:
    """Which part of an instruction of several steps each step is: ` (2 of 3)`, else nothing.

    An instruction begins anew where its first statement comes again.
    """
    found = [""] * len(steps)
    open_: dict[str, list[int]] = {}
    groups = []
    for n, s in enumerate(steps):
        before = open_.get(s["actor"])
        if before is not None and belongs(steps[before[0]], s):
            before.append(n)
        elif instruction(s) is not None and not s["hardware"]:
            open_[s["actor"]] = [n]
            groups.append(open_[s["actor"]])
        else:
            open_.pop(s["actor"], None)
    for group in groups:
        for place, n in enumerate(group, 1):
            found[n] = f" ({place} of {len(group)})" if len(group) > 1 else ""
    return found


def belongs(first: Json, s: Json) -> bool:
    """Whether a step goes on with the instruction that another one begins."""
    same = all(first[key] == s[key] for key in ("text", "where", "calls"))
    return same and instruction(s) is not None and instruction(first) != instruction(s)


def instruction(s: Json) -> Json | None:
    """The statement of the machine's instruction that a step begins with."""
    inside = [x for x in s["statements"] if x["instruction"] is not None]
    return {key: inside[0][key] for key in ("text", "where")} if inside else None
