"""`mmscn.records` makes what attrs makes, of every option that mmscn uses."""

from __future__ import annotations

import pickle
from functools import cached_property
from types import ModuleType
from typing import Any, ClassVar, Generic, TypeVar

import attrs
import pytest
from support.house import imports, modules

from mmscn import record_classes

T = TypeVar("T")


class Base:
    x: int
    y: int = 5
    SIDES: ClassVar[int] = 2


class Derived:
    y: int = 6
    z: tuple[int, ...] = ()

    def area(self) -> int:
        return self.x * self.y


class Named:
    name: str
    seen: list[int] = record_classes.MISSING
    total: int = record_classes.MISSING


def made(by: ModuleType, kind: str, **options: bool) -> Any:
    """A class with a base, made by attrs or by records."""
    decorate = getattr(by, kind)
    base = decorate(**options)(copied(Base))
    return decorate(**options)(copied(Derived, base))


def copied(cls: type, *bases: type) -> type:
    taken = ("__dict__", "__weakref__")
    return type(cls.__name__, bases, {k: v for k, v in vars(cls).items() if k not in taken})


def with_options(by: ModuleType) -> Any:
    cls = copied(Named)
    cls.seen = by.field(factory=list, eq=False, repr=False)
    total = by.Factory(lambda e: len(e.name), takes_self=True)
    cls.total = by.field(init=False, default=total)
    return by.frozen(cls)


def tried(make: Any, *args: Any, **kwargs: Any) -> Any:
    try:
        return repr(make(*args, **kwargs))
    except TypeError:
        return TypeError


CALLS: list[tuple[tuple[object, ...], dict[str, object]]] = [
    ((), {}),
    ((1,), {}),
    ((1, 2), {}),
    ((1, 2, (3,)), {}),
    ((1, 2, (3,), 4), {}),
    ((), {"x": 1}),
    ((1,), {"y": 2, "z": ()}),
    ((1,), {"x": 1}),
    ((1,), {"w": 1}),
]
OPTIONS: list[dict[str, bool]] = [{}, {"kw_only": True}, {"eq": False}, {"repr": False}]


@pytest.mark.parametrize("kind", ["frozen", "define"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_class_has_what_attrs_gives_it(kind: str, options: dict[str, bool]) -> None:
    ours, theirs = made(record_classes, kind, **options), made(attrs, kind, **options)
    if options.get("repr", True):
        for args, named in CALLS:
            assert tried(ours, *args, **named) == tried(theirs, *args, **named)
    assert ours.__match_args__ == theirs.__match_args__
    assert [f.name for f in record_classes.fields(ours)] == [f.name for f in attrs.fields(theirs)]
    for cls in (ours, theirs):
        one, same, other = cls(x=1), cls(x=1), cls(x=2)
        assert (one == same) is options.get("eq", True)
        assert one != other
        assert one != (1, 6, ())
        assert one.area() == 6
        assert cls.SIDES == 2
        with pytest.raises(AttributeError):
            one.w = 1
    hashable = options.get("eq", True) is False or kind == "frozen"
    assert (ours.__hash__ is not None) is hashable is (theirs.__hash__ is not None)
    if hashable and options.get("eq", True):
        assert len({ours(x=1), ours(x=1), ours(x=2)}) == 2


def test_fields_that_are_not_compared_or_given_are_as_attrs_has_them() -> None:
    ours, theirs = with_options(record_classes), with_options(attrs)
    by = record_classes.evolve, attrs.evolve
    for cls, evolve in ((ours, by[0]), (theirs, by[1]), (ours, by[1])):
        one, other = cls("ab"), cls("ab", [1])
        assert one == other
        assert hash(one) == hash(other)
        assert (one.seen, other.seen, one.total) == ([], [1], 2)
        assert repr(one) == "Named(name='ab', total=2)"
        assert one.seen is not cls("ab").seen
        changed = evolve(other, name="abc")
        assert (changed.name, changed.seen, changed.total) == ("abc", [1], 3)
        with pytest.raises(TypeError):
            evolve(one, total=1)


@record_classes.frozen
class Kept(Generic[T]):
    left: T
    right: object = None

    @cached_property
    def both(self) -> tuple[T, object]:
        return self.left, self.right


@record_classes.define(kw_only=True)
class Above:
    a: int

    def copy(self) -> Above:
        return record_classes.evolve(self)


@record_classes.define(kw_only=True)
class Below(Above):
    b: int = 1

    def copy(self) -> Below:
        found = super().copy()
        assert isinstance(found, Below)
        return found


class Plain(Above):
    """A subclass that is not decorated."""


def test_instances_travel_between_processes_and_are_alike_afterwards() -> None:
    one = Kept(Kept(1), right=(2,))
    assert one.both == (Kept(1), (2,))
    again = pickle.loads(pickle.dumps(one))
    assert again == one
    assert hash(again) == hash(one)


def test_super_and_subclasses_find_their_class() -> None:
    assert Below(a=3, b=4).copy() == Below(a=3, b=4)
    assert Plain(a=3) != Above(a=3)
    assert repr(Plain(a=3)) == "Plain(a=3)"


def test_what_is_alike_but_for_its_class_has_another_hash() -> None:
    first = record_classes.frozen(type("First", (), {"__annotations__": {"x": "int"}}))
    second = record_classes.frozen(type("Second", (), {"__annotations__": {"x": "int"}}))
    assert hash(first(1)) != hash(second(1))


def test_nothing_but_records_imports_attrs() -> None:
    found = [
        f"{path}:{line}"
        for module, path in modules()
        for line, target in imports(path)
        if target.split(".")[0] in ("attr", "attrs") and module != "mmscn.records"
    ]
    assert found == []
