"""Staff: how many of each kind to hire, and when their shifts begin."""

from __future__ import annotations

from optiwright.training.choosing import Measure, Trade, choose
from optiwright.training.conditions import Wording
from optiwright.training.families import family
from optiwright.training.round_numbers import number_of, up
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, things


def _hours(low: float, high: float, per: str) -> Measure:
    return Measure(
        name="hours", unit="hours", low=low, high=high, good=True, even=0.8,
        says=(f"works {{}} {per}", f"is on duty for {{}} {per}", f"puts in {{}} {per}"),
        limits=("at least {} have to be covered", "the work takes at least {}",
                "a minimum of {} is called for"),
        best="most hours", goal="the total of hours worked", meaning="hours worked",
    )  # fmt: skip


def _pay(low: float, high: float, per: str) -> Measure:
    return Measure(
        name="pay", unit="$", low=low, high=high, step=5,
        says=(f"earns {{}} {per}", f"is paid {{}} {per}", f"costs {{}} {per}"),
        limits=("the payroll must not exceed {}", "no more than {} can be paid out",
                "there is a budget of {} for pay"),
        best="lowest payroll", goal="what is paid out", meaning="paid to all",
    )  # fmt: skip


def _done(name: str, unit: str, low: float, high: float, says: str, need: str) -> Measure:
    return Measure(
        name=name, unit=unit, low=low, high=high, good=True, even=0.8,
        says=(says,),
        limits=(f"at least {{}} {need}", f"no fewer than {{}} {need}", f"{{}} or more {need}"),
        best=f"most {unit}", goal=f"the number of {unit} {name}", meaning=f"{unit} {name}",
    )  # fmt: skip


def _need(name: str, unit: str, low: float, high: float, says: str, limit: str) -> Measure:
    return Measure(
        name=name, unit=unit, low=low, high=high, says=(says,),
        limits=(f"there are only {{}} {limit}", f"no more than {{}} {limit} can be had"),
        best=f"fewest {unit}", goal=f"the number of {unit} needed", meaning=unit,
    )  # fmt: skip


_CREW = Wording("people", "hired", more=("guests ask for {x}", "{x} know the house"),
                less=("{x} are hard to find", "{x} need supervision"))  # fmt: skip
_TRADES = (
    Trade("A call centre staffs its lines with {}",
          "full-time agent:2, part-time agent:1, student:0.6, senior agent:2.3", Wording("agents",
              "hired", _CREW.more, _CREW.less), (_hours(14, 22, "a week"), _pay(250, 400, "a week"),
                  _done("answered", "calls", 60, 150, "answers {}", "must be answered"), _need(
                      "desks", "desks", 1, 2, "takes up {}", "in the hall")),
          "How many of each should be hired", "agent", (3, 20), "the number of agents", (
              "The centre opened in 2011",)),
    Trade("A vineyard takes on {} for the harvest",
          "seasonal picker:1, experienced picker:1.6, student helper:0.7", Wording("pickers",
              "taken on", ("{x} spare the grapes",), ("{x} need beds",)), (_done("picked", "crates",
                  20, 60, "fills {} a day", "must be picked daily"), _pay(60, 120, "a day"), _need(
                      "beds", "beds", 1, 3, "needs {}", "on the estate")),
          "How many of each should be taken on", "picker", (3, 25), "the number of pickers", (
              "The vines grow on 14 hectares",)),
    Trade("A museum guards its halls with {}", "day guard:2, evening guard:1.2, volunteer:0.5",
          Wording("guards", "employed", ("visitors trust {x}",), ("{x} have to be trained",)), (
              _hours(15, 20, "a week"), _pay(200, 330, "a week"), _done("watched", "rooms", 2, 6,
                  "watches {}", "must be watched")), "How many of each should the museum employ",
          "guard", (4, 24), "the number of guards", ("Last year 81,000 people came",)),
    Trade("A ward plans its week with {}",
          "registered nurse:2, aide:1.3, trainee:0.8, night nurse:1.8", Wording("people",
              "put on the roster", ("patients rely on {x}",), ("{x} need guidance",)), (_hours(16,
                  20, "a week"), _pay(320, 600, "a week"), _done("looked after", "patients", 2, 6,
                      "looks after {}", "must be looked after")),
          "How many of each should be on the roster", "post", (3, 20), "the number of people", (
              "The ward lies on the second floor",)),
    Trade("An agency translates a catalogue with {}",
          "staff translator:2, freelancer:1.3, trainee:0.7", Wording("translators", "engaged", (
              "the client asked for {x}",), ("{x} have to be checked",)), (_done("translated",
                  "pages", 15, 40, "translates {} a week", "must be translated each week"), _pay(
                      300, 700, "a week"), _need("licences", "licences", 1, 2,
                          "needs {} of the software", "to hand out")),
          "How many of each should be engaged", "translator", (2, 16), "the number of translators",
          ("The catalogue goes to 9 countries",)),
    Trade("A swimming school gives lessons with {}",
          "head coach/head coaches:2, junior coach/junior coaches:1, lifeguard:0.8", Wording(
              "people", "engaged", ("parents prefer {x}",), ("{x} may not teach alone",)), (_done(
                  "taught", "children", 8, 16, "teaches {}", "must be taught"), _hours(8, 15,
                      "a week"), _pay(120, 260, "a week")),
          "How many of each should the school engage", "coach", (2, 15), "the number of people", (
              "The pool is 25 metres long",)),
    Trade("A forester clears paths with {}",
          "two-man crew:2, three-man crew:3, apprentice crew:1.2", Wording("crews", "sent out", (
              "the ground suits {x}",), ("{x} are slow uphill",)), (_done("cleared", "paths", 2, 6,
                  "clears {} a day", "must be cleared daily"), _pay(150, 300, "a day"), _need(
                      "saws", "saws", 1, 3, "carries {}", "in the shed")),
          "How many crews of each kind should go out", "crew", (2, 14), "the number of crews", (
              "A storm felled 600 trees",)),
)  # fmt: skip


@family("staffing")
def staff_mix(s: Story) -> None:
    """Kinds of workers that do enough, at least pay, in proportions."""
    choose(s, s.pick(*_TRADES))


# --- shifts ---------------------------------------------------------------------------------------

_DAYS = tuple(Thing(d) for d in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    "Sunday"))  # fmt: skip
_PLACES = (
    ("A toll station", "collector/collectors"), ("A bus depot", "driver/drivers"),
    ("A hotel reception", "receptionist/receptionists"), ("An animal shelter", "keeper/keepers"),
    ("A rescue station", "medic/medics"), ("A car park", "attendant/attendants"),
    ("A bakery chain", "baker/bakers"), ("A ski lift", "operator/operators"),
)  # fmt: skip


@family("staffing")
def shift_cover(s: Story) -> None:
    """Workers who begin in a period and stay for several; each period needs enough of them."""
    place, name = s.pick(*_PLACES)
    worker = things([name])[0]
    weekly, cyclic = s.pick((True, True), (False, True), (False, False))
    periods = list(_DAYS) if weekly else _day_periods(s, cyclic)
    count = len(periods)
    stay = 5 if weekly else s.pick(2, 2, 3 if count > 4 else 2)
    starts = periods if cyclic else periods[: count - stay + 1]
    begun = {p: s.step(2, 9) for p in starts}
    there = {p: [periods[(k - i) % count] for i in range(stay) if cyclic or k >= i]
             for k, p in enumerate(periods)}  # fmt: skip
    there = {p: [q for q in before if q in begun] for p, before in there.items()}
    need = {p: s.speech.count(max(2, sum(begun[q] for q in there[p]) - s.step(0, 3)))
            for p in periods}  # fmt: skip
    noun = "day" if weekly else "period"
    s.set("Periods", periods, f"{noun}s")
    if not cyclic:
        s.set("Starts", starts, f"{noun}s in which somebody may begin")
    begins = "Periods" if cyclic else "Starts"
    s.set("Covers", [(q, p) for p in periods for q in starts if q in there[p]],
          f"pairs of a {noun} of beginning and a {noun} of work")  # fmt: skip
    s.table("need", "Periods", need, f"least {worker.plural} in a {noun}")
    s.decide("begin", lambda p: f"{worker.plural} who begin {_on(p, weekly)}",
             over=f"p in {begins}", kind="integer", unit=worker.plural,
             flat=lambda p: f"start_{_short(p, weekly)}")  # fmt: skip
    s.total("on_duty", "sum(begin[q] for (q, t) in Covers if t == p)",
            lambda p: f"{worker.plural} on duty {_on(p, weekly)}", over="p in Periods",
            flat=lambda p: f"duty_{_short(p, weekly)}")  # fmt: skip
    priced = s.chance(0.3)
    if not priced:
        s.total("everybody", f"sum(begin[p] for p in {begins})", f"all {worker.plural}")
    when = "all week" if weekly else "around the clock" if cyclic else "through the day"
    s.scene = s.pick(f"{place} needs {worker.plural} {when}",
                     f"{place} plans the duties of its {worker.plural}")  # fmt: skip
    how = f"{stay} consecutive {noun}s" if s.chance(0.5) else f"{stay} {noun}s in a row"
    rest = " and then has two days off" if weekly else ""
    s.fact(f"Every {worker} works {how}{rest}",
           f"A duty lasts {how}{', followed by two free days' if weekly else ''}",
           f"Once begun, {worker.a} stays on for {how}{rest}")  # fmt: skip
    if not cyclic:
        last = starts[-1]
        s.fact(
            f"Nobody begins after the period {last}, since all leave when the last one ends",
            f"The latest begin is in {last}, so that everybody is done by closing time",
        )
    elif not weekly:
        s.fact("Who begins in the last period goes on into the first of the next day",
               "The periods follow each other day after day, so that the last one is followed by "
               "the first")  # fmt: skip
    columns = [Column(f"{worker.plural} needed", s.pick(f"needs at least {{}} {worker.plural}",
        f"calls for {{}} {worker.plural} or more"), list(need.values()))]  # fmt: skip
    if priced:
        pay = {p: s.speech.money(s.step(80, 200, 5)) for p in periods if p in begun}
        s.table("pay", begins, pay, f"pay of {worker.a} who begins then")
        s.total("payroll", f"sum(pay[p]*begin[p] for p in {begins})", f"pay of all {worker.plural}")
    s.rows(noun, periods, columns, lambda p: p.cap if weekly else f"The period {p}")
    if priced:
        s.rows(f"begin of duty ({noun})", starts,
               [Column(f"pay of {worker.a}", "means pay of {}", list(pay.values()))],
               lambda p: f"For {worker.a}, beginning {_on(p, weekly)}")  # fmt: skip
    s.rule("cover", "on_duty[p] >= need[p]", over="p in Periods",
           comment=lambda p: f"{p} needs at least {need[p]}",
           meaning=f"Each {noun} has as many on duty as it needs")  # fmt: skip
    if s.chance(0.35):
        p = s.pick(*starts)
        most = s.number("most", number_of(s.speech, up(s, begun[p], 0.2), worker),
            "most who begin then")  # fmt: skip
        s.rule("limit", f'begin["{p}"] <= most', f"At most {most} can begin {_on(p, weekly)}",
               f"No more than {most} may begin {_on(p, weekly)}")  # fmt: skip
    if priced:
        s.aim("minimize", "payroll", "lowest pay of all")
        s.question = s.pick(
            f"How many {worker.plural} should begin in each {noun} so that the payroll is lowest?",
            "Plan the duties with the least pay")  # fmt: skip
    else:
        s.aim("minimize", "everybody", f"fewest {worker.plural}")
        s.question = s.pick(f"With how few {worker.plural} can this be done, and "
            f"{'on' if weekly else 'in'} which {noun} does each begin?",
            f"What is the smallest number of {worker.plural}?",
            f"Plan the duties with as few {worker.plural} as possible",)  # fmt: skip
    s.ask(lambda p: f"{worker.plural} who begin {_on(p, weekly)}", "begin[p]", f"p in {begins}")
    s.distract(f"Last year {s.step(3, 9):g} {worker.plural} retired")


def _day_periods(s: Story, cyclic: bool) -> list[Thing]:
    length = s.pick(4, 4, 6) if cyclic else s.pick(2, 3)
    first, last = (0, 24) if cyclic else (s.pick(6, 7, 8), s.pick(18, 20, 22))
    return [Thing(f"{h:02d}-{(h + length) % 24:02d}") for h in range(first, last, length)]


def _on(period: Thing, weekly: bool) -> str:
    return f"on {period}" if weekly else f"in {period}"


def _short(period: Thing, weekly: bool) -> str:
    return period.one[:3] if weekly else period.one.replace("-", "_")
