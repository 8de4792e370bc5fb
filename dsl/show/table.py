"""The result of a scenario as text: a table over the params, what is judged, what was expected."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from mmscn.check.values import Value, show
from mmscn.judge.report import Kind, PropertyResult, Report, Run, worst
from mmscn.plain_text import counted, either, left, printable, right, width
from mmscn.runtime.result import Limit, Verdict

COLUMNS = 80
"""How wide prose is where nobody says how wide."""

SIGNS = {
    "holds": ".",
    "holds if fair": "~",
    "violated": "X",
    "violated for ever": "@",
    "undecided": "?",
    "vacuous": "-",
}
"""Of the words of verdicts."""
MEANINGS = {"vacuous": "never put to the test"}
LIMITS = {
    Limit.STATES: "the limit of states was reached",
    Limit.DEPTH: "the limit of depth was reached",
    Limit.TIME: "the limit of time was reached",
    Limit.MEMORY: "the limit of memory was reached",
    Limit.VERSIONS: "the scenario makes more versions of content than are counted",
    Limit.INTERRUPT: "it was interrupted",
    Limit.STOP: "`--stop` ended the search",
    Limit.WALKS: "random walks came by",
    Limit.BITSTATE: "`--bitstate` came by",
}
ABSENT = " "
LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""As `string` has them, which takes longer to load than a small search."""
RULES = ("in_range", "lock_rules")
"""What is judged without being asked for, and broken in more than one way."""
WAS = {
    Verdict.HOLDS: "as expected",
    Verdict.VIOLATED: "NOT EXPECTED",
    Verdict.UNDECIDED: "not decided",
    Verdict.VACUOUS: "vacuous",
}
"""How a run compares with what was expected, by the worst reason in `unmet`."""
ANNOUNCED = "VIOLATED as expected: an `expect` line of the scenario announces it"


class Room(NamedTuple):
    """How wide lines may be. rows: those that are no prose; None for as wide as they are."""

    prose: int = COLUMNS
    rows: int | None = None


ROOM = Room()


def text(report: Report, *, verbose: bool = False, room: Room = ROOM) -> str:
    """All but the diagrams, lines ended; the same for the same report unless `verbose`."""
    columns = room.prose
    lines = heading(report, room)
    if report.runs:
        lines.append("")
        lines += matrix(report, room) if len(report.runs) > 1 else single(report.runs[0], room)
        details = [*unmet_lines(report, columns), *listings(report)]
        details += limits_reached(report, columns)
        lines += ["", *details] if details else []
        lines += ["", *under(report, columns)]
    if verbose:
        lines += [
            line
            for run in report.runs
            for told in effort(report, run)
            for line in wrapped("  ", told, room.rows)
        ]
    if report.interrupted:
        done = sum(not r.interrupted for r in report.runs)
        verb = "is" if report.combinations == 1 else "are"
        runs = counted(report.combinations, "run")
        lines.append(f"  interrupted: {done} of {runs} {verb} complete")
    return "".join(f"{printable(line.rstrip())}\n" for line in lines)


def heading(report: Report, room: Room) -> list[str]:
    line = f"{report.name}  {report.title}" if report.title else report.name
    lines = wrapped("", line, room.rows)
    about = [f"claim {claim}" for claim in report.claims] + list(report.sources)
    return lines + wrapped("  ", "; ".join(about), room.prose) if about else lines


# ---- one run ----------------------------------------------------------------


def single(run: Run, room: Room) -> list[str]:
    """What was found under each name, one line each."""
    shown = listed((run,))
    names = max(map(width, shown), default=0)
    words = max([9, *(len(p.word) for p in run.properties if p.title in shown)])
    lines = []
    if run.params:
        lines += wrapped("  ", choice(run), room.rows)
    for title in shown:
        p = next(p for p in run.properties if p.title == title)
        word = p.word.upper() if p.verdict is not Verdict.HOLDS else p.word
        where = place(p) or why((run,), title)
        lines += in_room(f"  {left(title, names)}  {word:<{words}}", where, room.rows)
    states = f"{run.result.states} state{'' if run.result.states == 1 else 's'}"
    lines.append(f"  {run.word.upper()}  {states}  {was(run)}")
    return [*lines, *announced((run,), room)]


def was(run: Run) -> str:
    """`as expected`, or the worst of what is not."""
    why = reason(run)
    partly = why is Verdict.VACUOUS and run.verdict is Verdict.VIOLATED
    return "as expected, partly vacuous" if partly else WAS[why]


def reason(run: Run) -> Verdict:
    """HOLDS where it is as expected, else the worst of the reasons why it is not."""
    return worst(u.because for u in run.unmet) if run.unmet else Verdict.HOLDS


def choice(run: Run) -> str:
    """`zap=rc2 mapped_exit=locked`"""
    return " ".join(f"{name}={show(value)}" for name, value in run.params)


# ---- several runs -----------------------------------------------------------


def matrix(report: Report, room: Room) -> list[str]:
    """A line for each run, a letter for each name that is judged."""
    runs = report.runs
    same = fixed(runs)
    varying = [name for name, _ in runs[0].params if name not in same]
    titles = listed(runs)
    letters = [letter(n) for n in range(len(titles))]
    head = [*varying, "verdict", " ".join(letters), "states", ""]
    rows = [
        [
            *(show(dict(run.params)[name]) for name in varying),
            run.word.upper(),
            " ".join(
                sign(run, title).ljust(len(mark))
                for title, mark in zip(titles, letters, strict=True)
            ),
            str(run.result.states),
            was(run),
        ]
        for run in runs
    ]
    table = columns(head, rows, {len(head) - 2}, room.rows)
    told = [
        *legend(runs, titles, letters, room),
        *ways(runs, titles, letters, room),
        *announced(runs, room),
    ]
    return [*table, "", *told]


def letter(n: int) -> str:
    """a, b, ... z, aa, ab, ..."""
    for length in range(1, 4):
        words = len(LETTERS) ** length
        if n < words:
            return "".join(list(product(LETTERS, repeat=length))[n])
        n -= words
    return "?"


def sign(run: Run, title: str) -> str:
    for p in run.properties:
        if p.title == title:
            return SIGNS[p.word]
    return ABSENT


def columns(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    numbers: set[int],
    room: int | None = None,
) -> list[str]:
    """A table with two blanks between columns; the last column has no rule above it.

    Where a row has no room in so many columns, what is too much stands below its beginning, and
    so in every row and above them all.
    """
    widths = [max(width(row[i]) for row in [head, *rows]) for i in range(len(head))]
    ends = folds(widths, room)

    def lines(cells: Sequence[str]) -> list[str]:
        texts = [
            right(cell, w) if i in numbers else left(cell, w)
            for i, (cell, w) in enumerate(zip(cells, widths, strict=True))
        ]
        parts = [texts[a:b] for a, b in zip([0, *ends], [*ends, len(texts)], strict=True)]
        return ["  " * (1 + (n > 0)) + "  ".join(part) for n, part in enumerate(parts)]

    rule = ["-" * w if name else "" for w, name in zip(widths, head, strict=True)]
    above = [line for pair in zip(lines(head), lines(rule), strict=True) for line in pair]
    return [*above, *(line for row in rows for line in lines(row))]


def folds(widths: Sequence[int], room: int | None) -> list[int]:
    """The columns that begin a line of their own, but for the first."""
    ends: list[int] = []
    used = 2
    for n, wide in enumerate(widths):
        if room is not None and n > 0 and used + wide > room:
            ends.append(n)
            used = 4
        used += wide + 2
    return ends


def in_room(head: str, where: str, columns: int | None) -> list[str]:
    """What stands in one line if that has room, else `where` below."""
    line = f"{head}  {where}".rstrip()
    if columns is None or width(line) <= columns:
        return [line]
    if not where:
        return wrapped("  ", line.strip(), columns)
    return [*wrapped("  ", head.strip(), columns), *wrapped("    ", where, columns)]


def legend(
    runs: Sequence[Run], titles: Sequence[str], letters: Sequence[str], room: Room
) -> list[str]:
    """What the letters and signs of a table stand for."""
    lines = []
    letters_wide = max(map(len, letters), default=0)
    wide = max(map(width, titles), default=0)
    for title, mark in zip(titles, letters, strict=True):
        p = next(p for run in runs for p in run.properties if p.title == title)
        where = place(p) or why(runs, title)
        lines += in_room(f"  {mark:<{letters_wide}}  {left(title, wide)}", where, room.rows)
    words = {p.word for run in runs for p in run.properties if p.title in titles}
    signs = [f"{sign} {MEANINGS.get(word, word)}" for word, sign in SIGNS.items() if word in words]
    if signs:
        lines += wrapped("  ", ", ".join(signs), room.rows)
    return lines


def ways(
    runs: Sequence[Run], titles: Sequence[str], letters: Sequence[str], room: Room
) -> list[str]:
    """How many combinations break the same, by their letters, where several break."""
    mark = dict(zip(titles, letters, strict=True))
    broken = Counter(tuple(mark[p.title] for p in run.violated()) for run in runs)
    del broken[()]
    cells = broken.total()
    if cells < 2:
        return []
    each = [f"{' '.join(names)} in {count}" for names, count in broken.items()]
    of = f"{cells} of {counted(len(runs), 'combination')} break"
    if len(each) == 1:
        return wrapped("  ", f"{of}, all in one way: {' '.join(next(iter(broken)))}", room.rows)
    ways_ = counted(len(each), "way")
    return wrapped("  ", f"{of}, in {ways_}: {', '.join(each)}", room.rows)


def announced(runs: Iterable[Run], room: Room) -> list[str]:
    """What it means that a violation is as expected, where there is one."""
    found = any(run.verdict is Verdict.VIOLATED and run.met for run in runs)
    return wrapped("  ", ANNOUNCED, room.rows) if found else []


def listed(runs: Iterable[Run]) -> list[str]:
    """The titles of what is judged; what is implicit only where it is violated."""
    found: dict[str, None] = {}
    for kind in Kind:
        for run in runs:
            for p in run.properties:
                if p.kind is kind and (kind is not Kind.IMPLICIT or p.verdict is Verdict.VIOLATED):
                    found[p.title] = None
    return list(found)


def place(p: PropertyResult) -> str:
    """`line 31`, `props.translation:4`; nothing for what is implicit."""
    if p.span is None:
        return ""
    return f"line {p.span.line}" if p.own else f"{p.span.source.name}:{p.span.line}"


def why(runs: Sequence[Run], title: str) -> str:
    """By what the first run that does so breaks a built-in rule that has several."""
    for run in runs:
        for p in run.violated():
            if p.title == title and p.name in RULES:
                said = run.reason(p.name)
                return f"{choice(run)}: {said}" if said and len(runs) > 1 else said
    return ""


# ---- what was expected ------------------------------------------------------


def unmet_lines(report: Report, columns: int = COLUMNS) -> list[str]:
    lines: list[str] = []
    for run in report.runs:
        told = len(lines)
        for unmet in run.unmet:
            if unmet.because is Verdict.UNDECIDED and run.result.limit is not None:
                continue  # told once, by limits_reached
            where = f"{choice(run)}: " if len(report.runs) > 1 else ""
            lines += wrapped("  ", f"{where}{unmet.text}", columns)
        if len(lines) > told:
            for expected in run.expected:
                lines += wrapped("    ", " ".join(expected.split()), columns)
            lines += [] if run.lists() else final_states(run)
    return lines


def listings(report: Report) -> list[str]:
    """The final values that `outcomes` asks for, of each run."""
    lines = []
    for run in report.runs:
        if run.lists():
            lines += [f"  {choice(run)}:"] if len(report.runs) > 1 else []
            lines += final_states(run)
    return lines


def final_states(run: Run) -> list[str]:
    """The final states that a run lists; nothing where what is expected of them is met."""
    found = run.final_states()
    if found is None:
        return []
    among = "" if found.complete else " (not all states were searched for them)"
    lines = [f"    final states{among}:"]
    texts = [str(state) for state in found.states]
    wide = max(map(width, texts), default=0)
    for text, state in zip(texts, found.states, strict=True):
        lines.append(f"      {text if state.listed else f'{left(text, wide)}  not listed'}")
    if not texts:
        lines.append("      none")
    return [*lines, *([f"      ... and {found.more} more"] if found.more else [])]


def limits_reached(report: Report, columns: int = COLUMNS) -> list[str]:
    lines = []
    for run in report.runs:
        limit = run.result.limit
        if limit is None:
            continue
        where = f"{choice(run)}: " if len(report.runs) > 1 else ""
        r = run.result
        reached = LIMITS[limit] + (f" while {run.phase}," if run.phase else "")
        seen = f"{counted(r.states, 'state')}, {counted(r.transitions, 'transition')}"
        far = f"{'' if limit in (Limit.WALKS, Limit.BITSTATE) else 'at '}{seen}, depth {r.depth}"
        rest = limit in (Limit.STOP, Limit.WALKS, Limit.BITSTATE)
        undecided = "the rest is undecided" if rest else "undecided"
        lines += wrapped("  ", f"{where}{undecided}, {reached} {far}", columns)
        if r.bitstate is not None:
            from mmscn.show.bitstate import taken

            lines += wrapped("    ", f"bitstate: {taken(r.states, r.bitstate)}", columns)
        many = run.multipliers()
        lines += wrapped("    ", str(many), columns) if many is not None else []
    return lines


def under(report: Report, columns: int = COLUMNS) -> list[str]:
    """The bounds that the verdicts hold under, what of one's own stands in for the library's, and
    what the reductions add to that.
    """
    known = any(run.bounds.cpus for run in report.runs)
    lines = wrapped("  ", "bounds: " + bounds(report.runs), columns) if known else []
    replaced = [*report.overrides, *report.stand_ins]
    if replaced:
        lines += wrapped("  ", f"replaced: {printable(', '.join(map(str, replaced)))}", columns)
    for note in dict.fromkeys(note for run in report.runs for note in run.notes):
        lines += wrapped("  ", note, columns)
    return lines


def fixed(runs: Sequence[Run]) -> dict[str, Value]:
    """The params that have one value in all of several runs, which are in no column."""
    first = dict(runs[0].params)
    same = {n: v for n, v in first.items() if all(dict(run.params)[n] == v for run in runs)}
    return same if len(runs) > 1 else {}


def bounds(runs: Sequence[Run]) -> str:
    """`2 cpus, 2 threads, 1 page, 2 frames, repeat 2; spec_fill=off`"""
    all_ = [run.bounds for run in runs if run.bounds.cpus]

    parts = [
        either((b.cpus for b in all_), "cpu"),
        either((b.threads for b in all_), "thread"),
        either((b.pages for b in all_), "page"),
        either((b.frames for b in all_), "frame"),
    ]
    repeats = sorted({n for b in all_ for n in b.repeats})
    if repeats:
        parts.append(f"repeat {' or '.join(map(str, repeats))}")
    parts += dict.fromkeys(text for b in all_ for text in b.model)
    stated = [*fixed(runs).items(), *(knob for b in all_ for knob in b.knobs)]
    knobs = dict.fromkeys(f"{name}={show(value)}" for name, value in stated)
    return "; ".join([", ".join(parts), *([" ".join(knobs)] if knobs else [])])


def effort(report: Report, run: Run) -> list[str]:
    """What the search cost: differs from one time to the next."""
    r = run.result
    where = f"{choice(run)}: " if len(report.runs) > 1 else ""
    rate = f"{r.states / r.seconds:.0f} states/s" if r.seconds > 0 else ""
    return [
        f"{where}{counted(r.transitions, 'transition')}, depth {r.depth}, "
        f"{counted(r.quiescent, 'final state')}, "
        f"{r.seconds:.3f} s, {rate}, {r.bytes_per_state:.0f} bytes/state, {r.executor}",
        *(f"{where}{why}" for why in run.case.refused),
    ]


def wrapped(indent: str, text: str, columns: int | None = COLUMNS) -> list[str]:
    """Lines of so many columns at most, where words allow it; one line for None."""
    if columns is None:
        return [f"{indent}{text}"]
    lines: list[str] = []
    line = indent
    for word in text.split(" "):
        if width(line) + 1 + width(word) > columns and line.strip():
            lines.append(line)
            line = indent + "  "
        line += word if line.isspace() or not line else f" {word}"
    return [*lines, line]
