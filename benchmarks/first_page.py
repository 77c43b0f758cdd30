"""How long a visitor of the page waits, against an empty page of Streamlit's.

Run: python benchmarks/first_page.py [--rounds 4]

Starts each server afresh, waits until it answers, and has a headless Chromium (Debian's, by
playwright) open the pages in turn until the heading is there, each time without a cache.
`imports at the first visit` is the same page by `streamlit run`. Ratios are against the empty page
in the same run: browser and servers share the machine, so that seconds are its own.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

EMPTY = "import streamlit as st\nst.title('Empty')\n"
HEADING = "h1"


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_for(address: str) -> None:
    """Wait until a server answers."""
    while True:
        with suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            return
        time.sleep(0.02)


def visited(browser: Browser, address: str) -> float:
    """Seconds until a new visitor sees the heading."""
    context = browser.new_context()
    page = context.new_page()
    start = time.monotonic()
    page.goto(address)
    page.locator(HEADING).first.wait_for(timeout=120_000)
    seconds = time.monotonic() - start
    context.close()
    return seconds


def main() -> None:
    """Print the table."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--rounds", type=int, default=4)
    rounds = reader.parse_args().rounds
    app = Path(__file__).resolve().parents[1] / "ui" / "app.py"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver, ExitStack() as stack:
        os.environ["OPTIWRIGHT_DATA_DIR"] = folder
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY)
        run = [sys.executable, "-m", "streamlit", "run", "--server.headless=true"]
        run += ["--browser.gatherUsageStats=false"]
        ways = {
            "an empty page": [*run, str(empty), "--server.port"],
            "imports at the first visit": [*run, str(app), "--server.port"],
            "`optiwright ui`": [sys.executable, "-m", "optiwright", "ui", "--port"],
        }
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        visited(browser, stack.enter_context(serving(ways["an empty page"])))  # wakes the browser
        addresses = {name: stack.enter_context(serving(way)) for name, way in ways.items()}
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, address in addresses.items():
                seconds[name].append(visited(browser, address))
        browser.close()
    (least, *later), *_ = seconds.values()
    print("| page | first visit, s | ratio | later ones, s | ratio |\n|---|---|---|---|---|")
    for name, (first, *others) in seconds.items():
        print(
            f"| {name} | {first:.2f} | {first / least:.1f} "
            f"| {min(others):.2f} | {min(others) / min(later):.1f} |"
        )


@contextmanager
def serving(way: list[str]) -> Iterator[str]:
    """A server of its own; its address, once it answers."""
    port = free_port()
    server = subprocess.Popen(
        [*way, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
