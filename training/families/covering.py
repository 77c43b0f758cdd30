"""Covering: sites that reach every district, the fewest or the cheapest."""

from __future__ import annotations

from optiwright.formulators.phrases import capitalised, listing
from optiwright.training.families import family
from optiwright.training.speech import Quantity
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, things

_NETS = (
    ("A county looks for sites of ambulance posts",
     "Alder Knoll, Brook Lane, Castle Road, Dock Gate, Elm Park, Forge Street",
     "Norby, Osted, Pillar, Quent, Ravel, Selm, Tarn", "post", "reaches"),
    ("A phone company chooses where to put antennas",
     "the water tower, the town hall, the silo, the stadium, the church, the chimney",
     "Upper Vale, Lower Vale, the port, the heath, the old town, the mill quarter", "antenna",
     "covers"),
    ("A chain of bakeries decides where to bake",
     "Bank Street, Canal Side, Garden Row, Harbour View, Iron Yard, Jay Court",
     "the north, the south, the east, the west, the centre, the hills", "bakery/bakeries",
     "supplies"),
    ("A fire watch needs lookouts", "Bald Peak, Crow Ridge, Deer Crag, Eagle Rock, Fox Knoll",
     "the pine wood, the oak wood, the moor, the gorge, the birch wood, the plantation", "lookout",
     "overlooks"),
    ("A delivery firm rents lockers",
     "the station, the supermarket, the post office, the school, the petrol station, the gym",
     "Ash Quarter, Birch Quarter, Cedar Quarter, Fir Quarter, Hazel Quarter, Linden Quarter",
     "locker", "serves"),
    ("A zoo plans water points", "the aviary, the ape house, the pond, the gate, the barn",
     "the lions, the zebras, the storks, the camels, the otters, the lynxes", "water point",
     "serves"),
)  # fmt: skip


@family("covering")
def site_cover(s: Story) -> None:
    """Sites chosen at least cost, or the fewest, so that each district is covered."""
    scene, site_names, area_names, name, verb = s.pick(*_NETS)
    sites = s.some(things(site_names.split(", ")), 4, 6)
    areas = s.some(things(area_names.split(", ")), 4, 6)
    noun = Thing(*name.split("/"))
    reach = {site: [a for a in areas if s.chance(0.42)] for site in sites}
    for area in areas:
        lacking = [x for x in sites if area not in reach[x]]
        while len(sites) - len(lacking) < 2:
            reach[lacking.pop(s.draw.randrange(len(lacking)))].append(area)
    for site in sites:
        if not reach[site]:
            reach[site] = s.some(areas, 1, 2)
    priced = s.chance(0.7)
    s.set("Sites", sites, "sites")
    s.set("Areas", areas, "what must be covered")
    s.set("Reach", [(x, a) for x in sites for a in areas if a in reach[x]],
          "pairs of a site and what it covers")  # fmt: skip
    s.decide("open", lambda x: f"1 if there is {noun.a} at {x}", over="x in Sites",
             kind="binary", flat=_bare)  # fmt: skip
    s.total("covered", "sum(open[x] for (x, b) in Reach if b == a)",
            lambda a: f"sites that cover {a}", over="a in Areas", flat=_bare)  # fmt: skip
    cost = _costs(s, sites, priced)
    s.scene = scene
    for x in sites:
        tail = f" and costs {cost[x]}" if priced else ""
        near = listing(map(str, sorted(reach[x], key=areas.index)))
        s.fact(f"{x.cap} {verb} {near}{tail}",
               capitalised(f"{noun.a} at {x} {verb} {near}{tail}"))  # fmt: skip
    two = s.pick(*areas) if s.chance(0.35) else None
    if two is not None and len([x for x in sites if two in reach[x]]) < 3:
        two = None
    every = s.pick(f"{listing(map(str, areas))} must each be covered by at least one {noun}",
        f"Each of {listing(map(str, areas))} needs at least one {noun} that {verb} it")  # fmt: skip
    s.state(every)
    s.rule("cover", "covered[a] >= 1", over="a in Areas",
           comment=lambda a: f"{a} must be covered by at least one",
           meaning="Each is covered by at least one site")  # fmt: skip
    if two is not None:
        s.rule("double", f'covered["{two}"] >= 2',
               f"Because of its size, {two} must be covered by at least two",
               f"{two} even needs two of them")  # fmt: skip
    if s.chance(0.35):
        a, b = s.some(sites, 2)
        s.rule("dependency", f'open["{a}"] <= open["{b}"]', f"{a} can only be used if {b} is used",
               capitalised(f"{noun.a} at {a} requires one at {b}"))  # fmt: skip
    elif s.chance(0.3):
        a, b = s.some(sites, 2)
        # Whatever only one of the two covers must have another site.
        if all(
            len([x for x in sites if area in reach[x] and x != a]) >= (2 if area is two else 1)
            for area in areas
        ):
            s.rule("exclusion", f'open["{a}"] + open["{b}"] <= 1',
                   f"{a} and {b} cannot both be used",
                   f"At most one of {a} and {b} may be used")  # fmt: skip
    elif s.chance(0.2):
        x = s.pick(*sites)
        s.rule("fixed", f'open["{x}"] == 1', f"There must be {noun.a} at {x}")
    if priced:
        s.question = s.pick("Which sites should be chosen to keep the cost lowest?",
            f"Where should there be {noun.plural} at the least total cost?",
            "Find the cheapest choice of sites")  # fmt: skip
    else:
        s.question = s.pick(f"What is the smallest number of {noun.plural}, and where are they?",
            f"Where should there be {noun.plural} if as few as possible are built?")  # fmt: skip
    _goal(s, noun, priced)
    s.distract(f"The region has {s.step(12, 90) * 1000:g} inhabitants")


@family("covering")
def site_reach(s: Story) -> None:
    """Sites chosen so that each district lies within so many minutes of one."""
    scene, site_names, area_names, name, _ = s.pick(*_NETS)
    sites = s.some(things(site_names.split(", ")), 3, 6)
    areas = s.some(things(area_names.split(", ")), 3, 6)
    noun = Thing(*name.split("/"))
    limit = s.step(8, 30)
    times_ = {(x, a): s.step(2, 2.4 * limit // 1) for x in sites for a in areas}
    for a in areas:
        for x in s.some(sites, 2):
            times_[x, a] = s.step(2, limit)
    minutes = {pair: s.speech.amount(v, "minutes") for pair, v in times_.items()}
    s.set("Sites", sites, "sites")
    s.set("Areas", areas, "what must be reached")
    s.table("minutes", "Sites, Areas", minutes, "minutes from a site", "minutes")
    most = s.number(
        "most", s.speech.amount(limit, "minutes"), "most minutes from a site", "minutes"
    )
    s.decide("open", lambda x: f"1 if there is {noun.a} at {x}", over="x in Sites",
             kind="binary", flat=_bare)  # fmt: skip
    s.total("near", "sum(open[x] for x in Sites if minutes[x, a] <= most)",
            lambda a: f"sites within {most} of {a}", over="a in Areas", flat=_bare)  # fmt: skip
    priced = s.chance(0.5)
    s.scene = scene
    s.grid("site", sites, areas, minutes,
           title=s.pick("Driving time", "Travel time", "Time to get there"),
           say=lambda x, parts: f"From {x} it takes {parts}",
           part=lambda q, a: f"{q} to {a}")  # fmt: skip
    cost = _costs(s, sites, priced)
    if priced:
        said = s.pick("costs {}", "can be used for {}")
        s.rows("site", sites, [Column("cost", said, list(cost.values()))],
               lambda x: capitalised(f"{noun.a} at {x}"))  # fmt: skip
    s.rule("reach", "near[a] >= 1", s.pick(
        f"No place may be more than {most} away from the nearest {noun}",
        f"Each place must lie within {most} of at least one {noun}"), over="a in Areas",
           comment=lambda a: f"{a} must lie within {most} of one",
           meaning="Each place lies within the time of a site")  # fmt: skip
    if s.chance(0.3):
        a, b = s.some(sites, 2)
        s.rule("dependency", f'open["{a}"] <= open["{b}"]', f"{a} can only be used if {b} is used")
    elif s.chance(0.25):
        x = s.pick(*sites)
        s.rule("fixed", f'open["{x}"] == 1', f"There must be {noun.a} at {x}")
    if priced:
        s.question = s.pick(f"Where should there be {noun.plural} at the least total cost?",
            "Which sites are the cheapest?")  # fmt: skip
    else:
        s.question = s.pick(f"How few {noun.plural} will do, and where?",
            f"Find the smallest number of {noun.plural} and their places")  # fmt: skip
    _goal(s, noun, priced)


def _bare(thing: Thing) -> str:
    return thing.one.removeprefix("the ")


def _costs(s: Story, sites: list[Thing], priced: bool) -> dict[Thing, Quantity]:
    """Add what is to be least, the cost of the sites or their number; return the costs."""
    if not priced:
        s.total("number", "sum(open[x] for x in Sites)", "sites used")
        return {}
    scale = s.pick(10, 100, 1000)
    cost = {x: s.speech.money(s.step(12, 60) * scale) for x in sites}
    s.table("cost_of", "Sites", cost, "cost of a site")
    s.total("cost", "sum(cost_of[x]*open[x] for x in Sites)", "cost of the sites")
    return cost


def _goal(s: Story, noun: Thing, priced: bool) -> None:
    if priced:
        s.aim("minimize", "cost", f"cheapest {noun.plural}")
    else:
        s.aim("minimize", "number", f"fewest {noun.plural}")
    s.ask(lambda x: f"1 if there is one at {x}", "open[x]", "x in Sites")
    s.ask("lowest cost" if priced else "smallest number", "objective")
