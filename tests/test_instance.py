"""Grounding: sets, domains and parameters from given, derived and tabular data."""

from __future__ import annotations

import pickle
from typing import Any

import pandas as pd
import pytest

from optiwright.formulators import frames
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.indices import Labels
from optiwright.formulators.instance import ground
from optiwright.formulators.lookup import Rows
from optiwright.formulators.model import (
    Algebraic,
    Bound,
    Change,
    Definition,
    Derived,
    Entry,
    Family,
    Formulation,
    FromTable,
    Given,
    Listed,
    Members,
    Parameter,
    Range,
    SetDef,
    Variable,
)


def listed(name: str, *elements: Any) -> SetDef:
    return SetDef(name=name, data=Listed(elements=elements))


def given(name: str, values: Any, over: str = "", default: float | None = None) -> Parameter:
    table = values if isinstance(values, dict) else {(): values}
    entries = tuple(
        Entry(index=key if isinstance(key, tuple) else (key,), value=value)
        for key, value in table.items()
    )
    return Parameter(name=name, over=over, data=Given(entries=entries, default=default))


def derived(name: str, expression: str, over: str = "") -> Parameter:
    return Parameter(name=name, over=over, data=Derived(expression=expression))


FLOW = Formulation(
    sets=(
        listed("Nodes", "a", "b", "c", 7),
        listed("Arcs", ("a", "b"), ("b", "c"), ("a", "c"), ("c", 7)),
        SetDef(name="T", data=Range(start="1", stop="n + 1")),
        SetDef(
            name="Succ",
            data=Family(
                over="i in Nodes",
                members=(
                    Members(index=("b",), elements=("c",)),
                    Members(index=("a",), elements=("c", "b")),
                ),
            ),
        ),
    ),
    parameters=(
        given("n", 3),
        given("weight", {("a", "b"): 2, ("b", "c"): 5}, "(i, j) in Arcs", default=1),
        derived("out", "sum(weight[i, j] for (i, j) in Arcs if i == k)", "k in Nodes"),
        derived("slow", "sum(weight[i, j] if i == k else 0 for (i, j) in Arcs)", "k in Nodes"),
        derived("steps", "t - prev(t) if t != first(T) else last(T)", "t in T"),
        derived("follow", "sum(10 * weight[i, k] for k in Succ[i])", "i in Nodes"),
        derived("tallest", "max(weight[i, j] for (i, j) in Arcs) + min(n, 2) - len(T)"),
    ),
    variables=(Variable(name="x", over="Arcs, t in T if t > 2"),),
    constraints=(Algebraic(name="balance", over="Nodes", expression="1 <= 2"),),
)


def test_sets_families_and_domains_keep_their_order() -> None:
    instance = ground(FLOW)
    assert instance.elements("T") == ((1,), (2,), (3,), (4,))
    assert instance.elements("Arcs")[3] == ("c", 7)
    assert instance.family("Succ") == {
        ("a",): (("c",), ("b",)),
        ("b",): (("c",),),
        ("c",): (),
        (7,): (),
    }
    assert list(instance.domain("n")) == [()]
    assert list(instance.domain("x"))[:3] == [("a", "b", 3), ("a", "b", 4), ("b", "c", 3)]
    assert instance.domain("x")[-1] == ("c", 7, 4)
    assert list(instance.domain("balance")) == [("a",), ("b",), ("c",), (7,)]
    assert pickle.loads(pickle.dumps(instance.domain("x"))) == instance.domain("x")


def test_derived_parameters_follow_joins_steps_and_families() -> None:
    instance = ground(FLOW)
    assert dict(instance.parameter("out")) == {("a",): 3, ("b",): 5, ("c",): 1, (7,): 0}
    assert dict(instance.parameter("slow")) == dict(instance.parameter("out"))
    assert list(instance.parameter("steps").values()) == [4, 1, 1, 1]
    assert list(instance.parameter("follow").values()) == [30, 50, 0, 0]
    assert instance.parameter("tallest")[()] == 5 + 2 - 4


def test_changes_reach_sets_and_derived_parameters() -> None:
    more = Change(parameter="n", entries=(Entry(index=(), value=1),))
    heavier = Change(parameter="weight", entries=(Entry(index=("c", 7), value=9),))
    instance = ground(FLOW, changes=(more, heavier))
    assert instance.elements("T") == ((1,), (2,))
    assert instance.parameter("out")[("c",)] == 9
    assert len(instance.domain("x")) == 0


TABLES: dict[str, Any] = {
    "routes": pd.DataFrame(
        {"from": ["a", "a", "b"], "to": [1.0, 2.0, 1.0], "km": [3, 4, 5], "day": [1, 1, 2]}
    ),
    "plain": {"day": [2, 1, 2], "load": [1.5, 2.5, 3.5]},
}

TABULAR = Formulation(
    sets=(
        SetDef(name="Routes", data=FromTable(table="routes", columns=("from", "to"))),
        SetDef(name="From", data=FromTable(table="routes", columns=("from",))),
        SetDef(name="Days", data=FromTable(table="plain", columns=("day",))),
    ),
    parameters=(
        Parameter(
            name="km",
            over="(i, j) in Routes",
            data=Bound(table="routes", value_column="km", key_columns=("from", "to")),
        ),
    ),
)


def test_tables_give_sets_and_parameters() -> None:
    instance = ground(TABULAR, TABLES)
    assert instance.elements("Routes") == (("a", 1), ("a", 2), ("b", 1))
    assert instance.elements("From") == (("a",), ("b",))
    assert instance.elements("Days") == ((2,), (1,))
    assert instance.parameter("km")[("a", 2)] == 4


def bound(**changes: Any) -> Formulation:
    fields = {"table": "plain", "value_column": "load", "key_columns": ("day",), **changes}
    parameter = Parameter(name="p", over="d in Days", data=Bound(**fields))
    return TABULAR.model_copy(update={"parameters": (parameter,)})


@pytest.mark.parametrize(
    ("formulation", "tables", "expected"),
    [
        (bound(), TABLES, "index 2 has two values"),
        (bound(table="none"), TABLES, "there is no table `none`"),
        (bound(value_column="none"), TABLES, "has no column `none`"),
        (bound(key_columns=()), TABLES, "0 key columns for 1 indices"),
        (bound(table="routes", value_column="km"), TABLES, "index 1 has two values"),
        (
            bound(),
            {**TABLES, "plain": {"day": [2, 1], "load": ["1", "much"]}},
            "'much' in row 2 is no number",
        ),
        (
            bound(),
            {**TABLES, "plain": {"day": [2, 1.5], "load": [1, 1]}},
            "1.5 in row 2 is no text and no integer",
        ),
        (
            bound(),
            {**TABLES, "plain": {"day": [2, 1], "load": [1, float("nan")]}},
            "nan in row 2 is no finite number",
        ),
        (
            bound(table="routes", value_column="km", key_columns=("to",)),
            {**TABLES, "routes": {"from": ["a"], "to": [5], "km": [1]}},
            "index 5 lies outside the domain",
        ),
    ],
)
def test_table_faults(formulation: Formulation, tables: Any, expected: str) -> None:
    with pytest.raises(FormulationError, match=expected):
        ground(formulation, tables)


I = listed("I", "a", "b")  # noqa: E741
N = listed("N", 1, 2, 3)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([given("p", {"a": 1}, "i in I")], r"no value at 'b' \(in parameter `p`\)"),
        ([given("p", {"c": 1}, "i in I")], "index 'c' lies outside the domain"),
        ([given("p", {("a", "b"): 1}, "i in I")], "has 2 components, not 1"),
        ([given("p", 1), given("p", 2)], "`p` is declared twice"),
        ([derived("p", "q"), derived("q", "p + 1")], "`p` is defined by itself: p -> q -> p"),
        (
            [derived("p", "1 / (n - 2)", "n in N")],
            r"not a finite number \(in parameter `p` at n = 2",
        ),
        ([derived("p", "log(n - 2)", "n in N")], "at n = 1: `log"),
        ([derived("p", "10 ** (400 * n)", "n in N")], "not a finite number"),
        ([derived("p", "i + 1", "i in I")], "the index `i` is a text here"),
        (
            [derived("p", "prev(n)", "n in N")],
            r"1 has no predecessor in `N` \(in parameter `p` at n",
        ),
        ([derived("p", "next(i, N)", "i in I")], "'a' is not in `N`"),
        ([derived("p", "q[n - 1]", "n in N"), given("q", {}, "n in N", 0)], "0 is no index of `q`"),
        ([derived("p", "q[north]"), given("q", {}, "n in N", 0)], '`"north"`'),
        ([derived("p", "q[1.5]"), given("q", {}, "n in N", 0)], "1.5 is no integer"),
        ([derived("p", "q[1, 2]"), given("q", {}, "n in N", 0)], "takes 1 indices, not 2"),
        ([derived("p", "nothing + 1")], "`nothing` is not declared"),
        ([derived("p", "N + 1")], "the set `N` is no number"),
        ([derived("p", "x"), Variable(name="x")], "the variable `x` stands where only data can"),
        ([derived("p", "max(n for n in N if n > 9)")], "`max` of nothing"),
        ([derived("p", "sum(1 for n in N)", "n in N")], "`n` already means something"),
        ([derived("p", "sum(1 for I in N)")], "`I` already means something"),
        ([derived("p", "sum(1 for (i, j) in N)")], "2 indices for `N`"),
        ([derived("p", "sum(1 for k in Unknown)")], "`Unknown` is no set"),
        ([derived("p", "sum(1 for k in N[1])")], "`N` is no indexed set"),
        ([derived("p", "1 if n < i else 0", "n in N, i in I")], "no common order"),
        ([derived("p", "1 if n else 0", "n in N")], "a condition must compare"),
        ([listed("S", 1, 2, 1)], r"1 is listed twice \(in set `S`\)"),
        ([listed("S", 1, ("a", 2))], "different numbers of components"),
        ([SetDef(name="S", data=Range(start="1", stop="10 ** 9"))], "more than the limit"),
        ([SetDef(name="S", data=Range(start="1", stop="2.5"))], "2.5 is no integer"),
        ([Variable(name="x", over="i in Nowhere")], "`Nowhere` is no set"),
    ],
)
def test_faults_are_named_with_their_place(parts: list[Any], expected: str) -> None:
    kinds: dict[Any, str] = {SetDef: "sets", Parameter: "parameters", Variable: "variables"}
    fields: dict[str, tuple[Any, ...]] = {"sets": (I, N)}
    for part in parts:
        fields[kinds[type(part)]] = (*fields.get(kinds[type(part)], ()), part)
    with pytest.raises(FormulationError, match=expected):
        ground(Formulation.model_validate(fields))


def test_a_doubled_entry_is_refused() -> None:
    entries = (Entry(index=("a",), value=1), Entry(index=("b",), value=1)) * 2
    parameter = Parameter(name="p", over="I", data=Given(entries=entries))
    with pytest.raises(FormulationError, match="index 'a' has two values"):
        ground(Formulation(sets=(I,), parameters=(parameter,)))


def test_a_change_must_hit_a_parameter() -> None:
    change = Change(parameter="I", entries=(Entry(index=(), value=1),))
    with pytest.raises(FormulationError, match="`I` is no parameter"):
        ground(Formulation(sets=(I,)), changes=(change,))


def test_a_product_too_large_is_refused_before_memory_is_spent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frames, "MAX_INDICES", 8)
    with pytest.raises(FormulationError, match="9 combinations, more than the limit of 8"):
        ground(Formulation(sets=(N,), variables=(Variable(name="x", over="i in N, j in N"),)))
    joined = Variable(name="x", over="i in N, j in N if i == j")
    assert len(ground(Formulation(sets=(N,), variables=(joined,))).domain("x")) == 3


def test_conditions_are_evaluated_only_where_those_before_leave_it_open() -> None:
    parts = (
        derived("p", "5 if n > 1 and q[n - 1] > 0 else 0", "n in N"),
        derived("r", "5 if n <= 1 or q[n - 1] > 0 else 0", "n in N"),
        given("q", {1: 1, 2: -1, 3: 1}, "n in N"),
        derived("s", "sum(1 for k in N if k > 1 if q[k - 1] > 0)"),
        derived("u", "sum(1 for k in I, j in I if k < j)".replace(", j in", " for j in")),
    )
    instance = ground(Formulation(sets=(I, N), parameters=parts))
    assert list(instance.parameter("p").values()) == [0, 5, 0]
    assert list(instance.parameter("r").values()) == [5, 5, 0]
    assert instance.parameter("s")[()] == 1
    assert instance.parameter("u")[()] == 1


def test_empty_sets_take_any_number_of_indices() -> None:
    parts = (derived("p", "sum(1 for (i, j) in Empty) + prod(7 for k in Empty)"),)
    instance = ground(Formulation(sets=(listed("Empty"),), parameters=parts))
    assert instance.parameter("p")[()] == 1


def test_a_definition_without_variables_counts_as_data() -> None:
    formulation = Formulation(
        sets=(N,),
        parameters=(derived("p", "half[2] + 1"),),
        definitions=(Definition(name="half", over="n in N", expression="n / 2"),),
    )
    assert ground(formulation).parameter("p")[()] == 2


def test_wide_tuples_are_found_without_overflow() -> None:
    rows = [tuple(1000 * k + j for k in range(8)) for j in range(0, 900, 1)]
    table = Rows([Labels().find(column) for column in zip(*rows, strict=True)])
    probe = [Labels().find([value]) for value in rows[417]]
    assert table.find(probe).tolist() == [417]
    probe[7] = probe[7] + 1
    assert table.find(probe).tolist() == [-1]
