"""Where contents are told apart and not counted, and what a proof means then.

The reduced program numbers the versions of a group by first occurrence, so that
states that are equal up to renaming are one: versions are only copied, made
fresh and compared, so no rule and no check can tell such states apart. A store
of a fresh version in a loop is thereby searched for every number of rounds that the
rest of the scenario allows. That there is no bound on them is said of a thread only
where it was seen to come round again (`endless`).

Nothing is said of stores in a script that ends, or in a loop that counts or that others
bring to an end: those are searched up to their bounds, like everything else. In the
program without its counters (`counters`) a loop does not count, and this says so of its
stores.
Source: Ip, Dill, Better Verification Through Symmetry (CHDL 1993), section 5,
theorem 5 and its lemma: values that are never an index can be renamed to the first
numbers. Numbering by first occurrence is one such renaming.
"""

from __future__ import annotations

from mmscn.lower.ir import Ir
from mmscn.lower.passes.endless import endless_storers


def unbounded_stores(ir: Ir) -> tuple[str, ...]:
    """A note that names who stores without a bound; none where nobody is seen to."""
    storing = endless_storers(ir)
    if not storing:
        return ()
    who = ", ".join(ir.processes[n].name for n in sorted(storing))
    return (f"contents are told apart, not counted: no bound on the number of stores by {who}",)
