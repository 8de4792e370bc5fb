"""Each lemma of the page on fusion names a test that there is."""

from __future__ import annotations

from pathlib import Path

from support.lower.reduction_mutants import CACHE_MUTANTS, MUTANTS, REQUEST_MUTANTS

ROOT = Path(__file__).parents[2]


def test_each_lemma_of_fusion_names_its_test_and_its_file() -> None:
    page = (ROOT / "docs/fusion.md").read_text()
    lemmas = page.partition("## The lemmas")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in lemmas.splitlines()
        if line.startswith("| ") and not line.startswith("| lemma")
    ]
    assert len(rows) > 12
    for lemma, where, test in rows:
        for name in where.split(", "):
            name = name.strip("`")
            folders = ("dsl/lower/passes", "dsl/lower")
            assert any((ROOT / f / f"{name}.py").exists() for f in folders), lemma
        file, _, name = test.strip("`").partition(": ")
        if name:
            assert f"def {name}(" in (ROOT / file).read_text(), lemma
        else:
            assert file in MUTANTS | CACHE_MUTANTS | REQUEST_MUTANTS, lemma
