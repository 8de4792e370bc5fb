"""From lark's callbacks to the tree: one method for each rule of the grammar.

What stands in a file has its method here, statements and expressions in code_builder.py.
"""

from __future__ import annotations

from typing import Any

from mmscn.source import Span
from mmscn.syntax import tree as t
from mmscn.syntax.code_builder import CodeBuilder, Meta, unquote, word


class TreeBuilder(CodeBuilder):
    """Children arrive as nodes, tokens (strings) or None for what is left out."""

    # ---- the text -----------------------------------------------------------

    def start(self, meta: Meta, c: list[Any]) -> t.Text:
        return t.Text(span=Span(self.text, 0, len(self.text.text)), items=tuple(c))

    def dotted(self, meta: Meta, c: list[Any]) -> str:
        return ".".join(c)

    def scenario(self, meta: Meta, c: list[Any]) -> t.Scenario:
        return t.Scenario(span=self.span(meta), name=str(c[0]), title=c[1] and unquote(c[1]))

    def module(self, meta: Meta, c: list[Any]) -> t.Module:
        return t.Module(span=self.span(meta), name=c[0], title=c[1] and unquote(c[1]))

    def import_(self, meta: Meta, c: list[Any]) -> t.Import:
        return t.Import(span=self.span(meta), name=c[0])

    def source(self, meta: Meta, c: list[Any]) -> t.SourceNote:
        return t.SourceNote(span=self.span(meta), text=unquote(c[0]))

    def claim(self, meta: Meta, c: list[Any]) -> t.Claim:
        return t.Claim(span=self.span(meta), rows=tuple(unquote(x) for x in c))

    # ---- variation ----------------------------------------------------------

    def values(self, meta: Meta, c: list[Any]) -> tuple[t.Expr, ...]:
        return tuple(c)

    def param(self, meta: Meta, c: list[Any]) -> t.Param:
        return t.Param(
            span=self.span(meta), name=str(c[0]), values=c[1], text=c[2] and unquote(c[2])
        )

    def knob(self, meta: Meta, c: list[Any]) -> t.Knob:
        return t.Knob(
            span=self.span(meta), name=str(c[0]), values=c[1], text=c[2] and unquote(c[2])
        )

    def const_range(self, meta: Meta, c: list[Any]) -> t.Range:
        return t.Range(span=self.span(meta), low=c[0], high=c[1])

    def extend_knob(self, meta: Meta, c: list[Any]) -> t.ExtendKnob:
        return t.ExtendKnob(span=self.span(meta), name=str(c[0]), values=c[1])

    def extend_struct(self, meta: Meta, c: list[Any]) -> t.ExtendStruct:
        members = tuple(x for x in c[1:] if x is not None)
        return t.ExtendStruct(span=self.span(meta), name=str(c[0]), members=members)

    def const(self, meta: Meta, c: list[Any]) -> t.Const:
        return t.Const(span=self.span(meta), name=str(c[0]), value=c[1])

    def setting(self, meta: Meta, c: list[Any]) -> t.Setting:
        return t.Setting(span=self.span(meta), name=str(c[0]), value=c[1])

    def profile(self, meta: Meta, c: list[Any]) -> t.Profile:
        return t.Profile(
            span=self.span(meta),
            name=str(c[0]),
            knob=c[1] and str(c[1]),
            text=c[2] and unquote(c[2]),
            settings=tuple(c[3:]),
        )

    # ---- the machine and its memory -----------------------------------------

    def machine(self, meta: Meta, c: list[Any]) -> t.Machine:
        settings = tuple(x for x in c[1:] if x is not None)
        return t.Machine(span=self.span(meta), profile=str(c[0]), settings=settings)

    def file_pages(self, meta: Meta, c: list[Any]) -> t.FilePages:
        return t.FilePages(
            span=self.span(meta), word=str(c[0]), number=self.whole(meta, c[1]), content=c[2]
        )

    def file(self, meta: Meta, c: list[Any]) -> t.File:
        pages = tuple(x for x in c[2:] if x is not None)
        return t.File(span=self.span(meta), name=str(c[0]), fs=c[1], pages=pages)

    def mm(self, meta: Meta, c: list[Any]) -> t.Mm:
        maps = tuple(x for x in c[1:] if x is not None)
        return t.Mm(span=self.span(meta), name=str(c[0]), maps=maps)

    def map_file(self, meta: Meta, c: list[Any]) -> tuple[str, t.Expr | None, None]:
        return str(c[0]), c[1], None

    def map_frame(self, meta: Meta, c: list[Any]) -> tuple[None, None, t.Expr]:
        return None, None, c[0]

    def attribute(self, meta: Meta, c: list[Any]) -> str:
        return str(c[0])

    def map(self, meta: Meta, c: list[Any]) -> t.Map:
        file, extent, frame = c[1]
        return t.Map(
            span=self.span(meta),
            name=str(c[0]),
            file=file,
            extent=extent,
            frame=frame,
            attributes=tuple(c[2:]),
        )

    # ---- state --------------------------------------------------------------

    def enum(self, meta: Meta, c: list[Any]) -> t.Enum:
        return t.Enum(span=self.span(meta), name=str(c[0]), members=tuple(str(x) for x in c[1:]))

    def struct(self, meta: Meta, c: list[Any]) -> t.Struct:
        return t.Struct(span=self.span(meta), name=str(c[0]), members=tuple(c[1:]))

    def member(self, meta: Meta, c: list[Any]) -> t.Member:
        name, type_, value, text = c
        text = text and unquote(text)
        return t.Member(span=self.span(meta), name=str(name), type=type_, value=value, text=text)

    def each(self, meta: Meta, c: list[Any]) -> t.Each:
        return t.Each(span=self.span(meta), sort=c[0], members=tuple(c[1:]))

    def var(self, meta: Meta, c: list[Any]) -> t.Var:
        *indices, type_, value, text = c[3:]
        return t.Var(
            span=self.span(meta),
            hardware=c[0] is not None,
            ghost=c[1] == "ghost",
            quiet=c[1] == "quiet",
            name=str(c[2]),
            indices=tuple(x for x in indices if x is not None),
            type=type_,
            value=value,
            text=text and unquote(text),
        )

    def lock_decl(self, meta: Meta, c: list[Any]) -> t.LockDecl:
        indices = tuple(x for x in c[2:] if x is not None)
        return t.LockDecl(span=self.span(meta), kind=word(c[0]), name=str(c[1]), indices=indices)

    def type_name(self, meta: Meta, c: list[Any]) -> str:
        return str(c[0])

    def named_type(self, meta: Meta, c: list[Any]) -> t.TypeExpr:
        return t.TypeExpr(span=self.span(meta), kind="named", name=c[0])

    def range_type(self, meta: Meta, c: list[Any]) -> t.TypeExpr:
        return t.TypeExpr(span=self.span(meta), kind="range", low=c[0], high=c[1])

    def set_type(self, meta: Meta, c: list[Any]) -> t.TypeExpr:
        return t.TypeExpr(span=self.span(meta), kind="set", name=c[0])

    def queue_type(self, meta: Meta, c: list[Any]) -> t.TypeExpr:
        return t.TypeExpr(span=self.span(meta), kind="queue", high=c[0], of=c[1])

    def version_type(self, meta: Meta, c: list[Any]) -> t.TypeExpr:
        return t.TypeExpr(span=self.span(meta), kind="version")

    def bool_type(self, meta: Meta, c: list[Any]) -> t.TypeExpr:
        return t.TypeExpr(span=self.span(meta), kind="bool")

    def init(self, meta: Meta, c: list[Any]) -> t.Init:
        return t.Init(span=self.span(meta), body=c[0])

    # ---- procedures ---------------------------------------------------------

    def params(self, meta: Meta, c: list[Any]) -> tuple[str, ...]:
        return tuple(str(x) for x in c)

    def value_parameter(self, meta: Meta, c: list[Any]) -> tuple[str, bool]:
        return str(c[0]), False

    def cell_parameter(self, meta: Meta, c: list[Any]) -> tuple[str, bool]:
        return str(c[0]), True

    def parameters(self, meta: Meta, c: list[Any]) -> tuple[tuple[str, bool], ...]:
        return tuple(c)

    def proc(self, meta: Meta, c: list[Any]) -> t.Proc:
        parameters: tuple[tuple[str, bool], ...] = c[3] or ()
        return t.Proc(
            span=self.span(meta),
            name=str(c[2]),
            params=tuple(name for name, _ in parameters),
            cells=tuple(name for name, is_cell in parameters if is_cell),
            when=c[4],
            body=c[5],
            override=c[0] is not None,
            hardware=c[1] is not None,
        )

    def hook(self, meta: Meta, c: list[Any]) -> t.Hook:
        return t.Hook(span=self.span(meta), name=str(c[0]), params=c[1] or (), body=c[2])

    def on_hook(self, meta: Meta, c: list[Any]) -> t.OnHook:
        return t.OnHook(span=self.span(meta), name=str(c[0]), params=c[1] or (), body=c[2])

    def replica(self, meta: Meta, c: list[Any]) -> t.Replica:
        return t.Replica(span=self.span(meta), name=str(c[0]), over=c[1])

    def bindings(self, meta: Meta, c: list[Any]) -> tuple[t.Replica, ...]:
        return self.replicas(meta, c)

    def replicas(self, meta: Meta, c: list[Any]) -> tuple[t.Replica, ...]:
        pairs = zip(c[::2], c[1::2], strict=True)
        return tuple(t.Replica(span=self.span(meta), name=str(n), over=o) for n, o in pairs)

    def step(self, meta: Meta, c: list[Any]) -> t.Step:
        return t.Step(
            span=self.span(meta),
            name=str(c[1]),
            replicas=c[2] or (),
            when=c[3],
            body=c[4],
            prompt=c[0] is not None and c[0].type == "PROMPT",
            may=c[0] is not None and c[0].type == "MAY",
        )

    def busy(self, meta: Meta, c: list[Any]) -> t.Busy:
        return t.Busy(span=self.span(meta), when=c[0])

    def agent(self, meta: Meta, c: list[Any]) -> t.Agent:
        return t.Agent(span=self.span(meta), name=str(c[0]), replica=c[1], members=tuple(c[2:]))

    def ordered(self, meta: Meta, c: list[Any]) -> t.Composition:
        return t.Composition(span=self.span(meta), kind="ordered", parts=tuple(c))

    def concurrent(self, meta: Meta, c: list[Any]) -> t.Composition:
        return t.Composition(span=self.span(meta), kind="concurrent", parts=tuple(c))

    def thread(self, meta: Meta, c: list[Any]) -> t.Thread:
        daemon, name, replica, _cpu, cpu, mm, body = c
        return t.Thread(
            span=self.span(meta),
            name=str(name),
            replica=replica,
            cpu=cpu,
            mm=mm and str(mm),
            daemon=daemon is not None,
            body=body,
        )

    # ---- checks -------------------------------------------------------------

    def property(self, meta: Meta, c: list[Any]) -> t.Property:
        return t.Property(
            span=self.span(meta),
            name=str(c[0]),
            params=c[1] or (),
            text=c[2] and unquote(c[2]),
            predicates=tuple(c[3:]),
        )

    def predicate(self, meta: Meta, c: list[Any]) -> t.Predicate:
        text = c[1] and unquote(c[1])
        kind = word(" ".join(c[0].split()))
        return t.Predicate(
            span=self.span(meta), kind=kind, text=text, condition=c[2], leads_to=c[4]
        )

    def property_use(self, meta: Meta, c: list[Any]) -> t.PropertyUse:
        return t.PropertyUse(span=self.span(meta), name=str(c[0]), args=c[1] or ())

    def check(self, meta: Meta, c: list[Any]) -> t.Check:
        *uses, after, when = c
        return t.Check(
            span=self.span(meta), uses=tuple(uses), after=after and str(after), when=when
        )

    def target(self, meta: Meta, c: list[Any]) -> str:
        return unquote(c[0]) if c[0].startswith('"') else str(c[0])

    def holds(self, meta: Meta, c: list[Any]) -> dict[str, Any]:
        return {"kind": "holds"}

    def violated(self, meta: Meta, c: list[Any]) -> dict[str, Any]:
        *names, at, by = c
        token = None if by is None else unquote(by)
        return {"kind": "violated", "violated": tuple(names), "at": at, "by": token}

    def vacuous(self, meta: Meta, c: list[Any]) -> dict[str, Any]:
        return {"kind": "vacuous", "vacuous": tuple(name for name in c if name is not None)}

    def outcomes(self, meta: Meta, c: list[Any]) -> dict[str, Any]:
        return {"kind": "outcomes", "outcomes": tuple(c)}

    def expect_when(self, meta: Meta, c: list[Any]) -> dict[str, Any]:
        return {"when": c[0]} if isinstance(c[0], t.Node) else {"otherwise": True}

    def expect(self, meta: Meta, c: list[Any]) -> t.Expect:
        return t.Expect(span=self.span(meta), **c[0], **(c[1] or {}))

    def outcomes_of(self, meta: Meta, c: list[Any]) -> t.Outcomes:
        return t.Outcomes(span=self.span(meta), places=tuple(c[:-1]), when=c[-1])

    def reject(self, meta: Meta, c: list[Any]) -> t.Reject:
        name, over, when, text = c
        return t.Reject(
            span=self.span(meta), name=str(name), over=over, when=when, text=unquote(text)
        )

    def stale_case(self, meta: Meta, c: list[Any]) -> t.StaleCase:
        return t.StaleCase(span=self.span(meta), access=word(c[0]), when=c[1])

    def stale(self, meta: Meta, c: list[Any]) -> t.Stale:
        entry, source, replicas, *cases = c
        return t.Stale(
            span=self.span(meta),
            entry=entry,
            source=source,
            replicas=replicas,
            cases=tuple(cases),
        )
