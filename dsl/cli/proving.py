"""`mmscn prove FILE --any THREAD`: what holds for any number of threads that are alike."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from mmscn.check.values import Value
from mmscn.cli.run import Options, Selected, select
from mmscn.cli.selection import Broken, defined, nothing, targets_of
from mmscn.diagnostics import Rejected
from mmscn.judge import exits
from mmscn.judge.api import Scenario
from mmscn.judge.exits import Usage
from mmscn.plain_text import counted, printable
from mmscn.prove import as_json, certificate, words
from mmscn.prove.certified import faults
from mmscn.prove.proof import Proof, combinations, made, many_threads, prove
from mmscn.prove.refused import Refused
from mmscn.show import result_json
from mmscn.show.paint import say, write


class Wanted(NamedTuple):
    """thread: that may be many, by name. certificate: a file to write, or to check."""

    thread: str | None = None
    certificate: str | None = None
    check: str | None = None


def prove_all(options: Options, wanted: Wanted) -> int:
    """Raises Usage."""
    params = defined(options.define)
    chosen = targets_of(options.words, every=False)
    broken = Broken(options.color, quiet=bool(options.as_json))
    codes: list[int] = []
    found: list[tuple[str, list[Proof]]] = []
    for selected in select(chosen, params, broken, codes, options.limits):
        try:
            thread = wanted.thread or only_thread(selected.scenario)
            proofs = proofs_of(selected, thread, options, wanted, codes)
        except Rejected as problem:
            broken.add(selected.target, problem.diagnostics)
            continue
        except KeyboardInterrupt:
            return exits.INTERRUPTED
        found.append((selected.scenario.name, proofs))
    if options.as_json and not wanted.check:
        sys.stdout.write(result_json.written(as_json.document(found)))
    if broken.found:
        codes.append(exits.USAGE)
    if not codes:
        say(nothing(options.words), sys.stderr)
        codes.append(exits.VACUOUS)
    return exits.worst(codes)


def only_thread(scenario: Scenario) -> str:
    """Raises Usage."""
    names = many_threads(scenario)
    if len(names) == 1:
        return names[0]
    some = f"`{'`, `'.join(names)}` may be" if names else "none is `thread NAME[c in 0..N - 1]`"
    raise Usage(f"say which thread may be many with --any: {some}")


def proofs_of(
    selected: Selected, thread: str, options: Options, wanted: Wanted, codes: list[int]
) -> list[Proof]:
    """Raises Usage, Rejected."""
    scenario = selected.scenario
    try:
        every = combinations(scenario, thread, selected.combinations)
    except Refused as problem:
        raise Usage(problem.reason) from problem
    if (wanted.certificate or wanted.check) and len(every) != 1:
        raise Usage(f"a certificate is of one combination, and these are {len(every)}: use -D")
    if wanted.check:
        codes.append(checked(scenario, thread, every[0], wanted.check, options))
        return []
    proofs = []
    for number, values in enumerate(every):
        keep_views = bool(wanted.certificate)
        proof = prove(scenario, thread, values, options.limits, keep=keep_views)
        codes.extend(proof.codes)
        if not options.as_json:
            gap = "\n" if number else ""
            write(gap + words.text(scenario.name, proof, options.room.rows), options.color, "trace")
        if wanted.certificate:
            keep(proof, wanted.certificate)
        proofs.append(proof)
    return proofs


def keep(proof: Proof, file: str) -> None:
    """Write a certificate, if there is a proof. Raises Usage where the file cannot be written."""
    if not proof.proved:
        say("mmscn: there is no proof, and no certificate was written", sys.stderr)
        return
    try:
        Path(file).write_text(certificate.written(proof), encoding="utf-8")
    except OSError as problem:
        raise Usage(f"cannot write {file}: {problem.strerror or problem}") from problem


def checked(
    scenario: Scenario, thread: str, values: dict[str, Value], file: str, options: Options
) -> int:
    """Check a certificate against a scenario. Raises Usage where there is none."""
    try:
        kept = certificate.read(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise Usage(f"cannot read the certificate {file}: {problem}") from problem
    try:
        _, few = made(scenario, thread, values)
    except Refused as problem:
        say(f"mmscn: refused: {problem.reason}", sys.stderr)
        return exits.REFUTED
    wrong = [] if certificate.is_of(kept, few) else ["it is of another program"]
    wrong = wrong or faults(kept)
    for fault in wrong:
        say(printable(f"mmscn: {file}: {fault}"), sys.stderr)
    if not wrong:
        views = counted(len(kept["views"]), "view")
        write(f"{printable(scenario.name)}: accepted, {views}\n", options.color, "trace")
    return exits.REFUTED if wrong else exits.OK
