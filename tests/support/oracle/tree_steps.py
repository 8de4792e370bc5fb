"""Operations in an expression: the instructions that are written before its statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from support.oracle.tree_instr import Label
from support.oracle.tree_made import at, negation
from support.oracle.tree_terms import View, single
from support.oracle.tree_types import BOOL, Meaning, Term

from mmscn.syntax import tree as t

if TYPE_CHECKING:
    from support.oracle.tree_code import Scope, Writer


@frozen
class Steps:
    """What the expressions of one statement do: each operation where it is read."""

    code: Writer
    see: Scope

    def operation(self, view: View, e: t.Expr) -> Meaning:
        return self.code.value(self.see, "result", e)

    def decided(self, view: View, op: str, left: Term, right: t.Expr) -> Term:
        """The right side is come to only where the left one has not decided."""
        end = Label()
        place = self.code.local("decided", BOOL)
        self.code.assign([(place, negation(left) if op == "implies" else left)])
        so_far = at(place)
        self.code.branch(so_far if op == "and" else negation(so_far), end)
        self.code.assign([(place, single(view, right))])
        self.code.here(end)
        return so_far
