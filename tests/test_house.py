"""The house holds together: the table, the links and the disk agree, and the arrows point down."""

from __future__ import annotations

import ast
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FACE = "optiwright"
MAY_IMPORT: dict[str, set[str]] = {
    "formulators": set(),
    "prompts": set(),
    "examples": set(),
    "solver_tools": {"formulators"},
    "agent": {"solver_tools", "formulators", "prompts"},
    "evaluation": {"agent", "solver_tools", "formulators", "prompts"},
    "training": {"evaluation", "agent", "solver_tools", "formulators", "prompts"},
    "ui": {"agent", "solver_tools", "formulators", "examples"},
}
ROOMS = sorted(room for room in MAY_IMPORT if (ROOT / room).is_dir())
LANGUAGE_MODELS = {"httpx2", "langchain_core", "langgraph", "openai", "xllamacpp"}
SOLVERS = {"clarabel", "cvxpy", "highspy", "ortools", "osqp", "pyomo", "pyscipopt", "scs"}
UNKNOWN_TO = {
    "formulators": LANGUAGE_MODELS | SOLVERS,
    "prompts": LANGUAGE_MODELS | SOLVERS,
    "examples": LANGUAGE_MODELS | SOLVERS,
    "solver_tools": LANGUAGE_MODELS,
}


def setuptools_table() -> tuple[list[str], dict[str, str]]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    return config["packages"], config["package-dir"]


def packages_on_disk() -> set[str]:
    nested = {
        ".".join((FACE, *module.parent.relative_to(ROOT).parts))
        for room in ROOMS
        for module in (ROOT / room).rglob("*.py")
    }
    return {FACE} | nested


def folder_of(package: str, table: dict[str, str]) -> Path:
    """Where setuptools looks for a package: the longest mapped prefix, then the rest as folders."""
    parts = package.split(".")
    for cut in range(len(parts), 0, -1):
        mapped = table.get(".".join(parts[:cut]))
        if mapped is not None:
            return ROOT.joinpath(mapped, *parts[cut:])
    raise AssertionError(f"{package!r} is not in package-dir")


def link_target(link: Path) -> str:
    """Reads a link; in a clone without symbolic links it is a text file that holds its target."""
    return str(link.readlink()) if link.is_symlink() else link.read_text().strip()


def test_every_package_on_disk_is_in_the_table_and_the_other_way_round() -> None:
    packages, table = setuptools_table()
    assert set(packages) == packages_on_disk()
    assert len(packages) == len(set(packages))
    for package in packages:
        assert (folder_of(package, table) / "__init__.py").is_file(), package
    assert set(table) == {FACE} | {f"{FACE}.{room}" for room in ROOMS}


def test_every_data_file_of_a_package_is_in_package_data_and_the_other_way_round() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    packages, table = setuptools_table()
    for package in packages:
        folder = folder_of(package, table)
        data = {p for p in folder.rglob("*") if p.is_file() and p.suffix not in {".py", ".pyc"}}
        patterns = config["package-data"].get(package, [])
        found = [set(folder.glob(pattern)) for pattern in patterns]
        assert data == set().union(*found) and all(found), package


def test_every_room_in_the_root_has_its_link_and_every_link_its_room() -> None:
    linked = {path.name for path in (ROOT / FACE).iterdir() if path.name in MAY_IMPORT}
    linked |= {path.name for path in (ROOT / FACE).iterdir() if path.is_symlink()}
    assert linked == set(ROOMS)
    for room in ROOMS:
        assert link_target(ROOT / FACE / room) == f"../{room}"


def test_every_folder_of_modules_in_the_root_is_a_known_room() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == {FACE, *ROOMS}


def test_prompts_stay_flat() -> None:
    folders = [path for path in (ROOT / "prompts").iterdir() if path.is_dir()]
    assert [path.name for path in folders if path.name != "__pycache__"] == []


def modules_of(room: str) -> Iterator[Path]:
    folder = ROOT / room
    yield from folder.glob("*.py") if room == FACE else folder.rglob("*.py")


def imported_names(module: Path, source: str) -> Iterator[str]:
    """Yields the full dotted names that a module imports anywhere, also inside its functions."""
    package = (FACE, *module.parent.relative_to(ROOT).parts)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def forbidden_imports(room: str, module: Path, source: str) -> list[str]:
    """Lists the imports of a module that point upwards or to a library its room may not know."""
    allowed = MAY_IMPORT[room] | {room}
    unknown = UNKNOWN_TO.get(room, set())
    found = []
    for name in imported_names(module, source):
        head, _, rest = name.partition(".")
        if head in unknown or (head == FACE and rest.partition(".")[0] not in allowed):
            found.append(name)
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_rooms_below_it(room: str) -> None:
    for module in modules_of(room):
        upwards = forbidden_imports(room, module, module.read_text())
        assert upwards == [], f"{module.relative_to(ROOT)} imports {upwards}"


@pytest.mark.parametrize(
    ("room", "source", "found"),
    [
        ("formulators", "from optiwright.solver_tools import solve", 1),
        ("formulators", "import highspy", 1),
        ("formulators", "def f():\n    from ..agent import graph", 1),
        ("formulators", "from . import errors\nfrom .errors import UserError", 0),
        ("solver_tools", "import openai.types", 1),
        ("solver_tools", "import highspy\nfrom optiwright.formulators import errors", 0),
        ("agent", "from optiwright import Result", 1),
        ("agent", "import optiwright", 1),
        ("agent", "from optiwright import prompts, solver_tools", 0),
        ("ui", "import optiwright.evaluation", 1),
        ("evaluation", "import optiwright.training", 1),
        ("training", "from optiwright.evaluation import score", 0),
    ],
)
def test_the_arrow_test_sees_an_arrow(room: str, source: str, found: int) -> None:
    assert len(forbidden_imports(room, ROOT / room / "module.py", source)) == found


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_ruff_refuses_the_bare_name_of_a_room(room: str) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--select=TID251", "--stdin-filename=m.py", "-"],
        input=f"import {room}\nfrom {room} import thing\nimport optiwright.{room}\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 1
    assert checked.stdout.count("TID251") == 2, checked.stdout


def test_importing_a_room_loads_no_second_copy() -> None:
    names = ", ".join(f"optiwright.{room}" for room in ROOMS)
    code = f"import sys, {names}; print([m for m in {ROOMS} if m in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


def test_the_network_is_refused_and_loopback_is_not() -> None:
    with pytest.raises(RuntimeError, match="only loopback"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


@pytest.mark.parametrize("at_a_time", [0, 2])
def test_a_skip_that_is_not_on_the_list_fails_the_session(tmp_path: Path, at_a_time: int) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "test_it.py").write_text(
        "import pytest\ndef test_ok(): pass\ndef test_skipped(): pytest.skip('no reason known')\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    command += ["--numprocesses", str(at_a_time)]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 1
    assert "no reason known" in outcome.stdout
