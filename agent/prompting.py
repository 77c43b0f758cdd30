"""Prompt files to messages.

A prompt is a Markdown file in `prompts/` with the sections `# system`, `# example` (a problem and
a fenced reply), `# example for: word, word, ...`, and `# user`. Everything up to the first `for`
stays the same from call to call, so that a server's prefix cache pays for it once; of the `for`
examples the one whose words the problem has most of follows, since a small model does better with
two examples that fit than with nine. Only the last section is a Jinja template. A line
`{% include "name" %}` stands for all of another file, one without sections.
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
from optiwright.agent.record import Library
from optiwright.formulators.wire import Form

FORMULATION_PROMPT = {
    Form.FLAT: "formulate_flat",
    Form.INDEXED: "formulate_indexed",
    Form.TABLES: "formulate_tables",
}
"""The prompt that asks for each wire form."""
TUNED_PROMPT = {Form.FLAT: "formulate_tuned", Form.INDEXED: "formulate_tuned_indexed"}
"""The same for a model that was tuned to that form."""
PROGRAM_PROMPT: dict[Library, str] = {
    "pyomo": "write_program",
    "cvxpy": "write_program_cvxpy",
    "highspy": "write_program_highspy",
}
"""The prompt that asks for a program from the text alone, by the library that it is to use."""
PLAN_PROMPT = "formulate_plan"
"""The prompt that asks for objects, facts, actions, start and goal of a plan."""
PLAN_PROGRAM_PROMPT = "write_plan_program"
"""The prompt that asks for a program that looks for a plan, from the text alone."""

_SECTION = re.compile(r"^# (system|example|user)(?: for: (.+))?\s*$", re.MULTILINE)
_INCLUDE = re.compile(r'^\{% include "(\w+)" %\}$', re.MULTILINE)
_FENCE = re.compile(r"^```(json|python)?\s*\n(.*?)\n```\s*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A worked example for problems that have some of its words."""

    words: tuple[str, ...]
    messages: tuple[Message, Message]

    def fit(self, problem: str) -> int:
        """Return how many of the words the problem has, at the start of a word of its own."""
        return sum(
            re.search(rf"(?<!\w){re.escape(w)}", problem, re.I) is not None for w in self.words
        )


@dataclass(frozen=True)
class Prompt:
    """A prompt file, read: its fixed messages, its examples to choose from, its template."""

    name: str
    fixed: tuple[Message, ...]
    choice: tuple[Example, ...]
    template: str
    sha256: str
    """Of the whole file, with what it includes."""

    def messages(self, **values: Any) -> tuple[Message, ...]:
        """Return the fixed messages, the example that fits, and the last one filled in.

        Raises:
            jinja2.UndefinedError: if the template names a value that is not given.
        """
        asked = self.text(**values)
        best = max(self.choice, key=lambda e: e.fit(asked), default=None)
        chosen = best.messages if best is not None and best.fit(asked) else ()
        return (*self.fixed, *chosen, Message(role="user", content=asked))

    def text(self, **values: Any) -> str:
        """Return the last section alone, filled in."""
        return _ENVIRONMENT.from_string(self.template).render(values).strip()

    def examples(self) -> tuple[tuple[str, str], ...]:
        """Return every worked example as (problem, reply)."""
        turns = [m.content for m in self.fixed if m.role != "system"]
        turns += [m.content for e in self.choice for m in e.messages]
        return tuple(zip(turns[::2], turns[1::2], strict=True))


def formulation_prompt(form: Form, tuned: str) -> str:
    """Return the prompt that asks for a form; `tuned` names what the model was tuned with."""
    return tuned if tuned and TUNED_PROMPT.get(form) == tuned else FORMULATION_PROMPT[form]


@cache
def load_prompt(name: str) -> Prompt:
    """Read `prompts/<name>.md`."""
    text = _read(name)
    lead, *parts = _SECTION.split(text)
    fixed: list[Message] = []
    choice: list[Example] = []
    template = lead.strip()
    for kind, words, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if kind == "system":
            fixed.append(Message(role="system", content=body.strip()))
        elif kind == "example" and words is None:
            fixed.extend(_example(body))
        elif kind == "example":
            choice.append(Example(tuple(words.split(", ")), _example(body)))
        else:
            template = body.strip()
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Prompt(name, tuple(fixed), tuple(choice), template, sha256)


def _read(name: str) -> str:
    """Return a file's text, in which the files that it includes stand in their places."""
    text = resources.files("optiwright.prompts").joinpath(f"{name}.md").read_text("utf-8")
    return _INCLUDE.sub(lambda found: _read(found[1]).strip(), text)


def prompt_hashes(names: tuple[str, ...]) -> dict[str, str]:
    """Return name to SHA-256 for a run's record."""
    return {name: load_prompt(name).sha256 for name in names}


def _example(body: str) -> tuple[Message, Message]:
    *_, fence = _FENCE.finditer(body)
    problem = body[: fence.start()].strip()
    # A program keeps its fence: that is how a model writes one.
    reply = fence.group(0) if fence.group(1) == "python" else fence.group(2)
    return (
        Message(role="user", content=problem),
        Message(role="assistant", content=reply.strip()),
    )


_ENVIRONMENT = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
