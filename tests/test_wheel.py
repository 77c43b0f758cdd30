"""The wheel, built from a clean copy and installed elsewhere, holds everything it needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = sorted({path.parent.name for path in ROOT.glob("*/__init__.py")} - {"optiwright"})
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Runs a command and returns its output.

    Raises:
        AssertionError: it failed; the message holds what it printed.
    """
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copy_of_the_checkout(target: Path) -> Path:
    """Copies what git tracks or would track, links as links, so that no stale build gets in."""
    listing = run(
        "git", "-c", "safe.directory=*", "ls-files", "-coz", "--exclude-standard", cwd=ROOT
    )
    for name in filter(None, listing.split("\0")):
        source, copy = ROOT / name, target / name
        if os.path.lexists(source):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy, follow_symlinks=False)
    return target


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = copy_of_the_checkout(tmp_path_factory.mktemp("checkout"))
    dist = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, source, cwd=source)
    return next(dist.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a new environment with the wheel in it, which borrows the libraries of this one.

    A `.pth` file appends this environment's site-packages to the path; its own `.pth` files are
    not read from there, and with them the editable install stays out.
    """
    venv = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=venv)
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        venv / "bin" / "python",
        "install",
    ]
    run(*pip, "--no-deps", "--no-index", wheel, cwd=venv)
    borrowed = sysconfig.get_path("purelib")
    (site_packages(venv) / "borrowed.pth").write_text(f"{borrowed}\n")
    return venv


def site_packages(venv: Path) -> Path:
    return next(venv.glob("lib/python*/site-packages"))


def test_only_optiwright_lands_in_site_packages(installed: Path) -> None:
    names = {path.name for path in site_packages(installed).iterdir()}
    own = {name for name in names if not name.endswith((".dist-info", ".pth"))}
    assert own == {"optiwright"}


def test_the_rooms_come_from_the_wheel_with_their_types(installed: Path, tmp_path: Path) -> None:
    code = f"import optiwright, {', '.join(f'optiwright.{room} as {room}' for room in ROOMS)}\n"
    code += f"print(*[m.__file__ for m in (optiwright, {', '.join(ROOMS)})], sep='\\n')"
    files = run(installed / "bin" / "python", "-c", code, cwd=tmp_path).split()
    home = site_packages(installed) / "optiwright"
    assert [Path(file).parent for file in files] == [home, *(home / room for room in ROOMS)]
    assert (home / "py.typed").is_file()


def test_every_module_prompt_and_data_file_of_the_checkout_is_in_the_wheel(installed: Path) -> None:
    home = site_packages(installed) / "optiwright"
    for room in ROOMS:
        for pattern in ("*.py", "*.md", "*.jsonl", "*.html", "*.txt", "*.csv", "*.xlsx"):
            there = {path.relative_to(ROOT / room) for path in (ROOT / room).rglob(pattern)}
            assert there <= {path.relative_to(home / room) for path in (home / room).rglob(pattern)}


def test_prompts_are_read_as_resources(installed: Path, tmp_path: Path) -> None:
    code = (
        "from importlib.resources import files\n"
        "texts = [p.read_text('utf-8') for p in files('optiwright.prompts').iterdir()"
        " if p.name.endswith('.md')]\n"
        "print(len(texts), all(texts))"
    )
    count = len(list((ROOT / "prompts").glob("*.md")))
    assert count > 0
    assert run(installed / "bin" / "python", "-c", code, cwd=tmp_path).split() == [
        str(count),
        "True",
    ]


def test_the_command_helps(installed: Path, tmp_path: Path) -> None:
    printed = run(installed / "bin" / "optiwright", "--help", cwd=tmp_path)
    for command in ("solve", "formulate", "doctor", "model"):
        assert command in printed
