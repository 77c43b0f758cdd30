"""Attacks on the sandbox: programs that try to get out, and how each has to end.

`optiwright doctor` tries a few, the tests all of them (`sandbox_trial`). Each is bounded, so that
one which gets out does little. It finds in its names `outside` (a directory with a file `secret` in
it), `caller` (the process that asked) and `port` (where something listens).
"""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.solver_tools.pool_protocol import Reason

ESCAPED = "ESCAPED"
SECRET = "the-secret-of-the-caller"
_CALL = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
_CALL += "def call(result):\n    if result < 0: raise OSError(ctypes.get_errno(), 'refused')\n"
_DENIED = "PermissionError|Read-only file system"


@dataclass(frozen=True)
class Attack:
    """A program that prints `ESCAPED` if it gets what it wants."""

    name: str
    source: str
    meets: str = _DENIED
    """What is to be found in the outcome's error, as a regular expression."""
    reason: Reason = Reason.ERROR
    bare: bool = True
    """It does get what it wants in a job that is only limited, and does no harm there."""


def _attack(name: str, source: str, meets: str = _DENIED, *, bare: bool = False) -> Attack:
    return Attack(name, f"{source}\nprint('{ESCAPED}')", meets, bare=bare)


def _system(name: str, call: str, meets: str = _DENIED, *, bare: bool = False) -> Attack:
    return _attack(name, f"{_CALL}call({call})", meets, bare=bare)


FILES = (
    _attack("create a file in a home directory", "open(outside + '/new', 'w')", bare=True),
    _attack("overwrite a file there", "open(outside + '/secret', 'r+')", bare=True),
    _attack("delete a file there", "import os; os.remove(outside + '/secret')"),
    _attack("rename a file there", "import os; os.rename(outside + '/secret', outside + '/b')"),
    _attack("truncate a file there", "import os; os.truncate(outside + '/secret', 0)"),
    _attack(
        "change the mode of a file there",
        "import os; os.chmod(outside + '/secret', 0o777)",
        bare=True,
    ),
    _attack("read a file there", "open(outside + '/secret').read()", bare=True),
    _attack("list a directory there", "import os; os.listdir(outside)", bare=True),
    _attack("read /etc/passwd", "open('/etc/passwd').read()", bare=True),
    _attack("write to /etc", "open('/etc/optiwright-attack', 'w')"),
    _attack(
        "write to site-packages",
        "import sysconfig; open(sysconfig.get_path('purelib') + '/attack.pth', 'w')",
    ),
    _attack("write to /tmp", "open('/tmp/optiwright-attack', 'w')"),
    _attack("leave a file in shared memory", "open('/dev/shm/optiwright-attack', 'w')"),
    _attack(
        "write through a symbolic link",
        "import os; os.symlink(outside + '/secret', 'link'); open('link', 'r+')",
    ),
    _attack(
        "read through a hard link",
        "import os; os.link(outside + '/secret', 'link'); open('link').read()",
        "PermissionError|cross-device",
    ),
    _attack("read by `..`", "open('../' * 20 + outside.lstrip('/') + '/secret').read()", bare=True),
    _attack("write to an input file", "open('data.csv', 'w').write('x')"),
    _attack(
        "make an input file writable, then write",
        "import os; os.chmod('data.csv', 0o600); open('data.csv', 'w').write('x')",
    ),
    _attack(
        "fill the disk with one file",
        "file = open('big', 'wb')\nfor _ in range(300): file.write(bytes(1 << 20)); file.flush()",
        "OSError",
    ),
    _attack(
        "fill the disk with several files",
        "for i in range(10):\n"
        "    with open(str(i), 'wb') as file:\n"
        "        for _ in range(30): file.write(bytes(1 << 20))",
        "No space left on device",
    ),
    _attack(
        "use up the file system's files",
        "for i in range(20_000): open(str(i), 'w').close()",
        "No space left on device",
    ),
    _attack("make a device", "import os, stat; os.mknod('disk', stat.S_IFBLK | 0o600, 0xFE00)"),
)

SECRETS = (
    _attack(
        "read a secret in the environment",
        f"import os\ntext = str(os.environ) + open('/proc/self/environ').read()\n"
        f"if {SECRET!r} not in text: raise LookupError('nothing there')",
        "nothing there",
    ),
    _attack(
        "read the environment of the server",
        "import os; open(f'/proc/{os.getppid()}/environ').read()",
        bare=True,
    ),
    _attack(
        "read the environment of the caller",
        "open(f'/proc/{caller}/environ').read()",
        "PermissionError|FileNotFoundError",
        bare=True,
    ),
    _attack("list the processes", "import os; os.listdir('/proc')", bare=True),
)

NETWORK = (
    _attack(
        "connect to a port of this machine",
        "import socket; socket.create_connection(('127.0.0.1', port), 2)",
        bare=True,
    ),
    _attack("open a TCP socket", "import socket; socket.socket()", bare=True),
    _attack("open a UDP socket", "import socket; socket.socket(type=socket.SOCK_DGRAM)", bare=True),
    _attack("open a unix socket", "import socket; socket.socket(socket.AF_UNIX)", bare=True),
    _attack(
        "open a netlink socket",
        "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        bare=True,
    ),
    _attack(
        "resolve a name",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "gaierror",
        bare=True,
    ),
    _attack(
        "find a network interface",
        "names = [line.split()[0] for line in open('/proc/net/dev').readlines()[2:]]\n"
        "if names == ['lo:']: raise LookupError('only an idle loopback')",
        "only an idle loopback",
    ),
)

_EXIT_IN_CHILD = "\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)"
PROCESSES = (
    _attack("fork", "import os\npid = os.fork()" + _EXIT_IN_CHILD, bare=True),
    _attack(
        "fork by a bare system call",
        f"{_CALL}number = {{'x86_64': 57}}.get(os.uname().machine, 220)\n"
        f"pid = libc.syscall(number, 17, 0, 0, 0, 0)\ncall(pid){_EXIT_IN_CHILD}",
        bare=True,
    ),
    _attack(
        "fork bomb",
        "import os, time\nfor _ in range(500):\n    if os.fork() == 0: time.sleep(5); os._exit(0)",
    ),
    _attack(
        "daemon", "import os\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)"
    ),
    _attack("leave the session", "import os; os.setsid()"),
    _attack("run a program", "import os; os.execv('/bin/true', ['true'])"),
    _attack("run a shell", "import subprocess; subprocess.run('true', shell=True)", bare=True),
    _attack(
        "thread bomb",
        "import threading\nthreading.stack_size(1 << 16)\nstop = threading.Event()\ntry:\n"
        "    for _ in range(1000): threading.Thread(target=stop.wait, daemon=True).start()\n"
        "finally: stop.set()",
        "can't start new thread",
        bare=True,
    ),
    _attack("kill the server", "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"),
    _attack("kill the caller", "import os, signal; os.kill(caller, signal.SIGKILL)"),
    _attack("kill everything", "import os, signal; os.kill(-1, signal.SIGKILL)"),
    _system("trace the server", "libc.ptrace(16, os.getppid(), 0, 0)"),
    _system(
        "read the server's memory",
        "libc.process_vm_readv(os.getppid(), None, 0, None, 0, 0)",
        bare=True,
    ),
    _attack("slow the server down", "import os; os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)"),
)

RESOURCES = (
    Attack(
        "take all memory",
        f"parts = [bytes(64 << 20) for _ in range(32)]\nprint('{ESCAPED}')",
        "more than its",
        Reason.MEMORY,
        bare=False,
    ),
    _attack(
        "take all memory, shared",
        "import mmap; parts = [mmap.mmap(-1, 64 << 20) for _ in range(32)]",
        "Cannot allocate memory",
    ),
    _system("memory as a file", "libc.memfd_create(b'x', 0)", bare=True),
    _system("System V shared memory", "libc.shmget(0, 4096, 0o1600)"),
    _attack(
        "raise a limit",
        "import resource as r; r.setrlimit(r.RLIMIT_AS, (r.RLIM_INFINITY, r.RLIM_INFINITY))",
        "not allowed to raise maximum limit",
    ),
    Attack(
        "loop that ignores SIGTERM",
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass",
        "time limit",
        Reason.TIMEOUT,
        bare=False,
    ),
    Attack(
        "flood of output",
        f"import os\nfor _ in range(300): os.write(1, bytes(1 << 20))\nprint('{ESCAPED}')",
        "printed more than",
        Reason.OUTPUT_LIMIT,
        bare=False,
    ),
)

PRIVILEGES = (
    _system("make a user namespace", "libc.unshare(0x10000000)"),
    _system("mount a file system", "libc.mount(b'x', b'/mnt', b'tmpfs', 0, None)"),
    _system("make the mounts writable", "libc.mount(None, b'/', None, 32 | 4096, None)"),
    _system("unmount", "libc.umount2(b'/proc', 2)"),
    _attack("change the root", "import os; os.chroot('.')"),
    _attack("become another user", "import os; os.setresuid(1, 1, 1)"),
    _attack(
        "regain a capability",
        f"{_CALL}own = [line for line in open('/proc/self/status') if line.startswith('Cap')]\n"
        "if not any(int(line.split()[1], 16) for line in own): call(libc.prctl(24, 0))",
        "refused",
    ),
    _system("io_uring", "libc.syscall(425, 1, ctypes.create_string_buffer(120))"),
    _attack("set the host's name", "import socket; socket.sethostname('x')"),
    _attack("write a kernel setting", "open('/proc/sys/kernel/core_pattern', 'w')"),
)

ANSWERS = (
    Attack(
        "answer with a pickle",
        "import os, pickle, time\n"
        "class Run:\n    def __reduce__(self): return os.mkdir, (outside + '/pickled',)\n"
        'head = b\'{"reason": "finished", "error": ""}\'\n'
        "body = len(head).to_bytes(4, 'big') + head + pickle.dumps(Run())\n"
        "os.write(3, len(body).to_bytes(8, 'big') + body); time.sleep(600)",
        "could not be read",
        bare=False,
    ),
    Attack(
        "answer with noise",
        "import os, time; os.write(3, (64).to_bytes(8, 'big') + os.urandom(64)); time.sleep(600)",
        "could not be read",
        bare=False,
    ),
    Attack(
        "announce an endless answer",
        "import os, time; os.write(3, b'\\x0f' * 64); time.sleep(600)",
        "larger than",
        Reason.OUTPUT_LIMIT,
        bare=False,
    ),
    Attack(
        "close all descriptors",
        "import os, time; os.closerange(0, 4096); time.sleep(600)",
        "signal 9",
        Reason.KILLED,
        bare=False,
    ),
)

GROUPS: dict[str, tuple[Attack, ...]] = {
    "Files": FILES,
    "Secrets": SECRETS,
    "Network": NETWORK,
    "Processes": PROCESSES,
    "Resources": RESOURCES,
    "Privileges": PRIVILEGES,
    "Answers": ANSWERS,
}
ATTACKS = tuple(attack for group in GROUPS.values() for attack in group)
