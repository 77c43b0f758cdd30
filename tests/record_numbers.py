"""The numbers of a text held against a result's record: which of them are no value of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from optiwright.agent.result import Result
from optiwright.formulators.model import Formulation
from optiwright.formulators.text_numbers import TextNumber, labels_in, numbers_in
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.evaluation import point_of
from optiwright.solver_tools.interpret import Interpreter

_DIGITS = 1e-6
"""Relative difference that seven shown digits leave; absolute for values shown as 0."""


def stray_numbers(text: str, result: Result) -> list[TextNumber]:
    """Return the numbers written in digits in a text that no value of the record is."""
    known = sorted(set(map(abs, _values(result))))
    return [n for n in _in_digits(text) if not any(_is_known(v, known) for v in n.alternatives)]


def _in_digits(text: str) -> list[TextNumber]:
    found = [*numbers_in(text), *labels_in(text)]
    return [n for n in found if any(char.isdigit() for char in n.words)]


def _is_known(value: float, known: list[float]) -> bool:
    slack = max(1e-7, _DIGITS * abs(value))
    at = bisect_left(known, abs(value) - slack)
    return at < len(known) and known[at] <= abs(value) + slack


def _values(result: Result) -> Iterator[float]:
    yield from _numbers_of(result.model_dump(mode="json"))
    if result.formulation is None:
        return
    yield from _data_of(result.formulation)
    if result.solution is not None and result.solution.termination.has_point:
        point = point_of(result.solution)
        yield from _numbers_of(evaluate(result.formulation, point).model_dump(mode="json"))
        interpreter = Interpreter(result.formulation, point)
        for d in result.formulation.definitions:
            for index, env in interpreter.scopes(d.over):
                yield interpreter.quantity(d.expression, env, d.name, index)
        for v in result.formulation.variables:
            for index, env in interpreter.scopes(v.over):
                for bound in (v.lower, v.upper):
                    if bound is not None:
                        yield interpreter.quantity(bound, env, v.name, index)


def _data_of(formulation: Formulation) -> Iterator[float]:
    interpreter = Interpreter(formulation)
    for p in formulation.parameters:
        yield from interpreter.parameter(p.name).values()
    for s in formulation.sets:
        if s.data.kind != "family":
            yield from _numbers_of(list(interpreter.elements(s.name)))


def _numbers_of(part: Any) -> Iterator[float]:
    """Yield every number in plain data, those in its texts included."""
    match part:
        case bool() | None:
            return
        case int() | float():
            yield float(part)
        case str():
            for number in _in_digits(part):
                yield from number.alternatives
        case dict():
            for value in part.values():
                yield from _numbers_of(value)
        case list() | tuple():
            for value in part:
                yield from _numbers_of(value)
