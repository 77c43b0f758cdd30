"""The least number of steps of a published instance: what a plan's label says.

Found by breadth-first search where an instance has few states, so that the label does not hang on a
planner that is measured by it. The others are solved once by an optimal planner, and its proof is
kept in the user's cache.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from optiwright.agent.places import cache_dir
from optiwright.evaluation.planning_pddl import Atom, Domain, Instance
from optiwright.evaluation.planning_run import least_steps
from optiwright.formulators.planning import Action, Fact, ObjectKind, Place, Planning, Thing
from optiwright.solver_tools.plan_outcome import PlanStatus
from optiwright.solver_tools.planning import find_plan

_FEW_STATES = 5_000
_LIMIT_S = 120.0


def known_least(domain: Domain, instance: Instance) -> int | None:
    """Return how many steps a shortest plan has; None where nothing shows it."""
    file = _file_of(domain, instance)
    if file.is_file():
        return int(file.read_text("utf-8"))
    least = least_steps(domain, instance, _FEW_STATES)
    if least is not None:
        return least
    outcome = find_plan(as_planning(domain, instance), time_limit_s=_LIMIT_S)
    if outcome.status is not PlanStatus.OPTIMAL:
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.write_text(str(len(outcome.steps)), encoding="utf-8")
    os.replace(part, file)
    return len(outcome.steps)


def as_planning(domain: Domain, instance: Instance) -> Planning:
    """Return a published instance as a planning formulation; hyphens become underscores."""
    shapes = sorted({(_name(atom[0]), len(atom) - 1) for atom in _atoms(domain, instance)})
    return Planning(
        title=_name(domain.name),
        kinds=tuple(
            ObjectKind(name=_name(kind), parent=_name(parent))
            for kind, parent in domain.parents.items()
        ),
        objects=tuple(
            Thing(name=_name(name), kind=_name(kind)) for name, kind in instance.objects.items()
        ),
        facts=tuple(
            Fact(name=name, places=tuple(Place(name=f"x{k}") for k in range(count)))
            for name, count in shapes
        ),
        actions=tuple(
            Action(
                name=_name(operator.name),
                places=tuple(
                    Place(name=_name(name), kind=_name(kind)) for name, kind in operator.parameters
                ),
                needs=(
                    *_written(operator.needs),
                    *(f"not {atom}" for atom in _written(operator.needs_not)),
                ),
                makes=_written(operator.adds),
                ends=_written(operator.deletes),
            )
            for operator in domain.operators
        ),
        start=_written(instance.start),
        goal=_written(instance.goal),
    )


def _atoms(domain: Domain, instance: Instance) -> set[Atom]:
    atoms = set(instance.start | instance.goal)
    for operator in domain.operators:
        atoms |= operator.needs | operator.needs_not | operator.adds | operator.deletes
    return atoms


def _written(atoms: frozenset[Atom]) -> tuple[str, ...]:
    return tuple(sorted(_one(atom) for atom in atoms))


def _one(atom: Atom) -> str:
    name, *rest = map(_name, atom)
    return f"{name}({', '.join(rest)})" if rest else name


def _name(name: str) -> str:
    return name.replace("?", "any_").replace("-", "_")


def _file_of(domain: Domain, instance: Instance) -> Path:
    told = [domain.name, sorted(instance.objects.items()), sorted(instance.start)]
    digest = hashlib.sha256(json.dumps([*told, sorted(instance.goal)]).encode()).hexdigest()
    return cache_dir() / "least-steps" / digest[:16]
