"""Scripted runs that look for a plan: the lines and programs that a model would write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from optiwright.agent.result import Result
from optiwright.testing import ScriptedModel, ScriptedReply
from tests.agent_runs import run

FERRY = (Path(__file__).parents[1] / "examples" / "ferry.txt").read_text("utf-8")
LINES = """\
kind van, pier
object baker: van  # the baker's van
object plumber: van  # the plumber's van
object north_haven: pier  # North Haven
object mill_quay: pier  # Mill Quay
object old_stairs: pier  # Old Stairs
fact lies_at(spot: pier)  # the ferry lies at spot
fact stands_at(car: van, spot: pier)  # car stands at spot
fact on_board(car: van)  # car is on board
fact empty  # the ferry is empty
action sail(here: pier, there: pier)  # sail from here to there
  needs lies_at(here), here != there
  makes lies_at(there)
  ends lies_at(here)
action board(car: van, spot: pier)  # car rolls on board at spot
  needs stands_at(car, spot), lies_at(spot), empty
  makes on_board(car)
  ends stands_at(car, spot), empty
action land(car: van, spot: pier)  # car rolls off at spot
  needs on_board(car), lies_at(spot)
  makes stands_at(car, spot), empty
  ends on_board(car)
start lies_at(north_haven), empty, stands_at(baker, mill_quay), stands_at(plumber, old_stairs)
goal stands_at(baker, old_stairs), stands_at(plumber, north_haven)
least steps
"""
"""The ferry's problem; seven steps are the least."""

NO_LANDING = LINES.replace("makes stands_at(car, spot), empty", "makes empty")
"""A van that has left cannot stand anywhere again: no plan is possible."""
FAULTY = LINES.replace("needs lies_at(here)", "needs moored(here)")
"""Names a fact that there is none of."""
SURE = {"goal": True, "objects_and_facts": True, "actions": True, "plan": True}
RIGHT: dict[str, Any] = {"analysis": "Every part is as the text says.", **SURE}

STEPS = [
    ("Sail", ["North Haven", "Mill Quay"]),
    ("RollOn", ["baker's van", "Mill Quay"]),
    ("Sail", ["Mill Quay", "Old Stairs"]),
    ("RollOff", ["baker's van", "Old Stairs"]),
    ("RollOn", ["plumber's van", "Old Stairs"]),
    ("Sail", ["Old Stairs", "North Haven"]),
    ("RollOff", ["plumber's van", "North Haven"]),
]
"""A best plan in a program's own names."""


def program(steps: list[tuple[str, list[str]]], result: str = "optimal") -> str:
    """A reply with a program that prints a plan."""
    lines = [json.dumps({"action": a, "objects": o}) for a, o in steps]
    lines.append(json.dumps({"result": result}))
    source = "\n".join(f"print({line!r})" for line in lines)
    return f"Here it is.\n```python\n{source}\n```\n"


def plan(
    replies: list[ScriptedReply], text: str = FERRY, **options: Any
) -> tuple[Result, ScriptedModel]:
    """The result of a scripted run for a plan, every reply of which was asked for."""
    return run(replies, text, **{"form": None, "solver": "cp-sat", **options})
