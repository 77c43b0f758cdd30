"""Products with setup costs, and parts made or bought."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.round_numbers import down, number_of, up
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_MAKERS = (
    ("A glass works can blow {}", "carafe, jug, tumbler, glass bowl", "furnace time", "hours",
     "mould", "moulds"),
    ("A print shop offers {}", "wedding card, wall chart, menu, club magazine", "press time",
     "minutes", "plate", "plates"),
    ("A foundry casts {}", "bell, door knocker, manhole cover, fire grate", "bronze", "kg", "form",
     "forms"),
    ("A weaver makes {}", "rug, shawl, curtain, cushion", "wool", "kg", "loom",
     "looms"),
    ("A brewery bottles {}",
     "case of stout/cases of stout, case of lager/cases of lager, case of cider/cases of cider",
     "malt", "kg", "tank", "tanks"),
    ("A chocolate maker produces {}",
     "praline box/praline boxes, nougat bar, truffle tin, cocoa jar", "cocoa", "kg", "line",
     "lines"),
    ("A carpenter builds {}", "stool, bench/benches, bookcase, cradle", "oak", "boards", "jig",
     "jigs"),
)  # fmt: skip


@family("production")
def setup_costs(s: Story) -> None:
    """What to make when each product that is made needs a costly setup first."""
    scene, names, stuff, unit, tool, tools = s.pick(*_MAKERS)
    goods = s.some(things(names.split(", ")), 2, 4)
    speech = s.speech
    plan = {g: s.step(10, 60) for g in goods}
    use = {g: speech.amount(s.step(1, 8, s.pick(0.5, 1)), unit) for g in goods}
    gain = {g: speech.money(s.step(6, 40, 0.5)) for g in goods}
    setup = {g: speech.money(round(gain[g].value * plan[g] * s.step(0.1, 0.6, 0.05) / 10 + 1) * 10)
             for g in goods}  # fmt: skip
    most = {g: speech.count(up(s, plan[g], 0.6)) for g in goods}
    s.set("Products", goods, "products")
    s.table("use", "Products", use, f"{unit} of {stuff} for one", unit)
    s.table("gain", "Products", gain, "profit of one, before the setup")
    s.table("setup", "Products", setup, "cost of the setup")
    s.table("most", "Products", most, "most that can be made")
    s.decide("make", lambda g: f"{g.plural} made", over="g in Products", kind="integer",
             flat=lambda g: g.one, unit="pieces")  # fmt: skip
    s.decide("run", lambda g: f"1 if {g.plural} are made", over="g in Products", kind="binary",
             flat=lambda g: f"setup_{g}")  # fmt: skip
    s.total("income", "sum(gain[g]*make[g] for g in Products)", "profit before the setups")
    s.total("setups", "sum(setup[g]*run[g] for g in Products)", "cost of the setups")
    s.total("used", "sum(use[g]*make[g] for g in Products)", f"{unit} of {stuff}",
            flat=lambda: stuff)  # fmt: skip
    s.scene = scene.format(listing(g.plural for g in goods))
    s.rows("product", goods, [Column(stuff, s.pick(f"needs {{}} of {stuff}",
        f"takes {{}} of {stuff}"), list(use.values())), Column("profit", s.pick("earns {}",
            "brings in {}"), list(gain.values())),])  # fmt: skip
    fixed = s.pick(f"a {tool} that costs {{}}", f"a {tool} for {{}}", "a setup that costs {}")
    s.rows("product made at all", goods, [Column("setup cost", f"there must first be {fixed}", list(
        setup.values())), Column("most that can be made", s.pick("no more than {} can then be made",
            "at most {} can then be made"), list(most.values())),],
           lambda g: f"If any {g.plural} are made,")  # fmt: skip
    s.rule("capacity", "make[g] <= most[g]*run[g]", over="g in Products",
           comment=lambda g: f"at most {most[g]}, and only after the setup",
           meaning="What the setup allows of a product, and none without it")  # fmt: skip
    planned = sum(use[g].value * plan[g] for g in goods)
    stock = s.number("stock", speech.stock(up(s, planned * s.step(0.6, 0.9, 0.05)), unit, s.draw),
                     f"{unit} of {stuff} available")  # fmt: skip
    s.rule("stock", "used <= stock", f"There are {stock} of {stuff}",
           f"Only {stock} of {stuff} can be used",
           f"No more than {stock} of {stuff} are left")  # fmt: skip
    if s.chance(0.35) and len(goods) > 2:
        few = s.number("few", speech.count(len(goods) - 1), f"most {tools}")
        s.total("kinds", "sum(run[g] for g in Products)", "kinds of products made")
        s.rule("kinds", "kinds <= few", f"No more than {few} kinds of products can be made",
               f"At most {few} of the products may be made at all")  # fmt: skip
    if s.chance(0.3):
        a, b = s.some(goods, 2)
        s.rule("pair", f'run["{a}"] <= run["{b}"]',
               f"{a.plural.capitalize()} can only be made if {b.plural} are made too",
               f"A setup for {a.plural} requires one for {b.plural}")  # fmt: skip
    elif s.chance(0.3):
        a, b = s.some(goods, 2)
        s.rule("either", f'run["{a}"] + run["{b}"] <= 1',
               f"{a.plural.capitalize()} and {b.plural} cannot both be made",
               f"Only one of {a.plural} and {b.plural} may be made")  # fmt: skip
    if s.chance(0.3):
        g = s.pick(*goods)
        batch = s.number("batch", number_of(speech, down(s, plan[g] / 2), g),
            f"least {g.plural} if any")  # fmt: skip
        s.rule("batch", f'make["{g}"] >= batch*run["{g}"]',
               f"If {g.plural} are made at all, there must be at least {batch}",
               f"At least {batch} have to be made, or none")  # fmt: skip
    s.aim("maximize", "income - setups", "greatest profit, less the setups")
    s.question = s.pick("Which products should be made, and how many of each, for the greatest "
        "profit after setups?", f"How many pieces of each should be made so that the profit, less "
        f"the cost of the {tools}, is greatest?", "Find the most profitable plan",)  # fmt: skip
    s.ask(lambda g: f"{g.plural} to make", "make[g]", "g in Products")
    s.ask("greatest profit", "objective")
    s.distract(f"The workshop was founded {s.step(12, 90):g} years ago")


# --- make or buy ----------------------------------------------------------------------------------

_PARTS = (
    ("A maker of boats needs {} for its next order", "mast, rudder, winch/winches, cleat", (
        "turning", "sanding")),
    ("A lamp factory needs {} this month", "shade, socket, stand, dimmer", ("pressing",
        "wiring")),
    ("A stove builder has to deliver {}", "oven door, chimney pipe, hob, ash pan", ("cutting",
        "welding")),
    ("An organ builder requires {}", "pipe, bellows/bellows, key, pedal", ("milling",
        "tuning")),
    ("A caterer has promised {}", "soup pot, salad bowl, cheese platter, cake", ("kitchen work",
        "decorating")),
    ("A tailor has orders for {}", "vest, coat, gown, cape", ("cutting", "sewing")),
    ("A maker of robots needs {}", "gripper, gearbox/gearboxes, sensor head, chassis/chassis", (
        "milling", "assembly")),
)  # fmt: skip


@family("make or buy")
def make_or_buy(s: Story) -> None:
    """Parts that are needed, made in scarce hours or bought at a higher price."""
    scene, names, work = s.pick(*_PARTS)
    parts = s.some(things(names.split(", ")), 2, 4)
    steps = s.some(things(work), 1, 2)
    speech = s.speech
    need = {p: speech.count(s.step(20, 200, s.pick(1, 5, 10)), p.plural) for p in parts}
    minutes = {(p, w): speech.amount(s.step(4, 30), "minutes") for p in parts for w in steps}
    cost = {p: s.step(3, 40, s.pick(0.5, 1)) for p in parts}
    price = {p: speech.money(round(cost[p] * s.step(1.1, 1.9, 0.05) * 2) / 2 + 0.5) for p in parts}
    made = {p: speech.money(cost[p]) for p in parts}
    s.set("Parts", parts, "parts")
    s.set("Steps", steps, "steps of the work")
    s.table("need", "Parts", need, "number needed")
    s.table("minutes", "Parts, Steps", minutes, "minutes of a step for one", "minutes")
    s.table("cost", "Parts", made, "cost of making one")
    s.table("price", "Parts", price, "price of buying one")
    s.decide("make", lambda p: f"{p.plural} made", over="p in Parts", kind="integer",
             flat=lambda p: f"make_{p}", unit="pieces")  # fmt: skip
    s.decide("buy", lambda p: f"{p.plural} bought", over="p in Parts", kind="integer",
             flat=lambda p: f"buy_{p}", unit="pieces")  # fmt: skip
    s.total("used", "sum(minutes[p, w]*make[p] for p in Parts)", lambda w: f"minutes of {w}",
            over="w in Steps")  # fmt: skip
    s.total("have", "make[p] + buy[p]", lambda p: f"{p.plural} made and bought", over="p in Parts",
            flat=lambda p: p.plural)  # fmt: skip
    s.total("making", "sum(cost[p]*make[p] for p in Parts)", "cost of making")
    s.total("buying", "sum(price[p]*buy[p] for p in Parts)", "cost of buying")
    s.scene = scene.format(listing(str(need[p]) for p in parts))
    columns = [Column(w.one, f"takes {{}} of {w}", [minutes[p, w] for p in parts]) for w in steps]
    s.rows("part", parts, [*columns, Column("cost when made", s.pick("costs {} to make",
        "can be made for {}"), list(made.values())), Column("price when bought", s.pick(
            "costs {} from a supplier", "can be bought for {}"), list(price.values())),
        ])  # fmt: skip
    short = s.step(0.4, 0.8, 0.05)
    hours = {w: speech.stock(60 * round(short * sum(minutes[p, w].value * need[p].value
        for p in parts) / 60 + 0.5), "minutes", s.draw) for w in steps}  # fmt: skip
    s.table("available", "Steps", hours, "minutes available", "minutes")
    said = {w: s.state(f"There are {hours[w]} of {w}", f"Only {hours[w]} are left for {w}",
        f"{w.cap} is limited to {hours[w]}") for w in steps}  # fmt: skip
    s.rule("time", "used[w] <= available[w]", over="w in Steps", comment=lambda w: said[w],
           meaning="No step takes more than its minutes")  # fmt: skip
    s.rule("demand", "have[p] >= need[p]", over="p in Parts",
           comment=lambda p: f"{need[p]} are needed",
           meaning="Of each part there are as many as are needed")  # fmt: skip
    if s.chance(0.4):
        p = s.pick(*parts)
        some = up(s, need[p].value * s.step(0.6, 0.95, 0.05), 0.1)
        most = s.number("most", number_of(speech, some, p), "most that can be bought")
        s.rule("supply", f'buy["{p}"] <= most', f"The supplier has no more than {most}",
               f"No more than {most} can be bought")  # fmt: skip
        # What cannot be bought can be made: the hours suffice for a larger share of all.
    s.aim("minimize", "making + buying", "lowest cost, making and buying")
    s.question = s.pick(
        "How many of each does one make, and how many does one buy, at the lowest total cost?",
        "What should be made and what bought so that the cost is least?",
        "Find the cheapest way to have all of them",
    )
    s.ask(lambda p: f"{p.plural} to make", "make[p]", "p in Parts")
    s.ask(lambda p: f"{p.plural} to buy", "buy[p]", "p in Parts")
    s.ask("lowest cost", "objective")
    s.distract(f"The supplier delivers within {s.step(3, 9):g} days")
