"""Write docs/known.md, "Is this race known?": the scenarios by what they are about.

    python docs/_generate/known.py [--check]

Nothing is run: what is listed is what the texts say. Functions are those that are named in `source`
notes of the procedures that a scenario comes by, locks those that it and they take, bits those of a
page-table entry that they name; architectures are machines, and symptoms what an `expect violated`
announces, which the tests of the library hold it to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import attrs
from library_outcomes import marked_up, write

import mmscn
from mmscn.check.modules import Unit
from mmscn.documents.sources import called, named
from mmscn.judge.shipped import shipped_scenarios
from mmscn.syntax import tree as t

INTRODUCTION = """\
# Is this race known?

The scenarios of the library by what one has in hand when one looks for a race: the function that a
patch touches, the lock that it takes or drops, the bit of the page-table entry, the architecture,
and what goes wrong. Each name is a scenario: `mmscn run NAME` runs it, `mmscn run NAME --diagrams
all` draws how it breaks. Their stories are in [the thread](thread.md) and among
[the relatives](relatives.md).

(This page is written by `docs/_generate/known.py`.)
"""

LISTED_MAX = 8
"""How many scenarios are named of those that a key has."""

Index = dict[str, list[str]]


def main() -> None:
    scenarios = {s.name: mmscn.load(s.name) for s in shipped_scenarios() if not s.benchmark}
    indices: dict[str, Index] = {}
    for title, about in ABOUT.items():
        index = indices.setdefault(title, {})
        for name, scenario in scenarios.items():
            for key in dict.fromkeys(about(scenario.unit)):
                index.setdefault(key, []).append(name)
    keys = Counter(
        name for index in indices.values() for names in index.values() for name in names
    )
    lines = [INTRODUCTION]
    for title, index in indices.items():
        lines += [f"## {title}", ""]
        lines += [f"- {key}: {listed(index[key], keys)}" for key in sorted(index, key=str.lower)]
        lines += [""]
    lines += ["## The scenarios", ""]
    for name, scenario in sorted(scenarios.items()):
        sources = marked_up("; ".join(scenario.sources))
        lines += [f"- `{name}`: {marked_up(scenario.title or '')}. *{sources}*"]
    write("known.md", "\n".join(lines).rstrip() + "\n")


def listed(names: list[str], keys: Counter[str]) -> str:
    """The scenarios that are about the least besides, and how many others there are."""
    first = sorted(names, key=lambda name: (keys[name], name))[:LISTED_MAX]
    others = len(names) - len(first)
    said = ", ".join(f"`{name}`" for name in first)
    return f"{said} and {others} that are about more" if others else said


def symptoms(unit: Unit) -> Iterator[str]:
    """What breaks, in the words of the property or assertion."""
    for expect in unit.expects:
        for name in expect.violated:
            prop = unit.properties.get(name)
            if prop is not None and prop.text:
                yield f"not so: {marked_up(prop.text)} (`{name}`)"
            elif " " in name:
                yield f"not so: {marked_up(name)}"
            else:
                yield f"`{name}`"


def machines(unit: Unit) -> Iterator[str]:
    if unit.machine is not None:
        profile = unit.machine.profile
        param = unit.params.get(profile)
        for value in param.values if param is not None else ():
            yield f"`{value.span.text}`"
        if param is None:
            yield f"`{profile}`"


def locks(unit: Unit) -> Iterator[str]:
    for node in everything(unit):
        if isinstance(node, t.Lock):
            yield f"`{str(node.lock.span.text).split('.')[-1].split('[')[0]}`"


def bits(unit: Unit) -> Iterator[str]:
    """Members of what is called PTE in drawings, as far as they are bits."""
    known = {
        member.name
        for struct in (*unit.structs.values(), *unit.extensions)
        if isinstance(struct, t.Struct | t.ExtendStruct)
        for member in struct.members
        if str(member.type.span.text) == "bool"
    }
    known -= {"present", "valid"}
    for node in everything(unit):
        if isinstance(node, t.Attribute) and node.name in known:
            yield f"`{node.name}`"
        elif isinstance(node, t.Changed | t.StructValue):
            yield from (f"`{name}`" for name in node.members if name in known)


def functions(unit: Unit) -> Iterator[str]:
    for said in called(unit).values():
        for note in said:
            for function in named(note):
                yield f"`{function.name}()`"


def everything(unit: Unit) -> Iterator[object]:
    """Every node of the scenario's own threads, and of the procedures that they come by."""
    roots: list[object] = [*unit.compositions]
    for name in called(unit):
        roots += [*unit.procs.get(name, ()), *unit.handlers.get(name, ())]
    for root in roots:
        yield from nodes(root)


def nodes(node: object) -> Iterator[object]:
    match node:
        case tuple():
            for part in node:
                yield from nodes(part)
        case t.Node():
            yield node
            for field in attrs.fields(type(node)):
                if field.name != "span":
                    yield from nodes(getattr(node, field.name))


ABOUT: dict[str, Callable[[Unit], Iterator[str]]] = {
    "By symptom": symptoms,
    "By architecture": machines,
    "By lock": locks,
    "By bit of the entry": bits,
    "By function": functions,
}

if __name__ == "__main__":
    main()
