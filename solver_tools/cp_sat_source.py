"""A formulation as a CP-SAT program that runs on its own: whole numbers, written out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optiwright.formulators.errors import UserError
from optiwright.formulators.instance import Instance, ground
from optiwright.formulators.model import Formulation
from optiwright.formulators.nesting import bounded_nesting
from optiwright.formulators.phrases import label
from optiwright.formulators.source import number_text, quoted
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.loop_dialect import NUMBER, TIME_LIMIT, heading
from optiwright.solver_tools.program import Global, Program
from optiwright.solver_tools.pyomo_layout import WIDTH, Names, comment
from optiwright.solver_tools.whole_form import Linear, NotWholeError, WholeProgram, whole_form


@bounded_nesting()
def cp_sat_source(source: Formulation | Instance) -> str:
    """Return a CP-SAT program that solves the formulation with its data and prints the answer.

    Raises:
        UserError: if it has no form in whole numbers, or goals of several priorities.
        FormulationError: if the data do not fit, or something cannot be compiled.
    """
    instance = ground(source) if isinstance(source, Formulation) else source
    program = compile_program(instance)
    if program.objectives.count > 1:
        raise _inexpressible("it has goals of several priorities")
    try:
        whole = whole_form(program)
    except NotWholeError as error:
        raise _inexpressible(str(error)) from None
    return _Source(instance.formulation, program, whole).text()


def _inexpressible(why: str) -> UserError:
    return UserError(
        f"a CP-SAT program holds whole numbers and one objective, and here {why}",
        where="the formulation",
        remedy="Write it with Pyomo (`--as pyomo`) or highspy (`--as highspy`).",
    )


class _Source:
    def __init__(self, f: Formulation, program: Program, whole: WholeProgram) -> None:
        self.f = f
        self.program = program
        self.whole = whole
        taken = Names(())
        self.names = [taken.unique(label(*each)) for each in program.column_labels()]

    def text(self) -> str:
        model = "\n".join([*self._rows(), *self._globals(), *self._objective()])
        blocks = [
            "\n".join([*heading(self.f.title), "", "from ortools.sat.python import cp_model"]),
            f"TIME_LIMIT = {TIME_LIMIT}  # seconds",
            "\n".join(["# " + "-" * 29 + " model " + "-" * 30, "", "model = cp_model.CpModel()"]),
            "\n".join(self._columns()),
            INTERVAL if self._has_intervals() else "",
            PLAIN if "plain(" in model else "",
            model,
            "# " + "-" * 29 + " solve " + "-" * 30,
            NUMBER,
            "\n".join(self._main()),
        ]
        return "\n\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"

    def _columns(self) -> Iterator[str]:
        yield "v = {}"
        parts = {v.name: v for v in self.f.variables}
        for block in self.program.column_blocks:
            part = parts.get(block.name)
            yield from comment(part.description if part else "a helper")
            unit = self.whole.denominators[block.start] if block.indices else 1
            if unit > 1:
                yield f"# in units of 1/{unit}"
            yield "for name, lower, upper in ["
            for j in range(block.start, block.stop):
                ends = f"{self.whole.lower[j]}, {self.whole.upper[j]}"
                yield f"    ({quoted(self.names[j])}, {ends}),"
            yield "]:"
            yield "    v[name] = model.new_int_var(lower, upper, name)"

    def _has_intervals(self) -> bool:
        return any(g.kind in ("no_overlap", "cumulative") for g in self.program.globals)

    # --- constraints ------------------------------------------------------------------------------

    def _sum(self, body: Linear) -> str:
        text = ""
        for j, factor in zip(body.columns, body.factors, strict=True):
            size = "" if abs(factor) == 1 else f"{abs(factor)}*"
            sign = "-" if factor < 0 else "+"
            term = f"{size}v[{quoted(self.names[j])}]"
            text += f" {sign} {term}" if text else f"{'-' if factor < 0 else ''}{term}"
        if body.constant or not text:
            sign = "-" if body.constant < 0 else "+"
            text += f" {sign} {abs(body.constant)}" if text else str(body.constant)
        return text

    def _plain(self, body: Linear, *, arc: bool) -> str:
        """Returns a sum as CP-SAT takes it inside of other constraints: of one variable at most."""
        text = self._sum(body)
        if arc:
            bare = len(body.columns) <= 1 and body.factors in ((), (1,))
            return text if bare and not (body.columns and body.constant) else f"plain({text}, 0, 1)"
        return text if len(body.columns) <= 1 else f"plain({text})"

    def _rows(self) -> Iterator[str]:
        meanings = {c.name: c.description for c in self.f.constraints}
        told = ""
        labels = self.program.row_labels()
        for (name, _), row in zip(labels, self.whole.rows, strict=True):
            plain = name.lstrip("_")
            if plain != told:
                yield from self._told(plain, meanings.get(plain, ""))
            told = plain
            body = self._sum(row.body)
            if not row.body.columns:
                body = f"cp_model.LinearExpr.sum([]) + {row.body.constant}"
            if row.lower is not None and row.lower == row.upper:
                yield from _call("model.add", [f"{body} == {row.lower}"])
                continue
            if row.lower is not None:
                yield from _call("model.add", [f"{body} >= {row.lower}"])
            if row.upper is not None:
                yield from _call("model.add", [f"{body} <= {row.upper}"])

    def _told(self, name: str, meaning: str) -> Iterator[str]:
        yield ""
        yield from comment(f"{name}: {meaning}" if meaning else name)

    def _globals(self) -> Iterator[str]:
        meanings = {c.name: c.description for c in self.f.constraints}
        told = ""
        for part in self.whole.globals:
            constraint = self.program.globals[part.position]
            if constraint.name != told:
                yield from self._told(constraint.name, meanings.get(constraint.name, ""))
            told = constraint.name
            yield from self._global(constraint, part.parts)

    def _global(self, g: Global, parts: tuple[tuple[Linear, ...], ...]) -> Iterator[str]:
        arcs = g.kind == "circuit"
        texts = [[self._plain(body, arc=arcs) for body in part] for part in parts]
        match g.kind:
            case "all_different":
                yield from _call("model.add_all_different", [_listed(texts[0])])
            case "no_overlap":
                intervals = [f"interval({s}, {d})" for s, d in zip(*texts, strict=True)]
                yield from _call("model.add_no_overlap", [_listed(intervals)])
            case "cumulative":
                intervals = [f"interval({s}, {d})" for s, d in zip(*texts[:2], strict=True)]
                arguments = [_listed(intervals), _listed(texts[2]), texts[3][0]]
                yield from _call("model.add_cumulative", arguments)
            case "circuit":
                arcs = [
                    f"({tail}, {head}, {text})"
                    for (tail, head), text in zip(g.allowed.tolist(), texts[0], strict=True)
                    if tail != head
                ]
                loops = [
                    t for (a, b), t in zip(g.allowed.tolist(), texts[0], strict=True) if a == b
                ]
                for text in loops:
                    yield from _call("model.add", [f"{text} == 0"])
                yield from _call("model.add_circuit", [_listed(arcs)])
            case "table":
                rows = [str(tuple(row)) for row in g.allowed.tolist()]
                arguments = [_listed(texts[0]), _listed(rows)]
                yield from _call("model.add_allowed_assignments", arguments)

    # --- goal and report --------------------------------------------------------------------------

    def _objective(self) -> Iterator[str]:
        if self.f.objectives and self.whole.objective.columns:
            goal = self.f.leading
            yield from self._told("goal", goal.description if goal else "")
            verb = "minimize" if self.program.minimize[0] else "maximize"
            yield from _call(f"model.{verb}", [self._sum(self.whole.objective)])

    def _main(self) -> Iterator[str]:
        scale = number_text(float(self.whole.objective_scale))
        constant = number_text(float(self.program.objectives.constant[0]))
        yield "def main():"
        yield "    solver = cp_model.CpSolver()"
        yield "    solver.parameters.max_time_in_seconds = TIME_LIMIT"
        yield "    status = solver.solve(model)"
        yield '    print("status:", solver.status_name(status).lower())'
        yield "    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):"
        if self.f.objectives:
            value = f"solver.objective_value / {scale} + {constant}"
            if not self.whole.objective.columns:
                value = constant
            yield f'        print("objective:", number({value}))'
        fine = [n for n, d in zip(self.names, self.whole.denominators, strict=True) if d > 1]
        shown = "solver.value(variable)"
        if fine:
            unit = max(self.whole.denominators)
            arguments = [_listed([quoted(name) for name in fine]), str(unit)]
            yield from _call("        units = dict.fromkeys", arguments)
            shown += " / units.get(name, 1)"
        yield "        for name, variable in v.items():"
        yield '            if solver.value(variable) and not name.startswith("_"):'
        yield f'                print(name, "=", number({shown}))'
        yield ""
        yield ""
        yield 'if __name__ == "__main__":'
        yield "    main()"


def _listed(items: Sequence[str]) -> str:
    return f"[{', '.join(items)}]"


def _call(head: str, arguments: Sequence[str]) -> Iterator[str]:
    """Yield a call, on one line where it fits."""
    indent = " " * (len(head) - len(head.lstrip()))
    line = f"{head}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"{head}("
    for argument in arguments:
        yield from _wrapped(f"{argument},", f"{indent}    ")
    yield f"{indent})"


def _wrapped(text: str, indent: str) -> Iterator[str]:
    """Yield an expression on lines that are short enough, broken at spaces outside of names."""
    line = ""
    for word in _words(text):
        if line and len(indent) + len(line) + 1 + len(word) > WIDTH:
            yield f"{indent}{line}"
            line = ""
        line = f"{line} {word}" if line else word
    yield f"{indent}{line}"


def _words(text: str) -> Iterator[str]:
    """Yield what stands between spaces that are in no quotes."""
    word, quote, escaped = "", "", False
    for sign in text:
        if sign == " " and not quote:
            yield word
            word = ""
            continue
        if quote and sign == quote and not escaped:
            quote = ""
        elif not quote and sign in "'\"":
            quote = sign
        escaped = sign == "\\" and not escaped
        word += sign
    yield word


INTERVAL = '''\
def interval(start, length):
    """An interval that is there where its length is not zero."""
    if isinstance(length, int):
        fixed = model.new_optional_fixed_size_interval_var
        return fixed(start, max(length, 0), length > 0, "")
    most = 2**40
    size, end = model.new_int_var(0, most, ""), model.new_int_var(-most, most, "")
    there = model.new_bool_var("")
    model.add(size == length).only_enforce_if(there)
    model.add(size >= 1).only_enforce_if(there)
    model.add(length <= 0).only_enforce_if(~there)
    return model.new_optional_interval_var(start, size, end, there, "")
'''

PLAIN = '''\
def plain(total, lower=-(2**40), upper=2**40):
    """A variable that is equal to a sum."""
    variable = model.new_int_var(lower, upper, "")
    model.add(variable == total)
    return variable
'''
