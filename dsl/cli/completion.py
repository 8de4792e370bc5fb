"""`mmscn completion bash|zsh|fish`: a script for a shell, which asks here how a line may go on."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import click

from mmscn.cli.selection import loaded
from mmscn.diagnostics import Rejected
from mmscn.judge.exits import OK
from mmscn.judge.shipped import SUFFIX, shipped_scenarios
from mmscn.judge.targets import DOCUMENTS, LITMUS, NoTarget, targets
from mmscn.plain_text import printable

BASH = """\
# mmscn: source this in ~/.bashrc, or keep it in ~/.local/share/bash-completion/completions/mmscn
_mmscn() {
  local line=${COMP_LINE:0:COMP_POINT} answer word
  # Bash takes a word apart at `=`, and wants what is behind it.
  word=${line##*[[:space:]]}
  if [[ $COMP_WORDBREAKS == *=* ]]; then word=${word%"${word##*=}"}; else word=; fi
  COMPREPLY=()
  while IFS=$'\\t' read -r answer _; do
    printf -v answer %q "${answer#"$word"}"
    COMPREPLY+=("$answer")
  done < <("${COMP_WORDS[0]}" completion --line "$line" 2>/dev/null)
  if [[ ${COMPREPLY[0]} == *[=/] ]]; then compopt -o nospace; fi
}
complete -o default -F _mmscn mmscn
"""
ZSH = """\
#compdef mmscn
# mmscn: source this in ~/.zshrc behind compinit, or keep it as _mmscn in a folder of $fpath
_mmscn() {
  local -a values texts
  local line="${words[1,CURRENT-1]} $PREFIX" answer
  for answer in ${(f)"$(${words[1]} completion --line "$line" 2>/dev/null)"}; do
    values+=("${answer%%$'\\t'*}")
    texts+=("${answer/$'\\t'/  }")
  done
  if (( $#values == 0 )); then
    _files
  elif [[ $values[1] == *[=/] ]]; then
    compadd -S '' -d texts -a values
  else
    compadd -d texts -a values
  fi
}
compdef _mmscn mmscn
"""
FISH = """\
# mmscn: keep this as ~/.config/fish/completions/mmscn.fish
complete -c mmscn -a '(mmscn completion --line (commandline -cp | string collect))'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}

ON_SCENARIOS = ("ablate", "check", "diff", "dis", "explain", "html", "run")
"""Commands whose words are files and names of shipped scenarios."""


class Answer(NamedTuple):
    """How a word may go on: the whole word, and a few words about it."""

    word: str
    about: str = ""


@click.command("completion")
@click.argument("shell", type=click.Choice(list(SCRIPTS)), required=False)
@click.option("--line", metavar="TEXT", help="How this line, as far as it is written, may go on.")
def command(shell: str | None, line: str | None) -> int:
    """Print what makes a shell complete commands, options, scenarios, params, values and codes.

    For one session: `source <(mmscn completion bash)`. What is printed says where
    it is kept.
    """
    if (shell is None) == (line is None):
        raise click.UsageError("name a shell: bash, zsh or fish")
    if shell is not None:
        sys.stdout.write(SCRIPTS[shell])
    for word, about in answers(line) if line is not None else ():
        sys.stdout.write(printable(word) + f"\t{printable(about)}" * bool(about) + "\n")
    return OK


def answers(line: str) -> list[Answer]:
    """How the last word of a line may go on; nothing where a file is wanted, or anything is."""
    from mmscn.cli.commands import mmscn

    *before, current = split(line)
    at: click.Command = mmscn
    positional: list[str] = []
    wanted: click.Option | None = None
    for word in before[1:]:
        if wanted is not None:
            wanted = None
        elif word.startswith("-") and word != "-":
            wanted = takes_value(at, word)
        elif isinstance(at, click.Group) and (found := inner(at, word)) is not None:
            at = found
        else:
            positional.append(word)
    option, equals, value = current.partition("=")
    if wanted is not None:
        found_words = values_of(wanted, current, positional)
    elif option.startswith("--") and equals and (named := takes_value(at, option)) is not None:
        told = values_of(named, value, positional)
        found_words = [Answer(f"{option}={word}", about) for word, about in told]
    elif current.startswith("-"):
        found_words = list(options(at))
    elif isinstance(at, click.Group) and positional:
        found_words = []  # there is no such command
    else:
        found_words = list(words(at, current))
    return [answer for answer in found_words if answer.word.startswith(current)]


def split(line: str) -> list[str]:
    """The words of a line, the last one as far as it is written; quotes may be open."""
    for closing in ("", '"', "'"):
        try:
            found = shlex.split(line + closing)
        except ValueError:
            continue
        return [*found, ""] if (not closing and line[-1:].isspace()) or not found else found
    return ["", ""]


def context(at: click.Command) -> click.Context:
    return click.Context(at, info_name=at.name)


def inner(group: click.Group, word: str) -> click.Command | None:
    return group.get_command(context(group), word)


def takes_value(at: click.Command, word: str) -> click.Option | None:
    """The option of that name, where the next word is its value or the rest behind `=` is."""
    for param in at.params:
        if isinstance(param, click.Option) and word in param.opts:
            return None if param.is_flag or param.count else param
    return None


def options(at: click.Command) -> Iterator[Answer]:
    for param in at.get_params(context(at)):
        if isinstance(param, click.Option) and not param.hidden:
            for name in param.opts:
                yield Answer(name, brief(param.help or ""))


def words(at: click.Command, current: str) -> Iterator[Answer]:
    """What a command does without an option: commands, choices, scenarios, codes, files."""
    if isinstance(at, click.Group):
        for name in at.list_commands(context(at)):
            found = inner(at, name)
            if found is not None and not found.hidden:
                yield Answer(name, found.get_short_help_str(60))
        return
    for param in at.params:
        if isinstance(param, click.Argument) and isinstance(param.type, click.Choice):
            yield from map(Answer, map(str, param.type.choices))
    if at.name in ON_SCENARIOS:
        yield from (Answer(s.name) for s in shipped_scenarios())
        yield from files(current)
    if at.name == "explain":
        from mmscn.codes import CODES

        yield from (Answer(code, brief(about.title)) for code, about in CODES.items())


def files(current: str) -> Iterator[Answer]:
    """Texts that can be run, and folders, that begin as the word does."""
    folder, slash, _ = current.rpartition("/")
    try:
        found = sorted(Path(folder + slash or ".").expanduser().iterdir())
    except OSError:
        return
    for path in found:
        name = f"{folder}{slash}{path.name}"
        if path.is_dir() and not path.name.startswith("."):
            yield Answer(f"{name}/")
        elif path.name.endswith((SUFFIX, *LITMUS, *DOCUMENTS)):
            yield Answer(name)


def values_of(option: click.Option, current: str, positional: list[str]) -> list[Answer]:
    """What may stand behind an option."""
    match option.name:
        case "define":
            return list(settings(current, positional))
        case "no_reduce":
            from mmscn.lower.compile import REDUCTIONS

            before = "".join(current.rpartition(",")[:2])
            return [Answer(before + name) for name in REDUCTIONS]
        case "formats":
            return [Answer(name) for name in import_module("mmscn.show.formats").NAMES]
    choices = option.type.choices if isinstance(option.type, click.Choice) else ()
    return [Answer(str(choice)) for choice in choices]


def settings(current: str, positional: Iterable[str]) -> Iterator[Answer]:
    """`zap=` for each param and knob of the scenarios on the line, `zap=rc2` behind a name."""
    name, equals, value = current.partition("=")
    before = value.rpartition("|")[0]
    found: dict[str, tuple[list[str], str]] = {}
    for word in positional:
        found |= varied(word)
    for known, (every, about) in found.items():
        if not equals:
            yield Answer(f"{known}=", about)
        elif known == name:
            start = f"{name}={before}|" if before else f"{name}="
            yield from (Answer(start + one) for one in every)


def varied(word: str) -> dict[str, tuple[list[str], str]]:
    """The params and knobs of what a word stands for: their values, and what they are."""
    from mmscn.check.values import show

    found: dict[str, tuple[list[str], str]] = {}
    try:
        for target in targets([word]):
            scenario = loaded(target)
            for name, every in scenario.params.items():
                about = brief(scenario.unit.params[name].text or "")
                found[name] = [show(value) for value in every], about
            for knob in scenario.unit.knobs.values():
                about = brief(knob.text or "")
                found.setdefault(knob.name, ([e.span.text for e in knob.values], about))
    except (NoTarget, OSError, Rejected, ValueError):
        pass  # what is wrong with it, running it says
    return found


def brief(text: str) -> str:
    """The first sentence, on one line."""
    return " ".join(text.split()).partition(". ")[0].rstrip(".")
