"""Names of a problem: things, places, people, as a text and as a script has them."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass

from optiwright.formulators.phrases import capitalised

RESERVED = frozenset(
    [
        "integer",
        "continuous",
        "binary",
        "minimize",
        "maximize",
        "require",
        "value",  # these three are names of the program
        "model",
        "report",
        "objective",
        "exp",
        "log",
        "sqrt",
        "sin",
        "cos",
        "abs",
        "min",
        "max",
        "sum",
        "prod",
        "none",
        "true",
        "false",
    ]
)
"""Words that mean something in a script."""
LONGEST_NAME = 40


@dataclass(frozen=True)
class Thing:
    """One element of a set."""

    one: str
    many: str = ""
    """Its plural; by default with an s."""

    def __str__(self) -> str:
        return self.one

    @property
    def plural(self) -> str:
        """What more than one of it are called."""
        return self.many or f"{self.one}s"

    @property
    def cap(self) -> str:
        """Its name at the beginning of a sentence."""
        return capitalised(self.one)

    @property
    def a(self) -> str:
        """Its name with the indefinite article."""
        return f"{article(self.one)} {self.one}"


def things(names: Iterable[str]) -> list[Thing]:
    """Return things from names; `goose/geese` gives a plural of its own."""
    return [Thing(*name.split("/", 1)) for name in names]


def article(word: str) -> str:
    """Return "a" or "an", by the first letter."""
    return "an" if word[:1].lower() in "aeiou" and not word.lower().startswith("uni") else "a"


def slug(text: str) -> str:
    """Return a name for a script: small letters, digits, underscores."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:LONGEST_NAME].strip("_") or "x"
    name = name if name[0].isalpha() else f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in RESERVED else name


def sentence(text: str) -> str:
    """Return a text that begins with a capital and ends with a full stop."""
    text = capitalised(text.strip())
    return text if text.endswith((".", "?", "!", ":")) else f"{text}."
