"""The acts that only talk: a greeting, what can be said, what was not understood."""

from __future__ import annotations

from optiwright.agent.desk import Desk, said
from optiwright.agent.routing import COMMANDS
from optiwright.agent.session_state import Outcome

_THANKS = ("thank", "great", "perfect", "nice", "cool", "well done", "good job")
_BYE = ("bye", "that is all")


async def talk(desk: Desk) -> Outcome:
    """Answer what says nothing about a problem."""
    words = desk.text.lower()
    if any(word in words for word in _THANKS):
        return said("You are welcome. Ask on, or change something, whenever you like.")
    if any(word in words for word in _BYE):
        return said("Good-bye. The session is kept; it goes on where it was left.")
    return said(_greeting(desk))


async def help_out(desk: Desk) -> Outcome:
    """List the commands, and what can be said without them."""
    return said(f"{_greeting(desk)}\n\n{commands_told()}")


async def unclear(desk: Desk) -> Outcome:
    """Say that a turn was not understood, and what would be."""
    return Outcome(
        answer="I did not understand what to do with that. Say it as a change (`make it at most "
        "three plants`), as a question (`what if demand grows by 10%?`), or take a command: "
        "`/help` lists them.",
        ok=False,
    )


def commands_told() -> str:
    """Return the commands as a list."""
    lines = []
    for name, (_, told) in COMMANDS.items():
        arguments, colon, does = told.rpartition(": ")
        shown = f"/{name} {arguments}".strip() if colon else f"/{name}"
        lines.append(f"- `{shown}`: {does}")
    return "\n".join(lines)


def _greeting(desk: Desk) -> str:
    if desk.talk.version is None:
        return (
            "State an optimization problem in plain words: what is to be decided, what limits it, "
            "and what is to be best, with the numbers. I formulate it, solve it and say how far "
            "the answer can be trusted; then you change it and question it."
        )
    return (
        f"We are at version {desk.talk.current}: {desk.talk.version.title} Change it (`make it "
        "at most three`), ask what if or why, what limits it, what would be a compromise; go back, "
        "compare, export. `/help` lists the commands."
    )
