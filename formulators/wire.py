"""The two forms in which a language model writes a formulation, and their JSON schemas.

*Flat*: declared scalar variables with the numbers written in; what a small model does best.
*Indexed*: sets, parameters and sums; what larger models and larger data need. Both are lists of
closed records without free keys, so that they fit constrained decoding and strict mode, and both
are lifted into one `Formulation` by `optiwright.formulators.lift`.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from optiwright.formulators.errors import FormulationError

_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,39}$"
_OPENING = r"-?(\(|[a-z]+\(|-)*"
_ATOM = r"((min|max)\([-+*/() A-Za-z0-9_.,]{1,80}\)|[A-Za-z0-9_.]+)\)*"
_SIDE = rf"{_OPENING}{_ATOM}(( \+ | - |\*\*|\*|/){_OPENING}{_ATOM}){{0,120}}"
_RELATION = rf"{_SIDE} (<=|>=|==) {_SIDE}"
"""A relation, as far as a regular expression knows it; several may be joined, but there is no
endless sum. A small model that is held to it makes fewer slips and never runs away."""


class Form(StrEnum):
    """Which wire form a model is asked for."""

    FLAT = "flat"
    INDEXED = "indexed"


class WireRecord(BaseModel):
    """Base: unknown fields are ignored, since servers without a schema let models add some."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", use_attribute_docstrings=True, allow_inf_nan=False
    )


def _value() -> Any:
    """Return a field whose characters a server may constrain; reading is more forgiving."""
    return Field(json_schema_extra={"pattern": f"^{_SIDE}$"})


def _comparison() -> Any:
    return Field(json_schema_extra={"pattern": rf"^{_RELATION}((, | and ){_RELATION}){{0,8}}$"})


Domain: TypeAlias = Literal["continuous", "integer", "binary"]


class FlatVariable(WireRecord):
    """A decision."""

    name: str = Field(pattern=_NAME)
    """A plain identifier."""
    meaning: str
    type: Domain
    lower: float | None
    """Least value; null if it may be negative without limit."""
    upper: float | None
    """Greatest value that the text states for this decision alone, else null."""


class WireObjective(WireRecord):
    """What is to be least or greatest."""

    sense: Literal["minimize", "maximize"]
    meaning: str
    unit: str
    expression: str
    """Over the variables."""


class FlatObjective(WireObjective):
    """What is to be least or greatest."""

    expression: str = _value()


class FlatConstraint(WireRecord):
    """One requirement of the text."""

    name: str = Field(pattern=_NAME)
    meaning: str
    """The requirement in one sentence."""
    expression: str = _comparison()
    """A comparison: left <= right, left >= right or left == right."""


class WireAsked(WireRecord):
    """A quantity that the text asks for."""

    meaning: str
    expression: str
    """Over the variables; `objective` stands for the objective's expression."""


class FlatWire(WireRecord):
    """A problem with its numbers written in."""

    problem: str
    """What is decided and what is to be best, one short sentence; "none" if the text has none."""
    variables: list[FlatVariable]
    objective: FlatObjective | None
    """Null if any feasible solution will do."""
    constraints: list[FlatConstraint]
    asked: list[WireAsked]


class WireSet(WireRecord):
    """A set; `elements` are names or integers, lists of them for pairs, or one "1..12"."""

    name: str = Field(pattern=_NAME)
    meaning: str
    elements: list[str | int | Annotated[list[str | int], Field(min_length=1)]] = Field(
        min_length=1
    )


class WireParameter(WireRecord):
    """Known numbers over zero, one or more sets."""

    name: str = Field(pattern=_NAME)
    meaning: str
    unit: str
    over: str
    """Sets, such as "Plants, Markets"; empty for a single number."""
    values: list[float] = Field(min_length=1)
    """In the order of the sets' elements, the last set varying fastest; one for a single number."""


class IndexedVariable(WireRecord):
    """A decision over zero, one or more sets; bounds are expressions or null."""

    name: str = Field(pattern=_NAME)
    meaning: str
    unit: str
    over: str
    """Index clause such as "i in Plants, j in Markets if i != j"; empty for a single one."""
    type: Literal["continuous", "integer", "binary", "semicontinuous"]
    type_basis: Literal["stated", "inferred", "assumed"]
    """Whether the text states the type, implies it, or leaves it open."""
    lower: str | None
    upper: str | None


class WireDefinition(WireRecord):
    """A named intermediate quantity."""

    name: str = Field(pattern=_NAME)
    meaning: str
    over: str
    expression: str


class IndexedConstraint(WireRecord):
    """One requirement, for every index of `over`."""

    name: str = Field(pattern=_NAME)
    meaning: str
    over: str
    condition: str | None
    """If not null, the requirement holds only where this binary, and/or/not of binaries, or
    comparison holds."""
    expression: str
    penalty: str | None
    """If not null, the requirement may be broken at this cost a unit."""


class IndexedAsked(WireRecord):
    """A quantity that the text asks for, for every index of `over`."""

    meaning: str
    over: str
    expression: str
    """`objective` stands for the objective's expression."""


class WireChange(WireRecord):
    """A new value of a parameter, at one index or, with an empty one, of a single number."""

    parameter: str = Field(pattern=_NAME)
    index: list[str | int]
    value: float


class WireScenario(WireRecord):
    """A further case that the text asks for: the same problem with other numbers."""

    name: str
    changes: list[WireChange]


class IndexedWire(WireRecord):
    """A problem over sets."""

    problem: str
    """What is decided and what is to be best, one short sentence; "none" if the text has none."""
    sets: list[WireSet]
    parameters: list[WireParameter]
    variables: list[IndexedVariable]
    definitions: list[WireDefinition]
    objective: WireObjective | None
    """Null if any feasible solution will do."""
    constraints: list[IndexedConstraint]
    asked: list[IndexedAsked]
    assumptions: list[str]
    """What the text leaves open and how it was read, one sentence each."""
    scenarios: list[WireScenario]
    """Further cases that the text asks for; usually none."""


_MODELS: dict[Form, type[FlatWire] | type[IndexedWire]] = {
    Form.FLAT: FlatWire,
    Form.INDEXED: IndexedWire,
}


def wire_schema(form: Form) -> dict[str, Any]:
    """Return the form's JSON schema: every field required, closed, references written out."""
    raw = _MODELS[form].model_json_schema()
    schema: dict[str, Any] = _strict(raw, raw.get("$defs", {}))
    return schema


def read_wire(reply: str, form: Form) -> FlatWire | IndexedWire:
    """Read a model's reply, with or without a code fence or words around the JSON.

    Raises:
        FormulationError: naming the field, what was found there and what was expected.
    """
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
    Form.FLAT: ("constraints", "asked"),
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
                if form is Form.INDEXED:
                    record.update(
                        (k, str(record[k])) for k in _EXPRESSIONS if _is_number(record, k)
                    )
    if isinstance(filled.get("objective"), dict):
        filled["objective"].setdefault("unit", "")
    return filled


_EXPRESSIONS = ("lower", "upper", "penalty", "expression")


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
