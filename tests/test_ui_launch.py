"""`optiwright ui` for real: what it prints, whom it lets in, how it ends; and what it refuses."""

from __future__ import annotations

import ast
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from optiwright.formulators.errors import UserError
from optiwright.ui import launch
from optiwright.ui.access import ONE_TOKEN, TOKEN_FILE

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "a-token-that-is-0123456789-long"
Optiwright = Callable[..., tuple[int, str, str]]


@dataclass
class Page:
    """A page's server in a process of its own."""

    process: subprocess.Popen[str]
    port: int

    def ask(
        self, path: str, method: str = "GET", body: str = "", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """One request; underscores in the headers' names are hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, told)
        answer = connection.getresponse()
        text = "" if answer.status == 101 else answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, answer.headers, text

    def opens_a_socket(self, **headers: str) -> bool:
        """Whether the connection that a page's data come over is accepted."""
        told = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
            **headers,
        }
        return self.ask("/_stcore/stream", **told)[0] == 101

    def end(self, how: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Interrupt it; exit code, and what it printed after its first line."""
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@contextmanager
def page(tmp_path: Path, *options: str, **environment: str) -> Iterator[Page]:
    """A page on a free port, with a model server that nobody asks."""
    arguments = ["--model", "scripted", "--base-url", "http://127.0.0.1:9/v1", *options]
    process = subprocess.Popen(
        [sys.executable, "-m", "optiwright", "ui", "--port", str(free_port()), *arguments],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"Optiwright is at http://127\.0\.0\.1:(\d+) until Ctrl-C\.\n", line)
        assert found is not None, line + process.communicate()[1]
        yield Page(process, int(found[1]))
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.slow
def test_the_page_says_where_it_is_and_ends_without_a_word(tmp_path: Path) -> None:
    with page(tmp_path, DISPLAY="") as it:
        status, headers, text = it.ask("/")
        assert status == 200 and "<title>Streamlit</title>" in text
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'self'" in policy and "img-src 'self' data: blob:;" in policy
        assert "server" not in headers
        own = f"127.0.0.1:{it.port}"
        assert it.opens_a_socket(Host=own, Origin=f"http://{own}")
        assert it.opens_a_socket(Host=f"localhost:{it.port}")
        # A name of somebody else's that points at this machine, and another site's page.
        assert not it.opens_a_socket(Host="rebound.test", Origin="http://rebound.test")
        assert not it.opens_a_socket(Host=own, Origin="http://elsewhere.test")
        assert not it.opens_a_socket(Host=own, Origin="http://127.0.0.1:1")
        for host in ("rebound.test", "127.0.0.1.rebound.test", "[::1", ""):
            assert it.ask("/", Host=host)[0] == 421
        assert it.end() == (0, "", "")


@pytest.mark.slow
def test_with_a_token_the_page_is_behind_its_form(tmp_path: Path) -> None:
    with page(tmp_path, "--host", "0.0.0.0", **{ONE_TOKEN: TOKEN}) as it:
        assert it.ask("/_stcore/health")[0] == 200
        status, _, text = it.ask("/?session=plan")
        assert status == 401 and "Your token" in text and "streamlit" not in text.lower()
        assert not it.opens_a_socket()
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        status, headers, _ = it.ask("/", "POST", urlencode({"token": TOKEN}), **form)
        assert status == 303
        cookie = headers["set-cookie"].partition(";")[0]
        assert it.ask("/", Cookie=cookie)[0] == 200
        assert it.opens_a_socket(Cookie=cookie)
        code, out, err = it.end(signal.SIGTERM)
        assert (code, out, err) == (0, "", "")
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in kept if TOKEN.encode() in path.read_bytes()]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_beyond_this_machine_it_refuses_to_start_without_a_sign_in(
    host: str, optiwright_: Optiwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    code, out, err = optiwright_("ui", "--host", host, "--port", str(free_port()))
    assert (code, out) == (2, "")
    assert ONE_TOKEN in err and TOKEN_FILE in err and "secrets.toml" in err
    assert len(err.splitlines()) == 1


def test_a_host_or_port_that_cannot_be_had_is_one_sentence(optiwright_: Optiwright) -> None:
    for host in ("192.0.2.1", "no such host"):
        code, _, err = optiwright_("ui", "--host", host)
        assert code == 2 and len(err.splitlines()) == 1 and "--host" in err
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        code, _, err = optiwright_("ui", "--port", str(port))
        assert code == 2 and err.startswith(f"optiwright: port {port} cannot be had: Address")
    assert optiwright_("ui", "--port", "70000")[0] == 2


def test_without_a_port_the_next_free_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        monkeypatch.setattr(launch, "PORT", busy.getsockname()[1])
        with launch.bound_to("127.0.0.1") as found:
            assert 0 < found.getsockname()[1] - busy.getsockname()[1] < 20


def test_without_streamlit_it_says_what_to_install(
    optiwright_: Optiwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "find_spec", lambda name: None)
    code, _, err = optiwright_("ui")
    assert code == 2 and "pip install 'optiwright[ui]'" in err


OIDC = "[auth]\n" + "".join(f'{key} = "x"\n' for key in launch._OIDC)


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        (OIDC.replace("client_secret", "client_secert"), "`client_secret`"),
        ("[auth\n", "cannot be read"),
        (OIDC, "streamlit[auth]"),
    ],
)
def test_a_provider_that_cannot_work_is_told_before_anybody_comes(
    secrets: str,
    said: str,
    tmp_path: Path,
    optiwright_: Optiwright,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(launch, "find_spec", lambda name: None if name == "authlib" else name)
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(secrets)
    code, _, err = optiwright_("ui", "--port", str(free_port()))
    assert code == 2 and said in err and len(err.splitlines()) == 1
    with pytest.raises(UserError):
        launch._has_oidc()


def test_a_fault_of_ours_is_told_by_its_place_and_without_a_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run() -> None:
        from optiwright.ui.server import _say_fault

        try:
            raise KeyError("what a user wrote")
        except KeyError as error:
            _say_fault(error)

    app = AppTest.from_function(run, default_timeout=60).run()
    (told,) = app.error
    assert "fault of ours" in told.value and "KeyError" not in told.value
    err = capsys.readouterr().err
    assert re.search(r"^optiwright: the page failed: KeyError at .+:\d+$", err, re.MULTILINE)
    assert "what a user wrote" not in err and "Traceback" not in err


def test_nothing_that_was_written_by_others_is_ever_html() -> None:
    """`st.html` gets constants alone, and Markdown is never let through as HTML."""
    for module in (ROOT / "ui").glob("*.py"):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        constants = {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword):
                assert node.arg != "unsafe_allow_html", module.name
                assert node.arg != "unsafe_allow_javascript", module.name
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in {"iframe", "components"}, module.name
                if node.func.attr == "html":
                    (given,) = node.args
                    ours = isinstance(given, ast.Constant) or (
                        isinstance(given, ast.Name) and given.id in constants
                    )
                    assert ours, f"{module.name}, line {node.lineno}"
