"""The deeper text behind an answer: what to do, what limits it, what was assumed, how sure it is.

Like the answer it is made by templates over the result. Every number in it is a value of the
result, of its formulation, or of what `evaluate` finds at its solution; a test holds that.
"""

from __future__ import annotations

from optiwright.agent.answer import headline, quantities
from optiwright.agent.planning_answer import plan_certainty, plan_headline, plan_sections
from optiwright.agent.result import Plain, Result, SearchAnswer, Status
from optiwright.agent.search_told import search_headline, sections, sure, where
from optiwright.agent.told_certainty import assumed, certainty, scenarios
from optiwright.agent.told_decisions import asked, decisions, derived
from optiwright.agent.told_limits import limits
from optiwright.agent.told_point import Point, point_in


class Section(Plain):
    """A part of an explanation."""

    title: str
    text: str
    """Markdown."""


class Explanation(Plain):
    """An answer explained."""

    title: str
    headline: str
    """Markdown, a sentence or two."""
    sections: tuple[Section, ...]

    @property
    def markdown(self) -> str:
        """The whole as Markdown."""
        parts = [f"# {self.title}", self.headline]
        parts += [f"## {section.title}\n\n{section.text}" for section in self.sections]
        return "\n\n".join(parts) + "\n"


def explanation_of(result: Result) -> Explanation:
    """Return the explanation of a result, whatever it came to."""
    if result.search is not None:
        return _of_search(result, result.search)
    if result.plan is not None:
        return _of_plan(result)
    point = point_in(result)
    sections = [
        *_of_point(result, point),
        Section(title="What was assumed", text=assumed(result)),
        Section(title="Scenarios", text=scenarios(result)),
        Section(title="How sure this is, and why", text=certainty(result)),
    ]
    return Explanation(
        title=_title(result),
        headline=headline(result),
        sections=tuple(section for section in sections if section.text),
    )


def _of_plan(result: Result) -> Explanation:
    told = [*plan_sections(result), ("How sure this is, and why", plan_certainty(result))]
    title = " ".join(result.plan.planning.title.split()) if result.plan is not None else ""
    return Explanation(
        title=title or ("No answer" if result.status is Status.NO_FORMULATION else "The plan"),
        headline=plan_headline(result),
        sections=tuple(Section(title=name, text=text) for name, text in told if text),
    )


def _of_point(result: Result, point: Point | None) -> list[Section]:
    if point is None:
        reported = quantities(result)
        return [Section(title="What is reported", text=reported)] if reported else []
    follows = "\n\n".join(filter(None, (asked(result, point), derived(point))))
    return [
        Section(title="What to do", text=decisions(point)),
        Section(title="What comes of it", text=follows),
        Section(title="What limits it", text=limits(result, point)),
    ]


def _of_search(result: Result, found: SearchAnswer) -> Explanation:
    told = [("Where", where(found)), *sections(result)]
    sure_ = Section(title="How sure this is, and why", text=sure(found.outcome, found.black_box))
    return Explanation(
        title=found.black_box.title or "The answer",
        headline=search_headline(found),
        sections=(*(Section(title=t, text=text) for t, text in told if text), sure_),
    )


def _title(result: Result) -> str:
    title = result.formulation.title if result.formulation is not None else ""
    plain = " ".join(title.split())
    return plain or ("The answer" if result.status is not Status.NO_FORMULATION else "No answer")
