"""A checked program to IR: a rule for every way through every step."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product

from mmscn.check import core
from mmscn.check.numbers import first_origin
from mmscn.check.values import BOOLS, Value
from mmscn.diagnostics import Rejected
from mmscn.lower.compiled import Line
from mmscn.lower.disjunctions import disjunction
from mmscn.lower.flow import Flow, Node
from mmscn.lower.ir import Check, Condition, Guard, Ir, Process, Rule, Term, Var, VarId
from mmscn.lower.kept_rules import KeptRules
from mmscn.lower.kept_steps import KeptSteps
from mmscn.lower.path import Path, TooManyWays
from mmscn.lower.paths import Executor
from mmscn.lower.ways import Ways, rejected, why_too_many
from mmscn.runtime.bytecode import CheckKind, ProcessKind
from mmscn.source import Span

RULES_MAX = 20_000
END = 0

KINDS = {
    "assert": CheckKind.STEP,
    "bug": CheckKind.STEP,
    "rule": CheckKind.STEP,
    "bound": CheckKind.STEP,
    "deadlock": CheckKind.DEADLOCK,
    "always": CheckKind.ALWAYS,
    "finally": CheckKind.FINALLY,
    "reachable": CheckKind.REACHABLE,
    "eventually": CheckKind.EVENTUALLY,
    "leads to": CheckKind.LEADS,
    "livelock": CheckKind.LIVELOCK,
}


def build(checked: core.Checked) -> tuple[Ir, list[Line]]:
    """The IR of a checked program and its line table; raises Rejected where a bound is met."""
    builder = Builder(checked)
    try:
        return builder.build()
    finally:
        # A circle would keep all rules until garbage is collected.
        del builder.kept, builder.kept_steps


class Builder(Ways):
    def __init__(self, checked: core.Checked) -> None:
        super().__init__(checked.origins, checked.imported)
        self.checked = checked
        self.vars: list[Var] = []
        self.rules: list[Rule] = []
        self.lines: list[Line] = []
        self.line_of: dict[tuple[object, ...], int] = {}
        self.cells: dict[tuple[str, tuple[Value, ...]], VarId] = {}
        self.locals: dict[int, VarId] = {}
        self.declare()
        self.pcs = [
            self.new(Var(name=f"{t.name}.pc", domain=(END,), thread=n))
            for n, t in enumerate(checked.threads)
        ]
        self.executor = Executor(self.vars, self.cells, checked.families, self.locals, self.pcs)
        self.executor.busy = checked.busy
        self.executor.begin()
        self.kept = KeptRules(self)
        self.kept_steps = KeptSteps(self)
        self.passed_at_once: frozenset[int] = frozenset()
        """The waypoints that threads pass before time begins."""

    def new(self, var: Var) -> VarId:
        self.vars.append(var)
        return len(self.vars) - 1

    def declare(self) -> None:
        for key, family in self.checked.families.items():
            for index in product(*family.indices):
                shown = ", ".join(str(v) for v in index)
                self.cells[key, index] = self.new(
                    Var(
                        name=f"{family.name}[{shown}]" if index else family.name,
                        domain=family.domain,
                        version=family.version,
                        family=key,
                        index=index,
                        ghost=family.ghost,
                    )
                )
        for number, local in self.checked.locals.items():
            self.locals[number] = self.new(
                Var(
                    name=local.name,
                    domain=local.domain,
                    thread=local.thread,
                    version=local.version,
                )
            )

    # ---- threads ------------------------------------------------------------

    def build(self) -> tuple[Ir, list[Line]]:
        self.executor.begin()
        self.never_too_busy()
        numbers, starts = self.starts()
        self.passed_at_once = frozenset(c for path, _ in starts for c in path.covers)
        processes: list[Process] = []
        for n, thread in enumerate(self.checked.threads):
            processes.append(self.thread(n, thread, numbers[n], [nodes[n] for _, nodes in starts]))
        initial = []
        for path, nodes in starts:
            values = {v: term[1] for v, term in path.values.items()}
            for n, node in enumerate(nodes):
                values[self.pcs[n]] = self.number(numbers[n], node)
            initial.append(values)
        for n, agent in enumerate(self.checked.agents):
            before = len(self.rules)
            process = self.agent(n, agent, len(processes))
            if len(self.rules) > before:  # else it waits for what never is
                processes.append(process)
        for n, pc in enumerate(self.pcs):
            size = max(numbers[n].values(), default=0) + 1
            old = self.vars[pc]
            self.vars[pc] = Var(name=old.name, domain=tuple(range(size)), thread=n)
        checks, quiescent = self.checks()
        ir = Ir(
            vars=self.vars,
            processes=processes,
            rules=self.rules,
            initial=initial,
            checks=checks,
            quiescent=quiescent,
        )
        return ir, self.lines

    def starts(self) -> tuple[list[dict[Node, int]], list[tuple[Path, list[Node]]]]:
        """Before time begins: each way to begin, and where each thread stands then.

        numbers: by thread, the program counters of the places that are known so far.
        """
        flows = [self.flow(thread) for thread in self.checked.threads]
        numbers: list[dict[Node, int]] = [{} for _ in flows]
        self.executor.rests = [frozenset((END,)) for _ in flows]
        start = Path(values=self.initial_values(), first=self.checked.named_versions)
        starts: list[tuple[Path, list[Node]]] = [(start, [])]
        for n, (entry, thread) in enumerate(zip(flows, self.checked.threads, strict=True)):
            begun: list[tuple[Path, list[Node]]] = []
            for path, nodes in starts:
                for after, node in self.begin(path, entry, thread):
                    begun.append((after, [*nodes, node]))
            starts = begun
            if thread.daemon:
                heads = {self.number(numbers[n], node) for node in self.heads(entry)}
                heads |= {self.number(numbers[n], nodes[n]) for _, nodes in starts}
                self.executor.rests[n] = frozenset({END, *heads})
        return numbers, starts

    def flow(self, thread: core.Thread) -> Node:
        body = self.kept.body(thread.body)
        if body is None:
            return self.new_flow(thread)
        known = body.flows.get(thread.daemon)
        if not isinstance(known, Node):
            known = body.flows[thread.daemon] = self.new_flow(thread)
        return known

    def new_flow(self, thread: core.Thread) -> Node:
        flow = Flow()
        if thread.daemon:
            head = Node("silent", meets=True)
            head.next = flow.block(thread.body, head)
            return head
        return flow.block(thread.body, Node("end"))

    def begin(self, path: Path, entry: Node, thread: core.Thread) -> Iterator[tuple[Path, Node]]:
        """A thread before its first step: where it stands, and what it has done so far.

        It has done nothing if others come first, or if it would meet an
        assertion, a BUG or a model error: it meets them with its first step.
        """
        self.executor.begin()
        ways = list(self.silent(path.copy(), entry, thread.name))
        waypoints = self.checked.waypoints
        met = any(way.covers - waypoints or way.violates for way, _ in ways)
        if thread.after or met or self.executor.failed:
            yield path, Node("choose", branches=(entry,))
        else:
            yield from ways

    def heads(self, entry: Node) -> list[Node]:
        """Where a daemon can stand before the first step of a turn."""
        found: list[Node] = []
        seen: set[Node] = set()
        todo = [entry]
        while todo:
            node = todo.pop()
            if node in seen:
                continue
            seen.add(node)
            if node.visible:
                found.append(node)
            elif node.branches:
                todo.extend(node.branches)
            elif node.next is not None:
                todo.append(node.next)
        return found

    def initial_values(self) -> dict[VarId, Term]:
        values: dict[VarId, Term] = {}
        for key, family in self.checked.families.items():
            for index, value in zip(product(*family.indices), family.initial, strict=True):
                values[self.cells[key, index]] = ("c", value)
        for number, local in self.checked.locals.items():
            zeros = (v for v in local.domain if type(v) is int and v == 0)
            first = next(zeros, local.domain[0])
            if None in local.domain:
                first = None
            values[self.locals[number]] = ("c", first)
        return values

    def number(self, numbers: dict[Node, int], node: Node) -> int:
        """The program counter of a place where a thread can stand."""
        if node.kind == "end":
            return END
        return numbers.setdefault(node, len(numbers) + 1)

    def thread(
        self, n: int, thread: core.Thread, numbers: dict[Node, int], entries: list[Node]
    ) -> Process:
        kept_out = self.kept_out(thread)
        begins: Guard = {self.pcs[other]: self.executor.rests[other] for other in thread.after}
        asked = (
            n, thread.name, thread.daemon, thread.cpu, tuple(kept_out.items()),
            tuple((other, self.executor.rests[other]) for other in thread.after), tuple(entries),
        )  # fmt: skip

        def make() -> None:
            self.thread_rules(n, thread, numbers, entries, kept_out, begins)

        self.kept.write(thread.body, asked, numbers, n, (n, None, thread.cpu), make)
        kind = ProcessKind.DAEMON if thread.daemon else ProcessKind.THREAD
        return Process(
            name=thread.name,
            kind=kind,
            column=thread.cpu,
            pc=self.pcs[n],
            rest=self.executor.rests[n],
        )

    def thread_rules(
        self,
        n: int,
        thread: core.Thread,
        numbers: dict[Node, int],
        entries: list[Node],
        kept_out: Guard,
        begins: Guard,
    ) -> None:
        """kept_out: while this thread may move. begins: when it may begin."""
        todo = [node for node in entries if node.kind != "end"]
        done: set[Node] = set()
        first = {self.number(numbers, node) for node in entries}
        while todo:
            node = todo.pop(0)
            if node in done:
                continue
            done.add(node)
            at = self.number(numbers, node)
            start = Path(guard=dict(kept_out))
            if at in first:
                start.guard |= begins
            self.executor.begin()
            for path, after in self.kept_steps.ways(start, node, thread.name):
                if after.kind != "end" and not path.halts:
                    todo.append(after)
                to = at if path.halts else self.number(numbers, after)
                self.rule(n, path, at, to, thread.cpu, thread=n)
            for path in self.executor.failed:
                self.rule(n, path, at, at, thread.cpu, thread=n)

    def kept_out(self, thread: core.Thread) -> Guard:
        """What the spinlocks are while no thread beside this one has any."""
        others = {self.checked.threads[m].elem for m in thread.beside}
        guard: Guard = {}
        for (key, _), cell in self.cells.items() if others else ():
            if self.checked.families[key].lock == "spinlock":
                guard[cell] = frozenset(self.vars[cell].domain) - others
        return guard

    def agent(self, n: int, agent: core.Agent, process: int) -> Process:
        column = agent.cpu if agent.cpu is not None else self.checked.cpus + n
        asked = (agent.name, agent.cpu, agent.origin)
        owner = (None, n, agent.cpu)
        make = partial(self.agent_rules, n, agent, process)
        self.kept.write(agent.body, asked, {}, process, owner, make)
        return Process(
            name=agent.name, kind=ProcessKind.AGENT, column=column, pc=None,
            prompt=agent.prompt, fair=not agent.may,
        )  # fmt: skip

    def agent_rules(self, n: int, agent: core.Agent, process: int) -> None:
        flow = Flow()
        node = flow.statement(core.Atomic(body=agent.body, origin=agent.origin), Node("end"), None)
        self.executor.begin()
        for path, _ in self.steps(Path(), node, agent.name):
            self.rule(process, path, None, None, agent.cpu, agent=n)
        for path in self.executor.failed:
            self.rule(process, path, None, None, agent.cpu, agent=n)

    def has_room(self, rules: int) -> bool:
        """Whether so many rules more are not too many."""
        return len(self.rules) + rules <= RULES_MAX

    def line(
        self, origins: tuple[int, ...], thread: int | None, agent: int | None, cpu: int | None
    ) -> int:
        """The number of a line."""
        key = (thread, agent, origins)
        if key not in self.line_of:
            self.line_of[key] = len(self.lines)
            self.lines.append(Line(thread=thread, agent=agent, cpu=cpu, origins=origins))
        return self.line_of[key]

    def rule(
        self,
        process: int,
        path: Path,
        at: int | None,
        to: int | None,
        cpu: int | None,
        *,
        thread: int | None = None,
        agent: int | None = None,
    ) -> None:
        if len(self.rules) >= RULES_MAX:
            raise self.rejected(
                path.origins[0] if path.origins else self.nowhere,
                "MM504",
                f"the scenario has more than {RULES_MAX} rules",
            )
        assigns = {
            v: term
            for v, term in path.values.items()
            if term != ("v", v) and self.vars[v].thread != -1
        }
        self.rules.append(
            Rule(
                process=process,
                at=at,
                to=to,
                guard=path.guard,
                literals=path.literals,
                assigns={} if path.halts else assigns,
                line=self.line(tuple(path.origins), thread, agent, cpu),
                violates=frozenset(path.violates),
                covers=frozenset(path.covers),
                halts=path.halts,
                granted=path.granted,
            )
        )

    # ---- checks -------------------------------------------------------------

    def checks(self) -> tuple[list[Check], list[Condition]]:
        found = []
        for n, info in enumerate(self.checked.checks):
            kind = KINDS[info.kind]
            if info.condition is None:
                covered: tuple[Condition, ...] = ()
                if n in self.passed_at_once:
                    kind, covered = CheckKind.ALWAYS, (Condition(),)
                if info.kind in ("bug", "rule"):
                    covered = (Condition(),)
                if info.kind in ("deadlock", "livelock"):
                    covered = (Condition(),)
                found.append(Check(info=n, kind=kind, covered=covered))
                continue
            assert info.covered is not None
            spans = [s for s in (info.span, info.asked, first_origin(self.checked).span) if s]
            bad = self.written(info.condition, info.kind == "reachable", spans)
            chance = self.written(info.covered, True, spans)
            listed = frozenset(map(self.listed, info.listed))
            found.append(Check(info=n, kind=kind, bad=bad, covered=chance, listed=listed))
        try:
            return found, list(disjunction(self.executor, core.Quiet(), True))
        except TooManyWays:
            where = self.checked.busy_at or (first_origin(self.checked).span,)
            raise self.too_busy(where[0]) from None

    def listed(self, cell: core.Cell) -> VarId:
        index = tuple(i.value for i in cell.index if isinstance(i, core.Const))
        return self.cells[cell.family, index]

    def never_too_busy(self) -> None:
        """Raise Rejected where the ways for no hardware to be busy are too many to write.

        Before the steps are written out, which may take longer.
        """
        paths = [Path()]
        for busy, span in zip(self.checked.busy, self.checked.busy_at, strict=True):
            try:
                paths = [way for path in paths for way, idle in self.idle(path, busy) if idle]
            except TooManyWays:
                raise self.too_busy(span) from None

    def too_busy(self, span: Span) -> Rejected:
        message = "there are too many ways in which no hardware is busy"
        return rejected(self.imported, [span], "MM504", message)

    def idle(self, path: Path, busy: core.Expr) -> Iterator[tuple[Path, bool]]:
        for forked, term in self.executor.evaluate(path, busy):
            for way, yes in self.executor.decide(forked, term):
                yield way, not yes

    def written(self, e: core.Expr, wanted: bool, spans: list[Span]) -> tuple[Condition, ...]:
        """Raises Rejected at a place where the states in which it is so are too many to write."""
        try:
            return disjunction(self.executor, e, wanted)
        except TooManyWays as problem:
            raise rejected(self.imported, spans, *why_too_many(self.vars, problem)) from None


__all__ = ["BOOLS", "build"]
