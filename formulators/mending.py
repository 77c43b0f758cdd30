"""Slips of a small model that have one remedy, put right without asking it again.

A small model that is told of a slip drafts afresh and makes another; where the text and the rest
of the formulation leave no choice, the remedy is applied instead, and said as an assumption.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import TypeVar

from pydantic import BaseModel

from optiwright.formulators.capital import capital_left_out
from optiwright.formulators.cell_needs import needs_of_one_cell
from optiwright.formulators.decided import counts_by_yes_or_no, vacuous_requirements
from optiwright.formulators.differences import turned_differences
from optiwright.formulators.directions import contradictions, meaning
from optiwright.formulators.hollow_limits import hollow_limits
from optiwright.formulators.invented import invented_bounds, invented_requirements
from optiwright.formulators.left_out_spending import left_out_spending
from optiwright.formulators.lift import unique_names
from optiwright.formulators.limits_together import limits_together
from optiwright.formulators.misspelt import misspelt_names
from optiwright.formulators.model import (
    Algebraic,
    Assumption,
    Basis,
    Definition,
    Domain,
    Entry,
    Formulation,
    Given,
    Parameter,
    Sense,
    Variable,
)
from optiwright.formulators.number_checks import expressions_in, unused_numbers
from optiwright.formulators.one_each import halves_left_out
from optiwright.formulators.open_tops import ends_of_open_vessels
from optiwright.formulators.parser import names_of, names_through
from optiwright.formulators.plain import plain_relations, scalar_values, with_numbers
from optiwright.formulators.profit_goal import profit_without_cost
from optiwright.formulators.ratios import Misread, misread_ratios
from optiwright.formulators.rounded import rounded_to_itself
from optiwright.formulators.shares import share_bounds, shares_of_itself, wrong_shares
from optiwright.formulators.sides import miscounted_sides
from optiwright.formulators.stated_goal import stated_goal
from optiwright.formulators.structure_checks import RESERVED
from optiwright.formulators.swapped_limits import swapped_limits
from optiwright.formulators.swapped_totals import swapped_totals
from optiwright.formulators.text_numbers import TextNumber, numbers_in
from optiwright.formulators.time_goal import needs_at_a_rate
from optiwright.formulators.turned_tables import turned_totals
from optiwright.formulators.units import known_unit
from optiwright.formulators.wording import sentence_of, stems, surroundings, words_after

_COUNT = re.compile(r"^(?:the |total )?number of (\w+)", re.IGNORECASE)
_EMPTY = frozenset(
    {"the", "and", "for", "are", "that", "can", "per", "each", "all", "with", "available"}
)
_NEXT = re.compile(r"\b(?:and|but)\b")
_TOGETHER = re.compile(r"\b(?:total|in all|altogether|available)\b", re.IGNORECASE)
_APART = re.compile(r"\b(?:each|every|per|any|either|both)\b", re.IGNORECASE)
_SPENT = frozenset({"budget", "cost", "dollar", "euro", "spent", "expense"})
_SIGN = re.compile(r"<=|>=|==")
_WITH_EXPRESSIONS = ("definitions", "objectives", "constraints", "asked")
Part = TypeVar("Part", bound=BaseModel)


def mend(formulation: Formulation, text: str) -> Formulation:
    """Return the formulation with its certain slips put right, an assumption for each.

    - A decision or total with the name of a function ("sum") gets another.
    - A name used in the plural and declared in the singular, or the other way, is the declared one.
    - A total that takes a row of a table for the column that it is named after takes the column.
    - What is decided by yes or no where the text asks how many, and one of each does not do, is
      counted.
    - A limit of 40 on `40*vans`, or on a total that is 40, is one on the vans, or on all.
    - A limit that each decision has with one number of the text, beside a tighter one of its own,
      is one on all together.
    - Totals that have each other's numbers, and limits that go with each other's totals, change
      places.
    - What is so much for each dollar below a price is a multiple of the price less what is decided.
    - A percentage written as 9 where the same requirement writes another as 0.16 becomes 0.09.
    - A sign that the words next to its number contradict, or else its own, is turned: "at most 20"
      is `<= 20`, and so is "apples available".
    - A share of a sum that lacks its brackets (`0.3*vans + cars`), is taken of a number of other
      things or of one summand, or has become a bound, is taken of the sum.
    - "At least twice as many vans as carts" is required of the two where it is turned round, says
      nothing or is left out.
    - A requirement, or a count's bound, with a number that the text has nowhere is left out.
    - An open vessel has one end, where its area counts two.
    - Of an assignment of which one half is required, the other is: each document has one reader.
    - What each column of a grid of pairs needs, asked of one cell, is asked of the column.
    - A return of shares of a capital that is held against money is the capital times it.
    - What a budget is said to pay for, and nothing limits, is spent from it.
    - Three sides are added up for three where four were, and the one along the fourth is told.
    - A goal that the text states is the objective, where money or trips were added to it.
    - A profit is takings less cost, where the objective has the takings alone.
    - A least time is one in which every need is met, where the objective has what an hour makes.
    - A limit that the formulation leaves out ("we get 60 eggs", "1000 hours available") is set on
      the one total that is described by the words after it, or on the sum of all decisions where
      each is one of these things and the text says it of all together.
    - `boxes == round(boxes)` makes the boxes whole.
    - A decision that is described as a number of things, other than units of measure, is integer.

    Args:
        formulation: a lifted flat one; what has sets or tables is left as it is.
        text: the problem in words.
    """
    mended = formulation
    for step in (
        _reserved,
        _names,
        _turned_tables,
        _counts,
        _rounded,
        _hollow,
        _together,
        _swapped_totals,
        _swapped,
        _differences,
        _percentages,
        _signs,
        _shares,
        _share_bounds,
        _ratios,
        _invented,
        _sides,
        _open_tops,
        _spending,
        _capital,
        _one_each,
        _cell_needs,
        _goal,
        _profit,
        _limits,
        _time,
    ):
        mended = step(mended, text)
    return whole_counts(_without_leftovers(formulation, mended))


def _without_leftovers(before: Formulation, after: Formulation) -> Formulation:
    """Return the formulation without the parameters that only what is gone had a use for."""
    if after is before:
        return after
    used = [
        {n for _, source in expressions_in(f) for n in names_of(source)} for f in (before, after)
    ]
    gone = used[0] - used[1]
    kept = tuple(p for p in after.parameters if p.name not in gone)
    return after.model_copy(update={"parameters": kept})


def _reserved(formulation: Formulation, text: str) -> Formulation:
    named: tuple[Variable | Definition, ...] = (*formulation.variables, *formulation.definitions)
    for name in [part.name for part in named if part.name in RESERVED]:
        (other,) = unique_names([f"the_{name}"], _taken(formulation))
        renamed = {
            group: tuple(_renamed(part, name, other) for part in getattr(formulation, group))
            for group in _WITH_EXPRESSIONS
        }
        for group in ("variables", "definitions"):
            parts: tuple[Variable | Definition, ...] = renamed.get(group, formulation.variables)
            renamed[group] = tuple(
                p.model_copy(update={"name": other}) if p.name == name else p for p in parts
            )
        # What is asked of `max` alone was taken for the sense, and is empty.
        renamed["asked"] = tuple(
            a if a.expression else a.model_copy(update={"expression": other})
            for a in renamed["asked"]
        )
        formulation = formulation.model_copy(update=renamed)
    return formulation


def _names(formulation: Formulation, text: str) -> Formulation:
    for written, meant in list(misspelt_names(formulation)):
        renamed = {
            group: tuple(_renamed(part, written, meant) for part in getattr(formulation, group))
            for group in _WITH_EXPRESSIONS
        }
        said = f"`{written}` is `{meant}`, which is declared."
        formulation = _assuming(formulation.model_copy(update=renamed), said, {meant})
    return formulation


def _renamed(part: Part, written: str, meant: str) -> Part:
    source = getattr(part, "expression", "")
    found = re.sub(rf"\b{written}\b(?!\s*\()", meant, source)
    return part if found == source else part.model_copy(update={"expression": found})


def _turned_tables(formulation: Formulation, text: str) -> Formulation:
    for found in list(turned_totals(formulation, text)):
        right = dict(found.right)
        parameters = tuple(
            _valued(p, right[p.name]) if p.name in right else p for p in formulation.parameters
        )
        formulation = _assuming(
            formulation.model_copy(update={"parameters": parameters}),
            f'`{found.total}` takes the numbers that the table has for "{found.label}".',
            {found.total, *right},
        )
    return formulation


def _counts(formulation: Formulation, text: str) -> Formulation:
    if not counts_by_yes_or_no(formulation, text):
        return formulation
    free = {"domain": Domain.INTEGER, "domain_basis": Basis.ASSUMED, "lower": "0", "upper": None}
    variables = tuple(v.model_copy(update=free) for v in formulation.variables)
    names = [v.name for v in variables]
    shown = ", ".join(f"`{name}`" for name in names)
    said = f"The text asks how many, so that these are counted, not chosen by yes or no: {shown}."
    return _assuming(formulation.model_copy(update={"variables": variables}), said, names)


def _rounded(formulation: Formulation, text: str) -> Formulation:
    for requirement, whole in list(rounded_to_itself(formulation)):
        integer = whole.model_copy(update={"domain": Domain.INTEGER})
        variables = tuple(integer if v.name == whole.name else v for v in formulation.variables)
        changed = _without(formulation, {requirement.name})
        changed = changed.model_copy(update={"variables": variables})
        said = f'`{whole.name}` is whole: "{requirement.description}".'
        formulation = _assuming(changed, said, {whole.name})
    return formulation


def _hollow(formulation: Formulation, text: str) -> Formulation:
    for found in list(hollow_limits(formulation, text)):
        changed = found.constraint.model_copy(update={"expression": found.mended})
        said = (
            f"{found.value:.10g} is the limit, and no part of `{found.total}`: {found.mended} in "
            f"`{changed.name}`."
        )
        formulation = _assuming(_with_constraint(formulation, changed), said, {changed.name})
        asked = tuple(a for a in formulation.asked if a.expression != found.total)
        without = formulation.model_copy(update={"asked": asked})
        if all(found.total not in names_of(source) for _, source in expressions_in(without)):
            kept = tuple(d for d in without.definitions if d.name != found.total)
            formulation = without.model_copy(update={"definitions": kept})
    return formulation


def _together(formulation: Formulation, text: str) -> Formulation:
    for found in list(limits_together(formulation, text)):
        first, *others = found.constraints
        changed = first.model_copy(update={"expression": found.mended})
        formulation = _without(formulation, {c.name for c in others})
        said = f"{found.value:.10g} is the limit of all together: each has a tighter one alone."
        formulation = _assuming(_with_constraint(formulation, changed), said, {changed.name})
    return formulation


def _swapped_totals(formulation: Formulation, text: str) -> Formulation:
    for one, other in list(swapped_totals(formulation, text)):
        expressions = {one.name: other.expression, other.name: one.expression}
        said = f"`{one.name}` and `{other.name}` have the numbers that the text has for each."
        formulation = _assuming(_redefined(formulation, expressions), said, set(expressions))
    return formulation


def _redefined(formulation: Formulation, expressions: Mapping[str, str]) -> Formulation:
    """Return the formulation with other expressions for some totals, by name."""
    definitions = tuple(
        d.model_copy(update={"expression": expressions[d.name]}) if d.name in expressions else d
        for d in formulation.definitions
    )
    return formulation.model_copy(update={"definitions": definitions})


def _differences(formulation: Formulation, text: str) -> Formulation:
    for total, expression in list(turned_differences(formulation, text)):
        shown = with_numbers(expression, scalar_values(formulation))
        said = f"`{total.name}` grows with each step that the text counts: {shown}."
        formulation = _assuming(
            _redefined(formulation, {total.name: expression}), said, {total.name}
        )
    return formulation


def _swapped(formulation: Formulation, text: str) -> Formulation:
    for own, other in list(swapped_limits(formulation, text)):
        expression = f"{own.total} {own.sign} {other.parameter}"
        changed = own.constraint.model_copy(update={"expression": expression})
        value = f"{other.number.value:.10g}"
        said = f"The text's {value} is the limit of `{own.total}`: {own.total} {own.sign} {value}."
        formulation = _assuming(_with_constraint(formulation, changed), said, {changed.name})
    return formulation


def _percentages(formulation: Formulation, text: str) -> Formulation:
    percents = [n for n in numbers_in(text) if n.percent]
    others = {n.value for n in numbers_in(text) if not n.percent}
    values = scalar_values(formulation)
    parts = {n for n, v in values.items() if _among(v, percents, 100)}
    whole = {n for n, v in values.items() if v not in others and _among(v, percents, 1)} - parts
    inside = {d.name: d.expression for d in formulation.definitions}
    reached = [names_through([c.expression], inside) for c, _ in plain_relations(formulation)]
    mixed = [names for names in reached if names & whole and names & parts]
    scaled = any(values.get(name) == 100 for names in mixed for name in names)
    slips = {n for names in mixed for n in names & whole}
    elsewhere = [names for names in reached if names & slips and names not in mixed]
    if not slips or scaled or elsewhere:
        return formulation
    parameters = tuple(_hundredth(p) if p.name in slips else p for p in formulation.parameters)
    shown = ", ".join(f"{values[n]:.10g}% as {values[n] / 100:.10g}" for n in sorted(slips))
    return _assuming(
        formulation.model_copy(update={"parameters": parameters}),
        f"Percentages are fractions throughout: {shown}.",
        slips,
    )


def _among(value: float, percents: Iterable[TextNumber], scale: int) -> bool:
    return any(abs(value * scale - n.value) <= 1e-9 * max(1.0, n.value) for n in percents)


def _hundredth(parameter: Parameter) -> Parameter:
    assert isinstance(parameter.data, Given)
    return _valued(parameter, parameter.data.entries[0].value / 100)


def _valued(parameter: Parameter, value: float) -> Parameter:
    entries = (Entry(index=(), value=value),)
    return parameter.model_copy(update={"data": Given(entries=entries)})


def _signs(formulation: Formulation, text: str) -> Formulation:
    wrong = {c.constraint.name: c for c in contradictions(formulation, text)}
    for found in wrong.values():
        source = found.constraint.expression
        if len(_SIGN.findall(source)) != 1:
            continue
        turned = found.constraint.model_copy(
            update={"expression": _SIGN.sub(found.written, source)}
        )
        where = "" if found.own else " in the text"
        formulation = _assuming(
            _with_constraint(formulation, turned),
            f'"{found.words}"{where} is {found.written} in `{turned.name}`.',
            {turned.name},
        )
    return formulation


def _shares(formulation: Formulation, text: str) -> Formulation:
    for found in [*shares_of_itself(formulation, text), *wrong_shares(formulation, text)]:
        mended = found.constraint.model_copy(update={"expression": found.mended})
        formulation = _assuming(
            _with_constraint(formulation, mended),
            f'"{found.words}" in the text is a share of the whole sum in `{mended.name}`.',
            {mended.name},
        )
    return formulation


def _share_bounds(formulation: Formulation, text: str) -> Formulation:
    for name, bound, number in list(share_bounds(formulation, text)):
        variable = next(v for v in formulation.variables if v.name == name)
        share = getattr(variable, bound)
        sign = "<=" if bound == "upper" else ">="
        whole = " + ".join(v.name for v in formulation.variables)
        words = text[number.span[0] :].split(".")[0][:60].strip()
        parameters = tuple(
            _hundredth(p) if p.name == share and scalar_values(formulation)[share] > 1 else p
            for p in formulation.parameters
        )
        freed = variable.model_copy(update={bound: None if bound == "upper" else "0"})
        variables = tuple(freed if v.name == name else v for v in formulation.variables)
        formulation = formulation.model_copy(
            update={"parameters": parameters, "variables": variables}
        )
        formulation, label = _requiring(
            formulation, f"{name}_share", f"{name} {sign} {share} * ({whole})", words
        )
        said = f'"{words}" in the text is a share of the whole sum in `{label}`.'
        formulation = _assuming(formulation, said, {label})
    return formulation


def _ratios(formulation: Formulation, text: str) -> Formulation:
    for found in list(misread_ratios(formulation, text)):
        words, factor = found.ratio.words, found.ratio.factor
        formulation, expression = _ratio_written(formulation, found)
        if found.constraint is not None:
            name = found.constraint.name
            required = found.constraint.model_copy(update={"expression": expression})
            formulation = _with_constraint(formulation, required)
        else:
            label = f"{found.ratio.first}_ratio"
            formulation, name = _requiring(formulation, label, expression, words)
        said = f'"{words}" in the text is {found.written(f"{factor:.10g}")}.'
        formulation = _assuming(formulation, said, {name})
    return formulation


def _ratio_written(formulation: Formulation, found: Misread) -> tuple[Formulation, str]:
    """Return the formulation with the ratio's factor, and what is to be required.

    What it replaces may have the factor; the same number elsewhere is a fact of its own.
    """
    factor = found.ratio.factor
    if factor == 1:
        return formulation, found.written("")
    own = names_of(found.constraint.expression) if found.constraint is not None else frozenset()
    values = scalar_values(formulation)
    name = next((n for n in sorted(own) if values.get(n) == factor), "")
    if not name:
        label = f"{found.ratio.first}_times"
        formulation, name = _with_number(formulation, label, factor, found.ratio.words)
    return formulation, found.written(name)


def _invented(formulation: Formulation, text: str) -> Formulation:
    for found in list(invented_requirements(formulation, text)):
        formulation = _assuming(
            _without(formulation, {found.name}),
            f'"{found.description}" is nowhere in the text, and left out.',
            set(),
        )
    for variable, bound in list(invented_bounds(formulation, text)):
        value = scalar_values(formulation)[getattr(variable, bound)]
        freed = {bound: None if bound == "upper" else "0"}
        variables = tuple(
            v.model_copy(update=freed) if v.name == variable.name else v
            for v in formulation.variables
        )
        formulation = _assuming(
            formulation.model_copy(update={"variables": variables}),
            f"`{variable.name}` has no bound {value:.10g}: the text says none of it.",
            {variable.name},
        )
    return formulation


def _sides(formulation: Formulation, text: str) -> Formulation:
    for found in list(miscounted_sides(formulation, text)):
        if found.once:
            said = f"`{found.total}` has the length along what closes a side once, for three sides."
            changed = _with_value(formulation, found.once, 1.0)
            formulation = _assuming(changed, said, {found.total, found.once})
    return formulation


def _with_value(formulation: Formulation, name: str, value: float) -> Formulation:
    """Return the formulation with another number for one parameter."""
    parameters = tuple(_valued(p, value) if p.name == name else p for p in formulation.parameters)
    return formulation.model_copy(update={"parameters": parameters})


def _open_tops(formulation: Formulation, text: str) -> Formulation:
    for total, twice in list(ends_of_open_vessels(formulation, text)):
        said = f"`{total}` has one end: the other is open."
        formulation = _assuming(_with_value(formulation, twice, 1.0), said, {total, twice})
    return formulation


def _spending(formulation: Formulation, text: str) -> Formulation:
    for budget, named in list(left_out_spending(formulation, text)):
        expression = f"{' + '.join(named)} + {budget.expression.strip()}"
        changed = budget.model_copy(update={"expression": expression})
        shown = ", ".join(f"`{name}`" for name in named)
        said = f"The budget pays for {shown} too: nothing else limits it."
        formulation = _assuming(_with_constraint(formulation, changed), said, {changed.name})
    return formulation


def _capital(formulation: Formulation, text: str) -> Formulation:
    for found in list(capital_left_out(formulation, text)):
        value = found.capital.value
        words = surroundings(text, found.capital)
        formulation, capital = _with_number(formulation, "capital", value, words)
        expression = f"{capital} * {found.total} {found.sign} {found.limit}"
        changed = found.constraint.model_copy(update={"expression": expression})
        said = f"`{found.total}` is that of each unit of a capital of {value:.10g}."
        formulation = _assuming(_with_constraint(formulation, changed), said, {changed.name})
    return formulation


def _cell_needs(formulation: Formulation, text: str) -> Formulation:
    for requirement, expression in list(needs_of_one_cell(formulation, text)):
        changed = requirement.model_copy(update={"expression": expression})
        said = f'"{requirement.description}" in the text is of all that go there.'
        formulation = _assuming(_with_constraint(formulation, changed), said, {changed.name})
    return formulation


def _one_each(formulation: Formulation, text: str) -> Formulation:
    for found in list(halves_left_out(formulation, text)):
        for thing, choices in found.columns.items():
            expression = f"{' + '.join(choices)} {found.sign} 1"
            formulation, _ = _requiring(formulation, f"one_{thing}", expression, "one each")
        said = f"One each in the text is so of both: also of {', '.join(found.columns)}."
        formulation = _assuming(formulation, said, found.columns)
    return formulation


def _goal(formulation: Formulation, text: str) -> Formulation:
    name = stated_goal(formulation, text)
    if not name:
        return formulation
    changed = _with_goal(formulation, name)
    return _assuming(changed, f"The goal is `{name}` alone, as the text states it.", {name})


def _profit(formulation: Formulation, text: str) -> Formulation:
    found = profit_without_cost(formulation, text)
    if found is None:
        return formulation
    parts = {found.takings, found.cost}
    said = f"The profit is `{found.takings}` less `{found.cost}`: no profit of a piece is told."
    return _assuming(_with_goal(formulation, found.profit), said, parts)


def _time(formulation: Formulation, text: str) -> Formulation:
    needs = needs_at_a_rate(formulation, text)
    if not needs:
        return formulation
    (name,) = unique_names(["time"], _taken(formulation))
    met = {
        c.name: c.model_copy(update={"expression": f"{total} * {name} >= {number}"})
        for c, total, number in needs
    }
    time = Variable(name=name, domain=Domain.CONTINUOUS, lower="0",
                    description="time until every need is met")  # fmt: skip
    changed = formulation.model_copy(
        update={
            "variables": (*formulation.variables, time),
            "constraints": tuple(met.get(c.name, c) for c in formulation.constraints),
        }
    )
    made = ", ".join(f"`{total}`" for _, total, _ in needs)
    said = f"{made}: what is made in a unit of time; `{name}` is the time until every need is met."
    return _assuming(_with_goal(changed, name), said, {name})


def _with_goal(formulation: Formulation, expression: str) -> Formulation:
    (objective,) = formulation.objectives
    asked = tuple(
        a.model_copy(update={"expression": expression})
        if a.expression == objective.expression
        else a
        for a in formulation.asked
    )
    goal = objective.model_copy(update={"expression": expression})
    return formulation.model_copy(update={"objectives": (goal,), "asked": asked})


def _with_constraint(formulation: Formulation, changed: Algebraic) -> Formulation:
    constraints = tuple(changed if c.name == changed.name else c for c in formulation.constraints)
    return formulation.model_copy(update={"constraints": constraints})


def _without(formulation: Formulation, constraints: Container[str]) -> Formulation:
    """Return the formulation without some of its constraints, by name."""
    kept = tuple(c for c in formulation.constraints if c.name not in constraints)
    return formulation.model_copy(update={"constraints": kept})


def _limits(formulation: Formulation, text: str) -> Formulation:
    stocks = any(o.sense is Sense.MAXIMIZE for o in formulation.objectives)
    for number in unused_numbers(text, formulation):
        meant = meaning(text, number, stocks=stocks)
        if meant is None or number.percent or number.value <= 0:
            continue
        said = stems(_NEXT.split(words_after(text, number))[0]) - _EMPTY
        if "budget" in meant.words.lower():
            said |= _SPENT
        total = _described(formulation, said)
        if not total and _is_of_all(text, number):
            total = _all_decisions(formulation, said)
        if total and not _limited(formulation, total, meant.sign):
            formulation = _with_limit(formulation, total, meant.sign, number, meant.words)
    return formulation


def _is_of_all(text: str, number: TextNumber) -> bool:
    """Whether a sentence says its number of all together, and of none apart."""
    sentence, _ = sentence_of(text, number)
    return _TOGETHER.search(sentence) is not None and _APART.search(sentence) is None


def _all_decisions(formulation: Formulation, words: set[str]) -> str:
    """Return the sum of all decisions, if each is said of these words, and none apart from others.

    Of "80 workers" where every decision is a number of workers.
    """
    said = [stems(f"{v.name} {v.description}".replace("_", " ")) for v in formulation.variables]
    indexed = any(v.over or v.domain is Domain.BINARY for v in formulation.variables)
    if len(said) < 2 or indexed:
        return ""
    shared = set.intersection(*said) - _EMPTY
    apart = set.union(*said) - shared
    return (
        " + ".join(v.name for v in formulation.variables)
        if (words & shared and not words & apart)
        else ""
    )


def _described(formulation: Formulation, words: set[str]) -> str:
    """Return the scalar total that is described by most of these words; nothing if two are."""
    fits = sorted(
        (len(stems(f"{d.name} {d.description}".replace("_", " ")) & words), d.name)
        for d in formulation.definitions
        if not d.over
    )
    best = fits[-1] if fits else (0, "")
    tied = len(fits) > 1 and fits[-2][0] == best[0]
    return best[1] if best[0] and not tied else ""


def _limited(formulation: Formulation, total: str, sign: str) -> bool:
    """Whether a requirement holds this very total against something with this sign."""
    start = re.compile(rf"\s*([\w+ ]+?)\s*(?:{sign}|==)")
    parts = sorted(re.findall(r"\w+", total))
    held = [m[1] for _, plain in plain_relations(formulation) if (m := start.match(plain))]
    return any(sorted(re.findall(r"\w+", left)) == parts for left in held)


def _with_limit(
    formulation: Formulation, total: str, sign: str, number: TextNumber, words: str
) -> Formulation:
    # What it said of this total instead, and what says nothing, was meant to be the limit.
    idle = {
        c.name
        for c, _ in plain_relations(formulation)
        if total in names_of(c.expression) and c.name in vacuous_requirements(formulation)
    }
    formulation = _without(formulation, idle)
    label = total if total.isidentifier() else "all"
    formulation, limit = _with_number(formulation, f"{label}_limit", number.value, words)
    formulation, name = _requiring(
        formulation, f"{label}_requirement", f"{total} {sign} {limit}", words
    )
    said = f'"{words}" in the text limits `{total}`: {total} {sign} {number.value:.10g}.'
    return _assuming(formulation, said, {name})


def _with_number(
    formulation: Formulation, label: str, value: float, words: str
) -> tuple[Formulation, str]:
    """Return the formulation with a number of the text as a parameter, and its name."""
    (name,) = unique_names([label], _taken(formulation))
    given = Given(entries=(Entry(index=(), value=value),))
    parameter = Parameter(name=name, description=words, words=words, data=given)
    parameters = (*formulation.parameters, parameter)
    return formulation.model_copy(update={"parameters": parameters}), name


def _requiring(
    formulation: Formulation, label: str, expression: str, words: str
) -> tuple[Formulation, str]:
    """Return the formulation with one more requirement, and its name."""
    (name,) = unique_names([label], _taken(formulation))
    required = Algebraic(name=name, description=words, expression=expression)
    constraints = (*formulation.constraints, required)
    return formulation.model_copy(update={"constraints": constraints}), name


def _taken(formulation: Formulation) -> set[str]:
    return {
        part.name
        for parts in (
            formulation.parameters,
            formulation.variables,
            formulation.definitions,
            formulation.constraints,
        )
        for part in parts
    }


def whole_counts(formulation: Formulation) -> Formulation:
    """Return the formulation with what is described as a number of things whole, and that said."""
    counted = [v.name for v in formulation.variables if _is_count(v)]
    if not counted:
        return formulation
    variables = tuple(
        v.model_copy(update={"domain": Domain.INTEGER, "domain_basis": Basis.ASSUMED})
        if v.name in counted
        else v
        for v in formulation.variables
    )
    shown = ", ".join(f"`{name}`" for name in counted)
    return _assuming(
        formulation.model_copy(update={"variables": variables}),
        f"What is a number of things is whole: {shown}.",
        counted,
    )


def _is_count(variable: Variable) -> bool:
    said = _COUNT.match(variable.description)
    continuous = variable.domain is Domain.CONTINUOUS
    return continuous and said is not None and not known_unit(said.group(1))


def _assuming(formulation: Formulation, said: str, about: Iterable[str]) -> Formulation:
    new = Assumption(text=said, about=tuple(sorted(about)))
    return formulation.model_copy(update={"assumptions": (*formulation.assumptions, new)})
