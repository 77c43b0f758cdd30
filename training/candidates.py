"""A problem that a model has written becomes a row, if all its solves agree and its text is sound.

The model is asked for a formulation and for a program, both from the text alone. A formulation that
was there before the text, as ReSocratic has it, has to end like both.
"""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.agent.prompting import FORMULATION_PROMPT, PROGRAM_PROMPT
from optiwright.formulators.llmopt import formulation_to_text
from optiwright.formulators.script_lines import ScriptLines
from optiwright.formulators.wire import Form
from optiwright.solver_tools.pool import default_pool
from optiwright.solver_tools.written_check import strip_code
from optiwright.training.proved_optima import same_value
from optiwright.training.question_checks import given_away, length_fault, number_fault
from optiwright.training.row_verdicts import marked
from optiwright.training.rows import Source, TrainingRow
from optiwright.training.solved_scripts import Found, solved
from optiwright.training.verifying_rows import Care, judge
from optiwright.training.writing_work import Outcome, WritingWork, key_of


@dataclass(frozen=True)
class Candidate:
    """A text that may become a row, with what is known of it already."""

    text: str
    source: Source
    family: str
    script: str = ""
    """The formulation that the text was made from; "" takes the model's own."""
    value: float | None = None
    """What its best value has to be; None for whatever both solves find."""
    parent: str = ""
    voice: str = ""
    seed: int | None = None

    @property
    def key(self) -> str:
        """Names its outcome."""
        return key_of("candidate", self.source, self.text, self.script, self.value, self.parent)


async def try_candidate(work: WritingWork, candidate: Candidate) -> Outcome:
    """Return the row that a candidate becomes, or why it becomes none; raises what `ask` does."""
    return await work.outcome(candidate.key, lambda: _row_or_why(work, candidate))


async def _row_or_why(work: WritingWork, candidate: Candidate) -> TrainingRow | str:
    text = candidate.text
    if fault := length_fault(text):
        return fault
    known = await solved(candidate.script, text) if candidate.script else None
    if isinstance(known, str):
        return known
    if isinstance(known, Found) and (fault := _text_fault(text, known)):
        return fault
    script = await work.ask("formulation", FORMULATION_PROMPT[Form.FLAT], problem=text)
    afresh = await solved(script, text)
    if isinstance(afresh, str):
        return afresh
    found = known or afresh
    if not same_value(found.value, afresh.value):
        return f"round trip differs: {afresh.value:.10g} instead of {found.value:.10g}"
    if known is None and (fault := _text_fault(text, found)):
        return fault
    if candidate.value is not None and not same_value(found.value, candidate.value):
        return f"value not kept: {found.value:.10g} instead of {candidate.value:.10g}"
    program = strip_code(await work.ask("program", PROGRAM_PROMPT["pyomo"], problem=text))
    row = _row(candidate, found, candidate.script or in_fence(script), program, work.model_name)
    verdict = await judge(row, default_pool(), Care())
    return marked(row, verdict) if verdict.kept else f"{verdict.reason}: {verdict.detail}"


def _text_fault(text: str, found: Found) -> str:
    formulation = found.formulation
    names = [v.name for v in formulation.variables] + [d.name for d in formulation.definitions]
    return given_away(text, names) or number_fault(text, formulation)


def _row(
    candidate: Candidate, found: Found, script: str, program: str, made_by: str
) -> TrainingRow:
    return TrainingRow(
        source=candidate.source,
        family=candidate.family,
        problem_class="",
        text=candidate.text,
        script=script,
        elements=formulation_to_text(found.formulation),
        program=program,
        optimum=found.value,
        asked=found.asked,
        voice=candidate.voice,
        seed=candidate.seed,
        parent=candidate.parent,
        made_by=made_by,
    )


def in_fence(reply: str) -> str:
    """Return a reply's script alone, in its fence."""
    return f"```python\n{ScriptLines(reply).source.strip()}\n```"
