"""A pool of warm forked workers: each job runs in a process of its own that can be ended.

A server process has the modelling libraries imported and forks a child for every job, so that a
job starts within milliseconds and still shares nothing with the caller or with other jobs.

What it guards for every job: *time* (the job's process group is killed at the wall clock, whatever
it ignores), *memory* (address space, Linux only), *crashes* (a segmentation fault or an abort is an
outcome), *output* (captured at the level of file descriptors and capped), and *lifetime* (no job
outlives its server, and no server its caller, `kill -9` included). The caller's environment
variables do not reach a job.

`Profile.COMPILED` is for our own functions on compiled models: the above is all, so files, the
network and processes are open to them, and arguments and results are pickled. Processes that such a
job starts end with it, but not if they detach into a session of their own, nor if the server itself
is killed.

`Profile.WRITTEN` is for what a language model wrote. It sees no one else's processes, has no
network, reads the system's libraries, Python and its own files only, writes only in a directory of
its own in memory, starts no process, and returns JSON, which is never unpickled. `sandbox_policy`
names the protections; an outcome says which were active, and by default (`Isolation.REQUIRED`) such
a job is refused where those that stop writing files and the network are missing.

`Profile.TOOL` is for a trusted tool, as a planner or a user's simulator: confined in the same way,
but it may start programs and processes, which are confined as it is and end with it. Its limit on
memory holds for each of them.

What it does not guard: bugs in the kernel, in its namespaces, Landlock or seccomp; side channels
between processes of one machine (caches, timing, how busy it is); whether a file exists and how
large it is, which a confined job may ask of any path; and what a caller does with an answer. A job
may answer anything, or make its solver lie, and so is a witness and no authority. Processor time is
limited by the wall clock only. macOS and Windows have none of the confinement: there WRITTEN jobs
are refused.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import pickle
import threading
import weakref
from collections import deque
from concurrent.futures import Future
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from optiwright.solver_tools.pool_process import ServerProcess
from optiwright.solver_tools.pool_protocol import (
    Done,
    Frame,
    Job,
    Kind,
    Reason,
    pack,
    unpack,
)
from optiwright.solver_tools.pool_task import Outcome, Task
from optiwright.solver_tools.pool_warmth import shelf_of
from optiwright.solver_tools.sandbox_policy import Isolation, Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

__all__ = ["Isolation", "Outcome", "Pool", "Profile", "Reason", "default_pool"]

OUTPUT_LIMIT = 1_000_000
"""Bytes of output after which a job is killed."""
_NO_FILES: Mapping[str, bytes] = MappingProxyType({})
_log = logging.getLogger(__name__)


class Pool:
    """Runs functions in forked children of one warm server process.

    Cheap to make: the server starts with the first job, or ahead of it by `warm`. A pool may be
    used from any thread. After a fork the child's copy of a pool is empty and starts a server of
    its own. A server that dies is replaced at the next job; the jobs it ran are reported KILLED.

    Args:
        workers: jobs that run at once; further ones wait, and their time limit with them. So many
            children also wait for WRITTEN jobs, once there was one.
        import_paths: directories from which jobs, confined ones too, may import and read beyond
            what is installed.
        without: protections (`sandbox_policy.Protection`) to do without, as on a machine that
            lacks them.
    """

    def __init__(
        self,
        workers: int = 2,
        *,
        import_paths: Sequence[str] = (),
        without: Collection[str] = (),
    ) -> None:
        self._workers = workers
        self._without = tuple(without)
        self._import_paths = tuple(os.path.abspath(path) for path in import_paths)
        self.missing: dict[str, str] = {}
        """Modules that the server could not import, with the reason; filled when it is ready."""
        self._server: ServerProcess | None = None
        self._closed = False
        self._forget()
        _pools.add(self)

    def _forget(self) -> None:
        """Starts empty; in a forked child, without what belongs to the parent."""
        if self._server is not None:
            self._server.close()
        self._server = None
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()
        self._waiting: deque[Task] = deque()
        self._running: dict[int, Task] = {}
        self._to_kill: list[int] = []
        self._count = 0

    def warm(self) -> None:
        """Starts the server, in the background, if there is none."""
        with self._lock:
            if not self._closed and self._server is None:
                self._server = ServerProcess()
                self._thread = threading.Thread(
                    target=self._converse, args=(self._server,), name="optiwright-pool", daemon=True
                )
                self._thread.start()

    def submit(
        self,
        function: str,
        *args: Any,
        time_limit_s: float,
        memory_mb: int = 4096,
        on_output: Callable[[str], None] | None = None,
        profile: Profile = Profile.COMPILED,
        files: Mapping[str, bytes] = _NO_FILES,
        isolation: Isolation = Isolation.REQUIRED,
        output_limit: int = OUTPUT_LIMIT,
    ) -> Future[Outcome]:
        """Has `function(*args)` run in a process of its own; cancelling the future kills it.

        Args:
            function: `package.module:name`, importable in the server.
            args: pickled here and now; what pickle raises for them comes from this call.
            time_limit_s: wall-clock seconds from the start of the job.
            memory_mb: address space, MiB, that the job may take beyond the server's own.
            on_output: called with pieces of the output as they come, in the pool's thread: it
                must return at once.
            profile: whose code it is; what any but COMPILED returns has to be JSON.
            files: for any but COMPILED, what lies in its working directory, to read: plain names.
            isolation: whether any but COMPILED runs where too little protects from it.
            output_limit: bytes of output after which it is killed.

        Raises:
            ValueError: `files` are named otherwise, or given to another profile.
        """
        _check_files(files, profile)
        sizes = {name: len(data) for name, data in files.items()}
        pickled = pickle.dumps(args, protocol=5)
        job = Job(
            function,
            time_limit_s,
            memory_mb,
            output_limit,
            profile,
            isolation,
            shelf=shelf_of(function, pickled),
            files=sizes,
        )
        arguments = b"".join([pickled, *files.values()])
        with self._lock:
            self._count += 1
            task = Task(self._count, job, arguments, on_output)
            refused = self._closed
            if not refused:
                self._waiting.append(task)
                self.warm()
                self._wake()
        if refused:
            task.settle(Done(Reason.REFUSED, "The pool is closed."))
        task.future.add_done_callback(lambda future: self._on_done(task))
        return task.future

    async def run(
        self,
        function: str,
        *args: Any,
        time_limit_s: float,
        memory_mb: int = 4096,
        on_output: Callable[[str], None] | None = None,
        profile: Profile = Profile.COMPILED,
        files: Mapping[str, bytes] = _NO_FILES,
        isolation: Isolation = Isolation.REQUIRED,
        output_limit: int = OUTPUT_LIMIT,
    ) -> Outcome:
        """As `submit`, awaited; cancelling the awaiting task kills the job.

        `on_output` is called in the event loop.
        """
        loop = asyncio.get_running_loop()
        future = self.submit(
            function,
            *args,
            time_limit_s=time_limit_s,
            memory_mb=memory_mb,
            on_output=on_output and (lambda text: _call_soon(loop, on_output, text)),
            profile=profile,
            files=files,
            isolation=isolation,
            output_limit=output_limit,
        )
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Ends the server and every job; what was running or waiting is STOPPED."""
        with self._lock:
            self._closed = True
            thread = self._thread
            self._wake()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _wake(self) -> None:
        if self._server is not None:
            self._server.wake()

    def _on_done(self, task: Task) -> None:
        """Takes a cancelled job out of the queue, or has it killed."""
        if not task.future.cancelled():
            return
        with self._lock:
            if task in self._waiting:
                self._waiting.remove(task)
                task.future.set_running_or_notify_cancel()
            elif task.number in self._running:
                self._to_kill.append(task.number)
                self._wake()

    # --- in the pool's own thread ---

    def _converse(self, server: ServerProcess) -> None:
        try:
            server.start(self._import_paths, self._without, self._workers)
            while not self._closed:
                self._feed(server)
                for frame in server.wait():
                    self._take(server, frame)
        except (EOFError, OSError) as error:
            _log.debug("the pool's server is gone: %r", error)
        finally:
            self._bury(server)

    def _feed(self, server: ServerProcess) -> None:
        """Sends what the callers want: stops, and jobs while there are free workers."""
        with self._lock:
            for number in self._to_kill:
                server.channel.send(Kind.KILL, number, [])
            self._to_kill.clear()
            while self._waiting and len(self._running) < self._workers:
                task = self._waiting.popleft()
                self._running[task.number] = task
                server.channel.send(Kind.RUN, task.number, pack(task.job, task.arguments))
                task.arguments = b""

    def _take(self, server: ServerProcess, frame: Frame) -> None:
        match frame.kind:
            case Kind.READY:
                server.ready = True
                self.missing = unpack(frame.body)[0]["missing"]
            case Kind.OUTPUT:
                self._running[frame.job].hear(bytes(frame.body))
            case Kind.ANSWER:
                self._running[frame.job].answer += frame.body
            case Kind.DONE:
                with self._lock:
                    task = self._running.pop(frame.job)
                fields = unpack(frame.body)[0]
                task.settle(Done(**fields | {"reason": Reason(fields["reason"])}))

    def _bury(self, server: ServerProcess) -> None:
        """Reports the jobs of a server that is gone, and has the waiting ones run by a new one."""
        sentence = server.end()
        with self._lock:
            lost = list(self._running.values())
            self._running.clear()
            self._to_kill.clear()
            if self._closed or not server.ready:
                lost += self._waiting
                self._waiting.clear()
            if self._server is server:
                self._server = self._thread = None
            if self._waiting:
                self.warm()
        if self._closed:
            reason, sentence = Reason.STOPPED, "The pool was closed."
        else:
            reason = Reason.KILLED if server.ready else Reason.REFUSED
        for task in lost:
            task.settle(Done(reason, sentence))


def _check_files(files: Mapping[str, bytes], profile: Profile) -> None:
    if files and profile is Profile.COMPILED:
        raise ValueError(
            f"`files` were given to a job of profile `{profile}`, which has no directory of its "
            "own; pass the data as an argument"
        )
    for name in files:
        if name in {"", ".", ".."} or "/" in name or "\0" in name:
            raise ValueError(
                f"`{name}` in `files` is not a plain file name; give it without folder"
            )


def _call_soon(
    loop: asyncio.AbstractEventLoop, on_output: Callable[[str], None], text: str
) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(on_output, text)


_pools: weakref.WeakSet[Pool] = weakref.WeakSet()
_default: Pool | None = None
_default_lock = threading.Lock()


def default_pool() -> Pool:
    """Returns the process's pool, made on first use and closed at exit."""
    global _default
    with _default_lock:
        if _default is None:
            _default = Pool()
            atexit.register(_default.close)
        return _default


def _after_fork() -> None:
    global _default_lock
    _default_lock = threading.Lock()
    for pool in list(_pools):
        pool._forget()


os.register_at_fork(after_in_child=_after_fork)
