"""Parts of a program that have a name of Pyomo's own."""

from __future__ import annotations

import pytest
from pyomo.environ import ConcreteModel, Var

from optiwright.solver_tools.written_check import strip_code
from optiwright.solver_tools.written_reserved import RESERVED, without_reserved_names
from optiwright.solver_tools.written_run import execute

PROGRAM = """from pyomo.environ import *

model = ConcreteModel()
model.active = Var([1, 2], within=Binary)
model.index = Set(initialize=[1, 2])
model.activeness = Var(bounds=(0, 3))
model.total = Objective(expr=model.active[1] + model.active[2] + model.activeness, sense=maximize)
model.one = Constraint(expr=sum(model.active[i] for i in model.index) <= 1)
SolverFactory("appsi_highs").solve(model)
report(value(model.total), active={i: value(model.active[i]) for i in model.index})
"""


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_every_such_name_is_one_that_pyomo_refuses(name: str) -> None:
    with pytest.raises(ValueError, match="reserved"):
        setattr(ConcreteModel(), name, Var())
    setattr(ConcreteModel(), f"{name}_", Var())


def test_a_part_with_such_a_name_gets_another_and_the_program_runs() -> None:
    source = strip_code(f"```python\n{PROGRAM}```")
    assert "model.active_[1] + model.active_[2] + model.activeness" in source
    assert "report(value(model.total), active={" in source and "model.index_ = Set" in source
    report = execute(source, 20.0)
    assert (report["outcome"], report["objective"]) == ("finished", 4)


@pytest.mark.parametrize(
    "source",
    [
        "model.name = 'oven'\nprint(model.name)\n",
        "model.baked = Var()\nmodel.display()\n",
        "other.active = Var()\n",
        "model.active = Var(\n",
        # A rule would read Pyomo's own flag off the model that it calls `m`.
        "model = ConcreteModel()\nmodel.active = Var()\ndef link(m):\n    return m.active <= 1\n",
        "model = ConcreteModel()\nmodel.active = Var()\nmodel.active_ = Param(initialize=1)\n",
    ],
)
def test_what_is_no_part_or_no_program_stays(source: str) -> None:
    assert without_reserved_names(source) == source
