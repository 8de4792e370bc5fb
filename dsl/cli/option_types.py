"""Kinds of values that options have, beside those of click."""

from __future__ import annotations

import re
from typing import Any

import click

from mmscn.judge.stopping import FIRST, NEVER, UNEXPECTED, is_stop

SHARD = re.compile(r"([0-9]{1,4})/([0-9]{1,4})")


class Seconds(click.FloatRange):
    """A range of numbers; what is no number (`nan`) is in none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found: float = super().convert(value, param, ctx)
        if found != found:
            self.fail(f"{value!r} is not a number", param, ctx)
        return found


class Stop(click.types.StringParamType):
    """When a search is to end (`judge.stopping`)."""

    name = "stop"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        word = str(value)
        if word != NEVER and not is_stop(word):
            words = f"{FIRST}, {UNEXPECTED}, {NEVER} or a number from 1"
            self.fail(f"{word!r} is not {words}", param, ctx)
        return word


class Shard(click.types.StringParamType):
    """One of several parts."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        word = str(value)
        found = SHARD.fullmatch(word)
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            self.fail(f"{word!r} is no part: the second of four is 2/4", param, ctx)
        return f"{int(found[1])}/{int(found[2])}"
