"""A row of training data: one problem in words with every form of its answer that is known.

What a trainer is fed (prompt and completion) is made from rows by `instructions.py`.
"""

from __future__ import annotations

import hashlib
from typing import Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

Source: TypeAlias = Literal["generated", "resocratic", "augmented", "published", "record"]
"""Where a row comes from: our families, ReSocratic's or LLMOPT's way, a data set that others
publish, or a run's record."""

Split: TypeAlias = Literal["train", "test"]
"""`test`: of a family that is kept aside whole; no trainer takes such a row."""


class AskedValue(BaseModel):
    """A quantity that the text asks for, and its value at the row's optimum."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    meaning: str
    expression: str
    """Over the script's names; `objective` for the best value itself."""
    value: float | None = None
    """None until the row was solved."""


class TrainingRow(BaseModel):
    """A problem, its formulation in each form, its program and its answer; `""` where unknown."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    schema_version: Literal[1] = 1
    id: str = ""
    """Of text, forms and program: equal rows have equal ids. Filled in where it is not given."""
    source: Source
    family: str
    """The generator's family, the data set's name, or the seed row's family."""
    problem_class: str
    """LP, IP, MIP, QP, NLP, ... as `optiwright.formulators.classify` names it; "" if unknown."""
    split: Split = "train"
    text: str = Field(min_length=1)
    script: str = ""
    """The flat form, as `optiwright.formulators.script` reads it, in its fence."""
    indexed: str = ""
    """The indexed form: one JSON object, as `optiwright.formulators.wire` reads it."""
    elements: str = ""
    """LLMOPT's five-element text, as `optiwright.formulators.llmopt` writes it."""
    program: str = ""
    """A Python program that solves the problem and prints the answer."""
    optimizer: str = ""
    """Of a function without a formula: the optimizer of the program, the best of those measured."""
    sense: Literal["minimize", "maximize", ""] = ""
    optimum: float | None = None
    asked: tuple[AskedValue, ...] = ()
    voice: str = ""
    """How the text is told: story, memo, table, terse, ..."""
    seed: int | None = None
    """What a generated row was drawn with."""
    parent: str = ""
    """Id of the row that this one was made from."""
    made_by: str = ""
    """The language model that wrote it; "" for none."""
    verified: bool = False
    """Both forms were solved, agreed on the optimum, and the text has every number."""

    @model_validator(mode="after")
    def _with_id(self) -> Self:
        if not self.id:
            parts = (self.text, self.script, self.indexed, self.elements, self.program)
            digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
            object.__setattr__(self, "id", digest)
        return self
