"""Our benchmarks as inspect-ai tasks, run with its mock model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from optiwright.evaluation.scorers import SCORERS
from tests.wire_samples import BAKERY, flat_reply

ASKED = {"Staple": "80.0", "Profit": "160.0"}


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A benchmark of two problems: the bakery, and one whose label is another's."""
    rows = [
        {"question": BAKERY, "index": 1, "type": "mix", "results": ASKED},
        {"question": BAKERY + " Hurry.", "index": 2, "type": "mix", "answer": "161"},
    ]
    (tmp_path / "own.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return str(tmp_path / "own.jsonl")


def evaluated(own: str, tmp_path: Path, reply: Any, **choices: Any) -> Any:
    """The log of an evaluation whose mock model answers by a function of the last message."""
    from inspect_ai import eval as inspect_eval
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    from optiwright.evaluation.inspect_tasks import benchmark

    def output(messages: list[Any], *_: Any) -> Any:
        answer = ModelOutput.from_content("mockllm/model", reply(messages[-1].text))
        # Without a usage inspect-ai fetches a tokenizer to count.
        answer.usage = ModelUsage(input_tokens=70, output_tokens=9, input_tokens_cache_read=30)
        return answer

    model = get_model("mockllm/model", custom_outputs=output)
    logs = inspect_eval(
        benchmark(own, **{"effort": "quick", "form": "flat"} | choices),
        model=model, display="none", log_dir=str(tmp_path / "logs"), fail_on_error=False,
    )  # fmt: skip
    return logs[0]


def bakery(asked: str) -> str:
    return json.dumps({"expressions": ["bread"]} if "Staple" in asked else flat_reply())


def test_the_agent_answers_with_inspects_model_and_our_rules_score_it(
    own: str, tmp_path: Path
) -> None:
    log = evaluated(own, tmp_path, bakery)
    assert log.status == "success", log.error
    by_rule = {s.name: s for s in log.results.scores}
    assert set(by_rule) == set(SCORERS)
    assert by_rule["strict"].metrics["accuracy"].value == 0.5
    assert by_rule["optibench"].metrics["accuracy"].value == 1.0  # over the one that it judges
    first = next(s for s in log.samples if s.id == "own-1")
    assert first.target == ["160.0"] and first.metadata["kind"] == "mix"
    assert first.output.completion.startswith("solved 160 (checked)")
    assert sum(e.event == "model" for e in first.events) == 2  # the formulation and the mapping


def test_a_published_way_runs_and_n_draws(own: str, tmp_path: Path) -> None:
    log = evaluated(own, tmp_path, lambda asked: "no program", method="direct", n=1)
    assert len(log.samples) == 1
    strict = next(s for s in log.results.scores if s.name == "strict")
    assert strict.metrics["accuracy"].value == 0.0


def test_a_providers_outage_is_an_error_and_no_wrong_answer(own: str, tmp_path: Path) -> None:
    def out(asked: str) -> str:
        raise OSError("the server is not there")

    log = evaluated(own, tmp_path, out)
    assert all("the server is not there" in s.error.message for s in log.samples)
    assert all(not s.scores for s in log.samples)
