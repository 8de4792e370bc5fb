"""Classes with slots that are made from annotations, as attrs makes them (`records`).

What is meant by an option is what attrs means by it, and what is not here is not used. Methods are
compiled from text when an instance first needs them, and then stand in the class.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

MISSING: Any = object()
"""In place of a default where there is none."""


class Factory(NamedTuple):
    """Makes a default. takes_self: of the instance, which has the fields in front of it."""

    make: Callable[..., Any]
    takes_self: bool = False


class Given(NamedTuple):
    """What `field` was given."""

    default: Any = MISSING
    init: bool = True
    repr: bool = True
    eq: bool = True


class Field(NamedTuple):
    """A field of a class; `default` is MISSING, a value or a Factory.

    They stand where attrs' stand: `attrs.fields` and `attrs.evolve` find them, too.
    """

    name: str
    default: Any
    init: bool
    repr: bool
    eq: bool
    kw_only: bool

    @property
    def alias(self) -> str:
        """Its argument of `__init__`."""
        return self.name


def field(
    *,
    default: Any = MISSING,
    factory: Callable[[], Any] | None = None,
    init: bool = True,
    repr: bool = True,
    eq: bool = True,
) -> Any:
    """What is to be known of a field beyond its annotation."""
    return Given(default if factory is None else Factory(factory), init, repr, eq)


def frozen(cls: Any = None, *, kw_only: bool = False, eq: bool = True, repr: bool = True) -> Any:
    """A class whose instances stay as they are made; equal ones have one hash."""
    if cls is None:
        return lambda c: made(c, kw_only=kw_only, eq=eq, repr=repr, hashed=True)
    return made(cls, kw_only=kw_only, eq=eq, repr=repr, hashed=True)


def define(cls: Any = None, *, kw_only: bool = False, eq: bool = True, repr: bool = True) -> Any:
    """A class whose instances change; where they are compared they have no hash."""
    if cls is None:
        return lambda c: made(c, kw_only=kw_only, eq=eq, repr=repr, hashed=False)
    return made(cls, kw_only=kw_only, eq=eq, repr=repr, hashed=False)


def fields(cls: Any) -> tuple[Field, ...]:
    """The fields of a class, those of its bases first."""
    found: tuple[Field, ...] = cls.__attrs_attrs__
    return found


def evolve(instance: T, **changes: Any) -> T:
    """The same but for some fields."""
    for f in fields(instance):
        if f.init and f.name not in changes:
            changes[f.name] = getattr(instance, f.name)
    return type(instance)(**changes)


def asdict(instance: object, *, recurse: bool) -> dict[str, Any]:
    """The fields by name, what they hold as it is."""
    assert not recurse, "nothing asks for that"
    return {f.name: getattr(instance, f.name) for f in fields(instance)}


# ---- the class ----------------------------------------------------------------


def made(cls: Any, *, kw_only: bool, eq: bool, repr: bool, hashed: bool) -> Any:
    """The class anew, with slots: those of a class cannot be changed."""
    namespace = dict(cls.__dict__)
    own = tuple(declared(namespace, kw_only))
    names = [f.name for f in own]
    bases = [vars(base).get("__attrs_attrs__", ()) for base in cls.__mro__[:0:-1]]
    inherited = {f.name: f for base in bases for f in base if f.name not in names}
    all_fields = (*inherited.values(), *own)
    for name in ("__dict__", "__weakref__"):
        namespace.pop(name, None)
    cached = any(isinstance(value, cached_property) for value in namespace.values())
    namespace["__slots__"] = (*names, *(["__dict__"] if cached else []))
    namespace["__attrs_attrs__"] = all_fields
    namespace["__match_args__"] = tuple(f.name for f in all_fields if f.init and not f.kw_only)
    namespace["__init__"] = first_init
    if repr:
        namespace["__repr__"] = shown
    if eq:
        namespace["__eq__"] = first_eq
        namespace["__hash__"] = first_hash if hashed else None
    new = type(cls)(cls.__name__, cls.__bases__, namespace)
    rebind(namespace, cls, new)
    return new


def declared(namespace: dict[str, Any], kw_only: bool) -> Iterator[Field]:
    """The fields of a class's own annotations; their defaults are taken out of the namespace."""
    for name, annotation in namespace.get("__annotations__", {}).items():
        if str(annotation).startswith("ClassVar"):
            continue
        given = namespace.pop(name, MISSING)
        if not isinstance(given, Given):
            given = Given(given)
        yield Field(name, *given, kw_only=kw_only)


def rebind(namespace: dict[str, Any], old: Any, new: Any) -> None:
    """`super()` in a method finds its class in a cell: in the new class, the new one."""
    for value in namespace.values():
        for name in ("", "__func__", "fget", "func"):
            function = getattr(value, name, None) if name else value
            for cell in getattr(function, "__closure__", None) or ():
                with suppress(ValueError):  # an empty one
                    if cell.cell_contents is old:
                        cell.cell_contents = new


# ---- its methods --------------------------------------------------------------


def first_init(self: Any, *args: Any, **named: Any) -> None:
    made_first(self, "__init__", first_init, init_text)(self, *args, **named)


def first_eq(self: Any, other: object) -> Any:
    return made_first(self, "__eq__", first_eq, eq_text)(self, other)


def first_hash(self: Any) -> int:
    found: int = made_first(self, "__hash__", first_hash, hash_text)(self)
    return found


def shown(self: Any) -> str:
    """As it would be written."""
    values = (f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)
    return f"{type(self).__qualname__}({', '.join(values)})"


def made_first(
    self: Any, name: str, stub: Any, text: Callable[[Any, dict[str, Any]], str]
) -> Callable[..., Any]:
    """The method that takes the place of a stub, in the class that has the stub."""
    owner = next(c for c in type(self).__mro__ if vars(c).get(name) is stub)
    scope: dict[str, Any] = {"__name__": owner.__module__}
    exec(compile(text(owner, scope), f"<{name} of {owner.__qualname__}>", "exec"), scope)
    method: Callable[..., Any] = scope[name]
    method.__qualname__ = f"{owner.__qualname__}.{name}"
    setattr(owner, name, method)
    return method


def init_text(owner: Any, scope: dict[str, Any]) -> str:
    """`__init__`: an argument for each field, in front of the first keyword-only one by place."""
    places: list[str] = ["self"]
    keywords: list[str] = []
    body: list[str] = []
    scope["MISSING"] = MISSING
    for n, f in enumerate(fields(owner)):
        argument, value = f.name, f.name
        if isinstance(f.default, Factory):
            scope[f"make_{n}"] = f.default.make
            made_now = f"make_{n}({'self' if f.default.takes_self else ''})"
            argument = f"{f.name}=MISSING"
            value = f"{made_now} if {f.name} is MISSING else {f.name}" if f.init else made_now
        elif f.default is not MISSING:
            scope[f"default_{n}"] = f.default
            argument = f"{f.name}=default_{n}"
            value = f.name if f.init else f"default_{n}"
        if f.init:
            (keywords if f.kw_only else places).append(argument)
        body.append(f"    self.{f.name} = {value}\n")
    if hasattr(owner, "__attrs_post_init__"):
        body.append("    self.__attrs_post_init__()\n")
    arguments = ", ".join([*places, *(["*", *keywords] if keywords else [])])
    return f"def __init__({arguments}):\n{''.join(body) or '    pass'}"


def eq_text(owner: Any, scope: dict[str, Any]) -> str:
    return (
        "def __eq__(self, other):\n"
        "    if other.__class__ is not self.__class__:\n"
        "        return NotImplemented\n"
        f"    return {compared(owner, 'self')} == {compared(owner, 'other')}"
    )


def hash_text(owner: Any, scope: dict[str, Any]) -> str:
    """With a number for the class: what is alike but for its class is told apart."""
    number = zlib.crc32(f"{owner.__module__}.{owner.__qualname__}".encode())
    return f"def __hash__(self):\n    return hash(({number}, {compared(owner, 'self')}))"


def compared(owner: Any, name: str) -> str:
    """What makes two instances of a class equal, as a tuple."""
    return f"({''.join(f'{name}.{f.name}, ' for f in fields(owner) if f.eq)})"
