"""The grammar's tables that are shipped, so that no first run waits for lark to make them.

    python -m mmscn.syntax.shipped_tables

writes `grammar/mmscn.tables.json` again: a digest on the first line, and the tables. They are used
where they are what was written, for the same grammar, by the same code, and are the language's
whatever lark is installed.
"""

from __future__ import annotations

import json
from pathlib import Path

from mmscn import cache
from mmscn.grammar import FOLDER, grammar_text
from mmscn.syntax import lr_tables
from mmscn.syntax.lr_tables import Tables

FILE = FOLDER / "mmscn.tables.json"
MADE_BY = Path(__file__).with_name("lr_from_lark.py")


def shipped(file: Path = FILE) -> Tables | None:
    """The tables of a file; None where it is missing, damaged, or of something else."""
    try:
        digest, _, text = file.read_text(encoding="utf-8").partition("\n")
        if digest != digest_of(text):
            return None
    except (OSError, UnicodeDecodeError):
        return None
    fields = json.loads(text)
    rules = [
        (origin, size, method, tuple(map(tuple, children)), left_out, alone)
        for origin, size, method, children, left_out, alone in fields["rules"]
    ]
    urgent = [(name, pattern) for name, pattern in fields["urgent"]]
    return Tables(**{**fields, "rules": rules, "urgent": urgent})


def digest_of(text: str) -> str:
    """What stands for tables, for the grammar that they are of and for the code that made them."""
    return cache.key(grammar_text(), MADE_BY.read_text(encoding="utf-8"), text)


def written(tables: Tables) -> str:
    """The file of tables: a state or a rule on a line."""
    fields = []
    for name, value in tables._asdict().items():
        if isinstance(value, list):
            lines = ",\n".join(compact(member) for member in value)
            fields.append(f"{compact(name)}:[\n{lines}\n]")
        else:
            fields.append(f"{compact(name)}:{compact(value)}")
    text = "{\n" + ",\n".join(fields) + "\n}\n"
    return f"{digest_of(text)}\n{text}"


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    FILE.write_text(written(lr_tables.made()), encoding="utf-8", newline="\n")
