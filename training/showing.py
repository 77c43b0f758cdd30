"""Rows in the terminal, with all their forms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from rich.syntax import Syntax
from rich.text import Text

from optiwright.formulators.errors import UserError
from optiwright.solver_tools.written_check import strip_code
from optiwright.training.rows import TrainingRow


def chosen(
    rows: Iterable[TrainingRow], ids: Iterable[str] = (), families: Iterable[str] = (), n: int = 3
) -> list[TrainingRow]:
    """Return the first rows with one of these ids, or beginnings of ids, and of these families.

    Args:
        rows: to choose from.
        ids: any where there are none.
        families: any where there are none.
        n: how many at most.

    Raises:
        UserError: if there is no such row.
    """
    beginnings, names = tuple(ids), frozenset(families)
    found = list(
        islice(
            (
                row
                for row in rows
                if (not beginnings or row.id.startswith(beginnings))
                and (not names or row.family in names)
            ),
            n,
        )
    )
    if not found:
        raise UserError(
            "there is no such row" if beginnings or names else "there are no rows",
            remedy="`optiwright data stats FILE` names the families; ids stand in each row."
            if beginnings or names
            else "Give a file that has some.",
        )
    return found


def show_rows(rows: Iterable[TrainingRow], console: Console | None = None) -> None:
    """Print rows: what they are, text, each form, answer."""
    console = console or Console(highlight=False)
    for row in rows:
        console.print(Rule(Text(row.id), align="left"))
        console.print(escape(", ".join(_what(row))), style="dim")
        console.print()
        console.print(Text(row.text))
        for title, language, form in _forms(row):
            console.print()
            console.print(f"[bold]{title}[/bold]")
            console.print(
                Syntax(form, language, background_color="default", word_wrap=True)
                if language
                else Text(form)
            )
        console.print()
        for line in _answer(row):
            console.print(escape(line))
        console.print()


def _what(row: TrainingRow) -> Iterator[str]:
    yield row.family
    yield row.problem_class or "class not known"
    yield row.source
    yield row.split
    yield "verified" if row.verified else "not verified"
    given = {"voice": row.voice, "seed": row.seed, "from": row.parent, "by": row.made_by}
    for name, value in given.items():
        if value not in ("", None):
            yield f"{name} {value}"


def _forms(row: TrainingRow) -> Iterator[tuple[str, str, str]]:
    """Yield title, language and text of the forms that a row has."""
    if row.script:
        yield "Script", "python", strip_code(row.script).strip()
    if row.indexed:
        yield "Indexed form", "json", _record_lines(row.indexed)
    if row.elements:
        yield "Five elements", "", row.elements.strip()
    if row.program:
        yield "Program", "python", row.program.strip()


def _record_lines(indexed: str) -> str:
    """Return a JSON object with each record of its lists on a line; as it is if it is none."""
    try:
        parts = json.loads(indexed)
    except ValueError:
        return indexed
    if not isinstance(parts, dict):
        return indexed
    lines = []
    for key, value in parts.items():
        if isinstance(value, list) and value:
            lines.append(f"{json.dumps(key)}: [")
            lines += [f"  {json.dumps(item, ensure_ascii=False)}," for item in value]
            lines.append("],")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},")
    return "\n".join(lines)


def _answer(row: TrainingRow) -> Iterator[str]:
    if row.optimum is not None:
        yield f"Optimum: {row.optimum:,.10g}" + (f" ({row.sense})" if row.sense else "")
    for asked in row.asked:
        value = "not known" if asked.value is None else f"{asked.value:,.10g}"
        yield f"  {asked.meaning}: {value}  ({asked.expression})"
