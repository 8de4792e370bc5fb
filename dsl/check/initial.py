"""The initial state: declared values, then the `init` blocks, run in order before time begins."""

from __future__ import annotations

from itertools import product
from typing import assert_never

from attrs import evolve

from mmscn.check import core
from mmscn.check.context import Context
from mmscn.check.folding import FOLD
from mmscn.check.values import Domain, Value, same, show
from mmscn.diagnostics import one
from mmscn.source import Span

STEPS_MAX = 100_000


class Initial:
    """A plain evaluator of straight code over a mapping of cells."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.cells: dict[tuple[str, tuple[Value, ...]], Value] = {}
        self.locals: dict[int, Value] = {}
        self.steps = 0
        for key, family in ctx.families.items():
            for index, value in zip(product(*family.indices), family.initial, strict=True):
                self.cells[key, index] = value

    def run(self, block: core.Block, span: Span) -> None:
        for s in block.statements:
            self.steps += 1
            if self.steps > STEPS_MAX:
                raise one("MM503", "the init block does not come to an end", span)
            self.execute(s, span)

    def execute(self, s: core.Stmt, span: Span) -> None:
        match s:
            case core.Block():
                self.run(s, span)
            case core.Atomic(body=body):
                self.run(body, span)
            case core.If(condition=c, then=then, otherwise=otherwise):
                self.run(then if self.value(c, span) else otherwise, span)
            case core.Assign(targets=targets, values=values):
                new = [self.value(v, span) for v in values]
                for target, value in zip(targets, new, strict=True):
                    self.assign(target, value, span)
            case core.Label():
                pass
            case core.Assert(condition=c):
                if not self.value(c, span):
                    raise one("MM407", "an assertion of the init block fails", span)
            case core.Await() | core.Choose() | core.Goto() | core.Bug():
                raise one("MM407", "an init block only assigns, decides and loops", span)
            case _:
                assert_never(s)

    def assign(self, target: core.Cell | core.Local, value: Value, span: Span) -> None:
        if isinstance(target, core.Local):
            local = self.ctx.locals[target.number]
            if not local.version and not any(same(value, v) for v in local.domain):
                raise one("MM302", f"`{local.name}` cannot have this value", span)
            self.locals[target.number] = value
            return
        key = self.key(target, span)
        family = self.ctx.families[target.family]
        if family.ghost and not family.version:
            value = nearest(value, family.domain)
        if not family.version and not any(same(value, v) for v in family.domain):
            raise one("MM302", f"`{family.name}` cannot begin with this value", span)
        self.cells[key] = value

    def key(self, cell: core.Cell, span: Span) -> tuple[str, tuple[Value, ...]]:
        key = (cell.family, tuple(self.value(i, span) for i in cell.index))
        if key not in self.cells:
            what = f"`{self.ctx.families[cell.family].name}` has no index {show(key[1][-1])}"
            if None in key[1]:
                what = "`none` has no state"
            raise one("MM304", what, span)
        return key

    def value(self, e: core.Expr, span: Span) -> Value:
        match e:
            case core.Const(value):
                return value
            case core.Cell():
                return self.cells[self.key(e, span)]
            case core.Local(number):
                return self.locals[number]
            case core.Undefined():
                raise one("MM304", "an attribute of `none`, or an index that there is not", span)
            case core.Apply(op="and" | "or" as op, args=(a, b)):
                first = self.value(a, span)
                return first if first is (op == "or") else self.value(b, span)
            case core.Apply(op="ite", args=(c, a, b)):
                return self.value(a if self.value(c, span) else b, span)
            case core.Apply(op=op, args=args):
                return FOLD[op](*(self.value(a, span) for a in args))
            case core.Fresh() | core.Ended() | core.Quiet():
                raise one("MM407", "this has no meaning before the run", span)
            case _:
                assert_never(e)

    def store(self) -> None:
        """Put the cells back into the families as their initial values."""
        for key, family in self.ctx.families.items():
            values = tuple(self.cells[key, index] for index in product(*family.indices))
            if values != family.initial:
                self.ctx.families[key] = evolve(family, initial=values)


def nearest(value: Value, domain: Domain) -> Value:
    """A ghost's number, brought to the end of its range that it is beyond."""
    if type(value) is not int or type(domain[0]) is not int:
        return value
    first, last = domain[0], domain[-1]
    assert isinstance(last, int)
    return min(max(value, first), last)
