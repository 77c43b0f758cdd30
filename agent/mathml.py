"""Formulas as MathML, which browsers set and screen readers read without any script.

latex2mathml converts them. What is a word (a name, a text) is taken out before and put in after:
the converter would set a name letter by letter, and does not know how texts are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

_WORDS = re.compile(
    r"\\(text|mathrm|operatorname)\{((?:\\text[a-z]+\{\}|\\[^a-z]|[^{}\\])*)\}"
)  # fmt: skip
_ESCAPES = {
    r"\textbackslash{}": "\\",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
}
_ESCAPED = re.compile(r"\\text[a-z]+\{\}|\\(.)")
_BLANK = re.compile("^ | $")
_HELD = re.compile(r"<mtext>held(\d+)</mtext>")
_MATH = re.compile(r"<math\b[^>]*>(.*)</math>", re.DOTALL)
_BREAK = re.compile(r"(?<= )(?=(?:[+-]|\\(?:le|ge|ne|forall|Rightarrow|lor|land|quad)|=) )")
_LONG = 90
"""Characters of LaTeX from which on a formula may be broken over lines, which browsers do not."""
_OPENING = re.compile(r"(?<!\\)\{|\\left\b|\\begin\b")
_CLOSING = re.compile(r"(?<!\\)\}|\\right\b|\\end\b")


def mathml(formula: str) -> str:
    """Return a formula of ours, LaTeX without delimiters, as MathML; a long one in pieces."""
    return " ".join(map(_converted, _pieces(formula)))


def _converted(formula: str) -> str:
    from latex2mathml.converter import convert

    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        words = escape(_ESCAPED.sub(_plain, found[2]))
        if found[1] == "text":
            # MathML drops a blank at either end, which separates the words from the formula here.
            held.append(f"<mtext>{_BLANK.sub(chr(0xA0), words)}</mtext>")
        else:
            upright = ' mathvariant="normal"' if len(words) == 1 else ""
            held.append(f"<mi{upright}>{words}</mi>")
        return rf"\text{{held{len(held) - 1}}}"

    converted = convert(_WORDS.sub(hold, formula))
    inner = _HELD.sub(lambda found: held[int(found[1])], converted)
    content = _MATH.fullmatch(inner)
    assert content is not None
    return f"<math>{content[1]}</math>"


def _plain(escaped: re.Match[str]) -> str:
    return _ESCAPES.get(escaped[0]) or escaped[1]


def _pieces(formula: str) -> Iterator[str]:
    """Yield the parts between signs outside of all braces; the whole where it is short."""
    if len(formula) <= _LONG:
        yield formula
        return
    piece = ""
    for part in _BREAK.split(formula):
        piece += part
        if len(_OPENING.findall(piece)) == len(_CLOSING.findall(piece)):
            yield piece
            piece = ""
    if piece:
        yield piece
