"""The optional extension; everything else is in pyproject.toml.

Without a C compiler the installation succeeds, and the Python executor serves. With MMSCN_PURE in
the environment the extension is left out, for a wheel that fits every machine.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from setuptools import Extension, setup

NATIVE = Path("runtime/native")
COMPILE = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden"]

ENGINE = Extension(
    "mmscn.runtime.native._engine",
    sources=sorted(str(path) for path in NATIVE.glob("*.c")),
    depends=sorted(str(path) for path in NATIVE.glob("*.h")),
    extra_compile_args=[] if sys.platform == "win32" else COMPILE,
    extra_link_args=[] if sys.platform == "win32" else ["-pthread"],
    py_limited_api=True,
    optional=True,
)

setup(
    ext_modules=[] if os.environ.get("MMSCN_PURE") else [ENGINE],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
