"""A formulation of `examples/feed.txt`: what docs/questions-sensitivity.md asks about."""

from __future__ import annotations

from optiwright.formulators.model import (
    Algebraic,
    Asked,
    Definition,
    Formulation,
    Objective,
    Sense,
    Variable,
)
from tests.sample_formulations import given, listed

_FEEDS = ("maize", "soy meal", "hay")


def feed() -> Formulation:
    """Maize, soy meal and hay for a herd, at the least cost."""
    parts = {
        "price": given("price", dict(zip(_FEEDS, (0.22, 0.48, 0.12), strict=True)), "f in Feeds"),
        "protein": given("protein", dict(zip(_FEEDS, (9, 44, 10), strict=True)), "f in Feeds"),
        "fibre": given("fibre", dict(zip(_FEEDS, (3, 7, 30), strict=True)), "f in Feeds"),
        "weight": given("weight", 500),
        "least_protein": given("least_protein", 16),
        "most_fibre": given("most_fibre", 14),
    }
    said = {
        "price": ("price of a kilogram", "$/kg"),
        "protein": ("protein content", "%"),
        "fibre": ("fibre content", "%"),
        "weight": ("weight of the mix", "kg"),
        "least_protein": ("least protein content of the mix", "%"),
        "most_fibre": ("greatest fibre content of the mix", "%"),
    }
    parameters = tuple(
        part.model_copy(update={"description": said[name][0], "unit": said[name][1]})
        for name, part in parts.items()
    )
    return Formulation(
        title="Feed",
        sets=(listed("Feeds", _FEEDS),),
        parameters=parameters,
        variables=(Variable(name="use", over="f in Feeds", unit="kg", description="amount used"),),
        definitions=(
            Definition(
                name="protein_in_it",
                expression="sum(protein[f] * use[f] for f in Feeds) / weight",
                unit="%",
                description="protein content",
            ),
        ),
        objectives=(
            Objective(
                sense=Sense.MINIMIZE,
                expression="sum(price[f] * use[f] for f in Feeds)",
                unit="$",
                description="cost of the mix",
            ),
        ),
        constraints=(
            Algebraic(name="mass", expression="sum(use[f] for f in Feeds) == weight"),
            Algebraic(
                name="enough_protein",
                expression="sum(protein[f] / 100 * use[f] for f in Feeds)"
                " >= least_protein / 100 * weight",
            ),
            Algebraic(
                name="not_too_much_fibre",
                expression="sum(fibre[f] / 100 * use[f] for f in Feeds)"
                " <= most_fibre / 100 * weight",
            ),
        ),
        asked=(Asked(name="kilograms", over="f in Feeds", expression="use[f]", unit="kg"),),
    )
