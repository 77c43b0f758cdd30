"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class EffortChoice(StrEnum):
    """How much to spend on a problem."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"


Model = Annotated[
    str | None,
    typer.Option(
        help="An embedded model's name, a .gguf file, hf:owner/repo/file.gguf, the folder of a "
        "model tuned here, or a served "
        "model's name. Default: OPTIWRIGHT_MODEL, else the embedded model."
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(help="An OpenAI-compatible server; its key comes from OPENAI_API_KEY."),
]
Effort = Annotated[
    EffortChoice,
    typer.Option(
        help="quick: one formulation, one repair. standard: up to three repairs, one with a small "
        "model, and the second route. thorough: three draws of both, grouped by their answers."
    ),
]
TimeLimit = Annotated[float, typer.Option(help="Wall-clock seconds for one solve.")]
Solver = Annotated[
    str | None, typer.Option(help="A solver's name; see `optiwright doctor` for those there are.")
]
Seed = Annotated[int, typer.Option(help="Everything random derives from it.")]
