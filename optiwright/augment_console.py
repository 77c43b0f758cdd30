"""What `optiwright data augment` and `optiwright data label` do and show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from optiwright.agent.budgets import Budget
from optiwright.agent.choose_model import choose_model, runs_here
from optiwright.agent.loop import wait
from optiwright.agent.prices import FREE, Price
from optiwright.evaluation.console import found_runs
from optiwright.evaluation.contamination import KnownTexts
from optiwright.formulators.errors import UserError
from optiwright.formulators.phrases import counted
from optiwright.training.labelling import Labelling, from_runs, from_thumbs
from optiwright.training.preferences import write_labelled
from optiwright.training.row_files import read_all_rows, training_dir
from optiwright.training.writing_rows import Tally, Way, write_rows_with
from optiwright.training.writing_work import ROWS


def run_augment(
    way: Way,
    seeds: Sequence[Path],
    n: int,
    seed: int,
    model: str | None,
    base_url: str | None,
    jobs: int,
    price: Price | None,
    budget: Budget,
    out: Path | None,
) -> None:
    """Have rows written, show how it goes, and say at the end what came of it and where it lies."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if way == "resocratic" and seeds:
        raise UserError(
            "resocratic rewrites no rows", where=str(seeds[0]), remedy="Leave the files out."
        )
    if way == "llmopt" and not seeds:
        raise UserError(
            "llmopt's rewrites need rows to rewrite",
            remedy="Name files of rows, or take `--method resocratic`, which needs none.",
        )
    rows = list(read_all_rows(seeds))
    folder = out or training_dir() / way
    asked = choose_model(model, base_url, on_status=lambda text: console.print(escape(text)))
    if runs_here(asked):
        price = price or FREE
    console.print(f"[dim]{escape(str(folder))}[/dim]")
    with console.status("waiting for the first reply") as status:

        def show(tally: Tally) -> None:
            status.update(escape(tally.line))
            if not console.is_terminal and (tally.rows + tally.dropped.total()) % 10 == 0:
                console.print(escape(tally.line))

        async def work() -> Tally:
            try:
                return await write_rows_with(
                    asked, way, rows, n, folder, seed=seed, jobs=jobs, budget=budget,
                    price=price, on_tally=show,
                )  # fmt: skip
            finally:
                await asked.aclose()

        tally = wait(work())
    _show(console, tally, folder / ROWS)


def _show(console: Console, tally: Tally, file: Path) -> None:
    out = Console(highlight=False, soft_wrap=True)
    for reason, count in tally.dropped.most_common():
        out.print(f"{count:6,}  {escape(reason)}")
    out.print(f"{tally.rows:6,}  rows kept, in {escape(str(file))}")
    console.print(f"[dim]{escape(tally.spent.words)}[/dim]")
    if tally.stopped:
        console.print(
            escape(f"stopped: {tally.stopped}; with more of it the same command goes on from here")
        )


def run_label(
    runs: Sequence[str], out: Path, thumbs: bool, evaluations: Path | None, known: KnownTexts
) -> None:
    """Write labelled replies, and say how many there are, and what was left out and why."""
    if out.suffix != ".jsonl":
        raise UserError("labelled replies are JSON lines", where=str(out), remedy="Use .jsonl.")
    found = Labelling(known.overlaps)
    replies = list(from_runs(found_runs(runs, evaluations), found))
    replies += list(from_thumbs(found)) if thumbs else []
    replies = list(dict.fromkeys(replies))
    write_labelled(out, replies)
    console = Console(highlight=False, soft_wrap=True)
    right = sum(reply.label for reply in replies)
    told = f"{right:,} right, {len(replies) - right:,} wrong"
    console.print(f"{counted(len(replies), 'reply', 'replies')}: {told}, in {escape(str(out))}")
    for name, count in found.left_out.most_common():
        console.print(f"left out: {count:,} ({escape(name)})")
    if known.absent:
        absent = ", ".join(known.absent)
        console.print(f"not here, so that their texts are not recognised: {escape(absent)}")
