"""The pictures in docs/ are of what there is, small, and told to who does not see them."""

from __future__ import annotations

import re
from types import ModuleType

import pytest
from support.house import ROOT, module_at

DOCS = ROOT / "docs"


def generator() -> ModuleType:
    return module_at(DOCS / "_generate" / "pictures.py")


def test_the_gallery_shows_each_picture_and_says_what_is_on_it() -> None:
    shown = re.findall(r"!\[([^\]]+)\]\(_static/(\w+\.png)\)", (DOCS / "gallery.md").read_text())
    assert {name for _, name in shown} == {picture.name for picture in generator().TAKEN}
    assert min(len(told) for told, _ in shown) > 30


def test_a_picture_is_small_and_as_wide_as_it_is_said_to_be() -> None:
    made = generator()
    for picture in made.TAKEN:
        data = (DOCS / "_static" / picture.name).read_bytes()
        assert data.startswith(b"\x89PNG")
        assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == picture[1:3]
        assert len(data) <= made.BYTES_MAX
        assert made.told(data) is not None


@pytest.mark.slow
def test_the_pictures_are_of_the_page_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert generator().run(check=True) == 0, "python docs/_generate/pictures.py"
    assert capsys.readouterr().out == ""


def test_the_text_of_a_module_is_not_on_a_picture() -> None:
    made = generator()
    page = '<h1>a</h1><script type="application/json" id="data">{}</script><p>'
    assert made.digest(page) == made.digest(page.replace("{}", '{"text": 1}'))
    assert made.digest(page) != made.digest(page.replace("<h1>a", "<h1>b"))


def test_a_picture_of_another_page_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    made = generator()
    monkeypatch.setattr(made, "page", lambda: "another page")
    assert made.run(check=True) == 1
