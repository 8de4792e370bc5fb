"""The pages of the site in a browser: aligned, coloured and readable, in light and in dark."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from support.show.contrast import CONTRAST, CONTRAST_MIN

pytestmark = pytest.mark.slow
for package in ("sphinx", "myst_parser", "furo"):
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed", allow_module_level=True)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("there is no Chromium", allow_module_level=True)

DOCS = Path(__file__).parents[2] / "docs"
WIDTH = 1300

MEASURE = """
<script>
addEventListener("load", () => {
  CONTRAST_OF
  const pres = [...document.querySelectorAll(".mmscn-block pre, .mmscn-diagram pre")];
  const spans = pres.flatMap(p => [...p.querySelectorAll("span")])
                    .filter(s => s.textContent.trim() && !s.children.length);
  const widths = text => pres.map(p => {
    const s = document.createElement("span");
    s.textContent = text; p.append(s);
    const w = s.getBoundingClientRect().width; s.remove(); return w;
  });
  const found = {
    blocks: pres.length,
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    wide_blocks: pres.filter(p => p.scrollWidth > p.clientWidth + 1).length,
    monospaced: JSON.stringify(widths("iiii")) === JSON.stringify(widths("WWWW")),
    colours: new Set(spans.map(s => getComputedStyle(s).color)).size,
    contrast: Math.min(...spans.map(contrast)),
    ground: light(ground(pres[0])),
  };
  document.body.setAttribute("data-measured", JSON.stringify(found));
});
</script>
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a few pages of docs/."""
    source = tmp_path_factory.mktemp("docs")
    shutil.copytree(DOCS / "_static", source / "_static")
    for name in ("conf.py", "tutorial.md", "gallery.md"):
        shutil.copy(DOCS / name, source / name)
    (source / "index.md").write_text("# Site\n\n```{toctree}\ntutorial\ngallery\n```\n")
    out = source / "out"
    subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", source, out], capture_output=True, check=False
    )
    return out


def measured(site: Path, page: str, theme: str) -> Any:
    text = (site / f"{page}.html").read_text()
    text = text.replace('localStorage.getItem("theme") || "auto"', f'"{theme}"')
    copy = site / f"{page}-{theme}.html"
    copy.write_text(text.replace("</body>", MEASURE.replace("CONTRAST_OF", CONTRAST) + "</body>"))
    assert CHROMIUM is not None
    flags = "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run"
    done = subprocess.run(
        [CHROMIUM, *flags.split(), f"--window-size={WIDTH},1000", "--virtual-time-budget=5000",
         "--dump-dom", copy.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    match = re.search(r'data-measured="([^"]*)"', done.stdout)
    assert match is not None
    return json.loads(html.unescape(match[1]))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", ["tutorial", "gallery"])
def test_a_page_is_aligned_coloured_and_readable(site: Path, page: str, theme: str) -> None:
    found = measured(site, page, theme)
    assert found["blocks"] > 5
    assert not found["wide"]
    assert found["wide_blocks"] == 0
    assert found["monospaced"]
    assert found["colours"] >= 5
    assert found["contrast"] >= CONTRAST_MIN
    assert (found["ground"] > 0.5) == (theme == "light")
