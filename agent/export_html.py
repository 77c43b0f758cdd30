"""A result as one HTML page: what came out, why it can be trusted, and how to come to it again.

The page is whole by itself, in light, dark and print: no script, nothing fetched, formulas as
MathML, pictures as SVG. No path of the machine that it was made on is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from optiwright.agent.answer import sureness
from optiwright.agent.documents import (
    Code,
    Facts,
    Figure,
    Heading,
    Markup,
    Paragraph,
    Part,
    Prose,
    Quoted,
    Table,
    to_html,
)
from optiwright.agent.evidence import Level
from optiwright.agent.explanation import explanation_of
from optiwright.agent.export_markdown import is_told
from optiwright.agent.kind_tables import tables_of_kind
from optiwright.agent.mathml import mathml
from optiwright.agent.pictures import Picture, pictures_of
from optiwright.agent.record import RunRecord, Settings
from optiwright.agent.result import Result
from optiwright.agent.search_told import problem_text
from optiwright.agent.side_by_side import goal_words
from optiwright.agent.solution_tables import solution_tables
from optiwright.formulators.errors import UserError
from optiwright.formulators.figures import ZERO, number
from optiwright.formulators.markdown import formulation_to_html
from optiwright.formulators.phrases import capitalised
from optiwright.formulators.planning_lines import write_planning

_ROWS = 200
"""Rows of a table that are shown; other exports have them all."""
_LINES = 200
"""Lines up to which a program is shown."""
_HOW_SURE = "How sure"


def html_report(result: Result) -> str:
    """Return the page's text."""
    return to_html(explanation_of(result).title, list(_parts(result)))


def _parts(result: Result) -> Iterator[Part]:
    told = explanation_of(result)
    yield Heading(told.title, 1)
    yield Facts(_summary(result))
    if is_told(result):
        yield Heading("The problem")
        yield Quoted(result.text.strip())
    yield Heading("The answer")
    yield Prose(told.headline)
    for picture in pictures_of(result):
        yield Figure(_figure(picture))
    for section in told.sections:
        if not section.title.startswith(_HOW_SURE):
            yield Heading(section.title, 3)
            yield Prose(section.text)
    yield from _tables(result)
    for section in told.sections:
        if section.title.startswith(_HOW_SURE):
            yield Heading(section.title)
            yield Prose(section.text)
    yield from _formulation(result)
    yield from _second_program(result)
    yield from _sources(result)
    yield from _made(result)


def _summary(result: Result) -> tuple[tuple[str, str], ...]:
    pairs = [("Outcome", result.status.value)]
    if result.objective is not None:
        what, unit = goal_words(result)
        pairs.append((capitalised(what), f"{number(result.objective)}{unit}"))
    pairs.append(("How sure", sureness(result)))
    return tuple(pairs)


def _figure(picture: Picture) -> str:
    told = f'<figcaption class="told">{escape(picture.alt)}</figcaption>'
    return f"<figure>{picture.svg}{told}</figure>"


def _tables(result: Result) -> Iterator[Part]:
    if result.plan is not None or result.search is not None:
        yield from _tables_of_kind(result)
        return
    try:
        tables = solution_tables(result)
    except UserError:  # there is no solution, which the headline says
        return
    yield Heading("The solution as tables")
    for name, frame in tables.items():
        at = list(frame.columns).index("value" if name == "decisions" else frame.columns[-1])
        # Zeros last; among others the order is the formulation's.
        rows = sorted(frame.itertuples(index=False), key=lambda row: abs(row[at] or 0.0) < ZERO)
        shown = tuple(tuple(map(_cell, row)) for row in rows[:_ROWS])
        yield Table(tuple(map(str, frame.columns)), shown, title=name, keys=max(1, at))
        if len(rows) > _ROWS:
            yield Paragraph(
                f"The first {_ROWS} of {len(rows):,} rows, those that are not zero before the "
                "others; the Excel workbook has all."
            )


def _tables_of_kind(result: Result) -> Iterator[Part]:
    for title, frame in tables_of_kind(result).items():
        rows = tuple(tuple(map(_cell, row)) for row in frame.itertuples(index=False))
        yield Table(tuple(map(str, frame.columns)), rows[:_ROWS], title=title, words=True)
        if len(rows) > _ROWS:
            yield Paragraph(f"The first {_ROWS} of {len(rows):,} rows; the `.csv` has all.")


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    return number(float(value)) if isinstance(value, int | float) else str(value or "")


def _formulation(result: Result) -> Iterator[Part]:
    if result.plan is not None and result.plan.planning.actions:
        yield Heading("The formulation")
        yield Code(write_planning(result.plan.planning).rstrip())
    if result.search is not None:
        yield Heading("The function")
        yield Code(problem_text(result.search.black_box))
        oracle = result.search.black_box.oracle
        if oracle.kind == "code":
            yield from _code(oracle.source)
    if result.formulation is None:
        return
    yield Heading("The formulation")
    untitled = result.formulation.model_copy(update={"title": ""})
    yield Markup(formulation_to_html(untitled, formula=_formula, level=2))


def _formula(formula: str) -> str:
    return f'<div class="formula" tabindex="0">{mathml(formula)}</div>'


def _second_program(result: Result) -> Iterator[Part]:
    written = result.written
    if written is None or not written.source:
        return
    if result.level is Level.DISPUTED or result.is_programs_word:
        yield Heading("The program that was written from the text alone")
        yield from _code(written.source)


def _code(source: str) -> Iterator[Part]:
    lines = source.rstrip().splitlines()
    yield Code("\n".join(lines[:_LINES]))
    if len(lines) > _LINES:
        yield Paragraph(f"The first {_LINES} of {len(lines):,} lines.")


def _sources(result: Result) -> Iterator[Part]:
    if not result.data:
        return
    yield Heading("Where the data come from")
    rows = tuple(
        (s.name, f"{s.file}, {s.sheet}" if s.sheet else s.file, f"{s.rows:,}", s.sha256[:16])
        for s in result.data
    )
    yield Table(("table", "file", "rows", "SHA-256 begins with"), rows, words=True)
    if result.data_notes:
        yield Paragraph("What was done to them in reading:")
        yield from map(Paragraph, result.data_notes)


def _made(result: Result) -> Iterator[Part]:
    record = _record_of(result)
    yield Heading("How it was made")
    yield Facts((*_run(result, record), *_settings(record.settings if record else None, result)))
    yield Heading("How to come to it again")
    if result.formulation is not None or (result.plan is not None and result.plan.planning.actions):
        yield Paragraph(
            "The answer rests on the formulation alone: without a language model, the same solver "
            "comes to the same value. Export the formulation beside this report, then solve it:"
        )
        yield Code("optiwright solve --formulation plan.formulation.json")
    command = _command(result, record)
    if command:
        yield Paragraph(
            "From the text, with the same model and settings; a model that is served elsewhere may "
            "write another formulation of it:"
        )
        yield Code(command)
    if result.program:
        searched = result.search is not None
        needs = "asks the function itself" if searched else "needs Pyomo and an open solver"
        yield Paragraph(f"Or run this program, which {needs}:")
        yield from _code(result.program)


def _run(result: Result, record: RunRecord | None) -> Iterator[tuple[str, str]]:
    yield "Run", result.run_id
    if record is not None:
        yield "Begun", f"{record.started:%Y-%m-%d %H:%M} UTC"
    if result.parent:
        yield "Revises", "an earlier answer in the same session"
    yield "Optiwright", record.version if record is not None else version("optiwright")
    if result.solution is not None and result.solution.solver:
        yield "Solver", result.solution.solver
    usage = result.usage
    if usage.seconds:
        yield "Time", f"{usage.seconds:.1f} s in all, {usage.model_seconds:.1f} s of it the model's"
    if usage.calls:
        yield (
            "Calls of the model",
            f"{usage.calls}, {usage.prompt_tokens:,} tokens in, {usage.completion_tokens:,} out",
        )


def _settings(settings: Settings | None, result: Result) -> Iterator[tuple[str, str]]:
    if settings is None:
        return
    asked = result.usage.calls > 0
    yield "Language model", _model(settings) if asked else "none was asked for this answer"
    yield "Effort and route", f"{settings.effort}, {settings.route}"
    yield "Seed", str(settings.seed)
    yield "Time limit of a solve", f"{settings.time_limit_s:g} s"


def _command(result: Result, record: RunRecord | None) -> str:
    """Return the command that asks the model again; empty where it cannot be said."""
    settings = record.settings if record is not None else None
    if settings is None or result.parent or not result.usage.calls or not is_told(result):
        return ""
    data = "".join(f" --data {_quoted(name)}" for name in _files(result))
    return (
        f"optiwright solve problem.txt --model {_quoted(_model(settings))} "
        f"--effort {settings.effort} --seed {settings.seed}{data}"
    )


def _model(settings: Settings) -> str:
    """Return a model's name; of a file without its folder, which is nobody's business."""
    path = Path(settings.model)
    return path.name if path.is_absolute() else settings.model


def _files(result: Result) -> Sequence[str]:
    return list(dict.fromkeys(source.file for source in result.data))


def _quoted(text: str) -> str:
    return text if text.replace(".", "").replace("-", "").isalnum() else f'"{text}"'


def _record_of(result: Result) -> RunRecord | None:
    """Return the record of the run; None for a result that was made or moved without one."""
    if not result.record:
        return None
    try:
        text = (Path(result.record) / "record.json").read_bytes()
        return RunRecord.model_validate_json(text)
    except (OSError, ValidationError):
        return None
