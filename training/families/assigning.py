"""Assignment: who does what, at the least cost or time, or with the best scores."""

from __future__ import annotations

from optiwright.formulators.phrases import listing, uncapitalised
from optiwright.training.families import family
from optiwright.training.families.places import counted, people
from optiwright.training.speech import Quantity
from optiwright.training.story import Story
from optiwright.training.things import Thing, things

_SCENES = (
    ("A repair shop", "mechanic", "job", "does", "brakes, gearbox, paintwork, wiring", "hours"),
    (
        "A translation office",
        "translator",
        "text",
        "translates",
        "contract, manual, novel, leaflet",
        "days",
    ),
    (
        "A swimming club",
        "swimmer",
        "leg",
        "swims",
        "butterfly, backstroke, freestyle, breaststroke",
        "seconds",
    ),
    ("A law firm", "lawyer", "case", "takes", "merger, tenancy, patent, estate", "hours"),
    ("A school", "teacher", "course", "teaches", "algebra, geography, music, biology", "score"),
    ("A kitchen", "cook", "dish", "prepares", "soup, roast, salad, dessert", "minutes"),
    (
        "A design agency",
        "designer",
        "project",
        "leads",
        "logo, website, catalogue, poster",
        "money",
    ),
    ("A surveying firm", "surveyor", "site", "surveys", "dam, bridge, tunnel, harbour", "money"),
    ("A hospital", "nurse", "ward", "covers", "surgery, maternity, intake, dialysis", "score"),
    ("A theatre", "actor", "role", "plays", "king, jester, captain, widow", "score"),
)


@family("assignment")
def assignment(s: Story) -> None:
    """One task for each, or more people than tasks; barred pairs, one of two, both or none."""
    who, person, task, does, names, measure = s.pick(*_SCENES)
    worker, work, speech = Thing(person), Thing(task), s.speech
    jobs = s.pick(2, 3, 3, 3, 4)
    spare = s.pick(0, 0, 1) if jobs > 2 else s.pick(0, 1, 1)
    team = people(s, min(jobs + spare, 4))
    tasks = s.some(things(names.split(", ")), min(jobs, len(team)))
    unbalanced = len(team) > len(tasks)
    pairs = [(p, t) for p in team for t in tasks]
    values: dict[tuple[Thing, Thing], Quantity] = {}
    for pair in pairs:
        match measure:
            case "score":
                values[pair] = speech.plain(s.step(3, 10, s.pick(1, 0.5)))
            case "money":
                values[pair] = speech.money(s.step(120, 900, 10))
            case "hours" | "days":
                values[pair] = speech.amount(s.step(2, 15, s.pick(1, 1, 0.5)), measure)
            case _:
                values[pair] = speech.amount(s.step(20, 75), measure)
    best = measure == "score"
    s.set("People", team, worker.plural)
    s.set("Tasks", tasks, work.plural)
    noun = {"score": "score", "money": "cost"}.get(measure, measure)
    s.table("value", "People, Tasks", values, f"{noun} of a {worker} with a {work}")
    s.decide("does", lambda p, t: f"1 if {p} {does} the {t}", over="p in People, t in Tasks",
             kind="binary")  # fmt: skip
    s.total("load", "sum(does[p, t] for t in Tasks)", lambda p: f"{work.plural} of {p}",
            over="p in People")  # fmt: skip
    s.total("staff", "sum(does[p, t] for p in People)", lambda t: f"{worker.plural} for the {t}",
            over="t in Tasks")  # fmt: skip
    s.total("total", "sum(value[p, t]*does[p, t] for p in People for t in Tasks)",
            f"{noun} in all", flat=lambda: f"total {noun}")  # fmt: skip
    s.scene = s.pick(
        f"{who} has {counted(len(team), worker)} and {counted(len(tasks), work)} to give out",
        f"{who} must give {counted(len(tasks), work)} to {counted(len(team), worker)}",
        f"The {worker.plural} {listing(p.one for p in team)} are to share "
        f"{counted(len(tasks), work)} at {uncapitalised(who)}",
    )
    _grid(s, team, tasks, values, measure, worker)
    if unbalanced:
        one = s.state(
            f"Each {work} needs exactly one {worker}, and no {worker} takes more than one",
            f"Every {work} goes to one {worker}; nobody gets more than one of them",
            f"A {worker} can take at most one {work}, and each {work} must be taken",
        )
    else:
        one = s.state(
            f"Each {worker} takes exactly one {work}, and each {work} goes to one {worker}",
            f"Everybody gets one {work}, and every {work} is given to one {worker}",
            f"One {work} is to be given to each {worker}",
        )
    s.rule("one_each", f"load[p] {'<=' if unbalanced else '=='} 1", over="p in People", comment=one)
    s.rule(
        "all_done", "staff[t] == 1", over="t in Tasks", comment=f"every {work} goes to one {worker}"
    )
    _exceptions(s, team, tasks, does, unbalanced)
    if best:
        goal = s.pick("highest total score", "best total score", "greatest sum of scores")
        s.aim("maximize", "total", goal)
    else:
        goal = f"least total {'cost' if measure == 'money' else 'time'}"
        s.aim("minimize", "total", goal)
    s.question = s.pick(f"Who should take which {work} for the {goal}?",
                        f"Which assignment has the {goal}?",
                        f"Find the assignment with the {goal}")  # fmt: skip
    s.ask(lambda p, t: f"whether {p} {does} the {t}", "does[p, t]", "p in People, t in Tasks")
    s.ask(goal, "objective")
    s.distract(f"The {who.split(' ', 1)[1]} has existed for {s.step(5, 60):g} years",
               f"{team[0]} has been with the team since {s.step(1998, 2022):g}")  # fmt: skip


def _grid(
    s: Story,
    team: list[Thing],
    tasks: list[Thing],
    values: dict[tuple[Thing, Thing], Quantity],
    measure: str,
    worker: Thing,
) -> None:
    if measure == "score":
        title = s.pick("Suitability score", "Rating")
        say = s.pick(lambda p, parts: f"{p} is rated {parts}",
                     lambda p, parts: f"The ratings of {p} are {parts}")  # fmt: skip
    elif measure == "money":
        title = s.pick("Cost", "Fee")
        say = s.pick(lambda p, parts: f"{p} charges {parts}",
                     lambda p, parts: f"The fee of {p} would be {parts}")  # fmt: skip
    else:
        title = "Time"
        say = s.pick(lambda p, parts: f"{p} takes {parts}",
                     lambda p, parts: f"{p} would need {parts}")  # fmt: skip
    s.grid(
        worker.one, team, tasks, values, title=title, say=say, part=lambda q, t: f"{q} for the {t}"
    )


def _exceptions(
    s: Story, team: list[Thing], tasks: list[Thing], does: str, unbalanced: bool
) -> None:
    """Perhaps bar a pair, or bind two people to a task; one plan at least is left."""
    plan = dict(zip(tasks, s.draw.sample(team, len(tasks)), strict=True))
    other = [(p, t) for p in team for t in tasks if plan[t] != p]
    if s.chance(0.45):
        p, t = s.pick(*other)
        s.rule("barred", f'does["{p}", "{t}"] == 0', f"{p} cannot take the {t}",
               f"{p} is not trained for the {t}", f"The {t} must not go to {p}")  # fmt: skip
    if s.chance(0.3) and len(tasks) > 2:
        t = s.pick(*tasks)
        a, b = plan[t], s.pick(*(p for p in team if p != plan[t]))
        a, b = (a, b) if s.chance(0.5) else (b, a)
        s.rule("either", f'does["{a}", "{t}"] + does["{b}", "{t}"] == 1',
               f"The {t} must go to {a} or {b}", f"Only {a} or {b} may take the {t}",
               f"Either {a} or {b} {does} the {t}")  # fmt: skip
    idle = [p for p in team if p not in plan.values()]
    if unbalanced and s.chance(0.4):
        busy = s.pick(*plan.values())
        s.rule("must_work", f'load["{busy}"] == 1', f"{busy} must get something to do",
               f"{busy} cannot be left out")  # fmt: skip
    elif unbalanced and idle and s.chance(0.4):
        a, b = idle[0], s.pick(*plan.values())
        s.rule(
            "not_both",
            f'load["{a}"] + load["{b}"] <= 1',
            f"{a} and {b} cannot both be used",
            f"At most one of {a} and {b} may be chosen",
        )


_FLEETS = (
    ("A taxi dispatcher", "driver", "fare"),
    ("A tutoring service", "tutor", "pupil"),
    ("A removals firm", "crew leader", "move"),
    ("A cleaning firm", "cleaner", "office"),
    ("An inspection office", "inspector", "plant"),
    ("A bicycle courier", "rider", "parcel"),
    ("A veterinary practice", "vet", "farm"),
)


@family("assignment")
def several_each(s: Story) -> None:
    """More tasks than people, each of whom can take some; hours within each person's limit."""
    who, person, task = s.pick(*_FLEETS)
    worker, work, speech = Thing(person), Thing(task), s.speech
    team = people(s, s.pick(2, 2, 3))
    tasks = [Thing(f"{task} {c}") for c in "ABCDE"[: s.pick(3, 4)]]
    unit = s.pick("hours", "minutes")
    low, high, step = (1, 8, 0.5) if unit == "hours" else (15, 90, 5)
    time = {(p, t): s.step(low, high, step) for p in team for t in tasks}
    plan = {t: team[n % len(team)] for n, t in enumerate(s.draw.sample(tasks, len(tasks)))}
    told = {k: speech.amount(v, unit) for k, v in time.items()}
    s.set("People", team, worker.plural)
    s.set("Tasks", tasks, work.plural)
    s.table("time", "People, Tasks", told, f"{unit} of a {worker} with a {work}", unit)
    s.decide("does", lambda p, t: f"1 if {p} gets {t}", over="p in People, t in Tasks",
             kind="binary")  # fmt: skip
    counts, least = s.chance(0.6), s.chance(0.4)
    if counts or least:
        s.total("load", "sum(does[p, t] for t in Tasks)", lambda p: f"{work.plural} of {p}",
                over="p in People", flat=lambda p: f"load {p}")  # fmt: skip
    s.total("busy", "sum(time[p, t]*does[p, t] for t in Tasks)", lambda p: f"{unit} of {p}",
            over="p in People", flat=lambda p: f"time {p}")  # fmt: skip
    s.scene = s.pick(f"{who} has {counted(len(team), worker)} for {counted(len(tasks), work)}",
                     f"{who} hands out {counted(len(tasks), work)} to "
                     f"{counted(len(team), worker)}")  # fmt: skip
    s.grid(worker.one, team, tasks, told, title="Time",
           say=s.pick(lambda p, parts: f"{p} needs {parts}", lambda p, parts: f"{p} takes {parts}"),
           part=lambda q, t: f"{q} for {t}")  # fmt: skip
    said = s.state(
        f"Each {work} goes to exactly one {worker}",
        f"Every {work} must be taken by one {worker}",
        f"No {work} may be left out or given twice",
    )
    s.rule("all_done", "sum(does[p, t] for p in People) == 1", over="t in Tasks", comment=said)
    loads = [sum(1 for t in tasks if plan[t] == p) for p in team]
    if counts:
        limit = s.number("most", speech.count(max(*loads, 2)), "most for one")
        said = s.state(f"Nobody can take more than {limit}",
                       f"A {worker} gets at most {limit} of them",
                       f"No {worker} may have more than {limit} {work.plural}")  # fmt: skip
        s.rule("load_limit", "load[p] <= most", over="p in People", comment=said)
    else:
        hours = max(sum(time[p, t] for t in tasks if plan[t] == p) for p in team)
        limit = s.number("longest", speech.amount(hours, unit), f"most {unit} of one", unit)
        said = s.state(f"Nobody may work longer than {limit}",
                       f"Each {worker} has {limit} at most")  # fmt: skip
        s.rule("time_limit", "busy[p] <= longest", over="p in People", comment=said)
    if least:
        said = s.state(f"Everybody must get at least one {work}",
                       f"No {worker} may be left without {work.a}")  # fmt: skip
        s.rule("least_load", "load[p] >= 1", over="p in People", comment=said)
    if s.chance(0.4):
        t = s.pick(*tasks)
        p = s.pick(*(q for q in team if q != plan[t]))
        s.rule("barred", f'does["{p}", "{t}"] == 0', f"{p} cannot do {t}",
               f"{t.cap} may not be given to {p}")  # fmt: skip
    s.aim("minimize", "sum(busy[p] for p in People)", "least total time")
    s.question = s.pick("Who should do what to keep the total time as short as possible?",
                        f"How are the {work.plural} best shared out for the least total time?",
                        "Find the assignment with the shortest total time")  # fmt: skip
    s.ask("least total time", "objective")
    s.distract(
        f"The {who.split(' ', 1)[1]} charges by the hour",
        f"{team[0]} started {s.step(2, 20):g} months ago",
    )
