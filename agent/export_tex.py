r"""A result as a complete LaTeX document: the five elements, and the solution as a table.

Formulas are set in line with `\displaystyle`, so that TeX may break them; the packages are amsmath,
amssymb, longtable and iftex, which every TeX has.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from optiwright.agent.answer import objective_unit
from optiwright.agent.export_markdown import is_told
from optiwright.agent.result import Result
from optiwright.formulators.figures import number
from optiwright.formulators.latex_expressions import text_to_latex
from optiwright.formulators.model import Formulation
from optiwright.formulators.reading import Line, Section, sections

_PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[utf8]{inputenc}
  \usepackage[T1]{fontenc}
\else
  \usepackage{fontspec}
\fi
\usepackage{amsmath,amssymb}
\usepackage{longtable}
\usepackage[margin=25mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\sloppy
"""


def tex_document(result: Result) -> str:
    """Return the document's text."""
    formulation = result.formulation or Formulation()
    title = escaped(formulation.title) or "An optimization model"
    parts = [
        "% Written by Optiwright; texts in other scripts need xelatex or lualatex.",
        _PREAMBLE.rstrip(),
        f"\\title{{{title}}}\n\\date{{}}\n\\begin{{document}}\n\\maketitle",
        *_problem(result.text if is_told(result) else ""),
        *(_section(section) for section in sections(formulation)),
        *_solution(result),
        "\\end{document}",
    ]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return plain text on one line with everything escaped that TeX minds."""
    return text_to_latex(text).removeprefix(r"\text{").removesuffix("}")


def _problem(text: str) -> Iterator[str]:
    if not text.strip():
        return
    lines = [escaped(line) for line in unicodedata.normalize("NFC", text).strip().splitlines()]
    paragraphs = "\n\n".join(line for line in lines if line)
    yield f"\\section*{{The problem}}\n\n\\begin{{quote}}\n{paragraphs}\n\\end{{quote}}"


def _section(section: Section) -> str:
    items = [_item(line) for line in section.lines]
    if not items:
        return f"\\section*{{{section.title}}}\n\nNone."
    body = "\n\n".join(items)
    return f"\\section*{{{section.title}}}\n\n{body}"


def _item(line: Line) -> str:
    name = f"\\textbf{{{escaped(line.name)}}}" if line.name else ""
    unit = f"[{escaped(line.unit)}]" if line.unit else ""
    words = f"``{escaped(line.words)}''" if line.words else ""
    head = " ".join(filter(None, (name, escaped(line.meaning), unit, words)))
    formula = f"$\\displaystyle {line.formula}$" if line.formula else ""
    text = " \\\\\n".join(filter(None, (head, formula)))
    return "\n\n".join(filter(None, (text, _table(line.table) if line.table else "")))


def _table(rows: Sequence[Sequence[str]]) -> str:
    columns = max(len(row) for row in rows)
    lines = [_row(row) for row in rows]
    body = "\n".join([lines[0], r"\hline \endhead", *lines[1:]])
    form = "l" + "r" * (columns - 1)
    return f"\\begin{{longtable}}{{{form}}}\n{body}\n\\end{{longtable}}"


def _row(cells: Sequence[str]) -> str:
    text = " & ".join(map(escaped, cells))
    # What stands behind the end of a row is taken for its option if it begins like this.
    guard = "{}" if text.startswith(("[", "*")) else ""
    return rf"{guard}{text} \\"


def _solution(result: Result) -> Iterator[str]:
    yield "\\section*{The solution}"
    if result.objective is not None:
        unit = escaped(objective_unit(result))
        yield f"Objective: {number(result.objective)} {unit} ({result.status.value})."
    else:
        yield f"Outcome: {result.status.value}."
    yield from (escaped(line) for line in result.conflict)
    values = result.solution.values if result.solution is not None else ()
    if not values:
        return
    declared = {v.name: v for v in (result.formulation or Formulation()).variables}
    rows = [("Decision", "Index", "Value", "Unit")]
    rows += [
        (v.name, ", ".join(map(str, v.index)), number(v.value), declared[v.name].unit)
        for v in values
        if v.value or not v.index
    ]
    yield _table(rows)
    if len(rows) - 1 < len(values):
        yield "What is not listed is zero."
