"""The parser with its tables, which take a quarter of a second to make, kept between runs.

Lark keeps tables, too, as plain data that it makes its objects of each time: half of the
time that it takes to be ready. Here the objects are kept.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lark import _LOAD_ALLOWED_OPTIONS
from lark.lexer import TerminalDef
from lark.utils import SerializeMemoizer

from mmscn import cache


def with_tables(grammar: str, **options: Any) -> Lark:
    """The parser of a grammar. options: of those of a parser, what is no part of its tables."""
    name = f"grammar-{cache.key(sys.version, lark.__version__, grammar)}"
    kept = cache.read(name)
    if kept is not None:
        try:
            data, objects = Unpickler(BytesIO(kept)).load()
            load: Callable[..., Lark] = Lark._load_from_dict  # the one that takes options
            return load(data, objects, **options)
        except (pickle.UnpicklingError, AssertionError, AttributeError, EOFError, ImportError,
                LookupError, TypeError, ValueError):  # fmt: skip
            pass
    made = Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=True, **options)
    cache.write(name, tables(made))
    return made


def tables(made: Lark) -> bytes:
    data, plain = made.memo_serialize([TerminalDef, Rule])
    kinds = {"Rule": Rule, "TerminalDef": TerminalDef}
    kept = {k: v for k, v in data["options"].items() if k not in _LOAD_ALLOWED_OPTIONS}
    objects = SerializeMemoizer.deserialize(plain, kinds, {})
    return pickle.dumps(({**data, "options": kept}, objects), protocol=5)


class Unpickler(pickle.Unpickler):
    """Makes instances of lark's classes, and of nothing else."""

    def find_class(self, module: str, name: str) -> type:
        found = super().find_class(module, name) if module.startswith("lark.") else None
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a parser")
        return found
