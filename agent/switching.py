"""What is otherwise in one solution than in another: decisions and tight constraints, in words."""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.model import Domain, Formulation, Index
from optiwright.formulators.phrases import label
from optiwright.solver_tools.evaluation import Evaluation, point_of
from optiwright.solver_tools.variants import Solved

_ON = 1e-6


def switches(formulation: Formulation, before: Solved, after: Solved) -> Iterator[str]:
    """Yield what begins, ends, changes between yes and no, becomes tight or loose.

    Nothing where either has no solution.
    """
    if before.evaluation is None or after.evaluation is None:
        return
    old, new = point_of(before.solution), point_of(after.solution)
    for variable in formulation.variables:
        for index, value in new.get(variable.name, {}).items():
            earlier = old.get(variable.name, {}).get(index, 0.0)
            if _on(value) != _on(earlier):
                yield _switch(label(variable.name, index), variable.domain, _on(value))
    earlier_tight, tight = _tight(before.evaluation), _tight(after.evaluation)
    for name, index in tight:
        if (name, index) not in earlier_tight:
            yield f"`{label(name, index)}` becomes tight"
    for name, index in earlier_tight:
        if (name, index) not in tight:
            yield f"`{label(name, index)}` is no longer tight"


def _switch(name: str, domain: Domain, on: bool) -> str:
    if domain is Domain.BINARY:
        return f"`{name}` becomes {'yes' if on else 'no'}"
    return f"`{name}` {'begins' if on else 'ends'}"


def _on(value: float) -> bool:
    return abs(value) > _ON


def _tight(evaluation: Evaluation) -> dict[tuple[str, Index], None]:
    return {(s.name, s.index): None for s in evaluation.slacks if s.binding}
