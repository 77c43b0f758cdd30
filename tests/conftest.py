"""Every test runs offline, in directories of its own, and is not skipped without a known reason.

Subprocesses inherit the directories and the environment, but not the refusal of the network.
"""

from __future__ import annotations

import io
import ipaddress
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from optiwright import cli
from optiwright.agent import places

# A skip whose reason starts with none of these fails the session.
ALLOWED_SKIPS: tuple[str, ...] = (
    "no benchmark files (OPTIWRIGHT_TEST_DATA)",
    "inspect-ai is not installed",
    "no Chromium is installed",  # `make test` installs these two where it may
    "no PostgreSQL server is installed",
)

# A busy machine is no failure.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

_patch = pytest.MonkeyPatch()
_scratch = tempfile.TemporaryDirectory(prefix="optiwright-tests-", ignore_cleanup_errors=True)
_unlisted_skips: list[str] = []


def pytest_configure() -> None:
    # A test run in the background was told to ignore interrupts, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    model_dir = places.model_dir()
    _find_benchmarks()
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "OPTIWRIGHT_")) and name != "OPTIWRIGHT_TEST_DATA":
            _patch.delenv(name)
    _set_places(Path(_scratch.name), model_dir)
    _patch.setenv("OPTIWRIGHT_REPLY_CACHE", "off")
    _patch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")
    _refuse_network()


def pytest_unconfigure() -> None:
    _patch.undo()
    _scratch.cleanup()


@pytest.fixture
def optiwright_(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs a command line in this process: exit code, standard output, standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["optiwright", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), *capsys.readouterr()

    return run


def _find_benchmarks() -> None:
    """Takes the real benchmark files from where the user has them, or from beside the checkout."""
    named = os.environ.get("OPTIWRIGHT_TEST_DATA") or os.environ.get("OPTIWRIGHT_DATA")
    beside = Path(__file__).resolve().parents[2] / "shared" / "benchmarks"
    if named or beside.is_dir():
        _patch.setenv("OPTIWRIGHT_TEST_DATA", named or str(beside))
    else:
        _patch.delenv("OPTIWRIGHT_TEST_DATA", raising=False)  # set, and empty


def _set_places(root: Path, model_dir: Path) -> None:
    """Gives the session new XDG directories; the model's file, a gigabyte, stays shared."""
    _patch.setenv("OPTIWRIGHT_MODEL_DIR", str(model_dir))
    for kind in ("CACHE", "CONFIG", "DATA", "RUNTIME", "STATE"):
        folder = root / kind.lower()
        folder.mkdir(mode=0o700)
        _patch.setenv(f"XDG_{kind}_DIR" if kind == "RUNTIME" else f"XDG_{kind}_HOME", str(folder))


def _refuse_network() -> None:
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)
        _patch.setattr(socket.socket, name, _only_local(original))


def _only_local(connect: Any) -> Any:
    def guarded(sock: socket.socket, address: Any) -> Any:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise RuntimeError(f"a test tried to reach {address[0]!r}; only loopback is allowed")
        return connect(sock, address)

    return guarded


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if not hasattr(report, "wasxfail"):
        _note_skip(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    _note_skip(report)


def _note_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or not isinstance(report.longrepr, tuple):
        return
    reason = str(report.longrepr[2]).removeprefix("Skipped: ")
    if not reason.startswith(ALLOWED_SKIPS):
        _unlisted_skips.append(f"{report.nodeid}: {reason}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _unlisted_skips and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _unlisted_skips:
        terminalreporter.section("skips that are not on the list in tests/conftest.py", red=True)
        for line in _unlisted_skips:
            terminalreporter.line(line)
