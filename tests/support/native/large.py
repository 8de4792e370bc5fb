"""A program whose search takes long enough to be interrupted."""

from __future__ import annotations

from support.native.native_programs import counters

from mmscn.runtime.bytecode import Check, CheckKind, Op, Program
from mmscn.runtime.result import Limits

NO_LIMITS = Limits(states=None, memory_mb=None)


def large(words: int = 1) -> Program:
    """2 097 152 states, and checks that are decided early, late and never."""
    program = counters(7, 3, words)
    last = (1 << program.fields[0].width) - 1
    checks = (
        Check(kind=CheckKind.ALWAYS, bad=(((Op.MATCH, 0, last, 1),),)),
        Check(kind=CheckKind.REACHABLE, bad=program.quiescent),
        Check(kind=CheckKind.FINALLY, bad=(((Op.MATCH, 0, last, 0),),)),
        Check(kind=CheckKind.DEADLOCK),
    )
    return program._replace(checks=checks)
