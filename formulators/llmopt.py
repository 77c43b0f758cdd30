"""LLMOPT's five-element text (arXiv 2410.13213): written from a formulation, and read from a model.

Five headings in a fixed order, prose and LaTeX under each; all data are written out, since in
LLMOPT's way of working a program is made from this text alone.
"""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.latex import parameter_to_latex
from optiwright.formulators.latex_expressions import set_name_to_latex
from optiwright.formulators.model import (
    Bound,
    Element,
    Entry,
    Family,
    Formulation,
    FromTable,
    Given,
    Index,
    Listed,
    Parameter,
    Range,
    SetDef,
)
from optiwright.formulators.reading import Line, index_text, sections, value_text

ELEMENTS = ("sets", "parameters", "variables", "objective", "constraints")

_HEADING = re.compile(
    r"""^\s{0,3}
    (?P<mark>(?:\#{1,6}\s*)?(?:\d+\s*[.)]\s*|\(\d+\)\s*)?(?:\*\*|__)?)
    (?:\d+\s*[.)]\s*|\(\d+\)\s*)?
    (?P<word>sets?(?:\s+and\s+indices)?|parameters?|(?:decision\s+)?variables?
        |objectives?(?:\s+functions?)?|constraints?|subject\s+to)
    (?:\*\*|__)?\s*(?P<colon>[:\uff1a]?)\s*(?:\*\*|__)?
    (?P<rest>.*)$""",
    re.IGNORECASE | re.VERBOSE,
)
_FENCE = re.compile(r"^\s*(```|~~~)\w*\s*$")


class FiveElements(BaseModel):
    """The five sections of a text in LLMOPT's form, each without its heading."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    sets: str
    parameters: str
    variables: str
    objective: str
    constraints: str

    def to_text(self) -> str:
        """Return the text with LLMOPT's headings, in its order."""
        return "\n\n".join(
            f"## {name.capitalize()}:\n{getattr(self, name)}".rstrip() for name in ELEMENTS
        )


def read_five_elements(text: str) -> FiveElements:
    """Find the five elements in what a model wrote.

    Headings may be of any level, bold, numbered, without a colon, in any order, within code fences;
    text before the first one is dropped, and an element that comes twice is joined.

    Raises:
        FormulationError: naming the elements that have no heading.
    """
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if _FENCE.match(line):
            continue
        heading = _heading(line)
        if heading is None:
            current.append(line)
            continue
        current = found.setdefault(heading[0], [])
        current.append(heading[1])
    missing = [name for name in ELEMENTS if name not in found]
    if missing:
        raise FormulationError(
            f"not a five-element text: no heading for {', '.join(missing)}",
            where="the five-element text",
            remedy=f"Write all of {', '.join(f'`## {n.capitalize()}:`' for n in ELEMENTS)}.",
        )
    return FiveElements(**{name: "\n".join(found[name]).strip() for name in ELEMENTS})


def _heading(line: str) -> tuple[str, str] | None:
    """Return the element that a line announces and the text behind it on the same line."""
    match = _HEADING.match(line)
    if match is None:
        return None
    rest = match["rest"].strip()
    # Without a colon, a line that goes on is prose: "Variables are continuous".
    if rest and not (match["colon"] or rest.startswith("(")):
        return None
    word = match["word"].lower()
    if word.startswith("subject"):
        return "constraints", rest
    stem = word.removeprefix("decision").strip()[:3]
    return next(name for name in ELEMENTS if name.startswith(stem)), rest


def formulation_to_text(f: Formulation) -> str:
    """Return the formulation in LLMOPT's form, with all given data written out."""
    lines = {section.title.lower(): section.lines for section in sections(f)}
    texts = {
        "sets": [_bullet(line, _set(s)) for line, s in zip(lines["sets"], f.sets, strict=True)],
        "parameters": [
            _bullet(line, _parameter(p, f))
            for line, p in zip(lines["parameters"], f.parameters, strict=True)
        ],
        **{
            name: [_bullet(line, f"${line.formula}$") for line in lines[name]]
            for name in ELEMENTS[2:]
        },
    }
    return FiveElements(**{name: "\n".join(texts[name]) or "None." for name in ELEMENTS}).to_text()


def _bullet(line: Line, statement: str) -> str:
    meaning = " ".join(line.meaning.split())
    unit = f" [{' '.join(line.unit.split())}]" if line.unit else ""
    return f"- {statement} ({line.name}{': ' if meaning else ''}{meaning}{unit})"


def _set(s: SetDef) -> str:
    name = f"${set_name_to_latex(s.name)}$"
    match s.data:
        case Listed(elements=elements):
            return f"{name}: {_elements(elements)}"
        case Range(start=start, stop=stop, step=step):
            by = f" in steps of {step}" if step > 1 else ""
            return f"{name}: the integers from {start} to {stop}{by}"
        case FromTable(table=table, columns=columns):
            return f"{name}: the distinct values of {', '.join(columns)} in table {table}"
        case Family(members=members):
            listed = "; ".join(
                f"at {index_text(m.index)}: {_elements(m.elements)}" for m in members
            )
            return f"{name}: {listed}"


def _elements(elements: tuple[Element | Index, ...]) -> str:
    shown = (f"({index_text(e)})" if isinstance(e, tuple) else str(e) for e in elements)
    return ", ".join(shown) or "empty"


def _parameter(p: Parameter, f: Formulation) -> str:
    match p.data:
        case Given(entries=entries, default=default) if p.over:
            symbol = f"${parameter_to_latex(p, f, values=False)}$"
            other = "" if default is None else f"; otherwise {value_text(default)}"
            return f"{symbol}: {'; '.join(_entry(e) for e in entries)}{other}"
        case Bound(table=table, key_columns=keys):
            by = f", by {', '.join(keys)}" if keys else ""
            return f"${parameter_to_latex(p, f)}$, from table {table}{by}"
    return f"${parameter_to_latex(p, f)}$"


def _entry(e: Entry) -> str:
    return f"{index_text(e.index)}: {value_text(e.value)}"
