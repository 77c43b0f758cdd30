"""Fields of life that problems are set in, so that a model does not tell one story for ever."""

from __future__ import annotations

FIELDS = (
    "a brewery", "bee keeping", "a printing house", "a city's buses", "a hospital's wards",
    "a school canteen", "a fishing harbour", "a wind farm", "waste collection", "a quarry",
    "a theatre", "a language school", "a ski resort", "forestry", "a vineyard", "a dairy",
    "a chemical plant", "a steel rolling mill", "a paper mill", "a bakery chain",
    "a furniture maker",
    "an airline's cargo", "railway freight", "a parcel service", "a warehouse", "a data centre",
    "a telephone network", "solar panels and batteries", "district heating", "a water works",
    "irrigation", "a cattle farm", "a fish farm", "a seed trader", "a pension fund", "a small bank",
    "a lottery for charity", "an advertising agency", "a film crew", "a research laboratory",
    "a blood bank", "a pharmacy", "a disaster relief depot", "a military supply column", "a zoo",
    "a botanical garden", "a football club", "a cruise ship", "a hotel", "a campsite",
    "a road works office", "a bridge yard", "a shipyard", "a car body shop", "an electronics plant",
    "a shoe factory", "a dye works", "a glass works", "a space mission", "an oil blending station",
)  # fmt: skip
"""Sixty of them."""
