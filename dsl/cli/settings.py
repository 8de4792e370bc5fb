"""What options are where the command line does not say: `MMSCN_TIME=60`, `time = 60` in mmscn.toml.

A setting is called as the option. The environment goes before the file, which is the nearest
mmscn.toml, or pyproject.toml with a table `[tool.mmscn]`, in the folder or around it.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mmscn.judge.exits import Usage

if TYPE_CHECKING:
    import click

NAMES = (
    "cluster", "color", "depth", "diagrams", "executor", "fail-fast", "jobs", "memory", "no-reduce",
    "quiet", "states", "strict", "time", "verbose", "width",
)  # fmt: skip
FLAGS = ("fail-fast", "quiet", "strict", "verbose")
WORDS = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}
FILE, PROJECT, TABLE = "mmscn.toml", "pyproject.toml", b"tool.mmscn"
FILE_BYTES_MAX = 1_000_000


class Setting(NamedTuple):
    """A value, and where it is from."""

    value: Any
    where: str


def variable(name: str) -> str:
    return f"MMSCN_{name.replace('-', '_').upper()}"


def are_there(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there may be any; takes no longer than a look at the folders."""
    return any(variable(name) in environment for name in NAMES) or file_of(Path.cwd()) is not None


def settings(environment: Mapping[str, str] = os.environ) -> dict[str, Setting]:
    """All that are made. Raises Usage for what cannot be read and for names that there are not."""
    found: dict[str, Setting] = {}
    file = file_of(Path.cwd())
    if file is not None:
        for name, value in table_of(file).items():
            if name not in NAMES:
                raise Usage(f"{file}: there is no setting `{name}`{nearest(name)}")
            found[name] = Setting(value, str(file))
    for name in NAMES:
        if variable(name) in environment:
            found[name] = Setting(environment[variable(name)], variable(name))
    return found


def nearest(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, NAMES, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; there are {', '.join(NAMES)}"


def file_of(folder: Path) -> Path | None:
    """The file whose settings count in a folder. A mmscn.toml counts without any, too."""
    for around in (folder, *folder.parents):
        if (around / FILE).is_file():
            return around / FILE
        project = around / PROJECT
        try:
            if project.is_file() and TABLE in project.read_bytes()[:FILE_BYTES_MAX]:
                return project
        except OSError:
            continue
    return None


def table_of(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        found = tomllib.loads(file.read_bytes()[:FILE_BYTES_MAX].decode())
    except OSError as problem:
        raise Usage(f"cannot read {file}: {problem.strerror or problem}") from problem
    except ValueError as problem:
        raise Usage(f"{file} is no TOML: {problem}") from problem
    if file.name == PROJECT:
        found = found.get("tool", {}).get("mmscn", {})
    if not isinstance(found, dict):
        raise Usage(f"{file}: `tool.mmscn` is no table")
    return found


def defaults(command: "click.Command") -> dict[str, Any]:
    """The settings that a command has options for, by the name of the parameter. Raises Usage."""
    import click

    made: dict[str, Any] = {}
    options = {param.opts[-1].removeprefix("--"): param for param in command.params}
    every = settings() if {*options} & {*NAMES} else {}
    for name, param in options.items():
        if not isinstance(param, click.Option) or param.name is None or name not in every:
            continue
        if param.is_flag is (name in FLAGS):  # `--diagrams` of `ablate` is another thing
            made[param.name] = converted(name, every[name], param)
    return made


def converted(name: str, setting: Setting, param: "click.Option") -> Any:
    """The value as the option has it, which it says to be none of its own in these words."""
    import click

    value, where = setting
    said = f"{where}: `{name}` is {value!r}"
    if name in FLAGS:
        flag = WORDS.get(value.lower()) if isinstance(value, str) else value
        if not isinstance(flag, bool):
            raise Usage(f"{said}, and should be true or false")
        return flag
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Usage(f"{said}, which is no value of --{name}")
    try:
        made = param.type.convert(value if isinstance(value, str) else str(value), param, None)
    except click.BadParameter as problem:
        raise Usage(f"{said}: {problem.message}") from problem
    return (made,) if param.multiple else made


def shown(context: "click.Context") -> str:
    """Every setting that a command has, its value, and where that is from."""
    from click.core import ParameterSource

    every = settings()
    lines = []
    for param in context.command.params:
        name = param.opts[-1].removeprefix("--")
        if name not in NAMES or param.name is None:
            continue
        value = context.params[param.name]
        match context.get_parameter_source(param.name):
            case ParameterSource.COMMANDLINE:
                where = "the command line"
            case ParameterSource.DEFAULT_MAP:
                where = every[name].where
            case _:
                where = "default"
        if isinstance(value, tuple):
            value = ",".join(value) or None
        text = {None: "none", True: "true", False: "false"}.get(value, value)
        lines.append((name, f"{name:<10} {text!s:<10} {where}\n"))
    return "".join(line for _, line in sorted(lines))
