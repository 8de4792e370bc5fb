"""A scenario of straight lines as a litmus test, so that other tools can be asked.

What both can say is written: threads that load, store, exchange, add and fence, one after the
other, and a condition on final values. Everything else is rejected at its place in the scenario. A
variable that one thread alone sets and none reads is a register of the test: what it holds is
asked at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field

from mmscn.diagnostics import Rejected, one
from mmscn.litmus import tree as lit
from mmscn.litmus.architectures import FENCE_CALLS
from mmscn.litmus.ops import Const, Fence, Load, Op, Reg, Set, Store, Sum, Update, Value
from mmscn.source import Span
from mmscn.syntax import tree as t

SKIPPED = (
    t.Scenario | t.Import | t.Machine | t.Param | t.Expect | t.SourceNote | t.Claim | t.Outcomes
)
OPS = {"==": True, "!=": False}


@define
class Exported:
    """What a scenario says, in the words of litmus tests.

    initial: of each location. threads: what each does, in order. results: of a variable that is a
    register, the thread and the register's name.
    """

    name: str
    initial: dict[str, int] = field(factory=dict)
    threads: list[tuple[Op, ...]] = field(factory=list)
    results: dict[str, tuple[int, str]] = field(factory=dict)
    quantifier: str = ""
    condition: lit.Condition = field(factory=lambda: lit.Truth(True))
    shown: list[str] = field(factory=list)


def exported(text: t.Text) -> Exported:
    """Raises Rejected for what a litmus test has no words for."""
    return Exporter(text).result()


def strange(node: t.Node, what: str, hint: str | None = None) -> Rejected:
    return one("MM807", f"{what} is nothing that a litmus test says", node.span, hint)


class Exporter:
    def __init__(self, text: t.Text) -> None:
        self.text = text
        self.found = Exported(name="scenario")
        self.variables: dict[str, t.Var] = {}

    def result(self) -> Exported:
        threads: list[t.Thread] = []
        for item in self.text.items:
            match item:
                case t.Scenario(name=name, title=title):
                    self.found.name = title if title and " " not in title else name
                case t.Var(indices=(), name=name, value=value):
                    self.variables[name] = item
                    self.found.initial[name] = number(value) if value is not None else first(item)
                case t.Init(body=body):
                    self.begin(body)
                case t.Thread() | t.Composition():
                    threads += flat(item)
                case t.Predicate():
                    pass
                case _ if isinstance(item, SKIPPED):
                    pass
                case _:
                    raise strange(item, "this")
        if not threads:
            raise one("MM807", "there is no thread", Span(self.text.span.source, 0, 1))
        self.results(threads)
        for n, thread in enumerate(threads):
            self.found.threads.append(tuple(Body(self, n, thread).ops()))
        for name in self.found.results:
            self.found.initial.pop(name, None)
        self.asked()
        return self.found

    def begin(self, body: t.Block) -> None:
        for s in body.statements:
            match s:
                case t.Assign(target=t.Name(text=name), value=value) if name in self.variables:
                    self.found.initial[name] = number(value)
                case _:
                    raise strange(s, "this beginning", "a variable begins with a number")

    def results(self, threads: list[t.Thread]) -> None:
        """Variables that are registers: set by one thread, read by none."""
        read: set[str] = set()
        written: dict[str, set[int]] = {}
        for n, thread in enumerate(threads):
            for s in thread.body.statements:
                target = s.target if isinstance(s, t.Assign) else None
                if isinstance(target, t.Name):
                    written.setdefault(target.text, set()).add(n)
                for e in expressions(s):
                    if e is not target:
                        read |= {name.text for name in names_in(e)}
        for name, var in self.variables.items():
            owners = written.get(name, set())
            if len(owners) == 1 and name not in read:
                self.found.results[name] = (next(iter(owners)), name)
            elif var.ghost:
                raise strange(var, "a ghost that is read, or of several threads")

    # ---- what is asked ------------------------------------------------------------

    def asked(self) -> None:
        predicates = [i for i in self.text.items if isinstance(i, t.Predicate)]
        for item in self.text.items:
            if isinstance(item, t.Outcomes):
                for place in item.places:
                    if not isinstance(place, t.Name) or place.text not in self.variables:
                        raise strange(place, "this")
                    self.found.shown.append(place.text)
        if not predicates:
            self.found.quantifier = "forall"
            return
        if len(predicates) > 1:
            hint = "a litmus test asks one thing"
            raise strange(predicates[1], "a second question", hint)
        asked = predicates[0]
        condition = self.condition(asked.condition)
        match asked.kind:
            case "reachable finally":
                self.found.quantifier = "exists"
            case "finally" if isinstance(condition, lit.Not):
                self.found.quantifier = "~exists"
                condition = condition.part
            case "finally":
                self.found.quantifier = "forall"
            case kind:
                hint = "a litmus test asks of final states: `finally`, `reachable finally`"
                raise strange(asked, f"`{kind}`", hint)
        self.found.condition = condition

    def condition(self, e: t.Expr) -> lit.Condition:
        match e:
            case t.Unary(op="not", operand=operand):
                return lit.Not(self.condition(operand))
            case t.Binary(op="and" | "or" | "implies" as op, left=left, right=right):
                word = {"and": "/\\", "or": "\\/", "implies": "=>"}[op]
                return lit.Both(word, (self.condition(left), self.condition(right)))
            case t.Binary(op="==" | "!=" as op, left=t.Name(text=name), right=right):
                if name not in self.variables:
                    raise strange(e, f"`{name}`")
                value = lit.Number(number(right), e.span)
                if name in self.found.results:
                    place: lit.Place = lit.Register(*self.found.results[name], e.span)
                else:
                    place = lit.Location(name, e.span)
                return lit.Equal(place, value, OPS[op])
            case t.Literal(value=bool() as truth):
                return lit.Truth(truth)
        raise strange(e, "this condition", "`variable == number`, with `and`, `or`, `not`")


class Body:
    """The operations of one thread."""

    def __init__(self, exporter: Exporter, number_: int, thread: t.Thread) -> None:
        self.exporter = exporter
        self.number = number_
        self.thread = thread
        self.locals: dict[str, str] = {}

    def ops(self) -> Iterator[Op]:
        statements = list(self.thread.body.statements)
        while statements and self.copied(statements[-1]):
            statements.pop()
        for s in statements:
            yield from self.statement(s)

    def copied(self, s: t.Stmt) -> bool:
        """Whether it does nothing but give a local, at the end, the name that is asked for."""
        match s:
            case t.Assign(target=t.Name(text=name), value=t.Name(text=local)):
                found = self.exporter.found.results
                if name in found and local not in self.exporter.variables:
                    found[name] = (self.number, local)
                    return True
        return False

    def statement(self, s: t.Stmt) -> Iterator[Op]:
        match s:
            case t.Let(name=name, value=value) | t.LocalVar(name=name, value=value):
                self.locals[name] = name
                yield from self.set(name, value, s)
            case t.Assign(target=t.Name(text=name), value=value):
                if name in self.locals or name in self.exporter.found.results:
                    yield from self.set(name, value, s)
                elif name in self.exporter.variables:
                    before, term = self.value(value)
                    yield from before
                    yield Store(place=name, value=term, span=s.span)
                else:
                    raise strange(s, f"`{name}`")
            case t.CallStmt(call=t.CallValue(name=name, args=())) if name in FENCE_CALLS:
                yield Fence(kind=FENCE_CALLS[name], text=name, span=s.span)
            case t.Fence(kind=kind):
                yield Fence(kind=kind, text=f"fence {kind}", span=s.span)
            case t.Store(order="release", address=t.Name(text=name), value=value):
                before, term = self.value(value)
                yield from before
                yield Store(place=name, value=term, order="release", span=s.span)
            case t.Update(target=t.Name(text=name), op=op, value=value) if self.shared(name):
                amount = number(value)
                amount = amount if op == "+" else -amount
                yield Update(
                    kind="add", to=None, place=name, value=Const(amount), order="full", span=s.span
                )
            case _:
                raise strange(s, "this statement", "loads, stores, exchanges and fences are")

    def shared(self, name: str) -> bool:
        found = self.exporter
        return name in found.variables and name not in found.found.results

    def set(self, name: str, value: t.Expr, s: t.Stmt) -> Iterator[Op]:
        match value:
            case t.Xchg(cell=t.Name(text=place), value=new) if self.shared(place):
                before, term = self.value(new)
                yield from before
                yield Update(kind="xchg", to=name, place=place, value=term, span=s.span)
            case t.Cmpxchg(cell=t.Name(text=place), expected=old, value=new) if self.shared(place):
                first_, expected = self.value(old)
                second, term = self.value(new)
                yield from (*first_, *second)
                yield Update(
                    kind="cmpxchg",
                    to=name,
                    place=place,
                    value=term,
                    expected=expected,
                    span=s.span,
                )
            case t.Load(order="acquire", address=t.Name(text=place)) if self.shared(place):
                yield Load(to=name, place=place, order="acquire", span=s.span)
            case t.Name(text=place) if self.shared(place):
                yield Load(to=name, place=place, span=s.span)
            case _:
                before, term = self.value(value)
                yield from before
                yield Set(to=name, value=term, span=s.span)

    def value(self, e: t.Expr) -> tuple[list[Op], Value]:
        """What an expression comes to, and the loads in front of it."""
        match e:
            case t.Literal():
                return [], Const(number(e))
            case t.Name(text=name) if name in self.locals:
                return [], Reg(name)
            case t.Name(text=name) if self.shared(name):
                raise strange(e, "one statement that loads and stores", "write two statements")
            case t.Binary(op="+" | "-" as op, left=left, right=right):
                before, one_ = self.value(left)
                more, other = self.value(right)
                return [*before, *more], Sum(one_, other, 1 if op == "+" else -1)
            case t.Unary(op="-", operand=t.Literal() as literal):
                return [], Const(-number(literal))
        raise strange(e, "this expression", "numbers, locals, `+` and `-` are")


def number(e: t.Expr) -> int:
    """Raises Rejected for what is no number."""
    match e:
        case t.Literal(value=bool() as truth):
            return int(truth)
        case t.Literal(value=int() as value):
            return value
        case t.Unary(op="-", operand=operand):
            return -number(operand)
    raise strange(e, "this value", "a number is wanted here")


def first(var: t.Var) -> int:
    """What a variable begins with. Raises Rejected for one that is no number."""
    if var.type.kind == "range" and var.type.low is not None:
        return number(var.type.low)
    if var.type.kind == "bool":
        return 0
    raise strange(var, "a variable of this type", "numbers and bools are")


def flat(item: t.Composable) -> Iterator[t.Thread]:
    """The threads of a composition. Raises Rejected for an order among them, and for replicas."""
    match item:
        case t.Thread():
            if item.replica is not None or item.daemon or item.mm is not None:
                raise strange(item, "a thread of this kind")
            yield item
        case t.Composition(kind="concurrent", parts=parts):
            for part in parts:
                yield from flat(part)
        case _:
            raise strange(item, "an order of threads")


def expressions(node: t.Node) -> Iterator[t.Expr]:
    """The expressions that are parts of a statement."""
    for name in ("target", "value", "expected", "cell", "address"):
        part = getattr(node, name, None)
        if isinstance(part, t.Expr):
            yield part


def names_in(e: t.Node) -> Iterator[t.Name]:
    if isinstance(e, t.Name):
        yield e
    for name in ("left", "right", "operand", "cell", "value", "expected", "address"):
        part = getattr(e, name, None)
        if isinstance(part, t.Node):
            yield from names_in(part)
