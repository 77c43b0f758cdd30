"""What a plan comes to on the published instance, whatever its own formulation says of it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from optiwright.agent.result import Result
from optiwright.evaluation.claims import Claim
from optiwright.evaluation.planning_domains import domain_of, domain_text
from optiwright.evaluation.planning_pddl import Atom, read_instance
from optiwright.evaluation.planning_run import carry_out
from optiwright.evaluation.problems import Ending, Label
from optiwright.solver_tools.plan_outcome import PlanStatus


def plan_claim(label: Label, result: Result | None, claim: Claim) -> Claim:
    """Return a result's claim where a plan is asked for: its steps are what counts.

    The plan is carried out on the label's instance by our own code and, where unified-planning is
    installed, by its validator; one that either refuses is no plan.

    The `claim` is what the result claims by itself: how it ended stands where there is no plan.
    """
    if result is None or result.plan is None:
        return claim.model_copy(
            update={"objective": None, "feasible": False, "fault": "there is no plan"}
        )
    outcome = result.plan.outcome
    if outcome.status is PlanStatus.IMPOSSIBLE:
        return Claim(ending=Ending.INFEASIBLE, feasible=False, fault="it is said to be impossible")
    if not outcome.status.has_plan:
        return Claim(ending=Ending.NO_ANSWER, feasible=False, fault="no plan was found")
    instance = read_instance(label.plan_instance)
    trip = carry_out(domain_of(instance.domain), instance, outcome.steps)
    fault = trip.fault
    if not fault and validated(instance.domain, label.plan_instance, trip.steps) is False:
        fault = "unified-planning's validator refuses it"
    if fault:
        return Claim(ending=Ending.SOLVED, feasible=False, fault=fault)
    return Claim(ending=Ending.SOLVED, objective=float(len(trip.steps)), feasible=True)


def validated(domain: str, instance: str, steps: Sequence[Atom]) -> bool | None:
    """Return what unified-planning's validator says of a plan; None where it is not installed.

    Args:
        domain: the domain's name.
        instance: in PDDL.
        steps: actions with their objects, by the instance's names.
    """
    if find_spec("unified_planning") is None:
        return None
    from unified_planning.engines import SequentialPlanValidator
    from unified_planning.engines.results import ValidationResultStatus
    from unified_planning.io import PDDLReader
    from unified_planning.plans import ActionInstance, SequentialPlan

    problem = PDDLReader().parse_problem_string(domain_text(domain), instance)
    actions = [
        ActionInstance(
            problem.action(name),
            tuple(
                problem.environment.expression_manager.ObjectExp(problem.object(o)) for o in objs
            ),
        )
        for name, *objs in steps
    ]
    plan = SequentialPlan(actions, problem.environment)
    verdict = SequentialPlanValidator().validate(problem, plan)
    return bool(verdict.status is ValidationResultStatus.VALID)
