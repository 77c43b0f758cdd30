"""Teams: people chosen for a team by what they can do."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.families.places import PEOPLE
from optiwright.training.round_numbers import down, up
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing

_CLUBS = (
    ("A rowing club picks its crew", "strength, endurance", "rowers",
     "stroke/strokes, bow rower/bow rowers"),
    ("A quiz team is put together", "history, science", "players",
     "captain/captains, guest/guests"),
    ("A choir sends singers to a contest", "voice, sight-reading", "singers",
     "alto/altos, tenor/tenors"),
    ("A mountain rescue team is chosen for a course", "climbing, first aid", "rescuers",
     "medic/medics, guide/guides"),
    ("A theatre casts a play", "speech, dance", "actors",
     "lead/leads, understudy/understudies"),
    ("A firm puts together a group for a fair", "languages, sales", "people",
     "engineer/engineers, trader/traders"),
    ("A hockey coach chooses who travels to the cup", "speed, shooting", "players",
     "defender/defenders, forward/forwards"),
)  # fmt: skip


@family("team selection")
def team_choice(s: Story) -> None:
    """So many people chosen, of each role enough, with enough skill or the most, for a budget."""
    scene, skills_, noun, roles_ = s.pick(*_CLUBS)
    people = sorted(s.some([Thing(n) for n in PEOPLE], 5, 8), key=str)
    roles = [Thing(*r.split("/")) for r in roles_.split(", ")]
    skills = [Thing(k) for k in skills_.split(", ")]
    speech = s.speech
    size = s.draw.randint(3, len(people) - 2)
    chosen = s.some(people, size)
    role = {p: s.pick(*roles) for p in people}
    score = {(p, k): speech.plain(s.step(2, 10)) for p in people for k in skills}
    pay = {p: speech.money(s.step(30, 160, 5)) for p in people}
    s.set("People", people, noun)
    s.set("Skills", skills, "skills")
    s.table("score", "People, Skills", score, "points of a person in a skill")
    count = s.number("size", speech.count(size), f"{noun} to choose")
    s.decide("take", lambda p: f"1 if {p} is chosen", over="p in People", kind="binary",
             flat=lambda p: p.one)  # fmt: skip
    s.total("team", "sum(take[p] for p in People)", f"{noun} chosen")
    s.total("skill", "sum(score[p, k]*take[p] for p in People)",
            lambda k: f"points in {k} of the chosen", over="k in Skills")  # fmt: skip
    paid = s.chance(0.7)
    columns = [Column(k.one, f"scores {{}} in {k}", [score[p, k] for p in people]) for k in skills]
    if paid:
        s.table("pay", "People", pay, "pay of a person")
        s.total("cost", "sum(pay[p]*take[p] for p in People)", "pay of the chosen")
        columns.append(Column("pay", s.pick("asks for {}", "costs {}"), list(pay.values())))
    s.scene = scene
    s.rows("name", people, columns, lambda p: p.one)
    s.rule("size", "team == size", f"exactly {count} must be chosen",
           f"there must be exactly {count} of them")  # fmt: skip
    for r in roles:
        members = [p for p in people if role[p] is r]
        inside = sum(p in chosen for p in members)
        if len(members) < 2 or not inside:
            continue
        s.fact(f"{listing(p.one for p in members)} are {r.plural}")
        least = s.chance(0.6)
        name = r.plural.replace(" ", "_")
        s.total(name, " + ".join(f'take["{p}"]' for p in members), f"{r.plural} chosen")
        q = speech.count(inside, r.one if inside == 1 else r.plural)
        s.number(f"{'least' if least else 'most'}_{name}", q,
                 f"{'least' if least else 'most'} {r.plural}")  # fmt: skip
        s.rule(f"limit_{name}",
               f"{name} {'>=' if least else '<='} {'least' if least else 'most'}_{name}", *((
                   f"at least {q} must be chosen", f"there must be {q} or more") if least else (
                       f"at most {q} may be chosen",
                       f"no more than {q} can be taken")))  # fmt: skip
    goal = s.pick("skill", "cost") if paid else "skill"
    best = s.pick(*skills)
    for k in skills:
        if (goal == "cost" or k is not best) and s.chance(0.8 if goal == "skill" else 1):
            need = s.number(f"need_{k}".replace("-", "_").replace(" ", "_"), speech.plain(down(s,
                sum(score[p, k].value for p in chosen), 0.08)), f"least points in {k}")  # fmt: skip
            s.rule(f"need_{k}".replace("-", "_").replace(" ", "_"),
                   f'skill["{k}"] >= need_{str(k).replace("-", "_").replace(" ", "_")}',
                   f"together they must have at least {need} points in {k}",
                   f"their points in {k} must add up to {need} or more")  # fmt: skip
    if paid and goal == "skill":
        budget = s.number("budget", speech.money(up(s, sum(pay[p].value for p in chosen), 0.06)),
            "most pay")  # fmt: skip
        s.rule("budget", "cost <= budget", f"the pay of all must not exceed {budget}",
               f"there are {budget} for their pay")  # fmt: skip
    if s.chance(0.5):
        a = s.pick(*(p for p in people if p not in chosen))
        b = s.pick(*(p for p in people if p is not a))
        s.rule("rivals", f'take["{a}"] + take["{b}"] <= 1',
               f"{a} and {b} do not get on, so that at most one of them may be chosen",
               f"{a} and {b} cannot both be chosen")  # fmt: skip
    if s.chance(0.4):
        b = s.pick(*chosen)
        a = s.pick(*(p for p in people if p is not b))
        s.rule("friends", f'take["{a}"] <= take["{b}"]', f"{a} comes only if {b} comes too",
               f"{a} will not come without {b}")  # fmt: skip
    if goal == "cost":
        s.aim("minimize", "cost", "lowest pay")
        s.question = s.pick("Who should be chosen so that the total pay is lowest?",
            "Find the cheapest team")  # fmt: skip
    else:
        s.aim("maximize", f'skill["{best}"]', f"most points in {best}")
        s.question = s.pick(f"Who should be chosen for the most points in {best}?",
            f"Which team has the highest sum of points in {best}?")  # fmt: skip
    s.ask(lambda p: f"1 if {p} is chosen", "take[p]", "p in People")
    s.ask("lowest pay" if goal == "cost" else f"points in {best}", "objective")
    s.distract(f"Last year the team came {s.pick('third', 'fourth', 'sixth')}")
