"""Rows to train a selector of optimizers on: a function in words and code, its best one's program.

After LLaMoCo (arXiv 2403.01131): composed and hybridised functions, each with the optimizer that
came nearest to its lowest value in the runs that the table of optimizers is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from optiwright.evaluation.black_box_problems import text_of
from optiwright.evaluation.function_draws import Cell, draw
from optiwright.evaluation.optimizer_runs import OptimizerRun
from optiwright.evaluation.optimizer_table import best_optimizers
from optiwright.formulators.errors import UserError
from optiwright.training.optimizer_programs import PROGRAMS, program_of
from optiwright.training.rows import TrainingRow


def optimizer_rows(runs: Iterable[OptimizerRun]) -> Iterator[TrainingRow]:
    """Yield a row for each function that was run on.

    Args:
        runs: of `optiwright data optimizers`; optimizers without a short program are passed over.

    Raises:
        UserError: if none has one.
    """
    best = best_optimizers(run for run in runs if run.optimizer in PROGRAMS)
    if not best:
        raise UserError(
            "there are no runs to make rows of",
            remedy="Make some with `optiwright data optimizers`.",
        )
    for (cell, seed), optimizer in best.items():
        function = draw(Cell.model_validate_json(cell), seed)
        yield TrainingRow(
            source="generated",
            family="+".join(function.parts),
            problem_class="black box",
            text=text_of(function),
            program=program_of(optimizer, function.whole),
            optimizer=optimizer,
            sense="minimize",
            optimum=function.lowest,
            seed=seed,
        )
