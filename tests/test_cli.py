"""The command line: what it prints where, its exit codes, and every wrong input in one sentence."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import optiwright
from optiwright import cli
from optiwright.agent import places
from optiwright.agent.past import open_result
from optiwright.agent.record import RunRecord
from optiwright.agent.result import Result
from optiwright.formulators.changes import Scale, SetTo
from optiwright.solver_tools.written_result import ProgramReport
from optiwright.testing import ScriptedModel
from tests.fake_provider import (
    Behaviour,
    FakeHandler,
    answer,
    chunk,
    cut_off,
    events,
    fake_provider,
    html,
    silent,
    status,
)
from tests.wire_samples import (
    BAKERY,
    flat_reply,
    goal,
    indexed_reply,
    wire_constraint,
    wire_variable,
)
from tests.written_programs import BAKERY_PROGRAM as PROGRAM

KEY = "sk-planted-key-0123456789"
GOOD = answer(json.dumps(indexed_reply()))
HEAVY = (
    "pyomo", "cvxpy", "highspy", "pyscipopt", "openai", "langgraph", "pandas", "numpy", "streamlit",
    "uvicorn",
)  # fmt: skip
COMMANDS: list[list[str]] = [
    [], ["solve"], ["formulate"], ["run"], ["doctor"],
    ["model"], ["model", "pull"], ["model", "list"], ["model", "path"],
    ["eval"], ["eval", "run"], ["eval", "list"], ["eval", "report"], ["eval", "compare"],
    ["eval", "audit"], ["eval", "overlap"], ["chat"], ["ui"],
    ["data"], ["data", "verify"], ["data", "stats"], ["data", "dedupe"], ["data", "show"],
    ["data", "import"],
]  # fmt: skip

Outcome = tuple[int, str, str]
Optiwright = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def places_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "400")


@pytest.fixture
def optiwright_(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Optiwright:
    """Runs a command line in this process: exit code, standard output, standard error."""

    def run(*arguments: str, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["optiwright", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        out, err = capsys.readouterr()
        return code if isinstance(code, int) else 0, out, err

    return run


def in_a_process(*arguments: str, **given: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "optiwright", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **given,
    )  # fmt: skip


def records() -> list[RunRecord]:
    return [
        RunRecord.model_validate_json(path.read_text("utf-8"))
        for path in sorted(places.records_dir().glob("*/record.json"))
    ]


def one_sentence(err: str) -> str:
    """The last line, which is the complaint; nothing of a traceback comes with it."""
    assert "Traceback" not in err
    last = err.strip().splitlines()[-1]
    assert last.startswith("optiwright: ")
    return last


# --- answers --------------------------------------------------------------------------------------


def test_a_text_is_solved_and_shown(optiwright_: Optiwright) -> None:
    with fake_provider(GOOD) as server:
        code, out, err = optiwright_(
            "solve", BAKERY, "--base-url", server.base_url, "--route", "compiled"
        )
    assert code == 0
    for shown in ("Goods = {bread, cake}", "total profit (greatest): 160", "independent evaluation",
                  "`make[bread]`: 80",
                  "1 model call, 11 + 7 tokens", str(places.records_dir())):  # fmt: skip
        assert shown in out
    for step in ("formulate", "check", "compile", "solve", "verify", "explain"):
        assert step in err


def test_a_program_alone_is_shown_with_its_code(optiwright_: Optiwright) -> None:
    with fake_provider(answer(f"```python\n{PROGRAM}```")) as server:
        code, out, err = optiwright_(
            "solve", BAKERY, "--base-url", server.base_url, "--route", "written", "--show-code",
            "--library", "cvxpy",
        )  # fmt: skip
    assert code == 0
    assert "import cvxpy as cp" in json.dumps(server.bodies[0])
    assert "Second program" in out and PROGRAM.rstrip() in out
    assert "A program that the model wrote says: the value is 160" in out
    for step in ("write", "run", "compare", "explain"):
        assert step in err


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        (PROGRAM, 0, ("optimal, objective 160", "loaves: 80", "1 constraint, 1 solve (pyomo)")),
        (PROGRAM[: PROGRAM.index("report(")], 0, ("bread = 80", "2 variables")),
        (PROGRAM.replace("cake <=", "cakes <="), 1, ("Line 7", "cakes")),
        ("import os\nos._exit(3)\n", 1, ("left no report",)),
    ],
)
def test_a_file_is_run_as_a_written_program_is(
    source: str, code: int, said: tuple[str, ...], tmp_path: Path, optiwright_: Optiwright
) -> None:
    (tmp_path / "p.py").write_text(source)
    ended, out, _ = optiwright_("run", str(tmp_path / "p.py"), "--time-limit", "30")
    assert ended == code
    for words in said:
        assert words in out
    ended, out, _ = optiwright_("run", str(tmp_path / "p.py"), "--json")
    report = ProgramReport.model_validate_json(out)
    assert (ended, report.outcome == "finished") == (code, code == 0)


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_a_file_is_solved(bom: bytes, tmp_path: Path, optiwright_: Optiwright) -> None:
    (tmp_path / "problem.txt").write_bytes(bom + BAKERY.encode())
    with fake_provider(GOOD) as server:
        code, out, _ = optiwright_(
            "solve", str(tmp_path / "problem.txt"), "--base-url", server.base_url, "--model", "m"
        )
    assert (code, server.bodies[0]["messages"][-1]["content"]) == (0, BAKERY)
    assert "160" in out


def test_a_long_single_line_is_a_text_not_a_path(optiwright_: Optiwright) -> None:
    text = BAKERY + " Think well." * 30
    with fake_provider(GOOD) as server:
        code, _, _ = optiwright_("formulate", text, "--base-url", server.base_url)
    assert (code, server.bodies[0]["messages"][-1]["content"]) == (0, text)


def test_standard_input_to_json_and_nothing_else(tmp_path: Path) -> None:
    with fake_provider(GOOD) as server:
        environment = {**os.environ, "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY}
        process = in_a_process("solve", "-", "--json", env=environment, cwd=tmp_path)
        out, err = process.communicate(BAKERY, timeout=60)
    assert process.returncode == 0, err
    result = Result.from_json(out)
    assert result.text == BAKERY
    assert result.objective == pytest.approx(160)
    assert json.loads(out) == json.loads((Path(result.record) / "result.json").read_text("utf-8"))
    assert list(tmp_path.iterdir()) == [tmp_path / "data"]


def test_formulating_stops_before_solving(tmp_path: Path, optiwright_: Optiwright) -> None:
    with fake_provider(GOOD) as server:
        address, folder = server.base_url, str(tmp_path / "f")
        code, out, _ = optiwright_(
            "formulate", BAKERY, "--base-url", address, "--save", folder, "--json"
        )
    result = Result.from_json(out)
    assert (code, result.status, result.objective) == (0, "formulated", None)
    saved = {path.name for path in (tmp_path / "f").iterdir()}
    assert saved == {"result.json", "answer.md", "formulation.json", "program.py"}


def test_a_saved_formulation_is_solved_without_a_model(
    tmp_path: Path, optiwright_: Optiwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    model = ScriptedModel([flat_reply()])
    optiwright.solve(BAKERY, model=model, form="flat", only_formulate=True, save=tmp_path)
    saved = str(tmp_path / "formulation.json")
    code, out, _ = optiwright_("solve", "--formulation", saved, "--solver", "scip", "--json")
    assert code == 0
    assert Result.from_json(out).objective == pytest.approx(160)


NEED = wire_constraint("need", 'make["bread"] >= 100', meaning="at least 100 loaves")
INFEASIBLE = indexed_reply(constraints=[*indexed_reply()["constraints"], NEED])
UNKNOWN = indexed_reply(objective=goal("maximize", "profits"))


@pytest.mark.parametrize(
    ("reply", "code", "shown"),
    [
        (INFEASIBLE, 0, "There is no solution"),
        (UNKNOWN, 1, "No formulation came about that can be solved"),
    ],
)
def test_codes_tell_whether_there_is_an_answer(
    reply: dict[str, Any], code: int, shown: str, optiwright_: Optiwright
) -> None:
    with fake_provider(answer(json.dumps(reply))) as server:
        found, out, _ = optiwright_(
            "solve", BAKERY + " At least 100 loaves.", "--base-url", server.base_url,
            "--effort", "quick",
        )  # fmt: skip
    assert (found, len(server.bodies)) == (code, 2)
    assert shown in out


def test_replies_are_remembered_and_asked_once(
    optiwright_: Optiwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTIWRIGHT_REPLY_CACHE", "on")
    with fake_provider(GOOD) as server:
        for _ in range(2):
            assert optiwright_("formulate", BAKERY, "--base-url", server.base_url)[0] == 0
    assert len(server.bodies) == 1


# --- help -----------------------------------------------------------------------------------------


def test_help_imports_nothing_heavy() -> None:
    """One process for all commands: what any of them imports stays imported."""
    script = f"""
import sys
from optiwright import cli
for command in {COMMANDS!r}:
    sys.argv = ["optiwright", *command, "--help"]
    try:
        cli.main()
    except SystemExit as ended:
        assert not ended.code, ended.code
print("HEAVY:", sorted(m for m in {HEAVY!r} if m in sys.modules))
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "HEAVY: []"
    assert done.stdout.count("Usage:") == len(COMMANDS)


def test_the_package_imports_nothing_heavy() -> None:
    script = f"import sys, optiwright; print([m for m in {HEAVY!r} if m in sys.modules])"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="no attribute 'resolve'"):
        optiwright.resolve  # noqa: B018


# --- wrong input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["solve", ""], b"", "empty"),
        (["solve", "-"], b"", "empty"),
        (["solve", "-"], b" \n ", "empty"),
        (["solve", "Bake as much as possible."], b"", "no quantity"),
        (["solve", "-"], b"3 apples " * 25_000, "characters, more than"),
        (["solve", "-"], b"\x89PNG\r\n\x1a\n\x00\x00", "not text in UTF-8"),
        (["solve", "-"], b"3 apples\x00\x00", "binary"),
        (["solve", "3 \udcff apples"], b"", "binary"),
        (["solve", "nowhere/problem.txt"], b"", "no such file"),
        (["formulate", "problem.txt"], b"", "no such file"),
        (["solve", "."], b"", "folder"),
        (["solve"], b"", "either a problem or --formulation"),
        (["solve", "3 apples", "--formulation", "f.json"], b"", "either a problem or"),
        (["solve", "--formulation", "nowhere.json"], b"", "cannot be read"),
        (["solve", "3 apples", "--time-limit", "0"], b"", "no time limit"),
        (["run", "nowhere.py"], b"", "cannot be read"),
        (["run", __file__, "--time-limit", "0"], b"", "no time limit"),
        (["solve", "3 apples", "--time-limit", "inf"], b"", "no time limit"),
        (["solve", "3 apples", "--seed", "-1"], b"", "no seed"),
        (["solve", "3 apples", "--solver", "abacus"], b"", "no solver 'abacus'"),
        (["solve", "3 apples", "--solver", "xpress"], b"", "not installed"),
        (["solve", "3 apples", "--base-url", "ftp://x"], b"", "no http(s) address"),
        (["solve", "3 apples", "--model", "nothing"], b"", "neither a key nor a base URL"),
        (["solve", "3 apples", "--model", "nothing.gguf"], b"", "no model file"),
        (["solve", "3 apples", "--model", "hf:nothing"], b"", "hub"),
        (["model", "path", "nothing"], b"", "no model 'nothing'"),
        (["model", "pull", "nothing"], b"", "no model 'nothing'"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_two(
    arguments: list[str], stdin: bytes, said: str, optiwright_: Optiwright
) -> None:
    code, out, err = optiwright_(*arguments, stdin=stdin)
    assert (code, out) == (2, "")
    assert said in one_sentence(err)
    assert not any(record.result for record in records())


@pytest.mark.parametrize(
    "arguments",
    [["nosuch"], ["solve", "--nosuch"], ["solve", "x", "--effort", "heroic"], ["formulate"], []],
)
def test_wrong_commands_show_the_usage(arguments: list[str], optiwright_: Optiwright) -> None:
    code, out, err = optiwright_(*arguments)
    assert code == 2
    assert "Usage:" in out + err
    assert "Traceback" not in err


def test_an_unreadable_file_is_said(tmp_path: Path, optiwright_: Optiwright) -> None:
    binary = tmp_path / "problem.bin"
    binary.write_bytes(bytes(range(256)))
    code, _, err = optiwright_("solve", str(binary))
    assert (code, "not text in UTF-8" in one_sentence(err)) == (2, True)


def test_a_file_that_is_no_formulation_is_said(tmp_path: Path, optiwright_: Optiwright) -> None:
    (tmp_path / "f.json").write_text('{"variables": [{"name": 3}]}')
    code, _, err = optiwright_("solve", "--formulation", str(tmp_path / "f.json"))
    assert (code, "variables" in one_sentence(err)) == (1, True)


def test_a_text_without_a_problem_is_the_users(optiwright_: Optiwright) -> None:
    nothing = indexed_reply(problem="none", sets=[], parameters=[], variables=[], objective=None,
                            constraints=[], asked=[])  # fmt: skip
    with fake_provider(answer(json.dumps(nothing))) as server:
        code, _, err = optiwright_("solve", "It rained on 3 days.", "--base-url", server.base_url)
    assert (code, "no optimization problem" in one_sentence(err)) == (2, True)
    (record,) = records()
    assert record.calls[0].reply is not None and record.error is not None


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, optiwright_: Optiwright) -> None:
    (tmp_path / "file").write_text("")
    with fake_provider(GOOD) as server:
        code, _, err = optiwright_(
            "formulate", BAKERY, "--base-url", server.base_url, "--save", str(tmp_path / "file")
        )  # fmt: skip
    assert (code, "cannot be written" in one_sentence(err)) == (2, True)


# --- a model that fails ---------------------------------------------------------------------------


def planted() -> Iterator[Path]:
    """Files of this test's cache and data that hold the planted key."""
    for folder in (places.cache_dir(), places.data_dir()):
        for path in folder.rglob("*"):
            if path.is_file() and KEY.encode() in path.read_bytes():
                yield path


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (status(401, f"Incorrect API key provided: {KEY}"), "refused the key"),
        (status(400, f"bad request with {KEY}"), "rejected the request"),
        (html, "where a chat completion was expected"),
        (events("{broken"), "where a chat completion was expected"),
        (events({"error": {"message": f"out of memory {KEY}"}}), "out of memory [key]"),
        (events(chunk("half an ans")), "dropped the connection"),
        (cut_off, "dropped the connection"),
        (silent, "no whole answer within"),
    ],
)
def test_a_failing_model_is_one_sentence_and_exit_code_one(
    behaviour: Behaviour, said: str, optiwright_: Optiwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPTIWRIGHT_REPLY_CACHE", "on")
    monkeypatch.setattr("optiwright.agent.asking.CALL_LIMIT_S", 0.4)
    with fake_provider(behaviour) as server:
        address = server.base_url.replace("http://", f"http://user:{KEY}@")
        code, out, err = optiwright_("solve", BAKERY, "--base-url", address, "--model", "m")
    assert (code, out) == (1, "")
    assert said in one_sentence(err)
    assert KEY not in err
    (record,) = records()
    assert record.text == BAKERY and record.result is None
    assert record.error is not None and record.error.kind == "ProviderError"
    assert len(record.calls) == 1 and record.calls[0].error is not None
    assert list(planted()) == []


def test_nobody_there_is_one_sentence(optiwright_: Optiwright) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        code, _, err = optiwright_("solve", BAKERY, "--base-url", address, "--model", "m")
    assert (code, "cannot be reached" in one_sentence(err)) == (1, True)


def test_a_reply_cut_off_at_its_length_is_no_formulation(optiwright_: Optiwright) -> None:
    half = json.dumps(indexed_reply())[:200]
    with fake_provider(answer(half, finish="length")) as server:
        code, out, err = optiwright_(
            "solve", BAKERY, "--base-url", server.base_url, "--effort", "quick"
        )
    assert (code, len(server.bodies)) == (1, 2)
    assert "No formulation came about" in out and "not complete JSON" in out
    assert "Traceback" not in err
    (record,) = records()
    assert [call.reply.text for call in record.calls if call.reply] == [half, half]


def test_a_model_that_fails_after_a_first_answer_leaves_that(optiwright_: Optiwright) -> None:
    sloppy = indexed_reply(
        parameters=[p for p in indexed_reply()["parameters"] if p["name"] != "oven"],
        variables=[wire_variable("make", "g in Goods", type="integer", upper="25")],
        constraints=[],
    )

    def behave(handler: FakeHandler, body: dict[str, Any]) -> None:
        first = len(server.bodies) == 1
        (answer(json.dumps(sloppy)) if first else html)(handler, body)

    with fake_provider(behave) as server:
        code, out, err = optiwright_("solve", BAKERY, "--base-url", server.base_url, "--json")
    result = Result.from_json(out)
    assert (code, result.status, result.objective) == (0, "optimal", 175)
    assert "No further repair" in err


def test_a_key_is_kept_nowhere(optiwright_: Optiwright, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPTIWRIGHT_REPLY_CACHE", "on")
    with fake_provider(GOOD) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        code, out, err = optiwright_("solve", BAKERY)
    assert code == 0
    assert KEY not in out + err
    assert list(planted()) == []
    assert places.reply_cache_file().exists()


def test_an_interrupt_ends_with_its_code_and_a_record(tmp_path: Path) -> None:
    with fake_provider(silent) as server:
        process = in_a_process("solve", BAKERY, "--base-url", server.base_url, "--model", "m")
        assert process.stderr is not None
        while not server.bodies and process.poll() is None:
            server.release.wait(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert "interrupted" in one_sentence(err)
    (record,) = records()
    assert record.error is not None and record.error.kind == "Interrupted"
    assert record.text == BAKERY and record.settings is not None


# --- the other commands ---------------------------------------------------------------------------


@pytest.mark.parametrize("served", [True, False])
def test_doctor_says_what_is_missing_and_how_to_get_it(
    served: bool, tmp_path: Path, optiwright_: Optiwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTIWRIGHT_MODEL_DIR", str(tmp_path / "models"))
    if served:
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://user:{KEY}@127.0.0.1:9/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
    code, out, _ = optiwright_("doctor")
    lines = out.splitlines()
    for name in ("highs", "scip", "solver workers"):
        assert any(line.startswith(f"ok   {name}") for line in lines)
    assert "optiwright model pull" in out
    assert KEY not in out
    assert (code, lines[-1].startswith("Everything")) == ((0, True) if served else (1, False))
    assert served or "embedded model" in lines[-1]


def test_models_are_listed_and_found(
    tmp_path: Path, optiwright_: Optiwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTIWRIGHT_MODEL_DIR", str(tmp_path))
    code, out, _ = optiwright_("model", "list")
    assert code == 0
    assert "(default)" in out and "Apache-2.0" in out
    assert "yes" not in out and "not its base" in out
    code, _, err = optiwright_("model", "path")
    assert (code, "optiwright model pull" in one_sentence(err)) == (2, True)


def test_what_a_model_writes_is_no_markup(optiwright_: Optiwright) -> None:
    odd = "[/red] [bold]x[/bold] \\"
    reply = indexed_reply(
        problem=odd,
        objective=goal("maximize", "sum(profit[g]*make[g] for g in Goods)", odd, odd),
        asked=[{"meaning": odd, "over": "", "expression": "objective"}],
        assumptions=[odd],
    )
    with fake_provider(answer(json.dumps(reply))) as server:
        code, out, err = optiwright_("solve", BAKERY, "--base-url", server.base_url)
    assert code == 0, err
    assert out.count(odd) >= 4


def test_a_folder_that_takes_no_files_ends_a_command_with_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    optiwright_: Callable[..., tuple[int, str, str]],
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "file"))
    code, _, said = optiwright_("solve", "--formulation", "docs/bakeries.json")
    assert code == 2
    assert "optiwright: cannot write: Not a directory" in said and str(tmp_path / "file") in said
    code, out, _ = optiwright_("doctor")
    (places_line,) = [line for line in out.splitlines() if line.startswith("no   places")]
    assert f"data {tmp_path / 'file'} takes no files" in places_line
    assert "`OPTIWRIGHT_DATA_DIR`" in places_line and code == 1
    assert out.splitlines()[-1].startswith("Missing: places")


def test_a_folder_that_cannot_be_made_ends_a_command_with_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    optiwright_: Callable[..., tuple[int, str, str]],
) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", "/proc/x/optiwright")
    code, _, said = optiwright_("solve", "--formulation", "docs/bakeries.json")
    assert code == 2
    assert "optiwright: cannot write: No such file or directory (in /proc/x)" in said
    assert "no   places" in optiwright_("doctor")[1]


def test_of_a_formulation_that_is_given_no_text_is_claimed(
    optiwright_: Callable[..., tuple[int, str, str]],
) -> None:
    code, out, _ = optiwright_("solve", "--formulation", "docs/bakeries.json")
    assert code == 0 and "names, indices, types and units fit\n" in out
    assert "text's numbers" not in out and "the text means" not in out
    assert "the model was given, and no text was read." in out
    assert "no text was read" in optiwright_("explain")[1]
    result = open_result()
    assert result.formulation is not None
    first = result.formulation.parameters[0].name
    assert result.given and result.apply([Scale(parameter=first, factor=1)]).result.given
    read = optiwright.solve(BAKERY, model=ScriptedModel([indexed_reply()]), route="compiled")
    assert "what the text means" in read.explanation
    changed = read.apply([SetTo(parameter="oven", value=120)]).result
    assert not changed.given and "what the text means" in changed.explanation
    assert "text's numbers" not in str(changed.checks)


def test_the_doctor_leaves_the_last_answer_alone(
    optiwright_: Callable[..., tuple[int, str, str]],
) -> None:
    before = optiwright_("runs")
    assert "a test model was solved" in optiwright_("doctor")[1]
    assert optiwright_("runs") == before
