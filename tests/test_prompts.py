"""The prompt files: they render, their fixed part is fixed, and every worked example is right."""

from __future__ import annotations

import hashlib
import json
import re
from importlib import resources
from typing import Any

import jinja2
import pandas as pd
import pytest

import optiwright
from optiwright.agent.prompting import (
    FORMULATION_PROMPT,
    PROGRAM_PROMPT,
    load_prompt,
    prompt_hashes,
)
from optiwright.formulators.checks import check
from optiwright.formulators.data import read_data
from optiwright.formulators.findings import Severity
from optiwright.formulators.lift import lift
from optiwright.formulators.model import Formulation
from optiwright.formulators.script import GRAMMARS, MANY_GRAMMARS, Place
from optiwright.formulators.table_grammar import table_grammar
from optiwright.formulators.table_symbols import ready_made
from optiwright.formulators.wire import Form, indexed_schema, read_wire
from tests.grammars import admits, regex_of

VALUES: dict[str, dict[str, Any]] = {
    "formulate_flat": {"problem": "THE PROBLEM"},
    "formulate_indexed": {"problem": "THE PROBLEM"},
    "formulate_tables": {"problem": "THE PROBLEM"},
    "formulate_tuned": {"problem": "THE PROBLEM"},
    "formulate_tuned_indexed": {"problem": "THE PROBLEM"},
    "write_program_tuned": {"problem": "THE PROBLEM"},
    "formulate_plan": {"problem": "THE PROBLEM"},
    "write_plan_program": {"problem": "THE PROBLEM"},
    "assess_plan": {
        "problem": "THE PROBLEM",
        "formulation": "THE FORMULATION",
        "plan": "THE PLAN",
        "remarks": ["THIS IS ODD."],
    },
    "repair_plan": {"complaints": ["THIS IS WRONG."], "part": "the actions", "kept": "the goal"},
    "baseline_direct": {"problem": "THE PROBLEM"},
    "baseline_preamble": {},
    "baseline_plan": {"problem": "THE PROBLEM"},
    "baseline_elements": {"problem": "THE PROBLEM", "analysis": "THE ANALYSIS"},
    "baseline_elements_judge": {
        "problem": "THE PROBLEM",
        "elements": "THE ELEMENTS",
        "program": "THE PROGRAM",
        "output": "THE OUTPUT",
        "errors": "THE ERRORS",
    },
    "baseline_elements_program": {"elements": "THE ELEMENTS", "analysis": "THE ANALYSIS"},
    "baseline_fewshot": {"problem": "THE PROBLEM"},
    "baseline_reasoning": {"problem": "THE PROBLEM"},
    "baseline_search": {"problem": "THE PROBLEM", "program": "THE PROGRAM", "error": "THE ERROR"},
    "read_black_box": {
        "words": "THE WORDS",
        "source": "THE SOURCE",
        "unclear": ["THIS IS NOT CLEAR", "NOR IS THAT"],
    },
    "write_search_program": {
        "words": "THE WORDS",
        "unknowns": "x in [0, 1]",
        "constraints": "g <= 0",
        "budget": 100,
        "notes": ["THIS IS KNOWN"],
        "source": "THE SOURCE",
    },
    "judge": {
        "problem": "THE PROBLEM",
        "formulation": "THE FORMULATION",
        "formulation_answer": "optimal, 1",
        "program": "THE PROGRAM",
        "program_answer": "optimal, 2",
        "broken": ["THIS IS BROKEN."],
        "breaches": ["THAT IS BROKEN TOO."],
    },
    "augment": {"rewrite": "THE REWRITE", "problem": "THE PROBLEM", "other": "THE OTHER"},
    "resocratic_question": {"scenario": "THE SCENARIO", "table": True},
    "resocratic_scenario": {
        "examples": ["ONE EXAMPLE", "ANOTHER"],
        "field": "THE FIELD",
        "kind": "THE KIND",
    },
    "redraft": {"problem": "THE PROBLEM", "complaints": ["THIS IS WRONG.", "AND THIS."]},
    "map_quantities": {
        "problem": "THE PROBLEM",
        "symbols": ["`x`: SOMETHING", "`y`"],
        "quantities": ["THE FIRST", "THE SECOND"],
    },
    "repair": {"complaints": ["THIS IS WRONG.", "AND THIS."], "truth": True},
    "rewrite": {"complaints": ["THIS IS WRONG.", "AND THIS."], "truth": True},
    "clarify": {"problem": "THE PROBLEM", "formulation": "THE MODEL", "points": []},
    "route_turn": {"problem": "THE PROBLEM", "said": "WHAT IS SAID"},
    "what_if": {"outline": "THE MODEL'S NAMES", "question": "THE QUESTION"},
    "write_program": {"problem": "THE PROBLEM"},
    "write_program_cvxpy": {"problem": "THE PROBLEM"},
    "write_program_highspy": {"problem": "THE PROBLEM"},
}

# Optima of the examples' texts, computed from hand-written matrices with scipy's milp, linprog and
# minimize_scalar; and quantities of the plan where there is only one optimal plan.
OPTIMA: dict[tuple[Form, str], tuple[float, list[float]]] = {
    (Form.FLAT, "A candle maker"): (256.4, [36, 52]),
    (Form.FLAT, "Two depots"): (720, [1, 1]),
    (Form.FLAT, "A clinic"): (460, [50, 30, 1, 1]),
    (Form.FLAT, "A shop sells lamps"): (1600, [30]),
    (Form.FLAT, "A leaflet"): (224 + 2 * 4800**0.5, [800**0.5 / 6**0.5]),
    (Form.FLAT, "A workshop makes a part"): (1890, []),
    (Form.FLAT, "A garden mix"): (14.04, [42, 18]),
    (Form.FLAT, "A quarry firm"): (8000, [20 / 3]),
    (Form.FLAT, "A bus line"): (79.6875, [2, 9]),
    (Form.FLAT, "A dairy"): (14328, [90, 4640]),
    (Form.FLAT, "Two pits"): (45 / 17, [6, 4]),
    (Form.FLAT, "Two fitters"): (11, []),
    (Form.FLAT, "Radio masts"): (65, []),
    (Form.FLAT, "An oven takes"): (6, [0]),
    (Form.FLAT, "A rectangular yard"): (1012.5, [45, 22.5]),
    (Form.FLAT, "An open crate"): (72.9864239468808, [1.6441414, 1.4797272]),
    (Form.FLAT, "A tray is bent"): (12636.6623372413, [8.9264952]),
    (Form.FLAT, "A beam with"): (800, [800**0.5, 800**0.5]),
    (Form.FLAT, "A ferry firm"): (3075, []),
    (Form.INDEXED, "A bindery has"): (8, [0, 6]),
    (Form.FLAT, "A closed tin"): (9.466102708, [3.1692028, 15.846014]),
    (Form.INDEXED, "A workshop makes desks"): (1750, [30, 20]),
    (Form.INDEXED, "Two wells"): (1335, [1, 1]),
    (Form.INDEXED, "A dairy"): (2860, []),
    (Form.INDEXED, "Parcels"): (67, []),
    (Form.INDEXED, "At a price of p"): (35900 / 3, [125 / 3]),
    (Form.INDEXED, "Quarries supply"): (740, [1, 1]),
    (Form.INDEXED, "A laundry pays"): (318, [35, 25, 40, 30, 2.5]),
    (Form.TABLES, "Quarries supply"): (740, [1, 1]),
    (Form.TABLES, "A dairy plans"): (1679, []),
    (Form.TABLES, "A fund picks"): (411, [1, 1, 1]),
}
_QUARRIES = pd.DataFrame(
    {
        "quarry": ["Nordby", "Sund", "Vik"],
        "capacity [loads]": [60, 40, 90],
        "opening [EUR]": [120, 150, 300],
    }
)
_HAUL = [4, 7, 9, 19, 8, 5, 6, 11, 12, 10, 4, 5]
_SITES = ["Hofdal", "Elvik", "Ness", "Tangen"]
TABLES: dict[str, dict[str, pd.DataFrame]] = {
    "Quarries supply": {
        "haul": pd.DataFrame(
            {
                "quarry": [q for q in _QUARRIES["quarry"] for _ in _SITES],
                "site": _SITES * 3,
                "cost [EUR/load]": _HAUL,
            }
        ),
        "quarries": _QUARRIES,
        "sites": pd.DataFrame({"site": _SITES, "need [loads]": [20, 15, 18, 17]}),
    },
    "A dairy plans": {
        "cheeses": pd.DataFrame(
            {"cheese": ["soft", "hard"], "making [EUR/kg]": [9, 14], "keeping [EUR/kg]": [1, 2]}
        ),
        "orders": pd.DataFrame(
            {
                "cheese": ["soft"] * 4 + ["hard"] * 4,
                "week": [1, 2, 3, 4] * 2,
                "orders [kg]": [12, 35, 20, 30, 15, 20, 25, 14],
            }
        ),
    },
    "A fund picks": {
        "films": pd.DataFrame(
            {
                "film": ["Tide", "Salt", "Low Sun", "Kelp", "Fjell", "Ash", "Rim", "Dusk", "Moor"],
                "country": ["IS", "NO", "FO", "IS", "NO", "FO", "IS", "NO", "FO"],
                "kind": ["children", "adults", "adults"] * 3,
                "cost [thousand]": [250, 410, 320, 180, 300, 80, 390, 210, 150],
                "audience": [120, 160, 141, 90, 150, 12, 158, 100, 60],
            }
        )
    },
}
"""Data for the examples' tables, made up; an example shows fewer of them than it speaks of."""
BENCHMARKS = ("optibench", "nl4opt", "mamo", "industryor", "optmath", "bwor", "complexor")


def examples() -> list[tuple[Form, str, str]]:
    return [
        (form, problem, reply)
        for form, name in FORMULATION_PROMPT.items()
        for problem, reply in load_prompt(name).examples()
    ]


EXAMPLES = pytest.mark.parametrize(
    ("form", "problem", "reply"),
    [pytest.param(*e, id=f"{e[0]}-{'-'.join(e[1].split()[:4])}") for e in examples()],
)


def test_every_prompt_file_has_its_values_here() -> None:
    files = {f.name for f in resources.files("optiwright.prompts").iterdir()}
    assert {name.removesuffix(".md") for name in files if name.endswith(".md")} == set(VALUES)


@pytest.mark.parametrize("name", list(VALUES))
def test_a_prompt_renders_with_its_values(name: str) -> None:
    text = load_prompt(name).text(**VALUES[name])
    assert "{{" not in text and "{%" not in text
    assert not text.startswith("#")
    for value in VALUES[name].values():
        for words in value if isinstance(value, list) else [value]:
            assert words is True or str(words) in text


@pytest.mark.parametrize(
    ("name", "missing"), [(name, key) for name, values in VALUES.items() for key in values]
)
def test_a_missing_value_is_an_error(name: str, missing: str) -> None:
    given = {key: value for key, value in VALUES[name].items() if key != missing}
    with pytest.raises(jinja2.UndefinedError):
        load_prompt(name).text(**given)


def test_the_repair_says_that_the_text_may_demand_it_only_in_doubt() -> None:
    doubted = load_prompt("repair").text(complaints=["x"], truth=True)
    plain = load_prompt("repair").text(complaints=["x"], truth=False)
    assert "unchanged" in doubted
    assert "unchanged" not in plain
    assert "nothing may be dropped" in plain


def test_a_problems_own_braces_are_left_alone() -> None:
    text = "Choose {{ x }} and {% y %} of # system things."
    assert load_prompt("formulate_flat").text(problem=text) == text


@pytest.mark.parametrize("name", [*FORMULATION_PROMPT.values(), *PROGRAM_PROMPT.values()])
def test_the_fixed_part_is_the_same_from_call_to_call(name: str) -> None:
    prompt = load_prompt(name)
    fixed = len(prompt.fixed)
    for problem in ("Ship 3 tonnes.", "Mix 4 litres.", "Assign 5 jobs.", "A box of 6 cm."):
        messages = prompt.messages(problem=problem)
        assert messages[:fixed] == prompt.fixed
        assert messages[-1].content == problem
        turns = [m.role for m in messages]
        assert turns == ["system", *["user", "assistant"] * ((len(turns) - 2) // 2), "user"]
        assert not any("{{" in m.content or "{%" in m.content for m in messages)


@pytest.mark.parametrize("name", list(FORMULATION_PROMPT.values()))
def test_an_example_to_choose_is_chosen_by_its_words(name: str) -> None:
    prompt = load_prompt(name)
    for example in prompt.choice:
        messages = prompt.messages(problem=" ".join(example.words))
        assert messages[len(prompt.fixed) : -1] == example.messages


def test_hashes_are_of_the_whole_file() -> None:
    hashes = prompt_hashes(tuple(VALUES))
    assert len(set(hashes.values())) == len(VALUES)
    assert all(re.fullmatch(r"[0-9a-f]{64}", h) for h in hashes.values())


def test_what_a_prompt_includes_is_part_of_it_and_of_its_hash() -> None:
    part = load_prompt("baseline_preamble")
    for name in ("baseline_direct", "baseline_reasoning", "baseline_elements_program"):
        prompt = load_prompt(name)
        assert part.text() and part.text() in prompt.text(**VALUES[name])
        file = resources.files("optiwright.prompts").joinpath(f"{name}.md").read_bytes()
        assert prompt.sha256 != hashlib.sha256(file).hexdigest()


@pytest.mark.parametrize("name", list(VALUES))
def test_no_prompt_speaks_of_a_benchmark(name: str) -> None:
    text = resources.files("optiwright.prompts").joinpath(f"{name}.md").read_text("utf-8").lower()
    assert not [benchmark for benchmark in BENCHMARKS if benchmark in text]


def test_every_example_has_an_optimum_here() -> None:
    begun = {(form, key) for form, problem, _ in examples() for key in starts(form, problem)}
    assert begun == set(OPTIMA)
    assert len(examples()) == len(OPTIMA)


def starts(form: Form, problem: str) -> list[str]:
    return [start for known, start in OPTIMA if known is form and problem.startswith(start)]


def lifted(form: Form, problem: str, reply: str) -> Formulation:
    given = next((t for start, t in TABLES.items() if problem.startswith(start)), None)
    if given is None or "<data>" not in problem:
        return lift(read_wire(reply, form), problem)
    if form is Form.INDEXED:
        # The example's point: not every combination has a row.
        given = given | {"haul": given["haul"].drop([2, 4, 11])}
    data = read_data(given)
    text = problem.partition("<data>")[0]
    return lift(read_wire(reply, form, ready_made(data)), text).with_data(data)


@EXAMPLES
def test_a_worked_example_has_no_finding(form: Form, problem: str, reply: str) -> None:
    findings = check(lifted(form, problem, reply), problem.partition("<data>")[0])
    assert [f.message for f in findings if f.severity is not Severity.NOTE] == []


@EXAMPLES
def test_a_worked_example_has_its_optimum(form: Form, problem: str, reply: str) -> None:
    (start,) = starts(form, problem)
    objective, plan = OPTIMA[form, start]
    # A nonconvex one is found at once, and not proved within the time limit.
    result = optiwright.solve(lifted(form, problem, reply), time_limit_s=2)
    assert result.objective == pytest.approx(objective, rel=1e-6)
    found = result.variables["value"].tolist()
    for value in plan:
        assert any(value == pytest.approx(other, rel=1e-4) for other in found)
    assert result.level.answered
    assert result.answers


@EXAMPLES
def test_a_worked_example_keeps_to_what_is_asked_for(form: Form, problem: str, reply: str) -> None:
    if form is Form.FLAT:
        if "no_overlap(" in reply:
            assert admits(MANY_GRAMMARS[Place.START], reply)
            assert not admits(GRAMMARS[Place.START], reply)
            return
        rules = ("decision", "remark", "total", "objective", "require")
        lines = [re.compile(regex_of(GRAMMARS[Place.START] + REMARK, rule)) for rule in rules]
        assert reply.startswith("```python\n# decisions\n") and reply.endswith("\n```")
        for line in reply.splitlines(keepends=True)[1:-1]:
            assert any(rule.fullmatch(line) for rule in lines), line
    elif form is Form.TABLES:
        start = next(start for start in TABLES if problem.startswith(start))
        grammar = table_grammar(ready_made(read_data(TABLES[start])))
        assert admits(grammar, reply)
        assert not admits(grammar, reply.replace("sum(", "total("))
    else:
        assert "\n" not in reply
        assert _off_schema(json.loads(reply), indexed_schema()) == []


def _off_schema(value: Any, schema: dict[str, Any], place: str = "") -> list[str]:
    """Where a reply has other fields, or in another order, than the schema asks for."""
    if "anyOf" in schema and value is not None:
        schema = next((s for s in schema["anyOf"] if "properties" in s), schema)
    if isinstance(value, list):
        return [
            found
            for k, item in enumerate(value)
            for found in _off_schema(item, schema.get("items", {}), f"{place}[{k}]")
        ]
    if not isinstance(value, dict):
        wanted = schema.get("pattern")
        return [place] if wanted and not re.search(wanted, value) else []
    if list(value) != list(schema["properties"]):
        return [f"{place}: {list(value)}"]
    return [
        found
        for key, item in value.items()
        for found in _off_schema(item, schema["properties"][key], f"{place}.{key}")
    ]


REMARK = 'remark ::= "# " words "\\n"\n'
