"""What a confined job has to read of the places where Python and its packages lie.

Those may be anywhere: an interpreter in a home directory, a virtual environment, a checkout, a
project that a `.pth` file in site-packages points to. Of each as little is opened as imports take:
folders that hold nothing but packages as a whole, of all others the packages and modules in them
one by one. So no home directory, and no project with its keys and data, becomes readable because
there is a package in it; packages without an `__init__.py` in such places stay shut.
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PACKAGES_ONLY = {"site-packages", "dist-packages", "lib-dynload"}
_METADATA = (".dist-info", ".egg-info")
_MODULES = tuple(importlib.machinery.all_suffixes())


def python_paths() -> list[str]:
    """Returns what the interpreter, its packages and this package need, by `sys.path`.

    Directories that the caller asked for (`PYTHONPATH`) are in it as a whole, but for the checkout
    that this package may lie in.
    """
    found = {*_interpreter(), *_own_rooms(), *_mapped()}
    for entry in map(os.path.realpath, filter(None, sys.path)):
        found.update([entry] if _is_open(entry) else _importable(entry))
    return _outermost(os.path.realpath(path) for path in found)


def _outermost(paths: Iterable[str]) -> list[str]:
    """Leaves out what lies in a folder that is opened anyhow: a path costs every job a rule."""
    kept: list[str] = []
    for path in sorted(set(paths), key=lambda path: path.split(os.sep)):
        if not (kept and Path(path).is_relative_to(kept[-1])):
            kept.append(path)
    return kept


def _interpreter() -> Iterator[str]:
    yield from (sys.executable, os.path.join(sys.prefix, "pyvenv.cfg"))
    yield from (str(sysconfig.get_config_var("LIBDIR")), os.path.join(sys.base_prefix, "lib"))
    for name in ("stdlib", "platstdlib", "purelib", "platlib"):
        yield sysconfig.get_path(name)


def _own_rooms() -> Iterator[str]:
    """Yields this package's folders, which in a checkout are links to its rooms."""
    face = Path(sys.modules["optiwright"].__path__[0])
    yield str(face)
    yield from (str(room) for room in face.iterdir() if room.is_dir())


def _is_open(entry: str) -> bool:
    """Whether all in a folder on `sys.path` may be read."""
    asked = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    checkout = os.path.dirname(sys.modules["optiwright"].__path__[0])
    given = {os.path.realpath(path) for path in asked if path} - {os.path.realpath(checkout)}
    return entry in given or os.path.basename(entry) in _PACKAGES_ONLY or os.path.isfile(entry)


def _importable(entry: str) -> Iterator[str]:
    """Yields the packages and modules in a folder, with what pip says of them."""
    if not os.path.isdir(entry):
        return
    for item in os.scandir(entry):
        package = os.path.isfile(os.path.join(item.path, "__init__.py"))
        if (
            package
            or item.name.endswith(_METADATA)
            or (item.is_file() and item.name.endswith(_MODULES))
        ):
            yield item.path


def _mapped() -> Iterator[str]:
    """Yields packages that setuptools' editable installs import by a table and no path."""
    for name, module in list(sys.modules.items()):
        if name.startswith("__editable__"):
            for path in getattr(module, "MAPPING", {}).values():
                yield path if os.path.exists(path) else f"{path}.py"
