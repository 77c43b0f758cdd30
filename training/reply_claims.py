"""What a reply came to, held against its row, as the harness's scorers take both."""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.agent.witness import close
from optiwright.evaluation.claims import Claim, Named
from optiwright.evaluation.name_matching import match_names
from optiwright.evaluation.problems import Ending, Label, Quantity
from optiwright.evaluation.scorers import SCORERS
from optiwright.evaluation.solutions import SolvedSymbols, formulated_symbols, program_symbols
from optiwright.formulators.errors import OptiwrightError
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.written_result import ProgramReport
from optiwright.training.reply_examining import Data, Formulated
from optiwright.training.rows import TrainingRow

_EMPTY = {Termination.INFEASIBLE: Ending.INFEASIBLE, Termination.UNBOUNDED: Ending.UNBOUNDED}


@dataclass(frozen=True)
class Came:
    """What a formulation or a program came to, as the harness's scorers take it."""

    claim: Claim
    executes: bool
    """Whether it came to an end of its own."""
    data: Data
    symbols: SolvedSymbols | None
    """Its values by name; None where it was not solved."""
    scorer: str
    """Who compares its claim with the row's label."""
    fault: str = ""
    """What went wrong, for people."""


def from_formulation(found: Formulated) -> Came:
    """Return what a formulation's solve came to."""
    solution = found.solution
    solved = solution.termination is Termination.OPTIMAL and found.aims
    ending = Ending.SOLVED if solved else _EMPTY.get(solution.termination, Ending.NO_ANSWER)
    claim = Claim(ending=ending, objective=solution.objective, feasible=found.feasible)
    symbols = formulated_symbols(found.formulation, solution) if solved else None
    fault = "" if found.aims else "the objective depends on no decision"
    executes = solved or solution.termination in _EMPTY
    return Came(claim, executes, found.data, symbols, "equivalent", fault)


def from_program(report: ProgramReport | None, data: Data) -> Came:
    """Return what a program's run came to; it may have ended without a report."""
    if report is None or report.outcome != "finished" or report.solves == 0:
        why = "it ended without a report" if report is None else report.error or "it solved nothing"
        return Came(Claim(ending=Ending.NO_ANSWER), False, data, None, "strict", why)
    # What it reports counts only where it is what the model that it solved came to.
    value, held = report.objective, report.model_objective
    honest = value is not None and held is not None and close(abs(value), abs(held))
    solved = report.status == "optimal" and report.n_variables > 0 and honest
    claim = Claim(
        ending=Ending.SOLVED if solved else Ending.NO_ANSWER, objective=value if solved else None
    )
    symbols = program_symbols(report) if solved else None
    return Came(claim, True, data, symbols, "strict", "" if solved else "it has no solved model")


def both_agree(mine: Claim, theirs: Claim) -> float:
    """Return 1 where a formulation and a program of one reply have the same value, else 0."""
    left, right = mine.objective, theirs.objective
    return float(left is not None and right is not None and close(left, right))


def asked_agree(row: TrainingRow, symbols: SolvedSymbols | None) -> float | None:
    """Return the part of the row's quantities that a reply has too; None where the row has none."""
    asked = quantities_of(row)
    if not asked:
        return None
    if symbols is None:
        return 0.0
    plain = match_names(list(asked), symbols.symbols)
    verdicts = []
    for name, wanted in asked.items():
        named = Named(name=name, value=_value(plain.get(name, ""), symbols))
        label = Label(quantities=(Quantity(name=name, value=_exact(wanted)),))
        claim = Claim(ending=Ending.SOLVED, quantities=(named,))
        verdicts.append(bool(SCORERS["optibench"](label, claim)))
    return sum(verdicts) / len(verdicts)


def _value(expression: str, symbols: SolvedSymbols) -> float | None:
    if not expression:
        return None
    try:
        return symbols.value(expression)
    except OptiwrightError:
        return None


# --- the row's side -------------------------------------------------------------------------------


def quantities_of(row: TrainingRow) -> dict[str, float]:
    """Return what the text asks for beside the best value itself, where it is known."""
    asked = [a for a in row.asked if a.expression != "objective"]
    return {a.meaning: a.value for a in asked if a.value is not None}


def label_of(row: TrainingRow) -> Label:
    """Return the row's label; only what others published may be rounded."""
    assert row.optimum is not None
    written = repr(row.optimum) if row.source == "published" else _exact(row.optimum)
    return Label(accepted=(written,))


def _exact(value: float) -> str:
    """Write a number with an exponent, which scorers do not take to be rounded."""
    return f"{value:.16e}"
