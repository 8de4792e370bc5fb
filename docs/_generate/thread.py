"""Write docs/thread.md: the thread of 2014 claim by claim, from claims.toml and the scenarios.

    python docs/_generate/thread.py [--check]
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from library_outcomes import (
    NEVER,
    Drawing,
    Outcome,
    Params,
    ScenarioOutcomes,
    draw_all,
    marked_up,
    run_all,
    table,
    titled,
    verdict,
    write,
)
from modelled import called, passed, the_model

import mmscn
from mmscn.check.values import Value, show
from mmscn.judge.shipped import shipped_scenarios

CLAIMS = Path(__file__).with_name("claims.toml")

STANDINGS = {
    "right": ("right", ""),
    "wrong": ("**wrong**", "**Not so.** "),
    "incomplete": ("**incomplete**", "**Not all of it.** "),
    "remark": ("a remark", ""),
}
"""How a claim stands: in its heading, and in front of what is found."""

INTRODUCTION = """\
# The thread, claim by claim

In April 2014 eight people discussed for a week, under the subject "Dirty/Access bits vs. page
content", how a store can be lost between a TLB, a page table and `struct page`. This page goes
through what they said. Each claim is decided by a scenario of the library: what is drawn and tabled
here is what `mmscn run` finds, over every interleaving. All repairs against all cleaners are in
[the matrix of fixes](matrix.md).

The words are ours; MSG is the number of the message in the archive of the thread. *Right* means
that the model bears the claim out within the bounds of the scenario, *wrong* and *incomplete* that
it shows an execution against it.

(This page is written by `docs/_generate/thread.py`.)
"""

Claim = dict[str, Any]


def main() -> None:
    known = tomllib.loads(CLAIMS.read_text(encoding="utf-8"))
    claims: list[Claim] = known["claim"]
    deciding = scenarios_of(claims)
    for claim in claims:
        if deciding[claim["id"]]:
            known_values(claim, mmscn.load(deciding[claim["id"]][0]).params)
    scenarios = run_all(dict.fromkeys(name for names in deciding.values() for name in names))
    drawings = {c["id"]: drawings_of(c, deciding[c["id"]], scenarios) for c in claims}
    drawn = draw_all(drawing for some in drawings.values() for drawing in some)
    page = Page(scenarios, drawings, drawn, deciding, modelled(claims, deciding, scenarios))
    lines = [INTRODUCTION, *findings(known["finding"]), *overview(known["part"], claims)]
    for part in known["part"]:
        lines += ["", f"## {part['title']}", ""]
        for claim in claims:
            if claim["id"].split("-")[1][0] == part["letter"]:
                lines += page.claim(claim)
    lines += ["", *the_model(page.used)]
    write("thread.md", "\n".join(lines).rstrip() + "\n")


def scenarios_of(claims: list[Claim]) -> dict[str, list[str]]:
    """The scenarios that decide each claim, the one that is told first in front."""
    by_claim: dict[str, list[str]] = {claim["id"]: [] for claim in claims}
    for shipped in shipped_scenarios():
        if not shipped.benchmark:
            for row in mmscn.load(shipped.name).claims:
                if row in by_claim:
                    by_claim[row].append(shipped.name)
                elif row.startswith("A-"):
                    raise SystemExit(f"{shipped.name}: claims.toml does not have {row}")
    for claim in claims:
        names = by_claim[claim["id"]]
        lead = claim.get("lead")
        if lead is not None and lead not in names:
            raise SystemExit(f"{claim['id']}: `{lead}` does not claim to decide it")
        names.sort(key=lambda name: (name != lead, name.startswith("fix_matrix")))
    return by_claim


def known_values(claim: Claim, params: dict[str, tuple[Value, ...]]) -> None:
    """Raises SystemExit where a claim is about values that its first scenario does not have."""
    for name, value in claim.get("where", {}).items():
        for word in value.split("|"):
            if word not in map(show, params.get(name, ())):
                raise SystemExit(f"{claim['id']}: `{claim.get('lead')}` has no {name}={word}")


def selected(claim: Claim, ran: ScenarioOutcomes) -> list[Outcome]:
    """The runs of its first scenario that a claim is about."""
    wanted = {name: value.split("|") for name, value in claim.get("where", {}).items()}
    return [
        o
        for o in ran.outcomes
        if all(dict(o.params)[name] in values for name, values in wanted.items())
    ]


def drawings_of(
    claim: Claim, names: list[str], scenarios: dict[str, ScenarioOutcomes]
) -> list[Drawing]:
    """The counterexamples that go with a claim."""
    if not names or claim.get("show") is False:
        return []
    found = []
    for wanted in (claim.get("show", {}), claim.get("also")):
        if wanted is None:
            continue
        violated = wanted.get("violated", claim.get("violated"))
        params = {n: value for n, value in wanted.items() if n not in ("scenario", "violated")}
        source = scenarios[wanted.get("scenario", names[0])]
        drawing = first_drawing(
            source.name, source.outcomes if wanted else selected(claim, source), params, violated
        )
        if drawing is not None:
            found.append(drawing)
        elif wanted or violated is not None or claim["standing"] == "wrong":
            raise SystemExit(f"{claim['id']}: {source.name} has no such violation to draw")
    return found


def first_drawing(
    name: str, outcomes: Sequence[Outcome], params: dict[str, str], violated: str | None
) -> Drawing | None:
    """The first violation under some params, of a property if one is wanted."""
    for o in outcomes:
        broken = [b for b in o.broken if violated is None or b == violated]
        broken = [b for b in broken if not b.startswith(NEVER)]
        if broken and all(dict(o.params)[n] == value for n, value in params.items()):
            return Drawing(name, o.params, broken[0])
    return None


def modelled(
    claims: list[Claim], deciding: dict[str, list[str]], scenarios: dict[str, ScenarioOutcomes]
) -> dict[str, dict[str, list[str]]]:
    """What was read for the procedures that the runs of each claim come by."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        asked = [(c, scenarios[deciding[c["id"]][0]]) for c in claims if deciding[c["id"]]]
        work = [(ran.name, tuple(o.params for o in selected(c, ran))) for c, ran in asked]
        return {c["id"]: p for (c, _), p in zip(asked, pool.map(procedures, work), strict=True)}


def procedures(work: tuple[str, tuple[Params, ...]]) -> dict[str, list[str]]:
    """The procedures that some combination of a scenario comes by, with their `source` notes."""
    name, wanted = work
    scenario = mmscn.load(name)
    names: set[str] = set()
    for values in scenario.combinations():
        if tuple((n, show(v)) for n, v in values.items()) in wanted:
            names |= passed(scenario.checked(values))
    return {n: said for n, said in called(scenario.unit).items() if n in names}


def findings(found: list[dict[str, Any]]) -> Iterator[str]:
    yield "## What the thread has wrong"
    yield ""
    for number, finding in enumerate(found, 1):
        links = ", ".join(link(claim) for claim in finding["claims"])
        yield f"{number}. **{finding['title']}.** {marked_up(finding['text'])} ({links})"
    yield ""


def overview(parts: list[dict[str, str]], claims: list[Claim]) -> Iterator[str]:
    """The claims that are wrong or incomplete, in a line each."""
    for word in ("wrong", "incomplete"):
        ids = [link(c["id"]) for c in claims if c["standing"] == word]
        yield f"Claims that are {word}: {', '.join(ids)}."
        yield ""


def link(claim: str) -> str:
    return f"[{claim}](#{claim.lower()})"


class Page:
    """Tells each scenario once, and draws each counterexample once."""

    def __init__(
        self,
        scenarios: dict[str, ScenarioOutcomes],
        drawings: dict[str, list[Drawing]],
        drawn: dict[Drawing, str],
        deciding: dict[str, list[str]],
        modelled: dict[str, dict[str, list[str]]],
    ) -> None:
        self.scenarios = scenarios
        self.drawings = drawings
        self.drawn = drawn
        self.deciding = deciding
        self.modelled = modelled
        self.used: dict[str, list[str]] = {}
        self.storied: dict[str, str] = {}
        self.shown: dict[Drawing, str] = {}

    def claim(self, claim: Claim) -> Iterator[str]:
        names = self.deciding[claim["id"]]
        word, but = STANDINGS[claim["standing"]]
        messages = f" (MSG {', '.join(map(str, claim['message']))})" if claim["message"] else ""
        year = " 2014" if claim["message"] else ""
        yield f"### {claim['id']}"
        yield ""
        decided = names or "no_race" in claim
        yield f"*{claim['who']}, {claim['when']}{year}{messages}*: {word if decided else 'open'}"
        yield ""
        yield marked_up(claim["says"].strip())
        yield ""
        if "found" in claim:
            yield but + marked_up(claim["found"].strip())
            yield ""
        if not names:
            yield marked_up(claim.get("no_race", "No scenario decides this yet."))
            yield ""
            return
        yield from self.scenario(claim, self.scenarios[names[0]])
        for drawing in self.drawings[claim["id"]]:
            yield from self.diagram(claim, drawing)
        if names[1:]:
            others = ", ".join(f"`{name}`{self.where(name)}" for name in names[1:])
            yield f"Also decided by {others}."
            yield ""

    def scenario(self, claim: Claim, ran: ScenarioOutcomes) -> Iterator[str]:
        runs = selected(claim, ran)
        fixed = [
            f"`{name} = {value}`"
            for name, value in claim.get("where", {}).items()
            if all(dict(o.params)[name] == value for o in runs)
        ]
        under = f", with {' and '.join(fixed)}" if fixed else ""
        yield f"Scenario `{ran.name}` (`{ran.path}`): {marked_up(ran.title)}{under}."
        yield ""
        if ran.name in self.storied:
            yield f"Its story is told under {link(self.storied[ran.name])}."
            yield ""
        else:
            self.storied[ran.name] = claim["id"]
            yield from quoted("\n\n".join(ran.story))
            yield ""
        yield from table(runs, ran.params, verdict)
        yield ""
        stated = [knob for knob in runs[0].knobs if all(knob in o.knobs for o in runs)]
        if stated:
            listed = ", ".join(f"`{name} = {value}`" for name, value in stated)
            yield f"The scenario sets {listed}."
            yield ""
        read = self.modelled[claim["id"]]
        self.used |= called(mmscn.load(ran.name).unit)
        if read:
            listed = ", ".join(f"`{name}()`" for name in read)
            yield f"Modelled after the sources ([how](#the-model)): {listed}."
            yield ""

    def diagram(self, claim: Claim, drawing: Drawing) -> Iterator[str]:
        params = " ".join(f"{name}={value}" for name, value in drawing.params)
        what = f"`{drawing.name} {params}` breaks {titled(drawing.violated)}"
        if drawing in self.shown:
            yield f"{what}, as drawn under {link(self.shown[drawing])}."
            yield ""
            return
        self.shown[drawing] = claim["id"]
        yield f"{what}:"
        yield ""
        yield "```mmscn-trace"
        yield self.drawn[drawing]
        yield "```"
        yield ""

    def where(self, name: str) -> str:
        return f" (under {link(self.storied[name])})" if name in self.storied else ""


def quoted(paragraph: str) -> Iterator[str]:
    for line in paragraph.split("\n"):
        yield f"> {line}".rstrip()


if __name__ == "__main__":
    main()
