"""What goes on for ever, for SPIN to judge: the text in Promela, and a formula for each check.

`no_livelock` and `no_deadlock` together are that all threads end, so that is one formula. Locks
have to be bitlocks, and nothing may step but threads: SPIN's weak fairness (`pan -f`) is that of
processes, and no other.
"""

from __future__ import annotations

from support.oracle.promela import Printer

from mmscn.syntax import tree as t

ENDS = "ends"


def promela_endless(tree: t.Text) -> tuple[str, list[str]]:
    """The text, and the names of the formulas: those of the checks, and ENDS."""
    printer = Looping([])
    threads = [
        part
        for item in tree.items
        if isinstance(item, t.Composition)
        for part in item.parts
        if isinstance(part, t.Thread)
    ]
    judged = [item for item in tree.items if isinstance(item, t.Predicate)]
    rest = tuple(item for item in tree.items if not isinstance(item, t.Predicate))
    lines = [printer.text(t.Text(span=tree.span, items=rest))]
    ending = sum(not thread.daemon for thread in threads)
    lines.append(f"ltl {ENDS} {{ <> (ended == {ending}) }}")
    for item in judged:
        condition = printer.expression(item.condition)
        formula = f"<> ({condition})"
        if item.leads_to is not None:
            formula = f"[] (({condition}) -> <> ({printer.expression(item.leads_to)}))"
        lines.append(f"ltl {item.text} {{ {formula} }}")
    return "\n".join(lines) + "\n", [ENDS, *(str(item.text) for item in judged)]


class Looping(Printer):
    """With loops and daemons."""

    def thread(self, thread: t.Thread, body: list[str]) -> list[str]:
        if not thread.daemon:
            return super().thread(thread, body)
        return ["round:", *body, "goto round"]

    def statement(self, s: t.Stmt, n: int) -> list[str]:
        match s:
            case t.While(condition=condition, body=body):
                head, turn = self.expression(condition), self.block(body, n)
                return [f"do :: ({head}) ->", *turn, ":: else -> break", "od;"]
            case t.LabelMark(name=name):
                return [f"{name}:"]
            case t.Goto(label=label):
                return [f"goto {label};"]
        return super().statement(s, n)
