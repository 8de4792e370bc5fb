"""Tests in the form of isla: TOML, with the page tables that a test begins with.

Read are tests of AArch64 with one stage of translation. A page that is mapped, and whose table
entry nothing names, is a name of what it is mapped to; the others have page-table entries.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from attrs import evolve

from mmscn.diagnostics import Diagnostic, Rejected, one
from mmscn.litmus import tree as t
from mmscn.litmus.ops import unsupported
from mmscn.litmus.parse import part
from mmscn.source import Source, Span

BEGINS = re.compile(r"\s*(?:#[^\n]*\n\s*)*arch\s*=\s*\"")
AT = re.compile(r"\(at line (\d+), column (\d+)\)")
NUMBER = re.compile(r"(?:extz\(\s*)?(0x[0-9a-fA-F]+|0b[01]+|\d+)\s*(?:,\s*64\s*\))?$")
MAPPED = re.compile(r"(\w+)\s*(\|->|\?->)\s*(\w+)(\s+(?:with|at)\b.*)?$", re.DOTALL)
STORED = re.compile(r"\*(\w+)\s*=\s*(\w+)$")
TABLES = ("s1table", "s2table", "intermediate", "option default_tables")
ENTRY = re.compile(r"pte3\(\s*(\w+)\s*,\s*page_table_base\s*\)$")
DESCRIPTOR = re.compile(r"desc3\(\s*(\w+)\s*,\s*page_table_base\s*\)$")
MADE = re.compile(r"mkdesc3\(\s*oa\s*=\s*(\w+)\s*\)$")
PAGE = re.compile(r"extz\(\s*page\(\s*(\w+)\s*\)\s*,\s*64\s*\)$")
HANDLER = re.compile(r"thread(\d)_el1_handler$")
ASKED = re.compile(r"(\d+:[XRW]\d+|\*\w+)\s*=\s*([^&|~()]+(?:\([^()]*\))?)")


def is_isla(text: str) -> bool:
    return BEGINS.match(text) is not None


class Reader:
    """maps: of each page, what it is mapped to. unmapped: those that begin as invalid.

    entries: the pages that have page-table entries. values: what physical pages hold at first.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.whole = Span(source, 0, max(len(source.text), 1))
        self.maps: dict[str, str] = {}
        self.values: dict[str, int] = {}
        self.unmapped: set[str] = set()
        self.entries: set[str] = set()
        self.found: list[Diagnostic] = []

    def read(self) -> t.Litmus:
        """Raises Rejected."""
        test = self.toml()
        if str(test.get("arch")) != "AArch64":
            raise unsupported(f"the architecture {str(test.get('arch'))[:20]}", self.at("arch"))
        self.tables(self.text_of(test, "page_table_setup"))
        self.entries |= set(re.findall(r"pte3\(\s*(\w+)", self.source.text))
        threads: list[t.Thread] = []
        settings: list[t.Setting] = []
        for name, thread in sorted(self.table_of(test, "thread").items()):
            if not re.fullmatch(r"\d", name) or not isinstance(thread, dict):
                raise one("MM802", f"`{name[:40]}` is no thread", self.at("thread"))
            settings += self.reset(int(name), self.table_of(thread, "reset"))
            place = f"[thread.{name}]"
            threads.append(self.code(int(name), thread.get("code"), place))
        threads += self.handlers(self.table_of(test, "section"))
        settings += self.tables_first()
        final = self.table_of(test, "final")
        condition = self.asked(self.text_of(final, "assertion"))
        if self.found:
            raise Rejected(tuple(self.found))
        settings += [
            t.Setting(
                place=t.Location(name, self.whole),
                value=t.Number(value, self.whole),
                type="",
                span=self.whole,
            )
            for name, value in self.values.items()
        ]
        return t.Litmus(
            source=self.source,
            arch="AArch64",
            name=str(test.get("name", "test"))[:100],
            keys={},
            settings=tuple(settings),
            threads=tuple(threads),
            locations=(),
            filter=None,
            quantifier="exists",
            condition=condition,
            span=self.whole,
        )

    def toml(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.source.text)
        except (tomllib.TOMLDecodeError, RecursionError) as problem:
            place = AT.search(str(problem))
            start = max(len(self.source.text.rstrip()) - 1, 0)
            if place is not None:
                line, column = int(place[1]), int(place[2])
                start = self.source.line_starts[line - 1] + column - 1
            span = Span(self.source, start, min(start + 1, max(len(self.source.text), 1)))
            what = AT.sub("", str(problem)).strip() or "it is nested too deeply"
            raise one("MM802", f"this is no TOML: {what[:80]}", span) from problem

    def table_of(self, table: dict[str, Any], name: str) -> dict[str, Any]:
        found = table.get(name, {})
        if not isinstance(found, dict):
            raise one("MM802", f"`{name}` is a table", self.at(name))
        return found

    def text_of(self, table: dict[str, Any], name: str) -> str:
        found = table.get(name)
        if not isinstance(found, str):
            raise one("MM803", f"the test has no `{name}`", self.at(name))
        return found

    def at(self, text: str) -> Span:
        """Where a text stands first; the beginning where it is nowhere."""
        start = max(self.source.text.find(text), 0) if text else 0
        return Span(self.source, start, min(start + max(len(text), 1), self.whole.end))

    # ---- the parts ----------------------------------------------------------------

    def tables(self, text: str) -> None:
        plain = re.sub(r"//[^\n]*", "", text)
        for statement in plain.split(";"):
            words = " ".join(statement.split())
            if not words or words.startswith(("physical ", "virtual ", "aligned ", "identity ")):
                continue
            span = self.at(statement.strip())
            if words.startswith(TABLES) or "{" in words:
                stage = "a second stage or table of translation"
                raise unsupported(stage, span)
            mapped, stored = MAPPED.match(words), STORED.match(words)
            if mapped and mapped[4] is not None:
                raise unsupported("a page-table entry with attributes, or of another level", span)
            if mapped and mapped[2] == "?->":
                self.entries.add(mapped[1])
            elif mapped and mapped[3] == "invalid":
                self.entries.add(mapped[1])
                self.unmapped.add(mapped[1])
                self.maps.setdefault(mapped[1], mapped[1])
            elif mapped:
                self.maps[mapped[1]] = mapped[3]
            elif stored and NUMBER.match(stored[2]):
                name = self.maps.get(stored[1], stored[1])
                self.values[name] = int(stored[2], 0)
            else:
                raise one("MM802", f"`{words[:40]}` is no statement of page tables", span)

    def reset(self, thread: int, registers: dict[str, Any]) -> list[t.Setting]:
        found = []
        for register, value in registers.items():
            text = str(value).strip()
            span = self.at(f'"{text}"')
            if not re.fullmatch(r"R\d+", register):
                continue  # system registers: what they set up is what every test here has
            initial = self.value(text, span)
            place = t.Register(thread, f"X{register[1:]}", span)
            found.append(t.Setting(place=place, value=initial, type="", span=span))
        return found

    def value(self, text: str, span: Span) -> t.Value:
        """What a register begins with. Raises Rejected."""
        if number := NUMBER.match(text):
            return t.Number(int(number[1], 0), span)
        if (page := PAGE.match(text)) and page[1] in self.maps:
            return self.page(page[1], span)
        if text in self.maps:
            return self.page(text, span)
        if (entry := ENTRY.match(text)) and entry[1] in self.maps:
            return t.Of("PTE", entry[1], span)
        if (found := DESCRIPTOR.match(text)) and found[1] in self.maps:
            return self.descriptor(self.maps[found[1]], found[1] not in self.unmapped, span)
        if made := MADE.match(text):
            return self.descriptor(made[1], True, span)
        raise unsupported(f"the value {text[:40]}", span)

    def page(self, name: str, span: Span) -> t.Symbol:
        return t.Symbol(name if name in self.entries else self.maps[name], span)

    def descriptor(self, frame: str, valid: bool, span: Span) -> t.Entry:
        fields = (("oa", t.Of("PA", frame, span)), ("valid", t.Number(int(valid), span)))
        return t.Entry(fields, span)

    def tables_first(self) -> list[t.Setting]:
        """The page-table entries that there are, as they begin."""
        return [
            t.Setting(
                place=t.Of("PTE", page, self.whole),
                value=self.descriptor(self.maps[page], page not in self.unmapped, self.whole),
                type="",
                span=self.whole,
            )
            for page in sorted(self.entries)
            if page in self.maps
        ]

    def handlers(self, sections: dict[str, Any]) -> list[t.Thread]:
        """The code of each thread's exceptions."""
        found = []
        for name, section in sections.items():
            match = HANDLER.match(name)
            if match is None or not isinstance(section, dict):
                raise unsupported("a handler of this kind", self.at(f"section.{name}"))
            made = self.code(int(match[1]), section.get("code"), f"[section.{name}]")
            found.append(evolve(made, handler=True))
        return found

    def code(self, thread: int, code: Any, place: str) -> t.Thread:
        if not isinstance(code, str):
            raise one("MM803", f"thread {thread} has no code", self.at(place))
        head = max(self.source.text.find(place), 0)
        offset = max(self.source.text.find(code.strip(), head), 0)
        made = []
        at = offset
        for line in code.strip().splitlines(keepends=True):
            cell = re.sub(r"//[^\n]*", "", line).rstrip()
            if cell.strip():
                made.append(part(self.source, cell, "cell", 0, len(cell), self.found, at))
            at += len(line)
        return t.Thread(
            number=thread,
            handler=False,
            code=tuple(i for i in made if i is not None),
            span=Span(self.source, offset, offset + 1),
        )

    def asked(self, text: str) -> t.Condition:
        """The assertion in the words of litmus tests."""
        span = self.at(text)

        def place(match: re.Match[str]) -> str:
            value = match[2].strip()
            number = NUMBER.match(value)
            name = match[1].replace(":R", ":X")
            if name.startswith("*"):
                name = f"[{self.maps.get(name[1:], name[1:])}]"
            if number is None:
                raise unsupported("a value that is no number", span)
            return f"{name}={int(number[1], 0)}"

        plain = ASKED.sub(place, text).replace("&", "/\\").replace("|", "\\/")
        found = part(self.source, f"exists ({plain})", "asked", 0, len(plain) + 9, self.found)
        if found is None:
            self.found[-1] = self.found[-1]._replace(span=span)
            return t.Truth(True)
        return placed(found[2][1], span)


def placed(condition: t.Condition, span: Span) -> t.Condition:
    """The condition with all that it names at one place of the test."""
    match condition:
        case t.Equal(place=place, value=value, equal=equal):
            return t.Equal(evolve(place, span=span), evolve(value, span=span), equal)
        case t.Not(part=inner):
            return t.Not(placed(inner, span))
        case t.Both(op=op, parts=parts):
            return t.Both(op, tuple(placed(p, span) for p in parts))
    return condition


def read(source: Source) -> t.Litmus:
    """The test. Raises Rejected for what is not read, or not supported."""
    return Reader(source).read()
