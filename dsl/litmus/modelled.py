"""What the shipped modules say that a test's scenario has to know: memory orders, names in use."""

from __future__ import annotations

import re
from functools import cache

from mmscn.judge.shipped import finder

SC = "sc"
MODULES = ("hw.mmu", "hw.machines", "hw.memory", "hw.stage1", "hw.fetch", "props.translation")
"""What every scenario has, and what those with page tables have."""
KNOB = re.compile(r"(?m)^knob memory = ([\w |]+)$")
DECLARED = re.compile(
    r"\b(?:proc|hook|var|knob|param|struct|property|profile|agent|spinlock|mutex)\s+(\w+)"
)
VALUES = re.compile(r"(?m)^(?:knob|enum)\s+\w+\s*[={]([^\"}]*)")


@cache
def orders() -> tuple[str, ...]:
    """The memory orders that are modelled."""
    source = finder(None)("hw.memory")
    found = KNOB.search(source.text) if source else None
    return tuple(word.strip() for word in found[1].split("|")) if found else (SC,)


@cache
def words() -> frozenset[str]:
    """Names that mean something in every scenario."""
    found: set[str] = set()
    for name in MODULES:
        source = finder(None)(name)
        if source is not None:
            text = re.sub(r"//[^\n]*|/\*.*?\*/", " ", source.text, flags=re.DOTALL)
            found |= set(DECLARED.findall(text))
            for values in VALUES.findall(text):
                found |= set(re.findall(r"[A-Za-z_]\w*", values))
    return frozenset(found)
