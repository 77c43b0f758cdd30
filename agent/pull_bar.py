"""A pull's progress as a bar on standard error."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from optiwright.agent.model_files import PullProgress


class PullBar:
    """A bar that appears with the first progress; a context manager."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(20), DownloadColumn())
        self._bar = Progress(*columns, console=Console(stderr=True))
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, progress: PullProgress) -> None:
        """Show how far it is; the bar ends when all is there."""
        self._bar.start()
        self._bar.update(
            self._task,
            description=escape(progress.step),
            completed=progress.done,
            total=progress.total or None,
        )
        if progress.total and progress.done == progress.total:
            self._bar.stop()
