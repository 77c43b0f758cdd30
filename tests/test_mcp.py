"""The MCP server through the library's own client over stdio: tools, questions, errors."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import ElicitRequestParams, ElicitResult

from tests.conversations import ROOT
from tests.test_clarify import CHAIRS

TOOLS = {"formulate", "solve", "what_if", "explain", "run_in_sandbox"}
PROGRAM = """
import pyomo.environ as pyo
m = pyo.ConcreteModel()
m.x = pyo.Var(bounds=(0, 4))
m.profit = pyo.Objective(expr=3 * m.x, sense=pyo.maximize)
pyo.SolverFactory("appsi_highs").solve(m)
"""


def talk(
    tmp_path: Path,
    work: Callable[[Client], Awaitable[Any]],
    reply: str | None = None,
    mode: str = "auto",
) -> list[dict[str, Any]]:
    """Start a server, do `work` with a client of it, and return the questions that it asked."""
    asked: list[dict[str, Any]] = []

    async def answer(context: Any, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.model_dump())
        if reply is None:
            return ElicitResult(action="decline")
        (name,) = params.model_dump()["requested_schema"]["properties"]
        return ElicitResult(action="accept", content={name: reply})

    environment = dict(os.environ) | {"OPTIWRIGHT_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "tests.mcp_scripted", "0"], env=environment, cwd=ROOT
    )

    async def run() -> None:
        async with Client(server, elicitation_callback=answer, mode=mode) as client:
            await work(client)

    asyncio.run(run())
    return asked


@pytest.mark.slow
def test_a_client_solves_asks_and_explains(tmp_path: Path) -> None:
    got: dict[str, Any] = {}

    async def work(client: Client) -> None:
        got["tools"] = {t.name for t in (await client.list_tools()).tools}
        solved = await client.call_tool("solve", {"problem": CHAIRS["text"]})
        got["solved"] = solved.structured_content
        changed = await client.call_tool("explain", {})
        got["explained"] = changed.structured_content
        ran = await client.call_tool("run_in_sandbox", {"program": PROGRAM})
        got["ran"] = ran.structured_content
        empty = await client.call_tool("solve", {"problem": "hello"})
        got["error"] = (empty.is_error, empty.content[0].text)  # type: ignore[union-attr]

    asked = talk(tmp_path, work)
    assert got["tools"] == TOOLS
    assert got["solved"]["status"] == "optimal" and got["solved"]["objective"] is not None
    assert got["solved"]["formulation"] and got["solved"]["answer"]
    assert got["explained"]["explanation"].startswith("# ")
    assert (got["ran"]["status"], got["ran"]["objective"]) == ("optimal", pytest.approx(12))
    assert got["error"][0] and "states no quantity" in got["error"][1]
    assert "Traceback" not in got["error"][1]
    assert len(asked) == 1


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_what_a_text_leaves_open_is_elicited(tmp_path: Path, mode: str) -> None:
    got: dict[str, Any] = {}

    async def work(client: Client) -> None:
        solved = await client.call_tool("solve", {"problem": CHAIRS["text"]})
        got["objective"] = solved.structured_content["objective"]

    asked = talk(tmp_path / "guess", work)
    (field,) = asked[0]["requested_schema"]["properties"].values()
    guessed = got["objective"]
    talk(tmp_path / "other", work, field["enum"][-1], mode)
    assert got["objective"] != guessed
