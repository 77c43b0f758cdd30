"""The benchmarks as inspect-ai tasks: our problems, methods and rules; its models, logs and viewer.

Optional, with the extra `inspect`: `inspect eval optiwright/benchmark -T name=nl4opt -T n=50
--model openai/gpt-4o`, or `inspect_ai.eval(benchmark("nl4opt", n=50), model=...)`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    ModelOutput,
    get_model,
)
from inspect_ai.scorer import Score, accuracy, scorer, stderr
from inspect_ai.solver import solver
from inspect_ai.util import LimitExceededError

from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import Reply, Request
from optiwright.evaluation.api import Choices, Prepared, prepare
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationRecord
from optiwright.evaluation.scorers import SCORERS
from optiwright.formulators.wire import Form

_MESSAGES = {
    "system": ChatMessageSystem,
    "user": ChatMessageUser,
    "assistant": ChatMessageAssistant,
}
_STORED = "optiwright"
"""The key of a sample's store under which its verdicts are."""


class InspectModel:
    """The model of the inspect-ai evaluation that is running, as one of ours.

    Constrained output is not asked for: not every provider of inspect-ai's has it, and what comes
    is validated anyway.
    """

    name = "the model of inspect-ai"
    small = False
    tuned = ""

    async def complete(self, request: Request, on_text: object = None) -> Reply:
        """Ask it; the call is in inspect-ai's log.

        Raises:
            ProviderError: whatever the provider raised.
        """
        model = get_model()
        config = GenerateConfig(
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            seed=request.seed + request.sample,
            timeout=int(request.timeout_s),
        )
        messages = [_MESSAGES[m.role](content=m.content) for m in request.messages]
        try:
            output = await model.generate(messages, config=config)
        except LimitExceededError:
            raise
        except Exception as error:
            # Every provider has errors of its own; inspect-ai has retried what can be retried.
            raise ProviderError(str(error) or repr(error), kind="failed") from error
        return _reply(output, str(model))

    async def aclose(self) -> None:
        """Leave the model to inspect-ai."""


@task  # type: ignore[untyped-decorator, unused-ignore]
def benchmark(
    name: str = "optibench",
    n: int | None = None,
    seed: int = 0,
    method: str = "optiwright",
    effort: str = "standard",
    form: str | None = None,
    data: str | None = None,
) -> Any:
    """Return a benchmark as an inspect-ai Task.

    Args:
        name: as for `optiwright eval`; so are the others.
        n: how many problems are drawn; None takes all.
        seed: of the draw and of the runs.
        method: `optiwright` or a published way of answering.
        effort: quick, standard or thorough.
        form: flat or indexed.
        data: the folder of the benchmarks' files.

    Raises:
        UserError: the benchmark or a choice cannot be used.
    """
    chosen: dict[str, Any] = {"effort": effort, "form": Form(form) if form else None}
    folder = Path(data) if data else None
    choices = Choices(model=InspectModel(), n=n, seed=seed, method=method, data=folder, **chosen)
    prepared = prepare(name, choices)
    dataset = MemoryDataset(list(map(_sample, prepared.problems)), name=name)
    findings = [f"{f.where}: {f.what}" for f in prepared.findings]
    return Task(
        dataset=dataset,
        solver=answer(prepared),
        scorer=[rule(each) for each in SCORERS],
        metadata={"about the data": findings},
    )


@solver  # type: ignore[untyped-decorator, unused-ignore]
def answer(prepared: Prepared) -> Any:
    """Return the solver that answers by the method that was prepared.

    Raises:
        ProviderError: an outage of the provider, so that inspect-ai counts an error, no failure.
    """
    problems = {problem.id: problem for problem in prepared.problems}

    async def solve(state: Any, generate: Any) -> Any:
        sample = state.epoch - 1
        answered = await prepared.work.answer(problems[state.sample_id], sample)
        assert answered is not None, "inspect-ai's model is asked in no batches of ours"
        record, outage = answered
        if outage:
            raise ProviderError(outage, kind="failed")
        state.store.set(_STORED, record.scores)
        state.output = ModelOutput.from_content(str(state.model), _said(record))
        state.completed = True
        return state

    return solve


def rule(name: str) -> Any:
    """Return the scorer of one of our rules; a sample that it has no say on is left out."""

    async def score(state: Any, target: Any) -> Any:
        verdict = state.store.get(_STORED, {}).get(name)
        said = state.output.completion
        if verdict is None:
            return Score.unscored(reason="the rule has no say on this problem", answer=said)
        return Score(value=float(verdict), answer=said)

    return scorer(metrics=[accuracy(), stderr()], name=name)(lambda: score)()


def _sample(problem: Problem) -> Any:
    label = problem.label
    named = [f"{q.name} = {q.value}" for q in label.quantities]
    return Sample(
        id=problem.id,
        input=problem.text,
        target=list(label.accepted) or named,
        metadata={"benchmark": problem.benchmark, "kind": problem.kind, "quantities": named},
    )


def _said(record: EvaluationRecord) -> str:
    result, error = record.run.result, record.run.error
    if result is None:
        return f"no answer: {error}" if error is not None else "no answer"
    value = "" if result.objective is None else f" {result.objective:.10g}"
    return f"{record.claim.ending}{value} ({result.level})\n\n{result.explanation}".strip()


def _reply(output: Any, model: str) -> Reply:
    usage = output.usage
    cached = (usage.input_tokens_cache_read or 0) if usage else 0
    return Reply(
        text=output.completion,
        finish_reason="length" if output.stop_reason in ("max_tokens", "model_length") else "stop",
        model=model,
        prompt_tokens=usage.input_tokens + cached if usage else 0,
        cached_prompt_tokens=cached,
        completion_tokens=usage.output_tokens if usage else 0,
        seconds=output.time or 0.0,
        cached=False,
    )
