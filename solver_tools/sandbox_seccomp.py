"""The system calls that a confined job may not make, as a hand-written BPF program.

What it guards: no socket but an unnamed pair, no other process (no signal, no trace, no changed
limits or priorities), no new program or process, no mounts, namespaces or
identities, no kernel facility that works around these rules (io_uring, bpf, keyrings), and nothing
that outlives a job or escapes its limits (System V memory, message queues, memory files). Threads
are allowed, and a trusted tool may start programs and processes. A call that is newer than the
tables answers ENOSYS, as on an older kernel.

What it does not guard: files, which are Landlock's and the mounts' part, and bugs in the calls
that are left. It is a list of refusals and not of permissions: the libraries' solvers need most of
what is left, and differ in it by version and machine.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optiwright.solver_tools.sandbox_kernel import checked, libc

if TYPE_CHECKING:
    from collections.abc import Iterator

_BPF = struct.Struct("HBBI")
_LOAD, _JUMP_EQUAL, _JUMP_MORE, _JUMP_ANY, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16  # in struct seccomp_data; little-endian
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_COLUMN = {"x86_64": 0, "aarch64": 1}
_NEWEST = 450
"""The highest number in the tables' kernel headers (6.1), the same on both machines."""
_CLONE_THREAD = 0x00010000
_CLONE_NEW = 0x7E020080  # every namespace: cgroup, uts, ipc, user, pid, net, mount, time
_PR_SET_PDEATHSIG = 1
_F_SETOWN, _F_SETOWN_EX = 8, 15
_TIOCSTI, _FIOSETOWN, _SIOCSPGRP = 0x5412, 0x8901, 0x8902

# Each call with its number on x86-64 and on aarch64; -1 where a machine has no such call.
_ALWAYS = {
    # the network
    **{"socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201)},
    **{"accept": (43, 202), "accept4": (288, 242)},
    # other processes
    **{"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271)},
    **{"process_madvise": (440, 440), "process_mrelease": (448, 448), "kcmp": (312, 272)},
    **{"pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424)},
    **{"migrate_pages": (256, 238), "move_pages": (279, 239)},
    **{"setpriority": (141, 140), "ioprio_set": (251, 30)},
    **{"tkill": (200, 130)},
    # namespaces, mounts, files by other ways than their paths
    **{"mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51)},
    **{"move_mount": (429, 429), "open_tree": (428, 428), "mount_setattr": (442, 442)},
    **{"fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433)},
    **{"unshare": (272, 97), "setns": (308, 268), "quotactl": (179, 60), "quotactl_fd": (443, 443)},
    **{"name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265)},
    **{"fanotify_init": (300, 262)},
    # the machine
    **{"swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "acct": (163, 89)},
    **{"sethostname": (170, 161), "setdomainname": (171, 162), "syslog": (103, 116)},
    **{"init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106)},
    **{"kexec_load": (246, 104), "kexec_file_load": (320, 294), "settimeofday": (164, 170)},
    **{"clock_settime": (227, 112), "adjtimex": (159, 171), "clock_adjtime": (305, 266)},
    **{"iopl": (172, -1), "ioperm": (173, -1), "vhangup": (153, 58), "modify_ldt": (154, -1)},
    **{"uselib": (134, -1), "nfsservctl": (180, 42), "lookup_dcookie": (212, 18)},
    **{"personality": (135, 92)},
    # ways around the rules
    **{"bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282)},
    **{"keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218)},
    **{"io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427)},
    # what outlives a job, or counts against no limit
    **{"shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "shmdt": (67, 197)},
    **{"semget": (64, 190), "semop": (65, 193), "semtimedop": (220, 192), "semctl": (66, 191)},
    **{"msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187)},
    **{"mq_open": (240, 180), "mq_unlink": (241, 181)},
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447)},
    # identity
    **{"setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143)},
    **{"setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159)},
    **{"setfsuid": (122, 151), "setfsgid": (123, 152), "capset": (126, 91)},
}
_GROUPS = {
    # where a process that has left its group would outlive it
    **{"setpgid": (109, 154), "setsid": (112, 157)},
}
_PROGRAMS = {
    # new programs and processes; clone is looked at more closely below
    **{"fork": (57, -1), "vfork": (58, -1), "execve": (59, 221), "execveat": (322, 281)},
}
_METADATA = {
    # Landlock does not rule these; where the mounts are not read-only, nothing else would
    **{"chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "chown": (92, -1)},
    **{"lchown": (94, -1), "fchown": (93, 55), "fchownat": (260, 54), "setxattr": (188, 5)},
    **{"lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14)},
    **{"lremovexattr": (198, 15), "fremovexattr": (199, 16), "utime": (132, -1)},
    **{"utimes": (235, -1), "futimesat": (261, -1), "utimensat": (280, 88)},
}
_OF_A_PROCESS = {
    **{"kill": (62, 129), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138)},
    **{"rt_tgsigqueueinfo": (297, 240), "prlimit64": (302, 261)},
    **{"sched_setaffinity": (203, 122), "sched_setparam": (142, 118)},
    **{"sched_setscheduler": (144, 119), "sched_setattr": (314, 274)},
}
_CLONE, _CLONE3 = (56, 220), (435, 435)
_SOCKETPAIR, _PRCTL, _FCNTL, _IOCTL = (53, 199), (157, 167), (72, 25), (16, 29)


@dataclass(frozen=True)
class Allowed:
    """What depends on the job and on what else confines it."""

    metadata: bool = False
    """Modes, owners and times of files may be changed: of the job's own only, by the mounts."""
    programs: bool = False
    """Programs and processes may be started."""
    processes: bool = False
    """No processes but the job's own are there, so it may signal and regroup all it sees."""


def program(machine: str, own: int, allowed: Allowed) -> bytes:
    """Returns the filter for a process `own`, as an array of `struct sock_filter`."""
    column = _COLUMN[machine]
    code = [
        _BPF.pack(_LOAD, 0, 0, _ARCHITECTURE_AT),
        _BPF.pack(_JUMP_EQUAL, 1, 0, _ARCHITECTURE[machine]),
        _return(_KILL),
        _BPF.pack(_LOAD, 0, 0, _NUMBER_AT),
        _BPF.pack(_JUMP_MORE, 0, 1, _NEWEST),  # x86-64's x32 calls are above it too
        _return(_ERRNO | errno.ENOSYS),
    ]
    for number in (numbers[column] for numbers in _refused(allowed) if numbers[column] >= 0):
        code += [_BPF.pack(_JUMP_EQUAL, 0, 1, number), _return(_ERRNO | errno.EPERM)]
    code += [_BPF.pack(_JUMP_EQUAL, 0, 1, _CLONE3[column]), _return(_ERRNO | errno.ENOSYS)]
    for numbers, body in _conditions(own, allowed):
        code += [_BPF.pack(_JUMP_EQUAL, 0, len(body), numbers[column]), *body]
    return b"".join([*code, _return(_ALLOW)])


def _refused(allowed: Allowed) -> Iterator[tuple[int, int]]:
    """Yields the calls that are refused whatever their arguments."""
    yield from _ALWAYS.values()
    if not allowed.metadata:
        yield from _METADATA.values()
    if not allowed.programs:
        yield from _PROGRAMS.values()
    if not allowed.processes:
        yield from _GROUPS.values()


def _conditions(own: int, allowed: Allowed) -> Iterator[tuple[tuple[int, int], list[bytes]]]:
    """Yields calls that depend on an argument, each with instructions that end in a verdict."""
    yield _SOCKETPAIR, _only(0, [socket.AF_UNIX])
    yield _PRCTL, _never(0, [_PR_SET_PDEATHSIG])
    yield _FCNTL, _never(1, [_F_SETOWN, _F_SETOWN_EX])
    yield _IOCTL, _never(1, [_TIOCSTI, _FIOSETOWN, _SIOCSPGRP])
    yield _CLONE, _no_namespaces() if allowed.programs else _threads_only()
    if not allowed.processes:
        for numbers in _OF_A_PROCESS.values():
            yield numbers, _only(0, [0, own])


def _only(argument: int, values: list[int]) -> list[bytes]:
    tests = [_BPF.pack(_JUMP_EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [_low(argument), *tests, _return(_ERRNO | errno.EPERM), _return(_ALLOW)]


def _never(argument: int, values: list[int]) -> list[bytes]:
    tests = [_BPF.pack(_JUMP_EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [_low(argument), *tests, _return(_ALLOW), _return(_ERRNO | errno.EPERM)]


def _no_namespaces() -> list[bytes]:
    test = _BPF.pack(_JUMP_ANY, 0, 1, _CLONE_NEW)
    return [_low(0), test, _return(_ERRNO | errno.EPERM), _return(_ALLOW)]


def _threads_only() -> list[bytes]:
    tests = [_BPF.pack(_JUMP_ANY, 1, 0, _CLONE_NEW), _BPF.pack(_JUMP_ANY, 1, 0, _CLONE_THREAD)]
    return [_low(0), *tests, _return(_ERRNO | errno.EPERM), _return(_ALLOW)]


def _low(argument: int) -> bytes:
    """Loads the low half of an argument; all that are asked for here are 32-bit ints or flags."""
    return _BPF.pack(_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument)


def _return(verdict: int) -> bytes:
    return _BPF.pack(_RETURN, 0, 0, verdict)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install(code: bytes) -> None:
    """Binds the calling process, whose only thread it must be, to a `program` for good.

    Raises:
        OSError: the kernel refuses; `no_new_privs` has to be set before.
    """
    argument = _Program(len(code) // _BPF.size, code)
    set_seccomp, mode_filter = 22, 2
    checked(libc.prctl(set_seccomp, mode_filter, ctypes.byref(argument), 0, 0), "seccomp")
