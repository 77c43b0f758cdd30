"""A result as a Jupyter notebook: text, formulation, a program that runs, the answer explained.

The form is nbformat 4.5. The program's parts are code cells that run from top to bottom.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

from optiwright.agent.explanation import explanation_of
from optiwright.agent.export_markdown import is_told, without_math
from optiwright.agent.result import Result
from optiwright.formulators.markdown import formulation_to_markdown, quoted_markdown
from optiwright.formulators.model import Formulation

_RULE = re.compile(r"^# -{20,} (\w+) -{20,}$", re.MULTILINE)


def notebook_json(result: Result, program: str) -> str:
    """Return a notebook; `program` is the source whose parts become its code cells."""
    formulation = result.formulation or Formulation()
    explained = explanation_of(result)
    cells = [("markdown", f"# {explained.title}")]
    if is_told(result):
        cells.append(("markdown", f"## The problem\n\n{quoted_markdown(result.text)}"))
    model = _without_title(formulation_to_markdown(formulation))
    cells.append(("markdown", f"# The formulation\n\n{model}"))
    cells.append(("markdown", "# The program\n\nIt solves the formulation when it is run."))
    cells += [("code", part) for part in _parts(program)]
    body = without_math(explained.markdown).partition("\n")[2].strip()
    cells.append(("markdown", f"# The answer\n\n{body}"))
    content = {
        "cells": [_cell(kind, text, k) for k, (kind, text) in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _without_title(markdown: str) -> str:
    return markdown.partition("\n")[2].lstrip() if markdown.startswith("# ") else markdown


def _parts(program: str) -> list[str]:
    """Return a program cut at the rules that head its parts; imports come first."""
    marks = [match.start() for match in _RULE.finditer(program)]
    edges = [0, *marks, len(program)]
    pieces = [program[a:b].strip("\n") for a, b in pairwise(edges)]
    return [piece for piece in pieces if piece]


def _cell(kind: str, text: str, number: int) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": f"part-{number + 1}",
        "metadata": {},
        "source": text.splitlines(keepends=True),
    }
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell
