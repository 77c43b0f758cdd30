"""Numbers written as text in cells: separators, currencies and units, a whole column at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from optiwright.formulators.indices import Floats
from optiwright.formulators.units import known_unit

Style: TypeAlias = Literal["point", "comma", "either", "mixed", "none"]
"""Which sign stands before the fraction; `either`: cells such as `1,234` can be read both ways."""

_PARTS = (
    r"^(?P<sign>[+\-\u2212]?)\s*(?P<money>[$€£]?)\s*(?P<minus>[+\-\u2212]?)"
    r"(?P<digits>\d[\d.,'\u2019 \u00a0\u202f]*|\.\d+)(?P<power>[eE][+\-]?\d+)?"
    r"\s*(?P<unit>[^\d\s.,'+\-][^\d]{0,20}[23]?|)$"
)
_COMMA = r"^\d{1,3}(?:\.\d{3})+,\d+$|^\d+,(?:\d{1,2}|\d{4,})$|^\d{4,},\d+$|^0+,\d+$"
_COMMA_GROUPS = r"^\d{1,3}(?:\.\d{3}){2,}$"
_POINT = r"^\d{1,3}(?:,\d{3})+\.\d+$|^\d*\.(?:\d{1,2}|\d{4,})$|^\d{4,}\.\d+$|^0*\.\d+$"
_POINT_GROUPS = r"^\d{1,3}(?:,\d{3}){2,}$"
_EITHER = r"^\d{1,3},\d{3}$"
_WELL_FORMED = {
    "point": r"^(?:\d+|\d{1,3}(?:[,'\u2019]\d{3})+)?(?:\.\d*)?$",
    "comma": r"^(?:\d+|\d{1,3}(?:[.'\u2019]\d{3})+)(?:,\d*)?$",
}
_THING = r"[a-z]{3,}(?:(?: per |/)[a-z]+)*"
"""What is counted, as far as it is surely no part of a name: "10 B" may be a size."""
_SCALES = frozenset({"hundred", "thousand", "lakh", "million", "mio", "crore", "billion", "dozen"})
_SPACED = r"^\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?=[.,]|$)"


@dataclass(frozen=True)
class NumberText:
    """What texts say as numbers, one place a text."""

    values: Floats
    """NaN where a text is no number."""
    units: pd.Series[Any]
    """The canonical unit, or the currency, that stands beside a number; else empty."""
    thing: str = ""
    """What all are numbers of, where that is no unit."""


def style_of(texts: pd.Series[Any]) -> Style:
    """Return how the texts of a column write fractions, as far as they show it."""
    digits = _digits(texts)["digits"].dropna()
    comma = digits.str.match(_COMMA).any() or digits.str.match(_COMMA_GROUPS).any()
    point = digits.str.match(_POINT).any() or digits.str.match(_POINT_GROUPS).any()
    if comma and point:
        return "mixed"
    if comma or point:
        return "comma" if comma else "point"
    return "either" if digits.str.match(_EITHER).any() else "none"


def read_numbers(texts: pd.Series[Any], style: Style, *, counted: bool = False) -> NumberText:
    """Read texts as numbers.

    Under `either` and `mixed` a text that can be read in two ways is no number.

    Args:
        texts: the cells.
        style: how they write fractions.
        counted: whether numbers of one thing throughout ("15 pieces", "20 pieces") are numbers too.
    """
    parts = _digits(texts)
    digits = parts["digits"].fillna("")
    sign = "comma" if style == "comma" else "point"
    sound = digits.str.match(_WELL_FORMED[sign]) & (digits != "")
    if style in {"either", "mixed"}:
        sound &= ~digits.str.contains(",", regex=False)
    # `007` is a label: as a number it would lose its zeros.
    sound &= ~digits.str.match(r"^0\d")
    groups = r"['\u2019.]" if sign == "comma" else r"['\u2019,]"
    plain = digits.str.replace(groups, "", regex=True)
    if sign == "comma":
        plain = plain.str.replace(",", ".", regex=False)
    plain = plain + parts["power"].fillna("")
    values = np.array(pd.to_numeric(plain.where(sound, None), errors="coerce"), dtype=np.float64)
    signs = parts["sign"].fillna("") + parts["minus"].fillna("")
    values[np.asarray(signs.isin(["-", "\u2212"]), dtype=np.bool_)] *= -1
    values[np.asarray(signs.str.len() > 1, dtype=np.bool_)] = np.nan
    units = (parts["money"].fillna("") + parts["unit"].fillna("")).str.strip()
    canonical = {unit: known_unit(unit) for unit in units.unique()}
    known = units.map(canonical)
    of_what = set(units[texts != ""].str.lower()) if counted and not (known != "").any() else {""}
    thing = of_what.pop() if len(of_what) == 1 else ""
    if not re.fullmatch(_THING, thing) or _SCALES & {
        w.rstrip("s") for w in re.findall(r"[a-z]+", thing)
    }:
        values[np.asarray((units != "") & (known == ""), dtype=np.bool_)] = np.nan
        return NumberText(values, known.astype(object))
    return NumberText(values, known.astype(object), thing)


def _digits(texts: pd.Series[Any]) -> pd.DataFrame:
    parts: pd.DataFrame = texts.astype(object).astype(str).str.extract(_PARTS)
    digits = parts["digits"].str.strip(" \u00a0\u202f").str.replace(r"[.,]$", "", regex=True)
    spaced = digits.str.match(_SPACED).fillna(False).astype(bool)
    parts["digits"] = digits.where(~spaced, digits.str.replace(r"[ \u00a0\u202f]", "", regex=True))
    return parts
