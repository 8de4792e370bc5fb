"""The verifier: which programs an executor may run without looking again.

An executor trusts a verified program: no index is out of range, no effect
writes outside its field, no two effects of a rule write the same bit, and
versions are only copied, made fresh and compared. Not verified, because it
takes a proof and not a look: that the tests of a rule exclude the overflow of
its ADDs, and that a permutation maps rules to rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from mmscn.runtime.bytecode import (
    EFFECTS,
    FIELD_BITS_MAX,
    TESTS,
    WORD_BITS,
    CheckKind,
    Instr,
    Op,
    Permutation,
    Process,
    ProcessKind,
    Program,
    Rule,
    Tests,
)

INDEX_BITS_MAX = 24
"""Of a table: more than 16 million entries is a mistake of the compiler."""

STATELESS = (CheckKind.STEP, CheckKind.DEADLOCK, CheckKind.LIVELOCK)


class VerifyError(ValueError):
    """A program is malformed; the text is one line that says where and why."""


def verify(program: Program) -> None:
    """Nothing, for a well-formed program. Raises VerifyError with the first reason found."""
    _Verifier(program).program()


def _need(condition: bool, reason: str) -> None:
    if not condition:
        raise VerifyError(reason)


class _Verifier:
    """The checks, and what several of them ask of the program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._used = [0] * program.words
        self._group: dict[int, int] = {}
        self._pc: dict[int, int] = {}
        self._fine: dict[frozenset[Op], set[Instr]] = {TESTS: set(), EFFECTS: set()}
        """Instructions that were looked at, by what they may be."""
        self._told_apart: dict[int, tuple[int, ...]] = {}
        """By word, the fields in it that hold a version or a program counter."""

    def program(self) -> None:
        self._fields()
        self._tables()
        self._versions()
        self._processes()
        self._initial()
        for r, rule in enumerate(self._program.rules):
            self._rule(f"rule {r}", rule)
        for c, check in enumerate(self._program.checks):
            where = f"check {c}"
            self._disjunction(f"{where}, bad", check.bad)
            self._disjunction(f"{where}, covered", check.covered)
            _need(
                not (check.bad and check.kind in STATELESS),
                f"{where}: {check.kind.name} looks at no state, but has a `bad`",
            )
        self._disjunction("quiescent", self._program.quiescent)
        for p, permutation in enumerate(self._program.symmetry):
            self._permutation(f"permutation {p}", permutation)

    def _fields(self) -> None:
        words = self._program.words
        _need(words >= 1, "a state has no words")
        for f, field in enumerate(self._program.fields):
            _need(0 <= field.word < words, f"field {f}: word {field.word} of {words}")
            _need(field.shift >= 0, f"field {f}: begins at bit {field.shift}")
            _need(1 <= field.width <= FIELD_BITS_MAX, f"field {f}: has {field.width} bits")
            _need(
                field.shift + field.width <= WORD_BITS,
                f"field {f}: bits {field.shift} to {field.shift + field.width - 1} of a word",
            )
            mask = (1 << field.width) - 1 << field.shift
            _need(not self._used[field.word] & mask, f"field {f}: overlaps an earlier field")
            self._used[field.word] |= mask

    def _tables(self) -> None:
        for t, table in enumerate(self._program.tables):
            _need(all(value >= 0 for value in table), f"table {t}: holds a negative number")

    def _versions(self) -> None:
        for v, group in enumerate(self._program.versions):
            where = f"version group {v}"
            _need(group.named >= 1, f"{where}: version 0 has no name")
            for f in group.fields:
                self._field(where, f)
                _need(f not in self._group, f"{where}: field {f} is in a group already")
                self._group[f] = v
                largest = group.named - 1
                if group.canonical:
                    largest += len(group.fields)
                _need(
                    largest < 1 << self._program.fields[f].width,
                    f"{where}: field {f} cannot hold version {largest}",
                )

    def _processes(self) -> None:
        listed: set[int] = set()
        for p, process in enumerate(self._program.processes):
            where = f"process {p}"
            self._program_counter(where, process)
            for pc, rules in enumerate(process.dispatch):
                _need(len(set(rules)) == len(rules), f"{where}, pc {pc}: lists a rule twice")
                for r in rules:
                    if not 0 <= r < len(self._program.rules):
                        count = len(self._program.rules)
                        raise VerifyError(f"{where}, pc {pc}: rule {r} of {count}")
                    if self._program.rules[r].process != p:
                        raise VerifyError(f"{where}, pc {pc}: rule {r} is of another process")
                    listed.add(r)
        for rule in range(len(self._program.rules)):
            if rule not in listed:
                raise VerifyError(f"rule {rule}: is in no dispatch list")

    def _program_counter(self, where: str, process: Process) -> None:
        if process.kind is ProcessKind.AGENT:
            _need(process.pc is None, f"{where}: an agent has no program counter")
            _need(len(process.dispatch) == 1, f"{where}: an agent has one dispatch list")
            _need(process.rest == (), f"{where}: an agent has no place of rest")
            return
        if process.pc is None:
            raise VerifyError(f"{where}: a {process.kind.name} needs a program counter")
        _need(not process.prompt, f"{where}: a {process.kind.name} is not prompt")
        self._field(where, process.pc)
        _need(process.pc not in self._pc, f"{where}: shares its program counter")
        _need(process.pc not in self._group, f"{where}: its program counter is a version")
        self._pc[process.pc] = size = len(process.dispatch)
        width = self._program.fields[process.pc].width
        _need(1 <= size <= 1 << width, f"{where}: {size} dispatch lists for a pc of {width} bits")
        for pc in process.rest:
            _need(0 <= pc < size, f"{where}: rests at pc {pc} of {size}")

    def _initial(self) -> None:
        _need(self._program.initial != (), "initial: no state")
        for i, state in enumerate(self._program.initial):
            where = f"initial {i}"
            _need(
                len(state) == self._program.words,
                f"{where}: {len(state)} words instead of {self._program.words}",
            )
            for w, word in enumerate(state):
                _need(0 <= word < 1 << WORD_BITS, f"{where}: word {w} is not of {WORD_BITS} bits")
                _need(not word & ~self._used[w], f"{where}: word {w} has bits of no field")
            for f, size in self._pc.items():
                field = self._program.fields[f]
                pc = state[field.word] >> field.shift & (1 << field.width) - 1
                _need(pc < size, f"{where}: program counter {f} is {pc} of {size}")

    def _rule(self, where: str, rule: Rule) -> None:
        if not 0 <= rule.process < len(self._program.processes):
            count = len(self._program.processes)
            raise VerifyError(f"{where}: process {rule.process} of {count}")
        self._conjunction(where, rule.tests)
        written = [0] * self._program.words
        fine = self._fine[EFFECTS]
        for e, effect in enumerate(rule.effects):
            if effect not in fine:
                self._new_instr(f"{where}, effect {e}", effect, EFFECTS)
            word, mask = self._writes(effect)
            if written[word] & mask:
                raise VerifyError(f"{where}, effect {e}: writes bits that an earlier effect writes")
            written[word] |= mask
        count = len(self._program.checks)
        for name, checks in (("violates", rule.violates), ("covers", rule.covers)):
            for c in checks:
                _need(0 <= c < count, f"{where}: {name} check {c} of {count}")
        for part in rule.parts:
            if part < 0:
                raise VerifyError(f"{where}: a part is negative")
        if rule.origin < 0:
            raise VerifyError(f"{where}: its origin is negative")

    def _writes(self, effect: Instr) -> tuple[int, int]:
        if effect[0] == Op.PUT:
            return effect[1], effect[2]
        field = self._program.fields[effect[1]]
        return field.word, (1 << field.width) - 1 << field.shift

    def _disjunction(self, where: str, disjunction: tuple[Tests, ...]) -> None:
        for t, tests in enumerate(disjunction):
            self._conjunction(f"{where} {t}", tests)

    def _conjunction(self, where: str, tests: Tests) -> None:
        fine = self._fine[TESTS]
        for t, test in enumerate(tests):
            if test not in fine:
                self._new_instr(f"{where}, test {t}", test, TESTS)

    def _new_instr(self, where: str, instr: Instr, allowed: frozenset[Op]) -> None:
        """The op code and its operands; the same again is as fine. Raises VerifyError."""
        _need(len(instr) > 0, f"{where}: is empty")
        if instr[0] not in allowed:
            raise VerifyError(f"{where}: {_op_name(instr[0])} does not belong here")
        op, operands = Op(instr[0]), instr[1:]
        where = f"{where}, {op.name}"
        count, more = _operands(op)
        if len(operands) < count if more else len(operands) != count:
            wanted = f", at least {count}" if more else f" instead of {count}"
            raise VerifyError(f"{where}: {len(operands)} operands{wanted}")
        self._operation(where, op, operands)
        self._fine[allowed].add(instr)

    def _operation(self, where: str, op: Op, operands: tuple[int, ...]) -> None:
        match op:
            case Op.MATCH | Op.MISMATCH | Op.PUT:
                self._masked(where, op, *operands)
            case Op.SAME | Op.DIFFER:
                self._same_kind(where, *operands)
            case Op.LOOKUP:
                self._table(where, operands[0], operands[1:], None)
            case Op.ADD:
                self._field(where, operands[0], plain=True)
                width = self._program.fields[operands[0]].width
                _need(
                    0 < abs(operands[1]) < 1 << width,
                    f"{where}: {operands[1]} for a field of {width} bits",
                )
            case Op.COPY:
                self._same_kind(where, *operands)
                to, source = (self._program.fields[f].width for f in operands)
                _need(to >= source, f"{where}: {source} bits into {to}")
            case Op.MAP:
                self._field(where, operands[0], plain=True)
                self._table(where, operands[1], operands[2:], operands[0])
            case Op.FRESH:
                self._field(where, operands[0])
                v = operands[1]
                groups = len(self._program.versions)
                _need(0 <= v < groups, f"{where}: version group {v} of {groups}")
                _need(
                    self._group.get(operands[0]) == v,
                    f"{where}: field {operands[0]} is not of version group {v}",
                )
            case _:
                assert_never(op)

    def _masked(self, where: str, op: Op, word: int, mask: int, value: int) -> None:
        if not 0 <= word < self._program.words:
            raise VerifyError(f"{where}: word {word} of {self._program.words}")
        if not 0 < mask < 1 << WORD_BITS:
            raise VerifyError(f"{where}: mask {mask:#x} is not of 1 to {WORD_BITS} bits")
        if value < 0 or value & ~mask:
            raise VerifyError(f"{where}: value {value:#x} is not within the mask")
        if mask & ~self._used[word]:
            raise VerifyError(f"{where}: mask {mask:#x} has bits of no field")
        if word not in self._told_apart:
            fields = self._program.fields
            both = (*self._group, *self._pc)
            self._told_apart[word] = tuple(f for f in both if fields[f].word == word)
        for f in self._told_apart[word]:
            field = self._program.fields[f]
            whole = (1 << field.width) - 1
            own, number = mask >> field.shift & whole, value >> field.shift & whole
            if own and f in self._group:
                named = self._program.versions[self._group[f]].named
                _need(own == whole, f"{where}: takes a part of version field {f}")
                _need(number < named, f"{where}: version {number} of field {f} has no name")
            elif own == whole and op is Op.PUT:
                size = self._pc[f]
                _need(number < size, f"{where}: program counter {f} is {number} of {size}")

    def _same_kind(self, where: str, f: int, g: int) -> None:
        """Both plain fields, or both of one version group."""
        self._field(where, f)
        self._field(where, g)
        _need(
            self._group.get(f) == self._group.get(g),
            f"{where}: fields {f} and {g} are not of one version group",
        )

    def _field(self, where: str, f: int, *, plain: bool = False) -> None:
        count = len(self._program.fields)
        if not 0 <= f < count:
            raise VerifyError(f"{where}: field {f} of {count}")
        if plain and f in self._group:
            held = "holds a version, which is only copied, made fresh and compared"
            raise VerifyError(f"{where}: field {f} {held}")

    def _table(self, where: str, table: int, fields: Iterable[int], to: int | None) -> None:
        tables = self._program.tables
        _need(0 <= table < len(tables), f"{where}: table {table} of {len(tables)}")
        bits = 0
        for f in fields:
            self._field(where, f, plain=True)
            bits += self._program.fields[f].width
        _need(bits <= INDEX_BITS_MAX, f"{where}: an index of {bits} bits, at most {INDEX_BITS_MAX}")
        _need(
            len(tables[table]) == 1 << bits,
            f"{where}: table {table} has {len(tables[table])} entries instead of {1 << bits}",
        )
        if to is not None:
            size = self._pc.get(to, 1 << self._program.fields[to].width)
            _need(
                max(tables[table]) < size,
                f"{where}: table {table} holds {max(tables[table])}, field {to} at most {size - 1}",
            )

    def _permutation(self, where: str, permutation: Permutation) -> None:
        moves = permutation.moves
        for f, source, table in moves:
            self._field(where, f)
            self._field(where, source)
            width, size = (self._program.fields[g].width for g in (source, f))
            _need(width == size, f"{where}: moves {width} bits into field {f} of {size}")
            if table >= 0:
                self._renaming(f"{where}, field {f}", table, width, self._group.get(source))
            _need(table >= -1, f"{where}: table {table}")
        to = [f for f, _, _ in moves]
        _need(len(set(to)) == len(to), f"{where}: gives a field twice")
        _need(
            set(to) == {source for _, source, _ in moves},
            f"{where}: the fields that move are not the fields that are moved to",
        )
        _need(
            any(f != source or table >= 0 for f, source, table in moves),
            f"{where}: is the identity",
        )
        self._groups_move_whole(where, permutation)

    def _renaming(self, where: str, table: int, width: int, group: int | None) -> None:
        tables = self._program.tables
        _need(table < len(tables), f"{where}: table {table} of {len(tables)}")
        _need(
            sorted(tables[table]) == list(range(1 << width)),
            f"{where}: table {table} is no bijection on {width} bits",
        )
        if group is not None:
            named = self._program.versions[group].named
            _need(
                all(tables[table][n] == n for n in range(named, 1 << width)),
                f"{where}: table {table} renames a version that has no name",
            )

    def _groups_move_whole(self, where: str, permutation: Permutation) -> None:
        goes_to: dict[int, int] = {source: f for f, source, _ in permutation.moves}
        for v, group in enumerate(self._program.versions):
            images = {self._group.get(goes_to.get(f, f)) for f in group.fields}
            _need(len(images) <= 1, f"{where}: tears version group {v} apart")
            for u in images:
                _need(u is not None, f"{where}: moves a field of version group {v} out of it")
                other = self._program.versions[u if u is not None else v]
                _need(
                    (other.named, other.canonical, len(other.fields))
                    == (group.named, group.canonical, len(group.fields)),
                    f"{where}: moves version group {v} to one of another kind",
                )


def _operands(op: Op) -> tuple[int, bool]:
    """How many an instruction has, and whether it may have more."""
    match op:
        case Op.MATCH | Op.MISMATCH | Op.PUT:
            return 3, False
        case Op.SAME | Op.DIFFER | Op.ADD | Op.COPY | Op.FRESH:
            return 2, False
        case Op.LOOKUP:
            return 2, True
        case Op.MAP:
            return 3, True
        case _:
            assert_never(op)


def _op_name(code: int) -> str:
    return Op(code).name if code in Op.__members__.values() else f"op {code}"
