"""Plain words for another goal, for a total or for a number, read without a model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from optiwright.formulators.changes import EACH, ChangeObjective
from optiwright.formulators.model import Definition, Formulation, Sense
from optiwright.formulators.named_places import Named, places_of
from optiwright.formulators.phrases import label
from optiwright.formulators.question_words import best_fits, fill, mentions_of, stems_of

_GOAL = re.compile(r"\b(maxim|minim)i[sz](?:e|ing|es)\b([^.;?!]*)", re.I)
_RATHER = re.compile(r"\b(?:not|instead|rather|and not|but not)\b.*", re.I)
_LITTLE_WORDS = "the total a an our my your of all whole sum overall value now only"
_LITTLE = frozenset(_LITTLE_WORDS.split())


def read_goal(question: str, formulation: Formulation) -> ChangeObjective | None:
    """Return the goal that `maximise X, not Y` asks for, where X is one total of the formulation.

    None where it says no such thing, or leaves open which total is meant.
    """
    said = _GOAL.findall(question)
    if len(said) != 1 or formulation.leading is None:
        return None
    sense = Sense.MAXIMIZE if said[0][0].lower() == "maxim" else Sense.MINIMIZE
    meant = total_meant(_RATHER.sub("", said[0][1]), formulation)
    if meant is None:
        return None
    return ChangeObjective(
        sense=sense,
        expression=meant.name,
        description=meant.description or meant.name.replace("_", " "),
        unit=meant.unit,
    )


def total_meant(words: str, formulation: Formulation) -> Definition | None:
    """Return the one total without an index whose name or description has all of the words.

    Other than in a question about data, `profit` and `revenue` are never the same here.
    """
    wanted = _plain(words)
    totals = [d for d in formulation.definitions if not d.over]
    for told in (lambda d: d.name, lambda d: f"{d.name} {d.description}"):
        whole = [d for d in totals if _plain(told(d)) == wanted]
        fitting = whole or [d for d in totals if wanted and wanted <= _plain(told(d))]
        if len(fitting) == 1:
            return fitting[0]
    return None


def parameter_meant(words: str, formulation: Formulation) -> str | None:
    """Return the parameter, or the entry as `demand[Oslo]`, that words mean; None where open.

    Raises:
        FormulationError: if the formulation does not join with its data.
    """
    names = [n for n in places_of(formulation) if n.kind == "parameter"]
    named = [n for n in names if re.search(rf"(?<!\w){re.escape(n.name)}(?!\w)", words)]
    mentions = mentions_of(words, names)
    candidates = named if len(named) == 1 else names
    fitting = [(n, at) for n in candidates if (at := fill(n, mentions)) is not None]
    if len(named) != 1:
        fitting = best_fits(stems_of(words), fitting, everyone=names)
    return _one(fitting)


def _one(fitting: Sequence[tuple[Named, Sequence[tuple[object, ...]]]]) -> str | None:
    if len(fitting) != 1 or len(fitting[0][1]) != 1:
        return None
    named, (at,) = fitting[0]
    if all(pick == EACH for pick in at):
        return named.name
    if any(not isinstance(pick, str | int) or pick == EACH for pick in at):
        return None
    return label(named.name, at)  # type: ignore[arg-type]


def _plain(text: str) -> set[str]:
    words = re.findall(r"[a-z]+|\d+", re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", text).lower())
    return {w[:-1] if len(w) > 3 and w.endswith("s") else w for w in words if w not in _LITTLE}
