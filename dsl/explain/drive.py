"""An execution of one program driven on another, as far as it goes, and where they part.

A step is the same on both where the same thread or piece of hardware does the same statements, by
their texts, those left out that the other does not have. What only the other has to do (a lock
that one was taken from), it does where that is of use; what only the one does is passed over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Set
from functools import partial
from typing import NamedTuple, TypeAlias

from mmscn.budget import poll
from mmscn.draw import diagram
from mmscn.draw.steps import actor, steps
from mmscn.draw.traced import Traced, traced
from mmscn.draw.waiting import at
from mmscn.judge.evidence import Counterexample
from mmscn.judge.replays import Fault
from mmscn.lower.compiled import Compiled
from mmscn.runtime.bytecode import CheckId, RuleId, State
from mmscn.runtime.interpreter import VersionOverflow, enabled, replay
from mmscn.runtime.judged import trace_of
from mmscn.runtime.result import Trace
from mmscn.show.table import wrapped

NODES_MAX = 20_000
OWN_MAX = 4

Key: TypeAlias = tuple[str, tuple[str, ...]]
"""Who does what: an actor, and the texts of the statements in a step that both programs have."""

Node: TypeAlias = tuple[int, State]
"""How many of the wanted steps were done, and where that led."""
Before: TypeAlias = dict[Node, tuple[Node, RuleId] | None]
"""From where each was first come to, and by which rule."""


class Driven(NamedTuple):
    """trace: of the other program, as far as it follows. followed: steps of the one, of as many,
    those that come for ever counted twice.

    own: the steps of the trace that only the other has. wanted: what comes next in the one;
    stops: why it does not in the other. Both empty where it follows to the end.
    """

    compiled: Compiled
    trace: Trace
    followed: int
    of: int
    own: tuple[str, ...]
    wanted: str
    stops: str


def driven(example: Counterexample, other: Compiled) -> Driven:
    """Raises Exceeded within a budget."""
    one, trace = example.compiled, example.trace
    mine_all = [key_of(one, RuleId(r)) for r in range(len(one.program.rules))]
    theirs_all = [key_of(other, RuleId(r)) for r in range(len(other.program.rules))]
    both = said(mine_all) & said(theirs_all)
    mine, theirs = [common(key, both) for key in mine_all], [common(k, both) for k in theirs_all]
    there = set(theirs)
    known = {part for key in set(mine) for part in parts(key, there)}
    rules = [trace.rules[n] for n in going(trace)]
    wanted = [(n, part) for n, rule in enumerate(rules) for part in parts(mine[rule], there)]
    before: Before = {}
    todo: deque[Node] = deque()
    for state in other.program.initial:
        before[0, state] = None
        todo.append((0, state))
    best = todo[0]
    while todo and len(before) < NODES_MAX:
        poll()
        node = todo.popleft()
        followed, state = node
        if followed > best[0]:
            best = node
        if followed == len(wanted):
            break
        try:
            ways = list(enabled(other.program, state))
        except VersionOverflow:
            continue
        for rule, after in ways:
            if other.program.rules[rule].halts and followed + 1 < len(wanted):
                continue
            if theirs[rule] == wanted[followed][1]:
                new = (followed + 1, after)
            elif theirs[rule] not in known:
                new = (followed, after)
            else:
                continue
            if new not in before:
                before[new] = (node, rule)
                # What follows goes first: the other's own steps only where they are of use.
                todo.appendleft(new) if new[0] > followed else todo.append(new)
    return told(example, other, path_to(best, before), best[0], wanted, both)


def going(trace: Trace) -> tuple[int, ...]:
    """The steps in order; those that come for ever twice, for the second time they may part."""
    once = range(len(trace.rules))
    return (*once, *once[trace.loop :]) if trace.loop is not None else tuple(once)


def path_to(node: Node, before: Before) -> tuple[list[RuleId], list[State]]:
    rules: list[RuleId] = []
    states = [node[1]]
    while (step := before[node]) is not None:
        node, rule = step
        rules.append(rule)
        states.append(node[1])
    return rules[::-1], states[::-1]


def told(
    example: Counterexample,
    other: Compiled,
    path: tuple[list[RuleId], list[State]],
    followed: int,
    wanted: list[tuple[int, Key]],
    both: frozenset[str],
) -> Driven:
    rules, states = path
    if all(replay(other.program, rules, n) != tuple(states) for n in starts(other, states[0])):
        raise Fault("what was driven does not replay")
    check = same_check(example, other)
    trace = trace_of(other.program, check, rules, tuple(states), shortest=True)
    order = going(example.trace)
    all_of = len(order)
    own = tuple(
        f"{s.actor}: {first_line(s.text)}"
        for s, key in zip(steps(other, trace), map(partial(key_of, other), rules), strict=True)
        if key[1] and not common(key, both)[1]
    )
    if followed == len(wanted):
        return Driven(other, trace, all_of, all_of, own, "", "")
    n, (who, _) = wanted[followed]
    step = example.steps[order[n]]
    text = f"{who}: {step.text}"
    why = stops(other, trace, who, step.text)
    return Driven(other, trace, n, all_of, own, text, why)


def starts(other: Compiled, first: State) -> list[int]:
    return [n for n, state in enumerate(other.program.initial) if state == first]


def same_check(example: Counterexample, other: Compiled) -> CheckId:
    """The check of the same name; what it looks at is noted in a drawing."""
    name = example.compiled.checked.checks[example.compiled.checks[example.trace.check]].name
    for c, n in enumerate(other.checks):
        if other.checked.checks[n].name == name:
            return CheckId(c)
    return CheckId(0)


def key_of(compiled: Compiled, rule: RuleId) -> Key:
    line = compiled.lines[compiled.program.rules[rule].origin]
    origins = compiled.checked.origins
    texts = [" ".join(origins[origin].span.text.split()) for origin in line.origins]
    return actor(compiled.checked, line), tuple(texts)


def said(keys: Iterable[Key]) -> frozenset[str]:
    return frozenset(text for _, texts in keys for text in texts)


def common(key: Key, both: frozenset[str]) -> Key:
    return key[0], tuple(text for text in key[1] if text in both)


def parts(key: Key, there: Set[Key]) -> Iterator[Key]:
    """What a step is in a program that has these: one step, or several with others between.

    A flush taken out joins what was a step in front of it with what was one behind it.
    """
    who, texts = key
    begin = 0
    while begin < len(texts):
        ends = range(len(texts), begin, -1)
        end = next((n for n in ends if (who, texts[begin:n]) in there), None)
        if end is not None:
            yield who, texts[begin:end]
        begin = end or begin + 1


def stops(other: Compiled, trace: Trace, who: str, wanted: str) -> str:
    """Why an actor does not do what was wanted, where a trace has come to."""
    found = traced(other, trace)
    for n, thread in enumerate(other.checked.threads):
        if thread.name == who:
            return thread_stops(found, n, wanted)
    does = {key_of(other, rule) for rule, _ in enabled(other.program, trace.states[-1])}
    mine = [texts[0] for name, texts in sorted(does) if name == who and texts]
    return f"does `{first_line(mine[0])}` instead" if mine else "has nothing to do"


def thread_stops(found: Traced, n: int, wanted: str) -> str:
    standing = found.last.standing[n]
    if standing is None:
        return "has ended"
    keeps = found.keeps_cpu(n)
    if keeps is not None:
        return f"cannot run: {keeps[0]} holds {keeps[1]} and is not preempted"
    text = at(found, standing)
    thread = found.checked.threads[n].name
    program = found.compiled.program
    able = any(
        key_of(found.compiled, rule)[0] == thread
        for rule, _ in enabled(program, found.trace.states[-1])
    )
    if able:
        return "does it another way" if text == wanted else f"does `{text}` instead"
    owners = found.owners(n)
    return f"waits at `{text}`" + (f", held by {' and '.join(owners)}" if owners else "")


def first_line(text: str) -> str:
    return text.split("{")[0].strip() or text


def picture(found: Driven, width: int, word: str = "they part") -> str:
    """The way that both go, and below it where they part. word: what is said of that."""
    if found.wanted:
        ends = [
            *wrapped("", f"here the other goes on with  {found.wanted}"),
            *wrapped("", f"and this one {found.stops}{also(found)}  <--- {word}"),
        ]
    else:
        ends = wrapped("", f"to the end, and nothing breaks{also(found)}  <--- {word}")
    return diagram.draw(found.compiled, found.trace, width=width, ends=ends)


def also(found: Driven) -> str:
    """What this one has done and the other has not."""
    own = list(dict.fromkeys(found.own))
    shown = ", ".join(f"`{text}`" for text in own[:OWN_MAX]) + (", ..." if own[OWN_MAX:] else "")
    return f"; before, it did {shown}" if own else ""
