"""Goals that a text leaves open: what is best, which of two, money taken or money kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optiwright.formulators.changes import ChangeObjective
from optiwright.formulators.model import Definition, Formulation, Objective, Sense
from optiwright.formulators.parser import names_of
from optiwright.formulators.questions import Choice, Kind, Question
from optiwright.formulators.wording import sentences, stems

_DIRECTED = re.compile(
    r"\b(?:maximi[sz]\w*|minimi[sz]\w*|(?<!at )most|greatest|highest|largest|biggest|cheap\w*"
    r"|lowest|(?<!at )least|smallest|fewest|shortest|quick\w*|fast\w*|soonest"
    r"|inexpensive\w*|profitabl\w*|economical\w*|save|lucrative"
    r"|as (?:much|many|little|few|high|low|far|long)\s(?:\w+\s){0,3}?as (?:pos\w+|(?:we|i) can))\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:best|optimal\w*|optimi[sz]\w*|efficient\w*|ideal\w*|good|well|sensibl\w*|should|right"
    r"|decide|plan)\b",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?:profit|revenue|income|earn\w*|sales|gain|return|yield|output|produced|benefit|value|score"
    r"|margin|reach|viewers)\b",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\b(?:costs?|spend\w*|spent|expenses?|hours|minutes|time|waste|distance|emissions?|co2|risk|fuel"
    r"|pollution|water|energy|lateness|kilomet\w+|km)\b",
    re.IGNORECASE,
)
_TAKEN = re.compile(r"\b(?:revenue|income|sales|takings|turnover|earn\w*)\b", re.IGNORECASE)
_PAID = re.compile(r"\b(?:costs?|spending|spent|expenses?|wages|fees?|rent)\b", re.IGNORECASE)
_MONEY = re.compile(r"\b(?:money|income|earnings|earn|return)\b", re.IGNORECASE)
_SAID = re.compile(r"\b(?:profit|revenue|turnover|net|gross|margin|sales)\b", re.IGNORECASE)
_MOST_OTHERS = 2
_REACH = 50
"""Characters after a word such as "least" in which stands what is to be least."""
_COMMON = frozenset({"the", "all", "total", "for", "and", "that", "number", "per"})


def open_goals(formulation: Formulation, text: str) -> Iterator[Question]:
    """Yield the question what is to be best, where the text does not say or says two things."""
    goal = formulation.leading
    totals = [d for d in formulation.definitions if not d.over]
    if goal is None or len(formulation.objectives) > 1 or not totals:
        return
    goals = " ".join(s for _, s in sentences(text) if _DIRECTED.search(s) or _VAGUE.search(s))
    others = _kept_or_taken(goal, totals, text) or list(_candidates(goal, totals, text, goals))
    if not others:
        return
    named = next((d for d in totals if d.name == goal.expression), None)
    meant = (named.description if named is not None else "") or goal.description or goal.expression
    label = _label(goal.sense, meant)
    choices = [Choice(label=label, meaning=_meaning(goal.sense, meant))]
    choices += [c for c in others if c.label.casefold() != label.casefold()][:_MOST_OTHERS]
    if len(choices) > 1:
        yield Question(
            id="objective",
            kind=Kind.OBJECTIVE,
            text="What is to be best?",
            choices=tuple(choices),
            guess=label,
            words=" ".join(goals.split())[:200],
        )


def _candidates(
    goal: Objective, totals: list[Definition], text: str, goals: str
) -> Iterator[Choice]:
    """Yield other totals as goals: of a vague text any that is measured, else one that it names."""
    if not goals:
        return
    after = [goals[m.end() :] for m in _DIRECTED.finditer(goals)]
    directed = [stems(re.split(r"[.;,]", part)[0][:_REACH]) for part in after]
    inside = names_of(goal.expression)
    known = stems(f"{goal.description} {' '.join(inside)}") - _COMMON
    others = [words for words in directed if not words & known]
    for total in totals:
        said = f"{total.description} {total.name.replace('_', ' ')}"
        sense = _sense(said)
        if sense is None or total.name in inside or total.expression == goal.expression:
            continue
        if directed and not any(words & (stems(said) - _COMMON) for words in others):
            continue
        if re.search(r"\bper\b", said):
            continue
        yield _choice(sense, total.name, total.description or total.name)


def _kept_or_taken(goal: Objective, totals: list[Definition], text: str) -> list[Choice]:
    """Return the goal with or without what is paid, where the text says money and not which."""
    goals = " ".join(s for _, s in sentences(text) if _DIRECTED.search(s))
    if not _MONEY.search(goals) or _SAID.search(text) or goal.sense is not Sense.MAXIMIZE:
        return []
    taken = [d for d in totals if _TAKEN.search(f"{d.description} {d.name}")]
    paid = [d for d in totals if _PAID.search(f"{d.description} {d.name}")]
    if len(taken) != 1 or len(paid) != 1:
        return []
    inside = names_of(goal.expression)
    if taken[0].name in inside and paid[0].name not in inside:
        kept = f"{taken[0].name} - {paid[0].name}"
        return [_choice(Sense.MAXIMIZE, kept, "what is left after costs")]
    if {taken[0].name, paid[0].name} <= inside:
        return [_choice(Sense.MAXIMIZE, taken[0].name, "what is taken before costs")]
    return []


def _choice(sense: Sense, expression: str, described: str) -> Choice:
    label = _label(sense, described)
    change = ChangeObjective(sense=sense, expression=expression, description=described)
    return Choice(label=label, meaning=_meaning(sense, described), changes=(change,))


def _label(sense: Sense, described: str) -> str:
    word = "most" if sense is Sense.MAXIMIZE else "least"
    return f"{word}: {described}"


def _meaning(sense: Sense, described: str) -> str:
    word = "greatest" if sense is Sense.MAXIMIZE else "least"
    return f"the goal is the {word} value of {described}"


def _sense(said: str) -> Sense | None:
    more, less = bool(_MORE.search(said)), bool(_LESS.search(said))
    if more == less:
        return None
    return Sense.MAXIMIZE if more else Sense.MINIMIZE
