"""Records as rows: what tables, progress and comparisons need of them, and nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from optiwright.agent.llm import Reply
from optiwright.agent.record import Call, RunRecord
from optiwright.evaluation.problems import Ending
from optiwright.evaluation.records import EvaluationRecord

if TYPE_CHECKING:
    import pandas as pd

_ENDED = {Ending.SOLVED, Ending.INFEASIBLE, Ending.UNBOUNDED}


@dataclass(frozen=True)
class Row:
    """One record's summary.

    Attributes:
        ran: whether it came to an answer, LLMOPT's execution rate (ER).
        code_pass: whether the last program ran to its end, or the formulation reached a solver.
        corrections: attempts and programs after the first, LLMOPT's self-corrections (AST).
        error: the kind of the error that ended the run without a result.
        content: the problem's, by which reviews of its label know it.
        paid_prompt_tokens: as the other two, of replies that did not come out of our cache, those
            of the mapping of quantities too.
        paid_cached_tokens: those of them that the provider had in its own cache.
        batched: whether they were asked in a batch, at half price.
    """

    key: str
    problem: str
    benchmark: str
    kind: str
    sample: int
    method: str
    model: str
    ending: str
    objective: float | None
    label: str
    level: str
    agreement: str
    scores: dict[str, bool | None]
    ran: bool
    code_pass: bool
    corrections: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    model_seconds: float
    seconds: float
    error: str
    content: str = ""
    paid_prompt_tokens: int = 0
    paid_cached_tokens: int = 0
    paid_completion_tokens: int = 0
    batched: bool = False
    asked: str = ""
    """The kinds of what the user was asked, with semicolons between."""

    def right(self, scorer: str) -> bool | None:
        """Return what a scorer says."""
        return self.scores.get(scorer)


def row_of(record: EvaluationRecord) -> Row:
    """Return a record's summary; tokens are the method's own, without those of the mapping."""
    run, result = record.run, record.run.result
    replies = _replies(run.calls)
    mapping = record.mapping.call if record.mapping is not None else None
    paid = [r for r in (*replies, *_replies([mapping] if mapping else [])) if not r.cached]
    return Row(
        key=record.key,
        problem=record.problem.id,
        benchmark=record.problem.benchmark,
        kind=record.problem.kind,
        sample=record.sample,
        method=record.method,
        model=run.settings.model if run.settings is not None else "",
        ending=record.claim.ending.value,
        objective=record.claim.objective,
        label=" or ".join(record.problem.label.accepted),
        level=result.level.value if result is not None else "failed",
        agreement=result.agreement.value if result is not None else "",
        scores=record.scores,
        ran=record.claim.ending in _ENDED,
        code_pass=_code_pass(run),
        corrections=_corrections(run),
        calls=len(run.calls),
        prompt_tokens=sum(r.prompt_tokens for r in replies),
        completion_tokens=sum(r.completion_tokens for r in replies),
        model_seconds=sum(r.seconds for r in replies),
        seconds=record.seconds,
        error=run.error.kind if run.error is not None else "",
        content=record.problem.content,
        asked="; ".join(dict.fromkeys(q.kind.value for q in run.questions)),
        paid_prompt_tokens=sum(r.prompt_tokens for r in paid),
        paid_cached_tokens=sum(r.cached_prompt_tokens for r in paid),
        paid_completion_tokens=sum(r.completion_tokens for r in paid),
        batched=any(r.batched for r in paid),
    )


def to_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows as a data frame, a column a scorer."""
    import pandas as pd

    flat = []
    for row in rows:
        fields = asdict(row)
        flat.append({**{k: v for k, v in fields.items() if k != "scores"}, **row.scores})
    return pd.DataFrame(flat)


def _replies(calls: Iterable[Call]) -> list[Reply]:
    return [call.reply for call in calls if call.reply is not None]


def _code_pass(run: RunRecord) -> bool:
    if run.result is not None and run.result.solution is not None:
        return True
    ran = [p for p in run.programs if p.adopted]
    last = ran[-1].report if ran else None
    return last is not None and last.outcome in ("finished", "no_result")


def _corrections(run: RunRecord) -> int:
    first = len({a.sample for a in run.attempts}) + len({p.sample for p in run.programs})
    return len(run.attempts) + len(run.programs) - first
