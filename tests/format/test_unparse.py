"""`unparse` then `parse` is the identity."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from support.unparse import unparse

from mmscn.grammar.vocabulary import VOCABULARY
from mmscn.source import Source, Span
from mmscn.syntax import tree as t
from mmscn.syntax.format import formatted
from mmscn.syntax.parse import parse

Tree = Callable[[str], object]
NOWHERE = Span(Source("made", ""), 0, 0)


def make(kind: type[t.Expr], /, **fields: object) -> t.Expr:
    return kind(span=NOWHERE, **fields)


PLAIN = st.sampled_from(["a", "buf", "x1"])
ATOMS = st.one_of(
    st.builds(lambda n: make(t.Name, text=n), st.sampled_from(["a", "buf", "cpu", "frame"])),
    st.builds(lambda v: make(t.Literal, value=v), st.sampled_from([0, 7, -1, True, False, None])),
    st.just(make(t.Fresh)),
    st.builds(lambda n: make(t.Element, sort="cpu", number=n), st.integers(0, 3)),
)


def extended(inner: st.SearchStrategy[t.Expr]) -> st.SearchStrategy[t.Expr]:
    many = st.lists(inner, min_size=1, max_size=3).map(tuple)
    ops = st.sampled_from(["and", "or", "implies", "==", "!=", "<", "<=", ">", ">=", "+", "-"])
    return st.one_of(
        st.builds(lambda b, n: make(t.Attribute, base=b, name=n), inner, PLAIN),
        st.builds(lambda b, i: make(t.Index, base=b, indices=i), inner, many),
        st.builds(lambda n, a: make(t.Applied, name=n, args=a), PLAIN, many),
        st.builds(
            lambda n, v: make(t.StructValue, name=n, members=("x", "y", "z")[: len(v)], values=v),
            PLAIN, many,
        ),
        st.builds(
            lambda b, v: make(t.Changed, base=b, members=("x", "y", "z")[: len(v)], values=v),
            inner, many,
        ),
        st.builds(lambda x: make(t.Unary, op="not", operand=x), inner),
        st.builds(lambda o, a, b: make(t.Binary, op=o, left=a, right=b), ops, inner, inner),
        st.builds(
            lambda i, c, n: make(t.MemberOf, item=i, choices=c, negated=n),
            inner, many, st.booleans(),
        ),
        st.builds(
            lambda c, a, b: make(t.Conditional, condition=c, then=a, otherwise=b),
            inner, inner, inner,
        ),
        st.builds(
            lambda k, n, o, b: make(t.Quantified, kind=k, name=n, over=o, body=b),
            st.sampled_from(["all", "any", "count"]), PLAIN,
            st.one_of(inner, st.builds(lambda a, b: make(t.Range, low=a, high=b), inner, inner)),
            inner,
        ),
    )  # fmt: skip


EXPRESSIONS = st.recursive(ATOMS, extended, max_leaves=12)


def around(e: t.Expr, text: str | None) -> t.Text:
    """A text whose only statement is the assertion of an expression."""
    statement = t.Assert(span=NOWHERE, condition=e, text=text)
    body = t.Block(span=NOWHERE, statements=(statement,))
    return t.Text(span=NOWHERE, items=(t.Init(span=NOWHERE, body=body),))


def test_shipped_texts_come_back(shipped_by_fours: str, plain: Callable[[object], object]) -> None:
    found, _ = parse(Source("text", shipped_by_fours))
    again = formatted(Source("again", unparse(found)))
    assert plain(parse(Source("again", again))) == plain((found, ()))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(EXPRESSIONS, st.none() | st.text('ab \\"\n\tnt{', max_size=6))
def test_expressions_come_back(plain: Callable[[object], object], e: t.Expr, s: str | None) -> None:
    made = around(e, s)
    found, diagnostics = parse(Source("made", unparse(made)))
    assert diagnostics == ()
    assert plain(found) == plain(made)


CONSTRUCTS = r"""
scenario s "a \"title\""
import a.b
source "x"
claim "A", "B"
knob k = off | on "a knob"
extend knob k | later | 0..2
const n = 3
const several = 0..n
const which = if a then b else c
param p = 1 | 0..2 | (if a then b else c) "values"
profile q "text" { ad = recheck; cpus 2 }
profile r of p "text" { ad = recheck }
machine x86 { cpus n + 1; k = on }
machine x86
module m.n "a module"
reject v in vma when not v.shared and v.anon "not modelled"
stale c.tlb[v] of pte(v) for c in cpu, v in va[0..1] { load when a; store when b or c }
stale x of y for v in va { load when a }
file data on ext4 { page 0 = 0; pages 2 }
file other on tmpfs
mm m { map a = data[0..1] shared rw; map b -> frame 1; map c = data }
enum E { A, B }
extend struct S { e: 0..1 "E"; f: bool; g: queue[n + 1] of 0..2 }
struct S { a: bool = x "W/\"R"; d: bool ""; b: set of cpu = none; when: 0..n - 1; c: version }
each cpu { ghost var x[va, 0..1]: bool = false "X"; quiet var y: 0..1 ""; spinlock l[cpu] }
init { }
proc f(var c, d, var e) { return c, d with x = 1 }
proc f(a, b) when a == b { return; return a }
hook h(a)
hook i() { goto x; x: }
on h(a) { break; continue; exit }
agent g[c in cpu] { var e: bool
  prompt step p { }; step s[i in 0..1, v in c.vas] when e { }; may step m { }; busy when e }
concurrent {
  ordered { daemon thread t[i in 0..1] on cpu i in m { }; thread u on cpu (i + 1) { } }
}
property r(v) "text" { always "why" a; finally b; reachable "c" c }
check r(A), s after m when a
expect violated r, "text" at "op" when a
expect vacuous
expect vacuous "text", r when a
expect violated r at op by "mm1:s::a1b2c3:AQ" otherwise
expect holds
expect outcomes { a == 1; when == 2 } when b
outcomes a, v.b[1]
outcomes x when a == 1
reachable   finally "e" b
eventually "f" a or b
always "g" a
leads  to b
check no_livelock
always all v in (if a then b else c): v
init {
  let a = xchg pte(v), none
  let b = cmpxchg (x.y), 1, 2
  var c: 0..1 = load (a + b)
  var d = call f(1, a)
  set store = trylock l for read
  flush a[0..n - 1] on all
  x += 1;
  when -= 2
  call f()
  if a { b = 1 } else if c { } else { d = 1 }
  for v in 0..n - 1 { repeat n + 1 as i { while true { } } }
  choose { a = 1 } or { } or { await (any v in b: c) and d }
  atomic { assert a "t"; BUG; BUG "u"; mark m }
  store buf[0] = -1
  flush a; flush a on all; flush a on others; flush a on cpu (b + 1)
  flush a on cpu f(b).c[0]; flush a on cpu 1; flush a on mask; flush a on f(b).c
  let a, b = call f(c); let a, b, c = f(d)
  choose i in 0..1 { a = i }
  choose j in a.b; c = j
  a = pair(x = 1, y = b with z = 2); a = (b with y = 1, z = c and d) with x = not c
  lock l for write { unlock l }
  lock l
  source "z"
  x = fresh
  y = a in [1, none] or b not in [true, false] or (count c in frame: c.held) == 1
  a = this_cpu implies frame 1
}
override proc g() { }
override hardware proc h() { fence loads; set fence = 1 }
hardware proc i() { store release x = 1; let z = load acquire y }
hardware var k: 0..1
hardware quiet var n: bool
mutex m; rwsem r; bitlock b[frame]
"""


def test_every_construct_comes_back(tree: Tree) -> None:
    found, diagnostics = parse(Source("text", CONSTRUCTS))
    assert diagnostics == ()
    assert tree(unparse(found)) == tree(CONSTRUCTS)


def test_every_node_and_word_is_among_the_constructs() -> None:
    found, _ = parse(Source("text", CONSTRUCTS))
    kinds = {k for k in vars(t).values() if isinstance(k, type) and issubclass(k, t.Node)}
    bases = {t.Node, t.ExprNode, t.StmtNode, t.ItemNode}
    assert {type(node) for node in nodes(found)} == kinds - bases
    left_to_the_check = {"this_cpu", "this_mm", "current", "anon"}
    assert set(VOCABULARY) - left_to_the_check - set(re.findall("[A-Za-z_]+", CONSTRUCTS)) == set()


def nodes(value: object) -> Iterator[t.Node]:
    """A node and all that are in it."""
    if isinstance(value, t.Node):
        yield value
        for field in attrs.fields(type(value)):
            yield from nodes(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from nodes(part)
