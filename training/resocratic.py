"""ReSocratic (arXiv 2407.09887): scenarios in reverse, from the formulation to the question.

A model writes scenarios step by step after one or two demonstrations; each prefix of three steps or
more is a problem. It is solved before anything more is asked, told as a question with a table and
without, and the question answered twice afresh, by a formulation and a program: the original kept
time-outs and never compared the results, here everything has to end alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from optiwright.training.candidates import Candidate, try_candidate
from optiwright.training.demonstrations import demonstrations, sampled
from optiwright.training.fields import FIELDS
from optiwright.training.near_duplicates import NearDuplicates
from optiwright.training.question_checks import has_table
from optiwright.training.resocratic_script import script_of, sound_part
from optiwright.training.resocratic_steps import FEWEST_STEPS, Scenario, read_scenario
from optiwright.training.solved_scripts import solved
from optiwright.training.writing_work import Unanswered, WritingWork, all_of, key_of

TEMPERATURE = 0.7
"""Of scenarios; everything else is asked at 0."""
_WAVE = 8
"""Scenarios drawn at once; rows come of a wave before the next one is paid for."""
_VOICES = ("table", "story")


@dataclass(frozen=True)
class Drawn:
    """A scenario that was drawn, by its number, and what is sound of it."""

    number: int
    kind: str
    scenario: Scenario
    why: str
    """Why nothing comes of it; empty where something may."""


async def resocratic(work: WritingWork, n: int) -> None:
    """Draw `n` scenarios; what becomes of each problem in them is in the work's outcomes.

    Raises:
        OverBudget: the budget is spent.
        ProviderError: the model cannot be asked.
        UserError: the work folder cannot be written.
    """
    near = NearDuplicates()
    for demonstration in demonstrations():
        near.add(_told(demonstration.scenario), demonstration.title)
    for start in range(0, n, _WAVE):
        numbers = range(start, min(start + _WAVE, n))
        kept = []
        for drawn in await all_of(_draw(work, number) for number in numbers):
            if why := drawn.why or _like(near, drawn):
                await work.drop(key_of("scenario", work.seed, drawn.number, why), why)
            else:
                kept.append(drawn)
        told = [(d, p, v) for d in kept for p in d.scenario.prefixes for v in _VOICES]
        await all_of(_problem(work, *each) for each in told)


async def _draw(work: WritingWork, number: int) -> Drawn:
    """Have a scenario written; its examples and its field hang on seed and number alone."""
    random = Random(f"{work.seed}-{number}")
    shown = sampled(random)
    kind = shown[0].kind
    try:
        reply = await work.ask(
            "scenario",
            "resocratic_scenario",
            temperature=TEMPERATURE,
            sample=number,
            examples=[demonstration.text for demonstration in shown],
            kind=kind,
            field=random.choice(FIELDS),
        )
    except Unanswered as fault:
        return Drawn(number, kind, Scenario(()), f"no answer: {fault}")
    scenario, cut = read_scenario(reply)
    scenario, unsound = sound_part(scenario)
    if len(scenario.steps) < FEWEST_STEPS:
        return Drawn(number, kind, scenario, f"form: {unsound or cut}")
    return Drawn(number, kind, scenario, "")


def _told(scenario: Scenario) -> str:
    """Return what scenarios are compared by: variables and objective."""
    return "\n".join(step.text for step in scenario.steps[:2])


def _like(near: NearDuplicates, drawn: Drawn) -> str:
    like = near.add(_told(drawn.scenario), f"scenario {drawn.number}")
    return f"near duplicate: of {like}" if like else ""


async def _problem(work: WritingWork, drawn: Drawn, prefix: Scenario, voice: str) -> None:
    """Have a prefix told in a voice, and try what comes of it."""
    script = script_of(prefix)
    key = key_of("problem", script, voice)
    found = await solved(script)
    if isinstance(found, str):
        await work.drop(key, found)
        return
    try:
        question = await work.ask(
            "question", "resocratic_question", scenario=prefix.text, table=voice == "table"
        )
    except Unanswered as fault:
        await work.drop(key, f"no answer: {fault}")
        return
    if has_table(question) != (voice == "table"):
        await work.drop(key, f"voice: there is {'a' if voice == 'story' else 'no'} table")
        return
    candidate = Candidate(
        text=question.strip(),
        source="resocratic",
        family=f"resocratic {drawn.kind}",
        script=script,
        value=found.value,
        voice=voice,
        seed=drawn.number,
    )
    await try_candidate(work, candidate)
