"""What is said of a name that is declared nowhere: what was meant, where it is declared, or how."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mmscn.check.values import SORTS
from mmscn.diagnostics import SHORT, Rejected, closest, one
from mmscn.plain_text import counted
from mmscn.source import Span

if TYPE_CHECKING:
    from mmscn.check.modules import Unit

SHOWN_MAX = 6
"""Of what a module brings, the names that a hint has room for."""
READ = "reading a variable is one step: `let r = x`"
TAKE = "a lock is taken with `lock x`, and `let ok = trylock x` does not wait"
WRITTEN_HERE = {
    "True": "write `true`",
    "TRUE": "write `true`",
    "False": "write `false`",
    "FALSE": "write `false`",
    "NULL": "write `none`",
    "nullptr": "write `none`",
    "null": "write `none`",
    "nil": "write `none`",
    "None": "write `none`",
    "self": "a thread's CPU is `this_cpu`, the thread itself `current`",
    "pid": "a thread's CPU is `this_cpu`, the thread itself `current`",
    "rcu_dereference": READ,
    "atomic_read": READ,
    "smp_load_acquire": "with an order reading is `let r = load acquire x`",
    "cas": "write `let old = cmpxchg x, expected, new`",
    "cmpxchg": "write `let old = cmpxchg x, expected, new`",
    "xchg": "write `let old = xchg x, new`",
    "test_and_set_bit": "write `let old = xchg x, true`",
    "test_and_clear_bit": "write `let old = xchg x, false`",
    "spin_trylock": TAKE,
    "mutex_trylock": TAKE,
    "down_read_trylock": TAKE,
    "range": "a range is written `0..3`, both ends included",
    "len": "write `count x in list: condition`",
    "forall": "write `all x in list: condition`",
    "exists": "write `any x in list: condition`",
    "int": "a number has a range: write `0..7`, with the largest value that it takes",
    "unsigned": "a number has a range: write `0..7`, with the largest value that it takes",
    "boolean": "write `bool`",
    "page": "a page of memory is a `frame`, of a file a `filepage`, of an address space a `va`",
    "folio": "a page of memory is a `frame`",
}
"""Names from elsewhere."""


def known_elsewhere(name: str) -> str | None:
    """How a name from another language is written here, or which shipped module declares it."""
    if name in WRITTEN_HERE:
        return WRITTEN_HERE[name]
    if len(name) <= SHORT:
        return None
    from mmscn.shipped_texts import modules_declaring

    found = modules_declaring(name)
    if not found:
        return None
    places = " and ".join(found[:2]) + (
        f" and {counted(len(found) - 2, 'other')}" if len(found) > 2 else ""
    )
    return f"declared in {places}: `import {found[0]}`"


def of_name(name: str, known: Iterable[str]) -> str:
    return (
        known_elsewhere(name)
        or closest(name, known)
        or f"declare it: `var {name}: 0..3` or `var {name}: bool` is shared, and in a thread "
        f"`let {name} = ...` is its own"
    )


def of_procedure(name: str, known: Iterable[str]) -> str:
    return (
        known_elsewhere(name)
        or closest(name, known)
        or f"declare it: `proc {name}(...) {{ }}`; modules bring more"
    )


def of_its_module(unit: Unit, name: str) -> str | None:
    """Where somebody calls what only a module is called: what that brings."""
    for module, text in unit.modules.items():
        if module.rpartition(".")[2] != name:
            continue
        brought = [p for p, variants in unit.procs.items() if variants[0].span.source is text]
        if brought:
            shown = ", ".join(f"`{p}`" for p in brought[:SHOWN_MAX])
            return f"{module} brings {shown}{', …' if len(brought) > SHOWN_MAX else ''}"
    return None


def of_module(name: str) -> str:
    from mmscn.shipped_texts import module_names

    names = module_names()
    last = name.rpartition(".")[2]
    same = [other for other in names if other.rpartition(".")[2] == last]
    if same:
        return f"did you mean `{same[0]}`?"
    near = closest(name, names)
    return near or (
        "`mmscn list --modules` shows the shipped ones; others are looked for beside the scenario "
        "and below the project's root"
    )


def no_type(unit: Unit, name: str, span: Span) -> Rejected:
    known = [*unit.structs, *unit.enums, *SORTS, "bool", "version"]
    hint = (
        known_elsewhere(name)
        or closest(name, known)
        or "a type is `bool`, a range `0..7`, `version`, an enum or struct, or one of "
        + ", ".join(SORTS)
    )
    return one("MM207", f"there is no type `{name}`", span, hint)


def no_struct(unit: Unit, name: str, span: Span) -> Rejected:
    if name in unit.procs or name in unit.hooks:
        hint: str | None = f"arguments have no names: `{name}(x, y)`"
    else:
        hint = (
            known_elsewhere(name)
            or closest(name, unit.structs)
            or (f"declare it: `struct {name} {{ dirty: bool }}`")
        )
    return one("MM207", f"there is no struct `{name}`", span, hint)


def no_sort(name: str, span: Span) -> Rejected:
    hint = closest(name, SORTS) or f"there are {', '.join(SORTS)}"
    return one("MM207", f"there is no sort `{name}`", span, hint)


def no_file(unit: Unit, name: str, span: Span) -> Rejected:
    hint = closest(name, [f.name for f in unit.files]) or (
        f"declare it: `file {name} on ext4 {{ pages 1 }}`; memory without a file is `= anon`"
    )
    return one("MM207", f"there is no file `{name}`", span, hint)


def no_mm(unit: Unit, name: str, span: Span) -> Rejected:
    hint = closest(name, [mm.name for mm in unit.mms]) or (
        f"an address space is declared: `mm {name} {{ map buf = anon private rw }}`"
    )
    return one("MM207", f"there is no mm `{name}`", span, hint)


def no_property(unit: Unit, name: str, span: Span) -> Rejected:
    hint = (
        known_elsewhere(name)
        or closest(name, unit.properties)
        or (f"declare it: `property {name} {{ always ... }}`; the modules below props bring some")
    )
    return one("MM207", f"there is no property `{name}`", span, hint)


def no_knob(unit: Unit, name: str, span: Span, words: Iterable[str] = ()) -> Rejected:
    """words: what else could stand there."""
    from mmscn.shipped_texts import texts_of_modules

    declared = re.compile(rf"^knob {re.escape(name)}\b", re.MULTILINE)
    elsewhere = [module for module, text in texts_of_modules() if declared.search(text)]
    hint = (
        (f"declared in {elsewhere[0]}: `import {elsewhere[0]}`" if elsewhere else None)
        or closest(name, [*unit.knobs, *words])
        or f"here the knobs are {', '.join(sorted(unit.knobs))}; modules bring more"
    )
    return one("MM207", f"there is no knob `{name}`", span, hint)


def no_mark(unit: Unit, name: str, span: Span, known: Iterable[str]) -> Rejected:
    hint = closest(name, known) or f"write `mark {name}` in a thread"
    return one("MM207", f"nothing marks `{name}`", span, hint)


def no_machine(unit: Unit, name: str, span: Span) -> Rejected:
    hint = closest(name, unit.profiles) or f"there are {', '.join(sorted(unit.profiles))}"
    return one("MM207", f"there is no machine `{name}`", span, hint)
