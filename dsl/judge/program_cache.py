"""Programs that are kept between runs by what they follow from, whatever the text is.

An edit leaves most combinations of a scenario's params the programs that they have: a comment, an
`expect`, another value of a param, a variant of a procedure that another combination means. Such a
text is read and checked again, and what has been checked is compiled to the program that is kept
under its content (`mmscn.lower.content`), for the same code of mmscn and the same Python. So is
what a large search makes of it, and whether the light program was enough; but not where it says
which statement tells threads apart, for that is told in the words of a text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from mmscn import cache
from mmscn.check.core import Checked
from mmscn.judge.calls import known_steps
from mmscn.judge.case_cache import dumped, loaded
from mmscn.lower.before import compiled_before
from mmscn.lower.compiled import Compiled, Known, Reduced
from mmscn.lower.content import digest


def compiled(checked: Checked, without: frozenset[str]) -> Compiled:
    """The same as `compile`. Raises Rejected, of which nothing is kept."""
    if cache.folder() is None:
        return made_anew(checked, without)
    name = cache.key(cache.made_by(), digest(checked), *sorted(without))
    found = read(f"program-{name}")
    if type(found) is Known:
        made = compiled_before(checked, found, without)
    else:
        known_steps(checked)
        made = made_anew(checked, without)
        known = Known(made.program, made.places, made.lines, made.checks)
        cache.write(f"program-{name}", dumped(known, ()))
    made.kept_as = name
    if made.lighten is not None:
        made.lighten = partial(reduced, f"programlight-{name}", made.lighten)
    if made.reduce is not None:
        made.reduce = partial(reduced, f"programreduced-{name}", made.reduce)
    return made


def made_anew(checked: Checked, without: frozenset[str]) -> Compiled:
    from mmscn.lower.compile import compile

    return compile(checked, without=without)


def reduced(name: str, make: Callable[[], Reduced]) -> Reduced:
    """What is kept under a name, or what is made now, and kept where it is whole."""
    found = read(name)
    if type(found) is Reduced:
        return found
    made = make()
    if not made.refused and not made.skipped:
        cache.write(name, dumped(made, ()))
    return made


def read(name: str) -> Any:
    """What is kept under a name; None for nothing."""
    data = cache.read(name)
    return None if data is None else loaded(data, ())
