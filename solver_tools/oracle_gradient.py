"""Gradients of a source by automatic differentiation (autograd), where it uses what that knows."""

from __future__ import annotations

import builtins
import importlib.util
import types
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optiwright.solver_tools.search_target import Point

Gradient = Callable[["Point"], Sequence[float]]
_SAME = (
    *("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log10", "log2", "log1p", "expm1"),
    *("sqrt", "fabs", "floor", "ceil", "hypot", "isnan", "isinf", "isfinite"),
    *("pi", "e", "inf", "nan"),
)
_RENAMED = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2"}


def gradient_of(source: str, name: str, names: Sequence[str], style: str) -> Gradient | None:
    """Returns the gradient of a function of the source; None without autograd.

    What it raises where the source does what cannot be differentiated is autograd's own.

    Args:
        source: Python source.
        name: the function in it.
        names: the unknowns.
        style: how the function is called.
    """
    if importlib.util.find_spec("autograd") is None:
        return None
    import autograd
    import autograd.numpy as differentiable
    from autograd.tracer import isbox

    module = types.ModuleType("differentiated")
    own = {"__import__": _importer(_numpy(differentiable, isbox)), "float": _float(isbox)}
    vars(module)["__builtins__"] = vars(builtins) | own
    exec(compile(source, "function.py", "exec", dont_inherit=True), vars(module))
    function = vars(module)[name]

    def of_vector(place: Any) -> Any:
        if style == "named":
            return function(**{key: place[i] for i, key in enumerate(names)})
        return function(place)

    gradient = autograd.grad(of_vector)
    return lambda point: list(gradient(differentiable.array(point, dtype=float)))


def _importer(differentiable: Any) -> Callable[..., Any]:
    """Returns an `__import__` that gives autograd's numpy for numpy, and for math."""
    own = builtins.__import__

    def load(name: str, *rest: Any) -> Any:
        head, _, tail = name.partition(".")
        if head == "math":
            return _math(differentiable)
        if head != "numpy":
            return own(name, *rest)
        wants_part = len(rest) > 2 and rest[2]
        return getattr(differentiable, tail) if tail and wants_part else differentiable

    return load


def _numpy(differentiable: Any, is_traced: Callable[[Any], bool]) -> Any:
    """Returns autograd's numpy with an `asarray`, which it lacks."""
    module = types.ModuleType("numpy")
    vars(module).update(vars(differentiable))

    def asarray(values: Any, *rest: Any, **options: Any) -> Any:
        return values if is_traced(values) else differentiable.array(values, *rest, **options)

    vars(module)["asarray"] = asarray
    return module


def _float(is_traced: Callable[[Any], bool]) -> type:
    """Returns a `float` that lets through what is traced, as in `return float(total)`."""

    class Float(float):
        def __new__(cls, value: Any = 0.0) -> Any:
            return value if is_traced(value) else float(value)

    return Float


def _math(differentiable: Any) -> types.SimpleNamespace:
    known = {name: getattr(differentiable, name) for name in _SAME if hasattr(differentiable, name)}
    known |= {name: getattr(differentiable, other) for name, other in _RENAMED.items()}
    known["pow"] = differentiable.power
    known["prod"] = lambda values: differentiable.prod(differentiable.array(list(values)))
    known["fsum"] = sum
    known["log"] = lambda x, *base: (
        differentiable.log(x) / (differentiable.log(base[0]) if base else 1.0)
    )
    return types.SimpleNamespace(**known)
