"""Upgrades: money that raises what each unit earns."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_MAKERS = (
    ("A brewery", "pale ale, stout, cider", "hectolitres", "made", "marketing"),
    ("A ferry line", "the Lund line, the Holm line, the Skerry line", "crossings", "offered",
     "refitting"),
    ("A tyre maker", "winter tyres, summer tyres, tractor tyres", "sets", "made", "research"),
    ("A fish farm", "trout, carp, salmon", "boxes", "sold", "better feed"),
    ("A language school", "Spanish, Italian, Polish", "courses", "held",
     "training"),
    ("A furniture maker", "oak furniture, pine furniture, beech furniture", "pieces", "made",
     "automation"),
    ("A tea importer", "green tea, black tea, white tea", "chests", "sold", "packaging"),
)  # fmt: skip


@family("upgrading")
def paid_upgrades(s: Story) -> None:
    """Units of each product and money that raises the profit (or lowers the cost) of a unit."""
    who, names, unit, done, means = s.pick(*_MAKERS)
    goods = s.some(things(names.split(", ")), 2, 3)
    speech = s.speech
    shared = s.chance(0.3)
    lowers = s.chance(0.35)
    block = s.number("block", speech.money(s.pick(100, 200, 500, 1000)), "money of a step", "money")
    s.set("Products", goods, "products")
    first = {g: s.step(20, 120, 2) for g in goods}
    base = {g: speech.money(first[g]) for g in goods}
    gain = {g: speech.money(round(first[g] * s.step(0.02, 0.08, 0.01), 1)) for g in goods}
    word = "cost" if lowers else "profit"
    s.table("base", "Products", base, f"{word} of one without {means}", "money")
    s.table("gain", "Products", gain, f"change for each step spent on {means}", "money")
    cap = {g: speech.count(s.step(20, 120, 5)) for g in goods}
    s.decide("count", lambda g: f"{unit} of {g} {done}", over="g in Products", kind="integer",
             flat=lambda g: g.one)  # fmt: skip
    if shared:
        s.decide("spend", f"money spent on {means}", flat=lambda: means, unit="money")
    else:
        s.decide("spend", lambda g: f"money spent on {means} of {g}", over="g in Products",
                 flat=lambda g: f"{means} {g}", unit="money")  # fmt: skip
    put = "spend" if shared else "spend[g]"
    sign = "-" if lowers else "+"
    if shared:
        spending = "spend"
    else:
        s.total("spending", "sum(spend[g] for g in Products)", f"all money spent on {means}")
        spending = "spending"
    s.total("result", f"sum((base[g] {sign} gain[g]*{put}/block)*count[g] for g in Products)",
            f"{word} of all with {means}", flat=lambda: f"unit {word}s")  # fmt: skip
    s.total("all_units", "sum(count[g] for g in Products)", f"{unit} in all",
            flat=lambda: f"all {unit}")  # fmt: skip
    s.scene = (
        f"{who} plans how many {unit} of {listing(g.one for g in goods)} are {done} and "
        f"how much to spend on {means}" + (" of each" if not shared else "")
    )
    for_each = f"for every {block} spent on {means}" + ("" if shared else " of it")
    change = "falls" if lowers else "rises"
    s.rows("product", goods,
           [Column(f"first {word}", f"has a {word} of {{}} for each of the {unit}",
                   [base[g] for g in goods]),
            Column(f"{change} by", f"{'saves' if lowers else 'gains'} {{}} {for_each}",
                   [gain[g] for g in goods])], lambda g: with_the(g.one))  # fmt: skip
    s.fact(
        f"The {word} of each unit {change} by the amount given {for_each}",
        f"{means.capitalize()} pays: the {word} of a unit {change} by that amount {for_each}",
    )
    step = min(base[g].value / gain[g].value for g in goods) * block.value
    money = round(step * s.pick(0.3, 0.5, 0.7), -2) or block.value
    budget = s.number("budget", speech.money(money), f"most money for {means}", "money")
    s.rule("budget_limit", f"{spending} <= budget", f"At most {budget} can be spent on {means}",
           f"The budget for {means} is {budget}")  # fmt: skip
    total = sum(c.value for c in cap.values())
    s.table("cap", "Products", cap, f"most {unit}")
    s.state(
        f"No more than {listing(f'{cap[g]} {unit} of {g}' for g in goods)} can be {done}",
        f"The market takes at most {listing(f'{cap[g]} {unit} of {g}' for g in goods)}",
    )
    s.rule("market", "count[g] <= cap[g]", over="g in Products",
           comment=lambda g: f"at most {cap[g]} {unit} of {g} can be {done}",
           meaning=f"At most so many {unit} of each")  # fmt: skip
    if lowers:
        least = s.number("least", speech.count(round(total * 0.7)), f"least {unit}")
        s.rule("demand", "all_units >= least", f"At least {least} {unit} must be {done} in all",
               f"Orders for {least} {unit} in all have to be met")  # fmt: skip
        s.aim("minimize", f"result + {spending}", f"least cost, with what is spent on {means}")
        s.question = s.pick(f"What is the least total cost, {means} included?",
                            f"Minimize the sum of all costs, including {means}")  # fmt: skip
    else:
        most = s.number("most", speech.count(round(total * s.pick(0.6, 0.8))), f"most {unit}")
        s.rule("capacity", "all_units <= most", f"There is capacity for {most} {unit} in total",
               f"In all, at most {most} {unit} can be {done}")  # fmt: skip
        net = s.chance(0.5)
        s.aim("maximize", f"result - {spending}" if net else "result",
              f"greatest profit, less {means}" if net else "greatest profit")  # fmt: skip
        after = f", once {means} has been paid for" if net else ""
        s.question = s.pick(f"What plan gives the greatest total profit{after}?",
                            f"Maximize the total profit{after}")  # fmt: skip
    if s.chance(0.4):
        a, b = s.some(goods, 2)
        s.rule("relation", f'count["{a}"] <= 2*count["{b}"]',
               f"There may be at most twice as many {unit} of {a} as of {b}",
               f"The {unit} of {a} must not exceed twice those of {b}")  # fmt: skip
    s.ask(lambda g: f"{unit} of {g}", "count[g]", "g in Products")
    s.distract("Last year nothing was spent on it", f"{who} has competitors abroad")


def with_the(name: str) -> str:
    """Return a name with one article, as a sentence begins with it."""
    return f"The {name.removeprefix('the ')}"
