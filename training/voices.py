"""The voices in which a story is told: who speaks, in which order, in sentences, tables or lists.

A voice never changes what is said, only how: every number that the story has stands in every
telling. What varies beside the voice are the number format and the units (`speech.py`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from optiwright.training.pieces_told import items_of, sentences_of, table_of
from optiwright.training.speech import Speech
from optiwright.training.story import Story
from optiwright.training.things import sentence

_NAMES = (
    "Maren",
    "Tom",
    "Ingrid",
    "Paul",
    "Aisha",
    "Jonas",
    "Lucia",
    "Viktor",
    "Hana",
    "Piet",
    "Noor",
)


def told_in(voice: str, story: Story, draw: random.Random) -> str:
    """Return the story's text in one of `VOICES`."""
    return VOICES[voice](story, draw).strip()


def speech_for(draw: random.Random) -> Speech:
    """Return the habits of a text: mostly plain English, sometimes another country's numbers."""
    return Speech(
        numbers=draw.choices(("plain", "comma", "european", "apostrophe"), (4, 5, 1, 0.5))[0],
        currency=draw.choices(range(8), (6, 3, 1, 2, 2, 1, 0.5, 0.5))[0],
        spells=draw.random() < 0.25,
        converts=draw.random() < 0.6,
        rounds=draw.random() < 0.15,
    )


def _aside(story: Story, draw: random.Random) -> list[str]:
    """Return the distractors that this telling has: none, or one or two."""
    if not story.distractors or draw.random() < 0.5:
        return []
    return [
        sentence(s)
        for s in draw.sample(story.distractors, draw.randint(1, min(2, len(story.distractors))))
    ]


def _limits(story: Story) -> list[str]:
    return [sentence(p.text) for p in story.limits]


def _facts(story: Story, draw: random.Random) -> list[str]:
    return [s for piece in story.facts for s in sentences_of(piece, draw)]


def _mixed_in(sentences: list[str], extra: list[str], draw: random.Random) -> list[str]:
    for text in extra:
        sentences.insert(draw.randint(0, len(sentences)), text)
    return sentences


# --- voices ---------------------------------------------------------------------------------------


def _plain(story: Story, draw: random.Random) -> str:
    """One paragraph: scene, facts, limits, question."""
    body = [*_facts(story, draw), *_limits(story)]
    return " ".join(
        [
            sentence(story.scene),
            *_mixed_in(body, _aside(story, draw), draw),
            sentence(story.question),
        ]
    )


def _paragraphs(story: Story, draw: random.Random) -> str:
    """A paragraph each for the scene with its facts, the limits, the question."""
    facts = _mixed_in([sentence(story.scene), *_facts(story, draw)], _aside(story, draw), draw)
    parts = [" ".join(facts), " ".join(_limits(story)), sentence(story.question)]
    return "\n\n".join(p for p in parts if p)


def _with_tables(story: Story, draw: random.Random) -> str:
    """Facts about several things as tables."""
    parts = [sentence(story.scene), *(table_of(piece, draw) for piece in story.facts)]
    parts.append(" ".join(_mixed_in(_limits(story), _aside(story, draw), draw)))
    parts.append(sentence(story.question))
    return "\n\n".join(p for p in parts if p)


def _memo(story: Story, draw: random.Random) -> str:
    """A message from one person to another."""
    sender, receiver = draw.sample(_NAMES, 2)
    subject = draw.choice(("Plan for next week", "Numbers for the plan", "A question", "Planning"))
    opener = draw.choice(
        ("as discussed, here is what we know.", "please work this out for me.", "I need a plan.")
    )
    tables = draw.random() < 0.4
    facts = [table_of(p, draw) for p in story.facts] if tables else _facts(story, draw)
    limits = "\n".join(f"- {s.rstrip('.')}" for s in _limits(story))
    parts = [
        f"Subject: {subject}",
        f"{receiver}, {opener} {sentence(story.scene)}",
        *(facts if tables else [" ".join(facts)]),
        f"What to mind:\n{limits}" if limits else "",
        " ".join(_aside(story, draw)),
        sentence(story.question),
        f"Thanks, {sender}",
    ]
    return "\n\n".join(p for p in parts if p)


def _terse(story: Story, draw: random.Random) -> str:
    """Lists, no sentence too many."""
    items = [i for piece in [*story.facts, *story.limits] for i in items_of(piece)]
    return "\n".join([sentence(story.scene), *(f"- {i}" for i in items), sentence(story.question)])


def _question_first(story: Story, draw: random.Random) -> str:
    """The question, then everything else."""
    body = [sentence(story.scene), *_facts(story, draw), *_limits(story)]
    return " ".join([sentence(story.question), *_mixed_in(body, _aside(story, draw), draw)])


def _limits_first(story: Story, draw: random.Random) -> str:
    """The limits before the facts."""
    body = [*_limits(story), *_facts(story, draw)]
    return " ".join(
        [
            sentence(story.scene),
            *_mixed_in(body, _aside(story, draw), draw),
            sentence(story.question),
        ]
    )


def _numbered(story: Story, draw: random.Random) -> str:
    """Facts as a paragraph, limits as a numbered list."""
    limits = [f"({n}) {s.rstrip('.')}" for n, s in enumerate(_limits(story), 1)]
    facts = " ".join(
        [sentence(story.scene), *_mixed_in(_facts(story, draw), _aside(story, draw), draw)]
    )
    asked = sentence(story.question)
    return "\n".join([facts, *([f"Conditions: {'; '.join(limits)}."] if limits else []), asked])


VOICES: dict[str, Callable[[Story, random.Random], str]] = {
    "story": _plain,
    "paragraphs": _paragraphs,
    "table": _with_tables,
    "memo": _memo,
    "terse": _terse,
    "question_first": _question_first,
    "limits_first": _limits_first,
    "numbered": _numbered,
}
_LIKELY = (5, 2, 3, 1, 1.5, 1, 1, 1)


def voice_for(draw: random.Random) -> str:
    """Return one of the voices; the plain paragraph, as most people write, most often."""
    return draw.choices(list(VOICES), _LIKELY)[0]


def says(text: str, words: str) -> bool:
    """Whether a text has a number's words, not as a part of another number."""
    return re.search(rf"(?<![\d.,']){re.escape(words)}(?![\d'])", text) is not None
