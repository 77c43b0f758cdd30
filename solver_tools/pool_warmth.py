"""What makes the pool's server warm: the imports, and output that leaves line by line."""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.util
import pkgutil
import re
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from optiwright import solver_tools
from optiwright.solver_tools.pool_memory import fill_holes, gather_pages
from optiwright.solver_tools.pool_protocol import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIBRARIES = (
    *("numpy", "scipy.sparse", "highspy", "pyscipopt", "cvxpy", "pyomo.environ"),
    "cvxpy.cvxcore.python.cppbackend",  # which CVXPY puts off until it is needed
    "multiprocessing",  # which SciPy imports late, and a confined job may not set up
)
RARE = ("pandas", "ortools.linear_solver.pywraplp", "ortools.sat.python.cp_model")
"""What few programs use, and every fork would pay for: one side of the server alone has it."""
PLANS = (
    *("ortools.sat.python.cp_model", "unified_planning.engines", "unified_planning.plans"),
    *(f"{solver_tools.__name__}.{name}" for name in ("planning", "plan_validation")),
)
"""What finds plans and checks them; the two last have the jobs that do."""
_THREADED = ("pyarrow",)
"""Optional parts of others that start threads as soon as they are imported: a process with threads
enters no namespace, and its forks may hang."""
_OURS_RARE = ("cp_sat_model", "written_ortools", "written_probe_cp_sat", "written_probe_ortools")
_RARE_WORDS = re.compile(rb"pandas|ortools|\bpd\b")
_IOLBF = 1
_libc = ctypes.CDLL(None)


def shelf_of(function: str, arguments: bytes) -> Shelf:
    """Returns the libraries that a job is likely to use, going by what its function is.

    Else by the words of its pickled arguments: whether they name one of the `RARE` libraries.
    """
    if function.partition(":")[0] in PLANS:
        return Shelf.PLANS
    return Shelf.RARE if _RARE_WORDS.search(arguments) else Shelf.COMMON


def import_all() -> dict[str, str]:
    """Imports what jobs will need; returns for each module that would not come the reason."""
    ours = (info.name for info in pkgutil.iter_modules(solver_tools.__path__))
    common = (name for name in ours if not name.startswith("pool") and name not in _OURS_RARE)
    missing = _import((*LIBRARIES, *(f"{solver_tools.__name__}.{name}" for name in common)))
    _share_no_lock()
    # Has every folder on the path listed, which a confined child may not do in all of them.
    importlib.util.find_spec("optiwright_has_no_such_module")
    settle()
    gather_pages()
    return missing


def import_shelf(shelf: Shelf) -> None:
    """Imports what the jobs of a shelf will need beyond what all do."""
    match shelf:
        case Shelf.COMMON:
            return
        case Shelf.RARE:
            _import((*RARE, *(f"{solver_tools.__name__}.{name}" for name in _OURS_RARE)))
        case Shelf.PLANS:
            _import(PLANS)
    settle()


def _share_no_lock() -> None:
    """Gives Pyomo a lock that no other process shares.

    When anything imports multiprocessing, Pyomo makes one that every fork shares: a job that was
    killed while it held that would have all later jobs wait for it, for ever.
    """
    if pyomo := sys.modules.get("pyomo.common.dependencies"):
        pyomo.capture_output_lock = threading.Lock()  # type: ignore[attr-defined]


def _import(names: Iterable[str]) -> dict[str, str]:
    missing: dict[str, str] = {}
    with _left_out(*_THREADED):
        for name in names:
            try:
                importlib.import_module(name)
            except Exception as error:  # a library broken in its own way must not cost the others
                missing[name] = f"{type(error).__name__}: {error}"
    return missing


@contextmanager
def _left_out(*names: str) -> Iterator[None]:
    """Has libraries do without others that they would take in where these are installed."""
    absent: dict[str, Any] = {name: None for name in names if name not in sys.modules}
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def settle() -> None:
    """Leaves what memory holds now to be shared by children, and where they will write empty."""
    gc.collect()
    gc.freeze()  # children then leave these objects' pages shared
    fill_holes()


def stream_output() -> None:
    """Makes Python's and C's standard output leave line by line, so that logs arrive live."""
    for stream in (sys.stdout, sys.stderr):
        options: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace"}
        stream.reconfigure(line_buffering=True, **options)  # type: ignore[union-attr]
    if sys.platform == "linux":
        stdout = ctypes.c_void_p.in_dll(_libc, "stdout")
        _libc.setvbuf(stdout, None, _IOLBF, 0)
