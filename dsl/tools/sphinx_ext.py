"""The Sphinx extension: `extensions = ["mmscn.tools.sphinx_ext"]`."""

from __future__ import annotations

from mmscn.tools.docs.sphinx import setup

__all__ = ["setup"]
