"""A tuned model in the agent and in an evaluation: asked with its own prompt, beside its base."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import optiwright
from optiwright.agent.choose_model import choose_model
from optiwright.agent.llm import Message, Request
from optiwright.agent.openai_client import OpenAIModel
from optiwright.agent.prompting import load_prompt
from optiwright.agent.reply_cache import CachedModel, cache_key
from optiwright.agent.tuned_card import CARD, Base, TunedCard
from optiwright.evaluation.catalogue import load
from optiwright.formulators.errors import UserError
from optiwright.formulators.wire import Form
from optiwright.testing import ScriptedModel
from optiwright.training.rows import TrainingRow
from tests.agent_runs import record_of
from tests.table_samples import SHIP, TRANSPORT, transport
from tests.test_repair import IDLE, MINDFUL
from tests.wire_samples import BAKERY

PROMPT = "formulate_tuned"


def tuned(*replies: str) -> ScriptedModel:
    model = ScriptedModel(list(replies))
    model.small, model.tuned = True, PROMPT
    return model


def fixed(model: ScriptedModel, number: int) -> tuple[Message, ...]:
    return model.requests[number].messages[:-1]


def test_the_first_formulation_is_asked_for_with_the_tuned_prompt_and_all_else_without() -> None:
    model = tuned(IDLE, MINDFUL, "no program")
    result = optiwright.solve(BAKERY, model=model, route="both")
    assert result.objective == pytest.approx(160)
    first, again, program = model.requests[:3]
    assert fixed(model, 0) == load_prompt(PROMPT).fixed
    assert first.messages[-1].content == BAKERY and first.grammar
    assert (first.tuned, again.tuned, program.tuned) == (True, False, False)
    general = load_prompt("formulate_flat").fixed
    assert fixed(model, 1)[: len(general)] == general  # the draft after a faulty one is the base's
    assert fixed(model, 2)[: len(load_prompt("write_program").fixed)] == (
        load_prompt("write_program").fixed
    )
    prompts = record_of(result.record).prompts
    assert {PROMPT, "formulate_flat"} <= prompts.keys()


def test_what_it_was_not_tuned_to_is_asked_as_of_its_base() -> None:
    tables = tuned(SHIP)
    optiwright.solve(TRANSPORT, model=tables, data=transport(), route="compiled")
    indexed = tuned("{}", "{}", "{}")
    optiwright.solve(BAKERY, model=indexed, form="indexed", effort="quick")
    for model, prompt in ((tables, "formulate_tables"), (indexed, "formulate_indexed")):
        assert fixed(model, 0)[0] == load_prompt(prompt).fixed[0]
        assert not model.requests[0].tuned


def test_a_remembered_reply_is_of_the_adapter_or_of_the_base(tmp_path: Path) -> None:
    request = Request(messages=(Message(role="user", content="x"),))
    # Replies that were remembered before there were tuned models are still found.
    assert (
        cache_key("m", request)
        == "a6e8cec2bc40bece95c6527e37989c8dcf6f17403222661deddb35cfc0f809aa"
    )
    model = CachedModel(tuned("a", "b"), tmp_path / "replies.sqlite")
    assert model.tuned == PROMPT
    asked = [request, request.model_copy(update={"tuned": True}), request]
    texts = [asyncio.run(model.complete(r)).text for r in asked]
    assert texts == ["a", "b", "a"]


def test_worker_processes_know_how_a_model_is_asked() -> None:
    model = OpenAIModel("m", "http://127.0.0.1:1/v1", small=True, tuned=PROMPT)
    copy = pickle.loads(pickle.dumps(model))
    assert (copy.tuned, copy.small) == (PROMPT, True)


# --- before and after -----------------------------------------------------------------------------


def row(number: int, **given: Any) -> str:
    usual: dict[str, Any] = {
        "source": "generated", "family": "bakery", "problem_class": "LP", "split": "test",
        "text": BAKERY.replace("240", str(number)), "script": "x", "optimum": number * 2 / 3,
    }  # fmt: skip
    return TrainingRow(**usual | given).model_dump_json()


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.jsonl"
    lines = [row(240), row(120), row(60, split="train"), row(30, optimum=None)]
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    folder = tmp_path / "better"
    folder.mkdir()
    card = TunedCard(
        name="better", kind="merged", files={"model.safetensors": "0"}, prompt=PROMPT,
        base=Base(name="the-base", sha256=""), adapter_sha256="ab" * 32, form=Form.FLAT,
        created=datetime.now(UTC), version="0",
    )  # fmt: skip
    (folder / CARD).write_text(card.model_dump_json())
    return folder


def test_rows_kept_aside_are_a_benchmark(rows: Path) -> None:
    loaded = load(str(rows))
    assert [p.kind for p in loaded.problems] == ["bakery", "bakery"]
    assert [float(p.label.accepted[0]) for p in loaded.problems] == pytest.approx([160, 80])
    assert [f.what for f in loaded.findings] == [
        "the row is one to train on, not one kept aside",
        "the row's optimum is not known",
    ]


def test_evaluate_holds_a_tuned_model_against_its_base(
    optiwright_: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    rows: Path,
    exported: Path,
) -> None:
    asked: list[str] = []

    def choose(name: str, *_: object, **__: object) -> ScriptedModel:
        def reply(request: Request) -> str:
            asked.append(name)
            text = request.messages[-1].content
            right = MINDFUL.replace("240", "120") if "120" in text else MINDFUL
            return right if name == str(exported) else "I cannot."

        model = ScriptedModel(reply, name=name)
        model.small, model.tuned = True, PROMPT if name == str(exported) else ""
        return model

    monkeypatch.setattr("optiwright.evaluation.api.choose_model", choose)
    command = ("train", "evaluate", str(exported), "--benchmark", str(rows), "--effort", "quick")
    code, out, _ = optiwright_(*command, "--out", str(tmp_path / "runs"))
    assert code == 0
    assert "The first is the-base, the second better-abababab." in out
    strict = next(line for line in out.splitlines() if line.startswith("| strict"))
    cells = [cell.strip() for cell in strict.strip("|").split("|")]
    assert cells[1].startswith("0.0% (0.0 to ") and cells[1].endswith("0 of 2")
    assert cells[2].startswith("100.0% (") and cells[2].endswith("2 of 2")
    assert cells[3:] == ["0 / 2", "0.5"]
    assert "tokens out" in out and asked[0] == "the-base" and asked[-1] == str(exported)
    said = len(asked)
    assert optiwright_(*command, "--out", str(tmp_path / "runs"))[1] == out
    assert len(asked) == said, "the same command goes on where it was"
    prompts = {
        name
        for file in (tmp_path / "runs").glob("*/settings.json")
        for name in json.loads(file.read_text())["prompts"]
        if name == PROMPT
    }
    assert prompts == {PROMPT}


def test_evaluate_wants_an_export(
    optiwright_: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    code, _, error = optiwright_("train", "evaluate", str(tmp_path), "--benchmark", "nl4opt")
    assert code == 2 and "no model that was tuned here" in error


def test_rows_to_train_on_are_no_benchmark_and_that_is_said(
    optiwright_: Callable[..., tuple[int, str, str]], exported: Path, tmp_path: Path
) -> None:
    (tmp_path / "rows.jsonl").write_text(row(60, split="train") + "\n")
    command = ("train", "evaluate", str(exported), "--benchmark", str(tmp_path / "rows.jsonl"))
    code, _, error = optiwright_(*command)
    assert code == 2 and "the row is one to train on, not one kept aside" in error


def test_a_folder_without_a_card_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"no `{CARD}`.*train export"):
        optiwright.solve(BAKERY, model=str(tmp_path))


@pytest.mark.parametrize("name", ["x" * 5000, "~nobody-of-that-name", "a\0b"])
def test_a_served_models_name_may_be_anything(name: str) -> None:
    model = choose_model(name, "http://127.0.0.1:1/v1", cache=False)
    assert (model.name, model.tuned) == (name, "")
    with pytest.raises(UserError, match="no embedded model"):
        choose_model(name, cache=False)
