"""From a wire form to the domain model.

A literal that stands in an expression becomes a named parameter, so that what-if, sensitivity and
data binding work on either form. Left as they are: 0 and 1, exponents, and whatever stands in an
index or a condition. A parameter's `words` are the words of the text around the number it stands
for, where the text has that number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import count
from typing import TypeVar

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Generator,
    Item,
    Logical,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    Tuple,
    children,
    names_in,
)
from optiwright.formulators.global_form import is_global, read_global
from optiwright.formulators.lift_data import elements_of, scenario_of, set_of, values_of
from optiwright.formulators.model import (
    Algebraic,
    Asked,
    Assumption,
    Basis,
    Constraint,
    Definition,
    Domain,
    Either,
    Entry,
    Formulation,
    Given,
    Implication,
    Index,
    Logic,
    Objective,
    Parameter,
    Sense,
    SetDef,
    Variable,
)
from optiwright.formulators.number_match import CONVERSIONS
from optiwright.formulators.parser import ExpressionError, parse_expression
from optiwright.formulators.text_numbers import TextNumber, numbers_in
from optiwright.formulators.wire_records import (
    FlatConstraint,
    FlatWire,
    IndexedConstraint,
    IndexedVariable,
    IndexedWire,
    WireObjective,
    WireParameter,
)
from optiwright.formulators.wire_text import mend_clause, mend_relation, mend_value
from optiwright.formulators.wording import stems, surroundings

Requirement = TypeVar("Requirement", FlatConstraint, IndexedConstraint)


def lift(wire: FlatWire | IndexedWire, text: str) -> Formulation:
    """Turn a model's reply into a formulation.

    Args:
        wire: the reply, read by `read_wire`.
        text: the problem's text, for the words that numbers stand for.

    Raises:
        FormulationError: if something in it cannot even be named, such as values that do not fit
            the parameter's sets. Whatever can be represented is left to the checks.
    """
    return _Lifter(text).flat(wire) if isinstance(wire, FlatWire) else _Lifter(text).indexed(wire)


class _Lifter:
    """Collects the parameters that literals become, while elements are converted one by one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.numbers = numbers_in(text)
        self.parameters: list[Parameter] = []
        self.sets: list[SetDef] = []
        self.taken: set[str] = set()
        self.meanings: dict[str, str] = {}
        self.shared: dict[tuple[tuple[int, int], float] | None, str] = {}

    def flat(self, wire: FlatWire) -> Formulation:
        self.taken = {v.name for v in wire.variables} | {d.name for d in wire.definitions}
        self.meanings = {v.name: v.meaning for v in wire.variables}
        variables = tuple(
            Variable(
                name=v.name,
                domain=Domain(v.type),
                lower=None if v.lower is None else self.bound(v.lower, v.name, "minimum"),
                upper=None if v.upper is None else self.bound(v.upper, v.name, "maximum"),
                description=v.meaning,
                domain_basis=_stated_domain(Domain(v.type), self.text),
            )
            for v in wire.variables
        )
        definitions = tuple(
            Definition(
                name=d.name,
                expression=self.named(mend_value(d.expression), d.name, d.meaning),
                description=d.meaning,
            )
            for d in wire.definitions
        )
        requirements = [part for c in wire.constraints for part in _apart(c)]
        names = unique_names([c.name for c in requirements], set(self.taken))
        constraints = tuple(
            self.requirement(c, name) for name, c in zip(names, requirements, strict=True)
        )
        objectives = self.objectives(wire.objective)
        return Formulation(
            title=wire.problem,
            sets=tuple(self.sets),
            variables=variables,
            definitions=definitions,
            objectives=objectives,
            constraints=constraints,
            asked=tuple(
                part for a in wire.asked for part in _asked(a.meaning, "", a.expression, objectives)
            ),
            parameters=tuple(self.parameters),
        )

    def indexed(self, wire: IndexedWire) -> Formulation:
        sets = tuple(set_of(s) for s in wire.sets)
        elements = {s.name: elements_of(s) for s in sets}
        self.taken = {
            part.name
            for group in (wire.sets, wire.parameters, wire.variables, wire.definitions)
            for part in group
        }
        self.meanings = {v.name: v.meaning for v in wire.variables}
        given = tuple(self.parameter(p, elements) for p in wire.parameters)
        variables = tuple(self.variable(v) for v in wire.variables)
        definitions = tuple(
            Definition(
                name=d.name,
                over=mend_clause(d.over),
                expression=self.named(mend_value(d.expression), d.name, d.meaning),
                description=d.meaning,
            )
            for d in wire.definitions
        )
        requirements = [part for c in wire.constraints for part in _apart(c)]
        names = unique_names([c.name for c in requirements], set(self.taken))
        constraints = tuple(
            self.constraint(c, name) for c, name in zip(requirements, names, strict=True)
        )
        objectives = self.objectives(wire.objective)
        return Formulation(
            title=wire.problem,
            sets=(*sets, *self.sets),
            variables=variables,
            definitions=definitions,
            objectives=objectives,
            constraints=constraints,
            asked=tuple(
                part
                for a in wire.asked
                for part in _asked(a.meaning, mend_clause(a.over), a.expression, objectives)
            ),
            assumptions=tuple(Assumption(text=a) for a in wire.assumptions),
            scenarios=tuple(scenario_of(s) for s in wire.scenarios),
            parameters=(*given, *self.parameters),
        )

    def objectives(self, wire: WireObjective | None) -> tuple[Objective, ...]:
        if wire is None:
            return ()
        expression = self.named(mend_value(wire.expression), "objective", wire.meaning)
        return (
            Objective(
                sense=Sense(wire.sense),
                expression=expression,
                description=wire.meaning,
                unit=wire.unit,
            ),
        )

    def variable(self, wire: IndexedVariable) -> Variable:
        return Variable(
            name=wire.name,
            over=mend_clause(wire.over),
            domain=Domain(wire.type),
            lower=self.optional(wire.lower, f"{wire.name}_minimum", wire.meaning),
            upper=self.optional(wire.upper, f"{wire.name}_maximum", wire.meaning),
            description=wire.meaning,
            unit=wire.unit,
            domain_basis=Basis(wire.type_basis),
        )

    def requirement(self, wire: FlatConstraint, name: str) -> Constraint:
        source = mend_relation(wire.expression)
        if is_global(source):
            return self.many(source, name, "", wire.meaning)
        return Algebraic(
            name=name,
            description=wire.meaning,
            expression=self.named(source, name, wire.meaning),
        )

    def many(self, source: str, name: str, over: str, meaning: str) -> Constraint:
        """Return a constraint over many expressions at once; sets of its items are noted."""
        found, sets = read_global(
            source,
            name=name,
            over=over,
            description=meaning,
            named=lambda text: self.named(text, name, meaning),
            taken=self.taken,
        )
        self.sets += sets
        return found

    def constraint(self, wire: IndexedConstraint, name: str) -> Constraint:
        over, meaning = mend_clause(wire.over), wire.meaning
        source = mend_relation(wire.expression)
        if is_global(source):
            if wire.condition or wire.penalty:
                raise FormulationError(
                    "a constraint over many expressions holds always, and here it has a condition "
                    "or a penalty",
                    where=f"constraint `{name}`",
                    remedy="Leave both null; an interval whose length is 0 counts for none.",
                )
            return self.many(source, name, over, meaning)
        options = _options(source)
        if options and not wire.condition:
            named = tuple(self.named(option, name, meaning) for option in options)
            return Either(name=name, over=over, description=meaning, options=named)
        relation = self.named(source, name, meaning)
        if wire.condition:
            condition = self.named(mend_relation(wire.condition), f"{name}_condition", meaning)
            return Implication(
                name=name, over=over, description=meaning, condition=condition, then=relation
            )
        if _is_logical(relation):
            return Logic(name=name, over=over, description=meaning, expression=relation)
        penalty = self.optional(wire.penalty, f"{name}_penalty", meaning)
        return Algebraic(
            name=name, over=over, description=meaning, expression=relation, penalty=penalty
        )

    def optional(self, expression: str | None, name: str, meaning: str) -> str | None:
        blank = expression is None or expression.strip().lower() in {"", "none", "null", "inf"}
        return (
            None
            if blank or expression is None
            else self.named(mend_value(expression), name, meaning)
        )

    def parameter(
        self, wire: WireParameter, elements: dict[str, tuple[Index, ...] | None]
    ) -> Parameter:
        data = values_of(wire, elements)
        entries = data.entries if isinstance(data, Given) else ()
        words = self.words_for(entries[0].value, wire.meaning) if len(entries) == 1 else ""
        return Parameter(
            name=wire.name,
            over=mend_clause(wire.over),
            description=wire.meaning,
            unit=wire.unit,
            words=words,
            data=data,
        )

    # --- literals --------------------------------------------------------------------------------

    def bound(self, value: float, variable: str, which: str) -> str:
        if value in {0, 1}:
            return f"{value:g}"
        meaning = f"{which} of {self.meanings[variable]}"
        return self.new_parameter(value, f"{variable}_{which}", meaning)

    def named(self, source: str, owner: str, meaning: str) -> str:
        """Return the expression with parameters for its literals; as it is if unreadable."""
        try:
            tree = parse_expression(source)
        except ExpressionError:
            return source
        made: list[tuple[int, int, str]] = []
        for literal, partner in sorted(_literals(tree), key=lambda pair: pair[0].span.start):
            value = abs(literal.value)
            if value in {0, 1} or abs(value - math.pi) < 1e-3:
                continue
            name = f"{owner}_{partner}" if partner else f"{owner}_limit"
            described = (
                f"{meaning} ({self.meanings[partner]})" if partner in self.meanings else meaning
            )
            symbol = self.new_parameter(value, name, described)
            made.append((literal.span.start, literal.span.stop, symbol))
        replaced = source
        for start, stop, symbol in reversed(made):
            replaced = replaced[:start] + symbol + replaced[stop:]
        return replaced

    def new_parameter(self, value: float, wanted: str, meaning: str) -> str:
        """Return the parameter for a literal; a number that the text states once has but one."""
        stated = self.stated(value)
        once = (stated[0].span, value) if len(stated) == 1 else None
        if once in self.shared:
            return self.shared[once]
        name = unique_names([wanted[:60]], self.taken)[0]
        self.taken.add(name)
        if once is not None:
            self.shared[once] = name
        entry = Entry(index=(), value=value)
        self.parameters.append(
            Parameter(
                name=name,
                description=meaning,
                words=self.words_for(value, meaning),
                data=Given(entries=(entry,)),
            )
        )
        return name

    def stated(self, value: float) -> list[TextNumber]:
        """Return the numbers of the text that a value may be, as such or in percent."""
        return [n for n in self.numbers if _same(n.value, value) or _same(n.value, value * 100)]

    def words_for(self, value: float, meaning: str) -> str:
        """Return the words around the number of the text that this value most likely is."""
        words = [surroundings(self.text, n) for n in self.stated(value)]
        return max(words, key=lambda w: _overlap(w, meaning), default="")


def _apart(wire: Requirement) -> list[Requirement]:
    """Return a requirement, or each of the relations that it joins by `and` or commas."""
    source = mend_relation(wire.expression)
    try:
        tree = parse_expression(source)
    except ExpressionError:
        return [wire]
    match tree:
        case Tuple(items=parts) | Logical(op="and", operands=parts):
            relations = [part for part in parts if isinstance(part, Comparison)]
            if len(relations) == len(parts):
                texts = (source[r.span.start : r.span.stop] for r in relations)
                return [wire.model_copy(update={"expression": text}) for text in texts]
    return [wire]


def _asked(
    meaning: str, over: str, expression: str, objectives: tuple[Objective, ...]
) -> tuple[Asked, ...]:
    """Return an asked quantity, or each of those that are listed with commas.

    The word `objective` stands for the objective's expression.
    """
    plain = mend_value(expression)
    parts = _listed(plain)
    return tuple(
        Asked(
            name=meaning if len(parts) == 1 else f"{meaning}: {part}",
            over=over,
            expression=_with_objective(part, objectives),
        )
        for part in parts
    )


def _listed(source: str) -> tuple[str, ...]:
    try:
        tree = parse_expression(source)
    except ExpressionError:
        return (source,)
    if not isinstance(tree, Tuple):
        return (source,)
    return tuple(source[item.span.start : item.span.stop] for item in tree.items)


def _with_objective(source: str, objectives: tuple[Objective, ...]) -> str:
    if not objectives:
        return source
    whole = objectives[0].expression
    if source == "objective":
        return whole
    return re.sub(r"\bobjective\b(?!\s*\[)", lambda _: f"({whole})", source)


def _literals(node: Node | Generator, partner: str = "") -> list[tuple[Number, str]]:
    """Return the literals that may become parameters, each with the symbol it multiplies."""
    match node:
        case Number():
            return [(node, partner)]
        case Item() | Name() | Generator() | Logical():
            return []
        case Arithmetic(op="**", left=left):
            return _literals(left)
        case Arithmetic(left=Number() as amount, right=Number(value=factor)) if (
            factor in CONVERSIONS
        ):
            # The 60 of `7*60` minutes is no datum, even where the text has 60 eggs too.
            return [(amount, partner)]
        case Arithmetic(left=left, right=right):
            return _literals(left, _symbol(right)) + _literals(right, _symbol(left))
        case Choice(yes=yes, no=no):
            return _literals(yes, partner) + _literals(no, partner)
        case Reduction(body=body):
            return _literals(body, partner)
        case Addition() | Comparison() | Negative() | Call():
            return [pair for child in children(node) for pair in _literals(child, "")]
    return []


def _symbol(node: Node) -> str:
    """Return the first name below, for naming the coefficient beside it."""
    if isinstance(node, Name | Item):
        return node.name
    return min(names_in(node), default="")


def _options(source: str) -> tuple[str, ...]:
    """Return the relations of which `a or b` wants at least one; none if it is anything else."""
    try:
        tree = parse_expression(source)
    except ExpressionError:
        return ()
    if not isinstance(tree, Logical) or tree.op != "or":
        return ()
    if not all(isinstance(operand, Comparison) for operand in tree.operands):
        return ()
    return tuple(source[o.span.start : o.span.stop] for o in tree.operands)


def _is_logical(source: str) -> bool:
    try:
        return isinstance(parse_expression(source), Logical)
    except ExpressionError:
        return False


def unique_names(names: Sequence[str], taken: set[str]) -> list[str]:
    """Return the names as identifiers, numbered where they repeat or are taken."""
    used, result = set(taken), []
    for wanted in names:
        plain = re.sub(r"\W+", "_", wanted, flags=re.ASCII).strip("_") or "element"
        plain = plain if not plain[0].isdigit() else f"n_{plain}"
        name = plain
        for number in count(2):
            if name not in used:
                break
            name = f"{plain}_{number}"
        used.add(name)
        result.append(name)
    return result


_WHOLE = re.compile(
    r"\b(integers?|whole|indivisible|cannot be (?:split|divided)|fractional?|discrete)\b", re.I
)


def _stated_domain(domain: Domain, text: str) -> Basis:
    """A flat reply does not say why a type was chosen; the text's own words do, at times."""
    if domain is not Domain.CONTINUOUS and _WHOLE.search(text):
        return Basis.STATED
    return Basis.INFERRED


def _same(left: float, right: float) -> bool:
    return abs(left - right) <= 1e-9 * max(1.0, abs(left), abs(right))


def _overlap(words: str, meaning: str) -> int:
    """Number of words in common, plural and case aside."""
    return len(stems(words) & stems(meaning))
