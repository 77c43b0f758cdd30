"""Response surfaces: yields as quadratics of two settings that act together."""

from __future__ import annotations

from optiwright.training.families import family
from optiwright.training.story import Story

_TRIALS = (
    ("A barley trial relates the yield to nitrogen and water", "yield", "bags per hectare",
     "nitrogen", "water", "kg", "mm"),
    ("A tomato grower relates the crop to feed and light", "crop", "kg per plant", "feed", "light",
     "grams", "hours"),
    ("A chemist relates the yield of a dye to temperature and time", "yield", "grams",
     "temperature", "time", "degrees", "minutes"),
    ("A baker relates the rise of a loaf to yeast and warmth", "rise", "cm", "yeast", "warmth",
     "grams", "degrees"),
    ("A foundry relates the strength of a casting to carbon and cooling", "strength", "points",
     "carbon", "cooling", "grams", "minutes"),
    ("A paint maker relates the gloss of a lacquer to resin and drying", "gloss", "points",
     "resin", "drying", "grams", "hours"),
    ("A fish farmer relates the growth of trout to feed and oxygen", "growth", "grams", "feed",
     "oxygen", "kg", "units"),
)  # fmt: skip


@family("response surface")
def field_trial(s: Story) -> None:
    """Two settings with linear, quadratic and joint effects: best yield, profit or least cost."""
    who, what, unit, first, second, unit_a, unit_b = s.pick(*_TRIALS)
    speech = s.speech
    top_a, top_b = s.step(6, 60), s.step(6, 60)
    bend_a, bend_b = s.step(0.02, 0.4, 0.02), s.step(0.02, 0.4, 0.02)
    joint = round((bend_a * bend_b) ** 0.5 * s.pick(0.3, 0.6, 0.9, -0.4), 2) or 0.01
    a1 = s.number("rise_a", speech.plain(round(max(0.5, 2 * bend_a * top_a - joint * top_b), 1)),
                  f"effect of {first}")  # fmt: skip
    b1 = s.number("rise_b", speech.plain(round(max(0.5, 2 * bend_b * top_b - joint * top_a), 1)),
                  f"effect of {second}")  # fmt: skip
    a2 = s.number("bend_a", speech.plain(bend_a), f"quadratic effect of {first}")
    b2 = s.number("bend_b", speech.plain(bend_b), f"quadratic effect of {second}")
    both = s.number("joint", speech.plain(abs(joint)), "joint effect")
    base = s.number("base", speech.plain(s.step(10, 90)), f"{what} without either")
    sign = "+" if joint > 0 else "-"
    name_a, name_b = first, second
    s.decide("setting_a", f"{unit_a} of {first}", unit=unit_a, flat=lambda: name_a)
    s.decide("setting_b", f"{unit_b} of {second}", unit=unit_b, flat=lambda: name_b)
    s.total("result", "base + rise_a*setting_a + rise_b*setting_b - bend_a*setting_a**2 - "
            f"bend_b*setting_b**2 {sign} joint*setting_a*setting_b", f"{what} in {unit}",
            flat=lambda: what)  # fmt: skip
    s.scene = who
    x, y = s.pick(("x", "y"), ("a", "b"), (first[0].upper(), second[0].upper()))
    x, y = (x, y) if x != y else ("x", "y")
    s.fact(
        f"With {x} {unit_a} of {first} and {y} {unit_b} of {second}, the {what} in {unit} is "
        f"{base} + {a1}{x} + {b1}{y} - {a2}{x}^2 - {b2}{y}^2 {sign} {both}{x}{y}",
        f"The {what} in {unit} is {base} + {a1}*{x} + {b1}*{y} - {a2}*{x}^2 - {b2}*{y}^2 {sign} "
        f"{both}*{x}*{y}, where {x} is in {unit_a} of {first} and {y} in {unit_b} of {second}",
    )
    priced = s.chance(0.55)
    if priced:
        pa, pb = s.step(0.5, 12, 0.5), s.step(0.5, 12, 0.5)
        qa = s.number("price_a", speech.money(pa), f"price of {first}", "money")
        qb = s.number("price_b", speech.money(pb), f"price of {second}", "money")
        s.fact(f"Each of the {unit_a} of {first} costs {qa}, each of the {unit_b} of {second} {qb}",
               f"It costs {qa} for each of the {unit_a} of {first}, {qb} for each of the {unit_b} "
               f"of {second}")  # fmt: skip
        s.total("cost", "price_a*setting_a + price_b*setting_b", f"cost of {first} and {second}")
    top_a_most = s.number("top_a", speech.amount(round(top_a * s.pick(0.7, 0.9, 1.3)), unit_a),
                          f"most {first}")  # fmt: skip
    s.rule("limit_a", "setting_a <= top_a", f"At most {top_a_most} of {first} can be used",
           f"No more than {top_a_most} of {first} is possible")  # fmt: skip
    top_b_most = s.number("top_b", speech.amount(round(top_b * s.pick(0.8, 1, 1.3)), unit_b),
                          f"most {second}")  # fmt: skip
    s.rule("limit_b", "setting_b <= top_b", f"The limit for {second} is {top_b_most}",
           f"It takes at most {top_b_most} of {second}")  # fmt: skip
    ua, ub = 0.6 * top_a_most.value, 0.6 * top_b_most.value
    if priced:
        spent = ua * pa + ub * pb
        kind = s.pick("budget", "profit", "least")
        if kind == "budget":
            money = s.number("budget", speech.money(float(f"{spent:.2g}")), "budget", "money")
            s.rule("budget_limit", "cost <= budget", f"At most {money} can be spent on both",
                   f"The budget for both is {money}")  # fmt: skip
        elif kind == "least":
            got = base.value + a1.value * ua + b1.value * ub - bend_a * ua**2 - bend_b * ub**2
            got += joint * ua * ub
            need = s.number("need", speech.plain(float(f"{got:.3g}")), f"least {what}")
            s.rule("enough", "result >= need", f"The {what} must be at least {need}",
                   f"A {what} of {need} or more is wanted")  # fmt: skip
            s.aim("minimize", "cost", "least cost")
            s.question = s.pick("What is the cheapest setting?",
                                f"Which {first} and {second} cost the least?")  # fmt: skip
        else:
            each = round(max(2.0, (pa + pb) * s.pick(0.6, 1, 2) / (a1.value + b1.value) * 2), 1)
            worth = s.number("worth", speech.money(each), f"worth of a unit of {what}", "money")
            s.fact(f"Each unit of {what} is worth {worth}", f"A unit of {what} brings {worth}")
            s.aim("maximize", "worth*result - cost", f"greatest worth of the {what}, less the cost")
            s.question = s.pick(
                f"Which {first} and {second} give the most, when the costs are deducted?",
                f"Maximize what the {what} is worth minus the cost of {first} and {second}",
            )
    if s.goal is None:
        s.aim("maximize", "result", f"greatest {what}")
        s.question = s.pick(f"Which {first} and {second} give the greatest {what}?",
                            f"How much of each makes the {what} as large as possible?",
                            f"Find the setting with the highest {what}")  # fmt: skip
    s.ask(f"{unit_a} of {first}", "setting_a")
    s.ask(f"{unit_b} of {second}", "setting_b")
    s.distract("The trials took two summers", "Other influences were kept the same")
