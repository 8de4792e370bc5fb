"""A proof as JSON: the schema is show/prove.schema.json."""

from __future__ import annotations

from mmscn.check.values import Value
from mmscn.prove.fixpoint import PAIR
from mmscn.prove.proof import SIZE, Judged, Proof
from mmscn.prove.words import any_number

SCHEMA = "mmscn.prove/1"

Json = dict[str, object]


def document(found: list[tuple[str, list[Proof]]]) -> Json:
    return {
        "schema": SCHEMA,
        "scenarios": [
            {"name": name, "proofs": [one_proof(proof) for proof in proofs]}
            for name, proofs in found
        ],
    }


def one_proof(proof: Proof) -> Json:
    found = proof.found
    return {
        "thread": proof.thread,
        "param": proof.param,
        "params": {name: written(value) for name, value in proof.params},
        "verdict": any_number(proof) if proof.proved else "bounded",
        "from": SIZE,
        "searched": list(proof.sizes),
        "properties": [judged(proof, one) for one in proof.properties],
        "refused": proof.refused,
        "at": None
        if proof.span is None
        else {"file": proof.span.source.name, "line": proof.span.line},
        "uncounted": list(proof.uncounted),
        "fixpoint": None
        if found is None
        else {
            "threads": PAIR,
            "views": found.views,
            "configurations": found.configurations,
            "steps": found.steps,
            "limit": None if found.limit is None else found.limit.value,
            "seconds": round(found.seconds, 3),
        },
    }


def judged(proof: Proof, one: Judged) -> Json:
    return {
        "name": one.property.name,
        "kind": one.property.kind.value,
        "verdict": any_number(proof) if one.proved else one.verdict.value,
        "asked": one.property.asked,
    }


def written(value: Value) -> object:
    return value if value is None or isinstance(value, bool | int) else str(value)
