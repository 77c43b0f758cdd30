"""A search as a program to take away: the optimizers' code as it ran, on their libraries alone."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from optiwright.formulators.black_box import BlackBox, Code
from optiwright.formulators.model import Sense
from optiwright.solver_tools import optimizers_botorch, optimizers_more, search_target
from optiwright.solver_tools.optimizers import OPTIMIZERS
from optiwright.solver_tools.optimizers_scipy import first_look
from optiwright.solver_tools.oracle import axes_of

if TYPE_CHECKING:
    from optiwright.solver_tools.search_target import Axis


def write_program(box: BlackBox, optimizers: Sequence[str], seed: int) -> str:
    """Returns a program that searches the black box with these optimizers, one after the other.

    Args:
        box: what is searched; its source is in the program, its command is called by it.
        optimizers: names of `optimizers.OPTIMIZERS`; each begins where the last ended.
        seed: of all that is random.
    """
    used = [OPTIMIZERS[name] for name in dict.fromkeys(optimizers) if name in OPTIMIZERS]
    used = used or [OPTIMIZERS["random"]]
    looks = [first_look] if box.constraints else []
    functions = [*looks, *(optimizer.run for optimizer in used)]
    packages = sorted(
        {
            "numpy",
            *("scipy" for _ in looks),
            *(name for o in used for name in (o.package, *o.needs)),
        }
    )
    return "\n\n".join(
        [
            f'"""{_title(box)}\n\nNeeds {", ".join(packages)}. Evaluates at most {box.budget} '
            'points, and prints the best.\n"""',
            _preamble(),
            *(inspect.getsource(helper).strip() for helper in _helpers(functions)),
            *(inspect.getsource(function).strip() for function in functions),
            _function(box),
            _main(box, functions, seed),
        ]
    )


def _title(box: BlackBox) -> str:
    text = box.title.replace("\\", " ").replace('"""', "'''").strip()
    return text or "The best point of a function without a formula."


def _preamble() -> str:
    """The text of `search_target`, without its own docstring."""
    text = inspect.getsource(search_target)
    return text[text.index("from __future__") :].strip()


def _helpers(functions: Sequence[Callable[..., Any]]) -> list[Callable[..., Any]]:
    """Returns what the functions call; each of the list stands before what it calls itself."""
    helpers = (
        optimizers_more.nevergrad_search,
        optimizers_more.optuna_search,
        optimizers_botorch.middle_of_levels,
        optimizers_botorch.most_promising,
        optimizers_botorch.as_modelled,
        optimizers_botorch.process_of,
    )
    texts, called = [inspect.getsource(function) for function in functions], []
    for helper in helpers:
        if any(f"{helper.__name__}(" in text for text in texts):
            called.append(helper)
            texts.append(inspect.getsource(helper))
    return called


def _function(box: BlackBox) -> str:
    names = [unknown.name for unknown in box.unknowns]
    if isinstance(box.oracle, Code):
        called = [box.oracle.function, *(ask.function for ask in box.constraints)]
        first, *limits = (_call(name, box.oracle.style, names, box) for name in called)
        limits_text = f"[{', '.join(limits)}]"
        return (
            f"SOURCE = {_text(box.oracle.source)}\n"
            "own: dict[str, Any] = {}\n"
            'exec(compile(SOURCE, "function.py", "exec"), own)\n\n\n'
            "def ask(point: Point) -> Answer:\n"
            '    """The function, then the constraints: at most zero where they are met."""\n'
            "    try:\n"
            f"        return float({first}), {limits_text}\n"
            "    except Exception:\n"
            f"        return math.nan, [1.0] * {len(limits)}"
        )
    return (
        "import json\n"
        "import subprocess\n\n\n"
        "def ask(point: Point) -> Answer:\n"
        '    """Runs the command with the point as JSON on its input."""\n'
        f"    names = {names!r}\n"
        f"    command = {list(box.oracle.arguments)!r}\n"
        "    asked = json.dumps(dict(zip(names, point, strict=True)))\n"
        "    try:\n"
        f"        ran = subprocess.run(command, input=asked, capture_output=True, text=True, "
        f"timeout={box.oracle.time_limit_s:g}, check=True)\n"
        "        found = json.loads(ran.stdout.strip().splitlines()[-1])\n"
        "    except Exception:\n"
        f"        return math.nan, [1.0] * {len(box.constraints)}\n"
        "    if isinstance(found, dict):\n"
        '        return float(found["value"]), found.get("constraints", [])\n'
        "    return float(found), []"
    )


def _call(name: str, style: str, names: Sequence[str], box: BlackBox) -> str:
    if style == "named":
        return f'own["{name}"](**dict(zip({list(names)!r}, point)))'
    labels = any(unknown.kind == "one_of" for unknown in box.unknowns)
    return f'own["{name}"]({"list(point)" if labels else "np.array(point, dtype=float)"})'


def _text(source: str) -> str:
    """Returns a source as a literal that can be read."""
    plain = source.isprintable() or re.fullmatch(r"[\x20-\x7e\n\t]*", source)
    if plain and '"""' not in source and "\\" not in source and not source.endswith('"'):
        return f'"""{source}"""'
    return repr(source)


def _main(box: BlackBox, functions: Sequence[Callable[..., Any]], seed: int) -> str:
    axes = ",\n    ".join(_axis(axis) for axis in axes_of(box))
    start = None
    if box.start is not None:
        start = [a.unit(v) for a, v in zip(axes_of(box), box.start, strict=True)]
    return (
        f"AXES = [\n    {axes},\n]\n"
        f"rng = np.random.default_rng({seed})\n"
        f"left, start, best = {box.budget}, {start!r}, None\n"
        f"for search in [{', '.join(f.__name__ for f in functions)}]:\n"
        "    target = Target(\n"
        "        AXES,\n"
        "        ask,\n"
        "        left,\n"
        f"        maximize={box.sense is Sense.MAXIMIZE},\n"
        f"        constraints={len(box.constraints)},\n"
        "        start=start,\n"
        f"        noisy={bool(box.noisy)},\n"
        f"        patience=max(50, 10 * len(AXES), {box.budget // 4}),\n"
        "    )\n"
        "    try:\n"
        "        search(target, rng)\n"
        "    except Spent:\n"
        "        pass\n"
        "    left, start = target.left, target.best_place\n"
        "    if best is None or target.best < best[0]:\n"
        "        best = target.best, target.point(target.best_place)\n"
        "value, limits = ask(best[1])\n"
        'print(json.dumps({"point": best[1], "value": value, "constraints": list(limits)}))\n'
    ).replace("AXES = [", "import json\n\nAXES = [", 1)


def _axis(axis: Axis) -> str:
    given = [
        f"{name}={getattr(axis, name)!r}"
        for name in ("lower", "upper", "log", "whole", "choices")
        if getattr(axis, name) not in (False, ())
    ]
    return f"Axis({', '.join(given)})" if not axis.choices else f"Axis(choices={axis.choices!r})"
