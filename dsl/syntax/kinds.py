"""What nodes of the tree say with a word: the words, so that mypy sees one that is forgotten."""

from __future__ import annotations

from typing import Literal, TypeAlias

UnaryOp: TypeAlias = Literal["not", "-"]
BinaryOp: TypeAlias = Literal["and", "or", "implies", "==", "!=", "<", "<=", ">", ">=", "+", "-"]
QuantifiedKind: TypeAlias = Literal["all", "any", "count"]
TypeKind: TypeAlias = Literal["named", "range", "set", "queue", "version", "bool"]
LockKind: TypeAlias = Literal["spinlock", "mutex", "rwsem", "bitlock"]
CompositionKind: TypeAlias = Literal["ordered", "concurrent"]
PredicateKind: TypeAlias = Literal[
    "always", "finally", "reachable", "reachable finally", "eventually"
]
ExpectKind: TypeAlias = Literal["holds", "violated", "vacuous", "outcomes"]
AccessKind: TypeAlias = Literal["load", "store"]
UpdateOp: TypeAlias = Literal["+", "-"]
