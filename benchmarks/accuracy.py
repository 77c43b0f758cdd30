"""Right, wrong and failed answers of a language model on folders of problems and an OptiBench file.

usage: python benchmarks/accuracy.py [FOLDER ...] [--optibench OptiBench.json --n 20 --seed 0]
           [--model ... --base-url ... --effort ... --jobs 1]

A folder holds `expected.json` and the texts it names (default: examples). Prints a Markdown table.
OptiBench's problems are drawn with the seed. An answer is right if its
status and its objective fit the label: within 1e-4 relative, or within half a unit of the label's
last decimal where the label is rounded. Replies come from the reply cache where it holds them,
with their original tokens and seconds, so that an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import optiwright

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


@dataclass(frozen=True)
class Problem:
    """A text with its label; no objective where the status alone is asked."""

    name: str
    kind: str
    text: str
    status: str
    objective: str | None


def labelled(folder: Path) -> Iterator[Problem]:
    """Yield the problems that a folder's `expected.json` lists."""
    for entry in json.loads((folder / "expected.json").read_text()):
        text = (folder / entry["file"]).read_text()
        label = None if entry["objective"] is None else str(entry["objective"])
        yield Problem(entry["file"], entry["class"], text, entry["status"], label)


def optibench(file: Path, n: int, seed: int) -> Iterator[Problem]:
    """Yield `n` problems of an OptiBench file, drawn with the seed; the last label is the best."""
    rows = json.loads(file.read_text())
    for row in sorted(random.Random(seed).sample(rows, n), key=lambda r: r["index"]):
        label = list(row["results"].values())[-1]
        yield Problem(f"OptiBench {row['index']}", row["type"], row["question"], "optimal", label)


_UNPROVED = ("feasible", "optimal")
"""The right value counts where its proof is missing; the level in the table tells them apart."""


def is_right(result: optiwright.Result, problem: Problem) -> bool:
    """Whether status and objective fit the label."""
    if result.status != problem.status and (result.status, problem.status) != _UNPROVED:
        return False
    if problem.objective is None:
        return True
    label, found = float(problem.objective), result.objective
    decimals = len(problem.objective.partition(".")[2])
    rounding = 0.5 * 10.0**-decimals if 0 < decimals <= 4 else 0.0
    return found is not None and abs(found - label) <= max(1e-4 * abs(label), rounding, 1e-9)


def main() -> None:
    """Run all problems and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", type=Path, nargs="*", default=[EXAMPLES])
    parser.add_argument("--optibench", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--n", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model")
    parser.add_argument("--base-url")
    parser.add_argument("--effort", default="standard")
    parser.add_argument("--route", choices=["compiled", "written", "both"])
    options = parser.parse_args()
    problems = [problem for folder in options.folders for problem in labelled(folder)]
    if options.optibench:
        problems += optibench(options.optibench, options.n, options.seed)
    outcomes: Counter[tuple[str, str]] = Counter()
    print("| problem | kind | outcome | level | found | label | calls | tokens | model s |")
    print("|---|---|---|---|---|---|---|---|---|")
    with ThreadPoolExecutor(options.jobs) as pool:
        for row, outcome, level in pool.map(lambda p: _one(p, options), problems):
            outcomes[outcome, level] += 1
            print(row, flush=True)
    for outcome in ("right", "wrong", "failed"):
        levels = {lv: n for (o, lv), n in outcomes.items() if o == outcome}
        print(f"\n{outcome}: {sum(levels.values())} of {len(problems)} {levels or ''}")


def _one(problem: Problem, options: argparse.Namespace) -> tuple[str, str, str]:
    try:
        result = optiwright.solve(
            problem.text,
            model=options.model,
            base_url=options.base_url,
            effort=options.effort,
            route=options.route,
        )
    except optiwright.OptiwrightError as error:
        print(f"{problem.name}: {error}", file=sys.stderr)
        cells = [problem.name, problem.kind, "failed", "", "", problem.objective or "", "", "", ""]
        return f"| {' | '.join(cells)} |", "failed", "error"
    right = is_right(result, problem)
    outcome = "right" if right else "wrong" if result.level.answered else "failed"
    found = result.status.value if result.objective is None else f"{result.objective:.8g}"
    cells = [
        problem.name,
        problem.kind,
        outcome,
        result.level.value,
        found,
        problem.objective or problem.status,
        str(result.usage.calls),
        f"{result.usage.prompt_tokens} + {result.usage.completion_tokens}",
        f"{result.usage.model_seconds:.0f}",
    ]
    return f"| {' | '.join(cells)} |", outcome, result.level.value


if __name__ == "__main__":
    main()
