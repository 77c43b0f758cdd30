"""Short problems without a solution, each with a right formulation and repairs that cheat.

For half of them there is a twin that can be solved, with a formulation of it whose own mistake
makes it infeasible, and the mended one. All are replies of a model in the flat or indexed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.wire_samples import (
    flat_constraint,
    flat_variable,
    goal,
    wire_constraint,
    wire_parameter,
    wire_set,
    wire_variable,
)

Reply = dict[str, Any]


@dataclass(frozen=True)
class Twin:
    """A text that can be met, a formulation that cannot by its own mistake, and the mended one."""

    text: str
    wrong: Reply
    told: tuple[str, ...]
    """What the model has to be told of the mistake: the conflict's data, or the fault."""
    mended: Reply
    optimum: float
    form: str = "flat"


@dataclass(frozen=True)
class Impossible:
    """A text that cannot be met."""

    text: str
    right: Reply
    conflict: tuple[str, ...]
    """What the conflict has to say."""
    cheats: tuple[Reply, ...]
    """Repairs that only loosen what the text states."""
    form: str = "flat"
    twin: Twin | None = None


def whole(name: str, meaning: str, **given: Any) -> Reply:
    return flat_variable(name, meaning=meaning, **given)


def real(name: str, meaning: str, **given: Any) -> Reply:
    return flat_variable(name, meaning=meaning, type="continuous", **given)


def flat(variables: list[Reply], objective: Reply, rules: dict[str, tuple[str, str]]) -> Reply:
    return {
        "problem": objective["meaning"],
        "variables": variables,
        "objective": objective,
        "constraints": [
            flat_constraint(name, expression, meaning)
            for name, (expression, meaning) in rules.items()
        ],
        "asked": [],
    }


def but(reply: Reply, name: str, expression: str) -> Reply:
    """The reply with one requirement's expression replaced."""
    assert any(c["name"] == name for c in reply["constraints"])
    constraints = [
        c | {"expression": expression} if c["name"] == name else c for c in reply["constraints"]
    ]
    return reply | {"constraints": constraints}


def without(reply: Reply, name: str) -> Reply:
    return reply | {"constraints": [c for c in reply["constraints"] if c["name"] != name]}


def with_decision(reply: Reply, decision: Reply) -> Reply:
    return reply | {"variables": [*reply["variables"], decision]}


# --- staff ----------------------------------------------------------------------------------------

NURSES = flat(
    [whole("monday", "nurses on Monday"), whole("tuesday", "nurses on Tuesday")],
    goal("minimize", "120*monday + 120*tuesday", "cost of the shifts", "euros"),
    {
        "monday_need": ("monday >= 6", "at least 6 nurses work on Monday"),
        "tuesday_need": ("tuesday >= 5", "at least 5 nurses work on Tuesday"),
        "staff": ("monday + tuesday <= 9", "at most 9 nurses are available"),
    },
)
_NURSES = (
    "A clinic needs at least 6 nurses on Monday and at least 5 nurses on Tuesday. A nurse works on "
    "one of the two days, and {} nurses are available. A shift costs 120 euros. What is the "
    "cheapest roster?"
)
STAFF = Impossible(
    _NURSES.format(9),
    NURSES,
    ("at least 6 nurses work on Monday: `monday >= 6`", "`monday + tuesday <= 9`"),
    (
        but(NURSES, "staff", "monday + tuesday <= 11"),
        without(NURSES, "tuesday_need"),
        but(
            with_decision(NURSES, whole("shortage", "nurses that are lacking")),
            "tuesday_need",
            "tuesday + shortage >= 5",
        ),
    ),
    twin=Twin(
        _NURSES.format(14),
        but(NURSES, "staff", "monday + tuesday <= 8"),
        ("does not state the 8", "`monday + tuesday <= 8`"),
        but(NURSES, "staff", "monday + tuesday <= 14"),
        1320.0,
    ),
)

# --- money ----------------------------------------------------------------------------------------

DESKS = flat(
    [whole("desks", "desks bought"), whole("chairs", "chairs bought")],
    goal("minimize", "90*desks + 35*chairs", "total price", "euros"),
    {
        "desks_needed": ("desks >= 40", "at least 40 desks are needed"),
        "chairs_needed": ("chairs >= 60", "at least 60 chairs are needed"),
        "budget": ("90*desks + 35*chairs <= 5000", "at most 5000 euros can be spent"),
    },
)
LIBRARY: Reply = {
    "problem": "Desks and chairs at the least price",
    "sets": [],
    "parameters": [
        wire_parameter("desk_price", "", 90, meaning="price of a desk"),
        wire_parameter("chair_price", "", 35, meaning="price of a chair"),
    ],
    "variables": [
        wire_variable("desks", meaning="desks bought", type="integer"),
        wire_variable("chairs", meaning="chairs bought", type="integer"),
    ],
    "definitions": [],
    "objective": goal("minimize", "desk_price*desks + chair_price*chairs", "total price"),
    "constraints": [
        wire_constraint("needed", "desks <= 20", meaning="at least 20 desks are needed"),
        wire_constraint("stored", "desks >= 30", meaning="at most 30 desks are in the store"),
        wire_constraint("budget", "desk_price*desks + chair_price*chairs <= 8000",
                        meaning="at most 8000 euros can be spent"),
    ],
    "asked": [],
    "assumptions": [],
}  # fmt: skip
PURCHASES = Impossible(
    "A school needs at least 40 desks at 90 euros each and at least 60 chairs at 35 euros each. It "
    "can spend at most 5,000 euros. What should it buy to spend the least?",
    DESKS,
    ("at least 40 desks are needed", "`90 * desks + 35 * chairs <= 5000`"),
    (
        but(DESKS, "budget", "90*desks + 35*chairs <= 6000"),
        but(DESKS, "desks_needed", "desks <= 40"),
        but(DESKS, "budget", "90*desks + 35*chairs <= 5000 + 700"),
    ),
    twin=Twin(
        "A library buys desks at 90 euros each and chairs at 35 euros each. It needs at least 20 "
        "desks, at most 30 desks are in the store, and it can spend at most 8,000 euros. What "
        "should it buy to spend the least?",
        LIBRARY,
        ('The text says "at least 20"', "`desks >= 30`"),
        but(but(LIBRARY, "needed", "desks >= 20"), "stored", "desks <= 30"),
        1800.0,
        form="indexed",
    ),
)

CASH = flat(
    [real("march", "euros left after March"), real("april", "euros left after April")],
    goal("maximize", "april", "money left after April", "euros"),
    {
        "after_march": ("march == 1000 - 600", "of 1000 euros 600 are spent in March"),
        "after_april": ("april == march - 500", "in April 500 euros are spent"),
        "reserve_march": ("march >= 200", "at least 200 euros are kept after March"),
        "reserve_april": ("april >= 200", "at least 200 euros are kept after April"),
    },
)
RESERVE = Impossible(
    "A club has 1,000 euros. It spends 600 euros in March and 500 euros in April, and it keeps a "
    "reserve of at least 200 euros after each month. How much is left after April at most?",
    CASH,
    ("at least 200 euros are kept after April", "`april == march - 500`"),
    (
        without(without(CASH, "reserve_march"), "reserve_april"),
        but(
            with_decision(CASH, real("overdraft_violation", "euros overdrawn")),
            "reserve_april",
            "april + overdraft_violation >= 200",
        ),
    ),
)

# --- blends and diets -----------------------------------------------------------------------------

JUICE = flat(
    [real("apple", "litres of apple juice"), real("grape", "litres of grape juice")],
    goal("minimize", "2*apple + 3*grape", "cost of the blend", "euros"),
    {
        "amount": ("apple + grape == 100", "100 litres are blended"),
        "apple_share": ("apple >= 0.6*(apple + grape)", "at least 60% of the blend is apple juice"),
        "grape_share": ("grape >= 0.5*(apple + grape)", "at least 50% of the blend is grape juice"),
    },
)
RATIOS = Impossible(
    "100 litres are blended of apple juice at 2 euros and grape juice at 3 euros a litre. At least "
    "60% of the blend is apple juice and at least 50% of the blend is grape juice. What is the "
    "cheapest blend?",
    JUICE,
    ("at least 60% of the blend is apple juice", "0.5"),
    (
        but(JUICE, "grape_share", "grape >= 0.4*(apple + grape)"),
        without(JUICE, "grape_share"),
        without(JUICE, "apple_share"),
    ),
)

DIET_RULES = [
    wire_constraint("protein", "sum(grams[f]*eat[f] for f in Foods) >= need",
                    meaning="at least 80 g of protein are needed"),
    wire_constraint("energy", "sum(kcal[f]*eat[f] for f in Foods) <= limit",
                    meaning="at most 500 kcal are eaten"),
]  # fmt: skip
DIET: Reply = {
    "problem": "Portions of beans and rice at the least price",
    "sets": [wire_set("Foods", "beans", "rice")],
    "parameters": [
        wire_parameter("grams", "Foods", 8, 3, meaning="protein in a portion"),
        wire_parameter("kcal", "Foods", 120, 130, meaning="energy of a portion"),
        wire_parameter("price", "Foods", 0.4, 0.2, meaning="price of a portion"),
        wire_parameter("need", "", 80, meaning="protein needed"),
        wire_parameter("limit", "", 500, meaning="most energy"),
    ],
    "variables": [wire_variable("eat", "f in Foods", meaning="portions eaten")],
    "definitions": [],
    "objective": goal("minimize", "sum(price[f]*eat[f] for f in Foods)", "total price"),
    "constraints": DIET_RULES,
    "asked": [],
    "assumptions": [],
}
PROTEIN = Impossible(
    "A portion of beans has 8 g of protein and 120 kcal and costs 0.40 euros, a portion of rice "
    "3 g and 130 kcal at 0.20 euros. At least 80 g of protein are needed, with at most 500 kcal. "
    "Which portions cost the least?",
    DIET,
    ("8 * eat[beans] + 3 * eat[rice] >= 80", "at most 500 kcal are eaten"),
    (
        DIET | {"constraints": [DIET_RULES[0], DIET_RULES[1] | {"penalty": "1"}]},
        DIET
        | {
            "parameters": [*DIET["parameters"][:-1], wire_parameter("limit", "", 1200)],
            "assumptions": ["The limit of 500 kcal plays no part, since it cannot be met."],
        },
    ),
    form="indexed",
)

# --- transport and capacity -----------------------------------------------------------------------

MILLS: Reply = {
    "problem": "Tons from mills to towns at the least freight",
    "sets": [wire_set("Mills", "Hill", "Lake"), wire_set("Towns", "Ash", "Birch", "Cedar")],
    "parameters": [
        wire_parameter("capacity", "Mills", 300, 250, meaning="tons that a mill can make"),
        wire_parameter("need", "Towns", 200, 220, 180, meaning="tons that a town needs"),
        wire_parameter("freight", "", 4, meaning="freight of a ton"),
    ],
    "variables": [wire_variable("ship", "m in Mills, t in Towns", meaning="tons shipped")],
    "definitions": [],
    "objective": goal(
        "minimize", "sum(freight*ship[m, t] for m in Mills for t in Towns)", "total freight"
    ),
    "constraints": [
        wire_constraint("made", "sum(ship[m, t] for t in Towns) <= capacity[m]", "m in Mills",
                        meaning="each mill can make no more than its tons"),
        wire_constraint("met", "sum(ship[m, t] for m in Mills) >= need[t]", "t in Towns",
                        meaning="each town gets the tons that it needs"),
    ],
    "asked": [],
    "assumptions": [],
}  # fmt: skip
MILLS_SHORT: Reply = MILLS | {
    "variables": [
        *MILLS["variables"],
        wire_variable("unmet", "t in Towns", meaning="tons that a town lacks"),
    ],
    "constraints": [
        MILLS["constraints"][0],
        MILLS["constraints"][1]
        | {"expression": "sum(ship[m, t] for m in Mills) + unmet[t] >= need[t]"},
    ],
}
FLOUR = Impossible(
    "The mills Hill and Lake can make at most 300 and 250 tons of flour. The towns Ash, Birch and "
    "Cedar need at least 200, 220 and 180 tons. Freight is 4 euros a ton everywhere. What is the "
    "cheapest way to meet the needs?",
    MILLS,
    ("Ash: at least 200", "Lake: at most 250"),
    (MILLS_SHORT,),
    form="indexed",
)

VANS = flat(
    [whole("vans", "vans hired")],
    goal("minimize", "95*vans", "total hire", "euros"),
    {
        "seats": ("8*vans >= 70", "at least 70 children ride in vans of 8"),
        "fleet": ("vans <= 8", "at most 8 vans can be hired"),
    },
)
_VANS = (
    "At least 70 children ride in vans of 8 children each. A van costs 95 euros, and at most {} "
    "vans can be hired. What is the least hire?"
)
OUTING = Impossible(
    _VANS.format("7"),
    but(VANS, "fleet", "vans <= 7"),
    ("`8 * vans >= 70`", "`vans <= 7`"),
    (but(VANS, "fleet", "vans <= 9"), but(VANS, "fleet", "vans >= 7")),
    twin=Twin(
        _VANS.format("10"),
        VANS,
        ("`8 * vans >= 70`", "`vans <= 8`"),
        but(VANS, "fleet", "vans <= 10"),
        9 * 95.0,
    ),
)

# --- whole numbers --------------------------------------------------------------------------------

PACKS = flat(
    [whole("small", "boxes of 6 gloves"), whole("large", "boxes of 10 gloves")],
    goal("minimize", "small + large", "number of boxes"),
    {"gloves": ("6*small + 10*large == 45", "exactly 45 gloves fill the boxes")},
)
_PACKS = (
    "Exactly {} gloves are packed in full boxes of 6 gloves and of 10 gloves. What is the least "
    "number of boxes?"
)
PARITY = Impossible(
    _PACKS.format(45),
    PACKS,
    ("exactly 45 gloves fill the boxes", "is a whole number"),
    (but(PACKS, "gloves", "6*small + 10*large == 46"),),
    twin=Twin(
        _PACKS.format(46),
        PACKS,
        ("does not state the 45", "is a whole number"),
        but(PACKS, "gloves", "6*small + 10*large == 46"),
        5.0,
    ),
)

# --- time -----------------------------------------------------------------------------------------

PRESS = flat(
    [real("start", "hour at which the posters start")],
    goal("minimize", "start", "start of the posters", "hours"),
    {
        "after_flyers": ("start >= 5", "the flyers take 5 hours on the press first"),
        "deadline": ("start + 6 <= 10", "the posters take 6 hours and end within 10 hours"),
    },
)
_PRESS = (
    "A press prints flyers for 5 hours and after them posters for {}. All has to be done within 10 "
    "hours. When do the posters start at the earliest?"
)
DEADLINE = Impossible(
    _PRESS.format("6 hours"),
    PRESS,
    ("`start >= 5`", "`start + 6 <= 10`"),
    (without(PRESS, "after_flyers"), but(PRESS, "deadline", "start + 6 <= 11")),
    twin=Twin(
        _PRESS.format("240 minutes"),
        but(PRESS, "deadline", "start + 240 <= 10"),
        ("`start + 240 <= 10`",),
        but(PRESS, "deadline", "start + 240/60 <= 10"),
        5.0,
    ),
)

# --- rules of proportion, land, guests, money at risk ---------------------------------------------

GUARDS = flat(
    [whole("guards", "guards on duty"), whole("leaders", "team leaders")],
    goal("minimize", "200*guards + 300*leaders", "wages", "euros"),
    {
        "duty": ("guards >= 20", "at least 20 guards are on duty"),
        "led": ("5*leaders >= guards", "one team leader for every 5 guards"),
        "few": ("leaders <= 3", "at most 3 team leaders are available"),
    },
)
_GUARDS = (
    "A fair needs at least 20 guards at 200 euros, and one team leader at 300 euros for every 5 "
    "guards. There are at most {} team leaders. What are the least wages?"
)
LEADERS = Impossible(
    _GUARDS.format("3"),
    GUARDS,
    ("`5 * leaders >= guards`", "at most 3 team leaders are available"),
    (but(GUARDS, "few", "leaders <= 4"), but(GUARDS, "led", "5*leaders >= 0.5*guards")),
    twin=Twin(
        _GUARDS.format("6"),
        but(but(GUARDS, "led", "5*guards <= leaders"), "few", "leaders <= 6"),
        ("`5 * guards <= leaders`", "`guards >= 20`"),
        but(GUARDS, "few", "leaders <= 6"),
        20 * 200.0 + 4 * 300.0,
    ),
)

FARM = flat(
    [real("wheat", "hectares of wheat"), real("corn", "hectares of corn")],
    goal("maximize", "400*wheat + 450*corn", "yield", "euros"),
    {
        "wheat_contract": ("wheat >= 30", "at least 30 hectares of wheat are promised"),
        "corn_contract": ("corn >= 40", "at least 40 hectares of corn are promised"),
        "land": ("wheat + corn <= 60", "there are at most 60 hectares"),
    },
)
_FARM = (
    "A farm earns 400 euros a hectare of wheat and 450 euros a hectare of corn. It has promised at "
    "least 30 hectares of wheat and at least 40 hectares of corn, and has at most {} hectares. "
    "What should it grow to earn the most?"
)
LAND = Impossible(
    _FARM.format("60"),
    FARM,
    ("`wheat + corn <= 60`", "`corn >= 40`"),
    (but(FARM, "land", "wheat + corn <= 70"), but(FARM, "corn_contract", "corn <= 40")),
    twin=Twin(
        _FARM.format("80"),
        but(FARM, "land", "wheat + corn <= 65"),
        ("does not state the 65",),
        but(FARM, "land", "wheat + corn <= 80"),
        30 * 400.0 + 50 * 450.0,
    ),
)

PARTY = flat(
    [whole("guests", "guests invited")],
    goal("minimize", "18*guests", "cost of the meal", "euros"),
    {
        "caterer": ("guests >= 50", "the caterer comes for at least 50 guests"),
        "hall": ("guests <= 30", "the hall holds at most 30 guests"),
    },
)
GUESTS = Impossible(
    "A meal costs 18 euros a guest. The caterer comes for at least 50 guests, and the hall holds "
    "at most 30 guests. What is the least that the meal can cost?",
    PARTY,
    ("`guests >= 50`", "`guests <= 30`"),
    (without(PARTY, "caterer"), but(PARTY, "hall", "guests >= 30")),
)

FUNDS = flat(
    [real("bond", "share in the bond", upper=1), real("stock", "share in the stock", upper=1)],
    goal("minimize", "0.01*bond**2 + 0.04*stock**2", "variance"),
    {
        "all_of_it": ("bond + stock == 1", "everything is invested"),
        "return_wanted": ("0.03*bond + 0.08*stock >= 0.12", "a return of at least 12% is wanted"),
    },
)
RETURNS = Impossible(
    "Money is split between a bond with a return of 3% and a variance of 0.01 and a stock with a "
    "return of 8% and a variance of 0.04, uncorrelated. A return of at least 12% is wanted at the "
    "least variance. What is the split?",
    FUNDS,
    ("a return of at least 12% is wanted", "`0.03 * bond + 0.08 * stock >= 0.12`"),
    (
        but(FUNDS, "return_wanted", "0.03*bond + 0.08*stock >= 0.08"),
        but(FUNDS, "return_wanted", "0.03*bond + 0.08*stock <= 0.12"),
    ),
)

PROBLEMS: dict[str, Impossible] = {
    "staff": STAFF,
    "purchases": PURCHASES,
    "reserve": RESERVE,
    "ratios": RATIOS,
    "protein": PROTEIN,
    "flour": FLOUR,
    "outing": OUTING,
    "parity": PARITY,
    "deadline": DEADLINE,
    "leaders": LEADERS,
    "land": LAND,
    "guests": GUESTS,
    "returns": RETURNS,
}
