"""Advertising: channels whose response grows ever more slowly."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_CAMPAIGNS = (
    ("A spa town advertises", "radio, posters, magazines, search ads", "guests"),
    ("A museum advertises its new wing", "newspapers, tram posters, social media, flyers",
     "visitors"),
    ("A seed company promotes its catalogue", "letters, fairs, web banners, farm radio", "orders"),
    ("A blood bank looks for donors", "cinema spots, billboards, mailings", "donors"),
    ("A charity raises support", "television, street stands, telephone, e-mail", "supporters"),
    ("A telephone company wins customers", "shops, online ads, sponsoring", "contracts"),
)  # fmt: skip


@family("advertising")
def channel_response(s: Story) -> None:
    """Money over channels with a response of a square root or a logarithm."""
    who, names, unit = s.pick(*_CAMPAIGNS)
    ways = s.some(things(names.split(", ")), 2, 4)
    speech = s.speech
    rooted = s.chance(0.6)
    s.set("Channels", ways, "channels")
    money = s.step(2000, 30000, 500)
    gain = {w: speech.plain(s.step(3, 20) if rooted else s.step(80, 600, 10)) for w in ways}
    s.table("gain", "Channels", gain, "factor of the response")
    columns = [Column("factor", "has a factor of {}", [gain[w] for w in ways])]
    if not rooted:
        base = {w: speech.plain(s.step(200, 1500, 100)) for w in ways}
        s.table("base", "Channels", base, "money at which the response slows down")
        columns.append(Column("divisor", "a divisor of {}", [base[w] for w in ways]))
    s.decide("spend", lambda w: f"money for {w}", over="w in Channels", unit="money",
             flat=lambda w: w.one)  # fmt: skip
    response = "gain[w]*sqrt(spend[w])" if rooted else "gain[w]*log(1 + spend[w]/base[w])"
    s.total("spending", "sum(spend[w] for w in Channels)", "money for all channels")
    s.total("won", f"sum({response} for w in Channels)", f"{unit} won", flat=lambda: unit)
    s.scene = f"{who} through {listing(w.one for w in ways)}"
    if rooted:
        s.fact(
            f"The number of {unit} that a channel wins is its factor times the square root of "
            "the money spent on it",
            f"A channel on which x is spent wins a * sqrt(x) {unit}, where a is its factor",
        )
    else:
        s.fact(f"The number of {unit} that a channel wins is its factor times the natural "
               "logarithm of one plus the money spent on it over its divisor",
               f"With x spent, a channel wins a * ln(1 + x/d) {unit}, with a its factor and d its "
               "divisor")  # fmt: skip
    s.rows("channel", ways, columns, lambda w: f"The channel {w}")
    value = s.chance(0.3)
    if value:
        root = sum(g.value**2 for g in gain.values()) if rooted else 0
        worth = (4 * money / root) ** 0.5 if rooted else money / sum(g.value for g in gain.values())
        each = s.number("each", speech.money(float(f"{max(0.5, worth * 1.2):.2g}")),
                        f"worth of one of the {unit}", "money")  # fmt: skip
        s.fact(f"Each of the {unit} is worth {each}", f"One of the {unit} brings {each}")
    budget = s.number("budget", speech.money(money), "budget", "money")
    s.rule("budget_limit", "spending <= budget", f"At most {budget} can be spent in all",
           f"The budget is {budget}", f"There is {budget} for all channels together")  # fmt: skip
    if s.chance(0.5):
        w = s.pick(*ways)
        low = s.number(
            "least", speech.money(round(money * s.pick(0.1, 0.2, 0.3))), f"least for {w}"
        )
        s.rule("floor", f'spend["{w}"] >= least', f"A contract binds at least {low} to {w}",
               f"No less than {low} must go to {w}")  # fmt: skip
    if s.chance(0.5):
        w = s.pick(*ways)
        cap = s.number("share", speech.share(s.pick(0.25, 0.35, 0.4, 0.5)), f"largest share of {w}")
        s.rule("cap", f'spend["{w}"] <= share*spending',
               f"At most {cap} of all that is spent may go to {w}",
               f"{w.cap} may take no more than {cap} of the spending")  # fmt: skip
    elif len(ways) > 2 and s.chance(0.6):
        a, b = s.some(ways, 2)
        s.rule("relation", f'spend["{a}"] >= spend["{b}"]',
               f"At least as much must be spent on {a} as on {b}",
               f"The money for {b} must not exceed that for {a}")  # fmt: skip
    if value:
        s.aim("maximize", "each*won - spending", "greatest worth after paying for the channels")
        s.question = s.pick(f"How much should be spent on each so that the worth of all {unit}, "
                            "less the spending, is greatest?",
                            f"Maximize what the {unit} are worth minus what is spent")  # fmt: skip
    else:
        s.aim("maximize", "won", f"most {unit}")
        s.question = s.pick(
            f"How should the money be divided to win the most {unit}?",
            f"What is the largest number of {unit} that can be won?",
            f"Find the spending on each channel that brings in the most {unit}",
        )
    s.ask(lambda w: f"money for {w}", "spend[w]", "w in Channels")
    s.distract("The campaign runs through autumn", "The agency has worked for them before")
