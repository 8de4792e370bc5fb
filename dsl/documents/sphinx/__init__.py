"""The Sphinx extension: scenarios run when a site is built, and a build fails where one does.

Directives mmscn, mmscn-output, mmscn-matrix and mmscn-library; roles
`mmscn:scenario`, `mmscn:claim`, `mmscn:module`, `mmscn:proc`; indices of
scenarios and of claims (`mmscn-scenarios`, `mmscn-claims`). In MyST pages
fences named `mmscn` are directives, with braces and without.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmscn import __version__
from mmscn.cache import made_by
from mmscn.documents.options import KEYS
from mmscn.documents.sphinx.directives import BlockDirective, LibraryDirective
from mmscn.documents.sphinx.domain import MmscnDomain
from mmscn.documents.sphinx.transform import RunBlocks, placeholder
from mmscn.show.lexer import MmscnLexer, MmscnTraceLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

STATIC = Path(__file__).parent / "static"
STYLE = "mmscn.css"


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(placeholder)
    for kind in KEYS:
        app.add_directive(kind, BlockDirective)
    app.add_directive("mmscn-library", LibraryDirective)
    app.add_domain(MmscnDomain)
    app.add_transform(RunBlocks)
    app.add_lexer("mmscn", MmscnLexer)
    app.add_lexer("mmscn-trace", MmscnTraceLexer)
    # Pages are read again when the tool has changed.
    app.add_config_value("mmscn_fingerprint", made_by(), "env", [str])
    app.connect("config-inited", fences_as_directives)
    app.connect("builder-inited", add_style)
    app.connect("env-get-outdated", failed_pages)
    app.connect("build-finished", end)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def fences_as_directives(app: Sphinx, config: Config) -> None:
    """In MyST, ```` ```mmscn ```` is a directive as ```` ```{mmscn} ```` is."""
    if "myst_parser" in app.extensions:
        config.myst_fence_as_directive = {*config.myst_fence_as_directive, *KEYS}


def add_style(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.config.html_static_path.append(str(STATIC))
        app.add_css_file(STYLE)


def failed_pages(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """A page with a failure is read again in each build."""
    domain = env.get_domain(MmscnDomain.name)
    assert isinstance(domain, MmscnDomain)
    return [name for name in domain.failed() if name not in removed]


def end(app: Sphinx, problem: Exception | None) -> None:
    """The build has failed where a block has, whatever is said about warnings."""
    if problem is not None:
        return
    domain = app.env.get_domain(MmscnDomain.name)
    assert isinstance(domain, MmscnDomain)
    if domain.failed():
        app.statuscode = 1
