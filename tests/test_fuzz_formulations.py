"""Random formulations that fit the schema: whatever is wrong with them, it is said as such.

A user's `formulation.json` may hold anything that the schema lets through. Each part of the library
must either work on it or raise an error of the library's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optiwright.formulators.checks import check
from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.instance import Instance, ground
from optiwright.formulators.model import Formulation, Index
from optiwright.formulators.plain import formulation_to_plain
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.pyomo_source import pyomo_source

Json = dict[str, Any]

ELEMENTS = st.sampled_from(
    [
        [],
        ["a", "b"],
        ["a", "a"],
        [1, 2, 3],
        [2, "a"],
        [["a", "b"], ["b", "a"]],
        [["a", 1], ["b", 2]],
        [["a"], ["b"]],
        ["a", ["a", "b"]],
        [9007199254740993, -5],
    ]
)
NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 2.5, 7.0, 1e-300, 1e300, -1.7e308])
INDICES = st.sampled_from([[], ["a"], ["b"], [1], [2], [3], ["a", "b"], ["a", 1], ["?"], [10**30]])


def _one_of(texts: str) -> st.SearchStrategy[str]:
    return st.sampled_from(texts.split(";"))


OVERS = _one_of(
    ";;I;i in I;i in I;t in T;i in I, t in T;(i, j) in A;A;i in A;I, I;i in I, k in F[i];k in F;"
    "k in F[i];i in I if b[i] > 0;i in I, i in I;t in T if t > 1;i in I, j in I if i < j;"
    "i in Nowhere;i in;,;x in I;E;i in E;(i, j) in E;i in I if x > 0;F;i in I if i;"
    "t in T, s in T if s == t - 1"
)
ATOMS = _one_of(
    '0;1;2.5;1e300;"a";a;b[i];b;b[1];c[i, t];c[i];x;x[i];y[i];y[t];y[t - 1];y[prev(t)];z[i, j];z;'
    'd;d[i];i;t;j;I;len(I);len(F[i]);first(T);last(E);y["a"];y[a];y[2.5];y[1e300 * 1e10];q;1 / 0;'
    "log(0);next(t, T);s;y[x];u[i];u"
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def apart(form: str, count: int) -> st.SearchStrategy[str]:
        return st.tuples(*[inner] * count).map(lambda parts: form.format(*parts))

    binary = ["{} + {}", "{} - {}", "({}) * ({})", "({}) / ({})", "({}) ** ({})"]
    binary += ["max({}, {})", "min({}, {})", "{} if i == 'a' else {}", "{} if b[i] > 1 else {}"]
    sums = ["sum({} for i in I)", "sum({} for (i, j) in A)", "sum({} for k in F[i])", "-({})"]
    sums += ["prod({} for i in I)", "max({} for i in E)", "min({} for t in T if t > 1)", "abs({})"]
    sums += ["sum({} for i in E)", "sqrt({})", "log({})", "exp({})", "sum({} for i in I if i == i)"]
    return st.one_of(
        st.sampled_from(binary).flatmap(lambda form: apart(form, 2)),
        st.sampled_from(sums).flatmap(lambda form: apart(form, 1)),
    )


VALUES = st.recursive(ATOMS, _grown, max_leaves=5)
OPERATORS = st.sampled_from(["<=", ">=", "==", "<", ">", "!=", "in"])
RELATIONS = st.one_of(
    st.tuples(VALUES, OPERATORS, VALUES).map(" ".join),
    st.tuples(VALUES, VALUES, VALUES).map(" <= ".join),
    st.sampled_from(["x", "i in I", "(i, j) in A", "", "x = 1", "b[i] > 0", 'i == "a"', "t > 1"]),
)
PROPOSITIONS = st.recursive(
    RELATIONS | st.sampled_from(["u[i]", "u", "s", "x", "q"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join)
        | inner.map(lambda text: f"not ({text})")
    ),
    max_leaves=4,
)
EXPRESSIONS = VALUES | RELATIONS
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=4)


def _kind(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


def _named(names: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({"name": st.sampled_from(names.split()), **fields})


SET_DATA = st.one_of(
    _kind("listed", elements=ELEMENTS),
    _kind("range", start=VALUES, stop=VALUES, step=st.sampled_from([1, 2, 10**30])),
    _kind("range", start=st.just("1"), stop=st.sampled_from(["3", "0", "3e6", "1e300"])),
    _kind("table", table=st.just("nodes"), columns=st.just(["name"])),
    _kind(
        "family",
        over=OVERS,
        members=st.lists(
            st.fixed_dictionaries({"index": INDICES, "elements": ELEMENTS}), max_size=2
        ),
    ),
)
ENTRIES = st.lists(st.fixed_dictionaries({"index": INDICES, "value": NUMBERS}), max_size=3)
DEFAULTS = st.none() | NUMBERS
PARAMETER_DATA = st.one_of(
    _kind("given", entries=ENTRIES, default=DEFAULTS),
    _kind("given", entries=st.just([]), default=NUMBERS),
    _kind("derived", expression=VALUES),
    _kind("bound", table=st.just("nodes"), value_column=st.just("cost"), default=DEFAULTS),
)
DOMAINS = st.sampled_from(["continuous", "integer", "binary", "semicontinuous"])
BOUNDS = st.one_of(st.none(), st.sampled_from(["0", "10", "-5", "b[i]"]), VALUES)
PLAIN: dict[str, list[Json]] = {
    "sets": [
        {"name": "I", "data": {"kind": "listed", "elements": ["a", "b"]}},
        {"name": "T", "data": {"kind": "range", "start": "1", "stop": "3"}},
        {"name": "A", "data": {"kind": "listed", "elements": [["a", "b"], ["b", "a"]]}},
        {
            "name": "F",
            "data": {
                "kind": "family",
                "over": "i in I",
                "members": [{"index": ["a"], "elements": [1, 2]}],
            },
        },
        {"name": "E", "data": {"kind": "listed", "elements": []}},
    ],
    "parameters": [
        {"name": "a", "data": {"kind": "given", "entries": [{"index": [], "value": 2}]}},
        {"name": "b", "over": "i in I", "data": {"kind": "given", "entries": [], "default": 1}},
        {
            "name": "c",
            "over": "i in I, t in T",
            "data": {"kind": "given", "entries": [{"index": ["a", 1], "value": 3}], "default": 0},
        },
    ],
    "variables": [
        {"name": "x", "upper": "10"},
        {"name": "y", "over": "i in I", "upper": "8", "domain": "integer"},
        {"name": "z", "over": "A", "lower": "-4", "upper": "4"},
        {"name": "s", "domain": "semicontinuous", "lower": "2", "upper": "5"},
        {"name": "u", "over": "i in I", "domain": "binary"},
    ],
    "definitions": [{"name": "d", "expression": "x + sum(y[i] for i in I)"}],
}
"""Sound declarations; each list is replaced or added to at random."""


def _parts(field: str, strategy: st.SearchStrategy[Json]) -> st.SearchStrategy[list[Json]]:
    sound: list[Json] = PLAIN[field]

    def replaced(other: list[Json]) -> list[Json]:
        names = {part["name"] for part in other}
        return [*(part for part in sound if part["name"] not in names), *other]

    return st.just(sound) | st.lists(strategy, max_size=1).map(replaced)


CONSTRAINTS = st.one_of(
    _kind("algebraic", expression=RELATIONS, penalty=st.none() | VALUES),
    _kind("algebraic", expression=RELATIONS),
    _kind("implication", condition=PROPOSITIONS, then=RELATIONS),
    _kind(
        "either",
        options=st.lists(RELATIONS, min_size=2, max_size=3),
        at_least=st.sampled_from([1, 2, 9]),
    ),
    _kind("logic", expression=PROPOSITIONS),
    _kind("piecewise", argument=VALUES, value=VALUES, points=POINTS),
    _kind("all_different", among=OVERS, each=VALUES),
    _kind("no_overlap", among=OVERS, start=VALUES, duration=VALUES),
    _kind("cumulative", among=OVERS, start=VALUES, duration=VALUES, demand=VALUES, capacity=VALUES),
    _kind("circuit", among=OVERS, arc=VALUES),
    _kind("table", among=OVERS, values=st.lists(VALUES, min_size=1, max_size=3)),
)
FORMULATIONS = st.fixed_dictionaries(
    {
        "sets": _parts("sets", _named("I T A F E", data=SET_DATA)),
        "parameters": _parts("parameters", _named("a b c q", over=OVERS, data=PARAMETER_DATA)),
        "variables": _parts(
            "variables",
            _named("x y z s u I", over=OVERS, domain=DOMAINS, lower=BOUNDS, upper=BOUNDS),
        ),
        "definitions": _parts("definitions", _named("d x q", over=OVERS, expression=VALUES)),
        "objectives": st.lists(
            st.fixed_dictionaries(
                {
                    "sense": st.sampled_from(["minimize", "maximize"]),
                    "expression": EXPRESSIONS,
                    "weight": st.sampled_from([1.0, 1e300]),
                    "priority": st.sampled_from([0, 10**20]),
                }
            ),
            max_size=2,
        ),
        "constraints": st.lists(
            st.tuples(_named("supply x balance", over=OVERS), CONSTRAINTS).map(
                lambda parts: {**parts[0], **parts[1]}
            ),
            max_size=2,
        ),
        "asked": st.lists(
            st.fixed_dictionaries(
                {"name": st.just("how much"), "expression": EXPRESSIONS, "over": OVERS}
            ),
            max_size=1,
        ),
    }
)


def _attempt(work: Callable[[], Any]) -> Any:
    """Return what the work gives, None where it is refused by an error of the library's own."""
    try:
        return work()
    except OptiwrightError as error:
        assert str(error)
        return None


def _point(instance: Instance | None, formulation: Formulation) -> dict[str, dict[Index, float]]:
    if instance is None:
        return {v.name: {(): 1.0} for v in formulation.variables}
    return {v.name: dict.fromkeys(instance.domain(v.name), 1.0) for v in formulation.variables}


def _run_everything(content: Mapping[str, Any]) -> None:
    formulation = Formulation.model_validate(content)
    check(formulation, "Each of the 2 plants makes at most 7.5 tons.")
    for rendering in (
        formulation.to_latex,
        formulation.to_markdown,
        formulation.to_text,
        formulation._repr_html_,
        lambda: formulation_to_plain(formulation),
    ):
        _attempt(rendering)
    instance = _attempt(lambda: ground(formulation))
    if instance is not None:
        program = _attempt(lambda: compile_program(instance))
        if program is not None:
            classify_program(program)
        _attempt(lambda: pyomo_source(instance))
    _attempt(lambda: evaluate(formulation, _point(instance, formulation)))


@settings(
    max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(FORMULATIONS)
def test_every_fault_of_a_formulation_is_said_as_such(content: Json) -> None:
    _run_everything(content)


SET_T: Json = {"name": "T", "data": {"kind": "range", "start": "1", "stop": "3"}}
DEFINED: Json = {"name": "d", "over": "t in T if d[t] > 0", "expression": "1"}


@pytest.mark.parametrize(
    "content",
    [
        {"sets": [{"name": "T", "data": {**SET_T["data"], "stop": "len(T)"}}]},
        {"sets": [{"name": "T", "data": {**SET_T["data"], "stop": "1e300"}}]},
        {"sets": [{"name": "T", "data": {**SET_T["data"], "step": 10**30}}]},
        {"sets": [{"name": "T", "data": {"kind": "listed", "elements": ["a", ["a", "b"]]}}]},
        {"sets": [SET_T], "definitions": [DEFINED]},
        {"asked": [{"name": "what", "expression": "y[1e300 * 1e10]"}]},
        {"constraints": [{"name": "k", "kind": "logic", "expression": "not (x in I)"}]},
        {
            "constraints": [
                {"name": "k", "kind": "algebraic", "expression": "x <= max(a for i in E)"}
            ]
        },
        {"objectives": [{"sense": "minimize", "expression": "1e300 * x", "weight": 1e300}]},
    ],
)
def test_faults_that_random_formulations_found(content: Json) -> None:
    others = {field: parts for field, parts in PLAIN.items() if field not in content}
    _run_everything({**others, **content})
