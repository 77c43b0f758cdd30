"""Rostering: who works on which day."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.families.places import counted, people
from optiwright.training.speech import plural
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing

_WORK = (
    ("A lifeguard post", "day", "Friday, Saturday, Sunday, Monday", "lifeguard"),
    ("A night pharmacy", "night", "Monday, Tuesday, Wednesday, Thursday", "pharmacist"),
    ("An information desk", "shift", "early, middle, late", "guide"),
    ("A ticket office", "day", "Thursday, Friday, Saturday, Sunday", "clerk"),
    ("A kennel", "day", "Saturday, Sunday, Monday, Tuesday", "keeper"),
    ("A radio station", "shift", "dawn, noon, dusk, midnight", "host"),
)


@family("rostering", aside=True)
def rostering(s: Story) -> None:
    """Enough people every day; least and most days of each, days off, wishes, consecutive days."""
    who, noun, names, staff = s.pick(*_WORK)
    speech, worker = s.speech, Thing(staff)
    shift = noun == "shift"
    days = [Thing(f"{n} shift" if shift else n) for n in names.split(", ")][: s.pick(3, 3, 4)]
    team = people(s, s.pick(3, 3, 4) if len(days) == 3 else 3)
    plan = {(p, d): s.chance(0.5) for p in team for d in days}
    for d in days:
        if not any(plan[p, d] for p in team):
            plan[s.pick(*team), d] = True
    for p in team:
        if all(plan[p, d] for d in days):
            free = [d for d in days if sum(plan[q, d] for q in team) > 1]
            plan[p, s.pick(*(free or days[:1]))] = False
    need = {d: max(1, sum(plan[p, d] for p in team)) for d in days}
    for d in days:
        if not any(plan[p, d] for p in team):
            plan[team[0], d] = True
    worked = {p: sum(plan[p, d] for d in days) for p in team}
    wages = s.chance(0.4)
    s.set("People", team, worker.plural)
    s.set("Days", days, f"{noun}s")
    told = {d: speech.count(x, worker.plural) for d, x in need.items()}
    s.table("need", "Days", told, f"{worker.plural} needed")
    s.decide("works", lambda p, d: f"1 if {p} works {_at(d, shift)}", over="p in People, d in Days",
             kind="binary")  # fmt: skip
    s.total("present", "sum(works[p, d] for p in People)",
            lambda d: f"{worker.plural} {_at(d, shift)}", over="d in Days")  # fmt: skip
    s.total("turns", "sum(works[p, d] for d in Days)", lambda p: f"{noun}s of {p}",
            over="p in People")  # fmt: skip
    s.scene = s.pick(
        f"{who} draws up the roster of {listing(p.one for p in team)} for "
        f"{listing(f'the {d}' if shift else d.one for d in days)}",
        f"{who} with {counted(len(team), worker)} plans {counted(len(days), Thing(noun))}",
    )
    if wages:
        pay = {p: speech.money(s.step(60, 180, 5)) for p in team}
        s.table("pay", "People", pay, f"pay for a {noun}")
        s.rows(worker.one, team, [Column(f"pay per {noun}", s.pick(f"is paid {{}} per {noun}",
               f"earns {{}} a {noun}"), list(pay.values()))], lambda p: p.one)  # fmt: skip
        s.total("cost", "sum(pay[p]*turns[p] for p in People)", "pay of all")
    else:
        wish = {(p, d): speech.plain(s.step(1, 9)) for p in team for d in days}
        s.table("wish", "People, Days", wish, f"points that somebody gives to a {noun}")
        s.grid(worker.one, team, days, wish, title="Points",
               say=s.pick(lambda p, parts: f"{p} gives {parts}",
                          lambda p, parts: f"The points of {p} are {parts}"),
               part=lambda q, d: f"{q} to {'the ' if shift else ''}{d}")  # fmt: skip
        s.fact(f"Everybody has given points to the {noun}s: the more points, the better liked",
               f"The points say how much somebody likes a {noun}")  # fmt: skip
        s.total("points", "sum(wish[p, d]*works[p, d] for p in People for d in Days)",
                "points of all turns")  # fmt: skip
    needs = s.pick("needs {}", "requires {}", "must have {}")
    s.rows(noun, days, [Column(f"{worker.plural} needed", needs, list(told.values()))],
           lambda d: f"The {d}" if shift else d.one)  # fmt: skip
    exact = not wages
    s.rule("enough", f"present[d] {'==' if exact else '>='} need[d]", over="d in Days",
           comment=lambda d: f"{'the ' if shift else ''}{d} needs {told[d]}",
           meaning=f"Every {noun} has as many as it needs")  # fmt: skip
    if exact:
        s.state(f"No {noun} may have more than it needs", "Nobody is to be there in excess of that",
                f"On no {noun} may there be more than needed")  # fmt: skip
    top = s.number("most", speech.count(max(worked.values()), f"{noun}s"), f"most {noun}s of one")
    said = s.state(f"Nobody works more than {top}", f"Each of them can work at most {top}",
                   f"The limit is {top} for each")  # fmt: skip
    s.rule("most_turns", "turns[p] <= most", over="p in People", comment=said)
    if min(worked.values()) and s.chance(0.6):
        one = f"one {plural(1, f'{noun}s')}"
        said = s.state(f"Everybody must work at least {one}", f"Nobody may work less than {one}")
        s.rule("least_turns", "turns[p] >= 1", over="p in People", comment=said)
    off = [(p, d) for p in team for d in days if not plan[p, d]]
    for p, d in s.some(off, min(len(off), s.pick(0, 1, 1, 2))):
        s.rule(
            f"off_{p}_{d.one.split()[0]}",
            f'works["{p}", "{d}"] == 0',
            f"{p} cannot work {_at(d, shift)}",
            f"{p} has asked not to work {_at(d, shift)}, which is granted",
            f"{_at(d, shift).capitalize().replace(d.one.lower(), d.one)}, {p} is away",
        )
    if s.chance(0.3):
        pairs = [(a, b) for a in team for b in team if a.one < b.one
                 and not any(plan[a, d] and plan[b, d] for d in days)]  # fmt: skip
        if pairs:
            a, b = s.pick(*pairs)
            said = s.state(f"{a} and {b} must not work at the same time",
                           f"{a} and {b} are never to be on duty together")  # fmt: skip
            s.rule(
                "apart", f'works["{a}", d] + works["{b}", d] <= 1', over="d in Days", comment=said
            )
    if wages:
        goal = "least total pay"
        s.aim("minimize", "cost", goal)
    else:
        goal = "most points"
        s.aim("maximize", "points", goal)
    s.question = s.pick(
        f"Who should work when, for the {goal}?",
        f"Find the roster with the {goal}",
        f"Which roster has the {goal}?",
    )
    s.ask(
        lambda p, d: f"whether {p} works {_at(d, shift)}", "works[p, d]", "p in People, d in Days"
    )
    s.ask(goal, "objective")
    s.distract(f"{team[0]} has worked there for {s.step(2, 20):g} years",
               f"A {noun} lasts {speech.amount(s.step(5, 9), 'hours')}")  # fmt: skip


def _at(day: Thing, shift: bool) -> str:
    return f"in the {day}" if shift else f"on {day}"
