"""The forms in which a language model writes a formulation.

*Flat*: scalar decisions with the numbers written in, as a short script (`script.py`); what a small
model does best. *Indexed*: sets, parameters and sums, as one JSON object of closed records without
free keys, fit for constrained decoding and strict mode; what larger models and larger data need.
A small model that is given data tables writes a script over their sets (`table_script.py`).
All are lifted into one `Formulation` by `optiwright.formulators.lift`. A flat formulation may also
come as JSON, field by field, as other programs would write it.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.script import read_script
from optiwright.formulators.table_script import read_table_script
from optiwright.formulators.table_symbols import Ready
from optiwright.formulators.wire_records import FlatWire, IndexedWire


class Form(StrEnum):
    """Which wire form a model is asked for."""

    FLAT = "flat"
    INDEXED = "indexed"
    TABLES = "tables"
    """A script over the sets and numbers of data tables, for small models."""


_MODELS: dict[Form, type[FlatWire] | type[IndexedWire]] = {
    Form.FLAT: FlatWire,
    Form.INDEXED: IndexedWire,
}


def indexed_schema() -> dict[str, Any]:
    """Return the indexed form's JSON schema: closed, all fields required, references inlined."""
    raw = IndexedWire.model_json_schema()
    schema: dict[str, Any] = _strict(raw, raw.get("$defs", {}))
    return schema


def read_wire(reply: str, form: Form, ready: Ready | None = None) -> FlatWire | IndexedWire:
    """Read a model's reply, with or without a code fence or words around it.

    Args:
        reply: what the model wrote.
        form: the form that it was asked for.
        ready: what the tables give by name, for a script over tables.

    Raises:
        FormulationError: naming the field or the line, what was found there and what was expected.
    """
    if form is Form.TABLES:
        return read_table_script(reply, ready or Ready((), (), ()))
    if form is Form.FLAT and not _JSON_AHEAD.match(reply):
        return read_script(reply)
    text = _json_part(reply)
    try:
        data = from_json(text.encode("utf-8", "replace"), allow_inf_nan=False)
    except ValueError as error:
        raise FormulationError(
            f"the reply is not complete JSON: {error}",
            where="the reply",
            remedy="Reply with one JSON object of the form asked for and nothing else.",
        ) from None
    try:
        return _MODELS[form].model_validate(_with_defaults(data, form))
    except ValidationError as error:
        raise FormulationError(
            "; ".join(_sentence(e) for e in error.errors()[:5]),
            where="the reply",
            remedy="Keep to the form asked for.",
        ) from None


_JSON_AHEAD = re.compile(r"[^({`]*(?:```(?:json)?\s*)?\{")
"""An object before anything that a script begins with."""


_OPTIONAL: dict[str, Any] = {
    "unit": "",
    "over": "",
    "lower": None,
    "upper": None,
    "condition": None,
    "penalty": None,
    "type_basis": "inferred",
}
_OPTIONAL_LISTS = {
    Form.FLAT: ("definitions", "constraints", "asked"),
    Form.INDEXED: (
        "sets",
        "parameters",
        "definitions",
        "constraints",
        "asked",
        "assumptions",
        "scenarios",
    ),
}


def _with_defaults(data: Any, form: Form) -> Any:
    """Fill what a server without a schema lets a model leave out, where its meaning is plain."""
    if not isinstance(data, dict):
        return data
    filled: dict[str, Any] = {name: [] for name in _OPTIONAL_LISTS[form]}
    filled |= {"problem": "", "objective": None}
    filled.update(data)
    for value in filled.values():
        for record in value if isinstance(value, list) else ():
            if isinstance(record, dict):
                for key, default in _OPTIONAL.items():
                    record.setdefault(key, default)
                _complete_table(record)
                if form is Form.INDEXED:
                    record.update(
                        (k, str(record[k])) for k in _EXPRESSIONS if _is_number(record, k)
                    )
    if isinstance(filled.get("objective"), dict):
        filled["objective"].setdefault("unit", "")
    given = filled.get("parameters") if form is Form.INDEXED else None
    named = [
        p.get("name") for p in (given if isinstance(given, list) else ()) if isinstance(p, dict)
    ]
    return _with_own_pi(filled) if "pi" in named else filled


def _with_own_pi(data: Any) -> Any:
    """Rename a parameter `pi`, which the language takes for the constant and so would never use."""
    if isinstance(data, list):
        return [_with_own_pi(part) for part in data]
    if not isinstance(data, dict):
        return data
    return {
        key: _PI.sub("pi_given", value)
        if key in _NAMING and isinstance(value, str)
        else _with_own_pi(value)
        for key, value in data.items()
    }


def _complete_table(record: dict[str, Any]) -> None:
    """Fill in where a set's or parameter's record names a table, in the same way."""
    for part in (record.get("elements"), record.get("values")):
        if isinstance(part, dict):
            part.setdefault("missing", None)
            for key in ("columns", "keys"):
                if isinstance(part.get(key), str):
                    part[key] = [part[key]]


_EXPRESSIONS = ("lower", "upper", "penalty", "expression")
_NAMING = ("name", "parameter", "condition", "over", *_EXPRESSIONS)
"""Fields in which a parameter's name may stand."""
_PI = re.compile(r"\bpi\b|π")


def _is_number(record: dict[str, Any], key: str) -> bool:
    return isinstance(record.get(key), int | float) and not isinstance(record[key], bool)


def _json_part(reply: str) -> str:
    fenced = re.search(r"```(?:json)?\s*(\{.*\})\s*```", reply, flags=re.DOTALL)
    if fenced:
        return fenced.group(1)
    start, stop = reply.find("{"), reply.rfind("}")
    return reply[start : stop + 1] if 0 <= start < stop else reply


def _sentence(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "the whole"
    found = json.dumps(error.get("input"), default=str)
    return f"`{place}`: {error['msg']}, found {found[:60]}"


def _strict(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_strict(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _strict(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    kept = {
        key: _strict(value, definitions) if key != "properties" else value
        for key, value in schema.items()
        if key not in {"title", "default", "$defs", "minItems"}
    }
    if "properties" in kept:
        kept["properties"] = {k: _strict(v, definitions) for k, v in kept["properties"].items()}
        kept["required"] = list(kept["properties"])
        kept["additionalProperties"] = False
    return kept
