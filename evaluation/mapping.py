"""Quantities that a label asks for by name, read off a solution that was found without them.

What a name's words tell plainly is taken from them. Of the rest a model is shown the symbols of the
solution, without their values, and says which expression over them is meant; the evaluator values
it. No model types a number into an answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from optiwright.agent.asking import CALL_LIMIT_S
from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import LanguageModel, Request
from optiwright.agent.prompting import load_prompt
from optiwright.agent.record import Call, RunRecord
from optiwright.agent.result import ErrorNote
from optiwright.evaluation.name_matching import match_names
from optiwright.evaluation.problems import Plain, Problem
from optiwright.evaluation.scorers import objective_holds
from optiwright.evaluation.solutions import SolvedSymbols, symbols_of
from optiwright.formulators.errors import OptiwrightError

PROMPT = "map_quantities"
_NOTHING = "none"
_WRONG = "not asked: the objective is not the label's"
_NO_SOLUTION = "there is no solution to read it off"


class Mapped(Plain):
    """One quantity, and what of the solution it was taken to be."""

    name: str
    expression: str = ""
    value: float | None = None
    reason: str = ""
    """Why it has no value."""


class Mapping(Plain):
    """The quantities of a problem and the call that mapped them."""

    quantities: tuple[Mapped, ...]
    call: Call | None = None
    """None where nothing had to be asked."""

    def values(self) -> dict[str, float | None]:
        """Return each quantity's value by name."""
        return {q.name: q.value for q in self.quantities}


async def map_quantities(
    problem: Problem, record: RunRecord, model: LanguageModel
) -> Mapping | None:
    """Map the quantities that a label names; None where it names none.

    The objective is the run's own and is not asked for; where it is not the label's, nothing is,
    since no quantity could make the answer right.
    """
    label = problem.label
    if not label.quantities:
        return None
    objective = record.result.objective if record.result is not None else None
    asked = [q.name for i, q in enumerate(label.quantities) if i != label.objective_at]
    found: dict[str, Mapped] = {}
    call = None
    hopeless = label.objective_at is not None and not objective_holds(label, objective)
    solved = symbols_of(record) if asked and not hopeless else None
    if solved is not None:
        plain = match_names(asked, solved.symbols)
        found = {name: _value(name, expression, solved) for name, expression in plain.items()}
        asked = [name for name in asked if name not in plain]
        if asked:
            call = await _ask(problem, asked, solved, model)
            found |= _valued(asked, call, solved)
    quantities = []
    for place, quantity in enumerate(label.quantities):
        if place == label.objective_at:
            quantities.append(Mapped(name=quantity.name, expression="objective", value=objective))
        else:
            nothing = Mapped(name=quantity.name, reason=_WRONG if hopeless else _NO_SOLUTION)
            quantities.append(found.get(quantity.name, nothing))
    return Mapping(quantities=tuple(quantities), call=call)


async def _ask(
    problem: Problem, asked: Sequence[str], solved: SolvedSymbols, model: LanguageModel
) -> Call:
    prompt = load_prompt(PROMPT)
    symbols = [str(symbol) for symbol in solved.symbols]
    messages = prompt.messages(problem=problem.text, symbols=symbols, quantities=asked)
    request = Request(
        messages=messages,
        fixed=len(prompt.fixed),
        json_schema=_schema(len(asked)),
        schema_name="expressions",
        max_tokens=30 + 30 * len(asked),
        timeout_s=CALL_LIMIT_S,
    )
    try:
        reply = await model.complete(request)
    except ProviderError as error:
        note = ErrorNote.of(error)
        return Call(step="map", attempt=1, request=request, reply=None, error=note)
    return Call(step="map", attempt=1, request=request, reply=reply)


def _schema(count: int) -> dict[str, Any]:
    item = {"type": "string"}
    array = {"type": "array", "items": item, "minItems": count, "maxItems": count}
    return {
        "type": "object",
        "properties": {"expressions": array},
        "required": ["expressions"],
        "additionalProperties": False,
    }


def _valued(asked: Sequence[str], call: Call, solved: SolvedSymbols) -> dict[str, Mapped]:
    expressions = _expressions(call, len(asked))
    return {
        name: _value(name, expression, solved)
        for name, expression in zip(asked, expressions, strict=True)
    }


def _expressions(call: Call, count: int) -> list[str]:
    """Return the reply's expressions, as many as were asked for; empty ones for what is missing."""
    try:
        reply = json.loads(call.reply.text) if call.reply is not None else {}
    except ValueError:
        reply = {}
    given = reply.get("expressions") if isinstance(reply, dict) else None
    texts = [item if isinstance(item, str) else "" for item in given or []]
    return (texts + [""] * count)[:count] if isinstance(given, list) else [""] * count


def _value(name: str, expression: str, solved: SolvedSymbols) -> Mapped:
    plain = expression.strip().strip("`")
    if not plain or plain.lower() == _NOTHING:
        return Mapped(name=name, expression=plain, reason="the model found nothing that fits")
    try:
        value = solved.value(plain)
    except OptiwrightError as error:
        return Mapped(name=name, expression=plain, reason=str(error))
    return Mapped(name=name, expression=plain, value=value)
