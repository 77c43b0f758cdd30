"""Locating: which sites to open, and who is served from where."""

from __future__ import annotations

from optiwright.formulators.phrases import uncapitalised
from optiwright.training.families import family
from optiwright.training.families.places import counted, kind_of, places, roomy, split
from optiwright.training.speech import plural
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing

_SCENES = (
    ("A drinks maker", "warehouse", "store", "pallets", "opening", "opened"),
    ("A post company", "sorting centre", "town", "mailbags", "opening", "opened"),
    ("A waste firm", "transfer station", "district", "tonnes", "building", "built"),
    ("A hospital group", "laboratory/laboratories", "clinic", "samples", "equipping", "equipped"),
    ("A concrete supplier", "mixing plant", "site", "cubic metres", "setting up", "set up"),
    ("A laundry chain", "wash house", "hotel", "baskets", "renting", "rented"),
    ("An online grocer", "depot", "suburb", "crates", "leasing", "leased"),
    ("A farm supplier", "store", "cooperative", "bags", "opening", "opened"),
)


@family("facility location")
def facility_location(s: Story) -> None:
    """Opening costs and capacities, what is sent from opened sites; perhaps at most so many."""
    who, site, client, unit, opening, opened = s.pick(*_SCENES)
    place, goal = Thing(*site.split("/")), Thing(client)
    one, speech = plural(1, unit), s.speech
    rows, columns = s.pick((2, 2), (2, 3), (3, 2), (2, 3))
    sites = places(s, place.one, rows)
    clients = places(s, goal.one, columns, sites)
    step = s.pick(5, 10, 10, 50)
    needs = {c: step * s.step(3, 15) for c in clients}
    everything = sum(needs.values())
    used = s.some(sites, s.pick(1, 2) if rows == 2 else 2)
    loads = dict(zip(used, split(s, everything, len(used), step), strict=True))
    room = {f: roomy(s, max(loads.get(f, 0), everything * 0.5), step) for f in sites}
    scale = s.pick(10, 50, 100) if everything < 1000 else 100
    fixed = {f: speech.money(s.step(8, 40) * scale) for f in sites}
    capacity = {f: speech.amount(x, unit) for f, x in room.items()}
    demand = {c: speech.amount(x, unit) for c, x in needs.items()}
    fine = s.pick(1.0, 1.0, 0.5, 0.1)
    cost = {(f, c): speech.money(s.step(1, 20, fine)) for f in sites for c in clients}
    s.set("Sites", sites, place.plural)
    s.set("Clients", clients, goal.plural)
    s.table("fixed", "Sites", fixed, f"cost of {opening} each")
    s.table("capacity", "Sites", capacity, f"most {unit} from each", unit)
    s.table("demand", "Clients", demand, f"{unit} needed", unit)
    s.table("cost", "Sites, Clients", cost, f"cost of one {one}")
    s.decide("send", lambda f, c: f"{unit} from {f} to {c}", over="f in Sites, c in Clients",
             kind=kind_of(unit), unit=unit)  # fmt: skip
    s.decide("open", lambda f: f"1 if {f} is {opened}", over="f in Sites", kind="binary",
             flat=lambda f: f"open {f}")  # fmt: skip
    s.total("sent", "sum(send[f, c] for c in Clients)", lambda f: f"{unit} from {f}",
            over="f in Sites")  # fmt: skip
    s.total("got", "sum(send[f, c] for f in Sites)", lambda c: f"{unit} to {c}",
            over="c in Clients")  # fmt: skip
    s.total("fixed_cost", "sum(fixed[f]*open[f] for f in Sites)", f"cost of {opening}")
    s.total("delivery", "sum(cost[f, c]*send[f, c] for f in Sites for c in Clients)",
            "cost of delivery")  # fmt: skip
    s.scene = s.pick(
        f"{who} can have {counted(rows, place)} {opened} to serve {counted(columns, goal)}",
        f"{who} is choosing among {counted(rows, place)} for the supply of "
        f"{counted(columns, goal)}",
        f"To serve {counted(columns, goal)}, {uncapitalised(who)} considers {opening} "
        f"{counted(rows, place)}",
    )
    s.rows(place.one, sites, [
        Column(f"cost of {opening}", s.pick(f"costs {{}} if {opened}", "has a fixed cost of {}"),
               list(fixed.values())),
        Column("capacity", s.pick("can then handle {}", "has a capacity of {}"),
               list(capacity.values()))], lambda f: f.cap)  # fmt: skip
    wants = s.pick("needs {}", "requires {}", "must get {}")
    s.rows(goal.one, clients, [Column("demand", wants, list(demand.values()))], lambda c: c.cap)
    s.grid(place.one, sites, clients, cost, title=f"Delivery cost per {one}",
           say=s.pick(lambda f, parts: f"Delivery from {f} costs {parts} per {one}",
                      lambda f, parts: f"From {f}, each {one} costs {parts}"),
           part=lambda q, c: f"{q} to {c}")  # fmt: skip
    s.state(f"Only {place.plural} that are {opened} can deliver",
            f"Nothing can come from {place.a} that is not {opened}",
            f"The fixed cost is due for every {place} that is used")  # fmt: skip
    s.rule(
        "room",
        "sent[f] <= capacity[f]*open[f]",
        over="f in Sites",
        comment=lambda f: f"{f.cap} can handle {capacity[f]}, if {opened}",
        meaning="A site sends no more than its capacity, and nothing if it is closed",
    )
    s.rule("demand_met", "got[c] >= demand[c]", over="c in Clients",
           comment=lambda c: f"{c.cap} {wants.format(demand[c])}",
           meaning="Every client gets what it needs")  # fmt: skip
    if s.chance(0.3) and len(used) < rows:
        most = s.number("most", speech.count(len(used)), f"most {place.plural}")
        s.rule("most_open", "sum(open[f] for f in Sites) <= most",
               f"At most {most} of the {place.plural} may be {opened}",
               f"No more than {most} can be {opened}")  # fmt: skip
    elif s.chance(0.3):
        f = s.pick(*used)
        s.rule("must_open", f'open["{f}"] == 1', f"{f.cap} must be {opened} in any case",
               f"It has been decided already that {f} is {opened}")  # fmt: skip
    s.aim("minimize", "fixed_cost + delivery", f"least total cost, {opening} and delivery")
    s.question = s.pick(f"Which {place.plural} should be {opened} for the least total cost?",
                        f"Find the cheapest choice of {place.plural} and deliveries",
                        f"Where should each {goal} get its {unit} from, so that the total of fixed "
                        "and delivery costs is smallest?")  # fmt: skip
    s.ask(lambda f: f"whether {f} is {opened}", "open[f]", "f in Sites")
    s.ask("least total cost", "objective")
    s.distract(
        f"The {who.split(' ', 1)[1]} has {s.step(12, 400):g} employees",
        f"The sites were visited in {s.pick('March', 'May', 'June', 'October')}",
    )


@family("fixed charge")
def single_source(s: Story) -> None:
    """Every client is served wholly from one opened site; capacities and opening costs."""
    who, site, client, unit, opening, opened = s.pick(*_SCENES)
    place, goal = Thing(*site.split("/")), Thing(client)
    speech = s.speech
    rows, columns = s.pick((2, 2), (2, 3), (2, 3), (2, 4), (3, 3))
    sites = places(s, place.one, rows)
    clients = places(s, goal.one, columns, sites)
    step = s.pick(1, 5, 10)
    needs = {c: step * s.step(3, 15) for c in clients}
    plan = {c: s.pick(*sites) for c in clients}
    loads = {f: sum(needs[c] for c in clients if plan[c] == f) for f in sites}
    room = {f: roomy(s, max(loads[f], 0.4 * sum(needs.values())), step) for f in sites}
    scale = s.pick(10, 20)
    fixed = {f: speech.money(s.step(8, 40) * scale) for f in sites}
    capacity = {f: speech.amount(x, unit) for f, x in room.items()}
    demand = {c: speech.amount(x, unit) for c, x in needs.items()}
    cost = {(f, c): speech.money(s.step(20, 400, 5)) for f in sites for c in clients}
    s.set("Sites", sites, place.plural)
    s.set("Clients", clients, goal.plural)
    s.table("fixed", "Sites", fixed, f"cost of {opening} each")
    s.table("capacity", "Sites", capacity, f"most {unit} from each", unit)
    s.table("demand", "Clients", demand, f"{unit} needed", unit)
    s.table("cost", "Sites, Clients", cost, "cost of serving a client")
    s.decide("serve", lambda f, c: f"1 if {c} is served from {f}", over="f in Sites, c in Clients",
             kind="binary")  # fmt: skip
    s.decide("open", lambda f: f"1 if {f} is {opened}", over="f in Sites", kind="binary",
             flat=lambda f: f"open {f}")  # fmt: skip
    s.total("load", "sum(demand[c]*serve[f, c] for c in Clients)", lambda f: f"{unit} from {f}",
            over="f in Sites", flat=lambda f: f"load {f}")  # fmt: skip
    s.total("fixed_cost", "sum(fixed[f]*open[f] for f in Sites)", f"cost of {opening}")
    s.total("service", "sum(cost[f, c]*serve[f, c] for f in Sites for c in Clients)",
            "cost of service")  # fmt: skip
    s.scene = s.pick(
        f"{who} wants to serve {counted(columns, goal)} from up to {counted(rows, place)}",
        f"{who} may use {counted(rows, place)} for {counted(columns, goal)}",
    )
    s.rows(place.one, sites, [
        Column(f"cost of {opening}", s.pick(f"costs {{}} if {opened}", "has a fixed cost of {}"),
               list(fixed.values())),
        Column("capacity", s.pick("can handle {}", "has room for {}"),
               list(capacity.values()))], lambda f: f.cap)  # fmt: skip
    wants = s.pick("needs {}", "requires {}", "takes {}")
    s.rows(goal.one, clients, [Column("demand", wants, list(demand.values()))], lambda c: c.cap)
    s.grid(place.one, sites, clients, cost, title=f"Cost of serving a {goal}",
           say=s.pick(lambda f, parts: f"Serving from {f} costs {parts}",
                      lambda f, parts: f"From {f}, service costs {parts}"),
           part=lambda q, c: f"{q} for {c}")  # fmt: skip
    said = s.state(f"Each {goal} is served by exactly one {place}",
                   f"No {goal} may be split: one {place} must serve it alone",
                   f"Every {goal} gets everything from a single {place}")  # fmt: skip
    s.state(f"Only {place.plural} that are {opened} can serve",
            f"A {place} serves only if it is {opened}",
            f"The fixed cost is due for every {place} that is used")  # fmt: skip
    s.rule("one_site", "sum(serve[f, c] for f in Sites) == 1", over="c in Clients", comment=said)
    s.rule(
        "room",
        "load[f] <= capacity[f]*open[f]",
        over="f in Sites",
        comment=lambda f: f"{f.cap} can handle {capacity[f]}, if {opened}",
        meaning="A site serves no more than its capacity, and nobody if it is closed",
    )
    if s.chance(0.35):
        f, c = s.pick(*((f, c) for f in sites for c in clients if plan[c] != f))
        s.rule("barred", f'serve["{f}", "{c}"] == 0', f"{f.cap} is too far away to serve {c}",
               f"{c.cap} cannot be served from {f}")  # fmt: skip
    s.aim("minimize", "fixed_cost + service", f"least total cost, {opening} and service")
    s.question = s.pick(f"Which {place.plural} should be {opened}, and which serves whom, at the "
                        "least total cost?", "Find the plan with the least total cost",
                        f"How can all {goal.plural} be served most cheaply?")  # fmt: skip
    s.ask(lambda f: f"whether {f} is {opened}", "open[f]", "f in Sites")
    s.ask("least total cost", "objective")
    s.distract(f"The {who.split(' ', 1)[1]} was founded {s.step(5, 90):g} years ago")


_PUBLIC = (
    ("A county", "library/libraries", "village", "readers"),
    ("A city", "fire station", "quarter", "households"),
    ("A health service", "vaccination point", "valley", "residents"),
    ("A university", "computer room", "campus", "students"),
    ("A bank", "branch/branches", "borough", "clients"),
    ("A nature reserve", "visitor hut", "camp site", "campers"),
)


@family("p-median", aside=True)
def nearest_sites(s: Story) -> None:
    """A given number of sites, so that the weighted distance to the assigned ones is least."""
    who, site, area, folk = s.pick(*_PUBLIC)
    place, goal, speech = Thing(*site.split("/")), Thing(area), s.speech
    rows, columns = s.pick((3, 2), (3, 3), (3, 3), (4, 3))
    sites = places(s, "site", rows, towns=0.3)
    areas = places(s, goal.one, columns, sites)
    chosen = 1 if rows == 3 and s.chance(0.3) else 2
    people = {a: speech.amount(s.step(20, 900, 10), folk) for a in areas}
    unit = s.pick("km", "minutes")
    distance = {(f, a): speech.amount(s.step(1, 30, s.pick(1, 0.5)), unit)
                for f in sites for a in areas}  # fmt: skip
    s.set("Sites", sites, "possible sites")
    s.set("Areas", areas, goal.plural)
    s.table("people", "Areas", people, f"{folk} of an area", folk)
    s.table("distance", "Sites, Areas", distance, f"{unit} between a site and an area", unit)
    count = s.number("chosen", speech.count(chosen), "sites to choose")
    s.decide("go", lambda f, a: f"1 if {a} goes to {f}", over="f in Sites, a in Areas",
             kind="binary")  # fmt: skip
    s.decide("open", lambda f: f"1 if {f} is chosen", over="f in Sites", kind="binary",
             flat=lambda f: f"open {f}")  # fmt: skip
    s.total("travel",
            "sum(people[a]*distance[f, a]*go[f, a] for f in Sites for a in Areas)",
            f"{unit} times {folk}")  # fmt: skip
    s.scene = s.pick(
        f"{who} is looking for places for new {place.plural}, to serve {counted(columns, goal)}",
        f"{who} plans {place.plural} for its {counted(columns, goal)}",
    )
    s.rows(goal.one, areas, [Column(folk, "has {}", list(people.values()))], lambda a: a.cap)
    s.grid("site", sites, areas, distance, title="Distance" if unit == "km" else "Travel time",
           say=lambda f, parts: f"From {f} it is {parts}",
           part=lambda q, a: f"{q} to {a}")  # fmt: skip
    s.rule("number", "sum(open[f] for f in Sites) == chosen",
           f"Exactly {count} of the sites {'is' if chosen == 1 else 'are'} to be chosen",
           f"There is money for exactly {count} of these sites")  # fmt: skip
    said = s.state(
        f"Each {goal} is assigned to one of the chosen sites",
        f"Every {goal} goes to exactly one site, which must be a chosen one",
    )
    s.rule("one_site", "sum(go[f, a] for f in Sites) == 1", over="a in Areas", comment=said)
    s.rule("chosen_only", "sum(go[f, a] for a in Areas) <= len(Areas)*open[f]", over="f in Sites",
           comment=lambda f: f"nobody goes to {f} unless it is chosen",
           meaning="Nobody goes to a site that is not chosen")  # fmt: skip
    s.aim("minimize", "travel", f"least total of {folk} times {unit}")
    s.question = s.pick(
        f"Which sites make the sum over all {goal.plural} of {folk} times {unit} smallest?",
        f"Choose the sites so that all travel, in {folk} times {unit}, is least in total",
    )
    s.ask(lambda f: f"whether {f} is chosen", "open[f]", "f in Sites")
    s.ask("least total travel", "objective")
    s.distract(f"The present {place} is {s.step(20, 90):g} years old")
