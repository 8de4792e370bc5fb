"""`mmscn lsp`: the language server, over stdin and stdout."""

from __future__ import annotations

import sys

import click

from mmscn.judge import exits
from mmscn.show.paint import say


@click.command("lsp")
def command() -> int:
    """Serve editors: diagnostics while you type, names, completion, verdicts.

    Speaks the Language Server Protocol over stdin and stdout, until the editor ends it. Needs the
    extra `lsp`: `pip install 'mmscn[lsp]'`.
    """
    try:
        from mmscn.lsp.server import make
    except ModuleNotFoundError as problem:
        if (problem.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        say("mmscn: the language server needs pygls: pip install 'mmscn[lsp]'", sys.stderr)
        return exits.USAGE
    make().start_io()
    return exits.OK
