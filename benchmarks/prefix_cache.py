"""What keeping the prompt's fixed part saves with the embedded model.

Run: python benchmarks/prefix_cache.py

Times one call that generates a single token: with nothing kept, with the part warm in the running
server, and with it restored from disk by the next server. Ratios are against the first.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time

from optiwright.agent import places
from optiwright.agent.choose_model import choose_model
from optiwright.agent.llm import Request
from optiwright.agent.prompting import load_prompt

PROBLEM = "A desk earns 45 and takes 3 hours, a chair 13 and 1 hour. There are 40 hours."


async def timed(calls: int) -> list[tuple[float, int]]:
    """Start a server, call it `calls` times, end it; seconds and prompt tokens of each call."""
    prompt = load_prompt("formulate_flat")
    model = choose_model(cache=False)
    await model.complete(Request(messages=prompt.messages(problem="1")[-1:], max_tokens=1))
    results = []
    for number in range(calls):
        messages = prompt.messages(problem=f"{PROBLEM} Case {number}.")
        start = time.monotonic()
        reply = await model.complete(
            Request(messages=messages, fixed=len(prompt.fixed), max_tokens=1)
        )
        results.append((time.monotonic() - start, reply.prompt_tokens))
    await model.aclose()
    return results


def main() -> None:
    """Print the table."""
    os.environ["OPTIWRIGHT_MODEL_DIR"] = str(places.model_dir())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OPTIWRIGHT_CACHE_DIR"] = folder
        cold, warm = asyncio.run(timed(2))
        time.sleep(3)  # the first server ends with its last user
        (restored,) = asyncio.run(timed(1))
    print(f"| a prompt of {cold[1]} tokens | s | ratio |\n|---|---|---|")
    rows = {"read, and saved": cold, "warm in the server": warm, "restored from disk": restored}
    for name, (seconds, _) in rows.items():
        print(f"| {name} | {seconds:.1f} | {seconds / cold[0]:.2f} |")


if __name__ == "__main__":
    main()
