"""Side conditions that texts are full of: limits on one thing, shares of all, ratios of two, sums.

All of them hold for a plan that a family draws first, so that its problem can be solved.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from optiwright.training.round_numbers import down, share_near, times, up
from optiwright.training.speech import Quantity
from optiwright.training.story import Story
from optiwright.training.things import Thing, slug


@dataclass(frozen=True)
class Wording:
    """How conditions on the things of a mix are told."""

    noun: str
    """What they all are, in the plural: "vehicles"; of amounts the whole: "mix"."""
    done: str
    """What happens to them: "used", "made"."""
    more: tuple[str, ...] = ()
    """Reasons for many of one, with `{x}` for its plural, such as "{x} sell best"."""
    less: tuple[str, ...] = ()
    """Reasons for few of one."""
    whole: str = ""
    """Of what a share is; by default "all vehicles"."""
    unit: str = ""
    """Of amounts that are not counted: "kg"."""
    measure: str = "amount"
    """What the size of an amount is called."""

    @property
    def all(self) -> str:
        """Of what a share is."""
        return self.whole or f"all {self.noun}"


class Mix:
    """Numbers or amounts of some things, on which a text may place conditions.

    `decision` runs over the set `over`, and `plan` is what the conditions have to leave possible.
    """

    def __init__(
        self,
        story: Story,
        decision: str,
        over: str,
        plan: Mapping[Thing, float],
        words: Wording,
        whole: str = "",
    ) -> None:
        """Take the decision, and the total over all things where the story has one."""
        self._s = story
        self._decision = decision
        self._over = over
        self._plan = dict(plan)
        self._w = words
        self._whole = whole
        self._used: set[tuple[str, Thing]] = set()

    def whole(self) -> str:
        """Return the name of the total over all things, which is declared at the first call."""
        if not self._whole:
            self._whole = slug(self._w.noun)
            self._s.total(
                self._whole,
                f"sum({self._decision}[k] for k in {self._over})",
                self._w.all if not self._w.unit else f"{self._w.unit} in all",
            )
        return self._whole

    def some(self, low: int, high: int, but: Sequence[str] = ()) -> int:
        """Add from `low` to `high` conditions of different kinds, and return how many there are.

        `but` leaves kinds away: "least", "most", "share", "ratio", "order", "sum".
        """
        kinds: dict[str, Callable[[], bool]] = {
            "least": self._least,
            "most": self._most,
            "share": self._share,
            "ratio": self._ratio,
            "order": self._order,
            "sum": self._sum,
        }
        wanted, added = self._s.draw.randint(low, high), 0
        for kind in self._s.some([k for k in kinds if k not in but], 1, len(kinds)):
            if added < wanted and kinds[kind]():
                added += 1
        return added

    def exact(self, x: Thing, y: Thing, factor: int) -> None:
        """Demand that there is so many times as much of one thing as of another."""
        xs, ys = self._two(x, y)
        k = self._s.number("exact_ratio", times(self._s, factor), "ratio")
        self._say("exact_ratio", f"{self._at(x)} == exact_ratio*{self._at(y)}", "",
                  f"there must be exactly {k} as many {xs} as {ys}",
                  f"{self._size(x)} must be {k} {self._that(y)}")  # fmt: skip

    # --- one thing --------------------------------------------------------------------------------

    def _least(self) -> bool:
        x = self._s.pick(*self._plan)
        value = down(self._s, self._plan[x], 0.5)
        if value <= 0 or ("bound", x) in self._used:
            return False
        self._used.add(("bound", x))
        n, xs = self._number("least", x, value)
        w = self._w
        self._say(f"least_{slug(x.one)}", f"{self._at(x)} >= least_{slug(x.one)}", self._because(x,
            w.more), f"at least {n} {xs} must be {w.done}",
                  f"no {'less' if w.unit else 'fewer'} than {n} {xs} must be {w.done}",
                  f"a minimum of {n} {xs} must be {w.done}",
                  f"{self._size(x)} must be at least {n}")  # fmt: skip
        return True

    def _most(self) -> bool:
        x = self._s.pick(*self._plan)
        value = up(self._s, max(self._plan[x], 1), 0.3)
        if ("bound", x) in self._used:
            return False
        self._used.add(("bound", x))
        n, xs = self._number("most", x, value)
        w = self._w
        self._say(f"most_{slug(x.one)}", f"{self._at(x)} <= most_{slug(x.one)}", self._because(x,
            w.less), f"at most {n} {xs} can be {w.done}", f"no more than {n} {xs} may be {w.done}",
                  f"{self._size(x)} is limited to {n}", f"{self._size(x)} must not exceed {n}",
                  f"up to {n} {xs} can be {w.done}")  # fmt: skip
        return True

    def _share(self) -> bool:
        total = sum(self._plan.values())
        x = self._s.pick(*self._plan)
        part = self._plan[x] / total
        w = self._w
        name = f"share_{slug(x.one)}"
        whole = self.whole
        if self._s.chance(0.6):
            value = share_near(part, least=True)
            if not 0.05 <= value <= 0.9:
                return False
            p = self._s.number(name, self._s.speech.share(value), f"least share of {self._xs(x)}")
            self._say(name, f"{self._at(x)} >= {name}*{whole()}", self._because(x, w.more),
                      f"at least {p} of {w.all} must be {self._xs(x)}",
                      f"{self._xs(x)} must make up at least {p} of {w.all}",
                      f"a minimum of {p} of {w.all} has to be {self._xs(x)}",
                      f"no less than {p} of {w.all} must be {self._xs(x)}")  # fmt: skip
            return True
        value = share_near(part, least=False)
        if not 0.1 <= value <= 0.9:
            return False
        p = self._s.number(name, self._s.speech.share(value), f"greatest share of {self._xs(x)}")
        self._say(name, f"{self._at(x)} <= {name}*{whole()}", self._because(x, w.less),
                  f"at most {p} of {w.all} can be {self._xs(x)}",
                  f"{self._xs(x)} must not make up more than {p} of {w.all}",
                  f"no more than {p} of {w.all} may be {self._xs(x)}")  # fmt: skip
        return True

    # --- two things -------------------------------------------------------------------------------

    def _ratio(self) -> bool:
        if len(self._plan) < 2:
            return False
        x, y = sorted(self._s.some(list(self._plan), 2), key=lambda t: -self._plan[t])
        if self._plan[y] <= 0:
            return False
        part = self._plan[x] / self._plan[y]
        name = "factor"
        xs, ys = self._two(x, y)
        if part >= 2 and self._s.chance(0.6):
            k = self._s.number(name, times(self._s, min(4, math.floor(part))), "least ratio")
            self._say("ratio", f"{self._at(x)} >= {name}*{self._at(y)}", self._because(x,
                self._w.more), f"at least {k} as many {xs} as {ys} are required",
                      f"at least {k} as many {xs} as {ys} must be {self._w.done}",
                      f"{self._size(x)} has to be at least {k} {self._that(y)}")  # fmt: skip
            return True
        factor = max(2, math.ceil(part))
        if factor > 6:
            return False
        k = self._s.number(name, times(self._s, factor), "greatest ratio")
        self._say("ratio", f"{self._at(x)} <= {name}*{self._at(y)}", self._because(x, self._w.less),
                  f"there can be at most {k} as many {xs} as {ys}",
                  f"no more than {k} as many {xs} as {ys} may be {self._w.done}",
                  f"{self._size(x)} must not be more than {k} {self._that(y)}")  # fmt: skip
        return True

    def _order(self) -> bool:
        if len(self._plan) < 2:
            return False
        x, y = sorted(self._s.some(list(self._plan), 2), key=lambda t: -self._plan[t])
        if not self._w.unit and self._plan[x] > self._plan[y] and self._s.chance(0.5):
            self._say("more", f"{self._at(x)} >= {self._at(y)} + 1", self._because(x, self._w.more),
                      f"there must be more {self._xs(x)} than {self._xs(y)}",
                      f"{self._size(x)} must exceed {self._that(y)}",
                      f"{self._size(x)} has to be larger than {self._that(y)}",
                      f"more {self._xs(x)} than {self._xs(y)} must be {self._w.done}")  # fmt: skip
            return True
        xs, ys = self._two(x, y)
        self._say("order", f"{self._at(y)} <= {self._at(x)}", self._because(y, self._w.less),
                  f"{self._size(y)} must not exceed {self._that(x)}",
                  f"{self._size(y)} cannot be greater than {self._that(x)}",
                  f"no more {self._two(y, x)[0]} than {self._two(y, x)[1]} may be {self._w.done}",
                  f"at least as many {xs} as {ys} must be {self._w.done}")  # fmt: skip
        return True

    # --- all --------------------------------------------------------------------------------------

    def _sum(self) -> bool:
        w, total = self._w, sum(self._plan.values())
        if w.unit:
            return False
        if self._s.chance(0.7):
            value = up(self._s, total, 0.1)
            n = self._s.number("most_all", self._s.speech.count(value), f"most {w.noun}")
            self._say("most_all", f"{self.whole()} <= most_all", "",
                      f"at most {n} {w.noun} can be {w.done} in all",
                      f"the total number of {w.noun} must not exceed {n}",
                      f"no more than {n} {w.noun} may be {w.done} altogether")  # fmt: skip
            return True
        value = down(self._s, total, 0.3)
        n = self._s.number("least_all", self._s.speech.count(value), f"least {w.noun}")
        self._say("least_all", f"{self.whole()} >= least_all", "",
                  f"at least {n} {w.noun} must be {w.done} in all",
                  f"the total number of {w.noun} must be at least {n}",
                  f"no fewer than {n} {w.noun} have to be {w.done} altogether")  # fmt: skip
        return True

    # --- words ------------------------------------------------------------------------------------

    def _at(self, thing: Thing) -> str:
        return f'{self._decision}["{thing}"]'

    def _xs(self, thing: Thing) -> str:
        return thing.one if self._w.unit else thing.plural

    def _two(self, x: Thing, y: Thing) -> tuple[str, str]:
        """Return two things as they stand in "as many ... as ..."."""
        if self._w.unit:
            return f"{self._w.unit} of {x}", f"of {y}"
        return x.plural, y.plural

    def _size(self, thing: Thing) -> str:
        return f"the {self._w.measure if self._w.unit else 'number'} of {self._xs(thing)}"

    def _that(self, thing: Thing) -> str:
        return self._s.pick(f"that of {self._xs(thing)}", self._size(thing))

    def _number(self, side: str, thing: Thing, value: float) -> tuple[Quantity, str]:
        """Add a limit on one thing; return it and the thing's name behind it."""
        speech, w = self._s.speech, self._w
        quantity = speech.amount(value, w.unit) if w.unit else speech.count(value)
        meaning = f"{side} {self._size(thing)[4:]}"
        self._s.number(f"{side}_{slug(thing.one)}", quantity, meaning, w.unit)
        if w.unit:
            return quantity, f"of {self._xs(thing)}"
        return quantity, thing.one if value == 1 else thing.plural

    def _because(self, thing: Thing, reasons: Sequence[str]) -> str:
        if not reasons or self._s.chance(0.6):
            return ""
        reason = self._s.pick(*reasons).format(x=self._xs(thing))
        return f"{self._s.pick('because', 'since', 'as')} {reason}, "

    def _say(self, name: str, relation: str, reason: str, *said: str) -> None:
        words = self._s.pick(*said)
        self._s.rule(name, relation, reason + words, comment=words, meaning=words)
