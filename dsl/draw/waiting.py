"""Who waits for what where no thread can go on."""

from __future__ import annotations

from attrs import evolve, frozen

from mmscn.draw.steps import opened
from mmscn.draw.traced import Traced
from mmscn.lower.retrace import Moment


@frozen(eq=False, repr=False, kw_only=True)
class Waits:
    """A thread that has not ended. text: the statement it stands at. owners: of what it wants.

    begun: otherwise it stands in front of everything until other threads have ended.
    keeps: the thread that has its CPU and cannot be preempted, and the lock that it holds.
    round: it goes round for ever.
    """

    cpu: int
    thread: str
    text: str
    owners: tuple[str, ...] = ()
    begun: bool = True
    keeps: tuple[str, str] | None = None
    round: bool = False

    def __str__(self) -> str:
        if self.round:
            return f"CPU{self.cpu}: {self.thread} goes round"
        if self.keeps is not None:
            holder, lock = self.keeps
            who = f"CPU{self.cpu}: {self.thread} cannot run"
            return f"{who}: {holder} holds {lock} and is not preempted"
        held = f", held by {' and '.join(self.owners)}" if self.owners else ""
        waits = "waits at " if self.begun else ""
        return f"CPU{self.cpu}: {self.thread} {waits}{self.text}{held}"


def waits(found: Traced) -> tuple[Waits, ...]:
    """The threads that have not ended in the last state of a trace, daemons left out."""
    made = []
    for n, thread in enumerate(found.checked.threads):
        standing = found.last.standing[n]
        if thread.daemon or standing is None:
            continue
        keeps = found.keeps_cpu(n)
        earlier = [m for m in thread.after if found.last.standing[m] is not None]
        begun = any(found.line(i).thread == n for i in range(len(found.trace.rules)))
        if earlier and not begun:
            names = " and ".join(found.checked.threads[m].name for m in earlier)
            text = f"begins after {names}"
            made.append(Waits(cpu=thread.cpu, thread=thread.name, text=text, begun=False))
        else:
            text = at(found, standing)
            owners = found.owners(n) if keeps is None else keeps[:1]
            made.append(
                Waits(cpu=thread.cpu, thread=thread.name, text=text, owners=owners, keeps=keeps)
            )
    return tuple(made)


def never_ending(found: Traced) -> tuple[Waits, ...]:
    """The threads that have not ended where a trace goes on for ever: they wait, or go round."""
    loop = found.trace.loop
    assert loop is not None
    turning = {found.line(i).thread for i in range(loop, len(found.trace.rules))}
    names = {found.checked.threads[n].name for n in turning if n is not None}
    return tuple(evolve(w, round=w.thread in names) for w in waits(found))


def at(found: Traced, standing: tuple[int, ...], moment: Moment | None = None) -> str:
    """The statement, and the call that it stands in; in the last state or another."""
    if not standing:
        return "its end"
    origin = found.checked.origins[standing[0]]
    calls, instruction = opened(origin.path, origin.span)
    shown = instruction or origin
    where = f" in {calls[-1].text()}" if calls else ""
    return shown.text().text((moment or found.last).locals) + where
