"""Compiled scenarios, kept between runs: most texts are run more often than they are changed.

What is kept belongs to the texts of a scenario and of all its modules, to the
code of mmscn and to the version of Python: where one of them differs it is not
found. Nothing that a search found is ever kept; what is told of a trace is kept under the trace,
which has to be found each time. What is damaged is as if it
were not there (`mmscn.cache`), and of what is read only classes of mmscn's own
data are made.
"""

import pickle
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, NamedTuple, TypeVar

from mmscn import cache as store
from mmscn.check.values import Value
from mmscn.judge.case import NOTHING_TOLD, UNKNOWN, Ends, Told
from mmscn.judge.shipped import is_shipped
from mmscn.source import Finder, Source

DATA = {
    "mmscn.diagnostics",
    "mmscn.source",
    "mmscn.check.values",
    "mmscn.check.words",
    "mmscn.check.core",
    "mmscn.lower.compiled",
    "mmscn.runtime.bytecode",
    "mmscn.runtime.result",
    "mmscn.judge.case",
    "mmscn.judge.case_cache",
}
"""The modules whose classes may be in what is kept."""

KINDS = {
    "choice": "list",
    "facts": "CaseFacts",
    "reduced": "Reduced",
    "light": "Reduced",
    "uncounted": "tuple",
    "compiled": "Compiled",
    "ends": "tuple",
    "told": "str",
}
"""The classes of what is kept, by the first word of its name."""

T = TypeVar("T")


class Override(NamedTuple):
    """A procedure of one's own in place of a module's.

    when: its condition, as it is written. by: the module of one's own that it stands in, None for
    the scenario.
    """

    name: str
    module: str
    when: str | None
    by: str | None
    line: int

    def __str__(self) -> str:
        when = "" if self.when is None else f" when {self.when}"
        return f"`{self.name}` of {self.module}{when}"


class StandIn(NamedTuple):
    """A module of one's own in place of a shipped one. source: its file."""

    module: str
    source: str

    def __str__(self) -> str:
        return f"the module {self.module} by {self.source}"


class Front(NamedTuple):
    """What there is to know of a scenario without its tree.

    line: that it begins on. warned: whether there are warnings.
    """

    name: str
    title: str | None
    claims: tuple[str, ...]
    sources: tuple[str, ...]
    params: tuple[tuple[str, tuple[Value, ...]], ...]
    line: int
    overrides: tuple[Override, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    warned: bool = False


class Shelf(NamedTuple):
    """What is kept of one scenario.

    digest: of all its texts. sources: those texts, the scenario's own first:
    what the spans point into.
    """

    digest: str
    sources: tuple[Source, ...]

    def get(self, name: str) -> Any:
        """What was put there under a name; None where nothing is."""
        data = store.read(self.file(name))
        value = None if data is None else loaded(data, self.sources)
        return value if type(value).__name__ == KINDS.get(name.partition(" ")[0]) else None

    def put(self, name: str, value: object) -> None:
        store.write(self.file(name), dumped(value, self.sources))

    def file(self, name: str) -> str:
        return f"{name.partition(' ')[0]}-{store.key(self.digest, name)}"


def look_up(shelf: Shelf | None, name: str) -> Any:
    """What is kept under a name, None for nothing."""
    return None if shelf is None else shelf.get(name)


def put(shelf: Shelf | None, name: str, value: object) -> None:
    if shelf is not None:
        shelf.put(name, value)


def look_up_or_make(shelf: Shelf | None, name: str, make: Callable[[], T]) -> T:
    """What is kept under a name, or what is made now and kept from now on.

    A reduced program that a limit has left reductions out of is not kept: another run has other
    limits.
    """
    value: T | None = look_up(shelf, name)
    if value is None:
        value = make()
        if shelf is not None and not is_partly(value):
            shelf.put(name, value)
    return value


def told(shelf: Shelf | None, where: str) -> Told:
    """The texts that are kept of the traces of one combination. They may name files."""
    if shelf is None:
        return NOTHING_TOLD
    case = f"told {where} in {[source.name for source in shelf.sources]}"
    return Told(
        lambda name: shelf.get(f"{case}: {name}"),
        lambda name, text: shelf.put(f"{case}: {name}", text),
    )


def ends(shelf: Shelf | None, where: str, kept_as: Callable[[], str | None]) -> Ends:
    """Whether the light program of a combination ends, as the shelf or its content knows.

    kept_as: the name of what is kept of that content (`program_cache`), None where there is none.
    """
    if shelf is None:
        return UNKNOWN

    def get() -> tuple[bool] | None:
        found: tuple[bool] | None = shelf.get(f"ends {where}")
        if found is None and (name := kept_as()) is not None:
            data = store.read(f"programends-{name}")
            known = None if data is None else loaded(data, ())
            found = known if type(known) is tuple else None
        return found

    def put(value: tuple[bool]) -> None:
        shelf.put(f"ends {where}", value)
        if (name := kept_as()) is not None:
            store.write(f"programends-{name}", dumped(value, ()))

    return Ends(get, put)


def is_partly(value: object) -> bool:
    """Whether a limit has left something out of what was made."""
    parts = value if isinstance(value, tuple) else ()
    return any(getattr(part, "skipped", ()) for part in (value, *parts))


def open_shelf(source: Source, find: Finder) -> tuple[Front, Shelf] | None:
    """The shelf of a scenario that is known, with all its texts as they were then.

    Raises Rejected where a module's text cannot be decoded.
    """
    data = store.read(front_file(source))
    found = None if data is None else loaded(data, ())
    if type(found) is not tuple or [type(part) for part in found] != [Front, tuple]:
        return None
    front, modules = found
    if not all(type(pair) is tuple and list(map(type, pair)) == [str, str] for pair in modules):
        return None
    sources = [source]
    for name, digest in modules:
        try:
            module = find(name)
        except OSError:
            return None
        if module is None or store.key(module.text) != digest:
            return None
        sources.append(module)
    named = zip((name for name, _ in modules), sources[1:], strict=True)
    return front._replace(stand_ins=stand_ins(named)), shelf(sources)


def stand_ins(modules: Iterable[tuple[str, Source]]) -> tuple[StandIn, ...]:
    """Those among modules that are files of one's own with the name of a shipped one."""
    return tuple(
        StandIn(module=name, source=source.name)
        for name, source in modules
        if source.name != name and is_shipped(name)
    )


def new_shelf(source: Source, modules: dict[str, Source], front: Front) -> Shelf:
    """The shelf of a scenario whose texts have nothing wrong."""
    listed = tuple((name, store.key(module.text)) for name, module in modules.items())
    store.write(front_file(source), dumped((front, listed), ()))
    return shelf([source, *modules.values()])


def front_file(source: Source) -> str:
    return f"front-{store.key(store.made_by(), source.text)}"


def shelf(sources: list[Source]) -> Shelf:
    return Shelf(store.key(store.made_by(), *(s.text for s in sources)), tuple(sources))


# ---- bytes --------------------------------------------------------------------


def dumped(value: object, sources: tuple[Source, ...]) -> bytes:
    """Bytes of a value; a source is its number among `sources`."""
    numbers = {(source.name, source.text): n for n, source in enumerate(sources)}
    file = BytesIO()
    pickler = pickle.Pickler(file, protocol=5)
    # One call for each source; a persistent id would be asked of every object.
    pickler.dispatch_table = {
        Source: lambda source: (numbered, (numbers[source.name, source.text],))
    }
    pickler.dump(value)
    return file.getvalue()


def numbered(number: int) -> Source:
    """What bytes of `dumped` name for a source; whoever loads them puts the source there."""
    raise pickle.UnpicklingError(f"source {number} of which text?")


def loaded(data: bytes, sources: tuple[Source, ...]) -> Any:
    """The value that bytes of `dumped` are; None for other bytes, whatever is wrong with them."""
    try:
        return Unpickler(data, sources).load()
    except (pickle.UnpicklingError, ArithmeticError, AssertionError, AttributeError, EOFError,
            ImportError, LookupError, MemoryError, OSError, RuntimeError, TypeError,
            ValueError):  # fmt: skip
        return None


class Placing(pickle.Unpickler):
    """Reads bytes of `dumped`, and puts the sources where their numbers are."""

    def __init__(self, data: bytes, sources: tuple[Source, ...]) -> None:
        super().__init__(BytesIO(data))
        self.sources = sources

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (numbered.__module__, numbered.__name__):
            return self.sources.__getitem__
        return self.named(module, name)

    def named(self, module: str, name: str) -> Any:
        """What a name stands for that is not `numbered`."""
        return super().find_class(module, name)


class Unpickler(Placing):
    """Makes instances of mmscn's data classes, and of nothing else."""

    def named(self, module: str, name: str) -> Any:
        found = super().named(module, name) if module in DATA else None
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} is not among what is kept")
        return found
