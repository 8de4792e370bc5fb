"""`mmscn run --results DIR`: what was found for the very same content is not searched again.

A file is named by a digest of all that a result follows from: the scenario's text and those of all
its modules, their names, the combinations, the options, the contents of mmscn's own files (the
compiled engine's, too) and Python's version. Where one of them differs, another name is looked
for, so a result is never of another text or another mmscn. It says that it was kept. What a clock,
memory or an interrupt had a part in is not kept. Nothing is ever deleted here: the folder is the
user's.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from mmscn import cache as store
from mmscn.cli import run
from mmscn.cli.run import Done, Options, Selected
from mmscn.cli.selection import Broken
from mmscn.judge.exits import Usage
from mmscn.replace import replace_file
from mmscn.runtime.explore.executors import chosen
from mmscn.runtime.result import Verdict

SCHEMA = "mmscn.kept/1"
NO_MATTER = (
    "words", "every", "color", "fail_fast", "watch", "results", "define", "cluster", "partition",
    "terminal",
)  # fmt: skip
"""Options that a scenario's result does not depend on; what -D chooses is in the combinations."""
SUFFIXES = (".py", ".lark", ".so", ".pyd", ".json", ".html", ".css", ".js")
"""Of files that what is found, or how it is told, follows from."""
BUILT = (".so", ".pyd")
"""Of those that are another for each machine."""


def done_of(selected: Selected, options: Options, broken: Broken) -> Done | None:
    """A scenario's result, from the folder if it is there; None where it was rejected.

    Raises Usage.
    """
    made(options)
    name = name_of(selected, options)
    found = read(file_of(options, name))
    if found is not None:
        return marked(found, options)
    done = run.done_of(selected, options._replace(results=None), broken)
    if done is not None and done.lasting:
        keep(options, name, done)
    return done


def made(options: Options) -> Path:
    """The folder. Raises Usage where it cannot be made."""
    folder = Path(options.results or "")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise Usage(f"the results: {folder}: {problem.strerror or problem}") from problem
    return folder


def names(options: Options) -> frozenset[str]:
    """Of what is in the folder. Raises Usage."""
    return frozenset(file.stem for file in made(options).glob("*.json"))


def file_of(options: Options, name: str) -> Path:
    return Path(options.results or "") / f"{name}.json"


def keep(options: Options, name: str, done: Done) -> None:
    """Raises Usage where the file cannot be written."""
    file = file_of(options, name)
    try:
        replace_file(file, written(done))
    except OSError as problem:
        raise Usage(f"the results: {file}: {problem.strerror or problem}") from problem


def marked(done: Done, options: Options) -> Done:
    """The result, which says that it was kept."""
    if done.json is not None:
        done.json["kept"] = True
    said = "(Not searched: the result of the same texts, options and version was kept.)\n"
    gap = "" if options.quiet else "\n"
    return done._replace(text=(*done.text, f"{gap}{said}")) if done.text else done


def name_of(selected: Selected, options: Options) -> str:
    scenario = selected.scenario
    shelf = scenario.shelf
    texts = shelf.sources if shelf is not None else tuple(scenario.unit.modules.values())
    sources = [scenario.source, *texts]
    told = {name: value for name, value in options._asdict().items() if name not in NO_MATTER}
    parts = [
        SCHEMA,
        made_by(),
        repr(scenario.path),
        *(part for source in sources for part in (source.name, source.text)),
        repr([sorted((n, repr(v)) for n, v in c.items()) for c in selected.combinations]),
        repr(sorted(told.items(), key=lambda pair: pair[0])),
        repr((options.columns, options.room, chosen(options.executor).name)),
    ]
    digest = sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


@cache
def made_by(leaving_out: tuple[str, ...] = ()) -> str:
    """A digest of the contents of mmscn's files, the same wherever it is installed.

    leaving_out: how the names end of files that do not count.
    """
    digest = sha256(sys.version.encode())
    for package in ("mmscn", "mmscn.grammar", "mmscn.runtime"):
        folder = Path(store.folder_of(package))
        files = (f for f in folder.rglob("*") if counts(f, leaving_out))
        for file in sorted(files, key=lambda f: f.relative_to(folder).as_posix()):
            name = f"{package}/{file.relative_to(folder).as_posix()}"
            digest.update(sha256(name.encode()).digest() + sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def counts(file: Path, leaving_out: tuple[str, ...]) -> bool:
    return file.suffix in SUFFIXES and file.suffix not in leaving_out and file.is_file()


# ---- files -------------------------------------------------------------------


def written(done: Done) -> bytes:
    """With a digest of its own in front: a damaged file is as if it were not there."""
    value = {**done._asdict(), "reasons": [reason.value for reason in done.reasons]}
    body = json.dumps({"schema": SCHEMA, "done": value}).encode()
    return f"{sha256(body).hexdigest()}\n".encode() + body


def read(file: Path) -> Done | None:
    try:
        digest, _, body = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    if digest != sha256(body).hexdigest().encode():
        return None
    found: Any = json.loads(body)
    value = found["done"]
    return Done(
        **{
            **value,
            "text": tuple(value["text"]),
            "reasons": tuple(Verdict(word) for word in value["reasons"]),
        }
    )
