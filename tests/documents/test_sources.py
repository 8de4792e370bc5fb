"""Which functions a patch changes, and which scenarios were written from them."""

from __future__ import annotations

from pathlib import Path

import pytest

import mmscn
from mmscn.cli.cli import main
from mmscn.documents.sources import Function, changed_by, named, written_from

PATCH = """From: somebody
Subject: two places

--- a/mm/rmap.c
+++ b/mm/rmap.c
@@ -10,6 +10,7 @@ static int before(struct page *page)
 \tint one;
-\tint two;
 }

 int page_mkclean(struct page *page)
 {
+\tmight_sleep();
 \tint ret = 0;
@@ -90,3 +91,3 @@ EXPORT_SYMBOL_GPL(page_mkclean);
-#define peek(v) 0
+#define peek(v) 1
--- /dev/null
+++ b/arch/x86/mm/new.c
@@ -0,0 +1,3 @@
+static void only_here(void)
+{
+}
"""


def test_what_changes_belongs_to_the_head_of_the_hunk_until_a_definition_begins() -> None:
    assert changed_by(PATCH) == [
        Function("mm/rmap.c", "before"),
        Function("mm/rmap.c", "page_mkclean"),
        Function("mm/rmap.c", "peek"),
        Function("arch/x86/mm/new.c", "only_here"),
    ]


def test_a_function_is_meant_where_the_file_is_the_same_or_not_said() -> None:
    changed = Function("arch/x86/include/asm/pgtable.h", "ptep_get_and_clear")
    notes = {
        "arch/*/include/asm/pgtable.h: ptep_get_and_clear()": True,
        "ptep_get_and_clear()": True,
        "mm/memory.c: ptep_get_and_clear()": False,
        "arch/x86/include/asm/pgtable.h: ptep_get()": False,
    }
    for note, meant in notes.items():
        assert any(changed.is_meant_by(function) for function in named(note)) is meant, note


def test_a_scenario_was_written_from_what_the_procedures_name_that_it_calls() -> None:
    functions = set(written_from(mmscn.load("gpu_tlb").unit))
    assert Function("drivers/gpu/drm/i915/i915_vma.c", "i915_vma_bind") in functions
    assert Function("mm/memory.c", "zap_pte_range") not in functions


@pytest.mark.slow
def test_the_command_lists_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    patch = tmp_path / "patch"
    patch.write_text(PATCH, encoding="utf-8")
    assert main(["touched", str(patch)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["mm/rmap.c: before()", "  no scenario was written from it"]
    assert "mkclean_walk" in lines[lines.index("mm/rmap.c: page_mkclean()") + 1].split()
    assert main(["touched", "--names", str(patch)]) == 0
    assert "mkclean_walk" in capsys.readouterr().out.splitlines()


def test_a_patch_that_changes_no_function_selects_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patch = tmp_path / "patch"
    patch.write_text("--- a/README\n+++ b/README\n@@ -1 +1 @@\n-one\n+two\n", encoding="utf-8")
    assert main(["touched", str(patch)]) == 4
    assert capsys.readouterr().err == "mmscn: no function is changed\n"
    assert main(["touched", str(tmp_path / "missing")]) == 2
