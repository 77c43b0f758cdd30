"""Export of what was trained: the served model says what transformers says, or why it cannot."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gguf import GGUFReader
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from optiwright.agent.choose_model import choose_model, runs_here
from optiwright.agent.llm import LanguageModel, Message, Request
from optiwright.agent.tuned_card import CARD, TunedCard
from optiwright.formulators.errors import UserError
from optiwright.training import export as exporting
from optiwright.training.export import Kind, export
from optiwright.training.export_adapter import WEIGHTS, read_adapter
from optiwright.training.export_gguf import Quantization
from optiwright.training.ggml_types import dequantized
from tests.tiny_models import adapted, greedy, loaded, tokenizer_of, write_base

ASKED = (
    Message(role="system", content="Write that down"),
    Message(role="user", content="Three tables at 45, and the chairs?"),
)
TOKENS = 24


@dataclass(frozen=True)
class Trained:
    """A tiny base, a run with its adapter, and what transformers says with and without it."""

    base: Path
    run: Path
    with_adapter: str
    without: str


def trained(folder: Path, kind: str) -> Trained:
    base, run = write_base(folder / f"{kind}.gguf", kind), folder / f"run-{kind}"
    tokenizer = tokenizer_of(base)
    model = adapted(base, run)
    said = greedy(model, tokenizer, ASKED, TOKENS)
    with model.disable_adapter():
        plain = greedy(model, tokenizer, ASKED, TOKENS)
    assert said != plain
    return Trained(base, run, said, plain)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(tmp_path_factory.mktemp("tiny"), "qwen2")


@pytest.fixture
def adapter(tiny: Trained, tmp_path: Path) -> Path:
    return export(tiny.run, tmp_path / "tuned").folder


def closed(model: LanguageModel, *tuned: bool) -> list[str]:
    """What a model says, with its adapter and without; all in one loop, then it is closed."""

    async def ask() -> list[str]:
        texts = []
        for on in tuned:
            request = Request(messages=ASKED, max_tokens=TOKENS, tuned=on)
            texts.append((await model.complete(request)).text)
        await model.aclose()
        return texts

    return asyncio.run(ask())


@pytest.mark.parametrize("kind", ["qwen2", "llama"])
def test_served_adapter_says_what_it_was_trained_to_and_steps_aside(
    kind: str, tmp_path: Path, tiny: Trained
) -> None:
    made = tiny if kind == "qwen2" else trained(tmp_path, kind)
    tuned = export(made.run, tmp_path / "tuned")
    model = choose_model(str(tuned.folder), cache=False)
    assert (model.small, model.tuned, runs_here(model)) == (True, "formulate_tuned", True)
    assert model.name == f"tuned-{tuned.card.adapter_sha256[:8]}"
    assert closed(model, True, False, True) == [made.with_adapter, made.without, made.with_adapter]


def test_merged_gguf_says_the_same(tiny: Trained, tmp_path: Path) -> None:
    tuned = export(tiny.run, tmp_path / "whole", "merged", "q8_0")
    model = choose_model(str(tuned.folder / "model-q8_0.gguf"), cache=False)
    assert model.tuned == "formulate_tuned"
    assert closed(model, True) == [tiny.with_adapter]
    types = {t.name: t.tensor_type.name for t in GGUFReader(tuned.gguf()).tensors}
    assert types["blk.0.attn_q.weight"] == types["token_embd.weight"] == "Q8_0"
    assert types["blk.0.attn_norm.weight"] == "F32"


def test_merged_folder_is_a_model_for_other_servers(tiny: Trained, tmp_path: Path) -> None:
    folder = export(tiny.run, tmp_path / "whole", "merged").folder
    model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    # bfloat16 on disk: near, not equal.
    before = loaded(tiny.base).state_dict()["model.layers.0.mlp.up_proj.weight"]
    pair = read_adapter(tiny.run).pairs["model.layers.0.mlp.up_proj"]
    after = model.state_dict()["model.layers.0.mlp.up_proj.weight"]
    torch.testing.assert_close(
        after, before + 2.0 * torch.tensor(pair.up @ pair.down), rtol=0.01, atol=0.005
    )
    assert greedy(model, tokenizer, ASKED, 2) == tiny.with_adapter[:2]
    with pytest.raises(UserError, match=r"no GGUF.*vllm serve"):
        choose_model(str(folder), cache=False)


def test_q4_k_m_keeps_the_types_of_the_base(tmp_path: Path, tiny: Trained) -> None:
    base = write_base(tmp_path / "packed.gguf", hidden=256, packed=True)
    adapted(base, tmp_path / "run")
    tuned = export(tmp_path / "run", tmp_path / "whole", "merged", "q4_k_m")
    old = {t.name: t for t in GGUFReader(base).tensors}
    new = {t.name: t for t in GGUFReader(tuned.gguf()).tensors}
    assert {n: t.tensor_type for n, t in new.items()} == {n: t.tensor_type for n, t in old.items()}
    name = "token_embd.weight"
    assert np.array_equal(new[name].data, old[name].data)
    pair = read_adapter(tmp_path / "run").pairs["model.layers.1.mlp.down_proj"]
    wanted = dequantized(old["blk.1.ffn_down.weight"]) + 2.0 * pair.up @ pair.down
    stored = dequantized(new["blk.1.ffn_down.weight"])
    assert np.abs(stored - wanted).max() < 0.15 * np.abs(wanted).max()
    assert np.corrcoef(stored.ravel(), wanted.ravel())[0, 1] > 0.99
    assert closed(choose_model(str(tuned.folder), cache=False), True) != [""]
    with pytest.raises(UserError, match=r"q4_k_m keeps the types.*q8_0"):
        export(tiny.run, tmp_path / "other", "merged", "q4_k_m")


def test_scale_goes_by_the_root_of_the_rank_where_peft_has_it_so(
    tiny: Trained, tmp_path: Path
) -> None:
    adapted(tiny.base, tmp_path / "run", lora_alpha=4, use_rslora=True)
    assert read_adapter(tmp_path / "run").scale == read_adapter(tiny.run).scale == 2.0
    tuned = export(tmp_path / "run", tmp_path / "tuned")
    assert closed(choose_model(str(tuned.folder), cache=False), True) == [tiny.with_adapter]


def test_card_says_what_it_is_made_of(adapter: Path, tiny: Trained) -> None:
    card = TunedCard.model_validate_json((adapter / CARD).read_text())
    assert (card.kind, card.gguf, card.prompt) == ("adapter", "adapter.gguf", "formulate_tuned")
    assert card.base.name == str(tiny.base) and card.run["rows"] == 2
    sums = subprocess.run(
        ["sha256sum", adapter / "adapter.gguf", tiny.base, tiny.run / WEIGHTS],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = [line.split()[0] for line in sums.stdout.splitlines()]
    assert found == [card.files["adapter.gguf"], card.base.sha256, card.adapter_sha256]
    assert sorted(p.name for p in adapter.iterdir()) == ["adapter.gguf", CARD]


def test_reply_cache_tells_base_and_adapter_apart(adapter: Path, tiny: Trained) -> None:
    from optiwright.agent.choose_model import _chosen

    card = TunedCard.model_validate_json((adapter / CARD).read_text())
    _, identity = _chosen(str(adapter), None, None, lambda text: None)
    _, alone = _chosen(str(tiny.base), None, None, lambda text: None)
    assert card.base.sha256 in identity and card.files["adapter.gguf"] in identity
    assert identity != alone


def test_served_elsewhere_it_is_asked_by_its_card(adapter: Path) -> None:
    model = choose_model(str(adapter), "http://127.0.0.1:1/v1", cache=False)
    assert (model.tuned, model.small) == ("formulate_tuned", True)
    assert model.name.startswith("tuned-") and not runs_here(model)
    other = choose_model("some-model", "http://127.0.0.1:1/v1", cache=False)
    assert (other.tuned, other.small) == ("", False)


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)


def unknown_prompt(folder: Path) -> None:
    card = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps(card | {"prompt": "formulate_later"}))


@pytest.mark.parametrize(
    ("harm", "named", "words"),
    [
        (lambda f: flip(f / "adapter.gguf"), "", r"damaged.*SHA-256.*Export it again"),
        (lambda f: (f / "adapter.gguf").unlink(), "", r"damaged.*no file"),
        (lambda f: (f / CARD).unlink(), "", rf"no `{CARD}`"),
        (lambda f: (f / CARD).unlink(), "adapter.gguf", rf"an adapter, and no `{CARD}`"),
        (lambda f: (f / CARD).write_text('{"name": 1}'), "", r"`name`: found 1, .*; and \d+ more"),
        (unknown_prompt, "", r"'formulate_later'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_export_is_said(
    adapter: Path, harm: Callable[[Path], object], named: str, words: str
) -> None:
    harm(adapter)
    with pytest.raises(UserError, match=words):
        choose_model(str(adapter / named), cache=False)


def test_another_base_is_refused(tiny: Trained, tmp_path: Path) -> None:
    base = tmp_path / "base.gguf"
    shutil.copy(tiny.base, base)
    folder = export(tiny.run, tmp_path / "tuned", base=str(base)).folder
    flip(base)
    with pytest.raises(UserError, match=r"made for a base with SHA-256 .*base\.gguf' has"):
        choose_model(str(folder), cache=False)
    base.unlink()
    with pytest.raises(UserError, match="no model file"):
        choose_model(str(folder), cache=False)


def test_adapter_of_another_size_is_refused(tiny: Trained, tmp_path: Path) -> None:
    other = write_base(tmp_path / "wide.gguf", hidden=128)
    ways: list[tuple[Kind, Quantization | None]] = [
        ("adapter", None), ("merged", None), ("merged", "q8_0")
    ]  # fmt: skip
    for kind, quantize in ways:
        with pytest.raises(UserError, match=r"none for this base.*--base"):
            export(tiny.run, tmp_path / "out", kind, quantize, str(other))
    assert list(tmp_path.iterdir()) == [other]


def harmed(tiny: Trained, folder: Path, **config: Any) -> Path:
    shutil.copytree(tiny.run, folder)
    file = folder / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | config))
    return folder


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"use_dora": True}, r"plain LoRA.*use_dora=True"),
        ({"peft_type": "IA3"}, r"peft_type='IA3'"),
        ({"r": 8}, "says 8"),
        ({"r": None}, "cannot be read"),
    ],
)
def test_what_an_adapter_cannot_be_is_said(
    tiny: Trained, tmp_path: Path, config: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        export(harmed(tiny, tmp_path / "run", **config), tmp_path / "out")


def test_weights_that_went_astray_are_refused(tiny: Trained, tmp_path: Path) -> None:
    run = harmed(tiny, tmp_path / "run")
    weights = load_file(run / WEIGHTS)
    next(iter(weights.values()))[0, 0] = torch.nan
    save_file(weights, run / WEIGHTS)
    with pytest.raises(UserError, match="not finite"):
        export(run, tmp_path / "out")
    (run / WEIGHTS).write_bytes(b"half")
    with pytest.raises(UserError, match="cannot be read"):
        export(run, tmp_path / "out")


def test_last_checkpoint_is_taken_where_nothing_is_better(tiny: Trained, tmp_path: Path) -> None:
    for name in ("checkpoint-9", "checkpoint-10"):
        shutil.copytree(tiny.run, tmp_path / "run" / name)
    weights = load_file(tmp_path / "run" / "checkpoint-9" / WEIGHTS)
    save_file({k: v + 1 for k, v in weights.items()}, tmp_path / "run" / "checkpoint-9" / WEIGHTS)
    tuned = export(tmp_path / "run", tmp_path / "out", base=str(tiny.base))
    assert tuned.card.adapter_sha256 == read_adapter(tiny.run).sha256
    with pytest.raises(UserError, match="no adapter"):
        export(tmp_path, tmp_path / "other")
    with pytest.raises(UserError, match="no such folder"):
        export(tmp_path / "nowhere", tmp_path / "other")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("wrapped", [False, True])
def test_full_disk_leaves_nothing(
    wrapped: bool, code: int, tiny: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any) -> None:
        Path(given[-1]).write_bytes(b"a part")
        if wrapped:
            raise SafetensorError(f"I/O error: {os.strerror(code)} (os error {code})")
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(exporting, "write_adapter", full)
    with pytest.raises(UserError, match=r"disk is full.*--out"):
        export(tiny.run, tmp_path / "place" / "out")
    assert list((tmp_path / "place").iterdir()) == []


def test_what_a_killed_export_left_is_cleared_away(tiny: Trained, tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    for owner in (ended.pid, os.getppid()):
        (tmp_path / f".out.{owner}.unfinished").mkdir()
    export(tiny.run, tmp_path / "out")
    left = {p.name for p in tmp_path.iterdir()}
    assert left == {"out", f".out.{os.getppid()}.unfinished"}
    with pytest.raises(UserError, match=r"there already.*--out"):
        export(tiny.run, tmp_path / "out")


def test_command_line(
    optiwright_: Callable[..., tuple[int, str, str]], tiny: Trained, tmp_path: Path
) -> None:
    out = tmp_path / "tuned"
    assert optiwright_("train", "export", str(tiny.run), "--out", str(out))[:2] == (0, f"{out}\n")
    code, _, error = optiwright_("train", "export", str(tiny.run), "--quantize", "q8_0")
    assert code == 2 and "Add `--merged`" in error
    code, _, error = optiwright_("train", "export", str(tiny.run), "--merged", "--adapter")
    assert code == 2 and "one at a time" in error


def test_exports_of_the_data_folder_are_listed(
    optiwright_: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tiny: Trained,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("OPTIWRIGHT_DATA_DIR", str(tmp_path))
    code, out, _ = optiwright_("train", "export", str(tiny.run))
    assert code == 0 and out == f"{tmp_path / 'tuned' / 'run-qwen2-adapter'}\n"
    assert f"--model {out}" in optiwright_("model", "list")[1]


@pytest.mark.parametrize(
    ("tasks", "form", "small"),
    [
        (["question_to_program", "question_to_script"], "flat", True),
        (["question_to_indexed"], "indexed", False),
        (["question_to_program"], "", False),
    ],
)
def test_run_says_which_form_it_was_tuned_to_write(
    tiny: Trained, tmp_path: Path, tasks: list[str], form: str, small: bool
) -> None:
    run = harmed(tiny, tmp_path / "run")
    config = {"base": str(tiny.base), "data": {"tasks": tasks}}
    (run / "card.json").write_text(json.dumps({"config": config}))
    if not form:
        with pytest.raises(UserError, match=r"tuned to question_to_program.*question_to_script"):
            export(run, tmp_path / "out")
        return
    tuned = export(run, tmp_path / "out")
    assert (tuned.card.form, tuned.small) == (form, small)
    assert choose_model(str(tuned.folder), cache=False).small is small


def test_the_guide_exports_as_it_says(
    optiwright_: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tiny: Trained,
    tmp_path: Path,
) -> None:
    guide = (Path(__file__).resolve().parents[1] / "docs" / "training.md").read_text("utf-8")
    lines = re.findall(r"^optiwright (train export runs/first .*)$", guide, flags=re.MULTILINE)
    assert len(lines) == 3
    shutil.copytree(tiny.run, tmp_path / "runs" / "first")
    monkeypatch.chdir(tmp_path)
    for line in lines:
        assert optiwright_(*line.split())[0] == 0
    holds = {p.name: {f.name for f in p.iterdir()} for p in tmp_path.iterdir() if p.name != "runs"}
    assert holds["tuned"] == {"adapter.gguf", CARD}
    assert holds["tuned-q8"] == {"model-q8_0.gguf", CARD}
    assert {"model.safetensors", "config.json", "tokenizer.json"} < holds["tuned-whole"]
