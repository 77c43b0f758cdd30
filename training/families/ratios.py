"""Fractional: the best ratio of two totals."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

# who, things, verb, the good (numerator), its phrase, the divisor, its unit, least or greatest
_GOOD = (
    ("A carpentry makes furniture one piece at a time", "stool, bench, shelf/shelves, desk, cradle",
     "made", "profit", "brings a profit of {}", "hours", "takes {} of work", "hour of work", 1, 9),
    ("A regional bank opens offices", "town office, village office, kiosk, mobile office",
     "opened", "yearly surplus", "yields {} a year", "clerks", "needs {}", "clerk", 2, 12),
    ("A council plants green areas", "pocket park, tree row, meadow, orchard",
     "laid out", "benefit", "has a benefit worth {}", "hectares", "covers {}", "hectare", 0.5, 4),
    ("A catering firm accepts orders", "wedding, company lunch/company lunches, garden "
     "party/garden parties, concert", "accepted", "earnings", "earns {}", "shifts", "takes {}",
     "shift", 2, 9),
    ("A studio sells animated films", "trailer, tutorial, short film, music video", "made",
     "net income", "brings in {}", "working days", "needs {}", "working day", 2, 20),
    ("A farm shop packs hampers", "small hamper, festive hamper, cheese hamper, wine hamper",
     "packed", "profit", "earns {}", "minutes", "takes {} to pack", "minute", 4, 30),
    ("A harbour handles ships", "coaster, tanker, ferry/ferries, bulk carrier", "handled",
     "fees", "pays {}", "crane hours", "occupies the crane for {}", "crane hour", 2, 14),
)  # fmt: skip
_BAD = (
    ("A haulier buys lorries", "light lorry/light lorries, heavy lorry/heavy lorries, van, "
     "road train", "bought", "yearly cost", "costs {} a year", "tonnes", "carries {}",
     "tonne carried", 3, 30),
    ("An island installs generators", "wind turbine, solar field, diesel set, wave unit",
     "installed", "cost", "costs {}", "MWh", "produces {} a year", "MWh produced", 20, 400),
    ("A relief agency buys tents", "family tent, ward tent, store tent, kitchen tent", "bought",
     "cost", "costs {}", "square metres", "shelters {}", "square metre", 12, 90),
    ("A bus operator orders vehicles", "minibus/minibuses, midi bus/midi buses, city bus/city "
     "buses, articulated bus/articulated buses", "ordered", "cost", "costs {}", "seats", "has {}",
     "seat", 12, 60),
    ("A chemist runs batches in several reactors", "batch in reactor A/batches in reactor A, batch "
     "in reactor B/batches in reactor B, batch in reactor C/batches in reactor C", "run", "cost",
     "costs {}", "litres", "yields {}", "litre", 40, 400),
    ("A charity orders books for schools", "atlas/atlases, reader, workbook, dictionary/"
     "dictionaries", "ordered", "cost", "costs {}", "lessons", "serves {}", "lesson", 3, 40),
)  # fmt: skip

_SCALE = {"minutes": 0.02, "tonnes": 100, "seats": 100, "hectares": 100, "clerks": 500}
"""What a unit is worth, against an hour."""


@family("fractional")
def best_ratio(s: Story) -> None:
    """Greatest profit an hour or least cost a unit, with at least one of each or in all."""
    best = s.chance(0.55)
    who, names, done, top, top_says, unit, unit_says, one, low, high = s.pick(
        *(_GOOD if best else _BAD)
    )
    options = things(names.split(", "))
    kinds = s.some(options, min(3, len(options)), 4) if s.chance(0.7) else s.some(options, 2)
    speech = s.speech
    s.scene = f"{who}: {listing(k.plural for k in kinds)}"
    s.set("Kinds", kinds, "kinds")
    rate = s.step(8, 60) * _SCALE.get(unit, 1)
    size = {k: s.step(low, high, 0.5 if high < 10 else 1) for k in kinds}
    worth = {k: float(f"{size[k] * rate * s.step(0.6, 1.4, 0.05):.3g}") for k in kinds}
    worths = {k: speech.money(worth[k]) for k in kinds}
    sizes = {k: speech.amount(size[k], unit) for k in kinds}
    s.table("worth", "Kinds", worths, f"{top} of one", "money")
    s.table("size", "Kinds", sizes, f"{unit} of one", unit)
    columns = [
        Column(top, top_says, [worths[k] for k in kinds]),
        Column(unit, unit_says, [sizes[k] for k in kinds]),
    ]
    split = s.chance(0.35)
    if split:
        extra = {k: speech.money(float(f"{worth[k] * s.step(0.1, 0.4, 0.05):.2g}")) for k in kinds}
        s.table("extra", "Kinds", extra, "running cost of one", "money")
        columns.append(Column("running cost", "has running costs of {}", [extra[k] for k in kinds]))
    s.rows("kind", kinds, columns, lambda k: s.pick(f"Each {k}", k.a.capitalize(), f"One {k}"))
    least = s.chance(0.6)
    plan = {k: int(s.step(2, 9)) for k in kinds}
    floor = int(s.pick(1, 1, 2, 3))
    if least:
        s.number("least", speech.count(floor), "least of each kind")
    s.decide("count", lambda k: f"{k.plural} {done}", over="k in Kinds", kind="integer",
             lower="least" if least else "0")  # fmt: skip
    sign = "-" if best else "+"
    net = f"worth[k] {sign} extra[k]" if split else "worth[k]"
    over = f"{top} less running costs" if split and best else f"{top} with running costs"
    name = "income" if best else "cost"
    expression = f"({net})*count[k]" if split else "worth[k]*count[k]"
    s.total(name, f"sum({expression} for k in Kinds)", over if split else f"{top} of all")
    s.total("units", "sum(size[k]*count[k] for k in Kinds)", f"{unit} of all",
            flat=lambda: "all " + unit)  # fmt: skip
    needs_number = s.chance(0.6)
    if needs_number:
        s.total("number", "sum(count[k] for k in Kinds)", "all together")
    if least:
        s.state(f"At least {speech.count(floor)} of each kind must be {done}",
                f"Every kind must be {done} {speech.count(floor)} or more times"
                if floor > 1 else f"At least one of every kind must be {done}"
                if speech.spells else f"No fewer than {floor} of each must be {done}")  # fmt: skip
    total = sum(size[k] * plan[k] for k in kinds)
    if best or s.chance(0.5):
        cap = s.number("cap", speech.amount(round(total * s.pick(1, 1.3)), unit), f"most {unit}")
        s.rule("cap", "units <= cap", f"No more than {cap} are available in all",
               f"There are at most {cap}", f"In total, {cap} must not be exceeded")  # fmt: skip
    if not best or not least or s.chance(0.4):
        need = s.number("need", speech.amount(round(total * s.pick(0.5, 0.7)), unit),
                        f"least {unit}")  # fmt: skip
        s.rule("need", "units >= need", f"At least {need} are needed in all",
               f"Together they must come to no less than {need}")  # fmt: skip
    if needs_number:
        most = s.number("most", speech.count(sum(plan.values()) + int(s.step(0, 4))), "most in all")
        s.rule("room", "number <= most", f"At most {most} can be {done} in total",
               f"No more than {most} of them can be {done}")  # fmt: skip
    if not best and s.chance(0.6):
        full = sum((worth[k] + (extra[k].value if split else 0)) * plan[k] for k in kinds)
        money = s.number("budget", speech.money(float(f"{full * s.pick(1, 1.2):.3g}")), "budget")
        s.rule("budget", "cost <= budget", f"The total cost must not exceed {money}",
               f"There is a budget of {money}")  # fmt: skip
    if s.chance(0.4):
        a, b = s.some(kinds, 2)
        if plan[a] >= plan[b]:
            s.rule("relation", f'count["{a}"] >= count["{b}"]',
                   f"There must be at least as many {a.plural} as {b.plural}",
                   f"There must not be more {b.plural} than {a.plural}")  # fmt: skip
        elif plan[b] <= 2 * plan[a]:
            s.rule("relation", f'count["{b}"] <= 2*count["{a}"]',
                   f"There may be at most twice as many {b.plural} as {a.plural}")  # fmt: skip
    word = top.removesuffix(" of all")
    sense = "greatest" if best else "least"
    measure = f"{'net ' if split and best and 'net' not in word else ''}{word} per {one}"
    if split and not best:
        measure = f"{word} with running costs per {one}"
    s.aim("maximize" if best else "minimize", f"{name}/units", f"{sense} {measure}")
    s.question = s.pick(
        f"How many of each should be {done} for the {sense} {measure}?",
        f"The {measure}, taken over all of them, should be as "
        f"{'high' if best else 'low'} as possible. How many of each is that?",
        f"{'Maximize' if best else 'Minimize'} the ratio of total "
        + (f"{word} less running costs" if split and best else
           f"{word} and running costs" if split else word) + f" to total {unit}",
    )  # fmt: skip
    s.ask(lambda k: f"{k.plural} {done}", "count[k]", "k in Kinds")
    s.distract("A similar plan was made last year", "The plan is for the coming season")
