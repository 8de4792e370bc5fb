"""AArch64: instructions that invalidate translations, and that maintain caches (TLBI, DC, IC)."""

from __future__ import annotations

import re

from mmscn.litmus import tree as t
from mmscn.litmus.ops import Invalidate, Maintain, unsupported
from mmscn.litmus.registers import Registers

TLBI = re.compile(r"(V[AM]\w+?)(IS)?$")
"""What is invalidated, and whether on all CPUs."""
OF_CACHES = {("DC", "CVAU"): "clean_code", ("IC", "IVAU"): "invalidate_code"}
"""Instructions, and what `hw.fetch` calls them."""


def invalidation(i: t.Instruction, registers: Registers) -> Invalidate:
    """TLBI: of a page, or of all. Raises Rejected for others."""
    match i.operands:
        case (t.Word(text=what), *rest) if (found := TLBI.match(what.upper())) and len(rest) < 2:
            here = found[2] is None
            if found[1].startswith("VM"):
                return Invalidate(place=None, here=here, span=i.span)
            if found[1].startswith("VA") and rest and isinstance(rest[0], t.Word):
                place, depends = pointed(rest[0], registers)
                return Invalidate(place=place, here=here, depends=depends, span=i.span)
    raise unsupported("an invalidation of this kind", i.span)


def of_caches(i: t.Instruction, registers: Registers) -> Maintain:
    """DC CVAU, IC IVAU: of a word of code. Raises Rejected for others."""
    match i.operands:
        case (t.Word(text=text), t.Word() as address) if (i.name, text.upper()) in OF_CACHES:
            place, depends = pointed(address, registers)
            if registers.instructions is not None and place in registers.instructions.words:
                what = OF_CACHES[i.name, text.upper()]
                return Maintain(what=what, place=place, depends=depends, span=i.span)
    raise unsupported("the maintenance of caches", i.span)


def pointed(address: t.Word, registers: Registers) -> tuple[str, tuple[str, ...]]:
    """The place at an address, and the registers that this only depends on."""
    register = registers.named(address.text, address.span)
    place = registers.address(address.text, address.span)
    return place, registers.made_of.get(register, ())
