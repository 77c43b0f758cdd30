"""Numbers that a problem needs and its text does not give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from optiwright.formulators.figures import number
from optiwright.formulators.findings import Code, Finding
from optiwright.formulators.model import Formulation, Parameter
from optiwright.formulators.number_checks import unfounded_numbers
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.questions import Choice, Kind, Question, slug
from optiwright.formulators.text_numbers import numbers_in
from optiwright.formulators.wording import sentences, stems

_UNKNOWN = re.compile(
    r"(?<![\w?!])\?\?+|_{3,}|\[(?:amount|number|value|price|tbd|x)\]|\bTBD\b|\bunknown\b|\bn/a\b"
    r"|(?<!\bif )\bunclear\b"
    r"|\bto be (?:determined|confirmed|agreed)\b"
    r"|\bnot (?:yet )?(?:known|decided|given|settled|fixed)\b"
    r"|\bX (?:euros?|dollars?|hours?|kg|units?)\b",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    r"\b(?:(?:is|are|has|have|with|only)\s+(?:a\s+)?(?:very\s+)?(?:limited|restricted|scarce)"
    r"|(?:a|some|certain|limited)\s+(?:fixed\s+)?(?:budget|quota|fee|penalty|set-?up cost"
    r"|delivery charge|storage cost|rent|deposit)"
    r"|(?:its|their|the) budget(?!\s+(?:is|was|has been)\s+(?:gone|spent|used up))"
    r"|(?:a|the) (?:minimum|maximum) (?:number|amount|quantity) (?:of|that)"
    r"|only so (?:many|much)|(?:there is|has) (?:a limit|a cap))\b",
    re.IGNORECASE,
)
_MISSING = re.compile(r"missing:(?!\s*(?:none|nothing)\b)", re.IGNORECASE)
"""How an assumption begins that says what the text lacks."""
_POINTING = re.compile(r"\b(?:these|those|such|follow\w*|below|above)\b", re.IGNORECASE)
"""What has its numbers elsewhere in the text."""
_NOTHING_WORDS = """
the and are has have with only very limited restricted scarce there some certain its their budget
for that resource resources this can must not all supply amount number minimum maximum limit cap
available availability means quantity fixed however also stay within which but each pay known yet
given price
"""
_NOTHING = frozenset(w.rstrip("s") for w in _NOTHING_WORDS.split())
"""Stems that say nothing of what a number is for."""
_TECHNICAL = re.compile(
    r"\b(?:small|tiny|slight|large|big|huge)(?: positive| enough)?"
    r" (?:weight|number|constant|value|factor|M)\b"
    r"|\bepsilon\b|\bbig[- ]?M\b|\btie[- ]?break",
    re.IGNORECASE,
)
"""What a model needs for its own sake, as the weight of a wish that comes second."""
_SMALL = 4
"""Whole numbers up to this are often counts or powers, and no data."""


def open_data(formulation: Formulation, text: str) -> Iterator[Question]:
    """Yield a question for each number that nobody gave: named without one, or made up."""
    asked: set[str] = set()
    for _, sentence in sentences(text):
        blank = _UNKNOWN.search(sentence)
        named = None if _POINTING.search(sentence) else _WITHOUT.search(sentence)
        if blank is None and (named is None or _is_given(text, sentence, named)):
            continue
        words = _clause(sentence, blank or named)
        places = _made_up_for(formulation, text, words)
        asked.update(p.name for p in places)
        yield _question(formulation, words, places)
    invented = made_up(formulation, text)
    values = scalar_values(formulation)
    # Several numbers that the text does not state are another problem's, and none that it lacks.
    if len({values[p.name] for p in invented}) == 1 and not asked & {p.name for p in invented}:
        said = _meaning(invented[0])
        if (stems(said) - _NOTHING) & stems(text):
            yield _question(formulation, said, invented)


def _clause(sentence: str, found: re.Match[str] | None) -> str:
    """Return the clause of a sentence that something was found in."""
    place = found.start() if found is not None else 0
    before = re.split(r"[;:,]\s", sentence[:place])[-1]
    after = re.split(r"[;:,](?=\s)", sentence[place:])[0]
    return re.sub(r"^(?:and|but|while)\s+", "", " ".join((before + after).split()).rstrip(".?!"))


def _question(formulation: Formulation, words: str, parameters: list[Parameter]) -> Question:
    if not parameters:
        guess = Choice(label="none", meaning=f'"{words}" limits and costs nothing')
        said = f'"{words}": which number is that?'
    else:
        value = number(scalar_values(formulation)[parameters[0].name])
        said = f'The text does not give this number: "{words}". What is it?'
        guess = Choice(label=value, meaning=f'{value} is taken for "{words}"')
    return Question(
        id=slug("data", words),
        kind=Kind.DATA,
        text=said,
        choices=(guess,),
        guess=guess.label,
        words=words,
        number=True,
        parameters=tuple(p.name for p in parameters),
    )


def _is_given(text: str, sentence: str, named: re.Match[str]) -> bool:
    """Whether the sentence has a number, or another sentence has one for the same thing."""
    if numbers_in(sentence):
        return True
    things = stems(sentence) - _NOTHING
    return not things or any(
        numbers_in(other) and len(things & stems(other)) >= min(2, len(things))
        for _, other in sentences(text)
        if other != sentence
    )


def made_up_told(formulation: Formulation, text: str) -> tuple[str, ...]:
    """Return each number that nobody gave and what it was put in for: `8 for "minutes a cake"`."""
    values = scalar_values(formulation)
    first = {values[p.name]: _meaning(p) for p in reversed(made_up(formulation, text))}
    return tuple(f'{number(value)} for "{said}"' for value, said in reversed(first.items()))


def missing_told(formulation: Formulation, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what a formulation says that its text does not give.

    That is each parameter that was found without values; and where all have some, the assumptions
    that say that something is missing, so that the values are stand-ins.
    """
    places = {f.where for f in findings if f.code is Code.NO_VALUES}
    without = [
        f"{_meaning(p)} (`{p.name}{f'[{p.over}]' if p.over else ''}`)"
        for p in formulation.parameters
        if f"parameter `{p.name}`" in places
    ]
    return tuple(without) or _said_missing(formulation)


def says_what_is_missing(formulation: Formulation) -> bool:
    """Whether an assumption says that the text lacks something."""
    return bool(_said_missing(formulation))


def _said_missing(formulation: Formulation) -> tuple[str, ...]:
    return tuple(a.text for a in formulation.assumptions if _MISSING.match(a.text))


def _meaning(parameter: Parameter) -> str:
    return parameter.description or parameter.name.replace("_", " ")


def made_up(formulation: Formulation, text: str) -> list[Parameter]:
    """Return the scalar parameters whose numbers the text does not state, and should."""
    values = scalar_values(formulation)
    wrong = {use.value for use in unfounded_numbers(text, formulation) if use.stated}
    return [
        p
        for p in formulation.parameters
        if p.name in values
        and values[p.name] in wrong
        and not (values[p.name].is_integer() and abs(values[p.name]) <= _SMALL)
        and not _TECHNICAL.search(f"{p.description} {p.name.replace('_', ' ')}")
    ]


def _made_up_for(formulation: Formulation, text: str, words: str) -> list[Parameter]:
    """Return the parameters that were made up for what words name without a number, all alike."""
    values = scalar_values(formulation)
    things = stems(words) - _NOTHING
    found = [
        p
        for p in made_up(formulation, text)
        if things & (stems(f"{p.description} {p.name.replace('_', ' ')}") - _NOTHING)
    ]
    return found if len({values[p.name] for p in found}) == 1 else []
