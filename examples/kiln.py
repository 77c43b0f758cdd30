"""A kiln's settings: a simulation that no formula describes. At most 200 evaluations."""

bounds = {"heat": (900, 1250), "hours": range(2, 13), "glaze": ["ash", "tin"]}


def loss(heat: float, hours: int, glaze: str) -> float:
    """Minimise the share of pots that crack or stay dull."""
    dull = 1.0
    for hour in range(hours):
        rise = min(1.0, (hour + 1) / 4)  # the kiln heats up over four hours
        dull *= 1 - rise * max(0.0, heat - 880) / (1500 if glaze == "ash" else 1900)
    crack = max(0.0, (heat - 1120) / 400) ** 2 + 0.012 * hours
    return dull + crack * (1.0 if glaze == "ash" else 0.7)


def constraint_fuel(heat: float, hours: int, glaze: str) -> float:
    """Fuel, which has to be <= 9000."""
    return heat * hours
