"""A formulation with its data as a readable Pyomo program that runs on its own.

Data come first as plain Python, then the model, indexed as the formulation is, one rule a
constraint; then solving and a report of what was asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.instance import Instance, ground
from optiwright.formulators.model import (
    Algebraic,
    Asked,
    Bound,
    Derived,
    Either,
    Family,
    Formulation,
    Given,
    Implication,
    Logic,
    Parameter,
    Piecewise,
)
from optiwright.formulators.nesting import bounded_nesting
from optiwright.formulators.parser import parse_expression
from optiwright.formulators.source import number_text, quoted
from optiwright.solver_tools.pyomo_helpers import helper_functions, imports, solving_functions
from optiwright.solver_tools.pyomo_layout import (
    comment,
    family_text,
    set_text,
    values_text,
)
from optiwright.solver_tools.pyomo_model import ModelSource, meaning
from optiwright.solver_tools.solution import UNPRESOLVED_COLUMNS

TIME_LIMIT = 60
"""Seconds that a written program gives its solver."""


@bounded_nesting()
def pyomo_source(source: Formulation | Instance) -> str:
    """Return a Pyomo program that solves the formulation with its data and prints the answer.

    A formulation whose data lie in tables must come as an instance that was grounded with them.

    Raises:
        FormulationError: if the data do not fit, or something has no form in Pyomo, such as a
            strict inequality between continuous quantities or a constraint-programming constraint.
    """
    instance = ground(source) if isinstance(source, Formulation) else source
    return _Program(instance).text()


class _Program:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.f = instance.formulation
        self.model = ModelSource(instance)

    def text(self) -> str:
        model = self.model.lines()
        helpers = self.model.helpers()
        linear = self._is_linear()
        functions = [
            *helper_functions(helpers),
            *solving_functions(helpers, linear=linear, small=self._is_small()),
        ]
        blocks = [
            "\n".join([*self._heading(), "", *imports(helpers, linear=linear)]),
            f"TIME_LIMIT = {TIME_LIMIT}  # seconds",
            "\n".join(["# " + "-" * 30 + " data " + "-" * 30, "", *self._data()]),
            "# " + "-" * 29 + " helpers " + "-" * 28,
            *(text.rstrip() for text in functions),
            "# " + "-" * 29 + " model " + "-" * 30,
            "\n".join(model),
            "# " + "-" * 29 + " solve " + "-" * 30,
            "\n".join(self._report()),
            "\n".join(self._main(helpers)),
        ]
        return "\n\n\n".join(block.strip("\n") for block in blocks) + "\n"

    def _heading(self) -> list[str]:
        title = " ".join(self.f.title.split()) or "An optimization model"
        safe = title.replace("\\", "/").replace('"', "'")
        return [
            f'"""{safe}',
            "",
            "Written by Optiwright from a formulation; run it with Python.",
            '"""',
        ]

    def _is_small(self) -> bool:
        columns = sum(len(self.instance.domain(v.name)) for v in self.f.variables)
        return columns <= UNPRESOLVED_COLUMNS

    def _is_linear(self) -> bool:
        goals = [o.expression for o in self.f.objectives]
        for c in self.f.constraints:
            match c:
                case Algebraic(expression=text):
                    goals.append(text)
                case Piecewise(argument=argument, value=value):
                    goals += [argument, value]
                case Logic(expression=text):
                    goals.append(text)
                case Implication(condition=condition, then=then):
                    goals += [condition, then]
                case Either(options=options):
                    goals += options
        return all(self.model.facts.is_linear(parse_expression(text)) for text in goals)

    # --- data -------------------------------------------------------------------------------------

    def _data(self) -> Iterator[str]:
        for s in self.f.sets:
            yield from comment(s.description)
            if isinstance(s.data, Family):
                text = family_text(self.instance.family(s.name))
            else:
                text = set_text(self.instance.elements(s.name))
            yield f"{self.model.data[s.name]} = {text}"
        for p in self.f.parameters:
            if not isinstance(p.data, Derived):
                yield from comment(meaning(p.description, p.unit))
                yield f"{self.model.data[p.name]} = {self._values(p, p.data)}"

    def _values(self, p: Parameter, data: Given | Bound) -> str:
        values = self.instance.parameter(p.name)
        return values_text(values, data.default) if p.over else number_text(float(values[()]))

    # --- solving ----------------------------------------------------------------------------------

    def _report(self) -> Iterator[str]:
        yield "def report(objective):"
        yield '    """Prints the objective, what was asked, and the variables that are not zero."""'
        yield '    print("objective:", number(objective))'
        for asked in self.f.asked:
            yield from self._asked(asked)
        for v in self.f.variables:
            name = self.model.attributes[v.name]
            if not v.over:
                yield f'    print("{v.name} =", number(model.{name}))'
                continue
            yield f"    for index, variable in model.{name}.items():"
            yield "        if abs(variable.value) > 1e-9:"
            yield f'            print("{v.name}", index, "=", number(variable))'

    def _asked(self, asked: Asked) -> Iterator[str]:
        indexing = self.model.value_writer.enter(asked.over)
        text = self.model.value_writer.write(parse_expression(asked.expression))
        label, unit = quoted(f"{asked.name}:"), f", {quoted(asked.unit)}" if asked.unit else ""
        if not indexing.names:
            yield f"    print({label}, number({text}){unit})"
            return
        yield f"    for {', '.join(indexing.names)} in {indexing.keys('model')}:"
        yield f"        print({label}, {', '.join(indexing.names)}, number({text}){unit})"

    def _main(self, helpers: set[str]) -> Iterator[str]:
        yield "def main():"
        indent = "    "
        if helpers & {"disjunction", "exact"}:
            yield "    if not prepare(model):"
            yield '        print("status: infeasible")'
            yield "        return"
        if len(self.model.levels) > 1:
            yield from self._lexicographic()
        else:
            yield f"{indent}status, found = solve(model)"
        yield f'{indent}print("status:", status)'
        yield f"{indent}if found:"
        if "maximum" in helpers:
            yield "        for top, arguments in model.maxima:  # unpushed, one may lie higher"
            yield "            top.set_value(max(pyo.value(argument) for argument in arguments))"
        yield f"        report(model.{self.model.levels[0][0]})"
        yield ""
        yield ""
        yield 'if __name__ == "__main__":'
        yield "    main()"

    def _lexicographic(self) -> Iterator[str]:
        yield "    # The most important goal first; later ones keep what it reached."
        pairs = ", ".join(f"(model.{n}, {number_text(t)})" for n, t in self.model.levels)
        yield f"    goals = [{pairs}]"
        yield "    for goal, _ in goals:"
        yield "        goal.deactivate()"
        yield "    model.reached = pyo.ConstraintList()"
        yield "    for goal, tolerance in goals:"
        yield "        goal.activate()"
        yield "        status, found = solve(model)"
        yield '        if status != "optimal":'
        yield "            break"
        yield "        best = pyo.value(goal)"
        yield "        slack = tolerance * abs(best)"
        yield "        if goal.polynomial_degree() == 0:"
        yield "            pass  # nothing to keep"
        yield "        elif goal.sense == pyo.minimize:"
        yield "            model.reached.add(goal.expr <= best + slack)"
        yield "        else:"
        yield "            model.reached.add(goal.expr >= best - slack)"
        yield "        goal.deactivate()"
