"""A story as the script that a small model is to write: one decision an index, numbers written in.

Sums are written out, parameters replaced by the numbers as the text has them (`15*60`), terms of
zero left away. Requirements stand under comments in the text's words, in the text's order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from optiwright.formulators.expressions import (
    Addition,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Item,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    Span,
)
from optiwright.formulators.parser import parse_expression
from optiwright.formulators.phrases import uncapitalised
from optiwright.formulators.source import Level, SourceWriter, number_text
from optiwright.training.rows import AskedValue
from optiwright.training.speech import Quantity
from optiwright.training.story import Story
from optiwright.training.story_indices import Env, StoryIndices
from optiwright.training.story_parts import DecisionPart, Key, TotalPart, Words
from optiwright.training.things import LONGEST_NAME, Thing, slug

_NOWHERE = Span(0, 0)
_ZERO = Number(0.0, _NOWHERE)
_LONGEST_COMMENT = 150


def script_of(story: Story) -> str:
    """Return the story's script, in its fence.

    Raises:
        ValueError: if the story names something that it does not have.
    """
    return _Flat(story).text()


def asked_of(story: Story) -> tuple[AskedValue, ...]:
    """Return what the story asks for, over the script's names."""
    return tuple(_Flat(story).asked())


class _Compact(SourceWriter):
    """Writes `12*round + 9*tall`, as the prompt's examples do."""

    def arithmetic(self, node: Arithmetic) -> tuple[str, Level]:
        text, level = super().arithmetic(node)
        return text.replace(f" {node.op} ", node.op, 1) if level else text, level


class _Flat:
    def __init__(self, story: Story) -> None:
        self._story = story
        self._at = StoryIndices(story)
        self._data = {d.name: d.values for d in story.data}
        elements = (e for s in story.sets for e in s.elements)
        things = (t for e in elements for t in (e if isinstance(e, tuple) else (e,)))
        named = (n for t in things if isinstance(t, Thing) for n in (t.one, t.plural))
        self._small = {n.split()[0] for n in named if n[:1].islower()}
        self._names: dict[tuple[str, Key], str] = {}
        for decision in story.decisions:
            self._name(decision)
        for total in story.totals:
            self._name(total)

    def text(self) -> str:
        lines = ["```python", "# decisions"]
        for decision in self._story.decisions:
            lines += self._decisions(decision)
        lines.append("# totals")
        for total in self._story.totals:
            lines += self._totals(total)
        goal = self._story.goal
        if goal is None:
            raise ValueError("the story has no goal")
        lines.append(f"# objective: {goal.meaning}")
        lines.append(f"{goal.sense}({self._written(goal.expression, {})})")
        for rule in self._story.rules:
            said = ""
            for key, env in self._at.indices(rule.over):
                relation = self._expand(parse_expression(rule.relation), env)
                comment = f"# {self._comment(rule.comment, key)}"
                lines += [comment] if comment != said else []
                said = comment
                for single in _singles(relation):
                    lines.append(f"require({_write(single)})")
        return "\n".join([*lines, "```"])

    def asked(self) -> Iterator[AskedValue]:
        for ask in self._story.asks:
            for key, env in self._at.indices(ask.over):
                meaning = self._comment(ask.meaning, key)
                if ask.expression == "objective":
                    yield AskedValue(meaning=meaning, expression="objective")
                else:
                    expression = self._written(ask.expression, env)
                    yield AskedValue(meaning=meaning, expression=expression)

    # --- names ------------------------------------------------------------------------------------

    def _name(self, symbol: DecisionPart | TotalPart) -> None:
        """Give a symbol's elements their names: of the elements alone where that is plain."""
        keys = [key for key, _ in self._at.indices(symbol.over)]
        taken = set(self._names.values())
        short = [
            slug(symbol.flat(*key) if symbol.flat else _short(symbol.name, key)) for key in keys
        ]
        if len(set(short)) < len(short) or taken & set(short):
            short = [slug(f"{symbol.name}_{'_'.join(map(str, key))}") for key in keys]
        for key, name in zip(keys, short, strict=True):
            unique, n = name, 2
            while unique in taken:
                unique, n = f"{name[: LONGEST_NAME - 3]}_{n}", n + 1
            taken.add(unique)
            self._names[symbol.name, key] = unique

    # --- lines ------------------------------------------------------------------------------------

    def _decisions(self, decision: DecisionPart) -> Iterator[str]:
        for key, env in self._at.indices(decision.over):
            name = self._names[decision.name, key]
            bounds = ", ".join(self._bound(side, env) for side in (decision.lower, decision.upper))
            made = "binary()" if decision.kind == "binary" else f"{decision.kind}({bounds})"
            yield f"{name} = {made}  # {self._comment(decision.meaning, key)}"

    def _totals(self, total: TotalPart) -> Iterator[str]:
        for key, env in self._at.indices(total.over):
            name = self._names[total.name, key]
            written = self._written(total.expression, env)
            yield f"{name} = {written}  # {self._comment(total.meaning, key)}"

    def _bound(self, side: str | None, env: Env) -> str:
        if side is None:
            return "None"
        node = self._expand(parse_expression(side), env)
        written = _write(node)
        # The grammar has a number, or a product of two.
        if re.fullmatch(r"-?[0-9.]+(\*[0-9.]+)?", written):
            return written
        return number_text(self._at.value(parse_expression(side), env))

    def _written(self, expression: str, env: Env) -> str:
        return _write(self._expand(parse_expression(expression), env))

    def _comment(self, words: Words, key: Key) -> str:
        """Return words for an index as a comment: one line, no full stop, a small beginning."""
        text = words if isinstance(words, str) else words(*key)
        text = re.sub(r"\s+", " ", text).strip().rstrip(".").replace("`", "'")[:_LONGEST_COMMENT]
        first = text.split(" ", 1)[0]
        small = _OPENER.match(text) or uncapitalised(first) in self._small
        return uncapitalised(text) if small else text

    # --- expansion --------------------------------------------------------------------------------

    def _expand(self, node: Node, env: Env) -> Node:
        match node:
            case Number():
                return node
            case Name(name=name) if name in env:
                return Number(float(self._at.integer(node, env)), _NOWHERE)
            case Name(name=name):
                return self._symbol(name, ())
            case Item(name=name, indices=indices):
                return self._symbol(name, tuple(self._at.element(i, env) for i in indices))
            case Negative(operand=operand):
                inner = self._expand(operand, env)
                return _ZERO if _is(inner, 0) else Negative(inner, _NOWHERE)
            case Addition(terms=terms):
                return _sum([self._expand(t, env) for t in terms])
            case Arithmetic(op=op, left=left, right=right):
                return _arithmetic(op, self._expand(left, env), self._expand(right, env))
            case Comparison(ops=ops, operands=operands):
                return Comparison(ops, tuple(self._expand(o, env) for o in operands), _NOWHERE)
            case Call(function=function, arguments=arguments):
                if function == "len":
                    return Number(float(self._at.value(node, env)), _NOWHERE)
                return Call(function, tuple(self._expand(a, env) for a in arguments), _NOWHERE)
            case Reduction(op=op, body=body, generators=generators):
                parts = [self._expand(body, inner) for inner in self._at.envs(generators, env)]
                return _reduced(op, parts)
            case Choice(condition=condition, yes=yes, no=no):
                return self._expand(yes if self._at.holds(condition, env) else no, env)
        raise ValueError(f"no script has {type(node).__name__} in an expression")

    def _symbol(self, name: str, key: Key) -> Node:
        if name in self._data:
            values = self._data[name]
            if key not in values:
                raise ValueError(f"{name!r} has no value at {tuple(map(str, key))}")
            return _literal(values[key])
        if (name, key) not in self._names:
            raise ValueError(f"the story has no {name!r} at {tuple(map(str, key))}")
        return Name(self._names[name, key], _NOWHERE)


_OPENER = re.compile(
    r"(?:The|An?|At|No|Each|Every|All|In|There|Its?|They|For|Only|If|Of|On|Not|Any|Both|Exactly|"
    r"Together|Between|To|From|Because|Since|Our|We|You|Please|Total|Up|By|With|Demand|Either|"
    r"Nothing|Nobody|Whoever|Whatever|Also|Furthermore|Moreover|Some|Least|Most|Those|These)(?= )"
)


def _short(name: str, key: Key) -> str:
    if not key:
        return name
    parts = [f"{name}_{key[0]}" if isinstance(key[0], int) else str(key[0]), *map(str, key[1:])]
    return "_".join(parts)


def _literal(quantity: Quantity) -> Node:
    first, *rest = quantity.factors
    node: Node = Number(float(first), _NOWHERE)
    for factor in rest:
        node = Arithmetic("*", node, Number(float(factor), _NOWHERE), _NOWHERE)
    return node


def _is(node: Node, value: float) -> bool:
    return isinstance(node, Number) and node.value == value


def _sum(terms: list[Node]) -> Node:
    flat: list[Node] = []
    for term in terms:
        match term:
            case Addition(terms=inner):
                flat += inner
            case Negative(operand=Addition()) | _ if not _is(term, 0):
                flat.append(term)
    if not flat:
        return _ZERO
    return flat[0] if len(flat) == 1 else Addition(tuple(flat), _NOWHERE)


def _arithmetic(op: str, left: Node, right: Node) -> Node:
    if op == "*":
        if _is(left, 0) or _is(right, 0):
            return _ZERO
        if _is(left, 1) or _is(right, 1):
            return right if _is(left, 1) else left
        # `3*(a + b)` stays; `(15*60)*x` needs no brackets.
        if isinstance(right, Arithmetic) and right.op == "*" and not isinstance(left, Addition):
            return _arithmetic("*", _arithmetic("*", left, right.left), right.right)
    if op == "/" and (_is(right, 1) or _is(left, 0)):
        return left
    return Arithmetic(op, left, right, _NOWHERE)  # type: ignore[arg-type]


def _reduced(op: str, parts: list[Node]) -> Node:
    if op == "sum":
        return _sum(parts)
    if op == "prod":
        node: Node = Number(1.0, _NOWHERE)
        for part in parts:
            node = _arithmetic("*", node, part)
        return node
    return parts[0] if len(parts) == 1 else Call(op, tuple(parts), _NOWHERE)


def _singles(relation: Node) -> Iterator[Node]:
    """Yield a chain of comparisons one by one: the script's `require` takes one."""
    if not isinstance(relation, Comparison):
        raise ValueError("a requirement is a comparison")
    for place, op in enumerate(relation.ops):
        yield Comparison((op,), relation.operands[place : place + 2], _NOWHERE)


def _write(node: Node) -> str:
    return _Compact().write(node)
