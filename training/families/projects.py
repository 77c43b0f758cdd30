"""Capital budgeting: projects and objects chosen within budgets, with exclusions and needs."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing

_BOARDS = (
    ("The council of a village can fund {}", "a footbridge, a library, a skating rink, a bus "
     "shelter, a market hall, a playground, a bandstand", "benefit", "points",
     "wages/materials"),
    ("The board of a harbour considers {}",
     "a crane, a quay wall, a customs house, a fish hall, a dry dock, a pilot boat", "gain", "$",
     "this year/next year"),
    ("A university may set up {}",
     "a telescope, a wind tunnel, a seed bank, a print lab, a data room, a cold lab", "merit",
     "points", "equipment/staff"),
    ("A museum would like to show {}",
     "a whale skeleton, a clock collection, a coin hoard, a mummy, a map cabinet, a puppet stage",
     "visitors", "visitors", "floor/wages"),
    ("A railway weighs up {}",
     "a tunnel, a signal box, a depot, a sleeper train, a bridge, a ticket app", "return", "$",
     "this year/next year"),
    ("A climber can carry {}",
     "a stove, a tent, a camera, a rope, a down jacket, a radio, a spare axe", "use", "points",
     "weight"),
    ("A shipper can load {} into one container",
     "a piano, a loom, a motor, a printing press, a safe, a kiln, a marble block", "fee", "$",
     "weight/volume"),
)  # fmt: skip
_MEANS = {
    "wages": ("wages", "$", "takes {} of wages",
              "no more than {} can be paid in wages"),
    "materials": ("materials", "$", "needs materials for {}",
                  "there are {} for materials"),
    "this year": ("cost this year", "$", "costs {} this year",
                  "the budget of this year is {}"),
    "next year": ("cost next year", "$", "costs {} next year",
                  "next year no more than {} can be spent"),
    "equipment": ("equipment", "$", "needs equipment for {}",
                  "at most {} can be spent on equipment"),
    "staff": ("staff", "people", "ties up {}", "there are {} in all"),
    "floor": ("floor", "square metres", "fills {}", "the hall has {}"),
    "weight": ("weight", "kg", "weighs {}", "no more than {} can be carried"),
    "volume": ("volume", "cubic metres", "takes up {}", "there is room for {}"),
}  # fmt: skip
_SIZES = {
    "$": (20, 90, 1000),
    "people": (2, 14, 1),
    "square metres": (3, 18, 5),
    "kg": (2, 30, 0.5),
    "cubic metres": (2, 20, 0.5),
}  # fmt: skip


@family("capital budgeting")
def project_choice(s: Story) -> None:
    """Projects or objects chosen within budgets, some excluding or requiring others."""
    scene, names, worth, unit, means = s.pick(*_BOARDS)
    offers = s.some([Thing(n) for n in names.split(", ")], 4, 7)
    short = {p: p.one.removeprefix("a ") for p in offers}
    speech = s.speech
    chosen = s.some(offers, 2, max(2, len(offers) - 2))
    heavy = "climber" in scene
    kinds = [_MEANS[m] for m in means.split("/")]
    kinds = s.some(kinds, 1, 2) if "shipper" in scene or s.chance(0.3) else kinds
    s.set("Projects", offers, "what may be chosen")
    scale = s.pick(1, 5) * (1000 if unit == "$" else 100 if unit == "visitors" else 1)
    value = {p: (speech.money(s.step(8, 80) * scale) if unit == "$" else speech.count(s.step(5,
        60) * scale, unit)) for p in offers}  # fmt: skip
    s.table("worth", "Projects", value, worth)
    s.decide("take", lambda p: f"1 if the {short[p]} is chosen", over="p in Projects",
             kind="binary", flat=lambda p: short[p])  # fmt: skip
    s.total("total_worth", "sum(worth[p]*take[p] for p in Projects)", f"{worth} of what is chosen",
            flat=lambda: worth if worth not in short.values() else f"all_{worth}")  # fmt: skip
    columns = []
    limits = []
    for k, (name, measure, say, limit) in enumerate(kinds):
        low, high, step = _SIZES[measure]
        times_ = step if measure == "$" else 1
        size = {p: s.step(low, high, 1 if measure == "$" else step) * times_ for p in offers}
        spoken = {p: speech.money(v) if measure == "$" else speech.amount(v, measure) for p,
                  v in size.items()}  # fmt: skip
        s.table(f"need_{k + 1}", "Projects", spoken, name)
        s.total(name.replace(" ", "_"), f"sum(need_{k + 1}[p]*take[p] for p in Projects)",
                f"{name} of what is chosen")  # fmt: skip
        columns.append(Column(name, say, list(spoken.values())))
        planned = sum(size[p] for p in chosen)
        room = planned + (s.step(0, low) * times_ if step >= 1 else s.step(0, low, 0.5))
        stock = speech.money(room) if measure == "$" else speech.amount(room, measure)
        s.number(f"limit_{k + 1}", stock, f"{name} available")
        limits.append((name.replace(" ", "_"), f"limit_{k + 1}", limit.format(stock)))
    columns.append(Column(worth, s.pick("promises {}", "is worth {}") if unit != "visitors"
        else "draws {}", list(value.values())))  # fmt: skip
    s.scene = scene.format(listing((p.one for p in offers), "and" if heavy else "or"))
    s.rows("object" if heavy or "shipper" in scene else "project", offers, columns,
           lambda p: f"The {short[p]}")  # fmt: skip
    for total, stock_name, said in limits:
        s.rule(f"budget_{total}", f"{total} <= {stock_name}", said)
    out = [p for p in offers if p not in chosen]
    links = 0
    if s.chance(0.55):
        a = s.pick(*out)
        b = s.pick(*(p for p in offers if p != a))
        links += 1
        s.rule("exclusion", f'take["{a}"] + take["{b}"] <= 1',
               f"the {short[a]} and the {short[b]} exclude each other",
               f"the {short[a]} and the {short[b]} cannot both be chosen",
               f"at most one of the {short[a]} and the {short[b]} may be chosen")  # fmt: skip
    if s.chance(0.55):
        b = s.pick(*chosen)
        a = s.pick(*(p for p in offers if p != b))
        links += 1
        s.rule("dependency", f'take["{a}"] <= take["{b}"]',
               f"the {short[a]} can only be chosen together with the {short[b]}",
               f"the {short[a]} makes sense only if the {short[b]} is chosen too",
               f"whoever takes the {short[a]} needs the {short[b]} as well")  # fmt: skip
    if s.chance(0.3 if links else 0.6):
        s.total("number", "sum(take[p] for p in Projects)", "how many are chosen")
        few = s.number("few", speech.count(len(chosen)), "how many may be chosen")
        if s.chance(0.7):
            s.rule("number", "number <= few", f"no more than {few} can be chosen",
                   f"at most {few} of them may be chosen")  # fmt: skip
        else:
            s.rule("number", "number == few", f"exactly {few} are to be chosen",
                   f"there must be exactly {few} of them")  # fmt: skip
    if s.chance(0.3) and len(chosen) > 1:
        a, b = s.some(chosen, 1)[0], s.pick(*out)
        s.rule("either", f'take["{a}"] + take["{b}"] >= 1',
               f"at least one of the {short[a]} and the {short[b]} must be chosen",
               f"the {short[a]} or the {short[b]} must be among them")  # fmt: skip
    elif s.chance(0.25):
        a = s.pick(*chosen)
        s.rule("fixed", f'take["{a}"] == 1', f"the {short[a]} must be chosen in any case",
               f"the {short[a]} has already been promised")  # fmt: skip
    s.aim("maximize", "total_worth", f"greatest {worth}" if unit != "visitors" else "most visitors")
    most = f"the total {worth}" if unit != "visitors" else "the number of visitors"
    s.question = s.pick(f"Which of them should be chosen so that {most} is as large as possible?",
        f"Find the choice that maximizes {most}",
        f"Which choice makes {most} greatest?")  # fmt: skip
    s.ask(lambda p: f"1 if the {short[p]} is chosen", "take[p]", "p in Projects")
    s.ask(most, "objective")
    s.distract(f"The matter has been discussed for {s.step(2, 9):g} months")
