"""What a search is made of: the cube, answers read, the ledger, the journal, traits, the choice."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright.formulators.errors import UserError
from optiwright.solver_tools import optimizer_choice
from optiwright.solver_tools.optimizer_choice import choose
from optiwright.solver_tools.optimizers import OPTIMIZERS, named
from optiwright.solver_tools.oracle import Evaluation, axes_of, failed, number
from optiwright.solver_tools.oracle_callable import CallableOracle
from optiwright.solver_tools.oracle_code import CodeOracle, SourceFault, functions_of
from optiwright.solver_tools.oracle_command import CommandOracle
from optiwright.solver_tools.oracle_gradient import gradient_of
from optiwright.solver_tools.search_journal import Journal, identity, line_of, read_line
from optiwright.solver_tools.search_ledger import Ledger
from optiwright.solver_tools.search_outcome import SearchStatus, Traits
from optiwright.solver_tools.search_program import write_program
from optiwright.solver_tools.search_run import Search
from optiwright.solver_tools.search_target import Answer, Axis, Point, Spent, Target
from optiwright.solver_tools.search_traits import probe
from optiwright.solver_tools.written_faults import OutOfTime
from tests.black_boxes import BOWL, DISC, VALLEY, black_box, reals

# --- the cube -------------------------------------------------------------------------------------

AXES = (
    Axis(-3, 5),
    Axis(1e-4, 10, log=True),
    Axis(2, 9, whole=True),
    Axis(choices=("red", "green", "blue")),
    Axis(4, 4),
)


@given(st.sampled_from(AXES), st.floats(0, 1))
def test_a_value_lies_within_bounds_and_leads_back_to_itself(axis: Axis, unit: float) -> None:
    value = axis.value(unit)
    if axis.choices:
        assert value in axis.choices
    else:
        assert axis.lower <= float(value) <= axis.upper
    again = axis.value(axis.unit(value))
    assert again == value or (not axis.levels and again == pytest.approx(value, rel=1e-9))


def test_every_level_has_an_equal_part_of_its_edge() -> None:
    found = [Axis(2, 5, whole=True).value(u) for u in np.linspace(0, 1, 400, endpoint=False)]
    assert {level: found.count(level) for level in set(found)} == {2: 100, 3: 100, 4: 100, 5: 100}


def test_a_slope_along_an_edge_is_the_change_of_the_value() -> None:
    for axis in AXES[:2]:
        step = (float(axis.value(0.4 + 1e-6)) - float(axis.value(0.4 - 1e-6))) / 2e-6
        assert axis.slope(0.4) == pytest.approx(step, rel=1e-5)


def test_a_target_counts_asks_once_a_point_and_stops() -> None:
    asked: list[Point] = []

    def ask(point: Point) -> Answer:
        asked.append(point)
        return float(point[0]) ** 2, ()

    target = Target([Axis(-1, 1)], ask, 2)
    assert target([0.75]) == target([0.75]) == 0.25
    assert target([1.0]) == 1.0 and len(asked) == 2
    with pytest.raises(Spent, match="budget"):
        target([0.1])
    assert target.best == 0.25 and target.point(target.best_place) == (0.5,)


def test_feasible_places_are_better_than_all_others_and_failures_worst() -> None:
    answers: dict[float, Answer] = {
        0.0: (500.0, [0.0]),
        1.0: (-500.0, [0.1]),
        2.0: (-500.0, [3.0]),
        3.0: (math.nan, [0.0]),
    }
    target = Target([Axis(0, 3)], lambda point: answers[float(point[0])], 9, constraints=1)
    figures = [target([place]) for place in (0, 1 / 3, 2 / 3, 1)]
    assert figures == sorted(figures) and len(set(figures)) == 4


def test_what_is_to_be_greatest_is_turned_round() -> None:
    target = Target([Axis(0, 1)], lambda point: (float(point[0]), ()), 9, maximize=True)
    assert target([1.0]) == -1 and target.objective([0.25]) == -0.25


def test_a_target_stops_where_there_is_no_progress() -> None:
    target = Target([Axis(0, 1)], lambda point: (1.0, ()), 100, patience=10)
    with pytest.raises(Spent, match="no progress in 10"):
        for place in np.linspace(0, 1, 50):
            target([place])
    assert target.left == 88


# --- the pool of optimizers -----------------------------------------------------------------------

THINKING = {"expected-improvement", "gaussian-process", "one-plus-one", "every-point"}
SLOW = {"gaussian-process", "two-points-de", "one-plus-one", "tpe"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name not in THINKING])
def test_each_optimizer_comes_near_the_bottom_of_a_bowl(name: str) -> None:
    budget = 30 if name in SLOW else 200
    target = Target(
        [Axis(-2, 2)] * 2,
        lambda p: ((float(p[0]) - 0.7) ** 2 + 3 * (float(p[1]) + 0.4) ** 2, ()),
        budget,
    )
    with pytest.raises(Spent):
        OPTIMIZERS[name].run(target, np.random.default_rng(1))
        raise Spent  # of those that have an end
    assert target.best < (2.0 if name in SLOW | {"random", "sobol"} else 1e-2)
    assert target.left <= 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["slsqp", "trust-constr", "cobyqa", "cobyla", "cma-es"])
def test_optimizers_that_see_constraints_end_on_their_edge(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def ask(point: Point) -> Answer:
        x, y = map(float, point)
        return x + y, [x * x + y * y - 1, 0.2 - x]

    target = Target([Axis(-2, 2)] * 2, ask, 400 if name == "cma-es" else 120, constraints=2)
    with pytest.raises(Spent):
        OPTIMIZERS[name].run(target, np.random.default_rng(1))
    assert target.best == pytest.approx(0.2 - math.sqrt(0.96), abs=2e-3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["differential-evolution", "cma-es", "tpe", "one-plus-one", "in-turn"]
)
def test_optimizers_of_mixed_kinds_find_the_label_and_the_number(name: str) -> None:
    def ask(point: Point) -> Answer:
        x, n, label = point
        return (float(x) - 0.3) ** 2 + (int(n) - 7) ** 2 + (label != "b") * 3.0, ()

    axes = [Axis(0, 1), Axis(0, 20, whole=True), Axis(choices=("a", "b", "c"))]
    target = Target(axes, ask, 60 if name in SLOW else 150)
    with pytest.raises(Spent):
        OPTIMIZERS[name].run(target, np.random.default_rng(3))
    assert target.point(target.best_place)[1:] == (7, "b")


def test_an_optimizer_that_cannot_or_is_not_is_refused_with_those_that_can() -> None:
    with pytest.raises(UserError, match=r"no optimizer `sgd`.*`cobyqa`"):
        named("sgd", dimension=2, mixed=False)
    with pytest.raises(UserError, match=r"whole numbers or labels.*`differential-evolution`"):
        named("cobyqa", dimension=2, mixed=True)
    with pytest.raises(UserError, match="does not take 50 unknowns"):
        named("shgo", dimension=50, mixed=False)
    with pytest.raises(UserError, match="does not take 1 unknown;"):
        named("cma-es", dimension=1, mixed=False)


def test_what_is_not_installed_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cma", None)
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name != "scipy" else object()
    )
    with pytest.raises(UserError, match=r"needs the package `cma`.*optiwright\[blackbox\]"):
        named("cma-es", dimension=2, mixed=False)
    name, _ = choose(Traits(dimension=2, kinds=("real", "whole")), 100, ())
    assert OPTIMIZERS[name].package == "scipy"


# --- answers of the function ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "value"),
    [(3, 3.0), (np.float32(0.5), 0.5), (np.array([2.0]), 2.0), (np.array(4), 4.0)],
)
def test_numbers_of_all_kinds_are_read(found: object, value: float) -> None:
    assert number(found, "`f`") == (value, "")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "gave nothing"),
        (math.nan, "gave nan"),
        (-math.inf, "gave -inf"),
        ("3", "gave '3' (str)"),
        (True, "(bool)"),
        ((1, 2), "(tuple); it has to give one number"),
        (np.array([1.0, 2.0]), "(ndarray)"),
        (1 + 2j, "(complex)"),
        (10**400, "(int)"),
    ],
)
def test_what_is_no_number_is_told(found: object, said: str) -> None:
    value, sentence = number(found, "`f`")
    assert value is None and said in sentence and sentence.startswith("`f` gave")


def test_a_source_that_is_none_is_told() -> None:
    for source, said in (
        ("def f(x) return 1", "Line 1 is no valid Python"),
        ("def g(x): return 1", "defines no function `f`; it defines `g`"),
        ("raise RuntimeError('no licence')", "raised RuntimeError: no licence in line 1"),
        ("f = 3", "it defines no function"),
        ("import sys\nsys.exit(2)", r"ended by exit\(2\) in line 2"),
    ):
        with pytest.raises(SourceFault, match=said):
            functions_of(source, ["f"])


def test_a_function_is_called_by_vector_by_names_and_with_labels() -> None:
    vector = CodeOracle(functions_of(BOWL, ["f"]), ["a", "b"], "vector")
    assert vector.ask((0.7, -0.4)).value == 0
    named_ = CodeOracle(functions_of("def f(a, b): return a - b", ["f"]), ["a", "b"], "named")
    assert named_.ask((3, 1)).value == 2
    labels = CodeOracle(functions_of("def f(x): return len(x[1])", ["f"]), ["a", "b"], "vector")
    assert labels.ask((1.0, "red")).value == 3


def test_a_failure_is_an_evaluation_with_a_sentence_and_the_next_goes_on() -> None:
    source = "def f(x):\n    if x[0] > 0:\n        raise ValueError('too hot')\n    return x[0]\n"
    oracle = CodeOracle(functions_of(source, ["f"]), ["a"], "vector")
    broken = oracle.ask((1.0,))
    assert broken.value is None
    assert broken.failure == "`f` raised ValueError: too hot in line 3."
    assert oracle.ask((-1.0,)).value == -1


COMMAND = (
    "import json, sys\npoint = json.load(sys.stdin)\nprint('hello')\n"
    "print(json.dumps({'value': point['a'] * 2, 'constraints': [point['b']]}))\n"
)


def command(source: str, limits: int = 0, time_limit_s: float = 20.0) -> CommandOracle:
    return CommandOracle((sys.executable, "-c", source), ["a", "b"], limits, time_limit_s)


def test_a_command_gets_json_and_its_last_line_is_read() -> None:
    found = command(COMMAND, limits=1).ask((1.5, -2))
    assert (found.value, found.constraints) == (3.0, (-2.0,))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sh", "-c", "echo '5 apples'"), "'5 apples'; it has to be a number"),
        (("sh", "-c", "true"), "printed nothing"),
        (("sh", "-c", "echo no licence >&2; exit 3"), "ended with code 3, saying: no licence"),
        (("sh", "-c", "echo '{\"cost\": 3}'"), "has no `value`"),
        (("sh", "-c", "echo NaN"), "gave nan"),
        (("sh", "-c", 'echo \'{"value": 3, "constraints": 1}\''), "are no list"),
        (("sleep", "20"), "still running after 0.2 s"),
        (("no-such-program",), "could not be started"),
    ],
)
def test_what_a_command_does_wrong_is_told(arguments: tuple[str, ...], said: str) -> None:
    limit = 0.2 if arguments[0] == "sleep" else 20.0
    found = CommandOracle(arguments, ["a"], 0, limit).ask((1.0,))
    assert found.value is None and said in found.failure


def test_a_command_that_ends_in_an_error_is_tried_once_more(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    script = f"if [ -e {marker} ]; then echo 7; else touch {marker}; exit 1; fi"
    assert CommandOracle(("sh", "-c", script), ["a"], 0, 20.0).ask((1.0,)).value == 7


def test_a_callable_answers_with_constraints_or_is_told_how() -> None:
    def asked(a: float, b: float) -> tuple[float, list[float]]:
        if a > 1:
            raise KeyError("a")
        return a + b, [b]

    oracle = CallableOracle(asked, ["a", "b"], "named", 1)
    found = oracle.ask((0.5, 2))
    assert (found.value, found.constraints) == (2.5, (2.0,))
    assert oracle.ask((2.0, 2)).failure == "`asked` raised KeyError: 'a'."
    wrong = CallableOracle(lambda x: 3.0, ["a"], "vector", 2).ask((1.0,))
    assert "2 constraints" in wrong.failure


# --- gradients ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        VALLEY,
        "import math\n\ndef f(x):\n"
        "    return math.sin(x[0]) * math.exp(x[1]) + math.log(x[2] + 5, 2)",
        "from math import cos, pi\nimport numpy\n\ndef f(x):\n    x = numpy.asarray(x)\n"
        "    return sum(v ** 2 - 10 * cos(2 * pi * v) for v in x) + numpy.linalg.norm(x)",
        "def f(x):\n    return max(x[0], x[1]) + abs(x[2])",
    ],
)
def test_gradients_agree_with_differences(source: str) -> None:
    point, step = (0.5, 0.7, -0.2), 1e-6
    gradient = gradient_of(source, "f", ["a", "b", "c"], "vector")
    assert gradient is not None
    (function,) = functions_of(source, ["f"])
    for i, slope in enumerate(gradient(point)):
        up, down = np.array(point), np.array(point)
        up[i], down[i] = point[i] + step, point[i] - step
        expected = (float(function(up)) - float(function(down))) / (2 * step)
        assert slope == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_a_gradient_of_a_function_that_is_called_by_names() -> None:
    gradient = gradient_of("def f(a, b):\n    return a * b ** 2", "f", ["a", "b"], "named")
    assert gradient is not None and list(gradient((2.0, 3.0))) == [9.0, 12.0]


def test_a_gradient_that_takes_too_long_is_none_and_the_search_goes_on() -> None:
    def endless(point: Point) -> list[float]:
        raise OutOfTime("It was still running after 1 s, and was stopped.")

    oracle = CodeOracle(functions_of(BOWL, ["f"]), ["a", "b"], "vector", gradient=endless)
    assert oracle.slope((0.0, 0.0)) is None
    outcome = Search(black_box(BOWL, budget=60, noisy=False), Ledger(oracle, 60)).run().outcome
    assert outcome.traits is not None and not outcome.traits.differentiable
    assert outcome.status is SearchStatus.FOUND and outcome.evaluations > 30


# --- the ledger and the journal -------------------------------------------------------------------


class Counting:
    """An oracle that counts; the value is how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, point: Point) -> Evaluation:
        self.asked += 1
        return Evaluation(point=point, value=float(self.asked))

    def slope(self, point: Point) -> None:
        """It has none."""


def test_a_point_is_paid_for_once_unless_the_function_is_noisy() -> None:
    oracle = Counting()
    ledger = Ledger(oracle, 3)
    assert ledger.ask((1.0,)) == ledger.ask((1.0,)) and ledger.left == 2
    ledger.noisy = True
    assert ledger.ask((1.0,)).value == 2
    ledger.ask((2.0,))
    with pytest.raises(Spent, match="the budget is spent"):
        ledger.ask((3.0,))
    assert oracle.asked == ledger.evaluations == 3


def test_what_was_paid_for_is_taken_in_its_order_and_then_asked_for() -> None:
    oracle = Counting()
    known = [Evaluation(point=(1.0,), value=value) for value in (10.0, 20.0)]
    kept: list[Evaluation] = []
    ledger = Ledger(oracle, 9, known=known, keep=kept.append)
    values = [ledger.ask((1.0,), again=True).value for _ in range(3)]
    assert values == [10.0, 20.0, 1.0]
    assert (ledger.cached, oracle.asked, len(kept)) == (2, 1, 1)


def test_the_best_meets_constraints_first() -> None:
    class Given:
        def ask(self, point: Point) -> Evaluation:
            x = float(point[0])
            return Evaluation(point=point, value=x, constraints=(2 - x,))

        def slope(self, point: Point) -> None:
            """It has none."""

    ledger = Ledger(Given(), 9)
    bests = []
    for x in (0.0, 1.0, 5.0, 3.0, -4.0):
        ledger.ask((x,))
        assert ledger.best is not None
        bests.append(ledger.best.value)
    assert bests == [0.0, 1.0, 5.0, 3.0, 3.0]
    assert [point.value for point in ledger.trace] == [5.0, 3.0]


POINTS = st.tuples(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**53), 2**53), st.text()
)
EVALUATIONS = st.builds(
    Evaluation,
    point=POINTS,
    value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    failure=st.text(),
)


@settings(max_examples=30)
@given(EVALUATIONS)
def test_an_evaluation_is_read_from_its_line_as_it_was(evaluation: Evaluation) -> None:
    line = line_of(evaluation)
    assert line.count(b"\n") == 1
    assert read_line(line) == evaluation


@given(st.text() | st.binary())
def test_a_line_that_is_none_is_none(line: str | bytes) -> None:
    assert read_line(line) is None


@settings(max_examples=25)
@given(cut=st.integers(1, 60))
def test_a_last_line_that_was_cut_off_is_dropped(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, box = tmp_path_factory.mktemp("journal"), black_box(BOWL)
    journal = Journal(folder, box)
    for i in range(3):
        journal.add(Evaluation(point=(i / 7, 2.0), value=1 / 3, seconds=0.25))
    journal.close()
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[: -min(cut, len(whole.splitlines()[-1]))])
    again = Journal(folder, box)
    assert [e.point[0] for e in again.known] == [0.0, 1 / 7]
    again.add(Evaluation(point=(9.0, 2.0), value=1.0))
    again.close()
    last = Journal(folder, box)
    last.close()
    assert [e.point[0] for e in last.known] == [0.0, 1 / 7, 9.0]


def test_the_function_has_its_journal_whatever_bounds_and_budget_are() -> None:
    box = black_box(BOWL)
    assert identity(box) == identity(black_box(BOWL, reals(2, -1, 1), budget=7, sense="maximize"))
    assert identity(box) != identity(black_box(BOWL + "#"))
    assert identity(box) != identity(black_box(BOWL, reals(3)))
    exchanged = (reals(2)[1], reals(2)[0])
    assert identity(box) != identity(black_box(BOWL, exchanged))


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"evaluations cannot be kept in .*Name another folder"):
        Journal(tmp_path / "file", black_box(BOWL))


# --- traits ---------------------------------------------------------------------------------------


def traits_of(source: str, count: int = 3, budget: int = 600, **given: bool) -> Traits:
    functions = functions_of(source, ["f"])
    gradient = gradient_of(source, "f", ["x"], "vector")
    assert gradient is not None
    oracle = CodeOracle(functions, ["x"], "vector", gradient=gradient)
    ledger = Ledger(oracle, budget)
    axes = axes_of(black_box(source, reals(count)))
    found = probe(axes, ["real"] * count, ledger, np.random.default_rng(0), **given)  # type: ignore[arg-type]
    assert ledger.evaluations <= budget // 10 + 1
    assert ledger.noisy is bool(found.noisy)
    return found


def test_a_smooth_sum_is_seen_as_one() -> None:
    found = traits_of("def f(x):\n    return sum((v - 0.3) ** 2 for v in x)")
    assert found.differentiable is True and found.separable is True
    assert found.noisy is False and found.convex is None and found.modality == "unknown"
    assert any("automatic differentiation" in note for note in found.notes)


def test_what_contradicts_a_trait_is_seen() -> None:
    assert traits_of(VALLEY).separable is False
    waves = "import numpy as np\ndef f(x):\n    return sum(v ** 2 - 10 * np.cos(9 * v) for v in x)"
    found = traits_of(waves)
    assert found.convex is False and found.modality == "many"


def test_what_is_to_be_greatest_is_convex_where_it_is_concave() -> None:
    hill = "def f(x):\n    return -sum(v ** 2 for v in x)"
    assert traits_of(hill).convex is False
    assert traits_of(hill, maximize=True).convex is None


def test_a_gradient_that_differences_contradict_is_not_used() -> None:
    steps = "def f(x):\n    return sum(round(float(v), 1) for v in x)"
    assert traits_of(steps).differentiable is not True
    flat = traits_of("def f(x):\n    return 0 * x[0] + (x[1] > 1.9)")
    assert flat.differentiable is None and any("nothing but zeros" in note for note in flat.notes)
    floors = "import numpy as np\ndef f(x):\n    return sum(np.floor(99999 * v) + v for v in x)"
    assert traits_of(floors).differentiable is not True


def test_noise_is_measured_against_the_spread() -> None:
    noise = (
        "import numpy as np\nrng = np.random.default_rng(0)\n"
        "def f(x):\n    return sum(v ** 2 for v in x) + 0.2 * rng.normal()"
    )
    found = traits_of(noise)
    assert found.noisy is True and 0.005 < found.noise < 0.3
    assert traits_of(noise, noisy=False).noisy is False


# --- a search under way ---------------------------------------------------------------------------


class Lucky:
    """A noisy bowl, one of whose evaluations is far too good."""

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, point: Point) -> Evaluation:
        self.asked += 1
        luck = -100.0 if self.asked == 50 else 0.01 * (-1) ** self.asked
        return Evaluation(point=point, value=sum(float(v) ** 2 for v in point) + luck)

    def slope(self, point: Point) -> None:
        """It has none."""


def test_luck_does_not_make_a_point_of_a_noisy_function_the_best() -> None:
    ledger = Ledger(Lucky(), 300)
    found = Search(black_box(BOWL, budget=300, noisy=True), ledger, "cma-es").run()
    assert found.outcome.value is not None and found.outcome.value > -1
    assert min(point.value for point in found.outcome.trace) < -90
    assert found.repeats > 0 and ledger.evaluations + found.repeats <= 300


def test_a_library_that_breaks_down_is_said_and_the_next_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(target: Target, rng: np.random.Generator) -> None:
        raise TypeError("no such array")

    first = choose(Traits(dimension=2, kinds=("real",), noisy=False), 200, ())[0]
    monkeypatch.setitem(OPTIMIZERS, first, replace(OPTIMIZERS[first], run=broken))
    oracle = CodeOracle(functions_of(BOWL, ["f"]), ["a", "b"], "vector")
    outcome = Search(black_box(BOWL, noisy=False), Ledger(oracle, 200)).run().outcome
    assert outcome.stages[0].optimizer == first and outcome.stages[0].evaluations == 0
    assert "broke down (TypeError: no such array)" in outcome.stages[1].reason
    assert outcome.value == pytest.approx(0, abs=0.01)


CORNER = (
    "def f(x):\n    return x[0] + x[1]\n\n\n"
    "def near(x):\n    return (x[0] - 1.3) ** 2 + (x[1] - 1.2) ** 2 - 0.36\n"
)
"""What is allowed is a twentieth of the bounds, away from their middle."""


@pytest.mark.parametrize("start", [None, (0.0, 0.0)])
def test_where_no_point_meets_the_constraints_one_is_looked_for_first(
    start: tuple[float, ...] | None,
) -> None:
    limits = [{"function": "near"}]
    box = black_box(CORNER, budget=40, constraints=limits, noisy=False, start=start)
    oracle = CodeOracle(functions_of(CORNER, ["f", "near"]), ["a", "b"], "vector")
    asked: list[Point] = []
    ledger = Ledger(oracle, 40, keep=lambda evaluation: asked.append(evaluation.point))
    found = Search(box, ledger, "cma-es", seed=3).run().outcome
    assert found.status is SearchStatus.FOUND
    (stage,) = found.stages
    assert "A first look all over found a point that meets every constraint" in stage.reason
    looked = found.evaluations - stage.evaluations
    assert found.trace[0].evaluation == looked <= 4 + 9
    began = np.mean(np.array(asked[looked : looked + 6], dtype=float), axis=0)
    assert math.dist(began, (1.3, 1.2)) < 1  # and not about the middle
    never = CORNER.replace("0.36", "0.36 + 9")
    oracle = CodeOracle(functions_of(never, ["f", "near"]), ["a", "b"], "vector")
    outcome = Search(box, Ledger(oracle, 40), "cma-es").run().outcome
    assert "A first look all over found no point" in outcome.stages[0].reason
    assert outcome.evaluations - outcome.stages[0].evaluations <= 4 + 9


def test_a_start_that_meets_the_constraints_is_where_it_begins() -> None:
    box = black_box(CORNER, budget=40, constraints=[{"function": "near"}], start=(1.3, 1.2))
    oracle = CodeOracle(functions_of(CORNER, ["f", "near"]), ["a", "b"], "vector")
    outcome = Search(box, Ledger(oracle, 40), "cobyla").run().outcome
    assert outcome.trace[0].evaluation == 1 and outcome.stages[0].reason == "It was asked for."


# --- the choice -----------------------------------------------------------------------------------


def test_the_choice_has_a_reason_and_leaves_out_what_was_tried() -> None:
    traits = Traits(dimension=6, kinds=("real",))
    tried: list[str] = []
    while len(tried) < 5:
        name, reason = choose(traits, 400, tried)
        assert name not in tried and OPTIMIZERS[name].title in reason and reason.endswith(".")
        tried.append(name)
    with pytest.raises(UserError, match="every optimizer"):
        choose(traits, 400, list(OPTIMIZERS))


def test_gradients_that_are_known_decide() -> None:
    known = Traits(dimension=6, kinds=("real",), differentiable=True)
    assert choose(known, 400, ())[0] == "l-bfgs-b"
    assert choose(known.model_copy(update={"constrained": True}), 400, ())[0] == "slsqp"
    for more in ({"noisy": True}, {"modality": "many"}):
        assert choose(known.model_copy(update=more), 400, ())[0] != "l-bfgs-b"


def test_mixed_kinds_are_refined_in_turn() -> None:
    mixed = Traits(dimension=3, kinds=("real", "whole"))
    first, _ = choose(mixed, 400, ())
    assert first != "in-turn"
    name, reason = choose(mixed, 400, [first])
    assert name == "in-turn" and "refine" in reason
    assert choose(mixed, 400, [first, name])[0] not in {first, name}


def test_what_thinks_long_is_chosen_where_evaluations_are_few_or_long() -> None:
    others = [name for name in OPTIMIZERS if name != "gaussian-process"]
    quick, slow = (Traits(dimension=4, kinds=("real",), seconds=s) for s in (1e-4, 10.0))
    assert choose(quick, 40, others)[0] == choose(slow, 4000, others)[0] == "gaussian-process"
    with pytest.raises(UserError):
        choose(quick, 4000, others)


def test_the_table_is_read_by_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    def row(name: str, share: float, **cell: object) -> dict[str, object]:
        every = {"dimension": "1-3", "conditioning": "unknown", "modality": "unknown"}
        more = {"noise": False, "constrained": False, "kinds": "real"}
        budget = {"budget": "small(<=50/dim)"}
        return {"cell": every | more | budget | cell, "ranking": [[name, -3.0, share]]}

    rows = [
        row("powell", 0.9),
        row("direct", 0.8, modality="many"),
        row("cobyla", 0.7, dimension="4-10"),
        row("cma-es", 0.6, noise=True),
        row("tpe", 0.9, budget="few(<=12/dim)"),
    ]
    made = {"rows": rows, "made_by": "a test", "seed": 1}
    monkeypatch.setattr(optimizer_choice, "table", lambda: made)
    traits = Traits(dimension=2, kinds=("real",))
    assert choose(traits, 60, ()) == (
        "powell",
        "Powell's method from many starts: on the functions measured with 1-3 real unknowns, "
        "without constraints, without noise, a small budget, it came within ten times the best "
        "gap on 90%.",
    )
    assert choose(traits.model_copy(update={"modality": "many"}), 60, ())[0] == "direct"
    assert choose(traits.model_copy(update={"dimension": 7}), 200, ())[0] == "cobyla"
    assert choose(traits.model_copy(update={"noisy": True}), 60, ())[0] == "cma-es"
    assert choose(traits, 24, ())[0] == "tpe" != choose(traits, 26, ())[0]
    larger = traits.model_copy(update={"dimension": 7})
    assert choose(larger, 70, ())[0] == "cobyla", "as many unknowns are more alike than few budgets"


def test_every_name_of_the_shipped_table_is_of_the_pool() -> None:
    for row in optimizer_choice.table()["rows"]:
        for name, gap, share in row["ranking"]:
            assert name in OPTIMIZERS and math.isfinite(gap) and 0 <= share <= 1


# --- the program to take away ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("box", "names", "least"),
    [
        (black_box(BOWL, title='A "bowl"', start=(1.0, 1.0)), ["nelder-mead", "cma-es"], 0.0),
        (
            black_box(DISC, constraints=[{"function": "inside"}, {"function": "right"}]),
            ["cobyqa"],
            0.2 - math.sqrt(0.96),
        ),
        (black_box("def f(x):\n    return -x[0] - x[1]", sense="maximize"), ["powell"], 4.0),
    ],
)
def test_the_program_runs_alone_and_finds_it_too(
    box: object, names: list[str], least: float, tmp_path: Path
) -> None:
    program = tmp_path / "search.py"
    program.write_text(write_program(box, names, 3))  # type: ignore[arg-type]
    ran = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", str(program)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["value"] == pytest.approx(least, abs=1e-4)
    assert "optiwright" not in program.read_text()


def test_a_failure_is_short_and_sayable() -> None:
    sentence = failed((1.0,), "a\n" * 500 + "\ud800").failure
    assert len(sentence) < 320 and "\n" not in sentence
    assert read_line(line_of(failed((1.0,), "\ud800"))) is not None
