"""Problems written by hand with numbers left open: each draw of the numbers is a row.

A file has any number of them (`problems/`; docs/training.md says how one is written). Beside the
families they bring what no generator has: another setting, wording and structure in each.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from optiwright.formulators.classify import formulation_class
from optiwright.formulators.code_constants import NotConstant, constant
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.training.resocratic_script import formulation_of
from optiwright.training.rows import TrainingRow
from optiwright.training.short_program import program_if_any

Value: TypeAlias = int | float | str
_HEAD = re.compile(r"^# ([a-z0-9][a-z0-9-]*)\s*$")
_RANGE = re.compile(r"(-?[\d.]+)\.\.(-?[\d.]+)(?:/([\d.]+))?")
_OPEN = re.compile(r"\{([^{}:\n]+)(:,)?\}")
_FENCE = "~~~"
OWN = Path(__file__).parent / "problems"
"""Where those lie that come with the package."""
_DIGITS = 10
"""Significant digits of a number that is worked out."""


@dataclass(frozen=True)
class Template:
    """A problem with numbers left open."""

    name: str
    numbers: dict[str, tuple[Value, ...]]
    """What each may be."""
    text: str
    script: str
    """In the flat form, without its fence."""


def chosen_templates(names: Sequence[str]) -> tuple[Template, ...]:
    """Return the templates of files: paths, names of those that come with the package, or `all`.

    Raises:
        UserError: if there is no such file, one cannot be read, or two templates share a name.
    """
    found: dict[str, Template] = {}
    for path in dict.fromkeys(path for name in names for path in _files(name)):
        for template in read_templates(path):
            if template.name in found:
                raise UserError("there are two of that name", where=f"{path}: {template.name}")
            found[template.name] = template
    return tuple(found.values())


def read_templates(path: Path) -> tuple[Template, ...]:
    """Read a file of templates.

    Raises:
        UserError: if it cannot be read, or one of them is not in the form; says which.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the file cannot be read: {error}", where=str(path)) from None
    parts: list[tuple[str, list[str]]] = []
    fenced = False
    for line in lines:
        head = None if fenced else _HEAD.match(line)
        if head:
            parts.append((head[1], []))
        elif parts:
            parts[-1][1].append(line)
            fenced ^= line.strip() == _FENCE
        elif line.strip():
            raise UserError(
                f"{line[:60]!r} stands before the first template",
                where=str(path),
                remedy="A template begins with a line `# its-name`.",
            )
    if not parts:
        raise UserError("there is no template in it", where=str(path))
    found: dict[str, Template] = {}
    for name, body in parts:
        if name in found:
            raise UserError("there are two of that name", where=f"{path}: {name}")
        found[name] = _template(name, body, f"{path}: {name}")
    return tuple(found.values())


def drawn_from(template: Template, seed: int) -> TrainingRow:
    """Return the row of a template and a seed; equal arguments give equal rows.

    Raises:
        UserError: if the text names what is not drawn, or no formulation can be read from the
            script.
    """
    draw = random.Random(f"{template.name}/{seed}")
    values = {name: draw.choice(choices) for name, choices in template.numbers.items()}
    text = _filled(template.text, values, template.name)
    script = f"```python\n{_filled(template.script, values, template.name)}\n```"
    try:
        formulation = formulation_of(script, text)
    except FormulationError as error:
        raise UserError(
            f"the script is no formulation: {error.what}",
            where=", ".join(filter(None, [template.name, error.where])),
            remedy="Mend it in the file of templates; docs/training.md shows one.",
        ) from None
    assert formulation.leading is not None
    return TrainingRow(
        source="generated",
        family=template.name,
        problem_class=str(formulation_class(formulation)),
        text=text,
        script=script,
        program=program_if_any(script),
        sense=formulation.leading.sense.value,
        voice="by hand",
        seed=seed,
    )


def _files(name: str) -> list[Path]:
    own = {path.stem: path for path in sorted(OWN.glob("*.md"))}
    if name == "all":
        return list(own.values())
    path = own.get(name, Path(name).expanduser())
    if not path.is_file():
        raise UserError(
            f"there is no file {name!r}",
            where="--templates",
            remedy=f"Give a file, all, or one of {', '.join(own)}.",
        )
    return [path]


def _template(name: str, body: list[str], where: str) -> Template:
    fences = [at for at, line in enumerate(body) if line.strip() == _FENCE]
    if len(fences) != 2:
        raise UserError(
            f"the script stands between two lines {_FENCE!r}; there are {len(fences)}", where=where
        )
    first = next((line for line in body if line.strip()), "")
    if not first.startswith("numbers:"):
        raise UserError(
            f"found {first[:60]!r} where the line of numbers is expected",
            where=where,
            remedy="Write such as `numbers: a = 3..9, b = 40..90/5, p = 20|25|30`.",
        )
    begin = body.index(first) + 1
    text = "\n".join(body[begin : fences[0]]).strip()
    script = "\n".join(body[fences[0] + 1 : fences[1]]).strip()
    if not text or not script:
        raise UserError("the text or the script is empty", where=where)
    numbers = {}
    for part in first.removeprefix("numbers:").split(","):
        if part.strip():
            key, _, choices = part.partition("=")
            numbers[key.strip()] = _choices(choices.strip(), f"{where}, `{part.strip()}`")
    return Template(name, numbers, text, script)


def _choices(written: str, where: str) -> tuple[Value, ...]:
    found = _RANGE.fullmatch(written)
    if not found:
        choices = tuple(_value(choice.strip()) for choice in written.split("|"))
        if "" in choices:
            raise UserError(
                "found nothing to choose from",
                where=where,
                remedy="Write `3..9`, `40..90/5`, `20|25|30` or `oak|ash`.",
            )
        return choices
    try:
        low, high, step = float(found[1]), float(found[2]), float(found[3] or 1)
    except ValueError:
        raise UserError(f"{written!r} is no range of numbers", where=where) from None
    if step <= 0 or high < low:
        raise UserError(f"{written!r} is an empty range", where=where)
    count = int((high - low) / step + 1e-9) + 1
    return tuple(_plain(low + step * place) for place in range(count))


def _value(written: str) -> Value:
    try:
        return _plain(float(written))
    except ValueError:
        return written


def _plain(number: float) -> int | float:
    rounded = float(f"{number:.{_DIGITS}g}")
    return int(rounded) if rounded == int(rounded) else rounded


def _filled(written: str, values: dict[str, Value], where: str) -> str:
    def fill(found: re.Match[str]) -> str:
        try:
            value = constant(ast.parse(found[1].strip(), mode="eval").body, dict(values))
        except (SyntaxError, NotConstant):
            value = None
        if isinstance(value, str):
            return value
        if not isinstance(value, int | float):
            raise UserError(
                f"{found[0]!r} cannot be worked out",
                where=where,
                remedy=f"Use the names that are drawn ({', '.join(values)}) and arithmetic.",
            )
        number = _plain(value)
        plain = f"{Decimal(str(number)):f}"  # 0.00008, as people write it, and not 8e-05
        return f"{number:,}" if found[2] else plain

    return _OPEN.sub(fill, written)
