"""A program's scale in words: what is out of proportion, where it comes from, and what to do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.expressions import names_in
from optiwright.formulators.figures import number
from optiwright.formulators.instance import Instance, ground
from optiwright.formulators.model import (
    Algebraic,
    Constraint,
    Either,
    Formulation,
    Implication,
    Logic,
    Parameter,
    Part,
)
from optiwright.formulators.parser import ExpressionError, parse_expression
from optiwright.formulators.phrases import label, listing
from optiwright.solver_tools.scaling import TINY, Entry, Range, Scaling, Units
from optiwright.solver_tools.scaling_rows import Label, LargeSwitch

_SHOWN = 4
_SAME = 1e-9
_POWERS = {
    -9: "billionths",
    -6: "millionths",
    -3: "thousandths",
    3: "thousands",
    6: "millions",
    9: "billions",
}
_RATIO_SHOWN = 1e3

EVEN_SCALE = "even scale"
"""Name of the check that says how far digits can be trusted; it takes nothing from an answer."""


class ScalingNote(Part):
    """One thing that is out of scale."""

    kind: str
    """`range`, `switch`, `parallel` or `narrow`."""
    where: str
    """The constraint, variable or objective that it concerns."""
    parameter: str = ""
    """The parameter that brings the number, where one does."""
    message: str
    """What is out of proportion, with its figures."""
    remedy: str


def scaling_notes(formulation: Formulation, scaling: Scaling) -> tuple[ScalingNote, ...]:
    """Return what is seriously out of scale, a note each; none where all is well."""
    words = _Words(formulation)
    found = [words.switch(s) for s in scaling.switches[:_SHOWN]]
    # Units that even out the rows even out their right-hand sides too.
    mended = {"right-hand sides"} if scaling.units is not None else set()
    found += [words.range(r, scaling) for r in scaling.ranges if r.serious and r.what not in mended]
    found += [
        ScalingNote(
            kind="parallel",
            where=f"{words.place(pair.first)} and {words.place(pair.second)}",
            message=f"{words.place(pair.first)} and {words.place(pair.second)} are the same up to "
            f"a factor and a difference of {pair.distance:.1g} in their coefficients, so that the "
            "plan hangs on the last digits of the data.",
            remedy="If both mean the same, leave one out; else check the digits in which they "
            "differ.",
        )
        for pair in scaling.parallel[:_SHOWN]
    ]
    for narrow in scaling.narrow[:_SHOWN]:
        place = words.place(narrow.label) if narrow.is_row else f"`{label(*narrow.label)}`"
        found.append(
            ScalingNote(
                kind="narrow",
                where=place,
                message=f"The limits of {place}, {narrow.lower:.12g} and {narrow.upper:.12g}, are "
                "so close that a solver cannot tell them apart.",
                remedy="Give it one value if one is meant; else write the limits further apart.",
            )
        )
    return tuple(found)


def ranges_in_words(scaling: Scaling) -> str:
    """Return the ranges of a program's numbers as a sentence."""
    if not scaling.ranges:
        return "There are no numbers other than zero in it."
    parts = [f"{_NAMES[r.what]} {_between(r)}" for r in scaling.ranges]
    return f"Sizes of its numbers: {listing(parts)}."


_NAMES = {
    "requirements": "coefficients of the requirements",
    "objective": "coefficients of the objective",
    "bounds": "bounds of variables",
    "right-hand sides": "right-hand sides",
}


def _between(found: Range) -> str:
    least, greatest = abs(found.least.value), abs(found.greatest.value)
    if least == greatest:
        return f"all {figure(least)}"
    return f"from {figure(least)} to {figure(greatest)}"


def _harm(found: Range) -> str:
    if abs(found.greatest.value) < TINY:
        return "a solver takes such differences for none and may stop at any plan"
    return "beside large numbers small ones drown in rounding"


def _lift(found: Range) -> float:
    """Return the power of a thousand that brings the greatest number above 1."""
    return float(1000 ** -(math.floor(math.log10(abs(found.greatest.value)) / 3)))


def _round(ratio: float) -> str:
    return number(float(f"{ratio:.2g}"))


def figure(value: float) -> str:
    """Return a number as people write it, small ones too."""
    return number(value) if abs(value) >= 1e-4 else f"{value:.3g}"


@dataclass
class _Words:
    """Names and parameters of one formulation."""

    formulation: Formulation
    _instance: Instance | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._constraints = {c.name: c for c in self.formulation.constraints}
        self._definitions = {d.name: d.expression for d in self.formulation.definitions}
        self._parameters = {p.name: p for p in self.formulation.parameters}
        self._units = {v.name: v.unit for v in self.formulation.variables}

    def place(self, row: Label) -> str:
        """Returns a row's name, with the sentence of its constraint."""
        constraint = self._constraints.get(_own(row[0]))
        sentence = f" ({constraint.description})" if constraint and constraint.description else ""
        # The compiler numbers its own rows; their numbers say nothing to anybody else.
        shown = (_own(row[0]), ()) if row[0].startswith("_") else row
        return f"`{label(*shown)}`{sentence}"

    # --- notes ------------------------------------------------------------------------------------

    def range(self, found: Range, scaling: Scaling) -> ScalingNote:
        least, greatest = self._entry(found.least), self._entry(found.greatest)
        parameter = self._parameter(found.greatest)
        if abs(found.greatest.value) < TINY:
            message = f"No number of {_LEADS[found.what]} is larger than {greatest}"
        elif found.ratio == 1:
            message = f"A number of {_LEADS[found.what]} is {greatest}"
        else:
            message = (
                f"The numbers of {_LEADS[found.what]} reach from {least} to {greatest}, a factor "
                f"of about {_round(found.ratio)}"
            )
        return ScalingNote(
            kind="range",
            where=_LEADS[found.what],
            parameter=parameter.name if parameter else "",
            message=f"{message}; {_harm(found)}.",
            remedy=self._remedy(found, parameter, scaling),
        )

    def switch(self, found: LargeSwitch) -> ScalingNote:
        parameter = self._parameter(Entry(found.factor, found.row, found.column))
        named = f", from {self._source(parameter)}" if parameter else ""
        leak = found.factor * 1e-6
        own = found.column[0].startswith("_")
        switch = "its switch" if own else f"the switch `{label(*found.column)}`"
        message = (
            f"In {self.place(found.row)} {switch} has the factor "
            f"{figure(found.factor)}{named}, where the other coefficients are at most "
            f"{figure(found.others)}: a switch that is off by a millionth, which solvers allow, "
            f"lets {figure(leak)} through."
        )
        return ScalingNote(
            kind="switch",
            where=self.place(found.row),
            parameter=parameter.name if parameter else "",
            message=message,
            remedy=_smaller(found, parameter),
        )

    def _remedy(self, found: Range, parameter: Parameter | None, scaling: Scaling) -> str:
        if found.what == "requirements" and scaling.units is not None:
            return self._in_units(scaling.units)
        if found.what == "requirements" and scaling.switches:
            return "Make the switch's factor smaller first, as said there."
        if found.what == "bounds" and abs(found.greatest.value) > 1e6:
            return "A bound that only stands for none is better left out; else use a larger unit."
        name = f"`{parameter.name}`" if parameter else "the largest of them"
        unit = f" of {parameter.unit}" if parameter and parameter.unit else ""
        if abs(found.greatest.value) < TINY:
            return f"Count the objective in a smaller unit: multiply it by {_round(_lift(found))}."
        if found.what == "objective":
            least = found.least.column
            small = f"`{label(*least)}`" if least else "what costs least"
            return (
                f"Count {small} in a larger unit, leave it out, or make it a goal of lower "
                f"priority; if {name} holds a penalty, use one just larger than what it has to "
                "outweigh."
            )
        return f"Give {name} in thousands or millions{unit}, and what is held against it too."

    def _in_units(self, units: Units) -> str:
        steps = [
            f"count `{_own(name)}` in {self._counted(power, self._units.get(name, ''))}"
            for name, power in units.columns[:_SHOWN]
        ]
        sides = [f"of `{_own(n)}` in {self._counted(p, '')}" for n, p in units.rows[:_SHOWN]]
        steps += [f"write both sides {listing(sides)}"] if sides else []
        text = f"{listing(steps)}; the factor is then about {_round(units.ratio)}."
        return text[0].upper() + text[1:]

    def _counted(self, power: int, unit: str) -> str:
        return (_POWERS.get(power) or f"units of 1e{power}") + (f" of {unit}" if unit else "")

    def _entry(self, entry: Entry) -> str:
        parameter = self._parameter(entry)
        row = f" in {self.place(entry.row)}" if entry.row else ""
        column = f" on `{label(*entry.column)}`" if entry.column else ""
        source = f", from {self._source(parameter)}" if parameter else ""
        return f"{figure(abs(entry.value))} ({(column + row + source).strip(' ,')})"

    def _source(self, parameter: Parameter) -> str:
        words = f' ("{parameter.words}")' if parameter.words else ""
        return f"the parameter `{parameter.name}`{words}"

    # --- which parameter --------------------------------------------------------------------------

    def _parameter(self, entry: Entry) -> Parameter | None:
        """Returns a parameter of the entry's place that has its value at some index."""
        try:
            self._instance = self._instance or ground(self.formulation)
            for name in self._names(self._expressions(entry)):
                _, values = self._instance.data(name)
                if any(_same(abs(v), abs(entry.value)) for v in values.ravel().tolist()):
                    return self._parameters[name]
        except OptiwrightError:
            return None
        return None

    def _expressions(self, entry: Entry) -> list[str]:
        if entry.row is not None:
            constraint = self._constraints.get(_own(entry.row[0]))
            return _written(constraint) if constraint else []
        variable = next(
            (v for v in self.formulation.variables if entry.column and v.name == entry.column[0]),
            None,
        )
        bounds = [b for b in (variable.lower, variable.upper) if b] if variable else []
        return [o.expression for o in self.formulation.objectives] + bounds

    def _names(self, expressions: Sequence[str]) -> Iterator[str]:
        """Yields the parameters that expressions name, through definitions too."""
        waiting, seen = list(expressions), set[str]()
        while waiting:
            try:
                names = names_in(parse_expression(waiting.pop()))
            except ExpressionError:
                continue
            for name in sorted(names - seen):
                seen.add(name)
                if name in self._parameters:
                    yield name
                elif name in self._definitions:
                    waiting.append(self._definitions[name])


_LEADS = {
    "requirements": "the requirements",
    "objective": "the objective",
    "bounds": "the variables' bounds",
    "right-hand sides": "the right-hand sides",
}


def _smaller(found: LargeSwitch, parameter: Parameter | None) -> str:
    name = f"`{parameter.name}`" if parameter else "the factor"
    if found.suffices is None:
        return (
            "Bound what it switches: with an upper bound on it, or a requirement that implies one, "
            f"{name} need be no larger than that."
        )
    return (
        f"Take {figure(found.suffices)} for {name}: by the bounds and the other requirements more "
        "can never be needed."
    )


def _written(constraint: Constraint) -> list[str]:
    match constraint:
        case Algebraic() | Logic():
            return [constraint.expression]
        case Implication():
            return [constraint.condition, constraint.then]
        case Either():
            return list(constraint.options)
    return []


def _own(name: str) -> str:
    """Returns the constraint's name that a block of the compiler's own is named after."""
    return name.removeprefix("_")


def _same(left: float, right: float) -> bool:
    return abs(left - right) <= _SAME * max(abs(left), abs(right))
