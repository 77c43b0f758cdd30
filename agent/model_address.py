"""Where a model is served, for a worker in another process to ask it too."""

from __future__ import annotations

import ipaddress
import platform
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from optiwright.agent.errors import shown_address
from optiwright.formulators.errors import UserError

if TYPE_CHECKING:
    from optiwright.agent.openai_client import OpenAIModel


@dataclass(frozen=True)
class ModelAddress:
    """What a client of a served model is made of; clients are pickled as this.

    So a pickle of a client holds the key, and belongs nowhere but in the memory of a worker.

    Attributes:
        key: None where the server has none; never shown by `repr`.
        machine: the one on which a loopback address means this server.
    """

    name: str
    base_url: str
    key: str | None = field(repr=False)
    shown_as: str | None = None
    direct: bool = False
    small: bool = False
    tuned: str = ""
    machine: str = field(default_factory=platform.node)

    def open(self) -> OpenAIModel:
        """A client of that server.

        Raises:
            UserError: the address is another machine's loopback.
        """
        from optiwright.agent.openai_client import OpenAIModel

        here = platform.node()
        if here != self.machine and _is_loopback(urlsplit(self.base_url).hostname or ""):
            raise UserError(
                f"the model is served at {shown_address(self.base_url)} of {self.machine!r} "
                f"alone, which the worker on {here!r} cannot reach",
                remedy="Name a server that every machine reaches with --base-url.",
            )
        return OpenAIModel(
            self.name,
            self.base_url,
            self.key,
            shown_as=self.shown_as,
            direct=self.direct,
            small=self.small,
            tuned=self.tuned,
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
