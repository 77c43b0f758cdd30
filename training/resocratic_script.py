"""Steps turned into the flat script that a tuned model is to write, and held to what it allows."""

from __future__ import annotations

from optiwright.formulators.checks import check
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.findings import Severity
from optiwright.formulators.lift import lift
from optiwright.formulators.model import Formulation
from optiwright.formulators.script import read_script
from optiwright.training.resocratic_steps import Bounds, Declared, Scenario, Step

LONGEST_COMMENT = 160
"""Characters; the script's grammar allows no more."""


def script_of(scenario: Scenario) -> str:
    """Return a scenario as a script in its fence: the prose is its comments.

    Totals come first, as in every script of ours. A goal that is no total becomes one.
    """
    variables, goal, constraints = scenario.steps[0], scenario.steps[1], scenario.steps[2:]
    totals = [total for step in scenario.steps[1:] for total in step.totals]
    lines = ["# decisions", *(_decision(*declared) for declared in variables.variables)]
    lines.append("# totals")
    lines += [f"{t.name} = {t.expression}{_remark(t.remark)}" for t in totals]
    aim = goal.goal
    if not totals:
        aim = _free_name(scenario)
        lines.append(f"{aim} = {goal.goal}")
    lines += [f"# objective: {_comment(goal.prose)}", f"{goal.sense}({aim})"]
    for step in constraints:
        lines += _requirement(step)
    return "\n".join(["```python", *lines, "```"])


def formulation_of(script: str, text: str = "") -> Formulation:
    """Read a script and check it.

    Args:
        script: in its fence or without.
        text: the problem in words, for what the numbers are called.

    Raises:
        FormulationError: if it cannot be read, or the checks find an error in it.
    """
    formulation = lift(read_script(script), text)
    errors = [f for f in check(formulation) if f.severity is Severity.ERROR]
    if errors:
        raise FormulationError(errors[0].message, where=errors[0].where)
    return formulation


def sound_part(scenario: Scenario) -> tuple[Scenario, str]:
    """Cut a scenario before the first step that makes no formulation by our checks.

    Returns:
        What is left, and why it was cut; empty where it was not.
    """
    for count in range(2, len(scenario.steps) + 1):
        try:
            formulation_of(script_of(Scenario(scenario.steps[:count])))
        except FormulationError as error:
            kept = 0 if count == 2 else count - 1
            return Scenario(scenario.steps[:kept]), f"step {count}: {error}"
    return scenario, ""


def _decision(declared: Declared, bounds: Bounds) -> str:
    meaning = _remark(declared.meaning)
    if declared.type == "binary":
        return f"{declared.name} = binary(){meaning}"
    lower, upper = (_number(bound) for bound in (bounds.lower, bounds.upper))
    return f"{declared.name} = {declared.type}({lower}, {upper}){meaning}"


def _number(value: float | None) -> str:
    if value is None:
        return "None"
    return f"{value:.0f}" if value == int(value) else f"{value:.12f}".rstrip("0")


def _requirement(step: Step) -> list[str]:
    return [f"# {_comment(step.prose)}", *(f"require({relation})" for relation in step.relations)]


def _remark(text: str) -> str:
    said = _comment(text)
    return f"  # {said}" if said else ""


def _comment(text: str) -> str:
    """Return prose as one line that a comment may have, cut at a word."""
    shown = "".join(c if c.isprintable() else " " for c in text.replace("`", "'"))
    said = " ".join(shown.split()).lstrip("# ")
    if len(said) <= LONGEST_COMMENT:
        return said.rstrip(".")
    return said[: LONGEST_COMMENT - 3].rpartition(" ")[0].rstrip(",;:. ") + "..."


def _free_name(scenario: Scenario) -> str:
    taken = {declared.name for declared, _ in scenario.steps[0].variables}
    return next(n for n in ("goal", "whole", "objective_value", "goal_") if n not in taken)
