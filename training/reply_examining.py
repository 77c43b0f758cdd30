"""What the reward looks at in a reply: runs in a worker of the pool, on text that a model wrote.

No code of the model's runs here: a formulation is read, checked, compiled and solved by our own
code, and a program is only read. But a reply may be made to take long or much memory to read, so
that this too is done where it can be ended.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from optiwright.formulators.checks import check
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.findings import Severity
from optiwright.formulators.instance import ground
from optiwright.formulators.lift import lift
from optiwright.formulators.model import Formulation
from optiwright.formulators.number_checks import unfounded_numbers, unused_numbers
from optiwright.formulators.number_match import match_numbers
from optiwright.formulators.text_numbers import numbers_in
from optiwright.formulators.wire import Form, read_wire
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.judgement import judge
from optiwright.solver_tools.program import Program
from optiwright.solver_tools.solution import Solution
from optiwright.solver_tools.solve import solve_program, to_solution
from optiwright.solver_tools.written_check import strip_code
from optiwright.solver_tools.written_numbers import program_numbers

LONGEST = 50_000
"""Characters of a reply that are looked at; a longer one is not read at all."""
_MOST_PIECES = 8
_PIECE = re.compile(r"^[ \t]*```[ \t]*[\w+.-]*[ \t]*\n(.*?)(?:^[ \t]*```[ \t]*$|\Z)", re.M | re.S)


@dataclass(frozen=True)
class Asked:
    """What a reply is examined for.

    Attributes:
        text: the problem in words.
        form: the form of formulation that was asked for; a program's reply may hold a script.
        program: whether a program was asked for.
        script: the row's own script, or its indexed form: what a right answer uses of the text.
        written: the row's own program, likewise.
        answers: the row's optimum and the values that its text asks for.
    """

    text: str
    form: Form
    program: bool
    script: str = ""
    written: str = ""
    answers: tuple[float, ...] = ()


@dataclass(frozen=True)
class Data:
    """What a formulation or a program does with the numbers of the text.

    Attributes:
        used: the part of the numbers that matter which it uses, 0 to 1.
        invented: how many numbers it has that neither the text nor the row's own answer has.
        told: whether one of them, or a number in a string, is the answer itself.
    """

    used: float
    invented: int
    told: bool

    @property
    def credit(self) -> float:
        """How far a value is found from the data, 0 to 1: an answer written in counts nothing."""
        return 0.0 if self.told else self.used * 0.5**self.invented


@dataclass(frozen=True)
class Formulated:
    """A reply's formulation, solved."""

    formulation: Formulation
    solution: Solution
    feasible: bool | None
    """Whether the independent evaluator found the point feasible; None without a point."""
    aims: bool
    """Whether its objective depends on a decision."""
    data: Data


@dataclass(frozen=True)
class Examined:
    """What was found in a reply.

    Attributes:
        tidy: 1 for the form asked for and nothing else, 0.5 with other words or without its fence,
            0 where it cannot be read or is given several times.
        formulated: None where there is no formulation, or none that compiles.
        program: its source; "" for none.
        data: the program's, where there is one.
        fault: why there is nothing, for people.
    """

    tidy: float
    formulated: Formulated | None = None
    program: str = ""
    data: Data | None = None
    fault: str = ""


def examine(reply: str, asked: Asked, time_limit_s: float, seed: int = 0) -> Examined:
    """Read a reply, and solve the formulation in it; what is wrong with it is data."""
    pieces = [found[1] for found in _PIECE.finditer(reply)]
    if len(pieces) > _MOST_PIECES:
        return Examined(0.0, fault=f"{len(pieces)} fences")
    fenced = bool(pieces)
    read = [(piece, _read(piece, asked)) for piece in pieces or [reply]]
    formulations = [(piece, found) for piece, found in read if isinstance(found, Formulation)]
    others = [piece for piece, found in read if not isinstance(found, Formulation)]
    program = strip_code("\n".join(f"```\n{piece}\n```" for piece in others)) if fenced else ""
    if not fenced and not formulations and asked.program:
        program = strip_code(reply)
    count = len(others) if asked.program else len(formulations)
    tidy = {0: 0.0, 1: 1.0 if _is_bare(reply, asked.form) and len(read) == 1 else 0.5}.get(
        count, 0.0
    )
    if not formulations and not program:
        faults = [str(found) for _, found in read if isinstance(found, FormulationError)]
        return Examined(0.0, fault=(faults or ["the reply holds nothing that was asked for"])[0])
    formulated, fault = None, ""
    if formulations:
        formulation = max(formulations, key=lambda pair: len(pair[0]))[1]
        formulated, fault = _formulated(formulation, asked, time_limit_s, seed)
    data = _of_program(program, asked) if program else None
    return Examined(tidy, formulated, program, data, fault)


def _is_bare(reply: str, form: Form) -> bool:
    """Whether there is nothing around the fences, or around the JSON object."""
    plain = reply.strip()
    is_object = form is Form.INDEXED and plain.startswith("{") and plain.endswith("}")
    return is_object or not _PIECE.sub("", reply).strip()


def _read(piece: str, asked: Asked) -> Formulation | FormulationError:
    try:
        wire = read_wire(piece, asked.form)
        if not wire.variables:
            return FormulationError("there are no variables", where="the reply")
        # What is asked is told by the symbols' own names; faults in it cost the agent nothing.
        return lift(wire, asked.text).model_copy(update={"asked": ()})
    except FormulationError as error:
        return error


def _formulated(
    formulation: Formulation, asked: Asked, time_limit_s: float, seed: int
) -> tuple[Formulated | None, str]:
    faults = [f.message for f in check(formulation) if f.severity is Severity.ERROR]
    if faults:
        return None, faults[0]
    try:
        program = compile_program(ground(formulation))
    except FormulationError as error:
        return None, str(error)
    raw = solve_program(program, time_limit_s=time_limit_s, seed=seed)
    solution = to_solution(program, raw)
    evaluation, _ = judge(formulation, (), program, raw, solution)
    feasible = None if evaluation is None else evaluation.feasible
    data = _of_formulation(formulation, asked)
    return Formulated(formulation, solution, feasible, _aims(program), data), ""


def _aims(program: Program) -> bool:
    """Return whether the first objective depends on a column that is free to move."""
    goals = program.objectives
    free = program.lower < program.upper
    linear = goals.column[(goals.row == 0) & (goals.value != 0)]
    quadratic = goals.quadratic_first[(goals.quadratic_row == 0) & (goals.quadratic_value != 0)]
    nonlinear = any(row == 0 and value != 0 for row, value, _ in goals.operations)
    return bool(free[linear].any() or free[quadratic].any() or nonlinear)


# --- numbers --------------------------------------------------------------------------------------


def _of_formulation(formulation: Formulation, asked: Asked) -> Data:
    left = {n.value for n in unused_numbers(asked.text, formulation)}
    invented = {use.value for use in unfounded_numbers(asked.text, formulation)}
    own = _own(asked)
    return _data(asked, left, invented, invented, *own)


def _of_program(source: str, asked: Asked) -> Data:
    found = program_numbers(asked.text, source)
    left = {n.value for n in found.left_out}
    invented = {use.value for use in found.invented}
    return _data(asked, left, invented, set(_constants(source)), *_own(asked))


def _data(
    asked: Asked,
    left: set[float],
    invented: set[float],
    constants: set[float],
    not_needed: set[float],
    own: set[float],
) -> Data:
    stated = [v for n in numbers_in(asked.text) for v in n.alternatives]
    needed = {n.value for n in match_numbers(asked.text, [])[0]} - not_needed
    used = 1 - len(needed & left) / len(needed) if needed else 1.0
    new = [v for v in invented if not _among(v, own)]
    suspects = new + [v for v in constants if _is_peculiar(v) and not _among(v, (*stated, *own))]
    told = any(_among(v, asked.answers) for v in suspects)
    return Data(used, len(new), told)


def _own(asked: Asked) -> tuple[set[float], set[float]]:
    """Return the numbers of the text that the row's own answer leaves out, and what it adds."""
    known: list[tuple[set[float], set[float]]] = []
    if asked.script:
        form = Form.INDEXED if asked.script.lstrip().startswith("{") else Form.FLAT
        try:
            own = lift(read_wire(asked.script, form), asked.text)
            known.append(
                (
                    {n.value for n in unused_numbers(asked.text, own)},
                    {use.value for use in unfounded_numbers(asked.text, own)},
                )
            )
        except FormulationError:
            pass  # a row of others' making need not be in our language
    if asked.written:
        found = program_numbers(asked.text, asked.written)
        known.append(({n.value for n in found.left_out}, {u.value for u in found.invented}))
    if not known:
        return set(), set()
    left = set.union(*(left for left, _ in known))
    return left, set.union(*(added for _, added in known))


def _is_peculiar(value: float) -> bool:
    """Whether it has three digits that count, so that it hardly stands in a program by chance."""
    return len(f"{abs(value):.12g}".partition("e")[0].replace(".", "").strip("0")) >= 3


def _among(value: float, others: Iterable[float]) -> bool:
    return any(abs(abs(value) - abs(o)) <= 1e-5 * max(1e-9, abs(o)) for o in others)


def _constants(source: str) -> Iterator[float]:
    """Yield every number in a program, in its strings too, whatever digits these are written in."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
            continue
        if isinstance(node.value, int | float):
            yield float(node.value)
        elif isinstance(node.value, str):
            yield from (v for n in numbers_in(node.value) for v in n.alternatives)
