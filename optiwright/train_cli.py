"""`optiwright train`: tuning from the command line. --help imports nothing heavy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optiwright.export_cli import app as export_app
from optiwright.formulators.errors import UserError

INTERRUPTED = 130

app = typer.Typer(
    no_args_is_help=True,
    help="Tune a local model on rows with known answers (docs/training.md). The same command goes "
    "on where a run was stopped or killed.",
)

app.add_typer(export_app)

Config = Annotated[
    str,
    typer.Option(help="A YAML file, or the name of a configuration that comes with Optiwright."),
]
Rows = Annotated[
    list[Path] | None,
    typer.Option("--rows", help="A file of rows, .jsonl or .parquet. May be repeated."),
]
Replies = Annotated[
    list[Path] | None,
    typer.Option("--replies", help="A file of labelled replies, .jsonl. May be repeated."),
]
Out = Annotated[
    Path | None,
    typer.Option(help="Folder of the run. Default: by the config's name, in your data."),
]


@app.command()
def sft(config: Config, rows: Rows = None, out: Out = None) -> None:
    """Tune a model to write what the rows have."""
    from optiwright.training.config_files import config_path, read_config
    from optiwright.training.tuning_config import SftConfig
    from optiwright.training.tuning_trouble import ready

    told = read_config(config)
    if not isinstance(told, SftConfig):
        raise _another(told.trainer, config)
    ready(told)
    from optiwright.training.sft import sft as tune
    from optiwright.training.tuning_run import default_out

    folder = out or default_out(config_path(config))
    finish(tune(told, folder, rows or (), say), folder)


@app.command()
def contrast(config: Config, rows: Rows = None, out: Out = None) -> None:
    """Tune an adapter on which functions have the same best optimizer; `sft` starts from it."""
    from optiwright.training.config_files import config_path, read_config
    from optiwright.training.tuning_config import SftConfig
    from optiwright.training.tuning_trouble import ready

    told = read_config(config)
    if not isinstance(told, SftConfig):
        raise _another(told.trainer, config)
    ready(told)
    from optiwright.training.contrasting import contrast as tune
    from optiwright.training.tuning_run import default_out

    path = config_path(config)
    folder = out or default_out(path.with_name(f"{path.stem}-contrast"))
    finish(tune(told, folder, rows or (), say), folder)


@app.command()
def kto(config: Config, rows: Rows = None, out: Out = None, replies: Replies = None) -> None:
    """Tune a model on replies with a thumb up or down, its own and those of files."""
    from optiwright.training.config_files import config_path, read_config
    from optiwright.training.tuning_config import KtoConfig
    from optiwright.training.tuning_trouble import ready

    told = read_config(config)
    if not isinstance(told, KtoConfig):
        raise _another(told.trainer, config)
    ready(told)
    from optiwright.training.kto import kto as tune
    from optiwright.training.tuning_run import default_out

    folder = out or default_out(config_path(config))
    finish(tune(told, folder, rows or (), say, replies=replies or ()), folder)


@app.command()
def grpo(config: Config, rows: Rows = None, out: Out = None) -> None:
    """Tune a model by what its own completions come to when they are run."""
    from optiwright.training.config_files import config_path, read_config
    from optiwright.training.tuning_config import GrpoConfig
    from optiwright.training.tuning_trouble import ready

    told = read_config(config)
    if not isinstance(told, GrpoConfig):
        raise _another(told.trainer, config)
    ready(told)
    from optiwright.training.grpo import grpo as tune
    from optiwright.training.tuning_run import default_out

    folder = out or default_out(config_path(config))
    finish(tune(told, folder, rows or (), say), folder)


@app.command()
def plan(
    config: Config,
    rows: Rows = None,
    replies: Replies = None,
    tokens_per_second: Annotated[
        float | None, typer.Option(help="Of a GPU or this CPU, as you measured it.", min=0.001)
    ] = None,
    price: Annotated[
        float | None, typer.Option(help="Of an hour of one GPU, in your currency.", min=0)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say what a configuration needs in memory, time and money, before it starts."""
    from optiwright.training.config_files import read_config
    from optiwright.training.tuning_plan import make_plan

    told = read_config(config)
    if replies and told.trainer != "kto":
        raise UserError(
            f"{told.trainer} takes no replies", where="--replies", remedy="Leave it out."
        )
    made = make_plan(told, rows or (), tokens_per_second, price, replies or (), config)
    typer.echo(made.model_dump_json(indent=1) if as_json else "\n".join(made.lines()))


def say(words: str) -> None:
    """Tell on standard error what is being done."""
    typer.echo(words, err=True)


def finish(card: object | None, folder: Path) -> None:
    """Tell how a run ended; one that was stopped exits with 130."""
    if card is None:
        typer.echo(f"stopped, and saved in {folder}; the same command goes on", err=True)
        raise typer.Exit(INTERRUPTED)
    typer.echo(f"{folder / 'card.md'}")


def _another(trainer: str, config: str) -> UserError:
    return UserError(
        f"the configuration is for {trainer}",
        where=config,
        remedy=f"Run `optiwright train {trainer}`.",
    )
