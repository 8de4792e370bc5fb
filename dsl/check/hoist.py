"""Operations inside an expression: what they do comes first, in front of the statement.

`if call f() == 1 { }` is `let r = call f()` and `if r == 1 { }`: each call, `load`, `xchg`,
`cmpxchg` and `trylock` takes its steps from the left to the right, as if it were bound by `let`,
and the statement looks at the results. What stands on the right of `and`, `or` or `implies` is
done only where the left side does not decide, which is looked at before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, TypeVar

from attrs import evolve, fields

from mmscn.check.context import Context
from mmscn.check.expressions import evaluate, truth
from mmscn.check.parts import nodes
from mmscn.check.pure import Operation, as_call, is_call, is_call_of, takes_steps
from mmscn.check.scope import Scope
from mmscn.check.terms import Mismatch, Static
from mmscn.diagnostics import Rejected
from mmscn.syntax import tree as t

N = TypeVar("N", bound=t.Node)


def hoisted(ctx: Context, scope: Scope, s: t.Stmt) -> tuple[list[t.Stmt], t.Stmt]:
    """What is done in front of a statement, and the statement that is left.

    A `while` does it in each turn, by `condition`. An `await` has nothing in front of it.
    """
    suspects = may_step(ctx, s)
    if not suspects or isinstance(s, t.While | t.Await):
        return [], s
    holds = partial(truth, ctx, Scope())
    if not any(takes_steps(ctx, e, holds) for e in suspects):
        return [], s
    hoist = Hoist(ctx, scope)
    return hoist.before, hoist.statement(s)


def may_step(ctx: Context, s: t.Stmt) -> tuple[t.Expr, ...]:
    """The expressions of a statement with an operation in them, or a call of what may take steps.

    That is the same under all params, so a unit keeps it.
    """
    unit = ctx.unit
    found = unit.may_step.get(s)
    if found is None:
        found = unit.may_step[s] = tuple(
            e
            for e in looked_at(s)
            if any(
                isinstance(node, Operation)
                or (isinstance(node, t.Applied | t.Attribute) and node.name in unit.procs)
                for node in nodes(e)
            )
        )
    return found


def condition(ctx: Context, scope: Scope, e: t.Expr) -> tuple[list[t.Stmt], t.Expr]:
    hoist = Hoist(ctx, scope)
    return hoist.before, hoist.expression(e)


def looked_at(s: t.Stmt) -> Iterator[t.Expr]:
    """The expressions of a statement, its blocks left out; of a direct operation its parts."""
    for attribute in fields(type(s)):
        value = getattr(s, attribute.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Operation) and isinstance(s, DIRECT):
                yield from operands(part)
            elif isinstance(part, t.Expr):
                yield part


DIRECT = t.Let | t.LetSeveral | t.LocalVar | t.Assign | t.CallStmt


def operands(e: Operation) -> Iterator[t.Expr]:
    for attribute in fields(type(e)):
        value = getattr(e, attribute.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, t.Expr):
                yield part


class Hoist:
    """before: the statements so far."""

    def __init__(self, ctx: Context, scope: Scope) -> None:
        self.ctx = ctx
        self.scope = scope
        self.before: list[t.Stmt] = []
        self.names: set[str] = set()
        self.holds = partial(truth, ctx, Scope())

    def statement(self, s: t.Stmt) -> t.Stmt:
        match s:
            case t.Let(value=value) | t.LetSeveral(value=value) | t.LocalVar(value=value):
                return evolve(s, value=self.operation(value))
            case t.Assign(target=target, value=value):
                return evolve(s, target=self.parts(target), value=self.operation(value))
            case t.CallStmt(call=call):
                return evolve(s, call=self.parts(call))
        return self.parts(s)

    def operation(self, e: t.Expr) -> t.Expr:
        """What stands on the right: an operation is left there, its operands are not."""
        match e:
            case t.Attribute() if is_call_of(self.ctx, e, self.holds):
                return self.operation(as_call(self.ctx, e) or e)
            case t.Applied(name=name, args=args) if is_call(self.ctx, e, self.holds):
                return self.parts(t.CallValue(e.span, name, args))
            case t.Load() | t.Xchg() | t.Cmpxchg() | t.Trylock() | t.CallValue():
                return self.parts(e)
        return self.expression(e)

    def expression(self, e: t.Expr) -> t.Expr:
        """The expression with the results of its operations."""
        if not takes_steps(self.ctx, e, self.holds):
            return e
        match e:
            case t.Binary(op="and" | "or" | "implies", right=right) if takes_steps(
                self.ctx, right, self.holds
            ):
                return self.logical(e)
            case t.Conditional(condition=c, then=then, otherwise=otherwise):
                decided = self.known(c)
                if decided is not None:
                    return self.expression(then if decided else otherwise)
                return evolve(e, condition=self.expression(c))
            case t.Quantified(over=over):
                return evolve(e, over=self.expression(over))
        called = (isinstance(e, t.Applied) and is_call(self.ctx, e, self.holds)) or (
            isinstance(e, t.Attribute) and is_call_of(self.ctx, e, self.holds)
        )
        found = self.operation(e) if called or isinstance(e, Operation) else self.parts(e)
        return self.bound(found) if isinstance(found, Operation) else found

    def parts(self, node: N) -> N:
        """The node with each expression in it done so."""
        changes: dict[str, Any] = {}
        for attribute in fields(type(node)):
            value = getattr(node, attribute.name)
            if isinstance(value, t.Expr):
                changes[attribute.name] = self.expression(value)
            elif isinstance(value, tuple) and any(isinstance(e, t.Expr) for e in value):
                changes[attribute.name] = tuple(map(self.expression, value))
        return evolve(node, **changes) if changes else node

    def name(self, e: t.Expr) -> str:
        """A name that no text can write; it reads as what it stands for."""
        name = " ".join(e.span.text.split())
        while name in self.names or name in self.scope.names:
            name += " "
        self.names.add(name)
        return name

    def bound(self, e: Operation) -> t.Name:
        name = self.name(e)
        self.before.append(t.Let(e.span, name, e))
        return t.Name(e.span, name)

    def known(self, e: t.Expr) -> bool | None:
        """What a condition is, where the text decides it."""
        if takes_steps(self.ctx, e, self.holds):
            return None
        try:
            term = evaluate(self.ctx, self.scope, e)
        except (Rejected, Mismatch):
            return None
        return term.value if isinstance(term, Static) and isinstance(term.value, bool) else None

    def logical(self, e: t.Binary) -> t.Expr:
        """The right side is done where the left one does not decide."""
        decided = self.known(e.left)
        if decided is not None:
            done = decided is not (e.op == "or")
            return evolve(e, right=self.expression(e.right)) if done else e
        left = self.expression(e.left)
        if e.op == "implies":
            left = t.Unary(e.left.span, "not", left)
        name = self.name(e)
        span = e.left.span
        self.before.append(t.LocalVar(span, name, t.TypeExpr(span, "bool"), left))
        result = t.Name(span, name)
        inner = Hoist(self.ctx, self.scope)
        inner.names = self.names
        right = inner.expression(e.right)
        inner.before.append(t.Assign(e.right.span, result, right))
        goes_on: t.Expr = result if e.op == "and" else t.Unary(span, "not", result)
        self.before.append(t.If(span, goes_on, t.Block(e.right.span, tuple(inner.before)), None))
        return t.Name(e.span, name)
