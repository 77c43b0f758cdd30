"""Real replies labelled right or wrong: those of evaluations by execution, the page's by thumbs.

A reply is labelled by what came of it alone: a formulation by its own solve, a program by its own
run, whatever was mended afterwards. Replies to problems of published benchmarks are left out, by
name and by text: what a model is measured by must not be what it was tuned on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from optiwright.agent.evidence import Agreement, Standing
from optiwright.agent.feedback import Labelled, labelled_records
from optiwright.agent.record import Attempt, Program, RunRecord
from optiwright.agent.result import STATUS_OF, Status
from optiwright.evaluation.baselines import DIRECT, ELEMENTS, ELEMENTS_PROGRAM, FEWSHOT, REASONING
from optiwright.evaluation.catalogue import NO_BEST, is_known
from optiwright.evaluation.claims import Claim
from optiwright.evaluation.contamination import Overlap
from optiwright.evaluation.problems import Ending, Label
from optiwright.evaluation.records import EvaluationRecord, read_records
from optiwright.evaluation.scorers import strict
from optiwright.evaluation.trials import standing_of_program
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.script import read_script
from optiwright.formulators.wire import Form
from optiwright.solver_tools.written_check import strip_code
from optiwright.training.candidates import in_fence
from optiwright.training.instructions import Task, prompt_of
from optiwright.training.preferences import LabelledReply
from optiwright.training.rows import TrainingRow

_ONE_PROGRAM = (DIRECT, FEWSHOT, REASONING)
_ENDING: dict[Status, Ending] = {
    Status.OPTIMAL: Ending.SOLVED,
    Status.FEASIBLE: Ending.SOLVED,
    Status.INFEASIBLE: Ending.INFEASIBLE,
    Status.UNBOUNDED: Ending.UNBOUNDED,
}
"""Of a formulation's solve; anything else is no answer."""
_STANDING: dict[Standing, Ending] = {
    Standing.OPTIMAL: Ending.SOLVED,
    Standing.FEASIBLE: Ending.SOLVED,
    Standing.INFEASIBLE: Ending.INFEASIBLE,
    Standing.UNBOUNDED: Ending.UNBOUNDED,
}
"""Of a program's run."""


@dataclass
class Labelling:
    """What is compared with, and how much was left out, by reason."""

    overlaps: Callable[[str], Sequence[Overlap]]
    """The benchmarks' problems that a text repeats."""
    left_out: Counter[str] = field(default_factory=Counter)

    def may_train(self, text: str) -> bool:
        """Tell whether a text is nobody's test; counts it by benchmark if it is."""
        found = self.overlaps(text)
        if found:
            self.left_out[f"repeats a problem of {found[0].benchmark}"] += 1
        return not found


@dataclass(frozen=True)
class _Reply:
    """A reply that an instruction task could have had, and what came of it."""

    task: Task
    completion: str
    claim: Claim
    final: bool
    """Whether the answer that the user saw rests on it."""
    elements: str = ""


def from_runs(folders: Iterable[Path], labelling: Labelling) -> Iterator[LabelledReply]:
    """Yield the replies of evaluations, labelled by the harness's strict scorer.

    Raises:
        UserError: if a folder holds no evaluation.
    """
    for folder in folders:
        for record in read_records(folder):
            if not _own(record, labelling):
                continue
            judge = partial(_by_label, record.problem.label)
            origin = f"{folder.name} {record.key}"
            yield from _labelled(record.run, record.problem.text, judge, origin, labelling)


def from_thumbs(labelling: Labelling) -> Iterator[LabelledReply]:
    """Yield the replies behind answers that users judged in the page.

    What failed is wrong whatever was said; what the answer rests on is as the thumb says.

    Raises:
        UserError: if the file of judgements cannot be read.
    """
    for judged in labelled_records():
        run, said = judged.record, judged.feedback
        if run.result is None or run.result.parent or run.result.given or run.result.data:
            labelling.left_out["no answer to a text alone"] += 1
        elif labelling.may_train(run.text):
            judge = partial(_by_thumb, judged)
            yield from _labelled(run, run.text, judge, f"record {said.record}", labelling)


def _own(record: EvaluationRecord, labelling: Labelling) -> bool:
    """Tell whether an evaluation's problem is the user's own."""
    name = record.problem.benchmark.removesuffix(NO_BEST)
    if is_known(name):
        labelling.left_out[f"problem of {name}, held as a test"] += 1
        return False
    return labelling.may_train(record.problem.text)


def _by_label(label: Label, reply: _Reply) -> tuple[bool, str] | None:
    right = strict(label, reply.claim)
    if right is None:
        return None
    value = reply.claim.ending.value
    if reply.claim.objective is not None:
        value = f"{reply.claim.objective:.10g}"
    return right, f"strict: {value}"


def _by_thumb(judged: Labelled, reply: _Reply) -> tuple[bool, str] | None:
    if reply.claim.ending is Ending.NO_ANSWER:
        return False, "failed"
    if not reply.final:
        return None
    return judged.feedback.thumb == "up", f"thumb {judged.feedback.thumb}"


def _labelled(
    run: RunRecord,
    text: str,
    judge: Callable[[_Reply], tuple[bool, str] | None],
    origin: str,
    labelling: Labelling,
) -> Iterator[LabelledReply]:
    for reply in _replies(run):
        judged = judge(reply)
        if judged is None:
            labelling.left_out["nobody can say whether it is right"] += 1
            continue
        row = TrainingRow(
            source="record", family="record", problem_class="", text=text, elements=reply.elements
        )
        yield LabelledReply(
            task=reply.task,
            prompt=prompt_of(row, reply.task),
            completion=reply.completion,
            label=judged[0],
            why=judged[1],
            origin=origin,
        )


# --- what a run's calls came to -------------------------------------------------------------------


def _replies(run: RunRecord) -> Iterator[_Reply]:
    """Yield the first formulation and program of each draw; what mends one is no task of its own.

    A formulation that was asked for again, with what the user answered, has another text. What
    never came to its run for no fault of its own is left out.
    """
    programs = iter(run.programs)
    elements = ""
    for call in run.calls:
        if call.reply is None or not call.reply.text.strip():
            continue
        text, key = call.reply.text.strip(), (call.attempt, call.request.sample)
        if call.step == "formulate" and call.attempt == 1 and run.settings is not None:
            attempt = next((a for a in run.attempts if (a.number, a.sample) == key), None)
            if attempt is not None:
                yield from _of_attempt(run, run.settings.form, text, attempt)
        elif call.step == "write" and run.settings is not None:
            program = next((p for p in run.programs if (p.number, p.sample) == key), None)
            if program is not None and run.settings.library == "pyomo":
                yield from _of_program(Task.QUESTION_TO_PROGRAM, text, program, _agreed(run))
        elif call.step in _ONE_PROGRAM:
            if program := next(programs, None):
                yield from _of_program(Task.QUESTION_TO_PROGRAM, text, program, program.adopted)
        elif call.step == ELEMENTS:
            elements = text
        elif call.step == ELEMENTS_PROGRAM and (program := next(programs, None)):
            yield from _of_elements(elements, text, program)


def _of_attempt(run: RunRecord, form: Form, text: str, attempt: Attempt) -> Iterator[_Reply]:
    claim = _claim_of(attempt)
    if form is Form.FLAT:
        script = _script_in(text)
        if script or attempt.solution is None:  # JSON that solves is no answer to this task
            final = _rests_on(run, attempt)
            yield _Reply(Task.QUESTION_TO_SCRIPT, script or text, claim, final)
    elif form is Form.INDEXED:
        yield _Reply(Task.QUESTION_TO_INDEXED, text, claim, _rests_on(run, attempt))


def _script_in(text: str) -> str:
    """Return a reply's script in its fence; "" where it holds none."""
    try:
        return in_fence(text) if read_script(text).variables else ""
    except FormulationError:
        return ""


def _of_program(
    task: Task, text: str, program: Program, final: bool, elements: str = ""
) -> Iterator[_Reply]:
    standing = standing_of_program(program)
    if standing is not Standing.NOT_RUN:
        source = strip_code(text).strip()
        completion = f"```python\n{source}\n```" if source else text
        yield _Reply(task, completion, _claim_of_program(program, standing), final, elements)


def _of_elements(elements: str, text: str, program: Program) -> Iterator[_Reply]:
    """Yield a program made from five elements, and these, which a crash of it says nothing of."""
    for reply in _of_program(Task.ELEMENTS_TO_PROGRAM, text, program, program.adopted, elements):
        yield reply
        if elements and reply.claim.ending is not Ending.NO_ANSWER:
            yield _Reply(Task.QUESTION_TO_ELEMENTS, elements, reply.claim, reply.final)


def _claim_of(attempt: Attempt) -> Claim:
    solution = attempt.solution
    if solution is None:
        return Claim(ending=Ending.NO_ANSWER)
    ending = _ENDING.get(STATUS_OF[solution.termination], Ending.NO_ANSWER)
    return Claim(ending=ending, objective=solution.objective)


def _claim_of_program(program: Program, standing: Standing) -> Claim:
    objective = program.report.objective if program.report is not None else None
    ending = _STANDING.get(standing, Ending.NO_ANSWER)
    return Claim(ending=ending, objective=objective if ending is Ending.SOLVED else None)


def _rests_on(run: RunRecord, attempt: Attempt) -> bool:
    result = run.result
    return (
        result is not None
        and result.status.has_point
        and attempt.adopted
        and attempt.formulation is not None
        and attempt.formulation == result.formulation
    )


def _agreed(run: RunRecord) -> bool:
    """Tell whether formulation and program ended alike, so that a thumb is for both."""
    return run.result is not None and run.result.agreement is Agreement.CORROBORATED
