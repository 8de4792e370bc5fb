"""What is known of a thread's registers while its code is read: names, and addresses in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mmscn.diagnostics import one
from mmscn.litmus import tree as t
from mmscn.litmus.ops import unsupported
from mmscn.litmus.pages import place_of
from mmscn.source import Span

if TYPE_CHECKING:
    from mmscn.litmus.instructions import Instructions


class Registers:
    """canonical: gives one name for all spellings of a register, None for what is none.

    addresses: of each register that holds one, the location. locations: those that there are.
    given: those that begin as something. bits: those that have a shifted number, which is known
    only as bits of an entry.
    made_of: the registers that an address depends on, which is the same whatever is in them.
    tags: of addresses that have one. constant_code: the number of the instruction that a register
    has, whatever was read; coded: those that have an instruction, and ever had. written: those that
    were written so far. numbers: what registers begin as, where that is a number.
    """

    def __init__(
        self,
        litmus: t.Litmus,
        thread: int,
        canonical: Callable[[str], str | None],
        locations: set[str],
        instructions: Instructions | None = None,
    ) -> None:
        self.canonical = canonical
        self.thread = thread
        self.locations = locations
        self.addresses: dict[str, str] = {}
        self.made_of: dict[str, tuple[str, ...]] = {}
        self.given: set[str] = set()
        self.bits: set[str] = set()
        self.spelt: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.constant_code: dict[str, int] = {}
        self.coded: set[str] = set()
        self.ever_coded: set[str] = set()
        self.written: set[str] = set()
        self.numbers: dict[str, int] = {}
        self.instructions = instructions
        self.copied: dict[str, tuple[str, str]] = {}
        for setting in litmus.settings:
            place = setting.place
            if isinstance(place, t.Register) and place.thread == thread:
                name = self.named(place.name, place.span)
                self.given.add(name)
                if isinstance(setting.value, t.Number):
                    self.numbers[name] = setting.value.value
                elif isinstance(setting.value, t.Symbol):
                    self.points(name, setting.value.name)
                elif isinstance(setting.value, t.Of):
                    self.points(name, place_of(setting.value))
                elif isinstance(setting.value, t.CodeLabel):
                    self.points(name, setting.value.place)
                elif isinstance(setting.value, t.Tagged):
                    self.points(name, setting.value.name)
                    self.tags[name] = setting.value.tag
                elif isinstance(setting.value, t.Instr) and instructions is not None:
                    self.constant_code[name] = instructions.number(setting.value)
                    self.holds_code(name)

    def named(self, name: str, span: Span) -> str:
        """The register. Raises Rejected where it is none."""
        found = self.canonical(name)
        if found is None:
            raise one("MM806", f"`{name[:40]}` is no register", span)
        self.spelt.setdefault(found, name)
        return self.spelt[found]

    def holds_code(self, register: str) -> None:
        self.coded.add(register)
        self.ever_coded.add(register)

    def points(self, register: str, location: str) -> None:
        self.addresses[register] = location
        self.locations.add(location)

    def address(self, name: str, span: Span) -> str:
        """The location at an address: a register's, or its own name. Raises Rejected."""
        if self.canonical(name) is None:
            self.locations.add(name)
            return name
        register = self.named(name, span)
        if register not in self.addresses:
            raise unsupported("an address that is computed", span)
        return self.addresses[register]
