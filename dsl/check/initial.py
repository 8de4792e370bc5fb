"""The initial state: declared values, then the `init` blocks, run in order before time begins."""

from __future__ import annotations

from itertools import product

from attrs import evolve

from mmscn.check import core
from mmscn.check.context import Context
from mmscn.check.terms import FOLD
from mmscn.check.values import Value
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
            case _:
                raise one("MM407", "an init block only assigns, decides and loops", span)

    def assign(self, target: core.Cell | core.Local, value: Value, span: Span) -> None:
        if isinstance(target, core.Local):
            self.locals[target.number] = value
            return
        key = self.key(target, span)
        family = self.ctx.families[target.family]
        if not family.version and value not in family.domain:
            raise one("MM302", f"`{family.name}` cannot begin with this value", span)
        self.cells[key] = value

    def key(self, cell: core.Cell, span: Span) -> tuple[str, tuple[Value, ...]]:
        key = (cell.family, tuple(self.value(i, span) for i in cell.index))
        if key not in self.cells:
            raise one("MM304", "`none` has no state", span)
        return key

    def value(self, e: core.Expr, span: Span) -> Value:
        match e:
            case core.Const(value):
                return value
            case core.Cell():
                return self.cells[self.key(e, span)]
            case core.Local(number):
                return self.locals[number]
            case core.Apply(op="ite", args=(c, a, b)):
                return self.value(a if self.value(c, span) else b, span)
            case core.Apply(op=op, args=args):
                return FOLD[op](*(self.value(a, span) for a in args))
        raise one("MM407", "this has no meaning before the run", span)

    def store(self) -> None:
        """Put the cells back into the families as their initial values."""
        for key, family in self.ctx.families.items():
            values = tuple(self.cells[key, index] for index in product(*family.indices))
            self.ctx.families[key] = evolve(family, initial=values)
