"""Plans and searches as tables: the steps with what they change; the point, constraints, stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optiwright.agent.plan_states import carried_out, steps_shown
from optiwright.agent.planning_told import step_words
from optiwright.agent.result import PlanAnswer, Result, SearchAnswer
from optiwright.formulators.black_box import OneOf
from optiwright.formulators.figures import number
from optiwright.solver_tools.search_target import TOLERANCE

if TYPE_CHECKING:
    import pandas as pd


def tables_of_kind(result: Result) -> dict[str, pd.DataFrame]:
    """Return the tables of a plan or a search by their titles, those that are empty left out."""
    found: dict[str, pd.DataFrame] = {}
    if result.plan is not None:
        found["The steps"] = plan_table(result.plan)
    if result.search is not None:
        found["The point"] = point_table(result.search)
        found["Constraints at the point"] = constraint_table(result.search)
        found["How it was found"] = stage_table(result.search)
    return {title: frame for title, frame in found.items() if len(frame)}


def plan_table(plan: PlanAnswer) -> pd.DataFrame:
    """Return the steps that are shown: step, what to do, action, true, not true, amounts, cost.

    Columns that say nothing in any step, such as amounts of a plan without, are left out.
    """
    import pandas as pd

    done = carried_out(plan)
    changes = {n: s for n, s in enumerate(done.steps, 1)} if done is not None else {}
    rows = []
    for n, step in enumerate(steps_shown(plan), 1):
        row: dict[str, Any] = {"step": n}
        row["what to do"] = step_words(plan.planning, step).replace("`", "")
        row["action"] = str(step)
        if n in changes:
            s = changes[n]
            row["becomes true"] = ", ".join(s.became_true)
            row["not true any more"] = ", ".join(s.became_false)
            row["amounts"] = ", ".join(f"{name} = {number(value)}" for name, value in s.amounts)
            row["cost"] = s.cost
        rows.append(row)
    frame = pd.DataFrame(rows)
    if plan.planning.least != "cost":
        frame = frame.drop(columns="cost", errors="ignore")
    if rows and (frame["what to do"] == frame["action"]).all():
        frame = frame.drop(columns="what to do")
    silent = [c for c in frame.columns if frame[c].map(str).eq("").all()]
    return frame.drop(columns=silent) if rows else frame


def point_table(search: SearchAnswer) -> pd.DataFrame:
    """Return the best point: unknown, value, from, to; empty without one."""
    import pandas as pd

    rows = []
    for unknown, value in zip(search.black_box.unknowns, search.outcome.point, strict=False):
        shown = value if isinstance(value, str) else number(value)
        if isinstance(unknown, OneOf):
            rows.append((unknown.name, shown, f"one of {', '.join(unknown.choices)}"))
        else:
            kind = ", whole" if unknown.kind == "whole" else ""
            within = f"{number(unknown.lower)} to {number(unknown.upper)}{kind}"
            rows.append((unknown.name, shown, within))
    return pd.DataFrame(rows, columns=["unknown", "value", "looked for in"])


def constraint_table(search: SearchAnswer) -> pd.DataFrame:
    """Return the constraints at the best point: constraint, value, whether it is met."""
    import pandas as pd

    values = search.outcome.constraints
    names = search.black_box.constraint_names(len(values))
    rows = [
        (name, number(value), "met" if value <= TOLERANCE else "broken")
        for name, value in zip(names, values, strict=False)
    ]
    return pd.DataFrame(rows, columns=["constraint", "value", "at most zero"])


def stage_table(search: SearchAnswer) -> pd.DataFrame:
    """Return the stages of a search: method, evaluations, best value, why it was taken."""
    import pandas as pd

    rows = [
        (s.optimizer, f"{s.evaluations:,}", "" if s.best is None else number(s.best), s.reason)
        for s in search.outcome.stages
    ]
    return pd.DataFrame(rows, columns=["method", "evaluations", "best", "why"])
