"""`mmscn serve`: the referee's tools for programs, over the Model Context Protocol on stdio."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from mmscn.cli.commands import wrong
from mmscn.cli.run import Options
from mmscn.cli.search_options import memory_option, time_option
from mmscn.judge import exits
from mmscn.judge.exits import Usage

TIME_S, MEMORY_MB = 60.0, 2048
HARD = 3
"""How many times the time that a call may take it may go on before it is ended from outside."""
ABOUT = (
    "A referee for claims about races of TLBs and page tables. Write a scenario (`new` gives one "
    "to begin with), `check` it, `run` it; believe a verdict after `explain` (nothing that matters "
    "never fires) and after both the broken and the fixed variant were run. `diff` says why one "
    "breaks and the other does not, `ablate` what each lock and flush is for."
)


@click.command("serve")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False))
@click.option("--mcp", is_flag=True, help="Serve the Model Context Protocol on stdin and stdout.")
@click.option("--call", metavar="TOOL", help="Answer one call: its arguments as JSON on stdin.")
@time_option
@memory_option
def command(
    folder: str | None, mcp: bool, call: str | None, time_s: float | None, memory: int | None
) -> int:
    """Offer list, check, run, explain, diff, ablate, replay and new to programs.

    JSON goes in and comes out. A call takes 60 seconds and 2048 MB at most unless --time and
    --memory say otherwise. Files are read below FOLDER only, and none without one; scenarios may
    be sent as texts, and shipped ones have names. Nothing is written.
    """
    given = Options((), time_s=time_s or TIME_S, memory=memory or MEMORY_MB)
    try:
        if mcp == (call is not None):
            raise Usage("say --mcp, or --call with a tool")
        if call is not None:
            return answer(folder, call, given)
        serve(folder, given)
    except Usage as problem:
        return wrong(command, problem)
    return exits.OK


def answer(folder: str | None, tool: str, options: Options) -> int:
    """One call, in this process."""
    from mmscn.cli.referee import Referee

    bounded(options)
    try:
        arguments = json.loads(sys.stdin.read() or "{}")
    except ValueError as problem:
        raise Usage(f"the arguments are no JSON: {problem}") from problem
    if not isinstance(arguments, dict):
        raise Usage("the arguments are an object of JSON")
    referee = Referee(Path(folder) if folder is not None else None, options.limits)
    found = referee.call(tool, arguments)
    sys.stdout.write(json.dumps(found) + "\n")
    return exits.USAGE if "error" in found else exits.OK


def bounded(options: Options) -> None:
    """Let the system end what takes far more memory than it may."""
    try:
        import resource
    except ImportError:
        return
    most = (options.memory or MEMORY_MB) * 2 + 1024 << 20
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def serve(folder: str | None, options: Options) -> None:
    """Raises Usage where the SDK is missing."""
    try:
        from mcp.server.mcpserver import MCPServer
    except ImportError as problem:
        raise Usage("the MCP SDK is missing: pip install 'mmscn[mcp]'") from problem
    from mmscn import __version__
    from mmscn.cli.referee import Referee

    server = MCPServer("mmscn", instructions=ABOUT, version=__version__, log_level="ERROR")
    for name, tool in Referee(None, options.limits).tools.items():
        server.add_tool(offered(tool, name, folder, options), name=name, description=tool.__doc__)
    server.run("stdio")


def offered(tool: Any, name: str, folder: str | None, options: Options) -> Any:
    """A tool with the same arguments that does its work in a process of its own."""
    import inspect
    from typing import get_type_hints

    def work(**arguments: Any) -> Any:
        given = {key: value for key, value in arguments.items() if value is not None}
        return apart(name, given, folder, options)

    hints = get_type_hints(tool)
    known = inspect.signature(tool).parameters.items()
    parameters = [p.replace(annotation=hints.get(n, Any)) for n, p in known]
    work.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters],
        return_annotation=dict[str, Any],
    )
    work.__annotations__ = {**{p.name: p.annotation for p in parameters}, "return": dict[str, Any]}
    work.__name__ = name
    return work


def apart(name: str, arguments: dict[str, Any], folder: str | None, options: Options) -> Any:
    """What a call in a process of its own answers; an error where it is ended."""
    assert options.time_s is not None
    command = [sys.executable, "-m", "mmscn", "serve", *([folder] if folder else [])]
    command += ["--call", name, "--time", str(options.time_s), "--memory", str(options.memory)]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(arguments),
            capture_output=True,
            text=True,
            timeout=HARD * options.time_s + 10,
            env={**os.environ, "NO_COLOR": "1"},
            check=False,
        )
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"error": f"undecided: it took more than {HARD} times {options.time_s:g} s"}
    except ValueError:
        last = done.stderr.strip().rsplit("\n", 1)[-1]
        return {"error": f"the call ended with {done.returncode}: {last}"}
