"""Which of a user's texts repeat a benchmark's problem: `optiwright eval overlap`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from optiwright.agent.model_files import OnProgress
from optiwright.evaluation.catalogue import BENCHMARKS, at_hand
from optiwright.evaluation.contamination import How, KnownTexts, Overlap
from optiwright.evaluation.given_texts import GivenText, given_texts
from optiwright.evaluation.planning_figures import PLANNING
from optiwright.evaluation.problems import Finding
from optiwright.formulators.errors import UserError

_REMEMBERED = 1024
"""Parts whose outcome is kept: a system prompt stands in every row of a file."""
_TOLD_EVERY = 1000
_ORDER = list(How)


def known_texts(data: Path | None = None, on_progress: OnProgress | None = None) -> KnownTexts:
    """Return the problems of every benchmark that is here or can be fetched, to compare with.

    `KnownTexts.absent` names the others: what stands in them is not recognised. The benchmark of
    plans is left out: its instances differ in single letters, and the rest of a text is ours.

    Args:
        data: the folder of the benchmarks' files, as for `load`.
        on_progress: told how far the fetch of a benchmark's file is.

    Raises:
        UserError: if there is no benchmark at all, or one that is here cannot be read.
    """
    drawn = {name for name, benchmark in BENCHMARKS.items() if benchmark.drawn}
    names = [name for name in BENCHMARKS if name not in {PLANNING, *drawn}]
    loaded, findings = at_hand(names, data, on_progress)
    problems = [problem for part in loaded for problem in part.problems]
    return KnownTexts(problems, [finding.where for finding in findings])


def overlaps_of(text: GivenText, ask: Callable[[str], list[Overlap]]) -> list[Overlap]:
    """Return the problems that a text or a part of it repeats, each in the plainest way.

    Args:
        text: a user's.
        ask: `KnownTexts.overlaps`, or what remembers its answers.
    """
    found: dict[str, Overlap] = {}
    for part in text.parts:
        for overlap in ask(part):
            earlier = found.setdefault(overlap.problem, overlap)
            if _ORDER.index(overlap.how) < _ORDER.index(earlier.how):
                found[overlap.problem] = overlap
    return list(found.values())


def show_overlaps(paths: Iterable[Path], known: KnownTexts) -> int:
    """Print each text that repeats a benchmark's problem, and return how many do.

    Raises:
        UserError: if there is nothing to read.
    """
    console = Console(highlight=False, soft_wrap=True)
    complaints = Console(stderr=True, highlight=False, soft_wrap=True)
    ask = lru_cache(_REMEMBERED)(known.overlaps)
    total, met, unread, benchmarks = 0, 0, 0, Counter[str]()
    for text in given_texts(paths):
        if isinstance(text, Finding):
            complaints.print(f"[dim]{escape(f'{text.where}: {text.what}')}[/dim]")
            unread += 1
            continue
        total += 1
        if found := overlaps_of(text, ask):
            met += 1
            benchmarks.update(dict.fromkeys((o.benchmark for o in found), 1))
            console.print(escape(text.name))
            for overlap in found:
                console.print(escape(f"  {overlap}"))
        if total % _TOLD_EVERY == 0:
            complaints.print(f"[dim]{total:,} texts so far, {met:,} of them stand there[/dim]")
    if not total:
        raise UserError("none of the texts could be read", remedy="Give text, JSON or CSV.")
    console.print(escape("\n".join(_summary(total, met, benchmarks, known))))
    if unread:
        console.print(f"not read, see above: {unread:,}")
    return met


def _summary(total: int, met: int, benchmarks: Counter[str], known: KnownTexts) -> Iterator[str]:
    shown = ", ".join(f"{name} {count:,}" for name, count in benchmarks.most_common())
    texts = "1 text repeats" if met == 1 else f"{met:,} texts repeat"
    yield f"{texts} a benchmark's problem, of {total:,}" + (f" ({shown})" if shown else "")
    held = Counter(problem.benchmark for problem in known.problems)
    yield "held against: " + ", ".join(f"{name} {count:,}" for name, count in held.items())
    if known.absent:
        yield f"not here, so that their texts are not recognised: {', '.join(known.absent)}"
