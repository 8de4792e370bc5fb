"""A trace replayed, once for all that is made from it: drawing, list, JSON."""

from __future__ import annotations

from functools import cached_property, lru_cache

from attrs import evolve, field, frozen

from mmscn.check.core import (
    MARK,
    Apply,
    Call,
    Checked,
    CheckInfo,
    Expr,
    Family,
    Origin,
    Quiet,
)
from mmscn.check.values import Elem, Value, show
from mmscn.check.words import Words
from mmscn.draw.notes import Thing, snapshots, things, version_names
from mmscn.lower.compiled import Compiled, Line
from mmscn.lower.retrace import Cells, Moment, Retracer, Taken, retrace
from mmscn.runtime.bytecode import FieldId, Op, Rule
from mmscn.runtime.result import Trace


@frozen(eq=False, repr=False, kw_only=True)
class Traced:
    """moments: one more than there are steps. again: answers questions about them. told: by
    identity, the words of origins and calls of the program, once they are asked for.
    """

    compiled: Compiled
    trace: Trace
    moments: tuple[Moment, ...]
    again: Retracer
    told: dict[int, Words] = field(init=False, factory=dict)

    @property
    def checked(self) -> Checked:
        return self.compiled.checked

    @property
    def number(self) -> int:
        """Of the check that the trace is about, in `Checked.checks`."""
        return self.compiled.checks[self.trace.check]

    @property
    def info(self) -> CheckInfo:
        return self.checked.checks[self.number]

    @property
    def last(self) -> Moment:
        return self.moments[-1]

    def words(self, of: Origin | Call) -> Words:
        """What an origin or a call of the program is called."""
        found = self.told.get(id(of))
        if found is None:
            found = self.told[id(of)] = of.text()
        return found

    @cached_property
    def asked(self) -> Cells:
        """What the property looks at in the last state, but for whether all is at rest."""
        if self.info.kind == "leads to" and self.info.covered and self.info.condition:
            return {**self.looked_at(self.info.covered), **self.looked_at(self.info.condition)}
        match self.info.condition:
            case None:
                return {}
            case Apply("and", (Quiet(), condition)) | condition:
                return self.looked_at(condition)

    @cached_property
    def things(self) -> tuple[Thing, ...]:
        """What can be noted; nothing is quiet that the broken property looks at in the end.

        A mark and a lock stay quiet: the drawing has their statements.
        """
        looked_at = self.asked
        asked = {key for key in looked_at if not self.has_statements(key[0])}
        return tuple(
            evolve(thing, quiet=thing.quiet and not any(key in asked for _, key in thing.members))
            for thing in things(self.compiled, looked_at.keys())
        )

    def has_statements(self, family: str) -> bool:
        return family.startswith(MARK) or self.checked.families[family].lock is not None

    def rule(self, step: int) -> Rule:
        """steps are counted from 0."""
        return self.compiled.program.rules[self.trace.rules[step]]

    def line(self, step: int) -> Line:
        return self.compiled.lines[self.rule(step).origin]

    def looked_at(self, e: Expr) -> Cells:
        """What an expression looks at in the last state."""
        return self.again.reads(self.last, e)

    def owners(self, thread: int, at: Moment | None = None) -> tuple[str, ...]:
        """The threads that own the locks that a thread waits for, in the last state or another."""
        families = self.checked.families
        found: dict[str, None] = {}
        for (family, index), value in self.again.attempt(at or self.last, thread).items():
            lock = family.removesuffix(".readers")
            if families[family].lock is not None and isinstance(value, Elem):
                found[show(value)] = None
            elif lock != family and families[lock].lock is not None and value is True:
                found[show(index[-1])] = None
        return tuple(found)

    def keeps_cpu(self, thread: int, at: Moment | None = None) -> tuple[str, str] | None:
        """Who keeps a thread off its CPU, in the last state or another, and the spinlock that it
        holds.
        """
        others = {self.checked.threads[m].elem for m in self.checked.threads[thread].beside}
        for (key, index), value in (at or self.last).cells.items():
            family = self.checked.families[key]
            if family.lock == "spinlock" and value in others:
                return show(value), lock_name(family, index)
        return None


def lock_name(family: Family, index: tuple[Value, ...]) -> str:
    """`m`, `buf.ptl`, `l[1]`."""
    names = [show(value) for value in index]
    owner = f"{names.pop(0)}." if family.sort is not None and names else ""
    return f"{owner}{family.name}" + (f"[{', '.join(names)}]" if names else "")


@lru_cache(maxsize=4)
def traced(compiled: Compiled, trace: Trace) -> Traced:
    """The moments of a trace of `compiled.program`."""
    again = Retracer(compiled.checked)
    names = version_names(compiled.program, trace, compiled.checked.named_versions)
    taken = []
    for rule_id, after in zip(trace.rules, names[1:], strict=True):
        rule = compiled.program.rules[rule_id]
        made = [after[FieldId(effect[1])] for effect in rule.effects if Op(effect[0]) is Op.FRESH]
        line = compiled.lines[rule.origin]
        taken.append(Taken(line=line, halts=rule.halts, fresh=made[0] if made else None))
    moments = retrace(again, tuple(taken), snapshots(compiled, trace, names))
    return Traced(compiled=compiled, trace=trace, moments=moments, again=again)
