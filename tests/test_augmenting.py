"""LLMOPT's rewrites: drawn evenly, checked against their seeds, and the command that makes them."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from optiwright.agent.llm import Request
from optiwright.agent.loop import wait
from optiwright.evaluation.contamination import KnownTexts
from optiwright.formulators.errors import UserError
from optiwright.testing import ScriptedModel
from optiwright.training.augmenting import TOLD, Order, Rewrite, orders, same_text
from optiwright.training.resocratic_script import script_of
from optiwright.training.row_files import read_rows, write_rows
from optiwright.training.rows import TrainingRow
from optiwright.training.writing_rows import Tally, write_rows_with
from optiwright.training.writing_work import ROWS
from tests.evaluations import Optiwright, problem, run_made
from tests.inventive_model import SHORT, WITHOUT, inventive, question, scenario, stage_of
from tests.made_up_texts import made_up

SEED_TEXT = question(scenario(SHORT), table=False)


def best(hours: int) -> float:
    """The best value by trying everything."""
    plans = ((k, r) for k in range(99) for r in range(99) if 11 * k + 19 * r <= hours)
    return max(130.0 * k + 210.0 * r for k, r in plans)


BEST = best(400)


def row(text: str = SEED_TEXT, family: str = "boats", optimum: float | None = BEST) -> TrainingRow:
    return TrainingRow(
        source="generated", family=family, problem_class="MIP", text=text, optimum=optimum
    )


SEEDS = [row(), row(f"{SEED_TEXT} Soon.", "rafts"), row(f"{SEED_TEXT} Now.", "more")]


def test_every_rewrite_and_every_row_comes_as_often() -> None:
    many = [row(f"{SEED_TEXT} {k}", f"family {k}") for k in range(10)]
    made = orders(many, 70, seed=5)
    assert set(Counter(order.rewrite for order in made).values()) == {10}
    assert set(Counter(order.seed.id for order in made).values()) == {7}
    assert len({(order.rewrite, order.seed.id) for order in made}) == 70
    assert made == orders(many, 70, seed=5) != orders(many, 70, seed=6)
    assert made[:20] == orders(many, 20, seed=5)
    for order in made:
        assert (order.other is not None) == (order.rewrite is Rewrite.CROSS)
        assert order.other is None or order.other.family != order.seed.family
    fields = {o.field for o in made if o.rewrite is Rewrite.OTHER_FIELD}
    assert len(fields) > 5


def test_what_a_row_lacks_is_not_asked_of_it() -> None:
    made = orders([row(optimum=None)], 40, seed=0)
    assert {order.rewrite for order in made} == set(Rewrite) - {Rewrite.CROSS, Rewrite.PARAPHRASE}


def test_rows_kept_aside_for_testing_are_never_rewritten() -> None:
    aside = row(f"{SEED_TEXT} Aside.").model_copy(update={"split": "test"})
    assert {order.seed for order in orders([*SEEDS, aside], 30, seed=0)} == set(SEEDS)
    with pytest.raises(UserError, match="no row to rewrite"):
        orders([aside], 3, seed=0)


def test_a_changed_problem_is_another_text_and_a_paraphrase_may_be_near() -> None:
    def order(rewrite: Rewrite) -> Order:
        return Order(0, rewrite, row(), None, "a brewery")

    near = SEED_TEXT.replace("boat house", "boat yard")
    other = SEED_TEXT.replace("400", "520").replace("130", "155").replace("210", "265")
    for rewrite in Rewrite:
        assert same_text(order(rewrite), SEED_TEXT.upper() + "\n")
        assert bool(same_text(order(rewrite), near)) == (rewrite is not Rewrite.PARAPHRASE)
        assert not same_text(order(rewrite), other)


def retelling(said: str = "We ask: ", value: str = "400") -> ScriptedModel:
    """A model whose every rewrite is the seed in other words, and solved as it stands."""
    calls = 0

    def otherwise(request: Request, stage: str) -> str | None:
        nonlocal calls
        if stage == "rewrite":
            calls += 1
            return f"{said}{SEED_TEXT} No. {'x' * calls}.".replace("400", value)
        if stage == "program":
            return WITHOUT.replace("400", value)
        if stage == "formulation":
            return script_of(scenario(SHORT)).replace("400", value)
        return None

    return inventive(otherwise)


def rewrite(folder: Path, model: ScriptedModel, n: int, seeds: list[TrainingRow]) -> Tally:
    return wait(write_rows_with(model, "llmopt", seeds, n, folder, jobs=n))


def test_paraphrases_keep_the_value_and_changes_another_text(tmp_path: Path) -> None:
    tally = rewrite(tmp_path, retelling(), 14, SEEDS[:1])
    assert tally.rows == 2 and tally.dropped == {"same text": 12}
    for made in read_rows(tmp_path / ROWS):
        assert made.source == "augmented" and made.parent == SEEDS[0].id and made.verified
        assert made.family == "boats" and made.voice == "paraphrase" and made.optimum == BEST
        assert made.script.startswith("```python\n# decisions")


def test_a_paraphrase_with_another_value_is_dropped(tmp_path: Path) -> None:
    tally = rewrite(tmp_path, retelling(value="520"), 7, SEEDS[:1])
    assert tally.dropped == {"value not kept": 1} and tally.rows == 6
    assert {made.optimum for made in read_rows(tmp_path / ROWS)} == {best(520)}


def test_the_prompt_has_rewrite_seed_and_other(tmp_path: Path) -> None:
    model = retelling()
    rewrite(tmp_path, model, 21, SEEDS)
    asked = [r.messages[-1].content for r in model.requests if stage_of(r) == "rewrite"]
    assert all(SEED_TEXT in text for text in asked)
    crossing = [text for text in asked if TOLD[Rewrite.CROSS] in text]
    assert len(crossing) == 3 and all(text.count(SEED_TEXT) == 2 for text in crossing)
    assert all("The other problem:" not in text for text in asked if text not in crossing)
    for kind, told in TOLD.items():
        beginning = told.partition("{")[0]
        assert sum(text.startswith(beginning) for text in asked) == 3, kind


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Callable[[ScriptedModel], None]:
    """Has the command ask a scripted model."""

    def serve(model: ScriptedModel) -> None:
        monkeypatch.setattr("optiwright.augment_console.choose_model", lambda *_, **__: model)

    return serve


def test_the_command_says_what_came_of_it_and_goes_on(
    optiwright_: Optiwright, served: Callable[[ScriptedModel], None], tmp_path: Path
) -> None:
    seeds, out = tmp_path / "seeds.jsonl", tmp_path / "out"
    write_rows(seeds, SEEDS[:1])
    command = ["data", "augment", str(seeds), "--n", "7", "--out", str(out), "--price", "1/2"]
    served(retelling())
    code, said, told = optiwright_(*command, "--max-calls", "7")
    assert code == 0 and "stopped: the budget of 7 calls is spent" in told
    served(model := retelling())
    code, said, told = optiwright_(*command)
    assert code == 0, told
    assert "6  same text" in said and f"1  rows kept, in {out / ROWS}" in said
    assert "9 model calls" in told and "in money" in told
    assert [stage_of(r) for r in model.requests] == ["formulation", "program"]


def test_the_command_writes_scenarios_without_seeds(
    optiwright_: Optiwright, served: Callable[[ScriptedModel], None]
) -> None:
    served(inventive())
    code, said, _ = optiwright_("data", "augment", "--method", "resocratic", "--n", "1")
    assert code == 0 and "2  rows kept, in " in said
    file = Path(said.rpartition("rows kept, in ")[2].strip())
    assert len(list(read_rows(file))) == 2
    assert optiwright_("data", "verify", str(file))[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--n", "3"], "need rows to rewrite"),
        (["nowhere.jsonl"], "no such file"),
        (["some.jsonl", "--method", "resocratic"], "rewrites no rows"),
        (["--method", "resocratic", "--budget", "3"], "needs a price"),
        (["--method", "resocratic", "--n", "0"], "0 is no number of problems"),
        (["--method", "resocratic", "--max-calls", "0"], "allows nothing"),
        (["--method", "resocratic", "--out", "/dev/null/x"], "cannot be made"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    optiwright_: Optiwright,
    served: Callable[[ScriptedModel], None],
    arguments: list[str],
    said: str,
) -> None:
    served(inventive())
    code, _, told = optiwright_("data", "augment", *arguments)
    assert code == 2 and said in told and "Traceback" not in told


def test_the_commands_of_the_guide_run(
    optiwright_: Optiwright,
    served: Callable[[ScriptedModel], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guide = (Path(__file__).resolve().parents[1] / "docs" / "training.md").read_text("utf-8")
    section = guide[guide.index("## Rows that a model writes") :].partition("\n## ")[0]
    commands = re.findall(r"```sh\noptiwright ([^\n]*)\n```", section)
    assert [command.split()[1] for command in commands] == ["augment", "augment", "dedupe", "label"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "optiwright.evaluation.overlap.known_texts",
        lambda *_: KnownTexts([made_up("Nothing alike, says 12.")]),
    )
    write_rows(tmp_path / "clean.jsonl", SEEDS[:1])
    run_made(tmp_path / "RUN", [problem(0)], ScriptedModel(["1"]))
    (tmp_path / "RUN").rename(tmp_path / "runs")
    next((tmp_path / "runs").iterdir()).rename(tmp_path / "RUN")
    for command in commands:
        served(inventive() if "resocratic" in command else retelling())
        few = command.replace("--n 700", "--n 7").replace("--n 500", "--n 1")
        code, said, told = optiwright_(*shlex.split(few))
        assert code == 0, (command, told)
        assert "rows" in said or "replies" in said
