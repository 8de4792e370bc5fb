"""Where texts come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import Command

from mmscn.diagnostics import Rejected
from mmscn.judge.api import loads
from mmscn.judge.shipped import (
    TEXT_BYTES_MAX,
    finder,
    header,
    module_source,
    read,
    scenario_files,
    shipped_modules,
    shipped_scenarios,
)
from mmscn.source import Source
from mmscn.syntax import tree_cache


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_module_beside_the_scenario_goes_before_the_shipped_one(tmp_path: Path) -> None:
    write(tmp_path / "hw/mmu.mmscn", "module hw.mmu\n")
    find = finder(tmp_path)
    own, shipped = find("hw.mmu"), finder(None)("hw.mmu")
    assert own is not None
    assert own.text == "module hw.mmu\n"
    assert shipped is not None
    assert shipped.name == "hw.mmu"
    assert find("hw.no_such") is None


@pytest.mark.parametrize("name", ["../secret", "..secret", "a/b", "/etc/passwd", "", "a..b", "."])
def test_a_name_never_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    write(tmp_path / "secret.mmscn", "module secret\n")
    assert finder(tmp_path / "inner")(name) is None


def test_a_link_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "secret.mmscn", "module secret\n")
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "secret.mmscn").symlink_to(tmp_path / "secret.mmscn")
    (folder / "out").symlink_to(tmp_path, target_is_directory=True)
    assert finder(folder)("secret") is None
    assert finder(folder)("out.secret") is None


def test_a_link_inside_of_the_folder_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "a.mmscn", "module a\n")
    (tmp_path / "b.mmscn").symlink_to(tmp_path / "a.mmscn")
    assert finder(tmp_path)("b") is not None


@pytest.mark.parametrize("mark", ["mmscn.toml", "pyproject.toml"])
def test_a_module_is_looked_for_from_the_root_of_the_project(mark: str, tmp_path: Path) -> None:
    write(tmp_path / mark, "")
    write(tmp_path / "hw/mmu.mmscn", "module hw.mmu // of the project\n")
    write(tmp_path / "a/lib.mmscn", "module lib // of the project's root\n")
    folder = tmp_path / "a/b"
    write(folder / "lib.mmscn", "module lib // beside\n")
    find = finder(folder)
    found = [find("hw.mmu"), find("lib"), find("a.lib"), find("linux.page")]
    texts = [source.text.partition("//")[2] for source in found[:2] if source is not None]
    assert texts == [" of the project\n", " beside\n"]
    assert found[2] is not None
    assert found[3] is not None
    assert found[3].name == "linux.page"


def test_without_a_root_only_the_folder_is_searched(tmp_path: Path) -> None:
    write(tmp_path / "lib.mmscn", "module lib\n")
    assert finder(tmp_path / "a")("lib") is None


def test_the_root_is_the_nearest_and_links_lead_not_out_of_it(tmp_path: Path) -> None:
    write(tmp_path / "mmscn.toml", "")
    write(tmp_path / "lib.mmscn", "module lib\n")
    write(tmp_path / "inner/mmscn.toml", "")
    (tmp_path / "inner/out.mmscn").symlink_to(tmp_path / "lib.mmscn")
    (tmp_path / "inner/deep").mkdir()
    find = finder(tmp_path / "inner/deep")
    assert find("lib") is None
    assert find("out") is None


def test_a_link_to_itself_is_the_authors_to_mend(tmp_path: Path, mmscn: Command) -> None:
    (tmp_path / "lib.mmscn").symlink_to(tmp_path / "lib.mmscn")
    path = write(tmp_path / "s.mmscn", "scenario s\nimport lib\n")
    ended = mmscn("run", str(path))
    assert ended.code == 2
    assert "MM202: the module `lib` cannot be read" in ended.err
    assert "symbolic links lead in a circle" in ended.err


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("scenario a", ("scenario", "a")),
        ('// module x\n/* scenario y */\nimport z\nscenario a "t"', ("scenario", "a")),
        ('source "scenario a"\nmodule b.c', ("module", "b.c")),
        ("var scenario: bool", None),
        ("", None),
    ],
)
def test_the_header_says_what_a_text_is(text: str, found: tuple[str, str] | None) -> None:
    assert header(text) == found


def test_a_folder_gives_its_scenarios_and_not_its_modules(tmp_path: Path) -> None:
    write(tmp_path / "b/two.mmscn", "scenario two\n")
    write(tmp_path / "one.mmscn", "scenario one\n")
    write(tmp_path / "m.mmscn", "module m\n")
    write(tmp_path / ".git/three.mmscn", "scenario three\n")
    write(tmp_path / "notes.txt", "scenario four\n")
    assert scenario_files(tmp_path) == [tmp_path / "b/two.mmscn", tmp_path / "one.mmscn"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"scenario s \xff", "MM106"),
        (b"\x7fELF\x02\x01\x01\x00\xd8", "MM106"),
        ("scenario s".encode("utf-16"), "MM106"),
        (b"x" * (TEXT_BYTES_MAX + 1), "MM105"),
    ],
)
def test_what_is_no_text_is_rejected(data: bytes, code: str, tmp_path: Path) -> None:
    (tmp_path / "s.mmscn").write_bytes(data)
    with pytest.raises(Rejected) as caught:
        read(tmp_path / "s.mmscn")
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_line_ends_and_byte_order_marks_of_other_systems_are_taken(tmp_path: Path) -> None:
    (tmp_path / "s.mmscn").write_bytes(b"\xef\xbb\xbfscenario s\r\nvar x: bool\r\n")
    assert read(tmp_path / "s.mmscn").text == "scenario s\nvar x: bool\n"


def test_names_of_shipped_texts_are_unique() -> None:
    for found in (shipped_scenarios(), shipped_modules()):
        names = [s.name for s in found]
        assert len(names) == len(set(names))
        assert names


def test_a_shipped_module_is_where_its_name_says() -> None:
    for module in shipped_modules():
        source = finder(None)(module.name)
        assert source is not None
        assert source.text == module.file.read_text("utf-8")


def test_a_process_reads_a_shipped_module_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "scenario s\nimport linux.page\nvar it: bool\nfinally it\n"
    loads(text)
    read: list[str] = []
    real = tree_cache.parse_known

    def parse_known(source: Source) -> object:
        read.append(source.name)
        return real(source)

    monkeypatch.setattr(tree_cache, "parse_known", parse_known)
    loads(text.replace("it", "one"), name="other")
    assert read == ["other"]


def test_another_text_of_a_module_is_another_source() -> None:
    first, same, other = (module_source("a.b", text) for text in (b"var x", b"var x", b"var y"))
    assert first is same
    assert other.text == "var y"


def test_shipped_scenarios_are_listed(mmscn: Command) -> None:
    listed = json.loads(mmscn("list", "--json").out)
    assert [s["name"] for s in listed["scenarios"]] == [s.name for s in shipped_scenarios()]
    for scenario in listed["scenarios"]:
        assert Path(scenario["path"]).is_file()
        assert set(scenario) == {"name", "path", "title", "claims", "sources", "params"}
    text = mmscn("list").out
    assert all(s.name in text for s in shipped_scenarios())


def test_shipped_modules_are_listed(mmscn: Command) -> None:
    lines = mmscn("list", "--modules").out.splitlines()
    assert [line.split()[0] for line in lines[2:]] == [s.name for s in shipped_modules()]
