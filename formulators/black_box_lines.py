"""What a model says of a function, as lines: `function: f`, `minimize`, `x in [-5, 5]^10`, ..."""

from __future__ import annotations

import re

from optiwright.formulators.black_box_reader import Told
from optiwright.formulators.bounds_lines import read_bounds
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Sense

_FIELD = re.compile(r"(function|constraints?|budget|noisy)\s*:\s*(.+)", re.I)


def read_lines(reply: str) -> Told:
    """Read a reply; lines that are none of these are passed over, bounds are checked.

    Raises:
        FormulationError: if a bound is none, or the reply has no line that is known.
    """
    found: dict[str, object] = {}
    bounds: list[str] = []
    constraints: list[str] = []
    for raw in reply.splitlines():
        line = raw.strip().strip("`-* ")
        field = _FIELD.fullmatch(line)
        if line.lower().rstrip(".") in {"minimize", "minimise", "maximize", "maximise"}:
            found["sense"] = Sense.MAXIMIZE if line.lower().startswith("max") else Sense.MINIMIZE
        elif field is None and re.search(r"\bin\b|∈|<=|≤", line) and re.search(r"\d|\{", line):
            read_bounds(line)
            bounds.append(line)
        elif field is not None:
            name, value = field[1].lower(), field[2].strip(" `.")
            if name == "function":
                found["function"] = value.removesuffix("()")
            elif name == "budget" and value.replace(",", "").isdigit():
                found["budget"] = int(value.replace(",", "")) or None
            elif name == "noisy":
                found["noisy"] = value.lower().startswith("y")
            elif name.startswith("constraint") and value.lower() != "none":
                constraints.append(value)
    if not found and not bounds and not constraints:
        raise FormulationError("the reply has none of the lines that were asked for")
    return Told(bounds=", ".join(bounds), constraints=tuple(constraints), **found)  # type: ignore[arg-type]
