"""Constraints of CP-SAT's protocol as sums of variables in a domain, where they can be read so."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from optiwright.solver_tools.program import Scalar
from optiwright.solver_tools.scalar_text import relation_text, scalar_text

if TYPE_CHECKING:
    from collections.abc import Sequence

Domain: TypeAlias = tuple[tuple[float, float], ...]
"""Intervals, the least first, whose ends belong to them; the outer ends may be infinite."""
_LEAST, _MOST = -(2**63), 2**63 - 1
"""What CP-SAT writes for a domain without an end."""


@dataclass(frozen=True)
class Sum:
    """A constraint: where all of its literals hold, a sum of variables lies in a domain."""

    terms: tuple[tuple[int, int], ...]
    """(variable, coefficient)"""
    domain: Domain
    literals: tuple[int, ...]
    """A variable's number, or -1 - number for its negation."""

    def text(self, names: Sequence[str]) -> str:
        """Returns it as `2*x + y <= 7 if b and not c`; names are those of the variables."""
        body = scalar_text(Scalar(linear=self.terms), names)
        return _domain_text(body, self.domain) + condition_text(self.literals, names)


def sums_of(constraint: Any) -> list[Sum]:
    """Returns the sums that a constraint stands for, all of which have to hold; none if it is none.

    Linear constraints, and disjunctions, conjunctions, at most one and exactly one of literals.
    """
    enforced = tuple(constraint.enforcement_literal)
    if constraint.has_linear():
        linear = constraint.linear
        terms = tuple(zip(linear.vars, linear.coeffs, strict=True))
        return [Sum(terms, domain_of(linear.domain), enforced)]
    if constraint.has_bool_or():
        return [_of_literals(constraint.bool_or.literals, 1, math.inf, enforced)]
    if constraint.has_bool_and():
        return [_of_literals([part], 1, 1, enforced) for part in constraint.bool_and.literals]
    if constraint.has_at_most_one():
        return [_of_literals(constraint.at_most_one.literals, -math.inf, 1, enforced)]
    if constraint.has_exactly_one():
        return [_of_literals(constraint.exactly_one.literals, 1, 1, enforced)]
    return []


def domain_of(flat: Sequence[int]) -> Domain:
    """Returns a domain that is written as first and last of each interval in turn."""
    ends = list(flat)
    return tuple(
        (-math.inf if low == _LEAST else low, math.inf if high == _MOST else high)
        for low, high in zip(ends[::2], ends[1::2], strict=True)
    )


def flat_domain(domain: Domain) -> list[int]:
    """Returns a domain as CP-SAT writes it."""
    ends = [end for interval in domain for end in interval]
    return [int(end) if math.isfinite(end) else (_LEAST if end < 0 else _MOST) for end in ends]


def condition_text(literals: Sequence[int], names: Sequence[str]) -> str:
    """Returns ` if b and not c`, empty without literals."""
    parts = [names[lit] if lit >= 0 else f"not {names[-1 - lit]}" for lit in literals]
    return f" if {' and '.join(parts)}" if parts else ""


def _of_literals(literals: Sequence[int], low: float, high: float, enforced: Any) -> Sum:
    """Returns the sum of how many literals hold; a negation counts as one less its variable."""
    weights: Counter[int] = Counter()
    for literal in literals:
        weights[literal if literal >= 0 else -1 - literal] += 1 if literal >= 0 else -1
    negated = sum(literal < 0 for literal in literals)
    terms = tuple((variable, weight) for variable, weight in weights.items() if weight)
    return Sum(terms, ((low - negated, high - negated),), enforced)


def _domain_text(body: str, domain: Domain) -> str:
    if len(domain) == 1:
        return relation_text(body, *domain[0])
    (first, last), (start, end) = domain[0], domain[-1]
    if len(domain) == 2 and start - last == 2 and math.isinf(first) and math.isinf(end):
        return f"{body} != {last + 1:g}"
    parts = [f"{low:g}" if low == high else f"{low:g}..{high:g}" for low, high in domain]
    return f"{body} in {', '.join(parts)}"
