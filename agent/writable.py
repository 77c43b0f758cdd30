"""What an answer can be written to: each format is tried, since only writing it tells."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from optiwright.agent.exporting import FOR_WHOLE_NUMBERS, FORMATS, LIBRARIES, Format
from optiwright.agent.kind_tables import tables_of_kind
from optiwright.agent.result import Result
from optiwright.agent.solution_tables import solution_tables
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.model import Domain
from optiwright.formulators.phrases import capitalised

_LONGEST = 60
"""Characters of a file's name before its suffix."""
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)\d", re.IGNORECASE)
"""What Windows takes for a device."""


@dataclass(frozen=True)
class Offer:
    """A file that an answer can be written to, or why it cannot."""

    form: Format
    what: str
    """What the file has, such as `a notebook`, or `the steps` of a plan."""
    library: str
    """What a program or notebook is written in; empty for all other formats."""
    fault: str = ""
    """Why the format cannot express the answer, in a sentence; empty where it can."""

    @property
    def suffix(self) -> str:
        """The end of the file's name; programs of several libraries are told apart."""
        return f"-{self.library}{self.form.suffix}" if self.library else self.form.suffix

    def content(self, result: Result) -> bytes:
        """Write the file.

        Raises:
            OptiwrightError: if it cannot be written.
        """
        return self.form.write(result, self.library)


def offers(result: Result) -> tuple[Offer, ...]:
    """Return every format, and every library of those that have one, tried on a result.

    A library for whole numbers alone is none to offer for a problem with fractions.
    """
    several = set() if result.search is not None or result.plan is not None else {".py", ".ipynb"}
    tried = (
        Offer(form, _what(result, form), library, _fault(result, form, library))
        for form in FORMATS
        for library in (LIBRARIES if form.suffix in several else ("",))
    )
    divisible = result.formulation is not None and any(
        v.domain in (Domain.CONTINUOUS, Domain.SEMICONTINUOUS) for v in result.formulation.variables
    )
    return tuple(o for o in tried if not (o.fault and divisible and o.library in FOR_WHOLE_NUMBERS))


def _what(result: Result, form: Format) -> str:
    """Return what a file of a format has: of a plan or a search a CSV has its first table."""
    own = tables_of_kind(result) if form.suffix == ".csv" else {}
    return next(iter(own), form.what)


def _fault(result: Result, form: Format, library: str) -> str:
    try:
        form.write(result, library)
    except OptiwrightError as error:
        sentence = error.what.replace(f"run `{result.run_id}`", "this answer")
        return f"{capitalised(sentence)}."
    return ""


def table_names(result: Result) -> tuple[str, ...]:
    """Return the names of the tables that can be written one by one; none without a solution."""
    try:
        return tuple(solution_tables(result))
    except UserError:
        return ()


def file_stem(result: Result) -> str:
    """Return a name for files of an answer, from its title, that every system takes."""
    title = result.formulation.title if result.formulation is not None else ""
    if result.plan is not None:
        title = result.plan.planning.title
    if result.search is not None:
        title = result.search.black_box.title
    words = re.findall(r"\w+", unicodedata.normalize("NFC", title))
    stem = ""
    for word in words:
        longer = f"{stem}-{word}" if stem else word[:_LONGEST]
        if len(longer) > _LONGEST:
            break
        stem = longer
    stem = stem.strip("_")
    return f"answer-{stem}" if _RESERVED.fullmatch(stem) else stem or "answer"
