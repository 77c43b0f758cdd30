"""What the command line offers of a function without a formula."""

from __future__ import annotations

from typing import Annotated

import typer

Function = Annotated[
    str | None,
    typer.Option(
        help="A Python file with a function to find the best arguments of, FILE.py or FILE.py:name; "
        "it runs in the sandbox."
    ),
]
Command = Annotated[
    str | None,
    typer.Option(
        "--command",
        help="A program to ask instead: a JSON object a point on its standard input, a number or "
        '{"value": ..., "constraints": [...]} back.',
    ),
]
OwnProcess = Annotated[
    bool,
    typer.Option(
        "--own-process", help="The command runs as your own process, outside of the sandbox."
    ),
]
Bounds = Annotated[
    str | None,
    typer.Option(help='Of what is sought: "x in [0, 5], n in 1..10, kind in {a, b}".'),
]
Constraints = Annotated[
    list[str] | None,
    typer.Option(
        "--constraint",
        help='A function of the file that has to be at most zero, or "g >= 0"; of a command, the '
        "name of a constraint that it answers with. May be repeated.",
    ),
]
Budget = Annotated[int | None, typer.Option(help="Evaluations of the function at most.")]
Optimizer = Annotated[
    str | None,
    typer.Option(help="One of the pool, such as cma-es. Default: what was measured to suit."),
]
