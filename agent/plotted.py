"""What has a frame and a plot, and can be saved as either."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from optiwright.agent.result import Plain
from optiwright.agent.saving import write_file
from optiwright.formulators.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


class Plotted(Plain, ABC):
    """Base of what several solves come to."""

    @property
    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """The figures as a table."""

    @abstractmethod
    def to_svg(self) -> str:
        """Return the plot, an SVG document that stands alone."""

    def save(self, path: str | Path) -> None:
        """Write the plot (.svg), the table (.csv) or the data (.json).

        Raises:
            UserError: for another ending, or if the file cannot be written.
        """
        target = Path(path)
        match target.suffix.lower():
            case ".svg":
                content = self.to_svg()
            case ".csv":
                content = self.frame.to_csv(index=False)
            case ".json":
                content = self.model_dump_json(indent=2)
            case ending:
                raise UserError(
                    f"cannot save as `{ending or target.name}`",
                    where="save",
                    remedy="Give a file that ends in .svg, .csv or .json.",
                )
        write_file(target, content.encode())

    def _repr_html_(self) -> str:
        return f"{self.to_svg()}{self.frame.to_html(index=False)}"
