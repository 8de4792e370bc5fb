"""Trees as whole texts: a text with the same tree, for the law that both directions agree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mmscn.syntax import tree as t
from mmscn.syntax.newlines import CONTINUES
from mmscn.syntax.unparse import expression, keep, span, statement, written

ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"))


def unparse(text: t.Text) -> str:
    """A text with this tree, a statement a line; `formatted` makes its layout canonical."""
    return "".join(f"{line}\n" for line in joined(lines_of(item) for item in text.items))


def joined(parts: Iterable[list[str]]) -> list[str]:
    """Lines one below the other, with a `;` where the next line would go on from one."""
    lines: list[str] = []
    for part in parts:
        if lines and CONTINUES.match(part[0]):
            lines[-1] += ";"
        lines += part
    return lines


def lines_of(node: t.Node) -> list[str]:
    """An item, a statement or a part of one, line by line."""
    match node:
        case t.If(then=then, otherwise=None):
            return block(head(node), then)
        case t.If(then=then, otherwise=t.Block(statements=(t.If() as other,))):
            first, *rest = lines_of(other)
            return [*block(head(node), then)[:-1], f"}} else {first}", *rest]
        case t.If(then=then, otherwise=t.Block() as otherwise):
            return [*block(head(node), then)[:-1], *block("} else", otherwise)]
        case t.Choose(branches=(first_branch, *others)):
            lines = block("choose", first_branch)
            for branch in others:
                lines = [*lines[:-1], *block("} or", branch)]
            return lines
        case t.Expect(kind="outcomes", outcomes=outcomes):
            inside = joined([expression(e)] for e in outcomes)
            return ["expect outcomes {", *(f"  {line}" for line in inside), "}" + applies(node)]
        case t.Agent(members=parts) | t.Composition(parts=parts) | t.Each(members=parts):
            return braced(head(node), parts)
        case t.ExtendStruct(members=parts):
            return braced(head(node), parts)
        case t.Struct(members=parts) | t.Property(predicates=parts) | t.Profile(settings=parts):
            return braced(head(node), parts)
        case t.Machine(settings=parts) | t.File(pages=parts) | t.Mm(maps=parts) if parts:
            return braced(head(node), parts)
        case t.Stale(cases=parts):
            return braced(head(node), parts)
        case t.Init(body=body) | t.Proc(body=body) | t.OnHook(body=body) | t.Step(body=body):
            return block(head(node), body)
        case t.Thread(body=body) | t.For(body=body) | t.Repeat(body=body) | t.While(body=body):
            return block(head(node), body)
        case t.Atomic(body=body) | t.Hook(body=t.Block() as body) | t.Lock(body=t.Block() as body):
            return block(head(node), body)
        case t.ChooseOne(body=t.Block() as body):
            return block(head(node), body)
    return [head(node)]


def leading(to: t.Expr | None) -> str:
    return "" if to is None else f" leads to {expression(to)}"


def block(before: str, b: t.Block) -> list[str]:
    return braced(before, b.statements)


def braced(before: str, parts: Sequence[t.Node]) -> list[str]:
    return [f"{before} {{", *(f"  {line}" for line in joined(map(lines_of, parts))), "}"]


def head(node: t.Node) -> str:
    """A node up to its block: one line that says all that the tree knows."""
    match node:
        case t.Scenario(name=name, title=text):
            return f"scenario {name}{title(text)}"
        case t.Module(name=name, title=text):
            return f"module {name}{title(text)}"
        case t.Import(name=name):
            return f"import {name}"
        case t.SourceNote(text=text):
            return f"source {quoted(text)}"
        case t.Claim(rows=rows):
            return f"claim {', '.join(map(quoted, rows))}"
        case t.Param(name=name, values=values, text=text):
            return f"param {name} = {' | '.join(map(span, values))}{title(text)}"
        case t.Knob(name=name, values=values, text=text):
            return f"knob {name} = {' | '.join(map(span, values))}{title(text)}"
        case t.ExtendKnob(name=name, values=values):
            return f"extend knob {name} | {' | '.join(map(span, values))}"
        case t.Const(name=name, value=value):
            return f"const {name} = {span(value)}"
        case t.Profile(name=name, knob=knob, text=text):
            return f"profile {name}{f' of {knob}' if knob else ''}{title(text)}"
        case t.Setting(name=name, value=value):
            return f"{name} = {expression(value)}"
        case t.Machine(profile=name):
            return f"machine {name}"
        case t.File(name=name, fs=fs):
            return f"file {name} on {expression(fs)}"
        case t.FilePages(word=word, number=number, content=content):
            return f"{word} {number}{initial(content)}"
        case t.Mm(name=name):
            return f"mm {name}"
        case t.Map(name=name, attributes=attributes):
            return " ".join([f"map {name}", mapped(node), *attributes])
        case t.Enum(name=name, members=members):
            return f"enum {name} {{ {', '.join(members)} }}"
        case t.Struct(name=name) | t.ExtendStruct(name=name):
            return "extend " * isinstance(node, t.ExtendStruct) + f"struct {name}"
        case t.Member(name=name, type=type_, value=value, text=text):
            return f"{name}: {type_text(type_)}{initial(value)}{title(text)}"
        case t.Each(sort=sort):
            return f"each {sort}"
        case t.Var(name=name, indices=indices, type=type_, value=value):
            declared = f"var {name}{index_types(indices)}: {type_text(type_)}{initial(value)}"
            words = "hardware " * node.hardware + "ghost " * node.ghost + "quiet " * node.quiet
            return words + declared + title(node.text)
        case t.LockDecl(kind=kind, name=name, indices=indices):
            return f"{kind} {name}{index_types(indices)}"
        case t.Init():
            return "init"
        case t.Proc(name=name, params=params, when=when, override=override):
            words = "override " * override + "hardware " * node.hardware
            shown = ", ".join("var " * (p in node.cells) + p for p in params)
            return words + f"proc {name}({shown}){condition(when)}"
        case t.Hook(name=name, params=params):
            return f"hook {name}({', '.join(params)})"
        case t.OnHook(name=name, params=params):
            return f"on {name}({', '.join(params)})"
        case t.Agent(name=name, replica=replica):
            return f"agent {name}{replicas((replica,) if replica else ())}"
        case t.Step(name=name, replicas=over, when=when, prompt=prompt, may=may):
            return f"{'prompt ' * prompt}{'may ' * may}step {name}{replicas(over)}{condition(when)}"
        case t.Busy(when=when):
            return f"busy when {expression(when)}"
        case t.Composition(kind=kind):
            return kind
        case t.Thread(name=name, replica=replica, cpu=cpu, mm=mm, daemon=daemon):
            words = f"thread {name}{replicas((replica,) if replica else ())}"
            words += f" on cpu {operand(cpu)}" if cpu else ""
            return "daemon " * daemon + words + (f" in {mm}" if mm else "")
        case t.Property(name=name, params=params, text=text):
            shown = f"({', '.join(params)})" if params else ""
            return f"property {name}{shown}{title(text)}"
        case t.Predicate(kind=kind, text=text, condition=c, leads_to=to):
            return f"{kind}{title(text)} {expression(c)}{leading(to)}"
        case t.Check(uses=uses, after=after, when=when):
            shown = ", ".join(f"{u.name}{arguments(u.args)}" for u in uses)
            return f"check {shown}{f' after {after}' if after else ''}{condition(when)}"
        case t.Expect(kind="holds"):
            return f"expect holds{applies(node)}"
        case t.Expect(kind="vacuous", vacuous=names):
            shown = ", ".join(map(target, names))
            return f"expect vacuous {shown}".rstrip() + applies(node)
        case t.Expect(violated=violated, at=at, by=by):
            shown = f"expect violated {', '.join(map(target, violated))}"
            shown += f" at {target(at)}" if at is not None else ""
            return shown + (f" by{title(by)}" if by is not None else "") + applies(node)
        case t.Outcomes(places=places, when=when):
            return f"outcomes {', '.join(map(expression, places))}{condition(when)}"
        case t.Reject(name=name, over=over, when=when, text=text):
            return f"reject {name} in {span(over)}{condition(when)}{title(text)}"
        case t.Stale(entry=entry, source=source, replicas=over):
            bound = replicas(over)[1:-1]
            return f"stale {expression(entry)} of {expression(source)} for {bound}"
        case t.StaleCase(access=access, when=when):
            return f"{access}{condition(when)}"
        case t.StmtNode():
            return exactly(node)
    raise AssertionError(node)


def exactly(s: t.Stmt) -> str:
    """The first line of a statement as the language has it, with nothing left out."""
    match s:
        case t.Let(name=name, value=value):
            return f"let {name} = {right_side(value)}"
        case t.LetSeveral(names=names, value=value):
            return f"let {', '.join(names)} = {right_side(value)}"
        case t.LocalVar(name=name, type=type_, value=value):
            return f"var {name}{f': {type_text(type_)}' if type_ else ''} = {right_side(value)}"
        case t.Assign(target=place, value=value):
            # After `set`, a name may be a word that begins a statement elsewhere.
            return f"set {operand(place)} = {right_side(value)}"
        case t.CallStmt(call=call):
            return right_side(call)
        case t.Assert(condition=c, text=text):
            return f"assert {expression(c)}{title(text)}"
        case t.Bug(text=text):
            return f"BUG{title(text)}"
    return statement(s)


def right_side(e: t.Expr) -> str:
    return f"call {expression(e)}" if isinstance(e, t.CallValue) else expression(e)


def operand(e: t.Expr) -> str:
    """An expression where only an operand can stand."""
    return written(e, 9, keep)


def arguments(args: tuple[t.Expr, ...]) -> str:
    return f"({', '.join(map(expression, args))})" if args else ""


def mapped(m: t.Map) -> str:
    if m.frame is not None:
        return f"-> {expression(m.frame)}"
    return f"= {m.file}" + (f"[{span(m.extent)}]" if m.extent is not None else "")


def type_text(type_: t.TypeExpr) -> str:
    match type_:
        case t.TypeExpr(kind="range", low=t.ExprNode() as low, high=t.ExprNode() as high):
            return f"{written(low, 6, keep)}..{written(high, 6, keep)}"
        case t.TypeExpr(kind="set", name=name):
            return f"set of {name}"
        case t.TypeExpr(kind="queue", high=t.ExprNode() as size, of=t.TypeExpr() as of):
            return f"queue[{written(size, 6, keep)}] of {type_text(of)}"
        case t.TypeExpr(kind="named", name=str() as name):
            return name
    return type_.kind


def index_types(types: tuple[t.TypeExpr, ...]) -> str:
    return f"[{', '.join(map(type_text, types))}]" if types else ""


def replicas(over: tuple[t.Replica, ...]) -> str:
    return f"[{', '.join(f'{r.name} in {span(r.over)}' for r in over)}]" if over else ""


def initial(value: t.Expr | None) -> str:
    return "" if value is None else f" = {expression(value)}"


def condition(when: t.Expr | None) -> str:
    return "" if when is None else f" when {expression(when)}"


def applies(e: t.Expect) -> str:
    return " otherwise" if e.otherwise else condition(e.when)


def title(text: str | None) -> str:
    return "" if text is None else f" {quoted(text)}"


def target(text: str) -> str:
    """What an expectation names; a text in quotes and a name are the same in the tree."""
    return text if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", text) else quoted(text)


def quoted(text: str) -> str:
    """A string token with this text: the inverse of `build.unquote`."""
    for character, escaped in ESCAPES:
        text = text.replace(character, escaped)
    return f'"{text}"'
