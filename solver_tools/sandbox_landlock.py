"""Landlock: which paths a confined job may read, and the one directory that it may write in.

What it guards: opening, creating, removing, renaming, linking and truncating files, running
programs, TCP, and (Linux 6.12) signals and abstract sockets beyond the job. Readable are the
system's libraries and programs, the interpreter with its packages, a few files without secrets
(`_READABLE`), and of /proc the job's own folder. So /etc/passwd, home directories and other
processes are not, although the job has the same user.

What it does not guard: that a path exists, its size and times may be asked (`stat`); changes of
modes and owners, which the read-only mounts or the system call filter refuse.
"""

from __future__ import annotations

import ctypes
import os
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from optiwright.solver_tools.sandbox_kernel import system_call

if TYPE_CHECKING:
    from collections.abc import Sequence

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHARACTER, _MAKE_BLOCK, _MAKE_SOCKET = 1 << 6, 1 << 11, 1 << 9
_REFER, _TRUNCATE, _IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
_FIRST = (1 << 13) - 1
_SINCE = {2: _REFER, 3: _TRUNCATE, 5: _IOCTL_DEVICE}
_NETWORK_SINCE, _NETWORK = 4, 3
_SCOPE_SINCE, _SCOPE = 6, 3
_READ = _READ_FILE | _READ_DIR | _EXECUTE
_NOT_EVEN_AT_HOME = _MAKE_CHARACTER | _MAKE_BLOCK | _MAKE_SOCKET | _IOCTL_DEVICE
_READABLE = (
    *("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache"),
    *("/etc/alternatives", "/etc/localtime", "/etc/timezone", "/sys/devices/system/cpu"),
    *("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/self"),
)


def version() -> int:
    """Returns the version of Landlock that the kernel has.

    Raises:
        OSError: it has none, or it is switched off.
    """
    return system_call(
        _CREATE_RULESET, "Landlock", None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION_FLAG)
    )


def rights(known: int) -> int:
    """Returns every right over files that version `known` rules."""
    return _FIRST | sum(right for since, right in _SINCE.items() if known >= since)


def make_rules(known: int, readable: Sequence[str]) -> int:
    """Returns a descriptor of rules that let nothing but the system and `readable` be read.

    Args:
        known: what `version` returned.
        readable: paths to read and run beyond the system's.

    Raises:
        OSError: the kernel refuses.
    """
    handled = rights(known)
    network = _NETWORK if known >= _NETWORK_SINCE else 0
    scope = _SCOPE if known >= _SCOPE_SINCE else 0
    attributes = struct.pack("QQQ", handled, network, scope)
    attributes = attributes[: 8 if known < _NETWORK_SINCE else 16 if known < _SCOPE_SINCE else 24]
    size = ctypes.c_size_t(len(attributes))
    rules = system_call(_CREATE_RULESET, "Landlock's rules", attributes, size, ctypes.c_uint(0))
    for path in (*_READABLE, *readable):
        _allow(rules, path, _READ)
    _allow(rules, "/dev/null", _READ_FILE | _WRITE_FILE)
    return rules


def open_own(known: int, rules: int, *, readable: str, own: str) -> None:
    """Adds a job's own directories to the rules.

    Args:
        known: what `version` returned.
        rules: what `make_rules` returned.
        readable: one to read and run.
        own: one in which everything but device nodes and sockets may be made.

    Raises:
        OSError: the kernel refuses.
    """
    _allow(rules, readable, _READ)
    _allow(rules, own, rights(known) & ~_NOT_EVEN_AT_HOME)


def restrict(rules: int) -> None:
    """Binds the calling thread, and what it will fork, for good; closes the rules.

    Raises:
        OSError: the kernel refuses; `no_new_privs` has to be set before.
    """
    system_call(_RESTRICT_SELF, "Landlock", ctypes.c_int(rules), ctypes.c_uint(0))
    os.close(rules)


def _allow(ruleset: int, path: str, wanted: int) -> None:
    """Adds a rule for a path, if it is there; a file has no rights of directories."""
    with suppress(FileNotFoundError, PermissionError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(f"/proc/self/fd/{descriptor}"):
                wanted &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
            rule = ctypes.create_string_buffer(struct.pack("=Qi", wanted, descriptor))
            arguments = (ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint(0))
            system_call(_ADD_RULE, f"a rule for `{path}`", *arguments)
        finally:
            os.close(descriptor)
