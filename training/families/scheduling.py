"""Scheduling: jobs over machines, and the order of jobs on one machine."""

from __future__ import annotations

import itertools

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.families.places import counted, marked
from optiwright.training.speech import plural
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, things

_SHOPS = (
    ("A sawmill", "saw", "log pile", "hours", "cuts"),
    ("A print shop", "press/presses", "order", "minutes", "prints"),
    ("A data centre", "server", "batch/batches", "minutes", "processes"),
    ("A dental laboratory", "milling unit", "crown", "minutes", "mills"),
    ("A port", "crane", "ship", "hours", "unloads"),
    ("A laundry", "dryer", "load", "minutes", "dries"),
    ("A film studio", "cutting room", "film", "days", "cuts"),
    ("A car painter", "cabin", "van", "hours", "paints"),
)


@family("machine loading")
def machine_loading(s: Story) -> None:
    """Jobs over machines, the last to finish as early as possible; pairs apart, barred machines."""
    who, tool, piece, unit, does = s.pick(*_SHOPS)
    machine, job, speech = Thing(*tool.split("/")), Thing(*piece.split("/")), s.speech
    count, jobs = s.pick((2, 3), (2, 4), (2, 4), (2, 5), (3, 4))
    machines = marked(s, machine.one, count)
    work = [Thing(f"{job} {n}") for n in ("12345" if "A" in machines[0].one else "PQRST")[:jobs]]
    low, high, step = {"hours": (2, 12, 0.5), "days": (2, 15, 1), "minutes": (10, 95, 5)}[unit]
    same = s.chance(0.5)
    plan = {j: s.pick(*machines) for j in work}
    s.set("Jobs", work, job.plural)
    s.set("Machines", machines, machine.plural)
    if same:
        time = {j: speech.amount(s.step(low, high, step), unit) for j in work}
        s.table("time", "Jobs", time, f"{unit} of a {job}", unit)
    else:
        each = {
            (j, m): speech.amount(s.step(low, high, step), unit) for j in work for m in machines
        }
        s.table("time", "Jobs, Machines", each, f"{unit} of a {job} on a {machine}", unit)
    s.decide("put", lambda j, m: f"1 if {j} goes to {m}", over="j in Jobs, m in Machines",
             kind="binary")  # fmt: skip
    s.decide("finish", f"{unit} until the last {machine} is done", unit=unit)
    s.total("busy", f"sum(time[j{'' if same else ', m'}]*put[j, m] for j in Jobs)",
            lambda m: f"{unit} of {m}", over="m in Machines")  # fmt: skip
    alike = "identical " if same else ""
    s.scene = s.pick(
        f"{who} has to share out {counted(jobs, job)} among "
        f"{counted(count, Thing(alike + machine.one, alike + machine.plural))}",
        f"{who} {does} {counted(jobs, job)} on "
        f"{counted(count, Thing(alike + machine.one, alike + machine.plural))}",
    )
    if same:
        s.rows(
            job.one,
            work,
            [Column("time", s.pick("takes {}", "needs {}"), list(time.values()))],
            lambda j: j.cap,
        )
    else:
        s.grid(
            job.one,
            work,
            machines,
            each,
            title="Time",
            say=s.pick(
                lambda j, parts: f"{j.cap} takes {parts}",
                lambda j, parts: f"{j.cap} would need {parts}",
            ),
            part=lambda q, m: f"{q} on {m}",
        )
    said = s.state(f"Each {job} goes to exactly one {machine}",
                   f"No {job} can be divided between {machine.plural}, and none may be left out",
                   f"Every {job} is done on a single {machine}")  # fmt: skip
    s.rule("all_done", "sum(put[j, m] for m in Machines) == 1", over="j in Jobs", comment=said)
    s.rule("last", "busy[m] <= finish", over="m in Machines",
           comment=f"every {machine} is done by the finish")  # fmt: skip
    apart = [(a, b) for a, b in itertools.combinations(work, 2) if plan[a] != plan[b]]
    if apart and s.chance(0.35):
        a, b = s.pick(*apart)
        said = s.state(f"{a.cap} and {b} must not go to the same {machine}",
                       f"{a.cap} and {b} have to be on different {machine.plural}")  # fmt: skip
        s.rule("apart", f'put["{a}", m] + put["{b}", m] <= 1', over="m in Machines", comment=said)
    if s.chance(0.35):
        j = s.pick(*work)
        m = s.pick(*(m for m in machines if m != plan[j]))
        s.rule("barred", f'put["{j}", "{m}"] == 0', f"{j.cap} does not fit on {m}",
               f"{j.cap} cannot be done on {m}")  # fmt: skip
    elif s.chance(0.3):
        most = max(sum(1 for j in work if plan[j] == m) for m in machines)
        limit = s.number("most", speech.count(max(2, most), job.plural), f"most {job.plural}")
        said = s.state(f"No {machine} can take more than {limit}",
                       f"At most {limit} can go to one {machine}")  # fmt: skip
        s.rule("count", "sum(put[j, m] for j in Jobs) <= most", over="m in Machines", comment=said)
    s.aim("minimize", "finish", f"earliest finish of all {job.plural}")
    s.question = s.pick(
        f"How soon can all {job.plural} be finished at best?",
        f"Which {job} should go where so that everything is done as early as possible?",
        f"Share them out so that the busiest {machine} finishes as soon as it can",
    )
    s.ask(f"{unit} until everything is done", "objective")
    s.distract(
        f"The {machine.plural} were serviced {s.step(2, 20):g} days ago",
        f"The {who.split(' ', 1)[1]} works on {s.step(220, 300, 5):g} days a year",
    )


_SINGLE = (
    ("A baker has one oven for", "wedding cake, bread order, pastry order, pie order", "hours"),
    ("An engraver works alone on", "trophy, plaque, ring, medal", "hours"),
    ("A single crane unloads", "barge, ferry, tanker, trawler", "hours"),
    ("A piano tuner has to see to", "grand piano, upright piano, harpsichord, organ", "hours"),
    ("One test bench is used for", "gearbox, motor, turbine, compressor", "days"),
    ("A court interpreter is booked for", "hearing, deposition, trial, appeal", "days"),
    ("A lone carpenter builds", "wardrobe, staircase, table, bookcase", "days"),
)


def _lateness(times: list[float], ready: list[float], dates: list[float]) -> float:
    """Return the least lateness in all, over every order of the jobs."""
    found = []
    for order in itertools.permutations(range(len(times))):
        now = late = 0.0
        for n in order:
            now = max(now, ready[n]) + times[n]
            late += max(0.0, now - dates[n])
        found.append(late)
    return min(found)


@family("job sequencing")
def one_machine(s: Story) -> None:
    """Three jobs one after the other; release times; least weighted finish, lateness or finish."""
    who, names, unit = s.pick(*_SINGLE)
    speech = s.speech
    jobs = s.some(things(names.split(", ")), 3)
    last = [s.step(2, 9) for _ in jobs]
    duration = {j: speech.amount(x, unit) for j, x in zip(jobs, last, strict=True)}
    kind = s.pick("weighted", "late", "late", "plain")
    released = kind == "plain" or s.chance(0.5)
    pairs = list(itertools.combinations(jobs, 2))
    s.set("Jobs", jobs, "jobs")
    s.set("Pairs", pairs, "pairs of jobs")
    s.table("duration", "Jobs", duration, f"{unit} that a job takes", unit)
    columns = [Column("duration", s.pick("takes {}", "needs {}"), list(duration.values()))]
    short = plural(1, unit)
    if released:
        open_at = [s.step(0, 8) for _ in jobs]
        open_at = open_at if any(open_at) else [1, *open_at[1:]]
        begin = {j: speech.amount(x, "") for j, x in zip(jobs, open_at, strict=True)}
        s.table("release", "Jobs", begin, f"{short} before which a job cannot begin", unit)
        columns.append(Column(f"earliest start ({short})", f"cannot begin before {short} {{}}",
                              list(begin.values())))  # fmt: skip
    if kind == "late":
        ready = open_at if released else [0.0, 0.0, 0.0]
        dates = [max(last[n], s.step(3, sum(last))) + ready[n] // 2 for n in range(3)]
        while not _lateness(last, ready, dates):
            dates[dates.index(max(dates))] -= 1
        due = {j: speech.amount(x, "") for j, x in zip(jobs, dates, strict=True)}
        s.table("due", "Jobs", due, f"{short} by which a job is due", unit)
        columns.append(Column(f"due ({short})", f"is due by {short} {{}}", list(due.values())))
    if kind != "plain" and s.chance(0.6):
        weight = {j: speech.money(s.step(10, 90, 5)) for j in jobs}
        s.table("weight", "Jobs", weight, f"cost of one {short}")
        what = "of delay beyond that" if kind == "late" else "until it is finished"
        columns.append(
            Column(
                f"cost per {short} {'late' if kind == 'late' else 'until finished'}",
                f"costs {{}} for every {short} {what}",
                list(weight.values()),
            )
        )
        times = "weight[j]*"
    else:
        times = ""
    s.decide("start", lambda j: f"{short} at which the {j} begins", over="j in Jobs",
             flat=lambda j: f"start {j}", unit=unit)  # fmt: skip
    s.decide(
        "before",
        lambda a, b: f"1 if the {a} comes before the {b}, 0 if after it",
        over="(a, b) in Pairs",
        kind="binary",
        flat=lambda a, b: f"{a} before {b}",
    )
    if kind == "late":
        s.decide("late", lambda j: f"{unit} by which the {j} is late", over="j in Jobs",
                 flat=lambda j: f"late {j}", unit=unit)  # fmt: skip
    if kind == "plain":
        s.decide("finish", f"{short} at which everything is done", unit=unit)
    s.total("end", "start[j] + duration[j]", lambda j: f"{short} at which the {j} is finished",
            over="j in Jobs", flat=lambda j: f"end {j}")  # fmt: skip
    s.total("horizon", "sum(duration[j] for j in Jobs)"
            + (" + sum(release[j] for j in Jobs)" if released else ""),
            f"{unit} in which everything can be done, in any order")  # fmt: skip
    s.scene = f"{who} {counted(3, Thing('job'))}: {listing(j.a for j in jobs)}"
    s.rows("job", jobs, columns, lambda j: f"The {j}")
    said = s.state(
        "Only one job can be done at a time, without interruption",
        "The jobs are done one after the other and are never interrupted",
        "No two jobs can be worked on at once; a job that has begun is finished first",
    )
    s.rule("order", "end[a] <= start[b] + horizon*(1 - before[a, b])", over="(a, b) in Pairs",
           comment=said)  # fmt: skip
    s.rule("other_order", "end[b] <= start[a] + horizon*before[a, b]", over="(a, b) in Pairs",
           comment="of two jobs, one comes first")  # fmt: skip
    if released:
        s.rule("released", "start[j] >= release[j]", over="j in Jobs",
               comment=lambda j: f"the {j} cannot begin before {short} {begin[j]}",
               meaning="No job begins before it can")  # fmt: skip
    if kind == "late":
        s.rule("lateness", "late[j] >= end[j] - due[j]", over="j in Jobs",
               comment=lambda j: f"the {j} is late beyond {short} {due[j]}",
               meaning="A job is late by what its end exceeds its due time")  # fmt: skip
        goal = f"least {'cost of lateness' if times else f'total lateness in {unit}'}"
        s.total("lateness", f"sum({times}late[j] for j in Jobs)",
                "cost of lateness" if times else f"{unit} of lateness in all")  # fmt: skip
        s.aim("minimize", "lateness", goal)
    elif kind == "weighted":
        goal = "least cost of all finishing times" if times else "least sum of the finishing times"
        s.total(
            "finishing",
            f"sum({times}end[j] for j in Jobs)",
            "cost of all finishing times" if times else "sum of the finishing times",
        )
        s.aim("minimize", "finishing", goal)
    else:
        goal = "earliest end of everything"
        s.rule(
            "last", "end[j] <= finish", over="j in Jobs", comment="everything is done by the finish"
        )
        s.aim("minimize", "finish", goal)
    if s.chance(0.25):
        a, b = s.pick(*pairs)
        s.rule("fixed", f'before["{a}", "{b}"] == 1', f"The {a} must come before the {b}",
               f"The {b} can only follow after the {a}")  # fmt: skip
    zero = f"Time is counted in {unit} from {short} 0"
    s.fact(zero, f"Work can begin at {short} 0")
    s.question = s.pick(
        f"In which order should they be done for the {goal}?",
        f"When should each begin, for the {goal}?",
        f"Find the schedule with the {goal}",
    )
    s.ask(lambda j: f"start of the {j}", "start[j]", "j in Jobs")
    s.ask(goal, "objective")
    s.distract(f"There were {s.step(4, 12):g} jobs last time")
