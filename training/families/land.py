"""Land and money: fields for crops, shares of a sum to invest."""

from __future__ import annotations

import math

from optiwright.formulators.phrases import listing
from optiwright.training.conditions import Mix, Wording
from optiwright.training.families import family
from optiwright.training.round_numbers import down, share_near, up
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, things

_FARMS = (
    ("A farmer", "hectares", "hectare", "barley, beets/beets, rape, potatoes/potatoes, oats/oats", (
        300, 1500), (8, 60)),
    ("A cooperative in the valley", "hectares", "hectare",
     "saffron, melons/melons, chickpeas/chickpeas, onions/onions", (500, 3000), (15,
         90)),
    ("The tenant of an estate", "acres", "acre", "rye, flax, lucerne, pumpkins/pumpkins", (100,
        600), (3, 20)),
    ("An organic grower", "acres", "acre", "kale, garlic, squash, sweetcorn, leeks/leeks", (200,
        1200), (10, 50)),
    ("A tea planter", "hectares", "hectare", "black tea, green tea, cardamom, pepper", (900, 4000),
     (30, 120)),
    ("A nursery for trees", "acres", "acre",
     "firs/firs, maples/maples, poplars/poplars, lindens/lindens", (400, 1600), (6,
         40)),
    ("A herb farm", "hectares", "hectare", "mint, thyme, sage, camomile", (600, 2600), (20,
        80)),
)  # fmt: skip


@family("agriculture")
def crops(s: Story) -> None:
    """Land given to crops within labour, water and money, for the greatest profit."""
    who, unit, one, names, gains, labours = s.pick(*_FARMS)
    fields = s.some(things(names.split(", ")), 2, s.pick(3, 4, 5))
    speech = s.speech
    plan: dict[Thing, float] = {c: s.step(4, 40) for c in fields}
    means = [m for m in (("labour", "hours", s.step(*labours), "needs {} of labour",
        "there are {} of labour", "the labour is limited to {}"), ("water", "cubic metres", s.step(
            100, 900, 50), "drinks {} of water", "the well gives {} of water",
            "no more than {} of water can be drawn"), ("seed", "$", s.step(20, 150, 5),
                "takes seed for {}", "there are {} to spend on seed",
                "no more than {} can go into seed"),) if s.chance(0.65)] or [("labour", "hours", 20,
                    "needs {} of labour", "there are {} of labour",
                    "the labour is limited to {}")]  # fmt: skip
    s.set("Crops", fields, "crops")
    gain = {c: speech.money(s.step(*gains, 10)) for c in fields}
    s.table("gain", "Crops", gain, f"profit of a {one}")
    s.decide("land", lambda c: f"{unit} of {c}", over="c in Crops", flat=lambda c: c.one, unit=unit)
    s.total("area", "sum(land[c] for c in Crops)", f"{unit} planted")
    columns = []
    planned = {}
    for name, measure, size, say, *_ in means:
        value = {c: max(1, round(size * s.draw.uniform(0.5, 1.6) / (5 if size > 60 else 1)) * (5
            if size > 60 else 1)) for c in fields}  # fmt: skip
        spoken = {c: speech.money(v) if measure == "$" else speech.amount(v, measure) for c,
                  v in value.items()}  # fmt: skip
        s.table(f"{name}_of", "Crops", spoken, f"{name} for a {one}", "" if measure == "$"
                else measure)  # fmt: skip
        s.total(name, f"sum({name}_of[c]*land[c] for c in Crops)", f"cost of {name}"
                if measure == "$" else f"{measure} of {name}")  # fmt: skip
        columns.append(Column(name, say, list(spoken.values())))
        planned[name] = sum(value[c] * plan[c] for c in fields)
    s.total("profit", "sum(gain[c]*land[c] for c in Crops)", f"profit of all {unit}")
    columns.append(Column("profit", s.pick("earns {}", "brings a profit of {}"), list(gain.values(
        ))))  # fmt: skip
    exact = s.chance(0.15)
    total = sum(plan.values()) if exact else up(s, sum(plan.values()), 0.1)
    land = s.number("all_land", speech.amount(total, unit), f"{unit} of land", unit)
    s.scene = s.pick(f"{who} has {land} for {listing(map(str, fields))}",
                     f"{who} can plant {listing(map(str, fields))} on {land}")  # fmt: skip
    s.rows("crop", fields, [Column(f"{c.head} per {one}", c.say, c.values) for c in columns],
           lambda c: f"{s.pick('Each', 'A' if one != 'acre' else 'An')} {one} of {c}")  # fmt: skip
    s.rule("land", f"area {'==' if exact else '<='} all_land",
           *(["all of the land is to be planted"] if exact else []),
           comment=f"all {land} are planted" if exact else f"there are {land}",
           meaning="The land that there is")  # fmt: skip
    for name, measure, _, _, *limits in means:
        room = up(s, planned[name], 0.1)
        stock = speech.money(room) if measure == "$" else speech.amount(room, measure)
        s.number(f"{name}_left", stock, f"{name} available", "" if measure == "$" else measure)
        s.rule(name, f"{name} <= {name}_left", *(words.format(stock) for words in limits))
    words = Wording("land", "planted", unit=unit, whole="the land planted", measure="area",
                    more=("the soil needs {x}", "a buyer waits for {x}"),
                    less=("the soil is tired of {x}", "the price of {x} is uncertain"))  # fmt: skip
    Mix(s, "land", "Crops", plan, words, whole="area").some(1, 2)
    s.aim("maximize", "profit", "greatest profit")
    s.question = s.pick(
        f"How many {unit} of each should be planted for the greatest profit?",
        "How should the land be divided so that profit is as large as possible?",
        f"Determine the {unit} of each that maximize the profit",
    )
    s.ask(lambda c: f"{unit} of {c}", "land[c]", "c in Crops")
    s.ask("greatest profit", "objective")
    s.distract(f"The farm has been in the family for {s.step(30, 140, 10):g} years",
               f"The next town is {s.step(6, 40):g} km away")  # fmt: skip


# --- investments ----------------------------------------------------------------------------------

_CLASSES = (
    ("bonds", "bonds", ("city bonds", "railway bonds", "harbour bonds"), (0.02, 0.055), (1,
        3)),
    ("shares", "shares", ("mill shares", "software shares", "shipping shares"), (0.05, 0.12), (5,
        9)),
    ("funds", "funds", ("forest funds", "world funds", "energy funds"), (0.035, 0.08), (3,
        6)),
    ("property", "property", ("town flats", "warehouses", "garages"), (0.03, 0.07), (3,
        7)),
)  # fmt: skip
_OWNERS = ("A widow", "A pension fund", "The treasurer of a rowing club", "A foundation for music",
           "A retired captain", "Two sisters", "A savings association")  # fmt: skip


@family("investment")
def investment_mix(s: Story) -> None:
    """A sum divided among investments, within limits by class and on risk, for most return."""
    speech = s.speech
    groups = s.some(_CLASSES, 2, 3)
    kinds: dict[Thing, tuple[str, float, float]] = {}
    for name, _, items, (low, high), (calm, wild) in groups:
        for item in s.some(items, 1, 2):
            thing = Thing(item, item)
            kinds[thing] = (name, s.step(low, high, 0.005), s.step(calm, wild))
    funds = list(kinds)
    sum_ = s.step(2, 40) * s.pick(1000, 5000, 10000)
    shares = {f: s.step(1, 5) for f in funds}
    plan: dict[Thing, float] = {f: sum_ * w / sum(shares.values()) for f, w in shares.items()}
    s.set("Assets", funds, "investments")
    yields = {f: speech.share(kinds[f][1]) for f in funds}
    s.table("rate", "Assets", yields, "yearly return")
    budget = s.number("budget", speech.money(sum_), "money to invest")
    s.decide("put", lambda f: f"money in {f}", over="a in Assets", flat=lambda f: f.one)
    s.total("invested", "sum(put[a] for a in Assets)", "money invested")
    columns = [Column("yearly return", s.pick("yields {} a year", "returns {} a year",
        "pays {} a year"), list(yields.values()))]  # fmt: skip
    rated = s.chance(0.45)
    if rated:
        risk = {f: speech.amount(kinds[f][2], "risk points") for f in funds}
        s.table("risk", "Assets", risk, "risk points of an investment")
        s.total("points", "sum(risk[a]*put[a] for a in Assets)", "money times its risk points")
        columns.append(Column("risk", "carries {}", list(risk.values())))
    s.total("income", "sum(rate[a]*put[a] for a in Assets)", "yearly return of all")
    owner = s.pick(*_OWNERS)
    s.scene = s.pick(f"{owner} can invest {budget} in {listing(map(str, funds))}",
                     f"{owner} has {budget} to invest in {listing(map(str, funds))}")  # fmt: skip
    s.rows("investment", funds, columns, lambda f: f"Money in {f}")
    calm = rated and s.chance(0.4)
    if calm:
        s.rule("budget", "invested == budget", f"All of the {budget} must be invested",
               f"The whole sum of {budget} has to be placed")  # fmt: skip
        wanted = sum(kinds[f][1] * plan[f] for f in funds)
        target = s.number("target", speech.money(down(s, wanted, 0.1)), "least yearly return")
        s.rule("target", "income >= target",
               f"The investments must bring in at least {target} a year",
               f"A yearly return of {target} or more is expected")  # fmt: skip
    else:
        s.rule("budget", "invested <= budget", comment=f"{budget} can be invested",
               meaning="No more than the budget is invested")  # fmt: skip
    if rated and not calm:
        mean = sum(kinds[f][2] * plan[f] for f in funds) / sum_
        limit = s.number("most_risk", speech.plain(math.ceil(mean * 10 + 0.5) / 10),
            "greatest average of risk points")  # fmt: skip
        s.rule("risk", "points <= most_risk*invested",
               f"On average, money may carry no more than {limit} risk points", f"The average "
               f"number of risk points of the money must not exceed {limit}")  # fmt: skip
    said = 0
    for name, *_ in groups:
        members = [f for f in funds if kinds[f][0] == name]
        if len(members) < 2 or not s.chance(0.8):
            continue
        said += 1
        total = f"{name}_all"
        s.total(total, " + ".join(f'put["{f}"]' for f in members), f"money in {name}",
                flat=lambda n=name: n)  # fmt: skip
        part = sum(plan[f] for f in members) / sum_
        least = s.chance(0.4) and part > 0.15
        value = share_near(part, least=least)
        limit_ = s.number(f"share_{name}", speech.share(min(value, 0.95)), f"share of {name}")
        s.rule(f"share_{name}", f"{total} {'>=' if least else '<='} share_{name}*invested", *((
            f"At least {limit_} of the money invested must be in {name}",
            f"{name} must make up {limit_} or more of what is invested") if least else (
                f"No more than {limit_} of the money invested may be in {name}",
                f"{name} may make up at most {limit_} of what is invested")))  # fmt: skip
    for added, f in enumerate(s.some(funds, min(len(funds), max(1, 3 - said)))):
        if s.chance(0.5):
            most = s.number(f"most_{added}", speech.money(up(s, plan[f], 0.2)),
                f"most money in {f}")  # fmt: skip
            s.rule(f"most_{added}", f'put["{f}"] <= most_{added}',
                   f"no more than {most} may go into {f}", f"{f} may receive at most {most}",
                   f"at most {most} can be placed in {f}")  # fmt: skip
        else:
            least_ = s.number(f"least_{added}", speech.money(down(s, plan[f], 0.4)),
                f"least money in {f}")  # fmt: skip
            s.rule(f"least_{added}", f'put["{f}"] >= least_{added}',
                   f"at least {least_} must go into {f}",
                   f"{least_} or more have to be put into {f}")  # fmt: skip
    if s.chance(0.35):
        a, b = sorted(s.some(funds, 2), key=lambda f: plan[f])
        if plan[b] >= 2 * plan[a] and s.chance(0.7):
            s.rule("ratio", f'put["{b}"] >= 2*put["{a}"]',
                   f"The money in {b} must be at least twice that in {a}",
                   f"At least twice as much must be put into {b} as into {a}")  # fmt: skip
        else:
            s.rule("ratio", f'put["{a}"] <= put["{b}"]',
                   f"The money in {a} must not exceed that in {b}",
                   f"No more may be placed in {a} than in {b}")  # fmt: skip
    if calm:
        s.aim("minimize", "points", "least risk, money times its risk points")
        s.question = s.pick(
            "How much should go into each for the least risk, measured as money times risk points?",
            "Divide the sum so that the total of money times its risk points is smallest",
        )
    else:
        s.aim("maximize", "income", "greatest yearly return")
        s.question = s.pick(
            "How much should go into each for the greatest yearly return?",
            "How should the money be divided so that it earns as much as possible in a year?",
            "Find the investment with the highest return",
        )
    s.ask(lambda f: f"money in {f}", "put[a]", "a in Assets")
    s.ask("least risk" if calm else "greatest yearly return", "objective")
    s.distract(f"Last year the money earned {s.step(1, 4, 0.1):g}% on a savings account")
