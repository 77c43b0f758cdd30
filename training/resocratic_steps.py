"""Scenarios step by step, as ReSocratic has a model write them (arXiv 2407.09887): read and cut.

A step is a heading, a sentence or two of prose, and formal lines behind `//`. Variables come first,
as JSON objects; then the objective; then up to five constraints:

    ## Variables
    The yard decides how many boats it builds.
    // {"name": "boats", "meaning": "boats built", "range": "boats >= 0", "type": "integer"}

    ## Objective
    A boat earns 90.
    // earnings = 90*boats  # earned
    // maximize(earnings)

    ## Constraint 1
    ...

A scenario is cut before the first step that is out of order or cannot be read.
"""

from __future__ import annotations

import ast
import json
import math
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Kind: TypeAlias = Literal["variables", "objective", "constraint"]

MOST_STEPS = 7
FEWEST_STEPS = 3
"""Of a prefix that is a problem: variables, objective and one constraint."""

_HEADING = re.compile(
    r"^\s{0,3}(?:#{1,6}\s*)?(?:\*\*|__)?\s*(?:define\s+|step\s+\d+\s*[:.]\s*)?"
    r"(?P<kind>variables|objective|constraint)(?:\s+function)?"
    r"(?:[\s-]*(?P<number>\d+))?\s*:?\s*(?:\*\*|__)?\s*:?\s*$",
    re.IGNORECASE,
)
_FORMAL = re.compile(r"^\s*//\s?(.*)$")
_FENCE = re.compile(r"^\s*(?:```|~~~)\w*\s*$")
_GOAL = re.compile(r"^(minimize|maximize)\s*\((.*)\)$", re.IGNORECASE)
_ASSIGNED = re.compile(r"^([A-Za-z][A-Za-z0-9_]{0,39})\s*=(?!=)\s*(.+)$")
_DECLARING = frozenset({"integer", "continuous", "binary", "require", "minimize", "maximize"})
_TYPES = {"real": "continuous", "float": "continuous", "int": "integer"}
"""Other words for a type."""


class Declared(BaseModel):
    """A decision as a step declares it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")
    meaning: str = ""
    range: str
    type: Literal["integer", "continuous", "binary"]


@dataclass(frozen=True)
class Bounds:
    """A decision's least and greatest value; None where there is none."""

    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Total:
    """A named quantity, with what it is."""

    name: str
    expression: str
    remark: str


@dataclass(frozen=True)
class Step:
    """One step: its text, and what its formal lines say."""

    kind: Kind
    text: str
    """As it was written, with its heading."""
    prose: str
    variables: tuple[tuple[Declared, Bounds], ...] = ()
    totals: tuple[Total, ...] = ()
    sense: str = ""
    goal: str = ""
    relations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A problem, step by step; every prefix of three steps or more is one too."""

    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        """The steps as they were written."""
        return "\n\n".join(step.text for step in self.steps)

    @property
    def prefixes(self) -> tuple[Scenario, ...]:
        """The problems in it, the shortest first and itself last."""
        return tuple(Scenario(self.steps[:k]) for k in range(FEWEST_STEPS, len(self.steps) + 1))


class BadStep(ValueError):
    """A step that does not keep to the form; says how."""


def read_scenario(reply: str) -> tuple[Scenario, str]:
    """Read the steps of a reply up to the first bad one.

    Returns:
        The sound steps, and why the reading stopped before the end; empty where it did not.
    """
    sound: list[Step] = []
    for place, (kind, number, lines) in enumerate(_blocks(reply)):
        try:
            _require_order(place, kind, number)
            sound.append(_step(kind, lines))
        except BadStep as bad:
            return Scenario(tuple(sound)), f"step {place + 1}: {bad}"
    return Scenario(tuple(sound)), "" if sound else "there is no step"


def _blocks(reply: str) -> list[tuple[Kind, int | None, list[str]]]:
    """Return heading and lines of every step; what stands before the first is dropped."""
    blocks: list[tuple[Kind, int | None, list[str]]] = []
    for line in reply.splitlines():
        heading = _HEADING.match(line)
        if heading:
            number = heading["number"]
            kind: Kind = heading["kind"].lower()  # type: ignore[assignment]
            blocks.append((kind, int(number[:4]) if number else None, []))
        elif blocks and not _FENCE.match(line):
            blocks[-1][2].append(line)
    return blocks


def _require_order(place: int, kind: Kind, number: int | None) -> None:
    if place >= MOST_STEPS:
        raise BadStep(f"there are more than {MOST_STEPS} steps")
    wanted: Kind = "variables" if place == 0 else "objective" if place == 1 else "constraint"
    if kind != wanted:
        raise BadStep(f"found {kind} where the {wanted} should stand")
    if number is not None and number != max(place - 1, 1):
        raise BadStep(f"it has the number {number}")


def _step(kind: Kind, lines: list[str]) -> Step:
    formal = [found.group(1).strip() for line in lines if (found := _FORMAL.match(line))]
    prose = " ".join(" ".join(x for x in lines if not _FORMAL.match(x)).split())
    if not prose:
        raise BadStep("it says nothing in words")
    if not formal:
        raise BadStep("it has no formal line")
    title = "## " + ("Constraint" if kind == "constraint" else kind.capitalize())
    text = "\n".join([title, prose, *(f"// {line}" for line in formal)])
    if kind == "variables":
        return Step(kind, text, prose, variables=tuple(map(_declared, formal)))
    return _formal_step(kind, text, prose, [line for line in formal if line])


def _formal_step(kind: Kind, text: str, prose: str, formal: list[str]) -> Step:
    totals: list[Total] = []
    goals: list[tuple[str, str]] = []
    relations: list[str] = []
    for line in formal:
        code, _, remark = line.partition("#")
        code, remark = code.strip(), " ".join(remark.split())
        if goal := _GOAL.match(code):
            goals.append((goal.group(1).lower(), _expression(goal.group(2))))
        elif assigned := _ASSIGNED.match(code):
            totals.append(Total(assigned.group(1), _expression(assigned.group(2)), remark))
        else:
            relations.append(_relation(code))
    if kind == "objective" and (len(goals) != 1 or relations):
        raise BadStep("an objective has one `minimize(...)` or `maximize(...)` and no comparison")
    if kind == "constraint" and (goals or not relations):
        raise BadStep("a constraint has comparisons and no goal")
    sense, goal_text = goals[0] if goals else ("", "")
    return Step(kind, text, prose, (), tuple(totals), sense, goal_text, tuple(relations))


def _expression(source: str) -> str:
    tree = _parsed(source)
    if isinstance(tree, ast.Compare | ast.BoolOp):
        raise BadStep(f"`{source[:60]}` is a comparison, and a quantity is expected")
    return normal(tree)


def _relation(source: str) -> str:
    tree = _parsed(source)
    good = isinstance(tree, ast.Compare) and all(
        isinstance(op, ast.LtE | ast.GtE | ast.Eq) for op in tree.ops
    )
    if not good:
        raise BadStep(f"`{source[:60]}` is no comparison with <=, >= or ==")
    return normal(tree)


def _parsed(source: str) -> ast.expr:
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadStep(f"`{source[:60]}` cannot be read") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in _DECLARING:
            raise BadStep(f"`{node.id}` stands within an expression")
        if isinstance(node, ast.Constant) and type(node.value) not in (int, float):
            raise BadStep(f"`{source[:60]}` has something other than numbers in it")
    return tree


def normal(tree: ast.expr) -> str:
    """Return an expression as our scripts write it: spaces around sums and signs alone."""
    text = ast.unparse(tree)
    for sign in ("**", "*", "/"):
        text = text.replace(f" {sign} ", sign)
    return text


def _declared(line: str) -> tuple[Declared, Bounds]:
    try:
        data = json.loads(line.rstrip(", "))
    except (ValueError, RecursionError):
        raise BadStep(f"`{line[:60]}` is no JSON object") from None
    if not isinstance(data, dict):
        raise BadStep(f"`{line[:60]}` is no JSON object")
    if isinstance(data.get("type"), str):
        kind = data["type"].strip().lower()
        data["type"] = _TYPES.get(kind, kind)
    try:
        declared = Declared.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadStep(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    return declared, _bounds(declared)


def _bounds(declared: Declared) -> Bounds:
    """Read a range such as `x >= 0`, `0 <= x <= 9` or `x >= 2, x <= 9`."""
    lower: float | None = None
    upper: float | None = None
    for part in re.split(r",|\band\b", declared.range):
        for left, sign, right in _pairs(part.strip(), declared):
            if not isinstance(left, float):  # the name stands on the left
                left, sign, right = right, _TURNED[sign], left
            assert isinstance(left, float)
            # Now: number sign name.
            if sign in ("<=", "=="):
                lower = left if lower is None else max(lower, left)
            if sign in (">=", "=="):
                upper = left if upper is None else min(upper, left)
    if declared.type == "binary":
        return Bounds(0.0, 1.0)
    if lower is not None and upper is not None and lower > upper:
        raise BadStep(f"the range `{declared.range}` is empty")
    return Bounds(lower, upper)


_TURNED = {"<=": ">=", ">=": "<=", "==": "=="}
_SIGNS: dict[type[ast.cmpop], str] = {ast.LtE: "<=", ast.GtE: ">=", ast.Eq: "=="}


def _pairs(part: str, declared: Declared) -> list[tuple[float | str, str, float | str]]:
    tree = _parsed(part) if part else None
    if not isinstance(tree, ast.Compare):
        raise BadStep(f"the range `{declared.range[:60]}` is no comparison")
    sides = [_side(node, declared) for node in (tree.left, *tree.comparators)]
    signs = [_SIGNS.get(type(op), "") for op in tree.ops]
    pairs = list(zip(sides, signs, sides[1:], strict=False))
    if not all(sign and isinstance(a, str) != isinstance(b, str) for a, sign, b in pairs):
        raise BadStep(f"the range `{declared.range[:60]}` is not one of the decision and numbers")
    return pairs


def _side(node: ast.expr, declared: Declared) -> float | str:
    if isinstance(node, ast.Name) and node.id == declared.name:
        return declared.name
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    inner = node.operand if isinstance(node, ast.UnaryOp) and negative else node
    if isinstance(inner, ast.Constant) and type(inner.value) in (int, float):
        value = -float(inner.value) if negative else float(inner.value)  # type: ignore[arg-type]
        if math.isfinite(value):
            return value
    raise BadStep(f"the range `{declared.range[:60]}` is not one of the decision and numbers")
