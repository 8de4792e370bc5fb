"""Programs that are kept between runs by what they follow from, whatever the text is.

An edit leaves most combinations of a scenario's params the programs that they have: a comment, an
`expect`, another value of a param, a variant of a procedure that another combination means. Such a
text is read and checked again, and what has been checked is compiled to the program that is kept
under its content (`mmscn.lower.content`), for the same code of mmscn and the same Python.
"""

from __future__ import annotations

from typing import Any

from mmscn import cache
from mmscn.check.core import Checked
from mmscn.judge.case_cache import dumped, loaded
from mmscn.lower.compile import compile, compiled_before
from mmscn.lower.compiled import Compiled, Known
from mmscn.lower.content import digest


def compiled(checked: Checked, without: frozenset[str]) -> Compiled:
    """The same as `compile`. Raises Rejected, of which nothing is kept."""
    if cache.folder() is None:
        return compile(checked, without=without)
    name = f"program-{cache.key(cache.made_by(), digest(checked), *sorted(without))}"
    data = cache.read(name)
    found: Any = None if data is None else loaded(data, ())
    if type(found) is Known:
        return compiled_before(checked, found, without)
    made = compile(checked, without=without)
    known = Known(made.program, made.places, made.lines, made.checks)
    cache.write(name, dumped(known, ()))
    return made
