"""A result as one page of HTML that needs nothing else, made from the JSON result."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import ascii_lowercase
from typing import Any

from mmscn import __version__
from mmscn.plain_text import printable, printable_lines
from mmscn.show.json_values import Json, broken
from mmscn.show.page_data import Told, data_of, traces_of

BYTES_MAX = 300_000
"""How large a page may be that has more than one execution."""
SIGNS = {
    "holds": "✓",
    "holds if fair": "✓~",
    "violated": "✗",
    "violated for ever": "✗~",
    "undecided": "?",
    "vacuous": "-",
}


def page(scenario: Json, command: str) -> str:
    """The page of a scenario of the JSON result; of its executions as many as it has room for.

    command: what makes this result, for the reader.
    """
    told = traces_of(scenario)
    kept = len(told)
    made = page_with(scenario, command, told, left_out=0)
    if len(made.encode()) <= BYTES_MAX:
        return made
    told = [one.without_others() for one in told]
    while True:
        made = page_with(scenario, command, told[:kept], left_out=len(told) - kept)
        if kept <= 1 or len(made.encode()) <= BYTES_MAX:
            return made
        kept -= 1


def page_with(scenario: Json, command: str, told: list[Told], *, left_out: int) -> str:
    style, script = part("page.css"), part("page.js")
    verdict = scenario["verdict"]
    parts = {
        "title": text(f"{scenario['name']}: {verdict.upper()}"),
        "heading": heading(scenario),
        "about": about(scenario, command),
        "result": result(scenario),
        "plain": plain(scenario, told, left_out),
        "footer": f"Made by mmscn {text(__version__)} from the result of the command above.",
        "data": embedded(data_of(scenario, told)),
        "style": style,
        "script": script,
        "style-hash": hash_of(style),
        "script-hash": hash_of(script),
    }
    return filled(part("page.html"), parts)


def filled(template: str, parts: dict[str, str]) -> str:
    """A template with parts in the place of `{{name}}`; what a part says is not looked at."""
    first, *rest = template.split("{{")
    made = [first]
    for piece in rest:
        name, _, after = piece.partition("}}")
        made += [parts[name], after]
    return "".join(made)


def part(name: str) -> str:
    return files("mmscn").joinpath(f"show/html/{name}").read_text("utf-8")


def hash_of(content: str) -> str:
    return b64encode(sha256(content.encode()).digest()).decode()


def text(said: str) -> str:
    """What a text says, on one line, as HTML."""
    return escape(printable(said))


def lines(said: str) -> str:
    return escape(printable_lines(said))


def embedded(value: Any) -> str:
    """A value as JSON that ends no script and begins no comment."""
    made = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return made.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


# ---- what is written without a script ---------------------------------------------


def heading(scenario: Json) -> str:
    title = f" <small>{text(scenario['title'])}</small>" if scenario["title"] else ""
    return f"{text(scenario['name'])}{title}"


def about(scenario: Json, command: str) -> str:
    verdict = scenario["verdict"]
    was = "as expected" if scenario["met"] else "NOT AS EXPECTED"
    said = [f"claim {c}" for c in scenario["claims"]] + scenario["sources"]
    return (
        f'<p><strong class="{verdict}">{verdict.upper()}</strong>, {was}'
        + (f" &middot; {text('; '.join(said))}" if said else "")
        + f"</p>\n<p><code>{text(command)}</code></p>"
    )


def result(scenario: Json) -> str:
    """The table over the params, and what its letters stand for."""
    runs = scenario["runs"]
    if not runs:
        return "<p>Nothing was run.</p>"
    params = list(runs[0]["params"])
    names = listed(runs)
    heads = [f'<th scope="col">{text(p)}</th>' for p in params]
    heads.append('<th scope="col">verdict</th>')
    heads += [
        f'<th scope="col"><abbr title="{text(name)}">{letter(n)}</abbr></th>'
        for n, name in enumerate(names)
    ]
    heads.append('<th scope="col">states</th><th scope="col">expected?</th>')
    heads.append('<th scope="col"><span class="sr">Look closer</span></th>')
    rows = [row(n, run, params, names) for n, run in enumerate(runs)]
    legend = "".join(f"<li>{text(name)}</li>" for name in names)
    verdicts = {p["verdict"] for run in runs for p in run["properties"]}
    meanings = {"vacuous": "never put to the test"}
    signs = ", ".join(f"{SIGNS[v]} {meanings.get(v, v)}" for v in SIGNS if v in verdicts)
    as_announced = any(run["met"] and broken(run["verdict"]) for run in runs)
    note = "; violated as expected: the scenario announces it" if as_announced else ""
    return (
        '<div class="params-scroll"><table class="params">\n'
        '<caption class="sr">What was found under each combination of the params</caption>\n'
        f"<thead><tr>{''.join(heads)}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>\n"
        f'</table></div>\n<ol class="legend">{legend}</ol>\n<p>{signs}{note}.</p>'
    )


def row(n: int, run: Json, params: list[str], names: list[str]) -> str:
    found = {p["name"]: p["verdict"] for p in run["properties"]}
    signs = "".join(
        f'<td class="s {found[name]}"><span aria-hidden="true">{SIGNS[found[name]]}</span>'
        f'<span class="sr">{found[name]}</span></td>'
        if name in found
        else '<td class="s"></td>'
        for name in names
    )
    values = "".join(f"<td>{text(value_word(run['params'][p]))}</td>" for p in params)
    verdict = run["verdict"]
    return (
        f'<tr data-run="{n}">{values}<td class="{verdict}">{verdict.upper()}</td>{signs}'
        f'<td class="n">{run["stats"]["states"]}</td><td>{text(run["was"])}</td><td></td></tr>\n'
    )


def listed(runs: list[Json]) -> list[str]:
    """The names of what is judged; what is implicit only where it is violated."""
    found: dict[str, None] = {}
    for kind in ("property", "liveness", "assertion", "bug", "implicit"):
        for run in runs:
            for p in run["properties"]:
                if p["kind"] == kind and (kind != "implicit" or broken(p["verdict"])):
                    found[p["name"]] = None
    return list(found)


def letter(n: int) -> str:
    again, rest = divmod(n, len(ascii_lowercase))
    return (letter(again - 1) if again else "") + ascii_lowercase[rest]


def value_word(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return str(value)


def plain(scenario: Json, told: list[Told], left_out: int) -> str:
    """The result and the executions as `mmscn run` prints them."""
    made = [one_text("Result", scenario["text"], "")]
    for n, one in enumerate(told):
        head = f"{one.title} ({one.choice})" if one.choice else one.title
        made.append(one_text(head, one.trace["diagram"], f' data-trace="{n}"'))
        if one.trace["token"] is not None:
            made.append(f"<p>Again with <code>mmscn replay {text(one.trace['token'])}</code></p>")
    if left_out:
        made.append(f"<p>Executions that this page has no room for: {left_out}.</p>")
    return "\n".join(made)


def one_text(head: str, said: str, attributes: str) -> str:
    return (
        f'<div class="one-text"{attributes}><div class="text-head"><h3>{text(head)}</h3></div>'
        f"<pre>{lines(said.rstrip())}</pre></div>"
    )
