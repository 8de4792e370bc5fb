"""Certificates: the views of a proof and the program that they are of, as JSON.

`certified.faults` says whether one is right, and `is_of` whether it is of a scenario's program.
"""

from __future__ import annotations

import json
from typing import Any

from mmscn.prove.abstract import Few
from mmscn.prove.as_json import written as value_written
from mmscn.prove.instances import PROVABLE
from mmscn.prove.proof import Proof
from mmscn.runtime.bytecode import Program

SCHEMA = "mmscn.certificate/1"


def written(proof: Proof) -> str:
    """The certificate of a proof, a view a line."""
    few, found = proof.few, proof.found
    assert few is not None
    assert found is not None
    assert found.limit is None
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "thread": proof.thread,
        "params": {name: value_written(value) for name, value in proof.params},
        **of_program(few),
        "proved": [
            n
            for n, check in enumerate(few.program.checks)
            if check.kind in PROVABLE and n not in found.broken
        ],
    }
    views = ",\n".join(
        json.dumps([view.shared, *view.rows], separators=(",", ":")) for view in found.all_views
    )
    return f'{json.dumps(head)[:-1]}, "views": [\n{views}\n]}}\n'


def of_program(few: Few) -> dict[str, Any]:
    """The program of a few threads, and what belongs to each of them."""
    program: Program = few.program
    rules = [rule._replace(parts=(), covers=(), origin=0)._asdict() for rule in program.rules]
    processes = [process._asdict() for process in program.processes]
    return {
        "program": plain(
            program._asdict()
            | {
                "fields": [field._asdict() for field in program.fields],
                "processes": processes,
                "rules": rules,
                "checks": [check._asdict() for check in program.checks],
                "versions": [group._asdict() for group in program.versions],
            }
        ),
        "shared": list(few.shared),
        "rows": [list(row) for row in few.rows],
        "names": {str(f): list(rows) for f, rows in few.names.items()},
    }


def plain(value: Any) -> Any:
    """As JSON has it: no tuples, no enums."""
    return json.loads(json.dumps(value))


def read(text: str) -> dict[str, Any]:
    """Raises ValueError for what is no certificate."""
    found = json.loads(text)
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    return found


def is_of(certificate: dict[str, Any], few: Few) -> bool:
    """Whether a certificate is of this program."""
    wanted = of_program(few)
    return all(certificate.get(key) == value for key, value in wanted.items())
