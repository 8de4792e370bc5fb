"""`--cluster local`: Ray on this machine alone, as long as one command runs.

Its own processes have the same processors as the workers. So those that serve people and other
commands are left out, and what it writes down of each call.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

SETTINGS = {
    "event_stats": "0",
    "task_events_report_interval_ms": "0",
    "enable_timeline": "0",
    "enable_metrics_collection": "0",
    "max_direct_call_object_size": "1000000",
}
"""Of Ray's (`src/ray/common/ray_config_def.h`), as the environment has them: no statistics of
calls, and objects up to a megabyte go from process to process with the call. In its store, which is
for other machines and for what is large, each costs its daemon 2 ms of a processor.
"""

LEFT_OUT = "start_api_server", "start_monitor", "start_log_monitor"
"""The dashboard, what asks for more machines, and what reads the workers' logs: methods of
`ray._private.node.Node` that begin a process each, which takes a CPU second before it does
anything. A version of Ray's that has no such method begins what it begins.
"""


def options(processors: int) -> dict[str, Any]:
    """Of `ray.init`. processors: so many at least, be they there or not."""
    return {"include_dashboard": False, "num_cpus": max(processors, os.cpu_count() or 1)}


def set_up() -> None:
    """What Ray reads from the environment; what is set there already stays."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(f"RAY_{name}", value)


@contextmanager
def bare() -> Iterator[None]:
    """Ray begins only the processes that calls need."""
    node = import_module("ray._private.node").Node
    left_out = {name: getattr(node, name) for name in LEFT_OUT if hasattr(node, name)}
    for name in left_out:
        setattr(node, name, nothing)
    try:
        yield
    finally:
        for name, method in left_out.items():
            setattr(node, name, method)


def nothing(*_: object, **__: object) -> None:
    """In place of a process."""
