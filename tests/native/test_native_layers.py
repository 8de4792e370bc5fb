"""The C files stand one above the other, and each can be read in one sitting."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from support.house import ROOT

NATIVE = ROOT / "runtime" / "native"
LINES_MAX = 450
FUNCTION_LINES_MAX = 60

INCLUDED = re.compile(r'^#include "(\w+)\.h"', re.M)
DEFINED = re.compile(r"^(?!static|typedef|extern)\w[\w *]*\b(\w+)\([^;{]*\)\n\{", re.M)
FUNCTION = re.compile(r"^\w[^;{}]*\)\n\{\n(?:.*\n)*?\}$", re.M)


def sources() -> list[Path]:
    return sorted([*NATIVE.glob("*.c"), *NATIVE.glob("*.h")])


def needed(paths: list[Path]) -> dict[str, set[str]]:
    """Of each file by its name without its end: the others that it includes."""
    found: dict[str, set[str]] = {}
    for path in paths:
        includes = set(INCLUDED.findall(path.read_text("utf-8")))
        found.setdefault(path.stem, set()).update(includes - {path.stem})
    return found


def homeless(path: Path) -> set[str]:
    """The functions of a .c file that its own header does not declare."""
    header = path.with_suffix(".h")
    declared = header.read_text("utf-8") if header.exists() else ""
    names = set(DEFINED.findall(path.read_text("utf-8")))
    return {name for name in names if not re.search(rf"\b{name}\(", declared)}


def long_functions(text: str) -> list[str]:
    return [
        f"{f[0].splitlines()[0]} has {n} lines"
        for f in FUNCTION.finditer(text)
        if (n := f[0].count("\n") + 1) > FUNCTION_LINES_MAX
    ]


def test_no_two_files_need_each_other() -> None:
    order = tuple(TopologicalSorter(needed(sources())).static_order())
    assert order.index("program") < order.index("step") < order.index("sieve")
    assert order.index("space") < order.index("checkpoint")


def test_a_circle_would_be_seen(tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        (tmp_path / f"{name}.c").write_text(f'#include "{name}.h"\n')
        (tmp_path / f"{name}.h").write_text(f'#include "{other}.h"\n')
    with pytest.raises(CycleError):
        TopologicalSorter(needed(sorted(tmp_path.iterdir()))).prepare()


@pytest.mark.parametrize("path", sorted(NATIVE.glob("*.c")), ids=lambda path: path.name)
def test_a_file_defines_what_its_own_header_declares(path: Path) -> None:
    """So what a file needs is what it includes, and nothing is called behind that."""
    allowed = {"PyInit__engine"} if path.name == "module.c" else set()
    assert homeless(path) <= allowed


def test_what_has_no_header_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "one.c"
    path.write_text("static int own(void)\n{\n}\n\nbool given(int a,\n           int b)\n{\n}\n")
    assert homeless(path) == {"given"}


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= LINES_MAX
    assert not long_functions(text)


def test_a_long_function_would_be_seen() -> None:
    body = "    more();\n" * FUNCTION_LINES_MAX
    assert long_functions(f"int f(void)\n{{\n{body}}}\n") == ["int f(void) has 63 lines"]
