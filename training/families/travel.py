"""Speed: fuel against time."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_TRIPS = (
    ("A coaster sails", "fjord leg, open sea leg, canal leg", "sea miles", "knots", 5, 22, 10),
    ("A haulier's lorry drives", "motorway leg, mountain leg, valley leg", "km", "km/h", 30, 90,
     40),
    ("A tug pulls a barge along", "lower reach, middle reach, upper reach", "km", "km/h", 4, 16, 6),
    ("A freight train runs over", "plain section, coast section, hill section", "km", "km/h", 40,
     120, 60),
    ("A survey drone flies", "outward leg, cross leg, return leg", "km", "km/h", 20, 80, 40),
    ("A ferry crosses", "inner passage, outer passage, night passage", "sea miles", "knots", 6, 24,
     11),
)  # fmt: skip


@family("speed")
def travel_speeds(s: Story) -> None:
    """Speeds of the legs of a trip: fuel for a distance grows with the square of the speed."""
    who, names, unit, pace, low, high, usual = s.pick(*_TRIPS)
    legs = things(names.split(", "))[: int(s.step(1, 3))]
    speech = s.speech
    s.set("Legs", legs, "legs of the trip")
    far = {g: speech.amount(s.step(40, 400, 10), unit) for g in legs}
    burn = s.step(0.8, 6, 0.2)
    rate = {g: speech.plain(round(burn * s.step(0.7, 1.4, 0.1), 1)) for g in legs}
    s.table("far", "Legs", far, f"{unit} of the leg", unit)
    s.table("rate", "Legs", rate, "litres for a unit of length at usual speed")
    norm = s.number("usual", speech.amount(usual, pace), "usual speed", pace)
    least = s.number("slowest", speech.amount(low, pace), "least speed", pace)
    most = s.number("fastest", speech.amount(high, pace), "greatest speed", pace)
    s.decide("speed", lambda g: f"speed on the {g}", over="g in Legs", unit=pace, lower="slowest",
             flat=lambda g: f"speed {g}" if len(legs) > 1 else "speed")  # fmt: skip
    s.total("hours", "sum(far[g]/speed[g] for g in Legs)", "hours of the trip")
    s.total("fuel", "sum(rate[g]*far[g]*(speed[g]/usual)**2 for g in Legs)", "litres of fuel")
    s.scene = (
        f"{who} {s.pick('a', 'one')} {legs[0]}"
        if len(legs) == 1
        else f"{who} {listing(f'the {g}' for g in legs)}"
    )
    one = {"sea miles": "sea mile", "km": "km"}[unit]
    s.fact(
        f"What it burns for each {one} grows with the square of its speed; the litres given are "
        f"for its usual speed of {norm}",
        f"The litres for each {one} hold at {norm} and change with the square of the speed",
    )
    s.rows("leg", legs, [Column("length", "is {} long", [far[g] for g in legs]),
                         Column(f"litres for each {one}", f"takes {{}} litres for each {one}",
                                [rate[g] for g in legs])],
           lambda g: f"The {g}")  # fmt: skip
    s.state(f"Its speed can be {least} at least and {most} at most",
            f"It travels at no less than {least} and no more than {most}",
            f"Speeds from {least} to {most} are possible")  # fmt: skip
    s.rule(
        "top_speed",
        "speed[g] <= fastest",
        over="g in Legs",
        comment=lambda g: f"at most {most} on the {g}",
        meaning="Speeds are limited",
    )
    price = s.number("price", speech.money(s.step(0.6, 2, 0.05)), "price of a litre", "money")
    time = sum(f.value for f in far.values()) / usual
    litres = sum(rate[g].value * far[g].value for g in legs)
    money = s.chance(0.6)
    if money:
        s.fact(f"A litre of fuel costs {price}", f"Fuel is {price} a litre")
        hourly = 2 * price.value * litres / time * s.step(0.7, 1.3, 0.1)
        wage = s.number("hourly", speech.money(float(f"{hourly:.2g}")), "cost of an hour", "money")
        s.fact(f"Each hour of the trip costs {wage} for the crew",
               f"Crew and hire come to {wage} an hour")  # fmt: skip
        s.total("cost", "price*fuel + hourly*hours", "cost of fuel and time")
    else:
        s.data.pop()
    if not money or s.chance(0.5):
        late = s.number("limit", speech.amount(round(time * s.pick(0.8, 0.9, 1.1), 1), "hours"),
                        "most hours", "hours")  # fmt: skip
        s.rule("deadline", "hours <= limit", f"The trip must take no more than {late}",
               f"It has to arrive within {late}")  # fmt: skip
    if money and s.chance(0.35):
        tank = s.number("tank", speech.amount(float(f"{litres * s.pick(1.8, 2.2):.2g}"), "litres"),
                        "litres in the tank", "litres")  # fmt: skip
        s.rule("tank_limit", "fuel <= tank", f"The tank holds {tank}, which must be enough",
               f"It cannot burn more than {tank} on the way")  # fmt: skip
    s.aim("minimize", "cost" if money else "fuel", "least cost" if money else "least fuel")
    plural = len(legs) > 1
    s.question = s.pick(
        ("Which speeds make the trip cheapest?" if plural else "Which speed is cheapest?")
        if money
        else "How fast should it go to burn the least fuel?",
        f"Find the speed{' of each leg' * plural} with the least {'cost' if money else 'fuel'}",
    )
    s.ask(lambda g: f"speed on the {g}", "speed[g]", "g in Legs")
    s.distract("It carries timber this time", "The crew has five members")
