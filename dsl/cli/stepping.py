"""`mmscn step`: the reader is the scheduler, step by step, in the terminal or from a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mmscn.budget import Exceeded
from mmscn.check.values import show
from mmscn.cli.commands import color_option, wrong
from mmscn.cli.one_scenario import the_one
from mmscn.cli.replaying import of_token as replay_of_token
from mmscn.cli.run import Options, select
from mmscn.cli.search_options import memory_option, time_option
from mmscn.cli.selection import Broken, defined
from mmscn.diagnostics import Rejected
from mmscn.draw.notes import value_text
from mmscn.draw.steps import Step, steps
from mmscn.draw.traced import traced
from mmscn.judge import exits, token
from mmscn.judge.api import Scenario
from mmscn.judge.exits import Usage
from mmscn.judge.targets import Target
from mmscn.judge.walk import Option, Walk
from mmscn.plain_text import printable, printable_lines
from mmscn.replace import replace_file
from mmscn.runtime.result import Limits
from mmscn.show.paint import write
from mmscn.show.state_text import state_text, step_line

HELP = """\
  N             take step N
  b [N]         go back one step, or N
  s             the whole state; a * marks what the last step has changed
  d             what is other than in the first state
  t             the steps so far
  x             the execution so far, drawn
  break NAME    stop where this property breaks; without a name, which there are
  go [NAME]     go on by the fewest steps to where a breakpoint, or this property, breaks
  save FILE     write the replay token of the execution so far to a file; without one, print it
  q             end
"""
LINE_MAX = 1000


@click.command("step")
@click.argument("words", nargs=-1, metavar="TARGET|TOKEN [TARGET]")
@click.option("-D", "define", multiple=True, metavar="NAME=VALUE", help="As of `mmscn run`.")
@time_option
@memory_option
@color_option
def command(words: tuple[str, ...], **options: Any) -> int:
    """Execute a scenario step by step: you choose who goes next.

    At each state the steps that could be taken are numbered; `h` says what else can be said:
    back, whole states, breakpoints on properties, saving the schedule. Commands are read from
    the standard input, a line each, so that they may come from a file. With a replay token it
    begins at the end of that execution. Of several combinations of the params it is the first.
    """
    given = Options(words, **options)
    try:
        found = begun(given)
        if isinstance(found, int):
            return found
        return Session(*found, given).run()
    except Usage as problem:
        return wrong(command, problem)
    except Exceeded as problem:
        return Broken(given.color).ended(Target(words[-1] if words else ""), problem)
    except Rejected as problem:
        Broken(given.color).tell(problem.diagnostics)
        return exits.USAGE


def begun(options: Options) -> tuple[Scenario, str, Walk] | int:
    """Where to begin: the scenario, the combination as it is told. Raises Usage, Rejected."""
    tokens = [word for word in options.words if token.is_token(word)]
    rest = [word for word in options.words if not token.is_token(word)]
    if len(tokens) > 1 or len(rest) > 1 or not options.words:
        raise Usage("one scenario is executed, or what a token begins")
    if tokens:
        if options.define:
            raise Usage("a token says which combination it is of: there is nothing to choose")
        return of_token(tokens[0], rest)
    broken = Broken(options.color)
    codes: list[int] = []
    chosen = the_one(rest, "one scenario is executed")
    for selected in select(chosen, defined(options.define), broken, codes, options.limits):
        values = selected.combinations[0]
        count = len(selected.combinations)
        more = f"  (the first of {count} combinations: choose with -D)" if count > 1 else ""
        said = " ".join(f"{name}={show(value)}" for name, value in values.items())
        compiled = selected.scenario.case(values, True)().compiled
        return selected.scenario, f"{said}{more}".strip(), Walk(compiled)
    return exits.worst([*codes, *([exits.USAGE] if broken.found else [])])


def of_token(word: str, rest: list[str]) -> tuple[Scenario, str, Walk]:
    found = replay_of_token(word, rest)
    said = " ".join(f"{name}={show(value)}" for name, value in found.values.items())
    return found.scenario, said, Walk(found.compiled, found.trace)


class Session:
    """What is said to and fro. breakpoints: names of properties."""

    def __init__(self, scenario: Scenario, chosen: str, walk: Walk, options: Options) -> None:
        self.scenario = scenario
        self.chosen = chosen
        self.walk = walk
        self.options = options
        self.breakpoints: list[str] = []
        self.open: list[Option] = []
        self.ended = False
        self.commands: dict[str, Callable[[str], None]] = {
            "b": self.back, "back": self.back,
            "s": self.state, "state": self.state,
            "d": self.diff, "diff": self.diff,
            "t": self.told, "trace": self.told,
            "x": self.drawn, "diagram": self.drawn,
            "break": self.break_at,
            "go": self.go,
            "save": self.save,
            "h": self.help, "help": self.help, "?": self.help,
            "q": self.end, "quit": self.end,
        }  # fmt: skip

    @property
    def limits(self) -> Limits:
        return self.options.limits

    def run(self) -> int:
        self.say(f"{self.scenario.name} {self.chosen}".strip())
        self.say("`h` says what can be said.")
        self.look()
        while not self.ended:
            self.prompt()
            line = sys.stdin.readline(LINE_MAX)
            if not line:
                break
            self.obey(line.strip())
        return exits.OK

    def prompt(self) -> None:
        if sys.stdin.isatty():
            sys.stdout.write("> ")
        sys.stdout.flush()

    def say(self, line: str) -> None:
        write(f"{printable(line)}\n", self.options.color, "trace")

    def say_lines(self, text: str) -> None:
        write(printable_lines(text), self.options.color, "trace")

    def obey(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if not word:
            return
        if word.isascii() and word.isdecimal():
            self.take(word)
        elif word in self.commands:
            self.commands[word](rest.strip())
        else:
            self.say(f"`{line}` is no command; `h` says what can be said")

    # ---- where it stands ------------------------------------------------------

    def look(self) -> None:
        """The last step, what is broken, and the steps that could be next."""
        walk = self.walk
        if walk.rules:
            last = steps(walk.compiled, walk.trace())[-1]
            self.say("")
            self.say(f"state {len(walk.rules)}, behind {step_line(last)}")
            self.changes(last)
        for check in walk.broken():
            word = "REACHED" if walk.reaches(check) else "VIOLATED"
            name = token.name_of(walk.compiled, check)
            stop = "  (breakpoint)" if name in self.breakpoints else ""
            self.say(f"  <--- {word} {name}{stop}")
        self.open = walk.options()
        for n, option in enumerate(self.open, 1):
            self.say(f"  {n}  {step_line(option.step)}")
        if not self.open:
            self.say("  nobody can go on; `b` goes back")

    def changes(self, step: Step) -> None:
        for change in step.notes:
            if change.before != change.after:
                self.say(f"    [{change}]")

    # ---- commands -------------------------------------------------------------

    def take(self, word: str) -> None:
        number = int(word) if len(word) < 5 else 0
        if not 1 <= number <= len(self.open):
            self.say(f"there is no step {word}: there are {len(self.open)}")
            return
        self.walk.take(self.open[number - 1])
        self.look()

    def back(self, rest: str) -> None:
        if rest and not (rest.isascii() and rest.isdecimal()):
            self.say("`b` goes back one step, `b 3` three")
        elif not self.walk.rules:
            self.say("this is the first state")
        else:
            self.walk.back(int(rest[:6]) if rest else 1)
            self.look()

    def state(self, rest: str) -> None:
        walk = self.walk
        self.say_lines(state_text(traced(walk.compiled, walk.trace()), len(walk.rules)))

    def diff(self, rest: str) -> None:
        walk = self.walk
        found = traced(walk.compiled, walk.trace())
        first, here = found.moments[0].cells, found.last.cells
        same = True
        for thing in found.things:
            old = value_text(found.checked, thing, first)
            new = value_text(found.checked, thing, here)
            if old != new:
                same = False
                self.say(f"  {thing.name}: {old} -> {new}")
        if same:
            self.say("  nothing is other than in the first state")

    def told(self, rest: str) -> None:
        walk = self.walk
        for step in steps(walk.compiled, walk.trace()):
            self.say(f"{step.number:3}  {step_line(step)}")
        if not walk.rules:
            self.say("no step is taken so far")

    def drawn(self, rest: str) -> None:
        from mmscn.draw.diagram import draw

        walk = self.walk
        if not walk.rules:
            self.say("no step is taken so far")
            return
        names = walk.broken_names()
        ends = [f"<--- {name}" for name in names] or ["(nothing is broken so far)"]
        self.say_lines(draw(walk.compiled, walk.trace(), ends=None if names else ends))

    def break_at(self, rest: str) -> None:
        names = self.walk.names()
        if not rest:
            self.say(f"there are: {', '.join(names)}")
        elif rest not in names:
            self.say(f"nothing is named `{rest}`; there are: {', '.join(names)}")
        else:
            self.breakpoints = list(dict.fromkeys([*self.breakpoints, rest]))
            self.say(f"breakpoints: {', '.join(self.breakpoints)}")

    def go(self, rest: str) -> None:
        wanted = [rest] if rest else self.breakpoints
        known = self.walk.names()
        if not wanted or any(name not in known for name in wanted):
            self.say("`go NAME` goes to where a property breaks; `break` says which there are")
            return
        if self.walk.broken() and set(self.walk.broken_names()) & set(wanted):
            self.say("it is broken here")
            return
        found = any(self.walk.go(name, self.limits) for name in wanted)
        if not found:
            self.say(f"from here no execution within the limits breaks {' or '.join(wanted)}")
            return
        self.look()

    def save(self, rest: str) -> None:
        walk = self.walk
        made = token.token_of(walk.compiled, walk.trace(), broken=bool(walk.broken()))
        if made is None:
            self.say(f"an execution of more than {token.STEPS_MAX} steps has no token")
        elif not rest:
            self.say(f"token {made}")
        else:
            try:
                replace_file(Path(rest), f"{made}\n".encode())
            except OSError as problem:
                self.say(f"{rest} cannot be written: {problem.strerror or problem}")
                return
            self.say(f"{rest} has the token; `mmscn step TOKEN` goes on from here")

    def help(self, rest: str) -> None:
        self.say_lines(HELP)

    def end(self, rest: str) -> None:
        self.ended = True
