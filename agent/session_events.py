"""What happens during a turn of a session, beside the events of the runs that it makes."""

from __future__ import annotations

from typing import Literal, TypeAlias

from optiwright.agent.events import Event
from optiwright.agent.result import Plain
from optiwright.agent.session_state import Kind, Turn, Way


class TurnStarted(Plain):
    """The engine has taken a turn."""

    kind: Literal["turn_started"] = "turn_started"
    number: int
    text: str


class TurnNotice(Plain):
    """Something worth knowing: a model's start, a turn that is gone on with."""

    kind: Literal["turn_notice"] = "turn_notice"
    message: str


class TurnRouted(Plain):
    """What the turn was understood to want."""

    kind: Literal["turn_routed"] = "turn_routed"
    number: int
    what: Kind
    way: Way


class WhatChanges(Plain):
    """The difference that a turn makes to the formulation, before it is solved."""

    kind: Literal["what_changes"] = "what_changes"
    lines: tuple[str, ...]


class TurnFinished(Plain):
    """The turn is over and recorded; the last event of each but one that waits."""

    kind: Literal["turn_finished"] = "turn_finished"
    turn: Turn


SessionEvent: TypeAlias = TurnStarted | TurnNotice | TurnRouted | WhatChanges | TurnFinished | Event
