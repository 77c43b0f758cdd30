"""Asking the model where a turn goes, out of a closed list, where plain rules leave it open."""

from __future__ import annotations

import re
from typing import get_args

from optiwright.agent.llm import LanguageModel, Request
from optiwright.agent.prompting import load_prompt
from optiwright.agent.session_state import Kind, Route

PROMPT = "route_turn"
ASKED: tuple[Kind, ...] = (
    "problem",
    "revision",
    "what_if",
    "why",
    "explain",
    "show",
    "sensitivity",
    "tornado",
    "pareto",
    "repairs",
    "prove",
    "data",
    "talk",
)
"""The kinds that a model chooses from; the others have words of their own."""

_MAX_SAID = 2000
_TIMEOUT_S = 120.0
_GRAMMAR = "root ::= " + " | ".join(f'"{kind}"' for kind in ASKED)


async def route_asked(said: str, problem: str, model: LanguageModel, seed: int) -> Route:
    """Return where the model says that a turn goes; `unclear` where it names no kind.

    Args:
        said: the turn's words.
        problem: what the current answer is about, in a line.
        model: who is asked, once.
        seed: of the session's options.

    Raises:
        ProviderError: if the model cannot be reached or does not answer properly.
    """
    prompt = load_prompt(PROMPT)
    request = Request(
        messages=prompt.messages(problem=" ".join(problem.split())[:200], said=said[:_MAX_SAID]),
        fixed=len(prompt.fixed),
        grammar=_GRAMMAR,
        max_tokens=8,
        seed=seed,
        timeout_s=_TIMEOUT_S,
    )
    reply = (await model.complete(request)).text.strip().lower()
    named = re.match(r"[`\"'*\s]*([a-z]+(?:[_-][a-z]+)?)", reply)
    kind = named[1].replace("-", "_") if named else ""
    return Route(kind=kind if kind in ASKED else "unclear", way="model", to=said)


assert set(ASKED) <= set(get_args(Kind))
