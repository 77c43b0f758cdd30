"""One more decision, and what each unit of it adds to totals, limits and the goal."""

from __future__ import annotations

from itertools import count

from optiwright.formulators.changes import GOAL, SUMMED, AddDecision, Term
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Node
from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Asked,
    Basis,
    Constraint,
    Definition,
    Entry,
    Formulation,
    Given,
    Objective,
    Parameter,
    Variable,
)
from optiwright.formulators.parser import names_through, parse_expression, parse_relation
from optiwright.formulators.picking import (
    arities_of,
    condition_of,
    named_clause,
    picked,
    symbol_names,
    unknown,
)
from optiwright.formulators.source import Level, SourceWriter

_WRITER = SourceWriter()


def with_decision(formulation: Formulation, change: AddDecision, where: str) -> Formulation:
    """Return a formulation with one more scalar decision.

    Its numbers become parameters, as those of the first formulation are, so that they can be
    changed and weighed like the others.

    Raises:
        FormulationError: if the name is taken, a place of a term is unknown or has no index like
            that, or it is open on which side of a limit the term belongs.
    """
    taken = symbol_names(formulation) | {c.name for c in formulation.constraints}
    if change.name in taken:
        raise FormulationError(
            f"there is a `{change.name}` already", where=where, remedy="Give it another name."
        )
    terms = [_resolved(formulation, term) for term in change.terms]
    formulation = _declared(formulation, change)
    for term in terms:
        formulation = _with_term(formulation, change, term, where)
    return formulation


def _resolved(formulation: Formulation, term: Term) -> Term:
    """Return a term of the goal as one of the total that the goal is, where it is just that."""
    goal = formulation.leading
    if goal is None or term.place not in {GOAL, goal.name}:
        return term
    total = goal.expression.strip()
    if total in {d.name for d in formulation.definitions}:
        return term.model_copy(update={"place": total})
    return term.model_copy(update={"place": GOAL})


def _declared(formulation: Formulation, change: AddDecision) -> Formulation:
    """Return a formulation with the decision, its bounds, and itself asked for where others are."""
    bounds: dict[str, str | None] = {"lower": None, "upper": None}
    for side, value in (("lower", change.lower), ("upper", change.upper)):
        if value is not None and value != 0:
            name = f"{change.name}_{'maximum' if side == 'upper' else 'minimum'}"
            meant = f"{'most' if side == 'upper' else 'least'} of {_meant(change)}"
            formulation, bounds[side] = _number(formulation, name, value, meant, change.unit)
        elif value is not None:
            bounds[side] = "0"
    new = Variable(
        name=change.name,
        domain=change.domain,
        lower=bounds["lower"],
        upper=bounds["upper"],
        description=change.description,
        unit=change.unit,
        domain_basis=Basis.STATED,
        bounds_basis=Basis.STATED,
    )
    asked = formulation.asked
    if {a.expression for a in asked} & {v.name for v in formulation.variables}:
        asked = (*asked, Asked(name=_meant(change), expression=change.name, unit=change.unit))
    return formulation.model_copy(
        update={"variables": (*formulation.variables, new), "asked": asked}
    )


def _meant(change: AddDecision) -> str:
    return change.description or change.name.replace("_", " ")


def _number(
    formulation: Formulation, wanted: str, value: float, description: str, unit: str = ""
) -> tuple[Formulation, str]:
    """Return a formulation with a number as a parameter, and the parameter's name."""
    taken = symbol_names(formulation) | {c.name for c in formulation.constraints}
    numbered = (wanted if k == 1 else f"{wanted}_{k}" for k in count(1))
    name = next(n for n in numbered if n not in taken)
    data = Given(entries=(Entry(index=(), value=value),))
    new = Parameter(name=name, description=description, unit=unit, data=data)
    return formulation.model_copy(update={"parameters": (*formulation.parameters, new)}), name


def _with_term(
    formulation: Formulation, change: AddDecision, term: Term, where: str
) -> Formulation:
    if term.place == GOAL:
        goal = formulation.leading
        if goal is None:
            raise FormulationError(
                "the formulation has no objective", where=where, remedy="Leave that term out."
            )
        formulation, text = _term_text(formulation, change, term, "", goal.description, where)
        return _with_goal(formulation, goal, _added(goal.expression, text))
    places: dict[str, Definition | Constraint] = {c.name: c for c in formulation.constraints}
    places |= {d.name: d for d in formulation.definitions}
    if term.place not in places:
        raise unknown(where, "total or limit", term.place, [*places, GOAL])
    old = places[term.place]
    if not isinstance(old, Definition | Algebraic):
        raise FormulationError(
            f"`{old.name}` is no comparison of two sides, so it has no total to add to",
            where=where,
            remedy="Add to another limit.",
        )
    over = _named_over(formulation, old, term, where)
    formulation, text = _term_text(formulation, change, term, over, old.description, where)
    if isinstance(old, Definition):
        update = {"over": over, "expression": _added(old.expression, text)}
        new = old.model_copy(update=update)
        definitions = tuple(new if d is old else d for d in formulation.definitions)
        return formulation.model_copy(update={"definitions": definitions})
    update = {"over": over, "expression": _added_to_side(formulation, old, text, where)}
    limits = tuple(
        old.model_copy(update=update) if c is old else c for c in formulation.constraints
    )
    return formulation.model_copy(update={"constraints": limits})


def _named_over(
    formulation: Formulation, old: Definition | Algebraic, term: Term, where: str
) -> str:
    """Return a place's index clause, with names for its positions; checks the term's picks."""
    if SUMMED in term.at or (old.over and not term.at):
        raise FormulationError(
            f"`{old.name}` has an index, and it is not said where the term counts",
            where=where,
            remedy=f"Name an element, or `{old.name}[*]` for each.",
        )
    instance = ground(formulation)
    domain = instance.clause(f"`{old.name}`", old.over).domain.indices
    if len(picked(where, old.name, domain, term.at)) == len(domain):
        return old.over
    return named_clause(formulation, old.over, arities_of(instance, old.over)).over


def _term_text(
    formulation: Formulation,
    change: AddDecision,
    term: Term,
    over: str,
    of_what: str,
    where: str,
) -> tuple[Formulation, str]:
    """Return a formulation with the coefficient's parameter, and the term with its sign."""
    sign, size = ("-" if term.coefficient < 0 else "+"), abs(term.coefficient)
    body = change.name
    if size != 1:
        described = f"{of_what or term.place} ({_meant(change)})"
        wanted = f"{term.place}_{change.name}"
        formulation, name = _number(formulation, wanted, size, described)
        body = f"{name}*{change.name}"
    if over and term.at:
        instance = ground(formulation)
        clause = named_clause(formulation, over, arities_of(instance, over))
        domain = instance.clause(f"`{term.place}`", over).domain.indices
        if len(picked(where, term.place, domain, term.at)) < len(domain):
            body = f"({body} if {condition_of(clause.targets, term.at)} else 0)"
    return formulation, f" {sign} {body}"


def _with_goal(formulation: Formulation, goal: Objective, expression: str) -> Formulation:
    """Return a formulation with the goal's new expression, also where it is asked for."""
    new = goal.model_copy(update={"expression": expression})
    asked = tuple(
        a.model_copy(update={"expression": expression})
        if not a.over and a.expression == goal.expression
        else a
        for a in formulation.asked
    )
    goals = tuple(new if g is goal else g for g in formulation.objectives)
    return formulation.model_copy(update={"objectives": goals, "asked": asked})


def _added(expression: str, term: str) -> str:
    return _after(expression, parse_expression(expression), term)


def _added_to_side(formulation: Formulation, rule: Algebraic, term: str, where: str) -> str:
    """Return a relation with a term on the side that the decisions are on."""
    inside = {d.name: d.expression for d in formulation.definitions}
    decisions = {v.name for v in formulation.variables}
    sides = [
        side
        for side in parse_relation(rule.expression).operands
        if names_through([_WRITER.write(side)], inside) & decisions
    ]
    if len(sides) != 1:
        raise FormulationError(
            f"`{rule.name}` has decisions on {'both sides' if sides else 'no side'}, so that it is "
            "open where the new one belongs",
            where=where,
            remedy=f"Add it to a total in it, or write `drop {rule.name}` and require the whole.",
        )
    return _after(rule.expression, sides[0], term)


def _after(source: str, node: Node, term: str) -> str:
    """Return a source with a term added to one node of it, all other text as it was."""
    start, stop = node.span.start, node.span.stop
    text = source[start:stop]
    if _WRITER.parts(node)[1] < Level.SUM:
        text = f"({text})"
    return f"{source[:start]}{text}{term}{source[stop:]}"
