"""Every exported file is read back or run by what did not write it, with the same answer."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from optiwright import Formulation, Result, UserError, cli, solve
from optiwright.agent.exporting import FORMATS, LIBRARIES
from optiwright.agent.past import open_result
from optiwright.agent.result import Status
from optiwright.solver_tools.evaluate import evaluate
from tests.readable_samples import OPTIMA, formulation, goal, listed, rule, scalar, table
from tests.sample_formulations import SAMPLES
from tests.solved_results import by_highs, by_scip, optimum, solved

TRANSPORT = SAMPLES["transport"]
CASES = {
    **{f"sample {n}": (s.formulation, s.text) for n, s in SAMPLES.items()},
    **{n: (f, f"The problem {n}: 3 % of $5 & more_or_less") for n, (f, _) in OPTIMA.items()},
}
EVIL = formulation(
    title="=1+1 | # 100% $x$ \\input{x}",
    sets=[
        listed("I", "=HYPERLINK(1)", "+1", "-2+3", "@SUM(A1)", "\tx", "[a]", "*", "#N/A", "plain")
    ],
    parameters=[
        table(
            "p", "I", {"=HYPERLINK(1)": -1.5}, default=2, description="=cmd", unit="=u", words="-w"
        ),
        scalar("k", -4, description="\x01bell"),
    ],
    variables=[
        {"name": "x", "over": "i in I", "upper": "3", "description": "=1+2", "unit": "@u"},
        {"name": "answer", "upper": "1"},
        {"name": "parameters", "over": "I", "upper": "1"},
        {"name": "y" * 40, "over": "I", "upper": "1"},
        {"name": "y" * 39 + "z", "over": "I", "upper": "1"},
    ],
    objectives=[goal("maximize", "sum(p[i]*x[i] for i in I) + answer", description="-gain")],
    constraints=[rule("c", "x[i] <= 2", "i in I", description="+each")],
)


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def transport() -> Result:
    return solved(TRANSPORT.formulation, TRANSPORT.text)


def test_row_formats(transport: Result, tmp_path: Path) -> None:
    for name in ("plan.lp", "plan.mps"):
        path = transport.export(tmp_path / name)
        assert by_highs(path) == pytest.approx(TRANSPORT.optimum)
        assert by_scip(path) == pytest.approx(TRANSPORT.optimum)


@pytest.mark.parametrize("library", sorted(set(LIBRARIES) - {"cp-sat"}))
def test_a_program_runs_on_its_own(library: str, transport: Result, tmp_path: Path) -> None:
    path = transport.export(tmp_path / "plan.py", library=library)
    done = subprocess.run(
        [sys.executable, path.name], capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "status: optimal\nobjective: 153675\n" in done.stdout
    assert f"import {'pyomo.environ' if library == 'pyomo' else library}" in path.read_text()


def test_what_is_not_whole_is_no_program_for_cp_sat(transport: Result, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"whole numbers.*`ship.*is continuous.*--as pyomo"):
        transport.export(tmp_path / "plan.py", library="cp-sat")


# --- notebooks ------------------------------------------------------------------------------------

CELL_KEYS = {
    "markdown": {"cell_type", "id", "metadata", "source"},
    "code": {"cell_type", "id", "metadata", "source", "execution_count", "outputs"},
}


def assert_notebook(content: dict[str, Any]) -> None:
    """Hold a notebook against nbformat 4.5's schema, as far as it is used."""
    assert set(content) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert content["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in content["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in content["cells"]:
        assert set(cell) == CELL_KEYS[cell["cell_type"]]
        assert re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", cell["id"])
        assert all(isinstance(line, str) for line in cell["source"])
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None


@pytest.mark.parametrize("library", sorted(set(LIBRARIES) - {"cp-sat"}))
def test_a_notebook_runs_from_top_to_bottom(
    library: str, transport: Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = transport.export(tmp_path / "plan.ipynb", library=library)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert_notebook(content)
    space: dict[str, Any] = {"__name__": "__main__"}
    code = ["".join(c["source"]) for c in content["cells"] if c["cell_type"] == "code"]
    assert len(code) >= 4
    for source in code:
        exec(compile(source, "<cell>", "exec"), space)
    assert "objective: 153675" in capsys.readouterr().out
    words = "\n".join("".join(c["source"]) for c in content["cells"] if c["cell_type"] != "code")
    for part in ("# Canning plants", "> Two plants, Seattle with 350 cases", r"\sum_{j \in",
                 "| San Diego | 275 | 0 | 275 |", r"153,675 \$"):  # fmt: skip
        assert part in words


def test_a_notebook_of_every_class(tmp_path: Path) -> None:
    for name, (f, text) in CASES.items():
        path = solved(f, text).export(tmp_path / f"{name}.ipynb")
        assert_notebook(json.loads(path.read_text(encoding="utf-8")))


# --- documents ------------------------------------------------------------------------------------


def assert_balanced(tex: str) -> None:
    """Hold a document's braces, environments and formulas to be closed."""
    plain = re.sub(r"\\[\\{}$%&_#]", "", tex)
    plain = "\n".join(line.partition("%")[0] for line in plain.splitlines())
    depth = 0
    for char in plain:
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth >= 0
    assert depth == 0
    assert plain.count("$") % 2 == 0
    open_ones: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", tex):
        if kind == "begin":
            open_ones.append(name)
        else:
            assert open_ones.pop() == name
    assert not open_ones
    assert tex.count(r"\left") - tex.count(r"\leftarrow") == tex.count(r"\right")


@pytest.mark.parametrize("name", [*CASES, "evil"])
def test_a_latex_document_is_whole(name: str, tmp_path: Path) -> None:
    f, text = CASES.get(name, (EVIL, "It costs 5$ & 3% of #1 {or} \\end{document} ~x^2_"))
    tex = solved(f, text).export(tmp_path / "plan.tex").read_text(encoding="utf-8")
    assert_balanced(tex)
    assert tex.count(r"\begin{document}") == tex.count(r"\end{document}") == 1
    assert tex.index(r"\documentclass") < tex.index(r"\begin{document}")
    for title in ("Sets", "Parameters", "Variables", "Objective", "Constraints", "The solution"):
        assert f"\\section*{{{title}}}" in tex
    assert not re.search(r"\\\\\n[\[*]", tex), "what follows a row's end is taken for its option"


def test_a_row_of_a_latex_table_is_no_option(tmp_path: Path) -> None:
    values: dict[Any, float] = {
        (row, column): 1.0 for row in ("p", "[a]", "*") for column in ("u", "v")
    }
    f = formulation(
        sets=[listed("R", "p", "[a]", "*"), listed("C", "u", "v")],
        parameters=[table("q", "R, C", values)],
        variables=[{"name": "x", "upper": "3"}],
        objectives=[goal("maximize", "x * sum(q[i, j] for i in R for j in C)")],
    )
    tex = solved(f).export(tmp_path / "plan.tex").read_text(encoding="utf-8")
    assert "{}[a] & 1 & 1" in tex and "{}* & 1 & 1" in tex


def test_a_latex_document_has_the_solution(transport: Result, tmp_path: Path) -> None:
    tex = transport.export(tmp_path / "plan.tex").read_text(encoding="utf-8")
    assert r"ship & Seattle, New York & 50 & cases \\" in tex
    assert r"Objective: 153,675 \$ (optimal)." in tex
    assert "ship & Seattle, Topeka" not in tex and "What is not listed is zero." in tex
    assert "Find the cheapest shipments." in tex


@pytest.mark.parametrize("name", [*CASES, "evil"])
def test_a_markdown_document_has_text_answer_and_formulation(name: str, tmp_path: Path) -> None:
    f, text = CASES.get(name, (EVIL, "# no heading\n<b>x</b>"))
    result = solved(f, text)
    shown = result.export(tmp_path / "plan.md").read_text(encoding="utf-8")
    assert "## The problem\n\n> " in shown and "## The answer\n\n**" in shown
    assert "## What to do" in shown and "# The formulation\n\n## Sets" in shown
    assert "\n# no heading" not in shown and "<b>" not in shown
    outside = re.sub(r"\\\$|`[^`]*`", "", shown)
    assert outside.count("$") % 2 == 0


# --- tables ---------------------------------------------------------------------------------------


def test_a_workbook_has_answer_decisions_parameters_and_constraints(
    transport: Result, tmp_path: Path
) -> None:
    path = transport.export(tmp_path / "plan.xlsx")
    sheets: dict[str, Any] = dict(pd.read_excel(path, sheet_name=None))
    assert list(sheets) == ["Answer", "ship", "Parameters", "Constraints"]
    answer = dict(zip(sheets["Answer"]["What"], sheets["Answer"]["Value"], strict=True))
    assert answer["objective"] == pytest.approx(153_675)
    assert answer["sent from Seattle"] == 350
    assert answer["Problem"] == TRANSPORT.text
    point: dict[str, dict[Any, float]] = {
        "ship": {(r.Plants, r.Markets): float(r.value) for r in sheets["ship"].itertuples()}
    }
    judged = evaluate(TRANSPORT.formulation, point)
    assert judged.feasible and judged.levels[0] == pytest.approx(153_675)
    parameters = sheets["Parameters"]
    cost = parameters[parameters.parameter == "cost"]
    assert len(cost) == 6 and cost.value.sum() == pytest.approx(90 * 11.7)
    rows = {(r[0], r[1]): r[2:7] for r in sheets["Constraints"].itertuples(index=False)}
    assert rows["within_supply", "Seattle"][:4] == (350, 350, 0, "yes")
    assert rows["within_supply", "San Diego"][:4] == (550, 600, 50, "no")
    assert rows["meet_demand", "Topeka"][4] == pytest.approx(126)


def test_a_workbook_of_every_class_holds_the_point(tmp_path: Path) -> None:
    for name, (f, text) in CASES.items():
        result = solved(f, text)
        book = openpyxl.load_workbook(result.export(tmp_path / f"{name}.xlsx"))
        point: dict[str, dict[Any, float]] = {}
        for row in (
            book["Decisions"].iter_rows(min_row=2, values_only=True)
            if ("Decisions" in book.sheetnames)
            else ()
        ):
            point[row[0]] = {(): row[1]}
        for v in f.variables:
            if v.over:
                head, *rows = book[v.name].iter_rows(values_only=True)
                at = head.index("value")
                point[v.name] = {tuple(row[:at]): row[at] for row in rows}
        judged = evaluate(f, point)
        assert judged.feasible, name
        assert judged.levels[0] == pytest.approx(result.objective), name


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    path = solved(EVIL, "=1+1").export(tmp_path / "evil.xlsx")
    book = openpyxl.load_workbook(path)
    texts = set()
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n"}, cell.value
                if isinstance(cell.value, str):
                    texts.add(cell.value)
                    dangerous = cell.value[0] in "=+-@\t"
                    assert cell.quotePrefix is dangerous, cell.value
    for label in ("=HYPERLINK(1)", "+1", "-2+3", "@SUM(A1)", "\tx", "=cmd", "=1+1", "#N/A", "-w"):
        assert label in texts
    assert "?bell" in texts
    names = [name.lower() for name in book.sheetnames]
    assert len(set(names)) == len(names) and all(len(name) <= 31 for name in names)
    assert {"answer", "decisions", "parameters", "parameters_2", "constraints"} <= set(names)


def test_the_decisions_as_csv(transport: Result, tmp_path: Path) -> None:
    frame = pd.read_csv(transport.export(tmp_path / "plan.csv"))
    assert list(frame.columns) == list(transport.variables.columns)
    assert frame["value"].tolist() == transport.variables["value"].tolist()
    assert frame["index"].tolist() == transport.variables["index"].tolist()


def test_no_cell_of_a_csv_is_a_formula(tmp_path: Path) -> None:
    text = solved(EVIL).export(tmp_path / "evil.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][:2] == ["x", "'=HYPERLINK(1)"]
    for row in rows:
        for cell in row:
            assert cell[:1] not in "=+@\t" or not cell
            assert cell[:1] != "-" or float(cell) < 0


# --- the rest -------------------------------------------------------------------------------------


def test_result_and_formulation_are_read_back(transport: Result, tmp_path: Path) -> None:
    assert open_result(transport.export(tmp_path / "plan.json")) == transport
    for name in ("plan.formulation.json", "formulation.json"):
        loaded = Formulation.load(transport.export(tmp_path / name))
        assert loaded == TRANSPORT.formulation
        assert optimum(loaded) == pytest.approx(153_675)


def test_an_existing_file_is_kept(transport: Result, tmp_path: Path) -> None:
    path = tmp_path / "plan.md"
    path.write_text("mine")
    with pytest.raises(UserError, match="exists already") as caught:
        transport.export(path)
    assert "--force" in caught.value.remedy
    assert path.read_text() == "mine"
    transport.export(path, overwrite=True)
    assert path.read_text() != "mine"


@pytest.mark.parametrize("name", ["plan.docx", "plan", "plan.lp.gz", "plan.", "lpx"])
def test_an_unknown_suffix_names_those_there_are(
    name: str, transport: Result, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="nothing can be written") as caught:
        transport.export(tmp_path / name)
    for form in FORMATS:
        assert f"`{form.suffix}`" in caught.value.remedy
    assert not (tmp_path / name).exists()


def test_what_cannot_be_written_leaves_no_file(tmp_path: Path, transport: Result) -> None:
    empty = Result(run_id="r", text="", status=Status.NO_FORMULATION)
    for form in FORMATS:
        path = tmp_path / f"plan{form.suffix}"
        if form.suffix in {".md", ".html", ".json"}:
            empty.export(path)
            continue
        with pytest.raises(UserError, match=r"no formulation|no solution"):
            empty.export(path)
        assert not path.exists()
    with pytest.raises(UserError, match="linear and quadratic"):
        solved(OPTIMA["nonlinear"][0]).export(tmp_path / "n.lp")
    with pytest.raises(UserError, match="cannot be written"):
        transport.export(tmp_path / "nowhere" / "plan.lp")
    with pytest.raises(UserError, match="no library `gurobi`"):
        transport.export(tmp_path / "n.py", library="gurobi")


def test_an_infeasible_model_is_exported_without_a_solution(tmp_path: Path) -> None:
    f = formulation(
        variables=[{"name": "x", "upper": "3"}],
        objectives=[goal("maximize", "x")],
        constraints=[rule("c", "x >= 4")],
    )
    result = solved(f)
    assert by_highs(result.export(tmp_path / "no.lp")) == "infeasible"
    assert "Outcome: infeasible." in result.export(tmp_path / "no.tex").read_text()
    result.export(tmp_path / "no.md")
    result.export(tmp_path / "no.ipynb")
    for suffix in (".xlsx", ".csv"):
        with pytest.raises(UserError, match="no solution to write") as caught:
            result.export(tmp_path / f"no{suffix}")
        assert "infeasible" in caught.value.what


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["optiwright", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return int(str(caught.value.code or 0))


def test_the_command_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = solve(SAMPLES["product_mix"].formulation)
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "export", "plan.xlsx") == 0
    assert capsys.readouterr().out.startswith("plan.xlsx: an Excel workbook, ")
    assert run(monkeypatch, "export", "plan.xlsx") == 2
    assert "--force" in capsys.readouterr().err
    assert run(monkeypatch, "export", "plan.xlsx", "--force") == 0
    capsys.readouterr()
    assert (
        run(monkeypatch, "export", "plan.py", "--as", "cvxpy", "--run", result.run_id, "--json")
        == 0
    )
    assert json.loads(capsys.readouterr().out) == {"file": "plan.py", "what": "a program"}
    assert "import cvxpy as cp" in Path("plan.py").read_text()
    assert run(monkeypatch, "export", "plan.doc") == 2
    assert "`.xlsx` (an Excel workbook)" in capsys.readouterr().err
