"""A plain tree-walking interpreter of a formulation's expressions: the evaluator's eyes.

It works with floats, dicts and recursion, straight from the formulation's raw data, and shares no
code with the compilers or with the grounding that they use, so that a fault in either shows as a
difference between the two. The parser and the data model are common to both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, cast

from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Generator,
    Item,
    Label,
    Logical,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    Span,
    Tuple,
)
from optiwright.formulators.model import (
    Bound,
    Change,
    Definition,
    Derived,
    Element,
    Family,
    Formulation,
    FromTable,
    Given,
    Index,
    Listed,
    Parameter,
    Range,
)
from optiwright.formulators.parser import parse_expression, parse_over
from optiwright.formulators.tables import tables_of
from optiwright.solver_tools.evaluation_error import EvaluationError, at
from optiwright.solver_tools.joins import Join, plan
from optiwright.solver_tools.set_view import (
    SetView,
    element_of,
    is_heads,
    number_of,
    set_from_table,
    table_rows,
    without_other_heads,
)

Binding: TypeAlias = tuple[Element, SetView | None]
"""What an index stands for, and the ordered set that binds it."""

Env: TypeAlias = Mapping[str, Binding]
Measure: TypeAlias = tuple[float, float]
"""A value, and the largest magnitude among the terms that it is the sum of."""

ROOT_SLACK = 1e-6
"""A root's argument this little below zero is a solver's rounding, and counts as zero."""

_INTEGRAL = 1e-6
_LARGEST_INDEX = 2.0**53
_MOST_ELEMENTS = 2_000_000
_Found = TypeVar("_Found")
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": lambda v: math.sqrt(max(v, 0.0) if v > -ROOT_SLACK else v),
    "sin": math.sin,
    "cos": math.cos,
    "abs": abs,
}


class Interpreter:
    """Values of expressions, given a formulation's data and its variables' values.

    Args:
        formulation: what is interpreted.
        values: each variable's value at each index of its domain.
        tables: data tables, name to column to cells; None takes those that the formulation has.
        changes: new entries of parameters, as a scenario has them.
    """

    def __init__(
        self,
        formulation: Formulation,
        values: Mapping[str, Mapping[Index, float]] | None = None,
        *,
        tables: Mapping[str, Mapping[str, Sequence[Any]]] | None = None,
        changes: Sequence[Change] = (),
    ) -> None:
        self.formulation = formulation
        self._data = tables_of(formulation) if tables is None else tables
        self._changes = changes
        self._sets = {s.name: s for s in formulation.sets}
        self._parameters = {p.name: p for p in formulation.parameters}
        self._definitions = {d.name: d for d in formulation.definitions}
        self._over = {
            part.name: part.over
            for parts in (formulation.definitions, formulation.variables, formulation.parameters)
            for part in parts
        }
        self._views: dict[str, SetView] = {}
        self._families: dict[str, dict[Index, SetView]] = {}
        self._tables: dict[str, Mapping[Index, float]] = dict(values or {})
        self._measures: dict[str, dict[Index, Measure]] = {}
        self._scopes: dict[str, dict[Index, Env]] = {}
        self._joins: dict[int, tuple[Generator, Join]] = {}
        self._busy: set[tuple[str, str]] = set()
        self._walkers: dict[type, Callable[[Any, Env], float]] = {
            Number: lambda node, env: cast(float, node.value),
            Name: self._name,
            Item: self._item,
            Negative: lambda node, env: -self.value(node.operand, env),
            Addition: lambda node, env: _sum([self.value(t, env) for t in node.terms], node.span),
            Arithmetic: self._arithmetic,
            Call: self._call,
            Reduction: self._reduction,
            Choice: self._choice,
        }

    # --- sets -------------------------------------------------------------------------------------

    def elements(self, name: str) -> tuple[Index, ...]:
        """Return a plain set's elements as tuples, in order."""
        return self.view(name).elements

    def view(self, name: str) -> SetView:
        """Return a plain set."""
        if name not in self._views:
            self._views[name] = self._once("set", name, lambda: self._plain_set(name))
        return self._views[name]

    def _plain_set(self, name: str) -> SetView:
        declared = self._sets.get(name)
        data = None if declared is None else declared.data
        if isinstance(data, Range):
            return SetView(name, self._range(name, data))
        if isinstance(data, FromTable):
            return set_from_table(name, data, self._data)
        if isinstance(data, Listed):
            return SetView(name, data.elements)
        raise EvaluationError(f"`{name}` is not a plain set")

    def _range(self, name: str, data: Range) -> range:
        ends = [self.quantity(text, {}, name, ()) for text in (data.start, data.stop)]
        start, stop = (self._whole(end, None) for end in ends)
        found = range(start, stop + 1, data.step)
        if stop - start >= _MOST_ELEMENTS * data.step:
            raise EvaluationError(f"set `{name}` has more than {_MOST_ELEMENTS:,} elements")
        return found

    def _member(self, name: str, index: Index) -> SetView:
        if name not in self._families:
            data = self._sets[name].data
            if not isinstance(data, Family):
                raise EvaluationError(f"set `{name}` is not indexed", remedy=f"Write `{name}`.")
            self._families[name] = {
                m.index: SetView(f"{name}[{', '.join(map(str, m.index))}]", m.elements)
                for m in data.members
            }
        return self._families[name].get(index) or SetView(name, ())

    def _domain(self, node: Node, env: Env) -> SetView:
        if isinstance(node, Name):
            return self.view(node.name)
        if isinstance(node, Item) and node.name in self._sets:
            return self._member(node.name, self.index(node.indices, env))
        raise EvaluationError("not a set", span=node.span)

    # --- scopes -----------------------------------------------------------------------------------

    def scopes(self, over: str, env: Env | None = None) -> Iterator[tuple[Index, Env]]:
        """Yield each index of an index clause with what it binds, in order."""
        return self._bind_all(parse_over(over), env or {})

    def bindings(
        self, generators: Sequence[Generator], env: Env | None = None
    ) -> Iterator[tuple[Index, Env]]:
        """Yield each index of a sum's generators with what it binds, in order."""
        return self._bind_all(generators, env or {})

    def domain(self, symbol: str) -> dict[Index, Env]:
        """Return the indices of a parameter, variable or definition with what each binds."""
        if symbol not in self._scopes:
            over = self._over[symbol]
            self._scopes[symbol] = self._once("domain", symbol, lambda: dict(self.scopes(over)))
        return self._scopes[symbol]

    def _bind_all(self, generators: Sequence[Generator], env: Env) -> Iterator[tuple[Index, Env]]:
        if not generators:
            yield (), env
            return
        for element, inner in self._bind(generators[0], env):
            for rest, innermost in self._bind_all(generators[1:], inner):
                yield element + rest, innermost

    def _bind(self, generator: Generator, env: Env) -> Iterator[tuple[Index, Env]]:
        view = self._domain(generator.domain, env)
        targets = generator.targets
        if not view.elements:
            return
        anonymous = len(targets) == 1 and targets[0].startswith("_") and view.arity > 1
        if not anonymous and len(targets) != view.arity:
            raise EvaluationError(
                f"{len(targets)} indices for the elements of `{view.name}`, which have "
                f"{view.arity} components",
                span=generator.span,
            )
        join = self._join(generator)
        key = self.index(join.keys, env)
        order = view if view.arity == 1 else None
        for element in view.matching(join.places, key) if key else view.elements:
            inner = dict(env)
            if not anonymous:
                for target, component in zip(targets, element, strict=True):
                    inner[target] = (component, order)
            if all(self.holds(condition, inner) for condition in join.filters):
                yield element, inner

    def _join(self, generator: Generator) -> Join:
        known = self._joins.get(id(generator))
        if known is None:
            # The generator is kept beside the plan, so that its id stays its own.
            known = self._joins[id(generator)] = (generator, plan(generator))
        return known[1]

    # --- data -------------------------------------------------------------------------------------

    def parameter(self, name: str) -> Mapping[Index, float]:
        """Return a parameter's value at every index of its domain, the default applied.

        Raises:
            FormulationError: where an entry is missing, outside the domain, or has no value.
        """
        if name not in self._tables:
            parameter = self._parameters[name]
            self._tables[name] = self._once("value", name, lambda: self._read(parameter))
        return self._tables[name]

    def _once(self, what: str, name: str, compute: Callable[[], _Found]) -> _Found:
        if (what, name) in self._busy:
            raise EvaluationError(f"`{name}` is defined by itself", remedy="Break the circle.")
        self._busy.add((what, name))
        try:
            return compute()
        finally:
            self._busy.discard((what, name))

    def _read(self, parameter: Parameter) -> dict[Index, float]:
        data, name, domain = parameter.data, parameter.name, self.domain(parameter.name)
        changed = {
            e.index: e.value for c in self._changes if c.parameter == name for e in c.entries
        }
        if isinstance(data, Derived):
            found = {
                index: self.quantity(data.expression, env, name, index)
                for index, env in domain.items()
                if index not in changed
            }
            default = None
        else:
            found, default = self._raw(data, domain), data.default
        found.update(changed)
        for index in found:
            if index not in domain:
                raise EvaluationError(f"{at(name, index)} lies outside the parameter's domain")
        for index in domain:
            if index not in found and default is None:
                raise EvaluationError(f"{at(name, index)} has no value")
        return {index: found.get(index, default or 0.0) for index in domain}

    def _raw(self, data: Given | Bound, domain: Iterable[Index]) -> dict[Index, float]:
        if isinstance(data, Given):
            return {entry.index: entry.value for entry in data.entries}
        rows = table_rows(self._data, data.table, (*data.key_columns, data.value_column))
        found = {tuple(element_of(v) for v in row[:-1]): number_of(row[-1]) for row in rows}
        for place, key in enumerate(data.key_columns):
            if is_heads(self._data[data.table][key]):
                found = without_other_heads(found, place, {index[place] for index in domain})
        return found | {entry.index: entry.value for entry in data.changed}

    def _defined(self, name: str, index: Index) -> Measure:
        known = self._measures.setdefault(name, {})
        if index not in known:
            definition: Definition = self._definitions[name]
            domain = self.domain(name)
            if index not in domain:
                raise EvaluationError(f"{at(name, index)} lies outside the definition's domain")
            env = domain[index]
            known[index] = self._once(
                "value", name, lambda: self.measured(definition.expression, env, name, index)
            )
        return known[index]

    # --- values -----------------------------------------------------------------------------------

    def quantity(self, source: str, env: Env, owner: str, index: Index) -> float:
        """Return the value of an expression given as text.

        Raises:
            FormulationError: naming the expression, the owner and the index.
        """
        return self.measured(source, env, owner, index)[0]

    def measured(self, source: str, env: Env, owner: str, index: Index) -> Measure:
        """Return the value of an expression given as text, and its largest term's magnitude.

        Raises:
            FormulationError: naming the expression, the owner and the index.
        """
        try:
            return self.measure(parse_expression(source), env)
        except EvaluationError as error:
            raise error.located(source, owner, index) from None

    def measure(self, node: Node, env: Env) -> Measure:
        """Return a tree's value and the largest magnitude among the terms that it sums."""
        if isinstance(node, Negative):
            value, scale = self.measure(node.operand, env)
            return -value, scale
        if isinstance(node, Addition):
            return _total([self.measure(term, env) for term in node.terms], node.span)
        if isinstance(node, Reduction) and node.op == "sum":
            inner = self._bind_all(node.generators, env)
            return _total([self.measure(node.body, scope) for _, scope in inner], node.span)
        if (
            isinstance(node, Name | Item)
            and node.name in self._definitions
            and node.name not in env
        ):
            indices = node.indices if isinstance(node, Item) else ()
            return self._defined(node.name, self.index(indices, env))
        value = self.value(node, env)
        if not math.isfinite(value):
            raise EvaluationError("the value overflows", span=node.span)
        return value, abs(value)

    def value(self, node: Node, env: Env) -> float:
        """Return a tree's value."""
        walker = self._walkers.get(type(node))
        if walker is None:
            raise EvaluationError("not a number", span=node.span)
        return walker(node, env)

    def _name(self, node: Name, env: Env) -> float:
        if node.name in env:
            element = env[node.name][0]
            if isinstance(element, str):
                raise EvaluationError(f"the element {element!r} is not a number", span=node.span)
            return float(element)
        return self._look_up(node.name, (), node.span)

    def _item(self, node: Item, env: Env) -> float:
        return self._look_up(node.name, self.index(node.indices, env), node.span)

    def _look_up(self, name: str, index: Index, span: Span) -> float:
        table = self._tables.get(name)
        if table is None and name in self._parameters:
            table = self.parameter(name)
        if table is None and name in self._definitions:
            return self._defined(name, index)[0]
        if table is None:
            raise EvaluationError(f"`{name}` has no value", span=span)
        try:
            return table[index]
        except KeyError:
            raise EvaluationError(f"{at(name, index)} does not exist", span=span) from None

    def _arithmetic(self, node: Arithmetic, env: Env) -> float:
        left, right = self.value(node.left, env), self.value(node.right, env)
        if node.op == "*":
            return left * right
        try:
            if node.op == "/":
                return left / right
            if -ROOT_SLACK < left < 0 and not right.is_integer():
                left = 0.0
            power = left**right
        except ZeroDivisionError:
            raise EvaluationError("division by zero", span=node.span) from None
        except OverflowError:
            raise EvaluationError("the value overflows", span=node.span) from None
        if isinstance(power, complex):
            raise EvaluationError(f"{left:g} to the power {right:g} is not real", span=node.span)
        return float(power)

    def _call(self, node: Call, env: Env) -> float:
        if node.function in _FUNCTIONS:
            argument = self.value(node.arguments[0], env)
            try:
                return _FUNCTIONS[node.function](argument)
            except (ValueError, OverflowError):
                what = f"{node.function}({argument:g}) has no finite value"
                raise EvaluationError(what, span=node.span) from None
        if node.function in {"min", "max"}:
            values = [self.value(a, env) for a in node.arguments]
            return min(values) if node.function == "min" else max(values)
        if node.function == "len":
            return float(len(self._domain(node.arguments[0], env).elements))
        element = self._step(node, env)[0]
        if isinstance(element, str):
            raise EvaluationError(f"the element {element!r} is not a number", span=node.span)
        return float(element)

    def _reduction(self, node: Reduction, env: Env) -> float:
        values = [self.value(node.body, scope) for _, scope in self._bind_all(node.generators, env)]
        if node.op == "sum":
            return _sum(values, node.span)
        if node.op == "prod":
            return math.prod(values)
        if not values:
            raise EvaluationError(f"`{node.op}` over nothing has no value", span=node.span)
        return min(values) if node.op == "min" else max(values)

    def _choice(self, node: Choice, env: Env) -> float:
        return self.value(node.yes if self.holds(node.condition, env) else node.no, env)

    # --- indices and conditions -------------------------------------------------------------------

    def index(self, nodes: Sequence[Node], env: Env) -> Index:
        """Return the elements that index expressions stand for."""
        return tuple(
            [
                env[n.name][0] if type(n) is Name and n.name in env else self._element(n, env)
                for n in nodes
            ]
        )

    def _element(self, node: Node, env: Env) -> Element:
        value, _ = self._operand(node, env)
        return value if isinstance(value, str) else self._whole(value, node.span)

    def _whole(self, value: float, span: Span | None) -> int:
        if not abs(value) <= _LARGEST_INDEX or abs(value - round(value)) > _INTEGRAL:
            what = f"{value:g} is no whole number up to 2**53, so no index"
            raise EvaluationError(what, span=span)
        return round(value)

    def _operand(self, node: Node, env: Env) -> tuple[float | str, SetView | None]:
        if isinstance(node, Label):
            return node.value, None
        if isinstance(node, Name) and node.name in env:
            return env[node.name]
        if isinstance(node, Call) and node.function in {"prev", "next", "first", "last"}:
            return self._step(node, env)
        return self.value(node, env), None

    def _step(self, node: Call, env: Env) -> Binding:
        first = node.arguments[0]
        if node.function in {"first", "last"}:
            view = self._domain(first, env)
            if not view.elements or view.arity != 1:
                raise EvaluationError(f"`{view.name}` has no {node.function}", span=node.span)
            return view.elements[0 if node.function == "first" else -1][0], view
        element, bound = self._operand(first, env)
        stepped = self._domain(node.arguments[1], env) if len(node.arguments) == 2 else bound
        if stepped is None:
            raise EvaluationError("the set to step in is not clear", span=node.span)
        place = stepped.positions.get((cast(Element, element),))
        target = None if place is None else place + (1 if node.function == "next" else -1)
        if target is None or not 0 <= target < len(stepped.elements):
            what = f"{node.function}({element!r}) steps off the set `{stepped.name}`"
            raise EvaluationError(what, span=node.span)
        return stepped.elements[target][0], stepped

    def holds(self, node: Node, env: Env) -> bool:
        """Tell whether a condition on indices and parameters holds, exactly."""
        if isinstance(node, Logical):
            if node.op == "not":
                return not self.holds(node.operands[0], env)
            results = (self.holds(operand, env) for operand in node.operands)
            return all(results) if node.op == "and" else any(results)
        if not isinstance(node, Comparison):
            raise EvaluationError("not a condition", span=node.span)
        pairs = zip(node.operands, node.operands[1:], strict=False)
        return all(self._compare(op, *pair, env) for op, pair in zip(node.ops, pairs, strict=True))

    def _compare(self, op: str, left: Node, right: Node, env: Env) -> bool:
        if op in {"in", "not in"}:
            items = left.items if isinstance(left, Tuple) else (left,)
            inside = self.index(items, env) in self._domain(right, env).positions
            return inside == (op == "in")
        (a, a_view), (b, b_view) = self._operand(left, env), self._operand(right, env)
        if op in {"==", "!="}:
            return (a == b) == (op == "==")
        if isinstance(a, str) or isinstance(b, str):
            a, b = _places(a, b, a_view or b_view, left.span)
        return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]


def _places(
    a: float | str, b: float | str, view: SetView | None, span: Span
) -> tuple[float, float]:
    places = view.positions if view else {}
    if (a,) not in places or (b,) not in places:
        raise EvaluationError(f"{a!r} and {b!r} have no common order", span=span)
    return places[(cast(Element, a),)], places[(cast(Element, b),)]


def _total(measures: list[Measure], span: Span) -> Measure:
    return _sum([v for v, _ in measures], span), max((s for _, s in measures), default=0.0)


def _sum(values: list[float], span: Span) -> float:
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):
        raise EvaluationError("the value overflows", span=span) from None
