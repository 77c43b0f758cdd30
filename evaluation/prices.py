"""The price that was last named for a run.

A price is no setting of a run: it decides no answer, so that naming one later resumes the same run.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from optiwright.agent.prices import Price

PRICE = "price.json"


def read_price(folder: Path) -> Price | None:
    """Return the price that was last named for a run; None if none was."""
    try:
        return Price.model_validate_json((folder / PRICE).read_bytes())
    except (OSError, ValidationError):
        return None
