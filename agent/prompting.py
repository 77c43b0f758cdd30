"""Prompt files to messages.

A prompt is a Markdown file in `prompts/` with the sections `# system`, any number of `# example`
(a problem and a fenced reply), and `# user`. Only the last section is a Jinja template, so that
everything before it stays the same from call to call and a server's prefix cache pays for it once.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import jinja2

from optiwright.agent.llm import Message
from optiwright.formulators.wire import Form

FORMULATION_PROMPT = {Form.FLAT: "formulate_flat", Form.INDEXED: "formulate_indexed"}
"""The prompt that asks for each wire form."""

_SECTION = re.compile(r"^# (system|example|user)\s*$", re.MULTILINE)
_FENCE = re.compile(r"^```(?:json)?\s*\n(.*?)\n```\s*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Prompt:
    """A prompt file, read: its fixed messages, its template, and the hash of the whole file."""

    name: str
    fixed: tuple[Message, ...]
    template: str
    sha256: str

    def messages(self, **values: Any) -> tuple[Message, ...]:
        """Return the fixed messages and the last one with `values` filled in.

        Raises:
            jinja2.UndefinedError: if the template names a value that is not given.
        """
        return (*self.fixed, Message(role="user", content=self.text(**values)))

    def text(self, **values: Any) -> str:
        """Return the last section alone, filled in."""
        return _ENVIRONMENT.from_string(self.template).render(values).strip()

    def examples(self) -> tuple[tuple[str, str], ...]:
        """Return the worked examples as (problem, reply)."""
        turns = [m.content for m in self.fixed if m.role != "system"]
        return tuple(zip(turns[::2], turns[1::2], strict=True))


@cache
def load_prompt(name: str) -> Prompt:
    """Read `prompts/<name>.md`."""
    text = resources.files("optiwright.prompts").joinpath(f"{name}.md").read_text("utf-8")
    parts = _SECTION.split(text)[1:]
    fixed: list[Message] = []
    template = ""
    for kind, body in zip(parts[::2], parts[1::2], strict=True):
        if kind == "system":
            fixed.append(Message(role="system", content=body.strip()))
        elif kind == "example":
            fixed.extend(_example(body))
        else:
            template = body.strip()
    return Prompt(name, tuple(fixed), template, hashlib.sha256(text.encode()).hexdigest())


def prompt_hashes(names: tuple[str, ...]) -> dict[str, str]:
    """Return name to SHA-256 for a run's record."""
    return {name: load_prompt(name).sha256 for name in names}


def _example(body: str) -> tuple[Message, Message]:
    *_, fence = _FENCE.finditer(body)
    problem = body[: fence.start()].strip()
    return (
        Message(role="user", content=problem),
        Message(role="assistant", content=fence.group(1).strip()),
    )


_ENVIRONMENT = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
