"""Tree to text: an expression back in the language it was parsed from, in one canonical form."""

from __future__ import annotations

import math
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


class Level(IntEnum):
    """How tightly a piece of text binds, loosest first, as in Python's grammar."""

    CHOICE = 0
    OR = 1
    AND = 2
    NOT = 3
    COMPARISON = 4
    SUM = 5
    PRODUCT = 6
    UNARY = 7
    POWER = 8
    ATOM = 9


def expression_to_source(node: Node) -> str:
    """Return canonical text of the language: parsing it gives the same tree, spans apart."""
    return SourceWriter().write(node)


class SourceWriter:
    """Writes a tree as text, with only the brackets that precedence asks for.

    Subclasses that write another language of Python's grammar override the methods of the leaves.
    """

    def write(self, node: Node, floor: Level = Level.CHOICE) -> str:
        """Return the text of a node, bracketed if it binds more loosely than `floor`."""
        text, level = self.parts(node)
        return f"({text})" if level < floor else text

    def parts(self, node: Node) -> tuple[str, Level]:
        """Return the text of a node and how tightly it binds."""
        match node:
            case Number(value=value):
                negative = math.copysign(1.0, value) < 0
                return number_text(value), Level.UNARY if negative else Level.ATOM
            case Label(value=value):
                return quoted(value), Level.ATOM
            case Name():
                return self.name(node), Level.ATOM
            case Item():
                return self.item(node), Level.ATOM
            case Call():
                return self.call(node), Level.ATOM
            case Reduction():
                return self.reduction(node), Level.ATOM
            case Tuple(items=items):
                inner = ", ".join(self.write(i) for i in items)
                return f"({inner},)" if len(items) == 1 else f"({inner})", Level.ATOM
        return self.compound(node)

    def compound(self, node: Node) -> tuple[str, Level]:
        """Return the text of a node that has operators."""
        match node:
            case Negative(operand=operand):
                return f"-{self.write(operand, Level.UNARY)}", Level.UNARY
            case Addition(terms=terms):
                return self.addition(terms), Level.SUM
            case Arithmetic():
                return self.arithmetic(node)
            case Comparison():
                return self.comparison(node), Level.COMPARISON
            case Logical(op="not", operands=(operand,)):
                return f"not {self.write(operand, Level.NOT)}", Level.NOT
            case Logical(op=op, operands=operands):
                level = Level.AND if op == "and" else Level.OR
                tighter = Level(level + 1)
                return f" {op} ".join(self.write(o, tighter) for o in operands), level
            case Choice(condition=condition, yes=yes, no=no):
                head = f"{self.write(yes, Level.OR)} if {self.write(condition, Level.OR)}"
                return f"{head} else {self.write(no)}", Level.CHOICE
        raise AssertionError(f"not an expression: {node!r}")

    def name(self, node: Name) -> str:
        """Return the text of a plain name."""
        return node.name

    def item(self, node: Item) -> str:
        """Return the text of an indexed symbol."""
        return f"{node.name}[{self.indices(node)}]"

    def indices(self, node: Item) -> str:
        """Return the text between the square brackets."""
        return ", ".join(self.write(i) for i in node.indices) or "()"

    def call(self, node: Call) -> str:
        """Return the text of a function call."""
        return f"{node.function}({', '.join(self.write(a) for a in node.arguments)})"

    def reduction(self, node: Reduction) -> str:
        """Return the text of `sum(...)` and its kin."""
        clauses = " ".join(self.clause(g) for g in node.generators)
        return f"{node.op}({self.write(node.body)} {clauses})"

    def clause(self, generator: Generator) -> str:
        """Return `for targets in domain if conditions`."""
        inner = ", ".join(generator.targets)
        targets = inner if len(generator.targets) == 1 else f"({inner})"
        conditions = "".join(f" if {self.write(c, Level.OR)}" for c in generator.conditions)
        return f"for {targets} in {self.write(generator.domain)}{conditions}"

    def addition(self, terms: tuple[Node, ...]) -> str:
        """Return terms joined by plus and minus signs."""
        # On the left a bracketed sum would melt into the chain, which the parser never makes.
        pieces = [self.write(terms[0], Level.PRODUCT)]
        for term in terms[1:]:
            match term:
                case Negative(operand=operand):
                    pieces.append(f"- {self.write(operand, Level.PRODUCT)}")
                case Number(value=value) if math.copysign(1.0, value) < 0:
                    pieces.append(f"- {number_text(-value)}")
                case _:
                    pieces.append(f"+ {self.write(term, Level.PRODUCT)}")
        return " ".join(pieces)

    def arithmetic(self, node: Arithmetic) -> tuple[str, Level]:
        """Return a product, a quotient or a power."""
        if node.op == "**":
            base = self.write(node.left, Level.ATOM)
            return f"{base} ** {self.write(node.right, Level.UNARY)}", Level.POWER
        left = self.write(node.left, Level.PRODUCT)
        return f"{left} {node.op} {self.write(node.right, Level.UNARY)}", Level.PRODUCT

    def comparison(self, node: Comparison) -> str:
        """Return a chain of comparisons."""
        sides = [self.write(operand, Level.SUM) for operand in node.operands]
        rest = (f" {op} {side}" for op, side in zip(node.ops, sides[1:], strict=True))
        return sides[0] + "".join(rest)


def number_text(value: float) -> str:
    """Return the shortest text that reads back as the same number; whole ones without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def quoted(text: str) -> str:
    """Return a Python string literal, in double quotes where that needs no escapes."""
    literal = repr(text)
    return f'"{literal[1:-1]}"' if literal[0] == "'" and '"' not in literal else literal
