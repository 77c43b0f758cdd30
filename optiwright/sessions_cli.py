"""`optiwright sessions`: list, show, resume, rename, delete, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The conversations that are kept.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A session's name, or owner/name.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command("list")
def list_sessions(
    owner: Annotated[str | None, typer.Option(help="Whose; yours where it is left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the sessions, the one that was used last first."""
    from optiwright.agent.sessions import sessions_of

    if as_json:
        notes = sessions_of(owner)
        typer.echo("[" + ",\n ".join(n.model_dump_json() for n in notes) + "]")
    else:
        typer.echo(listed(owner))


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show a session's turns and its versions."""
    from optiwright.agent.sessions import transcript
    from optiwright.console import show_markdown

    if as_json:
        typer.echo(transcript(name, "json"), nl=False)
    else:
        show_markdown(transcript(name, "md"))


@app.command()
def resume(name: Name) -> None:
    """Go on with a session: `optiwright chat --session NAME`, where there is one by that name."""
    from optiwright.agent.session import Session
    from optiwright.agent.sessions import known
    from optiwright.chat import converse

    session = Session(known(name).full_name, folder=Path.cwd())
    try:
        raise typer.Exit(converse(session))
    finally:
        session.close()


@app.command()
def rename(name: Name, new: Annotated[str, typer.Argument(help="The new name.")]) -> None:
    """Give a session another name."""
    from optiwright.agent.sessions import rename as renamed

    typer.echo(f"Now called {renamed(name, new).full_name}.")


@app.command()
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a session, with the folders of its runs."""
    from optiwright.agent.sessions import delete as deleted
    from optiwright.agent.sessions import known
    from optiwright.formulators.phrases import counted

    note = known(name)
    turns = counted(note.turns, "turn")
    if not yes:
        typer.confirm(f"Delete {note.full_name} with {turns} and its runs?", abort=True)
    runs = deleted(name)
    typer.echo(f"Deleted: {note.full_name}, {turns}, {counted(runs, 'run')}.")


@app.command()
def export(
    name: Name,
    file: Annotated[
        Path, typer.Argument(help="Where to write: .md, .json, or .txt (turns to say again).")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a session to a file."""
    from optiwright.agent.sessions import export as exported

    path = exported(name, file, overwrite=force)
    typer.echo(f"{path}: {path.stat().st_size:,} bytes")


def listed(owner: str | None) -> str:
    """Return an owner's sessions, a line each."""
    from optiwright.agent.sessions import sessions_of
    from optiwright.formulators.phrases import counted

    lines = [
        f"{n.name}  {counted(n.turns, 'turn')}, last {n.touched:%Y-%m-%d %H:%M}  {n.title}".rstrip()
        for n in sessions_of(owner)
    ]
    return "\n".join(lines) or "There are no sessions yet; `optiwright chat` begins one."
