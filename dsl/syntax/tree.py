"""The tree: what the text says, node by node, with spans.

Nodes compare by identity, so that facts about them can be kept in side
tables. Sequences are tuples. `Expr`, `Stmt` and `Item` are unions of all
nodes of a kind: a `match` over one of them names each and ends in
`assert_never`, so that one that forgets a node is a type error.
"""

from mmscn.syntax.tree_declarations import *
from mmscn.syntax.tree_expressions import *
from mmscn.syntax.tree_statements import *
