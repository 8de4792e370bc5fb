"""A result as JUnit's XML: a suite for each scenario, a case for each combination of the params."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from mmscn.plain_text import printable, printable_lines
from mmscn.show.json_values import Json, broken

Cases = tuple[int, int, int]
"""How many cases there are, have failed, and could not be judged."""


def text(document: Json) -> str:
    """What is not as expected has failed; what is undecided or vacuous, or rejected, is an error.

    There are no times in it: the same result has the same bytes.
    """
    suites = [suite(scenario) for scenario in document["scenarios"]]
    suites += [rejected(r) for r in document["rejected"]]
    suites += [unread(u) for u in document["unread"]]
    total = [sum(numbers) for numbers in zip(*(count for count, _ in suites), strict=True)]
    counts = counted((total[0], total[1], total[2]) if total else (0, 0, 0))
    inner = "".join(made for _, made in suites)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<testsuites name="mmscn"{counts}>\n{inner}</testsuites>\n'


def suite(scenario: Json) -> tuple[Cases, str]:
    name = attribute(scenario["name"])
    file = f" file={attribute(scenario['path'])}" if scenario["path"] else ""
    failures = errors = 0
    cases = []
    for run in scenario["runs"]:
        choice = " ".join(f"{name}={value}" for name, value in run["params"].items())
        head = f"<testcase classname={name} name={attribute(choice or scenario['name'])}{file}"
        if run["met"]:
            cases.append(f"    {head}/>\n")
            continue
        refuted = any(u["because"] == "violated" for u in run["unmet"])
        failures, errors = failures + refuted, errors + (not refuted)
        tag = "failure" if refuted else "error"
        kind = "violated" if refuted else run["unmet"][0]["because"]
        message = attribute("; ".join(u["text"] for u in run["unmet"]))
        shown = escape(printable_lines(said(run)))
        inner = f"<{tag} type={attribute(kind)} message={message}>{shown}</{tag}>"
        cases.append(f"    {head}>\n      {inner}\n    </testcase>\n")
    count = (len(cases), failures, errors)
    return count, f"  <testsuite name={name}{counted(count)}>\n{''.join(cases)}  </testsuite>\n"


def said(run: Json) -> str:
    """What was expected, and the diagrams of what is violated and was not announced."""
    parts = list(run["expected"])
    for p in run["properties"]:
        told = p["trace"] is not None and broken(p["verdict"])
        if told and p["name"] not in run["announced"]:
            parts.append(f"{p['verdict'].upper()} {p['name']}\n\n{p['trace']['diagram']}")
    return "\n\n".join(parts)


def rejected(found: Json) -> tuple[Cases, str]:
    """A text that cannot be run: one case, an error."""
    codes = ", ".join(dict.fromkeys(d["code"] for d in found["diagnostics"]))
    messages = "\n".join(message_of(d) for d in found["diagnostics"])
    return error(found["path"], "rejected", codes, messages)


def unread(found: Json) -> tuple[Cases, str]:
    kind = "undecided" if found["limit"] else "unread"
    return error(found["path"], kind, found["text"], "")


def error(path: str, kind: str, message: str, text: str) -> tuple[Cases, str]:
    """A text of which there is no run."""
    name = attribute(path)
    inner = escape(printable_lines(text))
    return (1, 0, 1), (
        f"  <testsuite name={name}{counted((1, 0, 1))}>\n"
        f"    <testcase classname={name} name={name}>\n"
        f"      <error type={attribute(kind)} message={attribute(message)}>{inner}</error>\n"
        "    </testcase>\n  </testsuite>\n"
    )


def message_of(d: Json) -> str:
    at = d["where"]
    place = f"{at['source']}:{at['line']}:{at['column']}: " if at is not None else ""
    return f"{place}{d['severity']} {d['code']}: {d['message']}"


def counted(count: Cases) -> str:
    tests, failures, errors = count
    return f' tests="{tests}" failures="{failures}" errors="{errors}"'


def attribute(value: str) -> str:
    return quoteattr(printable(value))
