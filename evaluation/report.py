"""A report on runs: what each came to, by type and by evidence, what it cost, where it failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from optiwright.agent.documents import (
    Code,
    Figure,
    Folded,
    Heading,
    Paragraph,
    Part,
    Table,
    to_html,
    to_markdown,
)
from optiwright.agent.prices import shown_money
from optiwright.evaluation.asked import asked_figures
from optiwright.evaluation.black_box_measures import black_box_parts
from optiwright.evaluation.evaluated import Evaluated, read_runs
from optiwright.evaluation.failures import Failure, failures
from optiwright.evaluation.frames import Row
from optiwright.evaluation.measures import (
    LEVELS,
    Share,
    first_samples,
    grouped,
    main_verdict,
    majority_share,
    pass_rate,
    rates,
    share,
)
from optiwright.evaluation.planning_figures import HEAD, plan_figures
from optiwright.evaluation.plots import amounts, flow, interval_bars
from optiwright.evaluation.precision import precision_parts
from optiwright.evaluation.published import published_for
from optiwright.evaluation.records import read_findings, read_records
from optiwright.evaluation.reviews import Review, known_reviews
from optiwright.evaluation.scorers import SCORERS

TITLE = "Evaluation report"
_ANSWERED = ("proved", "checked", "feasible", "unchecked")
_BESIDE = ("equivalent", "optibench-objective", "optibench")
"""The rules that tables show beside `strict`."""


def write_report(
    paths: Sequence[Path], out: Path, reviews: Path | None = None
) -> tuple[Path, Path]:
    """Write `report.md` and `report.html` on runs into a folder; returns both.

    Args:
        paths: the runs' folders.
        out: the folder to write into.
        reviews: the file of the user's reviews of labels; None takes the usual place.

    Raises:
        UserError: if a folder holds no run, or the reviews cannot be read.
    """
    parts = list(report(read_runs(paths), known_reviews(reviews)))
    out.mkdir(parents=True, exist_ok=True)
    markdown, page = out / "report.md", out / "report.html"
    markdown.write_text(to_markdown(parts), encoding="utf-8")
    page.write_text(to_html(TITLE, parts), encoding="utf-8")
    return markdown, page


def report(runs: Sequence[Evaluated], reviews: Mapping[str, Review]) -> Iterator[Part]:
    """Yield the parts of a report; reviews of labels by their problem's content."""
    yield Heading(TITLE, 1)
    yield Paragraph(
        "Intervals are Wilson's at 95%. Each column of accuracy is one rule; rules are not mixed, "
        "and the published figures below were scored by other rules than `strict`."
    )
    yield _accuracy(runs)
    one = len({run.settings.benchmark for run in runs}) == 1
    bars = [(run.way if one else run.name, _solving(run.rows)) for run in runs]
    yield Figure(interval_bars("Accuracy (strict)", bars))
    yield _spending(runs)
    yield from black_box_parts(runs)
    yield from _published(runs)
    yield from precision_parts(runs, reviews)
    yield from _pooled(runs)
    for run in runs:
        yield from _one(run, reviews)


# --- all runs -------------------------------------------------------------------------------------


def _accuracy(runs: Sequence[Evaluated]) -> Table:
    head = ("run", "problems", "strict", *_BESIDE, "came to an answer (ER)", "ran (code pass)")
    rows = []
    for run in runs:
        first, r = first_samples(run.rows), rates(run.rows)
        scores = [share(row.right(s) for row in first) for s in _BESIDE]
        shares = map(_short, (r.solving, *scores, r.execution, r.code_pass))
        rows.append((run.name, run.problems, *shares))
    return Table(head, tuple(rows))


def _spending(runs: Sequence[Evaluated]) -> Table:
    head = (
        "a problem", "corrections (AST)", "calls", "tokens in", "tokens out", "model s",
        "money in all",
    )  # fmt: skip
    rows = []
    for run in runs:
        r = rates(run.rows)
        figures = (r.corrections, r.calls, r.prompt_tokens, r.completion_tokens, r.model_seconds)
        numbers = [f"{v:.1f}" if v < 100 else f"{v:,.0f}" for v in figures]
        rows.append((run.name, *numbers, _spent(run)))
    return Table(head, tuple(rows))


def _published(runs: Sequence[Evaluated]) -> Iterator[Part]:
    benchmarks = {row.benchmark for run in runs for row in run.rows}
    known = published_for(benchmarks)
    if known:
        yield Heading("Published figures on the same benchmarks")
        yield Paragraph("For orientation: other models, and each by its own scorer.")
        rows = tuple((p.system, p.benchmark, f"{p.percent:.1f}", p.scorer, p.source) for p in known)
        yield Table(("system", "benchmark", "percent", "scorer", "source"), rows, words=True)


def _pooled(runs: Sequence[Evaluated]) -> Iterator[Part]:
    """Show how often each level is right over several benchmarks, a way of answering at a time."""
    ways: dict[str, list[Evaluated]] = {}
    for run in runs:
        ways.setdefault(run.way, []).append(run)
    for way, members in ways.items():
        if len({run.settings.benchmark for run in members}) > 1:
            yield Heading(f"{way}, over {len(members)} benchmarks")
            yield from _evidence([row for run in members for row in first_samples(run.rows)])


# --- one run --------------------------------------------------------------------------------------


def _one(run: Evaluated, reviews: Mapping[str, Review]) -> Iterator[Part]:
    first = first_samples(run.rows)
    yield Heading(run.name)
    yield Code(run.command)
    yield from _scores(run, first)
    yield from _split("By type", first, lambda r: r.kind)
    if plans := tuple(plan_figures(first)):
        yield Heading("Plans", 3)
        yield Table(HEAD, plans)
    if figures := tuple(asked_figures(first)):
        yield Heading("What was asked", 3)
        yield Table(("", "texts (95% interval)"), figures, words=True)
    if len({r.benchmark for r in first}) > 1:
        yield from _split("By benchmark", first, lambda r: r.benchmark)
    yield from _evidence(first)
    yield from _cost(run, first)
    yield from _outcomes(first)
    yield from _failures(run, reviews)
    yield from _data_findings(run)


def _scores(run: Evaluated, first: Sequence[Row]) -> Iterator[Part]:
    yield Heading("By each rule", 3)
    counted = [(name, share(row.right(name) for row in first)) for name in SCORERS]
    rows = [(name, str(s)) for name, s in counted if s.total]
    if run.settings.samples > 1:
        for k in range(1, run.settings.samples + 1):
            rate, votes = pass_rate(run.rows, k), majority_share(run.rows, k)
            rows += [(f"pass@{k}", str(rate))] if rate is not None else []
            rows += [(f"majority@{k}", str(votes))] if votes is not None else []
    yield Table(("rule", "right"), tuple(rows))


def _split(title: str, rows: Sequence[Row], key: Callable[[Row], str]) -> Iterator[Part]:
    groups = grouped(rows, key)
    yield Heading(title, 3)
    counts = [(name, _solving(members)) for name, members in groups.items()]
    others = {n: [_short(share(r.right(s) for r in m)) for s in _BESIDE] for n, m in groups.items()}
    table = tuple((name, str(count), *others[name]) for name, count in counts)
    yield Table(("", "strict", *_BESIDE), table)
    yield Figure(interval_bars(f"{title}, strict", counts))


def _evidence(rows: Sequence[Row]) -> Iterator[Part]:
    """Show how often each level is right, and what part of the problems it covers."""
    yield Heading("By evidence", 3)
    groups = grouped(rows, lambda r: r.level)
    table = []
    for level in LEVELS:
        members = groups.get(level, [])
        coverage = f"{100 * len(members) / len(rows):.1f}%"
        table.append((level, str(_solving(members)), coverage))
    answered = [r for r in rows if r.level in _ANSWERED]
    table.append(("answered at all", str(_solving(answered)), f"{len(answered)} of {len(rows)}"))
    yield Table(("level", "right (strict)", "share of all"), tuple(table))
    bars = [(level, _solving(groups.get(level, []))) for level in LEVELS]
    yield Figure(interval_bars("How often each level is right", bars))


def _cost(run: Evaluated, rows: Sequence[Row]) -> Iterator[Part]:
    yield Heading("Cost", 3)
    table = [
        _distribution("tokens in", [r.prompt_tokens for r in rows], "{:,.1f}".format),
        _distribution("tokens out", [r.completion_tokens for r in rows], "{:,.1f}".format),
        _distribution("model seconds", [r.model_seconds for r in rows], "{:,.1f}".format),
        _distribution("wall-clock seconds", [r.seconds for r in rows], "{:,.1f}".format),
    ]
    if run.price is not None:
        table.append(_distribution("money", list(map(run.price.of, rows)), shown_money))
    yield Table(("a problem", "mean", "median", "90% below"), tuple(table))
    if run.price is not None:
        yield Paragraph(
            f"All {len(run.rows)} records cost {_spent(run)}, at {run.price} a million tokens "
            "(in/out, or in/out/cached by the provider), the mapping of quantities included; "
            "replies that were remembered cost nothing, and those asked in batches a half."
        )
    groups = grouped(rows, lambda r: r.kind)
    out = [(k, sum(r.completion_tokens for r in m) / len(m)) for k, m in groups.items()]
    seconds = [(k, sum(r.model_seconds for r in m) / len(m)) for k, m in groups.items()]
    yield Figure(amounts("Generated tokens a problem, by type", out, "tokens"))
    yield Figure(amounts("Model seconds a problem, by type", seconds, "s"))


def _distribution(
    name: str, values: Sequence[float], shown: Callable[[float], str]
) -> tuple[str, ...]:
    ordered = sorted(values)
    quantiles = [ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in (0.5, 0.9)]
    return name, *(shown(v) for v in (sum(ordered) / len(ordered), *quantiles))


def _spent(run: Evaluated) -> str:
    """Return what all samples of a run cost, where a price is known."""
    return "-" if run.price is None else shown_money(sum(map(run.price.of, run.rows)))


def _outcomes(rows: Sequence[Row]) -> Iterator[Part]:
    """Show how far problems come: asked, a model that runs, an answer, corroborated."""
    yield Heading("From the text to the answer", 3)
    stages = [
        ("asked", list(rows)),
        ("a model that runs", [r for r in rows if r.code_pass]),
        ("an answer", [r for r in rows if r.ran]),
        ("not disputed", [r for r in rows if r.ran and r.agreement != "disputed"]),
        ("corroborated", [r for r in rows if r.ran and r.agreement == "corroborated"]),
        ("proved", [r for r in rows if r.level == "proved"]),
    ]
    counted = [(name, len(m), sum(bool(main_verdict(r)) for r in m)) for name, m in stages]
    table = tuple((name, str(count), str(right)) for name, count, right in counted)
    yield Table(("came as far as", "problems", "of them right"), table)
    yield Figure(flow("From the text to the answer", counted))


def _failures(run: Evaluated, reviews: Mapping[str, Review]) -> Iterator[Part]:
    groups = failures(r for path in run.paths for r in read_records(path) if r.sample == 0)
    yield Heading("Failures", 3)
    yield Table(("group", "problems"), tuple((g, str(len(m))) for g, m in groups.items()))
    for group, members in groups.items():
        yield Heading(f"{group[0].upper()}{group[1:]} ({len(members)})", 4)
        yield from (_folded(f, reviews.get(f.content)) for f in members)


def _folded(failure: Failure, review: Review | None) -> Folded:
    parts: list[Heading | Paragraph | Code | Table] = [Code(failure.text, "Text")]
    parts.append(Paragraph(f"Label: {failure.label}"))
    parts += [Paragraph(f"Label reviewed: {review}")] if review is not None else []
    parts.append(Paragraph(f"Answer: {failure.answer} ({failure.evidence or 'no evidence'})"))
    if failure.difference:
        parts.append(Paragraph(f"What differed: {failure.difference}"))
    if failure.formulation:
        parts.append(Code(failure.formulation, "Formulation"))
    if failure.program:
        parts.append(Code(failure.program, "Program"))
    return Folded(f"{failure.key}: {failure.answer}, label {failure.label}", tuple(parts))


def _data_findings(run: Evaluated) -> Iterator[Part]:
    found = list(dict.fromkeys(f for path in run.paths for f in read_findings(path)))
    if found:
        yield Heading("About the data", 3)
        yield Table(("row", "finding"), tuple((f.where, f.what) for f in found), words=True)


def _solving(rows: Sequence[Row]) -> Share:
    return share(map(main_verdict, rows))


def _short(counted: Share) -> str:
    if not counted.total:
        return "-"
    low, high = counted.interval
    return f"{counted.percent:.1f} ({low:.1f} to {high:.1f})"
