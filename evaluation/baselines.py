"""The published ways of answering, on the same model and in the same sandbox.

`direct` and `fewshot` are OptiBench's zero-shot and few-shot programs (arXiv 2407.09887), `llmopt`
is LLMOPT's five elements and then Pyomo (arXiv 2410.13213), without and with its self-correction,
`cot` a formulation in prose before the code, `majority` the most frequent answer of several
few-shot programs, so that nobody wins by spending more. The methods are theirs, the words are ours.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import wraps

from optiwright.agent.errors import ProviderError
from optiwright.agent.evidence import written_level
from optiwright.agent.llm import LanguageModel
from optiwright.agent.record import Program
from optiwright.evaluation.black_box_run import BLACK_BOX_METHODS
from optiwright.evaluation.methods import AGENT, Answer, Method, Outcome
from optiwright.evaluation.planning_methods import PLANNING
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationSettings
from optiwright.evaluation.statistics import majority as most_frequent
from optiwright.evaluation.trials import Trial, standing_of_program
from optiwright.evaluation.what_if import WHAT_IF

DIRECT = "baseline_direct"
FEWSHOT = "baseline_fewshot"
REASONING = "baseline_reasoning"
ELEMENTS = "baseline_elements"
ELEMENTS_PROGRAM = "baseline_elements_program"
ELEMENTS_JUDGE = "baseline_elements_judge"

_VERDICT = re.compile(
    r"five-element is \W*(true|false).*?code is \W*(true|false)", re.IGNORECASE | re.DOTALL
)
_ANALYSIS = re.compile(r"analysis:\s*(.*)", re.IGNORECASE | re.DOTALL)


def _baseline(solve: Callable[[Trial], Awaitable[Program | None]]) -> Answer:
    """Make an answering function of one that leaves its choice of a trial's programs."""

    @wraps(solve)
    async def answer(
        problem: Problem, model: LanguageModel, settings: EvaluationSettings
    ) -> Outcome:
        trial = Trial(problem, model, settings)
        try:
            return trial.outcome(await solve(trial))
        except ProviderError as error:
            return trial.outcome(None, error)

    return answer


async def _direct(trial: Trial) -> Program:
    return await trial.run(await trial.ask(DIRECT, problem=trial.text))


async def _fewshot(trial: Trial) -> Program:
    return await trial.run(await trial.ask(FEWSHOT, problem=trial.text))


async def _reasoning(trial: Trial) -> Program:
    return await trial.run(await trial.ask(REASONING, problem=trial.text))


async def _llmopt(trial: Trial) -> Program:
    elements = await trial.ask(ELEMENTS, problem=trial.text, analysis="")
    reply = await trial.ask(ELEMENTS_PROGRAM, elements=elements, analysis="")
    return await trial.run(reply)


async def _llmopt_correcting(trial: Trial) -> Program:
    """Judge and do again what was judged wrong, until nothing is or the rounds are used up."""
    elements = await trial.ask(ELEMENTS, problem=trial.text, analysis="")
    program = await trial.run(await trial.ask(ELEMENTS_PROGRAM, elements=elements, analysis=""))
    for turn in range(1, trial.settings.rounds + 1):
        said = await trial.ask(
            ELEMENTS_JUDGE,
            draw=0,
            problem=trial.text,
            elements=elements,
            program=program.source,
            output=_output(program),
            errors=" ".join(program.complaints) or "none",
        )
        elements_right, code_right, analysis = _verdict(said, program)
        if elements_right and code_right:
            break
        if not elements_right:
            elements = await trial.ask(ELEMENTS, draw=turn, problem=trial.text, analysis=analysis)
            analysis = ""
        reply = await trial.ask(ELEMENTS_PROGRAM, draw=turn, elements=elements, analysis=analysis)
        program = await trial.run(reply)
    return program


async def _majority(trial: Trial) -> Program | None:
    programs = []
    for draw in range(trial.settings.votes):
        reply = await trial.ask(FEWSHOT, draw=draw, problem=trial.text)
        programs.append(await trial.run(reply, sample=draw))
    place = most_frequent([_vote(program) for program in programs])
    return programs[place or 0]


def _vote(program: Program) -> tuple[str, float | None]:
    """Return a program's ending and value; one that came to nothing has no vote."""
    standing = standing_of_program(program)
    if not written_level(standing).answered:
        return "", None
    objective = program.report.objective if program.report is not None else None
    # That a solver stopped at a feasible point or proved it best is no other answer.
    return ("solved" if objective is not None else standing.value), objective


def _output(program: Program) -> str:
    """Return what a program's run came to, as its output would show it."""
    report = program.report
    if report is None or report.outcome != "finished":
        return "nothing"
    lines = [f"status: {report.status}", f"objective: {report.objective}"]
    return "\n".join(lines + [f"{q.name}: {q.value}" for q in report.quantities])


def _verdict(said: str, program: Program) -> tuple[bool, bool, str]:
    """Return what a judge fills in: elements and code right, and what is wrong.

    Where it does not keep to the form, code that has not run to its end is wrong, and its words
    say why; else both are right.
    """
    found = _VERDICT.search(said)
    if found is None:
        report = program.report
        ran = report is not None and report.outcome == "finished"
        return True, ran, "" if ran else said.strip()
    elements, code = (word.lower() == "true" for word in found.groups())
    analysis = _ANALYSIS.search(said)
    return elements, code, analysis.group(1).strip() if analysis else ""


_FIVE = (ELEMENTS, ELEMENTS_PROGRAM)
METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        AGENT,
        Method("direct", "a program, zero-shot", (DIRECT,), _baseline(_direct), one_shot=True),
        Method(
            "fewshot", "a program, three examples", (FEWSHOT,), _baseline(_fewshot), one_shot=True
        ),
        Method(
            "cot",
            "a formulation in prose, then code",
            (REASONING,),
            _baseline(_reasoning),
            one_shot=True,
        ),
        Method("llmopt", "five elements, then Pyomo", _FIVE, _baseline(_llmopt)),
        Method(
            "llmopt-correct",
            "the same with self-correction, up to --rounds",
            (*_FIVE, ELEMENTS_JUDGE),
            _baseline(_llmopt_correcting),
            uses_rounds=True,
        ),
        Method(
            "majority",
            "the most frequent of --votes few-shot programs",
            (FEWSHOT,),
            _baseline(_majority),
            uses_votes=True,
        ),
        *WHAT_IF,
        *PLANNING,
        *BLACK_BOX_METHODS,
    )
}
"""Every way of answering, by name."""
