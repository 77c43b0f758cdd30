"""`optiwright chat`: a conversation in the terminal, or from a file of turns."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optiwright.choices import BaseUrl, Effort, EffortChoice, Model, Seed, Solver, TimeLimit

INTERRUPTED = 130

app = typer.Typer()

SessionName = Annotated[
    str,
    typer.Option("--session", help="A session's name, or owner/name; one that is there goes on."),
]


@app.command()
def chat(
    session: SessionName = "default",
    model: Model = None,
    base_url: BaseUrl = None,
    effort: Effort = EffortChoice.STANDARD,
    solver: Solver = None,
    time_limit: TimeLimit = 60.0,
    seed: Seed = 0,
    turn_calls: Annotated[
        int | None, typer.Option(help="Model calls in one turn, at most.")
    ] = None,
    turn_tokens: Annotated[int | None, typer.Option(help="Tokens in one turn, at most.")] = None,
    turn_seconds: Annotated[float | None, typer.Option(help="Seconds of one turn.")] = None,
    turn_money: Annotated[
        float | None, typer.Option(help="Money in one turn; takes --price.")
    ] = None,
    session_calls: Annotated[int | None, typer.Option(help="Model calls in the session.")] = None,
    session_tokens: Annotated[int | None, typer.Option(help="Tokens in the session.")] = None,
    session_seconds: Annotated[
        float | None, typer.Option(help="Seconds of all turns of the session.")
    ] = None,
    session_money: Annotated[
        float | None, typer.Option(help="Money in the session; takes --price.")
    ] = None,
    price: Annotated[
        str | None, typer.Option(help="Prices a million tokens, IN/OUT or IN/OUT/CACHED.")
    ] = None,
) -> None:
    """Talk about a problem: state it, change it, question it; the session is kept.

    Turns are read from standard input, one a line; several lines between lines of three quotes are
    one turn.
    """
    from optiwright.agent.budgets import Budget, Budgets
    from optiwright.agent.options import Options
    from optiwright.agent.prices import price_of
    from optiwright.agent.session import Session
    from optiwright.chat import converse

    options = Options(
        model=model,
        base_url=base_url,
        effort=effort.value,
        solver=solver,
        time_limit_s=time_limit,
        seed=seed,
    )
    budgets = Budgets(
        turn=Budget(calls=turn_calls, tokens=turn_tokens, seconds=turn_seconds, money=turn_money),
        session=Budget(
            calls=session_calls,
            tokens=session_tokens,
            seconds=session_seconds,
            money=session_money,
        ),
        price=price_of(price) if price is not None else None,
    )
    talking = Session(session, options=options, budgets=budgets, folder=Path.cwd())
    try:
        raise typer.Exit(converse(talking))
    finally:
        talking.close()


@app.command()
def mcp(
    model: Model = None,
    base_url: BaseUrl = None,
    effort: Effort = EffortChoice.STANDARD,
    solver: Solver = None,
    time_limit: TimeLimit = 60.0,
    seed: Seed = 0,
) -> None:
    """Serve the tools of Optiwright to a client of the Model Context Protocol, over stdio."""
    from optiwright.mcp_server import serve

    serve(
        {
            "model": model,
            "base_url": base_url,
            "effort": effort.value,
            "solver": solver,
            "time_limit_s": time_limit,
            "seed": seed,
        }
    )
