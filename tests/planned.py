"""Problems of planning people, machines and ways: formulations with their known best values."""

from __future__ import annotations

from typing import Any

from optiwright.formulators.model import Formulation

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
SHIFTS = ["early", "late", "night"]
STAFF = ["Ada", "Ben", "Cleo", "Dan", "Eva", "Finn"]
WISHES = [("Ada", "Sat"), ("Ada", "Sun"), ("Ben", "Mon"), ("Cleo", "Wed"), ("Eva", "Sun")]
COVER = {"early": 2, "late": 1, "night": 1}


def _listed(name: str, elements: list[Any], description: str = "") -> dict[str, Any]:
    data = {"kind": "listed", "elements": elements}
    return {"name": name, "description": description, "data": data}


def _range(name: str, stop: int) -> dict[str, Any]:
    return {"name": name, "data": {"kind": "range", "start": "1", "stop": str(stop)}}


def _given(name: str, over: str, values: dict[Any, float], **more: Any) -> dict[str, Any]:
    entries = [
        {"index": list(k) if isinstance(k, tuple) else [k], "value": v} for k, v in values.items()
    ]
    return {"name": name, "over": over, "data": {"kind": "given", "entries": entries, **more}}


def _rule(name: str, kind: str, description: str, **parts: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "description": description, **parts}


def roster() -> Formulation:
    """Seven days, three shifts, six people: cover, rest after a night, days off, wishes."""
    return Formulation.model_validate(
        {
            "title": "A roster for a week",
            "sets": [
                _listed("People", STAFF, "people"),
                _listed("Days", DAYS, "days"),
                _listed("Shifts", SHIFTS, "shifts"),
                _listed("Wishes", [list(w) for w in WISHES], "days that somebody wants off"),
            ],
            "parameters": [_given("cover", "s in Shifts", COVER), _scalar("most", 5)],
            "variables": [
                {
                    "name": "works",
                    "over": "p in People, d in Days, s in Shifts",
                    "domain": "binary",
                    "description": "1 if p works shift s on day d",
                }
            ],
            "objectives": [
                {
                    "sense": "minimize",
                    "description": "days off that were wished for and are not given",
                    "expression": "sum(works[p, d, s] for (p, d) in Wishes for s in Shifts)",
                }
            ],
            "constraints": [
                _rule(
                    "covered",
                    "algebraic",
                    "Every shift has as many people as it needs",
                    over="d in Days, s in Shifts",
                    expression="sum(works[p, d, s] for p in People) == cover[s]",
                ),
                _rule(
                    "one_shift",
                    "logic",
                    "Nobody works two shifts on a day",
                    over="p in People, d in Days, s in Shifts, r in Shifts if s != r",
                    expression="not works[p, d, s] or not works[p, d, r]",
                ),
                _rule(
                    "rest",
                    "implication",
                    "After a night nobody works early or late on the next day",
                    over="p in People, d in Days if d != last(Days)",
                    condition="works[p, d, 'night']",
                    then="works[p, next(d), 'early'] + works[p, next(d), 'late'] <= 0",
                ),
                _rule(
                    "days",
                    "algebraic",
                    "Nobody works on more than 5 days",
                    over="p in People",
                    expression="sum(works[p, d, s] for d in Days for s in Shifts) <= most",
                ),
            ],
        }
    )


def _scalar(name: str, value: float) -> dict[str, Any]:
    return {"name": name, "data": {"kind": "given", "entries": [{"index": [], "value": value}]}}


JOB_TIMES = {
    ("red", 1): 3, ("red", 2): 2, ("red", 3): 2,
    ("green", 1): 2, ("green", 2): 1, ("green", 3): 4,
    ("blue", 1): 4, ("blue", 2): 3, ("blue", 3): 1,
}  # fmt: skip
JOB_MACHINES = {
    ("red", 1): "saw", ("red", 2): "drill", ("red", 3): "press",
    ("green", 1): "saw", ("green", 2): "press", ("green", 3): "drill",
    ("blue", 1): "drill", ("blue", 2): "press", ("blue", 3): "saw",
}  # fmt: skip
JOB_SHOP_BEST = 11


def job_shop() -> Formulation:
    """Three jobs of three steps on three machines, done as soon as possible."""
    steps = [[job, step, machine] for (job, step), machine in JOB_MACHINES.items()]
    return Formulation.model_validate(
        {
            "title": "A job shop",
            "sets": [
                _listed("Jobs", ["red", "green", "blue"], "jobs"),
                _range("Steps", 3),
                _listed("Machines", ["saw", "drill", "press"], "machines"),
                _listed("Uses", steps, "the machine of each step of each job"),
            ],
            "parameters": [{**_given("hours", "j in Jobs, k in Steps", JOB_TIMES), "unit": "h"}],
            "variables": [
                {
                    "name": "start",
                    "over": "j in Jobs, k in Steps",
                    "domain": "integer",
                    "unit": "h",
                    "description": "when step k of job j starts",
                }
            ],
            "definitions": [
                {
                    "name": "makespan",
                    "unit": "h",
                    "expression": "max(start[j, k] + hours[j, k] for j in Jobs for k in Steps)",
                }
            ],
            "objectives": [
                {
                    "sense": "minimize",
                    "expression": "makespan",
                    "unit": "h",
                    "description": "when all is done",
                }
            ],
            "constraints": [
                _rule(
                    "order",
                    "algebraic",
                    "A step starts when the one before it has ended",
                    over="j in Jobs, k in Steps if k < 3",
                    expression="start[j, k] + hours[j, k] <= start[j, k + 1]",
                ),
                _rule(
                    "machine",
                    "no_overlap",
                    "A machine does one step at a time",
                    over="m in Machines",
                    among="(j, k, n) in Uses if n == m",
                    start="start[j, k]",
                    duration="hours[j, k]",
                ),
            ],
        }
    )


TASKS = {"dig": 3, "walls": 5, "roof": 4, "pipes": 2, "wires": 3, "paint": 2}
CREW = {"dig": 2, "walls": 3, "roof": 3, "pipes": 1, "wires": 2, "paint": 2}
AFTER = [("dig", "walls"), ("walls", "roof"), ("dig", "pipes"), ("pipes", "wires")]
AFTER += [("wires", "paint"), ("roof", "paint")]
PROJECT_BEST = 17


def project(crew: int = 4) -> Formulation:
    """Six tasks, some after others, with so many people in all."""
    return Formulation.model_validate(
        {
            "title": "A house",
            "sets": [
                _listed("Tasks", list(TASKS), "tasks"),
                _listed("After", [list(pair) for pair in AFTER], "what comes before what"),
            ],
            "parameters": [
                {**_given("days", "t in Tasks", TASKS), "unit": "days"},
                _given("needs", "t in Tasks", CREW),
                _scalar("crew", crew),
            ],
            "variables": [
                {"name": "start", "over": "t in Tasks", "description": "when t starts"},
                {"name": "done", "description": "when all is done"},
            ],
            "objectives": [{"sense": "minimize", "expression": "done", "unit": "days"}],
            "constraints": [
                _rule(
                    "order",
                    "algebraic",
                    "A task waits for those before it",
                    over="(a, b) in After",
                    expression="start[a] + days[a] <= start[b]",
                ),
                _rule(
                    "end",
                    "algebraic",
                    "All are done at the end",
                    over="t in Tasks",
                    expression="start[t] + days[t] <= done",
                ),
                _rule(
                    "people",
                    "cumulative",
                    "Tasks at one time need no more people than there are",
                    among="t in Tasks",
                    start="start[t]",
                    duration="days[t]",
                    demand="needs[t]",
                    capacity="crew",
                ),
            ],
        }
    )


CITIES = ["Arn", "Bel", "Cor", "Dun", "Elm", "Fay", "Gis", "Hol", "Ivo", "Jar", "Kit", "Lom"]
PLACES = [(3, 7), (9, 2), (12, 11), (1, 14), (8, 8), (15, 5), (6, 1), (2, 3), (14, 14), (11, 6),
          (5, 12), (10, 15)]  # fmt: skip


def tour() -> Formulation:
    """The shortest tour through twelve cities, distances by Pythagoras."""
    x = {city: place[0] for city, place in zip(CITIES, PLACES, strict=True)}
    y = {city: place[1] for city, place in zip(CITIES, PLACES, strict=True)}
    distance = "sqrt((east[i] - east[j])**2 + (north[i] - north[j])**2)"
    return Formulation.model_validate(
        {
            "title": "A tour",
            "sets": [_listed("Cities", CITIES, "cities")],
            "parameters": [
                _given("east", "i in Cities", x),
                _given("north", "i in Cities", y),
                {
                    "name": "km",
                    "over": "i in Cities, j in Cities",
                    "unit": "km",
                    "data": {"kind": "derived", "expression": distance},
                },
            ],
            "variables": [
                {
                    "name": "go",
                    "over": "i in Cities, j in Cities if i != j",
                    "domain": "binary",
                    "description": "1 if the way leads from i to j",
                }
            ],
            "objectives": [
                {
                    "sense": "minimize",
                    "unit": "km",
                    "description": "length of the tour",
                    "expression": "sum(km[i, j]*go[i, j] for i in Cities for j in Cities "
                    "if i != j)",
                }
            ],
            "constraints": [
                _rule(
                    "tour",
                    "circuit",
                    "The way leads through every city once and back",
                    among="i in Cities, j in Cities if i != j",
                    arc="go[i, j]",
                )
            ],
        }
    )


SUDOKU = ["53..7....", "6..195...", ".98....6.", "8...6...3", "4..8.3..1", "7...2...6",
          ".6....28.", "...419..5", "....8..79"]  # fmt: skip
SUDOKU_FIRST = "534678912"


def sudoku() -> Formulation:
    """Numbers from 1 to 9 in a square, different in every row, column and box."""
    given = {
        (r, c): int(cell)
        for r, row in enumerate(SUDOKU, 1)
        for c, cell in enumerate(row, 1)
        if cell != "."
    }
    return Formulation.model_validate(
        {
            "title": "A sudoku",
            "sets": [
                _range("Places", 9),
                _range("Thirds", 3),
                _listed("Known", [list(place) for place in given], "places that are filled"),
            ],
            "parameters": [_given("known", "(r, c) in Known", given)],
            "variables": [
                {
                    "name": "number",
                    "over": "r in Places, c in Places",
                    "domain": "integer",
                    "lower": "1",
                    "upper": "9",
                }
            ],
            "constraints": [
                _rule(
                    "filled",
                    "algebraic",
                    "What is filled stays",
                    over="(r, c) in Known",
                    expression="number[r, c] == known[r, c]",
                ),
                _rule(
                    "row",
                    "all_different",
                    "A row has no number twice",
                    over="r in Places",
                    among="c in Places",
                    each="number[r, c]",
                ),
                _rule(
                    "column",
                    "all_different",
                    "A column has no number twice",
                    over="c in Places",
                    among="r in Places",
                    each="number[r, c]",
                ),
                _rule(
                    "box",
                    "all_different",
                    "A box has no number twice",
                    over="a in Thirds, b in Thirds",
                    among="r in Places, c in Places if r > 3*a - 3 and r <= 3*a and "
                    "c > 3*b - 3 and c <= 3*b",
                    each="number[r, c]",
                ),
            ],
        }
    )
