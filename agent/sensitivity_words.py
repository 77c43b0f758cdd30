"""A sensitivity in sentences, the most valuable first; every number is put in by template."""

from __future__ import annotations

from optiwright.agent.sensitivity import Sensitivity
from optiwright.agent.way_words import Scale, clauses, worth
from optiwright.formulators.figures import amount, is_money, number, short, singular, step_unit
from optiwright.formulators.model import Formulation, Sense
from optiwright.formulators.phrases import label
from optiwright.solver_tools.effects import Basis, Effect, Way, step_of

_SHOWN = 12
"""Lines of a section; the frame and --json have the rest."""


def sensitivity_words(formulation: Formulation, found: Sensitivity) -> str:
    """Return Markdown: what limits are worth, what is not tight, how far prices may go."""
    words = _Words(formulation, found)
    sections = [
        words.head(),
        _section("What more or less of a limit is worth", words.limits()),
        _section("With the whole-number decisions held as they are", words.held()),
        _section(words.loose_title(), words.loose()),
        _section("What is not done, and what doing it would take", words.idle()),
        _section("How far a number may go with the same plan still best", words.coefficients()),
        words.rest(),
    ]
    return "\n\n".join(section for section in sections if section)


def _section(title: str, lines: list[str]) -> str:
    more = [f"- ... and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    shown = [f"- {line}" for line in lines[:_SHOWN]]
    return "\n".join([f"**{title}**", "", *shown, *more]) if lines else ""


class _Words:
    def __init__(self, formulation: Formulation, found: Sensitivity) -> None:
        self.formulation = formulation
        self.found = found
        parts = (*formulation.parameters, *formulation.variables, *formulation.constraints)
        self.meaning = {part.name: part.description for part in parts}
        attributed = {place for e in found.effects if e.kind == "limit" for place in e.places}
        self.attributed = attributed
        self.basis = {e.basis for e in found.effects}

    def scale(self, effect: Effect) -> Scale:
        """Returns how an effect's numbers are put into words."""
        unit = self.found.units.get(effect.name, "")
        size = step_of(effect.value)
        step = size if effect.basis is Basis.RESOLVED or 0 < abs(effect.value) < 1 else 1.0
        return Scale(effect.value, unit, step, self.found.unit, self.found.sense)

    # --- sections ---------------------------------------------------------------------------------

    def head(self) -> str:
        best = f"{number(self.found.objective)} {self.found.unit}".rstrip()
        word = "Greatest" if self.found.sense is Sense.MAXIMIZE else "Least"
        levels = len({goal.priority for goal in self.formulation.objectives})
        first = " All of it concerns the goal of the first priority." if levels > 1 else ""
        return f"**{word} value: {best}.** {self._basis()}{first}"

    def _basis(self) -> str:
        if Basis.EXACT in self.basis:
            return (
                "Each price below is exact over the range given with it, one number changed at a "
                "time and the plan made anew."
            )
        again = (
            "Each figure below was found by solving again with that one number changed by a step."
        )
        if Basis.MARGIN in self.basis:
            return f"{again} A price at the margin is for very small changes only."
        if Basis.RESOLVED in self.basis:
            return again
        return (
            "No number of the problem stands in a limit by itself, so none has a price; "
            "`optiwright tornado` tries each of them."
        )

    def limits(self) -> list[str]:
        margins = {
            (e.name, e.index): e for e in self.found.effects
            if e.kind == "limit" and e.basis is Basis.MARGIN
        }  # fmt: skip
        of = (Basis.EXACT, Basis.RESOLVED)
        lines = []
        for effect in self._ranked([e for e in self._priced(of) if _matters(e)]):
            line = self._line(effect)
            margin = margins.get((effect.name, effect.index))
            lines.append(line + (self._at_the_margin(margin) if margin else ""))
        return [*lines, *self._unattributed((Basis.EXACT, Basis.MARGIN))]

    def held(self) -> list[str]:
        shown = [e for e in self._priced((Basis.HELD,)) if _matters(e) and (e.price or 0) != 0]
        return [self._line(e) for e in self._ranked(shown)]

    def loose(self) -> list[str]:
        loose = [e for e in self._priced((Basis.EXACT, Basis.RESOLVED)) if not _matters(e)]
        return [f"{self._name(e)}: {self._nothing(e)}." for e in loose]

    def loose_title(self) -> str:
        exact = Basis.EXACT in self.basis
        return "What is not tight" if exact else "What a step more or less does not change"

    def idle(self) -> list[str]:
        """Returns the decisions at zero, those that lack least to be worth doing first."""
        found = [
            (way.rate, effect, way)
            for effect in self.found.effects
            if effect.kind == "variable" and effect.basis is Basis.EXACT and effect.down is None
            if (way := effect.up) is not None and way.rate is not None
        ]
        found.sort(key=lambda each: abs(each[0]))
        return [f"{self._name(e)}: {self._each(e, rate, way)}." for rate, e, way in found]

    def _each(self, effect: Effect, rate: float, way: Way) -> str:
        unit = self.found.units.get(effect.name, "")
        each = f"each {singular(unit)}" if unit and not is_money(unit) else "each unit"
        far = "" if way.reach is None else f", up to {amount(way.reach, unit)}"
        if not rate:
            return f"{each} costs nothing{far}: another plan is as good"
        return f"{each} {worth(self.scale(effect), rate)}{far}"

    def coefficients(self) -> list[str]:
        found = [e for e in self.found.effects if e.kind == "coefficient" and e.up and e.down]
        return [f"{self._name(e)}: {self._range(e)}." for e in sorted(found, key=_tightness)]

    def rest(self) -> str:
        lines = []
        if self.found.inside:
            names = ", ".join(f"`{name}`" for name in self.found.inside[:_SHOWN])
            one = len(self.found.inside) == 1
            verb, it = ("stands", "it") if one else ("stand", "them")
            lines.append(
                f"{names} {verb} neither in a limit nor in the objective alone, and so without a "
                f"price of this kind; `optiwright tornado` tries {it}."
            )
        if self.found.left_out:
            more = f"{self.found.left_out:,} more numbers, constraints and decisions"
            lines.append(f"{more} were not looked at.")
        return "\n\n".join(lines)

    # --- lines ------------------------------------------------------------------------------------

    def _priced(self, of: tuple[Basis, ...]) -> list[Effect]:
        return [e for e in self.found.effects if e.kind == "limit" and e.basis in of]

    def _ranked(self, effects: list[Effect]) -> list[Effect]:
        return sorted(effects, key=_stake, reverse=True)

    def _unattributed(self, of: tuple[Basis, ...]) -> list[str]:
        """Returns the constraints with a price that no parameter of the text is the limit of."""
        constraints = [
            e
            for e in self.found.effects
            if e.kind == "constraint" and e.basis in of and _matters(e)
            if (e.name, e.index) not in self.attributed
        ]
        bounded = [
            e
            for e in self.found.effects
            if e.kind == "variable" and e.basis in of and e.down and _matters(e)
            if (e.name, e.index) not in self.attributed
        ]
        return [
            *(f"{self._line(e)} (of its right-hand side)" for e in self._ranked(constraints)),
            *(self._line(e) for e in self._ranked(bounded)),
        ]

    def _line(self, effect: Effect) -> str:
        assert effect.up is not None
        assert effect.down is not None
        said = clauses(self.scale(effect), effect.up, effect.down, effect.basis is Basis.RESOLVED)
        return f"{self._name(effect)}: {said}."

    def _at_the_margin(self, effect: Effect) -> str:
        scale = self.scale(effect)
        price = effect.price
        if price is None or not price:
            return ""
        return f" At the margin: {short(price)} {self.found.unit}".rstrip() + (
            f" per {singular(scale.unit)}." if scale.unit else " per unit."
        )

    def _name(self, effect: Effect) -> str:
        typed = label(effect.name, effect.index)
        value = amount(effect.value, self.found.units.get(effect.name, ""))
        meaning = self.meaning.get(effect.name, "").strip().rstrip(".")
        if not meaning:
            return f"`{typed}` ({value})"
        place = f", {', '.join(map(str, effect.index))}" if effect.index else ""
        return f"{meaning[0].upper()}{meaning[1:]}{place} (`{typed}`, {value})"

    def _nothing(self, effect: Effect) -> str:
        unit = self.found.units.get(effect.name, "")
        up, down = effect.up, effect.down
        assert up is not None
        assert down is not None
        if effect.basis is Basis.RESOLVED:
            step = amount(up.reach or 0.0, step_unit(unit))
            return f"{step} more or less changes nothing"
        low = None if down.reach is None else effect.value - down.reach
        high = None if up.reach is None else effect.value + up.reach
        return f"nothing changes {_between(low, high, unit)}"

    def _range(self, effect: Effect) -> str:
        unit = self.found.units.get(effect.name, "")
        up, down = effect.up, effect.down
        assert up is not None
        assert down is not None
        if up.note or down.note:
            return "how far was not found"
        low = None if down.reach is None else effect.value - down.reach
        high = None if up.reach is None else effect.value + up.reach
        if effect.value > 0 and low is not None and low <= 1e-9 * effect.value:
            low = 0.0
        if up.reach == 0 and down.reach == 0:
            return "any change makes another plan best"
        if up.reach == 0:
            return f"{_between(low, effect.value, unit)}; with any more another plan is best"
        if down.reach == 0:
            return f"{_between(effect.value, high, unit)}; with any less another plan is best"
        return _between(low, high, unit)


def _between(low: float | None, high: float | None, unit: str) -> str:
    if low is None and high is None:
        return "whatever it is"
    if low is None:
        return f"up to {amount(high or 0.0, unit)}"
    if high is None:
        return f"from {amount(low, unit)} upwards"
    return f"from {short(low)} to {amount(high, unit)}"


def _matters(effect: Effect) -> bool:
    """Whether either way changes the best value, is impossible, or is not known."""
    ways = [way for way in (effect.up, effect.down) if way is not None]
    return any(not w.possible or bool(w.note) or bool(w.rate) for w in ways)


def _stake(effect: Effect) -> float:
    """Return what a tenth more or less changes at most, within the range that is known."""
    far = max(0.1 * abs(effect.value), step_of(effect.value))
    stakes = [0.0]
    for way in (effect.up, effect.down):
        if way is not None and way.rate is not None:
            stakes.append(abs(way.rate) * (far if way.reach is None else min(way.reach, far)))
    return max(stakes)


def _tightness(effect: Effect) -> float:
    ways: list[Way] = [way for way in (effect.up, effect.down) if way is not None]
    size = abs(effect.value) or 1.0
    return min((way.reach / size for way in ways if way.reach is not None), default=float("inf"))
