"""Functions that are not what procedures were written from: `mmscn drift`, on a tree made here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mmscn.cli.cli import main
from mmscn.documents.drift import read_record, shipped_record
from mmscn.documents.kernel_text import Tree, bare, definitions, normal

MAKEFILE = "# a comment\nVERSION = 5\nPATCHLEVEL = 3\nSUBLEVEL = 7\nEXTRAVERSION =\n"

ZAP = """/* zap() { is not this } */
static int declared(int a);

static __always_inline unsigned long
zap(struct gather *tlb, // who gathers
    unsigned long at)
{
\tif (declared(at))
\t\treturn 0;   /* "no" */
\treturn flush(tlb, "two  words");
}

int other(void)
{
\treturn zap(0, 0);
}
"""

HEADER = """#ifdef CONFIG_SMP
#define peek(v) \\
\t((v)->bits)
#else
static inline int peek(struct v *v) { return 0; }
#endif
SYSCALL_DEFINE2(advise, int, a,
\t\tint, b)
{
\treturn 0;
}
struct ops ops = { .f = zap(1) };
"""

MODULE = """module own.zap "Written from a kernel"

var gone: bool

proc zap(v) {
  source "mm/zap.c: zap() @ v5.3; mm/zap.c: other() @ v5.3, v5.9"
  gone = true
}

proc advise() { source "include/linux/peek.h: advise(), peek() @ v5.3"; gone = true }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A kernel, a module that was written from it, and what was recorded of it."""
    put(tmp_path, "k/Makefile", MAKEFILE)
    put(tmp_path, "k/mm/zap.c", ZAP)
    put(tmp_path, "k/include/linux/peek.h", HEADER)
    put(tmp_path, "own/zap.mmscn", MODULE)
    assert drift(tmp_path, "--record", str(tmp_path / "r.json")) == 0
    return tmp_path


def put(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def drift(root: Path, *words: str) -> int:
    return main(["drift", "--kernel", str(root / "k"), str(root / "own"), *words])


def states(root: Path, capsys: pytest.CaptureFixture[str], status: int = 1) -> dict[str, Any]:
    capsys.readouterr()
    assert drift(root, "--against", str(root / "r.json"), "--json") == status
    found = json.loads(capsys.readouterr().out)["functions"]
    return {f["function"]: (f["state"], f["where"]) for f in found}


SAME = dict.fromkeys(["zap", "other", "advise", "peek"], ("as recorded", []))


# ---- the texts of functions ------------------------------------------------------


def test_a_definition_has_its_type_its_head_and_its_body() -> None:
    (found,) = definitions(bare(ZAP), "zap")
    begins = "static __always_inline unsigned long zap ( struct gather * tlb , unsigned long at ) {"
    assert normal(found).startswith(begins)
    assert normal(found).endswith('return flush ( tlb , "two  words" ) ; }')
    assert definitions(bare(ZAP), "declared") == []
    assert definitions(bare(ZAP), "flush") == []
    assert definitions(bare(HEADER), "zap") == []


def test_all_definitions_of_a_name_are_its_text() -> None:
    assert [normal(text) for text in definitions(bare(HEADER), "peek")] == [
        "# define peek ( v ) ( ( v ) - > bits )",
        "static inline int peek ( struct v * v ) { return 0 ; }",
    ]
    (found,) = definitions(bare(HEADER), "advise")
    assert normal(found) == "SYSCALL_DEFINE2 ( advise , int , a , int , b ) { return 0 ; }"


@pytest.mark.parametrize(
    ("makefile", "version"),
    [
        (MAKEFILE, "v5.3.7"),
        ("VERSION = 3\nPATCHLEVEL = 15\nSUBLEVEL = 0\nEXTRAVERSION = -rc2\n", "v3.15-rc2"),
        ("VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 24\nEXTRAVERSION = .3\n", "v2.6.24.3"),
        ("VERSION = 4\nPATCHLEVEL = 19\nSUBLEVEL = 0\nEXTRAVERSION = -mine\n", "v4.19"),
        ("all: ;\n", None),
    ],
)
def test_a_makefile_says_the_version(makefile: str, version: str | None, tmp_path: Path) -> None:
    put(tmp_path, "Makefile", makefile)
    assert Tree(tmp_path).version() == version


# ---- what became of them -----------------------------------------------------------


def test_what_was_recorded_is_a_hash_of_each_function_in_the_version_that_the_note_says(
    folder: Path,
) -> None:
    found = read_record(folder / "r.json")
    assert {(k.name, k.version, v.kernel) for k, v in found.items()} == {
        (name, "v5.3", "v5.3.7") for name in SAME
    }
    assert {len(v.digest) for v in found.values()} == {16}


def test_nothing_is_to_look_at_where_only_comments_and_white_space_differ(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(folder, "k/mm/zap.c", ZAP.replace("\t", "    ").replace("// who gathers", "/* who */"))
    assert states(folder, capsys, 0) == SAME
    assert drift(folder, "--against", str(folder / "r.json")) == 0
    said = "4 functions: 4 as recorded; 0 places to look at again\n"
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(
    "change",
    [("return 0;", "return 1;"), ('"two  words"', '"two words"'), ("unsigned long\n", "long\n")],
)
def test_a_function_that_has_changed_is_to_be_looked_at(
    change: tuple[str, str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(folder, "k/mm/zap.c", ZAP.replace(*change, 1))
    assert states(folder, capsys) == SAME | {"zap": ("changed", [])}


def test_a_function_is_found_in_another_file_but_in_that_of_no_other_architecture(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(folder, "k/mm/zap.c", "")
    put(folder, "k/mm/sub/new.c", ZAP.replace("int other", "int another"))
    put(folder, "k/arch/x86/mm/zap.c", ZAP)
    expected = {"zap": ("moved", ["mm/sub/new.c"]), "other": ("gone", [])}
    assert states(folder, capsys) == SAME | expected


def test_the_procedures_are_listed_with_their_lines(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(folder, "k/mm/zap.c", ZAP.replace("int other", "int another"))
    put(folder, "own/new.mmscn", 'module own.new\nsource "mm/zap.c: zap() @ v5.9"\n')
    capsys.readouterr()
    assert drift(folder, "--against", str(folder / "r.json")) == 1
    assert capsys.readouterr().out.replace(f"{folder}/", "") == (
        "own/new.mmscn:2: own.new\n"
        "  not recorded: mm/zap.c: zap() @ v5.9\n"
        "own/zap.mmscn:6: zap(v)\n"
        "  gone: mm/zap.c: other() @ v5.3, v5.9\n"
        "\n"
        "5 functions: 3 as recorded, 1 gone, 1 not recorded; 2 places to look at again\n"
    )


def test_a_file_with_a_star_stands_for_those_that_were_recorded(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arch in ("x86", "sh"):
        put(folder, f"k/arch/{arch}/include/asm/tlb.h", "int get(void)\n{\n}\n")
    note = 'module own.zap\nsource "arch/*/include/asm/tlb.h: get() @ v5.3"\n'
    put(folder, "own/zap.mmscn", note)
    assert drift(folder, "--record", str(folder / "r.json")) == 0
    assert states(folder, capsys, 0) == {"get": ("as recorded", [])}
    put(folder, "k/arch/sh/include/asm/tlb.h", "int get(void)\n{\n\treturn 1;\n}\n")
    assert states(folder, capsys) == {"get": ("changed", [])}


def test_a_version_of_ones_own_is_said_and_added_to_what_was_recorded(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(folder, "k/mm/zap.c", ZAP.replace("return zap(0, 0)", "return 7"))
    assert states(folder, capsys) == SAME | {"other": ("changed", [])}
    assert drift(folder, "--record", str(folder / "r.json"), "--at", "v5.9") == 0
    assert capsys.readouterr().out == f"{folder / 'r.json'}: 1 function of v5.9\n"
    assert states(folder, capsys, 0) == SAME


# ---- what cannot be done -----------------------------------------------------------


def test_what_cannot_be_done_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(status: int, *words: str) -> str:
        capsys.readouterr()
        assert drift(folder, *words) == status
        return capsys.readouterr().err.replace(f"{folder}/", "")

    record = str(folder / "r.json")
    assert told(2, "--at", "v5.9") == "mmscn: --at is for --record\n"
    assert told(2, "--against", str(folder / "none")) == "mmscn: none: No such file or directory\n"
    put(folder, "bad.json", '{"schema": "mmscn.functions/1", "functions": [{"file": 3}]}')
    assert told(2, "--against", str(folder / "bad.json")).startswith("mmscn: bad.json is no file")
    assert "no function was read in v4.0" in told(4, "--record", record, "--at", "v4.0")
    put(folder, "k/Makefile", "")
    assert "does not say which kernel it is" in told(2, "--record", record)
    put(folder, "own/zap.mmscn", 'module own.zap\nsource "mm/zap.c: zap()"\n')
    assert told(2) == (
        "mmscn: own/zap.mmscn:2: which kernel the functions are of stands behind `@`\n"
        "mmscn: no note names a function\n"
    )
    put(folder, "own/zap.mmscn", 'module own.zap\nproc zap() { source "mm/zap.c: zap() @ v5.3"')
    assert told(2).startswith("error MM102")
    put(folder, "own/zap.mmscn", 'module own.zap\nsource "a book"\n')
    assert told(4) == "mmscn: no note names a function\n"
    assert main(["drift", "--kernel", str(folder / "none")]) == 2


def test_the_library_keeps_hashes_of_what_it_was_written_from() -> None:
    found = read_record(shipped_record())
    assert len(found) > 250
    assert {key.version for key in found} >= {"v3.15", "v4.19", "v7.0"}
