"""A misbehaving OpenAI-compatible server on loopback, for tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["FakeHandler", dict[str, Any]], None]


class FakeServer(ThreadingHTTPServer):
    """Answers every completion with `behaviour` and keeps what was asked in `bodies`."""

    daemon_threads = True

    def __init__(self, behaviour: Behaviour, models: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), FakeHandler)
        self.behaviour = behaviour
        self.models = models
        self.bodies: list[dict[str, Any]] = []
        self.release = threading.Event()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class FakeHandler(BaseHTTPRequestHandler):
    """One request."""

    server: FakeServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        listed = [{"id": name, "object": "model"} for name in self.server.models]
        self.send_json(200, {"object": "list", "data": listed})

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        self.server.bodies.append(body)
        self.server.behaviour(self, body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output quiet."""

    def send_json(self, status: int, value: Any) -> None:
        self.send_raw(status, "application/json", json.dumps(value).encode())

    def send_raw(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def send_event(self, value: Any) -> None:
        text = value if isinstance(value, str) else json.dumps(value)
        self.wfile.write(f"data: {text}\n\n".encode())
        self.wfile.flush()


def chunk(content: str | None = None, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """One streamed piece of an answer."""
    choice = {"index": 0, "delta": {"content": content, **delta}, "finish_reason": finish}
    return {
        "id": "x",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": [choice],
    }


def answer(text: str, *, usage: bool = True, finish: str = "stop") -> Behaviour:
    """A proper answer, in pieces of three characters."""

    def behave(handler: FakeHandler, body: dict[str, Any]) -> None:
        handler.begin_stream()
        for start in range(0, len(text), 3):
            handler.send_event(chunk(text[start : start + 3]))
        handler.send_event(chunk(finish=finish))
        if usage:
            counts = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
            counts_chunk = chunk()
            handler.send_event({**counts_chunk, "choices": [], "usage": counts})
        handler.send_event("[DONE]")

    return behave


def status(code: int, message: str) -> Behaviour:
    """An HTTP error in OpenAI's form."""

    def behave(handler: FakeHandler, body: dict[str, Any]) -> None:
        handler.send_json(code, {"error": {"message": message, "type": "error"}})

    return behave


def events(*values: Any) -> Behaviour:
    """A stream of just these events; then the connection closes."""

    def behave(handler: FakeHandler, body: dict[str, Any]) -> None:
        handler.begin_stream()
        for value in values:
            handler.send_event(value)

    return behave


def html(handler: FakeHandler, body: dict[str, Any]) -> None:
    """A page where an API was expected."""
    handler.send_raw(200, "text/html", b"<html><body>Welcome</body></html>")


def cut_off(handler: FakeHandler, body: dict[str, Any]) -> None:
    """Promise a long body, send a piece of it, and hang up."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.send_event(chunk("half an ans"))
    handler.close_connection = True


def silent(handler: FakeHandler, body: dict[str, Any]) -> None:
    """Say nothing until the test is over."""
    handler.server.release.wait(30)
    handler.close_connection = True


@contextmanager
def fake_provider(behaviour: Behaviour, models: tuple[str, ...] = ("m",)) -> Iterator[FakeServer]:
    """A running server with one behaviour."""
    server = FakeServer(behaviour, list(models))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
