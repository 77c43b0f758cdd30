"""Plans found, proved, refused: engines, the growing horizon, impossible goals, the simulation."""

from __future__ import annotations

import time
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_ground import GroundAction
from optiwright.formulators.planning_grounding import ground
from optiwright.formulators.planning_pairs import pairs_of
from optiwright.formulators.planning_words import planning_markdown
from optiwright.solver_tools import plan_growing
from optiwright.solver_tools.plan_cp_sat import Answer, Horizon
from optiwright.solver_tools.plan_exhaustion import exhaust
from optiwright.solver_tools.plan_greedy import greedy_plan
from optiwright.solver_tools.plan_growing import Growing
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, PlanStep
from optiwright.solver_tools.plan_simulation import simulate
from optiwright.solver_tools.planning import available_engines, find_plan, find_plan_job
from optiwright.solver_tools.pool import Profile, Reason, default_pool
from tests import plannings

VALUES = {"PARCELS": 8, "BLOCKS": 4, "JUGS": 6, "BRIDGE": 7.5, "DELIVERY": 3}


def sample(name: str) -> Planning:
    return plannings.planning_of(getattr(plannings, name))


def step(text: str) -> PlanStep:
    name, _, inside = text.rstrip(")").partition("(")
    return PlanStep(action=name, arguments=tuple(inside.split(", ")) if inside else ())


def grown(planning: Planning, monkeypatch: pytest.MonkeyPatch, states: int = 3) -> PlanOutcome:
    """What horizons alone come to: the look at states ends after a few, and nothing is guessed."""
    monkeypatch.setattr(plan_growing, "greedy_plan", lambda ground, seconds: None)
    monkeypatch.setattr(plan_growing, "_FIRST_LOOK_STATES", states)
    found = ground(planning)
    until = time.monotonic() + 30
    return Growing(found, planning.least, planning.most_steps, until, 0).run()


# --- the simulation ---


def test_a_plan_is_carried_out_step_by_step() -> None:
    steps = [step(s) for s in ("take(b, a)", "put(b, c)", "lift(a)", "put(a, b)")]
    done = simulate(sample("BLOCKS"), steps)
    assert done.valid and done.value == 4
    assert done.steps[0].became_true == ("clear(a)", "held(b)")
    assert done.steps[0].became_false == ("clear(b)", "free", "on(b, a)")
    assert not simulate(sample("BLOCKS"), steps[:-1]).valid


def test_what_a_step_needs_and_has_not_is_named_with_its_objects() -> None:
    steps = [step("lift(a)"), step("fly(a)"), step("put(a)"), step("put(a, z)"), step("take(b, a)")]
    done = simulate(sample("BLOCKS"), steps)
    assert done.steps[0].unmet == ("clear(a)",)
    assert done.steps[1].unmet == ("there is no action `fly`",)
    assert "2 objects, not 1" in done.steps[2].unmet[0]
    assert done.steps[3].unmet == ("there is no object `z`",)
    assert done.steps[4].unmet == ()  # what could not be taken has changed nothing
    assert done.unmet_goal == ("on(a, b)", "on(b, c)")


def test_kinds_amounts_and_inequalities_are_held_to() -> None:
    wrong = simulate(sample("PARCELS"), [step("drive(red, Ulm, Hof)")])
    assert wrong.steps[0].unmet == ("`v` is a van, and `red` is a parcel",)
    jugs = [step("fill(five)"), step("pour_part(five, three)"), step("pour_part(five, five)")]
    done = simulate(sample("JUGS"), jugs)
    assert done.steps[1].amounts == (("water(five)", 2.0), ("water(three)", 3.0))
    assert done.steps[2].unmet[0] == "five != five"
    drive = simulate(sample("DELIVERY"), [step("drive(t1, d1, d3)")])
    assert drive.steps[0].unmet == ("fuel(t1) >= need(d1, d3) (4.5 >= 9)",)


def test_costs_are_added_up_and_a_limit_on_steps_is_held_to() -> None:
    steps = ["cross_two(bob, ann, near, far)", "cross_alone(ann, far, near)"]
    done = simulate(sample("BRIDGE"), [step(s) for s in steps])
    assert done.value == 3.5
    short = sample("BLOCKS").model_copy(update={"most_steps": 3})
    steps = ["take(b, a)", "put(b, c)", "lift(a)", "put(a, b)"]
    assert simulate(short, [step(s) for s in steps]).unmet_goal == ("at most 3 steps",)


# --- the best plan ---


@pytest.mark.parametrize("name", VALUES)
def test_the_best_plan_is_found_and_proved(name: str) -> None:
    planning = sample(name)
    outcome = find_plan(planning, engine="cp-sat", time_limit_s=30)
    assert outcome.status is PlanStatus.OPTIMAL and outcome.value == outcome.bound == VALUES[name]
    assert "CP-SAT shows that no plan" in outcome.proof
    assert simulate(planning, outcome.steps).value == VALUES[name]


@pytest.mark.parametrize("name", VALUES)
def test_horizons_alone_prove_it_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    planning = sample(name)
    outcome = grown(planning, monkeypatch)
    assert outcome.status is PlanStatus.OPTIMAL and outcome.value == VALUES[name]
    assert outcome.engine == "cp-sat" and simulate(planning, outcome.steps).valid


@pytest.mark.parametrize("engine", ["fast-downward", "pyperplan"])
def test_planners_agree(engine: str) -> None:
    from optiwright.solver_tools.plan_engines import validate_with_unified_planning

    for name in ("PARCELS", "BLOCKS"):
        planning = sample(name)
        outcome = find_plan(planning, engine=engine, time_limit_s=30)
        assert (outcome.status, outcome.value) == (PlanStatus.OPTIMAL, VALUES[name])
        assert validate_with_unified_planning(planning, outcome.steps) == ""
        assert validate_with_unified_planning(planning, outcome.steps[1:]) != ""


def test_fast_downward_writes_nothing_where_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two that run side by side in one folder would solve each other's tasks.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "output.sas").mkdir()
    assert find_plan(sample("BLOCKS"), engine="fast-downward").status is PlanStatus.OPTIMAL
    assert [file.name for file in tmp_path.iterdir()] == ["output.sas"]


def test_costs_go_to_fast_downward_and_amounts_to_cp_sat() -> None:
    bridge = find_plan(sample("BRIDGE"), time_limit_s=30)
    assert (bridge.engine, bridge.status, bridge.value) == ("fast-downward", "optimal", 7.5)
    assert find_plan(sample("JUGS"), time_limit_s=30).engine == "cp-sat"
    with pytest.raises(UserError, match="Use `cp-sat`"):
        find_plan(sample("JUGS"), engine="pyperplan")


def test_the_validator_knows_amounts_and_what_is_not_there() -> None:
    from optiwright.solver_tools.plan_engines import validate_with_unified_planning

    planning = sample("JUGS")
    steps = find_plan(planning, engine="cp-sat", time_limit_s=30).steps
    assert validate_with_unified_planning(planning, steps) == ""
    assert "Goals" in validate_with_unified_planning(planning, steps[:1])
    assert "not of this formulation" in validate_with_unified_planning(planning, [step("fly(a)")])


def test_an_engine_runs_in_the_sandbox_as_a_tool() -> None:
    job = "optiwright.solver_tools.planning:find_plan_job"
    text = sample("BLOCKS").to_json()
    outcome = (
        default_pool()
        .submit(job, text, "fast-downward", 30.0, 0, time_limit_s=60, profile=Profile.TOOL)
        .result()
    )
    assert outcome.reason is Reason.FINISHED, outcome.error
    assert PlanOutcome.model_validate(outcome.value).value == 4
    assert outcome.output == ""  # no credits


def test_what_a_job_cannot_do_is_a_message() -> None:
    told = PlanOutcome.model_validate(find_plan_job("{}", "fly", 5.0, 0))
    assert told.status is PlanStatus.UNSOLVED and "`fly` is no engine" in told.message
    told = PlanOutcome.model_validate(find_plan_job("{", None, 5.0, 0))
    assert "not a planning formulation" in told.message


def test_no_step_is_the_best_plan_where_the_goal_holds() -> None:
    planning = sample("BLOCKS").model_copy(update={"goal": ("on(b, a)", "not held(a)")})
    outcome = find_plan(planning, engine="cp-sat", time_limit_s=10)
    assert (outcome.status, outcome.value, outcome.steps) == (PlanStatus.OPTIMAL, 0, ())


def test_any_plan_claims_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    planning = sample("PARCELS").model_copy(update={"least": "any"})
    for outcome in (grown(planning, monkeypatch), find_plan(planning, engine="cp-sat")):
        assert outcome.status is PlanStatus.FOUND and outcome.proof == ""
        assert simulate(planning, outcome.steps).valid


def test_free_steps_are_no_proof_by_horizons() -> None:
    lines = plannings.BRIDGE.replace("cost pace(p)", "cost 0")
    with pytest.MonkeyPatch.context() as patch:
        outcome = grown(plannings.planning_of(lines), patch)
    assert (outcome.status, outcome.value) == (PlanStatus.FOUND, 5.0)
    whole = find_plan(plannings.planning_of(lines), engine="cp-sat", time_limit_s=20)
    assert (whole.status, whole.value, whole.engine) == ("optimal", 5.0, "state search")


def test_amounts_that_are_halved_again_and_again_are_visited_instead() -> None:
    lines = """
object j
amount water(x)
action halve(x)
  needs water(x) >= 1
  changes water(x) = water(x) / 2
start water(j) = 12
goal water(j) == 1.5
"""
    planning = plannings.planning_of(lines)
    outcome = find_plan(planning, engine="cp-sat", time_limit_s=10)
    assert (outcome.status, outcome.value) == (PlanStatus.OPTIMAL, 3)
    assert outcome.engine == "state search" and simulate(planning, outcome.steps).valid


def test_products_of_amounts_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = """
object j
amount side(x)
amount area(x)
action grow(x)
  changes side(x) += 1.5
action measure(x)
  needs side(x) > 2
  changes area(x) = side(x) * side(x)
start side(j) = 0
goal area(j) == 9
"""
    planning = plannings.planning_of(lines)
    outcome = grown(planning, monkeypatch, states=1)
    assert (outcome.status, outcome.value) == (PlanStatus.OPTIMAL, 3)
    assert simulate(planning, outcome.steps).valid


def test_some_plan_is_found_soon_without_idle_detours() -> None:
    for name in VALUES:
        planning = sample(name)
        plan = greedy_plan(ground(planning), 5)
        assert plan is not None and simulate(planning, plan).valid, name
        for left_out in range(len(plan)):
            assert not simulate(planning, plan[:left_out] + plan[left_out + 1 :]).valid
    stuck = sample("BLOCKS").model_copy(update={"goal": ("on(a, b)", "on(b, c)", "on(c, a)")})
    assert greedy_plan(ground(stuck), 5) is None


def test_without_time_to_prove_it_a_plan_is_still_handed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan_growing, "_FIRST_LOOK_STATES", 3)
    monkeypatch.setattr(Horizon, "solve", lambda self, seconds, seed: Answer("open"))
    for name in ("PARCELS", "BRIDGE"):
        planning = sample(name)
        outcome = find_plan(planning, engine="cp-sat", time_limit_s=5)
        assert outcome.status is PlanStatus.FOUND and outcome.proof == ""
        assert outcome.bound is not None and outcome.value is not None
        assert outcome.bound <= VALUES[name] <= outcome.value


def test_needs_for_what_is_untrue_and_what_is_made_and_ended_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planning = plannings.planning_of(plannings.LAMPS)
    whole = find_plan(planning, engine="cp-sat", time_limit_s=10)
    assert (whole.status, whole.value) == (PlanStatus.OPTIMAL, 3)
    alone = grown(planning, monkeypatch, states=1)
    assert (alone.status, alone.value) == (PlanStatus.OPTIMAL, 3)
    assert simulate(planning, alone.steps).valid
    for steps, status in ((2, "none"), (3, "plan")):
        horizon = Horizon(ground(planning), steps)
        horizon.want(ground(planning).goals)
        assert horizon.solve(10, 0).status == status
    done = simulate(planning, whole.steps)
    assert done.valid and done.steps[1].became_false == ()
    assert simulate(planning, whole.steps[1:]).steps[0].unmet == ("not lit(l)",)


def test_a_longer_plan_may_be_cheaper(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = grown(plannings.planning_of(plannings.TOLLS), monkeypatch, states=1)
    assert (outcome.status, outcome.value, len(outcome.steps)) == (PlanStatus.OPTIMAL, 2.5, 2)


# --- impossible goals ---


def test_a_goal_that_nothing_makes_is_impossible_and_the_rest_is_reached() -> None:
    planning = sample("BLOCKS").model_copy(update={"goal": ("on(a, b)", "on(c, c)", "on(b, c)")})
    lines = plannings.BLOCKS.replace("needs held(x), clear(y)", "needs held(x), clear(y), x != y")
    planning = plannings.planning_of(lines).model_copy(update={"goal": planning.goal})
    outcome = find_plan(planning, engine="cp-sat", time_limit_s=20)
    assert outcome.status is PlanStatus.IMPOSSIBLE and "`on(c, c)` can never hold" in outcome.proof
    assert outcome.reached == ("on(a, b)", "on(b, c)") and len(outcome.reached_by) == 4
    part = planning.model_copy(update={"goal": outcome.reached})
    assert simulate(part, outcome.reached_by).valid


def test_two_conditions_that_exclude_each_other_are_named() -> None:
    planning = sample("BLOCKS").model_copy(update={"goal": ("on(a, b)", "on(b, a)", "flat(c)")})
    outcome = find_plan(planning, engine="cp-sat", time_limit_s=20)
    assert outcome.status is PlanStatus.IMPOSSIBLE
    assert "`on(a, b)` and `on(b, a)` can never hold together" in outcome.proof
    assert len(outcome.reached) == 2 and "flat(c)" in outcome.reached


def test_a_finite_space_is_exhausted() -> None:
    lines = plannings.JUGS.replace("size(three) = 3", "size(three) = 2.5")
    planning = plannings.planning_of(lines)
    outcome = find_plan(planning, engine="cp-sat", time_limit_s=20)
    assert outcome.status is PlanStatus.IMPOSSIBLE and outcome.reached == ()
    assert "states that can be reached were visited" in outcome.proof


def test_fast_downward_shows_that_a_cycle_is_impossible() -> None:
    planning = sample("BLOCKS").model_copy(update={"goal": ("on(a, b)", "on(b, c)", "on(c, a)")})
    outcome = find_plan(planning, engine="fast-downward", time_limit_s=20)
    assert outcome.status is PlanStatus.IMPOSSIBLE and outcome.engine == "fast-downward"
    assert "without meeting the goal" in outcome.proof and len(outcome.reached) == 2


@pytest.mark.parametrize("states", [3, 20_000])
def test_a_limit_on_the_steps_may_make_it_impossible(
    states: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_growing, "_FIRST_LOOK_STATES", states)
    planning = sample("PARCELS").model_copy(update={"most_steps": 6})
    outcome = find_plan(planning, engine="cp-sat", time_limit_s=20)
    assert outcome.status is PlanStatus.IMPOSSIBLE and "6 steps are allowed" in outcome.proof
    assert outcome.reached == ("in_town(red, Ulm)",) and len(outcome.reached_by) <= 6
    enough = planning.model_copy(update={"most_steps": 8})
    assert find_plan(enough, engine="cp-sat", time_limit_s=20).value == 8


def test_a_limit_on_the_steps_may_make_it_dearer() -> None:
    planning = plannings.planning_of(plannings.TOLLS)
    assert find_plan(planning, engine="cp-sat", time_limit_s=10).value == 2.5
    short = find_plan(planning.model_copy(update={"most_steps": 1}), time_limit_s=10)
    assert (short.status, short.value) == (PlanStatus.OPTIMAL, 4.0)


# --- bad asking ---


def test_unknown_and_missing_engines_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="Use cp-sat, fast-downward"):
        find_plan(sample("BLOCKS"), engine="fly")
    monkeypatch.setattr("optiwright.solver_tools.planning._installed", lambda package: False)
    assert available_engines() == ("cp-sat",)
    with pytest.raises(UserError, match=r"pip install 'optiwright\[plan\]'"):
        find_plan(sample("BLOCKS"), engine="fast-downward")
    assert find_plan(sample("BLOCKS"), time_limit_s=20).engine == "cp-sat"  # the base install


def test_too_many_ways_to_fill_in_an_action_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optiwright.formulators.planning_spreading.MOST_ACTIONS", 50)
    lines = f"object {', '.join(f'o{i}' for i in range(9))}\nfact f(x)\n"
    lines += "action a(x, y, z)\n  makes f(x)\nstart f(o1)\ngoal f(o2)"
    with pytest.raises(FormulationError, match="narrower kinds"):
        find_plan(plannings.planning_of(lines))


# --- filling in ---


def test_actions_are_joined_over_facts_and_not_tried_all() -> None:
    towns = [f"t{i}" for i in range(60)]
    roads = ", ".join(f"road({a}, {b})" for a, b in pairwise(towns))
    lines = plannings.PARCELS.replace(
        "Ulm, Hof, Jena: town", f"Ulm, Hof, Jena, {', '.join(towns)}: town"
    )
    found = ground(plannings.planning_of(f"{lines}start {roads}, road(Ulm, t0)"))
    drives = [a for a in found.actions if a.name == "drive"]
    assert len(drives) == 4 + 59 + 1
    assert max(a.level for a in drives) == 59


def test_pairs_tell_what_excludes_each_other() -> None:
    found = ground(sample("BLOCKS"))
    pairs = pairs_of(found)
    assert pairs is not None and pairs.clash is None and pairs.level == 4
    groups = pairs.groups()
    assert any({"held(a)", "free"} <= set(map(str, group)) for group in groups)
    reached = set()
    seen = exhaust(found, lambda a: Fraction(1), seconds=5)
    state = {str(a) for a in found.true}
    for action in seen.best:
        done = simulate(sample("BLOCKS"), [*seen.best[: seen.best.index(action) + 1]])
        state = state - set(done.steps[-1].became_false) | set(done.steps[-1].became_true)
        reached.add(frozenset(state))
    for group, true in product(groups, reached):
        assert len(true & set(map(str, group))) <= 1


@st.composite
def small_plannings(draw: st.DrawFn) -> Planning:
    """Formulations of three objects with needs and effects at random."""
    atoms = ["p(x)", "q(x)", "r(x, y)", "r(y, x)", "s"]
    grounds = ["p(a)", "p(b)", "q(b)", "q(c)", "r(a, b)", "r(b, c)", "s"]
    condition = st.sampled_from([*atoms, *(f"not {a}" for a in atoms), "x != y"])
    few = st.lists(st.sampled_from(atoms), max_size=2, unique=True)
    lines = ["object a, b, c", "fact p(x)", "fact q(x)", "fact r(x, y)", "fact s", "amount n"]
    for number in range(draw(st.integers(1, 4))):
        needs = draw(st.lists(condition, max_size=3, unique=True))
        makes, ends = draw(few), draw(few)
        lines += [f"action act{number}(x, y)", f"  cost {draw(st.integers(0, 3))}"]
        count = draw(st.sampled_from(["", "n += 1", "n -= 0.5", "n = 0"]))
        needs += draw(st.sampled_from([[], [], ["n <= 1"], ["n > 0"]]))
        for word, parts in (("needs", needs), ("makes", makes), ("ends", ends)):
            lines += [f"  {word} {', '.join(parts)}"] * bool(parts)
        lines += [f"  changes {count}"] * bool(count)
    start = draw(st.lists(st.sampled_from(grounds), max_size=4, unique=True))
    goal = draw(
        st.lists(
            st.sampled_from([*grounds, "not s", "n >= 1.5"]), min_size=1, max_size=3, unique=True
        )
    )
    lines += [f"start {', '.join(start)}"] * bool(start)
    lines += [f"goal {', '.join(goal)}", f"least {draw(st.sampled_from(['steps', 'cost']))}"]
    return plannings.planning_of("\n".join(lines))


@settings(max_examples=12, deadline=None)
@given(small_plannings())
def test_cp_sat_visiting_states_and_the_simulation_agree(planning: Planning) -> None:
    found = ground(planning)

    def cost(action: GroundAction) -> Fraction:
        return action.cost if planning.least == "cost" else Fraction(1)

    seen = exhaust(found, cost, seconds=5, most=400)
    limited = planning.model_copy(update={"most_steps": 3, "least": "steps"})
    with pytest.MonkeyPatch.context() as patch:
        horizons = grown(limited, patch, states=1)
    steps = exhaust(found, lambda a: Fraction(1), seconds=5, most=2_000)
    if horizons.status is PlanStatus.OPTIMAL:
        assert simulate(limited, horizons.steps).valid
        assert steps.goal is not None and len(steps.goal) == horizons.value
    else:
        assert horizons.status is PlanStatus.IMPOSSIBLE
        assert steps.goal is None or len(steps.goal) > 3
    if seen.goal is not None:
        done = simulate(planning, seen.goal)
        assert done.valid and done.value == float(seen.bound)
        assert found.reachable and found.fewest <= len(seen.goal)
        pairs = pairs_of(found)
        assert pairs is not None and pairs.clash is None
        if steps.goal is not None:
            assert pairs.level is not None and pairs.level <= len(steps.goal)


# --- in words ---


def test_a_formulation_is_told() -> None:
    told = planning_markdown(sample("PARCELS"))
    assert "- town: `Ulm`, `Hof`, `Jena`" in told and "makes untrue `in_town(v, a)`" in told
    assert "As few steps as can be." in told
    assert "in minutes" in planning_markdown(sample("BRIDGE"))
