"""Benchmarks fetched from where they are published: once, checked, and what goes wrong."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from optiwright.agent import places
from optiwright.agent.mirror import fetch
from optiwright.agent.model_files import PullProgress
from optiwright.evaluation import catalogue
from optiwright.evaluation.benchmark_table import BENCHMARKS
from optiwright.evaluation.catalogue import load
from optiwright.evaluation.fetching import Source
from optiwright.evaluation.problems import Finding
from optiwright.formulators.errors import UserError

ROWS = [
    {"en_question": "Bake 3 loaves or 4 cakes.", "en_answer": "350.0"},
    {"en_question": "Build 5 chairs or 2 tables.", "en_answer": "No Best Solution"},
]
WHOLE = "".join(f"{json.dumps(row)}\n" for row in ROWS).encode()


class Publisher(ThreadingHTTPServer):
    """A server on loopback that publishes one file, as a test lets it."""

    def __init__(self) -> None:
        self.content = WHOLE
        self.status = 200
        self.breaks_off_after: int | None = None
        self.asked: list[str | None] = []
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/commit/data/NL4OPT.json"


class _Answer(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        publisher = self.server
        publisher.asked.append(self.headers["Range"])
        start = int((self.headers["Range"] or "bytes=0-")[6:-1])
        body = publisher.content[start:]
        self.send_response(206 if start and publisher.status == 200 else publisher.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: publisher.breaks_off_after])

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """A publisher of `nl4opt`, and places of the test's own."""
    monkeypatch.setenv("OPTIWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path / "data"))
    with Publisher() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        pin(monkeypatch, server.url)
        yield server
        server.shutdown()


def pin(monkeypatch: pytest.MonkeyPatch, url: str, sha256: str = "", note: str = "") -> None:
    pinned = replace(BENCHMARKS["nl4opt"], source=Source(url, sha256, note), size=2)
    monkeypatch.setitem(BENCHMARKS, "nl4opt", pinned)


def left_over() -> list[str]:
    folder = places.cache_dir() / "benchmarks" / "nl4opt"
    return sorted(file.name for file in folder.iterdir() if file.name != ".lock")


def test_a_benchmark_is_fetched_once_and_its_licence_shown(publisher: Publisher) -> None:
    seen: list[PullProgress] = []
    first = load("nl4opt", on_progress=seen.append)
    assert [p.label.accepted[0] for p in first.problems] == ["350.0", "no best solution"]
    assert first.findings == ()
    assert seen[-1] == PullProgress(len(WHOLE), len(WHOLE), "nl4opt, licence: MIT")
    assert load("nl4opt") == first
    assert publisher.asked == [None]
    assert left_over() == ["NL4OPT.json", "NL4OPT.json.fetched"]


def test_a_file_in_the_data_folder_goes_before(publisher: Publisher) -> None:
    own = places.data_dir() / "benchmarks" / "nl4opt" / "NL4OPT.json"
    own.parent.mkdir(parents=True)
    own.write_text(json.dumps(ROWS[:1]))
    assert len(load("nl4opt").problems) == 1
    assert publisher.asked == []


def test_where_a_data_folder_is_prescribed_nothing_is_fetched(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match="Leave out --data"):
        load("nl4opt", tmp_path)
    load("nl4opt")
    monkeypatch.setenv("OPTIWRIGHT_DATA", str(tmp_path))
    with pytest.raises(UserError, match="not here"):
        load("nl4opt")
    assert len(publisher.asked) == 1


def test_what_breaks_off_is_continued(publisher: Publisher) -> None:
    publisher.breaks_off_after = 40
    with pytest.raises(UserError, match=f"broke off after 40 of {len(WHOLE)}"):
        load("nl4opt")
    assert len(left_over()) == 1
    publisher.breaks_off_after = None
    assert len(load("nl4opt").problems) == 2
    assert publisher.asked == [None, "bytes=40-"]
    assert left_over() == ["NL4OPT.json", "NL4OPT.json.fetched"]


def test_the_half_of_another_revision_is_not_continued(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.breaks_off_after = 40
    with pytest.raises(UserError, match="broke off"):
        load("nl4opt")
    publisher.breaks_off_after = None
    pin(monkeypatch, publisher.url.replace("commit", "later"))
    assert len(load("nl4opt").problems) == 2
    assert publisher.asked == [None, None]


def test_a_wrong_pinned_sum_is_not_kept(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, publisher.url, sha256=hashlib.sha256(b"other").hexdigest())
    with pytest.raises(UserError, match=r"was not kept: its SHA-256 is .* is pinned"):
        load("nl4opt")
    assert left_over() == []
    pin(monkeypatch, publisher.url, sha256=hashlib.sha256(WHOLE).hexdigest())
    assert len(load("nl4opt").problems) == 2


def test_what_came_first_is_what_must_come_later(publisher: Publisher) -> None:
    load("nl4opt")
    (places.cache_dir() / "benchmarks/nl4opt/NL4OPT.json").unlink()
    publisher.content = WHOLE.replace(b"350", b"351")
    with pytest.raises(UserError, match="that came before"):
        load("nl4opt")
    assert left_over() == ["NL4OPT.json.fetched"]


def test_a_fetched_file_that_was_changed_is_refused(publisher: Publisher) -> None:
    load("nl4opt")
    path = places.cache_dir() / "benchmarks/nl4opt/NL4OPT.json"
    path.write_bytes(WHOLE.replace(b"350", b"351"))
    with pytest.raises(UserError, match=f"changed after it was fetched .*{re.escape(str(path))}"):
        load("nl4opt")


def test_another_revision_is_fetched_anew(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    load("nl4opt")
    publisher.content = WHOLE.replace(b"350", b"351")
    pin(monkeypatch, publisher.url.replace("commit", "later"))
    assert load("nl4opt").problems[0].label.accepted == ("351.0",)


def test_a_page_in_place_of_the_file_is_not_kept(publisher: Publisher) -> None:
    publisher.content = b"<html>Log in to this network</html>"
    with pytest.raises(UserError, match="was not kept: not JSON"):
        load("nl4opt")
    assert left_over() == []


def test_a_file_that_is_gone_is_said_so(publisher: Publisher) -> None:
    publisher.status = 404
    with pytest.raises(UserError, match=r"HTTP 404.*put it into .* as nl4opt/NL4OPT\.json"):
        load("nl4opt")


def test_without_a_network_it_is_said_what_to_do(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as closed:
        port = closed.server_address[1]
    pin(monkeypatch, f"http://127.0.0.1:{port}/NL4OPT.json")
    with pytest.raises(UserError, match="is not here, and nothing could be fetched") as refused:
        load("nl4opt")
    assert "Run it again with a network; without one, get http://127" in refused.value.remedy


def test_an_editions_note_and_count_are_findings(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, publisher.url, note="the first edition")
    publisher.content = WHOLE + b'{"en_question": "Sail."}\n'
    monkeypatch.setitem(BENCHMARKS, "nl4opt", replace(BENCHMARKS["nl4opt"], size=3))
    found = load("nl4opt").findings
    assert found[:2] == (
        Finding(where="nl4opt", what="the first edition"),
        Finding(
            where="nl4opt",
            what="2 problems are in the file that was fetched, 3 are published",
        ),
    )
    assert "no label" in found[2].what


def test_all_takes_what_can_be_fetched_and_tries_no_further_after_a_failure(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, benchmark in BENCHMARKS.items():
        path = "NL4OPT.json" if name in ("optibench", "nl4opt") else "gone"
        source = Source(f"{publisher.url.rpartition('/')[0]}/{name}/{path}")
        monkeypatch.setitem(BENCHMARKS, name, replace(benchmark, source=source))
    monkeypatch.setattr(catalogue, "_IN_ALL", ("nl4opt", "optibench", "bwor", "optmath"))
    monkeypatch.setattr("optiwright.evaluation.fetching.fetch", _until("bwor", fetch))
    loaded = load("all")
    assert {p.benchmark for p in loaded.problems} == {"nl4opt"}
    said = {f.where: f.what for f in loaded.findings}
    assert "cannot be read" in said["optibench"] or "no problem" in said["optibench"]
    assert said["bwor"] == said["optmath"] == "its file is not here; it is left out"


def _until(name: str, fetch: Any) -> Any:
    def fetching_(url: str, *rest: Any) -> None:
        assert name not in url, "nothing is tried after a failed fetch"
        fetch(url, *rest)

    return fetching_


@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_every_benchmark_has_a_pinned_address_or_a_place_to_get_it(name: str) -> None:
    benchmark = BENCHMARKS[name]
    assert [bool(benchmark.source), bool(benchmark.by_hand), benchmark.packaged].count(True) == 1
    if benchmark.source is not None:
        assert re.match(r"https://[^/]+/[^/]+/[^/]+/[0-9a-f]{40}/", benchmark.source.url)
        assert benchmark.source.sha256 in ("", benchmark.source.sha256.lower())
