"""Whether a text is code: Python that defines a function, or a problem written in LaTeX."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

from optiwright.formulators.python_tree import module_tree

_FENCE = re.compile(r"^[ \t]*```[ \t]*(?:python|py|Python)?[ \t]*\n(.*?)\n[ \t]*```", re.M | re.S)
_BEGINS = re.compile(r"(?:def |async def |import |from \w[\w.]* import |@\w|\w+\s*=\s*\S|#)")
_HOLDS = re.compile(r"^(?:def \w+\s*\(|\w+\s*=\s*lambda\b)", re.M)
_DEFINES = re.compile(
    r"\s*(?:(?:import|from) \w[^\n]*\s+|#[^\n]*\s+|\w+\s*=[^\n]*\s+)*def \w+\s*\([^()\n]*\)?:?"
)
_GOAL = re.compile(
    r"\\(?:min|max)(?![a-zA-Z])|\\(?:text|mathrm|operatorname\*?)\s*\{\s*(?:min|max)(?:imi[sz]e)?\b"
)
_LATEX_MARK = re.compile(r"\\(?:begin|frac|sum|prod|sqrt|sin|cos|exp|in|leq?|geq?|cdot|text)\b|\^")
_COMMAND = re.compile(r"\\(?:text|mathrm|operatorname\*?|begin|end)\s*\{[^{}]*\}|\\[A-Za-z]+")
_WORDS_IN_LATEX = 60
"""A text of more plain words than that is a story with formulas in it, and no formula."""


@dataclass(frozen=True)
class Split:
    """A text's Python and what stands around it."""

    code: str
    words: str


def looks_like_code(text: str) -> bool:
    """Tell whether a text is a Python function or an optimization problem in LaTeX."""
    return bool(split_code(text).code) or looks_like_latex(text)


def looks_like_latex(text: str) -> bool:
    """Tell whether a text is an objective in LaTeX, with few words around it."""
    if not (_GOAL.search(text) and _LATEX_MARK.search(text)):
        return False
    words = re.findall(r"[A-Za-z]{3,}", _COMMAND.sub(" ", text))
    return len(words) <= _WORDS_IN_LATEX


def split_code(text: str) -> Split:
    """Return the Python of a text that defines a function, and the words around it.

    Fenced blocks, the whole text, or the longest run of lines that is Python; empty where there
    is none.
    """
    fenced = [block for block in _FENCE.findall(text) if _is_python(block)]
    if any(_HOLDS.search(block) for block in fenced):
        return Split("\n\n".join(fenced) + "\n", _FENCE.sub("", text).strip())
    if not _HOLDS.search(text):
        return Split("", text)
    if _is_python(text):
        return Split(text, "")
    lines = text.splitlines()
    for first in [k for k, line in enumerate(lines) if _BEGINS.match(line)]:
        for last in range(len(lines), first, -1):
            block = "\n".join(lines[first:last])
            if not _HOLDS.search(block):
                break
            if _is_python(block):
                return Split(block + "\n", "\n".join(lines[:first] + lines[last:]).strip())
    return Split(text, "") if _DEFINES.match(text) else Split("", text)  # Python with a slip in it


def _is_python(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module_tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
