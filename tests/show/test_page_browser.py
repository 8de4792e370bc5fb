"""The page of `mmscn html` in Chromium: it steps, by keys, clicks and links, and can be read."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.show.contrast import CONTRAST

from mmscn.cli.cli import main

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("there is no Chromium", allow_module_level=True)

FLAGS = "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run"
DARK = "--blink-settings=preferredColorScheme=0"

DO = """
<script>
const at = () => ({ here: document.getElementById("here").textContent, hash: location.hash,
  said: document.getElementById("said").textContent,
  current: [...document.querySelectorAll('#race [aria-current="step"]')].map(e => e.textContent),
  changed: [...document.querySelectorAll("#state tr.changed th")].map(e => e.firstChild.data),
  line: [...document.querySelectorAll("#source .now span")].map(e => e.textContent) });
const key = k => document.body.dispatchEvent(
  new KeyboardEvent("keydown", { key: k, bubbles: true }));
CONTRAST_OF
const words = () => [...document.querySelectorAll("body *")].filter(e => e.checkVisibility() &&
  !e.closest("script, .sr, .skip") &&
  [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
addEventListener("load", () => {
  const found = [];
  DOING
  document.body.setAttribute("data-found", JSON.stringify(found));
});
</script>
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "race.html"
    args = ["racewrite", "-D", "zap=rc2|delayed_rmap", "-D", "mapped_exit=lockfree"]
    assert main(["html", *args, "-o", str(out)]) == 0
    return out


def dom(address: str, *flags: str) -> str:
    assert CHROMIUM is not None
    return subprocess.run(
        [CHROMIUM, *FLAGS.split(), *flags, "--virtual-time-budget=3000", "--dump-dom", address],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip


def done(page: Path, doing: str, *flags: str, at: str = "") -> Any:
    """What a page says after something was done to it; its policy would not let that in."""
    text = re.sub(r"<meta http-equiv=[^>]*>", "", page.read_text())
    copy = page.with_name("copy.html")
    script = DO.replace("CONTRAST_OF", CONTRAST).replace("DOING", doing)
    copy.write_text(text.replace("</body>", script + "</body>"))
    match = re.search(r'data-found="([^"]*)"', dom(copy.as_uri() + at, *flags))
    assert match is not None
    return json.loads(html.unescape(match[1]))


def test_a_link_leads_to_its_step(page: Path) -> None:
    """The page as it is written, its policy in force."""
    shown = dom(f"{page.as_uri()}#step=2")
    match = re.search(r'id="said"[^>]*>([^<]*)<', shown)
    assert match is not None
    assert "atomic { page = data.cached; p0.refcount += 1 }" in match[1]
    assert 'id="app" aria-labelledby' in shown
    assert 'aria-current="step"' in shown


def test_keys_clicks_and_the_slider_step(page: Path) -> None:
    doing = """
      found.push(at());
      key("ArrowRight"); found.push(at());
      key("End"); found.push(at());
      key("ArrowRight"); key("ArrowLeft"); found.push(at());
      document.getElementById("first").click(); found.push(at());
      document.querySelector('#race [data-step="1"]').click(); found.push(at());
      slider.value = 40; slider.dispatchEvent(new Event("input")); found.push(at());
      location.hash = "#step=1"; dispatchEvent(new Event("hashchange")); found.push(at());
    """
    start, first, last, before, again, clicked, slid, linked = done(page, doing)
    count = int(last["here"].split()[-1])
    assert (start["here"], start["current"]) == (f"step 0 of {count}", ["initially"])
    assert first["said"].startswith("CPU0 writer: store buf = 1.")
    assert "TLB0 buf: none -> p0 RW D" in first["said"]
    assert first["changed"] == ["TLB0 buf", "p0"]
    assert first["line"] == ["      store buf = i + 1"]
    assert first["hash"] == "#step=1"
    assert "VIOLATED read back what was written" in last["said"]
    assert before["here"] == f"step {count - 1} of {count}"
    assert again == start | {"hash": "#step=0"}
    assert clicked == first == linked
    assert slid["here"] == f"step 40 of {count}"


def test_every_step_shows_what_the_list_of_steps_has(page: Path) -> None:
    doing = """
      const n = Number(slider.max);
      for (let i = 0; i <= n; i++) { found.push(at()); key("ArrowRight"); }
    """
    found = done(page, doing)
    assert [f["here"].split()[1] for f in found] == [str(n) for n in range(len(found))]
    assert all(len(f["current"]) == 1 for f in found)
    assert all(f["line"] for f in found[1:])
    noted = [c for f in found for c in f["changed"]]
    assert {"PTE buf", "TLB0 buf", "p0 dirty", "disk data", "p0 refcount", "page"} <= {*noted}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everything_can_be_read(page: Path, dark: bool) -> None:
    doing = """
      key("End"); key("ArrowLeft");
      const all = words().map(e => [contrast(e), e.textContent.slice(0, 40)]);
      found.push(all.filter(c => c[0] < 4.5), all.length, light(ground(document.body)));
    """
    faint, count, ground = done(page, doing, *([DARK] if dark else []))
    assert faint == []
    assert count > 100
    assert (ground < 0.5) == dark


@pytest.mark.parametrize(
    "width", [500, *(pytest.param(w, marks=pytest.mark.slow) for w in (1000, 1500))]
)
def test_no_width_makes_the_page_wider_than_the_window(page: Path, width: int) -> None:
    doing = """
      key("End");
      const root = document.documentElement;
      found.push(root.scrollWidth - root.clientWidth, innerWidth);
    """
    assert done(page, doing, f"--window-size={width},900") == [0, width]


def test_a_run_that_holds_says_why(page: Path) -> None:
    doing = """
      document.querySelector('tr[data-run="1"] button').click();
      const said = document.getElementById("holds");
      found.push(said.hidden, said.textContent);
    """
    hidden, said = done(page, doing)
    assert not hidden
    assert "states that orders of the steps lead to were searched" in said


def test_who_hears_the_page_is_told_of_each_step(page: Path) -> None:
    doing = """
      const nameless = [...document.querySelectorAll("button, select, input, a")].filter(e =>
        e.checkVisibility() &&
        !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.length));
      found.push(said.getAttribute("aria-live"), nameless.length,
        [...document.querySelectorAll("#bar button")].every(b => b.tabIndex === 0));
    """
    assert done(page, doing) == ["polite", 0, True]


CHOOSING = """
  const ways = () => [...document.querySelectorAll("#state .ways button")];
  const shown = () => [here.textContent, document.querySelectorAll("#race [data-row]").length,
    trace.selectedOptions[0].textContent, location.hash];
  found.push(document.querySelector("#race tr:last-child .violated").textContent);
  key("Home"); found.push(ways().map(b => b.textContent));
  ways()[1].click(); found.push(shown(), said.textContent, document.activeElement === ways()[0]);
  for (let n = 0; n < 40 && ways().length; n++) ways()[0].click();
  found.push(shown(), document.querySelector("#state h4:last-of-type").textContent);
  const faint = words().map(e => [contrast(e), e.textContent.slice(0, 40)]).filter(c => c[0] < 4.5);
  key("["); key("Home"); found.push(shown(), faint);
"""


def test_another_step_is_chosen_where_there_are_few_states(tmp_path: Path) -> None:
    out = tmp_path / "few.html"
    assert main(["html", "flush_before_clear", "-o", str(out)]) == 0
    last, ways, chosen, said, focused, ended, _, again, faint = done(out, CHOOSING)
    assert last == "<--- VIOLATED no_stale_translation"  # behind a mark, which takes no step
    assert focused
    assert len(ways) > 1
    assert ways[1].startswith("CPU1 ")
    assert chosen == ["step 1 of 1", 2, "The way that you chose", "#step=0"]
    assert said.startswith(ways[1].partition(":")[0])
    count = int(ended[0].split()[-1])
    assert count > 2
    assert ended[:2] == [f"step {count} of {count}", count + 1]
    assert again[0] == "step 0 of 6"
    assert again[3] == "#trace=1&step=0"
    assert faint == []
