"""The words of the language: which kind each is, and what it means in one line.

Lexers, completion, hover and documentation read this table, and so does
nothing that parses; a test compares it with the grammar's terminals.
"""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """category: one of CATEGORIES. meaning: one line, without a full stop."""

    category: str
    meaning: str


CATEGORIES = {
    "header": "what a text is, and where it comes from",
    "variation": "what varies from run to run",
    "declaration": "the machine, memory and state",
    "type": "types",
    "composition": "threads, agents and procedures",
    "statement": "statements",
    "operation": "operations on shared state",
    "check": "what is judged",
    "operator": "words in expressions",
    "constant": "constants",
    "name": "names that are always there",
}

VOCABULARY: dict[str, Word] = {
    # ---- header
    "scenario": Word("header", "names the scenario that this text is"),
    "module": Word("header", "names the module that this text is"),
    "import": Word("header", "makes the declarations of a module known"),
    "source": Word("header", "says where a claim or a piece of code comes from"),
    "claim": Word("header", "names the rows of the catalogue that the scenario decides"),
    # ---- variation
    "param": Word("variation", "a list of values; the scenario runs once for each combination"),
    "knob": Word("variation", "a param of a module; the first value is the default"),
    "extend": Word("variation", "adds values to a knob, or members to a struct, of a module"),
    "const": Word("variation", "a name for a value that is known before the run"),
    "profile": Word("variation", "a named bundle of settings of knobs"),
    "machine": Word("variation", "the profile that the scenario runs on, and its settings"),
    # ---- declaration
    "file": Word("declaration", "a file: its kind of file system, its pages and their content"),
    "mm": Word("declaration", "an address space and its mappings"),
    "map": Word("declaration", "a mapping of pages of a file, or of a frame"),
    "enum": Word("declaration", "words that are values"),
    "struct": Word("declaration", "several members as one value"),
    "each": Word("declaration", "state that each element of a sort has"),
    "var": Word("declaration", "a variable, shared or of a thread"),
    "ghost": Word("declaration", "state that only properties read; changing it takes no step"),
    "quiet": Word("declaration", "state that drawings have no notes of"),
    "hardware": Word("declaration", "state that is no memory; a procedure that the hardware does"),
    "spinlock": Word("declaration", "a lock that is waited for without sleeping"),
    "mutex": Word("declaration", "a lock that sleeps"),
    "rwsem": Word("declaration", "a lock that sleeps, for one writer or several readers"),
    "bitlock": Word("declaration", "a lock that is a bit and sleeps"),
    "init": Word("declaration", "what is done before the first step"),
    "stale": Word("declaration", "when drawings call an entry stale that an access goes through"),
    # ---- type
    "version": Word("type", "content: copied, made fresh and compared for equality"),
    "bool": Word("type", "`true` or `false`"),
    "queue": Word("type", "`queue[4] of T`: up to 4 of T, first in, first out"),
    "set": Word("type", "`set of SORT`: which elements belong to it; also begins an assignment"),
    "of": Word("type", "stands between `set` and its sort, a profile and its knob"),
    # ---- composition
    "proc": Word("composition", "a procedure; several of one name are variants with a `when`"),
    "override": Word("composition", "begins a procedure that replaces one of another file"),
    "hook": Word("composition", "a place where other modules may join in"),
    "agent": Word("composition", "hardware or a device that takes steps of its own"),
    "step": Word("composition", "an atomic step that an agent may take whenever its guard holds"),
    "prompt": Word("composition", "marks a step that hardware takes as soon as it can"),
    "may": Word("composition", "marks a step that hardware may never take, though it could"),
    "busy": Word("composition", "the condition under which an agent still has work to do"),
    "ordered": Word("composition", "parts that run one after the other"),
    "concurrent": Word("composition", "parts that run at the same time"),
    "thread": Word("composition", "a sequence of steps on one CPU"),
    "daemon": Word("composition", "marks a thread that need not end"),
    # ---- statement
    "let": Word("statement", "gives a name to a value, once"),
    "call": Word("statement", "runs a procedure"),
    "if": Word("statement", "runs one of two blocks; chooses one of two values"),
    "else": Word("statement", "begins what happens otherwise"),
    "for": Word("statement", "runs a block for each element"),
    "repeat": Word("statement", "runs a block a fixed number of times"),
    "as": Word("statement", "names the number of the turn of a `repeat`"),
    "while": Word("statement", "runs a block as long as a condition holds"),
    "choose": Word("statement", "runs any one of several blocks, or takes any member of a list"),
    "await": Word("statement", "waits until a condition holds"),
    "atomic": Word("statement", "makes a block one step"),
    "goto": Word("statement", "goes on at a label"),
    "return": Word("statement", "ends a procedure, with a value or without"),
    "break": Word("statement", "ends the loop"),
    "continue": Word("statement", "goes on with the loop's next turn"),
    "exit": Word("statement", "ends the thread"),
    "mark": Word("statement", "sets a flag that properties can wait for with `after`"),
    # ---- operation
    "store": Word("operation", "a store instruction through the TLB"),
    "load": Word("operation", "a load instruction through the TLB"),
    "xchg": Word("operation", "reads the old value and writes the new one in one step"),
    "cmpxchg": Word("operation", "writes the new value where the expected one is found"),
    "acquire": Word("operation", "a load that nothing behind it is done before"),
    "release": Word("operation", "a store that is done after everything in front of it"),
    "fence": Word("operation", "keeps what is in front of it before what is behind it"),
    "flush": Word("operation", "drops TLB entries, of this CPU or of those after `on`"),
    "lock": Word("operation", "takes a lock; with a block, for the block"),
    "unlock": Word("operation", "releases a lock"),
    "trylock": Word("operation", "takes a lock if nobody holds it; says whether it did"),
    "read": Word("operation", "`for read`: as one of several readers"),
    "write": Word("operation", "`for write`: as the only one"),
    "others": Word("operation", "`on others`: all CPUs but this one"),
    # ---- check
    "property": Word("check", "a named property, with what must hold for it"),
    "check": Word("check", "asks for properties"),
    "always": Word("check", "a condition that every state meets"),
    "finally": Word("check", "a condition that every final state meets"),
    "reachable": Word("check", "a condition that some state meets"),
    "eventually": Word("check", "a condition that every fair execution meets some time"),
    "leads": Word("check", "`leads to`: what comes in the end wherever the condition before holds"),
    "to": Word("check", "belongs to `leads to`"),
    "after": Word("check", "from when on a property is asked for"),
    "assert": Word("check", "a condition that holds whenever this is run"),
    "BUG": Word("check", "must never be run; stops the machine"),
    "expect": Word("check", "what the run must find"),
    "holds": Word("check", "expects that nothing is violated"),
    "violated": Word("check", "expects that exactly these are violated"),
    "vacuous": Word("check", "announces what is never put to the test"),
    "outcomes": Word("check", "lists final values; behind `expect`, the only final states"),
    "at": Word("check", "the operation at which it is violated"),
    "by": Word("check", "the token of the execution that violates it"),
    "when": Word("check", "a condition on params and knobs, or the guard of a step"),
    "reject": Word("check", "what a module does not model; said where it is declared"),
    "otherwise": Word("check", "applies where no `when` does"),
    # ---- operator
    "on": Word("operator", "which CPU, or which file system"),
    "in": Word("operator", "which address space; one of a list; the range of a name"),
    "and": Word("operator", "both conditions hold"),
    "or": Word("operator", "one of the conditions holds; begins another branch of a `choose`"),
    "not": Word("operator", "the condition does not hold"),
    "implies": Word("operator", "the second condition holds where the first does"),
    "with": Word("operator", "the struct on the left, with these members instead"),
    "then": Word("operator", "begins the value of a conditional expression"),
    "all": Word("operator", "holds for every element; `on all`: every CPU"),
    "any": Word("operator", "holds for some element"),
    "count": Word("operator", "for how many elements it holds"),
    # ---- constant
    "true": Word("constant", "yes"),
    "false": Word("constant", "no"),
    "none": Word("constant", "no element; of a struct: nothing is set"),
    "fresh": Word("constant", "a version that nothing holds yet"),
    "cpu": Word("constant", "`cpu 0`: a CPU by its number; `cpu`: all of them"),
    "frame": Word("constant", "`frame 0`: a page frame by its number; `frame`: all of them"),
    # ---- name
    "this_cpu": Word("name", "the CPU that the thread runs on"),
    "this_mm": Word("name", "the address space that the thread runs in"),
    "current": Word("name", "the thread itself"),
    "anon": Word("name", "in a mapping: pages without a file"),
}


def words_of(*categories: str) -> tuple[str, ...]:
    """The words of some categories, in the order of the table."""
    return tuple(word for word, about in VOCABULARY.items() if about.category in categories)
