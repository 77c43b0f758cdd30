"""What a run is set up with: its model, its tables, and its settings as the record has them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from optiwright.agent.choose_model import choose_model
from optiwright.agent.data_store import keep
from optiwright.agent.events import Notice
from optiwright.agent.llm import LanguageModel
from optiwright.agent.offered import form_for, offered
from optiwright.agent.options import Options
from optiwright.agent.record import Route, Settings
from optiwright.agent.recorder import Recorder
from optiwright.agent.state import Context
from optiwright.agent.which_kind import Problem
from optiwright.formulators.binding import bind, require_tables
from optiwright.formulators.data import Data, read_data
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Formulation
from optiwright.formulators.problem_kind import ProblemKind
from optiwright.solver_tools.pool import Isolation


def model_of(options: Options, recorder: Recorder) -> LanguageModel:
    """Return the model that was chosen, opened where it is not an object already.

    Raises:
        UserError: if there is no such model.
        ProviderError: if the embedded one cannot be started.
    """
    if isinstance(options.model, LanguageModel):
        return options.model
    return choose_model(
        options.model,
        options.base_url,
        options.api_key,
        on_status=lambda text: recorder.emit(Notice, message=text),
    )


def data_for(problem: Problem, options: Options) -> Data | None:
    """Return the tables of a run, kept: those given, else those that the formulation has.

    Raises:
        UserError: if they cannot be read, or not be kept beside the records.
        DataError: if they do not fit a formulation that was given, or some are missing.
    """
    data = problem.data if isinstance(problem, Formulation) else None
    if options.data is not None:
        data = read_data(options.data)
    if isinstance(problem, Formulation):
        require_tables(problem, data)
    if data is not None:
        keep(data)
        if isinstance(problem, Formulation):
            with suppress(FormulationError):  # which the checks put in their words
                bind(problem.with_data(data))
    return data


def settings_of(
    options: Options,
    model: LanguageModel | None,
    *,
    given: bool,
    data: Data | None = None,
    kind: ProblemKind = ProblemKind.MODEL,
) -> Settings:
    """Return what was chosen as a run's settings; `given`: the formulation is, no text is read."""
    small = model is not None and model.small
    return Settings(
        model=model.name if model is not None else "",
        form=form_for(options.form, data, small=small),
        effort=options.effort,
        route=_route(options, kind, given=given, tables=data is not None),
        library=options.library,
        problem_kind=kind,
        optimizer=options.optimizer,
        isolation=Isolation(options.isolation),
        solver=options.solver,
        time_limit_s=options.time_limit_s,
        seed=options.seed,
        data=data.hashes if data is not None else {},
    )


def with_offer(context: Context, text: str, options: Options) -> Context:
    """Return the context with what the model is told of tables; the record says which cells."""
    found = offered(text, context.data, context.settings.form, samples=options.samples_in_prompt)
    if found is not None:
        context.recorder.update(shown=found.brief.shown)
    return replace(context, offered=found)


def _route(options: Options, kind: ProblemKind, *, given: bool, tables: bool) -> Route:
    """Return the route; a function is searched once, by a written program only where asked for."""
    if kind is ProblemKind.SEARCH:
        return "written" if options.route == "written" else "compiled"
    return options.route_for(given=given, tables=tables)
