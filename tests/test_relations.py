"""The checks of requirements: what bounds decide, what says nothing, what the text contradicts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.checks import Code, check
from tests.faulty_formulations import algebraic, codes, formulation, rule

W = {"name": "w", "lower": "0", "upper": "5"}


@pytest.mark.parametrize(
    ("relation", "vacuous"),
    [
        ("w <= 5 * z + 7", True),
        ("2 * w - 3 * z <= 10", True),
        ("w / 2 + 4 >= z", True),
        ("3 * w * 2 <= 31", True),
        ("w <= 4", False),
        ("w <= 5.5", False),
        ("w >= 0", False),
        ("w + z == 5", False),
        ("2 * w >= 3 * z", False),
        ("v >= 2 - 3 * w", False),
        ("w ** 2 <= 26", False),
        ("cap * w <= 44", False),
        ("cap * w <= 45", True),
        ("2 * w <= 12 <= 20 * z", False),
    ],
)
def test_only_what_the_bounds_imply_is_vacuous(relation: str, vacuous: bool) -> None:
    free = {"name": "v", "lower": None}
    found = codes(
        check(formulation(variables_plus=[W, free], constraints_plus=[algebraic(relation)]))
    )
    assert (Code.VACUOUS in found) == vacuous


@settings(max_examples=60, deadline=None)
@given(
    slopes=st.tuples(st.integers(-4, 4), st.integers(-4, 4)),
    limit=st.integers(-20, 20),
    sign=st.sampled_from(["<=", ">="]),
)
def test_a_vacuous_requirement_holds_at_every_corner(
    slopes: tuple[int, int], limit: int, sign: str
) -> None:
    relation = f"{slopes[0]} * w + {slopes[1]} * z {sign} {limit}"
    corners = [slopes[0] * w + slopes[1] * z for w in (0, 5) for z in (0, 1)]
    always = all(value <= limit if sign == "<=" else value >= limit for value in corners)
    found = codes(check(formulation(variables_plus=[W], constraints_plus=[algebraic(relation)])))
    has_data = bool({abs(slopes[0]), abs(slopes[1]), abs(limit)} - {0, 1})
    assert (Code.VACUOUS in found) == (always and has_data)


@settings(max_examples=60, deadline=None)
@given(
    slopes=st.tuples(st.integers(-4, 4), st.integers(-4, 4)),
    limit=st.integers(-30, 30),
    sign=st.sampled_from(["<=", ">=", "=="]),
)
def test_an_impossible_requirement_fails_at_every_corner(
    slopes: tuple[int, int], limit: int, sign: str
) -> None:
    relation = f"{slopes[0]} * w + {slopes[1]} * z {sign} {limit}"
    corners = [slopes[0] * w + slopes[1] * z for w in (0, 5) for z in (0, 1)]
    above, below = min(corners) > limit, max(corners) < limit
    never = {"<=": above, ">=": below, "==": above or below}[sign]
    found = codes(check(formulation(variables_plus=[W], constraints_plus=[algebraic(relation)])))
    has_data = bool({abs(slopes[0]), abs(slopes[1]), abs(limit)} - {0, 1})
    assert (Code.IMPOSSIBLE in found) == (never and has_data)


def test_a_need_of_each_of_several_things_is_asked_for_one_by_one() -> None:
    need = algebraic("w + z >= 6") | {"description": "every one of four districts is reached"}
    faulty = formulation(variables_plus=[W | {"upper": "3"}], constraints_plus=[need])
    (message,) = [f.message for f in check(faulty) if f.code is Code.IMPOSSIBLE]
    assert "each of 4 districts: write 4 totals in its place, `district1` to `district4`" in message


@pytest.mark.parametrize(
    "relations",
    [
        ("w + z >= 6", "w + z <= 8"),
        ("w + z >= 6", "w + v >= 8"),
        ("w >= 6", "w >= 8"),
        ("w + z >= 6", "w + z >= 8 * z"),
    ],
    ids=["a range", "other decisions", "one decision", "a limit that is decided"],
)
def test_limits_that_all_count_are_not_superseded(relations: tuple[str, str]) -> None:
    pair = [algebraic(relation, name=f"r{k}") for k, relation in enumerate(relations)]
    found = check(formulation(variables_plus=[{"name": "w"}, {"name": "v"}], constraints_plus=pair))
    assert Code.SUPERSEDED not in codes(found)


@pytest.mark.parametrize(
    "relation", ["w * s[1] <= 6", "w + z == 6", "w >= z * 3 - w", "z >= w / 6"],
    ids=["limited", "equal", "limited below only, through itself", "limited by another"],
)  # fmt: skip
def test_what_something_limits_is_not_free(relation: str) -> None:
    held = formulation(
        variables_plus=[{"name": "w"}],
        constraints_plus=[algebraic("w >= 6", name="r1"), algebraic(relation, name="r2")],
    )
    assert (Code.FREE in codes(check(held))) == (relation == "w >= z * 3 - w")


FREIGHT = """
| from / to | Dover | Essen | Fulda |
|---|---|---|---|
| Aachen | 14 | 6 | 9 |
| Bad Soden | 12 | - | 8 |
"""


@pytest.mark.parametrize(
    ("names", "text", "found"),
    [
        (["aachen", "bad_soden", "dover", "essen"], FREIGHT, True),
        (["Aachen", "badsoden", "fulda", "dover"], FREIGHT, True),
        (["aachen_dover", "aachen_essen", "bad_soden_dover", "bad_soden_fulda"], FREIGHT, False),
        (["aachen", "bad_soden", "dover", "essen"],
         FREIGHT.replace("Aachen", "Aachen (west)").replace("Dover", "Dover (port)"), True),
        (["aachen", "bad_soden"], FREIGHT, False),
        (["aachen", "bad_soden", "dover", "essen"], FREIGHT.replace("14", "fast"), False),
        (["aachen", "bad_soden", "dover", "essen"], FREIGHT.replace("|", " "), False),
    ],
    ids=["rows and columns", "spelled otherwise", "pairs", "with remarks", "rows alone", "words",
         "no table"],
)  # fmt: skip
def test_rows_and_columns_of_a_table_are_no_decisions(
    names: list[str], text: str, found: bool
) -> None:
    model = formulation(variables_plus=[{"name": name} for name in names])
    said = [f.message for f in check(model, text) if f.code is Code.PAIRS]
    assert bool(said) == found
    assert all("6 pairs (`aachen_dover`, `aachen_essen`" in message for message in said)


@pytest.mark.parametrize(
    "definition",
    [
        {"name": "d", "expression": "s[1] + s[2]"},
        {"name": "d", "expression": "total - 2 * z"},
        {"name": "d", "expression": "total - z"},
    ],
    ids=["a count", "no data of its own", "the objective once more"],
)
def test_a_total_that_loses_no_data_may_stand_idle(definition: dict[str, str]) -> None:
    assert Code.IDLE not in codes(check(formulation(definitions_plus=[definition])))


def test_a_total_that_is_used_through_another_is_not_idle() -> None:
    used = formulation(
        definitions_plus=[
            {"name": "d", "expression": "cap * s[1]"},
            {"name": "e", "expression": "d + z"},
        ],
        constraints_plus=[algebraic("e <= cap")],
    )
    assert Code.IDLE not in codes(check(used))


@pytest.mark.parametrize(
    ("text", "relation", "wanted"),
    [
        ("At least 17 pots are needed.", "s[1] <= 17", ">="),
        ("At least 17 pots are needed.", "17 >= s[1]", ">="),
        ("There are 17 hours available.", "s[1] == 17", "<="),
        ("No more than 17 pots can be sold.", "s[1] >= 17", "<="),
        ("It has only 17 hours.", "2 * s[1] + s[2] == 17", "<="),
        ("Up to $1,700 can be spent.", "1700 == s[1]", "<="),
        ("we have 17 kilos malt and 9 kg of hops.", "2 * s[1] + s[2] >= 17", "<="),
        ("At least 60 pots are needed.", "s[1] <= 60", ">="),
        ("It runs at most 55 hours and needs 60 pots.", "2 * s[1] >= 55*60", "<="),
    ],
)
def test_a_sign_that_the_text_contradicts_is_a_warning(
    text: str, relation: str, wanted: str
) -> None:
    found = [f for f in check(rule(relation), text) if f.code is Code.DIRECTION]
    assert len(found) == 1
    assert found[0].message.endswith(f"with {wanted}.")


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("At least 17 pots are needed.", "s[1] >= 17"),
        ("At least 17 pots and at most 17 pans are needed.", "s[1] <= 17"),
        ("There are 17 hours available.", "17 >= s[1]"),
        ("At least 17% of the pots must be red.", "s[1] <= 17 * s[2]"),
        ("Exactly 17 pots are needed.", "s[1] == 17"),
        ("It has 17 acres, all of them planted.", "s[1] == 17"),
        ("It must have 17 pots in store.", "s[1] >= 17"),
        ("For 55 hours it runs; at least 60 pots are needed.", "2 * s[1] <= 55*60"),
        ("For 24 hours it runs; at least 60 pots are needed.", "2 * s[1] <= 24*60"),
    ],
)
def test_a_sign_that_fits_or_may_fit_is_left_alone(text: str, relation: str) -> None:
    assert Code.DIRECTION not in codes(check(rule(relation), text))


def test_a_limit_through_a_definition_or_an_equality_counts() -> None:
    limited = formulation(
        objectives=[{"sense": "maximize", "expression": "w - v"}],
        variables_plus=[{"name": "w"}, {"name": "v"}],
        definitions_plus=[{"name": "d", "expression": "2 * w - v"}],
        constraints_plus=[algebraic("d <= cap")],
    )
    assert Code.UNBOUNDED not in codes(check(limited))
