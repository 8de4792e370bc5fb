"""ARCHITECTURE's "where to start": each row of the table, and what it promises."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import get_args

import click
import pytest
from support.house import ROOT, imports

from mmscn.check import core
from mmscn.check.modules import Unit
from mmscn.check.order.orders import Order, order_of
from mmscn.check.values import Atom
from mmscn.cli.commands import ELSEWHERE, mmscn
from mmscn.codes import CODES
from mmscn.documents import pytest_plugin
from mmscn.documents.document import READERS
from mmscn.explain import assumptions
from mmscn.explain.assumptions import ORDERS
from mmscn.grammar.vocabulary import VOCABULARY
from mmscn.judge import targets
from mmscn.judge.report import Report
from mmscn.judge.shipped import COMMENT_OR_STRING
from mmscn.lower.compile import PASSES, REDUCTIONS
from mmscn.runtime.bytecode import EFFECTS, TESTS, Op
from mmscn.runtime.explore import executors
from mmscn.runtime.explore.executors import EXECUTORS, Executor
from mmscn.show import result_json
from mmscn.show.formats import NAMES
from mmscn.syntax import tree as t
from mmscn.syntax.kinds import LockKind

NODE = "node of the semantics"
TABLE = re.compile(r"^\| ([^|]+?) \| (.+?) \|$", re.MULTILINE)
FOLDERS = (".", "dsl", "dsl/syntax", "dsl/show", "dsl/documents", "runtime", "scenarios/library")
"""Where the names of the table begin."""


def rows() -> dict[str, str]:
    section = (ROOT / "ARCHITECTURE.md").read_text().split("## Where to start")[1].split("## ")[0]
    return {what: where for what, where in TABLE.findall(section) if what != "for a new"}


def files(row: str) -> list[Path]:
    """The files and folders of a row; a bare name stands in the folder of the one before it."""
    found: list[Path] = []
    for name in re.findall(r"`(\w*[./][\w./]+)`", rows()[row]):
        near = [found[-1].parent] if found else []
        paths = [f / name for f in (*near, *(ROOT / folder for folder in FOLDERS))]
        path = next((p for p in paths if p.exists()), None)
        assert path is not None, f"{row}: there is no {name}"
        found.append(path)
    return found


def texts(row: str) -> dict[str, str]:
    """The text of each file of a row, by name."""
    return {p.name: p.read_text() for p in files(row) if p.is_file()}


TABLES = {
    *(ROOT / "dsl").glob("codes*.py"),
    ROOT / "dsl/litmus/architectures.py",
    ROOT / "dsl/litmus/c.py",
}
"""The examples of codes are no code; what an architecture is, and what the C of litmus tests
means, somebody has to say.
"""


def strings(folder: str) -> Iterator[tuple[Path, str]]:
    """The text constants in the code of a folder."""
    for path in sorted({*(ROOT / folder).rglob("*.py")} - TABLES):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path, node.value


def code(*paths: str) -> str:
    """The texts of these files, one behind the other."""
    found = [p for path in paths for p in sorted(ROOT.glob(path))]
    assert found, paths
    return "".join(p.read_text() for p in found)


def names(constructor: str, folder: str) -> set[str]:
    """What the modules of a folder of the library declare with a keyword."""
    found = re.compile(rf"^(?:override )?{constructor} (\w+)", re.MULTILINE)
    modules = (ROOT / "scenarios" / "library" / folder).rglob("*.mmscn")
    return {name for path in modules for name in found.findall(path.read_text())}


def library() -> str:
    """What the library's texts do, without comments and what is told."""
    return COMMENT_OR_STRING.sub("", code("scenarios/library/**/*.mmscn"))


NO_GIVERS = {
    *(t.Attribute, t.Applied, t.StructValue, t.CallValue),  # they name what there is
    *(t.LabelMark, t.Mark),  # no value
}
"""Statements and expressions whose `name` is given to no value."""


def keyword() -> None:
    for union, where in ((t.Stmt, "statements.py"), (t.Item, "modules.py")):
        text = (ROOT / "dsl" / "check" / where).read_text()
        for kind in get_args(union):
            assert f"t.{kind.__name__}(" in text, kind
    expressions = code("dsl/check/expressions.py", "dsl/check/statements.py")
    for kind in get_args(t.Expr):
        assert f"t.{kind.__name__}(" in expressions, kind
    found = texts("keyword or statement")
    tree_files = [name for name in found if name.startswith("tree_") and name != "tree_builder.py"]
    laid_out = code("dsl/syntax/unparse.py", "tests/support/unparse.py")
    for kind in (*get_args(t.Stmt), *get_args(t.Item), *get_args(t.Expr)):
        assert any(f"class {kind.__name__}(" in found[name] for name in tree_files), kind
        assert f"t.{kind.__name__}(" in laid_out, kind
        built = found["tree_builder.py"] + found["code_builder.py"]
        assert f"t.{kind.__name__}(" in built, kind
    for kind in {*get_args(t.Stmt), *get_args(t.Expr)} - NO_GIVERS:
        if inspect.get_annotations(kind).keys() & {"name", "names"}:
            asked = ("name_walk.py", "mentions.py", "symbols.py", "uniform.py")
            assert [f for f in asked if f"t.{kind.__name__}(" not in found[f]] == [], kind
    walked = code("tests/support/oracle/tree_*.py")
    for kind in {*get_args(t.Stmt), *get_args(t.Expr)} - {t.Flush}:  # what modules have is not
        assert f"t.{kind.__name__}" in walked, kind
    told = " ".join(re.findall(r"```.*?```|`[^`\n]+`", code("docs/language.md"), re.DOTALL))
    assert set(VOCABULARY) - set(re.findall(r"\w+", told)) == set()
    given = inspect.get_annotations(Unit)
    items = {name for name, kind in given.items() if re.search(r"\bt\.", str(kind))}
    items -= {"scenario", "import_items", "sources", "module_sources"}  # imports and notes
    items -= {"extensions", "may_step"}  # in what they extend; of statements
    items -= {"texts"}  # that they stand in
    assert {name for name in items if f"unit.{name}" not in found["parts.py"]} == set()


def knob() -> None:
    known = names("knob", "") | names("profile", "hw")
    assert {"ad", "flush_kind", "x86"} <= known
    known -= {"memory", "store_buffer", "arm"}  # an order is the semantics', in `check/core.py`
    known -= {f"{kind}_goes_to" for kind in get_args(LockKind)}  # so is who gets a lock
    known -= {"stores"}  # a `fence stores` is one, whatever the knob of that name says
    assert {(path, s) for path, s in strings("dsl") if s in known} == set()
    read = re.sub("(?m)^(?:extend )?knob .*$", "", library())
    for name in known & names("knob", ""):
        assert re.search(rf"\b{name}\b", read), f"nothing reads {name}"
    hardware = code("scenarios/library/hw/*.mmscn")
    state = set(re.findall(r"^ *(?:[a-z]+ )*var (\w+)(?:\[\w+\])?: [\w.]+(?! =)\s", hardware, re.M))
    state |= set(re.findall(r"^  (\w+): (?:bool|frame)", hardware, re.M))  # members
    assert {"pte", "tlb", "flushes", "present", "dirty"} <= state
    assert {s for _, s in strings("dsl/draw")} & state == set()
    groups = {"tlb", "page"}  # of variables, in the JSON result
    assert {s for _, s in (*strings("dsl/show"), *strings("dsl/explain"))} & state <= groups


def kernel_function() -> None:
    kinds, folders = ("proc", "hook", "property"), ("linux", "props")
    known = {name for kind, folder in product(kinds, folders) for name in names(kind, folder)}
    known = {name for name in known if "_" in name}  # `check` and `zap` are words of Python's, too
    assert "no_stale_translation" in known
    asked = set(re.findall(r"\w+", " ".join(re.findall("(?m)^ *check .*$", library()))))
    assert names("property", "") - asked == set(), "no scenario asks for these"
    known -= {"no_lost_write"}  # an example in a message about a document's options
    assert {(path, s) for path, s in strings("dsl") if s in known} == set()


def node() -> None:
    oracle = code("tests/support/oracle/machine.py", "tests/support/oracle/values.py")
    lower = code(*(str(p.relative_to(ROOT)) for p in files(NODE)[2:]))
    for kind in (*get_args(core.Stmt), *get_args(core.Expr)):
        assert re.search(rf"core\.{kind.__name__}\b", oracle), kind
        assert re.search(rf"core\.{kind.__name__}\b", lower), kind


def reduction() -> None:
    folder = ROOT / "dsl/lower/passes"
    used = {
        target.split(".")[3]
        for path in (*folder.glob("*.py"), *(ROOT / "dsl/lower").glob("*.py"))
        for _, target in imports(path)
        if target.startswith("mmscn.lower.passes.")
    }
    assert {p.stem for p in folder.glob("*.py")} - {"__init__"} == used
    tests = code("tests/lower/*.py", "tests/agreement/*.py")
    for name, (function, about) in (PASSES | REDUCTIONS).items():
        assert about, name
        if function is None:  # it is no pass of the IR: something asks for it by name
            assert f'"{name}" ' in code("dsl/lower/compile.py").partition("SWITCHES:")[2], name
        asked = rf'"{name}"' if function is None else rf'"{name}"|\b{function.__name__}\b'
        assert re.search(asked, tests), f"no test says where {name} is not applied"


def opcode() -> None:
    found = texts("opcode")
    for op in Op:
        named = re.compile(rf"\bOp\.{op.name}\b|^    {op.name} = ", re.MULTILINE)
        for name, text in found.items():
            if name.endswith(".py") and (name != "notes.py" or op in EFFECTS):
                assert named.search(text), (name, op)
    assert set(Op) == TESTS | EFFECTS
    header = dict(re.findall(r"OP_(\w+) = (\d+)", found["program.h"]))
    assert header == {name: str(Op[name].value) for name in header}
    for name in header:
        looked_at = ["decode.c", "step.c", *(["sieve.c"] if Op[name] in TESTS else [])]
        assert [c for c in looked_at if f"case OP_{name}:" not in found[c]] == [], name
    # The encoder makes guards and whole words of the others.
    assert {op.name for op in Op} - header.keys() == {"MATCH", "PUT", "ADD"}


def diagnostic() -> None:
    raised = {s for _, s in strings("dsl") if re.fullmatch(r"MM\d{3}", s)}
    assert raised == set(CODES)
    assert all(about.example for about in CODES.values())
    assert "for code in CODES" in (ROOT / "tests/cli/test_codes.py").read_text()


def document_format() -> None:
    reader, document, *_ = files("document format")
    assert tuple(READERS) == targets.DOCUMENTS == pytest_plugin.DOCUMENTS
    used = {target for _, target in imports(document)}
    readers = [p for p in reader.parent.glob("*.py") if "\ndef blocks(" in p.read_text()]
    assert reader in readers
    assert {f"mmscn.documents.{p.stem}" for p in readers} <= used


def command() -> None:
    table = files("command")[-1]
    body = ast.parse(table.read_text()).body
    functions = {n.name: n for n in body if isinstance(n, ast.FunctionDef)}
    for name in mmscn.list_commands(click.Context(mmscn)):
        function = functions.get(name, functions.get(f"{name}_"))
        if function is None:
            assert import_module(ELSEWHERE[name]).command.name == name
        else:
            assert "from mmscn.cli." in ast.unparse(function), name


def output_format() -> None:
    data, json, run, table, *others = files("output format")
    options = [path for path in others if path.suffix == ".py"]
    assert "FORMATS: dict[" in table.read_text()
    option = next(p for p in mmscn.commands["run"].params if p.name == "formats")
    assert isinstance(option, click.Option)
    told = set(re.findall(r"\w+", option.help or ""))
    tests = code("tests/show/*.py", "tests/cli/*.py")
    for name in NAMES:
        assert name in told, f"`mmscn run --help` does not say {name}"
        assert f'"{name}"' in tests, f"no test makes {name}"
    assert f"import {json.stem}" in run.read_text()
    assert [path.stem for path in options if '"--json"' not in path.read_text()] == []
    assert "class Report" in data.read_text()
    written = inspect.getsource(result_json)
    shown = {p.stem for p in json.parent.glob("*.py") if "mmscn.judge.report" in p.read_text()}
    assert {"result_json", "table", "counterexamples"} <= shown
    for name in {*inspect.get_annotations(Report)} - {"combinations"} | {"interrupted"}:
        assert f"report.{name}" in written, f"Report.{name} is not in the JSON"


def executor() -> None:
    found = ast.parse(texts("executor")["executors.py"]).body
    known = [n for n in found if isinstance(n, ast.ClassDef)]
    classes = {n.name for n in known if ast.unparse(n.bases[0]) == "Executor"}
    assert {type(e).__name__ for e in EXECUTORS} == classes
    option = next(p for p in mmscn.commands["run"].params if p.name == "executor")
    assert tuple(option.type.choices) == executors.names()
    tests = code("tests/native/*.py", "tests/runtime/*.py", "tests/agreement/*.py")
    for each in EXECUTORS:
        assert [a for a in inspect.get_annotations(Executor) if not hasattr(each, a)] == [], each
        assert f'"{each.name}"' in tests, each.name


def memory_order() -> None:
    example, names_, where, knob, sentences, litmus, small = files("memory order")
    (values,) = re.findall(r"^knob memory = (.+)$", knob.read_text(), re.MULTILINE)
    orders = values.split(" | ")
    assert orders[0] == "sc"
    assert list(ORDERS) == list(get_args(Order)) == orders
    assert names_ == Path(inspect.getfile(order_of))
    assert [order_of({"memory": Atom(order)}) for order in orders] == orders
    assert sentences == Path(inspect.getfile(assumptions))
    for order in orders[1:]:
        assert f'case "{order}":' in where.read_text(), order
        assert (example.parent / f"{order}.py").is_file(), order
        assert f'"{order}"' in litmus.read_text(), order
        beside = small.parent.glob(f"{small.stem}*.py")
        assert any(f'"{order}"' in path.read_text() for path in beside), order


PROMISES: dict[str, Callable[[], None]] = {
    "keyword or statement": keyword,
    "knob or machine": knob,
    "kernel function, property": kernel_function,
    NODE: node,
    "pass or reduction": reduction,
    "opcode": opcode,
    "executor": executor,
    "memory order": memory_order,
    "diagnostic": diagnostic,
    "document format": document_format,
    "command": command,
    "output format": output_format,
}


def test_each_row_has_its_promise() -> None:
    assert list(rows()) == list(PROMISES)


@pytest.mark.parametrize("row", PROMISES)
def test_the_files_of_a_row_are_there(row: str) -> None:
    assert files(row)


@pytest.mark.parametrize("row", PROMISES)
def test_a_row_keeps_its_promise(row: str) -> None:
    PROMISES[row]()
