"""Files, address spaces, mappings and frames: what a scenario's memory consists of."""

from __future__ import annotations

from mmscn.check.context import Context
from mmscn.check.expressions import evaluate, items, number, static
from mmscn.check.missing import no_file
from mmscn.check.modules import Unit
from mmscn.check.scope import Scope
from mmscn.check.terms import Static
from mmscn.check.values import Elem
from mmscn.check.world import MAP_ATTRIBUTES, World, add_file, add_frames, add_map, add_mm
from mmscn.diagnostics import closest, one
from mmscn.source import Span
from mmscn.syntax import tree as t

FRAMES_MAX, PAGES_MAX = 16, 16
VAS_MAX = 64
DEFAULT_MM = "mm"


def lay_out_memory(ctx: Context, words: dict[str, t.Expr]) -> None:
    world = ctx.world
    for file in ctx.unit.files:
        with ctx.collecting(file.span):
            new_name(world, file.name, file.span)
            contents: dict[int, int] = {}
            for pages in file.pages:
                if pages.word not in ("page", "pages"):
                    raise one("MM310", "a file says `page N = content` or `pages N`", pages.span)
                if pages.number + (pages.word == "page") > PAGES_MAX:
                    what = f"a file has {PAGES_MAX} pages at most"
                    raise one("MM502", what, pages.span)
                if pages.word == "pages":
                    contents.update({n: 0 for n in range(pages.number) if n not in contents})
                else:
                    value = 0 if pages.content is None else static(ctx, Scope(), pages.content)
                    contents[pages.number] = value if type(value) is int else 0
            fs = evaluate(ctx, Scope(), file.fs)
            if not isinstance(fs, Static):
                raise one("MM310", "the kind of a file system is a word", file.fs.span)
            elem = add_file(world, file.name, fs.value, max(contents, default=0) + 1)
            for page in world.several(elem, "pages"):
                assert isinstance(page, Elem)
                index = world.get(page, "index")
                assert isinstance(index, int)
                world.attributes[page]["content"] = contents.get(index, 0)
    for item in all_maps(ctx.unit):
        for n in frame_numbers(item):
            if n >= FRAMES_MAX:
                what = f"there are {FRAMES_MAX} frames at most, 0 to {FRAMES_MAX - 1}"
                raise one("MM502", what, item.span)
    frames = max((n for m in all_maps(ctx.unit) for n in frame_numbers(m)), default=-1) + 1
    frames += len(world.sorts.get("filepage", ()))
    frames += sum(anonymous_pages(ctx, m) for m in all_maps(ctx.unit))
    if "frames" in words:
        frames = number(ctx, Scope(), words["frames"], 1, FRAMES_MAX)
    elif frames > FRAMES_MAX:
        where = (*ctx.unit.files, *all_maps(ctx.unit))[-1].span
        what = f"there are {FRAMES_MAX} frames at most, and mappings and files want {frames}"
        raise one("MM502", what, where, f"write `frames {FRAMES_MAX}` for fewer than one for each")
    add_frames(world, max(frames, 1))
    if ctx.unit.maps:
        mm = add_mm(world, DEFAULT_MM)
        for item in ctx.unit.maps:
            with ctx.collecting(item.span):
                lay_out_map(ctx, mm, item)
    for item_mm in ctx.unit.mms:
        with ctx.collecting(item_mm.span):
            new_name(world, item_mm.name, item_mm.span)
            mm = add_mm(world, item_mm.name)
            for item in item_mm.maps:
                with ctx.collecting(item.span):
                    lay_out_map(ctx, mm, item)


def all_maps(unit: Unit) -> list[t.Map]:
    return [*unit.maps, *(m for mm in unit.mms for m in mm.maps)]


def frame_numbers(item: t.Map) -> list[int]:
    match item.frame:
        case t.Element(sort="frame", number=n):
            return [n]
    return []


def anonymous_pages(ctx: Context, item: t.Map) -> int:
    if item.file != "anon":
        return 0
    return 1 if item.extent is None else len(items(ctx, Scope(), item.extent))


def new_name(world: World, name: str, span: Span) -> None:
    if name in world.names:
        raise one("MM206", f"`{name}` is declared twice", span)


def lay_out_map(ctx: Context, mm: Elem, item: t.Map) -> None:
    world = ctx.world
    new_name(world, item.name, item.span)
    for word in item.attributes:
        if word not in MAP_ATTRIBUTES:
            hint = closest(word, MAP_ATTRIBUTES) or f"there are {', '.join(MAP_ATTRIBUTES)}"
            raise one("MM310", f"a mapping has no attribute `{word}`", item.span, hint)
    pages: tuple[Elem, ...] = ()
    frames: tuple[Elem, ...] = ()
    anonymous = anonymous_pages(ctx, item)
    if len(world.sorts["va"]) >= VAS_MAX or anonymous > PAGES_MAX:
        what = f"a mapping has {PAGES_MAX} pages at most, and all together have {VAS_MAX}"
        raise one("MM502", what, item.span)
    if item.frame is not None:
        value = static(ctx, Scope(), item.frame)
        if not (isinstance(value, Elem) and value.sort == "frame"):
            what = "a frame is wanted here, as in `frame 0`"
            raise one("MM302", what, item.frame.span, "write `frame 0`")
        frames = (value,)
    elif not anonymous:
        assert item.file is not None
        file = world.names.get(item.file)
        if file is None or file.sort != "file":
            raise no_file(ctx.unit, item.file, item.span)
        every = [p for p in world.several(file, "pages") if isinstance(p, Elem)]
        wanted = range(len(every)) if item.extent is None else page_numbers(ctx, item.extent)
        for n in wanted:
            if not 0 <= n < len(every):
                raise one(
                    "MM303",
                    f"`{item.file}` has no page {n}",
                    item.span,
                    f"its pages are 0 to {len(every) - 1}; both ends of a range belong to it",
                )
        pages = tuple(every[n] for n in wanted)
    add_map(
        world,
        mm,
        item.name,
        pages=pages,
        frames=frames,
        anonymous=anonymous,
        words=item.attributes,
    )


def page_numbers(ctx: Context, e: t.Expr) -> list[int]:
    if isinstance(e, t.Range):
        return [v for v in items(ctx, Scope(), e) if isinstance(v, int)]
    return [number(ctx, Scope(), e, 0, PAGES_MAX)]
