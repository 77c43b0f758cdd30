"""The proof of an answer says what was checked, by what, and whether it held; and nothing more."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optiwright import Formulation, Result, UserError, cli, solve
from optiwright.agent.loop import wait
from optiwright.agent.proof import Claim, Proof, Standing
from optiwright.agent.proof_claims import proof_of
from optiwright.agent.proof_evidence import Evidence, gather
from optiwright.agent.result import Status
from optiwright.formulators.model import Algebraic, Domain, Objective, Sense, Variable
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.exact import ExactAnswer, Exactness
from optiwright.solver_tools.solution import SolverError, SolverStatus, Termination
from tests.sample_formulations import SAMPLES, given, maximize

BEST = "no plan is better"


def formulation(
    goal: str, *rules: str, sense: Sense = Sense.MAXIMIZE, unit: str = "tons", **kinds: Any
) -> Formulation:
    """Variables x and y, not negative unless said otherwise, and rules c1, c2, ..."""
    return Formulation(
        variables=tuple(Variable(name=n, **kinds.get(n, {})) for n in "xy"),
        objectives=(Objective(sense=sense, expression=goal, unit=unit, description="output"),),
        constraints=tuple(
            Algebraic(name=f"c{k}", expression=rule) for k, rule in enumerate(rules, 1)
        ),
    )


THIRDS = formulation("x + y", "3*x + y <= 10", "x + 3*y <= 38/3")
NO_PLAN = formulation("x", "x + y <= 10", "x >= 6", "y >= 5")
NO_END = formulation("2*x + y", "y <= 25", "x >= 2*y")
WHOLE: dict[str, Any] = {n: {"domain": Domain.INTEGER, "upper": "10"} for n in "xy"}
DISC = formulation("x + y", "x**2 + y**2 <= 4", x={"lower": None}, y={"lower": None})
CURVED = formulation("exp(x) + exp(2*y)", "x + y >= 1", sense=Sense.MINIMIZE)
TANK = formulation("20*x*x + 40*x*y", "x*x*y >= 32", sense=Sense.MINIMIZE)
WAVES = formulation("sin(x) + sin(y)", "x + y <= 9", x={"upper": "6"}, y={"upper": "6"})


def claim(proof: Proof, name: str) -> Claim:
    return next(c for c in proof.claims if c.name == name)


def evidence_of(model: Formulation, **options: Any) -> Evidence:
    chosen: dict[str, Any] = {"exact": False, "second": "", "time_limit_s": 30.0} | options
    return wait(gather(solve(model), **chosen))


# --- linear ---------------------------------------------------------------------------------------


def test_a_linear_answer_is_proved_by_a_sum_of_its_requirements() -> None:
    proof = solve(SAMPLES["product_mix"].formulation).proof()
    assert proof.holds
    assert proof.optimality is Optimality.CERTIFIED
    assert [c.standing for c in proof.claims] == [Standing.HELD] * 4
    best = claim(proof, BEST)
    assert best.sentence == (
        "Adding 15 times `carpentry_time` and 5 times `painting_time` to the bounds of the "
        "variables shows that every plan's objective is at most 4,100 euro, and the plan reaches "
        "it."
    )
    assert "own arithmetic" in best.by
    assert all(f.value is not None and f.value <= (f.allowed or 0) for f in best.figures)
    assert proof.conclusion.endswith("shown by our own arithmetic; no solver is trusted.")
    assert proof.exact_optimum is None


def test_the_exact_optimum_is_a_fraction_with_its_decimal() -> None:
    proof = solve(THIRDS).proof(exact=True)
    assert proof.exact_optimum is not None
    assert proof.exact_optimum.fraction == "17/3"
    assert proof.exact_optimum.decimal == 17 / 3
    assert {(e.name, e.fraction) for e in proof.exact_plan} == {("x", "13/6"), ("y", "7/2")}
    assert proof.conclusion.startswith(
        "The optimum, the greatest output, is exactly 17/3 (5.666667) tons."
    )
    told = claim(proof, "confirmed in exact fractions")
    assert told.standing is Standing.HELD
    assert "1 as a fraction of small numbers" in told.sentence
    assert "- `x` = 13/6 (2.166667)" in proof.to_markdown()


@pytest.mark.parametrize("exact", [False, True])
def test_no_plan_is_shown_by_a_contradiction(exact: bool) -> None:
    proof = solve(NO_PLAN).proof(exact=exact)
    assert proof.status is Status.INFEASIBLE
    assert claim(proof, "no plan is feasible").sentence == (
        "Take `c1`, `c2` and `c3`: added up they say that 0 >= 1, which is false."
    )
    assert proof.conclusion == (
        "No plan can meet all requirements. That is shown by our own arithmetic; no solver is "
        "trusted."
    )
    assert [c.name for c in proof.claims if c.name.startswith("confirmed")] == (
        ["confirmed in exact fractions", "confirmed by a second solver"]
        if exact
        else ["confirmed by a second solver"]
    )
    assert proof.holds


def test_bounds_of_variables_take_part_in_a_contradiction() -> None:
    model = formulation("x", "2*x + y >= 12", x={"upper": "3"}, y={"upper": "5"})
    assert claim(solve(model).proof(), "no plan is feasible").sentence == (
        "Take `c1`: it says that `2*x + y` >= 12, but by the bounds of the variables it is at most "
        "11."
    )
    crossed = formulation("x", x={"lower": "4", "upper": "3"})
    result = Result(run_id="1", text="", status=Status.INFEASIBLE, formulation=crossed)
    proof = result.proof(exact=True)
    assert "lower limit of `x` lies above" in claim(proof, "no plan is feasible").sentence
    assert claim(proof, "confirmed in exact fractions").standing is Standing.HELD


def test_no_end_is_shown_by_a_direction() -> None:
    proof = solve(NO_END).proof(exact=True)
    assert claim(proof, "the objective has no limit").sentence == (
        "From a feasible plan go on like this for ever: `x` grows by 1. Every requirement and "
        "bound stays met, and each step improves the objective by 2 tons."
    )
    assert "`x` grows by 1 for ever" in claim(proof, "confirmed in exact fractions").sentence
    assert proof.conclusion.startswith("There is no best plan")


# --- whole numbers --------------------------------------------------------------------------------


def test_a_mixed_integer_bound_is_called_the_solvers_word() -> None:
    result = solve(formulation("x + y", "3*x + y <= 10", "x + 3*y <= 13", **WHOLE))
    alone = result.proof(exact=True)
    assert claim(alone, BEST).standing is Standing.TOLD
    assert "the solver's word" in claim(alone, BEST).sentence
    assert "HiGHS's search alone" in alone.conclusion
    assert "no plan is worth more than" in claim(alone, BEST).sentence
    assert "   *Said by HiGHS" in alone.to_markdown()
    assert "   *Checked by own arithmetic" in alone.to_markdown()
    assert "all are whole, exactly" in claim(alone, "what has to be whole is whole").sentence
    told = claim(alone, "confirmed in exact fractions")
    assert told.standing is Standing.HELD
    assert "no other whole numbers do better is not part" in told.sentence
    assert alone.exact_optimum is None
    both = result.proof(second="SCIP")
    assert claim(both, "confirmed by a second solver").by.startswith("SCIP")
    assert "searches of HiGHS and SCIP, which agree" in both.conclusion


def test_without_whole_numbers_in_reach_it_is_the_solvers_word_too() -> None:
    proof = solve(formulation("x", "2*x + 4*y == 7", **WHOLE)).proof(exact=True)
    assert claim(proof, "no plan is feasible").standing is Standing.TOLD
    assert "rests on HiGHS and SCIP, which agree" in proof.conclusion
    assert claim(proof, "confirmed in exact fractions").standing is Standing.OPEN


# --- curved ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "by"),
    [
        (SAMPLES["portfolio"].formulation, "eigenvalues"),
        (SAMPLES["revenue"].formulation, "eigenvalues"),
        (DISC, "eigenvalues"),
        (CURVED, "CVXPY's rules"),
    ],
)
def test_a_convex_answer_is_proved_by_the_conditions_of_optimality(
    model: Formulation, by: str
) -> None:
    proof = solve(model).proof(second=True)
    assert by in claim(proof, "it is convex").by
    best = claim(proof, BEST)
    assert best.standing is Standing.HELD
    assert [f.name for f in best.figures] == [
        "stationarity",
        "primal feasibility",
        "dual feasibility",
        "complementarity",
    ]
    assert claim(proof, "confirmed by a second solver").standing is not Standing.FAILED
    assert "no solver is trusted" in proof.conclusion


def test_a_geometric_answer_is_proved_by_its_dual() -> None:
    proof = solve(TANK).proof()
    assert "geometric program" in claim(proof, "it is convex").sentence
    assert claim(proof, BEST).standing is Standing.HELD
    assert claim(proof, BEST).by == "own arithmetic"


def test_a_nonconvex_answer_rests_on_the_global_solvers_bound() -> None:
    proof = solve(WAVES).proof()
    assert not any(c.name == "it is convex" for c in proof.claims)
    assert claim(proof, BEST).standing is Standing.TOLD
    assert claim(proof, BEST).by.startswith("SCIP")
    assert "SCIP's search of all cases" in claim(proof, BEST).sentence


def test_a_local_optimum_is_called_one() -> None:
    found = evidence_of(WAVES)
    proof = proof_of(
        replace(found, raw=replace(found.raw, termination=Termination.LOCALLY_OPTIMAL))
    )
    assert claim(proof, BEST).standing is Standing.OPEN
    assert "local optimum" in claim(proof, BEST).sentence
    assert "It is a local optimum" in proof.conclusion
    assert "no solver is trusted" not in proof.conclusion


def test_without_a_goal_only_feasibility_is_claimed() -> None:
    model = formulation("x", "2*x >= 7").model_copy(update={"objectives": ()})
    proof = solve(model).proof(exact=True, second=True)
    assert proof.conclusion == "The plan meets every requirement; there is no goal."
    assert proof.objective is None
    assert proof.exact_optimum is None
    assert "requirement exactly" in claim(proof, "confirmed in exact fractions").sentence


# --- what is wrong --------------------------------------------------------------------------------


def test_a_plan_that_breaks_a_requirement_fails_by_name() -> None:
    result = solve(THIRDS)
    assert result.solution is not None
    values = tuple(v.model_copy(update={"value": 9.0}) for v in result.solution.values)
    wrong = result.model_copy(
        update={"solution": result.solution.model_copy(update={"values": values})}
    )
    proof = wrong.proof()
    assert not proof.holds
    assert claim(proof, "the plan is feasible").standing is Standing.FAILED
    assert "`c1`" in claim(proof, "the plan is feasible").sentence
    assert claim(proof, "the value is right").standing is Standing.FAILED
    assert '"the plan is feasible" and "the value is right" do not hold' in proof.conclusion


def test_a_plan_that_is_not_best_fails_when_a_better_one_is_found() -> None:
    result = solve(SAMPLES["product_mix"].formulation)
    assert result.solution is not None
    worse = result.solution.model_copy(
        update={
            "values": tuple(v.model_copy(update={"value": 10.0}) for v in result.solution.values)
        }
    )
    proof = result.model_copy(update={"objective": 1200.0, "solution": worse}).proof(exact=True)
    assert claim(proof, "the plan is feasible").standing is Standing.HELD
    assert claim(proof, "it was found again").standing is Standing.FAILED
    assert "which is better" in claim(proof, "it was found again").sentence
    assert claim(proof, BEST).standing is Standing.OPEN
    assert "does not reach it" in claim(proof, BEST).sentence
    told = claim(proof, "confirmed in exact fractions")
    assert told.standing is Standing.FAILED
    assert "The answer's value, 1,200 euro, is another one." in told.sentence
    assert not proof.holds


def test_an_infeasible_answer_to_a_feasible_model_fails() -> None:
    result = solve(THIRDS).model_copy(update={"status": Status.INFEASIBLE})
    proof = result.proof()
    assert not proof.holds
    assert claim(proof, "it was found again").standing is Standing.FAILED
    assert [c.name for c in proof.claims] == [
        "the plan is feasible",
        "the value is right",
        "it was found again",
    ]


def test_wrong_duals_rays_and_directions_prove_nothing() -> None:
    found = evidence_of(THIRDS)
    wrong = proof_of(replace(found, raw=replace(found.raw, row_dual=np.array([0.25, 0.0]))))
    assert claim(wrong, BEST).standing is Standing.OPEN
    assert "nothing shows that no plan does better" in wrong.conclusion
    for model, ray, name in (
        (NO_PLAN, np.array([1.0, 0.0, 0.0]), "no plan is feasible"),
        (NO_END, np.array([0.0, 1.0]), "the objective has no limit"),
    ):
        found = evidence_of(model)
        wrong = proof_of(replace(found, second=None, raw=replace(found.raw, ray=ray)))
        assert claim(wrong, name).standing is Standing.TOLD
        assert "word alone" in wrong.conclusion
    found = evidence_of(DISC)
    assert found.raw.row_dual is not None
    wrong = proof_of(replace(found, raw=replace(found.raw, row_dual=found.raw.row_dual * 1.1)))
    assert claim(wrong, "the conditions of optimality hold").standing is Standing.OPEN
    assert claim(wrong, BEST).standing is Standing.TOLD


def test_a_bound_counts_only_with_a_point_and_for_the_answers_own_value() -> None:
    found = evidence_of(THIRDS)
    assert found.raw.x is not None
    beside = proof_of(replace(found, raw=replace(found.raw, x=found.raw.x * 1.001)))
    assert claim(beside, BEST).standing is Standing.OPEN
    found = evidence_of(DISC)
    assert claim(proof_of(found), BEST).standing is Standing.HELD
    worse = replace(found, result=found.result.model_copy(update={"objective": 1.0}))
    names = {c.name: c.standing for c in proof_of(worse).claims}
    assert names["the conditions of optimality hold"] is Standing.OPEN
    found = evidence_of(formulation("x + y", "3*x + y <= 10", "x + 3*y <= 13", **WHOLE))
    worse = replace(found, result=found.result.model_copy(update={"objective": 4.0}))
    best = claim(proof_of(worse), BEST)
    assert best.standing is Standing.OPEN
    assert "a gap of 25% is left" in best.sentence


def test_a_plan_that_is_not_whole_fails() -> None:
    found = evidence_of(formulation("x + y", "3*x + y <= 10", "x + 3*y <= 13", **WHOLE))
    solution = found.result.solution
    assert solution is not None
    half = tuple(v.model_copy(update={"value": 1.5}) for v in solution.values)
    broken = found.result.model_copy(
        update={"solution": solution.model_copy(update={"values": half})}
    )
    told = claim(proof_of(replace(found, result=broken)), "what has to be whole is whole")
    assert told.standing is Standing.FAILED
    assert told.figures[0].value == 0.5


def test_an_exact_plan_has_the_users_variables_only() -> None:
    proof = solve(formulation("0 - max(x, y) - x", "x + y >= 3")).proof(exact=True)
    assert {entry.name for entry in proof.exact_plan} <= {"x", "y"}
    assert proof.exact_plan


def test_without_a_goal_a_second_plan_has_to_meet_the_requirements() -> None:
    model = formulation("x", "2*x >= 7").model_copy(update={"objectives": ()})
    found = evidence_of(model, second="scip")
    name = "confirmed by a second solver"
    assert found.second is not None
    assert claim(proof_of(found), name).standing is Standing.TOLD
    broken = replace(found, second=replace(found.second, x=np.zeros(2)))
    assert claim(proof_of(broken), name).standing is Standing.OPEN


def test_a_gap_that_is_left_is_said() -> None:
    found = evidence_of(formulation("x + y", "3*x + y <= 10", "x + 3*y <= 13", **WHOLE))
    raw = replace(found.raw, bound=8.0, termination=Termination.FEASIBLE)
    proof = proof_of(replace(found, raw=raw))
    assert claim(proof, BEST).standing is Standing.OPEN
    assert "a gap of 60% is left" in claim(proof, BEST).sentence
    unknown = proof_of(replace(found, raw=replace(raw, bound=None)))
    assert "No bound" in claim(unknown, BEST).sentence


def test_a_second_solver_that_differs_is_heard() -> None:
    found = evidence_of(
        formulation("x + y", "3*x + y <= 10", "x + 3*y <= 13", **WHOLE), second="scip"
    )
    second = found.second
    assert second is not None

    def said(**changes: Any) -> Claim:
        other = replace(found, second=replace(second, **changes))
        return claim(proof_of(other), "confirmed by a second solver")

    assert said().standing is Standing.TOLD
    assert said(objectives=(9.0,), x=np.array([4.0, 5.0])).standing is Standing.OPEN
    worse = said(objectives=(4.0,), bound=4.0)
    assert worse.standing is Standing.FAILED
    assert "4 tons only, which is worse" in worse.sentence
    assert said(objectives=(4.0,), bound=8.0).standing is Standing.OPEN
    ended = {"x": None, "objectives": ()}
    assert said(termination=Termination.INFEASIBLE, **ended).standing is Standing.FAILED
    assert said(termination=Termination.TIME_LIMIT, **ended).standing is Standing.OPEN
    unproved = said(bound=None)
    assert unproved.standing is Standing.OPEN
    assert "does not show that nothing is better" in unproved.sentence
    poor = replace(found, result=found.result.model_copy(update={"objective": 4.0}))
    better = claim(proof_of(poor), "confirmed by a second solver")
    assert better.standing is Standing.FAILED
    assert "a better plan, worth 5 tons, that meets every requirement" in better.sentence


def test_a_second_solver_on_an_empty_answer() -> None:
    found = evidence_of(NO_PLAN)
    assert found.second is not None
    for termination, standing in (
        (Termination.OPTIMAL, Standing.FAILED),
        (Termination.TIME_LIMIT, Standing.OPEN),
        (Termination.INFEASIBLE, Standing.TOLD),
    ):
        other = replace(found, second=replace(found.second, termination=termination))
        told = claim(proof_of(other), "confirmed by a second solver")
        assert told.standing is standing


def test_a_run_without_an_end_proves_nothing() -> None:
    found = evidence_of(THIRDS)
    raw = replace(
        found.raw,
        status=SolverStatus.OK,
        termination=Termination.TIME_LIMIT,
        x=None,
        objectives=(),
        row_dual=None,
        bound=None,
    )
    proof = proof_of(replace(found, raw=raw))
    assert claim(proof, "it was found again").standing is Standing.OPEN
    assert "time limit" in claim(proof, "it was found again").sentence
    assert "nothing shows" in proof.conclusion


def test_exact_arithmetic_that_does_not_end_is_open() -> None:
    found = evidence_of(THIRDS)
    proof = proof_of(replace(found, exact=ExactAnswer(Exactness.UNDECIDED, "It is too large.")))
    told = claim(proof, "confirmed in exact fractions")
    assert (told.standing, told.sentence, told.by) == (Standing.OPEN, "It is too large.", "")
    assert proof.exact_optimum is None


# --- the door -------------------------------------------------------------------------------------


def test_there_has_to_be_an_answer() -> None:
    with pytest.raises(UserError, match="no answer to prove") as caught:
        Result(run_id="1", text="", status=Status.NO_FORMULATION).proof()
    assert "Solve" in caught.value.remedy
    unsolved = solve(THIRDS).model_copy(update={"status": Status.UNSOLVED})
    with pytest.raises(UserError, match="'unsolved'"):
        unsolved.proof()


def test_a_second_solver_has_to_be_another_one_that_takes_the_class() -> None:
    result = solve(THIRDS)
    with pytest.raises(UserError, match="no solver 'glpk'") as caught:
        result.proof(second="glpk")
    assert "`scip`" in caught.value.remedy
    with pytest.raises(UserError, match="HiGHS is the solver that found the answer"):
        result.proof(second="HiGHS")
    with pytest.raises(SolverError, match="not installed"):
        result.proof(second="gurobi")
    with pytest.raises(SolverError, match="does not take a problem of class MIP") as refused:
        solve(SAMPLES["covering"].formulation).proof(second="clarabel")
    assert "scip" in refused.value.remedy
    with pytest.raises(UserError, match="time limit of 0 seconds"):
        result.proof(time_limit_s=0)


def test_a_proof_is_data() -> None:
    proof = solve(THIRDS).proof(exact=True)
    assert Proof.model_validate_json(proof.to_json()) == proof


@pytest.fixture
def run_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["optiwright", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


def test_the_command_prints_sentences_or_json(tmp_path: Path, run_command: Any) -> None:
    file = str(tmp_path / "thirds.json")
    THIRDS.save(file)
    code, out, _ = run_command("prove", "--run", file, "--exact", "--second-solver", "SCIP")
    assert code == 0
    assert "The optimum, the greatest output, is exactly 17/3 (5.666667) tons." in out
    assert re.search(r"No plan is better: holds", out)
    assert "SCIP, given the same model, comes to the same value" in out
    assert "**Scale.** Sizes of its numbers" in out
    code, out, _ = run_command("prove", "--run", file, "--json")
    assert code == 0
    assert json.loads(out)["claims"][0]["name"] == "the plan is feasible"


def test_the_command_ends_with_one_where_something_does_not_hold(
    tmp_path: Path, run_command: Any
) -> None:
    result = solve(SAMPLES["product_mix"].formulation).model_copy(update={"objective": 9999.0})
    file = tmp_path / "result.json"
    file.write_text(result.to_json())
    code, out, _ = run_command("prove", "--run", str(file))
    assert code == 1
    assert "The value is right: FAILS" in out
    code, _, err = run_command("prove", "--run", str(file), "--second-solver", "glpk")
    assert code == 2
    assert "there is no solver 'glpk'" in err


def test_no_number_of_a_sentence_is_noise() -> None:
    proof = solve(SAMPLES["blending"].formulation).proof(exact=True)
    for told in proof.claims:
        assert not re.search(r"\d\.\d{8}|\de[+-]?\d", told.sentence), told.sentence


def test_a_minimised_bound_is_a_least_value() -> None:
    model = formulation("3*x + 2*y", "x + y >= 4", sense=Sense.MINIMIZE)
    assert "at least 8 tons" in claim(solve(model).proof(), BEST).sentence
    only_bounds = formulation("-x", x={"upper": "5"}, sense=Sense.MINIMIZE)
    told = claim(solve(only_bounds).proof(), BEST).sentence
    assert told.startswith("The bounds of the variables alone show")


def test_given_parameters_reach_the_scale() -> None:
    model = Formulation(
        parameters=(given("big", 4e9),),
        variables=(Variable(name="x"), Variable(name="y")),
        objectives=maximize("x + y"),
        constraints=(Algebraic(name="c", expression="big * x + 0.5 * y <= 100"),),
    )
    proof = solve(model).proof()
    assert proof.scaling[0].parameter == "big"
    assert "Out of proportion" in proof.to_markdown()
