"""The served model: what is sent, what comes back, and every way it can fail."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import LanguageModel, Message, Reply, Request
from optiwright.agent.openai_client import OpenAIModel
from optiwright.agent.repetition import Repetition
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

KEY = "sk-very-secret-key-0123456789"
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def request(**given: Any) -> Request:
    return Request(messages=(Message(role="user", content="How much is the fish?"),), **given)


def ask(base_url: str, asked: Request, pieces: list[str] | None = None) -> Reply:
    async def run() -> Reply:
        model: LanguageModel = OpenAIModel("m", base_url, KEY)
        try:
            return await model.complete(asked, None if pieces is None else pieces.append)
        finally:
            await model.aclose()

    return asyncio.run(run())


def test_answer_is_streamed_with_its_counts() -> None:
    pieces: list[str] = []
    with fake_provider(answer('{"a": 12}')) as server:
        reply = ask(server.base_url, request(seed=4, sample=2, json_schema=SCHEMA), pieces)
    assert reply.text == '{"a": 12}' == "".join(pieces)
    assert len(pieces) == 3
    assert (reply.prompt_tokens, reply.completion_tokens, reply.finish_reason) == (11, 7, "stop")
    (body,) = server.bodies
    assert body["seed"] == 6
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA


def test_length_is_returned_not_raised() -> None:
    with fake_provider(answer("half", finish="length")) as server:
        assert ask(server.base_url, request()).finish_reason == "length"


def test_tokens_are_estimated_where_the_server_reports_none() -> None:
    with fake_provider(answer("x" * 40, usage=False)) as server:
        assert ask(server.base_url, request()).completion_tokens == 10


LOOP = "stock = 10*made  # kept\n# month\nmade = 3*stock\n"


def test_a_script_that_turns_in_circles_is_cut_off_with_what_it_has() -> None:
    with fake_provider(answer("# totals\n" + LOOP * 200)) as server:
        reply = ask(server.base_url, request(grammar="root ::= .*"))
    assert reply.finish_reason == "repetition"
    assert reply.text.count("stock = 10*made  # kept\n") == 4
    assert len(reply.text) < len(LOOP) * 5


def test_what_is_no_script_may_say_a_line_often() -> None:
    with fake_provider(answer(LOOP * 9)) as server:
        reply = ask(server.base_url, request())
    assert reply.text == LOOP * 9 and reply.finish_reason == "stop"


@given(
    st.lists(st.text("ab=*(, 0", max_size=20), unique_by=str.strip),
    st.integers(1, 9),
    st.integers(1, 3),
)
def test_a_script_whose_lines_differ_is_never_cut_off(
    lines: list[str], size: int, times: int
) -> None:
    script = "\n".join([*lines * times, ""])
    watched = Repetition()
    assert not any(watched.sees(script[k : k + size]) for k in range(0, len(script), size))


def refusing(*words: str) -> Behaviour:
    """A server that rejects a body in which one of `words` occurs, and names it."""

    def behave(handler: FakeHandler, body: dict[str, Any]) -> None:
        for word in words:
            if word in body or word == (body.get("response_format") or {}).get("type"):
                return status(400, f"Unsupported: '{word}'")(handler, body)
        return answer("fine")(handler, body)

    return behave


@pytest.mark.parametrize(
    "words",
    [
        ("json_schema",),
        ("json_schema", "json_object"),
        ("max_tokens",),
        ("temperature",),
        ("stream_options",),
        ("temperature", "max_tokens", "json_schema", "seed"),
    ],
)
def test_what_a_server_rejects_is_left_out_and_remembered(words: tuple[str, ...]) -> None:
    with fake_provider(refusing(*words)) as server:
        assert ask(server.base_url, request(json_schema=SCHEMA)).text == "fine"
        assert len(server.bodies) == 1 + len(words)
        assert ask(server.base_url, request(json_schema=SCHEMA)).text == "fine"
        assert len(server.bodies) == 2 + len(words)


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (status(401, f"Incorrect API key provided: {KEY}"), "unauthorized"),
        (status(403, "no"), "unauthorized"),
        (status(404, "no such model"), "unknown_model"),
        (status(400, f"prompt too long, {KEY}"), "rejected"),
        (html, "nonsense"),
        (events({"hello": "world"}), "nonsense"),
        (events("{broken"), "nonsense"),
        (events(5), "nonsense"),
        (events({"choices": []}), "nonsense"),
        (events({"choices": "many"}), "nonsense"),
        (events(chunk("half an ans")), "dropped"),
        (cut_off, "dropped"),
        (events(chunk(refusal="I cannot"), chunk(finish="stop")), "refused"),
        (events(chunk("x"), chunk(finish="content_filter")), "refused"),
        (events({"error": {"message": f"out of memory {KEY}"}}), "failed"),
    ],
)
def test_failures_are_one_sentence_without_the_key(behaviour: Behaviour, kind: str) -> None:
    with fake_provider(behaviour) as server, pytest.raises(ProviderError) as caught:
        ask(server.base_url, request())
    error = caught.value
    assert error.kind == kind
    assert KEY not in f"{error}{error!r}"
    assert "\n" not in str(error)
    assert error.__cause__ is None
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.kind, str(copy)) == (kind, str(error))


@pytest.mark.parametrize(("code", "kind"), [(429, "rate_limited"), (503, "failed")])
def test_retries_come_before_the_error(code: int, kind: str) -> None:
    def behave(handler: FakeHandler, body: dict[str, Any]) -> None:
        if len(server.bodies) < 3:
            status(code, "later")(handler, body)
        else:
            answer("at last")(handler, body)

    with fake_provider(behave) as server:
        assert ask(server.base_url, request()).text == "at last"
    with fake_provider(status(code, "later")) as server, pytest.raises(ProviderError) as caught:
        ask(server.base_url, request())
    assert caught.value.kind == kind
    assert len(server.bodies) == 3


def test_time_out_bounds_the_whole_call() -> None:
    with fake_provider(silent) as server, pytest.raises(ProviderError) as caught:
        ask(server.base_url, request(timeout_s=0.3))
    assert caught.value.kind == "timeout"


def test_nobody_there() -> None:
    with fake_provider(html) as server:
        gone = server.base_url
    with pytest.raises(ProviderError, match="cannot be reached") as caught:
        ask(gone.replace("http://", "http://user:hidden@"), request())
    assert caught.value.kind == "unreachable"
    assert "hidden" not in str(caught.value)
