"""Answers of functions and commands as evaluations, and gradients."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from optiwright.solver_tools.oracle import failed, number
from optiwright.solver_tools.oracle_callable import CallableOracle
from optiwright.solver_tools.oracle_code import CodeOracle, SourceFault, functions_of
from optiwright.solver_tools.oracle_command import CommandOracle
from optiwright.solver_tools.oracle_gradient import gradient_of
from optiwright.solver_tools.search_journal import line_of, read_line
from optiwright.solver_tools.search_ledger import Ledger
from optiwright.solver_tools.search_outcome import SearchStatus
from optiwright.solver_tools.search_run import Search
from optiwright.solver_tools.search_target import Point
from optiwright.solver_tools.written_faults import OutOfTime
from tests.black_boxes import BOWL, VALLEY, black_box

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


def test_a_failure_is_short_and_sayable() -> None:
    sentence = failed((1.0,), "a\n" * 500 + "\ud800").failure
    assert len(sentence) < 320 and "\n" not in sentence
    assert read_line(line_of(failed((1.0,), "\ud800"))) is not None


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
