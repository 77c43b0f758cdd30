"""What a caller may choose about a run."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, get_args

from optiwright.agent.llm import LanguageModel
from optiwright.agent.record import Effort, Library, Route
from optiwright.formulators.data import Given
from optiwright.formulators.errors import UserError
from optiwright.formulators.problem_kind import ProblemKind
from optiwright.formulators.questions import Question
from optiwright.formulators.wire import Form
from optiwright.solver_tools.sandbox_policy import Isolation
from optiwright.solver_tools.solve import available_solvers

Replies: TypeAlias = Mapping[str, str] | None
"""By a question's id a choice's label or its place from 1 on, or a number; None: best guesses."""
Ask: TypeAlias = Callable[[tuple[Question, ...]], Replies | Awaitable[Replies]]


@dataclass(frozen=True, kw_only=True)
class Options:
    """The choices about a run; the defaults suit most.

    Attributes:
        model: a catalogue name, a path to a GGUF file, a served model's name, or a model object;
            None takes the environment's, else the embedded one.
        base_url: an OpenAI-compatible server; None takes `OPENAI_BASE_URL`.
        api_key: its key; better left to `OPENAI_API_KEY`.
        effort: `quick` (one formulation, one repair), `standard` (up to three repairs, one with a
            small model, and the second route), `thorough` (three draws of both, grouped by their
            answers).
        route: `compiled` (a formulation that is compiled), `written` (a program that the model
            writes), `both`, compared; None takes `compiled` for quick, else `both`.
        library: what a written program is to use, `pyomo`, `cvxpy` or `highspy`.
        isolation: `required` (a model's program runs only where the machine keeps it from writing
            files and from the network) or `best-effort` (it runs, with a warning).
        form: the wire form to ask for, `flat`, `indexed` or `tables`; None takes what suits the
            model and the data.
        solver: a solver's name, or that of an engine for plans (`cp-sat`, `fast-downward`, ...);
            None takes what suits the problem.
        time_limit_s: wall-clock seconds for one solve.
        kind: what the problem is: `model` (the five elements), `plan` (a sequence of actions),
            `search` (a function without a formula); None takes what the text looks like.
        seed: everything random derives from it.
        only_formulate: stop after the formulation and its checks.
        save: a folder to write the result, the formulation and the program to.
        data: tables, as `optiwright.formulators.data.read_data` takes them: frames, paths or
            database URLs by name, or a list of paths and URLs, each also as `name=FILE`.
        samples_in_prompt: whether the model sees ranges, some labels and a few rows of them; else
            names, types, units and counts only.
        function: a Python file with a function to find the best arguments of, `FILE.py` or
            `FILE.py:name`; it runs in the sandbox.
        command: a program to ask instead: one JSON object a point on its standard input, a number
            or `{"value": ..., "constraints": [...]}` back.
        own_process: the command runs outside the sandbox, as the user's own process.
        bounds: of what is sought, such as `x in [0, 5], n in 1..10, kind in {a, b}`.
        constraints: functions of the file that have to hold, `g` (at most zero) or `g >= 0`; of a
            command, names of the constraints that it answers with, in their order.
        budget: evaluations at most.
        optimizer: of the pool, `cma-es` for one; None takes what was measured to suit.
        own_function: what `optiwright.search` asks in the caller's own process.
        ask: called with at most three questions where the text leaves open what changes the
            answer, in a thread of its own unless it is a coroutine function; None: nobody is
            asked, and the readings are solved side by side.

    Raises:
        UserError: if a value is not one of those.
    """

    model: str | LanguageModel | None = None
    base_url: str | None = None
    api_key: str | None = None
    effort: Effort = "standard"
    route: Route | None = None
    library: Library = "pyomo"
    isolation: Isolation = Isolation.REQUIRED
    form: Form | None = None
    solver: str | None = None
    time_limit_s: float = 60.0
    kind: ProblemKind | None = None
    seed: int = 0
    only_formulate: bool = False
    save: Path | str | None = None
    samples_in_prompt: bool = True
    # A database's URL may hold a password.
    data: Given | None = field(default=None, repr=False)
    ask: Ask | None = None
    function: Path | str | None = None
    command: str | Sequence[str] | None = None
    own_process: bool = False
    bounds: str | None = None
    constraints: Sequence[str] = ()
    budget: int | None = None
    optimizer: str | None = None
    own_function: Callable[..., Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse what no run could use."""
        if self.effort not in get_args(Effort):
            raise UserError(
                f"{self.effort!r} is no effort",
                where="effort",
                remedy=f"Choose one of {', '.join(get_args(Effort))}.",
            )
        if self.route is not None and self.route not in get_args(Route):
            raise UserError(
                f"{self.route!r} is no route",
                where="route",
                remedy=f"Choose one of {', '.join(get_args(Route))}.",
            )
        if self.library not in get_args(Library):
            raise UserError(
                f"no programs are written in {self.library!r}",
                where="library",
                remedy=f"Choose one of {', '.join(get_args(Library))}.",
            )
        if self.data is not None and self.route in ("both", "written"):
            raise UserError(
                "a program is written from the text alone, and sees no tables",
                where="route",
                remedy="Leave out the route, or take `compiled`.",
            )
        if self.only_formulate and self.route == "written":
            raise UserError(
                "a written program has no formulation",
                where="route",
                remedy="Leave out the route, or the wish for the formulation alone.",
            )
        if self.isolation not in list(Isolation):
            raise UserError(
                f"{self.isolation!r} is no isolation",
                where="isolation",
                remedy=f"Choose one of {', '.join(Isolation)}.",
            )
        if self.kind is not None and self.kind not in list(ProblemKind):
            raise UserError(
                f"{self.kind!r} is no kind of problem",
                where="kind",
                remedy=f"Choose one of {', '.join(ProblemKind)}.",
            )
        if self.function is not None and self.command is not None:
            raise UserError(
                "a function and a command are given, and one of them is to be asked",
                where="function, command",
                remedy="Leave one of them out.",
            )
        if self.asks and self.kind not in (None, ProblemKind.SEARCH):
            raise UserError(
                f"a function or command comes with a problem of the kind {self.kind!r}",
                where="kind",
                remedy="Leave out the kind: what has a function to ask is a search.",
            )
        if self.budget is not None and self.budget < 1:
            raise UserError(
                f"{self.budget} evaluations are no budget",
                where="budget",
                remedy="Give a whole number above zero.",
            )
        if not 0 < self.time_limit_s < math.inf:
            raise UserError(
                f"{self.time_limit_s!r} is no time limit",
                where="time_limit_s",
                remedy="Give seconds above zero.",
            )
        if not 0 <= self.seed < 2**31:
            raise UserError(
                f"{self.seed!r} is no seed",
                where="seed",
                remedy="Give an integer from 0 to 2147483647.",
            )
        if self.solver is not None:
            _require(self.solver)

    @property
    def asks(self) -> bool:
        """Whether a function or command comes beside the text."""
        return self.function is not None or self.command is not None

    def repair_rounds(self, *, small: bool) -> int:
        """Return how often a formulation may be repaired.

        A small model drafts it afresh instead, which takes it half a minute each time.
        """
        return 1 if self.effort == "quick" else 2 if small else 3

    def route_for(self, *, given: bool, tables: bool = False) -> Route:
        """Return the route; a formulation that is given or all that is asked for needs one only.

        A program is written from the text alone, so with tables there is one route too.
        """
        if given or self.only_formulate or tables:
            return "compiled"
        return self.route or ("compiled" if self.effort == "quick" else "both")

    @property
    def samples(self) -> int:
        """How many formulations are drawn."""
        return 3 if self.effort == "thorough" else 1


def _require(solver: str) -> None:
    from optiwright.solver_tools.planning import available_engines

    if solver in available_engines():
        return
    known = {info.name: info for info in available_solvers()}
    if solver not in known:
        raise UserError(
            f"there is no solver {solver!r}",
            where="solver",
            remedy=f"Choose one of {', '.join(known)}.",
        )
    if not known[solver].version:
        raise UserError(
            f"the solver {solver!r} is not installed", where="solver", remedy=known[solver].remedy
        )
