"""Expressions and index clauses as LaTeX that both KaTeX and MathJax know."""

from __future__ import annotations

import string
import unicodedata
from dataclasses import dataclass
from enum import IntEnum

from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Generator,
    Item,
    Label,
    Logical,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    Tuple,
)
from optiwright.formulators.model import Element, Index

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: "\\" + char for char in "{}$&#_%"},
}
COMMA = r",\, "
"""What stands between indices, elements and conditions."""

_GREEK = frozenset(
    {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu"}
    | {"nu", "xi", "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega"}
)
_RELATIONS = {
    "<=": r"\le",
    ">=": r"\ge",
    "==": "=",
    "!=": r"\ne",
    "<": "<",
    ">": ">",
    "in": r"\in",
    "not in": r"\notin",
}
_FUNCTIONS = {"exp": r"\exp", "log": r"\ln", "sin": r"\sin", "cos": r"\cos"}
_REDUCTIONS = {"sum": r"\sum", "prod": r"\prod", "min": r"\min", "max": r"\max"}


class _Level(IntEnum):
    """How tightly a piece of a formula binds, loosest first."""

    CHOICE = 0
    OR = 1
    AND = 2
    NOT = 3
    COMPARISON = 4
    SUM = 5
    SERIES = 6
    """A product that ends in a sum over indices: whatever follows would seem to belong to it."""
    PRODUCT = 7
    POWER = 8
    ATOM = 9


def text_to_latex(text: str) -> str:
    r"""Return plain text as `\text{...}`, with everything that LaTeX minds escaped."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    return rf"\text{{{''.join(map(_escaped, plain))}}}"


def _escaped(char: str) -> str:
    # KaTeX stops at control characters, and at an accent that combines with no letter.
    if not char.isprintable() or "\u0300" <= char <= "\u036f":
        return "?"
    return _ESCAPES.get(char, char)


def name_to_latex(name: str) -> str:
    """Return a symbol's name: one letter in italics, a Greek one as such, a word upright."""
    if len(name) == 1 and name in string.ascii_letters:
        return name
    if name in _GREEK:
        return rf"\{name}"
    return rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"


def set_name_to_latex(name: str) -> str:
    """Return a set's name: one capital letter in script, a word upright."""
    if len(name) == 1 and name in string.ascii_uppercase:
        return rf"\mathcal{{{name}}}"
    return name_to_latex(name)


def element_to_latex(element: Element | Index) -> str:
    """Return one element of a set."""
    if isinstance(element, tuple):
        return f"({COMMA.join(element_to_latex(e) for e in element)})"
    return str(element) if isinstance(element, int) else text_to_latex(element)


def number_to_latex(value: float) -> str:
    """Return a number; very large and very small ones as a power of ten."""
    if value.is_integer() and abs(value) < 1e9:
        return str(int(value))
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa.removesuffix(".0")
    power = f"10^{{{int(exponent)}}}"
    if mantissa in {"1", "-1"}:
        return mantissa.removesuffix("1") + power
    return rf"{mantissa} \cdot {power}"


@dataclass(frozen=True, slots=True)
class LatexWriter:
    """Writes trees as LaTeX; `sets` are the names that are set as sets."""

    sets: frozenset[str]

    def write(self, node: Node, floor: _Level = _Level.CHOICE) -> str:
        """Return the formula of a node, bracketed if it binds more loosely than `floor`."""
        text, level = self._parts(node)
        return rf"\left({text}\right)" if level < floor else text

    def clauses(self, generators: tuple[Generator, ...]) -> str:
        r"""Return what stands under a sum or behind a \forall; conditions come last."""
        domains = (rf"{self._targets(g.targets)} \in {self.write(g.domain)}" for g in generators)
        conditions = [self.write(c, _Level.NOT) for g in generators for c in g.conditions]
        tail = rf":\, {COMMA.join(conditions)}" if conditions else ""
        return COMMA.join(domains) + tail

    def _targets(self, targets: tuple[str, ...]) -> str:
        inner = COMMA.join(name_to_latex(t) for t in targets)
        return inner if len(targets) == 1 else f"({inner})"

    def _parts(self, node: Node) -> tuple[str, _Level]:
        match node:
            case Number(value=value):
                text = number_to_latex(value)
                return text, self._number_level(text)
            case Label(value=value):
                return text_to_latex(value), _Level.ATOM
            case Name(name=name):
                return self._symbol(name), _Level.ATOM
            case Item(name=name, indices=indices):
                return f"{self._symbol(name)}_{{{self._list(indices)}}}", _Level.ATOM
            case Tuple(items=items):
                return f"({self._list(items)})", _Level.ATOM
            case Call():
                return self._call(node), _Level.ATOM
            case Reduction():
                return self._reduction(node), _Level.SERIES
        return self._compound(node)

    def _compound(self, node: Node) -> tuple[str, _Level]:
        match node:
            case Negative(operand=operand):
                return f"-{self.write(operand, _Level.SERIES)}", _Level.SUM
            case Addition(terms=terms):
                return self._addition(terms), _Level.SUM
            case Arithmetic():
                return self._arithmetic(node)
            case Comparison(ops=ops, operands=operands):
                sides = [self.write(o, _Level.SUM) for o in operands]
                tail = (f" {_RELATIONS[o]} {s}" for o, s in zip(ops, sides[1:], strict=True))
                return sides[0] + "".join(tail), _Level.COMPARISON
            case Logical(op="not", operands=(operand,)):
                return rf"\lnot {self.write(operand, _Level.ATOM)}", _Level.NOT
            case Logical(op=op, operands=operands):
                level = _Level.AND if op == "and" else _Level.OR
                sign = r" \land " if op == "and" else r" \lor "
                return sign.join(self.write(o, _Level(level + 1)) for o in operands), level
            case Choice():
                return self._choice(node), _Level.CHOICE
        raise AssertionError(f"not an expression: {node!r}")

    def _number_level(self, text: str) -> _Level:
        if text.startswith("-"):
            return _Level.SUM
        return _Level.PRODUCT if "^" in text else _Level.ATOM

    def _symbol(self, name: str) -> str:
        return set_name_to_latex(name) if name in self.sets else name_to_latex(name)

    def _list(self, nodes: tuple[Node, ...]) -> str:
        return COMMA.join(self.write(n) for n in nodes)

    def _addition(self, terms: tuple[Node, ...]) -> str:
        pieces: list[str] = []
        for term in _flat(terms):
            text = (
                self.write(term, _Level.SUM)
                if isinstance(term, Negative | Number)
                else self.write(term, _Level.SERIES)
            )
            if not pieces:
                pieces.append(text)
            elif text.startswith("-"):
                pieces.append(f"- {text[1:]}")
            else:
                pieces.append(f"+ {text}")
        return " ".join(pieces)

    def _arithmetic(self, node: Arithmetic) -> tuple[str, _Level]:
        if node.op == "/":
            return rf"\frac{{{self.write(node.left)}}}{{{self.write(node.right)}}}", _Level.ATOM
        if node.op == "**":
            return self._power(node), _Level.POWER
        left = self.write(node.left, _Level.PRODUCT)
        right, level = self._parts(node.right)
        if level < _Level.SERIES:
            right, level = rf"\left({right}\right)", _Level.ATOM
        return rf"{left} \cdot {right}", min(level, _Level.PRODUCT)

    def _power(self, node: Arithmetic) -> str:
        # A fraction or a function's value is no atom to the eye once an exponent is put on it.
        fraction = isinstance(node.left, Arithmetic) and node.left.op == "/"
        plain = isinstance(node.left, Number | Name | Item) and not fraction
        base = self.write(node.left, _Level.ATOM if plain else _Level.CHOICE)
        if not plain:
            base = rf"\left({base}\right)"
        return f"{base}^{{{self.write(node.right)}}}"

    def _call(self, node: Call) -> str:
        arguments = self._list(node.arguments)
        match node.function:
            case "abs" | "len":
                return rf"\left|{arguments}\right|"
            case "sqrt":
                return rf"\sqrt{{{arguments}}}"
            case "min" | "max":
                return rf"\{node.function}\left\{{{arguments}\right\}}"
        command = _FUNCTIONS.get(node.function, rf"\operatorname{{{node.function}}}")
        return rf"{command}\left({arguments}\right)"

    def _reduction(self, node: Reduction) -> str:
        sign = _REDUCTIONS[node.op]
        body = self.write(node.body, _Level.SERIES)
        return rf"{sign}_{{{self.clauses(node.generators)}}} {body}"

    def _choice(self, node: Choice) -> str:
        rows = []
        rest: Node = node
        while isinstance(rest, Choice):
            condition = self.write(rest.condition)
            rows.append(rf"{self.write(rest.yes)} & \text{{if }} {condition}")
            rest = rest.no
        rows.append(rf"{self.write(rest)} & \text{{otherwise}}")
        inner = r" \\ ".join(rows)
        return rf"\begin{{cases}} {inner} \end{{cases}}"


def _flat(terms: tuple[Node, ...]) -> list[Node]:
    """Return the terms with sums among them taken apart: a + (b + c) needs no brackets."""
    return [
        part
        for term in terms
        for part in (_flat(term.terms) if isinstance(term, Addition) else [term])
    ]
