"""Files of at most 450 lines, functions of at most 60; what is longer is named and grows no more.

`tests/native/test_native_layers.py` asks the same of the C files.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from support.house import ROOT, modules, statements

LINES_MAX = 450
FUNCTION_LINES_MAX = 60

LONG_FILES = {
    "tests/check/test_diagnostics.py": (900, "a table: texts, with what is said of them"),
    "tests/draw/test_what_happened.py": (700, "a table: texts, with how they are drawn"),
    "dsl/check/core.py": (540, "the semantics, in prose and in nodes"),
    "dsl/codes.py": (600, "a table: every code with its example"),
}
LONG_FUNCTIONS: dict[tuple[str, str], tuple[int, str]] = {
    ("tests/support/lower/reductions_texts.py", "statement"): (80, "a match over its kinds"),
    ("tests/support/oracle/tree_code.py", "statement"): (80, "a match over every statement"),
    ("tests/support/unparse.py", "head"): (100, "a match over every node"),
}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The functions of a file, with their lengths in lines."""
    for node in statements(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def files() -> list[Path]:
    """Every file of Python: the package, the tests and what they share, the benchmarks."""
    rest = (path for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
    return [*(path for _, path in modules()), *sorted(rest)]


def test_files_and_functions_are_short() -> None:
    wrong = []
    for path in files():
        name = str(path.relative_to(ROOT))
        text = path.read_text(encoding="utf-8")
        most, _ = LONG_FILES.get(name, (LINES_MAX, ""))
        if text.count("\n") > most:
            wrong.append(f"{name}: {text.count(chr(10))} lines")
        for function, lines in functions(path):
            most, _ = LONG_FUNCTIONS.get((name, function), (FUNCTION_LINES_MAX, ""))
            if lines > most:
                wrong.append(f"{name}: {function}() has {lines} lines")
    assert wrong == []


def test_what_is_named_is_long() -> None:
    """An exception that is no longer needed goes."""
    for name in LONG_FILES:
        assert (ROOT / name).read_text(encoding="utf-8").count("\n") > LINES_MAX, name
    for name, function in LONG_FUNCTIONS:
        found = dict(functions(ROOT / name))
        assert found[function] > FUNCTION_LINES_MAX, function
