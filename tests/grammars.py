"""Grammars for a model's replies as regular expressions, to hold texts against."""

from __future__ import annotations

import re


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
