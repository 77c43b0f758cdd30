"""What a trainer is fed: rows as prompts and completions, by instruction task.

The tasks are LLMOPT's (arXiv 2410.13213): question to formulation, formulation to code, question
to code; and LLaMoCo's (arXiv 2403.01131): a function without a formula to an optimizer's code. The
prompts are those that the agent sends, so that a tuned model meets nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from optiwright.agent.llm import Message
from optiwright.agent.prompting import load_prompt
from optiwright.training.rows import TrainingRow


class Task(StrEnum):
    """From what to what."""

    QUESTION_TO_SCRIPT = "question_to_script"
    QUESTION_TO_INDEXED = "question_to_indexed"
    QUESTION_TO_ELEMENTS = "question_to_elements"
    ELEMENTS_TO_PROGRAM = "elements_to_program"
    QUESTION_TO_PROGRAM = "question_to_program"
    QUESTION_TO_OPTIMIZER = "question_to_optimizer"


_PROMPTS = {
    Task.QUESTION_TO_SCRIPT: "formulate_tuned",
    Task.QUESTION_TO_INDEXED: "formulate_tuned_indexed",
    Task.QUESTION_TO_ELEMENTS: "baseline_elements",
    Task.ELEMENTS_TO_PROGRAM: "baseline_elements_program",
    Task.QUESTION_TO_PROGRAM: "write_program_tuned",
    Task.QUESTION_TO_OPTIMIZER: "baseline_search",
}


class Instruction(BaseModel):
    """One prompt with the completion that is wanted."""

    model_config = ConfigDict(frozen=True)

    row: str
    """The row's id."""
    task: Task
    prompt: tuple[Message, ...]
    completion: str


def instructions(rows: Iterable[TrainingRow], tasks: Iterable[Task]) -> Iterator[Instruction]:
    """Yield each row's instructions, of those tasks that the row has both sides of."""
    wanted = tuple(tasks)
    for row in rows:
        for task in wanted:
            completion = completion_of(row, task)
            if completion and can_be_asked(row, task):
                prompt = prompt_of(row, task)
                yield Instruction(row=row.id, task=task, prompt=prompt, completion=completion)


def can_be_asked(row: TrainingRow, task: Task) -> bool:
    """Tell whether a row has what a task's prompt tells."""
    return task is not Task.ELEMENTS_TO_PROGRAM or bool(row.elements)


def prompt_of(row: TrainingRow, task: Task) -> tuple[Message, ...]:
    """Return what a model is asked."""
    prompt = load_prompt(_PROMPTS[task])
    if task is Task.ELEMENTS_TO_PROGRAM:
        return prompt.messages(elements=row.elements, analysis="")
    if task is Task.QUESTION_TO_OPTIMIZER:
        return prompt.messages(problem=row.text, error="")
    return prompt.messages(problem=row.text, analysis="")


def completion_of(row: TrainingRow, task: Task) -> str:
    """Return what it should answer; `""` where the row does not have it."""
    match task:
        case Task.QUESTION_TO_SCRIPT:
            return row.script
        case Task.QUESTION_TO_INDEXED:
            return row.indexed
        case Task.QUESTION_TO_ELEMENTS:
            return row.elements
        case Task.ELEMENTS_TO_PROGRAM | Task.QUESTION_TO_PROGRAM:
            return "" if row.optimizer else _fenced(row.program)
        case Task.QUESTION_TO_OPTIMIZER:
            return _fenced(row.program) if row.optimizer else ""


def _fenced(program: str) -> str:
    return f"```python\n{program.strip()}\n```" if program else ""
