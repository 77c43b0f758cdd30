"""What the checks report: one sentence a finding, for a language model to act on."""

from __future__ import annotations

from enum import StrEnum

from optiwright.formulators.model import Part

_AROUND = 40
"""Characters of an expression that are shown on either side of what is at fault."""


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """The formulation cannot be compiled, or has no meaning."""
    WARNING = "warning"
    """It compiles, but is probably not what the text means."""
    NOTE = "note"


class Code(StrEnum):
    """Which check found it; stable, so that counts of runs can be compared."""

    SYNTAX = "syntax"
    UNKNOWN_NAME = "unknown_name"
    ARITY = "arity"
    WRONG_INDEX = "wrong_index"
    SCALAR_INDEXED = "scalar_indexed"
    INDEX_MISSING = "index_missing"
    SHADOWING = "shadowing"
    DUPLICATE_NAME = "duplicate_name"
    RESERVED_NAME = "reserved_name"
    LABEL_AS_NUMBER = "label_as_number"
    RELATION_AS_VALUE = "relation_as_value"
    VALUE_AS_CONDITION = "value_as_condition"
    NOT_BINARY = "not_binary"
    NOT_A_SET = "not_a_set"
    SET_AS_VALUE = "set_as_value"
    VARIABLE_IN_CONDITION = "variable_in_condition"
    VARIABLE_IN_DATA = "variable_in_data"
    VARIABLE_IN_INDEX = "variable_in_index"
    STEP = "step"
    CIRCULAR = "circular"
    EMPTY_SET = "empty_set"
    UNUSED = "unused"
    UNUSED_COLUMN = "unused_column"
    IDLE = "idle"
    MISSING_ENTRY = "missing_entry"
    NO_VALUES = "no_values"
    DUPLICATE_ENTRY = "duplicate_entry"
    UNBOUNDED = "unbounded"
    CROSSED_BOUNDS = "crossed_bounds"
    MISSING_BOUNDS = "missing_bounds"
    NO_VARIABLES = "no_variables"
    REPEATED = "repeated"
    VACUOUS = "vacuous"
    IMPOSSIBLE = "impossible"
    SUPERSEDED = "superseded"
    FREE = "free"
    PAIRS = "pairs"
    LUMPED = "lumped"
    DUPLICATE_CONSTRAINT = "duplicate_constraint"
    CONSTANT_OBJECTIVE = "constant_objective"
    NO_OBJECTIVE = "no_objective"
    STRICT = "strict"
    POINTS = "points"
    TABLE = "table"
    UNITS = "units"
    DIRECTION = "direction"
    UNUSED_NUMBER = "unused_number"
    UNFOUNDED_NUMBER = "unfounded_number"
    CONTRADICTION = "contradiction"


class Finding(Part):
    """One thing that is wrong, or looks wrong."""

    code: Code
    severity: Severity
    where: str
    """The element it concerns, such as "constraint `capacity`"."""
    message: str
    """One sentence: what is wrong and what to do about it."""
    expression: str = ""
    span: tuple[int, int] | None = None
    """The characters of `expression` at fault, half-open."""

    @property
    def place(self) -> str:
        """The characters at fault in words, as `character 7`, counted from 1; empty without any."""
        if self.span is None:
            return ""
        start, stop = self.span[0] + 1, self.span[1]
        return f"character {start}" if stop <= start else f"characters {start} to {stop}"

    @property
    def pointed(self) -> str:
        """The expression around what is at fault, and carets below that."""
        line = " ".join(self.expression.split("\n"))
        if self.span is None:
            return line
        start, stop = self.span[0], max(self.span[0] + 1, min(self.span[1], len(line)))
        first = max(0, start - _AROUND)
        before = ("... " if first else "") + line[first:start]
        after = line[stop : stop + _AROUND] + (" ..." if len(line) > stop + _AROUND else "")
        return f"{before}{line[start:stop]}{after}\n{' ' * len(before)}{'^' * (stop - start)}"
