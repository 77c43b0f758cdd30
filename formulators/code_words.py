"""What the words around a function say: whether to minimise, how often it may be asked, noise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from optiwright.formulators.model import Sense

_MORE = re.compile(
    r"\bmaximi[sz]\w*|\b(?:largest|highest|greatest)\b|\bas (?:large|high|much|great) as possible",
    re.I,
)
_LESS = re.compile(
    r"\bminimi[sz]\w*|\b(?:smallest|lowest|least) (?:value|cost|possible)|\bas (?:small|low|little) "
    r"as possible",
    re.I,
)
_EVALUATIONS = (
    r"(?:evaluations?|evals?|calls?|runs|simulations?|experiments|trials|queries|samples)"
)
_BUDGETS = (
    re.compile(rf"(\d[\d,]*)\s+(?:\w+\s+){{0,2}}{_EVALUATIONS}\b", re.I),
    re.compile(r"\bbudget\b\D{0,24}(\d[\d,]*)", re.I),
)
_BUDGET_NAMES = re.compile(
    r"budget|max_?evals?|max_?evaluations|n_?evals|maxfev|max_?fevals?|evaluations", re.I
)
_CALM = re.compile(r"\b(?:noise-?free|noiseless|no noise|without noise|deterministic)\b", re.I)
_NOISY = re.compile(r"\b(?:nois[ye]|stochastic|randomi[sz]ed|monte[- ]carlo)\b", re.I)


def sense_of(*texts: str) -> Sense | None:
    """Return what is wanted by the first text that says it in one way only; None if none does."""
    for text in texts:
        more, less = _MORE.search(text) is not None, _LESS.search(text) is not None
        if more != less:
            return Sense.MAXIMIZE if more else Sense.MINIMIZE
    return None


def budget_of(text: str, constants: Mapping[str, Any]) -> int | None:
    """Return how many evaluations may be made; None if nothing says it."""
    for name, value in constants.items():
        if _BUDGET_NAMES.fullmatch(name) and isinstance(value, int) and value > 0:
            return value
    for pattern in _BUDGETS:
        if (found := pattern.search(text)) and (number := int(found[1].replace(",", ""))):
            return number
    return None


def noise_of(text: str) -> bool | None:
    """Return whether words say that answers differ for the same point; None if they do not."""
    if _CALM.search(text):
        return False
    return True if _NOISY.search(text) else None
