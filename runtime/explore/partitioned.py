"""One state space over many processes: who is told what, level by level.

Each state is owned by one part, which a hash says. In a level every part expands the states that it
owns, in steps, and hands what others own to them; between two steps it takes in what was handed to
it. Where nothing is left and nothing but that is on its way, the level is over: each takes it in,
says what it has seen, and begins the next level at once. What all have seen it is told a level
later. So what is found in a level does not depend on who finds it first, and counts, depths and
verdicts are those of one process.

The states that were new to a part in each level are kept outside of it. Where its process dies, a
new one takes them in, and begins the level again with all that was handed to the part in it; what
it hands out a second time is known to the others. Where what is kept was lost with a machine, the
search begins again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from mmscn.runtime.bytecode import CheckId, CheckKind, Program
from mmscn.runtime.explore.executors import Native
from mmscn.runtime.explore.verdicts import conclude
from mmscn.runtime.result import Limit, Limits, Progress, Result, Stop

if TYPE_CHECKING:
    from mmscn.runtime.native.part import Ended, Statuses, Stepped

Turn = list[tuple["Stepped", list[Any]]]
"""By part: what it says behind a step, and the boxes for the others."""

DEATHS_MAX = 20
"""Processes that may die in one search; as many again are no accident."""


class Gone(NamedTuple):
    """What comes back in place of an answer where the process is gone. why: in a few words."""

    why: str


class Told(NamedTuple):
    """What all parts are told where a level begins. statuses: what all had seen when they said so
    last. states: for so many each makes room now. So all do so in one round, for one that makes its
    visited set larger has all others wait for it.
    """

    statuses: Statuses
    states: int


class Lost(Exception):
    """Something that was kept is nowhere any more."""


class TooManyDied(RuntimeError):
    """Processes died again and again."""


class Parts(ABC):
    """The processes that own the parts of a space: each is a `native.part.Part`.

    Boxes are what holds states between them; they need not be here.
    """

    count: int

    @abstractmethod
    def begin(self, part: int, work: str, *given: Any) -> Any:
        """Have a part do something, by the name of its method: what `end` is asked with."""

    @abstractmethod
    def end(self, begun: Any) -> tuple[Any, list[Any]] | Gone:
        """Wait for that: its answer, and the boxes that came with it. Raises Lost."""

    @abstractmethod
    def replace(self, part: int) -> None:
        """A new process for a part, without any states."""

    def share(self, value: bytes) -> Any:
        """What is given to all parts, to be given in its place."""
        return value

    @abstractmethod
    def close(self) -> None:
        """Nothing more is wanted."""


class Partitioned:
    """A search. kept: of each level and part, the box of what was new in it. wanted: it ends
    behind the level in which this check is met.
    """

    def __init__(
        self,
        program: Program,
        parts: Parts,
        limits: Limits,
        progress: Progress | None,
        wanted: CheckId | None = None,
    ) -> None:
        self.wanted = wanted
        self.program = program
        self.parts = parts
        self.limits = limits
        self.progress = progress
        self.begun = monotonic()
        self.deaths = 0
        self.reset()

    def reset(self) -> None:
        self.kept: list[list[Any]] = []
        self.ended: list[Ended] = []
        self.statuses: Statuses = tuple((-1, 0) for _ in self.program.checks)
        self.handed: list[list[Any]] = [[] for _ in range(self.parts.count)]
        self.inbox = self.handed
        self.depth = 0
        self.limit: Limit | None = None

    def result(self, stop: Stop | None) -> Result:
        """What it finds. stop: whether it ends when something is violated."""
        while True:
            try:
                self.levels(stop)
                break
            except Lost:
                self.begin_again()
            except KeyboardInterrupt:
                self.limit = Limit.INTERRUPT
                break
        states = sum(e.states for e in self.ended)
        limit = self.limit
        depths = {CheckId(c): depth for c, (depth, _) in enumerate(self.statuses) if depth >= 0}
        covered = {CheckId(c) for c, (_, met) in enumerate(self.statuses) if met}
        return Result(
            checks=conclude(self.program, depths, covered, limit),
            states=states,
            transitions=sum(e.transitions for e in self.ended),
            depth=self.depth,
            quiescent=sum(e.quiescent for e in self.ended),
            limit=limit,
            seconds=monotonic() - self.begun,
            executor=Native.name,
            bytes_per_state=sum(e.peak_bytes for e in self.ended) / max(1, states),
        )

    def begin_again(self) -> None:
        """What was kept of a level is lost."""
        self.died("with them, what was kept of a level")
        self.reset()
        for part in range(self.parts.count):
            self.parts.replace(part)

    def levels(self, stop: Stop | None) -> None:
        self.start()
        while self.limit is None:
            begun = self.go_on()
            self.limit = self.limit or self.reached(stop)
            if self.limit is not None or not any(e.new for e in self.ended):
                return
            self.expand(begun)
        self.end()

    def reached(self, stop: Stop | None) -> Limit | None:
        """The limit that ends it behind this level: all levels are whole."""
        if self.wanted is not None and self.statuses[self.wanted][0] >= 0:
            return Limit.STOP
        if not any(e.new for e in self.ended):
            return None
        limits = self.limits
        if stop is not None and enough(self.program, stop, self.statuses):
            return Limit.STOP
        if limits.states is not None and sum(e.states for e in self.ended) > limits.states:
            return Limit.STATES
        if limits.depth is not None and len(self.kept) > limits.depth:
            return Limit.DEPTH
        return self.late()

    def late(self) -> Limit | None:
        time_s = self.limits.time_s
        return Limit.TIME if time_s is not None and monotonic() - self.begun >= time_s else None

    # ---- one level ----------------------------------------------------------

    def go_on(self) -> Turn:
        """All parts end the level, and begin the next one: what they say behind a first step there.

        Nobody waits for what the others say of the level that has ended. Where that ends the
        search, the step was for nothing, and is not counted.
        """
        said, boxes = self.asked("level", self.told_all())
        self.ended_with([ended for ended, _ in said], [box for box, *_ in boxes])
        self.handed = [[] for _ in said]
        return [(stepped, there) for (_, stepped), (_, *there) in zip(said, boxes, strict=True)]

    def told_all(self) -> Told:
        """What all hear: the level that ends and the one that begins are together expected to
        have up to three times the states of the last one that has ended.
        """
        states = max((e.states + 3 * e.new for e in self.ended), default=0)
        return Told(self.statuses, states)

    def end(self) -> None:
        """All parts end where they are."""
        said, boxes = self.asked("end")
        self.ended_with(said, [box for (box,) in boxes])

    def asked(self, work: str, *given: Any) -> tuple[list[Any], list[list[Any]]]:
        """What all parts say at the end of a level, and the boxes that come with that."""
        begun = [
            self.parts.begin(part, work, *given, *inbox) for part, inbox in enumerate(self.inbox)
        ]
        said: list[Any] = []
        boxes: list[list[Any]] = []
        for part, one in enumerate(begun):
            answer = self.parts.end(one)
            while isinstance(answer, Gone):
                answer = self.level_again(part, answer, work, *given)
            said.append(answer[0])
            boxes.append(answer[1])
        return said, boxes

    def ended_with(self, ended: list[Ended], kept: list[Any]) -> None:
        """What all have seen in a level, and what was new there, which is kept."""
        before = sum(e.states for e in self.ended)
        self.kept.append(kept)
        self.ended = ended
        self.limit = self.limit or first(e.limit for e in ended)
        seen = zip(*(e.statuses for e in ended), strict=True)
        self.statuses = tuple(met(those) for those in seen)
        if sum(e.states for e in ended) > before:
            self.depth = len(self.kept) - 1

    def expand(self, turn: Turn) -> None:
        """Steps until all states of the level are expanded; what was handed out last is on its way.

        turn: a first step of each part.
        """
        everyone = range(self.parts.count)
        stepped: dict[int, Stepped] = {}
        answers: Iterable[tuple[int, tuple[Any, list[Any]] | Gone]] = enumerate(turn)
        left = [True for _ in everyone]
        while True:
            inbox: list[list[Any]] = [[] for _ in everyone]
            for part, answer in answers:
                if isinstance(answer, Gone):
                    left[part] = True
                    inbox[part] = [*self.again(part, answer)]
                    continue
                said, boxes = answer
                stepped[part] = said
                left[part] = said.left > 0
                others = (other for other in everyone if other != part)
                for to, filled, box in zip(others, said.filled, boxes, strict=True):
                    if filled:
                        inbox[to].append(box)
                        self.handed[to].append(box)
            self.inbox = inbox
            if self.told(stepped.values()) or not any(left):
                return
            begun = [
                (part, self.parts.begin(part, "step", *inbox[part]))
                for part in everyone
                if left[part] or inbox[part]
            ]
            answers = [(part, self.parts.end(one)) for part, one in begun]

    def told(self, said: Iterable[Stepped]) -> bool:
        """Whether the level is not gone on with. said: the last of each part that has said so."""
        said = tuple(said)
        self.limit = self.limit or first(s.limit for s in said) or self.late()
        if self.progress is not None and len(said) == self.parts.count:
            self.progress(
                sum(s.states for s in said),
                sum(s.transitions for s in said),
                self.depth,
                sum(s.left for s in said),
            )
        return self.limit is not None

    # ---- who dies -----------------------------------------------------------

    def died(self, why: str) -> None:
        self.deaths += 1
        if self.deaths > DEATHS_MAX:
            raise TooManyDied(f"{self.deaths} workers died over one search: {why}")

    def again(self, part: int, gone: Gone) -> list[Any]:
        """A new process for a part, as it was at the beginning of the level; what it has to be
        handed then.
        """
        while True:
            self.died(gone.why)
            self.parts.replace(part)
            if not self.kept:
                begun = self.parts.begin(part, "start")
            else:
                levels = [level[part] for level in self.kept]
                steps = self.ended[part].transitions
                begun = self.parts.begin(part, "restore", self.statuses, steps, *levels)
            answer = self.parts.end(begun)
            if not isinstance(answer, Gone):
                self.limit = self.limit or answer[0]
                return self.handed[part]
            gone = answer

    def level_again(
        self, part: int, gone: Gone, work: str, *given: Any
    ) -> tuple[Any, list[Any]] | Gone:
        """All of the level once more for one part, whose process died at the end of it."""
        inbox = self.again(part, gone)
        while self.kept:
            answer = self.parts.end(self.parts.begin(part, "step", *inbox))
            if isinstance(answer, Gone):
                return answer
            # What is in the boxes was handed out before.
            inbox = []
            if answer[0].left == 0:
                break
        return self.parts.end(self.parts.begin(part, work, *given))

    def start(self) -> None:
        """Each takes in the initial states that are its own."""
        begun = [self.parts.begin(part, "start") for part in range(self.parts.count)]
        for part, one in enumerate(begun):
            answer = self.parts.end(one)
            if isinstance(answer, Gone):
                self.again(part, answer)
            else:
                self.limit = self.limit or answer[0]


def first(limits: Iterable[Limit | None]) -> Limit | None:
    return next((limit for limit in limits if limit is not None), None)


def met(statuses: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """What all parts together say of a check."""
    depths = [depth for depth, _ in statuses if depth >= 0]
    return min(depths, default=-1), int(any(covered for _, covered in statuses))


def enough(program: Program, stop: Stop, statuses: Statuses) -> bool:
    """Whether so much is violated that the search is to end."""
    found = {
        group
        for check, group, (depth, _) in zip(program.checks, stop.groups, statuses, strict=True)
        if check.kind is not CheckKind.REACHABLE and group >= 0 and depth >= 0
    }
    return len(found) >= stop.most
