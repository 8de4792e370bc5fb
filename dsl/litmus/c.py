"""C, as the kernel's litmus tests have it: what the statements of a thread do.

Every access is done as it stands, plain ones as well: no compiler is modelled. Verdicts are those
of the machine's memory order, not of the kernel's model, which allows for all machines.
"""

from __future__ import annotations

import re
from typing import Any

from lark import Token, Tree

from mmscn.diagnostics import one
from mmscn.litmus.architectures import FENCES_IN_C, FULL
from mmscn.litmus.ops import (
    Branch,
    Const,
    Fence,
    Load,
    Lock,
    Op,
    Reg,
    Set,
    Store,
    Sum,
    Update,
    Value,
    unsupported,
)
from mmscn.plain_text import counted
from mmscn.source import Source, Span

NOTHING = ("barrier", "smp_read_barrier_depends", "cpu_relax")
ORDER = re.compile(r"_(relaxed|acquire|release)$")
C11 = {
    "memory_order_relaxed": "",
    "memory_order_acquire": "acquire",
    "memory_order_release": "release",
    "memory_order_seq_cst": "full",
    "memory_order_acq_rel": "full",
}
DEPTH_MAX = 150
COMPARES = ("==", "!=", "<", "<=", ">", ">=")
NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class Reader:
    """The statements of one thread as operations. pointers: its parameters."""

    def __init__(self, source: Source, offset: int, tree: Tree[Token]) -> None:
        self.source = source
        self.offset = offset
        name, params, body = tree.children
        assert isinstance(name, Token)
        match = re.fullmatch(r"P(\d{1,3})", name)
        if match is None:
            raise one(
                "MM802", f"`{name[:40]}` is no thread", self.at(name), "threads are P0, P1, …"
            )
        self.number = int(match[1])
        listed: list[Any] = params.children if isinstance(params, Tree) else []
        self.pointers = {str(p.children[1]) for p in listed if p.data == "c_param"}
        self.locals: set[str] = set()
        self.out: list[Op] = []
        self.spare = 0
        self.block(body)

    def at(self, node: Tree[Token] | Token) -> Span:
        if isinstance(node, Token):
            start, end = node.start_pos or 0, node.end_pos or 1
        else:
            empty = node.meta.empty
            start, end = (0, 1) if empty else (node.meta.start_pos, node.meta.end_pos)
        return Span(self.source, self.offset + start, self.offset + end)

    # ---- statements ---------------------------------------------------------------

    def block(self, node: Any) -> None:
        for statement in node.children:
            self.statement(statement)

    def statement(self, node: Any) -> None:
        match node.data:
            case "c_block":
                self.block(node)
            case "declare":
                for part in node.children[1:]:
                    self.declared(part)
            case "assign":
                self.assign(node.children[0], node.children[1], self.at(node))
            case "effect":
                self.call(node.children[0], None)
            case "c_if":
                self.branch(node)
            case "c_nothing":
                pass

    def declared(self, node: Any) -> None:
        name, value = node.children
        self.locals.add(str(name))
        if value is not None:
            self.set(str(name), value, self.at(node))

    def assign(self, target: Any, value: Any, span: Span) -> None:
        place = self.place(target)
        if place is not None:
            self.out.append(Store(place=place, value=self.value(value), span=span))
            return
        if target.data != "c_name":
            raise unsupported("a target of this kind", self.at(target))
        self.set(str(target.children[0]), value, span)

    def set(self, name: str, value: Any, span: Span) -> None:
        """A local gets a value, directly where that is a load."""
        if value.data == "c_call":
            self.call(value, name)
            return
        place = self.place(value)
        if place is not None:
            self.out.append(Load(to=name, place=place, span=span))
            return
        self.out.append(Set(to=name, value=self.value(value), span=span))

    def branch(self, node: Any) -> None:
        condition, then, otherwise = node.children
        compare, left, right = self.compared(condition)
        before, self.out = self.out, []
        self.statement(then)
        yes, self.out = tuple(self.out), []
        if otherwise is not None:
            self.statement(otherwise)
        no, self.out = tuple(self.out), before
        self.out.append(
            Branch(
                op=compare, left=left, right=right, then=yes, otherwise=no, span=self.at(condition)
            )
        )

    def compared(self, node: Any) -> tuple[str, Value, Value]:
        if node.data == "c_compare":
            left, op, right = node.children
            return str(op), self.value(left), self.value(right)
        if node.data == "c_not":
            op, left, right = self.compared(node.children[0])
            return NEGATED[op], left, right
        if node.data == "c_call" and node.children[0] in ("likely", "unlikely"):
            return self.compared(node.children[1].children[0])
        return "!=", self.value(node), Const(0)

    # ---- expressions --------------------------------------------------------------

    def place(self, node: Any) -> str | None:
        """The variable that an expression is, `*x`; None where it is none."""
        if node.data == "c_deref":
            return self.address(node.children[0])
        return None

    def address(self, node: Any) -> str:
        """The variable that an address is that of: `x`, `&x`. Raises Rejected."""
        if node.data == "c_address":
            node = node.children[0]
            if node.data == "c_deref":
                return self.address(node.children[0])
        if node.data == "c_name":
            name = str(node.children[0])
            if name not in self.locals:
                return name
        raise unsupported("an address that is computed", self.at(node))

    def value(self, node: Any) -> Value:
        match node.data:
            case "c_number":
                return Const(int(node.children[0], 0))
            case "c_name":
                name = str(node.children[0])
                if name in self.pointers:
                    raise unsupported("an address as a value", self.at(node))
                return Reg(name)
            case "c_minus":
                inner = self.value(node.children[0])
                return Const(-inner.value) if isinstance(inner, Const) else Sum(Const(0), inner, -1)
            case "c_sum":
                left, sign, right = node.children
                return Sum(self.value(left), self.value(right), 1 if sign == "+" else -1)
            case "c_call" | "c_deref":
                name = self.temporary()
                self.set(name, node, self.at(node))
                return Reg(name)
        raise unsupported("an expression of this kind", self.at(node))

    def temporary(self) -> str:
        self.spare += 1
        name = f"t{self.spare}"
        return name if name not in self.locals else self.temporary()

    # ---- calls --------------------------------------------------------------------

    def call(self, node: Any, to: str | None) -> None:
        name = str(node.children[0])
        args = [arg for arg in node.children[1].children if arg is not None]
        span = self.at(node)
        if name in NOTHING or name in FENCES_IN_C:
            if name in FENCES_IN_C:
                self.out.append(Fence(kind=FENCES_IN_C[name], text=name, span=span))
            return
        if name in ("spin_lock", "spin_unlock") and len(args) == 1:
            place = self.address(args[0])
            self.out.append(Lock(place=place, taken=name == "spin_lock", span=span))
            return
        order, args = c11(name, args)
        known = C11_NAMES.get(name)
        short = known or ORDER.sub("", name)
        if order is None:
            suffix = ORDER.search(name)
            order = suffix[1] if suffix else ("" if short in PLAIN else "full")
            order = "" if order == "relaxed" and short in PLAIN else order
        form = CALLS.get(short)
        if form is None:
            raise unsupported(f"{name}()", span)
        wanted, kind = form
        if len(args) != wanted:
            raise one("MM802", f"`{name}` takes {counted(wanted, 'argument')}", span)
        self.do(kind, args, to, order, span)

    def do(self, kind: str, args: list[Any], to: str | None, order: str, span: Span) -> None:
        match kind:
            case "once":
                place = self.place(args[0])
                if place is None:
                    raise one("MM802", "a variable is wanted here: `*x`", span)
                self.out.append(Load(to=to or self.temporary(), place=place, span=span))
            case "write":
                place = self.place(args[0])
                if place is None:
                    raise one("MM802", "a variable is wanted here: `*x`", span)
                self.out.append(Store(place=place, value=self.value(args[1]), span=span))
            case "load" | "load_acquire":
                order = "acquire" if kind == "load_acquire" else order
                if order == "full":
                    raise unsupported("a sequentially consistent load", span)
                at = self.address(args[0])
                self.out.append(Load(to=to or self.temporary(), place=at, order=order, span=span))
            case "store" | "store_release":
                order = "release" if kind == "store_release" else order
                if order == "full":
                    raise unsupported("a sequentially consistent store", span)
                at = self.address(args[0])
                self.out.append(Store(place=at, value=self.value(args[1]), order=order, span=span))
            case "store_mb":
                self.out.append(
                    Store(place=self.address(args[0]), value=self.value(args[1]), span=span)
                )
                self.out.append(Fence(kind=FULL, text="smp_mb", span=span))
            case "fence":
                if order == "":
                    return
                if order != "full":
                    raise unsupported(f"a fence that {order}s", span)
                self.out.append(Fence(kind=FULL, text="fence", span=span))
            case _:
                self.update(kind, args, to, order, span)

    def update(self, kind: str, args: list[Any], to: str | None, order: str, span: Span) -> None:
        if order == "":
            order = "relaxed"
        if kind == "xchg":
            self.out.append(
                Update(
                    kind="xchg",
                    to=to,
                    place=self.address(args[0]),
                    value=self.value(args[1]),
                    order=order,
                    span=span,
                )
            )
        elif kind == "cmpxchg":
            self.out.append(
                Update(
                    kind="cmpxchg",
                    to=to,
                    place=self.address(args[0]),
                    value=self.value(args[2]),
                    expected=self.value(args[1]),
                    order=order,
                    span=span,
                )
            )
        else:
            word, _, what = kind.partition(" ")
            amount = Const(1) if len(args) == 1 else self.value(args[0])
            if word == "sub" and not isinstance(amount, Const):
                raise unsupported("a subtraction of what is computed", span)
            if word == "sub" and isinstance(amount, Const):
                amount = Const(-amount.value)
            if what == "" and order == "full":
                order = "relaxed"
            self.out.append(
                Update(
                    kind="add",
                    to=to,
                    place=self.address(args[-1]),
                    value=amount,
                    new=what == "return",
                    order=order,
                    span=span,
                )
            )


PLAIN = ("READ_ONCE", "WRITE_ONCE", "atomic_read", "atomic_set")
CALLS = {
    "READ_ONCE": (1, "once"),
    "ACCESS_ONCE": (1, "once"),
    "rcu_dereference": (1, "once"),
    "WRITE_ONCE": (2, "write"),
    "smp_load": (1, "load_acquire"),
    "smp_store": (2, "store_release"),
    "smp_store_mb": (2, "store_mb"),
    "atomic_read": (1, "load"),
    "atomic_set": (2, "store"),
    "xchg": (2, "xchg"),
    "atomic_xchg": (2, "xchg"),
    "cmpxchg": (3, "cmpxchg"),
    "atomic_cmpxchg": (3, "cmpxchg"),
    "atomic_inc": (1, "add"),
    "atomic_dec": (1, "sub"),
    "atomic_add": (2, "add"),
    "atomic_sub": (2, "sub"),
    "atomic_inc_return": (1, "add return"),
    "atomic_dec_return": (1, "sub return"),
    "atomic_add_return": (2, "add return"),
    "atomic_sub_return": (2, "sub return"),
    "atomic_fetch_inc": (1, "add fetch"),
    "atomic_fetch_dec": (1, "sub fetch"),
    "atomic_fetch_add": (2, "add fetch"),
    "atomic_fetch_sub": (2, "sub fetch"),
    "load": (1, "load"),
    "store": (2, "store"),
    "thread_fence": (0, "fence"),
}
"""How many arguments, and what is done. Source: Documentation/atomic_t.txt."""
C11_NAMES = {
    "atomic_load_explicit": "load",
    "atomic_store_explicit": "store",
    "atomic_thread_fence": "thread_fence",
    "atomic_exchange_explicit": "xchg",
}


def c11(name: str, args: list[Any]) -> tuple[str | None, list[Any]]:
    """The order that the last argument of a C11 operation says, and the other arguments."""
    if name not in C11_NAMES or not args or args[-1].data != "c_name":
        return None, args
    order = C11.get(str(args[-1].children[0]))
    return order, args[:-1] if order is not None else args


def threads(source: Source, offset: int, tree: Tree[Token]) -> dict[int, Reader]:
    """The threads of a program. Raises Rejected."""
    found: dict[int, Reader] = {}
    if depth(tree) > DEPTH_MAX:
        raise one(
            "MM805", f"statements are more than {DEPTH_MAX} deep", Span(source, offset, offset + 1)
        )
    for node in tree.children:
        assert isinstance(node, Tree)
        reader = Reader(source, offset, node)
        if reader.number in found:
            raise one("MM802", f"there is a P{reader.number} before", reader.at(node))
        found[reader.number] = reader
    return found


def depth(tree: Tree[Token]) -> int:
    """Of the deepest part."""
    level: list[Tree[Token]] = [tree]
    found = 0
    while level and found <= DEPTH_MAX:
        level = [c for node in level for c in node.children if isinstance(c, Tree)]
        found += 1
    return found
