"""Production functions: output of labour, capital and more, with returns that fall."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_PLANTS = (
    ("A brick works", "pallets of bricks", "labour, machines", "hours"),
    ("A bottling plant", "crates", "labour, machines, energy", "units"),
    ("A shoe factory", "pairs of shoes", "labour, capital", "units"),
    ("A wine grower", "hectolitres", "labour, land", "units"),
    ("A data service", "reports", "analysts, computing", "hours"),
    ("A dairy", "tonnes of cheese", "labour, equipment, milk", "units"),
    ("A shipyard", "tonnes of steel work", "welders, cranes", "hours"),
)


@family("production function")
def labour_and_capital(s: Story) -> None:
    """Cobb-Douglas: most output for a budget, least cost for an output, or most profit."""
    who, unit, names, measure = s.pick(*_PLANTS)
    inputs = things(names.split(", "))
    speech = s.speech
    s.set("Inputs", inputs, "inputs")
    powers = [s.pick(0.2, 0.25, 0.3, 0.4, 0.5) for _ in inputs]
    while sum(powers) > 1:
        powers[s.draw.randrange(len(powers))] = 0.2
    power = {i: speech.plain(p) for i, p in zip(inputs, powers, strict=True)}
    price = {i: speech.money(s.step(2, 60)) for i in inputs}
    scale = s.number("scale", speech.plain(s.step(1.5, 20, 0.5)), "factor of the output")
    s.table("power", "Inputs", power, "exponent of the output")
    s.table("price", "Inputs", price, f"cost of one of the {measure}", "money")
    s.decide("use", lambda i: f"{measure} of {i}", over="i in Inputs", lower="1",
             flat=lambda i: i.one)  # fmt: skip
    s.scene = f"{who} makes its output, measured in {unit}, of {listing(i.one for i in inputs)}"
    letters = dict(zip(inputs, "xyz", strict=False))
    formula = " * ".join([scale.text, *(f"{letters[i]}^{power[i]}" for i in inputs)])
    s.fact(
        f"With {listing(f'{letters[i]} {measure} of {i}' for i in inputs)} it makes {formula}",
        f"Its output is {formula}, where {listing(f'{letters[i]} stands for {i}' for i in inputs)}",
    )
    s.rows("input", inputs, [Column("cost of a unit", "costs {} a unit",
                                    [price[i] for i in inputs])], lambda i: i.cap)  # fmt: skip
    s.state("At least one unit of each is used", "No input can be less than one unit")
    s.total("output", "scale*prod(use[i]**power[i] for i in Inputs)", unit)
    s.total("cost", "sum(price[i]*use[i] for i in Inputs)", "cost of all inputs")
    money = s.step(800, 9000, 100)
    plan = {
        i: money * p / sum(powers) / price[i].value for i, p in zip(inputs, powers, strict=True)
    }
    made = scale.value
    for i, p in zip(inputs, powers, strict=True):
        made *= max(1, plan[i]) ** p
    if s.chance(0.6):
        budget = s.number("budget", speech.money(money), "budget", "money")
        s.rule("budget_limit", "cost <= budget", f"At most {budget} can be spent",
               f"The budget is {budget}", f"The inputs may cost no more than {budget}")  # fmt: skip
        s.aim("maximize", "output", "greatest output")
        s.question = s.pick("How much of each gives the greatest output?",
                            f"What is the largest number of {unit} that it can make?",
                            "Find the inputs of the greatest output")  # fmt: skip
    else:
        need = s.number("need", speech.plain(float(f"{made * 0.8:.2g}")), f"{unit} needed")
        s.rule("demand", "output >= need", f"{need} {unit} must be made at least",
               f"An output of {need} or more is needed")  # fmt: skip
        s.aim("minimize", "cost", "least cost")
        s.question = s.pick("Which inputs do this at the least cost?",
                            "How little can the inputs cost?")  # fmt: skip
    for i in inputs:
        cut = i is inputs[0] and s.chance(0.6)
        top = max(2, round(plan[i] * (s.pick(0.8, 1.2) if cut else s.pick(1.5, 2))))
        cheapest = s.goal is not None and s.goal.sense == "minimize"
        if cut or cheapest:
            top = max(top, round(plan[i] * 1.3)) if cheapest else top
            name = f"top_{letters[i]}"
            most = s.number(name, speech.plain(top), f"{measure} of {i} there are")
            s.rule(f"limit_{letters[i]}", f'use["{i}"] <= {name}',
                   f"At most {most} {measure} of {i} are available",
                   f"There are no more than {most} {measure} of {i}")  # fmt: skip
    if s.chance(0.3):
        a, b = inputs[:2]
        if plan[a] <= plan[b] * 3:
            s.rule("relation", f'use["{a}"] <= 3*use["{b}"]',
                   f"There may be at most three times as much {a} as {b}")  # fmt: skip
    s.ask(lambda i: f"{measure} of {i}", "use[i]", "i in Inputs")
    s.distract("It has worked for thirty years", "Output was lower last year")
