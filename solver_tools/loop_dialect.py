"""What programs over plain Python have in common, and what libraries say each in its own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from optiwright.formulators.model import Domain, Sense
from optiwright.formulators.source import quoted
from optiwright.solver_tools.loop_writer import LoopWriter
from optiwright.solver_tools.pyomo_facts import Facts
from optiwright.solver_tools.pyomo_layout import WIDTH, statement

TIME_LIMIT = 60
"""Seconds that a written program gives its solver."""


@dataclass(frozen=True)
class Bounds:
    """A variable's bounds as Python source; None where there is none."""

    lower: str | None
    upper: str | None


class Dialect(ABC):
    """What a library says in its own way."""

    @abstractmethod
    def writer(self, facts: Facts, names: dict[str, str], *, values: bool = False) -> LoopWriter:
        """Return the writer of expressions."""

    @abstractmethod
    def imports(self) -> list[str]:
        """Return the import lines of the library."""

    @abstractmethod
    def opening(self) -> list[str]:
        """Return the lines that begin a model."""

    @abstractmethod
    def helpers(self, used: set[str]) -> list[str]:
        """Return the functions that the model's lines call."""

    @abstractmethod
    def variable(self, domain: Domain, bounds: Bounds, label: str) -> str:
        """Return the expression that makes a variable; a semicontinuous one counts as continuous.

        `label` is its name as Python source.
        """

    @abstractmethod
    def sum_of(self, inner: str) -> str:
        """Return a sum that is an expression even where it has no terms."""

    @abstractmethod
    def row(self, relation: str, label: str, indent: str) -> list[str]:
        """Return the lines that add a relation."""

    @abstractmethod
    def solving(self, goals: list[tuple[str, Sense, float]]) -> list[str]:
        """Return the functions `solve` and `value`; goals are names, senses and tolerances."""


NUMBER = '''\
def number(value):
    """A number as it is read best."""
    return f"{round(float(value), 8) + 0:.10g}"
'''

MAIN = '''\
def main():
    """Solves and reports."""
    status, objective = solve()
    print("status:", status)
    if objective is not None:
        report(objective)


if __name__ == "__main__":
    main()
'''


def heading(title: str) -> list[str]:
    """Return a program's docstring."""
    plain = " ".join(title.split()) or "An optimization model"
    safe = plain.replace("\\", "/").replace('"', "'")
    return [
        f'"""{safe}',
        "",
        "Written by Optiwright from a formulation; run it with Python.",
        '"""',
    ]


def label_text(name: str, indices: tuple[str, ...]) -> str:
    """Return Python source of what an element is called, as in `f"ship[{i},{j}]"`."""
    if not indices:
        return quoted(name)
    return f'f"{name}[{",".join(f"{{{i}}}" for i in indices)}]"'


def filled(name: str, element: str, text: str, clauses: str) -> list[str]:
    """Return the lines of a dictionary over an index clause."""
    one_line = f"{name} = {{{element}: {text} {clauses}}}"
    if len(one_line) <= WIDTH:
        return [one_line]
    body = statement(f"{element}:", text, "    ")
    return [f"{name} = {{", *body, f"    {clauses}", "}"]
