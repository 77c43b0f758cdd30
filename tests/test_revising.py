"""Typed changes: exactly what they name is changed, all else stays, what cannot be is refused."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from optiwright import Formulation, solve
from optiwright.formulators.changes import (
    CHANGES,
    Add,
    AddConstraint,
    ChangeDomain,
    ChangeObjective,
    Decide,
    Drop,
    Others,
    Redefine,
    Relax,
    Restate,
    Scale,
    SetBounds,
    SetEntries,
    SetTo,
    TypedChange,
)
from optiwright.formulators.data import read_data
from optiwright.formulators.difference import difference
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Bound,
    Domain,
    Entry,
    FromTable,
    Given,
    Parameter,
    Sense,
    SetDef,
    Variable,
)
from optiwright.formulators.revising import apply
from optiwright.formulators.revising_data import with_new_data
from optiwright.formulators.together import never_both
from optiwright.formulators.whole_numbers import whole_where_needed
from tests.sample_formulations import SAMPLES, given, listed, minimize

TRANSPORT = SAMPLES["transport"].formulation
NETWORK = SAMPLES["network"].formulation
ASSIGNMENT = SAMPLES["assignment"].formulation
MACHINE = SAMPLES["machine"].formulation


def values(formulation: Formulation, name: str) -> dict[Any, float]:
    return dict(ground(formulation).parameter(name).items())


def one(change: TypedChange, formulation: Formulation = TRANSPORT) -> Formulation:
    return apply(formulation, [change])


def best(formulation: Formulation) -> float | None:
    return solve(formulation).objective


def refusal(change: TypedChange, formulation: Formulation = TRANSPORT) -> FormulationError:
    with pytest.raises(FormulationError) as caught:
        one(change, formulation)
    assert caught.value.where.startswith("change 1, ")
    return caught.value


# --- data -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Scale(parameter="demand", at=("Chicago",), factor=1.29), (325, 387, 275)),
        (Add(parameter="demand", at=("Topeka",), amount=-5.5), (325, 300, 269.5)),
        (SetTo(parameter="demand", at=("New York",), value=7), (7, 300, 275)),
        (Add(parameter="demand", amount=4), (329, 304, 279)),
        (Add(parameter="demand", at=("*",), amount=4), (329, 304, 279)),
        (
            Scale(parameter="demand", at=(Others(other_than="Chicago"),), factor=0.5),
            (162.5, 300, 137.5),
        ),
        (Scale(parameter="demand", at=("Topeka",), factor=1.001, whole=True), (325, 300, 276)),
        (Scale(parameter="demand", at=("Chicago",), factor=1.13, whole=True), (325, 339, 275)),
    ],
)
def test_entries_of_a_parameter_change(change: TypedChange, expected: tuple[float, ...]) -> None:
    assert tuple(values(one(change), "demand").values()) == expected


def test_a_table_is_changed_along_a_row() -> None:
    changed = values(one(Scale(parameter="distance", at=("Seattle", "*"), factor=2)), "distance")
    before = values(TRANSPORT, "distance")
    for index, value in changed.items():
        assert value == before[index] * (2 if index[0] == "Seattle" else 1)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Scale(parameter="cost", at=("Seattle", "*"), factor=1.1), lambda c, i: c * 1.1),
        (Add(parameter="cost", at=("Seattle", "Topeka"), amount=3), None),
        (SetTo(parameter="cost", at=("*", "Chicago"), value=0), None),
        (Scale(parameter="cost", factor=3), lambda c, i: c * 3),
        (SetTo(parameter="cost", value=5), lambda c, i: 5),
    ],
)
def test_a_parameter_that_is_worked_out_changes_where_it_is_picked(
    change: Any, expected: Any
) -> None:
    before, after = values(TRANSPORT, "cost"), values(one(change), "cost")
    for index, value in after.items():
        picked = not change.at or all(p in {"*", e} for p, e in zip(change.at, index, strict=True))
        new = {
            "scale": lambda c: c * change.factor,
            "add": lambda c: c + change.amount,
            "set": lambda c: change.value,
        }[change.kind](before[index])
        assert value == pytest.approx(new if picked else before[index])


def test_a_default_is_changed_with_the_whole_and_stays_where_entries_are_named() -> None:
    whole = one(Add(parameter="surplus", amount=1), NETWORK)
    assert set(values(whole, "surplus").values()) == {11, 1, -9}
    data = next(p.data for p in whole.parameters if p.name == "surplus")
    assert isinstance(data, Given) and data.default == 1 and len(data.entries) == 2
    some = one(Add(parameter="surplus", at=("hub",), amount=1), NETWORK)
    assert values(some, "surplus") == {("port",): 10, ("hub",): 1, ("depot",): 0, ("city",): -10}


def test_a_scalar_is_set() -> None:
    assert values(one(SetTo(parameter="freight", value=80)), "freight") == {(): 80}
    assert best(one(SetTo(parameter="freight", value=45))) == pytest.approx(153_675 / 2)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "what", "remedy"),
    [
        (SetTo(parameter="freigt", value=1), "no parameter `freigt`", "`freight`"),
        (SetTo(parameter="demand", at=("chicgo",), value=1), "no element 'chicgo'", "`Chicago`"),
        (SetTo(parameter="demand", at=("Chicago", "x"), value=1), "takes 1 index", "position"),
        (SetTo(parameter="freight", at=("x",), value=1), "has no index", "Leave them out"),
        (Add(parameter="demand", at=("+",), amount=1), "cannot be summed", '"*"'),
        (
            SetTo(parameter="demand", at=(Others(other_than="Oslo"),), value=1),
            "no element 'Oslo'",
            "`Topeka`",
        ),
        (Scale(parameter="demand", factor=1e308), "too large", "less"),
        (Scale(parameter="cost", factor=2, whole=True), "cannot be rounded", "Change those"),
        (Drop(constraint="meet_deman"), "no constraint", "`meet_demand`"),
        (Drop(constraint="meet_demand", at=("+",)), "cannot be summed", "*"),
        (Relax(constraint="supply", amount=1), "no constraint", "`within_supply`"),
        (Decide(decision="shipp", value=0), "no decision", "`ship`"),
        (ChangeDomain(variable="demand", domain=Domain.INTEGER), "no variable", "`ship`"),
        (
            AddConstraint(name="meet_demand", expression="1 <= 2", description="d"),
            "already",
            "another name",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_comes_nearest(
    change: TypedChange, what: str, remedy: str
) -> None:
    error = refusal(change)
    assert what in error.what
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ("ship['Seattle', 'Chicago'] <= demnd['Chicago']", "`demnd` is not declared"),
        ("ship['Seattle', 'Chicago'] +", "not a valid expression"),
        ("ship['Seattle', 'Oslo'] <= 3", "Oslo"),
        ("ship['Seattle', 'Chicago']", "must compare two sides"),
    ],
)
def test_a_constraint_that_cannot_be_read_is_refused(expression: str, what: str) -> None:
    error = refusal(AddConstraint(name="new", expression=expression, description="d"))
    assert what in error.what
    assert "constraint `new`" in error.where


def test_the_second_change_is_named_and_nothing_is_half_done() -> None:
    with pytest.raises(FormulationError) as caught:
        apply(TRANSPORT, [SetTo(parameter="freight", value=1), Drop(constraint="nothing")])
    assert caught.value.where == "change 2, drop"
    assert values(TRANSPORT, "freight") == {(): 90}


def test_data_that_no_longer_join_are_refused() -> None:
    error = refusal(Add(parameter="horizon", amount=1), SAMPLES["inventory"].formulation)
    assert "no value at" in error.what


def test_a_table_of_data_is_changed_where_it_is_used() -> None:
    bound = Formulation(
        sets=(SetDef(name="I", data=FromTable(table="rows", columns=("i",))),),
        parameters=(
            Parameter(
                name="p",
                over="i in I",
                data=Bound(table="rows", value_column="v", key_columns=("i",)),
            ),
        ),
    )
    with pytest.raises(FormulationError, match="not at hand: `rows`"):
        one(SetTo(parameter="p", value=1), bound)
    data = read_data({"rows": pd.DataFrame({"i": ["a", "b"], "v": [1, 2]})})
    after = one(Scale(parameter="p", at=("b",), factor=3), bound.with_data(data))
    assert values(after, "p") == {("a",): 1, ("b",): 6}
    assert data.tables["rows"]["v"].tolist() == [1, 2]


def test_a_binary_is_yes_or_no() -> None:
    error = refusal(Decide(decision="does", at=("Ana", "wiring"), value=2), ASSIGNMENT)
    assert "0 or 1, not 2" in error.what


def test_whole_decisions_are_not_fixed_between() -> None:
    whole = one(ChangeDomain(variable="ship", domain=Domain.INTEGER))
    error = refusal(Decide(decision="ship", at=("Seattle", "Chicago"), value=2.5), whole)
    assert "whole values" in error.what


def test_a_relation_is_relaxed_by_either_an_amount_or_a_price() -> None:
    with pytest.raises(ValueError, match="either"):
        Relax(constraint="c", amount=1, penalty=1)
    with pytest.raises(ValueError, match="sense"):
        ChangeObjective()


# --- constraints ----------------------------------------------------------------------------------


def demanded(formulation: Formulation) -> set[tuple[str, Any]]:
    """Every constraint with each of its indices."""
    instance = ground(formulation)
    return {
        (c.name, index)
        for c in formulation.constraints
        for index in instance.clause(f"constraint `{c.name}`", c.over).domain.indices
    }


@pytest.mark.parametrize(
    ("formulation", "change", "gone"),
    [
        (TRANSPORT, Drop(constraint="within_supply", at=("Seattle",)), {("Seattle",)}),
        (
            TRANSPORT,
            Drop(constraint="meet_demand", at=(Others(other_than="Topeka"),)),
            {("New York",), ("Chicago",)},
        ),
        (MACHINE, Drop(constraint="one_at_a_time", at=(1, "*")), {(1, 2), (1, 3)}),
        (MACHINE, Drop(constraint="one_at_a_time", at=(1, 3)), {(1, 3)}),
        (NETWORK, Drop(constraint="conserve", at=("hub",)), {("hub",)}),
    ],
)
def test_a_constraint_is_dropped_at_some_indices_exactly(
    formulation: Formulation, change: Drop, gone: set[Any]
) -> None:
    dropped = {(change.constraint, index) for index in gone}
    assert demanded(one(change, formulation)) == demanded(formulation) - dropped


def test_dropping_twice_narrows_twice() -> None:
    changes = [Drop(constraint="meet_demand", at=(m,)) for m in ("Topeka", "Chicago")]
    left = {i for n, i in demanded(apply(TRANSPORT, changes)) if n == "meet_demand"}
    assert left == {("New York",)}


def test_all_indices_together_are_the_whole() -> None:
    for at in ((), ("*",)):
        names = [c.name for c in one(Drop(constraint="within_supply", at=at)).constraints]
        assert names == ["meet_demand"]


def test_an_inequality_gives_way_by_an_amount() -> None:
    relaxed = one(Relax(constraint="meet_demand", at=("Chicago",), amount=50))
    same = one(Add(parameter="demand", at=("Chicago",), amount=-50))
    assert best(relaxed) == pytest.approx(best(same))
    upper = one(Relax(constraint="within_supply", at=("San Diego",), amount=40))
    more = one(Add(parameter="supply", at=("San Diego",), amount=40))
    assert best(upper) == pytest.approx(best(more))


def test_an_equality_gives_way_to_both_sides() -> None:
    feed = SAMPLES["blending"].formulation
    less = one(Relax(constraint="mass", amount=20), feed)
    fewer = one(SetTo(parameter="amount", value=480), feed)
    assert best(less) == pytest.approx(
        best(
            apply(
                feed,
                [
                    Drop(constraint="mass"),
                    AddConstraint(
                        name="band",
                        expression="amount - 20 <= sum(use[f] for f in Feeds) <= amount + 20",
                        description="d",
                    ),
                ],
            )
        )
    )
    assert best(less) != pytest.approx(best(fewer))


def test_a_range_gives_way_at_both_ends() -> None:
    base = Formulation(
        variables=(Variable(name="x"),),
        objectives=minimize("x"),
        constraints=(Algebraic(name="band", expression="10 <= x <= 20"),),
    )
    relaxed = one(Relax(constraint="band", amount=3), base)
    assert best(relaxed) == pytest.approx(7)
    highest = apply(relaxed, [ChangeObjective(sense=Sense.MAXIMIZE)])
    assert best(highest) == pytest.approx(23)


def test_a_missed_demand_is_paid_for() -> None:
    # A case to Topeka costs 126; for 100 it is better left out.
    relaxed = one(Relax(constraint="meet_demand", at=("Topeka",), penalty=100))
    assert best(relaxed) == pytest.approx(153_675 - 275 * 26)


def test_only_a_comparison_is_relaxed() -> None:
    error = refusal(Relax(constraint="one_at_a_time", amount=1), MACHINE)
    assert "no comparison" in error.what


def test_a_constraint_is_added() -> None:
    added = one(
        AddConstraint(
            name="share",
            over="i in Plants",
            expression='ship[i, "Topeka"] >= 50',
            description="Each plant serves Topeka",
        )
    )
    assert best(added) == pytest.approx(153_675 + 50 * (1.8 - 1.4) * 90)
    assert "also demanded: Each plant serves Topeka" in difference(TRANSPORT, added)[0]


# --- decisions ------------------------------------------------------------------------------------


def test_a_decision_is_fixed_forbidden_and_held() -> None:
    at = ("Seattle", "Chicago")
    without = solve(one(Decide(decision="ship", at=at, value=0)))
    found = {v.index: v.value for v in without.solution.values} if without.solution else {}
    assert found[at] == pytest.approx(0)
    held = solve(one(Decide(decision="ship", at=at, relation="==", value=123)))
    found = {v.index: v.value for v in held.solution.values} if held.solution else {}
    assert found[at] == pytest.approx(123)


@pytest.mark.parametrize(
    ("formulation", "at", "groups"),
    [
        (TRANSPORT, ("Seattle", "+"), [[("Seattle", None)]]),
        (TRANSPORT, ("*", "+"), [[("Seattle", None)], [("San Diego", None)]]),
        (TRANSPORT, ("+", "*"), [[(None, m)] for m in ("New York", "Chicago", "Topeka")]),
        (TRANSPORT, ("+", "+"), [[(None, None)]]),
        (NETWORK, ("*", "+"), [[(n, None)] for n in ("port", "hub", "depot")]),
        (NETWORK, ("+", "city"), [[(None, "city")]]),
    ],
)
def test_a_total_of_decisions_is_held(
    formulation: Formulation, at: tuple[Any, ...], groups: list[list[tuple[Any, Any]]]
) -> None:
    name = formulation.variables[0].name
    limited = one(Decide(decision=name, at=at, relation="<=", value=2), formulation)
    free = limited.model_copy(
        update={
            "constraints": limited.constraints[len(formulation.constraints) :],
            "variables": (formulation.variables[0].model_copy(update={"upper": "5"}),),
            "objectives": (
                formulation.objectives[0].model_copy(
                    update={
                        "sense": Sense.MAXIMIZE,
                        "expression": _total(formulation),
                    }
                ),
            ),
        }
    )
    # Nothing else is demanded, so each total that is held comes to exactly 2 where it can.
    result = solve(free)
    assert result.solution is not None
    for (pattern,) in groups:
        total = sum(
            v.value or 0
            for v in result.solution.values
            if all(p is None or p == e for p, e in zip(pattern, v.index, strict=True))
        )
        assert total == pytest.approx(2)


def _total(formulation: Formulation) -> str:
    if formulation is NETWORK:
        return "sum(flow[i, j] for (i, j) in Arcs)"
    return "sum(ship[i, j] for i in Plants for j in Markets)"


def test_every_other_element_is_forbidden_at_once() -> None:
    change = Decide(decision="ship", at=(Others(other_than="Seattle"), "Chicago"), value=0)
    result = solve(one(change))
    assert result.solution is not None
    found = {v.index: v.value for v in result.solution.values}
    assert found["San Diego", "Chicago"] == pytest.approx(0)
    assert found["Seattle", "Chicago"] == pytest.approx(300)


def test_a_total_that_has_a_name_is_held() -> None:
    stock = SAMPLES["inventory"].formulation
    assert solve(one(Decide(decision="total_cost", relation=">=", value=4000), stock)).objective
    assert (
        solve(one(Decide(decision="total_cost", relation="<=", value=2900), stock)).status
        == "infeasible"
    )


def test_two_are_never_both_where_both_could_be() -> None:
    rules = list(never_both(ASSIGNMENT, ("does", ("Ana", "*")), ("does", ("Ben", "*")), "here"))
    assert [r.over for r in rules] == ['w in Workers, t in Tasks if w == "Ana"']
    (single,) = never_both(
        ASSIGNMENT, ("does", ("Ana", "wiring")), ("does", ("Ben", "painting")), "here"
    )
    assert single.expression == 'does["Ana", "wiring"] + does["Ben", "painting"] <= 1'
    with pytest.raises(FormulationError, match="no yes-or-no decision"):
        list(never_both(TRANSPORT, ("ship", ("Seattle", "*")), ("ship", ("x", "*")), "here"))


def test_domain_and_objective_change() -> None:
    loose = one(ChangeDomain(variable="does", domain=Domain.CONTINUOUS), ASSIGNMENT)
    assert (loose.variables[0].lower, loose.variables[0].upper) == ("0", "1")
    assert best(loose) == pytest.approx(9)
    worst = one(ChangeObjective(sense=Sense.MAXIMIZE), ASSIGNMENT)
    assert best(worst) == pytest.approx(21)
    other = one(ChangeObjective(expression='does["Ana", "wiring"]'), ASSIGNMENT)
    assert best(other) == pytest.approx(0)


# --- what is not named stays ----------------------------------------------------------------------

NAMED: dict[str, tuple[str, ...]] = {
    "set": ("parameters",),
    "entries": ("parameters",),
    "scale": ("parameters",),
    "add": ("parameters",),
    "add_constraint": ("constraints",),
    "restate": ("constraints",),
    "drop": ("constraints",),
    "relax": ("constraints",),
    "decide": ("constraints",),
    "domain": ("variables",),
    "bounds": ("variables",),
    "redefine": ("definitions",),
    "objective": ("objectives",),
    "add_element": ("sets", "parameters"),
    "add_decision": (
        "parameters",
        "variables",
        "definitions",
        "objectives",
        "constraints",
        "asked",
    ),
}


def _picks(formulation: Formulation, name: str) -> st.SearchStrategy[tuple[Any, ...]]:
    domain = list(ground(formulation).clause_of(name).domain.indices)
    exact = st.sampled_from(domain)
    starred = exact.flatmap(lambda index: st.tuples(*(st.sampled_from([e, "*"]) for e in index)))
    return st.just(()) | exact | starred


@st.composite
def changed(draw: Any) -> tuple[Formulation, TypedChange]:
    formulation = draw(st.sampled_from([s.formulation for s in SAMPLES.values()]))
    number = draw(st.floats(0.5, 2).map(lambda v: round(v, 3)))
    kind = draw(st.sampled_from([*NAMED]))
    if kind in {"entries", "bounds", "redefine", "restate"}:
        return formulation, draw(_edited(formulation, kind, number))
    if kind in {"set", "scale", "add"} and formulation.parameters:
        parameter = draw(st.sampled_from(formulation.parameters)).name
        at = draw(_picks(formulation, parameter))
        fields = {"set": "value", "scale": "factor", "add": "amount"}
        return formulation, CHANGES.validate_python(
            [{"kind": kind, "parameter": parameter, "at": at, fields[kind]: number}]
        )[0]
    if kind == "decide":
        variable = draw(st.sampled_from(formulation.variables)).name
        at = draw(_picks(formulation, variable))
        return formulation, Decide(decision=variable, at=at, relation="<=", value=number)
    rule = draw(st.sampled_from(formulation.constraints))
    at = draw(_constraint_picks(formulation, rule.name, rule.over))
    if kind == "relax" and rule.kind == "algebraic":
        return formulation, Relax(constraint=rule.name, at=at, amount=number)
    return formulation, Drop(constraint=rule.name, at=at)


@st.composite
def _edited(draw: Any, formulation: Formulation, kind: str, number: float) -> TypedChange:
    given_ones = [p.name for p in formulation.parameters if isinstance(p.data, Given)]
    if kind == "entries" and given_ones:
        name = draw(st.sampled_from(given_ones))
        index = draw(st.sampled_from(list(ground(formulation).domain(name))))
        return SetEntries(parameter=name, entries=(Entry(index=index, value=number),))
    if kind == "redefine" and formulation.definitions:
        total = draw(st.sampled_from(formulation.definitions))
        return Redefine(definition=total.name, expression=f"2*({total.expression})")
    rules = [c for c in formulation.constraints if isinstance(c, Algebraic)]
    if kind == "restate" and rules:
        rule = draw(st.sampled_from(rules))
        return Restate(constraint=rule.name, expression=rule.expression, description="Otherwise.")
    variable = draw(st.sampled_from(formulation.variables)).name
    return SetBounds(variable=variable, lower="0", upper=str(number))


def _constraint_picks(
    formulation: Formulation, name: str, over: str
) -> st.SearchStrategy[tuple[Any, ...]]:
    domain = list(ground(formulation).clause(f"constraint `{name}`", over).domain.indices)
    return st.just(()) | st.sampled_from(domain)


@settings(max_examples=150, deadline=None)
@examples(changed())
def test_all_that_a_change_does_not_name_is_equal_before_and_after(
    case: tuple[Formulation, TypedChange],
) -> None:
    before, change = case
    try:
        after = apply(before, [change])
    except FormulationError:
        return
    touched = NAMED[change.kind]
    for field in Formulation.model_fields:
        if field not in touched:
            assert getattr(before, field) == getattr(after, field)
    (field,) = touched
    names = ("parameter", "constraint", "variable", "definition")
    name = next((n for field in names if (n := getattr(change, field, ""))), "")
    kept = [p for p in getattr(before, field) if p.name != name]
    assert [p for p in getattr(after, field) if p in kept] == kept
    if field == "parameters":
        assert len(after.parameters) == len(before.parameters)
        assert _other_entries(before, change) == _other_entries(after, change)
    if change.kind == "drop":
        picked = getattr(change, "at", ())
        gone = {(name, i) for n, i in demanded(before) if n == name and (not picked or i == picked)}
        assert demanded(after) == demanded(before) - gone
    assert difference(before, after) or after == before


def _other_entries(formulation: Formulation, change: Any) -> dict[Any, float]:
    if isinstance(change, SetEntries):
        edited = {e.index for e in change.entries}
        every = values(formulation, change.parameter)
        return {index: value for index, value in every.items() if index not in edited}
    return {
        index: value
        for index, value in values(formulation, change.parameter).items()
        if change.at and any(p not in {"*", e} for p, e in zip(change.at, index, strict=True))
    }


@settings(max_examples=60, deadline=None)
@examples(changed())
def test_changes_survive_json(case: tuple[Formulation, TypedChange]) -> None:
    changes = (case[1],)
    assert CHANGES.validate_json(CHANGES.dump_json(changes)) == changes


# --- the difference in words ----------------------------------------------------------------------


def lines(*changes: TypedChange, of: Formulation = TRANSPORT) -> tuple[str, ...]:
    return difference(of, apply(of, changes))


def test_nothing_is_no_difference() -> None:
    assert difference(TRANSPORT, TRANSPORT) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            Scale(parameter="demand", at=("Chicago",), factor=1.29),
            "demand[Chicago]: 300 -> 387 cases (+29%)",
        ),
        (
            SetTo(parameter="distance", at=("Seattle", "Topeka"), value=0.9),
            "distance[Seattle, Topeka]: 1.8 -> 0.9 thousand miles (-50%)",
        ),
        (SetTo(parameter="freight", value=1234.5), "freight: 90 -> 1,234.5 $/case/thousand miles"),
        (
            Drop(constraint="within_supply", at=("Seattle",)),
            'within_supply (`within_supply`): no longer where i == "Seattle"',
        ),
        (Drop(constraint="within_supply"), "no longer demanded: `sum(ship[i, j]"),
        (
            Decide(decision="ship", at=("Seattle", "+"), relation=">=", value=10),
            "also demanded: the total of `ship[Seattle, all]` is at least 10 cases",
        ),
        (
            Decide(decision="ship", at=("Seattle", "Topeka"), relation=">=", value=1),
            "`ship[Seattle, Topeka]` is at least 1 case",
        ),
        (Relax(constraint="meet_demand", penalty=7), "may be missed at 7 a unit"),
        (ChangeDomain(variable="ship", domain=Domain.INTEGER), "ship: continuous -> integer"),
        (ChangeObjective(sense=Sense.MAXIMIZE), "objective: minimize -> maximize"),
    ],
)
def test_the_difference_in_words(change: TypedChange, said: str) -> None:
    (line,) = lines(change)
    assert said in line


def test_an_entry_that_was_zero_has_no_percentage() -> None:
    assert lines(Add(parameter="surplus", at=("hub",), amount=2), of=NETWORK) == (
        "surplus[hub]: 0 -> 2 tons",
    )


def test_many_entries_are_counted() -> None:
    many = Formulation(
        sets=(listed("I", range(30)),),
        parameters=(given("p", {k: 1.0 for k in range(30)}, "i in I"),),
    )
    said = difference(many, with_new_data(many, Scale(parameter="p", factor=2), "here"))
    assert len(said) == 13 and said[-1] == "and 18 more entries of p"


# --- whole numbers --------------------------------------------------------------------------------


def counting(sense: str, whole: bool = True) -> Formulation:
    """A shop that needs 30 pieces, made whole or not."""
    domain = Domain.INTEGER if whole else Domain.CONTINUOUS
    return Formulation(
        parameters=(given("need", 30),),
        variables=(Variable(name="make", domain=domain),),
        objectives=minimize("make"),
        constraints=(Algebraic(name="met", expression=f"make {sense} need"),),
    )


@pytest.mark.parametrize(
    ("sense", "whole", "rounded", "optimum"),
    [(">=", True, False, 39), ("==", True, True, 39), ("==", False, False, 38.7)],
)
def test_a_share_of_a_count_is_rounded_up_where_no_other_number_can_be_met(
    sense: str, whole: bool, rounded: bool, optimum: float
) -> None:
    base = counting(sense, whole)
    (change,) = whole_where_needed(base, (Scale(parameter="need", factor=1.29),))
    assert isinstance(change, Scale) and change.whole is rounded
    assert best(one(change, base)) == pytest.approx(optimum)
    assert difference(base, one(change, base))[0].startswith(
        f"need: 30 -> {'39' if rounded else '38.7'}"
    )


def test_every_kind_of_change_has_its_field_here() -> None:
    schema = CHANGES.json_schema()
    kinds = {
        d["properties"]["kind"]["const"]
        for d in schema["$defs"].values()
        if "kind" in d.get("properties", {})
    }
    assert kinds == set(NAMED)
