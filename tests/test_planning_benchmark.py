"""The benchmark of plans: read as published, carried out on the published instance, counted."""

from __future__ import annotations

import itertools
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from optiwright.agent.documents import to_markdown
from optiwright.agent.llm import Request
from optiwright.agent.result import PlanAnswer, Result, Status
from optiwright.evaluation.api import Choices, prepare, run_prepared
from optiwright.evaluation.api import run as run_evaluation
from optiwright.evaluation.catalogue import load
from optiwright.evaluation.claims import Claim
from optiwright.evaluation.evaluated import read_run, read_runs
from optiwright.evaluation.planning_claims import plan_claim, validated
from optiwright.evaluation.planning_domains import MYSTERY, domain_of, mystified
from optiwright.evaluation.planning_given import given_planning
from optiwright.evaluation.planning_layout import TASKS, split_task
from optiwright.evaluation.planning_least import as_planning
from optiwright.evaluation.planning_made import (
    COUNT,
    Allocation,
    Warehouse,
    allocation,
    warehouse,
)
from optiwright.evaluation.planning_methods import written_steps
from optiwright.evaluation.planning_pddl import Instance, read_domain, read_instance
from optiwright.evaluation.planning_run import carry_out, least_steps
from optiwright.evaluation.problems import Ending, Label, Problem
from optiwright.evaluation.report import report
from optiwright.evaluation.scorers import SCORERS
from optiwright.formulators.errors import UserError
from optiwright.formulators.planning import Planning
from optiwright.formulators.planning_lines import write_planning as write_planning_lines
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, PlanStep, Simulation
from optiwright.solver_tools.plan_simulation import simulate
from optiwright.testing import ScriptedModel
from tests.planning_instances import GRIPPER_PDDL, MOVIE_PDDL, blocks, write_planning


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_planning(tmp_path / "planning")
    return tmp_path


def steps(*written: str) -> list[PlanStep]:
    return list(written_steps("\n".join(written)))


def fault(pddl: str, *written: str) -> str:
    instance = read_instance(pddl)
    return carry_out(domain_of(instance.domain), instance, steps(*written)).fault


def least(pddl: str) -> int | None:
    instance = read_instance(pddl)
    return least_steps(domain_of(instance.domain), instance)


def problem_of(data: Path, task: str) -> Problem:
    return load(f"planning-{task}", data).problems[0]


# --- reading --------------------------------------------------------------------------------------


def test_tasks_are_read_with_their_least_steps_and_without_their_pddl(data: Path) -> None:
    loaded = load("planning", data)
    assert {p.kind for p in loaded.problems} == set(TASKS) - {"coffee", "workforce", "facility"}
    found = {p.id: p.label.accepted for p in loaded.problems if p.label.plan_instance}
    assert found == {
        "planning-blocksworld-7": ("2",),
        "planning-mystery-blocksworld-7": ("2",),
        "planning-blocksworld_3-2": ("6",),
        "planning-mystery-blocksworld_3-2": ("6",),
        "planning-gripper-1": ("5",),
        "planning-movie-1": ("4",),
    }
    assert not any("(:" in p.text or "define" in p.text for p in loaded.problems)


def test_mystery_is_blocksworld_under_other_names(data: Path) -> None:
    described, text = split_task(problem_of(data, MYSTERY))
    assert "wither(x)" in described and "block" not in described
    assert text.splitlines() == [
        "The things are a, b, c.", "b is bright.", "c is bright.", "The world is calm.",
        "a is rooted.", "c is rooted.", "b shadows a.", "The goal:", "b shadows c.",
    ]  # fmt: skip


def test_a_task_by_itself_and_one_that_is_made_needs_no_files(data: Path, tmp_path: Path) -> None:
    assert {p.kind for p in load("planning-gripper", data).problems} == {"gripper"}
    empty = tmp_path / "empty"
    assert len(load("planning-warehouse", empty).problems) == COUNT
    with pytest.raises(UserError, match="no planning task 'chess'"):
        load("planning-chess", data)
    with pytest.raises(UserError, match="no problem of the task coffee is here"):
        load("planning-coffee", data)
    with pytest.raises(UserError, match="file of planning is not here"):
        load("planning-gripper", empty)
    (tmp_path / "bare/planning").mkdir(parents=True)
    with pytest.raises(UserError, match="no planning instance"):
        load("planning", tmp_path / "bare")


def test_what_if_questions_beside_it_are_three_tasks(data: Path) -> None:
    folder = data / "whatif"
    folder.mkdir()
    (folder / "coffee.md").write_text("Roast 3 bags.", encoding="utf-8")
    rows = '[{"question": "And 4?", "type": "more", "gt_exec_result": 12.5}]'
    (folder / "coffee.json").write_text(rows, encoding="utf-8")
    (only,) = load("planning-coffee", data).problems
    assert (only.id, only.kind, only.label.accepted) == ("planning-coffee-0", "coffee", ("12.5",))


@pytest.mark.parametrize(
    ("pddl", "what"),
    [
        (None, "instance-7.pddl is missing"),
        ("(define (problem x)", "a bracket is not closed"),
        ("(define (problem x))(a)", "nothing else"),
        ("(define (problem x)))", "closed that was not opened"),
        ("(define (problem x) (:domain d) (:objects a) (:init))", "no :goal"),
        ("(define (domain x))", "defines no problem"),
        (
            "(define (problem x) (:domain d) (:objects a) (:init (p b)) (:goal (p a)))",
            "no object b",
        ),
        (
            "(define (problem x) (:domain chess) (:objects a) (:init) (:goal (p a)))",
            "'chess' is not known",
        ),
        (
            "(define (problem x) (:domain d) (:objects a) (:init) (:goal (not (p a))))",
            "a goal that something is not so",
        ),
    ],
)
def test_what_cannot_be_read_is_a_finding(data: Path, pddl: str | None, what: str) -> None:
    file = data / "planning/blocksworld/instance-7.pddl"
    file.unlink() if pddl is None else file.write_text(pddl, encoding="utf-8")
    loaded = load("planning-blocksworld", data)
    assert [p.id for p in loaded.problems] == ["planning-blocksworld_3-2"]
    (finding,) = loaded.findings
    assert finding.where == "blocksworld/instance-7.nl"
    assert what in finding.what


WORDS = "define domain problem :domain :objects :types :init :goal :action :parameters :effect"
LISP = st.recursive(
    st.sampled_from([*WORDS.split(), "and", "not", "-", "a", "?x"]),
    lambda inner: st.lists(inner, max_size=4).map(lambda parts: f"({' '.join(parts)})"),
)


@settings(deadline=None)
@given(st.lists(LISP, max_size=6), st.text(alphabet="(); a", max_size=3))
def test_whatever_stands_in_a_pddl_it_is_read_or_refused(parts: list[str], more: str) -> None:
    for what, read in (("domain", read_domain), ("problem", read_instance)):
        with suppress(ValueError):
            read(f"(define ({what} x) {' '.join(parts)}){more}")


def test_brackets_may_be_deep() -> None:
    with pytest.raises(ValueError, match="a bracket is not closed"):
        read_domain("(" * 100_000)


def test_other_problems_are_written_as_ever() -> None:
    assert "plan_instance" not in Label(accepted=("3",)).model_dump_json()
    assert Label.model_validate_json('{"accepted": ["3"]}') == Label(accepted=("3",))


# --- carried out ----------------------------------------------------------------------------------

CARRY = ("pick(robot1, ball1, room1, rgripper1)", "pick(robot1, ball2, room1, lgripper1)",
         "move(robot1, room1, room2)", "drop(robot1, ball1, room2, rgripper1)",
         "drop(robot1, ball2, room2, lgripper1)")  # fmt: skip


@pytest.mark.parametrize(
    ("written", "what"),
    [
        (CARRY, ""),
        (tuple(s.upper().replace("GRIPPER", "-gripper_") for s in CARRY), ""),
        (tuple(s.replace("(robot1, ball1, room1", "(ball1, room1, robot1") for s in CARRY), ""),
        (("move(robot1, room1, room1)", *CARRY), ""),
        (CARRY[:-1], "at the end there is no at(ball2, room2)"),
        (CARRY[1:], "step 3, drop(robot1, ball1, room2, rgripper1): it needs carry(robot1, ball1"),
        (("lift(ball1)", *CARRY), "step 1, lift(ball1): there is no action 'lift'"),
        (("move(robot1, room1, room9)", *CARRY), "there is no object 'room9'"),
        (("move(robot1, room2)", *CARRY), "it takes 3 objects, not 2"),
        (("move(robot1, ball1, room2)", *CARRY), "not of the kinds robot, room, room"),
    ],
)
def test_a_plan_is_carried_out_and_what_stops_it_is_named(
    written: tuple[str, ...], what: str
) -> None:
    found = fault(GRIPPER_PDDL, *written)
    assert (found == "") if not what else (what in found)


def test_what_must_not_be_so_is_named_too() -> None:
    early = ("start_movie()", "rewind_movie()", "reset_counter()", "get_pop(object_1)")
    assert fault(MOVIE_PDDL, *early) == ("step 4, get_pop(object_1): it needs not movie-rewound()")
    assert fault(MOVIE_PDDL, "get_pop(object_1)", *early[:3]) == ""


def test_least_steps_are_least() -> None:
    assert least(GRIPPER_PDDL) == 5
    assert least(MOVIE_PDDL) == 4
    assert least(blocks(("ab",), {"b": "a"})[1]) == 0
    assert least(blocks(("abcd",), {"a": "b", "b": "c", "c": "d"})[1]) == 8
    assert least(mystified(blocks(("ab", "c"), {"b": "c"})[1])) == 2
    assert least(blocks(("ab",), {"a": "a"})[1]) is None
    rewound = MOVIE_PDDL.replace("(counter-at-zero))\n", "(counter-at-zero) (movie-rewound))\n")
    assert least(rewound) == 5  # undone first, since snacks are got before the film is rewound
    few = read_instance(GRIPPER_PDDL)
    assert least_steps(domain_of(few.domain), few, most_states=10) is None


def wandering(instance: Instance, length: int, random: Random) -> list[PlanStep]:
    """Steps of which most can be taken and some cannot."""
    domain = domain_of(instance.domain)
    done: list[PlanStep] = []
    while len(done) < length:
        operator = random.choice(domain.operators)
        chosen = [
            random.choice([n for n, k in instance.objects.items() if domain.is_of(k, kind)])
            for _, kind in operator.parameters
        ]
        step = PlanStep(action=operator.name.replace("-", "_"), arguments=tuple(chosen))
        stopped = carry_out(domain, instance, [*done, step]).fault.startswith("step")
        if not stopped or random.random() < 0.02:
            done.append(step)
    return done


def instances(data: Path) -> list[Problem]:
    return [p for p in load("planning", data).problems if p.label.plan_instance]


def towards(instance: Instance, walk: list[PlanStep], random: Random) -> Instance:
    """The same instance with a goal that the walk reaches about every second time."""
    planning = as_planning(domain_of(instance.domain), instance)
    came = [text for step in simulate(planning, walk).steps for text in step.became_true]
    names = {a[0].replace("-", "_"): a[0] for a in instance.start | instance.goal}
    found = [re.findall(r"\w+", text) for text in came]
    atoms = {(names[name], *rest) for name, *rest in found if name in names} | instance.start
    goal = random.sample(sorted(atoms), 2)
    return replace(instance, goal=frozenset(goal))


def as_pddl(instance: Instance) -> str:
    def listed(atoms: frozenset[tuple[str, ...]]) -> str:
        return " ".join(f"({' '.join(atom)})" for atom in atoms)

    objects = " ".join(f"{name} - {kind}" for name, kind in instance.objects.items())
    return (
        f"(define (problem p) (:domain {instance.domain}) (:objects {objects}) "
        f"(:init {listed(instance.start)}) (:goal (and {listed(instance.goal)})))"
    )


def test_unified_planning_s_validator_says_the_same(data: Path) -> None:
    random, verdicts = Random(1), []
    for problem in instances(data):
        published = read_instance(problem.label.plan_instance)
        for length in (3, 6):
            walk = wandering(published, length, random)
            instance = towards(published, walk, random)
            trip = carry_out(domain_of(instance.domain), instance, walk)
            said = validated(instance.domain, as_pddl(instance), trip.steps)
            assert said in (None, trip.fault == ""), (problem.id, walk)
            verdicts.append(trip.fault == "")
    assert any(verdicts) and not all(verdicts)


def stops_at(trip: str) -> int:
    """The number of the step that cannot be taken; 0 where all can."""
    return int(trip.removeprefix("step ").partition(",")[0]) if trip.startswith("step") else 0


def first_unmet(done: Simulation) -> int:
    return next((k for k, step in enumerate(done.steps, start=1) if step.unmet), 0)


def test_given_formulations_allow_what_the_published_instances_allow(data: Path) -> None:
    random, verdicts = Random(2), []
    for problem in instances(data):
        instance = read_instance(problem.label.plan_instance)
        domain = domain_of(instance.domain)
        planning = given_planning(problem)
        for length in (1, 2, 3, 4, 5, 6) * 4:
            walk = wandering(instance, length, random)
            if any(s.action == "move" and len(set(s.arguments)) < 3 for s in walk):
                continue  # going nowhere is no step in words, and one in the PDDL
            fault = carry_out(domain, instance, walk).fault
            for formulated in (planning, as_planning(domain, instance)):
                done = simulate(formulated, walk)
                assert done.valid is (fault == ""), (problem.id, walk)
                assert first_unmet(done) == stops_at(fault), (problem.id, walk)
            verdicts.append(stops_at(fault))
    assert any(verdicts) and not all(verdicts)


def test_a_line_that_no_rule_reads_is_refused(data: Path) -> None:
    problem = problem_of(data, "movie")
    changed = problem.model_copy(update={"text": problem.text + "\nhave-fun"})
    with pytest.raises(UserError, match="the line 'have-fun' is not understood"):
        given_planning(changed)
    with pytest.raises(UserError, match="no formulation of a task 'warehouse'"):
        given_planning(problem_of(data, "warehouse"))


# --- what counts ----------------------------------------------------------------------------------


def verdicts_of(outcome: PlanOutcome | None, pddl: str = MOVIE_PDDL) -> tuple[Any, ...]:
    """Ending, valid-plan, strict and the fault of an answer to a task of four steps."""
    plan = None if outcome is None else PlanAnswer(planning=Planning(), outcome=outcome)
    # A result may claim whatever it likes of itself: only the steps count.
    result = Result(run_id="r", text="t", status=Status.OPTIMAL, objective=4.0, plan=plan)
    label = Label(accepted=("4",), plan_instance=pddl)
    claim = plan_claim(label, result, Claim(ending=Ending.SOLVED, objective=4.0, feasible=True))
    said = (SCORERS[name](label, claim) for name in ("valid-plan", "strict"))
    return (claim.ending, *said, claim.fault)


SHORTEST = ("get_pop(object_1)", "start_movie()", "rewind_movie()", "reset_counter()")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (None, ("solved", False, False, "there is no plan")),
        (PlanOutcome(status=PlanStatus.UNSOLVED), ("no answer", False, False, "no plan was found")),
        (
            PlanOutcome(status=PlanStatus.IMPOSSIBLE),
            ("infeasible", False, False, "it is said to be impossible"),
        ),
        (
            PlanOutcome(status=PlanStatus.OPTIMAL, steps=tuple(steps(*SHORTEST))),
            ("solved", True, True, ""),
        ),
        (
            PlanOutcome(
                status=PlanStatus.OPTIMAL, steps=tuple(steps("get_chips(object_0)", *SHORTEST))
            ),
            ("solved", True, False, ""),
        ),
        (
            PlanOutcome(status=PlanStatus.OPTIMAL, steps=tuple(steps(*SHORTEST[1:])), value=4),
            ("solved", False, False, "at the end there is no have-pop()"),
        ),
    ],
)
def test_only_the_steps_on_the_published_instance_count(
    outcome: PlanOutcome | None, expected: tuple[str, bool, bool, str]
) -> None:
    assert verdicts_of(outcome) == expected


def test_a_plan_that_the_validator_refuses_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = "optiwright.evaluation.planning_claims.validated"
    monkeypatch.setattr(refusing, lambda domain, instance, steps: False)
    outcome = PlanOutcome(status=PlanStatus.FOUND, steps=tuple(steps(*SHORTEST)))
    assert verdicts_of(outcome)[1:] == (False, False, "unified-planning's validator refuses it")


def test_other_problems_have_no_plan_that_could_hold() -> None:
    claim = Claim(ending=Ending.SOLVED, objective=4.0)
    assert SCORERS["valid-plan"](Label(accepted=("4",)), claim) is None


# --- methods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("I think.\n```\nunstack(a, b)\nput_down(a)\n```", ["unstack(a, b)", "put_down(a)"]),
        ("1. `stack(a, b)`\n2) put-down( c )", ["stack(a, b)", "put-down(c)"]),
        ("- start_movie()\n- rewind_movie().", ["start_movie()", "rewind_movie()"]),
        ("(unstack a b)\n(put-down a)", ["unstack(a, b)", "put-down(a)"]),
        ("```\nstack(a, b)\n```\nBetter:\n```plan\nstack(b, a)", ["stack(b, a)"]),
        ("There is no plan (sorry).", []),
        ("I pick a first (it is clear) and go on.", []),
    ],
)
def test_steps_are_read_from_a_reply(reply: str, expected: list[str]) -> None:
    assert [str(step) for step in written_steps(reply)] == expected


@settings(deadline=None)
@given(st.text(max_size=200))
def test_whatever_a_reply_says_it_is_read(reply: str) -> None:
    assert all(step.action for step in written_steps(reply))


def knowing(request: Request) -> str:
    """Solve the gripper instance, think of nothing else."""
    said = request.messages[-1].content
    return "```\n" + "\n".join(CARRY) + "\n```" if "robot1" in said else "I do not know."


def test_a_model_s_own_plans_are_counted_by_task(data: Path, tmp_path: Path) -> None:
    model = ScriptedModel(knowing)
    choices: dict[str, Any] = {
        "method": "direct-plan",
        "model": model,
        "data": data,
        "out": tmp_path / "out",
    }
    frame = run_evaluation("planning", **choices)
    assert len(frame) == len(model.requests) == 6
    right = frame[frame["strict"] == True]  # noqa: E712
    assert list(right["problem"]) == ["planning-gripper-1"]
    assert list(right["objective"]) == [5.0]
    assert set(frame["valid-plan"]) == {True, False}
    again = run_evaluation("planning", **choices)
    assert len(model.requests) == 6 and len(again) == 6
    (folder,) = (tmp_path / "out").iterdir()
    told = to_markdown(list(report(read_runs([folder]), {})))
    assert "| gripper | 100.0% (20.7 to 100.0), 1 of 1 | 100.0% (20.7 to 100.0), 1 of 1 |" in told
    assert "| mean of 4 tasks | 25.0% | 25.0% |" in told
    assert "LLMFP, GPT-4o, mean of nine tasks" in told
    assert "the method direct-plan answers plans: 100 problems are left out" in told


def test_given_formulations_are_solved_best_without_a_model(data: Path, tmp_path: Path) -> None:
    prepared = prepare("planning", Choices(method="given", data=data, out=tmp_path / "out"))
    assert prepared.settings.model == "none"
    run_prepared(prepared, lambda row, before: None)
    rows = read_run(prepared.folder).rows
    assert [(r.right("strict"), r.right("valid-plan"), r.level) for r in rows] == [
        (True, True, "checked")
    ] * 6
    assert "--model" not in read_run(prepared.folder).command


def test_the_agent_s_plan_is_what_counts(data: Path, tmp_path: Path) -> None:
    right = given_planning(problem_of(data, "gripper"))
    # A model that overlooks one gripper makes a plan that holds and is not the shortest.
    less = right.model_copy(update={"start": tuple(s for s in right.start if "lgripper" not in s)})
    model = ScriptedModel([write_planning_lines(less)])
    frame = run_evaluation("planning-gripper", model=model, effort="quick", data=data, out=tmp_path)
    assert (list(frame["valid-plan"]), list(frame["strict"])) == ([True], [False])
    assert list(frame["level"]) == ["checked"]


def test_a_method_that_does_not_fit_is_refused(data: Path) -> None:
    with pytest.raises(UserError, match=r"comes to plans.*Choose one of optiwright, direct"):
        prepare("planning-warehouse", Choices(method="given", data=data))
    with pytest.raises(UserError, match=r"comes to values.*Choose one of optiwright, given"):
        prepare("planning-movie", Choices(method="cot", model=ScriptedModel([]), data=data))


# --- what is made ---------------------------------------------------------------------------------


def shortest_makespan(task: Allocation) -> float:
    """By a solver: whole pieces by robot and kind, and the end after each robot."""
    robots, kinds = len(task.minutes), len(task.pieces)
    cells = robots * kinds
    done = np.zeros((kinds, cells + 1))
    late = np.zeros((robots, cells + 1))
    for robot, kind in itertools.product(range(robots), range(kinds)):
        done[kind, robot * kinds + kind] = 1
        late[robot, robot * kinds + kind] = task.minutes[robot][kind]
    late[:, -1] = -1
    found = milp(
        np.eye(cells + 1)[-1],
        constraints=[
            LinearConstraint(done, task.pieces, task.pieces),
            LinearConstraint(late, -np.inf, 0),
        ],
        bounds=Bounds(0, np.inf),
        integrality=np.ones(cells + 1),
        options={"mip_rel_gap": 0},
    )
    return float(found.fun)


def shortest_way(task: Warehouse) -> int:
    """By trying all."""
    start = len(task.distances) - 1
    return min(
        sum(task.distances[a][b] for a, b in itertools.pairwise((start, *way, start)))
        for way in itertools.product(*(task.stations[t] for t in task.order))
    )


@pytest.mark.parametrize("number", [0, 7, 23, 49])
def test_labels_of_what_is_made_are_what_others_find(number: int) -> None:
    assert allocation(number).least() == pytest.approx(shortest_makespan(allocation(number)))
    assert warehouse(number).least() == shortest_way(warehouse(number))


def test_what_is_made_says_all_its_numbers_and_is_always_the_same() -> None:
    made, again = (load("planning-task-allocation").problems for _ in range(2))
    assert made == again and len({p.text for p in made}) == COUNT
    task = allocation(3)
    assert all(f" {n} " in made[3].text for n in (*task.pieces, *itertools.chain(*task.minutes)))
    way = load("planning-warehouse").problems[3].text
    assert ", ".join("ABCDEF"[t] for t in warehouse(3).order) in way
