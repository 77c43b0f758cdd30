"""A row of training data drawn from a family: text, forms, program; not yet solved."""

from __future__ import annotations

import random

from optiwright.formulators.classify import formulation_class
from optiwright.formulators.lift import lift
from optiwright.formulators.llmopt import formulation_to_text
from optiwright.training.families import Family
from optiwright.training.flattening import asked_of, script_of
from optiwright.training.indexing import indexed_of, indexed_text
from optiwright.training.rows import TrainingRow
from optiwright.training.short_program import program_if_any
from optiwright.training.story import Story
from optiwright.training.voices import says, speech_for, told_in, voice_for


class PoorDraw(ValueError):
    """A draw that no row can be made of: a number that the text does not tell, for one."""


def draw_story(family: Family, seed: int) -> Story:
    """Return the story of a family and a seed; equal arguments give equal stories."""
    draw = random.Random(f"{family.name}/{seed}")
    story = Story(draw, speech_for(draw))
    family.fill(story)
    return story


def draw_row(family: Family, seed: int) -> TrainingRow:
    """Return the row of a family and a seed.

    Raises:
        PoorDraw: if the text leaves out a number, or a form cannot be made.
    """
    story = draw_story(family, seed)
    voice = voice_for(story.draw)
    text = told_in(voice, story, story.draw)
    for part in story.data:
        for quantity in part.values.values():
            if quantity.value and not (says(text, quantity.text) or says(text, quantity.cell)):
                raise PoorDraw(f"the text does not tell {part.name}: {quantity.text!r}")
    try:
        script = script_of(story)
        wire = indexed_of(story)
        formulation = lift(wire, text)
        asked = asked_of(story)
        program = program_if_any(script, asked)
    except ValueError as error:
        raise PoorDraw(str(error)) from error
    assert story.goal is not None
    return TrainingRow(
        source="generated",
        family=family.name,
        problem_class=str(formulation_class(formulation)),
        split="test" if family.aside else "train",
        text=text,
        script=script,
        indexed=indexed_text(wire),
        elements=formulation_to_text(formulation),
        program=program,
        asked=asked,
        sense=story.goal.sense,
        voice=voice,
        seed=seed,
    )
