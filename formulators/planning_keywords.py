"""The lines of a planning formulation taken apart: which keyword, what follows, which remark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORDS = {
    "title": "title",
    "kind kinds type types": "kind",
    "object objects": "object",
    "fact facts predicate predicates": "fact",
    "amount amounts fluent fluents function functions": "amount",
    "action": "action",
    "needs need requires require precondition preconditions": "needs",
    "makes make adds add effect effects": "makes",
    "ends end deletes delete removes remove": "ends",
    "changes change": "changes",
    "cost": "cost",
    "start init initially initial": "start",
    "goal goals": "goal",
    "least minimize minimise": "least",
    "limit": "limit",
    "assume assumption": "assume",
}
_KEYWORD = {word: key for words, key in _WORDS.items() for word in words.split()}
KEYS = tuple(_WORDS.values())
OF_ACTION = {"needs", "makes", "ends", "changes", "cost"}
"""What stands below an action."""
_LISTS = OF_ACTION - {"cost"} | {"start", "goal"}
_LINE = re.compile(r"\s*(?:[-*•]\s+)?([A-Za-z]+)\b(?:[ \t]*:)?(?!\()[ \t]*(.*)", re.DOTALL)
_BULLET = re.compile(r"^[-*•]\s+")
_FENCE = re.compile(r"```[a-z]*[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
NOTHING = {"none", "nothing", "true", "()", "-"}
"""What stands for an empty list."""


@dataclass(frozen=True)
class Line:
    """One line: its keyword (empty if it has none), what follows, and the remark behind `#`."""

    number: int
    key: str
    body: str
    note: str = ""


def unfenced(text: str) -> str:
    """Return the longest code fence of a text, or the whole text without any."""
    fences = _FENCE.findall(text)
    return str(max(fences, key=len)) if fences else text


def keyed(source: str) -> Iterator[Line]:
    """Yield the lines that say something; one without a keyword may go on with the list above."""
    last = ""
    for number, raw in enumerate(source.splitlines(), 1):
        found = _LINE.match(raw)
        key = _KEYWORD.get(found.group(1).lower(), "") if found else ""
        rest = found.group(2) if found and key else raw
        if key in {"title", "assume"}:
            yield Line(number, key, rest.strip())
            continue
        body, _, note = rest.partition("#")
        body = body.strip().rstrip(".;")
        if key:
            last = key
        elif last in _LISTS and body:
            key, body = last, _BULLET.sub("", body)
        if key or body:
            yield Line(number, key, body, note.strip())
