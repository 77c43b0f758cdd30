"""Grammars for a model's replies as regular expressions, to hold texts against."""

from __future__ import annotations

import json
import re
from typing import Any


def regex_of(grammar: str, start: str, levels: int = 3) -> str:
    """A rule of a GBNF grammar as a regular expression, its recursion followed some levels deep.

    Counted repetitions become endless ones: Python's `re` gets lost in nested counts.
    """
    grammar = re.sub(r"\{0,\d+\}", "*", re.sub(r"\{1,\d+\}", "+", grammar))
    rules = dict(line.split(" ::= ", 1) for line in grammar.strip().splitlines())
    tokens = re.compile(r'"((?:[^"\\]|\\.)*)"|(\[(?:[^\]\\]|\\.)+\])|([a-z]+)|(\s+)|(.)')

    def expand(rule: str, depth: dict[str, int]) -> str:
        if depth.get(rule, 0) > levels:
            return r"(?!)"
        deeper = depth | {rule: depth.get(rule, 0) + 1}
        parts = []
        for literal, classes, name, space, sign in tokens.findall(rules[rule]):
            if name:
                parts.append(f"(?:{expand(name, deeper)})")
            elif classes or sign:
                parts.append(classes or sign)
            elif not space:
                parts.append(re.escape(literal.encode().decode("unicode_escape")))
        return "".join(parts)

    return expand(start, {})


def admits(grammar: str, text: str, start: str = "root") -> bool:
    """Whether a GBNF grammar admits a whole text; every way through it is followed."""
    return len(text) in _Recogniser(grammar, text).rule(start, 0)


class _Recogniser:
    """Finds where a rule can end from each place of a text, once for each."""

    def __init__(self, grammar: str, text: str) -> None:
        lines = grammar.strip().splitlines()
        self.rules = {name: _parsed(rule) for name, rule in (x.split(" ::= ", 1) for x in lines)}
        self.text = text
        self.known: dict[tuple[str, int], frozenset[int]] = {}

    def rule(self, name: str, at: int) -> frozenset[int]:
        if (name, at) not in self.known:
            self.known[name, at] = self.ends(self.rules[name], at)
        return self.known[name, at]

    def ends(self, node: Any, at: int) -> frozenset[int]:
        kind, what = node[0], node[1]
        if kind == "text":
            return frozenset({at + len(what)}) if self.text.startswith(what, at) else frozenset()
        if kind == "class":
            fits = at < len(self.text) and re.fullmatch(what, self.text[at])
            return frozenset({at + 1}) if fits else frozenset()
        if kind == "rule":
            return self.rule(what, at)
        if kind == "or":
            return frozenset().union(*(self.ends(option, at) for option in what))
        if kind == "many":
            least, most = node[2]
            found: set[int] = set()
            places, count = frozenset({at}), 0
            while places and count <= most:
                found |= places if count >= least else set()
                places = frozenset().union(*(self.ends(what, p) for p in places)) - found
                count += 1
            return frozenset(found)
        places = frozenset({at})
        for part in what:
            places = frozenset().union(*(self.ends(part, p) for p in places))
        return places


_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)+\]|[a-z]+|\{\d+,\d+\}|[()|?*+]')
_COUNTS = {"?": (0, 1), "*": (0, 10**6), "+": (1, 10**6)}


def _parsed(rule: str) -> Any:
    tokens = _TOKENS.findall(rule)[::-1]

    def options() -> Any:
        found = [sequence()]
        while tokens and tokens[-1] == "|":
            tokens.pop()
            found.append(sequence())
        return ("or", found) if len(found) > 1 else found[0]

    def sequence() -> Any:
        parts = []
        while tokens and tokens[-1] not in ("|", ")"):
            token = tokens.pop()
            if token == "(":
                part = options()
                tokens.pop()
            elif token[0] == '"':
                part = ("text", json.loads(token))
            else:
                part = ("class" if token[0] == "[" else "rule", token)
            if tokens and (tokens[-1] in _COUNTS or tokens[-1][0] == "{"):
                sign = tokens.pop()
                least, most = _COUNTS.get(sign) or map(int, sign[1:-1].split(","))
                part = ("many", part, (least, most))
            parts.append(part)
        return ("all", parts)

    return options()
