"""Linux's confining calls through ctypes: nothing beyond the standard library is needed.

Each raises OSError with the name of what was refused; none knows what it is used for.
"""

from __future__ import annotations

import ctypes
import os
import platform

MACHINE = platform.machine()
KNOWN_MACHINES = ("x86_64", "aarch64")
libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER = 0x00020000, 0x08000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT = 2, 4, 8, 32
_MS_REC, _MS_PRIVATE = 1 << 14, 1 << 18
_MOUNT_SETATTR = 442
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID = 1, 2
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS, _PR_SET_NO_NEW_PRIVS = 1, 24, 28, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_SECUREBITS = 0x2F  # root gains nothing by exec or setuid, and no ambient ones; all locked
_CAPABILITY_VERSION = 0x20080522
_CAPABILITIES = 64  # as many as a set has room for; the kernel refuses those that it lacks


def checked(result: int, what: str) -> int:
    """Returns `result`.

    Raises:
        OSError: it is negative; the message names `what` was refused.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def system_call(number: int, what: str, *arguments: object) -> int:
    """Makes a system call that libc has no function for."""
    return checked(libc.syscall(ctypes.c_long(number), *arguments), what)


def unshare(flags: int, what: str) -> None:
    """Leaves namespaces for new ones."""
    checked(libc.unshare(flags), what)


def die_with_parent(signal_number: int) -> None:
    """Has the kernel send a signal when the thread that forked this process ends."""
    checked(libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "parent-death signal")


def map_to_itself(user: int, group: int) -> None:
    """Lets a new user namespace know its maker's user and group, and nobody else.

    Both have to be asked for before the namespace is entered.
    """
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def keep_mounts_to_oneself() -> None:
    """Stops mounts from spreading between this mount namespace and the one it came from."""
    checked(libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None), "private mounts")


def mount_tmpfs(place: str, size: int, files: int, *, again: bool = False) -> None:
    """Mounts an empty file system in memory, or changes how much (bytes, files) it may hold."""
    flags = _MS_NOSUID | _MS_NODEV | (_MS_REMOUNT if again else 0)
    options = f"size={size},nr_inodes={files},mode=0700".encode()
    checked(libc.mount(b"tmpfs", place.encode(), b"tmpfs", flags, options), "private tmpfs")


def mount_proc() -> None:
    """Mounts on /proc what belongs to this process's own process namespace."""
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    checked(libc.mount(b"proc", b"/proc", b"proc", flags, None), "own /proc")


def make_mounts_read_only() -> None:
    """Makes every mount of this namespace read-only and deaf to set-user-id; Linux 5.12."""
    attributes = (ctypes.c_uint64 * 4)(_MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID, 0, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    path, flags = ctypes.c_char_p(b"/"), ctypes.c_uint(_AT_RECURSIVE)
    what = "read-only mounts"
    system_call(_MOUNT_SETATTR, what, _AT_FDCWD, path, flags, ctypes.byref(attributes), size)


def set_no_new_privileges() -> None:
    """Takes from every later exec the power to raise privileges; comes before a filter."""
    checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def drop_ways_to_privileges() -> None:
    """Gives up root's ways to get capabilities by exec; those that it has, it keeps.

    Who has none, an ordinary user outside a user namespace, has nothing to lose in the bounding
    set, so a refusal there says nothing.
    """
    for capability in range(_CAPABILITIES):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(_PR_SET_SECUREBITS, _SECUREBITS, 0, 0, 0)
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)


def drop_capabilities() -> None:
    """Gives up every capability."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    none = (ctypes.c_uint32 * 6)()
    checked(libc.capset(ctypes.byref(header), ctypes.byref(none)), "capabilities")
