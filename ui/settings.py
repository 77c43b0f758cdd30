"""What `optiwright ui` was told, handed to the page through its process's environment."""

from __future__ import annotations

import os
from typing import Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict

from optiwright.agent.prices import Price
from optiwright.agent.record import Effort

Access: TypeAlias = Literal["loopback", "token", "oidc"]
"""Who may come: this machine's people, who has a token, or whom OpenID Connect signs in."""

_VARIABLE = "OPTIWRIGHT_UI"


class PageSettings(BaseModel):
    """The server's settings; a visitor may choose others where the sidebar lets him."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None = None
    base_url: str | None = None
    effort: Effort = "standard"
    solver: str | None = None
    time_limit_s: float = 60.0
    seed: int = 0
    price: Price | None = None
    """Of the model, so that what a turn costs is told in money."""
    access: Access = "loopback"

    @classmethod
    def here(cls) -> Self:
        """Read them from the environment; the defaults where there are none."""
        return cls.model_validate_json(os.environ.get(_VARIABLE, "{}"))

    def environment(self) -> dict[str, str]:
        """Return the variable that `here` reads."""
        return {_VARIABLE: self.model_dump_json()}
