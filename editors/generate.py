"""Writes what editors know of the language's words, from the one vocabulary.

    python editors/generate.py [--parser]

With `--parser`, `tree-sitter generate` makes the parser of the grammar for tree-sitter again.
`tests/house/test_editors.py` says so where a file is not what this writes.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmscn.grammar.vocabulary import CATEGORIES, words_of

HERE = Path(__file__).parent
sys.path.append(str(HERE))

import tree_sitter_grammar  # noqa: E402 (beside this file, wherever it is loaded from)

NAME = "[A-Za-z_][A-Za-z0-9_]*"
DOTTED = rf"{NAME}(?:\.{NAME})*"
TYPES = "thread|agent|struct|enum|property|profile|machine"
PLAIN = ("Number", "Label", "String", "Comment")
"""Groups of Vim's that have the names of those that colour schemes know."""
WRITTEN = "Written by editors/generate.py from grammar/vocabulary.py; not edited by hand."

SCOPES = {
    "header": "keyword.control.directive",
    "variation": "storage.modifier",
    "declaration": "storage.type",
    "type": "support.type",
    "composition": "storage.type.function",
    "statement": "keyword.control",
    "operation": "support.function",
    "check": "keyword.other",
    "operator": "keyword.operator.word",
    "constant": "constant.language",
    "name": "variable.language",
}
"""TextMate's names of the categories of words, which colour schemes know."""

GROUPS = {
    "header": "Include",
    "variation": "StorageClass",
    "declaration": "Structure",
    "type": "Type",
    "composition": "Structure",
    "statement": "Statement",
    "operation": "Function",
    "check": "Keyword",
    "operator": "Operator",
    "constant": "Constant",
    "name": "Identifier",
}
"""Vim's."""

FACES = {
    "header": "preprocessor",
    "variation": "keyword",
    "declaration": "keyword",
    "type": "type",
    "composition": "keyword",
    "statement": "keyword",
    "operation": "builtin",
    "check": "keyword",
    "operator": "keyword",
    "constant": "constant",
    "name": "builtin",
}
"""Emacs's."""


def textmate() -> str:
    """The TextMate grammar, which VS Code and linguist read."""

    def named(words: str, name: str, scope: str) -> dict[str, Any]:
        """A word, and the name behind it."""
        return {
            "match": rf"\b({words})[ \t]+({name})",
            "captures": {
                "1": {"patterns": [{"include": "#words"}]},
                "2": {"name": f"{scope}.mmscn"},
            },
        }

    words = [
        {"match": rf"\b(?:{'|'.join(words_of(category))})\b", "name": f"{SCOPES[category]}.mmscn"}
        for category in CATEGORIES
    ]
    grammar = {
        "information_for_contributors": [WRITTEN],
        "name": "mmscn",
        "scopeName": "source.mmscn",
        "fileTypes": ["mmscn"],
        "patterns": [{"include": f"#{part}"} for part in ("comments", "strings", "names", "words")]
        + [
            {"match": r"\b[0-9]+\b", "name": "constant.numeric.mmscn"},
            {"match": NAME},
            {"match": r"->|\.\.|[-+]=|[=!<>]=|[-+<>=|]", "name": "keyword.operator.mmscn"},
        ],
        "repository": {
            "comments": {
                "patterns": [
                    {"match": r"//.*$", "name": "comment.line.double-slash.mmscn"},
                    {"begin": r"/\*", "end": r"\*/", "name": "comment.block.mmscn"},
                ]
            },
            "strings": {
                "begin": '"',
                "end": '"|$',
                "name": "string.quoted.double.mmscn",
                "patterns": [{"match": r"\\.", "name": "constant.character.escape.mmscn"}],
            },
            "names": {
                "patterns": [
                    named("scenario|module|import", DOTTED, "entity.name.namespace"),
                    named("proc|hook|call", NAME, "entity.name.function"),
                    named(TYPES, NAME, "entity.name.type"),
                    {
                        "match": rf"^[ \t]*({NAME}):(?=\s|$)",
                        "captures": {"1": {"name": "entity.name.label.mmscn"}},
                    },
                ]
            },
            "words": {"patterns": words},
        },
    }
    return json.dumps(grammar, indent=2) + "\n"


def vim() -> str:
    """The syntax file of Vim and Neovim."""
    lines = [
        f'" {WRITTEN}',
        'if exists("b:current_syntax")',
        "  finish",
        "endif",
        "",
        "syntax case match",
        f'syntax match mmscnName "\\<{NAME}\\>"',
        *(
            f"syntax keyword mmscn{category.title()} {' '.join(words_of(category))}"
            for category in CATEGORIES
        ),
        'syntax match mmscnNumber "\\<[0-9]\\+\\>"',
        f'syntax match mmscnLabel "^\\s*\\zs{NAME}\\ze:\\(\\s\\|$\\)"',
        "syntax region mmscnString start=+\"+ skip=+\\\\.+ end=+\"+ oneline",
        'syntax match mmscnComment "//.*$" contains=@Spell',
        'syntax region mmscnComment start="/\\*" end="\\*/" contains=@Spell',
        "",
        *(
            f"highlight default link mmscn{category.title()} {group}"
            for category, group in GROUPS.items()
        ),
        *(f"highlight default link mmscn{group} {group}" for group in PLAIN),
        "",
        'let b:current_syntax = "mmscn"',
    ]
    return "\n".join(lines) + "\n"


def emacs() -> str:
    """The words, as the mode of Emacs looks for them."""
    rows = []
    for category, face in FACES.items():
        words = " ".join(f'"{word}"' for word in words_of(category))
        rows.append(f"    (,(regexp-opt '({words}) 'symbols) . font-lock-{face}-face)")
    return "\n".join(
        [
            ";;; mmscn-words.el --- the words of mmscn  -*- lexical-binding: t -*-",
            f";; {WRITTEN}",
            ";;; Code:",
            "",
            "(defconst mmscn-words",
            "  `(",
            *rows,
            "    )",
            '  "What each word of the language looks like.")',
            "",
            "(provide 'mmscn-words)",
            ";;; mmscn-words.el ends here",
        ]
    ) + "\n"


FILES: dict[str, Callable[[], str]] = {
    "vscode/syntaxes/mmscn.tmLanguage.json": textmate,
    "vim/syntax/mmscn.vim": vim,
    "emacs/mmscn-words.el": emacs,
    "tree-sitter/grammar.js": tree_sitter_grammar.javascript,
    "tree-sitter/queries/highlights.scm": tree_sitter_grammar.highlights,
}


def parser_head() -> str:
    """The first line of the parser: which grammar it was made of."""
    digest = hashlib.sha256(tree_sitter_grammar.javascript().encode()).hexdigest()[:16]
    return f"// Of the grammar {digest}; written by tree-sitter, not edited by hand.\n"


def write_parser() -> None:
    folder = HERE / "tree-sitter"
    subprocess.run(["tree-sitter", "generate", "--abi=14"], cwd=folder, check=True)
    parser = folder / "src" / "parser.c"
    parser.write_text(parser_head() + parser.read_text("utf-8"), "utf-8")


if __name__ == "__main__":
    for name, text in FILES.items():
        (HERE / name).write_text(text(), encoding="utf-8")
    if "--parser" in sys.argv[1:]:
        write_parser()
