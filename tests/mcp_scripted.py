"""`optiwright mcp` with a scripted model in the embedded one's place, for a client's tests."""

from __future__ import annotations

import sys

from optiwright.mcp_server import serve
from optiwright.testing import ScriptedModel
from tests.test_clarify import CHAIRS

if __name__ == "__main__":
    model = ScriptedModel(lambda request: str(CHAIRS["script"]))
    model.small = True
    serve({"model": model, "effort": "quick", "seed": int(sys.argv[1])})
