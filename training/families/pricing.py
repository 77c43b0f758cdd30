"""Pricing: demand that falls with the price."""

from __future__ import annotations

from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, article, things

_SELLERS = (
    ("A cinema sells tickets", "ticket", "visitors", "evening"),
    ("A cafe sells breakfast menus", "menu", "guests", "day"),
    ("A swimming hall sells day passes", "pass", "bathers", "day"),
    ("A publisher sells a pocket guide", "guide", "readers", "month"),
    ("A boat yard hires out rowing boats by the day", "boat", "customers", "week"),
    ("A software house sells a licence for its drawing program", "licence", "buyers", "month"),
    ("A florist sells wreaths at the market", "wreath", "buyers", "week"),
    ("A laundry sells subscriptions", "subscription", "subscribers", "month"),
)


@family("pricing")
def price_by_demand(s: Story) -> None:
    """One price with linear demand: a formula, steps of a price, or two points of demand."""
    who, item, people, span = s.pick(*_SELLERS)
    per = f"{article(span)} {span}"
    speech = s.speech
    told = s.pick("formula", "steps", "steps", "points")
    base = s.step(8, 60)
    s.scene = who
    if told == "formula":
        slope = s.step(2, 20) / s.pick(1, 2, 4)
        most = speech.plain(round(slope * base * s.step(1.8, 3, 0.1)))
        s.number("most", most, f"{people} at a price of zero")
        falls = s.number("slope", speech.plain(slope), f"{people} lost by a price higher by one")
        s.fact(
            f"At a price of p it gets {most} - {falls}p {people} {per}",
            f"The number of {people} {per} is {most} - {falls}*p, where p is the price",
            f"Market research says that demand is {most} - {falls}p {per} at a price of p",
        )
        s.decide("price", f"price of a {item}", unit="money")
        s.total("sold", "most - slope*price", f"{people} {per}")
        peak = most.value / slope
    else:
        count = s.step(60, 900, 20)
        start = s.number("start", speech.money(base), "price today", "money")
        now = s.number("now", speech.plain(count), f"{people} at today's price")
        step = s.pick(0.5, 1, 1, 2, 5) if base > 15 else s.pick(0.5, 1, 0.25)
        lost = max(1, round(count * step / base * s.step(0.6, 1.1, 0.1)))
        if told == "points":
            other = s.number("other", speech.money(base + 2 * step), "another price", "money")
            then = s.number("then", speech.plain(count - 2 * lost), f"{people} at that price")
            s.fact(
                f"At a price of {start} it has {now} {people} {per}, at {other} only {then}; "
                "in between and beyond, demand is a straight line",
                f"{now} {people} {per} come at {start} and {then} at {other}. Demand is linear",
            )
            s.decide("price", f"price of a {item}", unit="money")
            s.total("sold", "now - (now - then)/(other - start)*(price - start)",
                    f"{people} {per}, on a straight line")  # fmt: skip
        else:
            by = s.number("by", speech.money(step), "step of the price", "money")
            less = s.number("less", speech.plain(lost), f"{people} lost by a step")
            whole = s.chance(0.5)
            s.fact(
                f"At today's price of {start} there are {now} {people} {per}, and every "
                f"increase of {by} loses {less} of them",
                f"A {item} costs {start} now, which {now} {people} {per} pay. For each {by} "
                f"more, {less} {people} fewer come",
                f"With the price at {start} it has {now} {people} {per}; raising it costs "
                f"{less} {people} for every {by}",
            )
            if whole:
                s.state(f"The price is raised in steps of {by} only",
                        f"Only whole steps of {by} are possible")  # fmt: skip
                s.decide("steps", "steps by which the price is raised", kind="integer")
                s.total("price", "start + by*steps", f"price of a {item}")
                s.total("sold", "now - less*steps", f"{people} {per}")
            else:
                s.decide("price", f"price of a {item}", unit="money")
                s.total("sold", "now - less*(price - start)/by", f"{people} {per}")
        peak = base + count * step / lost
    s.rule("sensible", "sold >= 0", comment="the number sold is not negative")
    unit = s.chance(0.75)
    fixed = unit and s.chance(0.35)
    income = "price*sold"
    if unit:
        cost = s.number("cost", speech.money(round(base * s.step(0.1, 0.5, 0.05), 2)),
                        f"cost of a {item}", "money")  # fmt: skip
        s.fact(f"Each one costs {cost} to provide", f"A {item} costs the seller {cost}",
               f"The cost is {cost} for each {item} sold")  # fmt: skip
        income = "(price - cost)*sold"
    if fixed:
        rent = s.number("fixed", speech.money(s.step(50, 600, 50)), f"fixed cost {per}", "money")
        s.fact(f"Besides, there are fixed costs of {rent} {per}",
               f"Rent and wages come to {rent} {per} in any case")  # fmt: skip
        income += " - fixed"
    best = (peak + (cost.value if unit else 0)) / 2
    s.total("profit" if unit else "revenue", income,
            "price less cost, times number sold" + (", less fixed costs" if fixed else "")
            if unit else "price times number sold")  # fmt: skip
    if s.chance(0.5):
        cap = s.number("cap", speech.money(round(best * s.pick(0.8, 0.9, 1.2), 1)),
                       "highest price", "money")  # fmt: skip
        if told == "formula" or cap.value > base + 1:
            s.rule("ceiling", "price <= cap", f"The price must not exceed {cap}",
                   f"Nobody may be charged more than {cap}")  # fmt: skip
        else:
            s.data.pop()
    elif s.chance(0.5):
        seats = max(5, round(float(peak - best) * (slope if told == "formula" else lost / step)))
        room = s.number("room", speech.plain(round(seats * s.pick(0.8, 0.9, 1.2))), "most sold")
        s.rule("space", "sold <= room", f"There is room for at most {room} {people} {per}",
               f"No more than {room} can be sold {per}")  # fmt: skip
    good = "profit" if unit else "revenue"
    s.aim("maximize", good, f"greatest {good} {per}")
    s.question = s.pick(
        f"Which price brings the greatest {good}?",
        f"What should a {item} cost so that the {good} {per} is highest?",
        f"Find the price that maximizes the {good}",
    )
    s.ask("price", "price")
    s.ask(f"number sold {per}", "sold")
    s.distract("Prices have not changed for two years", f"The {item} is popular with families")


_PAIRS = (
    ("A dairy sells two kinds of yoghurt", "plain yoghurt, fruit yoghurt", "cups"),
    ("A railway sells two kinds of seats", "first class, second class", "seats"),
    ("A brewery sells three beers", "lager, stout, wheat beer", "crates"),
    ("A hotel offers two kinds of rooms", "standard room, garden room", "rooms"),
    ("A shop sells two models of headphones", "basic model, studio model", "pairs"),
    ("A bakery sells two sorts of bread", "rye bread, spelt bread", "loaves"),
    ("A telephone company sells three plans", "small plan, family plan, office plan", "contracts"),
    ("A printer sells two qualities of photo books", "soft cover, hard cover", "books"),
)


@family("pricing")
def substitute_prices(s: Story) -> None:
    """Prices of two or three products, of which each takes buyers from the others."""
    who, names, unit = s.pick(*_PAIRS)
    goods = things(names.split(", "))
    speech = s.speech
    s.set("Products", goods, "products")
    base: dict[Thing, float] = {g: s.step(6, 50) for g in goods}
    own = {g: s.step(4, 20) for g in goods}
    cross = {g: s.step(1, max(1, own[g] // (2 * (len(goods) - 1)))) for g in goods}
    most = {g: float(round(2 * own[g] * base[g] * s.step(0.9, 1.2, 0.05), -1)) for g in goods}
    cost = {g: round(base[g] * s.step(0.2, 0.6, 0.1), 1) for g in goods}
    s.table("most", "Products", {g: speech.plain(most[g]) for g in goods}, "demand at prices zero")
    s.table("own", "Products", {g: speech.plain(own[g]) for g in goods},
            "buyers lost when the own price is higher by one")  # fmt: skip
    s.table("cross", "Products", {g: speech.plain(cross[g]) for g in goods},
            "buyers won when the price of another is higher by one")  # fmt: skip
    costs = s.chance(0.7)
    s.decide("price", lambda g: f"price of {g}", over="g in Products",
             flat=lambda g: f"price {g}", unit="money")  # fmt: skip
    others = "sum(price[h] for h in Products if h != g)"
    s.total(
        "sold",
        f"most[g] - own[g]*price[g] + cross[g]*{others}",
        lambda g: f"{unit} of {g} sold",
        over="g in Products",
        flat=lambda g: f"sold {g}",
    )
    s.scene = who
    others = "the price of the other" if len(goods) == 2 else "the sum of the other prices"
    s.fact(
        f"What is sold of each in a week depends on all prices: a number at prices of zero, less a "
        f"number for each unit of its own price, plus a number for each unit of {others}",
        f"The weekly demand for each is a constant, minus a multiple of its own price, plus a "
        f"multiple of {others}",
    )
    columns = [
        Column("constant", "starts from a demand of {}", [speech.plain(most[g]) for g in goods]),
        Column("lost by own price", "loses {} with each unit of its own price",
               [speech.plain(own[g]) for g in goods]),
        Column("gained by other prices", "gains {} with each unit of " + others,
               [speech.plain(cross[g]) for g in goods]),
    ]  # fmt: skip
    if costs:
        prices = {g: speech.money(cost[g]) for g in goods}
        s.table("cost", "Products", prices, "cost of one", "money")
        columns.append(Column("cost", "costs {} to provide", [prices[g] for g in goods]))
    s.rows("product", goods, columns, lambda g: f"The {g}")
    margin = "(price[g] - cost[g])*sold[g]" if costs else "price[g]*sold[g]"
    good = "profit" if costs else "revenue"
    s.total(good, f"sum({margin} for g in Products)", f"{good} a week")
    s.rule("sensible", "sold[g] >= 0", over="g in Products",
           comment=lambda g: f"the number of {g} sold is not negative")  # fmt: skip
    if s.chance(0.6):
        plan = sum(most[g] - own[g] * base[g] for g in goods)
        room = s.number("room", speech.plain(max(10, round(plan * s.pick(0.8, 1, 1.2), -1))),
                        f"most {unit} a week")  # fmt: skip
        s.rule("capacity", "sum(sold[g] for g in Products) <= room",
               f"At most {room} {unit} can be supplied a week in all",
               f"All together, no more than {room} {unit} can be sold a week")  # fmt: skip
    if s.chance(0.4):
        first, second = s.some(goods, 2)
        ratio = s.number("ratio", speech.plain(s.pick(1.2, 1.5, 2)), "largest ratio of two prices")
        s.rule(
            "relation",
            f'price["{first}"] <= ratio*price["{second}"]',
            f"The price of the {first} may be at most {ratio} times that of the {second}",
            f"No more than {ratio} times the price of the {second} can be asked for the {first}",
        )
    if s.chance(0.4):
        g = s.pick(*goods)
        cap = s.number("cap", speech.money(round(base[g] * s.pick(0.8, 1, 1.3), 1)),
                       f"highest price of {g}", "money")  # fmt: skip
        s.rule("ceiling", f'price["{g}"] <= cap', f"The {g} must not cost more than {cap}",
               f"The price of the {g} is limited to {cap}")  # fmt: skip
    s.aim("maximize", good, f"greatest {good}")
    s.question = s.pick(f"Which prices bring the greatest {good}?",
                        f"What should each of them cost for the highest weekly {good}?",
                        f"Set the prices so that the {good} is as large as possible")  # fmt: skip
    s.ask(lambda g: f"price of {g}", "price[g]", "g in Products")
    s.distract("Competitors are far away", "Prices are printed on a new sign every week")
