"""Packages that lie elsewhere than in site-packages can be imported in the sandbox, and no more."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from optiwright.solver_tools.pool import Outcome, Pool, Profile, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a project with packages, and with files that are nobody's business."""
    folder = tmp_path_factory.mktemp("project")
    files = {
        "plus/__init__.py": "answer = 42",
        "plus/part.py": "from plus import answer",
        "plus/table.csv": "1,2",
        "single.py": "answer = 43",
        "plus-1.0.dist-info/METADATA": "Name: plus\nVersion: 1.0",
        ".env": "KEY=secret",
        ".git/config": "secret",
        "data/customers.csv": "secret",
        "notes.txt": "secret",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


_FINDER = """
import sys
from importlib.util import spec_from_file_location
MAPPING = {mapping!r}
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        place = MAPPING.get(name)
        if place == {package!r}:
            places = [place]
            return spec_from_file_location(
                name, place + "/__init__.py", submodule_search_locations=places
            )
        return place and spec_from_file_location(name, place + ".py")
sys.meta_path.append(Finder)
"""
"""What setuptools makes of an editable install, in short."""


def install_by_a_table(site: Path, folder: Path) -> None:
    """Has packages imported that lie in no folder on the path."""
    (folder / "mapped").mkdir()
    (folder / "mapped" / "__init__.py").write_text("")
    (folder / "mapped" / "part.py").write_text("answer = 44")
    (folder / "lone.py").write_text("answer = 45")
    mapping = {name: str(folder / name) for name in ("mapped", "lone")}
    finder = _FINDER.format(mapping=mapping, package=mapping["mapped"])
    (site / "__editable___table_finder.py").write_text(finder)
    (site / "table.pth").write_text("import __editable___table_finder")


@pytest.fixture(scope="module")
def pool(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """Makes a pool in an environment whose packages all come by a `.pth` file."""
    place = tmp_path_factory.mktemp("environment")
    make = [sys.executable, "-m", "venv", "--without-pip", str(place)]
    subprocess.run(make, check=True, timeout=120)
    (site,) = place.glob("lib/python*/site-packages")
    paths = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(project)]
    (site / "elsewhere.pth").write_text("\n".join(paths))
    install_by_a_table(site, tmp_path_factory.mktemp("table"))
    with pytest.MonkeyPatch.context() as patch, closing(Pool(1)) as pool:
        patch.setattr(sys, "executable", str(place / "bin" / "python"))
        pool.submit("math:sqrt", 4.0, time_limit_s=60).result(timeout=120)
        yield pool


def evaluate(pool: Pool, expression: str) -> Outcome:
    future = pool.submit("builtins:eval", expression, {}, time_limit_s=60, profile=Profile.WRITTEN)
    return future.result(timeout=120)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("__import__('plus.part').part.answer", 42),
        ("__import__('single').answer", 43),
        ("open(__import__('plus').__path__[0] + '/table.csv').read()", "1,2"),
        ("__import__('importlib.metadata').metadata.version('highspy') > ''", True),
        ("__import__('importlib.metadata').metadata.version('plus')", "1.0"),
        ("[__import__('mapped.part').part.answer, __import__('lone').answer]", [44, 45]),
        ("__import__('scipy.signal').signal.__name__", "scipy.signal"),
    ],
)
def test_a_package_that_a_pth_file_points_to_is_imported(
    pool: Pool, expression: str, value: object
) -> None:
    outcome = evaluate(pool, expression)
    assert (outcome.reason, outcome.value) == (Reason.FINISHED, value), outcome.error


@pytest.mark.parametrize("name", [".env", ".git/config", "data/customers.csv", "notes.txt"])
def test_what_lies_beside_it_is_not_read(pool: Pool, project: Path, name: str) -> None:
    assert "PermissionError" in evaluate(pool, f"open({str(project / name)!r}).read()").error


def test_its_folder_is_not_listed(pool: Pool, project: Path) -> None:
    assert "PermissionError" in evaluate(pool, f"__import__('os').listdir({str(project)!r})").error


def test_what_a_caller_asks_for_is_readable_as_a_whole(project: Path) -> None:
    with closing(Pool(1, import_paths=[str(project)])) as pool:
        assert evaluate(pool, f"open({str(project / 'notes.txt')!r}).read()").value == "secret"
        assert evaluate(pool, "__import__('plus').answer").value == 42
