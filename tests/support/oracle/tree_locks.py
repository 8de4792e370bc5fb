"""Locks as the tree walker has them: docs/language.md, "Locks", and `check.locks` on sleeping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.oracle.tree_instr import Instr, Label
from support.oracle.tree_made import apply, at, conjunction, const, inside, negation
from support.oracle.tree_terms import Unwalkable, readers
from support.oracle.tree_types import BOOL, LockRef, Place, Term, same

if TYPE_CHECKING:
    from support.oracle.tree_code import Writer


def free(w: Writer, lock: LockRef, mode: str | None) -> Term:
    found = apply(same, at(lock.owner), const(None))
    for reader in readers(w.world, lock) if mode != "read" else ():
        found = conjunction(found, negation(reader))
    return found


def holding(w: Writer, lock: LockRef, mode: str | None) -> tuple[Place, Term]:
    """What says that this thread has it, and what it says then."""
    me = ("thread", w.thread)
    if mode == "read":
        assert lock.readers is not None
        return lock.readers.into(const(me), inside(lock.readers.type)), const(True)
    return lock.owner, const(me)


def deeper(w: Writer, lock: LockRef, by: int) -> list[tuple[Place, Term]]:
    if lock.kind != "spinlock" or w.depth is None:
        return []
    return [(w.depth, apply(lambda n: n + by, at(w.depth)))]


def take(w: Writer, lock: LockRef, mode: str | None) -> None:
    if w.depth is None:
        raise Unwalkable("a lock outside of a thread")
    if lock.kind != "spinlock":
        awake = apply(same, at(w.depth), const(0))
        w.asserting(awake, w.check("rule", "lock_rules", None))
    wait, place = free(w, lock, mode), holding(w, lock, mode)

    def body() -> None:
        w.wait(wait)
        w.assign([place, *deeper(w, lock, 1)])

    w.atomic(body)


def attempt(w: Writer, lock: LockRef, mode: str | None) -> Term:
    got = w.local("got", BOOL)
    may = free(w, lock, mode)

    def body() -> None:
        missed, end = Label(), Label()
        w.branch(may, missed)
        w.assign([holding(w, lock, mode), (got, const(True)), *deeper(w, lock, 1)])
        w.jump(end)
        w.here(missed)
        w.assign([(got, const(False))])
        w.here(end)

    w.atomic(body)
    return at(got, settled=True)


def release(w: Writer, lock: LockRef) -> None:
    """Not holding it breaks the lock rules, and stops the machine."""
    me = ("thread", w.thread)

    def body() -> None:
        other, end = Label(), Label()
        w.branch(apply(same, at(lock.owner), const(me)), other)
        w.assign([(lock.owner, const(None)), *deeper(w, lock, -1)])
        w.jump(end)
        w.here(other)
        if lock.readers is not None:
            broken = Label()
            place, _ = holding(w, lock, "read")
            w.branch(at(place), broken)
            w.assign([(place, const(False))])
            w.jump(end)
            w.here(broken)
        w.code.append(Instr("bug", check=w.check("rule", "lock_rules", None)))
        w.here(end)

    w.atomic(body, drains=lock.kind != "spinlock")
