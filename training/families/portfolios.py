"""Portfolio: returns against variances and covariances."""

from __future__ import annotations

from dataclasses import replace

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.speech import Quantity
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, things

_SAVERS = (
    ("A foundation spreads its money over", "bond fund, equity fund, land fund, gold"),
    ("A pension fund divides its capital among", "telecom, railways, banks, timber"),
    ("A couple puts its savings into", "index fund, housing fund, water fund, treasury notes"),
    ("An insurer invests in", "Alta shares, Borea shares, Corvo shares, Delta shares"),
    ("A university's endowment is placed in", "shipping, solar, software, farmland"),
    ("A family office holds", "copper, silver, coffee, wheat"),
)


@family("portfolio")
def risk_and_return(s: Story) -> None:
    """Shares of several assets: least variance for a return, or best return for a variance."""
    who, names = s.pick(*_SAVERS)
    # "0,031" would be read as a thousand.
    s.speech = replace(s.speech, numbers="plain")
    assets = s.some(things(names.split(", ")), 2, 4)
    speech = s.speech
    s.set("Assets", assets, "assets")
    gains = {a: s.step(0.02, 0.14, 0.005) for a in assets}
    spread = {a: round(0.4 * gains[a] * s.step(0.8, 2.2, 0.1) + 0.05, 3) for a in assets}
    risk = {a: speech.plain(round(spread[a] ** 2 * 3, 3)) for a in assets}
    back = {a: speech.share(gains[a]) for a in assets}
    s.table("gain", "Assets", back, "expected return")
    s.table("variance", "Assets", risk, "variance of the return")
    pairs = [(a, b) for i, a in enumerate(assets) for b in assets[i + 1 :]]
    some = [p for p in pairs if len(pairs) <= 3 or s.chance(0.5)] if s.chance(0.75) else []
    both: dict[tuple[Thing, Thing], Quantity] = {}
    for a, b in some:
        value = (risk[a].value * risk[b].value) ** 0.5 * s.pick(-0.3, -0.1, 0.1, 0.2, 0.3)
        both[a, b] = speech.plain(round(value, 3) or 0.001)
    s.decide("share", lambda a: f"share of {a}", over="a in Assets", flat=lambda a: a.one)
    if some:
        s.set("Pairs", some, "pairs of assets that move together")
        s.table("covariance", "Pairs", both, "covariance of two returns")
    s.scene = f"{who} {listing(a.one for a in assets)}"
    s.rows(
        "asset",
        assets,
        [
            Column(
                "expected return",
                s.pick("has an expected return of {}", "is expected to return {}"),
                [back[a] for a in assets],
            ),
            Column(
                "variance",
                s.pick("has a variance of {}", "varies with a variance of {}"),
                [risk[a] for a in assets],
            ),
        ],
        lambda a: s.pick(a.cap, f"The asset {a}"),
    )
    if some:
        s.fact(f"The covariance is {listing(f'{both[a, b]} between {a} and {b}' for a, b in some)}"
               + (", all others are zero" if len(some) < len(pairs) else ""),
               f"Covariances{' other than zero' if len(some) < len(pairs) else ''}: "
               + listing(f"{a} with {b} {both[a, b]}" for a, b in some))  # fmt: skip
    else:
        s.fact("Their returns do not depend on each other", "All covariances are zero")
    cross = " + sum(2*covariance[a, b]*share[a]*share[b] for (a, b) in Pairs)" if some else ""
    s.total("invested", "sum(share[a] for a in Assets)", "all shares")
    s.total("expected", "sum(gain[a]*share[a] for a in Assets)", "expected return of all")
    s.total("risk", f"sum(variance[a]*share[a]**2 for a in Assets){cross}", "variance of all")
    s.rule("all", "invested == 1", "All the money is invested", "The shares add up to 100%",
           "Nothing is left uninvested")  # fmt: skip
    plan = [s.step(1, 5) for _ in assets]
    held = {a: p / sum(plan) for a, p in zip(assets, plan, strict=True)}
    mean = sum(gains[a] * held[a] for a in assets)
    var = sum(risk[a].value * held[a] ** 2 for a in assets)
    var += sum(2 * both[a, b].value * held[a] * held[b] for a, b in some)
    if s.chance(0.6):
        goal = max(0.01, round(mean - 0.001, 3))
        least = s.number("target", speech.share(goal), "least expected return")
        s.rule("return", "expected >= target", f"The expected return must be at least {least}",
               f"An expected return of {least} or more is wanted")  # fmt: skip
        s.aim("minimize", "risk", s.pick("least variance", "least risk"))
        s.question = s.pick(
            "Which shares have the least variance?",
            "How should the money be divided so that the risk, measured by the "
            "variance, is smallest?",
            "Find the portfolio of least variance",
        )
    else:
        cap = s.number("limit", speech.plain(round(var * 1.05 + 0.0005, 3)), "largest variance")
        s.rule("risk_limit", "risk <= limit", f"The variance of the whole must not exceed {cap}",
               f"A variance of more than {cap} is not accepted")  # fmt: skip
        s.aim("maximize", "expected", "greatest expected return")
        s.question = s.pick(
            "Which shares have the greatest expected return?",
            "How should the money be divided for the best expected return?",
        )
    if s.chance(0.5):
        most = round(max(held.values()) + 0.03, 2)
        cap = s.number("most", speech.share(most), "largest share")
        s.rule("spread", "share[a] <= most", over="a in Assets",
               comment=lambda a: f"at most {cap} in {a}",
               meaning=s.state(f"No more than {cap} may go into any one of them",
                               f"Each of them may take at most {cap} of the money"))  # fmt: skip
    if s.chance(0.4):
        a = s.pick(*assets)
        low = s.number("least", speech.share(max(0.01, round(held[a] * 0.8, 2))), f"least of {a}")
        s.rule("floor", f'share["{a}"] >= least', f"At least {low} must be put into {a}",
               f"{low} or more of the money must be in {a}")  # fmt: skip
    s.ask(lambda a: f"share of {a}", "share[a]", "a in Assets")
    s.distract("The money stays there for five years", "The bank asks no fees")
