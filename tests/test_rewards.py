"""What a reply is worth, run for real; and that no short cut is worth more than an honest try."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optiwright.agent.writing import run_written
from optiwright.solver_tools.pool import Pool
from optiwright.training.instructions import Task
from optiwright.training.reply_examining import LONGEST
from optiwright.training.rewards import WEIGHTS, Answered, Judge, Reward
from optiwright.training.rows import AskedValue, TrainingRow
from optiwright.training.trl_rewards import trl_reward
from tests.workshop_rows import INDEXED, PROGRAM, SCRIPT, fenced, workshop

ROW = workshop()
SCRIPT_OF, PROGRAM_OF = Task.QUESTION_TO_SCRIPT, Task.QUESTION_TO_PROGRAM
HONEST_BUT_WRONG = SCRIPT.replace("hours <= 40", "hours >= 3").replace(
    "1*chairs  # hours", "chairs"
)


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    pool = Pool(workers=3)
    yield Judge(pool, seconds=2.0)
    pool.close()


def rewarded(judge: Judge, reply: str, task: Task = SCRIPT_OF, row: TrainingRow = ROW) -> Reward:
    reward = asyncio.run(judge.reward(Answered(row, task, reply)))
    assert reward is not None
    return reward


# --- good replies ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "reply"),
    [
        (SCRIPT_OF, SCRIPT),
        (PROGRAM_OF, fenced(PROGRAM)),
        (Task.ELEMENTS_TO_PROGRAM, fenced(PROGRAM)),
    ],
)
def test_the_row_s_own_reply_is_worth_all(judge: Judge, task: Task, reply: str) -> None:
    reward = rewarded(judge, reply, task)
    assert reward.value == pytest.approx(1.0)
    assert reward.right
    assert reward.fault == ""


def test_an_indexed_formulation_is_worth_what_a_script_is(judge: Judge) -> None:
    row = workshop(indexed=INDEXED, asked=())
    reward = rewarded(judge, INDEXED, Task.QUESTION_TO_INDEXED, row)
    assert reward.parts.agreement is None  # nothing is asked for beside the best value
    assert reward.value == pytest.approx(1.0)


def test_weights_add_up_to_one() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)


def test_other_words_and_bounds_for_requirements_are_as_good(judge: Judge) -> None:
    other = SCRIPT.replace("chairs = integer(0, None)", "chairs = integer(0, 20)")
    other = other.replace("# at most 20 chairs can be sold\nrequire(chairs <= 20)\n", "")
    assert rewarded(judge, other.replace("hours", "work")).value == pytest.approx(1.0)


def test_words_around_cost_the_form_alone(judge: Judge) -> None:
    told = rewarded(judge, f"Here is the model:\n{SCRIPT}\nThat is all.")
    bare = rewarded(judge, SCRIPT.removeprefix("```python\n").removesuffix("```"))
    assert told.parts.format == bare.parts.format == 0.5
    assert told.value == bare.value == pytest.approx(1 - 0.5 * WEIGHTS["format"])


def test_program_and_formulation_in_one_reply_are_held_against_each_other(judge: Judge) -> None:
    both = rewarded(judge, f"{SCRIPT}\n{fenced(PROGRAM)}")
    assert both.parts.agreement == 1.0
    other = fenced(PROGRAM.replace("13 * model", "14 * model"))
    apart = rewarded(judge, f"{SCRIPT}\n{other}")
    assert (apart.parts.objective, apart.parts.agreement) == (1.0, 0.0)


def test_a_wrong_model_gets_what_it_reached(judge: Judge) -> None:
    wrong = SCRIPT.replace("require(hours <= 40)", "require(hours <= 3 + 40)")
    parts = rewarded(judge, wrong).parts
    assert (parts.format, parts.executes, parts.status, parts.objective) == (1.0, 1.0, 1.0, 0.0)
    unlimited = rewarded(judge, SCRIPT.replace("require(hours <= 40)", "require(hours >= 40)"))
    assert (unlimited.parts.executes, unlimited.parts.status) == (1.0, 0.0)


def test_asked_values_are_counted_each(judge: Judge) -> None:
    meanings = {"number of desks": 13.0, "number of chairs": 2.0}
    asked = tuple(AskedValue(meaning=m, expression=m[10:], value=v) for m, v in meanings.items())
    assert rewarded(judge, SCRIPT, row=workshop(asked=asked)).parts.agreement == 0.5


def test_a_number_left_out_costs_its_share(judge: Judge) -> None:
    """The sale's limit does not bind here, so that the value is right without it."""
    short = SCRIPT.replace("# at most 20 chairs can be sold\nrequire(chairs <= 20)\n", "")
    parts = rewarded(judge, short).parts
    assert 0 < parts.objective < 1
    assert parts.objective == parts.status


def test_numbers_of_its_own_halve_what_a_right_answer_is_worth(judge: Judge) -> None:
    """Limits that the text does not have, and that do not bind."""
    one = SCRIPT.replace("require(chairs <= 20)", "require(chairs <= 20)\nrequire(desks <= 777)")
    two = one.replace("require(desks <= 777)", "require(desks <= 777)\nrequire(profit <= 98765)")
    assert rewarded(judge, one).parts.objective == 0.5
    assert rewarded(judge, two).parts.objective == 0.25
    assert rewarded(judge, one).right
    assert not rewarded(judge, two).right


def test_distractors_that_the_row_leaves_out_are_not_missed(judge: Judge) -> None:
    row = workshop(text=f"{ROW.text} The workshop was founded with 7350 in savings.")
    assert rewarded(judge, SCRIPT, row=row).value == pytest.approx(1.0)


def test_only_published_labels_may_be_rounded(judge: Judge) -> None:
    finer = SCRIPT.replace("13*chairs", "13.044*chairs")  # 598.044 at best
    near: dict[str, Any] = {"optimum": 598.04, "asked": (), "script": finer}
    assert not rewarded(judge, finer, row=workshop(**near)).right
    assert rewarded(judge, finer, row=workshop(source="published", **near)).right


def test_what_has_no_label_or_cannot_be_run_has_no_reward(judge: Judge) -> None:
    nothing = [
        Answered(workshop(optimum=None), SCRIPT_OF, SCRIPT),
        Answered(ROW, Task.QUESTION_TO_ELEMENTS, "## Sets"),
    ]
    assert asyncio.run(judge.rewards(nothing)) == [None, None]


# --- short cuts -----------------------------------------------------------------------------------

DUMMY = "import pyomo.environ as pyo\nm = pyo.ConcreteModel()\n"
SOLVED = 'pyo.SolverFactory("appsi_highs").solve(m)\n'
PROGRAMS_THAT_CHEAT = {
    "prints the label": 'print("objective: 598")',
    "reports the label": "report(objective=598, desks=13, chairs=1)",
    "solves something else and reports the label": DUMMY
    + "m.x = pyo.Var(bounds=(0, 5))\nm.o = pyo.Objective(expr=m.x, sense=pyo.maximize)\n"
    + SOLVED
    + "report(objective=598)",
    "bounds a decision by the label": DUMMY
    + "m.x = pyo.Var(bounds=(0, 598))\nm.o = pyo.Objective(expr=m.x, sense=pyo.maximize)\n"
    + SOLVED
    + "report(objective=pyo.value(m.o))",
    "hides the label in a string": DUMMY
    + 'm.x = pyo.Var(bounds=(0, float("598")))\n'
    + "m.o = pyo.Objective(expr=m.x + 0*(45 + 3 + 13 + 40 + 20), sense=pyo.maximize)\n"
    + SOLVED
    + "report(objective=pyo.value(m.o))",
    "writes the label in other digits": DUMMY
    + 'm.x = pyo.Var(bounds=(0, float("\u0665\u0669\u0668")))\n'
    + "m.o = pyo.Objective(expr=m.x + 0*(45 + 3 + 13 + 40 + 20), sense=pyo.maximize)\n"
    + SOLVED
    + "report(objective=pyo.value(m.o))",
    "fixes a decision at the label": DUMMY
    + "m.x = pyo.Var()\nm.c = pyo.Constraint(expr=m.x == 598)\n"
    + "m.o = pyo.Objective(expr=m.x, sense=pyo.maximize)\n"
    + SOLVED
    + "report(objective=pyo.value(m.o))",
    "adds a constant up to the label": PROGRAM.replace("+ 13 * model.chairs", "+ 598")
    .replace("45 * model.desks", "0 * model.desks")
    .replace("print", "report and print"),
    "raises with the label": "raise ValueError('objective: 598')",
    "exits after printing": "print('Optimal objective: 598')\nraise SystemExit(0)",
    "loops for ever after its solve": PROGRAM.replace("print(", "while True: pass\nprint(", 1),
    "takes all memory": PROGRAM + "\nx = [0] * 10**11",
    "prints without end": "while True: print('objective: 598')",
    "is empty": "",
    "has no model": "x = 598",
    "dies": "import os\nos._exit(0)",
}


TOLD = workshop(text=f"{ROW.text} Last year the best profit was 598.")
"""A row whose answer the text has, so that its number alone tells nothing."""


@pytest.mark.parametrize("goal", ["598", "598 + 0*profit"])
def test_an_objective_that_depends_on_nothing_is_none(judge: Judge, goal: str) -> None:
    constant = SCRIPT.replace("maximize(profit)", f"maximize({goal})")
    reward = rewarded(judge, constant, row=TOLD)
    assert (reward.parts.executes, reward.parts.objective) == (0.0, 0.0)
    assert reward.fault


def test_a_value_that_no_solve_gave_is_none(judge: Judge) -> None:
    says = PROGRAM.replace('print("objective:", pyo.value(model.profit))', "report(objective=598)")
    wrong = says.replace("+ 13 * model.chairs", "+ 13 * model.chairs - 13 * model.desks")
    assert rewarded(judge, fenced(wrong), PROGRAM_OF, TOLD).parts.objective == 0
    unsolved = says.replace('pyo.SolverFactory("appsi_highs").solve(model)\n', "").replace(
        "pyo.value(model.desks)", "13"
    )
    unsolved = unsolved.replace("pyo.value(model.chairs)", "1")
    assert rewarded(judge, fenced(unsolved), PROGRAM_OF, TOLD).parts.executes == 0


@pytest.mark.parametrize("name", PROGRAMS_THAT_CHEAT)
def test_a_program_without_a_way_to_its_answer_is_worth_little(judge: Judge, name: str) -> None:
    reward = rewarded(judge, fenced(PROGRAMS_THAT_CHEAT[name]), PROGRAM_OF)
    assert reward.parts.objective == 0
    assert reward.value <= 0.2
    assert not reward.right


SCRIPTS_THAT_CHEAT = {
    "an empty reply": "",
    "nothing": "none",
    "an empty script": "```python\n```",
    "no decision": "```python\nmaximize(598)\n```",
    "a constant objective": SCRIPT.replace("maximize(profit)", "maximize(598)"),
    "a constant beside nothing of the decisions": SCRIPT.replace(
        "maximize(profit)", "maximize(598 + 0*profit)"
    ),
    "the optimum as a requirement": SCRIPT.replace(
        "require(chairs <= 20)", "require(chairs <= 20)\nrequire(profit == 598)"
    ).replace("45*desks", "46*desks"),
    "a decision that is the optimum": "```python\n# decisions\nbest = integer(598, 598)  # profit\n"
    "# objective: profit\nmaximize(best)\n```",
    "a decision up to the optimum": "```python\n# decisions\nbest = integer(0, 598)  # profit\n"
    "# objective: profit\nmaximize(best)\n```",
    "the optimum as a sum": "```python\n# decisions\nbest = integer(0, None)  # profit\n"
    "# objective: profit\nmaximize(best)\n# limit\nrequire(best <= 500 + 98)\n```",
    "ignoring the data": "```python\n# decisions\nx = integer(0, 1)  # desks\n"
    "# objective: profit\nmaximize(x)\n```",
    "digits of another script": SCRIPT.replace("45", "\uff14\uff15"),
    "a call": "```python\n__import__('os').system('true')\nmaximize(x)\n```",
    "deep nesting": "```python\nx = " + "(" * 5000 + "1" + ")" * 5000 + "\n```",
    "a huge power": SCRIPT.replace("hours <= 40", "hours <= 9**9**9**9"),
    "the label in words": "The objective is 598: 13 desks and 1 chair.",
    "many fences": "\n".join([SCRIPT] * 30),
}


@pytest.mark.parametrize("name", SCRIPTS_THAT_CHEAT)
def test_a_script_without_a_way_to_its_answer_is_worth_little(judge: Judge, name: str) -> None:
    reward = rewarded(judge, SCRIPTS_THAT_CHEAT[name])
    assert reward.parts.objective < 0.2
    assert reward.value <= 0.25
    assert not reward.right


def test_an_honest_try_is_worth_more_than_an_empty_one(judge: Judge) -> None:
    honest = rewarded(judge, SCRIPT.replace("45*desks", "54*desks")).value
    assert honest > rewarded(judge, SCRIPTS_THAT_CHEAT["ignoring the data"]).value
    assert honest > rewarded(judge, SCRIPTS_THAT_CHEAT["a decision up to the optimum"]).value


def test_of_several_scripts_one_counts_and_the_form_is_lost(judge: Judge) -> None:
    """So that nothing is won by writing several and hoping for one."""
    wrong = SCRIPT.replace("45*desks", "54*desks").replace("most profit", "the very most profit")
    for reply in (f"{SCRIPT}\n{wrong}", f"{wrong}\n{SCRIPT}"):
        reward = rewarded(judge, reply)
        assert (reward.parts.format, reward.parts.objective) == (0.0, 0.0)


def test_a_huge_reply_is_not_read(judge: Judge) -> None:
    reward = rewarded(judge, SCRIPT + "\n" + "x" * LONGEST)
    assert reward.value == 0
    assert f"{LONGEST:,}" in reward.fault


def test_a_model_too_long_to_solve_is_ended(judge: Judge) -> None:
    """A hard equation with many solutions short of it: the solver's limit holds."""
    names = [f"x{k}" for k in range(40)]
    decisions = "\n".join(f"{n} = integer(0, 1)  # {n}" for n in names)
    total = " + ".join(f"{10**6 + 7919 * k * k + 13 * k}*{n}" for k, n in enumerate(names))
    script = f"```python\n{decisions}\nt = {total}\nmaximize(t)\nrequire(t <= 20417263)\n```"
    reward = rewarded(judge, script)
    assert reward.parts.objective == 0
    assert "reading it ended" not in reward.fault  # the pool had not to end it


def test_equal_replies_have_equal_rewards_and_run_beside_each_other(judge: Judge) -> None:
    replies = [SCRIPT, SCRIPT.replace("45*desks", "54*desks"), "none", SCRIPT]
    answered = [Answered(ROW, SCRIPT_OF, reply) for reply in replies]
    first = asyncio.run(judge.rewards(answered))
    assert first == asyncio.run(judge.rewards(answered))
    assert first[0] == first[3] != first[1]


def test_programs_of_a_batch_run_side_by_side(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, two = 0, asyncio.Event()

    async def met(*given: Any) -> Any:
        """Runs a program once another is under way beside it."""
        nonlocal under_way
        under_way += 1
        if under_way == 2:
            two.set()
        await asyncio.wait_for(two.wait(), 30)
        return await run_written(*given)

    monkeypatch.setattr("optiwright.training.rewards.run_written", met)
    rewards = asyncio.run(judge.rewards([Answered(ROW, PROGRAM_OF, fenced(PROGRAM))] * 3))
    assert two.is_set() and all(r is not None and r.parts.objective == 1 for r in rewards)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cut=st.integers(0, len(SCRIPT)),
    noise=st.text(max_size=20),
    of=st.sampled_from([SCRIPT, INDEXED, fenced(PROGRAM)]),
    task=st.sampled_from(list(Task)),
)
def test_no_reply_raises(judge: Judge, cut: int, noise: str, of: str, task: Task) -> None:
    broken = of[:cut] + noise + of[cut + len(noise) :]
    reward = asyncio.run(judge.reward(Answered(ROW, task, broken)))
    assert reward is None or 0.0 <= reward.value <= 1.0


# --- as TRL calls it ------------------------------------------------------------------------------


def test_the_form_of_trl(judge: Judge) -> None:
    logged: dict[str, float] = {}
    message = [{"role": "assistant", "content": SCRIPT}]
    values: list[float | None] = asyncio.run(
        trl_reward(judge)(  # type: ignore[arg-type]
            prompts=["p"] * 3,
            completions=[message, "none", SCRIPT],
            completion_ids=[[1]] * 3,
            row=[ROW.model_dump_json()] * 2 + [workshop(optimum=None).model_dump_json()],
            task=["question_to_script"] * 3,
            log_metric=logged.__setitem__,
            trainer_state=None,
        )
    )
    assert values == [pytest.approx(1.0), 0.0, None]
    assert logged["reward_objective"] == 0.5
