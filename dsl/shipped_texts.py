"""The shipped library as a folder of texts: which modules there are, and what each declares."""

from __future__ import annotations

from pathlib import Path

import mmscn.scenarios


def library() -> Path:
    """The root of the shipped scenarios.

    Anchored at mmscn.scenarios, never at mmscn: in an editable install the
    two live in different folders of the repository.
    """
    return Path(mmscn.scenarios.__path__[0], "library")


def modules_declaring(name: str) -> list[str]:
    """The shipped modules that declare something of a name, found by its word alone."""
    import re

    kinds = "proc|hook|property|enum|struct|knob|profile|var|mutex|spinlock|rwsem|bitlock"
    word = re.compile(rf"^[ \t]*(?:hardware |ghost |quiet )*(?:{kinds}) {re.escape(name)}\b", re.M)
    return [module for module, text in texts_of_modules() if word.search(text)]


def module_names() -> list[str]:
    """The names of the shipped modules."""
    return [name for name, _ in texts_of_modules()]


def texts_of_modules() -> list[tuple[str, str]]:
    root = library()
    found = []
    for path in sorted(root.rglob("*.mmscn")):
        text = path.read_text("utf-8")
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        if any(line.split()[:2] == ["module", name] for line in text.split("\n")):
            found.append((name, text))
    return found
