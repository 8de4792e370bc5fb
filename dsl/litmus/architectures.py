"""What an architecture of litmus tests is to scenarios: its machine, its memory order, its fences.

The only file of the room that knows words of the library's hardware.
"""

from __future__ import annotations

from attrs import frozen


@frozen
class Architecture:
    """machine: the profile. orders: what `memory` is, unless it is asked for another: the first
    of them that is modelled.
    """

    machine: str
    orders: tuple[str, ...]


ARCHITECTURES = {
    "X86": Architecture("x86", ("tso",)),
    "X86_64": Architecture("x86", ("tso",)),
    "AArch64": Architecture("arm64", ("arm",)),
    "C": Architecture("x86", ("arm", "tso")),
}
"""Of C, the weakest order of those that the kernel runs on."""

STORE_BUFFERS, WEAKEST = "tso", "arm"
"""The order in which stores wait in a buffer, and the one in which only what says so is ordered."""

FULL, LOADS, STORES, INSTRUCTIONS = "full", "loads", "stores", "instructions"
COMPLETE_ALL, COMPLETE_LOADS, COMPLETE_STORES = "complete", "complete_loads", "complete_stores"
"""The fences of the language."""

COMPLETES = {COMPLETE_ALL: "dsb", COMPLETE_LOADS: "dsb_ld", COMPLETE_STORES: "dsb_st"}
"""What `hw.stage1` has for those that wait until accesses are complete, and not only in order."""
ORDERED = {COMPLETE_ALL: FULL, COMPLETE_LOADS: LOADS, COMPLETE_STORES: STORES}
"""What they are where no translation takes part."""

FENCES_IN_C = {
    "smp_mb": FULL,
    "mb": FULL,
    "smp_rmb": LOADS,
    "rmb": LOADS,
    "smp_wmb": STORES,
    "wmb": STORES,
    "smp_mb__before_atomic": FULL,
    "smp_mb__after_atomic": FULL,
    "smp_mb__after_spinlock": FULL,
}
"""By the kernel's names."""
FENCE_CALLS = FENCES_IN_C | {"mfence": FULL}
"""Of scenarios."""

BOUNDS_OF_STAGE1 = ("spec_fill = off", "evict = off")
"""Of a machine whose translations are those of `hw.stage1`: nothing happens in `hw.mmu`."""

COHERENT = {"DIC": ("dic", "idc"), "IDC": ("idc",)}
"""What tests say of caches, and knobs of `hw.fetch`: who need not invalidate need not clean."""
CODE_WORDS, OPCODES = "code_words", "opcodes"
"""The knobs of `hw.fetch` for how many words of code there are, and how many instructions."""

ETS, ETS_KINDS = "ets", ("0", "2")
"""The knob of `hw.stage1` that a litmus test may be given, and its values."""
