"""What an item of a text mentions, found out once: several checks of all the text ask for it.

Most items stand in modules, whose texts are other people's and rarely change. What they mention
is kept while their trees are, and that of shipped modules between runs (`dsl/cache.py`). An item
about which something may be wrong is read again by who tells that.
"""

import marshal
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from mmscn import cache
from mmscn.check.name_walk import Asking, Code, NameWalk
from mmscn.check.parts import nodes_of
from mmscn.source import Span
from mmscn.syntax import tree as t

FLUSHES = {None: "flush_local", "all": "flush_all", "others": "flush_others"}
"""The procedures behind `flush`, by what stands after `on`."""


class Mentions(NamedTuple):
    """free: the names that it does not declare itself, but where it is no code and asks nothing.
    procedures, structs: of calls that give values, of values of structs. astray: whether it jumps
    to a label that there is not.

    names: looked up, called, or named as a type or member; what is only assigned is not used by
    that. called: of procedures, hooks and properties.

    marks: what it marks, in order. bound: the names of values of its own. said: the texts of its
    assertions. types: the names of types, what kind of type that makes, and whether it is an index.
    """

    free: frozenset[str]
    procedures: frozenset[str]
    structs: frozenset[str]
    astray: bool
    names: frozenset[str]
    called: frozenset[str]
    marks: tuple[str, ...]
    bound: frozenset[str]
    said: frozenset[str]
    types: frozenset[tuple[str, str, bool]]


KNOWN: WeakKeyDictionary[t.Node, Mentions] = WeakKeyDictionary()


@lru_cache(maxsize=2048)
def mentions(item: t.Node) -> Mentions:
    """What a node mentions that stands in a text by itself, or is a thread."""
    return KNOWN.get(item) or read(item)


def know(modules: Iterable[t.Text]) -> None:
    """Look up what the items of shipped modules mention, or find it out for later runs."""
    texts = [text for text in modules if not all(item in KNOWN for item in text.items)]
    if not texts:
        return
    name = f"mentions-{cache.key(cache.made_by(), *(text.span.source.text for text in texts))}"
    items = [item for text in texts for item in text.items]
    kept = loaded(cache.read(name), len(items))
    if kept is not None:
        KNOWN.update(zip(items, kept, strict=True))
        return
    KNOWN.update((item, read(item)) for item in items)
    cache.write(name, marshal.dumps(tuple(tuple(KNOWN[item]) for item in items), 2))


def loaded(data: bytes | None, count: int) -> list[Mentions] | None:
    """What `know` wrote; None for anything else."""
    try:
        found: Any = None if data is None else marshal.loads(data)
        if type(found) is not tuple or len(found) != count:
            return None
        return [Mentions(*each) for each in found]
    except (ValueError, EOFError, TypeError):
        return None


class Free(NameWalk):
    """Collects what is told."""

    def __init__(self) -> None:
        super().__init__()
        self.free: set[str] = set()
        self.procedures: set[str] = set()
        self.structs: set[str] = set()
        self.astray = False

    def name(self, text: str, span: Span, names: set[str]) -> None:
        self.free.add(text)

    def procedure(self, name: str, span: Span) -> None:
        self.procedures.add(name)

    def struct(self, name: str, span: Span) -> None:
        self.structs.add(name)

    def jump(self, label: str, span: Span, labels: tuple[str, ...]) -> None:
        self.astray = True


def read(item: t.Node) -> Mentions:
    free = Free()
    if isinstance(item, Code | Asking):
        free.item(item)
    names, called = used(item)
    marks: list[str] = []
    own: set[str] = set()
    said: set[str] = set()
    types: set[tuple[str, str, bool]] = set()
    indices: set[int] = set()
    for node in nodes_of(item):
        own.update(bound(node))
        match node:
            case t.Mark(name=name):
                marks.append(name)
            case t.Assert(text=str() as text) | t.Bug(text=str() as text):
                said.add(text)
            case t.Var(indices=several) | t.LockDecl(indices=several):
                indices |= {id(index) for index in several}
            case t.TypeExpr(name=str() as name, kind=kind):
                types.add((name, kind, id(node) in indices))
    return Mentions(
        free=frozenset(free.free),
        procedures=frozenset(free.procedures),
        structs=frozenset(free.structs),
        astray=free.astray,
        names=frozenset(names),
        called=frozenset(called),
        marks=tuple(marks),
        bound=frozenset(own),
        said=frozenset(said),
        types=frozenset(types),
    )


def used(item: t.Node) -> tuple[set[str], set[str]]:
    """`names` and `called` of what an item mentions."""
    names: set[str] = set()
    called: set[str] = set()
    written: set[int] = set()
    for node in nodes_of(item):
        match node:
            case t.Assign(target=target):
                written |= plain_target(target)
            case t.Name(text=text):
                if id(node) not in written:
                    names.add(text)
            case t.Attribute(name=name):
                if id(node) not in written:
                    names.add(name)
                called.add(name)  # `x.f` may be `f(x)`
            case t.StructValue(name=name):
                names.add(name)
            case t.Applied(name=name) | t.CallValue(name=name):
                names.add(name)
                called.add(name)
            case t.PropertyUse(name=name):
                called.add(name)
            case t.TypeExpr(name=str() as name) | t.Each(sort=name) | t.Setting(name=name):
                names.add(name)
            case t.Check(after=str() as name):
                names.add(name)
            case t.Machine(profile=name):
                names.add(name)
            case t.Profile(knob=str() as name):
                names.add(name)
            case t.Store():
                called.add("cpu_store")
            case t.Load():
                called.add("cpu_load")
            case t.Flush(those=t.ExprNode()):
                called |= {"flush_cpu", "flush_set"}
            case t.Flush(scope=scope):
                what = scope if scope is None or isinstance(scope, str) else "cpu"
                called.add(FLUSHES.get(what, "flush_cpu"))
    return names, called


def plain_target(target: t.Expr) -> set[int]:
    """The nodes of `x`, `x[i]`, `p.x` and `p.x[i]` that are written and not read."""
    if isinstance(target, t.Index):
        return plain_target(target.base)
    return {id(target)}


def bound(node: t.Node) -> tuple[str, ...]:
    """The names that a node gives to values of its own."""
    match node:
        case t.Proc(params=params) | t.Hook(params=params) | t.OnHook(params=params):
            return params
        case t.Property(params=params):
            return params
        case t.LetSeveral(names=names):
            return names
        case t.Let(name=name) | t.LocalVar(name=name) | t.For(name=name) | t.Replica(name=name):
            return (name,)
        case t.ChooseOne(name=name) | t.Quantified(name=name) | t.Reject(name=name):
            return (name,)
        case t.Repeat(name=str() as name):
            return (name,)
    return ()
