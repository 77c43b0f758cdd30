"""Two runs held against each other on the problems that both answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from optiwright.agent.documents import Heading, Paragraph, Part, Table
from optiwright.evaluation.evaluated import Evaluated
from optiwright.evaluation.frames import Row
from optiwright.evaluation.measures import Paired, Share, first_samples, paired, rates
from optiwright.evaluation.scorers import SCORERS
from optiwright.formulators.errors import UserError


def compare(first: Evaluated, second: Evaluated) -> Iterator[Part]:
    """Yield the parts of a comparison.

    Raises:
        UserError: if no problem was answered by both.
    """
    together = paired(first.rows, second.rows)
    if not together.total:
        raise UserError("the two runs have no problem in common")
    yield Heading(f"{first.name} against {second.name}", 1)
    yield _rules(first, second)
    yield Paragraph(_verdict(together))
    yield _cost(first, second)
    for title, problems in (
        ("Only the first is right", together.only_first),
        ("Only the second is right", together.only_second),
    ):
        yield Heading(f"{title} ({len(problems)})")
        yield _problems(problems, first.rows, second.rows)


def _rules(first: Evaluated, second: Evaluated) -> Table:
    rows = []
    for name in SCORERS:
        pair = paired(first.rows, second.rows, partial(Row.right, scorer=name))
        if pair.total:
            ours = Share(len(pair.both) + len(pair.only_first), pair.total)
            theirs = Share(len(pair.both) + len(pair.only_second), pair.total)
            alone = f"{len(pair.only_first)} / {len(pair.only_second)}"
            rows.append((name, str(ours), str(theirs), alone, f"{pair.p_value:.3g}"))
    head = ("rule", "first", "second", "right alone", "McNemar's p")
    return Table(head, tuple(rows))


def _verdict(pair: Paired) -> str:
    alone = f"{len(pair.only_first)} problems the first alone, {len(pair.only_second)} the second"
    say = "more than chance explains" if pair.p_value < 0.05 else "no more than chance explains"
    return (
        f"On {pair.total} problems both are right on {len(pair.both)} and wrong on "
        f"{len(pair.neither)}; {alone}: {say} (McNemar's exact test, p = {pair.p_value:.3g})."
    )


def _cost(first: Evaluated, second: Evaluated) -> Table:
    rows = []
    for run in (first, second):
        r = rates(run.rows)
        cells = (r.calls, r.prompt_tokens, r.completion_tokens, r.model_seconds)
        rows.append((run.name, *(f"{v:.1f}" for v in cells)))
    return Table(("a problem", "calls", "tokens in", "tokens out", "model s"), tuple(rows))


def _problems(names: Sequence[str], first: Sequence[Row], second: Sequence[Row]) -> Table:
    ours = {r.problem: r for r in first_samples(first)}
    theirs = {r.problem: r for r in first_samples(second)}
    rows = tuple((n, ours[n].kind, ours[n].label, _said(ours[n]), _said(theirs[n])) for n in names)
    return Table(("problem", "type", "label", "first", "second"), rows)


def _said(row: Row) -> str:
    value = row.ending if row.objective is None else f"{row.objective:.8g}"
    return f"{value} ({row.level})"
