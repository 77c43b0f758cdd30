"""Random bounded formulations, linear and convex quadratic, with variables of every kind."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from optiwright.formulators.model import Formulation

LABELS = ["a", "New York", "free", "1st", "x+y", "=1", "Köln", "st", "e2", "b:c", "[z]", "漢"]
"""Elements that formats and spreadsheets stumble over."""

_small = st.integers(-9, 9)
_tenths = st.integers(-40, 40).map(lambda k: k / 10)


@st.composite
def formulations(draw: st.DrawFn, *, quadratic: bool = False) -> Formulation:
    """Draw a formulation whose variables are bounded, so that it is solved or infeasible."""
    labels = draw(st.lists(st.sampled_from(LABELS), min_size=1, max_size=3, unique=True))
    scalar = _bounded(draw, "continuous")
    domain = draw(st.sampled_from(["continuous", "integer", "binary", "semicontinuous"]))
    parameters = [_table(draw, name, labels) for name in ("gain", "weight")]
    constant = draw(_tenths)
    sense = draw(st.sampled_from(["minimize", "maximize"]))
    goal = f"sum(gain[i] * x[i] for i in I) + {draw(_small)} * y + {constant}"
    if quadratic:
        sign = "+" if sense == "minimize" else "-"
        goal += f" {sign} sum((x[i] - y) ** 2 for i in I) {sign} 0.5 * y ** 2"
    return Formulation.model_validate(
        {
            "title": "Random",
            "sets": [{"name": "I", "data": {"kind": "listed", "elements": labels}}],
            "parameters": parameters,
            "variables": [
                {"name": "x", "over": "i in I", "domain": domain, **_bounded(draw, domain)},
                {"name": "y", **scalar},
            ],
            "objectives": [{"sense": sense, "expression": goal, "unit": "EUR"}],
            "constraints": draw(st.lists(_constraints(), max_size=3, unique_by=_name)),
            "asked": [{"name": "total", "expression": "sum(x[i] for i in I)"}],
        }
    )


def _name(constraint: dict[str, Any]) -> str:
    return str(constraint["name"])


def _bounded(draw: st.DrawFn, domain: str) -> dict[str, str]:
    if domain == "semicontinuous":
        low = draw(st.sampled_from([1, 2.5, -3, 0]))
        return {"lower": str(low), "upper": str(low + draw(st.integers(1, 6)))}
    low = draw(_tenths) if domain == "continuous" else draw(_small)
    width = draw(st.sampled_from([0, 0.5, 3, 8]))
    return {"lower": str(low), "upper": str(low + width)}


def _table(draw: st.DrawFn, name: str, labels: list[str]) -> dict[str, Any]:
    entries = [{"index": [label], "value": draw(_tenths)} for label in labels]
    return {"name": name, "over": "i in I", "data": {"kind": "given", "entries": entries}}


def _constraints() -> st.SearchStrategy[dict[str, Any]]:
    total = "sum(weight[i] * x[i] for i in I) + y"
    rows = st.tuples(st.sampled_from(["<=", ">=", "=="]), _tenths).map(
        lambda part: {"expression": f"{total} {part[0]} {part[1]}", "name": "row"}
    )
    ranges = st.tuples(_tenths, st.integers(0, 9)).map(
        lambda part: {"expression": f"{part[0]} <= {total} <= {part[0] + part[1]}", "name": "range"}
    )
    each = st.tuples(st.sampled_from(["<=", ">="]), _small).map(
        lambda part: {
            "expression": f"x[i] - y {part[0]} {part[1]}", "over": "i in I", "name": "max",
        }
    )  # fmt: skip
    soft = _tenths.map(lambda v: {"expression": f"y >= {v}", "penalty": "3", "name": "wish"})
    return (rows | ranges | each | soft).map(lambda row: {"kind": "algebraic", **row})
