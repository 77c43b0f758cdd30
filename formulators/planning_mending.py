"""What of a plan's lines has one remedy: names, signs, parentheses as PDDL has them.

A name that is none (`block 1`, `pick-up`, `1`) is made one, everywhere alike; case follows the
declaration; `(on ?x ?y)` becomes `on(x, y)`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SIGNS = {"≠": "!=", "≤": "<=", "≥": ">=", "−": "-", "¬": "not ", "&&": " and ", "<>": "!="}
_TRUE = re.compile(r"\s*==?\s*(true|false)\s*$", re.IGNORECASE)
_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_RELATIONS = {"=": "==", "==": "==", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_CHANGES = {"increase": "+=", "decrease": "-=", "assign": "="}
_MAX_NAME = 80


class Names:
    """The names that lines declare, and what is written for them elsewhere."""

    def __init__(self) -> None:
        self._aliases: dict[str, str] = {}
        self._known: dict[str, set[str]] = {}

    def declare(self, raw: str) -> str:
        """Return a name fit for the formulation, and remember how it was written."""
        raw = raw.strip().strip("`'\"?").strip()
        name = fit(raw)
        if name != raw and raw:
            self._aliases[raw] = name
        self._known.setdefault(name.lower(), set()).add(name)
        return name

    def text(self, text: str, places: Collection[str] = ()) -> str:
        """Return a text with every name as it was declared; `places` are an action's own."""
        for raw in sorted(self._aliases, key=len, reverse=True):
            if re.search(r"[^\W\d]", raw):
                pattern = rf"(?<![\w]){re.escape(raw)}(?![\w])"
            else:
                pattern = rf"(?<=[(,]){re.escape(raw)}(?=[,)])|(?<=[(,] ){re.escape(raw)}(?=[,)])"
            text = re.sub(pattern, self._aliases[raw], text)
        own = {p.lower(): p for p in places}
        return _WORD.sub(lambda found: self._cased(found.group(), own), text)

    def kind(self, raw: str, kinds: Collection[str]) -> str:
        """Return a kind as it was declared, in another case or number; else the name as it is."""
        name = fit(raw.strip().strip("`'\"?"))
        if name in kinds:
            return name
        low = name.lower()
        for near in (low, low.removesuffix("s"), f"{low}s"):
            for kind in kinds:
                if kind.lower() == near:
                    return kind
        return "object" if low in {"object", "objects"} else name

    def _cased(self, word: str, own: dict[str, str]) -> str:
        known = self._known.get(word.lower(), set())
        if word in own.values() or word in known:
            return word
        if word.lower() in own:
            return own[word.lower()]
        return next(iter(known)) if len(known) == 1 else word


def fit(raw: str) -> str:
    """Return a name of letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", raw).encode("ascii", "ignore").decode()
    name = re.sub(r"\W+", "_", plain.strip()).strip("_")[:_MAX_NAME] or "_"
    if raw.startswith("_") and not name.startswith("_"):
        name = f"_{name}"
    return f"_{name}" if name[0].isdigit() else name


def lisp_of(text: str) -> str:
    """Return a list with signs that a keyboard has, and without PDDL's parentheses."""
    text = signs_of(text)
    told = from_lisp(text) if text.lstrip().startswith("(") else None
    return text if told is None else told


def condition_of(text: str) -> str:
    """Return a condition with `==` for a single `=`, `not` for `!`, and no `== true`."""
    return re.sub(r"(?<![<>=!+\-*/])=(?!=)", "==", truth_of(negations_of(text)))


def negations_of(text: str) -> str:
    """Return a text with `not` for `!` and `~`."""
    return re.sub(r"!(?!=)|~", "not ", text)


def truth_of(text: str) -> str:
    """Return a condition without `== true` behind it; with `== false`, its opposite."""
    found = _TRUE.search(text)
    if not found:
        return text
    atom = text[: found.start()]
    return atom if found.group(1).lower() == "true" else f"not {atom}"


def signs_of(text: str) -> str:
    """Return a text with signs that a keyboard has, without `?` before names."""
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    return re.sub(r"\?(?=\w)", "", text)


def from_lisp(text: str) -> str | None:
    """Return a list of conditions or changes for PDDL's parentheses; None if it is none."""
    tokens = _TOKEN.findall(text)
    at = 0

    def read() -> list[object] | str:
        nonlocal at
        token: str = tokens[at]
        at += 1
        if token != "(":
            return token
        parts: list[object] = []
        while tokens[at] != ")":
            parts.append(read())
        at += 1
        return parts

    try:
        found = []
        while at < len(tokens):
            if tokens[at] != "(":
                return None
            found.append(read())
        return ", ".join(_told(part) for part in found)
    except (IndexError, ValueError, RecursionError):
        return None


def _told(part: object) -> str:
    """Return one expression of PDDL in the language; raises ValueError."""
    match part:
        case str():
            return part
        case ["and", *inner]:
            return ", ".join(_told(p) for p in inner)
        case ["not", ["=", left, right]]:
            return f"{_told(left)} != {_told(right)}"
        case ["not", [*inner]]:
            return f"not {_told(inner)}"
        case [str(op), left, right] if op in _RELATIONS:
            return f"{_told(left)} {_RELATIONS[op]} {_told(right)}"
        case [str(op), target, value] if op in _CHANGES:
            return f"{_told(target)} {_CHANGES[op]} {_told(value)}"
        case [str(op), left, right] if op in {"+", "-", "*", "/"}:
            return f"({_told(left)} {op} {_told(right)})"
        case [str(name), *arguments] if all(isinstance(a, str) for a in arguments):
            words = [str(a).strip(",") for a in arguments]
            if not all(_WORD.fullmatch(w) or "-" in w or w.isdigit() for w in (name, *words)):
                raise ValueError(name)
            return f"{name}({', '.join(words)})" if words else name
    raise ValueError(str(part))


def typed(text: str) -> Iterator[tuple[str, str]]:
    """Yield names with their kinds of `a, b: truck, c`; a kind holds for the names before it.

    Names without one are of the empty kind; `?a ?b - truck` is read too.
    """
    waiting: list[str] = []
    spaced = "?" in text
    text = re.sub(r"\s+-\s+([\w-]+)", r": \1," if spaced else r": \1", signs_of(text))
    for part in text.split(","):
        name, colon, kind = part.partition(":")
        names = name.split() if spaced else [name]
        waiting += [n.strip() for n in names if n.strip()]
        if colon:
            yield from ((n, kind.strip()) for n in waiting)
            waiting = []
    yield from ((n, "") for n in waiting)
