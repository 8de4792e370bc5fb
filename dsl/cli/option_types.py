"""Kinds of values that options have, beside those of click."""

from __future__ import annotations

from typing import Any

import click

from mmscn.judge.stopping import FIRST, UNEXPECTED, is_stop


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

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        word = str(value)
        if not is_stop(word):
            self.fail(f"{word!r} is not {FIRST}, {UNEXPECTED} or a number from 1", param, ctx)
        return word
