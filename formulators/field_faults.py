"""What pydantic found wrong with something that was read, told as a user can mend it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_FAULTS_TOLD = 3
_FOUND_TOLD = 60
"""Characters of a wrong value that are shown."""
_EXPECTED, _OURS = "Input should be ", "Value error, "


def faults_in(errors: Sequence[ErrorDetails]) -> str:
    """Say which fields are wrong, what was found in them and what was expected."""
    places = [_place(e) for e in errors]
    # Of a list whose entries are wrong pydantic also says that it has too few.
    inner = [e for e in errors if not any(p.startswith(f"{_place(e)}.") for p in places)]
    unknown = [f"`{_place(e)}`" for e in inner if e["type"] == "extra_forbidden"]
    shown = ", ".join(unknown[:_FAULTS_TOLD])
    shown += f" and {len(unknown) - _FAULTS_TOLD} more" * (len(unknown) > _FAULTS_TOLD)
    told = [f"unknown field{'s' * (len(unknown) > 1)} {shown}"] * bool(unknown)
    others = [e for e in inner if e["type"] != "extra_forbidden"]
    told += [_fault(e) for e in others[:_FAULTS_TOLD]]
    told += [f"and {len(others) - _FAULTS_TOLD} more"] * (len(others) > _FAULTS_TOLD)
    return "; ".join(told)


def _fault(error: ErrorDetails) -> str:
    said = error["msg"]
    place = f"`{_place(error)}`: " if error["loc"] else ""
    match error["type"]:
        case "missing":
            return f"`{_place(error)}` is missing"
        case "json_invalid":
            return said
        case "value_error":
            return place + said.removeprefix(_OURS)
    shown = json.dumps(error["input"], default=str, ensure_ascii=False)
    shown = shown if len(shown) <= _FOUND_TOLD else f"{shown[:_FOUND_TOLD]}..."
    if said.startswith(_EXPECTED):
        return f"{place}found {shown}, expected {said.removeprefix(_EXPECTED)}"
    return f"{place}found {shown}: {said}"


def _place(error: ErrorDetails) -> str:
    return ".".join(map(str, error["loc"]))
