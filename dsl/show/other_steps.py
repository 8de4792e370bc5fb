"""What else could be done at the steps of an execution, and what would follow: all that the first
state leads to, where that is little enough for a page.

The steps are those of the unreduced program, each told once, from an execution that it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from attrs import define, field

from mmscn.budget import poll
from mmscn.draw.notes import value_text
from mmscn.draw.traced import Traced, traced
from mmscn.judge.evidence import Counterexample
from mmscn.judge.report import Report
from mmscn.judge.token import name_of
from mmscn.lower.compiled import Compiled
from mmscn.runtime.bytecode import LIVENESS, CheckId, CheckKind, RuleId, State
from mmscn.runtime.interpreter import VersionOverflow, enabled
from mmscn.runtime.judged import fails, trace_of
from mmscn.runtime.result import Trace
from mmscn.show import json_states
from mmscn.show.json_values import Json, file_of, plain
from mmscn.show.result_json import example_of
from mmscn.show.trace_json import known_of, step
from mmscn.source import Source

STATES_MAX = 120
STEPS_MAX = 400


class TooMuch(Exception):
    """There are more states or steps than a page is for, or one state has two descriptions."""


class Edge(NamedTuple):
    """A step between two nodes, by number."""

    before: int
    rule: RuleId
    after: int


@define
class Ways:
    """All that a state leads to. into: the edge that a node was found by; None for the first.

    nodes: each state, and whether the machine has stopped in it. out: the edges, by node.
    """

    nodes: list[tuple[State, bool]]
    into: list[Edge | None] = field(factory=lambda: [None])
    out: list[list[Edge]] = field(factory=list)

    def path_to(self, node: int) -> list[Edge]:
        path: list[Edge] = []
        while (edge := self.into[node]) is not None:
            path.append(edge)
            node = edge.before
        return path[::-1]

    def paths(self) -> Iterator[list[Edge]]:
        """Executions from the first state, among which every edge is."""
        left = {edge for edges in self.out for edge in edges}
        for edge in [edge for edges in self.out for edge in edges]:
            if edge not in left:
                continue
            path = [*self.path_to(edge.before), edge]
            while more := [e for e in self.out[path[-1].after] if e in left and e not in path]:
                path.append(more[0])
            left.difference_update(path)
            yield path


def with_others(scenario: Json, report: Report) -> None:
    """Adds to the executions of a result what else could be done in them, and its texts."""
    texts = {f["source"] for f in scenario["files"]}
    for run, made in zip(report.runs, scenario["runs"], strict=True):
        for p, told in zip(run.properties, made["properties"], strict=True):
            example = example_of(run, p) if told["trace"] is not None else None
            found = example.told(partial(others, example)) if example is not None else None
            if found is None:
                continue
            told["trace"]["others"], sources = found
            for name in sorted({*sources} - texts):
                texts.add(name)
                scenario["files"].append(file_of(sources[name], name, False))


def others(example: Counterexample) -> tuple[Json, dict[str, Source]] | None:
    """None where there is too much of it. The texts are those that its steps stand in."""
    try:
        ways = ways_from(example.compiled, example.trace.states[0])
        return Telling(example.compiled, ways).told(example.trace)
    except (TooMuch, VersionOverflow):
        return None


def ways_from(compiled: Compiled, first: State) -> Ways:
    """Raises TooMuch, VersionOverflow."""
    program = compiled.program
    found = Ways([(first, False)])
    numbers = {(first, False): 0}
    count = 0
    for n, (state, halted) in enumerate(found.nodes):
        poll()
        edges: list[Edge] = []
        for rule, after in () if halted else enabled(program, state):
            key = (after, program.rules[rule].halts)
            edge = Edge(n, rule, numbers.setdefault(key, len(found.nodes)))
            if edge.after == len(found.nodes):
                found.nodes.append(key)
                found.into.append(edge)
            edges.append(edge)
        found.out.append(edges)
        count += len(edges)
        if len(found.nodes) > STATES_MAX or count > STEPS_MAX:
            raise TooMuch
    return found


class Telling:
    """Tells the nodes and the edges, each from an execution that it stands in."""

    def __init__(self, compiled: Compiled, ways: Ways) -> None:
        self.compiled = compiled
        self.ways = ways
        self.locals: dict[int, json_states.Local] = {}
        self.nodes: dict[int, Json] = {}
        self.values: dict[int, list[str]] = {}
        self.edges: dict[Edge, Json] = {}
        self.set: dict[Edge, dict[int, object]] = {}
        self.sources: dict[str, Source] = {}

    def told(self, trace: Trace) -> tuple[Json, dict[str, Source]]:
        """Raises TooMuch where a state is told in two ways: a content is named by its history."""
        for path in self.ways.paths():
            self.tell(path)
        numbers = {key: n for n, key in enumerate(self.ways.nodes)}
        rules = self.compiled.program.rules
        stopped = [False, *(rules[rule].halts for rule in trace.rules)]
        places = {number: n for n, number in enumerate(self.locals)}
        edges = [edge for edges in self.ways.out for edge in edges]
        return {
            "at": [numbers.get(key) for key in zip(trace.states, stopped, strict=True)],
            "nodes": [self.nodes[n] for n in range(len(self.ways.nodes))],
            "locals": [local.told() for local in self.locals.values()],
            "steps": [
                {
                    "before": edge.before,
                    "after": edge.after,
                    "step": self.edges[edge],
                    "locals": [[places[n], value] for n, value in self.set[edge].items()],
                }
                for edge in edges
            ],
        }, self.sources

    def tell(self, path: list[Edge]) -> None:
        nodes = [0, *(edge.after for edge in path)]
        states = tuple(self.ways.nodes[n][0] for n in nodes)
        rules = [edge.rule for edge in path]
        trace = trace_of(self.compiled.program, CheckId(0), rules, states, shortest=False)
        found = traced(self.compiled, trace)
        known = known_of(found)
        for local in known.locals:
            self.locals.setdefault(local.number, local)
        for n, number in enumerate(nodes):
            self.tell_node(found, n, number)
        mine = {local.number for local in known.locals}
        for edge, s, moment in zip(path, known.steps, found.moments[1:], strict=True):
            broken, reached = self.ends(edge)
            told = step(known, s, moment)
            told |= {"violates": broken, "reaches": reached, "broken": None, "values": []}
            self.edges.setdefault(edge, told)
            assigned = {n for event in moment.events for n in event.locals if n in mine}
            self.set.setdefault(edge, {n: plain(moment.locals[n]) for n in sorted(assigned)})
            for source in (s.span.source, *(call.span.source for call in s.calls)):
                self.sources[source.name] = source

    def tell_node(self, found: Traced, n: int, number: int) -> None:
        moment = found.moments[n]
        shown = known_of(found).variables
        values = [value_text(found.checked, thing, moment.cells) for thing in shown]
        if self.values.setdefault(number, values) != values:
            raise TooMuch
        if number not in self.nodes:
            state = json_states.State(found=found, cells=(), locals=())
            self.nodes[number] = json_states.state(state, n, moment)

    def ends(self, edge: Edge) -> tuple[list[str], list[str]]:
        """The names of what a step breaks, by itself or by the state behind it, and reaches."""
        program = self.compiled.program
        state, halted = self.ways.nodes[edge.after]
        here = program.rules[edge.rule].violates
        broken = {name_of(self.compiled, CheckId(c)): None for c in here}
        reached: dict[str, None] = {}
        for number, check in enumerate(program.checks):
            stuck = check.kind is CheckKind.DEADLOCK
            if check.kind in LIVENESS or (halted and stuck):
                continue
            if fails(program, CheckId(number), (), state):
                told = reached if check.kind is CheckKind.REACHABLE else broken
                told[name_of(self.compiled, CheckId(number))] = None
        return list(broken), list(reached)
