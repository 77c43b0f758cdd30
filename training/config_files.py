"""Configurations of trainers in YAML: found by path or name, read, and refused with reasons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from optiwright.formulators.errors import UserError
from optiwright.formulators.field_faults import faults_in
from optiwright.training.tuning_config import AnyConfig

CONFIGS = Path(__file__).with_name("configs")
"""The configurations that come with the package, and accelerate's files beside them."""
_ANY: TypeAdapter[AnyConfig] = TypeAdapter(AnyConfig)


def shipped_configs() -> list[str]:
    """Return the names of the configurations that come with the package."""
    return sorted(p.stem for p in CONFIGS.glob("*.yaml") if not p.stem.startswith("accelerate"))


def read_config(named: str | Path) -> AnyConfig:
    """Read a configuration.

    Args:
        named: a YAML file, or the name of one that comes with the package.

    Raises:
        UserError: if there is none, or a field of it is wrong.
    """
    path = config_path(named)
    try:
        return _ANY.validate_python(_mapping(path))
    except ValidationError as error:
        raise _refused(error, path) from None


def config_path(named: str | Path) -> Path:
    """Return where a configuration lies: a path, or a name of the package's.

    Raises:
        UserError: if there is none.
    """
    for path in (Path(named), CONFIGS / f"{named}.yaml", CONFIGS / Path(named).name):
        if path.is_file():
            return path
    raise UserError(
        f"there is no configuration {str(named)!r}",
        remedy=f"Give a YAML file or one of {', '.join(shipped_configs())}.",
    )


def _mapping(path: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        raise UserError(f"the file cannot be read as YAML: {said}", where=str(path)) from None
    if not isinstance(content, dict):
        raise UserError("a configuration is a mapping of fields", where=str(path))
    return {"trainer": "sft", **content}


def _refused(error: ValidationError, path: Path) -> UserError:
    """Return which fields are wrong; pydantic names each below the trainer."""
    errors = error.errors()
    if errors[0]["type"] == "union_tag_invalid":
        found = errors[0]["ctx"]["tag"]
        what = f"`trainer`: found {found!r}, expected 'sft', 'kto' or 'grpo'"
    else:
        what = faults_in([{**each, "loc": each["loc"][1:]} for each in errors])
    return UserError(what, where=str(path), remedy="docs/training.md has the fields.")
