"""Workforce: whom to hire and dismiss from period to period, and how much overtime to work."""

from __future__ import annotations

import math

from optiwright.formulators.phrases import uncapitalised
from optiwright.training.families import family
from optiwright.training.families.periods import on, periods
from optiwright.training.families.places import counted
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing

_FIRMS = (
    ("A ski resort", "lift attendants"),
    ("A call centre", "agents"),
    ("A cannery", "packers"),
    ("A shipyard", "welders"),
    ("A tax office", "clerks"),
    ("A fruit farm", "pickers"),
    ("A garment factory", "tailors"),
    ("A museum", "guides"),
)


@family("workforce")
def workforce(s: Story) -> None:
    """Staff carried over from period to period; hiring, dismissing, overtime, a least staff."""
    who, workers = s.pick(*_FIRMS)
    worker = Thing(workers[:-1])
    noun, times = periods(s, s.pick(2, 3, 3))
    while noun == "day":
        noun, times = periods(s, len(times))
    speech = s.speech
    hours = {
        "week": s.step(30, 42, 2),
        "month": s.step(140, 170, 10),
        "quarter": s.step(400, 480, 20),
    }
    per, begin = hours[noun], s.step(4, 30)
    staff = [max(2, begin + s.step(-4, 8)) for _ in times]
    extra = s.chance(0.6)
    step = 10 if per < 100 else 50
    needs = {t: speech.amount(math.floor(n * per * (0.9 + 0.12 * extra * s.draw.random()) / step)
             * step, "hours") for t, n in zip(times, staff, strict=True)}  # fmt: skip
    wage_of = round(per * s.step(12, 30) / 10) * 10
    s.set("Periods", times, f"{noun}s in their order")
    s.table("need", "Periods", needs, "hours of work needed", "hours")
    each = s.number("each", speech.amount(per, "hours"), f"hours of one {worker}", "hours")
    opening = s.number("opening", speech.count(begin, workers), f"{workers} at the start")
    wage = s.number("wage", speech.money(wage_of), f"wage of one {worker} for a {noun}")
    hire = s.number("hiring", speech.money(s.step(200, 1500, 50)), f"cost of hiring one {worker}")
    fire = s.number(
        "leaving", speech.money(s.step(200, 2000, 50)), f"cost of dismissing one {worker}"
    )
    s.decide("hire", lambda t: f"{workers} hired at the start of {t}", over="t in Periods",
             kind="integer", flat=lambda t: f"hire {t}")  # fmt: skip
    s.decide("dismiss", lambda t: f"{workers} dismissed at the start of {t}", over="t in Periods",
             kind="integer", flat=lambda t: f"dismiss {t}")  # fmt: skip
    if extra:
        pay = s.number(
            "rate",
            speech.money(round(wage_of / per * s.pick(1.5, 1.8, 2.0))),
            "pay of an hour of overtime",
        )
        most = s.number("longest", speech.amount(round(per * s.pick(0.1, 0.2)), "hours"),
                        f"most overtime of one {worker}", "hours")  # fmt: skip
        s.decide("overtime", lambda t: f"hours of overtime in {t}", over="t in Periods",
                 flat=lambda t: f"overtime {t}", unit="hours")  # fmt: skip
    s.total("staff", "(opening if t == first(Periods) else staff[prev(t)]) + hire[t] - dismiss[t]",
            lambda t: f"{workers} in {t}: those before plus hired less dismissed",
            over="t in Periods", flat=lambda t: f"staff {t}", carried=True)  # fmt: skip
    s.total("work", f"each*staff[t]{' + overtime[t]' if extra else ''}",
            lambda t: f"hours worked in {t}", over="t in Periods",
            flat=lambda t: f"work {t}")  # fmt: skip
    s.total("wages", "wage*sum(staff[t] for t in Periods)", "wages")
    s.total(
        "changes",
        "hiring*sum(hire[t] for t in Periods) + leaving*sum(dismiss[t] for t in Periods)",
        "cost of hiring and dismissing",
    )
    if extra:
        s.total("overtime_pay", "rate*sum(overtime[t] for t in Periods)", "pay for overtime")
    span = counted(len(times), Thing(noun))
    s.scene = s.pick(
        f"{who} plans how many {workers} to employ over {span}",
        f"{who} plans its staff of {workers} for the next {span}",
        f"The work of the {workers} at {uncapitalised(who)} varies over the next {span}",
    )
    s.rows(noun, times, [Column("work needed", s.pick("{} of work are needed",
           "there are {} of work to do", "the work amounts to {}"), list(needs.values()))],
           lambda t: on(noun, t))  # fmt: skip
    s.fact(
        f"At present there are {opening}, each of whom works {each} in a {noun} for {wage}",
        f"It begins with {opening}; each works {each} per {noun} and is paid {wage} for it",
        f"There are {opening} to begin with. A {worker} works {each} per {noun} and earns {wage} "
        f"in that time",
    )
    s.fact(f"Hiring one {worker} costs {hire}, dismissing one costs {fire}",
           f"It costs {hire} to hire {worker.a} and {fire} to dismiss one")  # fmt: skip
    said = s.state("All work must be done in its "
                   f"{noun}", f"The hours worked must cover what is needed in every {noun}",
                   "No work may be put off")  # fmt: skip
    s.rule("work_done", "work[t] >= need[t]", over="t in Periods", meaning=said,
           comment=lambda t: f"the {needs[t]} of {t} are worked")  # fmt: skip
    if extra:
        said = s.state(
            f"Overtime is paid at {pay} an hour, and nobody works more than {most} of it "
            f"in a {noun}",
            f"Each {worker} can add up to {most} of overtime per {noun} at {pay} an hour",
        )
        s.rule(
            "overtime_limit", "overtime[t] <= longest*staff[t]", over="t in Periods", comment=said
        )
    if s.chance(0.4):
        top = max(
            1, round(max(max(0, b - a) for a, b in zip([begin, *staff], staff, strict=False)))
        )
        limit = s.number("most_hired", speech.count(top, workers), "most hired at once")
        said = s.state(
            f"At most {limit} can be hired in a {noun}",
            f"No more than {limit} can be taken on in any {noun}",
        )
        s.rule("hire_limit", "hire[t] <= most_hired", over="t in Periods", comment=said)
    if s.chance(0.4):
        end = s.number("closing", speech.count(staff[-1], workers), f"least {workers} at the end")
        s.rule("end_staff", "staff[last(Periods)] >= closing",
               f"There must be at least {end} in {times[-1]}",
               f"In {times[-1]}, no fewer than {end} should be employed")  # fmt: skip
    parts = "wages, changes and overtime" if extra else "wages and changes of staff"
    s.aim(
        "minimize", f"wages + changes{' + overtime_pay' if extra else ''}", f"least cost of {parts}"
    )
    s.question = s.pick(f"How many {workers} should be hired and dismissed in each {noun} at the "
                        "least total cost?", "Find the cheapest plan for the staff",
                        f"Which plan has the least total cost of {parts}?")  # fmt: skip
    s.ask(lambda t: f"{workers} to be hired in {t}", "hire[t]", "t in Periods")
    s.ask("least total cost", "objective")
    s.distract(f"A new {worker} is trained by an older one",
               f"About {s.step(5, 30):g}% of the {workers} come by bicycle")  # fmt: skip
