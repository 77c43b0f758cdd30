"""The constraints of a function's source: other functions that have to be at most zero.

`constraints` in the source names them, or the words do (`g(x) <= 5`), or their own names
(`constraint_volume`, `g1`). One with another relation gets a function of its own, which is
appended to the source, so that each reads `name(x) <= 0`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from optiwright.formulators.code_reader import Function, Module, relation_in

_NAME = re.compile(r"constraints?(?:_\w+|\d+)?|con_?\d+|cons_\w+|g_?\d*|h_?\d*|ineq\w*", re.I)
_LISTS = ("constraints", "cons", "CONSTRAINTS")
_RELATION = re.compile(
    r"\s*(?P<name>[A-Za-z_]\w*)\s*(?:\([^()]*\))?\s*(?P<rest>(?:<=|>=|==|≤|≥).*)?"
)
_SHOWN = 60
_READ = (
    "functions of the source, or SciPy's {'type': 'ineq', 'fun': g} of one; else name what has "
    "to hold with `--constraint`"
)
EQUAL = 1e-6
"""How far an equation may be off."""


@dataclass(frozen=True)
class Asked:
    """A function that has to be at most zero."""

    name: str
    words: str


@dataclass(frozen=True)
class Constraints:
    """What was found."""

    asks: tuple[Asked, ...] = ()
    appended: str = ""
    """Python source to put below the module's."""
    notes: tuple[str, ...] = ()
    """What was assumed, a sentence each."""
    unclear: tuple[tuple[str, str], ...] = ()
    """What was found and what is expected."""


def is_constraint(name: str) -> bool:
    """Tell whether a function's name says that it is a constraint."""
    return _NAME.fullmatch(name) is not None


def constraints_of(
    module: Module, goal: Function, words: str, told: Sequence[str] = ()
) -> Constraints:
    """Return the constraints beside an objective.

    Args:
        module: the source.
        goal: the objective.
        words: around the source.
        told: named beside it, each `g` or `g >= 0`; then there are no others.
    """
    unclear: list[tuple[str, str]] = []
    appended: list[str] = []
    found = _told(module, told, unclear) if told else _listed(module, unclear, appended)
    if found is None:
        found = {
            f.name: None
            for f in module.functions.values()
            if f.name != goal.name
            and f.parameters
            and ((is_constraint(f.name) and f.name not in goal.calls) or _spoken_of(f, words))
        }
    asks: list[Asked] = []
    notes = []
    for name, given in found.items():
        function = module.functions.get(name)  # none for one without a name of its own
        near = function.words if function else ""
        said = given or relation_in(words, name) or relation_in(near)
        sign, level = said or ("<=", 0.0)
        if said is None:
            notes.append(f"`{name}` is met where it is at most 0.")
        if (sign, level) == ("<=", 0.0):
            asks.append(Asked(name, f"{name}(x) <= 0"))
            continue
        turned, body = _turned(name, sign, level, set(module.functions))
        appended.append(body)
        asks.append(Asked(turned, f"{name}(x) {sign} {level:g}"))
        if sign == "==":
            notes.append(f"`{name}` is met where it is {level:g} to within {EQUAL:g}.")
    return Constraints(tuple(asks), "".join(appended), tuple(notes), tuple(unclear))


def _told(
    module: Module, told: Sequence[str], unclear: list[tuple[str, str]]
) -> dict[str, tuple[str, float] | None]:
    found: dict[str, tuple[str, float] | None] = {}
    for text in told:
        match = _RELATION.fullmatch(text)
        name = match["name"] if match else ""
        relation = relation_in(match["rest"]) if match and match["rest"] else None
        if name not in module.functions or (match and match["rest"] and relation is None):
            have = ", ".join(f"`{n}`" for n in module.functions)
            unclear.append((f"{text!r}", f"a function of the source ({have}), as in `g <= 0`"))
            continue
        found[name] = relation
    return found


def _listed(
    module: Module, unclear: list[tuple[str, str]], appended: list[str]
) -> dict[str, tuple[str, float] | None] | None:
    """Return what a list named `constraints` names, in SciPy's form too; None without one.

    An entry that cannot be read is unclear: to search without it would break it.
    """
    for node in module.tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=listed)], value=value)
                | ast.AnnAssign(target=ast.Name(id=listed), value=ast.expr() as value)
            ) if listed in _LISTS and not isinstance(value, ast.Constant):
                entries = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
                found = {}
                for place, entry in enumerate(entries, 1):
                    read = _entry(module, entry, f"constraint_{place}", appended)
                    if read is None:
                        shown = " ".join(ast.unparse(entry).split())
                        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]} ..."
                        unclear.append((f"`{shown}` in `{listed}`", _READ))
                    else:
                        found[read[0]] = read[1]
                return found
    return None


def _entry(
    module: Module, node: ast.expr, name: str, appended: list[str]
) -> tuple[str, tuple[str, float] | None] | None:
    match node:
        case ast.Name(id=known) if known in module.functions:
            return known, None
        case ast.Lambda():
            return _named(module, node, name, appended), None
        case ast.Dict(keys=keys, values=values):
            fields = {
                k.value: v for k, v in zip(keys, values, strict=True) if isinstance(k, ast.Constant)
            }
            kind, fun = fields.get("type"), fields.get("fun")
            signs = {"eq": "==", "ineq": ">="}  # SciPy's `ineq` is at least zero
            if isinstance(kind, ast.Constant) and kind.value in signs and fun is not None:
                inner = _entry(module, fun, name, appended)
                return (inner[0], (signs[kind.value], 0.0)) if inner and not inner[1] else None
    return None


def _named(module: Module, node: ast.Lambda, name: str, appended: list[str]) -> str:
    """Give a function written in place a name, in the source that is put below the module's."""
    while name in module.functions:
        name += "_"
    appended.append(f"\n\ndef {name}(*a, **k):\n    return ({ast.unparse(node)})(*a, **k)\n")
    return name


def _spoken_of(function: Function, words: str) -> bool:
    return re.search(rf"\b{re.escape(function.name)}\s*\(\w+\)\s*(?:<=|>=|≤|≥)", words) is not None


def _turned(name: str, sign: str, level: float, taken: set[str]) -> tuple[str, str]:
    turned = f"{name}_at_most_0"
    while turned in taken:
        turned += "_"
    call = f"{name}(*a, **k)"
    value = {
        "<=": f"{call} - {level!r}",
        ">=": f"{level!r} - {call}",
        "==": f"abs({call} - {level!r}) - {EQUAL!r}",
    }[sign]
    return turned, f"\n\ndef {turned}(*a, **k):\n    return {value}\n"
