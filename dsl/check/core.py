"""The checked program: what is left when names, params, procs and loops are resolved.

This is the language's semantics in a dozen node kinds; `tests/support/oracle` walks it
directly and `mmscn.lower` compiles it. Calls are inlined (every node belongs
to one thread), sorts are enumerated, structs are taken apart.

A *step* is: one statement that touches a shared cell, followed by everything
up to the next such statement (locals, ghosts, jumps take no time). A statement
touches a shared cell when one of its expressions or targets does; a `Ghost`
assignment never counts, an `Await`, a `Choose` and an `Atomic` always do.

- Before time begins each thread, in their order, runs up to its first step. A
  thread that comes after others, or that would meet an assertion, a BUG or a
  model error on that way, does nothing then and goes it with its first step.
- `choose` is decided by the first step of the branch that is taken, which may
  lie behind the branch; where there is none, getting to the end is the step.
- An `Atomic` is one step and is enabled when some way through it meets all its
  awaits. It ends where its body does or a jump leaves it.
- A step makes one version at most: a `fresh` that would make the second begins
  a step of its own; an `Atomic` that makes two is rejected.
- The owner of a spinlock keeps its CPU: while a cell of a family whose `lock` is
  `spinlock` holds a thread, no thread `beside` that one takes a step. Agents do.
- A BUG or a model error breaks its check and stops the machine. What the step
  did before counts for the checks; the state that it leads to does not exist.
- A daemon begins again at the end of its body (`exit` ends the turn, too).
- Deadlock: some thread that is no daemon has not ended, and neither now nor
  after any steps of agents is there a step of a thread or daemon that moves on.
  A step moves on if the machine stops in it, or if it leads to another state up
  to renaming of contents than the one that it is taken in.
- Two states are the same up to renaming of contents if the threads stand at the
  same places, the cells and locals that are no versions have the same values, and
  some one-to-one renaming of versions turns the versions in all cells and locals of
  the one state (ghosts, and what is never read again, among them) into those of the
  other. The renaming keeps 0 to `Checked.named_versions` - 1. The scratch
  variables of agents are in no state.
- So whoever exchanges two contents for ever, or stores fresh content again over
  content that nothing else holds, stands still. Two daemons that keep each other
  busy, or a thread that runs in circles of more than one step, hide a deadlock.
- A condition is evaluated, even where its types decide it: one that names a
  shared cell is a step, and it may be a model error.
- A condition of a check that has no value in a state (`none` has no state)
  does not hold there.
- A local that nothing was assigned to is none, or 0, or the first of its type.

What goes on for ever. `eventually`, `leads to` and `livelock` are about fair executions.

- Who gets on in the end: threads that have not ended, daemons (at their heads, too), and agents
  that are not `may`. An execution goes on while one of these can take a step; where none can, it
  may stay for ever.
- An execution is fair if each of these that can take a step in all states from some state on takes
  one (weak fairness; of agents, each step with its values by itself), and if each thread that can
  take a `granted` step, where it stands, in infinitely many states takes infinitely many steps.
- `granted` is an `Atomic` that waits for a lock and takes it, no part of another `Atomic`, where
  the knob of `hw.locks` says that the lock goes to who waits. It is free while nobody has it: so
  who waits gets it, if it is let go again and again.
- Nothing else is fair: no branch of a `choose`, no attempt to take a lock, no `await` whose
  condition comes and goes, no turn of a lock that anybody gets.
- An execution in which the machine stops breaks what it breaks, and none of these. States that
  are the same up to renaming of contents are one here, too.
- `eventually`: broken where in no state of a fair execution the condition holds.
- `leads to`: broken where in a state of a fair execution what leads holds, and neither in it nor in
  any later one does what has to come.
- `livelock`: broken by a fair execution in which some thread that is no daemon never ends, and
  that comes to no deadlock. So where there is neither, all threads end in all fair executions.
- They are not judged under `arm`. Under `tso` the store buffer's steps are those of agents.

Memory order. The above is `memory = sc`, and what all of `mmscn.lower` knows. Under another
order the program is one that says the same with more state (`mmscn.check.order`), so that
executors, reductions and drawings know one order.

- *Memory* is what families hold that are no ghost's, no lock's and no hardware's.
- What a statement does it does by itself, or the hardware does (`Origin.hardware`): agents, and
  procedures that say so. Hardware reads and writes memory itself. Conditions of checks look at
  memory itself.
- `tso`: the stores of the threads of a CPU go into its buffer, first in, first out. What one
  statement stores is one entry. A statement reads a cell from the newest entry that has it, else
  from memory. At any time the oldest entry is taken out and written, in one step of the CPU's
  `store buffer`, which is busy while there is one.
- An `Atomic` that the hardware does not do, an exchange (`Origin.order` is `full`), taking a lock
  and letting go of one wait until the buffer of their CPU is empty, and then read and write memory
  itself. Letting go of a spinlock does not wait: it is a store. It keeps its CPU until that is
  written.
- Who ends has ended, whatever waits in the buffer; nothing is quiescent before it is written. A
  thread that comes after others begins, in a step of its own, when the buffers of their CPUs are
  empty; a daemon does not wait for that.
- A buffer has `store_buffer` places at most. A store that finds none breaks the check of kind
  `bound`, and stops the machine: it is not known what a longer buffer does.
- `arm`: over one memory, what a thread does is done in any order that the following leaves, each
  access in a step of its own. A statement reads what it reads, each variable in an access, and
  then writes what it writes in one.
- An access waits for its indices, a store for its values, and for every access in front of it to
  the same cell. But a load reads what an earlier store of its thread will store, before that does.
- A store waits for the branches in front of it (`if`, `await`, and what they read), and for the
  indices of the accesses in front of it. A load waits for no branch: where that is not taken, it
  is done in vain, with an index of the array's; nor for a load whose index is not known, if both
  read the same store (`order/early.py`). What `if` gives to a local depends on its condition.
- What stands behind an acquiring load waits for it, and that for releasing stores in front of it.
  A releasing store waits for all in front of it. A fence keeps: `loads`, loads before all accesses;
  `stores`, stores before stores; `instructions`, branches before all accesses; `full`, all.
- An `Atomic` and an exchange are a step that no access passes, either way. Taking a lock acquires,
  letting go of one releases.
- `fence complete` (DSB) is full, and puts also invalidations behind all in front of it, walks and
  what they record among that; `complete_loads` and `complete_stores` put them, too, behind loads,
  and behind stores. `instructions` (ISB) puts all, walks too, behind walks and faults, and behind
  what DSBs in front of it wait for. `translations` puts walks behind what DSBs wait for.
- An `Atomic` with a fence within is what that says, in one step, at a moment when its awaits hold.
  `relaxed`, `acquire`, `acquire_pc` (which passes releasing stores), `release` or
  `acquire_release`: an access, a load where the thread stores nothing to memory in it, a store
  where it reads nothing; what the hardware does within does not count. A load and store in one
  keeps both; only an acquiring load has to wait for it; for `loads` a store if it sets no local.
- `walk`, `fetch`: nothing keeps them from being done early but what their values depend on, fetches
  in front, and `instructions`. Stores wait for walks in front, all for fetches. `late_walk` waits
  for all accesses in front; `sure_walk`, `record` for branches, DSB for these. `fault` waits as an
  access does, but for releases and branches. `invalidation`, `cleaning` wait for branches and DSBs;
  the latter for `full`, too, and it is in order with accesses of the cells that it names.
- An assertion is judged when its values are there and its branches are taken; a ghost is changed,
  and a BUG met, when all in front of it is done. A thread has ended when all of it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, Literal, TypeAlias, TypeVar

from attrs import Factory, field, frozen

from mmscn.check.values import Domain, Elem, Value
from mmscn.check.words import Kind, Words
from mmscn.source import Span

T = TypeVar("T")

Operator: TypeAlias = Literal[
    "and", "or", "implies", "not", "holds", "==", "!=", "<", "<=", ">", ">=", "+", "-", "ite"
]
CheckKind: TypeAlias = Literal[
    "assert",
    "bug",
    "always",
    "finally",
    "reachable",
    "deadlock",
    "rule",
    "bound",
    "eventually",
    "leads to",
    "livelock",
]

# ---- expressions ------------------------------------------------------------


@frozen(eq=False, repr=False)
class Const:
    value: Value
    size: ClassVar[int] = 1
    depth: ClassVar[int] = 1


@frozen(eq=False, repr=False)
class Cell:
    """A shared variable; an index out of the family's domain is a model error."""

    family: str
    index: tuple[Expr, ...]
    size: int = field(init=False, default=Factory(lambda e: total(e.index), takes_self=True))
    depth: int = field(init=False, default=Factory(lambda e: deepest(e.index), takes_self=True))


@frozen(eq=False, repr=False)
class Local:
    """A variable of one thread, by number."""

    number: int
    size: ClassVar[int] = 1
    depth: ClassVar[int] = 1


@frozen(eq=False, repr=False)
class Fresh:
    """A version that no cell or local of the state holds: one more than the largest of
    them, and at least `Checked.named_versions`.
    """

    size: ClassVar[int] = 1
    depth: ClassVar[int] = 1


@frozen(eq=False, repr=False)
class Apply:
    """op: and or not implies holds == != < <= > >= + - ite.

    `holds` is its operand, and false where that has no value. From the left; `and`, `or`,
    `implies` and `ite` evaluate what their first operand leaves open, and nothing else.
    """

    op: Operator
    args: tuple[Expr, ...]
    size: int = field(init=False, default=Factory(lambda e: total(e.args), takes_self=True))
    depth: int = field(init=False, default=Factory(lambda e: deepest(e.args), takes_self=True))


@frozen(eq=False, repr=False)
class Ended:
    """Whether a thread is at rest: at its end, or a daemon at its head.

    At its head: before a statement that may be the first step of a turn, or
    not begun.
    """

    thread: int
    size: ClassVar[int] = 1
    depth: ClassVar[int] = 1


@frozen(eq=False, repr=False)
class Quiet:
    """Whether all threads are at rest and no agent is busy."""

    size: ClassVar[int] = 1
    depth: ClassVar[int] = 1


@frozen(eq=False, repr=False)
class Undefined:
    """An attribute of `none`, an index out of range: to evaluate it is a model error."""

    size: ClassVar[int] = 1
    depth: ClassVar[int] = 1


Expr: TypeAlias = Const | Cell | Local | Fresh | Apply | Ended | Quiet | Undefined


def total(parts: tuple[Expr, ...]) -> int:
    """The operators and operands of an expression of these parts, each as often as it stands."""
    return 1 + sum([part.size for part in parts])  # a list: a generator takes twice as long


def deepest(parts: tuple[Expr, ...]) -> int:
    return 1 + max([part.depth for part in parts], default=0)


# ---- statements -------------------------------------------------------------


@frozen(eq=False, repr=False, kw_only=True)
class Assign:
    """All values and indices are computed before any target changes.

    A value outside its target's domain is a model error; a number for a ghost
    is brought to the nearest end of the ghost's domain instead.
    """

    targets: tuple[Cell | Local, ...]
    values: tuple[Expr, ...]
    origin: int
    ghost: bool = False


@frozen(eq=False, repr=False, kw_only=True)
class Await:
    condition: Expr
    origin: int


@frozen(eq=False, repr=False, kw_only=True)
class If:
    condition: Expr
    then: Block
    otherwise: Block
    origin: int


@frozen(eq=False, repr=False, kw_only=True)
class Choose:
    branches: tuple[Block, ...]
    origin: int


@frozen(eq=False, repr=False, kw_only=True)
class Atomic:
    """granted: it takes a lock, and who waits for that gets it."""

    body: Block
    origin: int
    granted: bool = False


@frozen(eq=False, repr=False, kw_only=True)
class Label:
    """Where a Goto of this number arrives; a Goto stands inside the Label's block.

    Where the label of a Goto stands further out than an `Atomic`, it leaves that.
    """

    number: int


@frozen(eq=False, repr=False, kw_only=True)
class Goto:
    label: int


@frozen(eq=False, repr=False, kw_only=True)
class Assert:
    """Breaks `check` when the condition is false; goes on. Covers it whenever it is reached, also
    where the condition has no value, which is a model error.
    """

    check: int
    condition: Expr
    origin: int


@frozen(eq=False, repr=False, kw_only=True)
class Bug:
    """Breaks `check` and stops the machine."""

    check: int
    origin: int


@frozen(eq=False, repr=False, kw_only=True)
class Block:
    statements: tuple[Stmt, ...]


Stmt: TypeAlias = Assign | Await | If | Choose | Atomic | Label | Goto | Assert | Bug | Block

# ---- the whole --------------------------------------------------------------


@frozen(eq=False, repr=False, kw_only=True)
class Family:
    """A shared variable, or one for each combination of the indices' values.

    name: as it is shown, with a member's name behind a dot. sort: of the first
    index, if it is declared by an `each`. version: holds versions.
    initial: by index, in the order of the product of `indices`. hardware: it is no memory. span:
    where it is declared. For
    drawings: text, what the variable is called there; word, what is said of the member; quiet,
    that it is not worth a note; queue, which queue it is part of: the families that begin so.
    """

    name: str
    sort: str | None
    indices: tuple[Domain, ...]
    domain: Domain
    initial: tuple[Value, ...]
    version: bool = False
    ghost: bool = False
    quiet: bool = False
    hardware: bool = False
    lock: str | None = None
    text: str | None = None
    word: str | None = None
    queue: str | None = None
    span: Span | None = None


@frozen(eq=False, repr=False, kw_only=True)
class LocalVar:
    """thread: its number, or -1 for the scratch variables of agents."""

    name: str
    thread: int
    domain: Domain
    version: bool = False


@frozen(eq=False, repr=False)
class Call:
    """A call that a step happens in; text() is how it is shown.

    instruction: one of the machine's (`store`, `flush`): shown instead of its steps, and as what
    its statement is. name: what the statement puts its result under. result(): the local that
    the result is, None where it is none.
    """

    text: Callable[[], Words]
    span: Span
    instruction: bool
    kind: Kind = "call"
    name: str | None = None
    result: Callable[[], int | None] | None = None


@frozen(eq=False, repr=False, kw_only=True)
class Origin:
    """What a step looks like to the author: the statement, and the calls around it.

    kind: what statement it is. name: what it puts a value under. What it did in a run, its
    cells, branch and outcome, `lower.retrace` tells. hardware: whether that does it. order:
    `plain`, `acquire`, `release` or `full`.
    """

    span: Span
    text: Callable[[], Words]
    path: tuple[Call, ...]
    kind: Kind
    name: str | None = None
    hardware: bool = False
    order: str = "plain"


@frozen(eq=False, repr=False)
class Said(Generic[T]):
    """What is known, where other things are made when they are asked for."""

    said: T

    def __call__(self) -> T:
        return self.said


@frozen(eq=False, repr=False, kw_only=True)
class Thread:
    """after: the threads that must have ended before this one may move.

    beside: the others of the same CPU, but for those that no order lets run beside it.
    """

    name: str
    elem: Elem
    cpu: int
    mm: Elem | None
    daemon: bool
    after: tuple[int, ...]
    body: Block
    beside: tuple[int, ...] = ()


@frozen(eq=False, repr=False, kw_only=True)
class Agent:
    """One step of a piece of hardware: an atomic body that may happen whenever it can.

    cpu: whose column it is drawn in, None for a device.
    may: whether it need never happen, though it could for ever.
    prompt: whether it happens as soon as it can; executions in which it comes later are
    executions all the same, only they are not shown where others are as short.
    """

    name: str
    cpu: int | None
    body: Block
    origin: int
    prompt: bool
    may: bool = False


@frozen(eq=False, repr=False, kw_only=True)
class Stored:
    """What an entry of a store buffer may be: `what` says, these cells, with values in families."""

    what: Value
    cells: tuple[tuple[str, tuple[Value, ...]], ...]
    values: tuple[str, ...]


@frozen(eq=False, repr=False, kw_only=True)
class CachedEntry:
    """A copy that accesses may go through, for drawings: `stale ENTRY of SOURCE`.

    cells: it, source: what it is a copy of. load, store: when such an access through it is one
    that the source would not grant.
    """

    cells: tuple[Cell, ...]
    source: tuple[Cell, ...]
    load: Expr
    store: Expr


@frozen(eq=False, repr=False, kw_only=True)
class Checked:
    """One scenario under one assignment of its params. locals, origins: by number (`numbers`).

    stored: what its store buffers hold. kept: what combinations share. waypoints: of `checks`,
    those that only tell whether an execution comes by (`mmscn.explain.waypoints`); a thread goes
    past them before time begins. entries: of what is said of it, no part of what happens.
    """

    name: str
    params: tuple[tuple[str, Value], ...]
    knobs: tuple[tuple[str, Value], ...]
    cpus: int
    families: dict[str, Family]
    locals: dict[int, LocalVar]
    threads: tuple[Thread, ...]
    agents: tuple[Agent, ...]
    busy: tuple[Expr, ...]
    busy_at: tuple[Span, ...]
    checks: tuple[CheckInfo, ...]
    origins: dict[int, Origin]
    named_versions: int
    sorts: dict[str, tuple[Elem, ...]]
    imported: dict[str, Span]
    stored: tuple[Stored, ...] = ()
    waypoints: frozenset[int] = frozenset()
    entries: tuple[CachedEntry, ...] = ()
    kept: object = field(default=None, eq=False, repr=False)


@frozen(eq=False, repr=False, kw_only=True)
class CheckInfo:
    """One thing that is judged.

    kind: `assert`, `bug`, `always`, `finally`, `reachable`, `deadlock`, `rule` (broken by
    the model: a lock misused, a value out of range), `bound` (broken where the model ends),
    `eventually`, `leads to` or `livelock` (about fair executions).
    name: the property or the assertion's text; several infos of one name are judged as one.
    condition: of the state, for always, finally and reachable; what has to come, for eventually
    and leads to. covered: when it has a chance to fail; for leads to, what has to lead there.
    asked: the `check` that asks for it, where that is not `span`.
    listed: the cells whose final values it wants to know.
    """

    name: str
    kind: CheckKind
    span: Span | None
    condition: Expr | None = None
    covered: Expr | None = None
    text: str | None = None
    asked: Span | None = None
    listed: tuple[Cell, ...] = ()


MARK = "mark."
"""What the key of a family begins with that a `mark` sets."""

STORES_WAITING, STORED_TO = "store_buffer.length", "store_buffer.what"
"""Under `tso`, how many entries the buffer of a CPU has, and what each stores to."""
DEADLOCK = 0
MODEL_ERROR = 1
LOCK_RULES = 2
IMPLICIT = ("no_deadlock", "in_range", "lock_rules")
"""What is judged without being asked for: the names of the checks DEADLOCK to LOCK_RULES."""
NO_LIVELOCK = "no_livelock"
"""What `check` asks for by that name, without a property that says so."""
