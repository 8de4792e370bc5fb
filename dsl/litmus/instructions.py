"""Instructions of a litmus test that are words of memory, which somebody loads or stores to.

The label of one is a location, and what may be there are numbers: what stands there at the start,
and what the test says of registers. 0 is `UDF #0`, as it is encoded. A branch is another
instruction wherever it stands, for it says how far to go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import evolve

from mmscn.diagnostics import one
from mmscn.litmus import tree as t
from mmscn.litmus.aarch64_operands import ZERO, canonical
from mmscn.litmus.architectures import COHERENT
from mmscn.litmus.ops import unsupported
from mmscn.source import Span

UNDEFINED = "UDF #0"
CHANGEABLE = re.compile(r"(NOP|ISB|B \w+|(?:SVC|UDF) #\d+)$")
"""What may stand where others are stored, and is done by what it says alone."""
SPOKEN = "NOP"
"""An instruction that a test may say without quotes."""
WRITTEN = ("instr:", SPOKEN)
"""How a test begins to say one."""
STORED = ("STR", "STLR")
WORDS_MAX = 16


class Instructions:
    """known: the instructions by number. words: the locations of code, by number; first: what each
    begins as. undefined: whether 0 may be stored. caches: the knobs for those that need no
    maintenance.
    """

    def __init__(self, litmus: t.Litmus) -> None:
        self.litmus = litmus
        self.known: list[str] = [UNDEFINED]
        self.places: list[str | None] = [None]
        self.words: list[str] = []
        self.first: dict[str, int] = {}
        self.undefined = False
        said = litmus.keys.get("cachetype", "").upper().replace(",", " ").split()
        self.caches = sorted({knob for word in said for knob in COHERENT.get(word, ())})
        for setting in litmus.settings:
            if isinstance(setting.value, t.CodeLabel):
                self.word(setting.value)
        if not self.words:
            return
        self.undefined = stores_zero(litmus)
        for value in (s.value for s in litmus.settings):
            if isinstance(value, t.Instr):
                self.number(value)

    def word(self, label: t.CodeLabel) -> None:
        """The word of code at a label. Raises Rejected where there is none."""
        if label.place in self.words:
            return
        if len(self.words) >= WORDS_MAX:
            raise unsupported(f"a test of more than {WORDS_MAX} words of code", label.span)
        self.words.append(label.place)
        there = standing(self.litmus, label)
        text = spelt(there)
        self.first[label.place] = self.add(text, label.place, there.span)

    def number(self, value: t.Instr) -> int:
        return self.add(" ".join(value.text.split()), None, value.span)

    def add(self, text: str, place: str | None, span: Span) -> int:
        """The number of an instruction. place: where it stands, if that is known."""
        if not CHANGEABLE.match(text):
            raise unsupported(f"the instruction {text.partition(' ')[0]} where others are", span)
        if text.startswith("B "):
            if place is None:
                raise unsupported("a branch that is stored", span)
        else:
            place = None
        for n, known in enumerate(zip(self.known, self.places, strict=True)):
            if known == (text, place):
                return n
        self.known.append(text)
        self.places.append(place)
        return len(self.known) - 1

    def there(self, place: str) -> Iterator[tuple[int, str]]:
        """The instructions that may be at a place, by number."""
        for n, (text, only) in enumerate(zip(self.known, self.places, strict=True)):
            if only in (None, place) and (n or self.undefined or not self.first[place]):
                yield n, text


def stores_zero(litmus: t.Litmus) -> bool:
    """Whether a thread stores a register that begins as 0."""
    begin = {
        (s.place.thread, canonical(s.place.name))
        for s in litmus.settings
        if isinstance(s.place, t.Register) and s.value == t.Number(0, s.span)
    }
    for thread in litmus.threads:
        for i in thread.code:
            if i.name in STORED and i.operands and isinstance(i.operands[0], t.Word):
                text = i.operands[0].text
                if text.upper() in ZERO or (thread.number, canonical(text)) in begin:
                    return True
    return False


def standing(litmus: t.Litmus, label: t.CodeLabel) -> t.Instruction:
    """The instruction that a label stands in front of. Raises Rejected."""
    for thread in litmus.threads:
        if thread.handler or thread.number != label.thread:
            continue
        passed = False
        for i in thread.code:
            passed = passed or label.name in i.labels
            if passed and i.name:
                return i
    raise one("MM806", f"there is no label `{label.place[:40]}`", label.span)


def spelt(i: t.Instruction) -> str:
    """An instruction in the form that numbers are given by."""
    match i.operands:
        case ():
            return i.name
        case (t.Word(text=text),) if i.name == "B":
            return f"B {text}"
        case (t.Number(value=value),):
            return f"{i.name} #{value}"
    return f"{i.name} …"


def written(text: str) -> str:
    """An instruction as a value, as herd7 shows it."""
    return text if text == SPOKEN else f'instr:"{text}"'


def read_as_instructions(litmus: t.Litmus) -> t.Litmus:
    """A test with instructions that it says without quotes as such."""
    settings = tuple(
        evolve(s, value=t.Instr(SPOKEN, s.value.span))
        if isinstance(s.value, t.Symbol) and s.value.name == SPOKEN
        else s
        for s in litmus.settings
    )
    return evolve(litmus, settings=settings, condition=conditional(litmus.condition))


def conditional(e: t.Condition) -> t.Condition:
    match e:
        case t.Equal(value=t.Symbol(name=name, span=span)) if name == SPOKEN:
            return evolve(e, value=t.Instr(SPOKEN, span))
        case t.Not(part=part):
            return t.Not(conditional(part))
        case t.Both(parts=parts):
            return evolve(e, parts=tuple(map(conditional, parts)))
    return e


def numbered(e: t.Condition, instructions: Instructions) -> t.Condition:
    """A condition with numbers for the instructions in it."""
    match e:
        case t.Equal(value=t.Instr() as value):
            return evolve(e, value=t.Number(instructions.number(value), value.span))
        case t.Not(part=part):
            return t.Not(numbered(part, instructions))
        case t.Both(parts=parts):
            return evolve(e, parts=tuple(numbered(p, instructions) for p in parts))
    return e
