"""Changes of constraints and decisions: dropped, relaxed, held to a value."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from optiwright.formulators.changes import EACH, SUMMED, At, Decide, Drop, Relax
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Name, Node
from optiwright.formulators.figures import measured, number
from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Constraint,
    Definition,
    Domain,
    Formulation,
    Index,
    Variable,
)
from optiwright.formulators.parser import parse_over, parse_relation
from optiwright.formulators.picking import (
    Clause,
    arities_of,
    condition_of,
    element_text,
    named_clause,
    picked,
    shown_at,
    symbol_names,
    symbol_text,
    unknown,
)
from optiwright.formulators.source import Level, SourceWriter, number_text

_WORDS = {"<=": "is at most", ">=": "is at least", "==": "is"}


# --- constraints ----------------------------------------------------------------------------------


def dropped(formulation: Formulation, change: Drop, where: str) -> Formulation:
    """Return a formulation without a constraint, or without some of its indices.

    Raises:
        FormulationError: if there is no such constraint or index.
    """
    at = _place(formulation, change.constraint, where)
    kept = _apart(formulation, formulation.constraints[at], change.at, where)[0]
    return _with_rules(formulation, at, [kept] if kept is not None else [])


def relaxed(formulation: Formulation, change: Relax, where: str) -> Formulation:
    """Return a formulation in which a constraint may be missed, at all or some of its indices.

    Raises:
        FormulationError: if there is no such constraint or index, or it compares nothing.
    """
    at = _place(formulation, change.constraint, where)
    old = formulation.constraints[at]
    if not isinstance(old, Algebraic):
        raise FormulationError(
            f"`{old.name}` is no comparison of two sides, so it cannot be missed by an amount",
            where=where,
            remedy="Drop it instead.",
        )
    kept, chosen = _apart(formulation, old, change.at, where)
    if change.penalty is not None:
        new: dict[str, str] = {"penalty": number_text(change.penalty)}
    else:
        new = {"expression": _slackened(old, change.amount or 0.0, where)}
    if kept is not None:
        new |= {"name": _free_name(formulation, f"{old.name}_relaxed")}
    return _with_rules(
        formulation, at, [*([kept] if kept is not None else []), chosen.model_copy(update=new)]
    )


def _place(formulation: Formulation, name: str, where: str) -> int:
    names = [c.name for c in formulation.constraints]
    if name not in names:
        raise unknown(where, "constraint", name, names)
    return names.index(name)


def _apart(
    formulation: Formulation, rule: Constraint, at: At, where: str
) -> tuple[Constraint | None, Constraint]:
    """Return a constraint as two: where it is not picked (None if nowhere), and where it is."""
    if SUMMED in at:
        raise FormulationError(
            f"indices of a constraint cannot be summed (`{SUMMED}`)",
            where=where,
            remedy=f'Use "{EACH}" for each element.',
        )
    instance = ground(formulation)
    domain = instance.clause(f"constraint `{rule.name}`", rule.over).domain.indices
    found = picked(where, rule.name, domain, at)
    if len(found) == len(domain):
        return None, rule
    clause = named_clause(formulation, rule.over, arities_of(instance, rule.over))
    condition = condition_of(clause.targets, at)
    return (
        rule.model_copy(update={"over": clause.where(f"not ({condition})")}),
        rule.model_copy(update={"over": clause.where(condition)}),
    )


def _with_rules(formulation: Formulation, at: int, rules: Sequence[Constraint]) -> Formulation:
    before, after = formulation.constraints[:at], formulation.constraints[at + 1 :]
    return formulation.model_copy(update={"constraints": (*before, *rules, *after)})


def _slackened(rule: Algebraic, amount: float, where: str) -> str:
    """Return a relation whose outer sides give way by an amount; an equality becomes a band."""
    relation = parse_relation(rule.expression)
    ops, sides = relation.ops, relation.operands
    texts = [_side(s) for s in sides]
    plus, minus = f" + {number_text(amount)}", f" - {number_text(amount)}"
    if len(ops) == 1:
        left, right = texts
        if ops[0] == "==":
            return f"{right}{minus} <= {left} <= {right}{plus}"
        return f"{left} {ops[0]} {right}{plus if ops[0] in {'<=', '<'} else minus}"
    if len(ops) == 2 and (set(ops) <= {"<=", "<"} or set(ops) <= {">=", ">"}):
        first, last = (minus, plus) if ops[0] in {"<=", "<"} else (plus, minus)
        return f"{texts[0]}{first} {ops[0]} {texts[1]} {ops[1]} {texts[2]}{last}"
    raise FormulationError(
        f"`{rule.name}` chains relations of different directions",
        where=where,
        remedy="Drop it, and add what shall hold.",
    )


def _side(node: Node) -> str:
    return SourceWriter().write(node, Level.SUM)


# --- decisions ------------------------------------------------------------------------------------


def decided(formulation: Formulation, change: Decide, where: str) -> Formulation:
    """Return a formulation with one more constraint, on a decision or a total of decisions.

    Raises:
        FormulationError: if there is no such decision or index, or no such value can be.
    """
    symbols: dict[str, Variable | Definition] = {v.name: v for v in formulation.variables}
    symbols |= {d.name: d for d in formulation.definitions}
    if change.decision not in symbols:
        raise unknown(where, "decision or total", change.decision, symbols)
    symbol = symbols[change.decision]
    _refuse_value(symbol, change, where)
    instance = ground(formulation)
    domain = instance.domain(symbol.name)
    found = picked(where, symbol.name, domain, change.at)
    clause = named_clause(formulation, symbol.over, arities_of(instance, symbol.over))
    rules: list[Constraint] = []
    for at in _groups(symbol, change.at, found):
        over, total = _total(symbol.name, clause, at, found)
        name = _free_name(formulation, f"what_if_{symbol.name}", taken=rules)
        rules.append(
            Algebraic(
                name=name,
                over=over,
                expression=f"{total} {change.relation} {number_text(change.value)}",
                description=change.description or _sentence(symbol, change, at),
            )
        )
    return formulation.model_copy(update={"constraints": (*formulation.constraints, *rules)})


def _refuse_value(symbol: Variable | Definition, change: Decide, where: str) -> None:
    if not isinstance(symbol, Variable) or change.relation != "==" or SUMMED in change.at:
        return
    if symbol.domain is Domain.BINARY and change.value not in {0, 1}:
        raise FormulationError(
            f"`{symbol.name}` is 0 or 1, not {number(change.value)}",
            where=where,
            remedy="Give 1 for yes, 0 for no.",
        )
    if symbol.domain is Domain.INTEGER and not change.value.is_integer():
        raise FormulationError(
            f"`{symbol.name}` takes whole values, not {number(change.value)}",
            where=where,
            remedy="Give a whole number, or change its domain first.",
        )


def _groups(symbol: Variable | Definition, at: At, found: Sequence[Index]) -> list[At]:
    """Return the picks of each constraint that is written: one, or one for each kept element.

    A sum for each element of a set is one constraint over it where every index has a set of its
    own; where sets are of tuples or conditions bind them, it is written out.
    """
    kept = [k for k, pick in enumerate(at) if pick == EACH or not isinstance(pick, str | int)]
    if SUMMED not in at or not kept or _separable(symbol.over):
        return [at]
    values = dict.fromkeys(tuple(index[k] for k in kept) for index in found)
    return [
        tuple(value[kept.index(k)] if k in kept else pick for k, pick in enumerate(at))
        for value in values
    ]


def _separable(over: str) -> bool:
    return all(
        isinstance(g.domain, Name) and not g.conditions and len(g.targets) == 1
        for g in parse_over(over)
    ) and not any(t.startswith("_") for g in parse_over(over) for t in g.targets)


def _total(name: str, clause: Clause, at: At, found: Sequence[Index]) -> tuple[str, str]:
    """Return the index clause and the left side of the constraint for one group of picks."""
    targets = clause.targets
    if SUMMED not in at:
        if at and len(found) == 1:
            return "", symbol_text(name, [element_text(e) for e in found[0]])
        return clause.where(condition_of(targets, at)), symbol_text(name, targets)
    outer = [k for k, pick in enumerate(at) if pick == EACH or not isinstance(pick, str | int)]
    if not outer:
        condition = condition_of(targets, at)
        return "", clause.summed(symbol_text(name, targets), condition)
    over = Clause(tuple(clause.generators[k] for k in outer), tuple(targets[k] for k in outer))
    inner = [k for k, pick in enumerate(at) if pick == SUMMED]
    inside = Clause(tuple(clause.generators[k] for k in inner), tuple(targets[k] for k in inner))
    shown = [
        target if k in outer or k in inner else _element(at, k) for k, target in enumerate(targets)
    ]
    condition = condition_of(over.targets, tuple(at[k] for k in outer))
    return over.where(condition), inside.summed(symbol_text(name, shown), "")


def _element(at: At, position: int) -> str:
    pick = at[position]
    assert isinstance(pick, str | int)
    return element_text(pick)


def _sentence(symbol: Variable | Definition, change: Decide, at: At) -> str:
    total = "the total of " if SUMMED in at else ""
    words = {SUMMED: "all", EACH: "each"}
    picks = tuple(words.get(p, p) if isinstance(p, str) else p for p in at)
    place = f"`{symbol.name}{shown_at(picks)}`"
    if _is_binary(symbol) and change.relation == "==" and not total:
        return f"{place} is {'yes' if change.value else 'no'}"
    return f"{total}{place} {_WORDS[change.relation]} {measured(change.value, symbol.unit)}"


def _is_binary(symbol: Variable | Definition) -> bool:
    return isinstance(symbol, Variable) and symbol.domain is Domain.BINARY


def _free_name(formulation: Formulation, wanted: str, taken: Sequence[Constraint] = ()) -> str:
    names = symbol_names(formulation) | {c.name for c in (*formulation.constraints, *taken)}
    numbered = (wanted if k == 1 else f"{wanted}_{k}" for k in count(1))
    return next(name for name in numbered if name not in names)
