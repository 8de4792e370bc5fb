"""Take the pictures of the page that `mmscn html` writes, for docs/gallery.md, in Chromium.

    python docs/_generate/pictures.py [--check]

It needs Chromium and Pillow. A picture carries the digest of the page that it was taken of, so
that `--check` needs neither: it writes the pages again and compares. What a browser makes of
them depends on its fonts.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import NamedTuple

from mmscn.cli.cli import main

PICTURES = Path(__file__).resolve().parents[1] / "_static"
PAGE = ("html", "flush_before_clear")
STEP = 6
COLOURS = 96
BYTES_MAX = 100_000
DIGEST = b"mmscn page"
"""The name of the text in a picture that has the digest."""
NARROWEST = 500
"""A window of Chromium's; what is narrower is a frame in one."""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--virtual-time-budget=4000",
    "--force-device-scale-factor=1",
)
DARK = "--blink-settings=preferredColorScheme=0"
GO = """<script>addEventListener("load", () => {
  const slider = document.getElementById("slider");
  slider.value = STEP; slider.dispatchEvent(new Event("input")); scrollTo(0, 0);
});</script>
"""
"""Leads to a step and leaves the page at its top; the page's policy would not let it in."""


class Picture(NamedTuple):
    name: str
    width: int
    height: int
    dark: bool


TAKEN = (
    Picture("page_light.png", 1100, 1000, False),
    Picture("page_dark.png", 1100, 1000, True),
    Picture("page_phone_light.png", 390, 1100, False),
    Picture("page_phone_dark.png", 390, 1100, True),
)


def page() -> str:
    """The page of today. Raises SystemExit where there is none."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main([*PAGE])
    if code != 0:
        raise SystemExit(f"mmscn {' '.join(PAGE)} ended with {code}")
    return out.getvalue()


def digest(text: str) -> str:
    """Of the page's look, its table and its diagrams; not of the texts of modules in its data."""
    text = re.sub(r'<script type="application/json".*?</script>', "", text, flags=re.DOTALL)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def chunk(kind: bytes, data: bytes) -> bytes:
    length, check = len(data), zlib.crc32(kind + data)
    return length.to_bytes(4, "big") + kind + data + check.to_bytes(4, "big")


def told(picture: bytes) -> str | None:
    """The digest that a picture carries."""
    found = re.search(re.escape(DIGEST) + rb"\0([0-9a-f]{16})", picture)
    return found[1].decode() if found else None


def taken(picture: Picture, text: str) -> bytes:
    from PIL import Image

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("there is no Chromium")
    body = re.sub(r"<meta http-equiv=[^>]*>", "", text)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shown, shot = folder / "page.html", folder / "shot.png"
        shown.write_text(body.replace("</body>", GO.replace("STEP", str(STEP)) + "</body>"))
        width, height = picture.width, picture.height
        frame = folder / "frame.html"
        frame.write_text(
            "<!DOCTYPE html><body style='margin:0'><iframe src='page.html' "
            f"style='border:0;width:{width}px;height:{height}px'></iframe>"
        )
        address = (frame if width < NARROWEST else shown).as_uri()
        window = f"--window-size={max(width, NARROWEST)},{height}"
        dark = [DARK] if picture.dark else []
        command = [chromium, *FLAGS, *dark, window, f"--screenshot={shot}", address]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        small = io.BytesIO()
        image = Image.open(shot).convert("RGB").crop((0, 0, width, height))
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    made = small.getvalue()
    head = made.index(b"IDAT") - 4
    return made[:head] + chunk(b"tEXt", DIGEST + b"\0" + digest(text).encode()) + made[head:]


def run(check: bool) -> int:
    text, wrong = page(), []
    for picture in TAKEN:
        path = PICTURES / picture.name
        if not check:
            path.write_bytes(taken(picture, text))
        data = path.read_bytes() if path.exists() else b""
        if told(data) != digest(text) or len(data) > BYTES_MAX:
            wrong.append(picture.name)
    if wrong:
        print(f"not of the page as it is, or too large: {', '.join(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(run("--check" in sys.argv[1:]))
