"""The program in which steps that no other thread can tell apart from one are one.

Before:  3: free -> owner = itself goto 4     4: true -> x = 1 goto 5
After:   3: free -> owner = itself; x = 1 goto 5

What is done is `lower.passes.fuse`, and why it keeps what is proved is said in docs/fusion.md, of
a program with some number of threads. Here it is to be done for every number at once.

*Lemma (fusion).* A step that is put behind another is of shared variables and of its own row
alone, so what comes of the two says of other rows what the first one says: it has the same
essential rows, and the rules of every number are still those of two sizes. Whether two steps of
two threads change places is asked variable by variable. Together they have four essential rows
at most, and say the same of all others; so the answer for five threads is that for every
number. A program of more threads can be fused in the same places, whatever `fuse` itself would do
with it. Tests: test_fused.py, and test_generated.py for the whole.

That the two sizes are fused alike is compared, as they were before; where they are not, or where
what comes of it is no longer said of few rows, the program stays as it is.
"""

from __future__ import annotations

from attrs import evolve

from mmscn.lower.assemble import Assembler
from mmscn.lower.ir import Ir
from mmscn.lower.passes.alike import alike
from mmscn.lower.passes.dead import drop_dead
from mmscn.lower.passes.facts import Facts, gather_facts
from mmscn.lower.passes.fold import fold
from mmscn.lower.passes.fuse import Chance, Fusion
from mmscn.lower.passes.jumps import renumber
from mmscn.lower.passes.live import reset_only
from mmscn.prove.instances import Instance, anywhere
from mmscn.prove.rows import Rows
from mmscn.prove.shape import Shape


def fused(shape: Shape) -> Instance:
    """The program of an instance with fewer steps."""
    one = shape.instance
    rules = [evolve(rule, parts=(n,)) for n, rule in enumerate(one.ir.rules)]
    ir, facts = gather_facts(alike(one.ir.having(rules=rules)))
    ir = Behind(ir, facts, own_rules(shape)).run()
    for run in (fold, drop_dead, reset_only, renumber):
        ir = run(ir)
    assembler = Assembler(ir, anywhere(one.checked), canonical=True)
    program, _ = assembler.program()
    return one._replace(ir=assembler.ir, assembler=assembler, program=program)


def own_rules(shape: Shape) -> frozenset[int]:
    """The rules that look at and change shared variables and the row of their thread, by number."""
    return frozenset(n for n, rule in enumerate(shape.ir.rules) if is_own(shape, rule.process, n))


def is_own(shape: Shape, process: int, n: int) -> bool:
    rows: Rows = shape.rows
    mine = rows.process_row.get(process)
    rule = shape.rule(shape.ir.rules[n])
    return rule.essential <= {mine} and rule.others == rule.dropped == 0


class Behind(Fusion):
    """Fusion that puts nothing behind a step but such rules."""

    def __init__(self, ir: Ir, facts: Facts, own: frozenset[int]) -> None:
        super().__init__(ir, facts)
        self.own = own

    def chance(self, process: int, pc: int, *, partly: bool, blocking: bool) -> Chance | None:
        out = [step for step in self.out[process].get(pc, ()) if step.alive]
        if not all(self.own.issuperset(step.rule.parts) for step in out):
            return None
        return super().chance(process, pc, partly=partly, blocking=blocking)
