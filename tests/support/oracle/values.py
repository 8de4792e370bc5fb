"""What expressions are worth in a state, and what is kept of them where they are assigned."""

from __future__ import annotations

from support.oracle.states import Key, ModelError, Place, Run

from mmscn.check import core
from mmscn.check.values import Value


class Values:
    """heads: where each thread may stand and be at rest."""

    def __init__(self, checked: core.Checked) -> None:
        self.checked = checked
        self.threads = checked.threads
        self.heads: list[set[Place]] = []

    def assign(self, run: Run, targets: tuple[core.Expr, ...], values: list[Value]) -> None:
        keys = [self.key(run, t) if isinstance(t, core.Cell) else None for t in targets]
        for target, key, value in zip(targets, keys, values, strict=True):
            if key is not None:
                family = self.checked.families[key[0]]
                if family.ghost and type(value) is int and not family.version:
                    value = nearest(value, family.domain)
                within(value, family.domain, family.version)
                run.cells[key] = value
            else:
                assert isinstance(target, core.Local)
                local = self.checked.locals[target.number]
                within(value, local.domain, local.version)
                run.locals[target.number] = value

    def key(self, run: Run, cell: core.Cell) -> Key:
        key = cell.family, tuple(self.value(run, i) for i in cell.index)
        if key not in run.cells:
            raise ModelError(key)
        return key

    def value(self, run: Run, e: core.Expr) -> Value:
        match e:
            case core.Const(value):
                return value
            case core.Cell():
                return run.cells[self.key(run, e)]
            case core.Local(number):
                return run.locals[number]
            case core.Fresh():
                run.versions += 1
                return self.fresh(run)
            case core.Undefined():
                raise ModelError(e)
            case core.Ended(thread):
                return self.at_rest(run, thread)
            case core.Quiet():
                rest = all(self.at_rest(run, n) for n in range(len(self.threads)))
                return rest and not any(self.value(run, busy) for busy in self.checked.busy)
            case core.Apply("and", (a, b)):
                return self.value(run, a) and self.value(run, b)
            case core.Apply("or", (a, b)):
                return self.value(run, a) or self.value(run, b)
            case core.Apply("implies", (a, b)):
                return not self.value(run, a) or self.value(run, b)
            case core.Apply("ite", (c, a, b)):
                return self.value(run, a if self.value(run, c) else b)
            case core.Apply("holds", (a,)):
                try:
                    return self.value(run, a)
                except ModelError:
                    return False
            case core.Apply("not", (a,)):
                return not self.value(run, a)
            case core.Apply(op, (a, b)):
                return applied(op, self.value(run, a), self.value(run, b))
        raise AssertionError(e)

    def fresh(self, run: Run) -> int:
        """A version that nothing holds: one more than the largest."""
        largest = self.checked.named_versions - 1
        for (family, _), value in run.cells.items():
            if self.checked.families[family].version and isinstance(value, int):
                largest = max(largest, value)
        for n, value in run.locals.items():
            if self.checked.locals[n].version and isinstance(value, int):
                largest = max(largest, value)
        return largest + 1

    def at_rest(self, run: Run, n: int) -> bool:
        return run.places[n] in self.heads[n]

    def quiet(self, run: Run) -> bool:
        return self.holds(run, core.Quiet())

    def holds(self, run: Run, condition: core.Expr) -> bool:
        """Whether a state fulfils a condition; one without a value is not fulfilled."""
        try:
            return bool(self.value(run, condition))
        except ModelError:
            return False


def applied(op: str, a: Value, b: Value) -> Value:
    if op in ("==", "!="):
        same = a == b and type(a) is type(b)
        return same if op == "==" else not same
    assert type(a) is int
    assert type(b) is int
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "+": a + b, "-": a - b}[op]


def nearest(value: int, domain: tuple[Value, ...]) -> Value:
    numbers = [v for v in domain if type(v) is int]
    return min(max(value, min(numbers)), max(numbers))


def within(value: Value, domain: tuple[Value, ...], version: bool) -> None:
    if not version and not any(applied("==", value, v) for v in domain):
        raise ModelError(value)


def first_value(local: core.LocalVar) -> Value:
    """What a local is before anything is assigned to it: none, or 0, or the first of its type."""
    if None in local.domain:
        return None
    return next((v for v in local.domain if type(v) is int and v == 0), local.domain[0])


def makes_version(e: core.Stmt | core.Expr) -> bool:
    match e:
        case core.Assign(values=parts) | core.Apply(args=parts):
            return any(makes_version(p) for p in parts)
    return isinstance(e, core.Fresh)


def looks(e: core.Expr) -> bool:
    if isinstance(e, core.Apply):
        return any(looks(a) for a in e.args)
    return isinstance(e, core.Cell | core.Ended | core.Quiet)
