"""What threads are called, and which one a text names: `writer`, or `writer[0]` of several."""

from __future__ import annotations

from mmscn.check.terms import Static, Term
from mmscn.check.values import Elem, Value
from mmscn.check.world import World
from mmscn.diagnostics import one
from mmscn.source import Span


def thread_name(name: str, value: Value = None) -> str:
    """What a thread is called; value: of what stands behind `in` in its index, None without one."""
    if value is None:
        return name
    return f"{name}[{value.number if isinstance(value, Elem) else value}]"


def thread_called(world: World, name: str, value: Value = None) -> Elem | None:
    """The thread of a name and an index, None where there is none."""
    wanted = thread_name(name, value)
    return next((e for e in world.sorts["thread"] if e.name == wanted), None)


def has_replicas(world: World, name: str) -> bool:
    """Whether threads of this name have an index."""
    return any(e.name.startswith(f"{name}[") for e in world.sorts["thread"])


def replica(world: World, name: str, index: Term, span: Span) -> Static:
    """The one of several threads that has an index; MM303 where there is none."""
    if not isinstance(index, Static):
        raise one("MM303", "the index of a thread is fixed before the run", span)
    thread = thread_called(world, name, index.value)
    if thread is None:
        raise one("MM303", f"there is no thread `{thread_name(name, index.value)}`", span)
    return Static(thread)
