"""Scenarios of a small part of the language, and the same in Promela, for SPIN to judge.

Bools and numbers, locks, `await`, `atomic` that waits at its begin if at all, `choose`
whose branches begin with a step, `if`, `assert`, `always`, `finally`: there a statement of
the one is a statement of the other. What takes no time in a scenario may take a step in
Promela, where nobody else can see it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from mmscn.syntax import tree as t

NAMES = {"b0": "bool", "b1": "bool", "n0": "0..2", "n1": "0..2"}
OPERATORS = {"and": "&&", "or": "||", "implies": "->"}


class Unprintable(Exception):
    """Outside of the part of the language that is printed."""


# ---- scenarios ------------------------------------------------------------------


def small_text(seed: int) -> str:
    """The text of the scenario of a seed."""
    return Small(random.Random(seed)).text(f"small_{seed}")


class Small:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.count = 0

    def text(self, name: str) -> str:
        lines = [f"scenario {name}", "machine x86 { cpus 3 }"]
        lines += [f"var {n}: {type_}" for n, type_ in NAMES.items()]
        lines += ["spinlock l0", "spinlock l1", "concurrent {"]
        for n in range(self.rng.choice([2, 2, 3])):
            lines += [f"  thread t{n} on cpu {n} {{", *self.block(3, ("l0", "l1"), []), "  }"]
        lines.append("}")
        lines.append(f'always "a" {self.condition(2, [])}')
        lines.append(f'finally "f" {self.condition(2, [])}')
        return "\n".join(lines) + "\n"

    def block(self, depth: int, free: tuple[str, ...], lets: list[str]) -> list[str]:
        """One statement or a few; the first is a step."""
        lines = self.assign(lets)
        if self.rng.random() < 0.5:
            lines = self.statement(depth, free, lets)
        for _ in range(self.rng.randint(0, 2)):
            lines += self.statement(depth, free, lets)
        return lines

    def statement(self, depth: int, free: tuple[str, ...], lets: list[str]) -> list[str]:
        kind = self.rng.randint(0, 11)
        inner = list(lets)
        if kind <= 2 or depth == 0:
            return self.assign(lets)
        if kind <= 4:
            return [f"await {self.condition(1, [])}"]
        if kind == 5:
            self.count += 1
            return [f'assert {self.condition(1, lets)} "c{self.count}"']
        if kind == 6:
            self.count += 1
            lines = [f"let x{self.count} = {self.rng.choice(list(NAMES))}"]
            lets.append(f"x{self.count}")
            return lines
        if kind == 7:
            wait = [f"await {self.condition(1, [])}"] if self.rng.random() < 0.5 else []
            body = [*self.assign(inner), *self.assign(inner)]
            return ["atomic {", *wait, *body, "}"]
        if kind == 8:
            ways = [self.block(depth - 1, free, inner) for _ in range(2)]
            return ["choose {", *ways[0], "} or {", *ways[1], "}"]
        if kind == 9:
            head = f"if {self.condition(1, [])} {{"
            return [head, *self.block(depth - 1, free, inner), "} else {",
                    *self.assign(inner), "}"]  # fmt: skip
        if not free:
            return self.assign(lets)
        lock = self.rng.choice(free)
        rest = tuple(name for name in free if name != lock)
        return [f"lock {lock} {{", *self.block(depth - 1, rest, inner), "}"]

    def assign(self, lets: list[str]) -> list[str]:
        name = self.rng.choice(list(NAMES))
        if NAMES[name] == "bool":
            return [f"{name} = {self.condition(1, [])}"]
        other = self.rng.choice(["n0", "n1"])
        value = self.rng.choice(["0", "1", "2", other, f"if {other} < 2 then {other} + 1 else 0"])
        return [f"{name} = {value}"]

    def condition(self, depth: int, lets: list[str]) -> str:
        if depth and self.rng.random() < 0.5:
            op = self.rng.choice(list(OPERATORS))
            return f"({self.condition(depth - 1, lets)} {op} {self.condition(depth - 1, lets)})"
        if self.rng.random() < 0.5:
            return self.rng.choice(["b0", "b1", "not b0", "not b1"])
        op = self.rng.choice(["==", "!=", "<", "<="])
        return f"{self.rng.choice(['n0', 'n1'])} {op} {self.rng.randint(0, 2)}"


# ---- Promela ----------------------------------------------------------------------


def checks_of(tree: t.Text) -> list[str]:
    """What SPIN is asked, one run each: `no_deadlock`, then names and texts as they stand."""
    asked = ["no_deadlock"]
    for item in tree.items:
        if isinstance(item, t.Predicate):
            asked.append(str(item.text))
    return asked + sorted(set(asserted(tree)))


def asserted(node: object) -> Iterator[str]:
    if isinstance(node, t.Assert):
        yield str(node.text)
    if isinstance(node, t.Node):
        for attribute in getattr(type(node), "__attrs_attrs__", ()):
            yield from asserted(getattr(node, attribute.name))
    elif isinstance(node, tuple):
        for inner in node:
            yield from asserted(inner)


HEAD = r"""c_decl {
\#include <stdlib.h>
static int asked;
__attribute__((constructor)) static void ask(void) { asked = atoi(getenv("ASKED")); }
}
"""


def promela(tree: t.Text) -> str:
    """The text in Promela, in which only one thing can go wrong: what ASKED is the number of."""
    return HEAD + Printer(checks_of(tree)).text(tree)


class Printer:
    def __init__(self, checks: list[str]) -> None:
        self.checks = checks
        self.locals: list[str] = []

    def asked(self, name: str | None) -> str:
        return f"c_expr {{ asked == {self.checks.index(str(name))} }}"

    def text(self, tree: t.Text) -> str:
        lines = ["byte ended;"]
        threads: list[t.Thread] = []
        for item in tree.items:
            match item:
                case t.Var(name=name, type=t.TypeExpr(kind="bool")):
                    lines.append(f"bool {name};")
                case t.Var(name=name, type=t.TypeExpr(kind="range")) | t.LockDecl(name=name):
                    lines.append(f"byte {name};")
                case t.Composition(kind="concurrent", parts=parts):
                    threads += [p for p in parts if isinstance(p, t.Thread)]
        for n, thread in enumerate(threads):
            self.locals = []
            body = self.block(thread.body, n)
            lines.append(f"active proctype {thread.name}() {{")
            lines += [f"  int {name};" for name in self.locals]
            lines += [*("  " + line for line in self.thread(thread, body)), "}"]
        for item in tree.items:
            if isinstance(item, t.Predicate):
                bad = f"!({self.expression(item.condition)})"
                if item.kind == "finally":
                    bad = f"(ended == {len(threads)}) && {bad}"
                judge = f"  end: atomic {{ {self.asked(item.text)} && {bad}; assert(false) }}"
                lines += [f"active proctype judge_{item.kind}() {{", judge, "}"]
        return "\n".join(lines) + "\n"

    def thread(self, thread: t.Thread, body: list[str]) -> list[str]:
        """What a thread does, its body known."""
        return [*body, "ended++"]

    def block(self, block: t.Block, n: int) -> list[str]:
        return [line for s in block.statements for line in self.statement(s, n)]

    def statement(self, s: t.Stmt, n: int) -> list[str]:
        match s:
            case t.Let(name=name, value=value):
                self.locals.append(name)
                return [f"{name} = {self.expression(value)};"]
            case t.Assign(target=t.Name(text=name), value=value):
                return [f"{name} = {self.expression(value)};"]
            case t.Await(condition=condition):
                return [f"({self.expression(condition)});"]
            case t.Assert(condition=condition, text=text):
                return [f"assert(!({self.asked(text)}) || {self.expression(condition)});"]
            case t.Atomic(body=body):
                return ["atomic {", *self.block(body, n), "};"]
            case t.If(condition=condition, then=then, otherwise=otherwise):
                no = self.block(otherwise, n) if otherwise is not None else []
                yes = self.block(then, n)
                return [f"if :: ({self.expression(condition)}) ->", *yes, ":: else ->",
                        *(no or ["skip;"]), "fi;"]  # fmt: skip
            case t.Choose(branches=branches):
                ways = [line for b in branches for line in ("::", *self.block(b, n))]
                return ["if", *ways, "fi;"]
            case t.Lock(lock=t.Name(text=name), mode=None, body=t.Block() as body):
                taken = f"atomic {{ ({name} == 0); {name} = {n + 1} }};"
                return [taken, *self.block(body, n), f"{name} = 0;"]
        raise Unprintable(type(s).__name__)

    def expression(self, e: t.Expr) -> str:
        match e:
            case t.Name(text=name):
                return name
            case t.Literal(value=value):
                return str(value).lower()
            case t.Unary(op="not", operand=operand):
                return f"!({self.expression(operand)})"
            case t.Binary(op="implies", left=left, right=right):
                return f"(!({self.expression(left)}) || {self.expression(right)})"
            case t.Binary(op=op, left=left, right=right):
                sign = OPERATORS.get(op, op)
                return f"({self.expression(left)} {sign} {self.expression(right)})"
            case t.Conditional(condition=c, then=a, otherwise=b):
                parts = self.expression(c), self.expression(a), self.expression(b)
                return f"({parts[0]} -> {parts[1]} : {parts[2]})"
        raise Unprintable(type(e).__name__)
