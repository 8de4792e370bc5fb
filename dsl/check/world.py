"""The elements of the sorts: cpus, frames, files, address spaces, virtual pages, threads.

They are fixed before anything runs, and so are their attributes; what changes
is state, and is declared by `each`.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import define, field

from mmscn.check.values import SORTS, Elem, Value

Attribute: TypeAlias = Value | tuple[Value, ...]

MAP_ATTRIBUTES = (
    "shared", "private", "rw", "ro", "populated", "dirty", "clean", "huge", "pfnmap", "mlocked",
    "global", "unlinked",
)  # fmt: skip


@define(eq=False, repr=False)
class World:
    """sorts: the elements of each sort. attributes: by element and name."""

    sorts: dict[str, list[Elem]] = field(factory=lambda: {sort: [] for sort in SORTS})
    attributes: dict[Elem, dict[str, Attribute]] = field(factory=dict)
    names: dict[str, Elem] = field(factory=dict)

    def new(self, sort: str, name: str, **attributes: Attribute) -> Elem:
        elements = self.sorts[sort]
        elem = Elem(sort, len(elements), name)
        elements.append(elem)
        self.attributes[elem] = {"number": elem.number, **attributes}
        return elem

    def get(self, elem: Elem, name: str) -> Attribute:
        """An attribute of an element; KeyError where it has none of that name."""
        return self.attributes[elem][name]

    def several(self, elem: Elem, name: str) -> tuple[Value, ...]:
        value = self.attributes[elem][name]
        assert isinstance(value, tuple)
        return value

    def append(self, elem: Elem, name: str, value: Value) -> None:
        """Add to an attribute that is a list, once."""
        before = self.attributes[elem].get(name, ())
        assert isinstance(before, tuple)
        if value not in before:
            self.attributes[elem][name] = (*before, value)


def add_file(world: World, name: str, fs: Value, pages: int) -> Elem:
    file = world.new("file", name, fs=fs, pages=())
    world.names[name] = file
    for index in range(pages):
        shown = name if pages == 1 else f"{name}[{index}]"
        page = world.new("filepage", shown, file=file, index=index, vas=())
        world.append(file, "pages", page)
    return file


def add_mm(world: World, name: str) -> Elem:
    mm = world.new("mm", name, vmas=(), vas=(), cpus=(), threads=())
    world.names[name] = mm
    return mm


def add_map(
    world: World,
    mm: Elem,
    name: str,
    *,
    pages: tuple[Elem, ...],
    frames: tuple[Elem, ...],
    anonymous: int,
    words: tuple[str, ...],
) -> Elem:
    """A vma with one virtual page for each file page, frame or anonymous page."""
    flags: dict[str, Attribute] = {w: w in words for w in MAP_ATTRIBUTES}
    flags["write"] = "ro" not in words
    flags["shared"] = "private" not in words and not anonymous
    flags["private"] = not flags["shared"]
    flags["anon"] = anonymous > 0
    file = world.get(pages[0], "file") if pages else None
    vma = world.new("vma", name, mm=mm, file=file, vas=(), **flags)
    world.names[name] = vma
    world.append(mm, "vmas", vma)
    count = len(pages) or len(frames) or anonymous
    for i in range(count):
        page = pages[i] if pages else None
        frame = frames[i] if frames else None
        shown = name if count == 1 else f"{name}[{i}]"
        va = world.new("va", shown, vma=vma, mm=mm, index=i, filepage=page, frame=frame, **flags)
        world.append(vma, "vas", va)
        world.append(mm, "vas", va)
        if page is not None:
            world.append(page, "vas", va)
    return vma


def next_vas(world: World) -> None:
    """`va.next`: the virtual page behind it in its vma, none at the end."""
    for vma in world.sorts.get("vma", []):
        vas = world.several(vma, "vas")
        for va, after in zip(vas, (*vas[1:], None), strict=True):
            assert isinstance(va, Elem)
            world.attributes[va]["next"] = after


def attach(world: World, thread: Elem, cpu: Elem, mm: Elem | None) -> None:
    """A thread of an address space on a CPU: hardware may walk its tables there."""
    world.append(cpu, "threads", thread)
    if mm is None:
        return
    world.append(mm, "cpus", cpu)
    world.append(mm, "threads", thread)
    world.append(cpu, "mms", mm)
    for va in world.several(mm, "vas"):
        assert isinstance(va, Elem)
        world.append(va, "cpus", cpu)
        world.append(cpu, "vas", va)
    for vma in world.several(mm, "vmas"):
        assert isinstance(vma, Elem)
        world.append(vma, "cpus", cpu)


def add_cpus(world: World, count: int) -> None:
    for n in range(count):
        world.new("cpu", f"cpu {n}", mms=(), vas=(), threads=())


def add_frames(world: World, count: int) -> None:
    for n in range(count):
        world.new("frame", f"p{n}")


def no_cpus(world: World) -> None:
    """Virtual pages and vmas of an address space without threads have no CPUs."""
    for sort in ("va", "vma"):
        for elem in world.sorts.get(sort, []):
            world.attributes[elem].setdefault("cpus", ())
