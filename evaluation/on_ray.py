"""The same work over a Ray cluster: a task a problem and sample, its record sent back here.

Ray places the tasks and starts their processes, on this machine or on the cluster that its own
`RAY_ADDRESS` names (with this version of Optiwright on each machine); each process has its own
sandbox pool. This process alone writes records. The model's key travels in a task's arguments,
which Ray keeps in memory and writes to no log. A cluster started here listens on loopback only,
asks for a random token, has no dashboard and reports nothing to anybody.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import pickle
import secrets
import time
from functools import lru_cache
from typing import Any

from optiwright.agent.loop import wait
from optiwright.agent.pacing import Pace
from optiwright.evaluation.methods import Outcome, failed_record
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.runner import Answered, Work
from optiwright.formulators.errors import OptiwrightError, UserError

PACKAGE = "ray"
TRIES = 3
"""How often a problem is begun whose worker dies under it."""
_STARTS = 3
_CANCELLING_S = 3.0
_STORE_BYTES = 100_000_000  # results are small, and Ray would take a third of the memory


class WorkerError(OptiwrightError):
    """A worker's process or machine was lost with a problem on it."""


class SharedPace:
    """One pace for the workers of a cluster: an actor of its own keeps it.

    Args:
        per_minute: how many turns a minute.
    """

    def __init__(self, per_minute: float) -> None:
        self._per_minute = per_minute
        self._keeper: Any = None

    def start(self) -> None:
        """Start the keeper, before this is sent to a worker."""
        import ray

        lasting = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)
        self._keeper = lasting(Pace).remote(self._per_minute)

    async def turn(self) -> None:
        """Wait for a turn."""
        await self._keeper.turn.remote()


class OnRay:
    """Work that is done by Ray's workers; the cluster is joined or started with the first problem.

    Args:
        work: what a worker does with a problem; its method and its model are pickled.
        jobs: how many worker processes a cluster of our own has.
        pace: of the model's calls, where there is one.
    """

    def __init__(self, work: Work, jobs: int, pace: SharedPace | None = None) -> None:
        self.settings = work.settings
        self.model = work.model
        self._work = work
        self._jobs = jobs
        self._pace = pace
        self._starting = asyncio.Lock()
        self._connected = False
        self._packed = b""

    async def answer(self, problem: Problem, sample: int) -> Answered:
        """Have a worker answer; one that dies is replaced, and the problem begun again.

        Raises:
            UserError: the cluster or the model cannot be used.
            OptiwrightError: the cluster failed.
        """
        started = time.monotonic()
        await self._ready()
        for _ in range(TRIES):
            try:
                return await self._tried(problem, sample)
            except WorkerError as error:
                lost = error
        return await self._work.recorded(
            problem, sample, Outcome(failed_record(problem.text, lost)), started
        )

    async def aclose(self) -> None:
        """Leave the cluster, which ends if it was started here; close the model."""
        if self._connected:
            import ray

            await asyncio.to_thread(ray.shutdown)
        await self._work.aclose()

    async def _ready(self) -> None:
        async with self._starting:
            if not self._packed:
                self._connected = await asyncio.to_thread(join_cluster, self._jobs)
                if self._pace is not None:
                    self._pace.start()
                self._packed = await asyncio.to_thread(_pack, self._work)

    async def _tried(self, problem: Problem, sample: int) -> Answered:
        import ray
        from ray import exceptions as failures

        reference = ray.remote(max_retries=0)(_work_on).remote(self._packed, problem, sample)
        try:
            answered: Answered = await reference
            return answered
        except asyncio.CancelledError:
            ray.cancel(reference)
            await asyncio.to_thread(ray.wait, [reference], timeout=_CANCELLING_S)
            raise
        except failures.RayTaskError as error:
            raise error.cause from None
        except (
            failures.WorkerCrashedError,
            failures.NodeDiedError,
            failures.OutOfMemoryError,
            failures.ObjectLostError,
        ) as error:
            raise WorkerError(
                f"the worker died {TRIES} times over this problem: {_first_line(error)}"
            ) from None
        except failures.RayError as error:
            raise OptiwrightError(
                f"Ray failed: {_first_line(error)}", remedy="The same command goes on from here."
            ) from None


def need_ray() -> None:
    """See that Ray is there.

    Raises:
        UserError: it is not installed.
    """
    if importlib.util.find_spec(PACKAGE) is None:
        raise UserError(
            "the engine `ray` needs the package `ray`, which is not installed",
            remedy='Run `pip install "optiwright[ray]"`, or leave --engine out.',
        )


def join_cluster(jobs: int) -> bool:
    """Join the cluster that `RAY_ADDRESS` names, or start one here with so many workers.

    Returns:
        Whether that was done now: a caller may have joined one before, and then it is his.

    Raises:
        UserError: there is no such cluster.
        OptiwrightError: none could be started here.
    """
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    address = os.environ.get("RAY_ADDRESS")
    if address is None:
        options |= {"address": "local", "num_cpus": jobs, "include_dashboard": False}
        options["object_store_memory"] = _STORE_BYTES
        _guard_local_cluster()
    import ray  # reads the environment

    if ray.is_initialized():
        return False
    if address is None:
        _start(options)
        return True
    try:
        ray.init(**options)
    except (ConnectionError, RuntimeError) as error:
        raise UserError(
            f"the Ray cluster cannot be used: {_first_line(error)}",
            where=f"RAY_ADDRESS={address}",
            remedy="Check RAY_ADDRESS, or unset it to run on this machine.",
        ) from None
    return True


def _start(options: dict[str, Any]) -> None:
    import ray

    for tries_left in reversed(range(_STARTS)):
        try:
            ray.init(**options)
            return
        except Exception as error:  # Ray raises a bare one where a process takes over 15 s to start
            ray.shutdown()
            if not tries_left:
                raise OptiwrightError(
                    f"Ray did not start: {_first_line(error)}",
                    remedy="Try again when this machine is less busy.",
                ) from None


def _guard_local_cluster() -> None:
    # Whoever reaches a cluster runs what he likes on it: Ray asks for this token, ours alone.
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    # By its name for other systems, but Linux heeds it too: loopback only.
    os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")


def _pack(work: Work) -> bytes:
    from ray import cloudpickle

    try:
        packed: bytes = cloudpickle.dumps(work)
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        raise UserError(
            f"the method or the model cannot be sent to Ray's workers: {_first_line(error)}",
            remedy="Give what can be pickled, or leave the engine out.",
        ) from None
    return packed


def _work_on(packed: bytes, problem: Problem, sample: int) -> Answered:
    return wait(_unpacked(packed).answer(problem, sample))


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> Work:
    """The work, once a process, so that its client's connections are kept."""
    work: Work = pickle.loads(packed)
    return work


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
