"""What the pool's two sides say to each other: frames on a socket, and the data in them.

A frame is a kind, a job's number and a body. Bodies are JSON, but for two parts that only a job's
own process and the caller ever look into: the pickled arguments and the encoded value. The server
passes both on as bytes.
"""

from __future__ import annotations

import json
import pickle
import selectors
import struct
from collections import deque
from dataclasses import asdict, dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

from optiwright.solver_tools.sandbox_policy import Isolation, Profile

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence

_FRAME = struct.Struct("!BQQ")
_HEADER = struct.Struct("!I")
ANSWER_PREFIX = struct.Struct("!Q")
"""The size in bytes that a job's process writes ahead of its answer."""
SEALED = b"\1"
"""What it writes before that, once everything that confines it is in place."""
_JSON_ANSWER_LIMIT = 16 << 20


class Reason(StrEnum):
    """Why a job is over."""

    FINISHED = "finished"
    """The function returned."""
    ERROR = "error"
    """The function raised, or its process exited without a result."""
    TIMEOUT = "timeout"
    """Killed at the time limit."""
    MEMORY = "memory"
    """It asked for more memory than it was allowed."""
    OUTPUT_LIMIT = "output_limit"
    """Killed because it printed or returned too much."""
    KILLED = "killed"
    """Its process was ended by a signal (a crash), or the pool's server died under it."""
    REFUSED = "refused"
    """It was never started."""
    STOPPED = "stopped"
    """The caller ended it."""


class Encoding(StrEnum):
    """How a value crosses back to the caller; the caller chooses it, never the job."""

    PICKLE = "pickle"
    """For jobs that run our own functions only: unpickling runs what the bytes say."""
    JSON = "json"
    """For jobs that run anything else: reading it runs nothing."""


class Shelf(StrEnum):
    """Which libraries a job is likely to use; a side of the server each has them imported."""

    COMMON = "common"
    RARE = "rare"
    """Also what few programs use (`pool_warmth.RARE`)."""
    PLANS = "plans"
    """What finds plans and checks them (`pool_warmth.PLANS`)."""


class Kind(IntEnum):
    """Frames: RUN and KILL go to the server, the others come from it."""

    RUN = 1
    KILL = 2
    READY = 3
    OUTPUT = 4
    ANSWER = 5
    DONE = 6


@dataclass(frozen=True)
class Frame:
    """One message about the job of that number (0 for none)."""

    kind: Kind
    job: int
    body: bytearray


@dataclass(frozen=True)
class Job:
    """What the server has to know of a job; the arguments follow it in the frame."""

    function: str
    """`package.module:name`, importable in the server."""
    time_limit_s: float
    """Wall-clock seconds from its start."""
    memory_mb: int
    """Address space beyond the server's own, MiB; a larger answer is refused too."""
    output_limit: int
    """Bytes of standard output and standard error together."""
    profile: Profile = Profile.COMPILED
    isolation: Isolation = Isolation.REQUIRED
    shelf: Shelf = Shelf.COMMON
    files: dict[str, int] = field(default_factory=dict)
    """The files that the job finds in its directory: name and size, in the order of their bytes
    behind the arguments."""

    @property
    def encoding(self) -> Encoding:
        """How the answer comes: only our own functions may be unpickled."""
        return Encoding.PICKLE if self.profile is Profile.COMPILED else Encoding.JSON

    @property
    def answer_limit(self) -> int:
        """Bytes of the largest answer that is taken."""
        limit = self.memory_mb << 20
        return limit if self.encoding is Encoding.PICKLE else min(limit, _JSON_ANSWER_LIMIT)


@dataclass(frozen=True)
class Answer:
    """What a job's own process says of its end; the encoded value follows it."""

    reason: Reason
    error: str = ""


@dataclass(frozen=True)
class Done:
    """What the server says of a job's end; `FINISHED` here means: see the answer."""

    reason: Reason
    error: str
    seconds: float = 0.0
    peak_mb: float = 0.0
    protections: tuple[str, ...] = ()
    """What protected the machine from the job."""
    warning: str = ""
    """What was missing, where the job ran nevertheless."""


@dataclass(frozen=True)
class Ready:
    """The server has imported what it could; `missing` tells for each other module why."""

    missing: dict[str, str]


def pack(message: Job | Answer | Done | Ready, tail: bytes = b"") -> list[bytes]:
    """Returns the parts of a frame's body: the message's length, the message as JSON, the tail."""
    header = json.dumps(asdict(message)).encode()
    return [_HEADER.pack(len(header)), header, tail]


def unpack(body: bytearray) -> tuple[dict[str, Any], memoryview]:
    """Returns the fields of the message in `body` and the tail behind it."""
    (size,) = _HEADER.unpack_from(body)
    start = _HEADER.size
    return json.loads(body[start : start + size]), memoryview(body)[start + size :]


def read_job(body: bytearray) -> tuple[Job, memoryview, dict[str, memoryview]]:
    """Returns a RUN frame's job, its pickled arguments and its files."""
    fields, data = unpack(body)
    enums = {"profile": Profile, "isolation": Isolation, "shelf": Shelf}
    job = Job(**fields | {name: enum(fields[name]) for name, enum in enums.items()})
    at = len(data) - sum(job.files.values())
    arguments, files = data[:at], {}
    for name, size in job.files.items():
        files[name] = data[at : at + size]
        at += size
    return job, arguments, files


def encode(value: object, encoding: Encoding) -> bytes:
    """Returns `value` as bytes, in the encoding that the caller chose."""
    match encoding:
        case Encoding.PICKLE:
            return pickle.dumps(value, protocol=5)
        case Encoding.JSON:
            return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def decode(data: memoryview, encoding: Encoding) -> Any:
    """Returns the value that `encode` wrote.

    Raises:
        ValueError: no JSON (or RecursionError), or such that could not be written again: a number
            too large for a float, half a surrogate pair. The job may have written it itself.
    """
    match encoding:
        case Encoding.PICKLE:
            return pickle.loads(data)
        case Encoding.JSON:
            value = json.loads(bytes(data))
            encode(value, encoding)
            return value


class Channel:
    """Frames over one end of a stream socket, without ever blocking.

    What cannot be sent at once waits in an outbox, so neither side stops reading because the
    other's buffer is full; that is what keeps large jobs from locking the two against each other.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._outbox: deque[memoryview] = deque()
        self._head: tuple[Kind, int] | None = None
        self._expect(_FRAME.size)

    def fileno(self) -> int:
        """The socket's descriptor, for selectors."""
        return self._sock.fileno()

    def close(self) -> None:
        """Closes the socket; the other side reads the end of the stream."""
        self._sock.close()

    @property
    def events(self) -> int:
        """What to wait for: reading always, writing while the outbox holds something."""
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outbox else 0)

    def send(self, kind: Kind, job: int, parts: Sequence[bytes | bytearray]) -> None:
        """Sends a frame, or as much of it as goes now; `flush` sends the rest."""
        body = [part for part in parts if part]
        head = _FRAME.pack(kind, job, sum(map(len, body)))
        self._outbox.extend(memoryview(part) for part in (head, *body))
        self.flush()

    def flush(self) -> None:
        """Sends what the socket takes of the outbox."""
        try:
            while self._outbox:
                sent = self._sock.send(self._outbox[0])
                self._outbox[0] = self._outbox[0][sent:]
                if not self._outbox[0]:
                    self._outbox.popleft()
        except BlockingIOError:
            return
        except (BrokenPipeError, ConnectionResetError):
            self._outbox.clear()  # the other side is gone, which `receive` reports

    def receive(self) -> Iterator[Frame]:
        """Yields the frames that have come in whole.

        Raises:
            EOFError: the other side closed its end or died.
        """
        while True:
            try:
                count = self._sock.recv_into(memoryview(self._buffer)[self._filled :])
            except BlockingIOError:
                return
            except ConnectionResetError:
                count = 0
            if count == 0:
                raise EOFError
            self._filled += count
            if self._filled == len(self._buffer) and (frame := self._complete()):
                yield frame

    def _complete(self) -> Frame | None:
        if self._head is None:
            kind, job, size = _FRAME.unpack(self._buffer)
            self._head = (Kind(kind), job)
            self._expect(size)
            if size:
                return None
        frame = Frame(*self._head, self._buffer)
        self._head = None
        self._expect(_FRAME.size)
        return frame

    def _expect(self, size: int) -> None:
        self._buffer = bytearray(size)
        self._filled = 0
