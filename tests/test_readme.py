"""What README says is so: its Python example runs, its commands exist, its tree is the tree."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.model
def test_the_python_example_runs_with_the_embedded_model() -> None:
    (example,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[0].split()
    assert first[:2] == ["optimal", "598.0"], done.stdout
    # A small model's second program may be right, wrong or not run at all.
    assert first[2] in {"proved", "checked", "disputed"}, done.stdout
    assert "## Constraints:" in done.stdout
    assert "pyo.ConcreteModel" in done.stdout


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    shown = re.findall(r"^make ([a-z-]+)", "\n".join(blocks("sh")), flags=re.MULTILINE)
    assert shown
    assert set(shown) <= targets


def test_the_tree_names_every_module_and_prompt() -> None:
    tree = README[README.index("## The files") :]
    rooms = ("agent", "evaluation", "formulators", "solver_tools", "training", "ui")
    files = [file for room in rooms for file in ROOT.glob(f"{room}/*.py")]
    files += [*ROOT.glob("optiwright/*.py"), *ROOT.glob("prompts/*.md")]
    names = {f.name for f in files} - {"__init__.py"}
    listed = set(re.findall(r"^  (\S+\.(?:py|md))\s", tree, flags=re.MULTILINE))
    assert listed - {"__init__.py"} == names


def test_linked_files_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
