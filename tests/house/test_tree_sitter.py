"""The grammar for tree-sitter is the language's: of texts, of words, and of where lines end."""

from __future__ import annotations

import ctypes
import random
import re
import shutil
import subprocess
from typing import Any

import pytest
from support.house import ROOT, module_at

from mmscn.grammar.vocabulary import VOCABULARY
from mmscn.source import Source
from mmscn.syntax.parse import parse

tree_sitter = pytest.importorskip("tree_sitter", reason="tree-sitter is not installed")
COMPILER = shutil.which("cc") or shutil.which("gcc")
if COMPILER is None:
    pytest.skip("there is no C compiler", allow_module_level=True)

GENERATOR = module_at(ROOT / "editors" / "generate.py")
FOLDER = ROOT / "editors" / "tree-sitter"
with (FOLDER / "src" / "parser.c").open(encoding="utf-8") as file:
    if file.readline() != GENERATOR.parser_head():
        # Who has no tree-sitter can still change the grammar; test_editors.py holds grammar.js.
        reason = "the parser is of another grammar: editors/generate.py --parser"
        pytest.skip(reason, allow_module_level=True)
SHIPPED = sorted((ROOT / "scenarios").rglob("*.mmscn"))
CASE = re.compile(r"=+\n([^\n]+)\n=+\n\n(.*?)\n---\n\n(.*?)(?=\n=+\n|\Z)", re.DOTALL)
PIECE = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|\w+|\n|[^\s\w]')
CHANGED = 600
RARE = """
expect violated a by "mm1:s::000000:AA"
thread t {
  lock this_mm.sem for write
  flush A on others
  store release x = load acquire y
  while x == 1 { continue }
  exit
}
"""
"""Words that no shipped text has."""


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The committed parser, compiled."""
    library, source = tmp_path_factory.mktemp("parser") / "mmscn.so", FOLDER / "src"
    command = [str(COMPILER), "-shared", "-fPIC", "-O0", f"-I{source}", "-o", str(library)]
    command += [str(source / "parser.c"), str(source / "scanner.c")]
    subprocess.run(command, check=True, timeout=120)
    function = ctypes.CDLL(str(library)).tree_sitter_mmscn
    function.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype = ctypes.py_object
    capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    return tree_sitter.Language(capsule(function(), b"tree_sitter.Language", None))


@pytest.fixture(scope="module")
def parser(language: Any) -> Any:
    return tree_sitter.Parser(language)


def cases() -> list[tuple[str, str, str]]:
    files = sorted((FOLDER / "test" / "corpus").glob("*.txt"))
    return [case for file in files for case in CASE.findall(file.read_text("utf-8"))]


def told(node: Any) -> str:
    """A tree as tree-sitter's own tests have it."""
    inner = "".join(f" {told(child)}" for child in node.named_children)
    return f"({node.type}{inner})"


@pytest.mark.parametrize(("title", "text", "tree"), cases(), ids=[case[0] for case in cases()])
def test_a_text_of_the_corpus_has_its_tree(title: str, text: str, tree: str, parser: Any) -> None:
    found = parser.parse(text.encode()).root_node
    assert not found.has_error, title
    assert told(found) == re.sub(r"\s+", " ", tree).replace("( ", "(").strip()


def test_what_is_shipped_is_read_without_an_error(parser: Any) -> None:
    assert len(SHIPPED) > 150
    wrong = [path.name for path in SHIPPED if parser.parse(path.read_bytes()).root_node.has_error]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "var x: 0..1 var y: 0..1\n",
        "thread t {\n  if x == 1 {\n    x = 2\n}\n",
        "thread t { let a = load }\n]",
        "thread t { f(1) }\n",
        "scenario s 'x'\n",
    ],
)
def test_what_is_no_text_has_an_error(text: str, parser: Any) -> None:
    assert parse(Source("t", text))[1]
    assert parser.parse(text.encode()).root_node.has_error


def test_each_word_has_the_colour_of_its_category(language: Any, parser: Any) -> None:
    query = tree_sitter.Query(language, (FOLDER / "queries" / "highlights.scm").read_text("utf-8"))
    captures = GENERATOR.tree_sitter_grammar.CAPTURES
    seen: set[str] = set()
    for text in [RARE, *(path.read_text("utf-8") for path in SHIPPED)]:
        root = parser.parse(text.encode()).root_node
        assert not root.has_error
        for name, nodes in tree_sitter.QueryCursor(query).captures(root).items():
            for word in {node.text.decode() for node in nodes if node.child_count == 0}:
                if word in VOCABULARY and name not in ("function", "type", "label"):
                    assert name == captures[VOCABULARY[word].category], word
                    seen.add(word)
    assert {*VOCABULARY} - seen == set()


@pytest.mark.slow
def test_it_reads_what_the_language_reads(parser: Any) -> None:
    """Of changed texts, too; but a line may also end within a statement, as no editor minds."""
    random_ = random.Random(0)
    short = [text for path in SHIPPED if len(text := path.read_text("utf-8")) < 2500]
    missed = 0
    for _ in range(CHANGED):
        text = changed(random_, random_.choice(short))
        wrong = parse(Source("t", text))[1]
        has_error = parser.parse(text.encode()).root_node.has_error
        assert wrong or not has_error, text
        missed += bool(wrong) and not has_error
    assert missed < CHANGED // 25


def changed(random_: random.Random, text: str) -> str:
    pieces = list(PIECE.finditer(text))
    at, other = random_.choice(pieces), random_.choice(pieces)
    put = random_.choice(["", f"{at[0]} {at[0]}", other[0], f"{at[0]}\n"])
    return text[: at.start()] + put + text[at.end() :]
