"""The condition of a litmus test: whether it holds in a final state, and as herd7 writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mmscn.litmus import tree as t
from mmscn.litmus.instructions import WRITTEN


def holds(condition: t.Condition, columns: Mapping[str, int], state: Sequence[int]) -> bool:
    """columns: of each place, where its value is in the state."""
    match condition:
        case t.Truth(value=value):
            return value
        case t.Equal(place=place, value=t.Number(value=value), equal=equal):
            return (state[columns[spelt(place)]] == value) is equal
        case t.Not(part=part):
            return not holds(part, columns, state)
        case t.Means(part=part):
            return holds(part, columns, state)
        case t.Both(op=op, parts=parts):
            found = [holds(part, columns, state) for part in parts]
            if op == "=>":
                return not found[0] or found[1]
            return all(found) if op == "/\\" else any(found)
    raise AssertionError(condition)


def spelt(place: t.Place | t.Refused) -> str:
    """`0:EAX`, `[x]`, `[PTE(x)]`."""
    match place:
        case t.Refused(thread=thread, operation=operation):
            return f"refused {thread}.{operation}"
        case t.Register(thread=thread, name=name):
            return f"{thread}:{name}"
        case t.Location(name=name, index=None):
            return f"[{name}]"
        case t.Location(name=name, index=index):
            return f"{name}[{index}]"
        case t.Of(what=what, name=name):
            return f"[{what}({name})]"


def written(condition: t.Condition, around: int = 0) -> str:
    """On one line."""
    match condition:
        case t.Truth(value=value):
            return "true" if value else "false"
        case t.Equal(place=place, value=value, equal=equal):
            as_written = value.span.text.strip()
            shown = value.value if isinstance(value, t.Number) else as_written
            shown = as_written if as_written.startswith(("(", *WRITTEN)) else shown
            return f"{spelt(place)}{'=' if equal else '!='}{shown}"
        case t.Not(part=part):
            return f"not ({written(part)})"
        case t.Means(stands=t.Fault(span=span)) | t.Fault(span=span):
            return f"fault{span.text.strip()[5:]}"
        case t.Both(op=op, parts=parts):
            strength = {"=>": 0, "\\/": 1, "/\\": 2}[op]
            inner = f" {op} ".join(written(part, strength + 1) for part in parts)
            return f"({inner})" if around > strength else inner
