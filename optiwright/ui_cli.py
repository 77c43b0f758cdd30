"""`optiwright ui`: the chat in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from optiwright.choices import BaseUrl, Effort, EffortChoice, Model, Seed, Solver, TimeLimit

app = typer.Typer()


@app.command()
def ui(
    port: Annotated[
        int | None,
        typer.Option(
            help="The port to listen at. Default: the first free one from 8501.", min=1, max=65535
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(help="The address to listen at; beyond this machine only with a sign-in."),
    ] = "127.0.0.1",
    model: Model = None,
    base_url: BaseUrl = None,
    effort: Effort = EffortChoice.STANDARD,
    solver: Solver = None,
    time_limit: TimeLimit = 60.0,
    seed: Seed = 0,
    price: Annotated[
        str | None, typer.Option(help="Prices a million tokens, IN/OUT or IN/OUT/CACHED.")
    ] = None,
) -> None:
    """Open the chat in the browser, on this machine alone unless people sign in."""
    from optiwright.agent.prices import price_of
    from optiwright.ui.launch import serve
    from optiwright.ui.settings import PageSettings

    settings = PageSettings(
        model=model,
        base_url=base_url,
        effort=effort.value,
        solver=solver,
        time_limit_s=time_limit,
        seed=seed,
        price=price_of(price) if price is not None else None,
    )
    serve(settings, host, port)
