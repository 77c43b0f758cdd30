"""A compiled program as a Python program that lists columns and rows and adds them in a loop.

For what a library cannot say with loops over sets: alternatives, implications, curves, which the
compiler has turned into rows over binaries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from optiwright.formulators.instance import Instance
from optiwright.formulators.model import Domain, Formulation, Index, Sense
from optiwright.formulators.phrases import label
from optiwright.formulators.source import number_text, quoted
from optiwright.solver_tools.arithmetic import with_switches
from optiwright.solver_tools.listing import (
    Column,
    Row,
    Term,
    columns_of,
    lines_of,
    rows_of,
    with_plain_bounds,
)
from optiwright.solver_tools.loop_dialect import (
    MAIN,
    NUMBER,
    TIME_LIMIT,
    Bounds,
    Dialect,
    heading,
)
from optiwright.solver_tools.program import Kind, Program
from optiwright.solver_tools.pyomo_layout import WIDTH, Names, comment

_NOTE = (
    "The formulation has parts that this library cannot say with loops over sets, so its rows are "
    "written out. A name that begins with _ is a helper."
)


def row_program(instance: Instance, program: Program, dialect: Dialect) -> str:
    """Return the program; quadratic terms must be convex in the direction of their use."""
    return _RowProgram(instance, program, dialect).text()


class _RowProgram:
    def __init__(self, instance: Instance, program: Program, dialect: Dialect) -> None:
        self.f: Formulation = instance.formulation
        self.dialect = dialect
        self.program = with_plain_bounds(with_switches(program))
        names = _unique(self.program.column_labels())
        rows = _unique(self.program.row_labels())
        self.columns = list(columns_of(self.program, names))
        self.rows = list(rows_of(self.program, rows, names))
        goals = [f"goal_{k + 1}" for k in range(self.program.objectives.count)]
        goals = goals if len(goals) > 1 else ["goal"]
        self.goals = lines_of(self.program.objectives, goals, names)
        lines = [*self.goals, *(row.line for row in self.rows)]
        self.curved = any(line.quadratic for line in lines)

    def text(self) -> str:
        goals = [
            (line.name, Sense.MINIMIZE if minimize else Sense.MAXIMIZE, tolerance)
            for line, minimize, tolerance in zip(
                self.goals, self.program.minimize, self.program.tolerances, strict=True
            )
        ]
        blocks = [
            "\n".join([*heading(self.f.title), "", *self._imports()]),
            f"TIME_LIMIT = {TIME_LIMIT}  # seconds",
            "\n".join(["# " + "-" * 30 + " data " + "-" * 30, "", *comment(_NOTE), *self._data()]),
            "\n".join(["# " + "-" * 29 + " model " + "-" * 30, "", *self.dialect.opening()]),
            "\n".join(self._columns()),
            QUADRATIC if self.curved else "",
            "\n".join([*self._rows(), "", *self._objectives()]),
            "# " + "-" * 29 + " solve " + "-" * 30,
            *self.dialect.solving(goals),
            NUMBER,
            REPORT,
            MAIN,
        ]
        return "\n\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"

    def _imports(self) -> Iterator[str]:
        yield "from math import inf"
        yield ""
        yield from self.dialect.imports()
        if self.curved:
            yield "import numpy as np"

    # --- data -------------------------------------------------------------------------------------

    def _data(self) -> Iterator[str]:
        for name, kind in (("continuous", Kind.CONTINUOUS), ("whole", Kind.INTEGER)):
            yield f"{name} = {{  # name: (lower, upper)"
            yield from (_column(column) for column in self.columns if column.kind is kind)
            yield "}"
        yield f"rows = [  # (name, lower, upper, terms{', products' if self.curved else ''})"
        meaning = {c.name: c.description for c in self.f.constraints}
        told = ""
        for row in self.rows:
            block = row.line.name.partition("[")[0].lstrip("_")
            if block != told:
                yield from (f"    {line}" for line in comment(meaning.get(block, ""), "    "))
            told = block
            yield from self._row(row)
        yield "]"
        for line in self.goals:
            yield from _dictionary(f"{line.name}_terms = ", _terms(line.linear), "")
            if line.quadratic:
                yield from _dictionary(f"{line.name}_products = ", _terms(line.quadratic), "")

    def _row(self, row: Row) -> Iterator[str]:
        head = f"({quoted(row.line.name)}, {_bound(row.lower)}, {_bound(row.upper)}, "
        parts = [_terms(row.line.linear), *([_terms(row.line.quadratic)] * self.curved)]
        inner = ", ".join("{" + ", ".join(part) + "}" for part in parts)
        one = f"    {head}{inner}),"
        if len(one) <= WIDTH:
            yield one
            return
        yield f"    {head.rstrip()}"
        for part in parts:
            yield from _dictionary("", part, "     ", ",")
        yield "    ),"

    # --- model ------------------------------------------------------------------------------------

    def _columns(self) -> Iterator[str]:
        yield "x = {}"
        for name, domain in (("continuous", Domain.CONTINUOUS), ("whole", Domain.INTEGER)):
            yield f"for name, (lower, upper) in {name}.items():"
            made = self.dialect.variable(domain, Bounds("lower", "upper"), "name")
            yield f"    x[name] = {made}"

    def _sum(self, terms: str) -> str:
        return self.dialect.sum_of(f"factor * x[column] for column, factor in {terms}.items()")

    def _rows(self) -> Iterator[str]:
        unpacked = "name, lower, upper, terms" + (", products" if self.curved else "")
        yield f"for {unpacked} in rows:"
        yield f"    body = {self._sum('terms')}"
        if self.curved:
            yield "    if products:"
            yield "        body = body + quadratic(products)"
        yield "    if lower == upper:"
        yield from self.dialect.row("body == lower", "name", "        ")
        yield "        continue"
        for bound, relation in (
            ("lower > -inf", "body >= lower"),
            ("upper < inf", "body <= upper"),
        ):
            yield f"    if {bound}:"
            yield from self.dialect.row(relation, "name", "        ")

    def _objectives(self) -> Iterator[str]:
        for line, constant in zip(
            self.goals, self.program.objectives.constant.tolist(), strict=True
        ):
            text = self._sum(f"{line.name}_terms")
            text += f" + {number_text(constant)}" if constant > 0 else ""
            text += f" - {number_text(-constant)}" if constant < 0 else ""
            text += f" + quadratic({line.name}_products)" if line.quadratic else ""
            yield f"{line.name} = {text}"


QUADRATIC = '''\
def quadratic(products):
    """The sum of products of two columns; as a whole it is convex or concave."""
    names = list(dict.fromkeys(name for pair in products for name in pair))
    matrix = np.zeros((len(names), len(names)))
    for (first, second), factor in products.items():
        matrix[names.index(first), names.index(second)] += factor / 2
        matrix[names.index(second), names.index(first)] += factor / 2
    sign = 1 if np.linalg.eigvalsh(matrix).min() > -1e-9 * np.abs(matrix).max() else -1
    columns = cp.hstack([x[name] for name in names])
    return sign * cp.quad_form(columns, sign * matrix, assume_PSD=True)
'''
REPORT = '''\
def report(objective):
    """Prints the objective and the variables that are not zero."""
    print("objective:", number(objective))
    for name, variable in x.items():
        if not name.startswith("_") and abs(value(variable)) > 1e-9:
            print(name, "=", number(value(variable)))
'''


def _unique(labels: Iterable[tuple[str, Index]]) -> list[str]:
    names = Names(())
    return [names.unique(label(symbol, index)) for symbol, index in labels]


def _column(column: Column) -> str:
    return f"    {quoted(column.name)}: ({_bound(column.lower)}, {_bound(column.upper)}),"


def _bound(value: float) -> str:
    return f"{'-' if value < 0 else ''}inf" if abs(value) == float("inf") else number_text(value)


def _terms(terms: Sequence[Term]) -> list[str]:
    return [f"{_key(term.names)}: {number_text(term.coefficient)}" for term in terms]


def _key(names: tuple[str, ...]) -> str:
    shown = ", ".join(map(quoted, names))
    return shown if len(names) == 1 else f"({shown})"


def _dictionary(head: str, items: list[str], indent: str, end: str = "") -> Iterator[str]:
    one = f"{indent}{head}{{{', '.join(items)}}}{end}"
    if len(one) <= WIDTH:
        yield one
        return
    yield f"{indent}{head}{{"
    line = ""
    for item in items:
        if line and len(indent) + len(line) + len(item) + 6 > WIDTH:
            yield f"{indent}    {line}"
            line = ""
        line = f"{line} {item}," if line else f"{item},"
    yield f"{indent}    {line}"
    yield f"{indent}}}{end}"
