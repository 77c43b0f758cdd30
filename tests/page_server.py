"""The page for real: its server, a model that plays a script, a headless Chromium."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from optiwright.agent.prompting import load_prompt
from tests.conversations import CLEAR, creameries
from tests.fake_provider import Behaviour, FakeHandler, FakeServer, answer, fake_provider
from tests.waiting import eventually
from tests.wire_samples import flat_reply

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium")
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PATIENCE_MS = int(os.environ.get("PATIENCE_MS", "60000"))
expect.set_options(timeout=PATIENCE_MS)

Replies = Callable[[str, str], "Mapping[str, Any] | str"]
"""From a request's instructions and its last message to the model's reply."""


@dataclass(frozen=True)
class Served:
    """A page that is being served."""

    address: str
    data: Path
    """The data folder of its user."""
    model: FakeServer
    process: subprocess.Popen[bytes]


def plays(instructions: str, said: str) -> Mapping[str, Any]:
    """Formulate the bakery or the creameries, whichever the text is about; find all clear."""
    if instructions == load_prompt("clarify").fixed[0].content:
        return CLEAR
    return creameries() if "creamer" in said.lower() else flat_reply()


def playing(
    replies: Replies, pause_s: float = 0.0
) -> Callable[[FakeHandler, dict[str, Any]], None]:
    """Return a server's behaviour that plays replies, each after a pause."""

    def behave(handler: FakeHandler, body: dict[str, Any]) -> None:
        messages = body["messages"]
        reply = replies(messages[0]["content"], messages[-1]["content"])
        if pause_s:
            handler.server.release.wait(pause_s)
        answer(reply if isinstance(reply, str) else json.dumps(reply))(handler, body)

    return behave


@contextmanager
def served(
    folder: Path,
    replies: Replies = plays,
    *,
    behaviour: Behaviour | None = None,
    pause_s: float = 0.0,
    arguments: tuple[str, ...] = (),
    environment: dict[str, str] | None = None,
) -> Iterator[Served]:
    """Serve the page from an empty data folder, with a model that plays replies or misbehaves."""
    with fake_provider(behaviour or playing(replies, pause_s)) as model:
        port = free_port()
        command = [sys.executable, "-m", "optiwright", "ui", "--port", str(port), *arguments]
        command += ["--model", "m", "--base-url", model.base_url]
        own = {
            "OPTIWRIGHT_DATA_DIR": str(folder / "data"),
            "OPTIWRIGHT_REPLY_CACHE": "off",
            "OPENAI_API_KEY": "none",
            "HOME": str(folder),
        }
        log = (folder / "server.log").open("wb")
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | own | (environment or {}),
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, process, folder / "server.log")
            yield Served(address, folder / "data", model, process)
        finally:
            model.release.set()
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    def answers() -> bool:
        assert process.poll() is None, f"the page's server ended: {log.read_text()}"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return True
        except OSError:
            return False

    assert eventually(answers, 120), f"no page: {log.read_text()}"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()


def opened(context: BrowserContext | Browser, address: str, **given: Any) -> Page:
    """Open an address and wait until the page is there."""
    page = context.new_page(**given)
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    expect(page.get_by_test_id("stChatInput")).to_be_visible()
    return page


def say(page: Page, text: str) -> None:
    """Write into the box and send it."""
    box = page.get_by_test_id("stChatInputTextArea")
    expect(box).to_be_enabled()
    box.fill(text)
    box.press("Enter")


def clean(page: Page) -> None:
    """Fail if the page shows a traceback, bare JSON or a warning of Streamlit."""
    for sign in ("stException", "stJson"):
        expect(page.get_by_test_id(sign)).to_have_count(0)
    text = page.inner_text("body")
    for words in ("Traceback", "streamlit", "KeyError", "NoneType"):
        assert words not in text, words
