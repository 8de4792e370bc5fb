"""What a `source` note says of code, and what is said where it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

import mmscn
from mmscn.check.cited import Code, Unreadable, parts
from mmscn.documents.drift import unreadable
from mmscn.judge.shipped import read, shipped

FORM = "`FILE: NAME() @ VERSION`"
VERSIONS = "a version is `v3.15`, `v3.16-rc2`, `next-20250102`, or 7 digits or more of a commit"
REMARK = "put a remark in parentheses, without others in it, and `;` before another source"

READ: dict[str, list[Code]] = {
    "mm/memory.c: zap_pte_range() @ 1cf35d47712d": [
        Code("mm/memory.c", ("zap_pte_range",), ("1cf35d47712d",))
    ],
    "LKML (MSG 1), in mm/rmap.c: try(); a/b.h: f(), g() @ v3.16-rc2, next-20250102 (not h())": [
        Code("a/b.h", ("f", "g"), ("v3.16-rc2", "next-20250102"))
    ],
    "arch/*/include/asm/tlb.h: f() @ v2.6.18.3;": [
        Code("arch/*/include/asm/tlb.h", ("f",), ("v2.6.18.3",))
    ],
    "83b0177a6c48, x86/mm: Fix SMP ordering in switch_mm_irqs_off() (2025)": [],
    "1cf35d47712d, mm/memory.c: flush() before free()": [],
    "Intel SDM 3A, 4.10.4.2; CVE-2025-40174": [],
    "racewrite.c: testcase(), a mail": [],
    "any textbook": [],
    "": [],
}  # fmt: skip


@pytest.mark.parametrize("note", READ)
def test_a_part_about_code_is_a_file_functions_and_a_kernel(note: str) -> None:
    assert list(parts(note)) == READ[note]


WRONG = {
    "mm/memory.c": ("mm/memory.c", "no function of `mm/memory.c` is named",
                    f"write {FORM}, each function with `()`"),
    "mm/memory.c: zap_pte_range @ v3.15": (
        "mm/memory.c", "no function of `mm/memory.c` is named",
        f"write {FORM}, each function with `()`"),
    "a paper; mm/memory.c: zap_pte_range()": (
        "mm/memory.c: zap_pte_range()", "which kernel the functions are of stands behind `@`",
        f"write ` @ VERSION` behind the functions: {VERSIONS}"),
    "mm/memory.c: f(), Linux 3.15-rc2": (
        "Linux 3.15-rc2", "which kernel the functions are of stands behind `@`",
        "write ` @ v3.15-rc2` behind the functions"),
    "mm/memory.c: f(), as 1cf35d47712d tells it": (
        "as 1cf35d47712d tells it", "which kernel the functions are of stands behind `@`",
        "write ` @ 1cf35d47712d` behind the functions, and what else there is to say in "
        "parentheses at the end"),
    "mm/memory.c: f()@v3.15": ("@", "`@` stands between spaces", f"write {FORM}"),
    "mm/memory.c: f() @ 3.15, v3.16": ("3.15", "`3.15` is no version of a kernel", VERSIONS),
    "mm/memory.c: f() @ v3.15 and v3.16": (
        "and v3.16", "what stands behind the version cannot be read", REMARK),
    "v3.15 mm/memory.c: f()": (
        "mm/memory.c", "`mm/memory.c` stands in the middle",
        f"begin what is about code with its file, as in {FORM}, with `;` before it"),
    "zap_pte_range(), v3.15": (
        "zap_pte_range()", "the file of `zap_pte_range()` is not named", f"write {FORM}"),
    "the zap() @ v3.15": ("zap()", "the file of `zap()` is not named", f"write {FORM}"),
}  # fmt: skip


@pytest.mark.parametrize("note", WRONG)
def test_what_begins_as_code_and_cannot_be_read_is_told_where_it_stands(note: str) -> None:
    (part,) = parts(note)
    assert isinstance(part, Unreadable)
    assert (note[part.at : part.at + part.length], part.message, part.hint) == WRONG[note]


def test_it_is_a_warning_at_its_place_in_the_text_of_the_author(tmp_path: Path) -> None:
    own = tmp_path / "own.mmscn"
    own.write_text('module own\nproc f() { source "a \\"b\\"; mm/a.c: f()" }\n', encoding="utf-8")
    path = tmp_path / "s.mmscn"
    path.write_text(
        'scenario s\nsource "mm/a.c: g() @ v6"\nimport own\nthread t { call f() }\n',
        encoding="utf-8",
    )
    found = [(d.code, str(d.span), d.span.text) for d in mmscn.load(str(path)).warnings]
    assert found == [
        ("MM608", f"{own}:2:29", "mm/a.c: f()"),
        ("MM608", f"{path}:2:23", "v6"),
    ]


def test_the_library_says_what_it_was_written_from_in_the_form_that_is_read() -> None:
    assert [str(place) for place in unreadable(read(s.file) for s in shipped())] == []
