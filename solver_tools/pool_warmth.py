"""What makes the pool's server warm: the imports, and output that leaves line by line."""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.util
import pkgutil
import sys
from typing import Any

from optiwright import solver_tools

LIBRARIES = ("numpy", "scipy.sparse", "highspy", "pyscipopt", "cvxpy", "pyomo.environ")
_IOLBF = 1
_libc = ctypes.CDLL(None)


def import_all() -> dict[str, str]:
    """Imports what jobs will need; returns for each module that would not come the reason."""
    ours = (info.name for info in pkgutil.iter_modules(solver_tools.__path__))
    names = [f"{solver_tools.__name__}.{name}" for name in ours if not name.startswith("pool")]
    missing: dict[str, str] = {}
    for name in (*LIBRARIES, *names):
        try:
            importlib.import_module(name)
        except Exception as error:  # a library broken in its own way must not cost the others
            missing[name] = f"{type(error).__name__}: {error}"
    # Has every folder on the path listed, which a confined child may not do in all of them.
    importlib.util.find_spec("optiwright_has_no_such_module")
    gc.collect()
    gc.freeze()  # children then leave these objects' pages shared
    return missing


def stream_output() -> None:
    """Makes Python's and C's standard output leave line by line, so that logs arrive live."""
    for stream in (sys.stdout, sys.stderr):
        options: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace"}
        stream.reconfigure(line_buffering=True, **options)  # type: ignore[union-attr]
    if sys.platform == "linux":
        stdout = ctypes.c_void_p.in_dll(_libc, "stdout")
        _libc.setvbuf(stdout, None, _IOLBF, 0)
