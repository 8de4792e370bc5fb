"""Every diagnostic's code: what it means, what to do, and the smallest text that has it.

MM1xx: characters and syntax. MM2xx: names and modules. MM3xx: values and types.
MM4xx: procedures, locks and what a thread may do. MM5xx: sizes. MM6xx: warnings, of what nothing
uses (`codes_warnings.py`). MM8xx: litmus tests (`codes_litmus.py`).
"""

from __future__ import annotations

from typing import NamedTuple

from mmscn.codes_forms import FORMS
from mmscn.codes_litmus import LITMUS
from mmscn.codes_warnings import WARNINGS


class Code(NamedTuple):
    """title: what is wrong, in a few words. explanation: sentences, wrapped by whoever shows them.

    example: a text that has it; `repeated` times its last line. A byte that is
    no UTF-8 stands in it as a surrogate. files: modules beside it. define: -D.
    """

    title: str
    explanation: str
    example: str
    repeated: int = 1
    files: tuple[tuple[str, str], ...] = ()
    define: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """The whole example."""
        head, _, last = self.example.rstrip("\n").rpartition("\n")
        lines = "\n".join([last] * self.repeated)
        return f"{head}\n{lines}\n" if head else f"{lines}\n"


CODES: dict[str, Code] = {
    "MM101": Code(
        "a word cannot stand here",
        "The text is read up to this word, and none of the sentences of the language goes on "
        "with it. The hint lists what could stand here where that is a short list.",
        """scenario s
param order flush_first
""",
    ),
    "MM102": Code(
        "the text ends too early",
        "Something is begun and not ended: mostly a `{` without its `}`.",
        """scenario s
concurrent {
  thread a { exit
""",
    ),
    "MM103": Code(
        "a character has no meaning here",
        "The language is written in ASCII letters, digits and a few signs. Text in quotes ends "
        "on its line, and a comment that begins with `/*` ends with `*/`. Other characters may "
        "stand in comments and quotes only.",
        """scenario s
var x: bool = §
""",
    ),
    "MM104": Code(
        "nested too deeply, or too long",
        "Brackets may be nested 60 deep, and a statement may have 400 words. No scenario that "
        "people read comes near this; name a part with `let` or `proc`.",
        "scenario s\nalways " + "(" * 61 + "true" + ")" * 61 + "\n",
    ),
    "MM105": Code(
        "the text is too large",
        "A scenario or module has at most a million characters.",
        """scenario s
// one of forty thousand lines
""",
        repeated=40_000,
    ),
    "MM106": Code(
        "not UTF-8 text",
        "A scenario is text in UTF-8. This is another encoding, or not text at all.",
        'scenario s "caf\udce9"\n',
    ),
    "MM107": Code(
        "the number is too large",
        "Numbers have at most nine digits; zeros in front do not count.",
        """scenario s
param bytes = 1000000000000
""",
    ),
    "MM201": Code(
        "neither a scenario nor a module",
        "A text begins with `scenario NAME` or `module NAME`; comments may stand before it.",
        """var x: bool
""",
    ),
    "MM202": Code(
        "there is no such module",
        "A module `a.b` is looked for in a/b.mmscn below the folder of the scenario, below the "
        "root of its project (the nearest folder around it with a mmscn.toml or a pyproject.toml), "
        "and in the library. `mmscn list --modules` shows the library's.",
        """scenario s
import linux.zapp
""",
    ),
    "MM203": Code(
        "a module imports itself",
        "Modules may import each other in any order, but not in a circle.",
        """scenario s
import a
""",
        files=(("a", "module a\nimport b\n"), ("b", "module b\nimport a\n")),
    ),
    "MM204": Code(
        "a scenario inside another",
        "A file holds one scenario, and only modules are imported. Move what both need into a "
        "module.",
        """scenario s
scenario t
""",
    ),
    "MM205": Code(
        "a param in a module",
        "Which values a scenario runs through is its own affair, so only a scenario has params. "
        "What a module offers to be varied is a `knob`; a param of the same name then chooses "
        "its value.",
        """scenario s
import zap
""",
        files=(("zap", "module zap\nparam order = first | last\n"),),
    ),
    "MM206": Code(
        "declared twice",
        "Two declarations have the same name, and one of them would hide the other.",
        """scenario s
var x: bool
var x: 0..3
""",
    ),
    "MM207": Code(
        "nothing has this name",
        "The name is no variable, param, knob, page, procedure or value that is known at this "
        "place. Mostly it is misspelt, or the module that declares it is not imported.",
        """scenario s
var ready: bool
always not redy
""",
    ),
    "MM208": Code(
        "there is no such member",
        "What stands before the dot has no member, state or attribute of that name.",
        """scenario s
map A -> frame 0
always A.pte.drity implies A.pte.present
""",
    ),
    "MM209": Code(
        "the wrong number of arguments",
        "A procedure, hook or property is used with more or fewer arguments than it is declared "
        "with.",
        """scenario s
var x: 0..3
proc add(n) { x += n }
thread a { call add(1, 2) }
""",
    ),
    "MM210": Code(
        "a jump to nowhere",
        "`goto` goes to a label in the same block or in one around it, `break` and `continue` "
        "stand in a loop, `return` stands in a procedure or thread, and `exit` in a thread.",
        """scenario s
thread a { goto again }
""",
    ),
    "MM211": Code(
        "no value comes back",
        "The value of a call is used, and the procedure has no `return` with a value.",
        """scenario s
var x: 0..3
proc clear() { x = 0 }
thread a { let old = call clear() }
""",
    ),
    "MM212": Code(
        "no variant applies, or several do",
        "Procedures of one name are variants. Their `when` conditions, on params and knobs, "
        "must leave exactly one of them; a variant without `when` is the one for the rest.",
        """scenario s
param zap = rc2 | merged | none_at_all
var x: 0..3
proc flush_it() when zap == rc2 { x = 1 }
proc flush_it() when zap == merged { x = 2 }
thread a { call flush_it() }
""",
    ),
    "MM213": Code(
        "-D names what there is not",
        "`-D NAME=VALUE` narrows a param, or sets a knob, to one of its values; several with "
        "`|` between.",
        """scenario s
param order = flush_first | clear_first
""",
        define=(("order", "flush_frist"),),
    ),
    "MM214": Code(
        "an expectation of what is not judged",
        "`expect violated` names properties that a `check` asks for, and assertions by their "
        "text in quotes. This is neither, in at least one combination of the params that the "
        "expectation is for.",
        """scenario s
var x: 0..3
thread a { x = 1 }
finally "x is set" x == 1
expect violated "x was set"
""",
    ),
    "MM215": Code(
        "a module is not run",
        "Only a scenario has threads to run. `mmscn check` looks for errors in a module.",
        """module m
""",
    ),
    "MM216": Code(
        "a word has two meanings",
        "The value of a param or knob, or the word of an enum, is also the name of something else, "
        "and would be read as that. Give one of them another name. A word of the scenario may be "
        "one of a module's, and the other way round: each file means its own.",
        """scenario s
param zap = early | late
param rival = zap | none_at_all
""",
    ),
    "MM217": Code(
        "nothing to override",
        "`override proc` replaces the procedures of that name in other files, where its `when` "
        "holds. There are none with that name and as many parameters; mostly it is misspelt, or "
        "the module that declares it is not imported.",
        """scenario s
override proc cpu_stores(v, value) { }
""",
    ),
    "MM218": Code(
        "a procedure of another file has this name",
        "A procedure that is to be called instead of one of a module says so: `override proc`. "
        "One that has nothing to do with it needs another name.",
        """scenario s
proc drop(c, v) { }
""",
    ),
    "MM219": Code(
        "replaced twice",
        "Two `override proc` replace the same procedure, and both apply: nothing says which of "
        "them is meant. Give each a `when`, so that only one of them holds.",
        """scenario s
var x: bool
override proc drop(c, v) { x = true }
override proc drop(c, v) { x = false }
thread t { call drop(cpu 0, cpu 1) }
""",
    ),
    "MM220": Code(
        "a module with another name",
        "A module is found by its path: `import a.b` reads a/b.mmscn, which begins with "
        "`module a.b`. This file says another name, or none.",
        """scenario s
import zap
""",
        files=(("zap", "module zapp\n"),),
    ),
    "MM221": Code(
        "a name of the language",
        "`no_deadlock`, `in_range` and `lock_rules` are always judged, `no_livelock` is what "
        "`check` asks by that name, and `outcomes` what `expect outcomes` asks. A property, "
        "assertion or text of one's own needs another name, so that a verdict says which of them "
        "it is about. `true`, `none`, `fresh`, `cpu`, `current` and the like mean the same in all "
        "texts, so nothing that is declared is called so.",
        """scenario s
var x: bool
property in_range { always not x }
""",
    ),
    "MM301": Code(
        "the kinds do not go together",
        "Numbers are added and ordered, conditions joined with `and`, `or` and `not`, and only "
        "values of one kind compared: a word is never equal to a number.",
        """scenario s
var x: 0..3
always x and true
""",
    ),
    "MM302": Code(
        "another kind of value is wanted here",
        "The place takes one kind of value, and this is another, or a value that it never has.",
        """scenario s
var x: 0..3 = 5
""",
    ),
    "MM303": Code(
        "there is no element of that number",
        "An index, page, CPU or frame is out of bounds. Numbers begin at 0, and both ends of a "
        "range belong to it: `data[0..1]` has two pages.",
        """scenario s
machine x86 { cpus 2 }
thread a on cpu 2 { exit }
""",
    ),
    "MM304": Code(
        "`none` has nothing",
        "`none` is no element: it has no state and no attributes. Ask `x != none` first.",
        """scenario s
always none.content == 0
""",
    ),
    "MM305": Code(
        "an index that does not fit",
        "What is indexed has no index, has fewer, or must be indexed by what is known before "
        "the run.",
        """scenario s
var x: 0..3
always x[0] == 0
""",
    ),
    "MM307": Code(
        "not known before the run",
        "Variants, loops over lists, sizes and the conditions of `check` and `expect` are "
        "decided before the run, by params and knobs. What only the state knows cannot decide "
        "them.",
        """scenario s
var x: 0..3
thread a { x = 1 }
expect holds when x == 0
""",
    ),
    "MM308": Code(
        "the type of a variable does not follow",
        "`var x = value` has the type of the value. Where the value alone does not tell which "
        "values may follow, write the type: `var x: 0..3 = 0`.",
        """scenario s
thread a { var seen = none }
""",
    ),
    "MM309": Code(
        "not one of the values of a param or knob",
        "The values of params and knobs are words, numbers and ranges of numbers. A machine, or "
        "a param with the name of a knob, gives the knob one of its own values.",
        """scenario s
machine x86 { spec_fill = sometimes }
""",
    ),
    "MM310": Code(
        "a file or mapping is not described like this",
        "A file says `page N = content` or `pages N`. The hint lists the attributes that a "
        "mapping has.",
        """scenario s
map A -> frame 0 readonly
""",
    ),
    "MM311": Code(
        "a thread without a CPU",
        "Threads are put on the CPUs in their order, as long as there are any. Say `on cpu N` "
        "where several share one, or give the machine more: `machine x86 { cpus 3 }`.",
        """scenario s
var x: bool
machine x86 { cpus 1 }
concurrent {
  thread a { x = true }
  thread b { x = false }
}
""",
    ),
    "MM312": Code(
        "a module does not model this",
        "A module says with `reject` which pages, mappings, files or threads it would get wrong. "
        "Change what is declared here, or leave out the module that rejects it.",
        """scenario s
import linux.fault
mm user { map heap = anon private rw }
""",
    ),
    "MM313": Code(
        "an order that there is not",
        "A fence is `full`, or for `loads`, `stores` or `instructions`, `complete` is DSB; in an "
        "`atomic` it says in which order that is. A load acquires, and a store releases.",
        """scenario s
var x: 0..1
thread t { store acquire x = 1 }
""",
    ),
    "MM314": Code(
        "`memory = arm` does not model this",
        "Under `arm` accesses are done out of order in stretches without loops: variables, locks "
        "and atomic steps, not what the hardware does for a thread, nor what goes on for ever. Use "
        "`sc` or `tso`.",
        """scenario s
machine arm64 { memory = arm }
map A -> frame 0
thread t { store A = 1 }
""",
    ),
    "MM317": Code(
        "`outcomes` or `stale` names what is no place",
        "`outcomes` names what the state keeps, to list what it holds at the end, and `stale` what "
        "accesses go through: variables, members of structs, elements of arrays. What the text "
        "decides, or a lock, is no place.",
        """scenario s
param p = 1 | 2
var x: 0..3
thread a { x = p }
outcomes x, p
""",
    ),
    "MM318": Code(
        "what goes on for ever is asked otherwise",
        "`always P leads to Q` says that Q comes in the end wherever P holds, `eventually P` that "
        "P holds some time, `check no_livelock` that all threads end. Nothing else leads to "
        "something, and the end of all threads comes after every mark.",
        """scenario s
var x: bool
thread a { x = true }
finally x leads to not x
""",
    ),
    "MM401": Code(
        "a procedure calls itself",
        "Calls are written out in place, so a circle of calls has no end. Use a loop.",
        """scenario s
var x: 0..3
proc retry() { x = 1; call retry() }
thread a { call retry() }
""",
    ),
    "MM402": Code(
        "cannot be assigned to",
        "Variables, their members and cells are assigned to. Params, knobs, attributes like "
        "`page.index` and results of expressions are fixed.",
        """scenario s
param order = first | last
thread a { order = last }
""",
    ),
    "MM403": Code(
        "only a thread takes locks",
        "An agent's step is atomic and cannot wait, and `init` runs before there is anyone to "
        "wait for.",
        """scenario s
spinlock l
init { lock l }
""",
    ),
    "MM404": Code(
        "not a lock, or not this way",
        "`lock`, `unlock` and `trylock` take what `spinlock`, `mutex`, `rwsem` or `bitlock` "
        "declares; `for read` and `for write` belong to an rwsem.",
        """scenario s
var x: bool
thread a { lock x }
""",
    ),
    "MM405": Code(
        "bound once",
        "`let`, a parameter and the name in a `for` stand for one value. What changes is "
        "declared with `var`.",
        """scenario s
var x: 0..3
thread a {
  let seen = x
  seen = 1
}
""",
    ),
    "MM406": Code(
        "a jump out of `lock { }`",
        "The block releases its lock where it ends; a jump out of it would keep the lock. Take "
        "and release the lock with `lock x` and `unlock x` as statements.",
        """scenario s
spinlock l
thread a { lock l { return } }
""",
    ),
    "MM407": Code(
        "not for the initial state",
        "An `init` block runs before the first step: it assigns, decides and loops, and must "
        "keep to the rules of the model.",
        """scenario s
var x: bool
init { await x }
""",
    ),
    "MM408": Code(
        "a loop without a step",
        "A loop that touches no shared state would go round for ever in no time. Let it look at "
        "shared state, wait with `await`, or bound it with `repeat`.",
        """scenario s
thread a {
  while true { }
}
""",
    ),
    "MM409": Code(
        "steps where a state is only looked at",
        "A call, `load`, `xchg`, `cmpxchg` or `trylock` takes steps. In an expression of a "
        "statement they are taken before it; a guard, a property, an `await`, the body of a "
        "quantifier and the values that an `if ... then ... else` chooses from have none before.",
        """scenario s
mutex l
thread a { await trylock l }
""",
    ),
    "MM501": Code(
        "the state is too large",
        "All variables of all elements together must fit into a few machine words, because "
        "every reachable state is kept. Use smaller ranges and fewer elements.",
        """scenario s
var x[0..63, 0..63]: bool
thread a { x[0, 0] = true }
""",
    ),
    "MM502": Code(
        "a bound that is out of bounds",
        "Numbers of CPUs, threads, frames, values and turns have limits, so that a scenario "
        "stays small enough to explore.",
        """scenario s
machine x86 { cpus 1000 }
""",
    ),
    "MM503": Code(
        "too much code",
        "With procedures and loops written out there are more statements than a program may "
        "have, calls are nested too deeply, or an `init` block runs too long.",
        """scenario s
var x: 0..3
thread a { repeat 64 { repeat 64 { repeat 64 { x = 1 } } } }
""",
    ),
    "MM504": Code(
        "too many rules",
        "A statement becomes one rule for each way through it. Long `atomic` blocks with many "
        "choices have very many ways; split them, or decide before the run.",
        """scenario s
var x[0..15]: bool
thread a {
  atomic {
    for i in 0..15 { choose { x[i] = false } or { x[i] = true } }
  }
}
""",
    ),
    "MM505": Code(
        "a condition depends on too much",
        "Each condition and value is looked up in a table with an entry for every value of what "
        "it depends on. Split it with `let`, or use smaller ranges.",
        """scenario s
var a: 0..200
var b: 0..200
var c: 0..200
thread t { await a + b + c == 300 }
""",
    ),
    "MM506": Code(
        "two fresh versions in one step",
        "A step makes at most one version of content. Write the second one in a step of its own.",
        """scenario s
var a: version
var b: version
thread t { atomic { a = fresh; b = fresh } }
""",
    ),
}

for table in (FORMS, LITMUS, WARNINGS):
    CODES |= {code: Code(*about) for code, about in table.items()}
CODES = dict(sorted(CODES.items()))
