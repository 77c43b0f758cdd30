"""What limits an answer, in words: constraints at their limit, with the user's sentence and data.

What a limit is worth is told only where the solve gave duals, which it does for continuous convex
problems.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optiwright.agent.answer import PRICES, objective_unit
from optiwright.agent.result import Result
from optiwright.agent.told_point import SHOWN, Point, enumeration, place, plain
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Generator, Item, Label, Name, Reduction, children
from optiwright.formulators.expressions import Node as Tree
from optiwright.formulators.figures import number
from optiwright.formulators.model import Algebraic, Constraint, Domain, Index, Parameter, Variable
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.formulators.plain import scalar_values, with_numbers
from optiwright.formulators.source import expression_to_source
from optiwright.solver_tools.evaluation import Slack
from optiwright.solver_tools.interpret import Env

_PRICED = "One more unit on its right-hand side"
_ZERO = 1e-7
_NEAR = 0.1
"""A slack of at most this share of the larger side is told as close."""


@dataclass(frozen=True)
class _Met:
    """One algebraic constraint with its slacks, sorted by how close they are."""

    constraint: Algebraic
    binding: list[Slack]
    near: list[Slack]
    broken: list[Slack]
    far: list[Slack]

    @property
    def equal(self) -> bool:
        """Whether it is an equation."""
        return all(op == "==" for op in parse_relation(self.constraint.expression).ops)


def limits(result: Result, point: Point) -> str:
    """Return what holds the answer back, what is close to it, and what is met with room."""
    met = _all_met(point)
    duals = _duals(result)
    priced = {name for (name, _), price in duals.items() if abs(price) >= _ZERO}
    teller = _Teller(result, point, duals)
    stated = [m for m in met if m.binding and (not m.equal or m.constraint.name in priced)]
    tight = [line for m in stated for line in teller.binding(m)] + list(teller.bounds())
    near = [line for m in met for line in teller.near(m)]
    broken = [line for m in met for line in teller.broken(m)]
    blocks = [
        _block("", tight),
        PRICES if any(_PRICED in line for line in tight) else "",
        _block("Given up, at its price:", broken),
        _block("Close to a limit, without reaching it:", near),
        _others([m for m in met if m not in stated], point),
    ]
    if not tight and not broken:
        equations = any(m.equal for m in met)
        nothing = "Nothing limits it but equations." if equations else "No limit is reached."
        blocks.insert(0, nothing)
    return "\n\n".join(filter(None, blocks))


def _block(lead: str, lines: list[str]) -> str:
    if not lines:
        return ""
    head = f"{lead}\n\n" if lead else ""
    return head + "\n".join(lines)


def _all_met(point: Point) -> list[_Met]:
    slacks: dict[str, list[Slack]] = {}
    for slack in point.evaluation.slacks:
        slacks.setdefault(slack.name, []).append(slack)
    algebraic = [c for c in point.formulation.constraints if isinstance(c, Algebraic)]
    return [_met(c, slacks.get(c.name, [])) for c in algebraic]


def _met(constraint: Algebraic, slacks: list[Slack]) -> _Met:
    open_slacks = [s for s in slacks if not s.binding]
    broken = [s for s in open_slacks if s.slack < 0]
    rest = [s for s in open_slacks if s.slack >= 0]
    near = [s for s in rest if s.slack <= _NEAR * max(abs(s.left), abs(s.right))]
    far = [s for s in rest if s not in near]
    return _Met(constraint, [s for s in slacks if s.binding], near, broken, far)


def _duals(result: Result) -> dict[tuple[str, Index], float]:
    """Return the price of each constraint that has a single row and one that is not zero."""
    duals = result.solution.duals if result.solution is not None else ()
    seen: dict[tuple[str, Index], list[float]] = {}
    for d in duals:
        seen.setdefault((d.name, d.index), []).append(d.value or 0.0)
    return {key: values[0] for key, values in seen.items() if len(values) == 1}


class _Teller:
    """Tells constraints and bounds at one point."""

    def __init__(self, result: Result, point: Point, duals: dict[tuple[str, Index], float]) -> None:
        self.result = result
        self.point = point
        self.duals = duals
        self.numbers = scalar_values(point.formulation)
        self.parameters = {p.name: p for p in point.formulation.parameters}

    def binding(self, met: _Met) -> Iterator[str]:
        """Yield a constraint that is at its limit; where it is so at several indices, each."""
        c = met.constraint
        scopes = dict(self.point.interpreter.scopes(c.over))
        yield f"- {self._sentence(c)}"
        if not c.over:
            (slack,) = met.binding
            lead = "Holds" if met.equal else "At its limit"
            yield f"  - {lead}: {self._sides(c, slack)}.{self._price(c, ())}"
            yield from self._data(c)
            return
        for slack in met.binding[:SHOWN]:
            told = "; ".join(self._items(c, scopes[slack.index]))
            data = f" Data: {told}." if told else ""
            sides = self._sides(c, slack)
            yield f"  - {place(slack.index)}: {sides}.{data}{self._price(c, slack.index)}"
        if len(met.binding) > SHOWN:
            yield f"  - ... and {len(met.binding) - SHOWN} more"
        yield from self._data(c)

    def near(self, met: _Met) -> Iterator[str]:
        """Yield what is left of a constraint that is nearly reached."""
        for slack in met.near[:SHOWN]:
            where = f" at {place(slack.index)}" if slack.index else ""
            sides = self._sides(met.constraint, slack)
            yield f"- {self._short(met.constraint)}{where}: {sides}, {number(slack.slack)} left."

    def broken(self, met: _Met) -> Iterator[str]:
        """Yield where a soft constraint is not met."""
        for slack in met.broken[:SHOWN]:
            where = f" at {place(slack.index)}" if slack.index else ""
            missed = number(-slack.slack)
            yield (
                f"- {self._short(met.constraint)}{where}: missed by {missed} "
                f"({number(slack.left)} against {number(slack.right)})."
            )

    def bounds(self) -> Iterator[str]:
        """Yield the variables that stand at a bound other than zero."""
        for v in self.point.formulation.variables:
            if v.domain is Domain.BINARY:
                continue
            for text, word in ((v.upper, "upper"), (v.lower, "lower")):
                at = self._at_bound(v, text) if text is not None else []
                if at:
                    yield self._bound(v, text or "", word, at)

    def _at_bound(self, v: Variable, text: str) -> list[tuple[Index, float]]:
        found = []
        for index, env in self.point.interpreter.domain(v.name).items():
            try:
                bound = self.point.interpreter.quantity(text, env, v.name, index)
            except FormulationError:
                continue
            value = self.point.values[v.name][index]
            if abs(bound) > _ZERO and abs(value - bound) <= 1e-6 * max(1.0, abs(bound)):
                found.append((index, bound))
        return found

    def _bound(self, v: Variable, text: str, word: str, at: list[tuple[Index, float]]) -> str:
        what = f"{plain(v.description)} (`{v.name}`)" if v.description else f"`{v.name}`"
        unit = f" {v.unit}" if v.unit else ""
        source = "" if _is_number(text) else f", `{text}`"
        if not v.over:
            return f"- {what} stands at its {word} bound{source}: {number(at[0][1])}{unit}."
        shown = [f"{place(index)}: {number(bound)}{unit}" for index, bound in at[:SHOWN]]
        more = f"; and {len(at) - SHOWN} more" if len(at) > SHOWN else ""
        return f"- {what} stands at its {word} bound{source}, at {'; '.join(shown)}{more}."

    # --- pieces -----------------------------------------------------------------------------------

    def _sentence(self, c: Algebraic) -> str:
        sentence = plain(c.description)
        shown = with_numbers(c.expression, self.numbers)
        over = f" for {c.over}" if c.over else ""
        words = f" (“{plain(c.words)}”)" if c.words else ""
        lead = f"**{sentence}**" if sentence else f"**`{c.name}`**"
        return f"{lead}{words}: `{shown}`{over}"

    def _short(self, c: Algebraic) -> str:
        sentence = plain(c.description).rstrip(".")
        return f"{sentence} (`{c.name}`)" if sentence else f"`{c.name}`"

    def _sides(self, c: Algebraic, slack: Slack) -> str:
        """Return both sides' values with the sign between them."""
        ops = parse_relation(c.expression).ops
        if len(ops) > 1:
            return f"{number(slack.left)} against {number(slack.right)}"
        return f"{number(slack.left)} {ops[0]} {number(slack.right)}"

    def _price(self, c: Algebraic, index: Index) -> str:
        price = self.duals.get((c.name, index))
        if price is None or abs(price) < _ZERO:
            return ""
        unit = objective_unit(self.result)
        return f" {_PRICED} changes the objective by {number(price)}{unit}."

    def _data(self, c: Algebraic) -> Iterator[str]:
        """Yield the scalar data in a constraint with the text's words for them."""
        names = [n.name for n in _leaves(parse_expression(c.expression)) if isinstance(n, Name)]
        known = [self.parameters[n] for n in dict.fromkeys(names) if n in self.numbers]
        told = [self._datum(p, self.numbers[p.name]) for p in known]
        if told:
            yield f"  - Data: {'; '.join(told)}."

    def _datum(self, p: Parameter, value: float, at: str = "") -> str:
        unit = f" {p.unit}" if p.unit else ""
        words = f" (“{plain(p.words)}”)" if p.words else ""
        meaning = f"{plain(p.description)}, " if p.description else ""
        return f"{meaning}`{p.name}{at}` = {number(value)}{unit}{words}"

    def _items(self, c: Algebraic, env: Env) -> list[str]:
        """Return the indexed data that stand alone in a constraint, at one of its indices."""
        told = []
        for node in _leaves(parse_expression(c.expression)):
            if isinstance(node, Item) and node.name in self.parameters:
                source = expression_to_source(node)
                value = self.point.interpreter.quantity(source, env, c.name, ())
                shown = ", ".join(_label(index, env) for index in node.indices)
                told.append(self._datum(self.parameters[node.name], value, f"[{shown}]"))
        return list(dict.fromkeys(told))


def _label(node: Tree, env: Env) -> str:
    """Return what an index stands for, or its expression."""
    if isinstance(node, Name) and node.name in env:
        return str(env[node.name][0])
    return node.value if isinstance(node, Label) else expression_to_source(node)


def _leaves(node: Tree) -> Iterator[Tree]:
    """Yield the names and items outside sums, whose indices a constraint's own clause binds."""
    if isinstance(node, Name | Item):
        yield node
        return
    if isinstance(node, Reduction):
        return
    for child in children(node):
        if not isinstance(child, Generator):
            yield from _leaves(child)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _others(met: list[_Met], point: Point) -> str:
    """Name the equations, the constraints that are met with room, and those of other kinds."""
    equal = [m.constraint for m in met if m.equal and not m.broken]
    loose = [m for m in met if m.far and not (m.binding or m.near or m.broken or m.equal)]
    far = [m.constraint for m in loose]
    other = [c for c in point.formulation.constraints if not isinstance(c, Algebraic)]
    named: list[tuple[str, Sequence[Constraint]]] = [
        ("Equations, which hold exactly", equal),
        ("Met with room to spare", far),
        ("Rules that hold besides", other),
    ]
    return "\n\n".join(
        f"{lead}: {enumeration([_mention(c) for c in constraints])}."
        for lead, constraints in named
        if constraints
    )


def _mention(c: Constraint) -> str:
    sentence = plain(c.description).rstrip(".")
    return f"{sentence} (`{c.name}`)" if sentence else f"`{c.name}`"
