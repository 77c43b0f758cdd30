"""A search in the sandbox: jobs of the pool, begun again where the function ends its process.

A job that is begun again takes the same way as far as evaluations are known, which costs nothing,
and goes on from there. What ends a process without a word is found out by a job that tells each
point before it is evaluated; that point then counts as failed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from optiwright.formulators.black_box import BlackBox, Code
from optiwright.formulators.errors import UserError
from optiwright.solver_tools.oracle import Evaluation
from optiwright.solver_tools.pool_protocol import Reason
from optiwright.solver_tools.sandbox_policy import Isolation, Profile
from optiwright.solver_tools.search_journal import line_of, read_line
from optiwright.solver_tools.search_outcome import SearchOutcome
from optiwright.solver_tools.search_run import Found

if TYPE_CHECKING:
    from optiwright.solver_tools.pool import Outcome, Pool
    from optiwright.solver_tools.search_journal import Journal
    from optiwright.solver_tools.search_progress import Follower
    from optiwright.solver_tools.search_target import Point

_JOB = "optiwright.solver_tools.search_job"
_MOST_RESTARTS = 25
_END_S = 3.0
_LONGEST_CALL_S = 60.0
_REPLAY_S = 20.0
"""For what is known to be taken once more, when the time is over."""
_CHARACTERS_A_NUMBER = 26
_MOST_OUTPUT = 512 << 20


class Confined:
    """A place for a search: the sandbox.

    Args:
        box: what is searched.
        pool: where jobs run.
        journal: where evaluations are kept.
        follower: told of each.
        isolation: whether jobs run where too little protects from them.
    """

    def __init__(
        self,
        box: BlackBox,
        pool: Pool,
        journal: Journal,
        follower: Follower,
        isolation: Isolation,
    ) -> None:
        self._box, self._files = _with_files(box)
        self._pool, self._journal, self._follower = pool, journal, follower
        self._isolation = isolation
        self.warning = ""
        """What was missing, where it ran nevertheless."""
        self._profile = Profile.WRITTEN if isinstance(box.oracle, Code) else Profile.TOOL
        numbers = (len(box.unknowns) + len(box.constraints) + 4) * (box.budget + 1000)
        self._output = min(_MOST_OUTPUT, (1 << 20) + numbers * _CHARACTERS_A_NUMBER)
        self._call_limit_s = _LONGEST_CALL_S

    async def search(self, optimizer: str | None, seed: int, deadline: float) -> Found | str:
        """Searches until then (of `time.monotonic`); a sentence where it has no answer."""
        total = max(1.0, deadline - time.monotonic())
        self._call_limit_s = min(_LONGEST_CALL_S, max(1.0, total / 6))
        careful = False
        for _ in range(_MOST_RESTARTS):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            heard = _Heard(self._journal, self._follower, len(self._box.unknowns))
            outcome = await self._run_search(heard, optimizer, seed, left, careful)
            self.warning = outcome.warning
            found = _read_found(outcome, heard)
            if found is not None:
                return found
            if outcome.reason is Reason.OUTPUT_LIMIT:
                break
            careful = careful or not heard.last_failed
            if heard.asking is not None:
                self._blame(heard, outcome)
        heard = _Heard(self._journal, self._follower, len(self._box.unknowns))
        outcome = await self._run_search(heard, optimizer, seed, _REPLAY_S, False, "replay")
        return _read_found(outcome, heard) or f"The search ended early: {outcome.error}"

    async def _run_search(
        self,
        heard: _Heard,
        optimizer: str | None,
        seed: int,
        left: float,
        careful: bool,
        *modes: str,
    ) -> Outcome:
        known = b"".join(map(line_of, self._journal.known)).decode()
        return await self._pool.run(
            f"{_JOB}:search",
            self._box.model_dump_json(),
            known,
            optimizer,
            seed,
            left,
            self._call_limit_s,
            *(("careful",) if careful else ()),
            *modes,
            time_limit_s=left + _END_S,
            on_output=heard,
            profile=self._profile,
            files=self._files,
            isolation=self._isolation,
            output_limit=self._output,
        )

    def _blame(self, heard: _Heard, outcome: Outcome) -> None:
        """Keeps the point at which a process ended as one that failed."""
        assert heard.asking is not None
        took = time.monotonic() - heard.asked_at
        if took >= self._call_limit_s:
            said = f"It was still running after {self._call_limit_s:.3g} s, and was stopped."
        elif outcome.reason is Reason.TIMEOUT:
            return
        elif outcome.reason is Reason.KILLED:
            said = "It ended its process by a crash."
        else:
            said = "It ended its process."
        evaluation = Evaluation(point=heard.asking, failure=said, seconds=round(took, 6))
        self._journal.add(evaluation)
        self._follower.heard(evaluation)

    async def evaluate(self, point: Point, times: int, deadline: float) -> Sequence[Evaluation]:
        """Evaluates a point so many times more, in a process where no optimizer was."""
        before = len(self._journal.known)
        heard = _Heard(self._journal, self._follower, len(self._box.unknowns))
        await self._pool.run(
            f"{_JOB}:evaluate",
            self._box.model_dump_json(),
            point,
            times,
            self._call_limit_s,
            time_limit_s=max(1.0, deadline - time.monotonic()) + self._call_limit_s,
            on_output=heard,
            profile=self._profile,
            files=self._files,
            isolation=self._isolation,
        )
        heard.finish()
        return [e for e in self._journal.known[before:] if e.point == tuple(point)]


class _Heard:
    """Takes the lines of a job apart, and hands them on; a line that is none is left out."""

    def __init__(self, journal: Journal, follower: Follower, size: int) -> None:
        self._journal, self._follower, self._size = journal, follower, size
        self._rest = ""
        self.asking: Point | None = None
        """The point that was told before its evaluation, while that is not there."""
        self.asked_at = 0.0
        self.fault = ""
        self.last_failed = False

    def __call__(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._take(line)
        self._follower.tell()

    def finish(self) -> None:
        """Takes what came last."""
        if self._rest:
            self._take(self._rest)
            self._rest = ""

    def _take(self, line: str) -> None:
        evaluation = read_line(line)
        if evaluation is not None:
            if len(evaluation.point) == self._size:
                self.asking, self.last_failed = None, evaluation.value is None
                self._journal.add(evaluation)
                self._follower.heard(evaluation)
            return
        try:
            told: Any = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(told, dict):
            return
        if isinstance(told.get("asking"), list) and len(told["asking"]) == self._size:
            self.asking, self.asked_at = tuple(told["asking"]), time.monotonic()
        if isinstance(told.get("stage"), str):
            self._follower.began(told["stage"], str(told.get("reason", "")))
        if isinstance(told.get("fault"), str):
            self.fault = told["fault"]


def _read_found(outcome: Outcome, heard: _Heard) -> Found | str | None:
    """Returns what a job came to, a sentence where it has no answer, None where it broke off."""
    heard.finish()
    if heard.fault:
        return heard.fault
    if outcome.reason is Reason.REFUSED:
        return outcome.error
    if outcome.reason is Reason.ERROR and "Traceback" in outcome.error:
        return f"The search broke off: {outcome.error.strip().splitlines()[-1]}"
    if outcome.reason is not Reason.FINISHED:
        return None
    try:
        if "fault" in outcome.value:
            return str(outcome.value["fault"])
        found = SearchOutcome.model_validate(outcome.value["outcome"])
        return Found(found, int(outcome.value["taken"]), int(outcome.value["repeats"]))
    except (ValidationError, KeyError, TypeError, ValueError):
        return "The function put something else in the place of the search's answer."


def _with_files(box: BlackBox) -> tuple[BlackBox, dict[str, bytes]]:
    """Returns the black box with the files that its command names, which a job is given.

    Raises:
        UserError: the program itself is a file that no interpreter runs.
    """
    if isinstance(box.oracle, Code):
        return box, {}
    files: dict[str, bytes] = {}
    arguments: list[str] = []
    for place, argument in enumerate(box.oracle.arguments):
        path = Path(argument)
        if not path.is_file() or (place == 0 and "/" not in argument) or _is_of_system(path):
            arguments.append(argument)
            continue
        files[path.name] = path.read_bytes()
        if place == 0:
            arguments += _interpreter(path, files[path.name])
        arguments.append(path.name)
    oracle = box.oracle.model_copy(update={"arguments": tuple(arguments)})
    return box.model_copy(update={"oracle": oracle}), files


def _is_of_system(path: Path) -> bool:
    there = ("/usr", "/bin", sys.prefix, sys.base_prefix)
    return any(path.resolve().is_relative_to(Path(root).resolve()) for root in there)


def _interpreter(path: Path, content: bytes) -> list[str]:
    first = content.partition(b"\n")[0]
    if not first.startswith(b"#!"):
        raise UserError(
            f"`{path.name}` is a program that the sandbox cannot run: it has no `#!` line that "
            "names an interpreter",
            where="`arguments`",
            remedy="Name the interpreter first, as in `python3 simulate.py`, or say that the "
            "command is trusted, so that it runs as your own process.",
        )
    return first[2:].decode(errors="replace").split()
