"""A scripted model that invents one scenario and knows all that becomes of it."""

from __future__ import annotations

from collections.abc import Callable

from optiwright.agent.llm import Request
from optiwright.agent.prompting import load_prompt
from optiwright.testing import ScriptedModel, ScriptedReply
from optiwright.training.resocratic_script import script_of
from optiwright.training.resocratic_steps import Scenario, read_scenario

KAYAKS = """\
## Variables
A boat house decides how many kayaks and how many rafts it builds.
// {"name": "kayaks", "meaning": "kayaks built", "range": "kayaks >= 0", "type": "integer"}
// {"name": "rafts", "meaning": "rafts built", "range": "rafts >= 0", "type": "integer"}

## Objective
A kayak earns 130 euros and a raft 210; it wants to earn the most.
// earned = 130*kayaks + 210*rafts  # euros earned
// maximize(earned)

## Constraint 1
A kayak takes 11 hours and a raft 19, of which there are 400.
// hours = 11*kayaks + 19*rafts  # hours of work
// hours <= 400

## Constraint 2
A club has ordered 8 rafts.
// rafts >= 8
"""
SHORT = KAYAKS.partition("\n## Constraint 2")[0]
"""The same with one constraint."""
LAMPS = """\
## Variables
A smith decides how many lamps and how many gates to forge.
// {"name": "lamps", "meaning": "lamps forged", "range": "lamps >= 0", "type": "integer"}
// {"name": "gates", "meaning": "gates forged", "range": "gates >= 0", "type": "integer"}

## Objective
Coal costs 7 a lamp and 33 a gate, and is to cost the least.
// coal = 7*lamps + 33*gates  # cost of coal
// minimize(coal)

## Constraint 1
The mayor pays 21 for a lamp and 90 for a gate, and 1,150 must come in.
// income = 21*lamps + 90*gates  # paid by the mayor
// income >= 1150
"""
PROGRAM = """\
```python
from pyomo.environ import *

model = ConcreteModel()
model.kayaks = Var(within=NonNegativeIntegers)
model.rafts = Var(within=NonNegativeIntegers)
model.limits = ConstraintList()
model.limits.add(11 * model.kayaks + 19 * model.rafts <= 400)
{more}model.obj = Objective(expr=130 * model.kayaks + 210 * model.rafts, sense=maximize)
SolverFactory("scip").solve(model)
report(objective=value(model.obj), kayaks=value(model.kayaks))
```"""
WITHOUT, WITH = PROGRAM.format(more=""), PROGRAM.format(more="model.limits.add(model.rafts >= 8)\n")
TABLE = "| boat | colour |\n|---|---|\n| kayak | red |\n| raft | green |"
STAGES = {
    "scenario": "resocratic_scenario",
    "question": "resocratic_question",
    "formulation": "formulate_flat",
    "program": "write_program",
    "rewrite": "augment",
}


def stage_of(request: Request) -> str:
    """Which stage a request belongs to, by its system prompt."""
    system = request.messages[0].content
    return next(s for s, name in STAGES.items() if load_prompt(name).fixed[0].content == system)


def scenario(text: str = KAYAKS) -> Scenario:
    """The steps of a scenario that keeps to the form."""
    found, fault = read_scenario(text)
    assert not fault
    return found


def question(steps: Scenario, table: bool) -> str:
    """What somebody asks who has these steps in mind."""
    told = " ".join(step.prose for step in steps.steps)
    return f"{told} How many of each?" + (f"\n\n{TABLE}" if table else "")


def answer(request: Request, invented: str) -> str:
    """What a model says that makes no mistake; `invented` is its scenario, or the first of it."""
    asked, whole = request.messages[-1].content, scenario()
    match stage_of(request):
        case "scenario":
            return invented
        case "question":
            steps = whole if "Constraint 2" in asked or "8 rafts" in asked else whole.prefixes[0]
            return question(steps, "into one Markdown table" in asked)
        case "formulation":
            return script_of(whole if "8 rafts" in asked else whole.prefixes[0])
        case "program":
            return WITH if "8 rafts" in asked else WITHOUT
    raise AssertionError(asked)


def inventive(
    otherwise: Callable[[Request, str], ScriptedReply | None] = lambda request, stage: None,
    invented: str = SHORT,
) -> ScriptedModel:
    """A model that makes no mistake, but for what `otherwise` says in its place."""

    def reply(request: Request) -> ScriptedReply:
        said = otherwise(request, stage_of(request))
        return answer(request, invented) if said is None else said

    return ScriptedModel(reply)
