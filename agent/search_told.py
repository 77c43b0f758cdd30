"""A search in words: the best value, where it is, how it was found, and how sure it is.

Templates over the outcome; no model types a number.
"""

from __future__ import annotations

from optiwright.agent.result import Result, SearchAnswer
from optiwright.formulators.black_box import BlackBox, Code
from optiwright.formulators.bounds_lines import told
from optiwright.formulators.figures import number
from optiwright.formulators.model import Sense
from optiwright.formulators.phrases import counted
from optiwright.solver_tools.search_outcome import SearchOutcome, SearchStatus, TracePoint
from optiwright.solver_tools.search_target import TOLERANCE

_SHOWN = 40
_STEPS = 6
"""How many of the trace's points are told."""
_OF_THE_SANDBOX = ("Read-only file system", "Permission", "No such file", "OSError", "socket")
_CONFINED = (
    "It runs in the sandbox, which lets it write no files, reach no network and start nothing: put "
    "what it needs into its source, or have it asked as a command of your own (`--command`, "
    "`--own-process`) or, in Python, as a callable (`optiwright.search`)."
)


def search_text(result: Result, found: SearchAnswer) -> str:
    """Return the answer of a search as Markdown."""
    outcome, black_box = found.outcome, found.black_box
    parts = [
        search_headline(found),
        where(found),
        *(f"**{t}**\n\n{b}" for t, b in sections(result)),
    ]
    parts.append(f"**How sure.** {sure(outcome, black_box)}")
    return "\n\n".join(part for part in parts if part)


def search_headline(found: SearchAnswer) -> str:
    """Return what came out, in bold."""
    outcome, black_box = found.outcome, found.black_box
    asked = counted(outcome.evaluations, "evaluation")
    match outcome.status:
        case SearchStatus.FOUND:
            word = "Greatest" if black_box.sense is Sense.MAXIMIZE else "Least"
            mean = f", the mean of {len(outcome.repeats)} evaluations" if _noisy(found) else ""
            return (
                f"**{word} value found: {number(outcome.value)}**{mean}. The best of {asked}; it "
                "was searched for, and is not proved to be the best there is."
            )
        case SearchStatus.NO_POINT:
            return (
                f"**None of the {asked} meets every constraint.** That does not show that no point "
                "does. Give more evaluations, narrower bounds, or a point to start from that does."
            )
        case SearchStatus.FAILED:
            return f"**The function could not be evaluated.** {why_failed(outcome)}"


def where(found: SearchAnswer) -> str:
    """Return the point, an unknown a line."""
    if not found.outcome.point:
        return ""
    pairs = list(zip(found.black_box.unknowns, found.outcome.point, strict=True))
    lines = [f"- {u.name} = {v if isinstance(v, str) else number(v)}" for u, v in pairs[:_SHOWN]]
    more = f"\n- ... and {len(pairs) - _SHOWN} more" if len(pairs) > _SHOWN else ""
    lead = "At" if found.outcome.status is SearchStatus.FOUND else "The least broken was at"
    return f"**{lead}**\n\n" + "\n".join(lines) + more


def sections(result: Result) -> list[tuple[str, str]]:
    """Return the parts of an answer below the point: titles, and Markdown."""
    found = result.search
    assert found is not None
    outcome, black_box = found.outcome, found.black_box
    if outcome.status is SearchStatus.FAILED:
        return []
    listed = [
        ("Constraints", _constraints(found)),
        ("How it was found", _stages(outcome, black_box)),
        ("The way there", _trace(outcome, black_box)),
        ("What is known of the function", _known(result, outcome)),
        ("Assumed", "\n".join(f"- {text}" for text in black_box.assumptions)),
    ]
    return [(title, body) for title, body in listed if body]


def sure(outcome: SearchOutcome, black_box: BlackBox) -> str:
    """Return how sure it is, in a sentence or two."""
    if outcome.status is SearchStatus.FAILED:
        return "There is no answer."
    said = outcome.sureness or "Nothing shows how far it is from the best there is."
    if outcome.failures:
        share = outcome.failures / max(1, outcome.evaluations + outcome.cached)
        said += (
            f" {counted(outcome.failures, 'evaluation')} ({share:.0%}) gave no number, which "
            "counts as worse than all others."
        )
    return said


def _noisy(found: SearchAnswer) -> bool:
    traits = found.outcome.traits
    noisy = bool(found.black_box.noisy) or (traits is not None and bool(traits.noisy))
    return noisy and len(found.outcome.repeats) > 1


def why_failed(outcome: SearchOutcome) -> str:
    """Return why a function could not be evaluated, and what helps."""
    said = outcome.message.strip()
    confined = any(word in said for word in _OF_THE_SANDBOX)
    return f"{said} {_CONFINED}" if confined else said


def _constraints(found: SearchAnswer) -> str:
    values = found.outcome.constraints
    names = found.black_box.constraint_names(len(values))
    lines = [
        f"- {name}: {'met' if value <= TOLERANCE else 'broken'}"
        + (", just so" if abs(value) <= TOLERANCE else f", by {number(abs(value))}")
        for name, value in zip(names, values, strict=False)
    ]
    return "\n".join(lines)


def _stages(outcome: SearchOutcome, black_box: BlackBox) -> str:
    lines = [
        f"{place}. {stage.optimizer}, {counted(stage.evaluations, 'evaluation')}"
        + (f", best {number(stage.best)}" if stage.best is not None else "")
        + (f": {stage.reason}" if stage.reason else "")
        for place, stage in enumerate(outcome.stages, 1)
    ]
    spent = f"{outcome.evaluations:,} of {counted(black_box.budget, 'evaluation')} were made"
    if outcome.cached:
        spent += f", and {outcome.cached:,} were known from an earlier search"
    said = f"{spent}, in {outcome.seconds:.1f} s." if lines or outcome.evaluations else ""
    if outcome.message and outcome.status is not SearchStatus.FAILED:
        said += f" {outcome.message}"
    return "\n\n".join(filter(None, ["\n".join(lines), said]))


def _trace(outcome: SearchOutcome, black_box: BlackBox) -> str:
    trace = outcome.trace
    if len(trace) < 2:
        return ""
    first: dict[str, TracePoint] = {}
    for point in trace:  # what reads as the same number is no step on the way
        first.setdefault(number(point.value), point)
    if len(first) < 2:
        return ""
    picked = _picked(tuple(first.values()))
    told_ = [f"{number(p.value)} after {counted(p.evaluation, 'evaluation')}" for p in picked]
    return "The best value was " + "; ".join(told_) + "."


def _picked(trace: tuple[TracePoint, ...]) -> list[TracePoint]:
    if len(trace) <= _STEPS:
        return list(trace)
    places = [round(k * (len(trace) - 1) / (_STEPS - 1)) for k in range(_STEPS)]
    return [trace[place] for place in places]


def _known(result: Result, outcome: SearchOutcome) -> str:
    lines = [f"- {result.translated}"] if result.translated else []
    if outcome.traits is not None:
        lines += [f"- {note}" for note in outcome.traits.notes]
    return "\n".join(lines)


def problem_text(black_box: BlackBox) -> str:
    """Return the problem as it was read, for people."""
    oracle = black_box.oracle
    what = f"{oracle.function}(...)" if isinstance(oracle, Code) else " ".join(oracle.arguments)
    goal = "maximize" if black_box.sense is Sense.MAXIMIZE else "minimize"
    lines = [f"{goal} {what}", *(f"  {u.name} in {told(u)}" for u in black_box.unknowns[:_SHOWN])]
    if len(black_box.unknowns) > _SHOWN:
        lines.append(f"  ... and {len(black_box.unknowns) - _SHOWN} more")
    lines += [f"  {ask.description or ask.function + '(x) <= 0'}" for ask in black_box.constraints]
    return "\n".join([*lines, f"  at most {counted(black_box.budget, 'evaluation')}"])
