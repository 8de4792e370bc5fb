"""The values of params and knobs, and which of them something has asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mmscn.check.values import Value


class Settings:
    """read: the names that something has asked for.

    No mapping, so that nothing comes by a value in a way that is not seen here.
    """

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Value:
        self.read.add(name)
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        self.read.add(name)
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        """The names, for hints: a unit has the same under all params."""
        return iter(self._values)

    def get(self, name: str, other: Value = None) -> Value:
        self.read.add(name)
        return self._values.get(name, other)

    def exact(self, name: str) -> tuple[bool, type, Value]:
        """The value as nothing else is, `true` not as 1; of a name that there is not, too."""
        value = self._values.get(name)
        return name in self._values, type(value), value
