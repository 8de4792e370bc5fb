"""The domain `mmscn`: where scenarios, claims, modules and procs are, and the indices of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from typing import TYPE_CHECKING, Any, ClassVar

from sphinx.domains import Domain, Index, IndexEntry, ObjType
from sphinx.roles import XRefRole
from sphinx.util.nodes import make_refnode

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.addnodes import pending_xref
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

KINDS = (
    "scenario", "claim", "module", "proc", "property", "knob", "profile", "hook", "on", "agent",
    "enum", "struct",
)  # fmt: skip

Place = tuple[str, str, str]
"""Page, anchor, and a few words about it."""


def anchor(kind: str, name: str) -> str:
    return f"mmscn-{kind}-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}"


class ScenarioIndex(Index):
    name = "scenarios"
    localname = "Scenarios"
    shortname = "scenarios"

    def generate(
        self, docnames: Iterable[str] | None = None
    ) -> tuple[list[tuple[str, list[IndexEntry]]], bool]:
        return letters(self.domain, "scenario", docnames), False


class ClaimIndex(Index):
    name = "claims"
    localname = "Claims"
    shortname = "claims"

    def generate(
        self, docnames: Iterable[str] | None = None
    ) -> tuple[list[tuple[str, list[IndexEntry]]], bool]:
        return letters(self.domain, "claim", docnames), False


def letters(
    domain: Domain, kind: str, docnames: Iterable[str] | None
) -> list[tuple[str, list[IndexEntry]]]:
    assert isinstance(domain, MmscnDomain)
    wanted = None if docnames is None else set(docnames)
    found: dict[str, list[IndexEntry]] = {}
    for (what, name), (page, identifier, words) in sorted(domain.places.items()):
        if what == kind and (wanted is None or page in wanted):
            entry = IndexEntry(name, 0, page, identifier, words, "", "")
            found.setdefault(name[0].upper(), []).append(entry)
    return sorted(found.items())


class MmscnDomain(Domain):
    name = "mmscn"
    label = "mmscn"
    object_types: ClassVar = {kind: ObjType(kind, kind) for kind in KINDS}
    roles: ClassVar = {kind: XRefRole(warn_dangling=True) for kind in KINDS}
    indices: ClassVar = [ScenarioIndex, ClaimIndex]
    initial_data: ClassVar = {"places": {}, "failed": []}
    data_version = 1

    @property
    def places(self) -> dict[tuple[str, str], Place]:
        found: dict[tuple[str, str], Place] = self.data["places"]
        return found

    def note(self, kind: str, name: str, page: str, identifier: str, words: str) -> None:
        """Remember where something is; the first place counts."""
        self.places.setdefault((kind, name), (page, identifier, words))

    def note_failure(self, page: str) -> None:
        if page not in self.data["failed"]:
            self.data["failed"].append(page)

    def failed(self) -> list[str]:
        """The pages on which something is not as expected."""
        return sorted(self.data["failed"])

    def clear_doc(self, docname: str) -> None:
        for key, (page, _, _) in list(self.places.items()):
            if page == docname:
                del self.places[key]
        if docname in self.data["failed"]:
            self.data["failed"].remove(docname)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        for (kind, name), place in otherdata["places"].items():
            if place[0] in docnames:
                self.note(kind, name, *place)
        for page in otherdata["failed"]:
            if page in docnames:
                self.note_failure(page)

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        for (kind, name), (page, identifier, _) in self.places.items():
            yield name, name, kind, page, identifier, 1

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: Element,
    ) -> Any:
        place = self.places.get((typ, target))
        if place is None:
            return None
        return make_refnode(builder, fromdocname, place[0], place[1], [contnode], place[2])

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: pending_xref,
        contnode: Element,
    ) -> list[tuple[str, Any]]:
        return [
            (
                f"mmscn:{kind}",
                make_refnode(builder, fromdocname, place[0], place[1], [contnode], place[2]),
            )
            for kind in KINDS
            if (place := self.places.get((kind, target))) is not None
        ]
