"""What each scorer calls right: hand-made cases, the traps of published rules, properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.evaluation.claims import Claim, Named
from optiwright.evaluation.problems import Ending, Label, Quantity, accepted_answers
from optiwright.evaluation.scorers import SCORERS, strict, tolerance


def label(*answers: str) -> Label:
    return Label(accepted=answers)


def found(value: float | None, *, feasible: bool | None = True) -> Claim:
    return Claim(ending=Ending.SOLVED, objective=value, feasible=feasible)


def ended(ending: Ending) -> Claim:
    return Claim(ending=ending)


def score(scorer: str, labelled: Label, claim: Claim) -> bool | None:
    return SCORERS[scorer](labelled, claim)


# --- strict ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value", "right"),
    [
        ("19", 19.2176, True),
        ("19", 19.5, True),
        ("19", 19.6, False),
        ("19.25", 19.6, False),  # no multiple of what is asked for, so not rounded to it
        ("19.25", 19.2500001, True),
    ],
)
def test_a_text_that_asks_for_whole_dollars_has_a_label_in_whole_dollars(
    written: str, value: float, right: bool
) -> None:
    asked = label(written).model_copy(update={"rounded_to": 1.0})
    assert strict(asked, found(value)) is right


@pytest.mark.parametrize(
    ("written", "value", "right"),
    [
        ("160", 160.0, True),
        ("160.0", 160.00001, True),
        ("160.0", 160.01, False),  # a float's `.0` is no rounding
        ("160", 160.4, False),  # nor is a whole number
        ("1", 0.6, False),  # as ORLM has it
        ("32.43", 32.4259, True),
        ("32.43", 32.4349, True),
        ("32.43", 32.436, False),
        ("12.50", 12.5049, True),  # a zero that was written is a digit
        ("1.5", 1.52, False),  # two digits are meant as they stand
        ("0.05", 0.054, False),
        ("0.5765", 0.57654, True),
        ("0.5765", 0.5766, False),
        ("327.6595744680851", 327.6595744, True),
        ("327.6595744680851", 327.66, False),
        ("1000.0000000000001", 1000.0, True),  # a solver's noise
        ("4.440892098500626e-16", 0.0, True),
        ("0.0", 1e-8, True),
        ("0.0", 1e-3, False),
        ("-6.850983177424753", -6.8509832, True),
        ("-32.43", 32.43, False),  # the sign is no detail
        ("5e3", 5000.0, True),
        ("12200000", 12200011.0, True),
        ("12200000", 12200013.0, False),
    ],
)
def test_strict_allows_what_the_label_leaves_open_and_no_more(
    written: str, value: float, right: bool
) -> None:
    assert strict(label(written), found(value)) is right


@pytest.mark.parametrize(
    ("written", "ending", "right"),
    [
        (Ending.NO_BEST, Ending.INFEASIBLE, True),
        (Ending.NO_BEST, Ending.UNBOUNDED, True),
        (Ending.NO_BEST, Ending.TIMED_OUT, False),
        (Ending.NO_BEST, Ending.NO_ANSWER, False),
        (Ending.NO_BEST, Ending.SOLVED, False),
        (Ending.INFEASIBLE, Ending.INFEASIBLE, True),
        (Ending.INFEASIBLE, Ending.UNBOUNDED, False),
        (Ending.INFEASIBLE, Ending.TIMED_OUT, False),
        (Ending.UNBOUNDED, Ending.UNBOUNDED, True),
        (Ending.UNBOUNDED, Ending.INFEASIBLE, False),
        ("42", Ending.INFEASIBLE, False),
        ("42", Ending.TIMED_OUT, False),
    ],
)
def test_an_ending_is_right_where_the_label_names_it(
    written: str, ending: Ending, right: bool
) -> None:
    assert strict(label(written), ended(ending)) is right


def test_any_of_several_accepted_answers_is_right() -> None:
    several = label("10", "12.5", Ending.INFEASIBLE)
    assert strict(several, found(12.5))
    assert strict(several, ended(Ending.INFEASIBLE))
    assert not strict(several, found(11.0))


def test_a_value_beside_no_solution_is_not_right() -> None:
    assert not strict(label("42"), Claim(ending=Ending.NO_ANSWER, objective=42.0))
    assert not strict(label("42"), found(None))


def test_where_there_is_no_objective_there_is_no_strict_score() -> None:
    assert strict(Label(quantities=(Quantity(name="a", value="1"),)), found(1.0)) is None


# --- OptiBench's and the evaluator's --------------------------------------------------------------

ASKED = Label(
    accepted=("160.0",),
    quantities=(Quantity(name="loaves", value="80.0"), Quantity(name="profit", value="160.0")),
    objective_at=1,
)


def claim_with(loaves: float | None, profit: float) -> Claim:
    named = (Named(name="loaves", value=loaves), Named(name="profit", value=profit))
    return Claim(ending=Ending.SOLVED, objective=profit, quantities=named, feasible=True)


@pytest.mark.parametrize(
    ("loaves", "profit", "all_right", "objective_right"),
    [
        (80.0, 160.0, True, True),
        (80.00009, 159.99991, True, True),
        (80.0002, 160.0, False, True),  # absolute, however large the value
        (79.0, 160.0, False, True),  # another optimum fails, as published
        (None, 160.0, False, True),
        (80.0, 160.001, False, False),
    ],
)
def test_optibench_wants_every_quantity_within_1e_4(
    loaves: float | None, profit: float, all_right: bool, objective_right: bool
) -> None:
    claim = claim_with(loaves, profit)
    assert score("optibench", ASKED, claim) is all_right
    assert score("optibench-objective", ASKED, claim) is objective_right


def test_optibench_says_nothing_without_named_quantities() -> None:
    assert score("optibench", label("5"), found(5.0)) is None
    assert score("optibench-objective", label("5"), found(5.0)) is None
    assert score("optibench", ASKED, ended(Ending.INFEASIBLE)) is False


def test_another_optimum_is_equivalent_if_its_point_holds() -> None:
    elsewhere = claim_with(79.0, 160.0)
    assert score("equivalent", ASKED, elsewhere) is True
    assert score("equivalent", ASKED, elsewhere.model_copy(update={"feasible": False})) is False
    assert score("equivalent", ASKED, elsewhere.model_copy(update={"feasible": None})) is False
    assert score("equivalent", ASKED, claim_with(80.0, 161.0)) is False
    assert score("equivalent", label(Ending.INFEASIBLE), ended(Ending.INFEASIBLE)) is True


# --- the published rules, flaws and all -----------------------------------------------------------


@pytest.mark.parametrize(
    ("scorer", "written", "value", "right"),
    [
        ("orlm", "1", 0.6, True),  # both round to 1
        ("orlm", "100", 104.9, True),  # 5%, after rounding
        ("orlm", "100", 106.0, False),
        ("orlm", "0.4", 0.0, True),
        ("orlm", "0", 1.0, False),
        ("optmath", "-100", -104.0, True),
        ("sirl", "1000000", 1000000.9, True),
        ("sirl", "1000000", 1000002.0, False),
        ("sirl", "0", 9e-7, True),
        ("mamo", "117.15", 117.1549, True),
        ("mamo", "117.15", 117.17, False),
        ("mamo", "1", 0.6, True),
        ("mamo", "10000", 10000.9, True),
        ("mamo", "10000", 10002.0, False),
    ],
)
def test_a_published_rule_is_reproduced_with_its_flaws(
    scorer: str, written: str, value: float, right: bool
) -> None:
    assert score(scorer, label(written), found(value)) is right


def test_only_sirl_takes_a_time_out_for_infeasible() -> None:
    verdicts = {name: s(label(Ending.NO_BEST), ended(Ending.TIMED_OUT)) for name, s in
                SCORERS.items()}  # fmt: skip
    assert [name for name, verdict in verdicts.items() if verdict] == ["sirl"]
    assert not score("sirl", label("42"), ended(Ending.TIMED_OUT))


# --- labels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "answers"),
    [
        (1204.0, ("1204.0",)),
        (0, ("0",)),
        ("$1,250.00", ("1250.00",)),
        ("No Best Solution", (Ending.NO_BEST,)),
        ("Infeasible.", (Ending.INFEASIBLE,)),
        ([10, "12.5"], ("10", "12.5")),
        ("[10, 12.5]", ("10", "12.5")),
    ],
)
def test_a_label_is_read_as_it_is_written(value: object, answers: tuple[str, ...]) -> None:
    assert accepted_answers(value) == answers


@pytest.mark.parametrize("value", [None, True, "", "ten", [], "[1, x]", {}, math.nan, "inf"])
def test_a_label_that_says_nothing_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="label"):
        accepted_answers(value)


# --- properties -----------------------------------------------------------------------------------

NUMBERS = st.floats(-1e9, 1e9)
WRITTEN = st.one_of(
    NUMBERS.map(str),
    st.integers(-(10**9), 10**9).map(str),
    st.tuples(NUMBERS, st.integers(1, 8)).map(lambda pair: f"{pair[0]:.{pair[1]}f}"),
)
POINT_SCORERS = [n for n in SCORERS if not n.startswith("optibench") and n != "valid-plan"]


@given(WRITTEN)
def test_a_labels_own_value_is_right_by_every_rule(written: str) -> None:
    for name in POINT_SCORERS:
        assert score(name, label(written), found(float(written))) is True, name


@given(st.lists(WRITTEN, min_size=1, max_size=6))
def test_a_labels_own_quantities_are_right_by_optibench(values: list[str]) -> None:
    quantities = tuple(Quantity(name=f"q{i}", value=v) for i, v in enumerate(values))
    named = tuple(Named(name=q.name, value=float(q.value)) for q in quantities)
    asked = Label(accepted=(values[-1],), quantities=quantities, objective_at=len(values) - 1)
    claim = Claim(ending=Ending.SOLVED, objective=float(values[-1]), quantities=named)
    assert score("optibench", asked, claim) is True
    assert score("optibench-objective", asked, claim) is True
    off = (*named[:-1], Named(name=named[-1].name, value=float(values[-1]) + 0.5))
    assert score("optibench", asked, claim.model_copy(update={"quantities": off})) is False


@given(WRITTEN, st.floats(1.5, 100), st.booleans())
def test_strict_has_an_edge_on_both_sides(written: str, far: float, below: bool) -> None:
    wanted, width = float(written), tolerance(written)
    side = -1 if below else 1
    assert strict(label(written), found(wanted + side * 0.9 * width)) is True
    assert strict(label(written), found(wanted + side * far * width)) is False


@given(NUMBERS.filter(lambda v: abs(v) > 1e-3), st.integers(2, 6))
def test_a_rounded_label_takes_the_value_it_was_rounded_from(value: float, digits: int) -> None:
    written = f"{value:.{digits}f}"
    if len(written.lstrip("-").replace(".", "").lstrip("0")) >= 3:
        assert strict(label(written), found(value)) is True
