"""The bytecode: guarded rules over a state packed into 64-bit words.

A program is a set of rules. A rule belongs to a process; it is enabled in a
state when the process stands at the rule's program counter and every test
holds, and firing it applies every effect. Tests and effects all read the
*old* state, so their order does not matter; no two effects of one rule write
the same bit. There are no loops and no registers: what a step computes from
small fields is looked up in a table.

The executors (`interpreter`, `explore`) and the verifier know nothing else.
"""

from enum import IntEnum
from typing import Literal, NamedTuple, NewType, TypeAlias, get_args

WORD_BITS = 64
FIELD_BITS_MAX = 32

FieldId = NewType("FieldId", int)
RuleId = NewType("RuleId", int)
CheckId = NewType("CheckId", int)
State = tuple[int, ...]
"""One unsigned 64-bit word after the other, `Program.words` of them."""


class Op(IntEnum):
    """The instructions. `w` is a word, `f` and `g` are fields, `t` is a table.

    Tests:
    MATCH w mask value     (old[w] & mask) == value
    MISMATCH w mask value  (old[w] & mask) != value
    SAME f g               the fields hold the same number
    DIFFER f g             they do not
    LOOKUP t f...          tables[t][index] != 0

    Effects:
    PUT w mask value       new[w] = new[w] & ~mask | value
    ADD f n                the field grows by n, which may be negative; the
                           rule's tests exclude overflow
    COPY f g               new f = old g; f is at least as wide as g
    MAP f t g...           new f = tables[t][index]
    FRESH f v              new f = a number that no field of version group v has

    `index` is the concatenation of the fields' bits, the first field lowest.
    """

    MATCH = 0
    MISMATCH = 1
    SAME = 2
    DIFFER = 3
    LOOKUP = 4
    PUT = 8
    ADD = 9
    COPY = 10
    MAP = 11
    FRESH = 12


TestOp: TypeAlias = Literal[Op.MATCH, Op.MISMATCH, Op.SAME, Op.DIFFER, Op.LOOKUP]
EffectOp: TypeAlias = Literal[Op.PUT, Op.ADD, Op.COPY, Op.MAP, Op.FRESH]
TESTS: frozenset[TestOp] = frozenset(get_args(TestOp))
EFFECTS: frozenset[EffectOp] = frozenset(get_args(EffectOp))
TEST_OPS: dict[int, TestOp] = {int(op): op for op in get_args(TestOp)}
EFFECT_OPS: dict[int, EffectOp] = {int(op): op for op in get_args(EffectOp)}

Instr = tuple[int, ...]
"""An `Op` followed by its operands."""


def test_op(test: Instr) -> TestOp:
    """The instruction of a test. Raises ValueError for an effect."""
    op = TEST_OPS.get(test[0])
    if op is None:
        raise ValueError(f"{Op(test[0]).name} is not a test")
    return op


def effect_op(effect: Instr) -> EffectOp:
    """The instruction of an effect. Raises ValueError for a test."""
    op = EFFECT_OPS.get(effect[0])
    if op is None:
        raise ValueError(f"{Op(effect[0]).name} is not an effect")
    return op


Tests = tuple[Instr, ...]
"""A conjunction."""


class Field(NamedTuple):
    """A run of bits in one word: a slot of the state.

    word: 0 to words - 1. shift: the lowest bit. width: 1 to 32 bits.
    """

    word: int
    shift: int
    width: int


class ProcessKind(IntEnum):
    """THREAD must end; DAEMON may wait for ever at its head; AGENT has no program counter."""

    THREAD = 0
    DAEMON = 1
    AGENT = 2


class Process(NamedTuple):
    """A thread of the scenario or a piece of hardware.

    pc: the field of its program counter, None for an agent.
    dispatch: by program counter, the rules that may be enabled there; an
    agent has one entry that always applies.
    rest: the program counters at which the process may stay for ever (the end
    of a thread, the head of a daemon); empty for an agent.
    column: which CPU's column its steps are drawn in; counts context switches.
    prompt: an agent that steps as soon as it can, before any thread does. A search does not
    assume that; of the shortest counterexamples one is shown that bears it out.
    fair: what it can do for ever, it does in the end (`fairness`).
    """

    kind: ProcessKind
    pc: FieldId | None
    dispatch: tuple[tuple[RuleId, ...], ...]
    rest: tuple[int, ...] = ()
    column: int = 0
    prompt: bool = False
    fair: bool = True


class Rule(NamedTuple):
    """One atomic step of a process.

    violates, covers: checks that firing this rule breaks, or gives a chance to break.
    halts: the state it leads to is counted and checked but not continued (a BUG).
    granted: it takes a lock that is handed to whoever waits for it (`fairness`).
    parts: the rules of the unreduced program that it stands for, in order;
    empty when it is one itself.
    origin: index into a line table that the compiler keeps.
    """

    process: int
    tests: Tests
    effects: tuple[Instr, ...]
    violates: tuple[CheckId, ...] = ()
    covers: tuple[CheckId, ...] = ()
    halts: bool = False
    parts: tuple[RuleId, ...] = ()
    origin: int = 0
    granted: bool = False


class CheckKind(IntEnum):
    """When a check looks.

    STEP: never by itself; rules violate and cover it (an assertion).
    ALWAYS: in every state. FINALLY: in every quiescent state.
    REACHABLE: in every state, and it is violated when `bad` never matches
    (its `bad` is the state that is wanted).
    DEADLOCK: some thread is not at rest, and neither now nor after any rules of
    agents that do not halt is there a rule of a thread or daemon that moves on: that
    halts, or leads to a state that is another one up to a renaming of the numbers
    of each version group, which keeps those below its `named`.

    The others are about fair executions (`fairness`), and no search of states decides
    them. Each is violated by one that owes something from some state on, and for ever:
    EVENTUALLY: `bad` has matched from the first state on.
    LEADS: `bad` has matched since a state that matches `covered` and `bad`.
    LIVELOCK: some thread is not at rest, and no state is a deadlock.
    """

    STEP = 0
    ALWAYS = 1
    FINALLY = 2
    REACHABLE = 3
    DEADLOCK = 4
    EVENTUALLY = 5
    LEADS = 6
    LIVELOCK = 7


LIVENESS = frozenset({CheckKind.EVENTUALLY, CheckKind.LEADS, CheckKind.LIVELOCK})


class Check(NamedTuple):
    """A property of states: `bad` and `covered` are disjunctions of conjunctions.

    covered: matches a state that gave the property a chance to fail. A check
    that no state and no rule covered is vacuous.
    """

    kind: CheckKind
    bad: tuple[Tests, ...] = ()
    covered: tuple[Tests, ...] = ((),)


class VersionGroup(NamedTuple):
    """Fields that hold versions: only copied, made fresh and compared.

    named: the numbers 0 to named - 1 are constants of the scenario.
    canonical: number the others by first occurrence in `fields` after every
    step, so that states equal up to renaming are one. Without it a fresh
    version is one more than the largest in the group.
    """

    fields: tuple[FieldId, ...]
    named: int
    canonical: bool


class Permutation(NamedTuple):
    """A renaming that maps rules to rules: new[field] = value(old[source]).

    moves: (field, source, table or -1); fields not named keep their value.
    The table gives the renamed value.
    """

    moves: tuple[tuple[FieldId, FieldId, int], ...]


class Program(NamedTuple):
    """All that an executor needs.

    words: of the packed state, at least 1. initial: the states to start from.
    quiescent: a disjunction of conjunctions; a state matches it when all
    threads are at rest and no hardware is busy.
    symmetry: the verified non-identity permutations of a group; a state is
    stored as the least of its images. Empty for the unreduced program.
    """

    words: int
    fields: tuple[Field, ...]
    initial: tuple[State, ...]
    processes: tuple[Process, ...]
    rules: tuple[Rule, ...]
    tables: tuple[tuple[int, ...], ...] = ()
    checks: tuple[Check, ...] = ()
    quiescent: tuple[Tests, ...] = ()
    versions: tuple[VersionGroup, ...] = ()
    symmetry: tuple[Permutation, ...] = ()
