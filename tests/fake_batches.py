"""A provider with OpenAI's files and batches on loopback, that can be made to misbehave."""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]] | None]
"""From a request's body to a status and a body; None where time runs out before it is answered."""
Fault = Callable[[int, str], str]
"""From the number of a call and what it is to "", "before" or "after": when to hang up on it."""


def completion(text: str) -> tuple[int, dict[str, Any]]:
    """A proper answer."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    return 200, {"choices": [choice | {"finish_reason": "stop"}], "usage": usage}


def complaint(status: int, message: str) -> tuple[int, dict[str, Any]]:
    """An error in OpenAI's form."""
    return status, {"error": {"message": message, "type": "error"}}


def last_words(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Answer with the number that the question ends in."""
    return completion(re.findall(r"\d+", body["messages"][-1]["content"])[-1])


class BatchServer(ThreadingHTTPServer):
    """Keeps files and batches; a batch goes one step on with every look at it."""

    daemon_threads = True

    def __init__(self, answer: Answer, fates: list[str], fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.fates = fates
        self.fault = fault
        self.looks = 2
        """How many of them a batch takes to its end."""
        self.has_batches = True
        self.files: dict[str, bytes] = {}
        self.batches: list[dict[str, Any]] = []
        self.sent: list[dict[str, dict[str, Any]]] = []
        """By batch, and by key: the bodies of its requests."""
        self.answered: Counter[str] = Counter()
        """How often each question was answered, that is paid for."""
        self.calls: list[str] = []
        self.lock = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over connections that a killed client has left."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def keep(self, content: bytes) -> str:
        """Keep a file and return its id."""
        self.files[f"file-{len(self.files)}"] = content
        return f"file-{len(self.files) - 1}"

    def begin(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Begin a batch."""
        lines = [json.loads(line) for line in self.files[asked["input_file_id"]].splitlines()]
        assert {(x["method"], x["url"]) for x in lines} == {("POST", "/v1/chat/completions")}
        assert len({x["custom_id"] for x in lines}) == len(lines)
        self.sent.append({x["custom_id"]: x["body"] for x in lines})
        batch = {
            "id": f"batch_{len(self.batches)}", "object": "batch", "status": "validating",
            "created_at": int(time.time()), "request_counts": None, **asked,
        }  # fmt: skip
        self.batches.append(batch)
        return batch

    def look(self, place: int) -> dict[str, Any]:
        """Return a batch, a step further on."""
        batch = self.batches[place]
        fate = self.fates[place] if place < len(self.fates) else "completed"
        batch["looks"] = batch.get("looks", 0) + 1
        if batch["looks"] == self.looks:
            self._end(batch, self.sent[place], fate)
        elif batch["looks"] < self.looks:
            batch["status"] = "in_progress"
        return batch

    def _end(self, batch: dict[str, Any], sent: dict[str, dict[str, Any]], fate: str) -> None:
        batch["status"], _, code = fate.partition(":")
        if batch["status"] == "failed":
            error = {"code": code, "message": f"No room for it ({code})."}
            batch["errors"] = {"object": "list", "data": [error]}
            return
        good: list[dict[str, Any]] = []
        bad: list[dict[str, Any]] = []
        for key, body in sent.items():
            came = self.answer(body)
            line: dict[str, Any] = {"id": f"r-{key}", "custom_id": key, "response": None}
            if came is None:
                error = {"code": "batch_expired", "message": "It ran out of time."}
                bad.append(line | {"error": error})
                continue
            status, content = came
            response = {"status_code": status, "request_id": "x", "body": content}
            (good if status == 200 else bad).append(line | {"response": response, "error": None})
            self.answered[body["messages"][-1]["content"]] += status == 200
        for name, lines in (("output_file_id", good), ("error_file_id", bad)):
            text = "".join(json.dumps(line) + "\n" for line in reversed(lines))
            batch[name] = self.keep(text.encode()) if lines else None
        batch["request_counts"] = {
            "completed": len(good), "failed": len(bad), "total": len(sent),
        }  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    server: BatchServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._do(self._got)

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:  # whoever sent it was killed
            self.close_connection = True
            return
        self._do(lambda path: self._posted(path, body))

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output quiet."""

    def _do(self, act: Callable[[str], Any]) -> None:
        with self.server.lock:
            path = self.path.partition("/v1/")[2]
            what = f"{self.command} {re.sub(r'[?].*|(_|-)[0-9]+', '', path)}"
            fault = self.server.fault(len(self.server.calls), what)
            self.server.calls.append(what)
            value = act(path) if fault != "before" and self.server.has_batches else None
        if fault:
            self.close_connection = True
            return
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        missing = value is None
        self.send_response(404 if missing else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _got(self, path: str) -> Any:
        if path.startswith("files/"):
            return self.server.files[path.split("/")[1]]
        if path.startswith("batches/"):
            return self.server.look(int(path.rpartition("_")[2]))
        return self._listed(parse_qs(urlsplit(path).query))

    def _listed(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """Two a page, so that a reader has to turn it."""
        newest = self.server.batches[::-1]
        after = query.get("after", [""])[0]
        start = 1 + next((k for k, b in enumerate(newest) if b["id"] == after), -1)
        page = newest[start : start + 2]
        more = start + 2 < len(newest)
        ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {}
        return {"object": "list", "data": page, "has_more": more, **ends}

    def _posted(self, path: str, body: bytes) -> Any:
        if path == "batches":
            return self.server.begin(json.loads(body))
        if path != "files":
            return None
        boundary = self.headers["Content-Type"].partition("boundary=")[2].encode()
        parts = [part.partition(b"\r\n\r\n") for part in body.split(b"--" + boundary)]
        fields = {re.findall(rb'name="(\w+)"', head)[0]: text[:-2] for head, _, text in parts[1:-1]}
        assert fields[b"purpose"] == b"batch"
        file = self.server.keep(fields[b"file"])
        return {
            "id": file, "object": "file", "bytes": len(fields[b"file"]), "created_at": 0,
            "filename": "x.jsonl", "purpose": "batch", "status": "processed",
        }  # fmt: skip


@contextmanager
def fake_batches(
    answer: Answer = last_words,
    *fates: str,
    fault: Fault = lambda number, what: "",
) -> Iterator[BatchServer]:
    """A running server; `fates` are the ends of its batches, in order, `completed` by default."""
    server = BatchServer(answer, list(fates), fault)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
