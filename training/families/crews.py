"""Crews: people on lines that run together, and people at each of several places."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, things

_LINES = (
    ("A harvest team works in several rows of greenhouses", "greenhouse 1, greenhouse 2, "
     "greenhouse 3, greenhouse 4", "tomatoes, cucumbers, peppers", "crates", "pickers", "run"),
    ("A uniform maker has several sewing rooms", "north room, south room, attic, annexe",
     "jackets, trousers, caps", "pieces", "sewers", "work"),
    ("A quarry breaks stone at several faces", "upper face, lower face, east face",
     "gravel, blocks, sand", "tonnes", "diggers", "work"),
    ("A press prints on several machines", "machine A, machine B, machine C, machine D",
     "posters, leaflets, maps", "bundles", "printers", "run"),
    ("A fish factory has several filleting belts", "belt 1, belt 2, belt 3",
     "cod, herring, mackerel", "boxes", "cutters", "run"),
    ("A shipyard paints in several docks", "west dock, east dock, dry dock", "hull plates, hatches",
     "pieces", "painters", "work"),
    ("A census office has several reading rooms", "room A, room B, room C",
     "long forms, short forms", "folders", "readers", "work"),
)  # fmt: skip


@family("makespan")
def lines_at_once(s: Story) -> None:
    """Workers over lines that run for the same time: least time until all is made."""
    who, places, wares, unit, workers, runs = s.pick(*_LINES)
    lines = things(places.split(", "))[: int(s.step(2, len(places.split(", "))))]
    goods = things(wares.split(", "))[: int(s.step(2, len(wares.split(", "))))]
    speech = s.speech
    s.set("Lines", lines, "lines")
    s.set("Goods", goods, "goods")
    rate = {(line, g): speech.plain(s.step(2, 30)) for line in lines for g in goods}
    s.table("rate", "Lines, Goods", rate, f"{unit} that one makes an hour", unit)
    plan = {line: int(s.step(3, 12)) for line in lines}
    hours = s.step(3, 30)
    need = {
        g: speech.plain(float(f"{hours * sum(rate[n, g].value * plan[n] for n in lines):.2g}"))
        for g in goods
    }
    s.table("need", "Goods", need, f"{unit} needed")
    top = max(plan.values()) + int(s.step(0, 3))
    most = s.number("most", speech.count(top), "most at one place")
    lower = s.chance(0.35)
    if lower:
        s.number("least", speech.count(min(2, *plan.values())), "least at one place")
    s.decide("people", lambda n: f"{workers} at {n}", over="n in Lines", kind="integer",
             lower="least" if lower else "0", flat=lambda n: n.one)  # fmt: skip
    s.decide("hours", "hours until all is done", flat=lambda: "hours", unit="hours")
    s.total(
        "each_hour",
        "sum(rate[n, g]*people[n] for n in Lines)",
        lambda g: f"{unit} of {g} an hour",
        over="g in Goods",
        flat=lambda g: f"{g} an hour",
    )
    s.total("made", "each_hour[g]*hours", lambda g: f"{unit} of {g} made",
            over="g in Goods", flat=lambda g: f"{g} made")  # fmt: skip
    s.total("all_people", "sum(people[n] for n in Lines)", f"{workers} in all",
            flat=lambda: workers)  # fmt: skip
    s.scene = f"{who}: {listing(n.one for n in lines)}. All {runs} for the same time"
    worker = workers.removesuffix("s")
    s.rows(
        "place", lines,
        [Column(f"{unit} of {g} an hour per {worker}", f"does {{}} {unit} of {g} an hour",
                [rate[n, g] for n in lines]) for g in goods],
        lambda n: s.pick(f"In the {n} each {worker}", f"Each {worker} in the {n}")
        if " " in n.one and not n.one[-1].isdigit() and not n.one[-1].isupper()
        else s.pick(f"In {n} each {worker}", f"Each {worker} in {n}"),
    )  # fmt: skip
    s.state(
        f"{listing(f'{need[g]} {unit} of {g}' for g in goods)} are needed",
        f"The order is for {listing(f'{need[g]} {unit} of {g}' for g in goods)}",
        f"At least {listing(f'{need[g]} {unit} of {g}' for g in goods)} must be done",
    )
    s.rule("demand", "made[g] >= need[g]", over="g in Goods",
           comment=lambda g: f"{need[g]} {unit} of {g} are needed",
           meaning="What is needed of each is made")  # fmt: skip
    crew = s.number("crew", speech.count(sum(plan.values())), "all there are")
    s.rule("staff", "all_people <= crew", f"There are {crew} {workers} in total",
           f"No more than {crew} {workers} are available")  # fmt: skip
    if lower:
        floor = next(d.values[()] for d in s.data if d.name == "least")
        s.state(f"Each place must have at least {floor} of them",
                f"No place works with fewer than {floor} {workers}")  # fmt: skip
    s.rule("space", "people[n] <= most", f"No place has room for more than {most} {workers}",
           f"Each place takes at most {most} of them", over="n in Lines",
           comment=lambda n: f"at most {most} {workers} at {n}")  # fmt: skip
    s.aim("minimize", "hours", "least time")
    s.question = s.pick(
        f"How should the {workers} be placed so that all is done in the least time?",
        "In what time can the whole order be finished at best?",
        f"Find the numbers of {workers} with which the work ends soonest",
    )
    s.ask(lambda n: f"{workers} at {n}", "people[n]", "n in Lines")
    s.ask("least time", "hours")
    s.distract("The order came in this morning", f"The {workers} are paid by the hour")


_SITES = (
    ("A health board opens", "clinic, pharmacy/pharmacies, day ward", "nurses",
     "patients", 8, 25),
    ("A library service sets up", "reading room, book bus/book buses, study hall", "librarians",
     "loans", 20, 80),
    ("A road authority sends out", "paving gang, marking gang, ditch gang", "workers",
     "metres of road", 5, 40),
    ("A call company rents", "front office, back office, night office", "agents",
     "calls", 30, 90),
    ("A repair chain fits out", "bike shop, phone shop, shoe shop", "mechanics",
     "repairs", 4, 18),
    ("A school authority forms", "language class/language classes, music class/music classes, "
     "sports group", "teachers", "pupils", 6, 20),
)  # fmt: skip


@family("throughput")
def staffed_sites(s: Story) -> None:
    """How many sites of each kind and how many people in each: output is a product."""
    who, names, staff, unit, low, high = s.pick(*_SITES)
    kinds = s.some(things(names.split(", ")), 2, 3)
    speech = s.speech
    s.set("Kinds", kinds, "kinds of sites")
    gain = {k: speech.plain(s.step(low, high)) for k in kinds}
    rent = {k: speech.money(s.step(10, 90, 5)) for k in kinds}
    s.table("gain", "Kinds", gain, f"{unit} a day of one person")
    s.table("rent", "Kinds", rent, "cost a day of one", "money")
    sites: dict[Thing, int] = {k: int(s.step(1, 4)) for k in kinds}
    people = {k: int(s.step(1, 5)) for k in kinds}
    wage = s.number("wage", speech.money(s.step(60, 240, 10)), "wage a day", "money")
    s.decide("sites", lambda k: f"{k.plural}", over="k in Kinds", kind="integer", lower="1",
             flat=lambda k: k.plural)  # fmt: skip
    s.decide("people", lambda k: f"{staff} in each {k}", over="k in Kinds", kind="integer",
             lower="1", flat=lambda k: f"{staff} each {k}")  # fmt: skip
    s.total("output", "sum(gain[k]*people[k]*sites[k] for k in Kinds)", f"{unit} a day")
    s.total("all_staff", "sum(people[k]*sites[k] for k in Kinds)", f"{staff} in all",
            flat=lambda: f"all {staff}")  # fmt: skip
    s.total("number", "sum(sites[k] for k in Kinds)", "sites in all")
    s.total("cost", "sum(rent[k]*sites[k] for k in Kinds) + wage*all_staff",
            "sites and wages")  # fmt: skip
    s.scene = (
        f"{who} {listing(k.plural for k in kinds)} and decides how many of each, and how "
        f"many {staff} work in each {s.pick('one of them', 'of them')}"
    )
    s.rows("kind", kinds,
           [Column("cost a day", "costs {} a day", [rent[k] for k in kinds]),
            Column(f"{unit} a day per person", f"manages {{}} {unit} a day for each of its {staff}",
                   [gain[k] for k in kinds])], lambda k: f"Each {k}")  # fmt: skip
    s.fact(f"All sites of a kind have the same number of {staff}",
           f"Every site of a kind gets as many {staff} as the others of the kind")  # fmt: skip
    s.fact(f"A wage is {wage} a day for each of the {staff}",
           f"Each of the {staff} is paid {wage} a day")  # fmt: skip
    s.state(f"There is at least one site of every kind, with one or more {staff} in each",
            f"At least one of every kind is wanted, none without {staff}")  # fmt: skip
    total = sum(sites[k] * people[k] for k in kinds)
    crew = s.number("crew", speech.count(total + int(s.step(0, 3))), f"{staff} there are")
    s.rule("crew_limit", "all_staff <= crew", f"There are {crew} {staff} in all",
           f"No more than {crew} {staff} can be hired")  # fmt: skip
    spent = sum(rent[k].value * sites[k] for k in kinds) + wage.value * total
    if s.chance(0.3):
        made = sum(gain[k].value * people[k] * sites[k] for k in kinds)
        need = s.number("need", speech.plain(float(f"{made * 0.8:.2g}")), f"{unit} needed a day")
        s.rule("demand", "output >= need", f"At least {need} {unit} a day are needed",
               f"Together they must come to {need} {unit} a day or more")  # fmt: skip
        s.aim("minimize", "cost", "least cost a day")
        s.question = s.pick("What is the cheapest plan?", "Find the plan with the least daily cost")
    else:
        money = s.number("budget", speech.money(round(spent * s.pick(1, 1.1), -1)), "budget a day")
        s.rule("budget_limit", "cost <= budget", f"Sites and wages may cost at most {money} a day",
               f"The daily budget for sites and wages is {money}")  # fmt: skip
        s.aim("maximize", "output", f"most {unit} a day")
        s.question = s.pick(f"How can the number of {unit} a day be made as large as possible?",
                            f"How many sites and {staff} give the most {unit} a day?")  # fmt: skip
    limit = s.number("limit", speech.count(sum(sites.values()) + int(s.step(0, 2))), "most sites")
    s.rule("site_limit", "number <= limit", f"At most {limit} sites are allowed altogether",
           f"There may be no more than {limit} sites in total")  # fmt: skip
    if s.chance(0.3):
        k = s.pick(*kinds)
        cap = s.number("cap", speech.count(people[k] + 1), f"most {staff} in a {k}")
        s.rule("cap_limit", f'people["{k}"] <= cap', f"No {k} takes more than {cap} {staff}",
               f"In each {k} there is room for at most {cap} {staff}")  # fmt: skip
    s.ask(lambda k: f"{k.plural}", "sites[k]", "k in Kinds")
    s.ask(lambda k: f"{staff} in each {k}", "people[k]", "k in Kinds")
    s.distract("Opening hours are from eight to six", "The plan is reviewed every year")
