"""Conflicts are minimal on random models, named whole, found fast, and called minimal only then."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optiwright.agent.trouble import conflict_in_words, conflict_note
from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Algebraic,
    Domain,
    Either,
    Formulation,
    Implication,
    Variable,
)
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.diagnose import Conflict, Member, conflict, for_conflicts, indivisible
from optiwright.solver_tools.linear_conflict import LinearThinning
from optiwright.solver_tools.program import Block, Kind, Program, Scalar, functions
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.solve import solve_program
from tests.programs import INF, affine, market_split, program
from tests.sample_formulations import SAMPLES, listed
from tests.sample_formulations import given as parameter

SMALL = st.integers(-4, 4).map(float)


def without(case: Program, gone: set[Member]) -> Program:
    """The program with members left away, by labels and written independently of the search."""
    lower, upper, kind = case.lower.copy(), case.upper.copy(), case.kind.copy()
    low, high = case.row_lower.copy(), case.row_upper.copy()
    for at, (name, index) in enumerate(case.row_labels()):
        if Member("constraint", name, index) in gone:
            low[at], high[at] = -INF, INF
    for at, (name, index) in enumerate(case.column_labels()):
        if Member("lower bound", name, index) in gone:
            lower[at] = -INF
        if Member("upper bound", name, index) in gone:
            upper[at] = INF
        if Member("domain", name, ()) in gone:
            kind[at] = Kind.CONTINUOUS
    return replace(case, lower=lower, upper=upper, kind=kind, row_lower=low, row_upper=high)


def everything(case: Program) -> set[Member]:
    rows = {Member("constraint", *label) for label in case.row_labels()}
    columns = [
        Member(part, *label)
        for label in case.column_labels()
        for part in ("lower bound", "upper bound")
    ]
    return rows | set(columns) | {Member("domain", b.name, ()) for b in case.column_blocks}


def is_feasible(case: Program) -> bool:
    return solve_program(case, time_limit_s=20).termination.has_point


def assert_minimal(case: Program, found: Conflict) -> None:
    members = set(found.members)
    assert found.minimal and members
    rest = everything(case) - members
    assert not is_feasible(without(case, rest)), "the members do not conflict"
    for member in members:
        assert is_feasible(without(case, rest | {member})), f"{member} is not needed"


@st.composite
def programs(draw: st.DrawFn, curved: bool = False) -> Program:
    """Small programs with whole data: bounds and rows that often contradict each other."""
    count = draw(st.integers(2, 4))
    rows = []
    for _ in range(draw(st.integers(2, 6))):
        row = affine(*draw(st.lists(SMALL, min_size=count, max_size=count)))
        if curved and draw(st.booleans()):
            row = Scalar(quadratic=tuple((k, k, 1.0) for k in range(count)))
            rows.append((-INF, row, float(draw(st.integers(0, 9)))))
            continue
        side = float(draw(st.integers(-12, 12)))
        rows.append(draw(st.sampled_from([(-INF, row, side), (side, row, INF), (side, row, side)])))
    lower = [draw(st.sampled_from([0.0, 1.0, -3.0])) for _ in range(count)]
    upper = [low + draw(st.sampled_from([0.0, 2.0, 5.0, INF])) for low in lower]
    return program(affine(0), rows, lower=lower, upper=upper)


QUICK = settings(max_examples=60, deadline=None)


@QUICK
@given(programs())
def test_an_lps_conflict_is_minimal(case: Program) -> None:
    assume(not is_feasible(case))
    assert_minimal(case, conflict(case, 20))


@QUICK
@given(programs(), st.data())
def test_a_mips_conflict_is_minimal(case: Program, data: st.DataObject) -> None:
    """Two integer variables of their own and the rest continuous."""
    count = case.columns
    cut = data.draw(st.integers(1, count))
    kinds = [Kind.INTEGER] * cut + [Kind.CONTINUOUS] * (count - cut)
    blocks: tuple[Block, ...] = (Block("x", 0, [(i,) for i in range(cut)]),)
    if cut < count:
        blocks += (Block("y", cut, [(i,) for i in range(count - cut)]),)
    upper = np.where(np.isfinite(case.upper), case.upper, case.lower + 9)
    mixed = replace(case, kind=np.array(kinds, dtype=np.uint8), column_blocks=blocks, upper=upper)
    assume(not is_feasible(mixed))
    found = conflict(mixed, 30)
    assume(found.minimal)  # an integer program without bounds may not end
    assert_minimal(mixed, found)
    named = Member("domain", "x", ()) in found.members
    relaxed = without(mixed, {Member("domain", "x", ())})
    assert named or not is_feasible(relaxed)
    if is_feasible(relaxed):
        assert named


@settings(max_examples=25, deadline=None)
@given(programs(curved=True))
def test_a_curved_models_conflict_is_minimal(case: Program) -> None:
    assume(len(case.rows.quadratic_row))
    assume(solve_program(case, time_limit_s=20).termination is Termination.INFEASIBLE)
    assert_minimal(case, conflict(case, 30))


def family(count: int, kind: Kind = Kind.CONTINUOUS) -> Program:
    """A sum that is half a unit short of what the needs add up to: all of them are needed."""
    at = np.arange(count)
    rows = functions(
        count + 1,
        row=np.concatenate([at, np.full(count, count)]),
        column=np.concatenate([at, at]),
        value=np.ones(2 * count),
    )
    return Program(
        lower=np.zeros(count),
        upper=np.full(count, INF),
        kind=np.full(count, kind, dtype=np.uint8),
        column_blocks=(Block("x", 0, [(i,) for i in range(count)]),),
        rows=rows,
        row_lower=np.append(np.ones(count), -INF),
        row_upper=np.append(np.full(count, INF), count - 0.5),
        row_blocks=(Block("need", 0, [(i,) for i in range(count)]), Block("all", count, [()])),
        objectives=functions(1),
        minimize=(True,),
        tolerances=(0.0,),
    )


@pytest.mark.parametrize("kind", [Kind.CONTINUOUS, Kind.INTEGER])
def test_a_thousand_rows_that_are_all_needed_take_seconds(kind: Kind) -> None:
    case = family(1000, kind)
    start = time.monotonic()
    found = conflict(case, 60)
    assert time.monotonic() - start < 10
    assert found.minimal and len(found.members) == 1001
    assert found.sides is not None
    assert (found.sides.needed, found.sides.possible) == (1000, 999.5)
    assert "at least 1,000 and allow at most 999.5" in conflict_note(found)


def test_a_few_rows_in_a_thousand_are_found() -> None:
    case = family(1000)
    high = np.append(np.full(1000, INF), 1000.0)
    high[417] = 0.5
    low = case.row_lower.copy()
    low[417] = -INF
    found = conflict(
        replace(case, row_lower=low, row_upper=high, lower=np.r_[[0] * 417, 1, [0] * 582]), 30
    )
    assert {(m.part, m.index) for m in found.members} == {
        ("constraint", (417,)), ("lower bound", (417,)),
    }  # fmt: skip


@pytest.mark.parametrize("case", [family(300), market_split(), family(40, Kind.INTEGER)])
def test_without_time_nothing_is_called_minimal(case: Program) -> None:
    tied = replace(case, upper=np.where(np.isinf(case.upper), 0.0, case.upper))
    found = conflict(tied, 1e-6)
    assert not found.minimal
    assert found.message and (not found.members or conflict_note(found) == found.message)


def test_a_solve_that_did_not_end_makes_no_member_needed() -> None:
    thinning = LinearThinning(family(300), time.monotonic() - 1)
    kept = thinning.thin([("constraint", at) for at in range(301)])
    assert kept is None or not thinning.finished


def test_only_the_domains_that_are_needed_are_named() -> None:
    """2 x0 == 1 needs x whole; that y is whole has no part in it."""
    case = program(
        affine(0),
        [(1.0, affine(2), 1.0), (1.0, affine(0, 1), INF)],
        lower=[0, 0],
        upper=[9, 9],
        kind=[Kind.INTEGER] * 2,
        column_blocks=(Block("x", 0, [()]), Block("y", 1, [()])),
    )
    found = conflict(case, 10)
    assert [(m.part, m.name) for m in found.members] == [("constraint", "c"), ("domain", "x")]
    assert found.minimal


class Halting(LinearThinning):
    """Finds the model infeasible as it is, and comes to no end with anything left away."""

    asked = 0

    def _infeasible(self) -> bool | None:
        self.asked += 1
        return True if self.asked <= 2 else None


def test_solves_without_an_end_are_not_taken_for_a_proof() -> None:
    thinning = Halting(family(3), time.monotonic() + 60)
    items = [("constraint", at) for at in range(4)]
    assert thinning.thin(items) == items
    assert not thinning.finished


@pytest.mark.parametrize(
    ("coefficients", "target", "kinds", "never"),
    [
        ((6, 10), 45, [1, 1], True),
        ((6, 10), 46, [1, 1], False),
        ((6, 10), 45, [1, 0], False),
        ((6, 2.5), 45, [1, 1], False),
        ((6, 10), 45.5, [1, 1], False),
    ],
)
def test_an_equation_misses_the_common_divisor(
    coefficients: tuple[float, float], target: float, kinds: list[int], never: bool
) -> None:
    row = (target, affine(*coefficients), target)
    case = program(affine(1), [row], lower=[-INF, -INF], kind=[Kind(k) for k in kinds])
    assert indivisible(case) == never


# --- rules of the logical kinds -------------------------------------------------------------------


def compiled(formulation: Formulation) -> Conflict:
    program = compile_program(ground(formulation))
    return conflict(for_conflicts(formulation, (), program), 30)


def test_alternatives_do_not_keep_up_the_bounds_that_they_were_built_with() -> None:
    """Two jobs of 30 hours that both start within 20: without the bound there is room."""
    jobs = Formulation(
        variables=(Variable(name="a", upper="20"), Variable(name="b", upper="20")),
        constraints=(
            Either(name="one_at_a_time", options=("a + 30 <= b", "b + 30 <= a"),
                   description="one job at a time"),
        ),
    )  # fmt: skip
    found = compiled(jobs)
    named = {(m.part, m.name) for m in found.members}
    assert ("constraint", "one_at_a_time") in named
    assert {("upper bound", "a"), ("upper bound", "b")} <= named
    assert found.minimal
    lines = conflict_in_words(jobs, found.members)
    assert lines[0] == "one job at a time: `at least 1 of: a + 30 <= b or b + 30 <= a`"
    assert "`a` is at most 20" in lines


def test_an_implication_is_named_with_what_it_clashes_with() -> None:
    case = Formulation(
        variables=(
            Variable(name="open", domain=Domain.BINARY),
            Variable(name="made", upper="50", description="tons made"),
        ),
        constraints=(
            Implication(name="enough", condition="open == 1", then="made >= 40"),
            Algebraic(name="must_open", expression="open >= 1"),
            Algebraic(name="little", expression="made <= 30"),
        ),
    )
    found = compiled(case)
    assert {m.name for m in found.members if m.part == "constraint"} == {
        "enough", "must_open", "little",
    }  # fmt: skip


# --- words ----------------------------------------------------------------------------------------


def transport(supply: float, other: float = 500) -> Formulation:
    sample = SAMPLES["transport"].formulation
    given_supply = parameter("supply", {"Seattle": supply, "San Diego": other}, "i in Plants",
                             unit="cases")  # fmt: skip
    parameters = tuple(given_supply if p.name == "supply" else p for p in sample.parameters)
    words = {"meet_demand": "Each market gets what it needs.", "within_supply": ""}
    constraints = tuple(
        c.model_copy(update={"description": words[c.name]}) for c in sample.constraints
    )
    return sample.model_copy(update={"parameters": parameters, "constraints": constraints})


def test_one_constraint_over_many_indices_is_one_line_with_each_figure() -> None:
    case = transport(350)
    found = compiled(case)
    assert conflict_in_words(case, found.members) == [
        "within supply (Seattle: at most 350 cases; San Diego: at most 500 cases): "
        "`sum(ship[i, j] for j in Markets) <= supply[i]`",
        "Each market gets what it needs (New York: at least 325 cases; Chicago: at least 300 "
        "cases; Topeka: at least 275 cases): `sum(ship[i, j] for i in Plants) >= demand[j]`",
    ]
    assert conflict_note(found) == (
        "Added up they ask for at least 900 and allow at most 850. "
        "Without any one of them the rest can be met."
    )


def test_a_single_index_shows_its_relation_with_numbers_and_labels() -> None:
    case = transport(-5, 5000)
    lines = conflict_in_words(case, compiled(case).members)
    assert lines == [
        "within supply, at Seattle: `ship[Seattle, New York] + ship[Seattle, Chicago] + "
        "ship[Seattle, Topeka] <= -5`",
        "`ship` cannot be negative",
    ]


def test_more_indices_than_can_be_read_are_counted() -> None:
    many = Formulation(
        sets=(listed("Shops", [f"s{k}" for k in range(20)]),),
        parameters=(
            parameter("need", {f"s{k}": 7 for k in range(20)}, "s in Shops", unit="boxes"),
            parameter("stock", 139, unit="boxes"),
        ),
        variables=(Variable(name="send", over="s in Shops", domain=Domain.INTEGER),),
        constraints=(
            Algebraic(name="needs", over="s in Shops", expression="send[s] >= need[s]"),
            Algebraic(name="in_stock", expression="sum(send[s] for s in Shops) <= stock"),
        ),
    )
    needs, stock = conflict_in_words(many, compiled(many).members)
    assert "s5: at least 7 boxes; and 14 more)" in needs
    assert stock == "in stock: `sum(send[s] for s in Shops) <= 139`"


def test_bounds_and_domains_are_said_in_the_variables_words() -> None:
    trucks = Formulation(
        variables=(
            Variable(name="trucks", domain=Domain.INTEGER, upper="most", unit="trucks",
                     description="number of trucks"),
        ),
        parameters=(
            parameter("most", 3, unit="trucks"), parameter("load", 25), parameter("size", 10),
        ),
        constraints=(Algebraic(name="carry", expression="size * trucks == load"),),
    )  # fmt: skip
    assert conflict_in_words(trucks, compiled(trucks).members) == [
        "carry: `10 * trucks == 25`",
        "`trucks` (number of trucks) is a whole number",
    ]
    heavy = trucks.model_copy(
        update={"constraints": (Algebraic(name="carry", expression="size * trucks >= 2 * load"),)}
    )
    assert conflict_in_words(heavy, compiled(heavy).members) == [
        "carry: `10 * trucks >= 50`",
        "`trucks` (number of trucks) is at most 3 trucks",
    ]
