"""The worked examples of a plan's prompts are right: lines and program come to the same plan."""

from __future__ import annotations

from optiwright.agent.planning_matching import matched
from optiwright.agent.prompting import PLAN_PROGRAM_PROMPT, PLAN_PROMPT, load_prompt
from optiwright.formulators.planning_checks import check_planning
from optiwright.formulators.planning_lines import planning_grammar, read_planning
from optiwright.formulators.problem_kind import ProblemKind, kind_of
from optiwright.solver_tools.plan_outcome import PlanStatus
from optiwright.solver_tools.plan_program import PlanReport, execute
from optiwright.solver_tools.plan_simulation import simulate
from optiwright.solver_tools.planning import find_plan
from optiwright.solver_tools.written_check import strip_code
from tests.grammars import admits


def test_the_example_is_read_without_a_finding_and_its_program_agrees() -> None:
    ((text, lines),) = load_prompt(PLAN_PROMPT).examples()
    ((same, program),) = load_prompt(PLAN_PROGRAM_PROMPT).examples()
    assert text == same and kind_of(text) is ProblemKind.PLAN
    planning, findings = read_planning(lines)
    assert planning is not None
    assert (*findings, *check_planning(planning)) == ()
    found = find_plan(planning, engine="cp-sat", time_limit_s=20)
    assert found.status is PlanStatus.OPTIMAL
    report = PlanReport.model_validate(execute(strip_code(program), 20))
    assert report.claim == "optimal"
    steps, unmatched = matched(planning, report.steps)
    done = simulate(planning, steps)
    assert unmatched == () and done.valid and done.value == found.value


def test_the_example_fits_the_grammar_that_a_server_is_given() -> None:
    ((_, lines),) = load_prompt(PLAN_PROMPT).examples()
    assert admits(planning_grammar(), lines)
