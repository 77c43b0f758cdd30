r"""The parts of an optimization problem in LaTeX: goal, objective, constraints, bounds.

`\min_{x} f(x) = ... \quad \text{s.t.} \quad g(x) \le 0, \quad x \in [-5, 5]^{10}`, in any of the
environments that people put around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from optiwright.formulators.bounds_lines import Clause, find_bounds, plain, together
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Sense

_AROUND = re.compile(
    r"\\(?:begin|end)\s*\{(?:array|tabular)\}(?:\{[^{}]*\})?|\\(?:begin|end)\s*\{[^{}]*\}"
    r"|\\(?:left|right|displaystyle|limits|nolimits|nonumber|notag|bigg?|Bigg?)(?![a-zA-Z])\.?"
    r"|\\label\{[^{}]*\}|(?<!\\)\\[,;:! \[\]]|\$+|&"
)
_PLAIN = re.compile(r"\\(?:mathbf|boldsymbol|bm|vec|mathbb|mathcal|mathit)\s*(?:\{(\w+)\}|(\w))")
_TEXT = re.compile(r"\\(?:text|mathrm|textbf|textrm|operatorname\*?)\s*\{([^{}]*)\}")
_GOAL = re.compile(
    r"(?:\\|\b)(?P<goal>minimi[sz]e|maximi[sz]e|min|max)(?![a-zA-Z])"
    r"\s*(?:_\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\w))?"
)
_SUBJECT = re.compile(r"\bs\.\s*t\.|\bsubject\s+to\b|\bsuch\s+that\b|\bwhere\b|\bs\.t\b:?", re.I)
_CUT = re.compile(
    r"\\\\(?:\[[^\]]*\])?|\n\s*\n|;|,?\s*\\q?quad\s*|,\s*(?=\\(?!l?dots|cdots))|,\s{2,}"
)
_DEFINES = re.compile(r"^\s*[a-zA-Z]\s*\(\s*[^()]*\)\s*(?::=|=|\\coloneqq|\\triangleq)\s*")
_RELATION = re.compile(r"(<=|>=|≤|≥|\\leq?(?:slant)?(?![a-z])|\\geq?(?:slant)?(?![a-z])|=|<|>)")


@dataclass(frozen=True)
class LatexProblem:
    """The parts, the formulas still in LaTeX."""

    sense: Sense
    objective: str
    relations: tuple[tuple[str, str, str], ...]
    """Left side, `<=`, `>=` or `==`, right side."""
    clauses: tuple[Clause, ...]
    sizes: dict[str, int]
    """What letters such as d or n stand for."""


def read_latex(text: str) -> LatexProblem:
    """Take a problem apart.

    Raises:
        FormulationError: if there is no objective, no bound, or a line that is neither.
    """
    flat = _TEXT.sub(r" \1 ", _PLAIN.sub(lambda m: m[1] or m[2], _AROUND.sub(" ", text)))
    goal = _GOAL.search(flat)
    if goal is None:
        raise FormulationError("no objective", remedy=r"`\min` or `\max` before a formula")
    sense = Sense.MAXIMIZE if goal["goal"].startswith("max") else Sense.MINIMIZE
    body = flat[goal.end() :]
    subject = _SUBJECT.search(body)
    head = body[: subject.start()] if subject else body
    tail = body[subject.end() :] if subject else ""
    head_parts = [p for p in _CUT.split(head) if p.strip(" ,.\n")]
    if not head_parts:
        raise FormulationError("no objective", remedy=r"a formula after `\min`")
    before = [p for p in _CUT.split(flat[: goal.start()]) if p.strip(" ,.\n")]
    others = [*head_parts[1:], *_CUT.split(_SUBJECT.sub(r"\\\\", tail)), *before]
    sizes = {
        m[1]: int(m[2])
        for m in re.finditer(
            r"(?<![\w\\])([a-zA-Z])\s*=\s*(\d+)(?![\d.]|\s*[,.]*\s*\\?l?dots|\s*\.\.|\s*,\s*\d|\s*\})",
            flat,
        )
    }
    clauses = tuple(find_bounds(plain(flat)))
    objective = _DEFINES.sub("", head_parts[0]).strip(" ,.\n")
    relations = []
    for part in others:
        if not part.strip(" ,.:\n~"):
            continue
        if _is_named(objective, part):
            objective = _DEFINES.sub("", part).strip(" ,.\n")
            continue
        if list(find_bounds(plain(part))) or _says_nothing(part):
            continue
        relations.append(_relation(part))
    if not clauses:
        raise FormulationError("no bounds", remedy=r"bounds such as `x \in [-5, 5]^{10}`")
    together([c for c in clauses if c.each is None])
    return LatexProblem(sense, objective, tuple(relations), clauses, sizes)


def _is_named(objective: str, part: str) -> bool:
    """Tell whether a part defines what the objective only names, as `f(x)`."""
    named = re.fullmatch(r"([a-zA-Z])\s*\([^()]*\)", objective)
    return named is not None and re.match(rf"\s*{named[1]}\s*\(", part) is not None


def _says_nothing(part: str) -> bool:
    """Tell whether a part is an index's range, a size, or words."""
    bare = part.strip(" ,.:\n")
    if re.fullmatch(r"(?:for\s*)?(?:all\s*|\\forall\s*)?[a-zA-Z]\s*(?:=|\\in|in)\s*.*\d.*", bare):
        return not re.search(r"\\(?:frac|sqrt|sin|cos|exp|sum)|[+^]|(?<!\{)-", bare)
    return not _RELATION.search(bare) and not re.search(r"\\|\d", bare)


def _relation(part: str) -> tuple[str, str, str]:
    pieces = _RELATION.split(part)
    if len(pieces) != 3:
        raise FormulationError(
            f"`{part.strip()}`", remedy="constraints as `formula <= formula`, and bounds as numbers"
        )
    left, sign, right = (p.strip(" ,.\n") for p in pieces)
    less = sign in {"<=", "≤", "<"} or sign.startswith("\\le")
    left = re.sub(r"^[a-zA-Z]_?\{?\w*\}?\s*\([^()]*\)\s*(?::=|=)", "", left)
    return left, "==" if sign == "=" else "<=" if less else ">=", right
