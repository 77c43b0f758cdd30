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


def test_the_examples_are_read_without_a_finding_and_the_program_agrees() -> None:
    (text, _), *_ = load_prompt(PLAN_PROMPT).examples()
    ((same, program),) = load_prompt(PLAN_PROGRAM_PROMPT).examples()
    assert text == same
    values = []
    for text, lines in load_prompt(PLAN_PROMPT).examples():
        assert kind_of(text) is ProblemKind.PLAN
        planning, findings = read_planning(lines)
        assert planning is not None
        assert (*findings, *check_planning(planning)) == ()
        found = find_plan(planning, engine="cp-sat", time_limit_s=20)
        assert found.status is PlanStatus.OPTIMAL
        values.append((planning, found.value))
    report = PlanReport.model_validate(execute(strip_code(program), 20))
    assert report.claim == "optimal"
    planning, value = values[0]
    steps, unmatched = matched(planning, report.steps)
    done = simulate(planning, steps)
    assert unmatched == () and done.valid and done.value == value
    assert [value for _, value in values[1:]] == [6]


def test_the_examples_fit_the_grammar_that_a_server_is_given() -> None:
    for _, lines in load_prompt(PLAN_PROMPT).examples():
        assert admits(planning_grammar(), lines)


def test_the_second_example_is_for_texts_with_needs_and_the_fixed_part_stays() -> None:
    prompt = load_prompt(PLAN_PROMPT)
    plain = prompt.messages(problem="A boat crosses a lake.")
    needing = prompt.messages(
        problem="`dig(x)`: it needs: x is soft. Afterwards x is no longer so."
    )
    fixed = len(prompt.fixed)
    assert len(plain) == fixed + 1 and len(needing) == fixed + 3
    assert plain[:fixed] == needing[:fixed] == prompt.fixed
