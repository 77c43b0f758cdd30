"""What the command line shows: progress on standard error, the answer on standard output."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Self

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.status import Status as Spinner

from optiwright.agent.events import (
    Event,
    ModelText,
    Notice,
    RunStarted,
    StepFinished,
    StepStarted,
)
from optiwright.agent.history import History, Revision
from optiwright.agent.plan_why import PlanWhy
from optiwright.agent.progress_told import DOING
from optiwright.agent.result import Result
from optiwright.agent.search_told import problem_text
from optiwright.agent.what_if import WhatIf
from optiwright.agent.why import Why
from optiwright.formulators.figures import number
from optiwright.formulators.phrases import counted
from optiwright.formulators.plain import formulation_to_plain
from optiwright.formulators.planning_lines import write_planning
from optiwright.solver_tools.written_result import ProgramReport

_PLAN_SHOWN = 20
"""Variables of a written program that are printed."""
_TEXT_SHOWN = 60
"""Characters of a problem's text in the list of runs."""


class Progress:
    """One line a step, and a spinner with the model's progress where there is a terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._spinner: Spinner | None = None
        self._characters = 0
        self._doing = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def show(self, event: Event) -> None:
        """Show one event."""
        match event:
            case RunStarted():
                self._start("getting ready")
            case Notice(message=message):
                self._console.print(f"  [dim]{escape(message)}[/dim]")
            case StepStarted(step=step):
                self._characters = 0
                self._start(DOING.get(step, step))
            case ModelText(text=text):
                self._characters += len(text)
                if self._spinner is not None:
                    self._spinner.update(f"{self._doing} ({self._characters} characters so far)")
            case StepFinished():
                mark = "[green]ok[/green]" if event.ok else "[yellow]to mend[/yellow]"
                line = f"{event.step:<10} {mark}  {escape(event.summary)}"
                self._console.print(f"{line}  [dim]{event.seconds:.1f} s[/dim]")
                self._start("")

    def pause(self) -> None:
        """Leave the terminal to somebody else until the next event."""
        self._stop()

    def _start(self, doing: str) -> None:
        self._doing = doing
        if not self._console.is_terminal:
            return
        if self._spinner is None:
            self._spinner = self._console.status(doing)
            self._spinner.start()
        else:
            self._spinner.update(doing)

    def _stop(self) -> None:
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None


def show_result(result: Result, *, code: bool = False) -> None:
    """Print the formulation, the answer, the checks, the record's place; the code if asked."""
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    if result.formulation is not None:
        console.rule("Formulation", align="left", characters="-")
        console.print(escape(formulation_to_plain(result.formulation)))
    if result.plan is not None and result.plan.planning.actions:
        console.rule("Formulation", align="left", characters="-")
        console.print(escape(write_planning(result.plan.planning).rstrip()))
    if result.search is not None:
        console.rule("Problem", align="left", characters="-")
        console.print(escape(problem_text(result.search.black_box)))
    if code:
        _show_code(console, result)
    if result.data:
        _show_data(console, result)
    if result.explanation:
        console.rule("Answer", align="left", characters="-")
        shown = result.explanation
        console.print(Markdown(shown) if console.is_terminal else escape(shown))
    if result.checks:
        console.rule("Checks", align="left", characters="-")
        for check in result.checks:
            mark = "[green]ok  [/green]" if check.passed else "[red]not [/red]"
            console.print(f"{mark} {escape(check.name)}: {escape(check.detail)}")
    _show_footer(console, result)


def show_markdown(text: str, title: str = "") -> None:
    """Print Markdown, under a heading if there is one: laid out in a terminal, plain elsewhere."""
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    if title:
        console.rule(title, align="left", characters="-")
    console.print(Markdown(text) if console.is_terminal else escape(text.rstrip()))


def _show_data(console: Console, result: Result) -> None:
    """Print where the tables come from and what was done to them."""
    console.rule("Data", align="left", characters="-")
    for source in result.data:
        sheet = f", {source.sheet}" if source.sheet else ""
        place = "" if source.file == "frame" else f" ({source.file}{sheet})"
        console.print(escape(f"{source.name}{place}: {source.rows:,} rows"))
    for note in result.data_notes:
        console.print(escape(note))


def _show_code(console: Console, result: Result) -> None:
    written = result.written.source if result.written is not None else ""
    for title, source in (("Program", result.program), ("Second program", written)):
        if source:
            console.rule(title, align="left", characters="-")
            console.print(escape(source.rstrip()))


def show_program(report: ProgramReport) -> None:
    """Print what a program's run came to: its status and values, or what stopped it."""
    console = Console(highlight=False, soft_wrap=True)
    if report.outcome == "finished":
        value = "" if report.objective is None else f", objective {number(report.objective)}"
        console.print(f"{report.status}{value}")
    for quantity in report.quantities:
        shown = quantity.value if isinstance(quantity.value, str) else number(quantity.value)
        console.print(escape(f"{quantity.name}: {shown}"))
    if not report.quantities:
        _show_plan(console, report)
    if report.solves:
        counts = (
            counted(report.n_variables, "variable"),
            counted(report.n_constraints, "constraint"),
            counted(report.solves, "solve"),
        )
        console.print(f"[dim]{', '.join(counts)} ({report.library})[/dim]")
    for note in (*report.notes, report.error):
        if note:
            console.print(escape(note))


def _show_plan(console: Console, report: ProgramReport) -> None:
    """Print what a program that reports nothing itself decided: its variables but for zeros."""
    decided = [v for v in report.variables if v.value]
    for variable in decided[:_PLAN_SHOWN]:
        index = f"[{', '.join(map(str, variable.index))}]" if variable.index else ""
        console.print(escape(f"{variable.name}{index} = {number(variable.value)}"))
    if len(decided) > _PLAN_SHOWN:
        console.print(f"[dim]and {len(decided) - _PLAN_SHOWN} more that are not zero[/dim]")


def _show_footer(console: Console, result: Result) -> None:
    usage = result.usage
    calls = counted(usage.calls, "model call")
    console.print(
        f"\n[dim]{calls}, {usage.prompt_tokens} + {usage.completion_tokens} tokens, "
        f"{usage.seconds:.1f} s. Record: {escape(result.record)}[/dim]"
    )


def show_runs(runs: Sequence[tuple[str, Result]]) -> None:
    """List runs with what came of each: its id, value, level, and the text's beginning."""
    from rich.table import Table

    table = Table("run", "outcome", "objective", "level", "problem", box=None, pad_edge=False)
    for name, result in runs:
        value = "" if result.objective is None else number(result.objective)
        begins = " ".join(result.text.split())[:_TEXT_SHOWN]
        table.add_row(name, result.status.value, value, result.level.value, escape(begins))
    Console(highlight=False).print(table if runs else "There are no runs yet.")


def show_difference(lines: Sequence[str]) -> None:
    """Print what a question changes, before it is solved."""
    console = Console(highlight=False, soft_wrap=True)
    console.rule("What changes", align="left", characters="-")
    for line in lines:
        console.print(escape(line))


def show_what_if(answer: WhatIf, *, as_json: bool, kept: bool = False) -> None:
    """Print the old and the new answer, below the difference that was printed before."""
    if as_json:
        print(answer.model_dump_json(indent=2))  # noqa: T201
        return
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    show_markdown(answer.outcome, "Answer")
    what = "is now the current answer" if kept else "is kept beside the current answer"
    console.print(
        f"\n[dim]Revision {answer.revision} {what}. Record: {escape(answer.result.record)}[/dim]"
    )


def show_why(answer: Why | PlanWhy, *, as_json: bool) -> None:
    """Print the reason of a decision."""
    if as_json:
        print(answer.model_dump_json(indent=2))  # noqa: T201
        return
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    show_markdown(answer.answer, "Answer")
    if isinstance(answer, Why):
        console.print(f"\n[dim]Record: {escape(answer.what_if.result.record)}[/dim]")


def show_history(history: History, *, as_json: bool) -> None:
    """Print a run's revisions as a tree, the current one marked."""
    if as_json:
        lines = [r.model_dump_json() for _, r in history.walk()]
        print(f'{{"current": {history.current}, "revisions": [{", ".join(lines)}]}}')  # noqa: T201
        return
    console = Console(highlight=False, soft_wrap=True)
    base = history.result(0)
    console.print(f"{_mark(history, 0)}0  {base.status}, objective {number(base.objective)}")
    for depth, revision in history.walk():
        said = revision.question or "; ".join(revision.difference) or "nothing changed"
        value = "" if revision.objective is None else f", objective {number(revision.objective)}"
        console.print(
            escape(
                f"{_mark(history, revision.number)}{'   ' * depth}{revision.number}  "
                f"{revision.status}{value}: {said}"
            )
        )
    console.print("[dim]* is the current answer[/dim]")


def show_undone(undone: Revision, history: History) -> None:
    """Print what was taken back, and what is current now."""
    console = Console(highlight=False, soft_wrap=True)
    said = undone.question or "; ".join(undone.difference)
    console.print(escape(f"Taken back: revision {undone.number}, {said}"))
    now = f"revision {history.current}" if history.current else "the run's own answer"
    result = history.result(history.current)
    console.print(f"Now current: {now}, {result.status}, objective {number(result.objective)}")


def _mark(history: History, revision: int) -> str:
    return "* " if history.current == revision else "  "


def show_pull(name: str | None, source: str | None) -> None:
    """Fetch a model, of a tuned one the base, with a progress bar."""
    from optiwright.agent.model_files import DEFAULT_BASE, pull
    from optiwright.agent.pull_bar import PullBar
    from optiwright.agent.tuned_card import tuned_at

    tuned = tuned_at(name) if name else None  # here already, but for its base
    wanted = tuned.card.base.name if tuned else name or DEFAULT_BASE
    with PullBar() as bar:
        path = pull(wanted, source, bar.show)
    Console().print(escape(str(path)), soft_wrap=True, highlight=False)


def show_models() -> None:
    """List the pinned models, and those that were tuned here."""
    from rich.table import Column, Table

    from optiwright.agent.model_catalogue import DEFAULT_MODEL
    from optiwright.agent.model_files import list_models
    from optiwright.agent.tuned_card import tuned_models

    table = Table(
        Column("name", no_wrap=True), Column("model", overflow="fold"), "size", "here", "licence"
    )
    pulled = set()
    for entry in list_models():
        model = entry.model
        here = "yes" if entry.path is not None else "no"
        pulled |= {model.name} if entry.path is not None else set()
        size = f"{model.size / 1e6:,.0f} MB"
        table.add_row(model.name, model.title, size, here, model.licence)
    tuned = tuned_models()
    for each in tuned:
        what = f"{each.card.kind}, tuned from {each.card.base.name}"
        size = f"{each.size / 1e6:,.0f} MB"
        mark = "\n(default)" if each.named == DEFAULT_MODEL else ""
        name = escape(f"{each.card.name}{mark}")
        alone = each.card.kind == "merged" or each.card.base.name in pulled
        table.add_row(
            name, escape(what), size, "yes" if alone else "not its base", each.card.licence
        )
    console = Console()
    console.print(table)
    for each in tuned:
        console.print(escape(f"--model {each.named}"), soft_wrap=True, highlight=False)
