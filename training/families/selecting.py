"""Selecting: projects within yearly budgets, and members of a team."""

from __future__ import annotations

import itertools

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.families.places import counted, people
from optiwright.training.speech import Quantity
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, article, things

_OWNERS = (
    ("A town council", "pool, library, playground, tram stop, skate park, bandstand", "benefit"),
    ("A chemicals firm", "reactor, pipeline, filter plant, laboratory, tank farm", "net value"),
    ("A film company", "western, comedy, thriller, documentary, cartoon", "profit"),
    ("A university", "telescope, archive, greenhouse, wind tunnel, clean room", "benefit"),
    ("A ski area", "chairlift, snow cannon, toboggan run, ice rink, lodge", "profit"),
    ("A software house", "chat app, map service, game, payment tool, search engine", "net value"),
    ("A port authority", "quay, crane, cold store, rail link, dry dock", "net value"),
    ("A foundation", "clinic, school, well, bridge, orchard", "benefit"),
)


@family("project selection")
def project_selection(s: Story) -> None:
    """Projects with values and yearly costs; dependence, exclusion, counts, at least one of two."""
    who, names, gain = s.pick(*_OWNERS)
    speech = s.speech
    projects = s.some(things(names.split(", ")), s.pick(3, 4, 4), 5)
    years = [Thing(f"year {n}") for n in range(1, s.pick(1, 2, 2, 3) + 1)]
    scale = s.pick(1000, 1000, 5000, 10000, 1)
    chosen = [p for p in projects if s.chance(0.55)] or projects[:1]
    chosen = chosen[:-1] if len(chosen) == len(projects) else chosen
    spend = {(p, y): s.step(4, 60) * scale for p in projects for y in years}
    value = {
        p: speech.money(
            round(sum(spend[p, y] for y in years) / scale * (1.1 + s.draw.random())) * scale
        )
        for p in projects
    }
    cost = {k: speech.money(v) for k, v in spend.items()}
    needed = {y: sum(spend[p, y] for p in chosen) for y in years}
    budget = {
        y: speech.money(max(needed[y], s.pick(1, 1.1) * needed[y] // scale * scale)) for y in years
    }
    s.set("Projects", projects, "projects")
    s.set("Years", years, "years")
    s.table("value", "Projects", value, f"{gain} of a project")
    s.table("cost", "Projects, Years", cost, "cost of a project in a year")
    s.table("budget", "Years", budget, "budget of a year")
    s.decide("take", lambda p: f"1 if the {p} is chosen", over="p in Projects", kind="binary")
    s.total("spent", "sum(cost[p, y]*take[p] for p in Projects)",
            (lambda y: f"cost in {y}") if len(years) > 1 else (lambda y: "cost of what is chosen"),
            over="y in Years", flat=(lambda y: f"cost {y}") if len(years) > 1 else
            (lambda y: "cost"))  # fmt: skip
    s.total("gain", "sum(value[p]*take[p] for p in Projects)", f"{gain} of what is chosen",
            flat=lambda: gain)  # fmt: skip
    s.scene = s.pick(f"{who} can choose among {counted(len(projects), Thing('project'))}: "
                     f"{listing(p.one for p in projects)}",
                     f"{who} considers {listing(p.a for p in projects)}")  # fmt: skip
    several = len(years) > 1
    heads = {y: f"cost in {y}" if several else "cost" for y in years}
    s.rows(
        "project",
        projects,
        [
            Column(
                gain,
                s.pick(f"has a {gain} of {{}}", f"would bring a {gain} of {{}}"),
                list(value.values()),
            ),
            *(
                Column(
                    heads[y],
                    f"costs {{}} in {y}" if several else "costs {}",
                    [cost[p, y] for p in projects],
                )
                for y in years
            ),
        ],
        lambda p: f"The {p}",
    )
    if several:
        s.fact(
            "The budgets are " + listing(f"{budget[y]} in {y}" for y in years),
            "There are " + listing(f"{budget[y]} for {y}" for y in years),
            "No more can be spent than " + listing(f"{budget[y]} in {y}" for y in years),
        )
        s.rule("within_budget", "spent[y] <= budget[y]", over="y in Years",
               comment=lambda y: f"{budget[y]} can be spent in {y}",
               meaning="The cost of a year is within its budget")  # fmt: skip
    else:
        only = budget[years[0]]
        said = s.state(f"The budget is {only}", f"At most {only} can be spent",
                       f"No more than {only} may be spent in all")  # fmt: skip
        s.rule("within_budget", "spent[y] <= budget[y]", over="y in Years", comment=said)
    _dependences(s, projects, chosen)
    s.aim("maximize", "gain", f"greatest {gain}")
    s.question = s.pick(f"Which projects should be chosen for the greatest total {gain}?",
                        f"Which choice has the highest total {gain}?",
                        f"Find the set of projects with the largest total {gain}")  # fmt: skip
    s.ask(lambda p: f"whether the {p} is chosen", "take[p]", "p in Projects")
    s.ask(f"greatest {gain}", "objective")
    s.distract(f"The board has {s.step(5, 15):g} members",
               f"Last time {s.step(8, 20):g} proposals came in")  # fmt: skip


def _dependences(s: Story, projects: list[Thing], chosen: list[Thing]) -> None:
    out = [p for p in projects if p not in chosen]
    if s.chance(0.5):
        first = s.pick(*projects)
        other = s.pick(*(p for p in projects if p != first and (first not in chosen or p in chosen))
                       ) if first not in chosen or len(chosen) > 1 else None  # fmt: skip
        if other:
            s.rule(
                "only_with",
                f'take["{first}"] <= take["{other}"]',
                f"The {first} can only be chosen together with the {other}; the {other} alone may "
                "be chosen, too",
                f"If the {first} is chosen, the {other} must be chosen as well",
                f"The {first} depends on the {other}",
            )
    if s.chance(0.45):
        a, b = s.pick(
            *(pair for pair in itertools.combinations(projects, 2) if not set(pair) <= set(chosen))
        )
        s.rule(
            "not_both",
            f'take["{a}"] + take["{b}"] <= 1',
            f"The {a} and the {b} exclude each other",
            f"Not both the {a} and the {b} can be chosen",
            f"At most one of the {a} and the {b} may be chosen",
        )
    if s.chance(0.35) and out:
        a, b = s.pick(*chosen), s.pick(*out)
        s.rule("one_of", f'take["{a}"] + take["{b}"] >= 1',
               f"At least one of the {a} and the {b} must be chosen",
               f"The {a} or the {b} has to be chosen, or both")  # fmt: skip
    if s.chance(0.4):
        if s.chance(0.5) or len(chosen) < 2:
            most = s.number("most", s.speech.count(len(chosen), "projects"), "most projects")
            s.rule("count", "sum(take[p] for p in Projects) <= most",
                   f"At most {most} can be carried out",
                   f"No more than {most} may be chosen")  # fmt: skip
        else:
            least = s.number("least", s.speech.count(len(chosen), "projects"), "fewest projects")
            s.rule(
                "count",
                "sum(take[p] for p in Projects) >= least",
                f"At least {least} must be chosen",
                f"No fewer than {least} have to be chosen",
            )


_TEAMS = (
    ("A volleyball coach picks", "setter, blocker", "strength"),
    ("A quiz club sends", "historian, scientist", "score"),
    ("An orchestra hires", "violinist, cellist, oboist", "rating"),
    ("A mountain rescue service picks", "climber, medic", "fitness score"),
    ("A polar expedition takes on", "navigator, cook, geologist", "rating"),
    ("A newsroom sends", "reporter, photographer", "experience score"),
    ("A rowing club nominates", "rower, substitute", "strength"),
)


@family("team selection")
def team_selection(s: Story) -> None:
    """So many people with the best scores: kinds, pay, pairs that exclude or need each other."""
    who, roles, measure = s.pick(*_TEAMS)
    speech = s.speech
    kinds = s.some(things(roles.split(", ")), 2)
    team = people(s, s.pick(5, 6, 6))
    cut = s.pick(2, 3)
    of = {kinds[0]: team[:cut], kinds[1]: team[cut:]}
    size = s.pick(2, 3, 3) if len(team) == 5 else s.pick(3, 4)
    plan = s.some(team, size)
    step = s.pick(1, 1, 0.5)
    score = {
        p: speech.plain(s.step(3, 10, step) * (10 if step == 1 and size == 3 else 1)) for p in team
    }
    s.set("People", team, "candidates")
    names = {k: k.plural.capitalize() for k in kinds}
    for k in kinds:
        s.set(names[k], of[k], k.plural)
    s.table("score", "People", score, f"{measure} of a candidate")
    places = s.number("places", speech.count(size), "places in the team")
    s.decide("pick", lambda p: f"1 if {p} is picked", over="p in People", kind="binary")
    paid = s.chance(0.6)
    if paid:
        wages = {p: s.step(200, 900, 20) for p in team}
        wage = {p: speech.money(x) for p, x in wages.items()}
        s.table("pay", "People", wage, "pay of a candidate")
        limit = speech.money(sum(wages[p] for p in plan))
        s.number("budget", limit, "most pay in all")
    for k in kinds:
        s.total(k.plural, f"sum(pick[p] for p in {names[k]})", f"{k.plural} picked")
    s.total("members", "sum(pick[p] for p in People)", "people picked")
    if paid:
        s.total("wages", "sum(pay[p]*pick[p] for p in People)", "pay of all who are picked")
    s.total("total", "sum(score[p]*pick[p] for p in People)", f"{measure} in all",
            flat=lambda: f"total {measure}")  # fmt: skip
    s.scene = s.pick(f"{who} a team from {counted(len(team), Thing('candidate'))}",
                     f"{who} some of {listing(p.one for p in team)}")  # fmt: skip
    s.fact(f"{listing(p.one for p in of[kinds[0]])} are {kinds[0].plural}, "
           f"{listing(p.one for p in of[kinds[1]])} are {kinds[1].plural}",
           f"The {kinds[0].plural} are {listing(p.one for p in of[kinds[0]])}; the "
           f"{kinds[1].plural} are {listing(p.one for p in of[kinds[1]])}")  # fmt: skip
    columns: list[Column] = [
        Column(
            measure,
            s.pick(
                f"has {article(measure)} {measure} of {{}}",
                f"comes with {article(measure)} {measure} of {{}}",
            ),
            list(score.values()),
        )
    ]
    if paid:
        columns.append(Column("pay", s.pick("asks for {}", "is paid {}"), list(wage.values())))
    s.rows("candidate", team, columns, lambda p: p.one)
    s.rule("size", "members == places", f"Exactly {places} are to be picked",
           f"The team has {places} members", f"There are {places} places, all of which must be "
           "filled")  # fmt: skip
    for k in kinds:
        inside = sum(1 for p in plan if p in of[k])
        if inside and s.chance(0.65):
            least: Quantity = s.number(f"least_{k.plural}", speech.count(inside if s.chance(0.5)
                else 1), f"fewest {k.plural}")  # fmt: skip
            are = "is" if least.value == 1 else "are"
            noun = k.one if least.value == 1 else k.plural
            s.rule(f"enough_{k.plural}", f"{k.plural} >= least_{k.plural}",
                   f"At least {least} {noun} {are} needed",
                   f"The team needs no fewer than {least} {noun}")  # fmt: skip
    if paid:
        s.rule("pay_limit", "wages <= budget", f"The pay of all together may not exceed {limit}",
               f"There is {limit} to pay them all",
               f"At most {limit} can be spent on pay")  # fmt: skip
    pairs = [(a, b) for a, b in itertools.permutations(team, 2)]
    if s.chance(0.5):
        a, b = s.pick(*(q for q in pairs if not set(q) <= set(plan)))
        s.rule("not_both", f'pick["{a}"] + pick["{b}"] <= 1',
               f"{a} and {b} cannot both be in the team", f"{a} refuses to be in one team with {b}",
               f"Only one of {a} and {b} can be picked, if any")  # fmt: skip
    if s.chance(0.4):
        a, b = s.pick(*(q for q in pairs if q[0] not in plan or q[1] in plan))
        s.rule("only_with", f'pick["{a}"] <= pick["{b}"]', f"{a} comes only if {b} is picked too",
               f"If {a} is picked, {b} must be as well")  # fmt: skip
    s.aim("maximize", "total", f"greatest total {measure}")
    s.question = s.pick(f"Who should be picked for the greatest total {measure}?",
                        f"Which team has the highest {measure} in all?",
                        f"Find the team with the best total {measure}")  # fmt: skip
    s.ask(lambda p: f"whether {p} is picked", "pick[p]", "p in People")
    s.ask(f"greatest total {measure}", "objective")
    s.distract(
        f"{team[0]} is {s.step(19, 48):g} years old",
        f"The next event is {s.step(2, 9):g} weeks away",
    )
