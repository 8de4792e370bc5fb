"""Trees as text: an expression, or the first line of a statement, for traces.

Names are replaced if asked. What comments and layout said is not in the tree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from mmscn.syntax import tree as t

Replace = Callable[[t.Expr], str | t.Expr | None]
"""Gives the text or the expression to show for an expression, None to go on into it."""

STRENGTH = {"implies": 1, "or": 2, "and": 3, "not": 4, "compare": 5, "sum": 6, "atom": 9}


def keep(_: t.Expr) -> None:
    return None


def expression(e: t.Expr, replace: Replace = keep) -> str:
    """An expression on one line, with no more parentheses than it needs."""
    return written(e, 0, replace)


def written(e: t.Expr, around: int, replace: Replace) -> str:
    shown = replace(e)
    if isinstance(shown, t.Expr):
        return written(shown, around, replace)
    if shown is not None:
        return shown
    text, strength = piece(e, replace)
    return f"({text})" if strength < around else text


def piece(e: t.Expr, r: Replace) -> tuple[str, int]:
    """The text of an expression and how strongly it binds."""

    def inner(x: t.Expr, around: int = 0) -> str:
        return written(x, around, r)

    def several(items: tuple[t.Expr, ...]) -> str:
        return ", ".join(inner(x) for x in items)

    match e:
        case t.Name(text=text):
            return text, 9
        case t.Literal(value=value):
            words = {None: "none", True: "true", False: "false"}
            return (words[value] if value is None or isinstance(value, bool) else str(value)), 9
        case t.Fresh():
            return "fresh", 9
        case t.Element(sort=sort, number=number):
            return f"{sort} {number}", 9
        case t.Attribute(base=base, name=name):
            return f"{inner(base, 9)}.{name}", 9
        case t.Index(base=base, indices=indices):
            return f"{inner(base, 9)}[{several(indices)}]", 9
        case t.Applied(name=name, args=args) | t.CallValue(name=name, args=args):
            return f"{name}({several(args)})", 9
        case t.StructValue(name=name, members=members, values=values):
            return f"{name}({assigned(members, values, r)})", 9
        case t.Changed(base=base, members=members, values=values):
            return f"{inner(base, 9)} with {assigned(members, values, r)}", 0
        case t.Unary(op="not", operand=operand):
            return f"not {inner(operand, 4)}", 4
        case t.Unary(op=op, operand=operand):
            return f"{op}{inner(operand, 9)}", 6
        case t.Binary(op="implies", left=left, right=right):
            return f"{inner(left, 2)} implies {inner(right, 1)}", 1
        case t.Binary(op="or" | "and" as op, left=left, right=right):
            n = STRENGTH[op]
            return f"{inner(left, n)} {op} {inner(right, n + 1)}", n
        case t.Binary(op="+" | "-" as op, left=left, right=right):
            return f"{inner(left, 6)} {op} {inner(right, 7)}", 6
        case t.Binary(op=op, left=left, right=right):
            return f"{inner(left, 6)} {op} {inner(right, 6)}", 5
        case t.MemberOf(item=item, choices=choices, negated=negated):
            word = "not in" if negated else "in"
            return f"{inner(item, 6)} {word} [{several(choices)}]", 5
        case t.Conditional(condition=c, then=a, otherwise=b):
            return f"if {inner(c)} then {inner(a)} else {inner(b)}", 0
        case t.Range(low=low, high=high):
            return f"{inner(low, 6)}..{inner(high, 6)}", 0
        case t.Quantified(kind=kind, name=name, over=over, body=body):
            return f"{kind} {name} in {span(over, r)}: {inner(body)}", 0
        case t.Several(values=values):
            return several(values), 0
        case t.Load() | t.Xchg() | t.Cmpxchg() | t.Trylock():
            return operation(e, r), 0
    assert_never(e)


def operation(e: t.Load | t.Xchg | t.Cmpxchg | t.Trylock, r: Replace) -> str:
    match e:
        case t.Load(order=order, address=address):
            return f"load {f'{order} ' if order else ''}{written(address, 9, r)}"
        case t.Xchg(cell=cell, value=value):
            return f"xchg {written(cell, 9, r)}, {written(value, 0, r)}"
        case t.Cmpxchg(cell=cell, expected=expected, value=value):
            values = f"{written(expected, 0, r)}, {written(value, 0, r)}"
            return f"cmpxchg {written(cell, 9, r)}, {values}"
        case t.Trylock(lock=lock, mode=mode):
            return f"trylock {written(lock, 9, r)}{f' for {mode}' if mode else ''}"
    assert_never(e)


def statement(s: t.Stmt, r: Replace = keep) -> str:
    """The first line of a statement: a block is left out."""

    def e(x: t.Expr, around: int = 0) -> str:
        return written(x, around, r)

    match s:
        case t.Let(name=name, value=value):
            return f"let {name} = {e(value)}"
        case t.LetSeveral(names=names, value=value):
            return f"let {', '.join(names)} = {e(value)}"
        case t.LocalVar(name=name, value=value):
            return f"var {name} = {e(value)}"
        case t.Assign(target=target, value=value):
            return f"{e(target, 9)} = {e(value)}"
        case t.Update(target=target, op=op, value=value):
            return f"{e(target, 9)} {op}= {e(value)}"
        case t.CallStmt(call=call):
            return e(call)
        case t.If() | t.For() | t.Repeat() | t.While() | t.Choose() | t.ChooseOne():
            return branching(s, r)
        case t.Await(condition=c):
            return f"await {e(c)}"
        case t.Atomic():
            return "atomic"
        case t.Goto(label=label):
            return f"goto {label}"
        case t.LabelMark(name=name):
            return f"{name}:"
        case t.Return(value=value):
            return "return" if value is None else f"return {e(value)}"
        case t.Break() | t.Continue() | t.Exit():
            return type(s).__name__.lower()
        case t.Assert(condition=c):
            return f"assert {e(c)}"
        case t.Bug(text=text):
            return f'BUG "{text}"' if text else "BUG"
        case t.Mark(name=name):
            return f"mark {name}"
        case t.Store(order=order, address=address, value=value):
            return f"store {f'{order} ' if order else ''}{e(address, 9)} = {e(value)}"
        case t.Fence(kind=kind):
            return f"fence {kind}"
        case t.Flush(what=what, those=t.ExprNode() as those):
            return f"flush {e(what)} on {e(those, 9)}"
        case t.Flush(what=what, scope=scope):
            return f"flush {e(what)}{flushed(scope, r)}"
        case t.Lock(lock=lock, mode=mode):
            return f"lock {e(lock, 9)}" + (f" for {mode}" if mode else "")
        case t.Unlock(lock=lock):
            return f"unlock {e(lock, 9)}"
        case t.SourceNote(text=text):
            return f'source "{text}"'
    assert_never(s)


def branching(s: t.If | t.For | t.Repeat | t.While | t.Choose | t.ChooseOne, r: Replace) -> str:
    match s:
        case t.If(condition=c):
            return f"if {written(c, 0, r)}"
        case t.For(name=name, over=over):
            return f"for {name} in {span(over, r)}"
        case t.Repeat(times=times, name=name):
            return f"repeat {written(times, 0, r)}" + (f" as {name}" if name else "")
        case t.While(condition=c):
            return f"while {written(c, 0, r)}"
        case t.Choose():
            return "choose"
        case t.ChooseOne(name=name, over=over):
            return f"choose {name} in {span(over, r)}"
    assert_never(s)


def assigned(members: tuple[str, ...], values: tuple[t.Expr, ...], r: Replace) -> str:
    """Members and what they get. A `with` and a quantifier would take the members behind them."""
    pairs = zip(members, values, strict=True)
    return ", ".join(f"{name} = {written(value, 1, r)}" for name, value in pairs)


def flushed(scope: str | t.Expr | None, r: Replace) -> str:
    """Behind `flush buf`: on which CPUs."""
    if scope is None:
        return ""
    return f" on {scope}" if isinstance(scope, str) else f" on cpu {written(scope, 9, r)}"


def span(e: t.Expr, replace: Replace = keep) -> str:
    """An expression where a range may stand, but nothing weaker than a sum."""
    return expression(e, replace) if isinstance(e, t.Range) else written(e, 6, replace)
