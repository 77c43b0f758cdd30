"""A result written to a file in the format of its suffix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from optiwright.agent.refusing import refuse_plan
from optiwright.agent.result import Result
from optiwright.agent.saving import write_file
from optiwright.formulators.errors import UserError
from optiwright.formulators.model import Formulation, Global


@dataclass(frozen=True)
class Format:
    """A kind of file that a result can be written to."""

    suffix: str
    what: str
    write: Callable[[Result, str], bytes]
    """The file's content, from a result and the name of a library."""


def export(
    result: Result,
    path: Path | str,
    *,
    library: str = "pyomo",
    table: str | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a result to a file and return its path; nothing is written if anything is wrong.

    `table` picks one decision's table for a `.csv`, keyed as the data were.

    Raises:
        UserError: if the suffix or the library is unknown, the file exists or cannot be written,
            the result lacks what is to be written, or the format or library cannot express it.
        FormulationError: if the formulation cannot be compiled.
    """
    path = Path(path)
    form = format_of(path)
    if library not in LIBRARIES:
        raise UserError(
            f"there is no library `{library}` to write a program in",
            where="--as",
            remedy=f"Choose from {', '.join(f'`{name}`' for name in LIBRARIES)}.",
        )
    if path.exists() and not overwrite:
        raise UserError(
            "the file exists already",
            where=str(path),
            remedy="Choose another name, or replace it with --force (`overwrite=True`).",
        )
    content = _table(result, form, table) if table else form.write(result, library)
    write_file(path, content)
    return path


def _table(result: Result, form: Format, table: str) -> bytes:
    from optiwright.agent.solution_tables import table_csv

    if form.suffix != ".csv":
        raise UserError(
            "one table alone is written to `.csv`",
            where="--table",
            remedy="An `.xlsx` has them all, a sheet each.",
        )
    return table_csv(result, table).encode()


def format_of(path: Path) -> Format:
    """Return the format that a file's name asks for.

    Raises:
        UserError: if there is none.
    """
    name = path.name.lower()
    found = [f for f in FORMATS if name.endswith(f.suffix) or name == f.suffix.lstrip(".")]
    if not found:
        listed = ", ".join(f"`{f.suffix}` ({f.what})" for f in FORMATS)
        ending = f"`{path.suffix}`" if path.suffix else "a name without a suffix"
        raise UserError(
            f"nothing can be written to {ending}", where=str(path), remedy=f"There are {listed}."
        )
    return max(found, key=lambda f: len(f.suffix))


def formulation_in(result: Result) -> Formulation:
    """Return a result's formulation.

    Raises:
        UserError: if it has none.
    """
    refuse_plan(
        result,
        "equations to write",
        "`.html`, `.md`, `.xlsx`, `.csv`, `.json` and `.formulation.json` can be written of it.",
    )
    if result.formulation is None:
        raise UserError(
            "the result has no formulation to write",
            where=f"run `{result.run_id}`",
            remedy="Only `.json`, `.md` and `.html` can be written of it.",
        )
    return result.formulation


def best_library(formulation: Formulation) -> str:
    """Return the library that a formulation's program is written in where none is named."""
    many = any(isinstance(c, Global) for c in formulation.constraints)
    return "cp-sat" if many else "pyomo"


def program_of(formulation: Formulation, library: str) -> str:
    """Return a program of a formulation in one of `LIBRARIES`.

    Raises:
        UserError: if the library cannot express it.
    """
    return LIBRARIES[library](formulation)


# Each of these brings a heavy library, so that each is imported only where it is used.


def _pyomo(formulation: Formulation) -> str:
    from optiwright.solver_tools.pyomo_source import pyomo_source

    return pyomo_source(formulation)


def _cvxpy(formulation: Formulation) -> str:
    from optiwright.solver_tools.cvxpy_source import cvxpy_source

    return cvxpy_source(formulation)


def _highspy(formulation: Formulation) -> str:
    from optiwright.solver_tools.highspy_source import highspy_source

    return highspy_source(formulation)


def _cp_sat(formulation: Formulation) -> str:
    from optiwright.solver_tools.cp_sat_source import cp_sat_source

    return cp_sat_source(formulation)


LIBRARIES: dict[str, Callable[[Formulation], str]] = {
    "pyomo": _pyomo,
    "cvxpy": _cvxpy,
    "highspy": _highspy,
    "cp-sat": _cp_sat,
}
"""What a program can be written in."""
FOR_WHOLE_NUMBERS = frozenset({"cp-sat"})
"""Those of them that know no fractions, but for times that stand in differences alone."""


def _lp(result: Result, library: str) -> bytes:
    from optiwright.solver_tools.export_lp import lp_text

    return lp_text(formulation_in(result)).encode()


def _mps(result: Result, library: str) -> bytes:
    from optiwright.solver_tools.export_mps import mps_text

    return mps_text(formulation_in(result)).encode()


def _program(result: Result, library: str) -> bytes:
    if result.search is not None and result.program:
        return result.program.encode()
    return program_of(formulation_in(result), library).encode()


def _notebook(result: Result, library: str) -> bytes:
    from optiwright.agent.export_notebook import notebook_json

    return notebook_json(result, program_of(formulation_in(result), library)).encode()


def _tex(result: Result, library: str) -> bytes:
    from optiwright.agent.export_tex import tex_document

    formulation_in(result)
    return tex_document(result).encode()


def _markdown(result: Result, library: str) -> bytes:
    from optiwright.agent.export_markdown import markdown_document

    return markdown_document(result).encode()


def _html(result: Result, library: str) -> bytes:
    from optiwright.agent.export_html import html_report

    return html_report(result).encode()


def _workbook(result: Result, library: str) -> bytes:
    from optiwright.agent.export_tables import workbook

    return workbook(result)


def _csv(result: Result, library: str) -> bytes:
    from optiwright.agent.export_tables import decisions_csv

    return decisions_csv(result).encode()


def _result(result: Result, library: str) -> bytes:
    return (result.to_json() + "\n").encode()


def _formulation(result: Result, library: str) -> bytes:
    if result.plan is not None:
        return (result.plan.planning.to_json() + "\n").encode()
    return (formulation_in(result).to_json() + "\n").encode()


FORMATS = (
    Format(".lp", "LP file", _lp),
    Format(".mps", "MPS file", _mps),
    Format(".py", "a program", _program),
    Format(".ipynb", "a notebook", _notebook),
    Format(".tex", "a LaTeX document", _tex),
    Format(".md", "Markdown", _markdown),
    Format(".html", "a report for any browser", _html),
    Format(".xlsx", "an Excel workbook", _workbook),
    Format(".csv", "the decisions", _csv),
    Format(".json", "the whole result", _result),
    Format(".formulation.json", "the formulation", _formulation),
)
