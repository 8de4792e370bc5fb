"""The site of mmscn, built by its own extension: sphinx-build docs build/site."""

from __future__ import annotations

from mmscn import __version__

project = "mmscn"
author = copyright = "the mmscn authors"
release = version = __version__

extensions = ["myst_parser", "mmscn.documents.sphinx"]
exclude_patterns = ["_build", "_generate"]
highlight_language = "text"
myst_heading_anchors = 3

html_theme = "furo"
html_title = "mmscn"
html_static_path = ["_static"]
html_css_files = ["site.css"]
suppress_warnings = ["misc.highlighting_failure"]  # JSON that is cut, and Mermaid
pygments_style = "github-light-high-contrast"
pygments_dark_style = "github-dark-high-contrast"
