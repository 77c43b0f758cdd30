"""Clean, realistic formulations of different classes, each with its text and its best value.

Other tests import them: `SAMPLES["transport"].formulation`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optiwright.formulators.model import (
    Algebraic,
    Asked,
    Definition,
    Derived,
    Domain,
    Either,
    Element,
    Entry,
    Formulation,
    Given,
    Index,
    Listed,
    Objective,
    Parameter,
    Range,
    Sense,
    SetDef,
    Variable,
)


@dataclass(frozen=True)
class Sample:
    """A problem's text, a right formulation of it, and the best value of its objective."""

    text: str
    formulation: Formulation
    optimum: float


def listed(name: str, elements: Sequence[Element | Index]) -> SetDef:
    return SetDef(name=name, data=Listed(elements=tuple(elements)))


def given(
    name: str,
    values: float | Mapping[Element | Index, float],
    over: str = "",
    *,
    unit: str = "",
    default: float | None = None,
) -> Parameter:
    if isinstance(values, Mapping):
        entries = tuple(
            Entry(index=k if isinstance(k, tuple) else (k,), value=v) for k, v in values.items()
        )
    else:
        entries = (Entry(index=(), value=values),)
    return Parameter(name=name, over=over, unit=unit, data=Given(entries=entries, default=default))


def table(
    rows: Sequence[Element], columns: Sequence[Element], values: Sequence[Sequence[float]]
) -> dict[Element | Index, float]:
    return {
        (r, c): v
        for r, line in zip(rows, values, strict=True)
        for c, v in zip(columns, line, strict=True)
    }


def maximize(expression: str, unit: str = "") -> tuple[Objective, ...]:
    return (Objective(sense=Sense.MAXIMIZE, expression=expression, unit=unit),)


def minimize(expression: str, unit: str = "") -> tuple[Objective, ...]:
    return (Objective(sense=Sense.MINIMIZE, expression=expression, unit=unit),)


def _product_mix() -> Sample:
    text = (
        "A workshop makes tables and chairs. A table earns 70 euros and needs 4 hours of carpentry "
        "and 2 hours of painting. A chair earns 50 euros and needs 3 hours of carpentry and 1 hour "
        "of painting. Each week 240 hours of carpentry and 100 hours of painting are available. "
        "How many tables and chairs give the largest profit?"
    )
    formulation = Formulation(
        title="Tables and chairs",
        parameters=(
            given("table_profit", 70, unit="euro"),
            given("chair_profit", 50, unit="euro"),
            given("carpentry", 240, unit="hours"),
            given("painting", 100, unit="hours"),
        ),
        variables=(Variable(name="tables"), Variable(name="chairs")),
        objectives=maximize("table_profit * tables + chair_profit * chairs", "euro"),
        constraints=(
            Algebraic(name="carpentry_time", expression="4 * tables + 3 * chairs <= carpentry"),
            Algebraic(name="painting_time", expression="2 * tables + chairs <= painting"),
        ),
        asked=(
            Asked(name="number of tables", expression="tables"),
            Asked(name="number of chairs", expression="chairs"),
        ),
    )
    return Sample(text, formulation, 4100.0)


def _transport() -> Sample:
    text = (
        "Two plants, Seattle with 350 cases and San Diego with 600 cases, supply three markets: "
        "New York needs 325 cases, Chicago 300 and Topeka 275. Freight costs $90 per case and "
        "thousand miles. Distances in thousand miles:\n\n"
        "| | New York | Chicago | Topeka |\n|---|---|---|---|\n"
        "| Seattle | 2.5 | 1.7 | 1.8 |\n| San Diego | 2.5 | 1.8 | 1.4 |\n\n"
        "Find the cheapest shipments."
    )
    plants, markets = ("Seattle", "San Diego"), ("New York", "Chicago", "Topeka")
    formulation = Formulation(
        title="Canning plants",
        sets=(listed("Plants", plants), listed("Markets", markets)),
        parameters=(
            given("supply", {"Seattle": 350, "San Diego": 600}, "i in Plants", unit="cases"),
            given(
                "demand",
                {"New York": 325, "Chicago": 300, "Topeka": 275},
                "j in Markets",
                unit="cases",
            ),
            given(
                "distance",
                table(plants, markets, ((2.5, 1.7, 1.8), (2.5, 1.8, 1.4))),
                "i in Plants, j in Markets",
                unit="thousand miles",
            ),
            given("freight", 90, unit="$/case/thousand miles"),
            Parameter(
                name="cost",
                over="i in Plants, j in Markets",
                unit="$/case",
                data=Derived(expression="freight * distance[i, j]"),
            ),
        ),
        variables=(Variable(name="ship", over="i in Plants, j in Markets", unit="cases"),),
        objectives=minimize("sum(cost[i, j] * ship[i, j] for i in Plants for j in Markets)", "$"),
        constraints=(
            Algebraic(
                name="within_supply",
                over="i in Plants",
                expression="sum(ship[i, j] for j in Markets) <= supply[i]",
            ),
            Algebraic(
                name="meet_demand",
                over="j in Markets",
                expression="sum(ship[i, j] for i in Plants) >= demand[j]",
            ),
        ),
        asked=(
            Asked(name="shipment", over="i in Plants, j in Markets", expression="ship[i, j]"),
            Asked(name="sent from Seattle", expression='sum(ship["Seattle", j] for j in Markets)'),
        ),
    )
    return Sample(text, formulation, 153_675.0)


def _assignment() -> Sample:
    text = (
        "Three workers are to do one task each. The hours they take:\n\n"
        "| | wiring | painting | plumbing |\n|---|---|---|---|\n"
        "| Ana | 9 | 2 | 7 |\n| Ben | 6 | 4 | 3 |\n| Cleo | 5 | 8 | 1 |\n\n"
        "Who does what, so that the total is as small as possible?"
    )
    workers, tasks = ("Ana", "Ben", "Cleo"), ("wiring", "painting", "plumbing")
    formulation = Formulation(
        title="Assignment",
        sets=(listed("Workers", workers), listed("Tasks", tasks)),
        parameters=(
            given(
                "hours",
                table(workers, tasks, ((9, 2, 7), (6, 4, 3), (5, 8, 1))),
                "w in Workers, t in Tasks",
                unit="hours",
            ),
        ),
        variables=(Variable(name="does", over="w in Workers, t in Tasks", domain=Domain.BINARY),),
        objectives=minimize("sum(hours[w, t] * does[w, t] for w in Workers for t in Tasks)"),
        constraints=(
            Algebraic(
                name="one_task",
                over="w in Workers",
                expression="sum(does[w, t] for t in Tasks) == 1",
            ),
            Algebraic(
                name="one_worker",
                over="t in Tasks",
                expression="sum(does[w, t] for w in Workers) == 1",
            ),
        ),
        asked=(
            Asked(
                name="total hours",
                expression="sum(hours[w, t] * does[w, t] for w in Workers for t in Tasks)",
                unit="hours",
            ),
        ),
    )
    return Sample(text, formulation, 9.0)


def _covering() -> Sample:
    text = (
        "A city may open fire stations at four sites. Site A costs 30 and serves north and east; B "
        "costs 25 and serves east and south; C costs 40 and serves north, south and west; D costs "
        "15 and serves west. Which stations are opened so that each district is served by at "
        "least one, at the least cost?"
    )
    covers = (
        ("A", "north"), ("A", "east"), ("B", "east"), ("B", "south"),
        ("C", "north"), ("C", "south"), ("C", "west"), ("D", "west"),
    )  # fmt: skip
    formulation = Formulation(
        title="Fire stations",
        sets=(
            listed("Sites", ("A", "B", "C", "D")),
            listed("Districts", ("north", "east", "south", "west")),
            listed("Serves", covers),
        ),
        parameters=(given("fixed_cost", {"A": 30, "B": 25, "C": 40, "D": 15}, "s in Sites"),),
        variables=(Variable(name="opened", over="s in Sites", domain=Domain.BINARY),),
        objectives=minimize("sum(fixed_cost[s] * opened[s] for s in Sites)"),
        constraints=(
            Algebraic(
                name="served",
                over="d in Districts",
                expression="sum(opened[s] for (s, e) in Serves if e == d) >= 1",
            ),
        ),
        asked=(Asked(name="stations", expression="sum(opened[s] for s in Sites)"),),
    )
    return Sample(text, formulation, 65.0)


def _inventory() -> Sample:
    text = (
        "A factory plans four months. Demand is 50, 70, 90 and 60 units. It makes at most 80 units "
        "a month at a cost of $10, $12, $11 and $13 a unit. A unit in stock at the end of a month "
        "costs $2. At the start there are 20 units in stock. Meet all demand at the least cost."
    )
    formulation = Formulation(
        title="Production and stock",
        sets=(SetDef(name="Months", data=Range(start="1", stop="horizon")),),
        parameters=(
            given("horizon", 4),
            given("demand", {1: 50, 2: 70, 3: 90, 4: 60}, "t in Months", unit="units"),
            given("unit_cost", {1: 10, 2: 12, 3: 11, 4: 13}, "t in Months", unit="$"),
            given("holding", 2, unit="$"),
            given("initial", 20, unit="units"),
            given("capacity", 80, unit="units"),
        ),
        variables=(
            Variable(name="make", over="t in Months", upper="capacity", unit="units"),
            Variable(name="stock", over="t in Months", unit="units"),
        ),
        definitions=(
            Definition(
                name="total_cost",
                expression="sum(unit_cost[t] * make[t] + holding * stock[t] for t in Months)",
                unit="$",
            ),
        ),
        objectives=minimize("total_cost", "$"),
        constraints=(
            Algebraic(
                name="balance",
                over="t in Months",
                expression=(
                    "stock[t] == (stock[prev(t)] if t != first(Months) else initial)"
                    " + make[t] - demand[t]"
                ),
            ),
        ),
        asked=(
            Asked(name="stock at the end", expression="stock[last(Months)]", unit="units"),
            Asked(name="total cost", expression="total_cost", unit="$"),
        ),
    )
    return Sample(text, formulation, 2940.0)


def _blending() -> Sample:
    text = (
        "A feed is mixed from corn at $0.30 per kg with 9% protein, soy at $0.90 per kg with 44% "
        "protein, and bran at $0.20 per kg with 15% protein. 500 kg are needed with at least 20% "
        "protein, and bran may be no more than 30% of the mix. What is the cheapest mix?"
    )
    formulation = Formulation(
        title="Feed",
        sets=(listed("Feeds", ("corn", "soy", "bran")),),
        parameters=(
            given("price", {"corn": 0.3, "soy": 0.9, "bran": 0.2}, "f in Feeds", unit="$/kg"),
            given("protein", {"corn": 0.09, "soy": 0.44, "bran": 0.15}, "f in Feeds"),
            given("amount", 500, unit="kg"),
            given("least_protein", 0.2),
            given("most_bran", 0.3),
        ),
        variables=(Variable(name="use", over="f in Feeds", unit="kg"),),
        objectives=minimize("sum(price[f] * use[f] for f in Feeds)", "$"),
        constraints=(
            Algebraic(name="mass", expression="sum(use[f] for f in Feeds) == amount"),
            Algebraic(
                name="enough_protein",
                expression="sum(protein[f] * use[f] for f in Feeds) >= least_protein * amount",
            ),
            Algebraic(name="bran_share", expression='use["bran"] <= most_bran * amount'),
        ),
        asked=(Asked(name="kilograms", over="f in Feeds", expression="use[f]", unit="kg"),),
    )
    return Sample(text, formulation, 1497.0 / 7.0)


def _revenue() -> Sample:
    text = (
        "A shop sells 200 units less 2 for each dollar of the price. A unit costs it $20, and it "
        "can get at most 100 units. Which price gives the largest profit?"
    )
    formulation = Formulation(
        title="Price",
        parameters=(given("base", 200), given("slope", 2), given("unit_cost", 20, unit="$")),
        variables=(Variable(name="price", upper="base / slope", unit="$"),),
        definitions=(Definition(name="sold", expression="base - slope * price"),),
        objectives=maximize("(price - unit_cost) * sold", "$"),
        constraints=(Algebraic(name="can_get", expression="sold <= 100"),),
        asked=(Asked(name="price", expression="price", unit="$"),),
    )
    return Sample(text, formulation, 3200.0)


def _network() -> Sample:
    text = (
        "10 tons go from the port to the city. Roads, with cost per ton and capacity: port to hub "
        "2 and 8 tons, port to depot 4 and 5 tons, hub to depot 1 and 6 tons, hub to city 6 and 4 "
        "tons, depot to city 3 and 9 tons. Find the cheapest flow."
    )
    cost: dict[Element | Index, float] = {
        ("port", "hub"): 2.0, ("port", "depot"): 4.0, ("hub", "depot"): 1.0,
        ("hub", "city"): 6.0, ("depot", "city"): 3.0,
    }  # fmt: skip
    capacity: dict[Element | Index, float] = dict(zip(cost, (8.0, 5.0, 6.0, 4.0, 9.0), strict=True))
    formulation = Formulation(
        title="Flow",
        sets=(
            listed("Nodes", ("port", "hub", "depot", "city")),
            listed("Arcs", tuple(cost)),
        ),
        parameters=(
            given("cost", cost, "(i, j) in Arcs"),
            given("capacity", capacity, "Arcs", unit="tons"),
            given("surplus", {"port": 10, "city": -10}, "n in Nodes", default=0.0, unit="tons"),
        ),
        variables=(
            Variable(name="flow", over="(i, j) in Arcs", upper="capacity[i, j]", unit="tons"),
        ),
        objectives=minimize("sum(cost[i, j] * flow[i, j] for (i, j) in Arcs)"),
        constraints=(
            Algebraic(
                name="conserve",
                over="n in Nodes",
                expression=(
                    "sum(flow[i, j] for (i, j) in Arcs if i == n)"
                    " - sum(flow[i, j] for (i, j) in Arcs if j == n) == surplus[n]"
                ),
            ),
        ),
        asked=(
            Asked(name="into the city", expression='flow["hub", "city"] + flow["depot", "city"]'),
        ),
    )
    return Sample(text, formulation, 65.0)


def _portfolio() -> Sample:
    text = (
        "Split a sum between a fund with a return of 8% and a variance of 0.04 and a bond with a "
        "return of 3% and a variance of 0.01, uncorrelated, for a return of at least 5% at the "
        "least variance."
    )
    formulation = Formulation(
        title="Portfolio",
        sets=(listed("Assets", ("fund", "bond")),),
        parameters=(
            given("gain", {"fund": 0.08, "bond": 0.03}, "a in Assets"),
            given("variance", {"fund": 0.04, "bond": 0.01}, "a in Assets"),
            given("least_gain", 0.05),
        ),
        variables=(Variable(name="share", over="a in Assets", upper="1"),),
        objectives=minimize("sum(variance[a] * share[a] ** 2 for a in Assets)"),
        constraints=(
            Algebraic(name="all_of_it", expression="sum(share[a] for a in Assets) == 1"),
            Algebraic(
                name="enough_gain",
                expression="sum(gain[a] * share[a] for a in Assets) >= least_gain",
            ),
        ),
        asked=(Asked(name="shares", over="a in Assets", expression="share[a]"),),
    )
    return Sample(text, formulation, 0.01)


def _machine() -> Sample:
    text = (
        "Three jobs of 3, 5 and 2 hours share one machine. Each starts within 20 hours. In which "
        "order is the sum of their completion times least?"
    )
    formulation = Formulation(
        title="One machine",
        sets=(SetDef(name="Jobs", data=Range(start="1", stop="3")),),
        parameters=(given("length", {1: 3, 2: 5, 3: 2}, "k in Jobs", unit="hours"),),
        variables=(Variable(name="start", over="k in Jobs", upper="20", unit="hours"),),
        objectives=minimize("sum(start[k] + length[k] for k in Jobs)", "hours"),
        constraints=(
            Either(
                name="one_at_a_time",
                over="k in Jobs, m in Jobs if k < m",
                options=("start[k] + length[k] <= start[m]", "start[m] + length[m] <= start[k]"),
            ),
        ),
        asked=(Asked(name="makespan", expression="max(start[k] + length[k] for k in Jobs)"),),
    )
    return Sample(text, formulation, 17.0)


SAMPLES: dict[str, Sample] = {
    "product_mix": _product_mix(),
    "transport": _transport(),
    "assignment": _assignment(),
    "covering": _covering(),
    "inventory": _inventory(),
    "blending": _blending(),
    "revenue": _revenue(),
    "network": _network(),
    "portfolio": _portfolio(),
    "machine": _machine(),
}
