"""Formulations as canonical text, LaTeX, Markdown, HTML and LLMOPT's five-element text."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given, settings

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Node
from optiwright.formulators.latex import expression_to_latex, formulation_to_latex
from optiwright.formulators.llmopt import formulation_to_text, read_five_elements
from optiwright.formulators.markdown import formulation_to_html, formulation_to_markdown
from optiwright.formulators.model import Formulation
from optiwright.formulators.parser import parse_expression
from optiwright.formulators.source import expression_to_source
from tests.readable_samples import (
    COVERING,
    IMPLICATION,
    LEXICOGRAPHIC,
    OPTIMA,
    PIECEWISE,
    PRODUCT_MIX,
    SOFT,
    TRANSPORT,
    derived,
    formulation,
    goal,
    listed,
    rule,
    scalar,
    table,
)
from tests.strategies import expressions, without_spans

EVERYTHING = formulation(
    title="A <b>title</b> & $5 for 100% of {x}_1",
    sets=[
        listed("I", *(f"element {k}" for k in range(30))),
        {"name": "D", "data": {"kind": "table", "table": "days", "columns": ["day_no", "50%"]}},
        {
            "name": "T",
            "description": "every $other$ *day*\nConstraints:",
            "data": {"kind": "range", "start": "1", "stop": "horizon", "step": 2},
        },
        {"name": "F", "data": {"kind": "family", "over": "I", "members": []}},
    ],
    parameters=[
        scalar("horizon", 9),
        scalar("tiny_rate", 1.5e-7, unit="$/m^2", words="0.000015%"),
        table("big", "I", {f"element {k}": k for k in range(30)}, default=0),
        {"name": "bound_one", "over": "D",
         "data": {"kind": "bound", "table": "days", "value_column": "v"}},
        derived("made", "i in I", "big[i]/horizon"),
    ],
    variables=[
        {"name": "alpha", "over": "I, I", "lower": None},
        {"name": "n", "domain": "integer", "lower": "1", "upper": "horizon"},
        {"name": "s", "domain": "semicontinuous", "lower": "2", "upper": "4",
         "domain_basis": "assumed"},
    ],
    constraints=[
        {"name": "dif", "kind": "all_different", "among": "i in I", "each": "alpha[i, i]"},
        {"name": "no", "kind": "no_overlap", "among": "i in I", "start": "n", "duration": "2"},
        {"name": "cum", "kind": "cumulative", "among": "i in I", "start": "n", "duration": "2",
         "demand": "1", "capacity": "horizon"},
        {"name": "tour", "kind": "circuit", "among": "i in I, j in I", "arc": "alpha[i, j]"},
        {"name": "two", "kind": "either", "options": ["n <= 1", "n >= 3", "s == 0"], "at_least": 2},
        rule("chain", "1 <= (n if k > 2 else (s if k in T else -s)) <= 3e9", "k in T if k != 3"),
    ],
    asked=[{"name": "how many", "expression": "n", "unit": "%"}],
    assumptions=[{"text": "Nothing <script> is $hidden$."}],
    scenarios=[
        {
            "name": "dear",
            "changes": [{"parameter": "big", "entries": [{"index": ["element 1"], "value": 7}]}],
        }
    ],
)  # fmt: skip
SAMPLES = [*(f for f, _ in OPTIMA.values()), EVERYTHING, Formulation()]

_KATEX = r"""\mathcal \mathrm \mathbb \text \textbf \textbackslash \textasciitilde \textasciicircum
    \frac \sqrt \sum \prod \min \max \exp \ln \sin \cos \operatorname \left \right \begin \end
    \le \ge \ne \in \notin \land \lor \lnot \cdot \cup \emptyset \forall \quad \ldots \Rightarrow
    \alpha \beta \gamma \delta \epsilon \zeta \eta \theta \kappa \lambda \mu \nu \xi \pi \rho \sigma
    \tau \phi \chi \psi \omega \\ \, \; \{ \} \$ \& \# \_ \%"""
KATEX = frozenset(_KATEX.split())
"""Commands that KaTeX 0.19 was seen to render."""


def assert_katex_safe(formula: str) -> None:
    commands = set(re.findall(r"\\(?:[A-Za-z]+|.)", formula))
    assert commands <= KATEX, commands - KATEX
    plain = re.sub(r"\\.", "", formula)
    assert plain.count("{") == plain.count("}")
    assert len(re.findall(r"\\left\b", formula)) == len(re.findall(r"\\right\b", formula))
    environments = set(re.findall(r"\\begin\{(\w+)\}", formula))
    assert environments <= {"aligned", "cases"}
    assert "$" not in formula.replace(r"\$", "")
    assert all(char.isprintable() or char == "\n" for char in formula)


# --- canonical text -------------------------------------------------------------------------------


@settings(deadline=None, max_examples=300)
@given(expressions)
def test_text_of_a_tree_parses_back_to_it(tree: Node) -> None:
    parsed = parse_expression(expression_to_source(tree))
    assert without_spans(parsed) == tree


@pytest.mark.parametrize(
    ("source", "canonical"),
    [
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("a*(b*c)/d", "a * (b * c) / d"),
        ("-(x**2)", "-x ** 2"),
        ("(-x)**2", "(-x) ** 2"),
        ("x[(i), 'a', \"b\"]", 'x[i, "a", "b"]'),
        ("not (a and (b or c))", "not (a and (b or c))"),
        ("sum((x[i]) for (i,j) in A if (i!=j))", "sum(x[i] for (i, j) in A if i != j)"),
        ("1e3*x + 0.50", "1000 * x + 0.5"),
    ],
)
def test_canonical_text(source: str, canonical: str) -> None:
    assert expression_to_source(parse_expression(source)) == canonical


# --- LaTeX ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "formula"),
    [
        ("a - (b - c)", r"a - \left(b - c\right)"),
        ("a + (b - c)", "a + b - c"),
        ("(a + b)/c * d", r"\frac{a + b}{c} \cdot d"),
        ("(a/b)**2", r"\left(\frac{a}{b}\right)^{2}"),
        ("a*(-b)", r"a \cdot \left(-b\right)"),
        ("x[i]**2", "x_{i}^{2}"),
        ("sum(c[i]*x[i] for i in I if i != 'a b') + d",
         r"\sum_{i \in \mathcal{I}:\, i \ne \text{a b}} c_{i} \cdot x_{i} + d"),
        ("sum(x[i] for i in I) * d", r"\left(\sum_{i \in \mathcal{I}} x_{i}\right) \cdot d"),
        ("sum(x[i] + 1 for i in I)", r"\sum_{i \in \mathcal{I}} \left(x_{i} + 1\right)"),
        ("unit_cost[t - 1]", r"\mathrm{unit\_cost}_{t - 1}"),
        ("abs(x) + min(a, b) + sqrt(2*x)",
         r"\left|x\right| + \min\left\{a,\, b\right\} + \sqrt{2 \cdot x}"),
        ("a if i > 1 else b",
         r"\begin{cases} a & \text{if } i > 1 \\ b & \text{otherwise} \end{cases}"),
        ("not (a and b) or c", r"\lnot \left(a \land b\right) \lor c"),
        ("len(I) * 1e-7", r"\left|\mathcal{I}\right| \cdot 10^{-7}"),
        ("(i, j) in Arcs", r"(i,\, j) \in \mathrm{Arcs}"),
        ("x['50%_{a}$']", r"x_{\text{50\%\_\{a\}\$}}"),
    ],
)  # fmt: skip
def test_expression_as_latex(source: str, formula: str) -> None:
    f = formulation(sets=[listed("I", 1, 2), listed("Arcs", (1, 2))])
    assert expression_to_latex(source, f) == formula


@settings(deadline=None, max_examples=100)
@given(expressions)
@example(parse_expression("x['\\\\^~\\n\\x00']"))
def test_any_expression_is_katex_safe(tree: Node) -> None:
    assert_katex_safe(expression_to_latex(tree, COVERING))


@pytest.mark.parametrize("f", SAMPLES, ids=lambda f: f.title[:12] or "empty")
def test_formulation_is_katex_safe(f: Formulation) -> None:
    formula = formulation_to_latex(f)
    assert formula.startswith("\\begin{aligned}")
    assert_katex_safe(formula)


@pytest.mark.parametrize(
    ("f", "piece"),
    [
        (TRANSPORT, r"\sum_{j \in \mathrm{Markets}} \mathrm{ship}_{i,\, j} \le \mathrm{cap}_{i}"
                    r" \quad \forall i \in \mathrm{Plants}"),
        (TRANSPORT, r"\mathrm{ship}_{p,\, m} \in \mathbb{R}_{\ge 0}"),
        (SOFT, r"\text{(soft, penalty } \mathrm{fine}_{i} \text{ a unit)}"),
        (IMPLICATION, r"\lnot \mathrm{on}_{i} \;\Rightarrow\; x_{i} \le 2 \quad \forall i"),
        (IMPLICATION, r"\left(x_{\text{a}} \le 4\right) \;\lor\; \left(x_{\text{b}} \le 1\right)"),
        (IMPLICATION, r"\mathrm{on}_{i} \in \{0, 1\}"),
        (IMPLICATION, r"n \in \mathbb{Z},\quad 0 \le n \le 9"),
        (IMPLICATION, r"\mathrm{batch} \in \{0\} \cup \left[3,\, 8\right]"),
        (PIECEWISE, r"\left(x_{k};\; (0,\, 0),\; (10,\, 20),\; (20,\, 30)\right)"),
        (LEXICOGRAPHIC, r"\text{(priority 2, weight 0.5)}"),
        (COVERING, r"\mathrm{Near}_{1} = \{\text{p},\, \text{q}\}"),
        (EVERYTHING, r"\text{element 5},\, \ldots,\, \text{element 29}"),
        (Formulation(), r"\text{any feasible solution}"),
    ],
)  # fmt: skip
def test_formulation_as_latex(f: Formulation, piece: str) -> None:
    assert piece in formulation_to_latex(f)


# --- Markdown and HTML ----------------------------------------------------------------------------


def test_markdown_shows_each_element_with_meaning_unit_and_words() -> None:
    text = formulation_to_markdown(PRODUCT_MIX)
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == ["# Two products", "## Sets", "## Parameters", "## Variables",
                        "## Objective", "## Constraints", "## Asked", "## Assumptions"]  # fmt: skip
    assert r"- **profit\_a**: profit of A [EUR] “3 euros”" in text
    assert "Fractions of a unit may be made." in text
    assert "- **plant\\_2**: Plant 2 has 12 hours. “12 hours”  \n  $2 " in text


def test_markdown_tabulates_short_data_and_abbreviates_long() -> None:
    text = formulation_to_markdown(TRANSPORT)
    assert "  | north | 2 | 5 | 4 |" in text, "a missing entry shows the default"
    assert "  | north | south |\n  | --- | --- |\n  | 20 | 30 |" in text
    assert r"\ldots" in formulation_to_markdown(EVERYTHING)


def test_markdown_escapes_prose() -> None:
    text = formulation_to_markdown(EVERYTHING)
    assert r"# A \<b\>title\</b\> & \$5 for 100% of {x}\_1" in text
    assert r"every \$other\$ \*day\* Constraints:" in text
    assert r"big[element 1] = 7".replace("[", r"\[").replace("]", r"\]") in text


@pytest.mark.parametrize("f", SAMPLES, ids=lambda f: f.title[:12] or "empty")
def test_html_escapes_all_but_formulas(f: Formulation) -> None:
    text = formulation_to_html(f)
    tags = set(re.findall(r"</?([a-z0-9]+)[^>]*>", text))
    assert tags <= {
        "div",
        "h3",
        "h4",
        "ul",
        "li",
        "p",
        "b",
        "q",
        "br",
        "span",
        "table",
        "tr",
        "th",
        "td",
    }
    outside = text.replace("<span>$</span>", "").replace("<span>\\</span>", "")
    formulas = re.findall(r"\$((?:[^$\\]|\\.)*)\$", outside)
    for formula in formulas:
        assert_katex_safe(html.unescape(formula))
    prose = re.sub(r"\$(?:[^$\\]|\\.)*\$", "", outside)
    assert "$" not in prose and "\\" not in prose


def test_a_formulation_shows_itself_in_a_notebook() -> None:
    shown = TRANSPORT._repr_html_()
    assert r"$\sum_{j \in" in shown
    assert "<script>" not in EVERYTHING._repr_html_()


# --- five elements --------------------------------------------------------------------------------


@pytest.mark.parametrize("f", SAMPLES, ids=lambda f: f.title[:12] or "empty")
def test_five_element_text_reads_back(f: Formulation) -> None:
    text = formulation_to_text(f)
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## Sets:", "## Parameters:", "## Variables:", "## Objective:",
                        "## Constraints:"]  # fmt: skip
    assert read_five_elements(text).to_text() == text


def test_five_element_text_holds_all_data() -> None:
    text = formulation_to_text(EVERYTHING)
    assert "element 17: 17" in text
    assert "element 13, element 14" in text
    assert "south, b: 1; otherwise 4" in formulation_to_text(TRANSPORT)


MESSY = """
Sure! Here is the formulation.
```text
# 1. **Sets**
- plants I
**Parameters:** cost c
  and more
### Decision Variables
Variables are continuous.
5) Subject to:
x <= 3
Objective Function (to be minimised)
min c x
```
"""


def test_reader_tolerates_how_models_write() -> None:
    found = read_five_elements(MESSY)
    assert found.sets == "- plants I"
    assert found.parameters == "cost c\n  and more"
    assert found.variables == "Variables are continuous."
    assert found.constraints == "x <= 3"
    assert found.objective == "(to be minimised)\nmin c x"


def test_reader_names_what_is_missing() -> None:
    with pytest.raises(FormulationError, match=r"no heading for parameters, constraints") as caught:
        read_five_elements("## Sets:\n## Variables:\nx\n## Objective:\nmin x")
    assert "`## Constraints:`" in caught.value.remedy


def test_reader_refuses_text_without_headings() -> None:
    with pytest.raises(FormulationError, match="sets, parameters, variables, objective"):
        read_five_elements("Variables matter, and so do constraints.\nSets of things are nice.")


def test_goals_come_by_priority() -> None:
    text = formulation_to_text(LEXICOGRAPHIC)
    assert text.index("(first)") < text.index("(half)") < text.index("(second)")


def test_single_goal_shows_no_priority() -> None:
    f = formulation(variables=[{"name": "x"}], objectives=[goal("minimize", "x", priority=3)])
    assert "priority" not in formulation_to_latex(f)
