"""What editors know of the language is what the vocabulary has, and those that are here show it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from support.house import ROOT, module_at

from mmscn.grammar.vocabulary import CATEGORIES, VOCABULARY

EDITORS = ROOT / "editors"
TEXT = 'scenario race "a // title"\n// flush\nthread t on cpu 0 { flush A; x = 12 }\nagain:\n'
MESSAGES = """\
error MM101: `in` cannot stand here
  --> a/b.mmscn:3:27
  |
3 | param p in {a, b}
  |         ^^
hint: expected `=`

warning MM310: nothing uses `x`
  --> c.mmscn:12:1
  |
"""


BY_RULES: dict[bool, set[str]] = {
    False: set(),
    True: {"load", "trylock", "this_cpu", "this_mm", "current", "anon"},
}
"""Words that the grammar for tree-sitter has no token for: its scanner finds them, or they are
names like others; `test_tree_sitter.py` looks at their colours."""


def generator() -> ModuleType:
    return module_at(EDITORS / "generate.py")


@pytest.mark.parametrize("name", sorted(generator().FILES))
def test_the_words_are_those_of_the_vocabulary(name: str) -> None:
    text = (EDITORS / name).read_text("utf-8")
    assert text == generator().FILES[name](), "python editors/generate.py"
    assert {word for word in VOCABULARY if not re.search(rf"\b{word}\b", text)} <= BY_RULES[
        name.startswith("tree-sitter/")
    ]


def test_each_category_has_a_colour_in_each_editor() -> None:
    made = generator()
    for table in (made.SCOPES, made.GROUPS, made.FACES, made.tree_sitter_grammar.CAPTURES):
        assert [*table] == [*CATEGORIES]


def test_the_extension_has_the_version_and_the_files_that_it_names() -> None:
    folder = EDITORS / "vscode"
    package = json.loads((folder / "package.json").read_text("utf-8"))
    assert package["version"] in (ROOT / "pyproject.toml").read_text("utf-8")
    grammar = json.loads((EDITORS / "tree-sitter" / "tree-sitter.json").read_text("utf-8"))
    assert grammar["metadata"]["version"] == package["version"]
    assert (EDITORS / "tree-sitter" / grammar["grammars"][0]["highlights"]).is_file()
    given = package["contributes"]
    named = [grammar["path"] for grammar in given["grammars"]]
    named += [language["configuration"] for language in given["languages"]]
    for name in named:
        json.loads((folder / name).read_text("utf-8"))


def test_nothing_that_is_fetched_is_kept() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"node_modules/", "*.vsix", "editors/vscode/package-lock.json"} <= {*ignored}


@pytest.mark.skipif(shutil.which("vim") is None, reason="it needs Vim")
def test_vim_shows_each_word_as_what_it_is(tmp_path: Path) -> None:
    file, shown = tmp_path / "race.mmscn", tmp_path / "shown"
    file.write_text(TEXT)
    places = [(1, 1), (1, 10), (1, 16), (2, 4), (3, 1), (3, 21), (3, 24), (3, 34), (4, 1)]
    script = "\n".join(
        [
            f"set runtimepath^={EDITORS / 'vim'}",
            "filetype plugin on",
            "syntax on",
            f"edit {file}",
            *(
                f"call writefile([synIDattr(synID({row}, {column}, 1), 'name')], '{shown}', 'a')"
                for row, column in places
            ),
            f"call writefile([&filetype, &commentstring, &makeprg], '{shown}', 'a')",
            f"cgetfile {tmp_path / 'messages'}",
            f"call writefile(map(getqflist(), 'v:val.type . v:val.nr . \" \" . "
            f"bufname(v:val.bufnr) . \":\" . v:val.lnum'), '{shown}', 'a')",
            "qall!",
        ]
    )
    (tmp_path / "script.vim").write_text(script)
    (tmp_path / "messages").write_text(MESSAGES)
    command = ["vim", "-N", "-es", "-u", "NONE", "-i", "NONE", "-S", str(tmp_path / "script.vim")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert shown.read_text().splitlines() == [
        "mmscnHeader",
        "mmscnName",
        "mmscnString",
        "mmscnComment",
        "mmscnComposition",
        "mmscnOperation",
        "mmscnOperation",
        "mmscnNumber",
        "mmscnLabel",
        "mmscn",
        "// %s",
        "mmscn check --color never %:S",
        "E101 a/b.mmscn:3",
        "W310 c.mmscn:12",
    ]


EMACS = """
(dolist (at '(1 10 16 31 37 57 63 75))
  (princ (format "%s\\n" (get-text-property at 'face))))
(goto-char (point-max)) (insert "{\\nx\\n}") (indent-region (point-min) (point-max))
(princ (buffer-substring 75 (point-max)))
"""


@pytest.mark.skipif(shutil.which("emacs") is None, reason="it needs Emacs")
def test_emacs_shows_each_word_as_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "race.mmscn"
    file.write_text(TEXT)
    (tmp_path / "shown.el").write_text(EMACS)
    command = ["emacs", "-Q", "--batch", "-L", str(EDITORS / "emacs"), "-l", "mmscn-mode"]
    command += [str(file), "--eval", "(font-lock-ensure)", "-l", str(tmp_path / "shown.el")]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert found.stdout.splitlines() == [
        "font-lock-preprocessor-face",
        "font-lock-constant-face",
        "font-lock-string-face",
        "font-lock-comment-face",
        "font-lock-keyword-face",
        "font-lock-builtin-face",
        "nil",
        "font-lock-constant-face",
        "again:",
        "{",
        "  x",
        "}",
    ]
