r"""Formulas in LaTeX to Python: sums, products, fractions, roots, powers, functions, indices.

What comes out is source like any user's, and goes the same way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from optiwright.formulators.black_box import Unknown
from optiwright.formulators.bounds_lines import Clause, together, told
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.latex_problem import read_latex
from optiwright.formulators.model import Sense

_TOKEN = re.compile(
    r"\s+|(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<command>\\[A-Za-z]+|\\[|{},;:! ])|(?P<letter>[A-Za-z])"
    r"|(?P<sign>[-+*/^_|,(){}\[\]=])"
)
_SKIPPED = {r"\,", r"\;", r"\:", r"\!", r"\ ", r"\quad", r"\qquad"}
_FUNCTIONS = {
    "sin": "np.sin", "cos": "np.cos", "tan": "np.tan", "exp": "np.exp", "ln": "np.log",
    "log": "np.log", "tanh": "np.tanh", "sinh": "np.sinh", "cosh": "np.cosh",
    "arctan": "np.arctan", "min": "min", "max": "max",
}  # fmt: skip
_OPEN = {"(": ")", "[": "]", "{": "}", r"\{": r"\}"}
_NORMS = {r"\|": r"\|", r"\lVert": r"\rVert", r"\Vert": r"\Vert"}
_ENDS = {
    ")",
    "]",
    "}",
    r"\}",
    "|",
    ",",
    r"\|",
    r"\rVert",
    r"\Vert",
    r"\rvert",
    r"\rfloor",
    r"\rceil",
}
_TIMES = {"*", r"\cdot", r"\times"}
_SOURCE = "import math\n\nimport numpy as np\n\n\ndef f({given}):\n    return {objective}\n"


@dataclass(frozen=True)
class LatexCode:
    """A problem in LaTeX as Python source."""

    source: str
    bounds: str
    sense: Sense
    words: str = ""


def latex_to_code(text: str) -> LatexCode:
    """Turn a problem in LaTeX into a function `f`, its constraints and bounds.

    Raises:
        FormulationError: if a part cannot be read; it says which.
    """
    problem = read_latex(text)
    unknowns, vectors = _unknowns(problem.clauses, problem.sizes, text)
    scalars = [u.name for u in unknowns if not vectors]
    sizes = {**problem.sizes}
    for letter in ("d", "D", "n", "N", "m"):
        if vectors:
            sizes.setdefault(letter, len(unknowns))
    names = _Names(vectors, tuple(scalars), sizes)
    given = next(iter(vectors)) if vectors else ", ".join(scalars)
    parts = [_SOURCE.format(given=given, objective=to_python(problem.objective, names))]
    for number, (left, sign, right) in enumerate(problem.relations, 1):
        sides = f"{to_python(left, names)} - ({to_python(right, names)})"
        value = {"<=": sides, ">=": f"-({sides})", "==": f"abs({sides}) - 1e-06"}[sign]
        parts.append(f"\n\ndef constraint{number}({given}):  # <= 0\n    return {value}\n")
    bounds = ", ".join(f"{u.name} in {told(u)}" for u in unknowns)
    return LatexCode("".join(parts), bounds, problem.sense)


@dataclass(frozen=True)
class _Names:
    vectors: dict[str, int]
    """A vector's name to the subscript of its first entry."""
    scalars: tuple[str, ...]
    sizes: dict[str, int]


def _unknowns(
    clauses: tuple[Clause, ...], sizes: dict[str, int], text: str
) -> tuple[tuple[Unknown, ...], dict[str, int]]:
    """Return the unknowns, and the vector that they are entries of where they are."""
    found = together([c for c in clauses if c.each is None])
    stems = {c.stem for c in clauses if c.stem}
    each = [c for c in clauses if c.each is not None]
    if each and not found:
        size = next((sizes[k] for k in ("d", "D", "n", "N") if k in sizes), None)
        if size is None:
            raise FormulationError(
                f"how many entries `{each[0].stem}` has is not said",
                remedy="a size, as in `d = 10`",
            )
        entry, stem = each[0].each, each[0].stem
        assert entry is not None
        copies = (entry.model_copy(update={"name": f"{stem}{k + 1}"}) for k in range(size))
        return tuple(copies), {stem: 1}
    numbered = [re.fullmatch(r"([A-Za-z])_?(\d+)", u.name) for u in found]
    if all(numbered) and (stems or re.search(r"_\{?\w", text)):
        letters = {m[1] for m in numbered if m}
        if len(letters) == 1:
            return found, {letters.pop(): min(int(m[2]) for m in numbered if m)}
    return found, {}


def to_python(formula: str, names: _Names) -> str:
    """Return a formula as a Python expression.

    Raises:
        FormulationError: at the first piece that is not understood.
    """
    parser = _Parser(formula, names)
    made = parser.sum_()
    if parser.peek():
        parser.fail(f"`{parser.peek()}`")
    return made


class _Parser:
    """Reads tokens from left to right; each method returns Python text that binds like an atom."""

    def __init__(self, formula: str, names: _Names) -> None:
        self.formula = formula
        self.names = names
        self.indices: list[str] = []
        self.tokens: list[str] = []
        position = 0
        while position < len(formula):
            match = _TOKEN.match(formula, position)
            if match is None:
                self.fail(f"`{formula[position]}`")
            if match.group().strip() and match.group() not in _SKIPPED:
                self.tokens.append(match.group())
            position = match.end()
        self.at = 0

    def fail(self, what: str) -> NoReturn:
        raise FormulationError(
            f"{what} in the formula `{' '.join(self.formula.split())}`",
            remedy="sums, products, powers, fractions, roots, functions of unknowns with bounds",
        )

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            self.fail(f"the end instead of `{expected}`" if not token else f"`{token}`")
        self.at += 1
        return token

    def sum_(self) -> str:
        parts = []
        sign = self.take() if self.peek() in {"+", "-"} else ""
        parts.append(("-" if sign == "-" else "") + self.product())
        while self.peek() in {"+", "-"}:
            parts.append(f" {self.take()} " + self.product())
        return f"({''.join(parts)})" if len(parts) > 1 or sign == "-" else parts[0]

    def product(self) -> str:
        made = self.power()
        while (token := self.peek()) and token not in {"+", "-"} and not self._ends(token):
            sign = "*"
            if token in _TIMES or token == "/":
                sign = "/" if self.take() == "/" else "*"
            right = self.power() if self.peek() != "-" else f"(-{self._after_minus()})"
            made = f"({made} {sign} {right})"
        return made

    def _after_minus(self) -> str:
        self.take("-")
        return self.power()

    def _ends(self, token: str) -> bool:
        opens_bar = token == "|" and not self._in_bars
        return token in _ENDS and not opens_bar and not (token == r"\|" and not self._in_norm)

    _in_bars = False
    _in_norm = False

    def power(self) -> str:
        base = self.atom()
        while self.peek() == "^":
            self.take()
            base = f"({base} ** {self.group()})"
        return base

    def group(self) -> str:
        """Read `{...}` or a single piece."""
        if self.peek() == "{":
            self.take()
            made = self.sum_()
            self.take("}")
            return made
        return self.atom()

    def atom(self) -> str:
        token = self.take()
        if token in _OPEN:
            made = self.sum_()
            self.take(_OPEN[token])
            return f"({made})"
        if token in {"|", r"\lvert"}:
            before, self._in_bars = self._in_bars, True
            made = self.sum_()
            self._in_bars = before
            self.take("|" if token == "|" else r"\rvert")
            return f"abs({made})"
        if token in _NORMS:
            return self._norm(_NORMS[token])
        if token[0].isdigit() or token[0] == ".":
            return repr(float(token)) if "." in token else token
        return self._command(token[1:]) if token[0] == "\\" else self._letter(token)

    def _norm(self, closing: str) -> str:
        name = self.take()
        self.take(closing)
        if self.peek() == "_":
            self.take()
            if self.group() != "2":
                self.fail("a norm other than the Euclidean one")
        if name not in self.names.vectors:
            self.fail(f"the norm of `{name}`")
        return f"math.sqrt(sum(v ** 2 for v in {name}))".replace("math.", "np.")

    def _command(self, name: str) -> str:
        match name:
            case "frac" | "dfrac" | "tfrac":
                return f"({self.group()} / {self.group()})"
            case "sqrt":
                if self.peek() != "[":
                    return f"np.sqrt({self.group()})"
                self.take("[")
                degree = self.sum_()
                self.take("]")
                return f"({self.group()} ** (1 / {degree}))"
            case "sum" | "prod":
                return self._repeated(name)
            case "pi":
                return "math.pi"
            case "lfloor" | "lceil":
                made = self.sum_()
                self.take(r"\rfloor" if name == "lfloor" else r"\rceil")
                return f"math.{name[1:]}({made})"
        if name in _FUNCTIONS:
            return self._function(_FUNCTIONS[name])
        return self._letter(name)

    def _function(self, called: str) -> str:
        exponent = ""
        if self.peek() == "^":
            self.take()
            exponent = self.group()
        if self.peek() in _OPEN:
            closing = _OPEN[self.take()]
            arguments = [self.sum_()]
            while self.peek() == ",":
                self.take()
                arguments.append(self.sum_())
            self.take(closing)
            made = f"{called}({', '.join(arguments)})"
        else:
            made = self.power()
            while (
                self.peek()
                and self.peek()[0] in "\\0123456789" + _LETTERS
                and (
                    self.peek()[1:] not in _FUNCTIONS
                    and not self._ends(self.peek())
                    and self.peek() not in _TIMES
                )
            ):
                made = f"({made} * {self.power()})"
            made = f"{called}({made})"
        return f"({made} ** {exponent})" if exponent else made

    def _repeated(self, kind: str) -> str:
        self.take("_")
        self.take("{")
        index = self.take()
        if self.peek() == "=":
            self.take()
        first = self.sum_()
        self.take("}")
        self.take("^")
        last = self.group()
        self.indices.append(index)
        body = self.product()
        self.indices.pop()
        over = f"for {index} in range({first}, {last} + 1)"
        return f"sum({body} {over})" if kind == "sum" else f"math.prod({body} {over})"

    def _letter(self, name: str) -> str:
        subscript = ""
        if self.peek() == "_":
            self.take()
            subscript = self.group()
        if name in self.names.vectors:
            if not subscript:
                self.fail(f"`{name}` without a subscript")
            first = self.names.vectors[name]
            place = int(subscript) - first if subscript.isdigit() else None
            return f"{name}[{place if place is not None else f'{subscript} - {first}'}]"
        full = (
            f"{name}{subscript}"
            if f"{name}{subscript}" in self.names.scalars
            else (f"{name}_{subscript}" if subscript else name)
        )
        if full in self.names.scalars or full in self.indices:
            return full
        if full in self.names.sizes:
            return str(self.names.sizes[full])
        if full == "e":
            return "math.e"
        self.fail(f"`{full}`, which is neither an unknown with bounds nor a number,")


_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
