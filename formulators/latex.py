"""A formulation as LaTeX: each part by itself, and all in one `aligned` block.

Only commands that KaTeX and MathJax both know are used; a test holds the list.
"""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.expressions import Generator, Node
from optiwright.formulators.latex_expressions import (
    COMMA,
    LatexWriter,
    element_to_latex,
    name_to_latex,
    number_to_latex,
    set_name_to_latex,
    text_to_latex,
)
from optiwright.formulators.model import (
    AllDifferent,
    Bound,
    Circuit,
    Constraint,
    Cumulative,
    Definition,
    Derived,
    Domain,
    Either,
    Element,
    Family,
    Formulation,
    FromTable,
    Given,
    Implication,
    Index,
    Listed,
    Logic,
    NoOverlap,
    Objective,
    Parameter,
    Piecewise,
    Range,
    Sense,
    SetDef,
    Table,
    Variable,
)
from optiwright.formulators.parser import parse_expression, parse_over

SHOWN = 8
"""How many elements, entries or points are written out before dots stand for the rest."""


def expression_to_latex(expression: Node | str, f: Formulation) -> str:
    """Return an expression, given as a tree or as text, as LaTeX without delimiters.

    Raises:
        ExpressionError: if it is text that cannot be parsed.
    """
    node = parse_expression(expression) if isinstance(expression, str) else expression
    return _writer(f).write(node)


def formulation_to_latex(f: Formulation) -> str:
    """Return the whole formulation as one `aligned` environment, without delimiters."""
    rows = [row for heading, lines in _elements(f) if lines for row in (heading, *lines)]
    return "\\begin{aligned}\n" + " \\\\\n".join(f"& {row}" for row in rows) + "\n\\end{aligned}"


def _elements(f: Formulation) -> Iterator[tuple[str, list[str]]]:
    yield r"\textbf{Sets}", [set_to_latex(s, f) for s in f.sets]
    yield r"\textbf{Parameters}", [parameter_to_latex(p, f) for p in f.parameters]
    yield r"\textbf{Variables}", [variable_to_latex(v, f) for v in f.variables]
    yield r"\textbf{Definitions}", [definition_to_latex(d, f) for d in f.definitions]
    yield r"\textbf{Objective}", objectives_to_latex(f)
    yield r"\textbf{Constraints}", [constraint_to_latex(c, f) for c in f.constraints]


def set_to_latex(s: SetDef, f: Formulation) -> str:
    """Return a set and its elements, abbreviated where there are many."""
    name = set_name_to_latex(s.name)
    match s.data:
        case Listed(elements=elements):
            return f"{name} = {_braces(elements)}"
        case Range(start=start, stop=stop, step=step):
            first, last = expression_to_latex(start, f), expression_to_latex(stop, f)
            second = rf"{first} + {step},\, " if step > 1 else ""
            return rf"{name} = \{{{first},\, {second}\ldots,\, {last}\}}"
        case FromTable(table=table, columns=columns):
            source = f"{', '.join(columns)} of {table}"
            return rf"{name} = \{{{text_to_latex(source)}\}}"
        case Family(over=over, members=members):
            index, forall = indexing(over, f)
            shown = [f"{name}_{{{_index(m.index)}}} = {_braces(m.elements)}" for m in members]
            listed = r",\; ".join(_abbreviated(shown, 3))
            return rf"{name}{index}{forall}: \quad {listed}" if listed else f"{name}{index}{forall}"


def parameter_to_latex(p: Parameter, f: Formulation, *, values: bool = True) -> str:
    """Return a parameter and, if wanted, its values, abbreviated where there are many."""
    index, forall = indexing(p.over, f)
    symbol = f"{name_to_latex(p.name)}{index}"
    if not values:
        return f"{symbol}{forall}"
    match p.data:
        case Given(entries=entries, default=default):
            if not p.over:
                value = number_to_latex(entries[0].value) if entries else default_to_latex(default)
                return f"{symbol} = {value}{_unit(p.unit)}"
            name = name_to_latex(p.name)
            shown = [f"{name}_{{{_index(e.index)}}} = {number_to_latex(e.value)}" for e in entries]
            if default is not None:
                shown.append(rf"{number_to_latex(default)} \text{{ otherwise}}")
            listed = r",\; ".join(_abbreviated(shown))
            return rf"{symbol}{forall}: \quad {listed}{_unit(p.unit)}"
        case Derived(expression=expression):
            return f"{symbol} = {expression_to_latex(expression, f)}{_unit(p.unit)}{forall}"
        case Bound(table=table, value_column=column):
            source = text_to_latex(f"{column} of {table}")
            return f"{symbol} = {source}{_unit(p.unit)}{forall}"


def default_to_latex(default: float | None) -> str:
    """Return a default value, or a dash where there is none."""
    return r"\text{–}" if default is None else number_to_latex(default)


def variable_to_latex(v: Variable, f: Formulation) -> str:
    """Return a variable with its domain, its bounds and its indices."""
    index, forall = indexing(v.over, f)
    symbol = f"{name_to_latex(v.name)}{index}"
    return _ranged(symbol, v, f) + forall


def _ranged(symbol: str, v: Variable, f: Formulation) -> str:
    if v.domain is Domain.BINARY:
        return rf"{symbol} \in \{{0, 1\}}"
    lower = None if v.lower is None else expression_to_latex(v.lower, f)
    upper = None if v.upper is None else expression_to_latex(v.upper, f)
    if v.domain is Domain.SEMICONTINUOUS:
        return rf"{symbol} \in \{{0\}} \cup \left[{lower or '?'},\, {upper or '?'}\right]"
    field = r"\mathbb{Z}" if v.domain is Domain.INTEGER else r"\mathbb{R}"
    if lower == "0" and upper is None:
        return rf"{symbol} \in {field}_{{\ge 0}}"
    left = "" if lower is None else rf"{lower} \le "
    right = "" if upper is None else rf" \le {upper}"
    bounds = rf",\quad {left}{symbol}{right}" if left or right else ""
    return rf"{symbol} \in {field}{bounds}"


def definition_to_latex(d: Definition, f: Formulation) -> str:
    """Return a named quantity and what it stands for."""
    index, forall = indexing(d.over, f)
    return f"{name_to_latex(d.name)}{index} = {expression_to_latex(d.expression, f)}{forall}"


def objectives_to_latex(f: Formulation) -> list[str]:
    """Return one line a goal, the most important first, with priorities and weights if several."""
    if not f.objectives:
        return [r"\text{any feasible solution}"]
    goals = sorted(f.objectives, key=lambda o: -o.priority)
    several = len({o.priority for o in goals}) > 1
    return [_objective(o, f, several) for o in goals]


def _objective(o: Objective, f: Formulation, several: bool) -> str:
    notes = []
    if several:
        notes.append(f"priority {o.priority}")
    if o.tolerance:
        notes.append(f"may be worsened by {o.tolerance:.4g} of its value")
    if o.weight != 1:
        notes.append(f"weight {o.weight:.6g}")
    sign = r"\min" if o.sense is Sense.MINIMIZE else r"\max"
    return rf"{sign} \quad {expression_to_latex(o.expression, f)}{_note(', '.join(notes))}"


def constraint_to_latex(c: Constraint, f: Formulation) -> str:
    """Return a constraint of any kind with its indices; a soft one with its penalty."""
    _, forall = indexing(c.over, f)
    return _relation(c, f) + forall


def _relation(c: Constraint, f: Formulation) -> str:
    def tex(text: str) -> str:
        return expression_to_latex(text, f)

    match c:
        case Implication(condition=condition, then=then):
            return rf"{tex(condition)} \;\Rightarrow\; {tex(then)}"
        case Either(options=options, at_least=count):
            joined = r" \;\lor\; ".join(rf"\left({tex(o)}\right)" for o in options)
            return joined + (_note(f"at least {count} of them") if count > 1 else "")
        case Logic(expression=expression):
            return tex(expression)
        case Piecewise(argument=argument, value=value, points=points):
            shown = [f"({number_to_latex(x)},\\, {number_to_latex(y)})" for x, y in points]
            listed = r",\; ".join(_abbreviated(shown))
            function = rf"\operatorname{{piecewise}}\left({tex(argument)};\; {listed}\right)"
            return f"{tex(value)} = {function}"
        case AllDifferent(among=among, each=each):
            return _global("alldifferent", among, (each,), f)
        case NoOverlap(among=among, start=start, duration=duration):
            return _global("nooverlap", among, (start, duration), f)
        case Cumulative(among=among, start=start, duration=duration, demand=demand):
            inner = _global("cumulative", among, (start, duration, demand), f)
            return rf"{inner} \le {tex(c.capacity)}"
        case Circuit(among=among, arc=arc):
            return _global("circuit", among, (arc,), f)
        case Table(among=among, values=values):
            generators = named_over(among, f)
            inner = COMMA.join(tex(value) for value in values)
            row = COMMA.join(name_to_latex(t) for g in generators for t in g.targets)
            clause = _writer(f).clauses(generators)
            return rf"\left({inner}\right) \in \left\{{\left({row}\right) : {clause}\right\}}"
    penalty = "" if c.penalty is None else rf" \quad \text{{(soft, penalty }} {tex(c.penalty)}"
    return tex(c.expression) + (rf"{penalty} \text{{ a unit)}}" if penalty else "")


def _global(name: str, among: str, parts: tuple[str, ...], f: Formulation) -> str:
    clause = _writer(f).clauses(named_over(among, f))
    inner = COMMA.join(expression_to_latex(p, f) for p in parts)
    return rf"\operatorname{{{name}}}_{{{clause}}}\left({inner}\right)"


def indexing(over: str, f: Formulation) -> tuple[str, str]:
    """Return the subscript of a symbol over an index clause, and its `for all` part."""
    if not over:
        return "", ""
    generators = named_over(over, f)
    subscript = COMMA.join(name_to_latex(t) for g in generators for t in g.targets)
    clause = _writer(f).clauses(generators)
    return (f"_{{{subscript}}}" if subscript else ""), rf" \quad \forall {clause}"


def named_over(over: str, f: Formulation) -> tuple[Generator, ...]:
    """Return an index clause in which every index has a name a reader can see."""
    generators = parse_over(over)
    taken = {t for g in generators for t in g.targets} | _names(f)
    named = []
    for generator in generators:
        targets = generator.targets
        if targets[0].startswith("_") and len(targets) == 1:
            targets = tuple(
                _fresh(generator.domain.name, taken) for _ in range(_arity(generator, f))
            )
        named.append(Generator(targets, generator.domain, generator.conditions, generator.span))
    return tuple(named)


def _names(f: Formulation) -> set[str]:
    parts = (f.sets, f.parameters, f.variables, f.definitions)
    return {part.name for group in parts for part in group}


def _fresh(set_name: str, taken: set[str]) -> str:
    """Return a letter for an index of a set, its own initial if free, and take it."""
    initial = set_name.lstrip("_")[:1].lower()
    letters = [initial, *"ijkpqrst"] if initial.isalpha() else list("ijkpqrst")
    letter = next((c for c in letters if c not in taken), None)
    name = letter or next(n for k in range(1, 100) if (n := f"i{k}") not in taken)
    taken.add(name)
    return name


def _arity(generator: Generator, f: Formulation) -> int:
    data = next((s.data for s in f.sets if s.name == generator.domain.name), None)
    match data:
        case Listed(elements=elements):
            first = elements[0] if elements else ""
        case FromTable(columns=columns):
            return len(columns)
        case Family(members=members):
            first = next((e for m in members for e in m.elements), "")
        case _:
            return 1
    return len(first) if isinstance(first, tuple) else 1


def _writer(f: Formulation) -> LatexWriter:
    return LatexWriter(frozenset(s.name for s in f.sets))


def _braces(elements: tuple[Element | Index, ...]) -> str:
    if not elements:
        return r"\emptyset"
    listed = COMMA.join(_abbreviated([element_to_latex(e) for e in elements]))
    return rf"\{{{listed}\}}"


def _index(index: Index) -> str:
    return COMMA.join(element_to_latex(e) for e in index)


def _abbreviated(items: list[str], shown: int = SHOWN) -> list[str]:
    """Return the items, or the first ones, dots and the last."""
    if len(items) <= shown:
        return items
    return [*items[: shown - 2], r"\ldots", items[-1]]


def _unit(unit: str) -> str:
    return rf"\;{text_to_latex(unit)}" if unit else ""


def _note(text: str) -> str:
    return rf" \quad {text_to_latex(f'({text})')}" if text else ""
