"""A problem without a formula, read from its text: Python, LaTeX, or words and what is with them.

Nothing is run and no model is asked. What cannot be read without doubt is said: which field, what
was found there, and what is expected; `Told` has what a user or a model says beside the text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from optiwright.formulators.black_box import Ask, BlackBox, Code, Command, Unknown
from optiwright.formulators.bounds_lines import read_bounds
from optiwright.formulators.code_bounds import Bounded, bounds_of, start_of
from optiwright.formulators.code_constraints import constraints_of, is_constraint
from optiwright.formulators.code_reader import Function, Module, read_code
from optiwright.formulators.code_signals import looks_like_latex, split_code
from optiwright.formulators.code_words import budget_of, noise_of, sense_of
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.latex_to_code import latex_to_code
from optiwright.formulators.model import Sense

_GOALS = (
    *("objective", "objective_function", "f", "fun", "func", "function", "obj", "cost", "loss"),
    *("cost_function", "fitness", "target", "evaluate", "black_box", "blackbox", "score"),
    "simulate",
)
DEFAULT_BUDGET = 1000
NO_BUDGET = f"At most {DEFAULT_BUDGET:,} evaluations may be made, since no budget is given."
"""What is assumed where a function is searched; it means nothing where it is a formula."""


@dataclass(frozen=True)
class Told:
    """What is said of a problem beside its text; what is said here goes before what is read."""

    source: str = ""
    """Python source, where it is not in the text."""
    function: str = ""
    """The name of the function in it."""
    command: tuple[str, ...] = ()
    own_process: bool = False
    """The command runs outside the sandbox."""
    time_limit_s: float | None = None
    """Of one evaluation by a command."""
    bounds: str = ""
    constraints: tuple[str, ...] = ()
    """Names of functions of the source, `g` or `g >= 0`; of a command, what its constraints are, in
    the order in which it answers."""
    unconstrained: bool = False
    budget: int | None = None
    sense: Sense | None = None
    noisy: bool | None = None
    as_it_is: bool = False
    """The function is searched even where it is a formula."""

    @property
    def asks(self) -> bool:
        """Whether there is something to ask for values."""
        return bool(self.source or self.command)


@dataclass(frozen=True)
class Unclear:
    """A field that was not read."""

    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.field}: found {self.found}; expected {self.expected}"


@dataclass(frozen=True)
class Unread:
    """A problem of which something is not clear."""

    unclear: tuple[Unclear, ...]
    source: str = ""
    words: str = ""

    @property
    def answerable(self) -> bool:
        """Whether the text holds figures from which a reader could tell what is missing."""
        return any(c.isdigit() for c in self.words) and bool(self.source)

    def __str__(self) -> str:
        return ". ".join(str(part) for part in self.unclear)


NOTHING = Told()


def read_black_box(text: str, told: Told = NOTHING) -> BlackBox | Unread:
    """Read a problem.

    Args:
        text: words, Python, LaTeX, or words with one of these.
        told: what is said beside it.

    Returns:
        The problem; where something is not clear, what.
    """
    split = split_code(text)
    source, words = told.source or split.code, split.words
    assumptions: list[str] = []
    if not source and not told.command and looks_like_latex(text):
        try:
            made = latex_to_code(text)
        except FormulationError as error:
            return Unread((Unclear("formula", error.what, error.remedy or "LaTeX that is read"),))
        source, words = made.source, made.words
        told = replace(told, bounds=told.bounds or made.bounds, sense=told.sense or made.sense)
    if told.command and not told.source:
        return _of_command(text, told)
    if not source:
        nothing = Unclear(
            "function",
            "neither Python code, nor LaTeX, nor a function or command beside the text",
            "a Python function in the text, `--function FILE.py` or `--command PROGRAM`",
        )
        return Unread((nothing,), words=words)
    try:
        module = read_code(source)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        what = error.msg if isinstance(error, SyntaxError) else str(error)
        odd = Unclear("function", f"no Python: {what}{line}", "a file that Python can read")
        return Unread((odd,), source, words)
    return _Reader(module, words, told, assumptions).read()


@dataclass
class _Reader:
    """Puts a problem together from source, words and what is told."""

    module: Module
    words: str
    told: Told
    assumptions: list[str]
    unclear: list[Unclear] = field(default_factory=list)

    def read(self) -> BlackBox | Unread:
        function = self._function()
        if function is None:
            return self._unread()
        asked = constraints_of(self.module, function, self.words, self.told.constraints)
        if self.told.unconstrained and not self.told.constraints:
            asked = replace(asked, asks=(), appended="", notes=())
        self.unclear += [Unclear("constraints", *pair) for pair in asked.unclear]
        bounded = self._bounds(function)
        if bounded is None or self.unclear:
            return self._unread()
        everything = "\n".join([self.words, self.module.comments, function.words])
        budget, noisy = self.told.budget, self.told.noisy
        budget = budget if budget is not None else budget_of(everything, self.module.constants)
        sense = self.told.sense or sense_of(self.words, function.words, self.module.comments)
        if sense is None:
            sense = Sense.MINIMIZE
            self.assumptions.append(f"`{function.name}` is to be as small as possible.")
        if budget is None:
            self.assumptions.append(NO_BUDGET)
        return BlackBox(
            title=_title(self.words, function),
            unknowns=bounded.unknowns,
            sense=sense,
            oracle=Code(
                source=self.module.source.rstrip() + "\n" + asked.appended,
                function=function.name,
                style=bounded.style,
            ),
            constraints=tuple(Ask(function=a.name, description=a.words) for a in asked.asks),
            budget=budget if budget is not None else DEFAULT_BUDGET,
            noisy=noisy if noisy is not None else noise_of(everything),
            start=start_of(self.module, bounded.unknowns),
            assumptions=(*self.assumptions, *bounded.notes, *asked.notes),
        )

    def _unread(self) -> Unread:
        source = self.module.source if self.module.functions else ""  # else nobody can say which
        return Unread(tuple(self.unclear), source, self.words + self.module.comments)

    def _function(self) -> Function | None:
        functions = self.module.functions
        if self.told.function:
            if self.told.function in functions:
                return functions[self.told.function]
            self._miss("function", f"no `{self.told.function}`", f"one of {_names(functions)}")
            return None
        open_ = [
            f
            for f in functions.values()
            if f.name not in self.module.called
            and not f.name.startswith("_")
            and f.parameters
            and not is_constraint(f.name)
        ] or [f for f in functions.values() if f.parameters and not is_constraint(f.name)]
        alone = [f for f in functions.values() if f.parameters]
        if not open_ and len(alone) == 1:
            open_ = alone  # what has nothing to constrain is no constraint, whatever its name
        preferred = [f for name in _GOALS for f in open_ if f.name.lower() == name]
        mentioned = [f for f in open_ if f"`{f.name}`" in self.words or f"{f.name}(" in self.words]
        for candidates in (mentioned, preferred[:1], open_):
            if len(candidates) == 1:
                return candidates[0]
        found = f"several functions, {_names(f.name for f in open_)}" if open_ else "no function"
        classes = [n.name for n in self.module.tree.body if isinstance(n, ast.ClassDef)]
        if not open_ and classes:
            found += f" beside the class {_names(classes)}"
        self._miss("function", found, "one, as in `--function FILE.py:name`")
        return None

    def _bounds(self, function: Function) -> Bounded | None:
        given: Sequence[Unknown] | None = None
        if self.told.bounds:
            try:
                given = read_bounds(self.told.bounds)
            except FormulationError as error:
                self._miss("bounds", error.what, error.remedy or "bounds")
                return None
        try:
            return bounds_of(self.module, function, self.words, given)
        except FormulationError as error:
            self._miss("bounds", error.what, error.remedy or "bounds for each unknown")
            return None

    def _miss(self, field_: str, found: str, expected: str) -> None:
        self.unclear.append(Unclear(field_, found, expected.rstrip(".")))


def _of_command(text: str, told: Told) -> BlackBox | Unread:
    if not told.bounds:
        none = Unclear("bounds", "none", '`--bounds "x in [0, 5], n in 1..10, kind in {a, b}"`')
        return Unread((none,), words=text)
    try:
        unknowns = read_bounds(told.bounds)
    except FormulationError as error:
        return Unread((Unclear("bounds", error.what, error.remedy),), words=text)
    sense = told.sense or sense_of(text)
    notes = () if sense else ("What the command answers is to be as small as possible.",)
    budget = told.budget if told.budget is not None else budget_of(text, {})
    command = Command(arguments=told.command, trusted=told.own_process)
    if told.time_limit_s is not None:
        command = command.model_copy(update={"time_limit_s": told.time_limit_s})
    return BlackBox(
        title=" ".join(text.split())[:80],
        unknowns=unknowns,
        sense=sense or Sense.MINIMIZE,
        oracle=command,
        constraints=tuple(
            Ask(function=f"constraint{place}", description=words)
            for place, words in enumerate(told.constraints, 1)
        ),
        budget=budget if budget is not None else DEFAULT_BUDGET,
        noisy=told.noisy if told.noisy is not None else noise_of(text),
        assumptions=notes,
    )


def _title(words: str, function: Function) -> str:
    lines = [line.strip() for line in f"{words}\n{function.words}".splitlines()]
    first = next(filter(None, lines), "")
    return " ".join(first.split())[:80] or f"The function {function.name}"


def _names(names: Iterable[str]) -> str:
    listed = [f"`{name}`" for name in names]
    return ", ".join(listed) or "none"
