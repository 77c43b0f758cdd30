"""Which prompts a run may ask with, for its record."""

from __future__ import annotations

from optiwright.agent.llm import LanguageModel
from optiwright.agent.prompting import (
    PLAN_PROGRAM_PROMPT,
    PLAN_PROMPT,
    PROGRAM_PROMPT,
    formulation_prompt,
    prompt_hashes,
)
from optiwright.agent.record import Settings
from optiwright.agent.state import redrafts
from optiwright.formulators.problem_kind import ProblemKind


def prompts_of(settings: Settings, model: LanguageModel | None, *, asks: bool) -> dict[str, str]:
    """Return the prompts that a run may ask with, each with its SHA-256."""
    if model is None:
        return {}
    if settings.problem_kind is ProblemKind.PLAN:
        return prompt_hashes(_plan_prompts(settings, small=model.small))
    if settings.problem_kind is ProblemKind.SEARCH:
        written = ("write_search_program",) if settings.route == "written" else ()
        return prompt_hashes(("read_black_box", *written))
    again = "redraft" if redrafts(settings, model) else "repair"
    look = ("clarify",) if asks and not model.small else ()
    first = formulation_prompt(settings.form, model.tuned)
    afresh = (formulation_prompt(settings.form, ""),) if redrafts(settings, model) else ()
    compiled = (*dict.fromkeys((first, *afresh)), again, *look)
    written = (PROGRAM_PROMPT[settings.library], *(() if model.small else ("rewrite",)))
    match settings.route:
        case "compiled":
            return prompt_hashes(compiled)
        case "written":
            return prompt_hashes(written)
        case "both":
            return prompt_hashes((*compiled, *written, "judge"))


def _plan_prompts(settings: Settings, *, small: bool) -> tuple[str, ...]:
    """Return the prompts that a plan's run may ask with."""
    again = ("redraft",) if small else ("assess_plan", "repair_plan")
    compiled = () if settings.route == "written" else (PLAN_PROMPT, *again)
    if settings.route == "compiled":
        return compiled
    return (*compiled, PLAN_PROGRAM_PROMPT, *(() if small else ("rewrite",)))
