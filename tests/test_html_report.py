"""The HTML report: whole by itself, safe whatever the texts hold, with what an answer rests on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optiwright import Result
from optiwright.agent.documents import (
    Facts,
    Markup,
    Part,
    Prose,
    Quoted,
    Table,
    prose_to_html,
    to_html,
    to_markdown,
)
from optiwright.agent.evidence import Agreement, Level, Standing
from optiwright.agent.export_html import html_report
from optiwright.agent.export_markdown import is_told
from optiwright.agent.mathml import mathml
from optiwright.agent.options import Options
from optiwright.agent.pictures import picture_of
from optiwright.agent.result import Case, Check, Status, TableSource, WrittenAnswer
from optiwright.agent.session import Session
from optiwright.formulators.model import Formulation
from optiwright.formulators.reading import sections
from tests.conversations import PROBLEM, Conversing, creameries
from tests.pages import Page
from tests.readable_samples import OPTIMA, formulation, goal, listed, rule, scalar, table
from tests.sample_formulations import SAMPLES
from tests.solved_results import solved

TRANSPORT = SAMPLES["transport"]
ALL = {**{n: s.formulation for n, s in SAMPLES.items()}, **{n: f for n, (f, _) in OPTIMA.items()}}
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<a href='http://evil.example'>x</a> [y](http://evil.example) ![z](http://evil.example/z.png)",
    "</pre></blockquote></main><style>@import url(http://evil.example)</style>",
    "<!-- open", "`<b>`", "$x$ \\text{<b>} \\href{http://evil.example}{x}", "&lt;b&gt; &amp;",
    "]]> <svg onload=alert(1)>", "a | b | c", "# heading", "* star * _under_", "held0 held1 \\",
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


def page_of(result: Result) -> tuple[str, Page]:
    """A report and its page, held to be safe."""
    text = html_report(result)
    text.encode()
    page = Page(text)
    assert page.fetched == []
    assert "default-src 'none'" in text
    assert page.outline[0] == 1 and page.outline.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(page.outline, page.outline[1:], strict=False))
    return text, page


# --- what it says ---------------------------------------------------------------------------------


def test_a_report_has_what_the_answer_rests_on() -> None:
    text, page = page_of(solved(TRANSPORT.formulation, TRANSPORT.text))
    for part in (
        "Find the cheapest shipments.", "Outcome optimal", "153,675 $", "What to do",
        "What limits it", "supply", "The evaluator found every constraint, bound and domain",
        "San Diego New York 275", "New York Chicago Topeka", "Solver HiGHS",
        "optiwright solve --formulation plan.formulation.json",
    ):  # fmt: skip
        assert part in page.shown, part
    assert "∑j∈Marketsshipi,\xa0j≤".replace("\xa0", "") in "".join(page.words).replace(" ", "")
    assert "screen and (prefers-color-scheme:dark)" in text and "@media print" in text


def test_a_report_says_how_the_answer_was_made_and_nothing_of_the_machine(tmp_path: Path) -> None:
    options = Options(model=Conversing([creameries()]), route="compiled", seed=7)
    talking = Session("plan", options=options)
    talking.send(PROBLEM)
    result = talking.result
    assert result is not None
    text, page = page_of(result)
    for part in (
        f"Run {result.run_id}", "Language model scripted", "Effort and route standard, compiled",
        "Seed 7", "Optiwright 0.", "Calls of the model 2,", "s in all",
        "optiwright solve problem.txt --model scripted --effort standard --seed 7",
        "import pyomo.environ as pyo", "The profit 7,060 euros",
    ):  # fmt: skip
        assert part in page.shown, part
    assert str(tmp_path) not in text and str(Path.home()) not in text
    talking.send("What if the capacity of Birch grows by 20%?")
    revised = Result.from_json(
        next(Path(result.record).glob("revisions/*/result.json")).read_text(encoding="utf-8")
    )
    text, page = page_of(revised)
    assert "Revises an earlier answer" in page.shown and str(tmp_path) not in text
    assert "none was asked for this answer" in page.shown and "problem.txt" not in page.shown


def test_every_outcome_has_a_report() -> None:
    f = formulation(
        variables=[{"name": "x", "upper": "3"}],
        objectives=[goal("maximize", "x")],
        constraints=[rule("c", "x >= 4")],
    )
    none = Result(run_id="r", text="a text", status=Status.NO_FORMULATION)
    assert "No formulation came about" in page_of(none)[1].shown
    shown = page_of(solved(f, "a text"))[1].shown
    assert "There is no solution" in shown and "as tables" not in shown and "x≥4" in shown
    ready = Result(run_id="r", text="a text", status=Status.FORMULATED, formulation=f)
    assert "ready to be solved" in page_of(ready)[1].shown
    endless = formulation(variables=[{"name": "x"}], objectives=[goal("maximize", "x")])
    assert "without limit" in page_of(solved(endless))[1].shown


def test_a_disputed_answer_shows_the_other_program_and_an_agreed_one_does_not() -> None:
    written = WrittenAnswer(
        source="print('<b>second</b>')", standing=Standing.OPTIMAL, objective=1.0, words="Differs."
    )
    result = solved(TRANSPORT.formulation, "t").model_copy(
        update={"written": written, "agreement": Agreement.DISPUTED, "level": Level.DISPUTED}
    )
    assert "print('<b>second</b>')" in page_of(result)[1].shown
    agreed = result.model_copy(update={"level": Level.PROVED})
    assert "second</b>" not in page_of(agreed)[1].shown


def test_the_picture_stands_in_the_page_with_its_words_and_prints_in_light() -> None:
    result = solved(TRANSPORT.formulation, "t")
    text, page = page_of(result)
    picture = picture_of(result)
    assert picture is not None and picture.svg in text and picture.alt in page.shown
    assert "@media(prefers" not in text and text.count("@media screen and (prefers") == 2


def test_data_are_named_with_file_rows_and_hash() -> None:
    source = TableSource(
        name="costs", file="costs.xlsx", sheet="May", sha256="ab12" * 16, rows=1234, columns={}
    )
    result = solved(TRANSPORT.formulation, "t").model_copy(
        update={"data": (source,), "data_notes": ("2 blanks were read as 0.",)}
    )
    shown = page_of(result)[1].shown
    assert "costs costs.xlsx, May 1,234 ab12ab12ab12ab12" in shown and "2 blanks were read" in shown


def test_a_long_table_is_cut_after_what_is_not_zero() -> None:
    many = [f"e{k}" for k in range(300)]
    f = formulation(
        sets=[listed("I", *many)],
        variables=[{"name": "x", "over": "i in I", "upper": "1"}],
        objectives=[goal("maximize", "x['e299'] - sum(x[i] for i in I if i != 'e299')")],
    )
    shown = page_of(solved(f, "t"))[1].shown
    assert "I x e299 1 e0 0" in shown and "The first 200 of 300 rows" in shown


# --- whatever the texts hold ----------------------------------------------------------------------

hostile = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
)


@settings(max_examples=30, deadline=None)
@given(st.lists(hostile, min_size=10, max_size=10))
def test_no_text_becomes_markup(texts: list[str]) -> None:
    title, what, unit, words, label, say, detail, name, note, source = texts
    f = formulation(
        title=title,
        sets=[listed("I", label, "other")],
        parameters=[table("p", "I", {label: 2.0}, default=1, description=what, unit=unit)],
        variables=[
            {"name": "x", "over": "i in I", "upper": "3", "description": what, "unit": unit,
             "words": words},
        ],
        objectives=[goal("maximize", "sum(p[i]*x[i] for i in I)", description=say, unit=unit)],
        constraints=[rule("c", "x[i] <= 2", "i in I", description=say, words=words)],
        asked=[{"name": name, "expression": "sum(x[i] for i in I)", "unit": unit}],
        assumptions=[{"text": note, "about": ["x"]}],
        scenarios=[{"name": "s", "description": note}],
    )  # fmt: skip
    result = solved(f, say + "\n" + note).model_copy(
        update={
            "checks": (Check(name=name, passed=False, detail=detail),),
            "conflict_note": note,
            "alternatives": (Case(name=name, status=Status.OPTIMAL, objective=1.0),),
            "written": WrittenAnswer(source=source, standing=Standing.OPTIMAL, words=detail),
            "level": Level.DISPUTED,
            "data": (
                TableSource(name=name, file=what, sha256="0" * 64, rows=1, columns={title: title}),
            ),
            "data_notes": (note,),
            "program": source,
        }
    )
    _, page = page_of(result)
    assert page.shown.count("How it was made") >= 1
    for given_text in (what, words, say if is_told(result) else what):
        assert printed(given_text) in printed(page.shown)


def printed(text: str) -> str:
    """A text without blanks and what cannot be printed, for which a page has a question mark."""
    return "".join(c for c in text if c.isprintable() and c not in " ?\ufffe\uffff")


@pytest.mark.parametrize("nasty", NASTY)
def test_parts_show_texts_as_they_stand(nasty: str) -> None:
    parts: list[Part] = [
        Prose(nasty),
        Quoted(nasty),
        Facts(((nasty, nasty),)),
        Table((nasty,), ((nasty,),), title=nasty),
    ]
    page = Page(to_html(nasty, parts))
    assert page.fetched == []
    assert page.shown.count(" ".join(nasty.split())) >= 5


def test_parts_as_markdown_leave_markup_out() -> None:
    parts: list[Part] = [
        Quoted("one\n# two"),
        Facts((("Run", "a*b"),)),
        Markup("<b>x</b>"),
        Table(("a",), (("1",),), title="t"),
    ]
    markdown = to_markdown(parts)
    assert "> one  \n> \\# two  " in markdown and "- **Run:** a\\*b" in markdown
    assert "<b>" not in markdown and "t:\n\n| a |" in markdown


def test_prose_has_lists_and_tables_and_no_links() -> None:
    html = prose_to_html("**b** `x<y`\n\n- one\n  - two\n\n| a | b |\n| --- | --- |\n| 1 | 2 |")
    assert "<strong>b</strong> <code>x&lt;y</code>" in html
    assert html.count("<ul>") == 2 and '<div class="wide"><table class="words">' in html
    linked = "[x](http://evil.example) <http://evil.example> www.evil.example"
    assert "<a" not in prose_to_html(linked)


def test_a_quotation_keeps_lines_and_the_columns_of_tables() -> None:
    long = "A line that is as long as a page is wide, and therefore goes on in the"
    html = to_html("t", [Quoted(f"{long}\nnext.\nShort.\n\n| a  | b |\n| 1  | 2 |")])
    assert f"<p>{long} next.<br>Short.</p><pre>| a  | b |\n| 1  | 2 |</pre>" in html


# --- formulas -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(ALL))
def test_every_formula_of_every_class_becomes_mathml(name: str) -> None:
    formulas = [line.formula for s in sections(ALL[name]) for line in s.lines if line.formula]
    assert formulas
    for formula in formulas:
        page = Page(mathml(formula))
        assert "\\" not in page.shown.replace("\\", "", 0 if "backslash" not in formula else 9)
        assert "held" not in page.shown and page.fetched == []


def words_of(formula: str) -> str:
    return "".join(Page(mathml(formula)).words)


def test_words_and_names_stay_whole() -> None:
    shown = mathml(r"\mathrm{unit\_cost}_{i} \le 3\;\text{\$ a \textbackslash{} \{b\}} x")
    assert "<mi>unit_cost</mi>" in shown and "<mtext>$ a \\ {b}</mtext>" in shown
    assert '<mi mathvariant="normal">f</mi>' in mathml(r"\mathrm{f}")
    assert "penalty\xa0" in words_of(r"\text{(soft, penalty } 3 \text{ a unit)}")


def test_a_long_formula_breaks_between_its_terms_and_loses_none() -> None:
    terms = " + ".join(rf"{k} \cdot \mathrm{{product\_{k}}}" for k in range(12))
    formula = rf"{terms} \le \left( a + b \right) + \sum_{{i \in \mathrm{{I}}}} x_{{i + 1}}"
    shown = mathml(formula)
    assert shown.count("<math>") == 14
    expected = "+".join(f"{k}·product_{k}" for k in range(12)) + "≤(a+b)+∑i∈Ixi+1"
    assert "".join("".join(Page(shown).words).split()) == expected


def test_the_formulation_of_the_report_has_every_line(tmp_path: Path) -> None:
    f: Formulation = TRANSPORT.formulation
    _, page = page_of(solved(f, TRANSPORT.text))
    for section in sections(f):
        assert section.title in page.shown
        for line in section.lines:
            assert line.meaning in page.shown and line.words in page.shown


def test_a_scalar_with_a_hostile_unit_is_a_formula_too() -> None:
    f = formulation(
        parameters=[scalar("k", 2, unit="<b>/h & \\x {y} %")],
        variables=[{"name": "x", "upper": "k"}],
        objectives=[goal("maximize", "x")],
    )
    assert "k=2<b>/h & \\x {y} %" in page_of(solved(f))[1].shown
