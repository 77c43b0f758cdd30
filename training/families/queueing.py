"""Queueing: the cost of serving fast against the cost of waiting."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_DESKS = (
    ("A customs office", "lorry lane, car lane, rail desk", "vehicles"),
    ("A software firm", "login server, search server, mail server", "requests"),
    ("A garage", "tyre bay, oil bay, paint bay", "cars"),
    ("A hospital", "X-ray desk, blood desk, admission desk", "patients"),
    ("A harbour", "north berth, south berth, oil berth", "ships"),
    ("A city hall", "passport desk, housing desk, tax desk", "visitors"),
)


@family("queueing", aside=True)
def service_rates(s: Story) -> None:
    """Rates of service at one or several counters, each a queue of its own (M/M/1)."""
    who, names, unit = s.pick(*_DESKS)
    desks = s.some(things(names.split(", ")), 1 if s.chance(0.3) else 2, 3)
    speech = s.speech
    s.set("Desks", desks, "desks")
    arrive = {d: speech.plain(s.step(4, 40)) for d in desks}
    serve = {d: speech.money(s.step(2, 20, 0.5)) for d in desks}
    wait = s.number("wait", speech.money(s.step(5, 40)), f"cost of an hour of one of the {unit}")
    spare = {d: (arrive[d].value * wait.value / serve[d].value) ** 0.5 for d in desks}
    s.table("arrive", "Desks", arrive, f"{unit} that come an hour")
    s.table("serve", "Desks", serve, "cost an hour of each unit of the rate", "money")
    least = s.number("gap", speech.plain(s.pick(0.5, 1, 2)), "least spare rate")
    s.decide("rate", lambda d: f"{unit} an hour that the {d} can serve", over="d in Desks",
             flat=lambda d: d.one)  # fmt: skip
    s.total("inside", "arrive[d]/(rate[d] - arrive[d])", lambda d: f"{unit} at the {d} on average",
            over="d in Desks", flat=lambda d: f"inside {d}")  # fmt: skip
    s.total("serving", "sum(serve[d]*rate[d] for d in Desks)", "cost of serving an hour")
    s.total("waiting", "sum(wait*inside[d] for d in Desks)", "cost of waiting an hour")
    s.scene = f"{who} decides how fast to serve at its {listing(d.one for d in desks)}"
    s.rows("desk", desks,
           [Column(f"{unit} an hour", f"gets {{}} {unit} an hour", [arrive[d] for d in desks]),
            Column("cost per unit of rate",
                   f"costs {{}} an hour for each of the {unit} that it can serve in an hour",
                   [serve[d] for d in desks])], lambda d: f"The {d}")  # fmt: skip
    s.fact(f"If x {unit} come in an hour and the rate is r, there are x/(r - x) of them at a desk "
           f"on average, each of which costs {wait} an hour",
           f"The average number of {unit} at a desk is the arrivals divided by the rate less the "
           f"arrivals, and each of them costs {wait} for every hour")  # fmt: skip
    s.rule("faster", "rate[d] >= arrive[d] + gap", over="d in Desks",
           comment=lambda d: f"the {d} serves at least {least} an hour more than come",
           meaning=s.state(f"Every rate must exceed the arrivals by at least {least} an hour",
                           f"Each rate has to be {least} or more above the arrivals"))  # fmt: skip
    fast = sum(arrive[d].value + spare[d] for d in desks)
    if s.chance(0.5):
        cap = s.number("cap", speech.plain(round(max(
            fast * 0.95, sum(a.value + least.value for a in arrive.values()) + 0.5), 1)),
            "largest sum of rates")  # fmt: skip
        s.rule("capacity", "sum(rate[d] for d in Desks) <= cap",
               f"All together can serve at most {cap} an hour",
               f"The sum of the rates must not exceed {cap}")  # fmt: skip
    if s.chance(0.4):
        d = s.pick(*desks)
        few = s.number("few", speech.plain(round(arrive[d].value / spare[d] * s.pick(0.9, 1.3), 1)
                                           or 0.5), f"most {unit} at the {d}")  # fmt: skip
        if not any(r.name == "capacity" for r in s.rules):
            s.rule("short", f'inside["{d}"] <= few',
                   f"On average no more than {few} {unit} may be at the {d}",
                   f"The average number at the {d} must not exceed {few}")  # fmt: skip
        else:
            s.data.pop()
    top = s.number("top", speech.plain(round(max(a.value for a in arrive.values()) + 3 *
                                             max(spare.values()) + 1)), "highest rate")  # fmt: skip
    s.rule("highest", "rate[d] <= top", over="d in Desks",
           comment=lambda d: f"the {d} serves at most {top} an hour",
           meaning=s.state(f"No rate can be higher than {top} an hour",
                           f"Each of them can serve at most {top} an hour"))  # fmt: skip
    s.aim("minimize", "serving + waiting", "least cost an hour of serving and waiting")
    s.question = s.pick("Which rates have the least cost of serving and waiting?",
                        "How fast should each serve so that serving and waiting together cost the "
                        "least an hour?")  # fmt: skip
    s.ask(lambda d: f"rate of the {d}", "rate[d]", "d in Desks")
    s.distract("It is open nine hours a day", "Mondays are the busiest days")
