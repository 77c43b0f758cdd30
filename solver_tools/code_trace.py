"""Runs a user's function once on symbols, to see whether it is algebra; and on numbers.

Runs inside the confined child, whose process ends with it: what is patched here is not put back.
A symbol that is branched on, turned into a number or handed to what only takes numbers raises, and
then the function is no algebra; everything else that happens to it is written down as an
expression.
"""

from __future__ import annotations

import ast
import builtins
import math
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from optiwright.formulators.source import Level

_LONGEST = 60_000
"""Characters of one expression."""
_FILE = "<function>"
_WRITTEN = {"log10": "log({}) / 2.302585092994046", "log2": "log({}) / 0.6931471805599453",
            "tan": "sin({0}) / cos({0})", "expm1": "exp({}) - 1", "log1p": "log(1 + {})",
            "sinh": "(exp({0}) - exp(-({0}))) / 2", "cosh": "(exp({0}) + exp(-({0}))) / 2",
            "square": "({}) ** 2", "cbrt": "({}) ** (1 / 3)"}  # fmt: skip
_KNOWN = ("exp", "log", "sqrt", "sin", "cos")


class NoAlgebraError(Exception):
    """The function asks of its arguments what a formula cannot say."""


class Symbol:
    """An expression over the unknowns, written as the formulation's language has it."""

    __array_priority__ = 1000.0

    def __init__(self, text: str, level: Level) -> None:
        if len(text) > _LONGEST:
            raise NoAlgebraError("written out it is too long")
        self.text = text
        self.level = level

    def at(self, floor: Level) -> str:
        """Returns the text, in brackets if it binds more loosely than that."""
        return self.text if self.level >= floor else f"({self.text})"

    def __add__(self, other: Any) -> Any:
        return _joined(self, "+", other)

    def __radd__(self, other: Any) -> Any:
        return _joined(other, "+", self)

    def __sub__(self, other: Any) -> Any:
        return _joined(self, "-", other)

    def __rsub__(self, other: Any) -> Any:
        return _joined(other, "-", self)

    def __mul__(self, other: Any) -> Any:
        return _joined(self, "*", other)

    def __rmul__(self, other: Any) -> Any:
        return _joined(other, "*", self)

    def __truediv__(self, other: Any) -> Any:
        return _joined(self, "/", other)

    def __rtruediv__(self, other: Any) -> Any:
        return _joined(other, "/", self)

    def __pow__(self, other: Any) -> Any:
        return _power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return _power(other, self)

    def __neg__(self) -> Symbol:
        return Symbol(f"-{self.at(Level.UNARY)}", Level.UNARY)

    def __pos__(self) -> Symbol:
        return self

    def __abs__(self) -> Symbol:
        return Symbol(f"abs({self.text})", Level.ATOM)

    def __getattr__(self, name: str) -> Callable[[], Symbol]:
        # numpy asks an array of objects for their own `sin` and the like.
        if name in _KNOWN or name in _WRITTEN:
            return lambda: _function(name, self)
        raise AttributeError(name)

    def conjugate(self) -> Symbol:
        """Returns itself, which numpy asks for in norms."""
        return self

    def _refused(self, *_: Any) -> NoReturn:
        raise NoAlgebraError("it decides by the value of its arguments")

    __bool__ = __lt__ = __le__ = __gt__ = __ge__ = _refused
    __int__ = __float__ = __index__ = __round__ = __floor__ = __ceil__ = __trunc__ = _refused
    __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __divmod__ = _refused
    __eq__ = __ne__ = _refused  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]


def trace_job(
    source: str,
    functions: Sequence[str],
    style: str,
    names: Sequence[str],
    symbols: Sequence[str],
) -> dict[str, Any]:
    """Returns each function's expression, without a call on numbers.

    Args:
        source: Python that defines the functions.
        functions: the objective's name, then the constraints'.
        style: `vector` or `named`, how they are called.
        names: of the unknowns.
        symbols: what the unknowns are called in the expressions.

    Returns:
        `expressions`, None where a function is no algebra; then `reason` says why.
    """
    found: dict[str, Any] = {"expressions": None, "reason": ""}
    try:
        space = _loaded(_prepared(source), symbolic=True)
        unknowns = [Symbol(name, Level.ATOM) for name in symbols]
        traced = [_scalar(_call(space[f], style, names, unknowns)) for f in functions]
    except NoAlgebraError as refused:
        return found | {"reason": str(refused)}
    except RecursionError:
        return found | {"reason": "it calls itself too often"}
    except BaseException as raised:  # whatever the user's code raises on a symbol means the same
        return found | {"reason": _told("on symbols it", raised)}
    return found | {"expressions": traced}


def values_job(
    source: str,
    functions: Sequence[str],
    style: str,
    names: Sequence[str],
    points: Sequence[Sequence[float | str]],
) -> tuple[list[list[float | None]], str]:
    """Returns each function's value at each point, None for no number, and the first error."""
    error = ""
    try:
        space = _loaded(ast.parse(source), symbolic=False)
    except BaseException as raised:
        return [], _told("the source", raised)
    missing = [name for name in functions if not callable(space.get(name))]
    if missing:
        return [], f"the source defines no `{missing[0]}`"
    rows: list[list[float | None]] = []
    for point in points:
        row: list[float | None] = []
        for name in functions:
            try:
                value = float(np.asarray(_call(space[name], style, names, point)).item())
                row.append(value if math.isfinite(value) else None)
                if not math.isfinite(value) and not error:
                    error = f"`{name}` returns {value} at {_at(names, point)}"
            except BaseException as raised:
                error = error or _told(f"`{name}`", raised, f" at {_at(names, point)}")
                row.append(None)
        rows.append(row)
    return rows, error


def _at(names: Sequence[str], point: Sequence[Any]) -> str:
    shown = [
        f"{name} = {value:.6g}" if isinstance(value, float) else f"{name} = {value}"
        for name, value in zip(names, point, strict=True)
    ]
    return ", ".join(shown[:6]) + (", ..." if len(shown) > 6 else "")


def _told(what: str, raised: BaseException, where: str = "") -> str:
    said = " ".join(str(raised).split())[:200]
    return f"{what} raises {type(raised).__name__}{': ' if said else ''}{said}{where}"


def _call(function: Any, style: str, names: Sequence[str], values: Sequence[Any]) -> Any:
    if style == "named":
        return function(**dict(zip(names, values, strict=True)))
    numbers = all(isinstance(v, int | float) for v in values)
    return function(np.array(values, dtype=float if numbers else object))


def _scalar(value: Any) -> str:
    while isinstance(value, np.ndarray | list | tuple) and np.size(value) == 1:
        value = value.item() if isinstance(value, np.ndarray) else value[0]
    if isinstance(value, Symbol):
        return value.text
    if isinstance(value, int | float | np.number):
        return _number(value)
    raise NoAlgebraError("it returns something else than one value")


# --- the source, prepared ---


def _prepared(source: str) -> ast.Module:
    tree = _Renamed().visit(ast.parse(source))
    return ast.fix_missing_locations(tree)  # type: ignore[no-any-return]


class _Renamed(ast.NodeTransformer):
    """Sends calls of `float`, `max`, `min` and `pow` to what knows symbols too."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in _OURS:
            node.func = ast.Name(id=f"_ow_{node.func.id}", ctx=ast.Load())
        return node


def _loaded(tree: ast.Module, *, symbolic: bool) -> dict[str, Any]:
    module = types.ModuleType("user_function")
    space = vars(module)
    if symbolic:
        _patch()
        space.update({f"_ow_{name}": made for name, made in _OURS.items()})
    sys.modules[module.__name__] = module
    exec(compile(tree, _FILE, "exec", dont_inherit=True), space)
    return space


def _patch() -> None:
    """Puts what knows symbols in the place of `math` and of some of numpy's functions."""
    stand_in = types.ModuleType("math")
    vars(stand_in).update(vars(math))
    for name in (*_KNOWN, *_WRITTEN):
        if hasattr(math, name):
            setattr(stand_in, name, _either(name, getattr(math, name)))
    vars(stand_in).update(fabs=abs, pow=_pow, prod=_prod, fsum=sum, hypot=_hypot, dist=_dist)
    sys.modules["math"] = stand_in
    for name in ("asarray", "array", "asfarray", "atleast_1d", "ascontiguousarray"):
        if hasattr(np, name):
            setattr(np, name, _kept(getattr(np, name)))
    vars(np).update(
        maximum=_elementwise(_greatest, np.maximum),
        minimum=_elementwise(_least, np.minimum),
        max=_of_array(_greatest, np.max), amax=_of_array(_greatest, np.max),
        min=_of_array(_least, np.min), amin=_of_array(_least, np.min),
        fabs=np.abs,
        power=lambda a, b: a**b,
        float64=_float,
        cbrt=_each("cbrt", np.cbrt), log2=_each("log2", np.log2), tan=_each("tan", np.tan),
    )  # fmt: skip


def _either(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    return lambda value, *more: (
        _function(name, _one(value)) if _symbolic(value) and not more else plain(value, *more)
    )


def _each(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    return lambda value: (
        np.vectorize(lambda v: _function(name, v) if _symbolic(v) else plain(v), otypes=[object])(
            value
        )
        if _symbolic(value)
        else plain(value)
    )


def _kept(make: Callable[..., Any]) -> Callable[..., Any]:
    """Makes arrays of objects where there are symbols, whatever type was asked for."""

    def made(value: Any, *more: Any, **options: Any) -> Any:
        if _symbolic(value):
            options = {k: v for k, v in options.items() if k not in {"dtype", "copy"}}
            return np.copy(make(value)) if make.__name__ == "array" else make(value, **options)
        return make(value, *more, **options)

    return made


def _elementwise(act: Callable[[Any, Any], Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    over = np.frompyfunc(act, 2, 1)
    return lambda a, b: over(a, b) if _symbolic(a) or _symbolic(b) else plain(a, b)


def _of_array(act: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    def found(value: Any, *more: Any, **options: Any) -> Any:
        if not _symbolic(value):
            return plain(value, *more, **options)
        if more or options:
            raise NoAlgebraError("it takes extremes along an axis")
        return act(*np.ravel(value))

    return found


def _symbolic(value: Any) -> bool:
    if isinstance(value, Symbol):
        return True
    if isinstance(value, np.ndarray):
        return value.dtype == object and any(isinstance(v, Symbol) for v in value.flat)
    return isinstance(value, list | tuple) and any(map(_symbolic, value))


def _one(value: Any) -> Any:
    return value.item() if isinstance(value, np.ndarray) else value


def _float(value: Any = 0.0) -> Any:
    return _one(value) if _symbolic(value) else builtins.float(value)


def _pow(base: Any, exponent: Any, *more: Any) -> Any:
    return pow(base, exponent, *more)


def _prod(values: Any, *, start: Any = 1) -> Any:
    for value in values:
        start = start * value
    return start


def _hypot(*values: Any) -> Any:
    total = sum(v**2 for v in values)
    return _function("sqrt", total) if _symbolic(total) else math.sqrt(total)


def _dist(p: Any, q: Any) -> Any:
    return _hypot(*(a - b for a, b in zip(p, q, strict=True)))


def _greatest(*values: Any, **options: Any) -> Any:
    return _extreme("max", values, options)


def _least(*values: Any, **options: Any) -> Any:
    return _extreme("min", values, options)


def _extreme(name: str, values: tuple[Any, ...], options: dict[str, Any]) -> Any:
    if len(values) == 1 and not isinstance(values[0], Symbol):
        values = tuple(values[0])
    if not _symbolic(values):
        return getattr(builtins, name)(*values, **options)
    if options:
        raise NoAlgebraError("it compares its arguments by a key")
    if len(values) == 1:
        return values[0]
    return Symbol(f"{name}({', '.join(_text(v, Level.SUM) for v in values)})", Level.ATOM)


_OURS: dict[str, Callable[..., Any]] = {
    "float": _float, "max": _greatest, "min": _least, "pow": _pow,
}  # fmt: skip


# --- writing ---


def _function(name: str, value: Any) -> Symbol:
    if name in _KNOWN:
        return Symbol(f"{name}({_text(value, Level.SUM)})", Level.ATOM)
    return Symbol(f"({_WRITTEN[name].format(_text(value, Level.ATOM))})", Level.ATOM)


def _joined(left: Any, sign: str, right: Any) -> Any:
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return NotImplemented
    if sign in "+-":
        if _is(right, 0):
            return left
        if sign == "+" and _is(left, 0):
            return right
        floor = Level.SUM if sign == "+" else Level.PRODUCT
        return Symbol(f"{_text(left, Level.SUM)} {sign} {_text(right, floor)}", Level.SUM)
    if _is(right, 1) or (sign == "*" and _is(left, 1)):
        return left if _is(right, 1) else right
    text = f"{_text(left, Level.PRODUCT)} {sign} {_text(right, Level.UNARY)}"
    return Symbol(text, Level.PRODUCT)


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, np.ndarray) or isinstance(exponent, np.ndarray):
        return NotImplemented
    if isinstance(exponent, int | float | np.number):
        if exponent == 1:
            return base
        if exponent == 0.5:
            return _function("sqrt", base)
        whole = float(exponent).is_integer()
        told = str(int(exponent)) if whole else repr(float(exponent))
        told = told if exponent > 0 else f"({told})"
        return Symbol(f"{_text(base, Level.ATOM)} ** {told}", Level.POWER)
    if isinstance(base, int | float | np.number) and base > 0:
        if float(base) == math.e:
            return _function("exp", exponent)
        return _function("exp", exponent * math.log(base))
    raise NoAlgebraError("it raises to a power that depends on its arguments")


def _is(value: Any, number: float) -> bool:
    return isinstance(value, int | float | np.number) and float(value) == number


def _text(value: Any, floor: Level) -> str:
    if isinstance(value, Symbol):
        return value.at(floor)
    if isinstance(value, int | float | np.number):
        written = _number(value)
        return f"({written})" if written.startswith("-") and floor > Level.SUM else written
    raise NoAlgebraError(f"it computes with {type(value).__name__}")


def _number(value: Any) -> str:
    number = float(value)
    if not math.isfinite(number):
        raise NoAlgebraError(f"it computes with {number}")
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
