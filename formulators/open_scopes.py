"""A number for each of several things or for all together, and what a percentage is of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from optiwright.formulators.changes import AddConstraint, Changes, Decide, Drop, Relation
from optiwright.formulators.decided import linear_form
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Arithmetic, Name, names_in
from optiwright.formulators.model import Algebraic, Definition, Formulation
from optiwright.formulators.parser import parse_relation
from optiwright.formulators.phrases import listing
from optiwright.formulators.plain import scalar_values
from optiwright.formulators.questions import Choice, Kind, Question, of_two, slug
from optiwright.formulators.source import number_text
from optiwright.formulators.stated_limits import StatedLimit
from optiwright.formulators.text_numbers import TextNumber, numbers_in
from optiwright.formulators.wording import clause_of, sentence_of, stems

_SETTLED = re.compile(
    r"\b(?:each|every|both|per|apiece|either|any|total(?:s|ling)?|in all|altogether|combined"
    r"|together|overall|sum|all)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"^\s*(?:[A-Za-z-]+\s+(?:of\s+)?){0,3}?(?:[A-Za-z-]+,\s*)*[A-Za-z-]+\s+(?:and|or)\s+[A-Za-z-]+",
    re.IGNORECASE,
)
_MEASURES = re.compile(
    r"\b(?:costs?|price|value|revenue|sales|income|spend\w*|budget|money|euros?|dollars?|weight|kg"
    r"|kilos?|kilograms?|tonnes?|tons|lit(?:er|re)s?|volume|area|hectares|acres|hours|minutes)\b",
    re.IGNORECASE,
)
_OF = re.compile(r"^\s*(?:%|per\s?cent)?\s*(?:of|as)\b", re.IGNORECASE)
_MOST_SHARED = 6


def open_scopes(
    formulation: Formulation, text: str, limits: Sequence[StatedLimit]
) -> Iterator[Question]:
    """Yield a question for each number said of several things, with no word of each or in all."""
    for limit in limits:
        sentence, place = sentence_of(text, limit.number)
        after = sentence[place + limit.number.span[1] - limit.number.span[0] :]
        things = _SEVERAL.search(after)
        if limit.number.percent or things is None or numbers_in(things.group()):
            continue
        if _SETTLED.search(sentence) or not _are_two(formulation, things.group()):
            continue
        same = [other for other in limits if other.parameter == limit.parameter]
        if same[0] is not limit:
            continue
        said = text[slice(*limit.number.span)]
        yield from _scope(formulation, limit, same, said, " ".join(sentence.split()))


def _are_two(formulation: Formulation, listed: str) -> bool:
    """Whether the words on both sides of an `and` are of different decisions."""
    pair = re.search(r"([A-Za-z-]+)\s+(?:and|or)\s+([A-Za-z-]+)", listed)
    if pair is None:
        return False
    first, second = (
        {
            v.name
            for v in formulation.variables
            if stems(word) & stems(_described(formulation, v.name))
        }
        for word in pair.groups()
    )
    return bool(first and second) and first != second


def _scope(
    formulation: Formulation,
    limit: StatedLimit,
    same: Sequence[StatedLimit],
    said: str,
    sentence: str,
) -> Iterator[Question]:
    forms = [linear_form(formulation, s.limited) for s in same]
    if any(form is None or set(form.values()) - {1.0} or "" in form for form in forms):
        return
    named = [sorted(form) for form in forms if form is not None]
    variables = sorted({name for names in named for name in names})
    words = stems(sentence)
    of_text = [v for v in variables if words & stems(_described(formulation, v))]
    if not 2 <= len(variables) <= _MOST_SHARED or len(of_text) < 2:
        return
    sign: Relation = "<=" if limit.sign == "<=" else ">=" if limit.sign == ">=" else "=="
    shown = listing([f"`{v}`" for v in variables])
    each = (f"{said} each", f"{said} holds for each of {shown}")
    whole = (f"{said} in all", f"{said} holds for {shown} together")
    if len(same) == 1 and len(named[0]) > 1:
        meant, other = whole, each
        changes: Changes = tuple(
            Decide(decision=v, relation=sign, value=limit.value, description=f"{sentence} (each)")
            for v in variables
        )
        changes = (*limit.dropped(), *changes)
    elif len(same) == len(variables) and all(len(names) == 1 for names in named):
        meant, other = each, whole
        if any(s.rule is None for s in same):
            return
        total = AddConstraint(
            name=same[0].rule.name if same[0].rule is not None else "in_all",
            expression=f"{' + '.join(variables)} {sign} {limit.limit}",
            description=f"{sentence} (in all)",
        )
        changes = (*(c for s in same for c in s.dropped()), total)
    else:
        return
    yield of_two(
        slug("scope", sentence),
        Kind.SCOPE,
        f'"{sentence.rstrip(".")}": is {said} meant for each, or for all together?',
        meant,
        other,
        changes,
        sentence,
    )


def open_bases(formulation: Formulation, text: str) -> Iterator[Question]:
    """Yield a question for each percentage that is said of nothing, where several totals fit."""
    values = scalar_values(formulation)
    for number in numbers_in(text):
        if not number.percent or _OF.match(text[number.span[1] :]):
            continue
        if re.search(r"\bof\b", clause_of(text, number).partition("%")[2]):
            continue
        share = number.value / 100
        names = [name for name, value in values.items() if abs(value - share) < 1e-12]
        for rule in formulation.constraints:
            if isinstance(rule, Algebraic) and not rule.over and len(names) == 1:
                yield from _base(formulation, rule, names[0], number, clause_of(text, number))


def _base(
    formulation: Formulation, rule: Algebraic, share: str, number: TextNumber, clause: str
) -> Iterator[Question]:
    parts = _part_and_base(formulation, rule, share)
    if parts is None:
        return
    part, base, sign = parts
    inside = linear_form(formulation, part)
    whole = linear_form(formulation, base.name)
    if inside is None or whole is None or set(inside.values()) != {1.0}:
        return
    choices = [
        Choice(
            label=f"of {base.description or base.name}",
            meaning=f"{number.words} of {base.description or base.name}",
        )
    ]
    for other in formulation.definitions:
        form = linear_form(formulation, other.name)
        described = other.description or other.name
        if (
            form is None
            or set(form) != set(whole)
            or form == whole
            or not _MEASURES.search(f"{other.description} {other.name.replace('_', ' ')}")
        ):
            continue
        of_part = " + ".join(f"{number_text(form[name])}*{name}" for name in inside)
        turned = AddConstraint(
            name=rule.name,
            expression=f"{of_part} {sign} {share}*{other.name}",
            description=f"{clause}, of {described}",
        )
        choices.append(
            Choice(
                label=f"of {described}",
                meaning=f"{number.words} of {described}",
                changes=(Drop(constraint=rule.name), turned),
            )
        )
    labels = {c.label.casefold() for c in choices}
    if 2 <= len(choices) == len(labels):
        yield Question(
            id=slug("base", clause),
            kind=Kind.BASE,
            text=f'"{clause}": {number.words} of what?',
            choices=tuple(choices[:3]),
            guess=choices[0].label,
            words=clause,
        )


def _part_and_base(
    formulation: Formulation, rule: Algebraic, share: str
) -> tuple[str, Definition, Relation] | None:
    """Read `part <= share*base`, base a total by name."""
    try:
        relation = parse_relation(rule.expression)
    except FormulationError:
        return None
    totals = {d.name: d for d in formulation.definitions if not d.over}
    if len(relation.ops) != 1 or rule.penalty is not None:
        return None
    left, right = relation.operands
    match right:
        case Arithmetic(op="*", left=Name(name=first), right=Name(name=second)):
            pass
        case _:
            return None
    base = totals.get(second if first == share else first)
    if base is None or share not in {first, second} or share in names_in(left):
        return None
    op = relation.ops[0]
    sign: Relation = "<=" if op == "<=" else ">=" if op == ">=" else "=="
    return rule.expression[left.span.start : left.span.stop], base, sign


def _described(formulation: Formulation, name: str) -> str:
    found = next((v for v in formulation.variables if v.name == name), None)
    plain = name.replace("_", " ")
    return f"{plain} {found.description}" if found is not None else plain
