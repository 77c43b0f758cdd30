"""What a language model is offered beside the problem's text: tables, as far as it sees them."""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.formulators.data import Data
from optiwright.formulators.data_brief import Brief, brief_of_names, brief_of_tables
from optiwright.formulators.errors import UserError
from optiwright.formulators.table_symbols import Ready, ready_made
from optiwright.formulators.text_data import with_text_tables
from optiwright.formulators.wire import Form


@dataclass(frozen=True)
class Offered:
    """Tables of files and of the text, and what is told of them."""

    data: Data
    ready: Ready
    """What a small model writes its script with."""
    brief: Brief

    def problem(self, text: str) -> str:
        """Return the problem as it is asked: the text, then the tables."""
        return f"{text}\n\n{self.brief.text}"


def form_for(form: Form | None, data: Data | None, *, small: bool) -> Form:
    """Return the wire form: the one chosen, else what suits the model and the data.

    Raises:
        UserError: if the form chosen does not go with tables, or needs some.
    """
    if form is None:
        return Form.INDEXED if not small else Form.FLAT if data is None else Form.TABLES
    if data is not None and form == Form.FLAT:
        raise UserError(
            "the flat form has its numbers written in, and takes none from tables",
            where="form",
            remedy="Leave the form out, or take `indexed` or `tables`.",
        )
    if data is None and form == Form.TABLES:
        raise UserError(
            "the form `tables` needs tables", where="form", remedy="Give data, or take `flat`."
        )
    return Form(form)


def offered(text: str, data: Data | None, form: Form, *, samples: bool) -> Offered | None:
    """Return what is offered beside a text; None where there are no tables.

    The flat form is asked for with the text alone, whatever tables the text has.
    """
    if form is Form.FLAT:
        return None
    tables = with_text_tables(text, data)
    if tables is None:
        return None
    ready = ready_made(tables)
    if form is Form.TABLES:
        return Offered(tables, ready, brief_of_names(tables, ready, samples=samples))
    return Offered(tables, ready, brief_of_tables(tables, samples=samples))
