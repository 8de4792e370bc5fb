"""`--output-format`: the result in other formats, on stdout or in files."""

from __future__ import annotations

import sys
from pathlib import Path

from mmscn.cli.run import Options
from mmscn.cli.selection import Broken
from mmscn.judge.exits import Usage
from mmscn.replace import replace_file
from mmscn.show import result_json
from mmscn.show.formats import FORMATS


def known(options: Options) -> None:
    """Raises Usage, before anything is run, for what cannot be done."""
    for wanted in options.formats:
        name, equals, file = wanted.partition("=")
        if name not in FORMATS:
            raise Usage(f"there is no format `{name}`; there are {', '.join(FORMATS)}")
        if equals and not file:
            raise Usage(f"`{wanted}` names no file")
        if file and not Path(file).absolute().parent.is_dir():
            raise Usage(f"{file} cannot be written: there is no such folder")
    printed = [wanted for wanted in options.formats if "=" not in wanted]
    if len(printed) + bool(options.as_json) > 1:
        raise Usage(f"one format is printed; say where the others go, as in {printed[0]}=FILE")


def write(options: Options, scenarios: list[dict[str, object]], broken: Broken) -> None:
    """Each format that was asked for, from the one result. Raises Usage."""
    document = result_json.document(scenarios, broken.found)
    for wanted in options.formats:
        name, _, file = wanted.partition("=")
        made = FORMATS[name](document)
        if not file:
            sys.stdout.write(made)
            continue
        try:
            replace_file(Path(file), made.encode("utf-8"))
        except OSError as problem:
            raise Usage(f"{file} cannot be written: {problem.strerror or problem}") from problem
